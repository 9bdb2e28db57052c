"""Writes the reference values that `tests/reference.rs` compares the kernels with.

    python3 make_reference.py         # needs mpmath; a few minutes

Inputs are f64; every formula is evaluated at 60 digits from their exact values. A number is written as the 16 hex
digits of its f64 bits; a result as two of them, the nearest f64 and the rest, together 32 digits. The formulas are
written down here anew, from the papers, in the most direct form that many digits allow.
"""
import os
import random
import struct

from mpmath import exp, expm1, fsum, erfc, log, log1p, mp, mpf, pi, sqrt

mp.dps = 60
HERE = os.path.dirname(os.path.abspath(__file__))


def bits(x):
    return struct.pack(">d", x).hex()


def pair(value):
    high = float(value)
    return [bits(high), bits(float(value - mpf(high)))]


def write(name, rows):
    with open(os.path.join(HERE, name + ".csv"), "w") as file:
        for row in rows:
            file.write(",".join(row) + "\n")
    print(name, len(rows))


def row(inputs, results):
    return [bits(x) for x in inputs] + [half for value in results for half in pair(value)]


def wide(rng, low, high):
    """A float with a uniformly drawn exponent of ten."""
    return 10.0 ** rng.uniform(low, high)


def pdf(x):
    return exp(-x * x / 2) / sqrt(2 * pi)


def cdf(x):
    return erfc(-x / sqrt(mpf(2))) / 2


def elementary():
    rng = random.Random(1)
    xs = [rng.uniform(-745, 709.7) for _ in range(300)] + [rng.uniform(-2, 2) for _ in range(300)]
    xs += [s * wide(rng, -300, 0) for s in (-1, 1) for _ in range(60)] + [0.0, -0.0, 1.0, -1.0, 709.78, -744.4, -708.4]
    write("exp", [row([x], [exp(mpf(x))]) for x in xs])
    write("expm1", [row([x], [expm1(mpf(x))]) for x in xs])
    xs = [wide(rng, -307, 308) for _ in range(200)] + [rng.uniform(0.4, 2.2) for _ in range(300)]
    xs += [1.0 + s * wide(rng, -15, -1) for s in (-1, 1) for _ in range(80)] + [5e-324, 1e-310, 1.0, 2.0, 1.7e308]
    write("ln", [row([x], [log(mpf(x))]) for x in xs])
    xs = [wide(rng, -300, 300) for _ in range(150)] + [-wide(rng, -300, -0.01) for _ in range(100)]
    xs += [rng.uniform(-0.9999, 3) for _ in range(300)] + [0.0, -0.0, -0.5, 1.0, 2.0**52, 2.0**53, 2.0**54, -1 + 2.0**-53]
    write("log1p", [row([x], [log1p(mpf(x))]) for x in xs])
    pairs = [(wide(rng, -100, 100), wide(rng, -100, 100)) for _ in range(150)]
    pairs += [(a, a * rng.uniform(0.3, 3)) for a in (wide(rng, -9, 9) for _ in range(250))]
    pairs += [(a, a * (1 + s * wide(rng, -15, -1))) for s in (-1, 1) for a in (wide(rng, -9, 9) for _ in range(100))]
    write("ln_ratio", [row(p, [log(mpf(p[0]) / mpf(p[1]))]) for p in pairs])
    xs = [rng.uniform(-38, 38) for _ in range(250)] + [rng.uniform(-6, 6) for _ in range(350)]
    xs += [s * wide(rng, -12, 0) for s in (-1, 1) for _ in range(50)] + [0.0, -37.6, 8.3]
    write("normal", [row([x], [pdf(mpf(x)), cdf(mpf(x))]) for x in xs])
    xs = [wide(rng, -10, 12) for _ in range(250)] + [rng.uniform(0, 40) for _ in range(250)] + [0.0]
    write("mills", [row([x], [mills(mpf(x))]) for x in xs])


def mills(x):
    if x > 500:
        total, term = mpf(0), 1 / x
        for k in range(30):
            total += term
            term *= -(2 * k + 1) / (x * x)
        return total
    return cdf(-x) / pdf(x)


