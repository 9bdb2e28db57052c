"""Orders: placing, cancelling, and what a tick does with those that are due (O1 to O6)."""

import assess
import params
import readings
from boards import CALL, POOL, PUT, board_key, obligation, settle_account
from ledger import Mismatch, Refused, code_of, equal
from surface import DAY_MS

FEES_MAX = 10**6
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
        self.last_tick = market.tick.number if market.tick else None  # never tried at the tick in force
        self.key = ctx.sender if ctx.principal else None
        self.reserved, self.taken = (0, 0), 0  # bounds of what counts against the key's cap; what has been taken
        self.day = ctx.now // DAY_MS

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
    if request["attempts"] < 1 or request["attempts"] * market.rules.keeper_fee > FEES_MAX:
        raise Refused("invalid", "O1: attempts")
    order = Order(ctx.sequence, ctx, market, request)
    if not order.legs:
        raise Refused("invalid", "all legs cancel out")
    _check_boards(world, ctx, order)
    if (world.paused or market.paused) and not order.reduce_only:
        raise Refused("paused", "G3")
    if order.until is not None:
        ctx.unclear(order.until < order.due_at, "invalid", "an order that ends before it is due")
    if any(o.market != market.id for o in world.orders_of(ctx.actor)):
        raise Refused("orders_elsewhere", "O1")
    if sum(o.market == market.id for o in world.orders.values()) >= params.ORDERS_PER_MARKET:
        raise Refused("queue_full", "orders of the market")
    if len(world.orders_of(ctx.actor)) >= params.ORDERS_PER_ACCOUNT:
        raise Refused("account_full", "orders of the account")
    fees = order.attempts * order.fee
    if world.cash(ctx.actor) < fees:
        raise Refused("insufficient_cash", f"keeper fees {fees}")
    if ctx.session is not None:
        order.reserved = most_taken(world, order, fees)
        ctx.session.check(ctx, order.reserved)
    ctx.events.need("order_placed", order=order.id, account=ctx.actor, market=market.id, due_at=order.due_at)
    world.ledger.post(f"account:{ctx.actor}", f"keeper:{market.id}", fees)
    world.orders[order.id] = order
    if ctx.session is not None:
        ctx.session.record(order.day, order.reserved)


def most_taken(world, order, fees):
    """G4: bounds of the most that an order can take: its limit, its legs' own worst payout, its fees."""
    worst = sum(obligation(sizes, world.boards[key].points()) for key, sizes in order.legs.items())
    return max(0, order.limit + worst + fees), max(0, order.limit) + worst + fees


def _check_boards(world, ctx, order):
    for key, sizes in order.legs.items():
        board = world.boards.get(key)
        if board is None:
            raise Refused("board_closed" if key[1] <= ctx.now else "board_not_found", f"{key}")
        if any(strike not in board.strikes for strike, _ in sizes):
            raise Refused("strike_not_found", f"a strike of {key}")
        if board.settlement is not None or board.expiry <= ctx.now:
            raise Refused("board_closed", "E5")


def cancel(world, ctx, body):
    """O3."""
    order = world.orders.get(body["order"])
    if order is None or order.account != ctx.actor:
        raise Refused("order_not_found", f"{body['order']}")
    market = world.markets[order.market]
    if order.cancelled_at is not None:
        silent = market.last_word is None or market.last_word < order.cancelled_at
        overdue = ctx.now >= order.cancelled_at + market.rules.cancel_timeout
        ended = ctx.events.take("order_ended", order=order.id, account=ctx.actor)
        if ended is not None:
            if not (overdue and (market.last_word is None or market.last_word <= order.cancelled_at)):
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
        ctx.unclear(True, "invalid", "O3: a second cancel before the timeout")
    else:
        order.cancelled_at = ctx.now
    event = ctx.events.need("cancel_requested", order=order.id)
    if event["from"] not in (order.cancelled_at + market.rules.commit_delay, ctx.now + market.rules.commit_delay):
        raise Mismatch(f"O3: cancel of {order.id} counts from {event['from']}")


