//! The option chain of a market.

use super::{Greeks, at as work_at, desk};
use crate::command::Leg;
use crate::error::{Error, Rejection};
use crate::event::Cost;
use crate::ids::{AccountId, BoardId, LegKind, MarketId, Right};
use crate::quote::Desk;
use crate::state::{Side, Strike};
use crate::verbs::fill::{Trade, weigh};
use crate::work::Work;
use crate::working::StateReader;
use alloc::sync::Arc;
use alloc::vec::Vec;
use cenote_pricing::{BoardMarks, InstrumentMark, implied};
use cenote_units::{Price, Size, Timestamp};

/// One board of a chain.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct BoardView {
    /// Which board.
    pub board: BoardId,
    /// Years to expiry from the tick in force.
    pub years: f64,
    /// Forward, quote; inside the settlement window it blends the average so far.
    pub forward: f64,
    /// The least settlement price.
    pub floor: Price,
    /// The greatest settlement price.
    pub cap: Price,
    /// Strikes, ascending.
    pub strikes: Vec<StrikeView>,
}

/// One strike of a chain.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct StrikeView {
    /// The strike.
    pub strike: Price,
    /// Its call.
    pub call: SeriesView,
    /// Its put.
    pub put: SeriesView,
}

/// One series of a chain.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SeriesView {
    /// Price of a contract at the mixture, quote.
    pub mark: f64,
    /// The vol that Black's formula gives this mark at, annual; `None` when no vol does. The band's cut is in the
    /// mark, so far wings read a little low.
    pub vol: Option<f64>,
    /// Sensitivities of one contract.
    pub greeks: Greeks,
    /// What the pool holds, signed.
    pub pool: Size,
    /// What all holders together are long.
    pub open_interest: Size,
    /// What buying the asked size costs, when it would fill.
    pub buy: Option<Cost>,
    /// What selling the asked size costs (negative: pays), when the pool would take it.
    pub sell: Option<Cost>,
}

/// The chain of a market at its tick in force, with buy and sell prices at a size if one is asked for.
///
/// # Errors
/// An unknown market, or one without a price and surface in force.
pub fn chain(
    state: &dyn StateReader,
    now: Timestamp,
    market: MarketId,
    size: Option<Size>,
) -> Result<Vec<BoardView>, Error> {
    let mut work = work_at(state, now, AccountId::default());
    let desk = desk(&mut work, market)?;
    let boards = work.set.market.get(&market).ok_or(Rejection::MarketNotFound { market })?.boards.clone();
    let live = boards.into_iter().filter(|board| board.expiry > desk.tick.published_at);
    live.map(|board| board_view(&mut work, &desk, board, size)).collect()
}

/// One board at its market's tick in force, with buy and sell prices at a size if one is asked for.
///
/// # Errors
/// An unknown or expired board, or a market without a price and surface in force.
pub fn board(
    state: &dyn StateReader,
    now: Timestamp,
    id: BoardId,
    size: Option<Size>,
) -> Result<BoardView, Error> {
    let mut work = work_at(state, now, AccountId::default());
    let desk = desk(&mut work, id.market)?;
    if id.expiry <= desk.tick.published_at {
        return Err(Rejection::BoardClosed { board: id, allows: "settling" }.into());
    }
    board_view(&mut work, &desk, id, size)
}

/// The marks of a board at the tick in force, from the host's memo when it has them.
///
/// # Errors
/// An unknown board, or a market without a price and surface in force.
pub fn marks(state: &dyn StateReader, board: BoardId) -> Result<Arc<BoardMarks>, Error> {
    let mut work = work_at(state, Timestamp::ZERO, AccountId::default());
    let desk = desk(&mut work, board.market)?;
    Ok(desk.marks(&mut work, &board).ok_or(Rejection::BoardNotFound { board })?)
}

