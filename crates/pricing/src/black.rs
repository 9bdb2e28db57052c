//! Undiscounted European options on a forward.
//!
//! F. Black, "The pricing of commodity contracts", Journal of Financial Economics 3 (1976) 167-179, in total
//! variance `w = sigma^2 T`. The option out of the money is computed and the other follows by parity. With
//! `K n(d2) = F n(d1)` one logarithm, one exponential and two Mills ratios give the price and every greek.
//!
//! Largest errors against sixty digits (`--test reference`): prices 4.6e-16 of the larger of forward and strike, `delta`
//! 2.0e-16, `vega` 1.0e-16 of the forward.

use crate::math::{INV_SQRT_2PI, TAIL, abs, exp, ln_ratio, max, min, sqrt, tail_parts};
use crate::wide::{self, Kernel, Width};

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
    /// `F e^(-d1^2/2)`, the same for both roles of `F` and `K`; over `sqrt(2 pi)` it is the vega in total volatility.
    pub edge: f64,
    pub d1: f64,
    pub v: f64,
    /// The scaled tails at `|d1|` and `-d2`.
    pub near: f64,
    pub far: f64,
}

/// `d1`, `-d2` and the total volatility from `x = -|ln(F/K)|` and the total variance.
#[inline(always)]
fn distances(x: f64, w: f64) -> (f64, f64, f64) {
    let v = sqrt(max(w, MIN_VARIANCE));
    let ratio = x / v;
    let half = 0.5 * v;
    (ratio + half, half - ratio, v)
}

/// `low e^(-d1^2/2)`, zero beyond the tail.
#[inline(always)]
fn edge(low: f64, d1: f64) -> f64 {
    let bell = exp(-0.5 * (d1 * d1));
    if abs(d1) > TAIL { 0.0 } else { low * bell }
}

/// The price from the fractions of two scaled tails: one division for both.
#[inline(always)]
fn assemble(low: f64, edge: f64, d1: f64, a: (f64, f64), b: (f64, f64)) -> f64 {
    let (left, right) = (a.0 * b.1, b.0 * a.1);
    let below = d1 <= 0.0;
    let part = edge * ((if below { left - right } else { left + right }) / (a.1 * b.1));
    if below { part } else { low - part }
}

/// `low` is the smaller of forward and strike, `x = -|ln(F/K)|`, `w` the total variance.
#[inline(always)]
pub(crate) fn core(low: f64, x: f64, w: f64) -> Core {
    let (d1, d2_below, v) = distances(x, w);
    let edge = edge(low, d1);
    let (a, b) = (tail_parts(abs(d1)), tail_parts(d2_below));
    let price = assemble(low, edge, d1, a, b);
    Core { price, edge, d1, v, near: a.0 / a.1, far: b.0 / b.1 }
}

/// [`core`] for `N` options, bit for bit. One loop a stage: each is short enough for the processor to have several
/// iterations in flight, which a loop over the whole chain of dependent steps is not.
pub(crate) struct CoreLanes<const N: usize> {
    pub prices: [f64; N],
    edges: [f64; N],
    d1: [f64; N],
    d2_below: [f64; N],
    near: [[f64; N]; 2],
    far: [[f64; N]; 2],
}

impl<const N: usize> CoreLanes<N> {
    pub(crate) const ZERO: Self = Self {
        prices: [0.0; N],
        edges: [0.0; N],
        d1: [0.0; N],
        d2_below: [0.0; N],
        near: [[0.0; N]; 2],
        far: [[0.0; N]; 2],
    };

    #[inline(always)]
    pub(crate) fn fill(&mut self, low: &[f64; N], x: &[f64; N], w: &[f64; N]) {
        for i in 0..N {
            (self.d1[i], self.d2_below[i], _) = distances(x[i], w[i]);
        }
        for i in 0..N {
            self.edges[i] = edge(low[i], self.d1[i]);
        }
        for i in 0..N {
            (self.near[0][i], self.near[1][i]) = tail_parts(abs(self.d1[i]));
        }
        for i in 0..N {
            (self.far[0][i], self.far[1][i]) = tail_parts(self.d2_below[i]);
        }
        for i in 0..N {
            let (near, far) = ((self.near[0][i], self.near[1][i]), (self.far[0][i], self.far[1][i]));
            self.prices[i] = assemble(low[i], self.edges[i], self.d1[i], near, far);
        }
    }

