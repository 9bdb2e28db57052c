"""A toy engine for the self-tests: it answers the model's questions with honest numbers and writes the trace.

It shares the model's formulas, so a trace of its own proves nothing about the rules; it exists so that errors can
be planted in whole traces, and so that random sequences can be tried against the invariants.
"""

import copy
import json
from math import ceil, exp, floor

import boards
import liquidity
import oracle
import roll
from assess import CODES, Assessment
from boards import board_json
from ledger import Events, Refused, ceil_div
from model import Context, Model, run
from surface import YEAR_MS


def code(reasons):
    """The code that names the first of these reasons."""
    return min(min(CODES.get(reason, {reason})) for reason in reasons)


class Probe(Events):
    """Events that are made up as they are asked for."""

    def __init__(self, world):
        super().__init__([])
        self.world, self.ctx, self.queue = world, None, []

    def record(self, kind, body):
        self.items.append((kind, body))
        self.taken.append(True)
        return body

    def need(self, kind, **fields):
        maker = getattr(self, f"_{kind}", None)
        return self.record(kind, {**fields, **(maker(fields) if maker else {})})

    def has(self, kind, **fields):
        if kind == "board_settled":
            board = self.world.boards[boards.board_key(fields["board"])]
            rules = self.world.markets[board.market].rules
            return board.ticked_inside or self.ctx.now >= board.expiry + rules.settlement_delay
        return any(name == kind for name, _ in self.queue)

    def take(self, kind, **fields):
        if kind == "epoch_processed":
            return self._batch(fields)
        for index, (name, body) in enumerate(self.queue):
            if name == kind:
                del self.queue[index]
                return self.record(name, body)
        return None

    def next_of(self, kinds):
        market = self.market
        order = min(
            (o for o in self.world.orders.values() if o.market == market.id and o.due_at <= market.tick.at
             and o.last_tick != market.tick.number),
            key=lambda o: o.id,
        )
        self.record(*self._outcome(market, order))
        return len(self.items) - 1

    # Bodies.

    def _ticked(self, fields):
        market = self.market = self.world.markets[fields["market"]]
        pool = self.world.pools[market.pool]
        if pool.risk_capital is None:
            pool.risk_capital = pool.rules.risk_capital_min
        equity = floor(self.world.equity(pool)[0])
        return {
            "price": market.tick.price,
            "number": market.tick.number,
            "confidence": market.tick.confidence,
            "equity": equity,
            "risk_capital": max(equity, pool.rules.risk_capital_min),
            "guarded": self.world.guarded(market),
        }

    def _board_settled(self, fields):
        board = self.world.boards[boards.board_key(fields["board"])]
        worth = boards.payout(board.held(boards.POOL), board.settlement) // boards.EXACT_PER_CASH
        return {
            "price": board.settlement,
            "average": board.average,
            "silence": board.silence,
            "stale": not board.ticked_inside,
            "pool_payoff": worth,
        }

    def _board_closed(self, fields):
        return {"dust": self.world.ledger.of(self.world.boards[boards.board_key(fields["board"])].bucket)}

    def _account_settled(self, fields):
        return {"paid": self.settling[0], "payoff": self.settling[1]}

    def _epoch_closed(self, fields):
        return {"due_at": self.ctx.now + self.market.rules.commit_delay}

    def _reports_kept(self, fields):
        market = self.world.markets[fields["market"]]
        return {"fresh": oracle.candidate(market, self.ctx.now)[1], "needed": market.rules.publishers_min}

    def _surface_published(self, fields):
        return {"clipped": self.ctx.due}

    def _short_offered(self, fields):
        return {"offer": self.ctx.sequence}

    def _cancel_requested(self, fields):
        order = self.world.orders[fields["order"]]
        return {"from": order.cancelled_at + self.world.markets[order.market].rules.commit_delay}

    def _position_transferred(self, fields):
        if "size" in fields:
            return {}
        offer = self.world.account(fields["from"]).offers[self.offer]
        key, (strike, right) = offer["board"], offer["instrument"]
        return {"size": offer["size"], "instrument": {"board": board_json(key), "strike": strike, "right": right}}

    def _claimed(self, fields):
        return {"shares": self.ctx.due[0], "cash": self.ctx.due[1]}

    def _batch(self, fields):
        world, pool = self.world, self.world.pools[fields["pool"]]
        if not liquidity.ready(world, pool, pool.closing[1]):
            return None
        epoch = liquidity.epoch_of(pool, fields["epoch"])
        equity = floor(world.equity(pool)[0])
        is_open = any(b.held(boards.POOL) for b in world.boards_of(pool))
        waiting = epoch.shares + (pool.round.waiting if pool.round else 0)
        paid, cash, capital = self._exit(pool, waiting, equity, is_open)
        body = {**fields, "equity": equity, "shares_out": waiting, "shares_paid": paid, "cash_out": cash}
        made, price = 0, 0
        if epoch.cash and not (is_open and equity < pool.rules.risk_capital_min):
            price = self._entry_price(pool, epoch.cash, capital, cash, paid)
            made = epoch.cash * liquidity.PRICE_UNIT // price
        body.update(cash_in=epoch.cash, shares_in=made, entry_price_e18=price)
        if made:
            free = world.ledger.of(pool.bucket) - cash + epoch.cash
            capital = capital + epoch.cash if is_open else max(free, pool.rules.risk_capital_min)
        body["risk_capital"] = capital
        return self.record("epoch_processed", body)

    def _exit(self, pool, waiting, equity, is_open):
        world = self.world
        if not waiting or equity <= 0:
            return 0, 0, pool.risk_capital
        locked = sum(b.owed(boards.POOL) for b in world.boards_of(pool))
        free = world.ledger.of(pool.bucket)
        reserve = ceil_div(locked * 10**9, pool.rules.utilisation_exit)
        cap = max(0, min(free, pool.risk_capital - reserve))
        paid = waiting if waiting * equity <= cap * pool.shares else pool.shares * cap // equity
        value, _ = liquidity.exit_cash(world, self.ctx, pool, paid, is_open)
        least = pool.rules.risk_capital_min if is_open else 0
        capital = max(pool.risk_capital - ceil_div(paid * equity, pool.shares), least, 0)
        return paid, min(max(0, floor(value)), free), capital

    def _entry_price(self, pool, deposit, capital, cash_out, paid):
        world, book = self.world, self.world.book(pool)
        held = liquidity.OWNERLESS_CASH + world.ledger.of(pool.bucket) - cash_out
        held += sum(b.owed(boards.POOL) for b in world.boards_of(pool))
        after = capital + deposit
        value = held + 1e6 * (book.mark - book.phi(after) - book.lam(after) + book.spread(self.ctx.now))
        return ceil(value / (pool.shares - paid) * 1e18)

    def _outcome(self, market, order):
        expired = order.until is not None and market.tick.at > order.until
        ended = {"order": order.id, "account": order.account}
        if expired:
            return "order_ended", {**ended, "reason": "expired"}
        view = Assessment(self.world, self.ctx, market, order)
        if view.drop or view.drop_maybe:
            return "order_ended", {**ended, "reason": {"dropped": code(view.drop | view.drop_maybe)}}
        if view.wait or view.wait_maybe:
            if order.cancelled_at is not None and market.tick.at >= order.cancelled_at + market.rules.commit_delay:
                return "order_ended", {**ended, "reason": "cancelled"}
            why = code(view.wait | view.wait_maybe)
            if order.attempts == 1 or order.first_tick_only:
                return "order_ended", {**ended, "reason": {"not_filled": why}}
            return "order_rested", {"order": order.id, "reason": why}
        legs = [
            {"board": board_json(key), "strike": k, "kind": right, "size": size}
            for key, sizes in order.legs.items()
            for (k, right), size in sizes.items()
        ]
        parts = {name: round(1e6 * value) for name, value in view.choices[0].items()}
        total = ceil(view.totals()[0]) + 1
        cost = {**parts, "rounding": total - sum(parts.values()), "total": total}
        body = {"order": order.id, "account": order.account, "market": market.id, "tick": market.tick.number}
        return "order_filled", {**body, "legs": legs, "cost": cost}


