"""A whole life in one trace: honest it passes, with an error planted anywhere it is caught."""

import copy
import json
import unittest

import check
from toy import Toy, genesis, nodes

T0 = 1_700_000_000_000
EXPIRY = 1_700_035_200_000  # 08:00 UTC the next day
Q, P, C = 10**6, 10**12, 10**6
BOARD = {"market": 0, "expiry": EXPIRY, "series": 0}
K = 30_000 * P


def order(legs, **fields):
    request = {
        "market": 0,
        "legs": [{"board": BOARD, "strike": k, "kind": kind, "size": size} for k, kind, size in legs],
        "limit": 10**13,
        "time_in_force": {"until": EXPIRY},
        "reduce_only": False,
        "attempts": 3,
    }
    return {"place_order": {**request, **fields}}


def funded():
    """A pool with money, a surface, a tick and a board."""
    toy = Toy(genesis(pool_rules={"holding_time": 10_000}), T0)
    toy.do("1", "deposit", funds=2_000_000 * Q)
    toy.do("2", "deposit", funds=50_000 * Q)
    toy.do("3", "deposit", funds=50_000 * Q)
    toy.do("1", {"request_deposit": {"pool": 0, "amount": 1_000_000 * Q}})
    toy.do("5f", {"publish_surface": {"market": 0, "published_at": T0, "nodes": nodes()}})
    tick(toy, 30_000)
    tick(toy, 30_000)
    toy.roll(EXPIRY)
    return toy


def tick(toy, price, wait=2_000):
    toy.now += wait
    return toy.push(price * P)


def surface(toy, **shape):
    toy.do("5f", {"publish_surface": {"market": 0, "published_at": toy.now, "nodes": nodes(**shape)}})


