//! Posting a decided fill: releases, then premium and fees, then additions (B3). Nothing here refuses.

use super::decide::{BoardMove, Decision, Trade};
use crate::error::Fault;
use crate::event::Cost;
use crate::ids::{AccountId, BoardId};
use crate::ledger::{Bucket, Reason, post};
use crate::quote::TradeLeg;
use crate::state::{Account, Holding, Position};
use crate::work::{Done, Work};
use alloc::vec::Vec;
use cenote_pricing::Exposure;
use cenote_units::{Cash, OutOfRange, Size};

/// Carries a decision out.
pub(super) fn carry_out(work: &mut Work<'_>, trade: &Trade<'_>, decision: Decision) -> Done {
    let (account, pool) = (Bucket::Account(trade.account), Bucket::Pool(decision.pool));
    let cost = decision.cost;
    for b in &decision.boards {
        escrow(work, account, b.board, b.account, false)?;
        escrow(work, pool, b.board, b.pool, false)?;
    }
    post(work, account, pool, cost.total, Reason::Premium)?;
    post(work, pool, Bucket::Insurance, decision.insurance, Reason::Fee)?;
    post(work, pool, Bucket::Treasury, decision.treasury, Reason::Fee)?;
    for b in &decision.boards {
        escrow(work, account, b.board, b.account, true)?;
        escrow(work, pool, b.board, b.pool, true)?;
    }
    let opened = move_boards(work, &decision.legs, &decision.boards, trade.account)?;
    move_pool(work, trade, &decision, opened)?;
    let record = work.set.account.edit_or_new(&trade.account);
    for b in decision.boards {
        set_holding(record, b.board, b.account.1, b.positions);
    }
    tally_account(record, &cost)?;
    Ok(())
}

/// Moves the change of one participant's obligation, on the pass of its direction.
pub(crate) fn escrow(
    work: &mut Work<'_>,
    owner: Bucket,
    board: BoardId,
    (before, after): (Cash, Cash),
    adding: bool,
) -> Done {
    let change = after.minus(before)?;
    if change.is_negative() == adding {
        return Ok(());
    }
    post(work, owner, Bucket::Board(board), change, Reason::Escrow)
}

/// Inventory, open interest and holders. Returns how many series the pool holds more than before.
fn move_boards(
    work: &mut Work<'_>,
    legs: &[TradeLeg],
    moves: &[BoardMove],
    account: AccountId,
) -> Result<(u32, u32), crate::Error> {
    let (mut opened, mut closed) = (0u32, 0u32);
    for leg in legs {
        let record = work.set.account.get(&account);
        let held =
            record.and_then(|a| a.holding(leg.board)).map_or(Size::ZERO, |h| h.size(leg.strike, leg.right));
        let board = work.set.board.edit(&leg.board).ok_or(Fault::MissingRecord("a board"))?;
        let strike = board.strikes.get_mut(leg.at).ok_or(Fault::MissingRecord("a strike"))?;
        let side = strike.side_mut(leg.right);
        let before = side.pool;
        side.pool = before.minus(leg.size)?;
        side.long = change_long(side.long, held, held.plus(leg.size)?)?;
        match (before.is_zero(), side.pool.is_zero()) {
            (true, false) => opened = opened.saturating_add(1),
            (false, true) => closed = closed.saturating_add(1),
            _ => {}
        }
    }
    for b in moves {
        let had = work.set.account.get(&account).is_some_and(|a| a.holding(b.board).is_some());
        let board = work.set.board.edit(&b.board).ok_or(Fault::MissingRecord("a board"))?;
        count_holder(&mut board.holders, had, !b.positions.is_empty());
    }
    Ok((opened, closed))
}

/// What accounts are long, after one of them went from one size to another.
pub(crate) fn change_long(long: Size, before: Size, after: Size) -> Result<Size, OutOfRange> {
    long.plus(after.max(Size::ZERO))?.minus(before.max(Size::ZERO))
}

/// Counts an account in or out of a board.
pub(crate) fn count_holder(holders: &mut u32, had: bool, has: bool) {
    *holders = match (had, has) {
        (false, true) => holders.saturating_add(1),
        (true, false) => holders.saturating_sub(1),
        _ => *holders,
    };
}

fn move_pool(work: &mut Work<'_>, trade: &Trade<'_>, decision: &Decision, opened: (u32, u32)) -> Done {
    let pool = work.set.pool.edit(&decision.pool).ok_or(Fault::MissingRecord("a pool"))?;
    pool.locks.clone_from(&decision.locks);
    if let Some(book) = pool.books.iter_mut().find(|book| book.market == trade.market) {
        book.exposure.merge(&decision.change);
        book.open = book.open.saturating_add(opened.0).saturating_sub(opened.1);
        if book.open == 0 {
            // Nothing is held: what sums of floats leave behind is not exposure.
            book.exposure = Exposure::ZERO;
        }
    }
    let (tally, cost) = (&mut pool.tally, &decision.cost);
    let given = decision.insurance.plus(decision.treasury)?;
    tally.mark = tally.mark.plus(cost.mark)?;
    tally.impact = tally.impact.plus(cost.impact)?;
    tally.capital = tally.capital.plus(cost.capital)?;
    tally.spread = tally.spread.plus(cost.spread)?;
    tally.latency = tally.latency.plus(cost.latency)?;
    tally.fee = tally.fee.plus(cost.fee)?.minus(given)?;
    tally.rounding = tally.rounding.plus(cost.rounding)?;
    Ok(())
}

/// Replaces an account's positions on a board; none left, no holding left.
pub(crate) fn set_holding(account: &mut Account, board: BoardId, obligation: Cash, positions: Vec<Position>) {
    let found = account.holdings.binary_search_by_key(&board, |h| h.board);
    match found {
        Ok(at) if positions.is_empty() => {
            account.holdings.remove(at);
        }
        Ok(at) => {
            if let Some(holding) = account.holdings.get_mut(at) {
                *holding = Holding { board, obligation, positions };
            }
        }
        Err(_) if positions.is_empty() => {}
        Err(at) => account.holdings.insert(at, Holding { board, obligation, positions }),
    }
}

fn tally_account(account: &mut Account, cost: &Cost) -> Result<(), OutOfRange> {
    let tally = &mut account.tally;
    tally.mark = tally.mark.minus(cost.mark)?;
    tally.impact = tally.impact.minus(cost.impact)?;
    tally.capital = tally.capital.minus(cost.capital)?;
    tally.spread = tally.spread.minus(cost.spread)?;
    tally.latency = tally.latency.minus(cost.latency)?;
    tally.fee = tally.fee.minus(cost.fee)?;
    tally.rounding = tally.rounding.minus(cost.rounding)?;
    Ok(())
}
