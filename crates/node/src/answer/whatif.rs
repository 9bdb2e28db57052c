//! Positions in other circumstances.

use super::{finite, market_of, price_float, refuse, with};
use crate::core::Shared;
use crate::core::replicas::Replica;
use cenote_api::name::expiry_label;
use cenote_api::view::{Band, Greeks, PayoffLine, PayoffPoint, WhatIfAnswer, WhatIfGrid, WhatIfRequest};
use cenote_api::{ApiError, Names};
use cenote_engine::ids::{Instrument, LegKind, MarketId, Right};
use cenote_engine::obligation::{Held, payoff_of};
use cenote_engine::view::{self, Circumstance};
use cenote_units::{Price, Size, Timestamp};
use std::collections::BTreeMap;

/// Most changes of the index, of vol, and moments that one question may have.
const SPOTS_MAX: usize = 41;
const VOLS_MAX: usize = 21;
const DATES_MAX: usize = 8;
/// Most cells in all.
const CELLS_MAX: usize = 1_000;

type Book = BTreeMap<Instrument, Size>;

/// Values positions on a grid of spot, vol and time.
///
/// # Errors
/// A grid that is too large or makes no sense, unknown instruments, or no price yet.
pub fn whatif(shared: &Shared, request: &WhatIfRequest) -> Result<WhatIfAnswer, ApiError> {
    check(request)?;
    let now = shared.now();
    with(shared, |replica, names| {
        let market = market_of(names, Some(&request.market))?;
        let book = book(replica, names, market, request)?;
        let positions: Vec<(Instrument, Size)> = book.iter().map(|(i, s)| (*i, *s)).collect();
        let tick = replica.state.market.get(&market).and_then(|market| market.tick.clone());
        let tick = tick.ok_or_else(|| ApiError::from(&cenote_engine::Rejection::NoPrice { market }))?;
        let value = |circumstances: &[Circumstance]| {
            view::whatif(&replica.state, market, &positions, circumstances).map_err(refuse)
        };
        let here = Circumstance { at: tick.published_at, price: tick.price, vol: 0.0 };
        let base = value(&[here])?.first().copied().unwrap_or(0.0);
        let dates = if request.dates.is_empty() { vec![now.millis()] } else { request.dates.clone() };
        let grids = dates
            .into_iter()
            .map(|at| {
                grid(
                    request,
                    tick.price,
                    Timestamp::from_millis(at).unwrap_or(now).max(here.at),
                    base,
                    &value,
                )
            })
            .collect::<Result<_, _>>()?;
        Ok(WhatIfAnswer {
            value: finite(base).unwrap_or(0.0),
            greeks: greeks(replica, market, &book)?,
            index_price: tick.price.into(),
            grids,
            payoffs: payoffs(replica, &book),
            as_of_seq: replica.seq,
        })
    })
}

fn check(request: &WhatIfRequest) -> Result<(), ApiError> {
    let (spots, vols, dates) =
        (request.spot_shocks.len(), request.vol_shocks.len(), request.dates.len().max(1));
    let count = |field, n: usize, most: usize| match (1..=most).contains(&n) {
        true => Ok(()),
        false => Err(ApiError::invalid(field, &format!("1 to {most} numbers, there are {n}"))),
    };
    count("spot_shocks", spots, SPOTS_MAX)?;
    count("vol_shocks", vols, VOLS_MAX)?;
    count("dates", dates, DATES_MAX)?;
    if spots * vols * dates > CELLS_MAX {
        return Err(ApiError::invalid("spot_shocks", "times vol_shocks times dates at most 1000 cells"));
    }
    if !request.spot_shocks.iter().all(|x| (-0.99..=10.0).contains(x)) {
        return Err(ApiError::invalid("spot_shocks", "within -0.99 to 10, fractions of the index"));
    }
    if !request.vol_shocks.iter().all(|x| (-200.0..=500.0).contains(x)) {
        return Err(ApiError::invalid("vol_shocks", "within -200 to 500 vol points"));
    }
    Ok(())
}