def end(world, order):
    """O4: fees of unused attempts go back."""
    world.ledger.post(f"keeper:{order.market}", f"account:{order.account}", order.attempts * order.fee)
    del world.orders[order.id]
    session = world.account(order.account).sessions.get(order.key) if order.key is not None else None
    if session is not None:
        low, high = order.reserved
        session.record(order.day, (order.taken - low, max(0, order.taken) - high))


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


def due(world, market):
    """Orders not yet tried at the tick in force, by arrival."""
    tick = market.tick
    return sorted(
        o.id
        for o in world.orders.values()
        if o.market == market.id and o.due_at <= tick.at and o.last_tick != tick.number
    )


def run(world, ctx, market):
    """Tries due orders, as many as one command may at one tick; returns how many."""
    numbers = due(world, market)[: market.rules.fills_per_tick]
    if not ctx.events.dry:
        for number in numbers:
            attempt(world, ctx, market, world.orders[number])
    return len(numbers)


def attempt(world, ctx, market, order):
    """One try; the outcome is the engine's, and must be one that the rules allow."""
    expired = order.until is not None and market.tick.at > order.until
    settle_account(world, order.account, ctx.events, required=not expired)
    index = ctx.events.next_of(OUTCOMES)
    if index is None:
        raise Mismatch(f"O4: order {order.id} is due and was not tried")
    kind, body = ctx.events.take_at(index)
    equal("order tried next", body["order"], order.id)
    order.last_tick = market.tick.number
    if expired:
        equal(f"O5: the end of order {order.id}", (kind, body.get("reason")), ("order_ended", "expired"))
        end(world, order)
        return
    world.ledger.post(f"keeper:{market.id}", f"account:{ctx.sender}", order.fee)
    order.attempts -= 1
    order.taken += order.fee
    view = assess.Assessment(world, ctx, market, order)
    if kind == "order_filled":
        view.refuse_blocked()
        take_fill(world, ctx, market, order, body, view)
        return
    view.require_reason(kind)
    cancelled = order.cancelled_at is not None and market.tick.at >= order.cancelled_at + market.rules.commit_delay
    if kind == "order_rested":
        if order.attempts == 0 or order.first_tick_only or cancelled:
            raise Mismatch(f"O5: order {order.id} rests and should have ended")
        view.check_code(body["reason"], view.wait, view.wait_maybe)
        return
    check_end(order, body, view, cancelled)
    end(world, order)


def check_end(order, body, view, cancelled):
    equal("account of the ended order", body["account"], order.account)
    reason = code_of(body["reason"])
    allowed = {
        "cancelled": cancelled,
        "expired": False,
        "not_filled": order.attempts == 0 or order.first_tick_only,
        "dropped": bool(view.drop or view.drop_maybe),
    }
    if not allowed.get(reason, False):
        raise Mismatch(f"O5: order {order.id} ended as {body['reason']}; the model allows {allowed}, {view}")
    if reason == "not_filled":
        view.check_code(body["reason"][reason], view.wait, view.wait_maybe)
    elif reason == "dropped":
        view.check_code(body["reason"][reason], view.drop, view.drop_maybe)


def fee_share(ctx, view, cost, share, bucket):
    """O7: a share of the fee before its rounding, rounded down; where the model's floats do not decide, as posted."""
    if not view.choices:
        return int(cost["fee"] * share)
    exact = 1e6 * view.choices[0]["fee"] * share
    near = round(exact)
    if abs(exact - near) > view.tolerance * share:
        return int(exact)
    posted = {p["amount"] for p in ctx.postings if p["to"] == bucket and p["reason"] == "fee"}
    return near if near in posted or not posted else max(0, near - 1)


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
    for name, bucket in (("fee_insurance", "insurance"), ("fee_treasury", "treasury")):
        ledger.post(pool.bucket, bucket, fee_share(ctx, view, cost, market.rules.share(name), bucket))
    for key, sizes in order.legs.items():
        board = world.boards[key]
        board.change(ledger, account, sizes)
        board.change(ledger, POOL, {i: -s for i, s in sizes.items()})
    refund = order.attempts * order.fee
    if world.cash(account) < -refund or ledger.of(pool.bucket) < 0:
        raise Mismatch(f"L2: order {order.id} filled and could not be paid")
    if world.cash(account) < 0:
        world.log.note("O5: a fill was paid with the refund of its own unused attempts")
    order.taken += before - world.cash(account)
    end(world, order)
