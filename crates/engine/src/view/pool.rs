//! A pool: what it has, owes and risks, and where its equity came from.

use super::{Greeks, at, desk};
use crate::command::SurfaceNode;
use crate::error::{Error, Rejection};
use crate::ids::{AccountId, MarketId, PoolId, Right};
use crate::quote::{self, Desk, Risk};
use crate::state::{BoardLock, Closing, PoolTally, PublishedSurface, Tick};
use crate::work::Work;
use crate::working::StateReader;
use alloc::vec::Vec;
use cenote_pricing::{Exposure, Worlds};
use cenote_units::{Cash, OutOfRange, Price, Shares, Timestamp};

/// A pool at the ticks in force.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct PoolView {
    /// Free cash.
    pub cash: Cash,
    /// Its obligations: what it has locked on boards.
    pub locked: Cash,
    /// Its positions at their marks, quote.
    pub value: f64,
    /// `M`: cash, obligations and value, rounded down; the mid of net asset value.
    pub marked: Cash,
    /// `Phi`: what closing its risk would cost beside the marks, quote.
    pub phi: f64,
    /// `Lambda`: rent received for time that has not passed, quote.
    pub lambda: f64,
    /// `E`: what is left for owners if everyone closes now, rounded down.
    pub equity: Cash,
    /// `R`: equity at the latest tick, on which prices stand.
    pub risk_capital: Cash,
    /// `N`, the ownerless ones included.
    pub shares: Shares,
    /// Equity a share, quote.
    pub share_price: f64,
    /// Obligations over risk capital.
    pub utilisation: f64,
    /// The largest |L| over b of any scenario, in any market or jointly.
    pub load: f64,
    /// It takes no new risk.
    pub winding_down: bool,
    /// Its markets.
    pub books: Vec<BookView>,
    /// Its obligations, by expiry.
    pub obligations: Vec<BoardLock>,
    /// The epoch that takes requests, and the one that waits for its batch.
    pub open_epoch: u64,
    /// The epoch that waits for its batch.
    pub closing: Option<Closing>,
    /// Shares that wait to be paid out, beside those of the epochs above.
    pub waiting: Shares,
    /// Where its equity came from, in cash.
    pub pnl: PoolPnl,
}

/// A pool's exposure to one market.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct BookView {
    /// Which market.
    pub market: MarketId,
    /// Sensitivities of the whole book.
    pub greeks: Greeks,
    /// `L`: what the book loses in each of the 33 scenarios, quote, spot-major.
    #[cfg_attr(feature = "serde", serde(with = "cenote_pricing::worlds::as_sequence"))]
    pub load: Worlds,
    /// By expiry.
    pub expiries: Vec<ExpiryView>,
}

/// A pool's exposure to one expiry of a market.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ExpiryView {
    /// The expiry.
    pub expiry: Timestamp,
    /// Its positions at their marks, quote.
    pub value: f64,
    /// Sensitivities.
    pub greeks: Greeks,
}

/// Where a pool's equity came from. The parts add up to the total: equity less what owners put in and took out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct PoolPnl {
    /// Marks of its inventory and payoffs, against the marks it traded at.
    pub market: Cash,
    /// Impact received less what closing the risk would refund.
    pub impact: Cash,
    /// Rent earned: received less what is not yet earned.
    pub rent: Cash,
    /// Spread.
    pub spread: Cash,
    /// Latency charges.
    pub latency: Cash,
    /// Fees kept.
    pub fee: Cash,
    /// Rounding of trades, and of this view.
    pub rounding: Cash,
    /// The sum.
    pub total: Cash,
}

/// Everything about a pool.
///
/// # Errors
/// An unknown pool, or sums out of range.
pub fn pool(state: &dyn StateReader, now: Timestamp, id: PoolId) -> Result<PoolView, Error> {
    let mut work = at(state, now, AccountId::default());
    let params = work.set.pool_params.get(&id).ok_or(Rejection::PoolNotFound { pool: id })?;
    let rules = params.rules.clone();
    let record = work.set.pool.get(&id).ok_or(Rejection::PoolNotFound { pool: id })?.clone();
    let round = work.set.exit_round.get(&(id, record.exit_round));
    let waiting = round.map_or(Shares::ZERO, |round| round.waiting);
    let open = record.books.iter().any(|book| book.open > 0);
    let risk = Risk::new(&record, &rules);
    let (phi, lambda) = if open { (risk.phi(), risk.lambda()) } else { (0.0, 0.0) };
    let equity = quote::equity(&record, &rules)?;
    let locked = record.locks.iter().try_fold(Cash::ZERO, |sum, lock| sum.plus(lock.obligation))?;
    let value = quote::value(&record);
    let mut books = Vec::new();
    for book in &record.books {
        let expiries = expiries(&mut work, book.market)?;
        let mut greeks = Greeks::default();
        expiries.iter().for_each(|expiry| greeks.merge(&expiry.greeks));
        books.push(BookView { market: book.market, greeks, load: book.exposure.load, expiries });
    }
    Ok(PoolView {
        cash: record.cash,
        locked,
        value,
        marked: quote::held(&record)?.plus(quote::to_cash_down(value)?)?,
        phi,
        lambda,
        equity,
        risk_capital: record.risk_capital,
        shares: record.shares,
        share_price: quote::cash(equity) / quote::shares(record.shares),
        utilisation: risk.utilisation(&record.locks),
        load: if open { risk.potential.largest_load(&risk.loads) / risk.potential.b } else { 0.0 },
        winding_down: record.winding_down,
        books,
        pnl: pnl(&record.tally, equity, phi, lambda)?,
        obligations: record.locks,
        open_epoch: record.open_epoch,
        closing: record.closing,
        waiting,
    })
}

