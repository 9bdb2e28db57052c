//! Implied total volatility: the `sqrt(w)` at which Black's formula gives a price.
//!
//! Newton-like steps of order four (A. S. Householder, "The Numerical Treatment of a Single Nonlinear Equation", 1970) on
//! objectives that are nearly linear in the volatility, after P. Jaeckel, "Let's be rational", Wilmott 2015: a power
//! of the log price below the inflection at `sqrt(2 |ln(F/K)|)`, the price above it, the log of what is missing to
//! the bound near the bound. The starting values are this module's own.

use crate::math::{INV_SQRT_2PI, abs, exp, horner, ln, ln_ratio, max, mills, min, sqrt};
use core::fmt;

/// Why a price has no implied volatility.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ImpliedFault {
    /// The price is below what exercise at the forward pays, or is not a number.
    BelowIntrinsic {
        /// The price.
        price: f64,
        /// `max(F - K, 0)` of a call, `max(K - F, 0)` of a put.
        intrinsic: f64,
    },
    /// The price is not below the forward (call) or the strike (put).
    AboveBound {
        /// The price.
        price: f64,
        /// The forward or the strike.
        bound: f64,
    },
}

impl fmt::Display for ImpliedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::BelowIntrinsic { price, intrinsic } => {
                write!(f, "price {price} is below the intrinsic value {intrinsic}")
            }
            Self::AboveBound { price, bound } => {
                write!(f, "price {price} is not below {bound}, the most any volatility gives")
            }
        }
    }
}

impl core::error::Error for ImpliedFault {}

/// Total volatility `sqrt(w)` of a call price, `forward` and `strike` in `[1e-100, 1e100]`. A price that does not
/// exceed its intrinsic value by 1e-307 of `min(F, K)` gives zero.
///
/// # Errors
/// [`ImpliedFault`] when the price is outside `[max(F - K, 0), F)`.
pub fn call_vol(price: f64, forward: f64, strike: f64) -> Result<f64, ImpliedFault> {
    option_vol(price, forward, strike, forward)
}

/// Total volatility `sqrt(w)` of a put price; see [`call_vol`].
///
/// # Errors
/// [`ImpliedFault`] when the price is outside `[max(K - F, 0), K)`.
pub fn put_vol(price: f64, forward: f64, strike: f64) -> Result<f64, ImpliedFault> {
    option_vol(price, strike, forward, strike)
}

/// A put on `(F, K)` is a call on `(K, F)`.
fn option_vol(price: f64, forward: f64, strike: f64, bound: f64) -> Result<f64, ImpliedFault> {
    let intrinsic = max(forward - strike, 0.0);
    let low = min(forward, strike);
    let otm = price - intrinsic;
    if price.is_nan() || otm < 0.0 {
        return Err(ImpliedFault::BelowIntrinsic { price, intrinsic });
    }
    if price >= bound || otm >= low {
        return Err(ImpliedFault::AboveBound { price, bound });
    }
    let target = Target { y: abs(ln_ratio(forward, strike)), price: otm / low, missing: (low - otm) / low };
    Ok(if target.price < f64::MIN_POSITIVE { 0.0 } else { solve(target).0 })
}

/// `ln sqrt(2 pi)`.
const LN_SQRT_2PI: f64 = 0.9189385332046728;

/// An out-of-the-money call on a forward of one: `y = ln(K/F) >= 0`, its price and one less its price.
#[derive(Clone, Copy)]
struct Target {
    y: f64,
    price: f64,
    missing: f64,
}

/// Which objective a target is solved on.
enum Objective {
    /// `(-ln price)^(-1/2)`, below the inflection; holds `ln price`.
    LogPrice(f64),
    /// The price, between the inflection and one half.
    Price(f64),
    /// `ln(1 - price)`, which it holds.
    LogMissing(f64),
}

/// More steps than any target on a grid over the whole domain takes.
const MAX_STEPS: u32 = 12;