class Toy:
    """Carries commands out and keeps the lines of the trace."""

    def __init__(self, genesis, now):
        self.model, self.now, self.sequence = Model(genesis), now, 0
        self.lines = [{"genesis": genesis}]

    world = property(lambda self: self.model.world)

    def do(self, sender, command, funds=0, principal=None, queue=(), **hints):
        """One command; returns the refusal's code, or None."""
        self.sequence += 1
        line = {"sequence": self.sequence, "now": self.now, "sender": sender, "principal": principal, "funds": funds,
                "command": command, "result": {"ok": {"events": []}}}
        before = copy.deepcopy(self.model.world)
        context = Context(self.world, line, rejected=False)
        context.events = probe = Probe(self.world)
        probe.ctx, probe.queue = context, list(queue)
        for name, value in hints.items():
            setattr(probe, name, value)
        self._hints(probe, command)
        try:
            run(self.world, context, command)
            line["result"] = {"ok": {"events": [{kind: body} for kind, body in probe.items]}}
            code = None
        except Refused as refusal:
            before.log = self.world.log
            self.model.world = before
            code = refusal.code
            line["result"] = {"rejected": {"code": code}}
        line["state"] = dump(self.world)
        self.lines.append(json.loads(json.dumps(line)))
        return code

    def _hints(self, probe, command):
        """What a body needs that the model works out before it asks."""
        original = boards.Board.settle_holder

        def remembering(board, ledger, holder):
            probe.settling = original(board, ledger, holder)
            return probe.settling

        for board in self.world.boards.values():
            board.settle_holder = remembering.__get__(board)
        kind = command if isinstance(command, str) else next(iter(command))
        if kind in ("fill", "push_price") and command[kind]["market"] in self.world.markets:
            probe.market = self.world.markets[command[kind]["market"]]
        if kind == "take_position":
            probe.offer = command[kind]["offer"]

    def push(self, price, at=None, market=0, confidence=None, publisher="f1", sender="c0"):
        at = self.now if at is None else at
        confidence = price // 10_000 if confidence is None else confidence
        report = {"publisher": publisher, "price": price, "confidence": confidence, "published_at": at}
        return self.do(sender, {"push_price": {"market": market, "reports": [report]}})

    def roll(self, expiry, market=0, sender="c0"):
        """Lists one board, and the strikes that the rules call for on every board of the market."""
        world, m = self.world, self.world.markets[market]
        forward, sd = roll._forward_and_sd(world, m, expiry)
        share, tick = m.rules.share, m.params["price_tick"]
        up = min(max(share("band_sigmas_up") * sd, share("band_min")), max(share("band_max_up"), 2.5 * sd))
        down = min(max(share("band_sigmas_down") * sd, share("band_min")), share("band_max_down"))
        cap = ceil_div(ceil(forward * exp(up) * 1e12), tick) * tick
        low_edge = floor(forward * exp(-down) * 1e12) // tick * tick
        board = {"market": market, "expiry": expiry, "series": 0}
        queue = [("board_listed", {"board": board, "floor": low_edge, "cap": cap})]
        for other in [b for b in oracle.live_boards(world, m) if b.expiry > self.now]:
            queue += self._strikes(m, board_json(other.key), other.floor, other.cap, other)
        queue += self._strikes(m, board, low_edge, cap, None)
        return self.do(sender, {"roll": {"market": market}}, queue=queue)

    def _strikes(self, market, named, least, most, board):
        low, high, step = roll.listed_range(self.world, market, named["expiry"])
        wanted = [k for k in range(ceil_div(ceil(low), step) * step, floor(high) + 1, step) if least < k < most]
        have = board.strikes if board else set()
        out = [("strike_listed", {"board": named, "strike": k}) for k in wanted if k not in have]
        for k in sorted(have):
            if not low <= k <= high and not board.traded(k) and not roll.named(self.world, board, k):
                out.append(("strike_retired", {"board": named, "strike": k}))
        return out


