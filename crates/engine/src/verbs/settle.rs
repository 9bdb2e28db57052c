//! Settlement of boards and of those who hold something on them (rules E1 to E6).

use crate::canary::{Trap, planted};
use crate::error::{Error, Fault, Rejection};
use crate::event::Event;
use crate::ids::{AccountId, BoardId};
use crate::ledger::{Bucket, Reason, post};
use crate::obligation::{account_book, payoff_of, pool_book, settlement_due};
use crate::quote::with_lock;
use crate::state::{Board, Side};
use crate::work::{Done, Work};
use cenote_pricing::Exposure;
use cenote_units::{Cash, Exact, Millis, OutOfRange, Price, Timestamp};

/// The command: fixes the price of an expired board to which no later tick has come.
pub(super) fn settle(work: &mut Work<'_>, id: BoardId) -> Done {
    let now = work.ctx.now;
    let board = work.set.board.get(&id).ok_or(Rejection::BoardNotFound { board: id })?;
    if board.settlement.is_some() {
        return Err(Rejection::BoardClosed { board: id, allows: "settling accounts" }.into());
    }
    let params = work.set.market_params.read(&id.market).ok_or(Fault::MissingRecord("market parameters"))?;
    let rules = &params.rules;
    let market = work.set.market.get(&id.market).ok_or(Fault::MissingRecord("a market's state"))?;
    // A held tick may still count from its own publish time.
    let held = market.held.as_ref().map(|held| held.published_at.after(rules.guard_timeout));
    let from = id.expiry.after(rules.settlement_delay).max(held.unwrap_or(Timestamp::ZERO));
    if now < from {
        return Err(Rejection::NotSettleable { from, now }.into());
    }
    let tick = market.tick.clone().ok_or(Rejection::NoPrice { market: id.market })?;

    accumulate(work, id, tick.price, tick.published_at, id.expiry, rules.settlement_window)?;
    settle_board(work, id, rules.settlement_window)?;
    super::tick::remark(work, id.market, &params)
}

/// The command: settles whoever is named.
pub(super) fn settle_named(work: &mut Work<'_>, account: AccountId) -> Done {
    if work.set.account.get(&account).is_none() {
        return Err(Rejection::AccountNotFound { account }.into());
    }
    settle_account(work, account)
}

/// Lets the price in force count for its part of a board's window (E1).
pub(super) fn accumulate(
    work: &mut Work<'_>,
    id: BoardId,
    price: Price,
    from: Timestamp,
    until: Timestamp,
    length: Millis,
) -> Done {
    let start = id.expiry.before(length).max(from);
    let counted = until.min(id.expiry).since(start);
    let seen = id.expiry.before(length) <= until && until < id.expiry;
    if counted == Millis::ZERO && !seen {
        return Ok(());
    }
    let board = work.set.board.edit(&id).ok_or(Fault::MissingRecord("a board"))?;
    let window = &mut board.window;
    let overflow = OutOfRange { unit: "Price" };
    let part = price.get().checked_mul(u128::from(counted.get())).ok_or(overflow)?;
    window.weighted = window.weighted.checked_add(part).ok_or(overflow)?;
    window.covered = Millis::new(window.covered.get().saturating_add(counted.get()));
    window.silence = window.silence.max(counted);
    window.seen |= seen;
    Ok(())
}

