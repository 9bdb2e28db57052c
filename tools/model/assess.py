"""Why an order may not fill: integer reasons for certain, float reasons outside their tolerance (O5 to O8, P4)."""

import params
import pricing
import readings
from boards import POOL
from ledger import Mismatch
from world import Unpriced, confidences, surface_age


def reduces(before, change, strict=False):
    """Whether |position| does not rise; with `strict` a position that flips sides is neither: None."""
    after = before + change
    if abs(after) > abs(before):
        return False
    if strict and before * after < 0:
        return None
    return True


class Assessment:
    """`drop` and `wait` hold reasons that certainly apply, the `_maybe` sets those that the model cannot decide."""

    def __init__(self, world, ctx, market, order):
        self.world, self.ctx, self.market, self.order = world, ctx, market, order
        self.drop, self.drop_maybe, self.wait, self.wait_maybe = set(), set(), set(), set()
        self.choices = []
        self.raises = self._boards_and_sizes()
        self._session()
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

    def _boards_and_sizes(self):
        """Boards, windows, reduce-only and room; returns whether any leg raises |position|."""
        world, order, tick = self.world, self.order, self.market.tick
        raises, window = False, self.market.rules.settlement_window
        gained = 0
        for key, sizes in order.legs.items():
            board = world.boards.get(key)
            if board is None or board.settlement is not None or any(k not in board.strikes for k, _ in sizes):
                self.drop.add("board_gone")
                continue
            kinds = {i: reduces(board.size(order.account, i), s, strict=True) for i, s in sizes.items()}
            board_raises = any(k is False for k in kinds.values())
            flips = any(k is None for k in kinds.values())
            raises = raises or board_raises
            if order.reduce_only and board_raises:
                self.drop.add("reduce_only")
            if order.reduce_only and flips:
                self.drop_maybe.add("reduce_only")
            self._window(board, board_raises, flips, tick, window)
            held = board.held(order.account)
            gained += len(board.after(order.account, sizes)) - len(held)
        if gained > 0 and len(world.positions(order.account)) + gained > params.POSITIONS:
            self.drop.add("no_room")
        return raises

    def _window(self, board, raises, flips, tick, window):
        """O6, by the tick's clock; where the command's clock says otherwise the model does not decide."""
        for clock, drop in ((tick.at, self.drop), (self.ctx.now, self.drop_maybe)):
            left = board.expiry - clock
            if left <= 0 or left * 6 < window:
                drop.add("board_closing")
            elif left < window and raises:
                drop.add("board_closing")
            elif (left * 6 == window) or (left == window and raises) or (left < window and flips):
                self.drop_maybe.add("board_closing")

    def _session(self):
        order = self.order
        if order.key is None:
            return
        session = self.world.account(order.account).sessions.get(order.key)
        if session is None or session.over(self.ctx.now):
            self.drop_maybe.add("session_ended")

    def _guard_and_cost(self):
        market, world = self.market, self.world
        pool = world.pools[market.pool]
        if (world.paused or market.paused) and not self.order.reduce_only:
            self.wait_maybe.add("paused")
        stale = world.stale(market, self.ctx.now)
        weak = pool.equity is not None and pool.equity < pool.rules.risk_capital_min
        guarded = world.guarded(market) or stale or weak
        if guarded and self.raises:
            self.wait.add("guarded")
        elif stale is None and self.raises:
            self.wait_maybe.add("guarded")
        if guarded and not self.raises and self._flips():
            self.wait_maybe.add("guarded")
        try:
            self._price(pool, guarded, stale)
        except Unpriced:
            world.log.note("an order was not priced: no surface known")
            self.wait_maybe.add("unpriced")
            self.drop_maybe.add("unpriced")

    def _flips(self):
        boards = self.world.boards
        return any(
            reduces(boards[k].size(self.order.account, i), s, strict=True) is None
            for k, sizes in self.order.legs.items()
            for i, s in sizes.items()
        )

    def _price(self, pool, guarded, stale):
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
        for width in confidences(market, self.ctx.now):
            part = pricing.charges(legs, market.rules, width, age, delay)
            self.delta = part.pop("delta")
            self.choices.append({"mark": mark, "impact": impact, "capital": capital, **part})
        self.tolerance = readings.UNITS + readings.REL * 1e6 * self.gross
        self._check_money(pool)
        self._check_guard(impact + capital, guarded, stale)
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
        self._check_session(total + sum(owed), slack)

    def _check_session(self, need, slack):
        order = self.order
        session = self.world.account(order.account).sessions.get(order.key) if order.key is not None else None
        if session is None:
            return
        low, high = session.spent_on(self.ctx.now)
        if low + need > session.cap + slack and need > 0:
            self.drop.add("session_spent")
        elif high + max(0, need) > session.cap - slack:
            self.drop_maybe.add("session_spent")

    def _check_guard(self, rise, guarded, stale):
        slack = 1e-9 * (1 + self.gross)
        if guarded:
            self._sort(rise, slack, self.wait, self.wait_maybe, "guarded")
        elif stale is None and rise > -slack:
            self.wait_maybe.add("guarded")

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
