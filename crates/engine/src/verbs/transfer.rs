//! Positions from one account to another: longs are bearer claims, shorts go to whoever takes them (rules T1 to T3).

use super::fill::{change_long, change_position, count_holder, escrow, set_holding};
use super::order::require_no_orders;
use super::settle::settle_account;
use crate::error::{Error, Fault, Rejection};
use crate::event::Event;
use crate::ids::{AccountId, Instrument};
use crate::ledger::{Bucket, Reason, post, require};
use crate::limits;
use crate::obligation::{Held, obligation};
use crate::state::{Account, Board, Offer, Position};
use crate::work::{Done, Work};
use alloc::vec::Vec;
use cenote_units::{Cash, OutOfRange, Size};

/// Gives part of a long away, or offers part of a short.
pub(super) fn give(
    work: &mut Work<'_>,
    to: AccountId,
    instrument: Instrument,
    size: Size,
    payment: Cash,
) -> Done {
    let from = work.account();
    if size.is_zero() {
        return Err(Rejection::invalid("size", "other than zero").into());
    }
    if to == from {
        return Err(Rejection::invalid("to", "another account").into());
    }
    let long = size > Size::ZERO;
    if payment.is_negative() || (long && !payment.is_zero()) {
        return Err(Rejection::invalid("payment", "zero with a long, zero or more with a short").into());
    }
    settle_account(work, from)?;
    let record = work.set.account.get(&from).ok_or(Rejection::AccountNotFound { account: from })?;
    check_held(record, &instrument, size)?;
    require_no_orders(work, from)?;
    open_board(work, &instrument)?;
    if long {
        // A gift could break an order of the receiver whose price is known.
        require_no_orders(work, to)?;
        return hand_over(work, from, to, instrument, size, Cash::ZERO);
    }
    offer(work, from, to, instrument, size, payment)
}

/// The board and the place of the strike on it, while it still trades (E5).
fn open_board(work: &mut Work<'_>, instrument: &Instrument) -> Result<(Board, usize), Rejection> {
    let id = instrument.board;
    let board = work.set.board.get(&id).ok_or(Rejection::BoardNotFound { board: id })?.clone();
    let missing = Rejection::StrikeNotFound { board: id, strike: instrument.strike };
    let at = board.strike_at(instrument.strike).ok_or(missing)?;
    if board.settlement.is_some() || id.expiry <= work.ctx.now {
        return Err(Rejection::BoardClosed { board: id, allows: "only settlement" });
    }
    Ok((board, at))
}

/// The giver must hold at least as much, on the same side.
fn check_held(account: &Account, instrument: &Instrument, size: Size) -> Result<(), Rejection> {
    let available = account.size(instrument);
    let same_side = (available > Size::ZERO) == (size > Size::ZERO);
    if !same_side || available.magnitude() < size.magnitude() {
        return Err(Rejection::PositionTooSmall { required: size, available });
    }
    Ok(())
}

fn offer(
    work: &mut Work<'_>,
    from: AccountId,
    to: AccountId,
    instrument: Instrument,
    size: Size,
    payment: Cash,
) -> Done {
    let record = work.set.account.edit(&from).ok_or(Fault::MissingRecord("an account"))?;
    if record.offers.len() >= limits::OFFERS {
        return Err(Rejection::AccountFull { what: "offers", limit: limits::OFFERS }.into());
    }

    let number = record.next_offer;
    record.next_offer = number.saturating_add(1);
    record.offers.push(Offer { number, to, instrument, size, payment });
    work.emit(Event::ShortOffered { from, to, offer: number });
    Ok(())
}

/// Takes an offered short: the sender receives position and payment, and covers it.
pub(super) fn take(work: &mut Work<'_>, from: AccountId, number: u64) -> Done {
    let to = work.account();
    settle_account(work, from)?;
    settle_account(work, to)?;
    let giver = work.set.account.get(&from).ok_or(Rejection::AccountNotFound { account: from })?;
    let found = giver.offers.iter().find(|offer| offer.number == number && offer.to == to);
    let Offer { instrument, size, payment, .. } =
        found.cloned().ok_or(Rejection::OfferNotFound { offer: number })?;
    check_held(giver, &instrument, size)?;
    require_no_orders(work, from)?;
    require_no_orders(work, to)?;

    let giver = work.set.account.edit(&from).ok_or(Fault::MissingRecord("an account"))?;
    giver.offers.retain(|offer| offer.number != number);
    hand_over(work, from, to, instrument, size, payment)
}

