"""Orders: placing, cancelling, and what a tick does with those that are due (O1 to O6)."""

import assess
import params
import readings
from boards import CALL, POOL, PUT, board_key, settle_account
from ledger import Mismatch, Refused, code_of, equal

OUTCOMES = ("order_filled", "order_rested", "order_ended")


class Order:
    def __init__(self, number, ctx, market, request):
        self.id, self.account, self.market = number, ctx.actor, market.id
        self.legs = merge(request["legs"])
        self.limit, self.reduce_only = request["limit"], request["reduce_only"]
        force = request["time_in_force"]
        self.until = None if force == "first_tick" else force["until"]
        self.fee, self.attempts = market.rules.keeper_fee, request["attempts"]
        self.due_at = ctx.now + market.rules.commit_delay
        self.cancelled_at = None
        self.last_tick = None
        self.key = ctx.sender if ctx.principal else None

    first_tick_only = property(lambda self: self.until is None)


def merge(legs):
    """O2: {board key: {(strike, right): size}}, forwards split, zeros dropped."""
    merged = {}
    for leg in legs:
        sizes = merged.setdefault(board_key(leg["board"]), {})
        parts = {"call": ((CALL, 1),), "put": ((PUT, 1),), "forward": ((CALL, 1), (PUT, -1))}[leg["kind"]]
        for right, sign in parts:
            at = (leg["strike"], right)
            sizes[at] = sizes.get(at, 0) + sign * leg["size"]
    merged = {key: {i: s for i, s in sizes.items() if s} for key, sizes in merged.items()}
    return {key: sizes for key, sizes in sorted(merged.items()) if sizes}


def place(world, ctx, request):
    """O1."""
    market = world.market(request["market"])
    legs = request["legs"]
    if not 1 <= len(legs) <= params.LEGS:
        raise Refused("invalid", "1 to 8 legs")
    if any(leg["board"]["market"] != market.id for leg in legs):
        raise Refused("invalid", "a leg of another market")
    if request["attempts"] < 1:
        raise Refused("invalid", "attempts")
    order = Order(ctx.sequence, ctx, market, request)
    if not order.legs:
        raise Refused("invalid", "all legs cancel out")
    _check_boards(world, ctx, order)
    if (world.paused or market.paused) and not order.reduce_only:
        raise Refused("paused", "G3")
    if order.until is not None:
        ctx.unclear(order.until < order.due_at, "expired", "an order that ends before it is due")
    if len(world.orders_of(ctx.actor)) >= params.ORDERS_PER_ACCOUNT:
        raise Refused("too_many", "orders of the account")
    if sum(o.market == market.id for o in world.orders.values()) >= params.ORDERS_PER_MARKET:
        raise Refused("too_many", "orders of the market")
    fees = order.attempts * order.fee
    if world.cash(ctx.actor) < fees:
        raise Refused("insufficient_cash", f"keeper fees {fees}")
    if ctx.session is not None:
        ctx.session.check(ctx, fees)
    ctx.events.need("order_placed", order=order.id, account=ctx.actor, market=market.id, due_at=order.due_at)
    world.ledger.post(f"account:{ctx.actor}", f"keeper:{market.id}", fees)
    world.orders[order.id] = order
    if ctx.session is not None:
        ctx.session.record(ctx.now, fees, fees)


def _check_boards(world, ctx, order):
    for key, sizes in order.legs.items():
        board = world.boards.get(key)
        if board is None or any(strike not in board.strikes for strike, _ in sizes):
            raise Refused("not_found", f"a board or strike of {key}")
        if board.settlement is not None or board.expiry <= ctx.now:
            raise Refused("expired", "E5")
        ctx.unclear(
            order.reduce_only
            and any(assess.reduces(board.size(ctx.actor, i), s, strict=True) is not True for i, s in sizes.items()),
            "reduce_only",
            "O5: reduce-only is judged at placing",
        )


def cancel(world, ctx, body):
    """O3."""
    order = world.orders.get(body["order"])
    if order is None or order.account != ctx.actor:
        raise Refused("not_found", f"order {body['order']}")
    market = world.markets[order.market]
    if order.cancelled_at is not None:
        silent = market.last_tick_now is None or market.last_tick_now < order.cancelled_at
        overdue = ctx.now >= order.cancelled_at + market.rules.cancel_timeout
        ended = ctx.events.take("order_ended", order=order.id, account=ctx.actor)
        if ended is not None:
            if not (overdue and (market.last_tick_now is None or market.last_tick_now <= order.cancelled_at)):
                raise Mismatch(f"O3: order {order.id} ended at once before its time")
            equal("reason", ended["reason"], "cancelled")
            end(world, order)
            return
        if overdue and silent and not ctx.rejected:
            if ctx.now > order.cancelled_at + market.rules.cancel_timeout:
                raise Mismatch(f"O3: order {order.id} should end at once")
            return
        if overdue and silent:
            ctx.events.need("order_ended")
        ctx.unclear(True, "already_cancelled", "O3: a second cancel before the timeout")
    else:
        order.cancelled_at = ctx.now
    event = ctx.events.need("cancel_requested", order=order.id)
    if event["from"] not in (order.cancelled_at + market.rules.commit_delay, ctx.now + market.rules.commit_delay):
        raise Mismatch(f"O3: cancel of {order.id} counts from {event['from']}")


