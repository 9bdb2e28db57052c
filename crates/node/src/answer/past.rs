//! The past, out of history, with the present where it is newer.

use super::account::live_order;
use super::chain::boards;
use super::{market_of, with};
use crate::core::Shared;
use crate::history::History;
use cenote_api::view::{
    Candles, DailyStats, EventPage, FillPage, NavPath, NavPoint, NavSummary, Order, OrderPage, TradePage,
};
use cenote_api::{Address, ApiError};
use cenote_engine::ids::{OrderId, Right};

/// Most candles of one answer.
const CANDLES_MAX: usize = 5_000;
const DAY_MS: f64 = 86_400_000.0;

fn history(shared: &Shared) -> Result<&History, ApiError> {
    shared
        .history
        .as_deref()
        .ok_or_else(|| ApiError::new("not_supported", "this node keeps no history; ask another"))
}

/// Events from a sequence number on.
///
/// # Errors
/// A node without history.
pub fn events(
    shared: &Shared,
    from_seq: u64,
    limit: usize,
    kind: Option<&str>,
) -> Result<EventPage, ApiError> {
    let as_of_seq = shared.durable();
    let page = history(shared)?.events(from_seq, limit, kind);
    let next_seq = match (page.rows.last(), page.has_more) {
        (Some(last), _) => last.seq + 1,
        // Nothing of this kind in what was looked through.
        (None, true) => from_seq + 1,
        (None, false) => from_seq,
    };
    Ok(EventPage { events: page.rows, next_seq, has_more: page.has_more, as_of_seq })
}

/// An account's events from a sequence number on.
///
/// # Errors
/// A node without history.
pub fn account_events(
    shared: &Shared,
    whose: Address,
    from_seq: u64,
    limit: usize,
) -> Result<EventPage, ApiError> {
    let as_of_seq = shared.durable();
    let page = history(shared)?.events_of(whose, from_seq, limit);
    let next_seq = page.rows.last().map_or(from_seq, |last| last.seq + 1);
    Ok(EventPage { events: page.rows, next_seq, has_more: page.has_more, as_of_seq })
}

/// An account's orders, newest first.
///
/// # Errors
/// A node without history.
pub fn orders(
    shared: &Shared,
    whose: Address,
    before: Option<u64>,
    limit: usize,
) -> Result<OrderPage, ApiError> {
    let as_of_seq = shared.durable();
    let page = history(shared)?.orders_of(whose, before, limit);
    Ok(OrderPage { orders: page.rows, has_more: page.has_more, as_of_seq })
}

/// An order in any state; one that history has not heard of yet is told from the state itself.
///
/// # Errors
/// No such order.
pub fn order(shared: &Shared, number: u64) -> Result<Order, ApiError> {
    let kept = shared.history.as_ref().and_then(|history| history.order(number));
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
    let as_of_seq = shared.durable();
    let page = history(shared)?.fills_of(whose, before, limit);
    Ok(FillPage { fills: page.rows, has_more: page.has_more, as_of_seq })
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
    let as_of_seq = shared.durable();
    let names = shared.names();
    let of = match instrument {
        Some(name) => {
            let name = names.parse(name).map_err(ApiError::not_found)?;
            names.leg(name.board, name.strike, name.kind)
        }
        None => names.market(market_of(&names, market)?),
    };
    let page = history(shared)?.trades(&of, before, limit);
    Ok(TradePage { trades: page.rows, has_more: page.has_more, as_of_seq })
}

/// Minutes of a resolution.
#[must_use]
pub fn minutes(resolution: &str) -> Option<u64> {
    match resolution {
        "1D" | "1d" => Some(1_440),
        text => text.parse().ok().filter(|m| [1, 3, 5, 10, 15, 30, 60, 120, 180, 360, 720].contains(m)),
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
    let width = minutes(resolution).ok_or_else(|| {
        ApiError::invalid("resolution", "1, 3, 5, 10, 15, 30, 60, 120, 180, 360, 720 or 1D")
    })?;
    let names = shared.names();
    let to = to.min(shared.now().millis());
    let mut candles = match instrument {
        Some(text) => {
            let name = names.parse(text).map_err(ApiError::not_found)?;
            let of = names.leg(name.board, name.strike, name.kind);
            let traded = history(shared)?.candles(&of, width, from, to, CANDLES_MAX);
            if traded.ticks.is_empty() { marked(shared, &name, width, to)? } else { traded }
        }
        None => {
            let market = names.market(market_of(&names, market)?);
            history(shared)?.candles(&format!("index:{market}"), width, from, to, CANDLES_MAX)
        }
    };
    candles.as_of_seq = as_of_seq;
    Ok(candles)
}

/// One candle at the mark, for what has never traded.
fn marked(
    shared: &Shared,
    name: &cenote_api::InstrumentName,
    width: u64,
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
        let start = to / (width * 60_000) * width * 60_000;
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
    let as_of_seq = shared.durable();
    let to = to.min(shared.now().millis());
    let points = history(shared)?.nav(pool, from, to, points);
    Ok(NavPath { summary: summary(&points), points, as_of_seq })
}

fn summary(points: &[NavPoint]) -> NavSummary {
    let nothing = NavSummary {
        days: 0.0,
        since_start: None,
        last_30_days: None,
        annualised: None,
        max_drawdown: None,
        worst_day: None,
        holding_index: None,
    };
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return nothing };
    let days = (last.time - first.time) as f64 / DAY_MS;
    let percent =
        |from: f64, to: f64| (from > 0.0).then(|| 100.0 * (to / from - 1.0)).filter(|x| x.is_finite());
    let at = |back: f64| points.iter().rev().find(|p| (last.time - p.time) as f64 >= back * DAY_MS);
    let since_start = percent(first.share_price, last.share_price);
    let (mut high, mut drawdown) = (f64::MIN, 0.0f64);
    for point in points {
        high = high.max(point.share_price);
        drawdown = drawdown.min(100.0 * (point.share_price / high - 1.0));
    }
    let day = |pair: &[&NavPoint]| percent(pair[0].share_price, pair[1].share_price);
    let mut ends: Vec<&NavPoint> = Vec::new();
    for point in points {
        if ends.last().is_none_or(|end| (point.time - end.time) as f64 >= DAY_MS) {
            ends.push(point);
        }
    }
    let annual = |total: f64| 100.0 * ((1.0 + total / 100.0).powf(365.0 / days) - 1.0);
    NavSummary {
        days,
        since_start,
        last_30_days: at(30.0).and_then(|p| percent(p.share_price, last.share_price)),
        annualised: since_start.filter(|_| days >= 30.0).map(annual).filter(|x| x.is_finite()),
        max_drawdown: Some(drawdown),
        worst_day: ends.windows(2).filter_map(day).min_by(f64::total_cmp),
        holding_index: percent(first.index_price, last.index_price),
    }
}

/// Statistics by day.
///
/// # Errors
/// A node without history.
pub fn daily(shared: &Shared, from: u64, to: u64) -> Result<Vec<DailyStats>, ApiError> {
    Ok(history(shared)?.daily(from, to.min(shared.now().millis())))
}