/// Takes an offer back.
pub(super) fn revoke(work: &mut Work<'_>, number: u64) -> Done {
    let from = work.account();
    let record = work.set.account.get(&from).ok_or(Rejection::AccountNotFound { account: from })?;
    if !record.offers.iter().any(|offer| offer.number == number) {
        return Err(Rejection::OfferNotFound { offer: number }.into());
    }

    let record = work.set.account.edit(&from).ok_or(Fault::MissingRecord("an account"))?;
    record.offers.retain(|offer| offer.number != number);
    work.emit(Event::OfferRevoked { from, offer: number });
    Ok(())
}

/// One side of a transfer: positions and obligation before and after.
struct Side {
    account: AccountId,
    positions: Vec<Position>,
    had: bool,
    obligation: (Cash, Cash),
    size: (Size, Size),
}

fn side(
    work: &mut Work<'_>,
    account: AccountId,
    board: &Board,
    instrument: &Instrument,
    change: Size,
) -> Result<Side, OutOfRange> {
    let record = work.set.account.get(&account);
    let holding = record.and_then(|record| record.holding(instrument.board));
    let before = holding.map_or(Size::ZERO, |h| h.size(instrument.strike, instrument.right));
    let locked = holding.map_or(Cash::ZERO, |h| h.obligation);
    let had = holding.is_some();
    let mut positions = holding.map(|h| h.positions.clone()).unwrap_or_default();
    change_position(&mut positions, instrument.strike, instrument.right, change)?;
    let book = positions.iter().map(|p| Held { strike: p.strike, right: p.right, size: p.size });
    let after = obligation(book, board.floor, board.cap)?;
    Ok(Side { account, positions, had, obligation: (locked, after), size: (before, before.plus(change)?) })
}

fn hand_over(
    work: &mut Work<'_>,
    from: AccountId,
    to: AccountId,
    instrument: Instrument,
    size: Size,
    payment: Cash,
) -> Done {
    let id = instrument.board;
    let (board, at) = open_board(work, &instrument)?;
    let giver = side(work, from, &board, &instrument, size.negated())?;
    let taker = side(work, to, &board, &instrument, size)?;
    check_room(work, &taker, size)?;
    for (side, pays) in [(&giver, payment), (&taker, payment.negated())] {
        let needed = side.obligation.1.minus(side.obligation.0)?.plus(pays)?;
        let free = work.set.account.get(&side.account).map_or(Cash::ZERO, |a| a.cash);
        require("account", needed, free)?;
    }

    for side in [&giver, &taker] {
        escrow(work, Bucket::Account(side.account), id, side.obligation, false)?;
    }
    post(work, Bucket::Account(from), Bucket::Account(to), payment, Reason::Transfer)?;
    for side in [&giver, &taker] {
        escrow(work, Bucket::Account(side.account), id, side.obligation, true)?;
    }
    for (side, received) in [(giver, payment.negated()), (taker, payment)] {
        apply(work, id, at, &instrument, side, received)?;
    }
    work.emit(Event::PositionTransferred { from, to, instrument, size, payment });
    Ok(())
}

fn check_room(work: &mut Work<'_>, taker: &Side, size: Size) -> Result<(), Error> {
    let Some(record) = work.set.account.get(&taker.account) else { return Ok(()) };
    let opens = taker.size.0.is_zero();
    // A long comes unasked, so it may fill only part of the room.
    let (what, limit) = if size > Size::ZERO {
        ("positions given by others", limits::POSITIONS_BY_TRANSFER)
    } else {
        ("positions", limits::POSITIONS)
    };
    if opens && record.positions() >= limit {
        return Err(Rejection::AccountFull { what, limit }.into());
    }
    Ok(())
}

fn apply(
    work: &mut Work<'_>,
    id: crate::ids::BoardId,
    at: usize,
    instrument: &Instrument,
    side: Side,
    received: Cash,
) -> Done {
    let board = work.set.board.edit(&id).ok_or(Fault::MissingRecord("a board"))?;
    count_holder(&mut board.holders, side.had, !side.positions.is_empty());
    let strike = board.strikes.get_mut(at).ok_or(Fault::MissingRecord("a strike"))?;
    let series = strike.side_mut(instrument.right);
    series.long = change_long(series.long, side.size.0, side.size.1)?;
    let record = work.set.account.edit_or_new(&side.account);
    set_holding(record, id, side.obligation.1, side.positions);
    record.tally.transfer = record.tally.transfer.plus(received)?;
    Ok(())
}
