"""Why an order may not fill: integer reasons for certain, float reasons outside their tolerance (O5 to O8, P4)."""

import params
import pricing
import readings
from boards import POOL
from ledger import Mismatch, code_of
from world import Unpriced, confidences, surface_age


CODES = {  # reason: codes that may name it
    "board_gone": {"board_closed", "board_not_found", "strike_not_found"},
    "weak": {"pool_winding_down"},
    "limit": {"limit_exceeded"},
    "pool_cash": {"pool_capacity", "insufficient_cash"},
    "load": {"pool_capacity"},
    "utilisation": {"pool_capacity"},
    "vega": {"pool_capacity"},
    "delta_step": {"pool_capacity"},
}


def raises(before, change):
    """P4: whether |position| rises; going through zero raises it."""
    after = before + change
    return abs(after) > abs(before) or before * after < 0


class Assessment:
    """`drop` and `wait` hold reasons that certainly apply, the `_maybe` sets those that the model cannot decide."""

    def __init__(self, world, ctx, market, order):
        self.world, self.ctx, self.market, self.order = world, ctx, market, order
        self.drop, self.drop_maybe, self.wait, self.wait_maybe = set(), set(), set(), set()
        self.choices, self.near = [], False
        self.raises = self._boards_and_sizes()
        if "board_gone" not in self.drop:
            self._guard_and_cost()

    def __str__(self):
        return f"drop {self.drop}, perhaps {self.drop_maybe}; wait {self.wait}, perhaps {self.wait_maybe}"

    def refuse_blocked(self):
        if self.drop or self.wait:
            raise Mismatch(f"O5: order {self.order.id} filled against the rules: {self}")

    def require_reason(self, kind):
        if not (self.drop or self.drop_maybe or self.wait or self.wait_maybe):
            raise Mismatch(f"O5: order {self.order.id} should have filled; the engine has {kind}")
        if kind == "order_rested" and not (self.wait or self.wait_maybe or self.drop_maybe):
            raise Mismatch(f"O5: order {self.order.id} rests and should have been dropped: {self}")

    def check_code(self, reason, certain, perhaps):
        """O5: the code names a rule that refuses, and of two always the same one first."""
        code = code_of(reason)
        named = {r for r in certain | perhaps if code in CODES.get(r, {r})}
        if not named and "unpriced" not in perhaps:
            raise Mismatch(f"O5: order {self.order.id} is refused with {reason}; the model sees {self}")
        for other in certain - named:
            for later in CODES.get(other, {other}):
                if (later, code) in self.world.log.precedence:
                    raise Mismatch(f"O5: {code} before {later}, and the other way round before: {self}")
                self.world.log.precedence.add((code, later))

    def _boards_and_sizes(self):
        """Boards, windows, reduce-only and room; returns whether any leg raises |position|."""
        world, order = self.world, self.order
        any_raises, gained = False, 0
        for key, sizes in order.legs.items():
            board = world.boards.get(key)
            if board is None or board.settlement is not None or any(k not in board.strikes for k, _ in sizes):
                self.drop.add("board_gone")
                continue
            board_raises = any(raises(board.size(order.account, i), s) for i, s in sizes.items())
            any_raises = any_raises or board_raises
            self._window(board)
            gained += len(board.after(order.account, sizes)) - len(board.held(order.account))
        if any_raises and order.reduce_only:
            self.drop.add("reduce_only")
        if any_raises and self.near:
            self.drop.add("board_closed")
        if gained > 0 and len(world.positions(order.account)) + gained > params.POSITIONS:
            self.drop.add("account_full")
        return any_raises

    def _window(self, board):
        """O6, by the tick's clock."""
        left, window = board.expiry - self.market.tick.at, self.market.rules.settlement_window
        self.near = self.near or left <= window
        if left * 6 <= window:
            self.drop.add("board_closed")

    def _guard_and_cost(self):
        market, world = self.market, self.world
        pool = world.pools[market.pool]
        guarded = world.guarded(market)
        weak = pool.equity is not None and pool.equity < pool.rules.risk_capital_min
        if guarded and self.raises:
            self.wait.add("guarded")
        if weak and self.raises:
            self.wait.add("weak")
        try:
            self._price(pool, guarded, weak)
        except Unpriced:
            world.log.note("an order was not priced: no surface known")
            self.wait_maybe.add("unpriced")
            self.drop_maybe.add("unpriced")

    def _price(self, pool, guarded, weak):
        world, market, order = self.world, self.market, self.order
        self.book = book = world.book(pool)
        legs = [(world.marks(world.boards[k]), {i: s / 1e6 for i, s in sizes.items()}) for k, sizes in order.legs.items()]
        change = pricing.add_all([[q * l for l in marks.vector(*i)] for marks, sizes in legs for i, q in sizes.items()])
        mark = sum(q * marks.mark(*i) for marks, sizes in legs for i, q in sizes.items())
        self.gross = sum(abs(q) * marks.mark(*i) for marks, sizes in legs for i, q in sizes.items())
        impact = pricing.phi_change(book.loads, market.id, change, book.b(), book.rules.share("comovement"))
        owed = self._owed_after(pool)
        capital = book.lam(owed=owed) - book.lam()
        age, delay = surface_age(world, market, self.ctx.now), self.ctx.now - market.tick.at
        for width in confidences(market):
            part = pricing.charges(legs, market.rules, width, age, delay)
            self.delta = part.pop("delta")
            self.choices.append({"mark": mark, "impact": impact, "capital": capital, **part})
        self.tolerance = readings.UNITS + readings.REL * 1e6 * self.gross
        self._check_money(pool)
        self._check_guard(impact + capital, guarded, weak)
        self._check_limits(pool, legs, change, owed)

    def _owed_after(self, pool):
        out = []
        for board in self.world.boards_of(pool):
            sizes = self.order.legs.get(board.key)
            more = board.obligation_change(POOL, {i: -s for i, s in sizes.items()}) if sizes else 0
            out.append((board.expiry, (board.owed(POOL) + more) / 1e6))
        return out

    def totals(self):
        """The total in units under each reading, before rounding."""
        return [1e6 * sum(choice.values()) for choice in self.choices]

    def _sort(self, excess, slack, certain, perhaps, name):
        if excess > slack:
            certain.add(name)
        elif excess > -slack:
            perhaps.add(name)

    def _check_money(self, pool):
        world, order = self.world, self.order
        total, spread = min(self.totals()), max(self.totals()) - min(self.totals())
        slack = self.tolerance + 3 + spread
        owed = [world.boards[k].obligation_change(order.account, s) for k, s in order.legs.items()]
        cash = world.cash(order.account)
        self._sort(total + sum(owed) - cash, slack, self.drop, self.drop_maybe, "insufficient_cash")
        if order.attempts * order.fee and cash < total + sum(owed) - slack <= cash + order.attempts * order.fee:
            self.drop.discard("insufficient_cash")
            self.drop_maybe.add("insufficient_cash")
        self._sort(total - order.limit, slack, self.wait, self.wait_maybe, "limit")
        pool_owed = sum(
            world.boards[k].obligation_change(POOL, {i: -s for i, s in sizes.items()})
            for k, sizes in order.legs.items()
        )
        shares = (self.market.rules.fee_insurance + self.market.rules.fee_treasury) / 1e9
        to_others = 1e6 * self.choices[0]["fee"] * shares
        short = pool_owed + to_others - total - world.ledger.of(pool.bucket)
        self._sort(short, slack, self.wait, self.wait_maybe, "pool_cash")

    def _check_guard(self, rise, guarded, weak):
        slack = 1e-9 * (1 + self.gross)
        for name, applies in (("guarded", guarded), ("weak", weak)):
            if applies:
                self._sort(rise, slack, self.wait, self.wait_maybe, name)

    def _limit(self, name, before, after, most):
        """O8: what comes closer to its limit from beyond passes."""
        if after <= before * (1 - 1e-9):
            return
        slack = 1e-9 * max(abs(most), abs(after))
        if after <= most - slack:
            return
        certain = after > most + slack and after > before * (1 + 1e-9) + slack
        (self.wait if certain else self.wait_maybe).add(name)

    def _check_limits(self, pool, legs, change, owed):
        book, rules, market = self.book, pool.rules, self.market
        capital = pool.risk_capital / 1e6
        most = rules.share("load_max") * book.b()
        zero = [0.0] * len(change)
        for load in (book.loads.get(market.id, zero), pricing.add_all(book.loads.values())):
            for was, step in zip(load, change):
                self._limit("load", abs(was), abs(was + step), most)
        before, after = book.owed_units / 1e6, sum(amount for _, amount in owed)
        self._limit("utilisation", before, after, rules.share("utilisation_max") * capital)
        vega = sum(q * marks.greeks(*i)[1] for marks, sizes in legs for i, q in sizes.items())
        self._limit("vega", abs(book.vega) / 100, abs(book.vega - vega) / 100, rules.share("vega_max") * capital)
        moved = (book.delta.get(market.id, 0.0) - market.delta_at_tick) * market.tick.price / 1e12
        step = self.delta * market.tick.price / 1e12
        self._limit("delta_step", abs(moved), abs(moved - step), market.rules.share("delta_step_max") * capital)

    def check_cost(self, cost):
        """O7: every part within its tolerance, the total as rounded once."""
        if not self.choices:
            return
        total = cost["total"]
        best = min(self.choices, key=lambda c: abs(1e6 * sum(c.values()) - total))
        for name, value in best.items():
            self.world.log.close(f"cost: {name}", cost[name], 1e6 * value, self.tolerance)
        self.world.log.close("cost: total", total, 1e6 * sum(best.values()) + 1.5, self.tolerance)