/// The total volatility and the number of steps taken.
fn solve(target: Target) -> (f64, u32) {
    let (objective, mut v, least, most) = start(target);
    // The root stays between these whatever a step proposes.
    let (mut least, mut most) = (least, most);
    for step in 1..=MAX_STEPS {
        let change = objective.step(target.y, v);
        if change < 0.0 {
            most = min(most, v)
        } else {
            least = max(least, v)
        }
        let mut next = v + change;
        if !(least <= next && next <= most) {
            next = if most == f64::INFINITY { 2.0 * v } else { 0.5 * (least + most) };
        }
        let done = abs(next - v) <= 2e-5 * v;
        v = next;
        if done {
            return (v, step);
        }
    }
    (v, MAX_STEPS)
}

/// An objective, a starting value, and bounds of the root.
fn start(target: Target) -> (Objective, f64, f64, f64) {
    let inflection = sqrt(2.0 * target.y);
    // At the inflection d1 is zero.
    let price_there = INV_SQRT_2PI * mills_fall(0.0, inflection);
    if target.price < price_there {
        let log = ln(target.price);
        let v = min(target.y / start_distance(target.y, log), inflection);
        return (Objective::LogPrice(log), v, 0.0, inflection);
    }
    let missing_there = 1.0 - price_there;
    let (z, slope) = (ln_ratio(missing_there, target.missing), INV_SQRT_2PI / missing_there);
    let v = inflection + 4.0 * (sqrt(slope * slope + 0.5 * z) - slope);
    let objective = if target.price < 0.5 {
        Objective::Price(target.price)
    } else {
        Objective::LogMissing(ln(target.missing))
    };
    (objective, v, inflection, f64::INFINITY)
}

/// About `h = y / v` below the inflection, from `price = e^(y/2) v n(h) (1 - h M(h)) e^(-v^2/8)`, exact for small `v`, with
/// `1 / (1 + 1.25 h + h^2)` for `1 - h M(h)`.
fn start_distance(y: f64, log_price: f64) -> f64 {
    let wanted = 0.5 * y + ln(y) - log_price - LN_SQRT_2PI;
    let least = sqrt(0.5 * y);
    let mut h = if wanted < 0.0 {
        let e = exp(wanted);
        e / (1.0 + 1.25 * e)
    } else {
        sqrt(0.2 + 2.0 * wanted * wanted / (wanted + 3.0))
    };
    for _ in 0..2 {
        h = max(h, least);
        let fall = 1.0 + (1.25 + h) * h;
        let v = y / h;
        let excess = 0.5 * h * h + 0.125 * v * v + ln(h * fall) - wanted;
        h -= excess / (h + 1.0 / h + (1.25 + 2.0 * h) / fall - 0.25 * v * v / h);
    }
    max(h, least)
}

impl Objective {
    /// Householder's step of order four from `v`.
    #[inline]
    fn step(&self, y: f64, v: f64) -> f64 {
        let ratio = y / v;
        let a = ratio - 0.5 * v;
        // Second and third derivative of the price in `v`, over its first.
        let (q, r) = (ratio * ratio / v - 0.25 * v, ratio / v);
        let (second, third) = (q, q * q - 3.0 * (r * r) - 0.25);
        match *self {
            Objective::LogPrice(wanted) => {
                let fall = mills_fall(a, v);
                let log = ln(fall) - 0.5 * (a * a) - LN_SQRT_2PI;
                let slope = 1.0 / fall;
                let newton = 2.0 * log * (1.0 - sqrt(log / wanted)) * fall;
                let (second, third) = of_logarithm(slope, second, third);
                let (p1, p2) = (1.5 / -log * slope, 3.75 / (log * log) * (slope * slope));
                householder(newton, second + p1, third + 3.0 * p1 * second + p2)
            }
            Objective::Price(wanted) => {
                let density = INV_SQRT_2PI * exp(-0.5 * (a * a));
                let price = if v <= SHORT {
                    density * mills_fall(a, v)
                } else {
                    1.0 - density * (mills(max(-a, 0.0)) + mills(a + v))
                };
                householder((wanted - price) / density, second, third)
            }
            Objective::LogMissing(wanted) => {
                let sum = mills(max(-a, 0.0)) + mills(a + v);
                let log = ln(sum) - 0.5 * (a * a) - LN_SQRT_2PI;
                let (second, third) = of_logarithm(-1.0 / sum, second, third);
                householder((log - wanted) * sum, second, third)
            }
        }
    }
}

