//! What history needs to know of the state at the moment of an event, and cannot ask for later.

use cenote_api::view::NavPoint;
use cenote_engine::command::Leg;
use cenote_engine::event::{Event, FillEvent};
use cenote_engine::ids::{LegKind, PoolId, Right};
use cenote_engine::view::{self, PoolView};
use cenote_engine::{MemoryState, quote};
use cenote_history::{FillMarks, SeriesMark};
use cenote_units::{Cash, Price, Timestamp};

/// Facts about one command.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// Each fill's marks, in order.
    pub fills: Vec<FillMarks>,
    /// Points of pools' paths, after ticks.
    pub nav: Vec<(PoolId, NavPoint)>,
}

impl Facts {
    /// The facts of a command, from the state that it left.
    #[must_use]
    pub fn of(state: &MemoryState, events: &[Event], now: Timestamp) -> Self {
        let mut facts = Self::default();
        for event in events {
            match event {
                Event::OrderFilled(fill) => facts.fills.push(fill_marks(state, fill)),
                Event::Ticked(tick) => {
                    let pool = state.market.get(&tick.market).map(|market| market.pool);
                    facts.nav.extend(pool.and_then(|pool| Some((pool, nav_point(state, pool, now)?))));
                }
                _ => {}
            }
        }
        facts
    }
}

fn fill_marks(state: &MemoryState, fill: &FillEvent) -> FillMarks {
    let tick = state.market.get(&fill.market).and_then(|market| market.tick.as_ref());
    let index_price = tick.map_or(Price::ZERO, |tick| tick.price);
    let series = fill.legs.iter().flat_map(|leg| {
        let rights: &[Right] = match leg.kind {
            LegKind::Call => &[Right::Call],
            LegKind::Put => &[Right::Put],
            LegKind::Forward => &[Right::Call, Right::Put],
        };
        rights.iter().map(|right| series_mark(state, leg, *right))
    });
    FillMarks { order: fill.order.0, index_price: index_price.into(), series: series.collect() }
}

fn series_mark(state: &MemoryState, leg: &Leg, right: Right) -> SeriesMark {
    let (mark_price, vol) = view::series_mark(state, leg.board, leg.strike, right).unwrap_or((0.0, None));
    SeriesMark { mark_price, iv: vol.map(|vol| 100.0 * vol) }
}

/// A point of a pool's path, now; none while nobody has put anything in.
#[must_use]
pub fn nav_point(state: &MemoryState, pool: PoolId, now: Timestamp) -> Option<NavPoint> {
    let seen = view::pool(state, now, pool).ok().filter(|pool| pool.equity > Cash::ZERO)?;
    let (low, mid, high) = band(&seen);
    let tick = seen.books.first().and_then(|book| state.market.get(&book.market)?.tick.as_ref());
    Some(NavPoint {
        time: now.millis(),
        nav_low: quote::cash(low),
        nav_mid: quote::cash(mid),
        nav_high: quote::cash(high),
        share_price: Some(seen.share_price).filter(|x| x.is_finite())?,
        index_price: tick.map_or(0.0, |tick| quote::price(tick.price)),
        utilisation: Some(100.0 * seen.utilisation).filter(|x| x.is_finite())?,
    })
}

/// Equity, marks, and as much above the marks as equity is below: what closing everything costs is the band's width.
pub(crate) fn band(seen: &PoolView) -> (Cash, Cash, Cash) {
    let (low, mid) = (seen.equity, seen.marked);
    let high = mid.minus(low).and_then(|width| mid.plus(width)).unwrap_or(mid);
    (low, mid, high)
}
