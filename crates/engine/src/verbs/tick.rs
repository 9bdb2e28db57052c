//! What a new price does before anybody trades at it (rule P5).

use super::price::Candidate;
use super::settle::{accumulate, settle_board};
use crate::error::{Error, Fault};
use crate::event::{Event, TickEvent};
use crate::ids::{BoardId, MarketId, PoolId};
use crate::params::MarketParams;
use crate::quote::{self, Desk};
use crate::state::{Book, Tick};
use crate::work::{Done, Work};
use alloc::vec::Vec;
use cenote_pricing::Exposure;
use cenote_units::{Cash, Millis};

/// How long a surface stays the one that others may not move too far from (rule V3).
const ANCHOR_AGE: Millis = Millis::seconds(3_600);

/// Puts a price into force: surface, estimators, windows, settlements, marks, risk capital.
pub(super) fn accept(work: &mut Work<'_>, id: MarketId, params: &MarketParams, new: Candidate) -> Done {
    let market = work.set.market.edit(&id).ok_or(Fault::MissingRecord("a market's state"))?;
    let before = market.tick.clone();
    let number = before.as_ref().map_or(0, |tick| tick.number).saturating_add(1);
    let Candidate { price, confidence, published_at } = new;
    quote::learn(market, params, before.as_ref(), price, published_at);
    market.tick = Some(Tick { number, price, confidence, published_at });
    if let Some(next) = market.next_surface.take() {
        let anchored = market.anchor.as_ref().map(|anchor| anchor.published_at);
        if anchored.is_none_or(|at| next.published_at.since(at) >= ANCHOR_AGE) {
            market.anchor = Some(next.clone());
        }
        market.surface = Some(next);
    }
    let pool_id = market.pool;
    let boards = market.boards.clone();
    let pool = work.set.pool.edit(&pool_id).ok_or(Fault::MissingRecord("a pool"))?;
    pool.latest_tick = pool.latest_tick.max(published_at);

    if let Some(before) = before {
        let window = params.rules.settlement_window;
        for board in boards {
            accumulate(work, board, before.price, before.published_at, published_at, window)?;
        }
    }
    settle_expired(work, id, params, published_at)?;
    if let Some(exposure) = exposure(work, id, params)? {
        let book = book(work, id, pool_id)?;
        *book = Book { delta_at_tick: exposure.delta, exposure, ..book.clone() };
    }
    let (equity, risk_capital) = reset(work, pool_id)?;
    let market = work.set.market.get(&id).ok_or(Fault::MissingRecord("a market's state"))?;
    let guarded = market.surface.as_ref().is_some_and(|surface| surface.clipped);
    work.emit(Event::Ticked(TickEvent {
        market: id,
        number,
        price,
        confidence,
        published_at,
        equity,
        risk_capital,
        guarded,
    }));
    Ok(())
}

/// Boards whose expiry has passed settle (E3); one that saw no tick in its window waits for its delay.
fn settle_expired(
    work: &mut Work<'_>,
    id: MarketId,
    params: &MarketParams,
    published_at: cenote_units::Timestamp,
) -> Done {
    let market = work.set.market.get(&id).ok_or(Fault::MissingRecord("a market's state"))?;
    let expired: Vec<BoardId> = market.boards.iter().filter(|b| b.expiry <= published_at).copied().collect();
    for board_id in expired {
        let board = work.set.board.get(&board_id).ok_or(Fault::MissingRecord("a board"))?;
        let waited = work.ctx.now >= board_id.expiry.after(params.rules.settlement_delay);
        if board.window.seen || waited {
            settle_board(work, board_id, params.rules.settlement_window)?;
        }
    }
    Ok(())
}

fn book<'w>(work: &'w mut Work<'_>, id: MarketId, pool_id: PoolId) -> Result<&'w mut Book, Error> {
    let pool = work.set.pool.edit(&pool_id).ok_or(Fault::MissingRecord("a pool"))?;
    let found = pool.books.iter_mut().find(|book| book.market == id);
    found.ok_or_else(|| Fault::MissingRecord("a pool's book").into())
}

/// Takes a board that has settled between two ticks out of the pool's exposure; how far delta has moved within the
/// tick stays what it was.
pub(super) fn remark(work: &mut Work<'_>, id: MarketId, params: &MarketParams) -> Done {
    let pool_id = work.set.market.get(&id).ok_or(Fault::MissingRecord("a market's state"))?.pool;
    let Some(exposure) = exposure(work, id, params)? else { return Ok(()) };
    quote::replace_exposure(book(work, id, pool_id)?, exposure);
    Ok(())
}

/// The pool's exposure to a market, boards by expiry, strikes ascending, call before put; none before the first
/// surface, when there is nothing to mark and nothing that could be held.
fn exposure(work: &mut Work<'_>, id: MarketId, params: &MarketParams) -> Result<Option<Exposure>, Error> {
    let market = work.set.market.get(&id).ok_or(Fault::MissingRecord("a market's state"))?;
    let Ok(desk) = Desk::new(market, &params.rules, id) else { return Ok(None) };
    let boards = market.boards.clone();
    let mut exposure = Exposure::ZERO;
    for board_id in boards {
        let board = work.set.board.get(&board_id).ok_or(Fault::MissingRecord("a board"))?;
        if board.strikes.iter().all(|s| s.call.pool.is_zero() && s.put.pool.is_zero()) {
            continue;
        }
        let marks = desk.marks(work, &board_id).ok_or(Fault::MissingRecord("a board"))?;
        let board = work.set.board.get(&board_id).ok_or(Fault::MissingRecord("a board"))?;
        let series = board.strikes.iter().zip(marks.calls.iter().zip(&marks.puts));
        for (strike, (call, put)) in series {
            if !strike.call.pool.is_zero() {
                quote::add(&mut exposure, strike.call.pool, call);
            }
            if !strike.put.pool.is_zero() {
                quote::add(&mut exposure, strike.put.pool, put);
            }
        }
    }
    Ok(Some(exposure))
}

/// `R := max(floor(E), risk_capital_min)`; returns E and R.
fn reset(work: &mut Work<'_>, pool_id: PoolId) -> Result<(Cash, Cash), Error> {
    let rules =
        work.set.pool_params.get(&pool_id).ok_or(Fault::MissingRecord("pool parameters"))?.rules.clone();
    let pool = work.set.pool.edit(&pool_id).ok_or(Fault::MissingRecord("a pool"))?;
    let equity = quote::equity(pool, &rules)?;
    pool.risk_capital = equity.max(rules.risk_capital_min);
    pool.winding_down = equity < rules.risk_capital_min;
    Ok((equity, pool.risk_capital))
}
