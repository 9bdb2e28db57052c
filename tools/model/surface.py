"""Volatility surfaces: slices between nodes, conditions, clipping (V1 to V3)."""

from math import exp, sqrt

from ledger import RATIO, Refused
import params as bounds

YEAR_MS = 31_536_000_000
DAY_MS = 86_400_000
WEEK = 7 * DAY_MS / YEAR_MS


def vol_nodes(a):
    """The nodes of vol with their weights: e^{a u} over its mean."""
    weights = (1 / 6, 2 / 3, 1 / 6)
    raw = [exp(a * u) for u in (-sqrt(3), 0.0, sqrt(3))]
    mean = sum(w * g for w, g in zip(weights, raw))
    return [g / mean for g in raw], weights


class Surface:
    """Nodes (T in years, theta, rho, psi, c)."""

    def __init__(self, nodes, published_at):
        self.nodes, self.published_at, self.clipped = nodes, published_at, False
        first = next((i for i, node in enumerate(nodes) if node[0] >= WEEK * (1 - 1e-12)), None)
        kept = nodes[first:] if first is not None else nodes[-1:]
        self.carries = [(0.0, 0.0)] + [(node[0], node[4]) for node in kept]

    @classmethod
    def from_json(cls, nodes, published_at):
        return cls(
            [
                (
                    n["tenor_s"] * 1000 / YEAR_MS,
                    n["theta_e12"] / 1e12,
                    n["rho_e9"] / 1e9,
                    n["psi_e12"] / 1e12,
                    n["carry_e12"] / 1e12,
                )
                for n in nodes
            ],
            published_at,
        )

    def slice(self, t):
        """(theta, rho, psi) at T years."""
        nodes = self.nodes
        first, last = nodes[0], nodes[-1]
        if t <= first[0]:
            share = t / first[0]
            return first[1] * share, first[2], first[3] * sqrt(share)
        if t >= last[0]:
            before = nodes[-2] if len(nodes) > 1 else (0.0, 0.0)
            forward = (last[1] - before[1]) / (last[0] - before[0])
            return last[1] + forward * (t - last[0]), last[2], last[3]
        for low, high in zip(nodes, nodes[1:]):
            if t <= high[0]:
                x = (t - low[0]) / (high[0] - low[0])
                theta = low[1] + x * (high[1] - low[1])
                psi = low[3] + x * (high[3] - low[3])
                product = low[2] * low[3] + x * (high[2] * high[3] - low[2] * low[3])
                return theta, (product / psi if psi else low[2]), psi
        raise AssertionError("unreachable")

    def carry(self, t):
        """c(T): piecewise linear through zero and the nodes of a week and more, last slope kept."""
        points = self.carries
        for low, high in zip(points, points[1:]):
            if t <= high[0]:
                break
        slope = (high[1] - low[1]) / (high[0] - low[0])
        return low[1] + slope * (t - low[0])

    def variance_ref(self):
        """sigma_ref squared: a week's total variance a year."""
        return self.slice(WEEK)[0] / WEEK


def total_variance(k, theta, rho, psi):
    phi = psi / theta
    return theta / 2 * (1 + rho * phi * k + sqrt((phi * k + rho) ** 2 + 1 - rho * rho))


def violations(surface, before, g_max, slack):
    """V2: conditions that fail by more than `slack` relative (negative: that nearly fail)."""
    found = []

    def at_most(name, left, right):
        if left > right + slack * max(abs(left), abs(right), 1e-12):
            found.append(f"{name}: {left} > {right}")

    for t, theta, rho, psi, _ in surface.nodes:
        at_most(f"butterfly at {t}", psi * sqrt(g_max) * (1 + abs(rho)), 4)
        at_most(f"butterfly square at {t}", psi * psi * (1 + abs(rho)), 4 * theta)
    for low, high in zip(surface.nodes, surface.nodes[1:]):
        at_most("theta decreasing", low[1], high[1])
        factor = max((1 + low[2]) / (1 + high[2]), (1 - low[2]) / (1 - high[2]))
        at_most("psi", low[3] * factor, high[3])
        at_most("phi increasing", high[3] / high[1], low[3] / low[1])
    times = [n[0] for n in surface.nodes]
    for t in times:
        at_most("carry", abs(surface.carry(t)), 0.005 + 0.20 * t)
    if before is not None:
        for t in sorted(set(times) | {n[0] for n in before.nodes}):
            at_most("carry moved", abs(surface.carry(t) - before.carry(t)), 0.002 + 0.02 * t)
    return found


def check_shape(nodes):
    """What a list of nodes must be before any formula: refused otherwise."""
    if not 1 <= len(nodes) <= bounds.SURFACE_NODES:
        raise Refused("invalid", "1 to 12 nodes")
    tenors = [n["tenor_s"] for n in nodes]
    if tenors[0] <= 0 or any(a >= b for a, b in zip(tenors, tenors[1:])):
        raise Refused("invalid", "tenors ascend")
    if any(n["theta_e12"] == 0 or n["psi_e12"] == 0 or abs(n["rho_e9"]) >= RATIO for n in nodes):
        raise Refused("invalid", "theta and psi above zero, rho within -1 and 1")


def clip(anchor, start, new, step, step_day):
    """V3: (surface taken, share of the way from `start`, how near the limit the closest node is)."""
    limit = step + step_day * sqrt(max(0, new.published_at - anchor.published_at) / DAY_MS)
    share, nearness = 1.0, float("inf")
    for t, theta, *_ in new.nodes:
        at_anchor, there = anchor.slice(t)[0], start.slice(t)[0]
        move = sqrt(theta / at_anchor) - 1
        nearness = min(nearness, abs(abs(move) - limit))
        if abs(move) > limit:
            edge = at_anchor * ((1 + limit) ** 2 if move > 0 else (1 - limit) ** 2)
            share = min(share, max(0.0, (edge - there) / (theta - there)))
    if share >= 1.0:
        return new, 1.0, nearness
    nodes = []
    for t, theta, rho, psi, _ in new.nodes:
        theta0, rho0, psi0 = start.slice(t)
        psi1 = psi0 + share * (psi - psi0)
        product = rho0 * psi0 + share * (rho * psi - rho0 * psi0)
        carry = start.carry(t) + share * (new.carry(t) - start.carry(t))
        nodes.append((t, whole(theta0 + share * (theta - theta0), 12), whole(product / psi1, 9), whole(psi1, 12), whole(carry, 12)))
    return Surface(nodes, new.published_at), share, nearness


def whole(value, digits):
    """Rounded as the integers of a publish are."""
    return round(value * 10**digits) / 10**digits