/// The mark of one series at the tick in force, and the vol that Black's formula gives it at.
///
/// # Errors
/// As of [`marks`], and a strike that is not listed.
pub fn series_mark(
    state: &dyn StateReader,
    id: BoardId,
    strike: Price,
    right: Right,
) -> Result<(f64, Option<f64>), Error> {
    let mut work = work_at(state, Timestamp::ZERO, AccountId::default());
    let desk = desk(&mut work, id.market)?;
    let marks = desk.marks(&mut work, &id).ok_or(Rejection::BoardNotFound { board: id })?;
    let board = work.set.board.get(&id).ok_or(Rejection::BoardNotFound { board: id })?;
    let at = board.strike_at(strike).ok_or(Rejection::StrikeNotFound { board: id, strike })?;
    let side = if right == Right::Call { &marks.calls } else { &marks.puts };
    let mark = side.get(at).map_or(0.0, |mark| mark.mark);
    Ok((mark, vol_of(mark, marks.forward, strike, right, desk.tau(id.expiry))))
}

/// The annual vol of a price, when there is one.
fn vol_of(mark: f64, forward: f64, strike: Price, right: Right, years: f64) -> Option<f64> {
    let strike = crate::quote::price(strike);
    let total = match right {
        Right::Call => implied::call_vol(mark, forward, strike),
        Right::Put => implied::put_vol(mark, forward, strike),
    };
    total.ok().map(|vol| vol / cenote_pricing::math::sqrt(years)).filter(|vol| vol.is_finite())
}

fn board_view(work: &mut Work<'_>, desk: &Desk, id: BoardId, size: Option<Size>) -> Result<BoardView, Error> {
    let marks = desk.marks(work, &id).ok_or(Rejection::BoardNotFound { board: id })?;
    let board = work.set.board.get(&id).ok_or(Rejection::BoardNotFound { board: id })?.clone();
    let years = desk.tau(id.expiry);
    let mut strikes = Vec::with_capacity(board.strikes.len());
    let greeks = desk.greeks(&id, &board, &board.strikes);
    for (at, (strike, (call, put))) in
        board.strikes.iter().zip(marks.calls.iter().zip(&marks.puts)).enumerate()
    {
        let mut series = |right: Right, mark: &InstrumentMark| -> Result<SeriesView, Error> {
            let side = strike.side(right);
            let mut one = Greeks::default();
            one.add(&greeks, at, right, Size::ONE);
            Ok(SeriesView {
                mark: mark.mark,
                vol: vol_of(mark.mark, marks.forward, strike.price, right, years),
                greeks: one,
                pool: side.pool,
                open_interest: open_interest(side)?,
                buy: side_cost(work, desk, id, strike, right, size)?,
                sell: side_cost(work, desk, id, strike, right, size.map(Size::negated))?,
            })
        };
        strikes.push(StrikeView {
            strike: strike.price,
            call: series(Right::Call, call)?,
            put: series(Right::Put, put)?,
        });
    }
    Ok(BoardView { board: id, years, forward: marks.forward, floor: board.floor, cap: board.cap, strikes })
}

fn open_interest(side: &Side) -> Result<Size, Error> {
    Ok(side.long.plus(side.pool.max(Size::ZERO))?)
}

/// What one series costs at a size, for anyone with enough cash.
fn side_cost(
    work: &mut Work<'_>,
    desk: &Desk,
    board: BoardId,
    strike: &Strike,
    right: Right,
    size: Option<Size>,
) -> Result<Option<Cost>, Error> {
    let Some(size) = size.filter(|size| !size.is_zero()) else { return Ok(None) };
    let kind = match right {
        Right::Call => LegKind::Call,
        Right::Put => LegKind::Put,
    };
    let legs = [Leg { board, strike: strike.price, kind, size }];
    let trade = Trade {
        market: board.market,
        account: AccountId::default(),
        legs: &legs,
        limit: None,
        reduce_only: false,
        account_pays: false,
    };
    match weigh(work, desk, &trade) {
        Ok((decision, None)) => Ok(Some(decision.cost)),
        Ok((_, Some(_))) | Err(Error::Rejected(_)) => Ok(None),
        Err(fault) => Err(fault),
    }
}
