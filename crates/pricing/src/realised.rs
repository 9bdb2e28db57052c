//! A volatility surface estimated from the price itself, for assets without an options market.
//!
//! Squared log returns over five minutes feed two exponential averages. Each return is capped in units of the
//! fast average's own deviation, so one print moves the fast volatility by at most 1.8% (at the defaults). The
//! term structure reverts from the fast to the slow average; its forward variance is positive at every tenor.

use crate::math::{exp, ln_ratio, max, min, sqrt};
use crate::surface::{Node, Surface};
use alloc::vec::Vec;
use core::f64::consts::LN_2;

/// Milliseconds between samples. A longer step would let one print weigh more.
pub const SAMPLE_MS: u64 = 300_000;

/// The averages never fall below this volatility: a frozen price could not be left again under the cap.
pub const MIN_VOL: f64 = 0.05;

/// How an estimator learns and which smile it is given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RealisedRules {
    /// Half-life of the fast average, days.
    pub fast_days: f64,
    /// Half-life of the slow average, days.
    pub slow_days: f64,
    /// Half-life of the reversion from fast to slow along the term structure, days.
    pub reversion_days: f64,
    /// Most standard deviations of the fast average that a return counts for.
    pub cap_sigmas: f64,
    /// Factor on volatility: the risk premium.
    pub premium: f64,
    /// Correlation of every slice, within `[-0.9, 0.9]`.
    pub rho: f64,
    /// `psi / sqrt(theta)` of every slice, within `[0, 1]`.
    pub slope: f64,
}

impl RealisedRules {
    /// Half-lives of a day and of sixty, reversion over a week, returns capped at four sigma, a premium of 1.20.
    pub const DEFAULT: RealisedRules = RealisedRules {
        fast_days: 1.0,
        slow_days: 60.0,
        reversion_days: 7.0,
        cap_sigmas: 4.0,
        premium: 1.2,
        rho: -0.33,
        slope: 0.8,
    };
}

impl Default for RealisedRules {
    fn default() -> RealisedRules {
        RealisedRules::DEFAULT
    }
}

/// What a price did to the estimator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sampling {
    /// Five minutes have not passed since the last sample.
    Waiting,
    /// A return was learned from.
    Learned,
    /// The first price, or the first after a gap of two sampling periods or more: a return over that long is not
    /// learned from, sampling starts again here.
    Restarted,
}

/// The state of the estimator of one asset.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "borsh", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RealisedVol {
    /// Time of the last sample, milliseconds.
    pub sampled_at_ms: u64,
    /// Price at the last sample; zero before the first.
    pub sampled_price: f64,
    /// Fast average of annual variance.
    pub fast: f64,
    /// Slow average of annual variance.
    pub slow: f64,
    /// Returns learned from.
    pub samples: u64,
}

impl RealisedVol {
    /// An estimator that believes in a volatility, at least [`MIN_VOL`], until it has seen returns.
    pub fn new(initial_vol: f64) -> RealisedVol {
        debug_assert!((0.0..=100.0).contains(&initial_vol), "initial volatility {initial_vol}");
        let variance = max(initial_vol * initial_vol, MIN_VOL * MIN_VOL);
        RealisedVol { sampled_at_ms: 0, sampled_price: 0.0, fast: variance, slow: variance, samples: 0 }
    }

    /// Takes note of a price, positive and normal. Times must not go back; one that does counts as no time at all.
    pub fn observe(&mut self, rules: &RealisedRules, at_ms: u64, price: f64) -> Sampling {
        let step_ms = at_ms.saturating_sub(self.sampled_at_ms);
        if self.sampled_price == 0.0 || step_ms >= 2 * SAMPLE_MS {
            (self.sampled_at_ms, self.sampled_price) = (at_ms, price);
            return Sampling::Restarted;
        }
        if step_ms < SAMPLE_MS {
            return Sampling::Waiting;
        }
        let days = step_ms as f64 / 86_400_000.0;
        let change = ln_ratio(price, self.sampled_price);
        let cap = rules.cap_sigmas * rules.cap_sigmas * self.fast;
        let variance = min(change * change / (days / 365.0), cap);
        self.fast = average(self.fast, variance, days / rules.fast_days);
        self.slow = average(self.slow, variance, days / rules.slow_days);
        (self.sampled_at_ms, self.sampled_price) = (at_ms, price);
        self.samples += 1;
        Sampling::Learned
    }

    /// Total variance expected over `years >= 0` from now, premium included: what the fast average is above the
    /// slow one decays at the reversion rate.
    pub fn theta(&self, rules: &RealisedRules, years: f64) -> f64 {
        let rate = LN_2 * 365.0 / rules.reversion_days;
        let decayed = -crate::math::expm1(-rate * years) / rate;
        let premium = rules.premium * rules.premium;
        premium * (self.slow * years + (self.fast - self.slow) * decayed)
    }

    /// The surface at the given tenors in years, ascending, with no carry. It meets every condition of
    /// [`Surface::check`] for `g_max`, with room for its numbers to be rounded: theta rises, `psi = slope sqrt(theta)`
    /// rises with it up to what the wings allow, and phi falls.
    pub fn surface(&self, rules: &RealisedRules, tenors: &[f64], g_max: f64) -> Surface {
        let rho = min(max(rules.rho, -0.9), 0.9);
        let slope = min(max(rules.slope, 0.0), 1.0);
        let psi_max = 3.9 / (sqrt(g_max) * (1.0 + crate::math::abs(rho)));
        let nodes: Vec<Node> = tenors
            .iter()
            .map(|&tenor| {
                let theta = self.theta(rules, tenor);
                Node { tenor, theta, rho, psi: min(slope * sqrt(theta), psi_max), carry: 0.0 }
            })
            .collect();
        Surface::new(nodes)
    }
}

/// One step of an exponential average over a time in half-lives, kept above the least variance.
fn average(mean: f64, value: f64, half_lives: f64) -> f64 {
    let kept = exp(-LN_2 * half_lives);
    max(kept * mean + (1.0 - kept) * value, MIN_VOL * MIN_VOL)
}

#[cfg(test)]
mod tests;
