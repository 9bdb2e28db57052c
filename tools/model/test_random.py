"""Random sequences through the toy engine: invariants hold after each command, and the trace replays."""

import copy
import json
import random
import unittest

import check
import roll
from boards import board_json
from toy import Toy, genesis, nodes

T0 = 1_700_000_000_000
Q, P, C = 10**6, 10**12, 10**6
ACCOUNTS = ("1", "2", "3", "4")


def two_markets():
    rules = {"keeper_fee": 777, "settlement_window": 60_000, "list_min": 120_000, "surface_age_max": 86_400_000}
    out = genesis(market_rules=rules, pool_rules={"holding_time": 5_000, "risk_capital_min": 5_000 * Q})
    second = copy.deepcopy(out["markets"][0])
    second["id"], second["params"]["name"] = 1, "ETH"
    second["params"]["price_tick"] = 10**10
    out["markets"].append(second)
    return out


class Player:
    """Draws commands that often make sense."""

    def __init__(self, seed):
        self.rng, self.toy = random.Random(seed), Toy(two_markets(), T0)
        self.prices = {0: 30_000.0, 1: 2_000.0}
        for name in ACCOUNTS:
            self.toy.do(name, "deposit", funds=300_000 * Q)
        self.toy.do("1", {"request_deposit": {"pool": 0, "amount": 250_000 * Q}})
        for market in (0, 1):
            self.surface(market)
        for _ in range(4):
            for market in (0, 1):
                self.tick(market)
        for market in (0, 1):
            self.roll(market)

    world = property(lambda self: self.toy.world)

    def surface(self, market=None):
        market = self.rng.choice((0, 1)) if market is None else market
        body = {"market": market, "published_at": self.toy.now, "nodes": nodes(scale=self.rng.choice((0.97, 1.0, 1.0, 1.03)))}
        self.toy.do("5f", {"publish_surface": body})

    def tick(self, market=None):
        rng = self.rng
        market = rng.choice((0, 1)) if market is None else market
        self.toy.now += rng.choice((500, 2_000, 2_000, 30_000))
        self.prices[market] *= 1 + rng.gauss(0, 0.0005) + (rng.choice((-0.03, 0.03)) if rng.random() < 0.03 else 0)
        at = self.toy.now - rng.choice((0, 0, 500))
        self.toy.push(int(self.prices[market] * P), at=at, market=market, sender=rng.choice(ACCOUNTS + ("c0",)))

    def to_expiry(self):
        boards = [b for b in self.world.boards.values() if b.settlement is None]
        if not boards or self.rng.random() < 0.5:
            return
        board = self.rng.choice(boards)
        if board.expiry - self.toy.now > 3_600_000:
            self.toy.now = board.expiry - 50_000
            self.tick(board.market)

    def roll(self, market=None):
        market = self.rng.choice((0, 1)) if market is None else market
        m = self.world.markets[market]
        wanted = roll.calendar(m.rules, self.toy.now)
        wanted -= {b.expiry for b in self.world.boards.values() if b.market == market and b.settlement is None}
        if len(wanted) == 1 and not self.world.guarded(m):
            self.toy.roll(wanted.pop(), market=market)

    def place(self):
        rng = self.rng
        boards = [b for b in self.world.boards.values() if b.settlement is None]
        if not boards:
            return
        board = rng.choice(boards)
        unit = C // 10 if board.market == 0 else C
        legs = [
            {"board": board_json(board.key), "strike": rng.choice(sorted(board.strikes)),
             "kind": rng.choice(("call", "put", "forward")), "size": rng.randint(-unit, unit) or 1}
            for _ in range(rng.randint(1, 3))
        ]
        body = {"market": board.market, "legs": legs, "limit": rng.choice((10**12, 10**12, 10 * Q, -10 * Q)),
                "time_in_force": rng.choice(("first_tick", {"until": self.toy.now + 60_000})),
                "reduce_only": rng.random() < 0.15, "attempts": rng.randint(1, 4)}
        self.toy.do(rng.choice(ACCOUNTS), {"place_order": body})

    def cancel(self):
        if self.world.orders:
            order = self.rng.choice(list(self.world.orders.values()))
            self.toy.do(order.account, {"cancel_order": {"order": order.id}})

    def fill(self):
        self.toy.do("c0", {"fill": {"market": self.rng.choice((0, 1))}})

    def money(self):
        name, amount = self.rng.choice(ACCOUNTS), self.rng.randint(1, 50_000 * Q)
        kind = self.rng.choice(("withdraw", "deposit", "request_deposit", "request_withdraw", "transfer_shares"))
        if kind == "deposit":
            self.toy.do(name, "deposit", funds=amount)
        elif kind == "withdraw":
            self.toy.do(name, {"withdraw": {"amount": amount}})
        elif kind == "request_deposit":
            self.toy.do(name, {kind: {"pool": 0, "amount": amount}})
        elif kind == "request_withdraw":
            self.toy.do(name, {kind: {"pool": 0, "shares": amount}})
        else:
            self.toy.do(name, {kind: {"pool": 0, "shares": amount, "to": self.rng.choice(ACCOUNTS)}})

    def claim(self):
        for name in ACCOUNTS:
            for pool, epoch in list(self.world.account(name).requests):
                self.toy.do("c0", {"claim": {"account": name, "pool": pool, "epoch": epoch}})

    def give(self):
        name, to = self.rng.choice(ACCOUNTS), self.rng.choice(ACCOUNTS)
        held = self.world.positions(name)
        if held and name != to:
            key, strike, right, size = self.rng.choice(held)
            body = {"to": to, "board": board_json(key), "strike": strike, "right": right, "size": size // 2 or size,
                    "payment": 0 if size > 0 else self.rng.randint(0, 100 * Q)}
            self.toy.do(name, {"transfer_position": body})

    def take(self):
        for name in ACCOUNTS:
            for number, offer in list(self.world.account(name).offers.items()):
                if self.rng.random() < 0.3:
                    self.toy.do(name, {"revoke_offer": {"offer": number}})
                else:
                    self.toy.do(offer["to"], {"take_position": {"from": name, "offer": number}})

    def settle(self):
        for key, board in list(self.world.boards.items()):
            if board.settlement is None and self.rng.random() < 0.3:
                self.toy.do("c0", {"settle": {"board": board_json(key)}})
            elif board.settlement is not None and board.holders():
                self.toy.do("c0", {"settle_account": {"account": self.rng.choice(board.holders())}})

    def pause(self):
        market = self.rng.choice((None, 0, 1))
        self.toy.do("9a", {"pause": {"market": market}})
        if self.rng.random() < 0.5:
            self.tick()
        self.toy.do("9a", {"resume": {"market": market}})

    def session(self):
        name = self.rng.choice(ACCOUNTS)
        grant = {"key": "5e", "trade": True, "liquidity": self.rng.random() < 0.5, "daily_cap": 100 * Q,
                 "expires_at": self.toy.now + 60_000}
        self.toy.do(name, {"grant_session": grant})
        self.toy.do("5e", {"request_deposit": {"pool": 0, "amount": 10 * Q}}, principal=name)
        self.toy.do("5e", {"withdraw": {"amount": Q}}, principal=name)
        self.toy.do(name, {"revoke_session": {"key": "5e"}})

    def govern(self):
        params = copy.deepcopy(self.world.markets[1].params)
        params["rules"]["fee_notional"] = self.rng.choice((200_000, 300_000, 3_000_000))
        self.toy.do("ad", {"propose": {"action": {"set_market": {"market": 1, "params": params}}}})
        if self.world.proposals:
            self.toy.now += self.rng.choice((0, 1_000))
            number = max(self.world.proposals)
            self.toy.do("c0", {self.rng.choice(("enact", "enact", "reject")): {"proposal": number}})

    def step(self):
        moves = ((self.tick, 10), (self.place, 10), (self.cancel, 1), (self.fill, 1), (self.money, 4), (self.claim, 2),
                 (self.give, 2), (self.take, 1), (self.settle, 2), (self.roll, 2), (self.pause, 0.3), (self.surface, 2),
                 (self.session, 0.3), (self.govern, 0.3), (self.to_expiry, 0.3))
        self.rng.choices([m for m, _ in moves], [w for _, w in moves])[0]()


