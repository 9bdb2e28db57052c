//! Chains and instruments.

use super::{finite, market_of, option_type, per_contract, price_float, refuse, vol_percent, with};
use crate::core::Shared;
use crate::core::replicas::Replica;
use cenote_api::name::expiry_label;
use cenote_api::view::{Band, Chain, ChainExpiry, ChainSeries, ChainStrike, InstrumentRow};
use cenote_api::{ApiError, Contracts, Names, Quote};
use cenote_engine::event::Cost;
use cenote_engine::ids::{BoardId, Instrument, MarketId, Right};
use cenote_engine::view::{BoardView, SeriesView, StrikeView};
use cenote_engine::{Rejection, view};
use cenote_units::{Cash, Price, Size, Timestamp};

/// The step of prices that people quote: a cent.
pub const TICK_SIZE: Price = match Price::new(10_000_000_000) {
    Ok(price) => price,
    Err(_) => Price::ZERO,
};
/// The smallest amount that rows of instruments offer. The engine takes any; smaller ones cost mostly rounding.
pub const MIN_AMOUNT: Size = match Size::new(10_000) {
    Ok(size) => size,
    Err(_) => Size::ZERO,
};

/// The chain of a market, or one expiry of it, with prices at a size.
///
/// # Errors
/// No such market or expiry, or no price yet.
pub fn chain(
    shared: &Shared,
    market: Option<&str>,
    expiry: Option<&str>,
    size: Size,
) -> Result<Chain, ApiError> {
    if size.get() <= 0 {
        return Err(ApiError::invalid("size", "more than zero"));
    }
    with(shared, |replica, names| {
        let id = market_of(names, market)?;
        let only =
            |board: &BoardId| expiry.is_none_or(|label| expiry_label(*board).eq_ignore_ascii_case(label));
        let (tick, boards) = boards(replica, id, Some(size), only)?;
        if let (Some(label), true) = (expiry, boards.is_empty()) {
            return Err(ApiError::not_found(format!("no expiry {label} is listed in {}", names.market(id))));
        }
        Ok(Chain {
            market: names.market(id),
            index_price: tick.1.into(),
            tick: tick.0,
            published_at: tick.2.millis(),
            size: size.into(),
            expiries: boards.iter().map(|board| chain_expiry(names, board, size)).collect(),
            as_of_seq: replica.seq,
        })
    })
}

/// Boards at a tick: its number, index price and publishing time, and the boards.
pub(crate) type AtTick = ((u64, Price, Timestamp), Vec<BoardView>);

/// The tick in force, and the boards of a market that are wanted.
pub(crate) fn boards(
    replica: &Replica,
    id: MarketId,
    size: Option<Size>,
    only: impl Fn(&BoardId) -> bool,
) -> Result<AtTick, ApiError> {
    let record = replica.state.market.get(&id);
    let tick = record.and_then(|record| record.tick.as_ref());
    let tick = tick.ok_or_else(|| ApiError::from(&Rejection::NoPrice { market: id }))?;
    let now = replica.priced_at(id);
    let live = record.map(|record| record.boards.as_slice()).unwrap_or_default().iter();
    let live = live.filter(|board| board.expiry > tick.published_at && only(board));
    let boards = live
        .map(|board| view::board(&replica.state, now, *board, size).map_err(refuse))
        .collect::<Result<_, _>>()?;
    Ok(((tick.number, tick.price, tick.published_at), boards))
}

/// One expiry in the words of clients.
pub(crate) fn chain_expiry(names: &Names, board: &BoardView, size: Size) -> ChainExpiry {
    let strikes: Vec<ChainStrike> =
        board.strikes.iter().map(|strike| chain_strike(names, board, strike, size)).collect();
    ChainExpiry {
        expiry: expiry_label(board.board),
        expiration_timestamp: board.board.expiry.millis(),
        years: board.years,
        forward: board.forward,
        atm_iv: atm_iv(board),
        settlement_band: Band { floor: board.floor.into(), cap: board.cap.into() },
        strikes,
    }
}

