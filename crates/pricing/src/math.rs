//! Elementary functions and the normal distribution, free of branches so that loops over them vectorise.
//!
//! Each function documents its domain; debug builds assert it. Polynomial coefficients are Chebyshev fits and the
//! tail of the normal distribution a weighted rational fit, both made by `tests/reference/fit_kernels.py`.
//!
//! Largest errors in units of the last place, against sixty digits (`cargo test -p cenote-pricing --test reference --
//! --nocapture`): `exp` 0.80, `expm1` 0.73, `ln` 0.74, `log1p` 0.71, `ln_ratio` 1.5, `norm_pdf` 1.9; `mills` 5.9 and
//! `norm_cdf` 6.9, both in the far tail.

use core::f64::consts::{LOG2_E, SQRT_2};

/// `1 / sqrt(2 pi)`.
pub const INV_SQRT_2PI: f64 = 0.398_942_280_401_432_7;
const SQRT_2PI: f64 = 2.506_628_274_631_000_5;

/// `ln 2` to 41 bits: its product with an integer of 11 bits is exact.
const LN2_HI: f64 = 0.693_147_180_559_663;
const LN2_LO: f64 = 2.823_529_056_303_157_7e-13;
/// Adding and subtracting `1.5 * 2^52` rounds to the nearest integer and leaves it in the low mantissa bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
const ONE_BITS: u64 = 0x3ff0_0000_0000_0000;
const MANTISSA: u64 = 0x000f_ffff_ffff_ffff;
const SQRT_HALF_BITS: u64 = 0x3fe6_a09e_667f_3bcd;

/// Beyond this many standard deviations the normal density is zero for every use made of it here.
pub const TAIL: f64 = 38.0;

/// The square root, correctly rounded.
#[inline(always)]
pub fn sqrt(x: f64) -> f64 {
    #[cfg(feature = "std")]
    {
        x.sqrt()
    }
    #[cfg(not(feature = "std"))]
    {
        libm::sqrt(x)
    }
}

/// The smaller of two numbers. Unlike `f64::min` it maps to one machine instruction, since no input is NaN.
#[inline(always)]
pub const fn min(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// The larger of two numbers.
#[inline(always)]
pub const fn max(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// `|x|` by clearing the sign bit.
#[inline(always)]
pub const fn abs(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & !(1 << 63))
}

/// Horner's rule, lowest coefficient first.
#[inline(always)]
pub(crate) fn horner<const N: usize>(x: f64, coefficients: &[f64; N]) -> f64 {
    let mut sum = coefficients[N - 1];
    let mut i = N - 1;
    while i > 0 {
        i -= 1;
        sum = sum * x + coefficients[i];
    }
    sum
}

/// `(e^r - 1 - r) / r^2` on `|r| <= ln(2)/2`.
const EXP: [f64; 10] = [
    0.5000000000000001,
    0.16666666666666669,
    0.04166666666662413,
    0.008333333333330062,
    0.0013888888917213717,
    0.00019841269863053618,
    2.4801521295954376e-05,
    2.7557268459997064e-06,
    2.7620088445409746e-07,
    2.510038549551032e-08,
];

/// `x - k ln 2` as a sum `r + c`, with `k` the nearest integer to `x / ln 2`.
#[inline(always)]
fn reduce(x: f64, tail: f64) -> (f64, f64, f64) {
    let k = (x * LOG2_E + ROUND) - ROUND;
    let high = x - k * LN2_HI;
    let low = k * LN2_LO - tail;
    let r = high - low;
    (k, r, (high - r) - low)
}

/// `2^k` for an integer `-1022 <= k <= 1023` held in a float.
#[inline(always)]
fn power_of_two(k: f64) -> f64 {
    f64::from_bits(((k + ROUND).to_bits() << 52).wrapping_add(ONE_BITS))
}

/// `y 2^k` in two steps, so that the result may be subnormal.
#[inline(always)]
fn scale(y: f64, k: f64) -> f64 {
    let half = (k * 0.5 + ROUND) - ROUND;
    y * power_of_two(half) * power_of_two(k - half)
}

/// `e^(x + tail)` for `-746 <= x <= 709.78` and `|tail| < 2e-5`.
#[inline(always)]
fn exp_sum(x: f64, tail: f64) -> f64 {
    let (k, r, c) = reduce(x, tail);
    scale(1.0 + (r + (r * r * horner(r, &EXP) + c)), k)
}

/// `e^x`, for any `x` but NaN: zero below -746, infinite above 709.78.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    debug_assert!(!x.is_nan(), "exp of NaN");
    exp_sum(min(max(x, -746.0), 710.0), 0.0)
}

