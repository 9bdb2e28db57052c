//! Spread, latency and fee: sums of absolute values of linear forms in the sizes, taken at the marks, never on
//! the impact, so that splitting a trade never saves.

use super::desk::Desk;
use super::scale::{ratio, size};
use crate::canary::{Trap, planted};
use crate::error::{Error, Fault};
use crate::ids::{BoardId, MarketId, PoolId, Right};
use crate::work::Work;
use alloc::sync::Arc;
use alloc::vec::Vec;
use cenote_pricing::math::{abs, min};
use cenote_pricing::{BoardMarks, InstrumentMark};
use cenote_units::{Price, Size, Timestamp};

/// One merged leg with its marks.
#[derive(Clone)]
pub(crate) struct TradeLeg {
    pub board: BoardId,
    pub strike: Price,
    pub right: Right,
    /// Positive: the trader buys.
    pub size: Size,
    /// Place of the strike on its board.
    pub at: usize,
    pub marks: Arc<BoardMarks>,
}

impl TradeLeg {
    pub fn mark(&self) -> &InstrumentMark {
        let (call, put) = self.marks_of_strike();
        match self.right {
            Right::Call => call,
            Right::Put => put,
        }
    }

    /// Call and put of the leg's strike. Its place was found on the board that was marked.
    fn marks_of_strike(&self) -> (&InstrumentMark, &InstrumentMark) {
        let zero = &InstrumentMark::ZERO;
        (self.marks.calls.get(self.at).unwrap_or(zero), self.marks.puts.get(self.at).unwrap_or(zero))
    }
}

/// The three charges, in quote.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Charges {
    pub spread: f64,
    pub latency: f64,
    pub fee: f64,
}

/// Charges on legs that are sorted by board, strike, call before put.
pub(crate) fn charges(desk: &Desk, legs: &[TradeLeg], now: Timestamp) -> Charges {
    let mut sum = Charges::default();
    let mut delta = 0.0;
    for on_board in legs.chunk_by(|a, b| a.board == b.board) {
        let vol_spread = on_board.first().map_or(0.0, |leg| desk.vol_spread(leg.board.expiry));
        let zeta = if planted(Trap::NetVegaOnly) { 0.0 } else { ratio(desk.rules.gross_share) };
        let (mut net, mut gross) = (0.0, 0.0);
        for at_strike in on_board.chunk_by(|a, b| a.strike == b.strike) {
            let strike = strike_charge(desk, at_strike, vol_spread * zeta);
            net += strike.net_vega;
            gross += strike.gross_vega;
            sum.spread += strike.leg_spread;
            sum.fee += strike.fee;
            delta += strike.delta;
        }
        sum.spread += vol_spread * ((1.0 - zeta) * abs(net) + zeta * gross);
    }
    let moved = abs(delta) * desk.spot;
    sum.spread += moved * desk.confidence;
    sum.latency = moved * desk.latency(now);
    sum
}

#[derive(Default)]
struct StrikeCharge {
    net_vega: f64,
    gross_vega: f64,
    leg_spread: f64,
    fee: f64,
    delta: f64,
}

/// Call and put of a strike, carried out in the cheapest way: `m` forwards, and what is left as options. A forward pays
/// one fee and nothing for vol. The charge is convex and piecewise linear in `m`, so its least value is at a kink.
fn strike_charge(desk: &Desk, legs: &[TradeLeg], gross_rate: f64) -> StrikeCharge {
    let mut charge = StrikeCharge::default();
    let of = |right: Right| legs.iter().find(|leg| leg.right == right);
    let held = |right: Right| of(right).map_or(0.0, |leg| size(leg.size));
    let (call, put) = (held(Right::Call), held(Right::Put));
    let Some(any) = legs.first() else { return charge };
    let (call_mark, put_mark) = any.marks_of_strike();
    let forward = ratio(desk.rules.fee_notional) * desk.spot;
    let option =
        |mark: &InstrumentMark| fee(desk, mark) + leg_spread(desk, mark) + gross_rate * abs(mark.vega);
    let (call_rate, put_rate) = (option(call_mark), option(put_mark));
    let cost = |m: f64| forward * abs(m) + call_rate * abs(call - m) + put_rate * abs(put + m);
    let mut forwards = 0.0;
    for m in [call, -put] {
        if cost(m) < cost(forwards) {
            forwards = m;
        }
    }
    charge.fee += forward * abs(forwards);
    for (rest, mark) in [(call - forwards, call_mark), (put + forwards, put_mark)] {
        charge.net_vega += rest * mark.vega;
        charge.gross_vega += abs(rest * mark.vega);
        charge.leg_spread += abs(rest) * leg_spread(desk, mark);
        charge.fee += abs(rest) * fee(desk, mark);
    }
    charge.delta = call * call_mark.delta + put * put_mark.delta;
    charge
}

fn fee(desk: &Desk, mark: &InstrumentMark) -> f64 {
    min(ratio(desk.rules.fee_notional) * desk.spot, ratio(desk.rules.fee_cap) * mark.mark)
}

fn leg_spread(desk: &Desk, mark: &InstrumentMark) -> f64 {
    min(ratio(desk.rules.leg_min) * desk.spot, 0.25 * mark.mark)
}

/// Half-spread of a pool's whole inventory, quote.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BookSpread(pub(super) f64);

/// Half-spread of a pool's whole inventory, over all its markets: what closing it would cost beside its effect.
pub(crate) fn book_spread(work: &mut Work<'_>, pool: PoolId) -> Result<BookSpread, Error> {
    let missing = Fault::MissingRecord("a market's state");
    let record = work.set.pool.get(&pool).ok_or(Fault::MissingRecord("a pool"))?;
    let markets: Vec<MarketId> = record.books.iter().filter(|b| b.open > 0).map(|b| b.market).collect();
    let mut spread = 0.0;
    for id in markets {
        let rules =
            work.set.market_params.get(&id).ok_or(Fault::MissingRecord("market parameters"))?.rules.clone();
        let market = work.set.market.get(&id).ok_or(missing.clone())?;
        let desk = Desk::new(market, &rules, id)?;
        let boards = market.boards.clone();
        let mut legs = Vec::new();
        for board in boards {
            let marks = desk.marks(work, &board).ok_or(missing.clone())?;
            let record = work.set.board.get(&board).ok_or(missing.clone())?;
            for (at, strike) in record.strikes.iter().enumerate() {
                for right in [Right::Call, Right::Put] {
                    let size = strike.side(right).pool;
                    if !size.is_zero() {
                        let marks = Arc::clone(&marks);
                        legs.push(TradeLeg { board, strike: strike.price, right, size, at, marks });
                    }
                }
            }
        }
        spread += charges(&desk, &legs, desk.tick.published_at).spread;
    }
    Ok(BookSpread(spread))
}