def life():
    toy = funded()
    claim = {"claim": {"account": "1", "pool": 0, "epoch": 0}}
    toy.do("9", claim)
    toy.do("2", {"withdraw": {"amount": 60_000 * Q}})                      # more than there is
    toy.do("2", order([(K, "call", C // 10), (K, "forward", C // 5)]))
    toy.do("3", order([(29_600 * P, "put", -C // 2)], time_in_force="first_tick", attempts=1))
    toy.do("2", {"withdraw": {"amount": Q}})                               # orders are live
    tick(toy, 30_050)
    toy.do("2", {"withdraw": {"amount": Q}})
    give = {"to": "4", "board": BOARD, "strike": K, "right": "call", "size": C // 10, "payment": 0}
    toy.do("2", {"transfer_position": give})
    toy.do("2", {"transfer_position": {**give, "size": C}})                # more than is held
    offer = {"to": "2", "board": BOARD, "strike": 29_600 * P, "right": "put", "size": -C // 4, "payment": 30 * Q}
    toy.do("3", {"transfer_position": offer})
    toy.do("2", {"take_position": {"from": "3", "offer": toy.sequence}})
    toy.do("2", order([(K, "call", C // 10)], limit=10 * Q))               # a limit that is not met
    resting = toy.sequence
    tick(toy, 30_040)
    toy.do("2", {"cancel_order": {"order": resting}})
    tick(toy, 30_030)
    toy.now += 10_000
    surface(toy)
    toy.do("1", {"request_withdraw": {"pool": 0, "shares": 300_000 * Q}})
    tick(toy, 30_020)
    tick(toy, 30_010)
    toy.do("1", {"claim": {"account": "1", "pool": 0, "epoch": 1}})
    tick(toy, 31_500)                                                      # a jump: held
    tick(toy, 31_510)                                                      # agreed
    toy.now = EXPIRY - 1_800_000 + 1_000
    for price in (31_500, 31_400, 31_300):
        tick(toy, price, wait=500_000)
    toy.now = EXPIRY
    tick(toy, 31_200, wait=0)
    for account in ("2", "3", "4"):
        toy.do("c0", {"settle_account": {"account": account}})
    return toy


class Life(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.toy = life()
        cls.lines = cls.toy.lines

    def replay(self, lines):
        return check.check_trace(json.dumps(line) for line in lines)

    def events(self, kind):
        return [
            (at, event[kind])
            for at, line in enumerate(self.lines[1:], 1)
            for event in line["result"].get("ok", {}).get("events", [])
            if kind in event
        ]

    def test_honest(self):
        _, count, failure = self.replay(self.lines)
        self.assertIsNone(failure)
        self.assertEqual(count, len(self.lines) - 1)

    def test_it_is_a_life(self):
        for kind, least in (
            ("order_filled", 2), ("order_rested", 1), ("order_ended", 1), ("jump_held", 1), ("epoch_processed", 2),
            ("position_transferred", 2), ("board_settled", 1), ("account_settled", 3), ("board_closed", 1), ("claimed", 2),
        ):
            self.assertGreaterEqual(len(self.events(kind)), least, kind)
        codes = [line["result"]["rejected"]["code"] for line in self.lines[1:] if "rejected" in line["result"]]
        self.assertEqual(codes, ["insufficient_cash", "orders_live", "position_too_small"])

    def test_numbers_by_hand(self):
        settled = self.events("board_settled")[0][1]
        # In force inside the window: 31,510 until the first tick 501 s in, then 500 s each, 299 s for the last.
        average = (31_510 * 501_000 + 31_500 * 500_000 + 31_400 * 500_000 + 31_300 * 299_000) * P // 1_800_000
        self.assertEqual(settled["average"], average)
        # 0.1 calls were given to account 4.
        received = [body for _, body in self.events("account_settled") if body["account"] == "4"][0]
        self.assertEqual(received["paid"], (average - K) * (C // 10) // 10**12)
        self.assertEqual(self.events("epoch_processed")[0][1]["entry_price_e18"], 10**18)
        final = self.lines[-1]["state"]
        self.assertEqual(sum(final["buckets"].values()), 0)
        self.assertEqual(final["boards"], [])

    def plant(self, at, path, change):
        """Changes one number of one line and expects the replay to stop there."""
        lines = copy.deepcopy(self.lines)
        target = lines[at]
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = change(target[path[-1]])
        _, count, failure = self.replay(lines)
        self.assertIsNotNone(failure, f"line {at + 1} {path}")
        self.assertEqual(count, at, failure)

    def event_path(self, at, kind):
        events = self.lines[at]["result"]["ok"]["events"]
        return ["result", "ok", "events", next(i for i, e in enumerate(events) if kind in e), kind]

    def test_every_bucket_counts_to_the_unit(self):
        for at, line in enumerate(self.lines[1:], 1):
            for name in line["state"]["buckets"]:
                if at % 5 == 0:
                    self.plant(at, ["state", "buckets", name], lambda x: x + 1)

    def test_planted_errors_in_events(self):
        off = [
            ("board_settled", "price", 1), ("board_settled", "average", -1), ("board_settled", "pool_payoff", 1),
            ("account_settled", "paid", 1), ("account_settled", "payoff", -1), ("board_closed", "dust", 1),
            ("epoch_processed", "shares_paid", 1), ("epoch_processed", "shares_in", 1),
            ("epoch_processed", "risk_capital", 3), ("epoch_processed", "cash_in", 1),
            ("epoch_closed", "due_at", 1), ("claimed", "shares", 1), ("claimed", "cash", 1),
            ("ticked", "price", 1), ("ticked", "published_at", 1), ("ticked", "number", 1),
            ("ticked", "equity", 3), ("ticked", "risk_capital", 1), ("ticked", "confidence", 1),
            ("jump_held", "in_force", 1), ("order_placed", "due_at", 1), ("cancel_requested", "from", 1),
        ]
        for kind, field, by in off:
            at = self.events(kind)[0][0]
            self.plant(at, [*self.event_path(at, kind), field], lambda x, by=by: x + by)

    def test_planted_errors_in_costs(self):
        at = self.events("order_filled")[0][0]
        for part in ("mark", "impact", "capital", "spread", "latency", "fee"):
            lines = copy.deepcopy(self.lines)
            cost = lines[at]
            for step in self.event_path(at, "order_filled"):
                cost = cost[step]
            cost["cost"][part] += 50
            cost["cost"]["total"] += 50
            _, count, failure = self.replay(lines)
            self.assertIn("cost", failure or "")
            self.assertEqual(count, at)

    def test_planted_exit_and_entry(self):
        first, second = (at for at, _ in self.events("epoch_processed"))
        self.plant(first, [*self.event_path(first, "epoch_processed"), "entry_price_e18"], lambda x: x + 10**6)
        self.plant(second, [*self.event_path(second, "epoch_processed"), "cash_out"], lambda x: x + 10)

    def test_missing_and_invented_events(self):
        for kind in ("order_filled", "board_settled", "account_settled", "epoch_closed", "jump_held", "ticked"):
            at = self.events(kind)[0][0]
            lines = copy.deepcopy(self.lines)
            events = lines[at]["result"]["ok"]["events"]
            events[:] = [e for e in events if kind not in e]
            self.assertEqual(self.replay(lines)[1], at, kind)
            lines = copy.deepcopy(self.lines)
            lines[at]["result"]["ok"]["events"].append({kind: self.events(kind)[0][1]})
            _, count, failure = self.replay(lines)
            self.assertIsNotNone(failure, kind)
            self.assertEqual(count, at, kind)

    def test_wrong_verdicts(self):
        for at, line in enumerate(self.lines[1:], 1):
            lines = copy.deepcopy(self.lines[: at + 1])
            if "ok" in line["result"] and next(iter(line["command"]), "") not in ("roll",):
                lines[at]["result"] = {"rejected": {"code": "no"}}
                self.assertIsNotNone(self.replay(lines)[2], line["command"])
            elif "rejected" in line["result"]:
                lines[at]["result"] = {"ok": {"events": []}}
                self.assertIn("refuse", self.replay(lines)[2] or "")

    def test_wrong_postings(self):
        lines = copy.deepcopy(self.lines)
        posting = {"from": "external", "to": "account:01", "amount": 2_000_000 * Q, "reason": "deposit"}
        lines[1]["result"]["ok"]["postings"] = [posting]
        self.assertIsNone(self.replay(lines)[2])
        posting["amount"] += 1
        self.assertIn("postings", self.replay(lines)[2])

    def test_shares_positions_and_boards_of_the_state(self):
        at = self.events("position_transferred")[0][0]
        self.plant(at, ["state", "accounts", "4", "positions", 0, 5], lambda x: x + 1)
        self.plant(at, ["state", "pools", "0", "risk_capital"], lambda x: x + 1)
        self.plant(at, ["state", "pools", "0", "shares"], lambda x: x + 1)
        self.plant(at, ["state", "boards", 0, "cap"], lambda x: x + 1)
        self.plant(at, ["state", "accounts", "1", "shares", "0"], lambda x: x - 1)


if __name__ == "__main__":
    unittest.main()
