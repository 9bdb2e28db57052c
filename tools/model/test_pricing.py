"""Formulas against known numbers and against what must hold of them."""

import random
import unittest
from math import exp, log, sqrt

import pricing
from boards import CALL, PUT, Board
from params import MARKET, POOL, Rules
from pricing import BoardMarks, black, charges, lam, phi, phi_change, rent_potential
from surface import WEEK, YEAR_MS, Surface, clip, violations, vol_nodes
from toy import nodes

DAY = 86_400_000
P = 10**12


def market(**given):
    return Rules(MARKET, given)


def surface(**given):
    return Surface.from_json(nodes(**given), 0)


def marks_at(days=30, price=30_000, **given):
    board = Board((0, days * DAY, 0), 12_000 * P, 60_000 * P, pool=0)
    return BoardMarks(board, market(**given), surface(), price * P, 0)


class Black(unittest.TestCase):
    def test_known_values(self):
        # 100 (N(0.1) - N(-0.1)); Hull's F = 20, K = 20, vol 25%, four months, undiscounted.
        self.assertAlmostEqual(black(100, 100, 0.04)[0], 7.965567455405804, places=12)
        self.assertAlmostEqual(black(20, 20, 0.0625 / 3)[1], 1.1505, places=3)

    def test_parity_and_floors(self):
        for k in (1.0, 50.0, 99.0, 100.0, 101.0, 400.0):
            call, put = black(100.0, k, 0.09)
            self.assertAlmostEqual(call - put, 100 - k, places=11)
        self.assertEqual(black(100.0, 1e9, 0.01)[0], 0.0)
        self.assertEqual(black(100.0, 1.0, 0.0)[0], 99.0)


class Nodes(unittest.TestCase):
    def test_moments(self):
        self.assertAlmostEqual(sum(pricing.SPOT_WEIGHTS), 1, places=15)
        self.assertAlmostEqual(sum(p * z * z for z, p in zip(pricing.SPOT_NODES, pricing.SPOT_WEIGHTS)), 1, places=8)
        factors, weights = vol_nodes(0.4)
        for mine, table in zip(factors, (0.4617241613, 0.9231465358, 1.8456896955)):
            self.assertAlmostEqual(mine, table, places=10)
        self.assertAlmostEqual(sum(w * g for w, g in zip(weights, factors)), 1, places=15)