def black(f, k, w):
    f, k, v = mpf(f), mpf(k), sqrt(mpf(w))
    d1 = log(f / k) / v + v / 2
    d2 = d1 - v
    call = f * cdf(d1) - k * cdf(d2)
    put = k * cdf(-d2) - f * cdf(-d1)
    n = pdf(d1)
    return [call, put, cdf(d1), n / (f * v), f * n, -cdf(d2), -n * d2 / v, f * n * d1 * d2 / v]


def options(rng, count):
    for _ in range(count):
        f = wide(rng, -3, 6)
        v = wide(rng, -6.5, 1.2) if rng.random() < 0.5 else rng.uniform(0.01, 1.5)
        # From the money to the far wings, in deviations and in plain moneyness.
        away = rng.choice([rng.uniform(-6, 6) * v, rng.uniform(-37, 37) * v, rng.uniform(-3, 3), 0.0])
        k = f * float(exp(mpf(max(-100.0, min(100.0, away)))))
        yield f, k, v * v


def black_tables():
    rng = random.Random(2)
    fixed = [(100.0, 100.0, 1e-14), (100.0, 100.0 * (1 + 1e-9), 1e-14), (100.0, 90.0, 1e-10), (1.0, 2.0, 1e4),
             (1e-60, 1e60, 400.0), (100.0, 100.0, 3600.0), (60000.0, 60000.0, 1e-12)]
    rows = [row(o, black(*o)) for o in fixed + list(options(rng, 900))]
    write("black", rows)
    rows = []
    for f, k, w in options(rng, 2200):
        values = black(f, k, w)
        otm, vega, low = min(values[0], values[1]), values[4], min(f, k)
        v = sqrt(mpf(w))
        # Well conditioned: an ulp of the price moves the volatility by less than eight.
        if otm < low * mpf(10) ** -290 or otm > low * mpf("0.999") or otm / (vega * v) > 8:
            continue
        put = values[1] < values[0]
        price = float(otm)
        # The exact root for the rounded price, by Newton from the volatility it came from.
        root = v
        for _ in range(8):
            now = black(f, k, root * root)
            root -= ((now[1] if put else now[0]) - mpf(price)) / now[4]
        rows.append([bits(x) for x in (price, f, k)] + [str(int(put))] + pair(root))
    write("implied", rows[:900])


def essvi(k, theta, rho, psi):
    u = psi / theta * k
    return theta / 2 * (1 + rho * u + sqrt((u + rho) ** 2 + 1 - rho**2))


def essvi_table():
    rng = random.Random(3)
    rows = []
    for _ in range(500):
        theta, rho = wide(rng, -8, 0.5), rng.uniform(-0.95, 0.95)
        psi = rng.uniform(0, 1) * (4 * theta / (1 + abs(rho))) ** 0.5
        k = rng.choice([rng.uniform(-6, 6) * theta**0.5, rng.uniform(-4, 4), 0.0])
        rows.append(row([k, theta, rho, psi], [essvi(*map(mpf, (k, theta, rho, psi)))]))
    write("essvi", rows)


Z = [0.0, 0.97536725336046435, 1.9507345067209287, 3.41378538676162522, 5.8522035201627861, 9.7536725336046435]
PI_Z = [0.481481481481481481, 0.208663505650111534, 0.0417436043090856316, 0.00757364536680872092, 0.00110455821296810593,
        0.000173945720285267079]
SPOT = [-z for z in Z[:0:-1]] + Z
PI_SPOT = PI_Z[:0:-1] + PI_Z
VOL = [0.46172416126793516, 0.92314653581919007, 1.84568969545530456]
PI_VOL = [1.0 / 6.0, 2.0 / 3.0, 1.0 / 6.0]
WEEK = mpf(7) / 365


def slice_at(nodes, t):
    first, last = nodes[0], nodes[-1]
    tenor, theta, rho, psi = 0, 1, 2, 3
    if t <= first[tenor]:
        share = t / first[tenor]
        return first[theta] * share, first[rho], first[psi] * sqrt(share)
    if t >= last[tenor]:
        if len(nodes) == 1:
            slope = last[theta] / last[tenor]
        else:
            slope = (last[theta] - nodes[-2][theta]) / (last[tenor] - nodes[-2][tenor])
        return last[theta] + slope * (t - last[tenor]), last[rho], last[psi]
    for a, b in zip(nodes, nodes[1:]):
        if t <= b[tenor]:
            share = (t - a[tenor]) / (b[tenor] - a[tenor])
            mix = lambda x, y: x + (y - x) * share
            psi_t = mix(a[psi], b[psi])
            return mix(a[theta], b[theta]), mix(a[rho] * a[psi], b[rho] * b[psi]) / psi_t, psi_t


