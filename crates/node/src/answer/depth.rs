//! A synthetic order book: what growing sizes cost, level by level.

use super::{float, refuse, with};
use crate::core::Shared;
use crate::core::replicas::Replica;
use cenote_api::view::{Depth, DepthLevel};
use cenote_api::{ApiError, Names};
use cenote_engine::command::Leg;
use cenote_engine::view::{self, QuoteRequest};
use cenote_engine::{Error, Rejection};
use cenote_units::{Cash, Size, Timestamp};

/// Sizes of levels in 1e-6 contracts, as far as the pool goes.
const SIZES: [i64; 8] =
    [1_000_000, 3_000_000, 10_000_000, 30_000_000, 100_000_000, 300_000_000, 1_000_000_000, 3_000_000_000];

/// The book of an instrument for anyone with enough cash. A level's price is what the size beyond the level before costs, so that
/// walking the levels costs what one fill of that size does; between levels the cost is convex, so the ladder is never too good.
///
/// # Errors
/// No such instrument, or no price yet.
pub fn depth(shared: &Shared, instrument: &str, levels: usize) -> Result<Depth, ApiError> {
    with(shared, |replica, names| of_replica(replica, names, instrument, levels))
}

/// [`depth`] on a replica at hand.
pub(crate) fn of_replica(
    replica: &Replica,
    names: &Names,
    instrument: &str,
    levels: usize,
) -> Result<Depth, ApiError> {
    let name = names.parse(instrument).map_err(ApiError::not_found)?;
    let leg = Leg { board: name.board, strike: name.strike, kind: name.kind, size: Size::ONE };
    let now = replica.priced_at(name.board.market);
    let tick = replica.state.market.get(&name.board.market).and_then(|market| market.tick.as_ref());
    let tick = tick.map_or(0, |tick| tick.number);
    let (asks, buy_binds) = side(replica, &leg, 1, levels, now)?;
    let (bids, sell_binds) = side(replica, &leg, -1, levels, now)?;
    Ok(Depth {
        instrument_name: names.leg(name.board, name.strike, name.kind),
        tick,
        asks,
        bids,
        buy_binds,
        sell_binds,
        as_of_seq: replica.seq,
    })
}

type Levels = (Vec<DepthLevel>, Option<String>);

fn side(replica: &Replica, leg: &Leg, sign: i64, count: usize, now: Timestamp) -> Result<Levels, ApiError> {
    let (mut levels, mut before) = (Vec::new(), (0i64, Cash::ZERO));
    let quote = |size: i64| {
        let legs = vec![Leg { size: Size::new(sign * size).unwrap_or(Size::ONE), ..*leg }];
        let request = QuoteRequest { market: leg.board.market, account: None, legs, reduce_only: false };
        view::quote(&replica.state, now, &request)
    };
    for size in SIZES.into_iter().take(count) {
        let quote = match quote(size) {
            Ok(quote) => quote,
            Err(Error::Rejected(Rejection::OutOfBounds { .. })) => break,
            Err(error) => return Err(refuse(error)),
        };
        if let Some(refusal) = &quote.refusal {
            return Ok((levels, Some(refusal.to_string())));
        }
        let amount = size - before.0;
        let paid = quote.cost.total.minus(before.1).map_err(|e| refuse(e.into()))?;
        let price = float(paid) / (amount as f64 / 1e6) * sign as f64;
        // A bid that pays nothing is no bid: the ladder ends where its price would not be one.
        if price <= 0.0 {
            break;
        }
        let amount = Size::new(amount).unwrap_or(Size::ONE);
        levels.push(DepthLevel { price, amount: amount.into(), cost: (&quote.cost).into() });
        before = (size, quote.cost.total);
    }
    Ok((levels, None))
}
