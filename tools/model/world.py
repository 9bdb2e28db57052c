"""The model's state, and the book of a pool: loads, rent, equity, greeks."""

from collections import namedtuple

import params
import pricing
import readings
from boards import POOL
from ledger import Ledger, Log, Refused
from surface import Surface

Tick = namedtuple("Tick", "price confidence at number")


class Unpriced(Exception):
    """There is no surface that the model knows, so no float can be checked."""


def hexed(text):
    """The short form of an account."""
    return format(int(text, 16), "x")


class Account:
    def __init__(self):
        self.shares, self.locks = {}, {}     # pool -> shares held and not frozen; pool -> [(shares, from, to)]
        self.requests = {}                   # (pool, epoch) -> {"cash", "shares", "paid"}
        self.offers, self.sessions = {}, {}  # number -> offer; key -> session
        self.received = set()                # instruments that only transfers have filled


class Market:
    def __init__(self, number, pool, market_params):
        self.id, self.pool = number, pool
        self.set_params(market_params)
        self.reports = {}
        self.tick = self.held = None
        self.surface = self.pending = self.published = None
        self.anchor = None         # V3
        self.paused = False
        self.calm = None           # publish time of the candidate that accepted or dropped a held tick
        self.hour_variance = (0.0, 0.0)
        self.marks = {}
        self.delta_at_tick = 0.0
        self.last_word = None      # when a tick was last accepted or held

    clipped = property(lambda self: self.surface is not None and self.surface.clipped)

    def set_params(self, market_params):
        self.params = market_params
        self.rules = params.market_rules(market_params)
        self.publishers = {hexed(p) for p in market_params["publishers"]}
        self.published_by = market_params["surface"].get("published")
        self.published_by = hexed(self.published_by) if self.published_by is not None else None


class Pool:
    def __init__(self, number, pool_params):
        self.id = number
        self.set_params(pool_params)
        self.shares = 1_000_000     # Q1
        self.risk_capital = None    # adopted from the trace when first seen
        self.equity = None          # at its last tick
        self.latest = 0             # latest publish time accepted in any of its markets
        self.open_epoch, self.closing, self.epochs = 0, None, {}
        self.round, self.ended_rounds, self.next_round = None, {}, 0

    def set_params(self, pool_params):
        self.params = pool_params
        self.rules = params.pool_rules(pool_params)

    bucket = property(lambda self: f"pool:{self.id}")


class World:
    def __init__(self, genesis):
        self.ledger, self.log = Ledger(), Log()
        self.accounts, self.boards, self.orders, self.proposals = {}, {}, {}, {}
        self.paused = False
        self.powers = genesis["powers"]
        self.pools = {p["id"]: Pool(p["id"], p["params"]) for p in genesis["pools"]}
        self.markets = {m["id"]: Market(m["id"], m["pool"], m["params"]) for m in genesis["markets"]}
        self.dumped_surfaces = {}

    def account(self, name):
        return self.accounts.setdefault(name, Account())

    def market(self, number):
        if number not in self.markets:
            raise Refused("market_not_found", f"{number}")
        return self.markets[number]

    def pool(self, number):
        if number not in self.pools:
            raise Refused("pool_not_found", f"{number}")
        return self.pools[number]

    def markets_of(self, pool):
        return [m for m in self.markets.values() if m.pool == pool.id]

    def boards_of(self, pool):
        """Live boards of a pool, by expiry."""
        live = [b for b in self.boards.values() if b.pool == pool.id and b.settlement is None]
        return sorted(live, key=lambda b: (b.expiry, b.key))

    def orders_of(self, account):
        return [o for o in self.orders.values() if o.account == account]

    def positions(self, account):
        """[(board key, strike, right, size)] of an account."""
        return [
            (key, strike, right, size)
            for key, board in sorted(self.boards.items())
            for (strike, right), size in sorted(board.held(account).items())
        ]

    def forget_received(self, account, board_key):
        mine = self.account(account)
        mine.received = {i for i in mine.received if i[0] != board_key}

    def cash(self, account):
        return self.ledger.of(f"account:{account}")

    # Guards.

    def guarded(self, market):
        """P4."""
        return bool(market.held) or market.clipped or market.paused or self.paused or self.stale(market)

    def stale(self, market):
        """Whether the surface in force is missing or was too old at the tick."""
        if market.surface is None:  # Estimated ones are renewed at every tick.
            return market.published_by is not None
        return market.tick is not None and market.tick.at - market.surface.published_at > market.rules.surface_age_max

    # The book.

    def surface_of(self, market):
        """The surface in force; of an estimated one what the trace says."""
        if market.surface is not None:
            return market.surface
        dumped = self.dumped_surfaces.get(str(market.id))
        if dumped is None:
            raise Unpriced(f"market {market.id}")
        nodes = [(n[0] * 1000 / pricing.YEAR_MS, *n[1:]) for n in dumped["nodes"]]
        return Surface(nodes, dumped["published_at"])

    def marks(self, board):
        market = self.markets[board.market]
        if board.key not in market.marks:
            if market.tick is None:
                raise Unpriced(f"market {market.id}")
            market.marks[board.key] = pricing.BoardMarks(
                board, market.rules, self.surface_of(market), market.tick.price, market.tick.at
            )
        return market.marks[board.key]

    def book(self, pool):
        return Book(self, pool)

    def equity(self, pool):
        """(E, its tolerance) in units of cash."""
        book = self.book(pool)
        locked = sum(b.owed(POOL) for b in self.boards_of(pool))
        value = self.ledger.of(pool.bucket) + locked + 1e6 * (book.mark - book.phi() - book.lam())
        return value, book.tolerance(value)


