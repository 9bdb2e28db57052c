//! The level of implied vol, from the vol that a tape has realised.

use borsh::{BorshDeserialize, BorshSerialize};
use cenote_pricing::math::{exp, expm1, ln_ratio};
use cenote_units::Timestamp;

/// Half-lives of the averages of variance, days.
const HALF_LIVES: [f64; 3] = [1.0, 6.0, 40.0];
/// Weights of the averages in the variance of the next instant, and in the one it returns to.
const NOW: [f64; 3] = [0.5, 0.4, 0.1];
const LATER: [f64; 3] = [0.1, 0.3, 0.6];
/// Rate of return to the later variance, a year.
const REVERSION: f64 = 8.0;
/// Implied vol over realised vol.
const PREMIUM: f64 = 1.1;
/// Bounds of a year's variance: vols of 10% and 400%.
const VARIANCE: (f64, f64) = (0.01, 16.0);

/// Averages of squared returns with memories of a day, a week and six weeks.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Level {
    averages: [f64; 3],
    last: Option<(Timestamp, f64)>,
}

impl Level {
    /// A level that has known one variance a year for ever.
    #[must_use]
    pub fn new(variance: f64) -> Self {
        Self { averages: [variance.clamp(VARIANCE.0, VARIANCE.1); 3], last: None }
    }

    /// Learns a price.
    pub fn observe(&mut self, at: Timestamp, price: f64) {
        let Some((before, old)) = self.last.replace((at, price)) else { return };
        let days = at.since(before).get() as f64 / 86_400_000.0;
        if days <= 0.0 {
            return;
        }
        let change = ln_ratio(price, old);
        let variance = change * change * 365.0 / days;
        for (average, half_life) in self.averages.iter_mut().zip(HALF_LIVES) {
            let kept = exp(-core::f64::consts::LN_2 * days / half_life);
            *average = *average * kept + variance * (1.0 - kept);
        }
    }

    /// Variance a year of the next instant, without any premium.
    #[must_use]
    pub fn realised(&self) -> f64 {
        NOW.iter().zip(&self.averages).map(|(w, a)| w * a).sum()
    }

    /// Mean implied variance a year over `years` from now.
    #[must_use]
    pub fn variance(&self, years: f64) -> f64 {
        let blend =
            |weights: [f64; 3]| -> f64 { weights.iter().zip(&self.averages).map(|(w, a)| w * a).sum() };
        let (now, later) = (blend(NOW), blend(LATER));
        let reach = REVERSION * years.max(1e-6);
        let share = -expm1(-reach) / reach;
        (PREMIUM * PREMIUM * (later + (now - later) * share)).clamp(VARIANCE.0, VARIANCE.1)
    }
}
