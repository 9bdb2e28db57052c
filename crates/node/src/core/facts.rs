//! What history needs to know of the state at the moment of an event, and cannot ask for later.

use cenote_api::view::NavPoint;
use cenote_engine::event::{Event, FillEvent};
use cenote_engine::ids::{LegKind, MarketId, PoolId, Right};
use cenote_engine::view::{self, PoolView};
use cenote_engine::{MemoryState, quote};
use cenote_pricing::implied;
use cenote_pricing::math::sqrt;
use cenote_units::{Cash, Price, Timestamp};

/// Facts about one command.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// For each fill, in order, its legs.
    pub fills: Vec<Vec<LegFact>>,
    /// Points of pools' paths, after ticks.
    pub nav: Vec<(PoolId, NavPoint)>,
    /// The index of each market with a fill or a tick.
    pub index: Vec<(MarketId, Price)>,
}

/// A leg when it filled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LegFact {
    /// The mark of a contract, quote.
    pub mark: f64,
    /// The vol of that mark, percent.
    pub iv: Option<f64>,
}

impl Facts {
    /// The facts of a command, from the state that it left.
    #[must_use]
    pub fn of(state: &MemoryState, events: &[Event], now: Timestamp) -> Self {
        let mut facts = Self::default();
        for event in events {
            match event {
                Event::OrderFilled(fill) => {
                    facts.fills.push(fill.legs.iter().map(|leg| leg_fact(state, fill, leg)).collect());
                    facts.note_index(state, fill.market);
                }
                Event::Ticked(tick) => {
                    facts.note_index(state, tick.market);
                    let pool = state.market.get(&tick.market).map(|market| market.pool);
                    facts.nav.extend(pool.and_then(|pool| Some((pool, nav_point(state, pool, now)?))));
                }
                _ => {}
            }
        }
        facts
    }

    fn note_index(&mut self, state: &MemoryState, market: MarketId) {
        let price = state.market.get(&market).and_then(|record| record.tick.as_ref()).map(|tick| tick.price);
        if let Some(price) = price.filter(|_| self.index.iter().all(|(known, _)| *known != market)) {
            self.index.push((market, price));
        }
    }
}

fn leg_fact(state: &MemoryState, fill: &FillEvent, leg: &cenote_engine::command::Leg) -> LegFact {
    let nothing = LegFact { mark: 0.0, iv: None };
    let Ok(marks) = view::marks(state, leg.board) else { return nothing };
    let Some(at) = state.board.get(&leg.board).and_then(|board| board.strike_at(leg.strike)) else {
        return nothing;
    };
    let mark = |right: Right| {
        let side = if right == Right::Call { &marks.calls } else { &marks.puts };
        side.get(at).map_or(0.0, |mark| mark.mark)
    };
    let right = match leg.kind {
        LegKind::Call => Right::Call,
        LegKind::Put => Right::Put,
        LegKind::Forward => return LegFact { mark: mark(Right::Call) - mark(Right::Put), iv: None },
    };
    let tick = state.market.get(&fill.market).and_then(|market| market.tick.as_ref());
    let years = tick.map_or(0.0, |tick| quote::years(leg.board.expiry.since(tick.published_at)));
    let strike = quote::price(leg.strike);
    let total = match right {
        Right::Call => implied::call_vol(mark(right), marks.forward, strike),
        Right::Put => implied::put_vol(mark(right), marks.forward, strike),
    };
    let iv = total.ok().map(|vol| 100.0 * vol / sqrt(years)).filter(|vol| vol.is_finite());
    LegFact { mark: mark(right), iv }
}

/// A point of a pool's path, now.
#[must_use]
pub fn nav_point(state: &MemoryState, pool: PoolId, now: Timestamp) -> Option<NavPoint> {
    let seen = view::pool(state, now, pool).ok()?;
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
