//! Jumps of the index, and the vol of the last hour that they are measured against.

use super::scale::{price, ratio, years};
use super::surface::{node_of, to_node};
use crate::params::{MarketParams, MarketRules, RealisedSmile, SurfaceSource};
use crate::state::{Market, PublishedSurface, Tick};
use cenote_pricing::math::{abs, exp, ln, max, sqrt};
use cenote_pricing::{Grid, RealisedRules, RealisedVol, Surface};
use cenote_units::{Millis, Price, Timestamp};

/// Natural logarithm of two.
const LN_2: f64 = core::f64::consts::LN_2;
/// An hour in years.
const HOUR: f64 = 1.0 / 8_760.0;

/// Rule P3: whether a price is too far from another to be believed at once.
pub(crate) fn jumps(from: Price, to: Price, dt: Millis, sigma: f64, rules: &MarketRules) -> bool {
    let moved = abs(ln(price(to) / price(from)));
    let usual = ratio(rules.jump_sigmas) * sigma * sqrt(years(dt));
    moved > max(ratio(rules.jump_floor), usual)
}

/// The sigma of rule P3: the larger of the surface's seven-day vol and the last hour's.
pub(crate) fn guard_sigma(market: &Market) -> f64 {
    let reference = market
        .surface
        .as_ref()
        .map_or(0.0, |surface| Surface::new(surface.nodes.iter().map(node_of).collect()).sigma_ref());
    max(reference, sqrt(market.hour_variance))
}

/// What a new price teaches a market: the last hour's variance, and its surface where that comes from the price.
pub(crate) fn learn(
    market: &mut Market,
    params: &MarketParams,
    before: Option<&Tick>,
    to: Price,
    at: Timestamp,
) {
    if let Some(before) = before {
        let dt = at.since(before.published_at);
        market.hour_variance = hour_variance(market.hour_variance, before.price, to, dt);
    }
    let (SurfaceSource::Realised(smile), Some(realised)) = (&params.surface, &mut market.realised) else {
        return;
    };
    let rules = realised_rules(smile);
    realised.observe(&rules, at.millis(), price(to));
    let grid = Grid::with_vol_of_vol(ratio(params.rules.vol_of_vol));
    let tenors = TENORS_S.map(|seconds| f64::from(seconds) / 31_536_000.0);
    let surface = realised.surface(&rules, &tenors, grid.g_max());
    let nodes = TENORS_S.iter().zip(surface.nodes()).map(|(seconds, node)| to_node(*seconds, node)).collect();
    market.surface = Some(PublishedSurface { published_at: at, nodes, clipped: false });
}

/// Tenors of an estimated surface: 1, 2, 7, 14, 30, 60, 100 days.
const TENORS_S: [u32; 7] = [86_400, 172_800, 604_800, 1_209_600, 2_592_000, 5_184_000, 8_640_000];

fn realised_rules(smile: &RealisedSmile) -> RealisedRules {
    RealisedRules {
        premium: ratio(smile.premium),
        rho: ratio(smile.rho),
        slope: ratio(smile.slope),
        ..RealisedRules::DEFAULT
    }
}

/// The estimator of a new market, if its surface needs one.
pub(crate) fn new_estimator(source: &SurfaceSource) -> Option<RealisedVol> {
    match source {
        SurfaceSource::Published(_) => None,
        SurfaceSource::Realised(smile) => Some(RealisedVol::new(ratio(smile.initial_vol))),
    }
}

/// Variance a year, averaged exponentially with a half-life of one hour over the time between ticks.
fn hour_variance(before: f64, from: Price, to: Price, dt: Millis) -> f64 {
    let elapsed = years(dt);
    if elapsed <= 0.0 {
        return before;
    }
    let keep = exp(-LN_2 * (elapsed / HOUR));
    let moved = ln(price(to) / price(from));
    before * keep + (1.0 - keep) * (moved * moved / elapsed)
}
