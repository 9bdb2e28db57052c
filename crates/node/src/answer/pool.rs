//! A pool.

use super::{finite, refuse, with};
use crate::core::Shared;
use crate::core::facts::band;
use crate::core::replicas::Replica;
use cenote_api::name::expiry_label;
use cenote_api::view::{Greeks, LpQueue, Obligation, Pool, PoolExpiry, PoolPnl};
use cenote_api::{ApiError, Names};
use cenote_engine::ids::{BoardId, PoolId};
use cenote_engine::quote::{cash, ratio};
use cenote_engine::view::{self, PoolView};
use cenote_units::Timestamp;

/// A pool at the ticks in force.
///
/// # Errors
/// No such pool.
pub fn pool(shared: &Shared, id: u16) -> Result<Pool, ApiError> {
    let now = shared.now();
    with(shared, |replica, names| of_replica(replica, names, id, now))
}

/// [`pool`] on a replica at hand.
pub(crate) fn of_replica(
    replica: &Replica,
    names: &Names,
    id: u16,
    now: Timestamp,
) -> Result<Pool, ApiError> {
    let pool = PoolId(id);
    let seen = view::pool(&replica.state, now, pool).map_err(refuse)?;
    let params = replica
        .state
        .pool_params
        .get(&pool)
        .ok_or_else(|| ApiError::not_found(format!("there is no pool {id}")))?;
    let (low, mid, high) = band(&seen);
    let mut greeks = Greeks::default();
    for book in &seen.books {
        greeks.delta += book.greeks.delta;
        greeks.gamma += book.greeks.gamma;
        greeks.vega += book.greeks.vega;
        greeks.theta += book.greeks.theta;
    }
    let p = seen.pnl;
    Ok(Pool {
        pool: id,
        name: params.name.clone(),
        nav_low: low.into(),
        nav_mid: mid.into(),
        nav_high: high.into(),
        share_price: finite(seen.share_price).unwrap_or(0.0),
        shares: seen.shares.into(),
        cash: seen.cash.into(),
        locked: seen.locked.into(),
        risk_capital: seen.risk_capital.into(),
        utilisation: finite(100.0 * seen.utilisation).unwrap_or(0.0),
        utilisation_cap: 100.0 * ratio(params.rules.utilisation_max),
        load: finite(seen.load).unwrap_or(0.0),
        load_cap: ratio(params.rules.load_max),
        winding_down: seen.winding_down,
        greeks,
        expiries: expiries(names, &seen),
        obligations: obligations(names, &seen),
        pnl: PoolPnl {
            market: p.market.into(),
            impact: p.impact.into(),
            rent: p.rent.into(),
            spread: p.spread.into(),
            latency: p.latency.into(),
            fee: p.fee.into(),
            rounding: p.rounding.into(),
            total: p.total.into(),
        },
        queue: queue(replica, &seen, params.rules.holding_time.get(), now),
        as_of_seq: replica.seq,
    })
}

fn expiries(names: &Names, seen: &PoolView) -> Vec<PoolExpiry> {
    let rows =
        seen.books.iter().flat_map(|book| book.expiries.iter().map(move |expiry| (book.market, expiry)));
    rows.map(|(market, expiry)| PoolExpiry {
        market: names.market(market),
        expiry: expiry_label(BoardId { market, expiry: expiry.expiry, series: 0 }),
        expiration_timestamp: expiry.expiry.millis(),
        value: finite(expiry.value).unwrap_or(0.0),
        greeks: expiry.greeks.into(),
    })
    .collect()
}

fn obligations(names: &Names, seen: &PoolView) -> Vec<Obligation> {
    let capital = cash(seen.risk_capital);
    let row = |lock: &cenote_engine::state::BoardLock| Obligation {
        market: names.market(lock.board.market),
        expiry: expiry_label(lock.board),
        expiration_timestamp: lock.board.expiry.millis(),
        locked: lock.obligation.into(),
        share: finite(100.0 * cash(lock.obligation) / capital).unwrap_or(0.0),
    };
    seen.obligations.iter().map(row).collect()
}

fn queue(replica: &Replica, seen: &PoolView, lock_ms: u64, now: Timestamp) -> LpQueue {
    let delays = seen.books.iter().filter_map(|book| replica.state.market_params.get(&book.market));
    // Any market's tick may be the one that closes the epoch, and its delay is then the one that counts.
    let shortest = delays.map(|params| params.rules.commit_delay).min();
    // What waits already is processed first, and the tick that does so closes nothing.
    let free = seen.closing.as_ref().map_or(now, |closing| now.max(closing.due_at));
    LpQueue {
        open_epoch: seen.open_epoch,
        priced_from: shortest.map(|delay| free.after(delay).millis()),
        closing_epoch: seen.closing.as_ref().map(|closing| closing.epoch),
        due_at: seen.closing.as_ref().map(|closing| closing.due_at.millis()),
        waiting: seen.waiting.into(),
        lock_ms,
    }
}