/// What is asked about: an account's or the pool's positions in the market, with some added and some left out.
fn book(
    replica: &Replica,
    names: &Names,
    market: MarketId,
    request: &WhatIfRequest,
) -> Result<Book, ApiError> {
    let mut book = Book::new();
    let mut add = |instrument: Instrument, size: Size| -> Result<(), ApiError> {
        let sum = book.get(&instrument).copied().unwrap_or(Size::ZERO).plus(size);
        let sum = sum.map_err(|_| ApiError::invalid("add", "sizes whose sum a position can hold"))?;
        book.insert(instrument, sum);
        Ok(())
    };
    if let Some(record) = request.account.and_then(|account| replica.state.account.get(&account.0)) {
        for holding in record.holdings.iter().filter(|holding| holding.board.market == market) {
            for p in &holding.positions {
                add(Instrument { board: holding.board, strike: p.strike, right: p.right }, p.size)?;
            }
        }
    }
    if request.pool {
        let boards = replica
            .state
            .board
            .iter()
            .filter(|(id, board)| id.market == market && board.settlement.is_none());
        for (id, board) in boards {
            for strike in &board.strikes {
                for (right, side) in [(Right::Call, &strike.call), (Right::Put, &strike.put)] {
                    add(Instrument { board: *id, strike: strike.price, right }, side.pool)?;
                }
            }
        }
    }
    for leg in &request.add {
        let leg = leg.to_engine(names)?;
        let one = |right| Instrument { board: leg.board, strike: leg.strike, right };
        match leg.kind {
            LegKind::Call => add(one(Right::Call), leg.size)?,
            LegKind::Put => add(one(Right::Put), leg.size)?,
            LegKind::Forward => {
                add(one(Right::Call), leg.size)?;
                add(one(Right::Put), leg.size.negated())?;
            }
        }
    }
    for name in &request.remove {
        let name = names.parse(name).map_err(ApiError::not_found)?;
        book.retain(|instrument, _| Some(*instrument) != name.instrument());
    }
    book.retain(|_, size| !size.is_zero());
    Ok(book)
}

/// Values of the positions in circumstances.
type Valued<'a> = dyn Fn(&[Circumstance]) -> Result<Vec<f64>, ApiError> + 'a;

fn grid(
    request: &WhatIfRequest,
    index: Price,
    at: Timestamp,
    base: f64,
    value: &Valued<'_>,
) -> Result<WhatIfGrid, ApiError> {
    let moved = |by: f64| {
        let units = (price_float(index) * (1.0 + by) * 1e12).round().clamp(1.0, 1e19);
        Price::new(units as u128).unwrap_or(index)
    };
    let row = |vol: f64| {
        let cells: Vec<Circumstance> = request
            .spot_shocks
            .iter()
            .map(|by| Circumstance { at, price: moved(*by), vol: vol / 100.0 })
            .collect();
        let values = value(&cells)?;
        Ok(values.into_iter().map(|x| finite(x - base).unwrap_or(0.0)).collect())
    };
    let pnl = request.vol_shocks.iter().map(|vol| row(*vol)).collect::<Result<_, ApiError>>()?;
    Ok(WhatIfGrid { at: at.millis(), pnl })
}

fn greeks(replica: &Replica, market: MarketId, book: &Book) -> Result<Greeks, ApiError> {
    let wanted =
        |board: &cenote_engine::ids::BoardId| book.keys().any(|instrument| instrument.board == *board);
    let (_, boards) = super::chain::boards(replica, market, None, wanted)?;
    let mut sum = Greeks::default();
    for (instrument, size) in book {
        let strike = boards
            .iter()
            .find(|board| board.board == instrument.board)
            .and_then(|board| board.strikes.iter().find(|strike| strike.strike == instrument.strike));
        let Some(strike) = strike else { continue };
        let one = if instrument.right == Right::Call { strike.call.greeks } else { strike.put.greeks };
        let n = cenote_engine::quote::size(*size);
        sum.delta += n * one.delta;
        sum.gamma += n * one.gamma;
        sum.vega += n * one.vega;
        sum.theta += n * one.theta;
    }
    Ok(sum)
}

/// Payoff of each board at every strike that is held and at both edges of its band: linear in between, flat beyond.
fn payoffs(replica: &Replica, book: &Book) -> Vec<PayoffLine> {
    let mut ids: Vec<_> = book.keys().map(|instrument| instrument.board).collect();
    ids.dedup();
    let line = |id: cenote_engine::ids::BoardId| {
        let board = replica.state.board.get(&id)?;
        let held = || {
            let mine = book.iter().filter(move |(instrument, _)| instrument.board == id);
            mine.map(|(i, size)| Held { strike: i.strike, right: i.right, size: *size })
        };
        let mut prices: Vec<Price> = held().map(|held| held.strike).chain([board.floor, board.cap]).collect();
        prices.retain(|price| (board.floor..=board.cap).contains(price));
        prices.sort_unstable();
        prices.dedup();
        let point = |price: Price| {
            let payoff = payoff_of(held(), price).ok()?.to_cash_down().ok()?;
            Some(PayoffPoint { price: price.into(), payoff: payoff.into() })
        };
        Some(PayoffLine {
            expiry: expiry_label(id),
            expiration_timestamp: id.expiry.millis(),
            settlement_band: Band { floor: board.floor.into(), cap: board.cap.into() },
            points: prices.into_iter().filter_map(point).collect(),
        })
    };
    ids.into_iter().filter_map(line).collect()
}
