"""Rules one by one: medians, jumps, merging, reductions, exit rounds, sessions, calendars."""

import json
import random
import unittest
from fractions import Fraction

import assess
import check
import oracle
import params
import roll
from ledger import Events, Ledger, Log, Mismatch, Refused, code_of
from liquidity import INDEX_UNIT, Round
from orders import merge
from test_trace import BOARD, C, K, P, Q, funded, order, tick
from toy import Toy, genesis, nodes

T0 = 1_700_000_000_000


def report(price, at, confidence=0):
    return {"price": price, "confidence": confidence, "published_at": at}


class Medians(unittest.TestCase):
    def test_even_and_odd(self):
        self.assertEqual(oracle.median([3, 1, 2]), 2)
        self.assertEqual(oracle.median([1, 2, 5, 100]), 3)
        self.assertEqual(oracle.median([1, 2]), 1)

    def test_candidate(self):
        market = Toy(genesis(market_rules={"publishers_min": 2}), T0).world.markets[0]
        market.reports = {"f1": report(100, T0 - 30_000, 9), "f2": report(110, T0, 1), "f3": report(130, T0 - 1, 3)}
        got, fresh = oracle.candidate(market, T0)
        self.assertEqual((got.price, got.confidence, got.at, fresh), (110, 15, T0 - 30_000, 3))
        got, fresh = oracle.candidate(market, T0 + 1)  # the oldest is too old now
        self.assertEqual((got.price, got.confidence, got.at, fresh), (120, 10, T0 - 1, 2))
        self.assertEqual(oracle.candidate(market, T0 + 30_000)[0], None)


class Jumps(unittest.TestCase):
    def kinds(self, toy):
        return [next(iter(e)) for e in toy.lines[-1]["result"]["ok"]["events"]]

    def test_confirmed_dropped_and_timed_out(self):
        toy = funded()
        tick(toy, 33_000)
        self.assertEqual(self.kinds(toy), ["jump_held"])
        tick(toy, 33_010)
        self.assertEqual(self.kinds(toy)[:2], ["ticked", "ticked"])
        tick(toy, 36_000)
        tick(toy, 33_020)
        self.assertEqual(self.kinds(toy)[:2], ["jump_dropped", "ticked"])
        tick(toy, 36_000)
        toy.now += 3_600_001
        tick(toy, 33_000, wait=0)
        self.assertEqual(self.kinds(toy)[:2], ["jump_dropped", "ticked"])

    def test_two_confirmations(self):
        toy = Toy(genesis(market_rules={"confirmations": 2}), T0)
        tick(toy, 30_000)
        tick(toy, 33_000)
        tick(toy, 33_001)
        self.assertIsNotNone(toy.world.markets[0].held)
        tick(toy, 33_002)
        self.assertEqual(self.kinds(toy), ["ticked", "ticked"])
        _, _, failure = check.check_trace(json.dumps(line) for line in toy.lines)
        self.assertIsNone(failure)

    def test_a_late_or_repeated_report_changes_nothing(self):
        toy = funded()
        number = toy.world.markets[0].tick.number
        toy.push(31 * 10**15, at=toy.now)
        toy.push(31 * 10**15, at=toy.now - 1)
        self.assertEqual(toy.world.markets[0].tick.number, number)
        self.assertEqual(toy.push(31 * 10**15, at=toy.now + 1), "from_the_future")


