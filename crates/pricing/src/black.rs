//! Undiscounted European options on a forward.
//!
//! F. Black, "The pricing of commodity contracts", Journal of Financial Economics 3 (1976) 167-179, in total
//! variance `w = sigma^2 T`. The option out of the money is computed and the other follows by parity. With
//! `K n(d2) = F n(d1)` one logarithm, one exponential and two Mills ratios give the price and every greek.

use crate::math::{INV_SQRT_2PI, TAIL, abs, exp, ln_ratio, max, mills_parts, min, sqrt};
use crate::wide::{self, Kernel};

/// The least total variance priced; less is raised to it.
pub const MIN_VARIANCE: f64 = 1e-14;

/// Prices and sensitivities of a call and a put of one strike. Derivatives are in the forward `F` and in
/// `v = sqrt(w)`, the total volatility.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BlackGreeks {
    /// Call price.
    pub call: f64,
    /// Put price.
    pub put: f64,
    /// `dC/dF = N(d1)`; the put's is one less.
    pub delta: f64,
    /// `d2C/dF2 = n(d1) / (F v)`, also the put's.
    pub gamma: f64,
    /// `dC/dv = F n(d1)`, also the put's. Per 1.00 of annual volatility: times `sqrt(T)`.
    pub vega: f64,
    /// `dC/dK = -N(d2)`; the put's is one more.
    pub dual_delta: f64,
    /// `d2C/dF dv = -n(d1) d2 / v`, also the put's.
    pub vanna: f64,
    /// `d2C/dv2 = F n(d1) d1 d2 / v`, also the put's.
    pub volga: f64,
}

/// The out-of-the-money option with its ingredients. It is always a call struck at the larger of forward and
/// strike on the smaller: a put on `(F, K)` out of the money is worth the call on `(K, F)`.
pub(crate) struct Core {
    pub price: f64,
    /// `F n(d1)`, the vega in total volatility, the same for both options and both roles of `F` and `K`.
    pub edge: f64,
    pub d1: f64,
    pub v: f64,
    /// The Mills ratios of `|d1|` and `-d2` as fractions.
    pub a: (f64, f64),
    pub b: (f64, f64),
}

/// `low` is the smaller of forward and strike, `x = -|ln(F/K)|`, `w` the total variance.
#[inline(always)]
pub(crate) fn core(low: f64, x: f64, w: f64) -> Core {
    let v = sqrt(max(w, MIN_VARIANCE));
    let ratio = x / v;
    let half = 0.5 * v;
    let d1 = ratio + half;
    let size = abs(d1);
    let bell = exp(-0.5 * (size * size));
    let edge = if size > TAIL { 0.0 } else { low * INV_SQRT_2PI * bell };
    let a = mills_parts(size);
    let b = mills_parts(half - ratio);
    let (left, right) = (a.0 * b.1, b.0 * a.1);
    let below = d1 <= 0.0;
    let part = edge * ((if below { left - right } else { left + right }) / (a.1 * b.1));
    Core { price: if below { part } else { low - part }, edge, d1, v, a, b }
}

#[inline(always)]
fn debug_domain(forward: f64, strike: f64, w: f64) {
    debug_assert!((1e-100..=1e100).contains(&forward), "forward {forward}");
    debug_assert!((1e-100..=1e100).contains(&strike), "strike {strike}");
    debug_assert!((0.0..=1e6).contains(&w), "total variance {w}");
}

#[inline(always)]
fn otm(forward: f64, strike: f64, w: f64) -> f64 {
    debug_domain(forward, strike, w);
    core(min(forward, strike), -abs(ln_ratio(forward, strike)), w).price
}

/// Call price for a forward and strike in `[1e-100, 1e100]` and total variance in `[0, 1e6]`.
///
/// Variance below [`MIN_VARIANCE`] counts as that much. Where `|d1|` of the option out of the money exceeds 38 the
/// price is exactly intrinsic, or exactly the bound `F` when the variance is that large.
#[inline(always)]
pub fn call(forward: f64, strike: f64, w: f64) -> f64 {
    otm(forward, strike, w) + max(forward - strike, 0.0)
}

/// Put price; see [`call`] for the domain.
#[inline(always)]
pub fn put(forward: f64, strike: f64, w: f64) -> f64 {
    otm(forward, strike, w) + max(strike - forward, 0.0)
}

/// Both prices and all sensitivities; see [`call`] for the domain.
#[inline(always)]
pub fn greeks(forward: f64, strike: f64, w: f64) -> BlackGreeks {
    debug_domain(forward, strike, w);
    greeks_from_log(forward, strike, ln_ratio(strike, forward), w)
}

/// [`greeks`] with `k = ln(K/F)` already known.
#[inline(always)]
pub(crate) fn greeks_from_log(forward: f64, strike: f64, k: f64, w: f64) -> BlackGreeks {
    let c = core(min(forward, strike), -abs(k), w);
    let (near, far) = (c.a.0 / c.a.1, c.b.0 / c.b.1);
    // N(d1') and N(d2') of the option out of the money, per unit of the smaller and of the larger price.
    let e = c.edge / min(forward, strike);
    let tail = e * near;
    let first = if c.d1 <= 0.0 { tail } else { 1.0 - tail };
    let second = c.edge / max(forward, strike) * far;
    let above = forward <= strike;
    // With the roles of F and K exchanged, d1 = -d2' and d2 = -d1'.
    let delta = if above { first } else { 1.0 - second };
    let dual_delta = if above { -second } else { -(1.0 - first) };
    let d2 = c.d1 - c.v;
    let (d1, d2) = if above { (c.d1, d2) } else { (-d2, -c.d1) };
    BlackGreeks {
        call: c.price + max(forward - strike, 0.0),
        put: c.price + max(strike - forward, 0.0),
        delta,
        gamma: c.edge / (forward * forward * c.v),
        vega: c.edge,
        dual_delta,
        vanna: -(c.edge / forward) * (d2 / c.v),
        volga: c.edge * (d1 * d2 / c.v),
    }
}

struct Batch<'a> {
    forwards: &'a [f64],
    strikes: &'a [f64],
    variances: &'a [f64],
    out: &'a mut [f64],
}

impl Kernel for Batch<'_> {
    #[inline(always)]
    fn run(self) {
        let rows = self.forwards.iter().zip(self.strikes).zip(self.variances);
        for (out, ((&f, &k), &w)) in self.out.iter_mut().zip(rows) {
            *out = call(f, k, w);
        }
    }
}

/// Call prices of many options, bit for bit those of [`call`].
///
/// # Panics
/// If the slices differ in length.
pub fn price_batch(forwards: &[f64], strikes: &[f64], variances: &[f64], out: &mut [f64]) {
    assert!(
        forwards.len() == out.len() && strikes.len() == out.len() && variances.len() == out.len(),
        "price_batch needs slices of one length"
    );
    wide::run(Batch { forwards, strikes, variances, out });
}