fn pnl(tally: &PoolTally, equity: Cash, phi: f64, lambda: f64) -> Result<PoolPnl, OutOfRange> {
    let near = |x: f64| quote::to_cash_near(x).map_err(|_| OutOfRange { unit: "Cash" });
    let total = equity.minus(tally.entered)?.minus(tally.left)?;
    let impact = tally.impact.minus(near(phi)?)?;
    let rent = tally.capital.minus(near(lambda)?)?;
    let known = [impact, rent, tally.spread, tally.latency, tally.fee, tally.rounding];
    let market = known.into_iter().try_fold(total, |rest, part| rest.minus(part))?;
    Ok(PoolPnl {
        market,
        impact,
        rent,
        spread: tally.spread,
        latency: tally.latency,
        fee: tally.fee,
        rounding: tally.rounding,
        total,
    })
}

/// The pool's exposure board by board, boards of one expiry together.
fn expiries(work: &mut Work<'_>, market: MarketId) -> Result<Vec<ExpiryView>, Error> {
    let Ok(desk) = desk(work, market) else { return Ok(Vec::new()) };
    let boards = work.set.market.get(&market).ok_or(Rejection::MarketNotFound { market })?.boards.clone();
    let mut views: Vec<ExpiryView> = Vec::new();
    for id in boards {
        let exposure = board_exposure(work, &desk, &id)?;
        let board = work.set.board.get(&id).ok_or(Rejection::BoardNotFound { board: id })?;
        let of_board = desk.greeks(&id, board, &board.strikes);
        let mut greeks = Greeks::default();
        for (at, strike) in board.strikes.iter().enumerate() {
            greeks.add(&of_board, at, Right::Call, strike.call.pool);
            greeks.add(&of_board, at, Right::Put, strike.put.pool);
        }
        match views.last_mut().filter(|view| view.expiry == id.expiry) {
            Some(view) => {
                view.value += exposure.value;
                view.greeks.merge(&greeks);
            }
            None => views.push(ExpiryView { expiry: id.expiry, value: exposure.value, greeks }),
        }
    }
    Ok(views)
}

fn board_exposure(work: &mut Work<'_>, desk: &Desk, id: &crate::ids::BoardId) -> Result<Exposure, Error> {
    let marks = desk.marks(work, id).ok_or(Rejection::BoardNotFound { board: *id })?;
    let board = work.set.board.get(id).ok_or(Rejection::BoardNotFound { board: *id })?;
    let mut exposure = Exposure::ZERO;
    for (strike, (call, put)) in board.strikes.iter().zip(marks.calls.iter().zip(&marks.puts)) {
        quote::add(&mut exposure, strike.call.pool, call);
        quote::add(&mut exposure, strike.put.pool, put);
    }
    Ok(exposure)
}

/// A pool's exposure to one market, summed afresh from inventory and marks.
///
/// # Errors
/// An unknown market, or one without a price and surface in force.
pub fn exposure(state: &dyn StateReader, market: MarketId) -> Result<Exposure, Error> {
    let mut work = at(state, Timestamp::ZERO, AccountId::default());
    let desk = desk(&mut work, market)?;
    let boards = work.set.market.get(&market).ok_or(Rejection::MarketNotFound { market })?.boards.clone();
    let mut sum = Exposure::ZERO;
    for id in boards {
        sum.merge(&board_exposure(&mut work, &desk, &id)?);
    }
    Ok(sum)
}

/// What a pool's inventory of one market would be worth at another time, price or surface, quote: to explain where
/// a change of value came from. The averages of boards inside their settlement windows stay as they are.
///
/// # Errors
/// An unknown market, or one without a price and surface in force.
pub fn revalue(
    state: &dyn StateReader,
    market: MarketId,
    time: Timestamp,
    price: Price,
    nodes: &[SurfaceNode],
) -> Result<f64, Error> {
    let mut work = at(state, time, AccountId::default());
    let params = work.set.market_params.get(&market).ok_or(Rejection::MarketNotFound { market })?;
    let rules = params.rules.clone();
    let mut record = work.set.market.get(&market).ok_or(Rejection::MarketNotFound { market })?.clone();
    let tick = record.tick.clone().ok_or(Rejection::NoPrice { market })?;
    record.tick = Some(Tick { price, published_at: time, ..tick });
    if !nodes.is_empty() {
        record.surface =
            Some(PublishedSurface { nodes: nodes.to_vec(), ..record.surface.unwrap_or_default() });
    }
    let desk = Desk::new(&record, &rules, market)?;
    let mut value = 0.0;
    for id in &record.boards {
        let board = work.set.board.get(id).ok_or(Rejection::BoardNotFound { board: *id })?;
        if board.strikes.iter().all(|s| s.call.pool.is_zero() && s.put.pool.is_zero()) {
            continue;
        }
        let marks = desk.compute(id, board);
        let mut exposure = Exposure::ZERO;
        for (strike, (call, put)) in board.strikes.iter().zip(marks.calls.iter().zip(&marks.puts)) {
            quote::add(&mut exposure, strike.call.pool, call);
            quote::add(&mut exposure, strike.put.pool, put);
        }
        value += exposure.value;
    }
    Ok(value)
}
