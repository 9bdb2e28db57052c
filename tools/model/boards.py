"""Boards: payoffs, obligations, escrow, averaging windows and settlement, all in whole numbers."""

from ledger import EXACT_PER_CASH, Mismatch, ceil_div, equal

CALL, PUT = "call", "put"
POOL = "pool"  # the pool of the market, as a holder


def board_key(json_id):
    return (json_id["market"], json_id["expiry"], json_id["series"])


def board_json(key):
    return {"market": key[0], "expiry": key[1], "series": key[2]}


def payoff(strike, right, price):
    """What one contract pays at a settlement price inside the band."""
    return max(price - strike, 0) if right == CALL else max(strike - price, 0)


def payout(positions, price):
    """Exact payout of {(strike, right): size}, in 1e-18 quote."""
    return sum(size * payoff(strike, right, price) for (strike, right), size in positions.items())


def obligation(positions, points):
    """B2: the worst that these positions may owe, rounded up once."""
    worst = max((-payout(positions, p) for p in points), default=0)
    return max(0, ceil_div(worst, EXACT_PER_CASH))


class Board:
    """One (market, expiry, series)."""

    def __init__(self, key, floor, cap, pool, forward=None):
        self.key, self.floor, self.cap, self.pool = key, floor, cap, pool
        self.forward = forward      # the forward it was listed from, None when unknown
        self.strikes = set()
        self.positions = {}         # holder -> {(strike, right): size}, no zeros
        self.obligations = {}       # holder -> cash, no zeros
        self.weighted = 0           # sum of price * ms inside the window
        self.counted_to = None      # up to when the window is counted
        self.ticked_inside = False
        self.silence = 0
        self.average = self.settlement = None

    market = property(lambda self: self.key[0])
    expiry = property(lambda self: self.key[1])
    bucket = property(lambda self: "board:{}:{}:{}".format(*self.key))

    def bucket_of(self, holder):
        return f"pool:{self.pool}" if holder == POOL else f"account:{holder}"

    def points(self):
        return [self.floor, *sorted(self.strikes), self.cap]

    def held(self, holder):
        return self.positions.get(holder, {})

    def size(self, holder, instrument):
        return self.held(holder).get(instrument, 0)

    def owed(self, holder):
        return self.obligations.get(holder, 0)

    def holders(self):
        """Accounts that hold anything."""
        return [h for h in self.positions if h != POOL]

    def traded(self, strike):
        """Whether anybody holds the call or put of a strike."""
        return any((strike, r) in held for held in self.positions.values() for r in (CALL, PUT))

    def after(self, holder, changes):
        """Positions of a holder after {(strike, right): size} is added."""
        held = dict(self.held(holder))
        for instrument, size in changes.items():
            held[instrument] = held.get(instrument, 0) + size
        return {i: s for i, s in held.items() if s}

    def change(self, ledger, holder, changes):
        """B3: adds to positions and moves the change of the obligation between the holder and the board."""
        held = self.after(holder, changes)
        owed = obligation(held, self.points())
        ledger.post(self.bucket_of(holder), self.bucket, owed - self.owed(holder))
        self._set(holder, held, owed)

    def obligation_change(self, holder, changes):
        return obligation(self.after(holder, changes), self.points()) - self.owed(holder)

    def _set(self, holder, held, owed):
        for table, value in ((self.positions, held), (self.obligations, owed)):
            if value:
                table[holder] = value
            else:
                table.pop(holder, None)

    def check(self):
        """B4, and that the escrow is what the obligations say."""
        if self.settlement is not None:
            return
        total = {}
        for held in self.positions.values():
            for instrument, size in held.items():
                total[instrument] = total.get(instrument, 0) + size
                if instrument[0] not in self.strikes:
                    raise Mismatch(f"{self.bucket}: a position at a strike that is not listed: {instrument}")
        if any(total.values()):
            raise Mismatch(f"B4: {self.bucket}: sizes do not add up to zero: {total}")

    # Windows and settlement.

    def count(self, price, since, until, window):
        """E1: `price` was in force from `since` to `until`."""
        start = max(since, self.expiry - window)
        end = min(until, self.expiry)
        if end > start:
            self.weighted += price * (end - start)
            self.silence = max(self.silence, end - start)
        if self.expiry - window <= until < self.expiry:
            self.ticked_inside = True

    def fix(self, window):
        """E2: the settlement price."""
        self.average = self.weighted // window
        self.settlement = min(max(self.average, self.floor), self.cap)

    def settle_holder(self, ledger, holder):
        """E4, E6: pays obligation plus payout, rounded down once; returns (paid, payoff)."""
        worth = payout(self.held(holder), self.settlement) // EXACT_PER_CASH
        paid = self.owed(holder) + worth
        if paid < 0:
            raise Mismatch(f"{self.bucket}: {holder} would receive {paid}")
        ledger.post(self.bucket, self.bucket_of(holder), paid)
        self._set(holder, {}, 0)
        return paid, worth


def settle_board(world, board, window, events):
    """Fixes the price and settles the pool (E3, E4); closes the board when nobody holds anything."""
    board.fix(window)
    body = events.need("board_settled", board=board_json(board.key))
    equal(f"{board.bucket} average", body["average"], board.average)
    equal(f"{board.bucket} settlement price", body["price"], board.settlement)
    equal(f"E3: {board.bucket} without a tick inside", body["stale"], not board.ticked_inside)
    equal(f"E1: {board.bucket} silence", body["silence"], board.silence)
    _, worth = board.settle_holder(world.ledger, POOL)
    equal(f"{board.bucket} pool payoff", body["pool_payoff"], worth)
    close_if_empty(world, board, events)


def close_if_empty(world, board, events):
    """E6: dust goes to the pool and the board is gone."""
    if board.settlement is None or board.positions:
        return
    dust = world.ledger.of(board.bucket)
    if not events.dry:
        body = events.need("board_closed", board=board_json(board.key))
        equal(f"{board.bucket} dust", body["dust"], dust)
    world.ledger.post(board.bucket, f"pool:{board.pool}", dust)
    del world.boards[board.key]


def settle_account(world, account, events, required):
    """L5, E6: settles an account on every board that has a price; elsewhere than at its own commands
    (`required` false) when the engine says that it did."""
    for key in sorted(world.boards):
        board = world.boards[key]
        if board.settlement is None or account not in board.positions:
            continue
        fields = {"account": account, "board": board_json(key)}
        if not required and not events.has("account_settled", **fields):
            continue
        paid, worth = board.settle_holder(world.ledger, account)
        if not events.dry:
            body = events.need("account_settled", **fields)
            equal(f"{account} settled on {board.bucket}", (body["paid"], body["payoff"]), (paid, worth))
        world.forget_received(account, key)
        close_if_empty(world, board, events)
