//! Takes delta from the pool through forwards when the pool pays for it, and hedges elsewhere.

use super::super::attribution::potential;
use super::super::fair::Fair;
use super::{Intent, MARKET, Moment, POOL, nearest};
use crate::convert;
use cenote_engine::MemoryState;
use cenote_engine::command::{Leg, TimeInForce};
use cenote_engine::ids::{AccountId, BoardId, LegKind, Right};
use cenote_engine::obligation::{Held, obligation, pool_book};
use cenote_engine::quote;
use cenote_engine::state::Board;
use cenote_pricing::math::{max, sqrt};
use cenote_pricing::{Potential, Worlds};
use cenote_units::{Cash, Price, Size};

/// The tilt of the pool's forward, as a share of the index, that a trade must exceed and leaves: what it costs.
const TILT: f64 = 0.0008;
/// The most index value of one order, as a share of risk capital.
const STEP: f64 = 0.02;
/// The most that the pool may charge, as a share of the index.
const CHARGES: f64 = 0.002;
/// Expiries that are traded, years.
const TENORS: (f64, f64) = (1.5 / 365.0, 40.0 / 365.0);

/// The order of this tick, if the pool's tilt is worth it.
pub fn order(state: &MemoryState, account: AccountId, fair: &Fair, moment: Moment) -> Option<Intent> {
    let open = state.pool[&POOL].books[0].open;
    if open == 0 || state.account.get(&account).is_some_and(|a| !a.orders.is_empty()) {
        return None;
    }
    let mut pairs = forwards(state, account, fair);
    let (id, strike) = *pairs.first()?;
    let first = sized(state, fair, &id, strike)?;
    // Where the pool's obligation rises least the pool charges least rent, or none at all.
    let rise = |(id, strike): &(BoardId, Price)| rise(&state.board[id], *strike, first.size);
    pairs.sort_by_key(|pair| (rise(pair), pair.0.expiry));
    let (id, strike) = *pairs.first()?;
    let Sized { size, value } = sized(state, fair, &id, strike)?;
    // The hedge elsewhere moves with the price; only what the pool charges matters.
    let notional = quote::size(size).abs() * fair.spot;
    let drift = notional * fair.sigma * sqrt(moment.ahead) * 6.0;
    let limit = convert::cash(value + notional * CHARGES + drift);
    let legs = vec![Leg { board: id, strike, kind: LegKind::Forward, size }];
    let patience = (TimeInForce::FirstTick, 1);
    Some(Intent { account, legs, limit, patience, reduce_only: false })
}

/// Contracts to buy, and what they are worth at their marks.
struct Sized {
    size: Size,
    value: f64,
}

/// How much of a forward brings the tilt down to what a trade costs; `None` when it is not worth it.
fn sized(state: &MemoryState, fair: &Fair, id: &BoardId, strike: Price) -> Option<Sized> {
    let pool = &state.pool[&POOL];
    let (call, put) = fair.pair(id, state.board.get(id)?, strike);
    let mut vector = call.worlds;
    vector.iter_mut().zip(put.worlds).for_each(|(c, p)| *c -= p);
    let potential = potential(&state.pool_params[&POOL].rules, pool.risk_capital);
    let load = &pool.books[0].exposure.load;
    let tilt = |contracts: f64| tilt(&potential, load, &vector, contracts) / fair.spot;
    let now = tilt(0.0);
    if now.abs() <= TILT {
        return None;
    }
    // A dear forward is sold to the pool. Convexity makes the tilt fall in the size sold.
    let capital = quote::cash(pool.risk_capital);
    let sign = if now > 0.0 { -1.0 } else { 1.0 };
    let (mut low, mut high) = (0.0, STEP * capital / fair.spot);
    for _ in 0..24 {
        let middle = 0.5 * (low + high);
        if tilt(sign * middle) * -sign > TILT {
            low = middle;
        } else {
            high = middle;
        }
    }
    if low * fair.spot < max(1_000.0, 1e-5 * capital) {
        return None;
    }
    Some(Sized { size: convert::size(sign * low), value: sign * low * (call.mark - put.mark) })
}

/// What the pool's obligation on a board rises by when somebody buys a forward there.
fn rise(board: &Board, strike: Price, size: Size) -> Cash {
    let worst = |bought: Size| {
        let book = pool_book(board).map(|held| {
            let sold = if held.right == Right::Call { bought } else { bought.negated() };
            let size =
                if held.strike == strike { held.size.minus(sold).unwrap_or(held.size) } else { held.size };
            Held { size, ..held }
        });
        obligation(book, board.floor, board.cap).unwrap_or(Cash::MAX)
    };
    worst(size).minus(worst(Size::ZERO)).unwrap_or(Cash::MAX)
}

/// What the pool's tilted worlds pay for the forward above its mark, after `contracts` more have been bought.
fn tilt(potential: &Potential, load: &Worlds, vector: &Worlds, contracts: f64) -> f64 {
    let mut after = *load;
    after.iter_mut().zip(vector).for_each(|(load, l)| *load += contracts * l);
    potential.tilted(&after).iter().zip(vector).map(|(p, l)| p * l).sum()
}

/// Boards of some days with the strike already traded there, or else the one at the forward, by expiry.
fn forwards(state: &MemoryState, account: AccountId, fair: &Fair) -> Vec<(BoardId, Price)> {
    let account = state.account.get(&account);
    let within = |id: &&BoardId| (TENORS.0..TENORS.1).contains(&fair.tau(id.expiry));
    let strike = |id: &BoardId| {
        let board = state.board.get(id)?;
        let held = account.and_then(|account| account.holding(*id)).and_then(|holding| {
            let call = holding.positions.iter().find(|p| p.right == Right::Call)?;
            board.strike_at(call.strike).map(|_| call.strike)
        });
        held.or_else(|| nearest(&board.strikes, fair.forward(id.expiry))).map(|strike| (*id, strike))
    };
    state.market[&MARKET].boards.iter().filter(within).filter_map(strike).collect()
}
