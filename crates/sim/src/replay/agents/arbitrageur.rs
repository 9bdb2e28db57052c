//! Takes delta from the pool through forwards when the pool pays for it, and hedges elsewhere.

use super::super::attribution::potential;
use super::super::fair::Fair;
use super::super::host::{Host, MARKET, POOL};
use super::{ARBITRAGEUR, Intent, Moment, nearest};
use crate::convert;
use cenote_engine::command::{Leg, TimeInForce};
use cenote_engine::ids::{BoardId, LegKind, Right};
use cenote_engine::quote;
use cenote_pricing::math::{max, min, sqrt};
use cenote_pricing::{Potential, Worlds};
use cenote_units::Price;

/// The tilt of the pool's forward, as a share of the index, that a trade must exceed and leaves: what it costs.
const TILT: f64 = 0.0008;
/// The most index value of one order, as a share of risk capital.
const STEP: f64 = 0.02;
/// Expiries that are traded, years.
const TENORS: (f64, f64) = (1.5 / 365.0, 40.0 / 365.0);

/// The order of this tick, if the pool's tilt is worth it.
pub fn order(host: &Host, fair: &Fair, moment: Moment) -> Option<Intent> {
    let state = &host.venue.state;
    let pool = host.pool();
    let book = &pool.books[0];
    let capital = quote::cash(pool.risk_capital);
    if book.open == 0 || state.account.get(&ARBITRAGEUR).is_some_and(|a| !a.orders.is_empty()) {
        return None;
    }
    let (id, strike) = forward(host, fair)?;
    let (call, put) = fair.pair(&id, state.board.get(&id)?, strike);
    let mut vector = call.worlds;
    vector.iter_mut().zip(put.worlds).for_each(|(c, p)| *c -= p);
    let potential = potential(&state.pool_params[&POOL].rules, pool.risk_capital);
    let tilt = |contracts: f64| tilt(&potential, &book.exposure.load, &vector, contracts) / fair.spot;
    let now = tilt(0.0);
    if now.abs() <= TILT {
        return None;
    }
    // A dear forward is sold to the pool. Convexity makes the tilt fall in the size sold.
    let (sign, most) = (if now > 0.0 { -1.0 } else { 1.0 }, STEP * capital / fair.spot);
    let (mut low, mut high) = (0.0, most);
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        if tilt(sign * middle) * -sign > TILT {
            low = middle;
        } else {
            high = middle;
        }
    }
    let contracts = min(low, most);
    if contracts * fair.spot < max(1_000.0, 1e-5 * capital) {
        return None;
    }
    let size = convert::size(sign * contracts);
    // The hedge elsewhere moves with the price; only what the pool charges matters.
    let drift = contracts * fair.spot * fair.sigma * sqrt(moment.ahead) * 6.0;
    let limit = sign * contracts * (call.mark - put.mark) + contracts * fair.spot * 0.002 + drift;
    let legs = vec![Leg { board: id, strike, kind: LegKind::Forward, size }];
    let patience = (TimeInForce::FirstTick, 1);
    Some(Intent { account: ARBITRAGEUR, legs, limit: convert::cash(limit), patience, reduce_only: false })
}

/// What the pool's tilted worlds pay for the forward above its mark, after `contracts` more have been bought.
fn tilt(potential: &Potential, load: &Worlds, vector: &Worlds, contracts: f64) -> f64 {
    let mut after = *load;
    after.iter_mut().zip(vector).for_each(|(load, l)| *load += contracts * l);
    potential.tilted(&after).iter().zip(vector).map(|(p, l)| p * l).sum()
}

/// The nearest board of some days, and on it the strike already traded or the one at the forward.
fn forward(host: &Host, fair: &Fair) -> Option<(BoardId, Price)> {
    let state = &host.venue.state;
    let suits = |id: &&BoardId| {
        let tau = fair.tau(id.expiry);
        TENORS.0 < tau && tau < TENORS.1 && state.board.get(id).is_some_and(|b| !b.strikes.is_empty())
    };
    let boards = &host.market().boards;
    debug_assert!(boards.iter().all(|id| id.market == MARKET));
    let id = *boards.iter().find(suits)?;
    let board = state.board.get(&id)?;
    let account = state.account.get(&ARBITRAGEUR);
    let held = account.and_then(|account| account.holding(id)).and_then(|holding| {
        let call = holding.positions.iter().find(|p| p.right == Right::Call)?;
        board.strike_at(call.strike).map(|_| call.strike)
    });
    held.or_else(|| nearest(&board.strikes, fair.forward(id.expiry))).map(|strike| (id, strike))
}