/// `e^x - 1` without cancellation near zero, for any `x` but NaN.
#[inline(always)]
pub fn expm1(x: f64) -> f64 {
    debug_assert!(!x.is_nan(), "expm1 of NaN");
    let (k, r, c) = reduce(min(max(x, -50.0), 710.0), 0.0);
    let q = r + (r * r * horner(r, &EXP) + c);
    let half = (k * 0.5 + ROUND) - ROUND;
    let (first, second) = (power_of_two(half), power_of_two(k - half));
    // `2^k (1 + q) - 1` with the one taken off first where the power is moderate: both terms keep their digits.
    let moderate = (first * second - 1.0) + q * first * second;
    let large = (1.0 + q) * first * second;
    if k == 0.0 {
        q
    } else if k < 60.0 {
        moderate
    } else {
        large
    }
}

/// `2 (atanh(s)/s - 1) / s^2` in powers of `s^2`, for `s <= (sqrt 2 - 1)^2`.
const LN: [f64; 7] = [
    0.666666666666667,
    0.3999999999989938,
    0.28571428626031065,
    0.2222221112572281,
    0.18182889786191042,
    0.15331699633543858,
    0.14616721179861816,
];

/// `(k, f)` with `x = 2^k (1 + f)` and `1 + f` between the square roots of 1/2 and 2; `x` positive and normal.
#[inline(always)]
fn split(x: f64) -> (f64, f64) {
    let bits = x.to_bits().wrapping_add(ONE_BITS - SQRT_HALF_BITS);
    let mantissa = f64::from_bits((bits & MANTISSA) + SQRT_HALF_BITS);
    (exponent(bits), mantissa - 1.0)
}

/// The unbiased exponent field as a float.
#[inline(always)]
fn exponent(bits: u64) -> f64 {
    f64::from_bits((bits >> 52) | 0x4330_0000_0000_0000) - (4_503_599_627_370_496.0 + 1023.0)
}

/// `k ln 2 + ln(1 + f) + c`.
#[inline(always)]
fn ln_sum(k: f64, f: f64, c: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    let half_square = 0.5 * f * f;
    let rest = z * horner(z, &LN);
    k * LN2_HI - ((half_square - (s * (half_square + rest) + (k * LN2_LO + c))) - f)
}

/// The natural logarithm of a positive, finite number.
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    debug_assert!(x > 0.0 && x < f64::INFINITY, "ln of {x}");
    let subnormal = x < f64::MIN_POSITIVE;
    let (k, f) = split(if subnormal { x * 18_014_398_509_481_984.0 } else { x });
    ln_sum(if subnormal { k - 54.0 } else { k }, f, 0.0)
}

/// `ln(1 + x)` without cancellation near zero, for `-1 < x` finite.
#[inline(always)]
pub fn log1p(x: f64) -> f64 {
    debug_assert!(x > -1.0 && x < f64::INFINITY, "log1p of {x}");
    let u = 1.0 + x;
    // What the sum lost, exactly: the smaller addend is the one to recover.
    let lost = if x > 1.0 { 1.0 - (u - x) } else { x - (u - 1.0) };
    let (k, f) = split(u);
    if k == 0.0 { ln_sum(0.0, x, 0.0) } else { ln_sum(k, f, lost / u) }
}

