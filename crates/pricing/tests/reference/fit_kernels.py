"""Fits the polynomial and rational kernels of `src/math.rs` and `src/implied.rs` and prints their Rust tables.

    python3 fit_kernels.py            # needs mpmath; two minutes

Polynomials are Chebyshev interpolants at 50 digits, a hair from minimax. The scaled tail of the normal distribution and the Mills ratio's slope are
rational functions in x found by weighted linear least squares, weights moved towards the largest relative error
(Lawson), on points that cover the whole half-line. All their coefficients come out positive, so evaluating them
cancels nothing. Every table is followed by its largest relative error.
"""
from mpmath import atanh, chebyfit, cos, erfc, exp, factorial, log, lu_solve, matrix, mp, mpf, nstr, pi, sqrt


def literal(x):
    return repr(float(x))


def table(name, values):
    print(f"const {name}: [f64; {len(values)}] = [")
    for v in values:
        print(f"    {literal(v)},")
    print("];")


def exp_kernel(r):
    if abs(r) < mpf("1e-6"):
        return sum(r**k / factorial(k + 2) for k in range(10))
    return (exp(r) - 1 - r) / r**2


def ln_kernel(z):
    if z < mpf("1e-12"):
        return 2 * (mpf(1) / 3 + z / 5 + z * z / 7)
    s = sqrt(z)
    return 2 * (atanh(s) / s - 1) / z


def mills(x):
    """The Mills ratio, (1 - N(x)) / n(x)."""
    if x > 2000:
        total, term = mpf(0), 1 / x
        for k in range(12):
            total += term
            term *= -(2 * k + 1) / (x * x)
        return total
    return sqrt(pi / 2) * exp(x * x / 2) * erfc(x / sqrt(mpf(2)))


def mills_slope(x):
    """Minus the derivative of the Mills ratio, 1 - x M(x)."""
    if x <= 30:
        return 1 - x * mills(x)
    total, term, k = mpf(0), 1 / (x * x), 1
    while True:
        total += term
        following = -term * (2 * k + 1) / (x * x)
        if abs(following) < mpf(10) ** -50 * total or abs(following) >= abs(term):
            return total
        term, k = following, k + 1


def rational(f, n, d, points, rounds=8):
    values = [f(x) for x in points]
    weights = [mpf(1)] * len(points)
    scale = [mpf(1) + x**d for x in points]
    best = (mpf(10), None, None)
    for _ in range(rounds):
        size = n + 1 + d
        left, right = matrix(size, size), matrix(size, 1)
        for x, v, w, q in zip(points, values, weights, scale):
            c = 1 / (v * q)
            row = [x**i * c for i in range(n + 1)] + [-v * x**i * c for i in range(1, d + 1)]
            for i in range(size):
                right[i] += w * row[i] * v * c
                for j in range(size):
                    left[i, j] += w * row[i] * row[j]
        s = lu_solve(left, right)
        p, q = [s[i] for i in range(n + 1)], [mpf(1)] + [s[n + 1 + i] for i in range(d)]
        scale = [sum(c * x**i for i, c in enumerate(q)) for x in points]
        errors = [abs(sum(c * x**i for i, c in enumerate(p)) / b / v - 1) for x, v, b in zip(points, values, scale)]
        if max(errors) < best[0]:
            best = (max(errors), p, q)
        total = sum(w * e for w, e in zip(weights, errors))
        weights = [max(w * e / total * len(points), mpf(10) ** -12) for w, e in zip(weights, errors)]
    return best


def half_line(start, count):
    nodes = [(1 - cos(pi * (k + mpf(1) / 2) / count)) / 2 for k in range(count)]
    return [start + 3 * t / (1 - t) for t in nodes if t < mpf("0.99999")]


if __name__ == "__main__":
    mp.dps = 50
    half = log(2) / 2 * mpf("1.0001")
    c, e = chebyfit(exp_kernel, [-half, half], 10, error=True)
    table("EXP", c[::-1])
    print("// relative error", nstr(e * half**2 * exp(half), 3))
    s = (sqrt(2) - 1) / (sqrt(2) + 1) * mpf("1.0001")
    c, e = chebyfit(ln_kernel, [0, s * s], 7, error=True)
    table("LN", c[::-1])
    print("// relative error", nstr(e * s**2 / 2, 3))
    mp.dps = 90
    for name, f, n, d, start in (("TAIL", lambda x: mills(x) / sqrt(2 * pi), 10, 11, mpf(0)), ("SLOPE", mills_slope, 11, 13, mpf("-0.75"))):
        e, p, q = rational(f, n, d, half_line(start, 90))
        table(name + "_P", p)
        table(name + "_Q", q)
        print("// relative error", nstr(e, 3))
