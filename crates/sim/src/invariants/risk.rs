//! Invariants of marks, exposures and potentials.

use super::Checker;
use cenote_engine::ids::{BoardId, MarketId, PoolId};
use cenote_engine::view;
use cenote_pricing::{Grid, Node, Surface, Worlds};
use cenote_units::Timestamp;

/// Sums of f64 that were made in another order agree to this, relative to what was added up.
const TOLERANCE: f64 = 1e-9;

pub(super) fn check(checker: &mut Checker<'_>) {
    let state = checker.state;
    for id in state.pool.keys() {
        pool(checker, *id);
    }
    for id in state.market.keys() {
        market(checker, *id);
    }
}

fn pool(checker: &mut Checker<'_>, id: PoolId) {
    let state = checker.state;
    let (Some(record), Some(params)) = (state.pool.get(&id), state.pool_params.get(&id)) else { return };
    let weights = Grid::DEFAULT.weights();
    for book in &record.books {
        let mean: f64 = weights.iter().zip(&book.exposure.load).map(|(w, l)| w * l).sum();
        let size: f64 = weights.iter().zip(&book.exposure.load).map(|(w, l)| w * l.abs()).sum();
        checker.check("I22", mean.abs() <= TOLERANCE * (1.0 + size), || {
            format!("market {}: mean loss {mean} of {size}", book.market.0)
        });
        exposure(checker, book.market, &book.exposure.load, book.exposure.value);
    }
    let open = record.books.iter().any(|book| book.open > 0);
    let least = params.rules.risk_capital_min;
    checker.check("I25", !open || record.risk_capital >= least, || {
        format!("pool {}: risk capital {}", id.0, record.risk_capital)
    });
    match view::pool(state, Timestamp::ZERO, id) {
        Ok(seen) => {
            // Phi is a sum around b: it is as exact as that.
            let small = 1e-6 + 1e-15 * seen.risk_capital.get() as f64 / 1e6;
            checker.check("I24", seen.phi >= -small && seen.lambda >= -small, || {
                format!("pool {}: Phi {}, Lambda {}", id.0, seen.phi, seen.lambda)
            });
            let p = seen.pnl;
            let parts = [p.market, p.impact, p.rent, p.spread, p.latency, p.fee, p.rounding];
            let sum: i128 = parts.iter().map(|part| part.get()).sum();
            let expected = seen.equity.get() - record.tally.entered.get() - record.tally.left.get();
            // The market part is what marks and payoffs made of the inventory: not merely what was left over.
            let marked = record.tally.mark.get() + record.tally.payoff.get();
            let value = (seen.value * 1e6) as i128;
            let off = (p.market.get() - marked - value).abs();
            checker.check("I29", sum == expected && off <= 4, || {
                format!("pool {}: parts {sum}, equity moved {expected}, market off by {off}", id.0)
            });
        }
        Err(error) => checker.check("I24", false, || format!("pool {} cannot be seen: {error}", id.0)),
    }
}

/// Recomputes a market's exposure from inventory and marks.
fn exposure(checker: &mut Checker<'_>, market: MarketId, load: &Worlds, value: f64) {
    let Ok(sum) = view::exposure(checker.state, market) else { return };
    let size = sum.load.iter().chain(load).fold(value.abs(), |most, l| most.max(l.abs()));
    let near = |a: f64, b: f64| (a - b).abs() <= TOLERANCE * (1.0 + size);
    let loads = sum.load.iter().zip(load).all(|(a, b)| near(*a, *b));
    checker.check("I23", loads && near(sum.value, value), || {
        format!("market {}: stored value {value}, recomputed {}", market.0, sum.value)
    });
}

fn market(checker: &mut Checker<'_>, id: MarketId) {
    let state = checker.state;
    let (Some(record), Some(params)) = (state.market.get(&id), state.market_params.get(&id)) else { return };
    let Some(surface) = &record.surface else { return };
    let node = |n: &cenote_engine::command::SurfaceNode| Node {
        tenor: f64::from(n.tenor_s) / 31_536_000.0,
        theta: n.theta_e12 as f64 / 1e12,
        rho: f64::from(n.rho_e9) / 1e9,
        psi: n.psi_e12 as f64 / 1e12,
        carry: n.carry_e12 as f64 / 1e12,
    };
    let a = params.rules.vol_of_vol.get() as f64 / 1e9;
    let fault =
        Surface::new(surface.nodes.iter().map(node).collect()).check(Grid::with_vol_of_vol(a).g_max());
    checker.check("I26", fault.is_ok(), || format!("market {}: {fault:?}", id.0));
    for board in &record.boards {
        marks(checker, *board);
    }
}

fn marks(checker: &mut Checker<'_>, id: BoardId) {
    let state = checker.state;
    let (Some(board), Ok(marks)) = (state.board.get(&id), view::marks(state, id)) else { return };
    // Banded parity: call - put + strike is the same price for every strike of a board.
    let mut parities = Vec::new();
    for (strike, (call, put)) in board.strikes.iter().zip(marks.calls.iter().zip(&marks.puts)) {
        let holds = call.mark >= 0.0 && put.mark >= 0.0;
        checker.check("I27", holds, || format!("{id:?} {}", strike.price));
        parities.push(call.mark - put.mark + strike.price.get() as f64 / 1e12);
    }
    let spread = parities.iter().fold(0.0f64, |most, p| most.max((p - parities[0]).abs()));
    checker
        .check("I27", spread <= TOLERANCE * marks.forward, || format!("{id:?}: parity differs by {spread}"));
}