def invariants(test, world):
    world.ledger.check()
    for board in world.boards.values():
        board.check()
        if board.settlement is None:
            test.assertEqual(world.ledger.of(board.bucket), sum(board.obligations.values()))
    pool = world.pools[0]
    owned = pool.shares - sum(a.shares.get(0, 0) for a in world.accounts.values())
    pending = sum(r["shares"] for a in world.accounts.values() for r in a.requests.values())
    test.assertGreaterEqual(owned + pending, 1_000_000 - 1)
    fees = sum(o.attempts * o.fee for o in world.orders.values())
    test.assertEqual(sum(world.ledger.of(f"keeper:{m}") for m in world.markets), fees)
    for number, epoch in pool.epochs.items():
        if not epoch.processed:
            test.assertEqual(world.ledger.of(f"pool_pending:0:{number}"), epoch.cash)


class Random(unittest.TestCase):
    def play(self, seed, steps):
        player = Player(seed)
        for _ in range(steps):
            player.step()
            invariants(self, player.world)
        return player

    def test_invariants_and_replay(self):
        for seed in (1, 2, 3):
            player = self.play(seed, 250)
            _, count, failure = check.check_trace(json.dumps(line) for line in player.toy.lines)
            self.assertIsNone(failure, f"seed {seed}")
            self.assertEqual(count, len(player.toy.lines) - 1)
            kinds = {kind for line in player.toy.lines[1:] for e in line["result"].get("ok", {}).get("events", []) for kind in e}
            self.assertLessEqual({"order_filled", "epoch_processed", "claimed"}, kinds)

    def test_one_unit_anywhere_is_caught(self):
        player = self.play(5, 150)
        lines, rng = player.toy.lines, random.Random(6)
        for _ in range(12):
            at = rng.randrange(1, len(lines))
            wrong = copy.deepcopy(lines[: at + 1])
            buckets = wrong[at]["state"]["buckets"]
            buckets[rng.choice(sorted(buckets))] += rng.choice((-1, 1))
            _, count, failure = check.check_trace(json.dumps(line) for line in wrong)
            self.assertIsNotNone(failure)
            self.assertEqual(count, at)


if __name__ == "__main__":
    unittest.main()
