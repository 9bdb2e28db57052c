//! What a pool loses in each scenario at once.

use super::{refuse, with};
use crate::core::Shared;
use crate::core::replicas::Replica;
use cenote_api::view::{PoolRisk, RiskBook};
use cenote_api::{ApiError, Money, Names};
use cenote_engine::ids::{MarketId, PoolId};
use cenote_engine::quote::{ratio, years};
use cenote_engine::view::{self, BookView};
use cenote_pricing::Grid;
use cenote_pricing::math::{exp, sqrt};
use cenote_units::{Cash, Timestamp};

/// A pool's scenarios: profit, not loss, so that red is red everywhere.
///
/// # Errors
/// No such pool, or a market without a price.
pub fn risk(shared: &Shared, id: u16) -> Result<PoolRisk, ApiError> {
    let now = shared.now();
    with(shared, |replica, names| of_replica(replica, names, id, now))
}

/// [`risk`] on a replica at hand.
pub(crate) fn of_replica(
    replica: &Replica,
    names: &Names,
    id: u16,
    now: Timestamp,
) -> Result<PoolRisk, ApiError> {
    let seen = view::pool(&replica.state, now, PoolId(id)).map_err(refuse)?;
    let books = seen.books.iter().map(|book| self::book(replica, names, book)).collect::<Result<_, _>>()?;
    Ok(PoolRisk { pool: id, books, as_of_seq: replica.seq })
}

fn book(replica: &Replica, names: &Names, book: &BookView) -> Result<RiskBook, ApiError> {
    let (grid, spot_shocks) = axes(replica, book.market)?;
    let (rows, columns) = (grid.vol.len(), grid.spot.len());
    let weights = grid.weights();
    let table = |cell: &dyn Fn(usize) -> f64| -> Vec<Vec<f64>> {
        (0..rows).map(|vol| (0..columns).map(|spot| cell(rows * spot + vol)).collect()).collect()
    };
    let pnl = table(&|at| if book.load[at] == 0.0 { 0.0 } else { -book.load[at] });
    let vol_factors = grid.vol.iter().map(|factor| sqrt(*factor)).collect();
    Ok(RiskBook {
        market: names.market(book.market),
        worst: worst(&spot_shocks, &grid, &pnl),
        spot_shocks,
        vol_factors,
        pnl,
        weights: table(&|at| weights[at]),
    })
}

/// The scenario grid of a market and its moves of the index, fractions.
fn axes(replica: &Replica, market: MarketId) -> Result<(Grid, Vec<f64>), ApiError> {
    let params = replica.state.market_params.get(&market);
    let params = params.ok_or_else(|| ApiError::not_found(format!("there is no market {}", market.0)))?;
    let grid = Grid::with_vol_of_vol(ratio(params.rules.vol_of_vol));
    let surface = view::surface(&replica.state, market).map_err(refuse)?;
    let step = surface.sigma_ref * sqrt(years(params.rules.horizon));
    let growth: Vec<f64> = grid.spot.iter().map(|node| exp(step * node)).collect();
    let mean: f64 = growth.iter().zip(&grid.spot_weights).map(|(g, w)| g * w).sum();
    Ok((grid, growth.into_iter().map(|g| g / mean - 1.0).collect()))
}

fn worst(spots: &[f64], grid: &Grid, pnl: &[Vec<f64>]) -> String {
    let cells = pnl
        .iter()
        .enumerate()
        .flat_map(|(vol, row)| row.iter().enumerate().map(move |(spot, x)| (*x, vol, spot)));
    let Some((loss, vol, spot)) = cells.min_by(|a, b| a.0.total_cmp(&b.0)) else { return String::new() };
    if loss >= 0.0 {
        return "the pool gains or is flat in every scenario".to_owned();
    }
    let cents = Money(Cash::new((-loss * 100.0).round() as i128 * 10_000).unwrap_or(Cash::ZERO));
    let to = if spots[spot] < 0.0 { "falls" } else { "rises" };
    let change = 100.0 * spots[spot].abs();
    let vols = 100.0 * (sqrt(grid.vol[vol]) - 1.0);
    let moved = if spots[spot].abs() < 1e-9 {
        "the index stays".to_owned()
    } else {
        format!("the index {to} {change:.1}%")
    };
    format!("the pool loses {cents} when {moved} and vols change by {vols:+.0}%")
}