def carry_at(nodes, t):
    knots = [(mpf(0), mpf(0))] + [(n[0], n[4]) for n in nodes if n[0] >= WEEK * (1 - mpf(10) ** -15)]
    for a, b in zip(knots, knots[1:]):
        if t <= b[0]:
            break
    return a[1] + (b[1] - a[1]) * (t - a[0]) / (b[0] - a[0])


# The least total variance is part of the definition of a mark.
LEAST = mpf(10) ** -14


def mark(board, nodes, strikes):
    spot, horizon, eta, tau, window, average, floor, cap = map(mpf, board)
    nodes = [list(map(mpf, n)) for n in nodes]
    sigma2 = slice_at(nodes, WEEK)[0] / WEEK
    forward = spot * exp(carry_at(nodes, tau))
    if tau >= window:
        years = tau - window * 2 / 3
        theta, rho, psi = slice_at(nodes, years)
        f, share = forward, forward / spot
    else:
        f = ((window - tau) * average + tau * forward) / window
        part = tau * forward / (window * f)
        theta, rho, psi = slice_at(nodes, tau / 3)
        theta, psi = theta * part**2, psi * part
        theta = max(theta, LEAST)
        years, share = theta / sigma2, tau / window * forward / spot
    variance = min(sigma2 * horizon, eta * theta)
    moves = [exp(sqrt(variance) * mpf(z)) for z in SPOT]
    mean = fsum(mpf(p) * m for p, m in zip(PI_SPOT, moves))
    worlds = []
    for m in moves:
        for g in VOL:
            theta_s = (theta - variance) * mpf(g)
            worlds.append((f * m / mean, theta_s, psi * sqrt(theta_s / theta)))
    weights = [mpf(p) * mpf(q) for p in PI_SPOT for q in PI_VOL]

    def vanilla(strike):
        prices = [black(fs, strike, max(LEAST, essvi(log(strike / fs), ts, rho, ps)))[:2] for fs, ts, ps in worlds]
        whole = black(f, strike, max(LEAST, essvi(log(strike / f), theta, rho, psi)))
        return prices, whole[2], whole[4]

    cap_leg, floor_leg = vanilla(cap), vanilla(floor)
    out = [f, theta]
    for strike in strikes:
        prices, delta, vega = vanilla(mpf(strike))
        for side, leg in ((0, cap_leg), (1, floor_leg)):
            values = [p[side] - q[side] for p, q in zip(prices, leg[0])]
            total = fsum(w * v for w, v in zip(weights, values))
            out += [total, (delta - leg[1]) * share, (vega - leg[2]) * sqrt(years)] + [v - total for v in values]
    return out


def marks_table():
    rng = random.Random(4)
    day = 1 / 365
    surfaces = [
        [(7 * day, 0.0048, -0.1, 0.05, 0.001), (30 * day, 0.02, -0.2, 0.11, 0.004), (90 * day, 0.066, -0.15, 0.2, 0.012)],
        [(30 * day, 0.09, -0.4, 0.25, -0.003)],
        [(1 * day, 0.0002, 0.3, 0.015, 0.0001), (10 * day, 0.003, 0.1, 0.05, -0.0005), (200 * day, 0.3, 0.0, 0.35, 0.02)],
    ]
    minute = day / 1440
    lines = []
    for n, tau in enumerate([60 * day, 7 * day, 30.5 * day, 250 * day, 2 * day, 2 * 60 * minute, 30 * minute, 11 * minute,
                             0.01 * minute, 90 * day]):
        nodes = surfaces[n % 3]
        spot = [64123.5, 3011.25, 0.0471][n % 3]
        average = spot * rng.uniform(0.97, 1.03)
        sd = float(slice_at([list(map(mpf, x)) for x in nodes], mpf(tau))[0]) ** 0.5
        floor, cap = spot * 2.718281828 ** -max(0.4, 5 * sd), spot * 2.718281828 ** max(0.4, 4 * sd)
        board = [spot, 7 * day, 0.5, tau, 30 * minute, average, floor, cap]
        strikes = [spot * 2.718281828 ** (x * max(sd, 1e-3)) for x in (-2.5, -0.6, 0.0, 0.05, 1.4, 3.0)]
        lines.append([bits(x) for x in board] + [str(len(nodes)), str(len(strikes))])
        lines += [[bits(x) for x in node] for node in nodes]
        values = mark(board, nodes, strikes)
        lines.append([half for v in values[:2] for half in pair(v)])
        for i, strike in enumerate(strikes):
            for side in (0, 1):
                at = 2 + (2 * i + side) * 36
                lines.append([bits(strike), str(side)] + [half for v in values[at:at + 36] for half in pair(v)])
    write("marks", lines)


