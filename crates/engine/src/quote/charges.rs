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
        let side = match self.right {
            Right::Call => &self.marks.calls,
            Right::Put => &self.marks.puts,
        };
        // The place was found on the board that was marked.
        side.get(self.at).unwrap_or(&InstrumentMark::ZERO)
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

/// Call and put of a strike. What a call and an opposite put have in common may be charged as a forward, one fee
/// and nothing for vol, where that is less: the cheaper of two ways to carry the same trade out.
fn strike_charge(desk: &Desk, legs: &[TradeLeg], gross_rate: f64) -> StrikeCharge {
    let mut charge = StrikeCharge::default();
    let matched = match legs {
        [call, put] => matched_size(desk, call, put, gross_rate),
        _ => 0.0,
    };
    charge.fee += matched * ratio(desk.rules.fee_notional) * desk.spot;
    for leg in legs {
        let (mark, whole) = (leg.mark(), size(leg.size));
        let rest = if whole > 0.0 { whole - matched } else { whole + matched };
        charge.net_vega += rest * mark.vega;
        charge.gross_vega += abs(rest * mark.vega);
        charge.leg_spread += abs(rest) * leg_spread(desk, mark);
        charge.fee += abs(rest) * fee(desk, mark);
        charge.delta += whole * mark.delta;
    }
    charge
}

/// Contracts to charge as forwards: all that match, or none.
fn matched_size(desk: &Desk, call: &TradeLeg, put: &TradeLeg, gross_rate: f64) -> f64 {
    let (c, p) = (size(call.size), size(put.size));
    if (c > 0.0) == (p > 0.0) {
        return 0.0;
    }
    let option = |leg: &TradeLeg| {
        let mark = leg.mark();
        fee(desk, mark) + leg_spread(desk, mark) + gross_rate * abs(mark.vega)
    };
    let as_forward = ratio(desk.rules.fee_notional) * desk.spot;
    if as_forward <= option(call) + option(put) { min(abs(c), abs(p)) } else { 0.0 }
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