/// Ratios of the second and third derivative of a logarithm to its first, the slope, from those of its argument.
fn of_logarithm(slope: f64, second: f64, third: f64) -> (f64, f64) {
    (second - slope, third - 3.0 * second * slope + 2.0 * (slope * slope))
}

/// Newton's step corrected by the ratios of the second and third derivative to the first.
fn householder(newton: f64, second: f64, third: f64) -> f64 {
    let factor = (1.0 + 0.5 * newton * second) / (1.0 + newton * (second + newton * third / 6.0));
    // Far from the root the correction may point anywhere.
    if 0.2 < factor && factor < 5.0 { newton * factor } else { newton }
}

/// Up to this volatility the fall of the Mills ratio is integrated: a difference would lose its digits.
const SHORT: f64 = 0.75;

/// `M(a) - M(a + v)` of the Mills ratio, relatively accurate: for `a >= 0`, and for `a >= -v/2` while `v <= SHORT`.
fn mills_fall(a: f64, v: f64) -> f64 {
    if v > SHORT {
        return mills(a) - mills(a + v);
    }
    let mut sum = 0.0;
    if v <= 0.125 {
        for (x, weight) in GAUSS_5 {
            sum += weight * slope(a + v * x);
        }
    } else {
        for (x, weight) in GAUSS_8 {
            sum += weight * slope(a + v * x);
        }
    }
    v * sum
}

/// `-M'(x) = 1 - x M(x)` for `-0.75 <= x`, relatively accurate.
#[inline(always)]
fn slope(x: f64) -> f64 {
    horner(x, &SLOPE_P) / horner(x, &SLOPE_Q)
}

/// Abscissas and weights of Gauss and Legendre on the unit interval.
const GAUSS_5: [(f64, f64); 5] = [
    (0.046910077030668004, 0.11846344252809454),
    (0.23076534494715845, 0.23931433524968324),
    (0.5, 0.28444444444444444),
    (0.7692346550528415, 0.23931433524968324),
    (0.953089922969332, 0.11846344252809454),
];
const GAUSS_8: [(f64, f64); 8] = [
    (0.019855071751231884, 0.05061426814518813),
    (0.10166676129318664, 0.11119051722668724),
    (0.2372337950418355, 0.15685332293894363),
    (0.4082826787521751, 0.181341891689181),
    (0.591717321247825, 0.181341891689181),
    (0.7627662049581645, 0.15685332293894363),
    (0.8983332387068134, 0.11119051722668724),
    (0.9801449282487681, 0.05061426814518813),
];

const SLOPE_P: [f64; 12] = [
    1.0,
    1.4817485915173043,
    1.1121631326764594,
    0.5468744428210076,
    0.1935609457364224,
    0.051436170254110465,
    0.010433575692591464,
    0.001613292197125636,
    0.00018646417569058462,
    1.538252386314461e-05,
    8.192918743946524e-07,
    2.1524943797260094e-08,
];
const SLOPE_Q: [f64; 14] = [
    1.0,
    2.735062728832805,
    3.540055917167325,
    2.875270910519149,
    1.63773576824685,
    0.6921404060894489,
    0.22377729612670802,
    0.05618465580195948,
    0.010988052467406126,
    0.0016593106190652953,
    0.00018892205131366776,
    1.5447098694536792e-05,
    8.192918743946518e-07,
    2.1524943797260094e-08,
];

#[cfg(test)]
mod tests;