/// Fixes the settlement price from the accumulated average and settles the pool (E2, E4).
pub(super) fn settle_board(work: &mut Work<'_>, id: BoardId, length: Millis) -> Done {
    let market = work.set.market.get(&id.market).ok_or(Fault::MissingRecord("a market's state"))?;
    let pool_id = market.pool;
    let board = work.set.board.get(&id).ok_or(Fault::MissingRecord("a board"))?.clone();
    // Down: the average is a price that was never exceeded.
    let average = board.window.weighted.checked_div(u128::from(length.get())).unwrap_or(0);
    let average = Price::new(average)?;
    let price = average.clamp(board.floor, board.cap);
    let pool = work.set.pool.get(&pool_id).ok_or(Fault::MissingRecord("a pool"))?;
    let held = pool.locks.iter().find(|lock| lock.board == id);
    let obligation = held.map_or(Cash::ZERO, |lock| lock.obligation);
    let (due, payoff) = due(pool_book(&board), obligation, price)?;

    pay(work, id, Bucket::Pool(pool_id), due)?;
    let open = board.strikes.iter().flat_map(|s| [&s.call, &s.put]).filter(|side| !side.pool.is_zero());
    let open = u32::try_from(open.count()).unwrap_or(0);
    let pool = work.set.pool.edit(&pool_id).ok_or(Fault::MissingRecord("a pool"))?;
    pool.locks = with_lock(&pool.locks, id, Cash::ZERO);
    pool.tally.payoff = pool.tally.payoff.plus(payoff)?;
    if let Some(book) = pool.books.iter_mut().find(|book| book.market == id.market) {
        book.open = book.open.saturating_sub(open);
        if book.open == 0 {
            book.exposure = Exposure::ZERO;
        }
    }
    let market = work.set.market.edit(&id.market).ok_or(Fault::MissingRecord("a market's state"))?;
    market.boards.retain(|live| *live != id);
    let record = work.set.board.edit(&id).ok_or(Fault::MissingRecord("a board"))?;
    record.settlement = Some(price);
    record.strikes.iter_mut().flat_map(|s| [&mut s.call, &mut s.put]).for_each(Side::leave);
    work.emit(Event::BoardSettled {
        board: id,
        price,
        average,
        silence: board.window.silence,
        stale: !board.window.seen,
        pool_payoff: payoff,
    });
    close_if_empty(work, id)
}

impl Side {
    /// The pool has been settled.
    fn leave(&mut self) {
        self.pool = cenote_units::Size::ZERO;
    }
}

/// Settles an account on every board that has a settlement price (E6).
pub(crate) fn settle_account(work: &mut Work<'_>, account: AccountId) -> Done {
    let Some(before) = work.set.account.read(&account) else { return Ok(()) };
    for holding in &before.holdings {
        let id = holding.board;
        let Some(board) = work.set.board.get(&id) else { continue };
        let Some(price) = board.settlement else { continue };
        let (paid, payoff) = due(account_book(holding), holding.obligation, price)?;

        pay(work, id, Bucket::Account(account), paid)?;
        let record = work.set.account.edit(&account).ok_or(Fault::MissingRecord("an account"))?;
        record.holdings.retain(|h| h.board != id);
        record.tally.payoff = record.tally.payoff.plus(payoff)?;
        let board = work.set.board.edit(&id).ok_or(Fault::MissingRecord("a board"))?;
        board.holders = board.holders.saturating_sub(1);
        work.emit(Event::AccountSettled { account, board: id, paid, payoff });
        close_if_empty(work, id)?;
    }
    Ok(())
}

/// What a participant receives: his escrow and his payoff, rounded once.
fn due(
    book: impl Iterator<Item = crate::obligation::Held> + Clone,
    obligation: Cash,
    price: Price,
) -> Result<(Cash, Cash), Error> {
    if planted(Trap::RoundPositions) {
        let mut sum = Cash::ZERO;
        for held in book {
            let one: Exact = payoff_of(core::iter::once(held), price)?;
            sum = sum.plus(one.to_cash_down()?)?;
        }
        return Ok((obligation.plus(sum)?, sum));
    }
    Ok(settlement_due(book, obligation, price)?)
}

fn pay(work: &mut Work<'_>, id: BoardId, to: Bucket, amount: Cash) -> Done {
    post(work, Bucket::Board(id), to, amount, Reason::Settlement)
}

/// When nobody holds anything on a settled board, its dust goes to the pool and the board is gone.
fn close_if_empty(work: &mut Work<'_>, id: BoardId) -> Done {
    let board: &Board = work.set.board.get(&id).ok_or(Fault::MissingRecord("a board"))?;
    if board.holders > 0 {
        return Ok(());
    }
    let dust = board.escrow;
    let market = work.set.market.get(&id.market).ok_or(Fault::MissingRecord("a market's state"))?;
    let pool_id = market.pool;

    post(work, Bucket::Board(id), Bucket::Pool(pool_id), dust, Reason::Dust)?;
    let pool = work.set.pool.edit(&pool_id).ok_or(Fault::MissingRecord("a pool"))?;
    pool.tally.payoff = pool.tally.payoff.plus(dust)?;
    work.emit(Event::BoardClosed { board: id, dust });
    work.set.board.remove(&id);
    Ok(())
}
