"""Payoffs, obligations, escrow and settlement in whole numbers."""

import random
import unittest
from fractions import Fraction

from boards import CALL, POOL, PUT, Board, obligation, payoff, payout
from ledger import Ledger, Mismatch

P, C = 10**12, 10**6  # one quote of price, one contract


class Obligations(unittest.TestCase):
    def test_by_hand(self):
        points = [50 * P, 100 * P, 150 * P]
        table = [
            ({(100 * P, CALL): C}, 0),
            ({(100 * P, CALL): -C}, 50 * 10**6),
            ({(100 * P, PUT): -2 * C}, 100 * 10**6),
            ({(100 * P, CALL): -C, (100 * P, PUT): -C}, 50 * 10**6),
            ({(100 * P, CALL): C, (100 * P, PUT): -C}, 50 * 10**6),
            ({(100 * P, CALL): -1}, 50),
            ({(100 * P + 1, CALL): -1}, 50),  # 49.999999999999 of 1e-6, up
        ]
        for held, expected in table:
            self.assertEqual(obligation(held, points), expected, held)

    def test_it_covers_every_price_and_no_more(self):
        rng = random.Random(1)
        for _ in range(200):
            floor, cap = 40 * P, 160 * P
            strikes = sorted(rng.sample(range(50, 150), 4))
            held = {
                (k * P, r): rng.randint(-3 * C, 3 * C) for k in strikes for r in (CALL, PUT) if rng.random() < 0.7
            }
            owed = obligation(held, [floor, *(k * P for k in strikes), cap])
            worst = max(
                Fraction(-payout(held, price), 10**12) for price in range(floor, cap + 1, P // 4)
            )
            self.assertGreaterEqual(owed, worst)
            self.assertLess(owed, max(worst, 0) + 1)

    def test_forward_is_call_minus_put(self):
        for price in (50 * P, 99 * P, 150 * P):
            self.assertEqual(payoff(100 * P, CALL, price) - payoff(100 * P, PUT, price), price - 100 * P)


class Settlement(unittest.TestCase):
    def _board(self, ledger):
        board = Board((0, 1_000_000, 0), 50 * P, 150 * P, pool=0)
        board.strikes = {100 * P, 110 * P}
        ledger.post("external", "pool:0", 10**9)
        for name in ("1", "2"):
            ledger.post("external", f"account:{name}", 10**9)
        return board

    def test_any_order_of_settlement_pays_everybody(self):
        rng = random.Random(2)
        for _ in range(100):
            ledger = Ledger()
            board = self._board(ledger)
            for _ in range(6):
                who, change = rng.choice(("1", "2")), {(rng.choice((100 * P, 110 * P)), rng.choice((CALL, PUT))): rng.randint(-C, C)}
                board.change(ledger, who, change)
                board.change(ledger, POOL, {i: -s for i, s in change.items()})
            board.check()
            self.assertEqual(ledger.of(board.bucket), sum(board.obligations.values()))
            board.settlement = rng.randint(50 * P, 150 * P)
            holders = [POOL, "1", "2"]
            rng.shuffle(holders)
            for holder in holders:
                board.settle_holder(ledger, holder)
                self.assertGreaterEqual(ledger.of(board.bucket), 0)
            self.assertLess(ledger.of(board.bucket), 3)  # less than one unit a participant
            ledger.check()

    def test_average_and_clamp(self):
        board = Board((0, 100_000, 0), 50 * P, 150 * P, pool=0)
        board.count(100 * P, 30_000, 70_000, 60_000)   # 30 s inside
        board.count(200 * P, 70_000, 101_000, 60_000)  # 30 s inside
        self.assertEqual(board.silence, 30_000)
        self.assertTrue(board.ticked_inside)
        board.fix(60_000)
        self.assertEqual((board.average, board.settlement), (150 * P, 150 * P))
        board.count(200 * P, 101_000, 200_000, 60_000)
        self.assertEqual(board.weighted // 60_000, 150 * P)

    def test_sizes_that_do_not_cancel_are_found(self):
        ledger = Ledger()
        board = self._board(ledger)
        board.change(ledger, "1", {(100 * P, CALL): C})
        with self.assertRaisesRegex(Mismatch, "B4"):
            board.check()

    def test_overdrawn_bucket_is_found(self):
        ledger = Ledger()
        ledger.post("account:1", "account:2", 5)
        with self.assertRaisesRegex(Mismatch, "account:1 = -5"):
            ledger.check()


if __name__ == "__main__":
    unittest.main()