def potential_table():
    rng = random.Random(5)
    weights = [p * q for p in PI_SPOT for q in PI_VOL]
    exact = [mpf(w) for w in weights]

    def phi(b, load):
        top = max(load)
        return b * log(fsum(w * exp((x - top) / b) for w, x in zip(exact, load))) + top

    def whole(b, c, loads):
        if len(loads) == 1:
            return phi(b, loads[0])
        joint = [fsum(column) for column in zip(*loads)]
        return (1 - c) * fsum(phi(b, x) for x in loads) + c * phi(b, joint)

    lines = []
    for n in range(120):
        markets = 1 if n % 2 == 0 else 2
        b = wide(rng, 2, 7)
        c = rng.choice([0.0, 0.8, 1.0, 0.35])
        size = wide(rng, -3, 1.3) * b
        loads = [[size * (rng.gauss(0, 1) + 0.3 * (s // 3 - 5)) for s in range(33)] for _ in range(markets)]
        loads = [[max(-40 * b, min(40 * b, x)) for x in load] for load in loads]
        quantity = 10.0 ** rng.choice([-12, -9, -6, -3, -1, 0, 1]) * b
        change = [quantity * (rng.gauss(0, 0.4) + 0.1 * (s % 3)) for s in range(33)]
        market = rng.randrange(markets)
        loads_m, change_m = [[mpf(x) for x in load] for load in loads], [mpf(x) for x in change]
        after = [[x + y for x, y in zip(load, change_m)] if m == market else load for m, load in enumerate(loads_m)]
        bm, cm = mpf(b), mpf(c)
        before = whole(bm, cm, loads_m)
        lines.append([str(markets), str(market), bits(b), bits(c)] + pair(before) + pair(whole(bm, cm, after) - before))
        lines += [[bits(x) for x in load] for load in loads]
        lines.append([bits(x) for x in change])
    write("potential", lines)


def rent_table():
    rng = random.Random(6)

    def g(u, r0, r1, r2, star):
        if u <= star:
            return r0 * u + r1 * u * u / (2 * star)
        over = u - star
        return r0 * u + r1 * star / 2 + r1 * over + r2 * over**2 / (2 * (1 - star))

    def total(curve, r, locks):
        out, start = mpf(0), mpf(0)
        for i, (years, _) in enumerate(locks):
            u = fsum(o for _, o in locks[i:]) / r
            out += (years - start) * g(u, *curve)
            start = years
        return r * out

    lines = []
    for _ in range(150):
        curve = [rng.choice([0.0, 0.02]), 0.04, 0.6, 0.7]
        r = wide(rng, 4, 8)
        count = rng.randrange(1, 9)
        years = sorted(rng.uniform(0, 1) for _ in range(count))
        full = rng.uniform(0, 1.4) * r / count
        before = [(t, round(rng.uniform(0, 2) * full, 6)) for t in years]
        step = 10.0 ** rng.choice([-6, -3, 0, 3])
        after = [(t, max(0.0, round(o + rng.choice([0, 0, step, -step]), 6))) for t, o in before]
        if rng.random() < 0.3:
            after = sorted(after + [(rng.uniform(0, 1), step)])
        if rng.random() < 0.2:
            after.pop(rng.randrange(len(after)))
        exact = lambda locks: [(mpf(t), mpf(o)) for t, o in locks]
        c, rm = [mpf(x) for x in curve], mpf(r)
        low, high = total(c, rm, exact(before)), total(c, rm, exact(after))
        lines.append([bits(x) for x in curve + [r]] + [str(len(before)), str(len(after))] + pair(low) + pair(high - low))
        lines += [[bits(t), bits(o)] for t, o in before + after]
    write("rent", lines)


if __name__ == "__main__":
    elementary()
    black_tables()
    essvi_table()
    marks_table()
    potential_table()
    rent_table()
