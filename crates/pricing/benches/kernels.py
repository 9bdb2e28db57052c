"""The other side of `kernels.rs`: times numpy, scipy and QuantLib on the inputs that it is given.

Reads the inputs, then the name of a task a line, and answers on one line, with times in the order of `RIVALS`
in `kernels.rs`. Times are nanoseconds of processor time an input: what else runs on the machine is not counted.
"""

import sys
import time

import numpy as np
import QuantLib as ql
import scipy
from scipy.special import ndtr

COUNT, PIECE = int(sys.argv[1]), int(sys.argv[2])
COLUMNS = np.frombuffer(sys.stdin.buffer.read(9 * 8 * COUNT), dtype="<f8").reshape(9, COUNT)
FORWARD, STRIKE, VARIANCE, PRICE, VOL, EXPONENT, EXP, ARGUMENT, LN = COLUMNS
CALL = ql.Option.Call
# QuantLib takes and gives Python's own floats, one call an option.
FORWARDS, STRIKES, VOLS, PRICES = (x.tolist() for x in (FORWARD, STRIKE, np.sqrt(VARIANCE), PRICE))
INTRINSIC, ZEROS = np.maximum(FORWARD - STRIKE, 0.0).tolist(), np.zeros(COUNT).tolist()
OUT = np.empty(COUNT)
PIECES = [slice(start, start + PIECE) for start in range(0, COUNT, PIECE)]
# Discount factor, displacement, guess and accuracy.
TIGHT = (1.0, 0.0, ql.nullDouble(), 1e-14)


def timed(work, count=PIECE):
    start = time.thread_time()
    work()
    return (time.thread_time() - start) / count * 1e9


def numpy(function, *inputs):
    """All at once or in pieces, whichever is faster."""
    whole = timed(lambda: function(*inputs), COUNT)
    return [min(whole, np.median([timed(lambda: function(*(x[rows] for x in inputs))) for rows in PIECES]))]


def black(f, k, w):
    v = np.sqrt(w)
    d1 = np.log(f / k) / v + 0.5 * v
    return f * ndtr(d1) - k * ndtr(d1 - v)


def black_greeks(f, k, w):
    v = np.sqrt(w)
    d1 = np.log(f / k) / v + 0.5 * v
    d2 = d1 - v
    delta, below = ndtr(d1), ndtr(d2)
    bell = np.exp(-0.5 * d1 * d1) * 0.3989422804014327
    vega = f * bell
    call = f * delta - k * below
    return call, call - f + k, delta, bell / (f * v), vega, -below, -bell * d2 / v, vega * d1 * d2 / v


def quantlib_prices(rows, vols):
    return [ql.blackFormula(CALL, k, f, v) for k, f, v in zip(STRIKES[rows], FORWARDS[rows], vols[rows])]


def quantlib_vols(rows, prices):
    options = zip(STRIKES[rows], FORWARDS[rows], prices[rows])
    return [ql.blackFormulaImpliedStdDev(CALL, k, f, c) for k, f, c in options]


def quantlib_tight_vols(rows, prices):
    options = zip(STRIKES[rows], FORWARDS[rows], prices[rows])
    return [ql.blackFormulaImpliedStdDev(CALL, k, f, c, *TIGHT) for k, f, c in options]


def quantlib(loop, inputs, trivial):
    """A loop, and what is left of it without the same loop over inputs that QuantLib answers at once; medians."""
    times = [(timed(lambda: loop(rows, inputs)), timed(lambda: loop(rows, trivial))) for rows in PIECES]
    gross, overhead = np.array(times).T
    return [np.median(gross), np.median(gross - overhead)]


def agreement():
    """Rows of a table of the largest differences."""
    largest = lambda a, b, scale=1.0: np.max(np.abs((np.array(a) - b) / scale))
    exp, ln, whole, of = np.exp(EXPONENT), np.log(ARGUMENT), slice(COUNT), "of the larger of forward and strike"
    prices, tight = quantlib_prices(whole, VOLS), quantlib_tight_vols(whole, PRICES)
    scale = np.maximum(FORWARD, STRIKE)
    rows = [
        ("our price from scipy's", largest(PRICE, black(FORWARD, STRIKE, VARIANCE), scale), of),
        ("our price from QuantLib's", largest(PRICE, prices, scale), of),
        ("our implied total volatility from the price's own", largest(VOL, VOLS), "absolute"),
        ("QuantLib's to 1e-14 from the price's own", largest(tight, VOLS), "absolute"),
        ("QuantLib's to 1e-6 from the price's own", largest(quantlib_vols(whole, PRICES), VOLS), "absolute"),
        ("our exp from numpy's", largest(EXP, exp, np.spacing(exp)), "units of the last place"),
        ("our ln from numpy's", largest(LN, ln, np.spacing(np.abs(ln))), "units of the last place"),
    ]
    return [";".join(f"| {what} | {value:.1e} | {unit} |" for what, value, unit in rows)]


TASKS = {
    # A volatility of zero returns the intrinsic value before any logarithm.
    "price": lambda: numpy(black, FORWARD, STRIKE, VARIANCE) + quantlib(quantlib_prices, VOLS, ZEROS),
    # The intrinsic value has a volatility of zero, which the solver finds at the end of its bracket.
    "implied": lambda: quantlib(quantlib_vols, PRICES, INTRINSIC)
    + quantlib(quantlib_tight_vols, PRICES, INTRINSIC),
    "greeks": lambda: numpy(black_greeks, FORWARD, STRIKE, VARIANCE),
    "exp": lambda: numpy(np.exp, EXPONENT, OUT),
    "ln": lambda: numpy(np.log, ARGUMENT, OUT),
    "agreement": agreement,
    "versions": lambda: [sys.version.split()[0], np.__version__, scipy.__version__, ql.__version__],
}
for line in sys.stdin:
    print(*TASKS[line.strip()](), flush=True)
