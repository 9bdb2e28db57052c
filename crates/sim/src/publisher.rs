//! Who publishes a market's surface: its level follows the vol that the tape has realised, its shape a real chain's.

mod level;
mod shape;

pub use level::Level;
pub use shape::Shape;

use crate::rng::Rng;
use borsh::{BorshDeserialize, BorshSerialize};
use cenote_engine::command::SurfaceNode;
use cenote_engine::params::MarketRules;
use cenote_engine::quote::ratio;
use cenote_engine::state::PublishedSurface;
use cenote_pricing::math::{exp, max, sqrt};
use cenote_pricing::{Grid, Node, Surface};
use cenote_units::{Price, Timestamp};

/// Standard deviation of the log of published over true vol.
const ERROR_SD: f64 = 0.015;
/// Half-life of that error, days.
const ERROR_HALF_LIFE: f64 = 4.0 / 24.0;
/// The share of the engine's rate limit that a publish uses: what it moves further it moves next time.
const STEP_SHARE: f64 = 0.9;

/// The least vol that a shift leaves.
const VOL_MIN: f64 = 0.1;

/// Publishes surfaces that are right but for a small, slowly moving error.
#[derive(Debug, Clone)]
pub struct Publisher {
    shape: Shape,
    belief: Belief,
    g_max: f64,
    /// The rate limit: a share of vol at once, and more by the root of days.
    step: (f64, f64),
}

/// What a publisher has learnt, and its error: all of it that changes.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Belief {
    level: Level,
    /// On top of every vol, per 1.00.
    shift: f64,
    rng: Rng,
    error: f64,
    error_at: Timestamp,
}

impl Belief {
    /// The vol that the price has had of late, per 1.00 a year.
    #[must_use]
    pub fn realised_vol(&self) -> f64 {
        sqrt(self.level.realised())
    }

    /// Mean implied variance a year over `years` from now.
    fn variance(&self, years: f64) -> f64 {
        let variance = self.level.variance(years);
        if self.shift == 0.0 {
            return variance;
        }
        let vol = max(sqrt(variance) + self.shift, VOL_MIN);
        vol * vol
    }
}

impl Publisher {
    /// A publisher that believes in `variance` a year until the tape has taught it better.
    #[must_use]
    pub fn new(shape: Shape, rules: &MarketRules, variance: f64, seed: u64) -> Self {
        Self {
            shape,
            belief: Belief {
                level: Level::new(variance),
                shift: 0.0,
                rng: Rng::new(seed, 0x5f1e),
                error: 0.0,
                error_at: Timestamp::ZERO,
            },
            g_max: Grid::with_vol_of_vol(ratio(rules.vol_of_vol)).g_max(),
            step: (ratio(rules.surface_step), ratio(rules.surface_step_day)),
        }
    }

    /// Learns a price.
    pub fn observe(&mut self, at: Timestamp, price: Price) {
        self.belief.level.observe(at, cenote_engine::quote::price(price));
    }

    /// Moves every vol, now and from now on, by `by` per 1.00; published as fast as the rate limit lets it.
    pub fn shift(&mut self, by: f64) {
        self.belief.shift += by;
    }

    /// What it has learnt.
    #[must_use]
    pub fn belief(&self) -> &Belief {
        &self.belief
    }

    /// Goes on from what was learnt before.
    pub fn restore(&mut self, belief: Belief) {
        self.belief = belief;
    }

    /// The surface that options are worth.
    #[must_use]
    pub fn truth(&self) -> Surface {
        let nodes = self.shape.nodes(|years| self.belief.variance(years), self.g_max, |_, theta| theta);
        Surface::new(nodes)
    }

    /// The surface to publish at a moment: the true one but for the error, within the rate limit around the
    /// market's anchor.
    pub fn publish(&mut self, at: Timestamp, anchor: Option<&PublishedSurface>) -> Vec<SurfaceNode> {
        let belief = &mut self.belief;
        let days = at.since(belief.error_at).get() as f64 / 86_400_000.0;
        let kept = exp(-core::f64::consts::LN_2 * days / ERROR_HALF_LIFE);
        belief.error = belief.error * kept + ERROR_SD * sqrt(1.0 - kept * kept) * belief.rng.normal();
        belief.error_at = at;
        let factor = exp(2.0 * belief.error);
        let limits = anchor.map(|anchor| self.limits(at, anchor)).unwrap_or_default();
        let within = |index: usize, theta: f64| match limits.get(index) {
            Some((least, most)) => (theta * factor).clamp(*least, *most),
            None => theta * factor,
        };
        let nodes = self.shape.nodes(|years| self.belief.variance(years), self.g_max, within);
        nodes.iter().zip(self.shape.tenors()).map(to_published).collect()
    }

    /// Least and greatest theta of each node by the rate limit.
    fn limits(&self, at: Timestamp, anchor: &PublishedSurface) -> Vec<(f64, f64)> {
        let days = at.since(anchor.published_at).get() as f64 / 86_400_000.0;
        let step = STEP_SHARE * (self.step.0 + self.step.1 * sqrt(days));
        let (down, up) = ((1.0 - step).max(0.1), 1.0 + step);
        let around = |node: &SurfaceNode| {
            let theta = node.theta_e12 as f64 / 1e12;
            (theta * down * down, theta * up * up)
        };
        anchor.nodes.iter().map(around).collect()
    }
}

/// A node in whole numbers, each to the nearest.
fn to_published((node, tenor_s): (&Node, u32)) -> SurfaceNode {
    SurfaceNode {
        tenor_s,
        theta_e12: (node.theta * 1e12).round() as u64,
        rho_e9: (node.rho * 1e9).round() as i32,
        psi_e12: (node.psi * 1e12).round() as u64,
        carry_e12: (node.carry * 1e12).round() as i64,
    }
}

/// A published surface as the kernels take it.
#[must_use]
pub fn kernel_surface(nodes: &[SurfaceNode]) -> Surface {
    let node = |node: &SurfaceNode| Node {
        tenor: f64::from(node.tenor_s) / 31_536_000.0,
        theta: node.theta_e12 as f64 / 1e12,
        rho: f64::from(node.rho_e9) / 1e9,
        psi: node.psi_e12 as f64 / 1e12,
        carry: node.carry_e12 as f64 / 1e12,
    };
    Surface::new(nodes.iter().map(node).collect())
}

#[cfg(test)]
mod tests;
