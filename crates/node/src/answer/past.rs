//! The past, out of history, with the present where it is newer.

use super::account::live_order;
use super::chain::boards;
use super::{market_of, with};
use crate::core::Shared;
use crate::history::History;
use cenote_api::view::{
    Candles, ClosedPage, DailyStats, EventPage, FillPage, NavPath, Order, OrderPage, TradePage,
};
use cenote_api::{Address, ApiError};
use cenote_engine::ids::{OrderId, Right};
use cenote_history::{Resolution, TradesOf};

fn history(shared: &Shared) -> Result<&History, ApiError> {
    shared
        .history
        .as_deref()
        .ok_or_else(|| ApiError::new("not_supported", "this node keeps no history; ask another"))
}

/// Events from a sequence number on.
///
/// # Errors
/// A node without history; so with every question here.
pub fn events(
    shared: &Shared,
    from_seq: u64,
    limit: usize,
    kind: Option<&str>,
) -> Result<EventPage, ApiError> {
    history(shared)?.events(from_seq, limit, kind)
}

/// An account's events from a sequence number on.
///
/// # Errors
/// As [`events`].
pub fn account_events(
    shared: &Shared,
    whose: Address,
    from_seq: u64,
    limit: usize,
) -> Result<EventPage, ApiError> {
    history(shared)?.events_of(whose, from_seq, limit)
}

/// An account's orders, newest first.
///
/// # Errors
/// As [`events`].
pub fn orders(
    shared: &Shared,
    whose: Address,
    before: Option<u64>,
    limit: usize,
) -> Result<OrderPage, ApiError> {
    history(shared)?.orders_of(whose, before, limit)
}

/// An order in any state; one that history has not heard of yet is told from the state itself.
///
/// # Errors
/// No such order.
pub fn order(shared: &Shared, number: u64) -> Result<Order, ApiError> {
    let kept = shared.history.as_ref().and_then(|history| history.order(number).ok().flatten());
    let live = || with(shared, |replica, names| live_order(replica, names, OrderId(number)));
    kept.or_else(live).ok_or_else(|| ApiError::not_found(format!("there is no order {number}")))
}

/// An account's fills, newest first.
///
/// # Errors
/// A node without history.
pub fn fills(
    shared: &Shared,
    whose: Address,
    before: Option<u64>,
    limit: usize,
) -> Result<FillPage, ApiError> {
    history(shared)?.fills_of(whose, before, limit)
}

/// An account's positions that were closed in full, newest first.
///
/// # Errors
/// A node without history.
pub fn closed(
    shared: &Shared,
    whose: Address,
    before: Option<u64>,
    limit: usize,
) -> Result<ClosedPage, ApiError> {
    history(shared)?.closed(whose, before, limit)
}

/// Trades of an instrument or a market, newest first.
///
/// # Errors
/// No such market, or a node without history.
pub fn trades(
    shared: &Shared,
    instrument: Option<&str>,
    market: Option<&str>,
    before: Option<u64>,
    limit: usize,
) -> Result<TradePage, ApiError> {
    let names = shared.names();
    match instrument {
        Some(name) => {
            let name = names.parse(name).map_err(ApiError::not_found)?;
            let series = names.leg(name.board, name.strike, name.kind);
            history(shared)?.trades(TradesOf::Series(&series), before, limit)
        }
        None => {
            let market = names.market(market_of(&names, market)?);
            history(shared)?.trades(TradesOf::Market(&market), before, limit)
        }
    }
}

/// Candles of an instrument, or of a market's index. An instrument that has not traded shows its mark, and says so.
///
/// # Errors
/// No such instrument, market or resolution, or a node without history.
pub fn candles(
    shared: &Shared,
    instrument: Option<&str>,
    market: Option<&str>,
    resolution: &str,
    from: u64,
    to: u64,
) -> Result<Candles, ApiError> {
    let as_of_seq = shared.durable();
    let width = Resolution::parse(resolution).ok_or_else(|| {
        ApiError::invalid("resolution", "1, 3, 5, 10, 15, 30, 60, 120, 180, 360, 720 or 1D")
    })?;
    let names = shared.names();
    let to = to.min(shared.now().millis());
    let mut candles = match instrument {
        Some(text) => {
            let name = names.parse(text).map_err(ApiError::not_found)?;
            let of = names.leg(name.board, name.strike, name.kind);
            let traded = history(shared)?.trade_candles(&of, width, from, to)?;
            if traded.ticks.is_empty() { marked(shared, &name, width, to)? } else { traded }
        }
        None => {
            let market = names.market(market_of(&names, market)?);
            history(shared)?.index_candles(&market, width, from, to)?
        }
    };
    candles.as_of_seq = as_of_seq;
    Ok(candles)
}

/// One candle at the mark, for what has never traded.
fn marked(
    shared: &Shared,
    name: &cenote_api::InstrumentName,
    width: Resolution,
    to: u64,
) -> Result<Candles, ApiError> {
    with(shared, |replica, _| {
        let (_, boards) = boards(replica, name.board.market, None, |board| *board == name.board)?;
        let strike =
            boards.first().and_then(|board| board.strikes.iter().find(|strike| strike.strike == name.strike));
        let right = name.instrument().map(|instrument| instrument.right);
        let mark =
            strike.zip(right).map(|(s, right)| if right == Right::Call { s.call.mark } else { s.put.mark });
        let Some(mark) = mark else {
            return Ok(Candles { status: "no_data".to_owned(), ..Candles::default() });
        };
        let start = to / width.millis() * width.millis();
        Ok(Candles {
            ticks: vec![start],
            open: vec![mark],
            high: vec![mark],
            low: vec![mark],
            close: vec![mark],
            volume: vec![0.0],
            cost: vec![0.0],
            source: vec!["mark".to_owned()],
            status: "ok".to_owned(),
            as_of_seq: 0,
        })
    })
}

/// A pool's path with its summary.
///
/// # Errors
/// A node without history.
pub fn nav(shared: &Shared, pool: u16, from: u64, to: u64, points: usize) -> Result<NavPath, ApiError> {
    history(shared)?.nav(pool, from, to.min(shared.now().millis()), points)
}

/// Statistics by day.
///
/// # Errors
/// A node without history.
pub fn daily(shared: &Shared, from: u64, to: u64) -> Result<Vec<DailyStats>, ApiError> {
    history(shared)?.daily(from, to.min(shared.now().millis()))
}
