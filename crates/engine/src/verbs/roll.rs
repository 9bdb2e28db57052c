//! Listing follows the market: boards by the calendar, strikes by the forward (rules R1 to R3).

use super::calendar::expiries;
use super::fill::paused;
use crate::error::{Fault, Rejection};
use crate::event::Event;
use crate::ids::{BoardId, MarketId};
use crate::limits;
use crate::quote::{self, Desk};
use crate::state::{Board, Strike};
use crate::work::{Done, Work};
use alloc::vec::Vec;
use cenote_units::{Price, Timestamp};

/// The command.
pub(super) fn roll(work: &mut Work<'_>, id: MarketId) -> Done {
    let params = work.set.market_params.get(&id).ok_or(Rejection::MarketNotFound { market: id })?.clone();
    if paused(work, id)? {
        return Err(Rejection::Paused.into());
    }
    let market = work.set.market.get(&id).ok_or(Fault::MissingRecord("a market's state"))?;
    let desk = Desk::new(market, &params.rules, id)?;
    if market.held.is_some() {
        // A band is fixed for the life of a board: not on a price that is in doubt.
        return Err(Rejection::Guarded { reason: "a price jump waits for confirmation" }.into());
    }
    let now = work.ctx.now;
    for expiry in expiries(&params.rules, now) {
        list(work, &desk, id, expiry, params.price_tick)?;
    }
    let market = work.set.market.get(&id).ok_or(Fault::MissingRecord("a market's state"))?;
    let live: Vec<BoardId> = market.boards.iter().filter(|board| board.expiry > now).copied().collect();
    for board in live {
        strikes(work, &desk, board, params.price_tick)?;
    }
    Ok(())
}

/// Lists an expiry's first board, or its next series when the forward has outgrown the last one's band.
fn list(work: &mut Work<'_>, desk: &Desk, market: MarketId, expiry: Timestamp, tick: Price) -> Done {
    let record = work.set.market.get(&market).ok_or(Fault::MissingRecord("a market's state"))?;
    let last = record.boards.iter().rfind(|board| board.expiry == expiry).copied();
    let full = record.boards.len() >= limits::BOARDS;
    let series = match last {
        None => 0,
        Some(last) => {
            let board = work.set.board.get(&last).ok_or(Fault::MissingRecord("a board"))?;
            if !quote::half_band_used(desk, expiry, board) {
                return Ok(());
            }
            last.series.saturating_add(1)
        }
    };
    let id = BoardId { market, expiry, series };
    // A board of that name may still owe accounts their settlement.
    if full || desk.left(expiry) < desk.rules.list_min || work.set.board.get(&id).is_some() {
        return Ok(());
    }
    let (reference, floor, cap) = quote::band(desk, expiry, tick)?;
    work.set.board.put(&id, Board { reference, floor, cap, ..Board::default() });
    let record = work.set.market.edit(&market).ok_or(Fault::MissingRecord("a market's state"))?;
    record.boards.push(id);
    record.boards.sort_unstable();
    work.emit(Event::BoardListed { board: id, floor, cap });
    Ok(())
}

/// Adds missing strikes inside the range and the band, retires empty ones outside the range.
fn strikes(work: &mut Work<'_>, desk: &Desk, id: BoardId, tick: Price) -> Done {
    let (low, high) = quote::strike_range(desk, id.expiry, tick);
    let target = u128::from(desk.rules.strikes_target);
    let step = step(high.saturating_sub(low), target);
    let board = work.set.board.get(&id).ok_or(Fault::MissingRecord("a board"))?;
    let (floor, cap) = (board.floor, board.cap);
    let at = |count: u128| count.checked_mul(tick.get()).and_then(|units| Price::new(units).ok());
    let (first, last) = (at(low), at(high));
    let outside =
        |price: Price| first.is_some_and(|first| price < first) || last.is_some_and(|last| price > last);

    let mut listed = board.strikes.clone();
    let mut events = Vec::new();
    let mut wanted: Option<Vec<Price>> = None;
    listed.retain(|strike| {
        // An order must not end because somebody rolls once its price is known.
        let keep = !strike.is_empty()
            || !outside(strike.price)
            || wanted.get_or_insert_with(|| ordered(work, id)).contains(&strike.price);
        if !keep {
            events.push(Event::StrikeRetired { board: id, strike: strike.price });
        }
        keep
    });
    let mut count = low.div_ceil(step).saturating_mul(step);
    while count <= high && listed.len() < limits::STRIKES {
        let inside = at(count).filter(|price| floor < *price && *price < cap);
        if let Some(price) = inside
            && let Err(place) = listed.binary_search_by_key(&price, |strike| strike.price)
        {
            listed.insert(place, Strike { price, ..Strike::default() });
            events.push(Event::StrikeListed { board: id, strike: price });
        }
        count = count.saturating_add(step);
    }
    if events.is_empty() {
        return Ok(());
    }
    let board = work.set.board.edit(&id).ok_or(Fault::MissingRecord("a board"))?;
    board.strikes = listed;
    board.revision = board.revision.saturating_add(1);
    work.events.extend(events);
    Ok(())
}

/// Strikes of a board that live orders name.
fn ordered(work: &mut Work<'_>, id: BoardId) -> Vec<Price> {
    let queue = work.set.queue.get(&id.market).map(|queue| queue.orders.clone()).unwrap_or_default();
    let mut strikes = Vec::new();
    for order in queue {
        let legs = work.set.order.get(&order).map(|order| order.legs.as_slice()).unwrap_or_default();
        strikes.extend(legs.iter().filter(|leg| leg.board == id).map(|leg| leg.strike));
    }
    strikes
}

/// The smallest step of the grid 1, 2, 2.5, 5 times powers of ten, in price ticks, that spans a range in at most
/// `target` steps.
fn step(range: u128, target: u128) -> u128 {
    let mut decade: u128 = 1;
    loop {
        // In tenths, since a quarter of ten is no whole number of ones.
        for tenths in [10u128, 20, 25, 50] {
            let scaled = decade.saturating_mul(tenths);
            if !scaled.is_multiple_of(10) {
                continue;
            }
            let step = scaled.checked_div(10).unwrap_or(1);
            if step.saturating_mul(target) >= range {
                return step;
            }
        }
        decade = decade.saturating_mul(10);
    }
}