class Marks(unittest.TestCase):
    def test_scenarios_average_to_the_forward(self):
        for days in (1, 7, 30, 90):
            marks = marks_at(days)
            self.assertAlmostEqual(sum(s[0] * s[3] for s in marks.scenes) / marks.forward, 1, places=13)

    def test_vectors_average_to_zero_and_are_arbitrage_free(self):
        marks = marks_at(30)
        for right in (CALL, PUT):
            low, mid, high = (marks.values(k * P, right) for k in (28_000, 30_000, 32_000))
            for a, b, c in zip(low, mid, high):
                self.assertGreaterEqual(a + c - 2 * b, -1e-9)
                self.assertGreaterEqual((a - b) if right == CALL else (b - a), -1e-9)
            vector = marks.vector(30_000 * P, right)
            self.assertAlmostEqual(sum(v * s[3] for v, s in zip(vector, marks.scenes)), 0, places=9)

    def test_banded_values_stay_in_the_band(self):
        marks = marks_at(90)
        self.assertLessEqual(max(marks.values(30_000 * P, CALL)), 30_000)
        self.assertLessEqual(max(marks.values(30_000 * P, PUT)), 18_000)
        self.assertGreaterEqual(min(marks.values(30_000 * P, CALL)), 0)

    def test_window_narrows(self):
        board = Board((0, 30 * DAY, 0), 12_000 * P, 60_000 * P, pool=0)
        window = 1_800_000
        before = None
        for left in (3 * window, window, window // 2, window // 10):
            board.weighted = 30_000 * P * (window - min(left, window))
            mark = BoardMarks(board, market(), surface(), 30_000 * P, 30 * DAY - left).mark(30_000 * P, CALL)
            self.assertTrue(before is None or mark < before)
            before = mark
        # Continuous where the window starts.
        board.weighted = 0
        outside = BoardMarks(board, market(), surface(), 30_000 * P, 30 * DAY - window).mark(30_000 * P, CALL)
        inside = BoardMarks(board, market(), surface(), 30_000 * P, 30 * DAY - window + 1).mark(30_000 * P, CALL)
        self.assertAlmostEqual(outside / inside, 1, places=3)

    def test_greeks_by_differences(self):
        """Delta and vega are Black's at fixed slice: bumps of forward and of total variance at the strike."""
        marks = marks_at(30)
        for strike in (28_000, 30_000, 33_000):
            w = pricing.total_variance(log(strike / marks.forward), marks.theta, marks.rho, marks.psi)
            h = 1e-4
            f = marks.forward
            cap = 60_000
            wc = pricing.total_variance(log(cap / f), marks.theta, marks.rho, marks.psi)
            def value(forward, dvol):
                t = marks.vega_time
                a = black(forward, strike, (sqrt(w / t) + dvol) ** 2 * t)[0]
                return a - black(forward, cap, (sqrt(wc / t) + dvol) ** 2 * t)[0]
            delta = (value(f * (1 + h), 0) - value(f * (1 - h), 0)) / (2 * h * f) * f / 30_000
            vega = (value(f, h) - value(f, -h)) / (2 * h)
            got = marks.greeks(strike * P, CALL)
            self.assertAlmostEqual(got[0], delta, places=6)
            self.assertAlmostEqual(got[1] / vega, 1, places=6)


class Potentials(unittest.TestCase):
    def test_impact_is_path_independent(self):
        rng = random.Random(3)
        load = [rng.uniform(-1e6, 1e6) for _ in range(33)]
        a, b = ([rng.uniform(-1e5, 1e5) for _ in range(33)] for _ in range(2))
        whole = phi_change({0: load}, 0, [x + y for x, y in zip(a, b)], 2.5e5, 0.8)
        first = phi_change({0: load}, 0, a, 2.5e5, 0.8)
        then = phi_change({0: [x + y for x, y in zip(load, a)]}, 0, b, 2.5e5, 0.8)
        self.assertAlmostEqual(first + then, whole, places=5)
        direct = phi({0: [x + y for x, y in zip(load, a)]}, 2.5e5, 0.8) - phi({0: load}, 2.5e5, 0.8)
        self.assertAlmostEqual(first, direct, places=5)

    def test_phi_of_nothing_and_of_a_constant(self):
        self.assertAlmostEqual(phi({0: [0.0] * 33}, 1e6, 0.8), 0, places=8)
        self.assertAlmostEqual(phi({0: [7.0] * 33}, 1e6, 0.8), 7, places=6)

    def test_two_markets_mix(self):
        a, b = [float(i) for i in range(33)], [float(-i) for i in range(33)]
        apart = phi({0: a, 1: b}, 10.0, 0.0)
        self.assertAlmostEqual(apart, phi({0: a}, 10.0, 0.0) + phi({1: b}, 10.0, 0.0), places=12)
        self.assertAlmostEqual(phi({0: a, 1: b}, 10.0, 1.0), 0, places=12)

    def test_rent_by_hand(self):
        rules = Rules(POOL, {})
        # U = 0.5: 0.04 * 0.25 / 1.4; one year on one board.
        self.assertAlmostEqual(rent_potential(0.5, rules), 0.04 * 0.25 / 1.4, places=15)
        self.assertAlmostEqual(lam([(YEAR_MS, 500.0)], 1000.0, 0, rules), 1000 * 0.04 * 0.25 / 1.4, places=12)
        # Two boards: the first year at U = 0.5, the second at 0.3.
        two = lam([(YEAR_MS, 200.0), (2 * YEAR_MS, 300.0)], 1000.0, 0, rules)
        self.assertAlmostEqual(two, 1000 * 0.04 * (0.25 + 0.09) / 1.4, places=12)
        kink = rent_potential(0.7, rules)
        self.assertAlmostEqual(rent_potential(0.7 + 1e-9, rules) - kink, 0.04e-9, places=15)

    def test_splitting_never_saves(self):
        rng = random.Random(4)
        marks, rules = marks_at(30), market()
        book = [(28_000 * P, PUT), (30_000 * P, CALL), (30_000 * P, PUT), (32_000 * P, CALL)]
        for _ in range(100):
            parts = [{i: rng.uniform(-2, 2) for i in rng.sample(book, 2)} for _ in range(2)]
            joint = {i: sum(p.get(i, 0.0) for p in parts) for i in book}
            def total(q):
                c = charges([(marks, q)], rules, 3e-4, 0, 1000)
                return c["spread"] + c["latency"] + c["fee"]
            self.assertGreaterEqual(total(parts[0]) + total(parts[1]), total(joint) - 1e-9)

    def test_a_forward_costs_one_fee_and_delta(self):
        marks, rules = marks_at(30), market()
        q = {(30_000 * P, CALL): 1.0, (30_000 * P, PUT): -1.0}
        got = charges([(marks, q)], rules, 3e-4, 0, 0)
        self.assertAlmostEqual(got["fee"], 3e-4 * 30_000, places=9)
        self.assertAlmostEqual(got["spread"], abs(got["delta"]) * 30_000 * 3e-4, places=9)


class Surfaces(unittest.TestCase):
    def test_between_and_beyond_nodes(self):
        s = Surface([(0.1, 0.02, -0.3, 0.1, 0.001), (0.3, 0.05, -0.1, 0.2, 0.004)], 0)
        theta, rho, psi = s.slice(0.2)
        self.assertAlmostEqual(theta, 0.035)
        self.assertAlmostEqual(psi, 0.15)
        self.assertAlmostEqual(rho * psi, (-0.03 - 0.02) / 2)
        self.assertAlmostEqual(s.slice(0.025)[0], 0.005)
        self.assertAlmostEqual(s.slice(0.025)[2], 0.05)
        self.assertAlmostEqual(s.slice(0.5)[0], 0.05 + 0.2 * 0.15)
        self.assertAlmostEqual(s.carry(0.05), 0.0005)
        self.assertAlmostEqual(s.carry(0.5), 0.004 + 0.2 * 0.015)

    def test_carry_ignores_nodes_under_a_week(self):
        s = Surface([(WEEK / 7, 0.001, 0, 0.01, 0.5), (WEEK, 0.007, 0, 0.02, 0.007)], 0)
        self.assertAlmostEqual(s.carry(WEEK / 2), 0.0035)

    def test_a_good_one_passes_and_each_bad_one_fails(self):
        good = surface()
        self.assertEqual(violations(good, None, 1.85, 1e-9), [])
        last = good.nodes[-1]
        bad = [
            (last[0], good.nodes[-2][1] * 0.99, *last[2:]),
            (*last[:3], good.nodes[-2][3] * 0.9, last[4]),
            (*last[:3], 3.0, last[4]),
            (*last[:4], 0.2),
        ]
        for node in bad:
            self.assertTrue(violations(Surface([*good.nodes[:-1], node], 0), None, 1.85, 1e-9), node)
        moved = Surface([(*n[:4], n[4] + 0.003 + 0.02 * n[0]) for n in good.nodes], 0)
        self.assertTrue(any("moved" in v for v in violations(moved, good, 1.85, 1e-9)))

    def test_clipping_keeps_the_limit_exactly(self):
        old = surface()
        for scale in (0.5, 0.8, 1.3, 2.0):
            new = Surface.from_json(nodes(scale=scale), 60_000)
            taken, share, _ = clip(old, old, new, 0.05, 1.0)
            limit = 0.05 + sqrt(60_000 / 86_400_000)
            moves = [sqrt(n[1] / old.slice(n[0])[0]) - 1 for n in taken.nodes]
            self.assertLess(share, 1)
            self.assertAlmostEqual(max(abs(m) for m in moves), limit, places=9)
        _, share, _ = clip(old, old, Surface.from_json(nodes(scale=1.05), 60_000), 0.05, 1.0)
        self.assertEqual(share, 1.0)

    def test_reference_variance(self):
        self.assertAlmostEqual(surface(vol=0.5).variance_ref(), 0.25, places=9)
        self.assertAlmostEqual(exp(surface().carry(WEEK)), exp(0.0002 * 7 / 3), places=12)


if __name__ == "__main__":
    unittest.main()