/// `ln(a / b)` of two positive normal numbers, accurate relative to the logarithm itself however near they are.
///
/// The difference of two numbers within a factor of two is exact, so `2 atanh((a - b)/(a + b))` loses nothing
/// where the rounded quotient `a / b` would.
#[inline(always)]
pub fn ln_ratio(a: f64, b: f64) -> f64 {
    debug_assert!((f64::MIN_POSITIVE..f64::INFINITY).contains(&a), "ln_ratio numerator {a}");
    debug_assert!((f64::MIN_POSITIVE..f64::INFINITY).contains(&b), "ln_ratio denominator {b}");
    let k = exponent(a.to_bits()) - exponent(b.to_bits());
    let m = f64::from_bits((a.to_bits() & MANTISSA) | ONE_BITS);
    let n = f64::from_bits((b.to_bits() & MANTISSA) | ONE_BITS);
    let down = m > SQRT_2 * n;
    let up = n > SQRT_2 * m;
    let scaled = m * if down {
        0.5
    } else if up {
        2.0
    } else {
        1.0
    };
    let k = k + if down {
        1.0
    } else if up {
        -1.0
    } else {
        0.0
    };
    let s = (scaled - n) / (scaled + n);
    let z = s * s;
    k * LN2_HI + (2.0 * s + (s * z * horner(z, &LN) + k * LN2_LO))
}

/// Numerator and denominator of the scaled tail, all coefficients positive: no cancellation, and the right limit
/// beyond the fit.
const TAIL_P: [f64; 11] = [
    0.5,
    0.8588398839641218,
    0.7287415557208152,
    0.39588641094882876,
    0.15125686985611844,
    0.042314317065539,
    0.00877278262755808,
    0.0013338018774112427,
    0.00014303601552794642,
    9.857046952931051e-06,
    3.368132618955859e-07,
];
const TAIL_Q: [f64; 12] = [
    1.0,
    2.515564328731111,
    2.964613051042537,
    2.1653711599822096,
    1.091966744341951,
    0.4004262174136549,
    0.10936019318801396,
    0.022346954570695386,
    0.0033680534512739203,
    0.0003593823864584357,
    2.4707952596582344e-05,
    8.442656455381718e-07,
];

/// The scaled tail of the normal distribution, `e^(x^2/2) (1 - N(x))`, as a numerator and a denominator, for
/// `0 <= x <= 1e13`. It is the Mills ratio over `sqrt(2 pi)`, and exactly one half at zero.
#[inline(always)]
pub(crate) fn tail_parts(x: f64) -> (f64, f64) {
    (horner(x, &TAIL_P), horner(x, &TAIL_Q))
}

/// The Mills ratio `(1 - N(x)) / n(x)` of the standard normal distribution, for `0 <= x <= 1e13`.
#[inline(always)]
pub fn mills(x: f64) -> f64 {
    debug_assert!((0.0..=1e13).contains(&x), "mills of {x}");
    let (p, q) = tail_parts(x);
    p / q * SQRT_2PI
}

/// `e^(-x^2/2)`: the square is kept as a sum of two floats, or the tail would lose `x^2/2` ulps.
#[inline(always)]
fn bell(x: f64) -> f64 {
    let a = min(abs(x), TAIL + 1.0);
    let high = f64::from_bits(a.to_bits() & 0xffff_ffff_f800_0000);
    exp_sum(-0.5 * (high * high), -0.5 * ((a - high) * (a + high)))
}

/// The standard normal density.
#[inline(always)]
pub fn norm_pdf(x: f64) -> f64 {
    debug_assert!(!x.is_nan(), "norm_pdf of NaN");
    INV_SQRT_2PI * bell(x)
}

/// The standard normal distribution function, relatively accurate in the lower tail; 0 or 1 beyond 39.
#[inline(always)]
pub fn norm_cdf(x: f64) -> f64 {
    debug_assert!(!x.is_nan(), "norm_cdf of NaN");
    let a = min(abs(x), TAIL + 1.0);
    let (p, q) = tail_parts(a);
    let tail = bell(a) * (p / q);
    if x < 0.0 { tail } else { 1.0 - tail }
}