    /// `N(d1)` and the vega in total volatility of one lane's option.
    #[inline(always)]
    pub(crate) fn delta_vega(&self, i: usize, forward: f64, strike: f64) -> (f64, f64) {
        let near = self.near[0][i] / self.near[1][i];
        let far = self.far[0][i] / self.far[1][i];
        let (first, second) = probabilities(forward, strike, self.edges[i], self.d1[i], near, far);
        (if forward <= strike { first } else { 1.0 - second }, self.edges[i] * INV_SQRT_2PI)
    }
}

/// `N(d1)` and `N(d2)` of the option out of the money. They serve the other roles of forward and strike too, whose
/// `d1` is `-d2'` and `d2` is `-d1'`.
#[inline(always)]
fn probabilities(forward: f64, strike: f64, edge: f64, d1: f64, near: f64, far: f64) -> (f64, f64) {
    let tail = edge / min(forward, strike) * near;
    (if d1 <= 0.0 { tail } else { 1.0 - tail }, edge / max(forward, strike) * far)
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
    let c = core(min(forward, strike), -abs(ln_ratio(forward, strike)), w);
    let above = forward <= strike;
    let (first, second) = probabilities(forward, strike, c.edge, c.d1, c.near, c.far);
    let vega = c.edge * INV_SQRT_2PI;
    let d2 = c.d1 - c.v;
    let (d1, d2) = if above { (c.d1, d2) } else { (-d2, -c.d1) };
    BlackGreeks {
        call: c.price + max(forward - strike, 0.0),
        put: c.price + max(strike - forward, 0.0),
        delta: if above { first } else { 1.0 - second },
        gamma: vega / (forward * forward * c.v),
        vega,
        dual_delta: if above { -second } else { first - 1.0 },
        vanna: -(vega / forward) * (d2 / c.v),
        volga: vega * (d1 * d2 / c.v),
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
        const N: usize = 32;
        let mut core = CoreLanes::<N>::ZERO;
        let mut start = 0;
        while start < self.out.len() {
            let rows = start..self.out.len().min(start + N);
            // Spare lanes price an option that needs no care.
            let (mut f, mut k, mut w) = ([1.0; N], [1.0; N], [1.0; N]);
            f[..rows.len()].copy_from_slice(&self.forwards[rows.clone()]);
            k[..rows.len()].copy_from_slice(&self.strikes[rows.clone()]);
            w[..rows.len()].copy_from_slice(&self.variances[rows.clone()]);
            let (mut low, mut x) = ([0.0; N], [0.0; N]);
            for i in 0..N {
                debug_domain(f[i], k[i], w[i]);
                low[i] = min(f[i], k[i]);
                x[i] = -abs(ln_ratio(f[i], k[i]));
            }
            core.fill(&low, &x, &w);
            for i in 0..N {
                core.prices[i] += max(f[i] - k[i], 0.0);
            }
            self.out[rows.clone()].copy_from_slice(&core.prices[..rows.len()]);
            start += N;
        }
    }
}

/// Call prices of many options, bit for bit those of [`call`].
///
/// # Panics
/// If the slices differ in length.
pub fn price_batch(forwards: &[f64], strikes: &[f64], variances: &[f64], out: &mut [f64]) {
    price_batch_at(Width::Widest, forwards, strikes, variances, out);
}

pub(crate) fn price_batch_at(
    width: Width,
    forwards: &[f64],
    strikes: &[f64],
    variances: &[f64],
    out: &mut [f64],
) {
    assert!(
        forwards.len() == out.len() && strikes.len() == out.len() && variances.len() == out.len(),
        "price_batch needs slices of one length"
    );
    wide::run(width, Batch { forwards, strikes, variances, out });
}