def dump(world):
    """The state in the form of the trace."""
    names = set(world.accounts) | {h for b in world.boards.values() for h in b.holders()}
    accounts = {
        name: {
            "positions": [[*key, k, r, size] for key, k, r, size in world.positions(name)],
            "obligations": [[*b.key, b.owed(name)] for b in world.boards.values() if b.owed(name)],
            "shares": {str(p): n for p, n in world.account(name).shares.items() if n},
        }
        for name in sorted(names)
    }
    pools = {
        str(p.id): {
            "risk_capital": p.rules.risk_capital_min if p.risk_capital is None else p.risk_capital,
            "shares": p.shares,
            "obligations": [[*b.key, b.owed("pool")] for b in world.boards.values() if b.owed("pool") and b.pool == p.id],
        }
        for p in world.pools.values()
    }
    listed = [
        {**board_json(b.key), "floor": b.floor, "cap": b.cap, "strikes": sorted(b.strikes), "settlement": b.settlement}
        for b in world.boards.values()
    ]
    return {"buckets": world.ledger.nonzero(), "accounts": accounts, "pools": pools, "boards": listed,
            "orders": sorted(world.orders)}


def genesis(market_rules=None, pool_rules=None):
    market = {
        "name": "BTC",
        "publishers": ["f1", "f2", "f3"],
        "surface": {"published": "5f"},
        "price_tick": 10**12,
        "rules": {"dailies": 1, "weeklies": 0, "monthlies": 0, "quarterlies": 0, **(market_rules or {})},
    }
    return {
        "powers": {"admin": "ad", "guardian": "9a", "timelock": 1000},
        "pools": [{"id": 0, "params": {"name": "MAIN", "rules": pool_rules or {}}}],
        "markets": [{"id": 0, "pool": 0, "params": market}],
    }


def nodes(vol=0.5, scale=1.0):
    """A plain surface."""
    out = []
    for days, rho in ((1, -0.1), (7, -0.15), (30, -0.2), (90, -0.25)):
        theta = (vol * scale) ** 2 * days * 86_400_000 / YEAR_MS
        out.append({
            "tenor_s": days * 86_400,
            "theta_e12": round(theta * 1e12),
            "rho_e9": round(rho * 1e9),
            "psi_e12": round(0.6 * theta**0.5 * 1e12),
            "carry_e12": round(0.0002 * days * 1e12 / 3),
        })
    return out
