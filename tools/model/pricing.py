"""Marks, risk vectors and the cost of a trade, in floats: 33 worlds, impact, rent, charges.

Money is in quote, sizes in contracts, time in years. Values of the engine are compared with these within a
tolerance; nothing here ever becomes a balance.
"""

from math import erfc, exp, expm1, log, log1p, pi, sqrt

import readings
from boards import CALL, PUT, payoff
from surface import DAY_MS, YEAR_MS, total_variance, vol_nodes

def _spot_nodes():
    """Nodes at 0, 1, 2, 3.5, 6, 10 either side, weighed by a Student t(4)'s mass of their bins, scaled to variance one."""
    def within(e):
        u = e / sqrt(2 + e * e)
        return (3 * u - u**3) / 2

    steps, edges = (1, 2, 3.5, 6, 10), (0.5, 1.5, 2.75, 4.75, 8)
    masses = [within(e) for e in edges] + [1.0]
    weights = [(b - a) / 2 for a, b in zip(masses, masses[1:])]
    unit = 1 / sqrt(2 * sum(w * k * k for w, k in zip(weights, steps)))
    z = [k * unit for k in steps]
    return (*[-x for x in reversed(z)], 0.0, *z), (*reversed(weights), masses[0], *weights)


SPOT_NODES, SPOT_WEIGHTS = _spot_nodes()
ROOT_2, ROOT_2PI = sqrt(2.0), sqrt(2 * pi)


def normal_cdf(x):
    return 0.5 * erfc(-x / ROOT_2)


def normal_pdf(x):
    return exp(-x * x / 2) / ROOT_2PI


def _d1(forward, strike, w):
    w = max(w, 1e-14)
    s = sqrt(w)
    return log(forward / strike) / s + s / 2, s


def black(forward, strike, w):
    """(call, put) undiscounted; the side out of the money is computed, the other follows by parity."""
    d1, s = _d1(forward, strike, w)
    if strike >= forward:
        call = 0.0 if abs(d1) > 38 else max(0.0, forward * normal_cdf(d1) - strike * normal_cdf(d1 - s))
        return call, call - forward + strike
    put = 0.0 if abs(d1) > 38 else max(0.0, strike * normal_cdf(s - d1) - forward * normal_cdf(-d1))
    return put + forward - strike, put


def worlds(rules):
    """[(spot node, vol factor, weight)], spot-major."""
    factors, weights = vol_nodes(rules.share("vol_of_vol"))
    return [(z, g, p * q) for z, p in zip(SPOT_NODES, SPOT_WEIGHTS) for g, q in zip(factors, weights)]