def end(world, order):
    """O4: fees of unused attempts go back."""
    world.ledger.post(f"keeper:{order.market}", f"account:{order.account}", order.attempts * order.fee)
    del world.orders[order.id]


def fill(world, ctx, body):
    """O4: goes on at the tick in force."""
    market = world.market(body["market"])
    if market.tick is None:
        ctx.unclear(True, "no_price", "Fill without a tick")
        return
    tried = run(world, ctx, market)
    if not tried:
        ctx.unclear(True, "nothing_due", "Fill with nothing due")
    elif ctx.events.dry:
        ctx.events.need("order_outcome")


def run(world, ctx, market):
    """Tries due orders by order of arrival."""
    due = sorted(
        o.id
        for o in world.orders.values()
        if o.market == market.id and o.due_at <= market.tick.at and o.last_tick != market.tick.number
    )[: min(market.rules.fills_per_tick, params.FILLS)]
    if ctx.events.dry:
        return len(due)
    for number in due:
        attempt(world, ctx, market, world.orders[number])
    return len(due)


def attempt(world, ctx, market, order):
    """One try; the outcome is the engine's, and must be one that the rules allow."""
    settle_account(world, order.account, ctx.events, required=False)
    index = ctx.events.next_of(OUTCOMES)
    if index is None:
        raise Mismatch(f"O4: order {order.id} is due and was not tried")
    kind, body = ctx.events.take_at(index)
    equal("order tried next", body["order"], order.id)
    expired = order.until is not None and market.tick.at > order.until
    order.last_tick = market.tick.number
    if not (expired and not readings.ENDED_ORDER_PAYS_FEE and kind == "order_ended"):
        world.ledger.post(f"keeper:{market.id}", f"account:{ctx.sender}", order.fee)
        order.attempts -= 1
    view = assess.Assessment(world, ctx, market, order)
    if kind == "order_filled":
        if expired:
            raise Mismatch(f"O5: order {order.id} filled after its time")
        view.refuse_blocked()
        take_fill(world, ctx, market, order, body, view)
        return
    if not expired:
        view.require_reason(kind)
    cancelled = order.cancelled_at is not None and market.tick.at >= order.cancelled_at + market.rules.commit_delay
    if kind == "order_rested":
        if order.attempts == 0 or order.first_tick_only or expired or cancelled:
            raise Mismatch(f"O5: order {order.id} rests and should have ended")
        return
    check_end(order, body, view, expired, cancelled)
    end(world, order)


def check_end(order, body, view, expired, cancelled):
    equal("account of the ended order", body["account"], order.account)
    reason = code_of(body["reason"])
    allowed = {
        "cancelled": cancelled,
        "expired": expired or order.first_tick_only,
        "not_filled": order.attempts == 0 or order.first_tick_only,
        "dropped": bool(view.drop or view.drop_maybe),
    }
    if not allowed.get(reason, False):
        raise Mismatch(f"O5: order {order.id} ended as {body['reason']}; the model allows {allowed}, {view}")


def take_fill(world, ctx, market, order, body, view):
    """O7: posts what a fill moves, with the engine's cost after a check of every part."""
    account, cost = order.account, body["cost"]
    equal("account of the fill", body["account"], account)
    equal("market and tick of the fill", (body["market"], body["tick"]), (market.id, market.tick.number))
    equal("legs of the fill", merge(body["legs"]), order.legs)
    parts = ("mark", "impact", "capital", "spread", "latency", "fee", "rounding")
    equal("sum of the cost's parts", sum(cost[p] for p in parts), cost["total"])
    view.check_cost(cost)
    if cost["total"] > order.limit:
        raise Mismatch(f"O5: order {order.id} filled at {cost['total']}, limit {order.limit}")
    pool = world.pools[market.pool]
    ledger, before = world.ledger, world.cash(account)
    ledger.post(f"account:{account}", pool.bucket, cost["total"])
    for share, bucket in (("fee_insurance", "insurance"), ("fee_treasury", "treasury")):
        ledger.post(pool.bucket, bucket, max(0, cost["fee"]) * getattr(market.rules, share) // 10**9)
    for key, sizes in order.legs.items():
        board = world.boards[key]
        board.change(ledger, account, sizes)
        board.change(ledger, POOL, {i: -s for i, s in sizes.items()})
    refund = order.attempts * order.fee
    if world.cash(account) < -refund or ledger.of(pool.bucket) < 0:
        raise Mismatch(f"L2: order {order.id} filled and could not be paid")
    if world.cash(account) < 0:
        world.log.note("O5: a fill was paid with the refund of its own unused attempts")
    if order.key is not None:
        session = world.account(account).sessions.get(order.key)
        if session is not None:
            taken = before - world.cash(account)
            session.record(ctx.now, taken, max(0, taken))
    end(world, order)