class Book:
    """What a pool holds, valued at the ticks in force."""

    def __init__(self, world, pool):
        self.world, self.pool, self.rules = world, pool, pool.rules
        self.loads, self.delta = {}, {}
        self.mark = self.gross = self.vega = 0.0
        self.owed = [(b.expiry, b.owed(POOL) / 1e6) for b in world.boards_of(pool)]
        self.owed_units = sum(b.owed(POOL) for b in world.boards_of(pool))
        for board in world.boards_of(pool):
            if board.held(POOL):
                self._add(board)

    def _add(self, board):
        marks = self.world.marks(board)
        load = self.loads.setdefault(board.market, [0.0] * len(pricing.WEIGHTS))
        for (strike, right), size in board.held(POOL).items():
            x = size / 1e6
            value = marks.mark(strike, right)
            self.mark += x * value
            self.gross += abs(x) * value
            for i, l in enumerate(marks.vector(strike, right)):
                load[i] -= x * l
            delta, vega = marks.greeks(strike, right)
            self.delta[board.market] = self.delta.get(board.market, 0.0) + x * delta
            self.vega += x * vega

    def tolerance(self, value):
        """In units of cash; without positions there is only cash, and an f64 holds it but for its last bits."""
        if not self.loads and not self.owed_units:
            return 0.5 + 1e-15 * abs(value)
        return readings.UNITS + readings.REL * 1e6 * self.gross

    def b(self, capital=None):
        capital = self.pool.risk_capital if capital is None else capital
        return self.rules.share("risk_tolerance") * capital / 1e6

    def phi(self, capital=None):
        if not self.loads:
            return 0.0
        return pricing.phi(self.loads, self.b(capital), self.rules.share("comovement"))

    def lam(self, capital=None, owed=None):
        capital = self.pool.risk_capital if capital is None else capital
        owed = self.owed if owed is None else owed
        if not any(amount for _, amount in owed):
            return 0.0
        return pricing.lam(owed, capital / 1e6, self.pool.latest, self.rules)

    def spread(self, now):
        """What closing everything would cost in spread: the same charge as a trade's, without latency and fee."""
        total = 0.0
        for market in self.world.markets_of(self.pool):
            legs = [
                (self.world.marks(b), {i: s / 1e6 for i, s in b.held(POOL).items()})
                for b in self.world.boards_of(self.pool)
                if b.market == market.id and b.held(POOL)
            ]
            if legs:
                width = confidences(market)[0]
                total += pricing.charges(legs, market.rules, width, surface_age(self.world, market, now), 0)["spread"]
        return total


def surface_age(world, market, now):
    clock = market.tick.at if readings.SURFACE_AGE == "tick" else now
    return clock - world.surface_of(market).published_at


def confidences(market):
    """Half-spreads on delta that could be meant: one, or two where the rules do not say which."""
    rules, tick = market.rules, market.tick
    oracle = tick.confidence / tick.price
    plain = max(rules.share("confidence_min"), oracle)
    factor = rules.share("calm_factor")
    wide = factor * plain if readings.CALM_ON == "charged" else max(rules.share("confidence_min"), factor * oracle)
    if market.calm is None:
        return [plain]
    since = tick.at - market.calm
    if since < 0 or since == rules.calm:  # A tick before the candidate that decided, or at the very end.
        return [plain, wide]
    return [wide] if since < rules.calm else [plain]