class BoardMarks:
    """A board's worlds at one tick; strikes are evaluated when asked for."""

    def __init__(self, board, rules, surface, tick_price, tick_at):
        self.board, self.rules = board, rules
        self.index = tick_price / 1e12
        tau_ms, window = board.expiry - tick_at, rules.settlement_window
        self.tau = tau_ms / YEAR_MS
        w_years = window / YEAR_MS
        self.variance_ref = surface.variance_ref()
        self.final, self.cache = None, {}
        if tau_ms <= 0:  # Expired, and waits for its settlement (an empty window): its price is known.
            self.final = min(max(board.weighted // window, board.floor), board.cap)
            return
        plain = self.index * exp(surface.carry(self.tau))
        if tau_ms >= window:
            time = self.tau - 2 * w_years / 3
            self.forward = plain
            self.theta, self.rho, self.psi = surface.slice(time)
            self.slope = plain / self.index if readings.DELTA_OF_INDEX else 1.0
            self.vega_time = time if readings.VEGA_TIME == "variance" else self.tau
        else:
            done = board.weighted / 1e12 / window  # (W - tau) A / W
            self.forward = done + tau_ms / window * plain
            theta, self.rho, psi = surface.slice(self.tau / 3)
            self.theta = theta * (tau_ms * plain / (window * self.forward)) ** 2
            self.psi = psi * sqrt(self.theta / theta)
            self.slope = tau_ms / window * plain / self.index
            self.vega_time = self.theta / self.variance_ref
        self._place_worlds()

    def __deepcopy__(self, memo):
        return self  # Only its cache ever changes, and only by being filled.

    def _place_worlds(self):
        variance = self.variance_ref * self.rules.horizon / YEAR_MS
        own = min(variance, self.rules.share("variance_share") * self.theta)
        step = sqrt(own / variance) * sqrt(variance)
        mean = sum(p * exp(step * z) for z, p in zip(SPOT_NODES, SPOT_WEIGHTS))
        self.scenes = []
        for z, g, p in worlds(self.rules):
            theta = (self.theta - own) * g
            psi = self.psi * sqrt(theta / self.theta)
            self.scenes.append((self.forward * exp(step * z) / mean, theta, psi, p))

    def _vanilla(self, strike):
        """[(call, put)] of a strike in every world."""
        if strike not in self.cache:
            k = strike / 1e12
            self.cache[strike] = [
                black(f, k, total_variance(log(k / f), theta, self.rho, psi)) for f, theta, psi, _ in self.scenes
            ]
        return self.cache[strike]

    def values(self, strike, right):
        """A banded option in every world."""
        if self.final is not None:
            return [payoff(strike, right, self.final) / 1e12] * len(WEIGHTS)
        side, band = (0, self.board.cap) if right == CALL else (1, self.board.floor)
        return [a[side] - b[side] for a, b in zip(self._vanilla(strike), self._vanilla(band))]

    def mark(self, strike, right):
        if self.final is not None:
            return payoff(strike, right, self.final) / 1e12
        return sum(v * s[3] for v, s in zip(self.values(strike, right), self.scenes))

    def vector(self, strike, right):
        mark = self.mark(strike, right)
        return [v - mark for v in self.values(strike, right)]

    def greeks(self, strike, right):
        """(delta per unit of index, vega per 1.00 of vol), the band leg subtracted."""
        if self.final is not None:
            return 0.0, 0.0

        def plain(k_units):
            k = k_units / 1e12
            w = total_variance(log(k / self.forward), self.theta, self.rho, self.psi)
            d1, _ = _d1(self.forward, k, w)
            if abs(d1) > 38:
                one = 1.0 if d1 > 0 else 0.0
                return (one if right == CALL else one - 1.0), 0.0
            delta = normal_cdf(d1) if right == CALL else -normal_cdf(-d1)
            return delta, self.forward * normal_pdf(d1) * sqrt(self.vega_time)

        a = plain(strike)
        b = plain(self.board.cap if right == CALL else self.board.floor)
        return (a[0] - b[0]) * self.slope, a[1] - b[1]


def phi(loads, tolerance_b, comovement):
    """The mixture of potentials of a pool: loads is {market: 33 numbers}; returns (value, [terms])."""
    joint = add_all(loads.values())
    return (1 - comovement) * sum(_phi(load, tolerance_b) for load in loads.values()) + comovement * _phi(
        joint, tolerance_b
    )


def add_all(vectors):
    total = None
    for vector in vectors:
        total = list(vector) if total is None else [a + b for a, b in zip(total, vector)]
    return total if total is not None else [0.0] * len(WEIGHTS)


WEIGHTS = [p * q for p in SPOT_WEIGHTS for q in (1 / 6, 2 / 3, 1 / 6)]


def _phi(load, b):
    top = max(load)
    return top + b * log(sum(p * exp((x - top) / b) for p, x in zip(WEIGHTS, load)))


def phi_change(loads, market, change, b, comovement):
    """Phi(L + change in one market) - Phi(L), without cancellation."""
    own = loads.get(market, [0.0] * len(WEIGHTS))
    return (1 - comovement) * _phi_change(own, change, b) + comovement * _phi_change(
        add_all([*loads.values()]), change, b
    )


def _phi_change(load, change, b):
    top = max(load)
    raw = [p * exp((x - top) / b) for p, x in zip(WEIGHTS, load)]
    total = sum(raw)
    steps = [c / b for c in change]
    if max(abs(d) for d in steps) < 0.5:
        return b * log1p(sum(r / total * expm1(d) for r, d in zip(raw, steps)))
    logs = [log(p) + (x - top) / b - log(total) + d for p, x, d in zip(WEIGHTS, load, steps)]
    high = max(logs)
    return b * (high + log(sum(exp(x - high) for x in logs)))


def rent_potential(u, rules):
    """G(U)."""
    r0, r1, r2 = rules.share("rent_base"), rules.share("rent_slope"), rules.share("rent_steep")
    kink = rules.share("utilisation_kink")
    if u <= kink:
        return r0 * u + r1 * u * u / (2 * kink)
    over = u - kink
    return r0 * u + r1 * kink / 2 + r1 * over + r2 * over * over / (2 * (1 - kink))


def lam(owed, capital, now_ms, rules):
    """Lambda of [(expiry, obligation in quote)] at risk capital in quote."""
    by_expiry = {}
    for expiry, amount in owed:
        by_expiry[expiry] = by_expiry.get(expiry, 0.0) + amount
    total, before, left = 0.0, 0.0, sum(by_expiry.values())
    for expiry in sorted(by_expiry):
        years = max(0, expiry - now_ms) / YEAR_MS
        total += (years - before) * rent_potential(left / capital, rules)
        before = years
        left -= by_expiry[expiry]
    return capital * total


def vol_spread(marks, rules, age_ms):
    share = rules.share
    width = share("vol_spread") + share("vol_age") * sqrt(marks.variance_ref) * sqrt(max(0, age_ms) / DAY_MS)
    month = 30 * DAY_MS / YEAR_MS
    return width * min(max(sqrt(month / max(marks.tau, 1e-9)), 0.5), 5.5)


def charges(legs, rules, confidence, age_ms, delay_ms):
    """Spread, latency and fee of [(BoardMarks, {(strike, right): contracts})] in one market."""
    spread = fee = delta_sum = 0.0
    index = ref = None
    for marks, sizes in legs:
        index, ref = marks.index, sqrt(marks.variance_ref)
        width = vol_spread(marks, rules, age_ms)
        board = _board_charges(marks, sizes, rules, width)
        spread += board[0]
        fee += board[1]
        delta_sum += board[2]
    if index is None:
        return {"spread": 0.0, "latency": 0.0, "fee": 0.0, "delta": 0.0}
    spread += abs(delta_sum) * index * confidence
    late = rules.share("latency_factor") * ref * sqrt(max(0, delay_ms) / YEAR_MS)
    return {"spread": spread, "latency": abs(delta_sum) * index * late, "fee": fee, "delta": delta_sum}


def _board_charges(marks, sizes, rules, width):
    """(spread without its delta part, fee, net delta) of one board."""
    share, index = rules.share, marks.index
    gross = width * share("gross_share")
    spread = fee = delta = net_vega = 0.0
    for strike in sorted({k for k, _ in sizes}):
        q = {r: sizes.get((strike, r), 0.0) for r in (CALL, PUT)}
        greek = {r: marks.greeks(strike, r) for r in q}
        mark = {r: marks.mark(strike, r) for r in q}
        delta += sum(q[r] * greek[r][0] for r in q)
        one_fee = {r: min(share("fee_notional") * index, share("fee_cap") * mark[r]) for r in q}
        one_spread = {r: min(share("leg_min") * index, 0.25 * mark[r]) + gross * abs(greek[r][1]) for r in q}
        forwards = _forwards(q, {r: one_fee[r] + one_spread[r] for r in q}, share("fee_notional") * index)
        options = {CALL: q[CALL] - forwards, PUT: q[PUT] + forwards}
        fee += share("fee_notional") * index * abs(forwards) + sum(abs(options[r]) * one_fee[r] for r in q)
        spread += sum(abs(options[r]) * one_spread[r] for r in q)
        net_vega += sum(options[r] * greek[r][1] for r in q)
    return spread + width * (1 - share("gross_share")) * abs(net_vega), fee, delta


def _forwards(q, each, forward):
    """How many forwards carry a strike's trade out at the least cost; the first of these where equal."""
    def cost(m):
        return forward * abs(m) + each[CALL] * abs(q[CALL] - m) + each[PUT] * abs(q[PUT] + m)

    return min((0.0, q[CALL], -q[PUT]), key=cost)