class Orders(unittest.TestCase):
    def test_merge(self):
        legs = [
            {"board": BOARD, "strike": K, "kind": "forward", "size": 5},
            {"board": BOARD, "strike": K, "kind": "call", "size": -5},
            {"board": BOARD, "strike": K, "kind": "put", "size": 2},
        ]
        self.assertEqual(list(merge(legs).values()), [{(K, "put"): -3}])
        self.assertEqual(merge([*legs, {**legs[2], "size": 3}]), {})

    def test_going_through_zero_raises(self):
        table = [((5, -3), False), ((5, -8), True), ((5, 1), True), ((0, 1), True), ((5, -11), True), ((-5, 5), False)]
        for (before, change), expected in table:
            self.assertIs(assess.raises(before, change), expected)

    def test_keeper_fees_go_round(self):
        toy = funded()
        before = toy.world.cash("2")
        toy.do("2", order([(K, "call", C // 10)], limit=0, attempts=5))
        self.assertEqual(toy.world.cash("2"), before - 5_000)
        tick(toy, 30_000)
        self.assertEqual(toy.world.cash("c0"), 1_000)
        toy.do("2", {"cancel_order": {"order": toy.sequence - 1}})
        toy.now += 600_001
        self.assertEqual(toy.world.ledger.of("keeper:0"), 4_000)
        tick(toy, 30_000, wait=0)
        self.assertEqual((toy.world.cash("2"), toy.world.cash("c0")), (before - 2_000, 2_000))

    def test_what_cannot_be_placed(self):
        toy = funded()
        table = [
            (order([]), "invalid"),
            (order([(K, "call", 1)] * 9), "invalid"),
            (order([(K + 1, "call", 1)]), "strike_not_found"),
            (order([(K, "call", 1), (K, "call", -1)]), "invalid"),
            (order([(K, "call", 1)], attempts=0), "invalid"),
            (order([(K, "call", 1)], attempts=1_001), "invalid"),
            (order([(K, "call", 1)], market=7), "market_not_found"),
        ]
        for command, code in table:
            self.assertEqual(toy.do("2", command), code, command)
        self.assertEqual(toy.do("2", order([(K, "call", 1)]), funds=1), "wrong_funds")


class ExitRounds(unittest.TestCase):
    def test_claims_never_exceed_what_was_paid(self):
        """Many batches of one round, holders joining at different times, in the integers of Q6."""
        rng = random.Random(7)
        for _ in range(50):
            current, holders, paid_out = Round(0), [], 0
            fair = []
            for _ in range(rng.randint(1, 8)):
                joining = rng.randint(0, 10**12)
                if joining:
                    holders.append((joining, current.survival, current.index))
                    fair.append([Fraction(joining), Fraction(0)])
                    current.waiting += joining
                if not current.waiting:
                    continue
                n, n1 = current.waiting, rng.randint(0, current.waiting)
                pay = n1 * rng.randint(0, 3)
                paid_out += pay
                for share in fair:
                    share[1] += share[0] * pay / n
                    share[0] *= Fraction(n - n1, n)
                current.index += current.survival * pay // n
                current.survival = current.survival * (n - n1) // n
                current.waiting = n - n1
                if current.survival < 10**12:
                    break
            claims = [x * (current.index - c) // s for x, s, c in holders]
            rest = [x * current.survival // s for x, s, _ in holders]
            self.assertLessEqual(sum(claims), paid_out)
            self.assertLessEqual(sum(rest), current.waiting)
            for mine, left, (waiting, cash) in zip(claims, rest, fair):
                self.assertLess(abs(mine - cash), 2 + cash * Fraction(1, 10**9))
                self.assertLess(abs(left - waiting), 2 + waiting * Fraction(1, 10**9))
        self.assertEqual(Round(0).survival, INDEX_UNIT)

    def test_a_capped_exit_rolls_and_is_claimed_in_parts(self):
        toy = funded()
        toy.do("1", {"claim": {"account": "1", "pool": 0, "epoch": 0}})
        # Obligations of some 40% of R: exits stop where they would be 75%.
        toy.do("2", "deposit", funds=10**6 * Q)
        surface = {"publish_surface": {"market": 0, "published_at": toy.now, "nodes": nodes()}}
        toy.do("5f", surface)
        strikes = sorted(next(iter(toy.world.boards.values())).strikes)
        for _ in range(12):
            legs = [(strikes[2], "put", C), (strikes[-3], "call", C)]
            toy.do("2", order(legs, limit=10**13))
            tick(toy, 30_000)
        board = next(iter(toy.world.boards.values()))
        self.assertGreater(board.owed("pool"), 50_000 * Q)
        toy.now += 10_000
        toy.do("1", {"request_withdraw": {"pool": 0, "shares": 990_000 * Q}})
        epoch = toy.world.pools[0].open_epoch
        for _ in range(5):
            tick(toy, 30_000)
        claim = {"claim": {"account": "1", "pool": 0, "epoch": epoch}}
        before = toy.world.cash("1")
        self.assertIsNone(toy.do("9", claim))
        first = toy.world.cash("1") - before
        pool = toy.world.pools[0]
        self.assertGreater(first, 0)
        self.assertGreater(pool.round.waiting, 0)
        locked = board.owed("pool")
        self.assertLessEqual(locked * 10**9, (pool.risk_capital + 2) * pool.rules.utilisation_exit)
        _, count, failure = check.check_trace(json.dumps(line) for line in toy.lines)
        self.assertIsNone(failure)
        self.assertEqual(count, len(toy.lines) - 1)


class Powers(unittest.TestCase):
    def test_timelock_and_bounds(self):
        toy = funded()
        market = json.loads(json.dumps(toy.world.markets[0].params))
        market["rules"]["fee_cap"] = 200_000_001
        change = {"propose": {"action": {"set_market": {"market": 0, "params": market}}}}
        self.assertEqual(toy.do("ad", change), "parameter_out_of_bounds")
        market["rules"]["fee_cap"] = 200_000_000
        self.assertEqual(toy.do("2", change), "forbidden")
        self.assertIsNone(toy.do("ad", change))
        enact = {"enact": {"proposal": toy.sequence}}
        toy.now += 999
        self.assertEqual(toy.do("2", enact), "timelocked")
        toy.now += 1
        self.assertIsNone(toy.do("2", enact))
        self.assertEqual(toy.world.markets[0].rules.fee_cap, 200_000_000)
        self.assertEqual(toy.do("2", enact), "proposal_not_found")

    def test_defaults_pass_their_own_checks(self):
        start = genesis()
        params.check_market(start["markets"][0]["params"])
        params.check_pool(start["pools"][0]["params"])
        with self.assertRaises(Refused):
            params.check_pool({"name": "lower", "rules": {}})

    def test_sessions(self):
        toy = funded()
        # A sold contract may take its worst payout, its fees and nothing of its credit.
        board = next(iter(toy.world.boards.values()))
        worst = (board.cap - K) // P * Q // 100
        cap = worst - 100 * Q + 3_000
        grant = {"key": "5e", "trade": True, "liquidity": False, "daily_cap": cap + 1_000, "expires_at": toy.now + 10_000}
        toy.do("2", {"grant_session": grant})
        sell = order([(K, "call", -C // 100)], limit=-100 * Q)
        self.assertIsNone(toy.do("5e", sell, principal="2"))
        placed = toy.sequence
        self.assertEqual(toy.do("5e", order([(K, "call", 1)]), principal="2"), "session_cap")
        self.assertEqual(toy.do("5e", sell, principal="2"), "session_cap")
        self.assertEqual(toy.do("5e", {"withdraw": {"amount": 1}}, principal="2"), "session_refused")
        self.assertEqual(toy.do("5e", order([(K, "call", 1)]), principal="3"), "session_refused")
        toy.do("5e", {"cancel_order": {"order": placed}}, principal="2")
        tick(toy, 30_000)
        self.assertEqual(toy.world.orders, {})
        session = toy.world.account("2").sessions["5e"]
        self.assertEqual(list(session.spent.values()), [(1_000, 1_000)])  # one attempt has been paid, the rest given back
        self.assertIsNone(toy.do("5e", order([(K, "call", -C // 100)], limit=-100 * Q, attempts=2), principal="2"))
        toy.now += 10_001
        self.assertEqual(toy.do("5e", order([(K, "call", 1)], attempts=1), principal="2"), "session_refused")


class Listing(unittest.TestCase):
    def test_steps(self):
        self.assertEqual(roll.step_of(25_000 * P, 35_000 * P, 16), 1_000 * P)
        self.assertEqual(roll.step_of(29_000 * P, 31_000 * P, 16), 200 * P)
        self.assertEqual(roll.step_of(28_000 * P, 32_000 * P, 16), 250 * P)

    def test_calendar(self):
        rules = params.Rules(params.MARKET, {})
        # Tuesday 2023-11-14 22:13 UTC.
        days = roll.calendar(rules, T0)
        expected = {
            1_700_035_200_000, 1_700_121_600_000,  # 15, 16 November
            1_700_208_000_000, 1_700_812_800_000,  # Fridays: 17, 24 November; the 24th is the month's last
            1_703_836_800_000,                     # 29 December: month and quarter
        }
        self.assertEqual(days, expected)

    def test_bad_listings_are_found(self):
        toy = funded()
        line = next(x for x in toy.lines[1:] if "roll" in x["command"])
        at = toy.lines.index(line)
        for index, field, by in ((0, "cap", P), (0, "cap", 1), (0, "floor", -P), (1, "strike", P)):
            lines = json.loads(json.dumps(toy.lines[: at + 1]))
            body = next(iter(lines[at]["result"]["ok"]["events"][index].values()))
            body[field] += by
            lines[at]["state"] = None
            self.assertIsNotNone(check.check_trace(json.dumps(x) for x in lines)[2], (index, field, by))


class Small(unittest.TestCase):
    def test_codes(self):
        self.assertEqual([code_of(x) for x in ("a", {"code": "b"}, {"c": {"x": 1}})], ["a", "b", "c"])

    def test_events_are_used_once(self):
        events = Events(["plain", {"kind": {"a": 1}}])
        self.assertEqual(events.need("kind", a=1), {"a": 1})
        self.assertEqual(events.left(), [("plain", {})])
        with self.assertRaises(Mismatch):
            events.need("kind", a=1)

    def test_tolerance(self):
        log = Log()
        log.close("x", 10, 9, 1)
        with self.assertRaisesRegex(Mismatch, "off by 2"):
            log.close("x", 11, 9, 1)
        with self.assertRaises(Mismatch):
            log.close("x", float("nan"), 9, 1)

    def test_ledger_adds_up(self):
        ledger = Ledger()
        ledger.post("external", "treasury", 5)
        self.assertEqual(sum(ledger.nonzero().values()), 0)


if __name__ == "__main__":
    unittest.main()