/// Vol at the forward, percent: along the straight line between the two strikes around it.
pub(crate) fn atm_iv(board: &BoardView) -> Option<f64> {
    let out_of_money = |strike: &StrikeView| {
        let x = price_float(strike.strike);
        let side = if x >= board.forward { &strike.call } else { &strike.put };
        side.vol.map(|vol| (x, 100.0 * vol))
    };
    let points: Vec<(f64, f64)> = board.strikes.iter().filter_map(out_of_money).collect();
    let above = points.iter().position(|(x, _)| *x >= board.forward);
    match above {
        None => points.last().map(|point| point.1),
        Some(0) => points.first().map(|point| point.1),
        Some(at) => {
            let ((x0, y0), (x1, y1)) = (points[at - 1], points[at]);
            finite(y0 + (y1 - y0) * (board.forward - x0) / (x1 - x0))
        }
    }
}

fn chain_strike(names: &Names, board: &BoardView, strike: &StrikeView, size: Size) -> ChainStrike {
    ChainStrike {
        strike: strike.strike.into(),
        call: chain_series(names, board, strike.strike, Right::Call, &strike.call, size),
        put: chain_series(names, board, strike.strike, Right::Put, &strike.put, size),
    }
}

fn chain_series(
    names: &Names,
    board: &BoardView,
    strike: Price,
    right: Right,
    series: &SeriesView,
    size: Size,
) -> ChainSeries {
    let price = |cost: &Option<Cost>, pays: bool| {
        let cost = cost.as_ref().filter(|cost| (cost.total > Cash::ZERO) == pays)?;
        per_contract(cost.total, size)
    };
    let iv =
        |price: Option<Price>| vol_percent(right, price_float(price?), board.forward, strike, board.years);
    let (bid, ask) = (price(&series.sell, false), price(&series.buy, true));
    let helps = |cost: &Option<Cost>| cost.as_ref().is_some_and(|cost| cost.impact < Cash::ZERO);
    ChainSeries {
        instrument_name: names.instrument(&Instrument { board: board.board, strike, right }),
        mark_price: series.mark,
        mark_iv: series.vol.and_then(|vol| finite(100.0 * vol)),
        bid_price: bid.map(Quote),
        ask_price: ask.map(Quote),
        bid_iv: iv(bid),
        ask_iv: iv(ask),
        greeks: series.greeks.into(),
        open_interest: series.open_interest.into(),
        pool_position: series.pool.into(),
        buy_helps_pool: helps(&series.buy),
        sell_helps_pool: helps(&series.sell),
    }
}

/// Every listed instrument, of one market or of all.
///
/// # Errors
/// No such market.
pub fn instruments(shared: &Shared, market: Option<&str>) -> Result<(Vec<InstrumentRow>, u64), ApiError> {
    with(shared, |replica, names| {
        let only = market.map(|name| market_of(names, Some(name))).transpose()?;
        let mut rows = Vec::new();
        for (id, record) in &replica.state.market {
            if only.is_some_and(|only| only != *id) {
                continue;
            }
            for board in &record.boards {
                rows.extend(rows_of_board(replica, names, *board));
            }
        }
        Ok((rows, replica.seq))
    })
}

/// Base and quote of a market's name: what is before and after its first underscore.
#[must_use]
pub fn currencies(market: &str) -> (String, String) {
    let (base, quote) = market.split_once('_').unwrap_or((market, "USDC"));
    (base.to_owned(), quote.to_owned())
}

fn rows_of_board(replica: &Replica, names: &Names, board: BoardId) -> Vec<InstrumentRow> {
    let Some(record) = replica.state.board.get(&board).filter(|record| record.settlement.is_none()) else {
        return Vec::new();
    };
    let market = names.market(board.market);
    let (base_currency, quote_currency) = currencies(&market);
    let row = |strike: Price, right: Right| InstrumentRow {
        instrument_name: names.instrument(&Instrument { board, strike, right }),
        market: market.clone(),
        base_currency: base_currency.clone(),
        quote_currency: quote_currency.clone(),
        expiration_timestamp: board.expiry.millis(),
        strike: strike.into(),
        option_type: option_type(right),
        tick_size: TICK_SIZE.into(),
        price_decimals: 2,
        min_trade_amount: Contracts(MIN_AMOUNT),
        contract_size: 1,
        settlement_band: Band { floor: record.floor.into(), cap: record.cap.into() },
    };
    let strikes = record.strikes.iter().map(|strike| strike.price);
    strikes.flat_map(|strike| [row(strike, Right::Call), row(strike, Right::Put)]).collect()
}
