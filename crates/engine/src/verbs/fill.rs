//! Filling due orders: in order of arrival, each whole or not at all (rules O4 to O8).

mod decide;
mod post;

pub(crate) use decide::{Decision, Trade, change_position, check_request_legs, decide, merge, weigh};
pub(crate) use post::{change_long, count_holder, escrow, set_holding};

use super::session;
use super::settle::settle_account;
use crate::error::{Error, Fault, Rejection};
use crate::event::{EndReason, Event, FillEvent};
use crate::ids::{MarketId, OrderId};
use crate::ledger::{Bucket, Reason};
use crate::quote::Desk;
use crate::state::Order;
use crate::work::{Done, Work};
use alloc::vec::Vec;
use cenote_units::Cash;

/// Whether what adds risk is stopped in a market or everywhere.
pub(crate) fn paused(work: &mut Work<'_>, market: MarketId) -> Result<bool, Error> {
    let all = work.set.system.get(&()).is_some_and(|system| system.paused);
    let record = work.set.market.get(&market).ok_or(Rejection::MarketNotFound { market })?;
    Ok(all || record.paused)
}

/// Why a market fills only what lowers risk, if it does (P4).
pub(crate) fn guard(
    work: &mut Work<'_>,
    market: MarketId,
    desk: &Desk,
) -> Result<Option<&'static str>, Error> {
    if paused(work, market)? {
        return Ok(Some("it is paused"));
    }
    let record = work.set.market.get(&market).ok_or(Rejection::MarketNotFound { market })?;
    if record.held.is_some() {
        return Ok(Some("a price jump waits for confirmation"));
    }
    let Some(surface) = &record.surface else { return Ok(Some("there is no surface")) };
    if surface.clipped {
        return Ok(Some("the surface moves faster than its limit"));
    }
    if desk.tick.published_at.since(surface.published_at) > desk.rules.surface_age_max {
        return Ok(Some("the surface is old"));
    }
    Ok(None)
}

/// Tries due orders at the tick in force, at most as many as one command may. Returns whether all were tried.
pub(super) fn fill_due(work: &mut Work<'_>, market: MarketId) -> Result<bool, Error> {
    let Some(queue) = work.set.queue.read(&market).filter(|queue| !queue.orders.is_empty()) else {
        return Ok(true);
    };
    let params = work.set.market_params.read(&market).ok_or(Fault::MissingRecord("market parameters"))?;
    let rules = &params.rules;
    let record = work.set.market.get(&market).ok_or(Fault::MissingRecord("a market's state"))?;
    let Ok(desk) = Desk::new(record, rules, market) else { return Ok(true) };
    let mut room = rules.fills_per_tick;
    let (mut ended, mut all) = (Vec::new(), true);
    for id in queue.orders.iter().copied() {
        let order = work.set.order.read(&id).ok_or(Fault::MissingRecord("an order"))?;
        if order.due_at > desk.tick.published_at || order.tried_at == desk.tick.number {
            continue;
        }
        if room == 0 {
            all = false;
            break;
        }
        room = room.saturating_sub(1);
        if try_order(work, &desk, id, &order)? {
            ended.push(id);
        }
    }
    forget(work, market, &ended)?;
    Ok(all)
}

/// Takes ended orders out of the queue.
pub(super) fn forget(work: &mut Work<'_>, market: MarketId, ended: &[OrderId]) -> Done {
    if !ended.is_empty() {
        work.set.queue.edit_or_new(&market).orders.retain(|id| !ended.contains(id));
    }
    Ok(())
}

/// One attempt. Returns whether the order has ended, filled or not.
fn try_order(work: &mut Work<'_>, desk: &Desk, id: OrderId, order: &Order) -> Result<bool, Error> {
    use crate::command::TimeInForce;
    let published_at = desk.tick.published_at;
    if matches!(order.time_in_force, TimeInForce::Until(until) if until < published_at) {
        end(work, id, EndReason::Expired)?;
        return Ok(true);
    }
    pay_keeper(work, desk, id, order)?;
    settle_account(work, order.account)?;
    let refusal = match attempt(work, desk, id, order) {
        Ok(()) => return Ok(true),
        Err(Error::Rejected(refusal)) => refusal,
        Err(fault) => return Err(fault),
    };
    let left = order.attempts.saturating_sub(1);
    let reason = if never_right(&refusal) {
        EndReason::Dropped(refusal)
    } else if order.cancel_from.is_some_and(|from| from <= published_at) {
        EndReason::Cancelled
    } else if left == 0 || order.time_in_force == TimeInForce::FirstTick {
        EndReason::NotFilled(refusal)
    } else {
        work.emit(Event::OrderRested { order: id, reason: refusal });
        return Ok(false);
    };
    end(work, id, reason)?;
    Ok(true)
}

/// A later tick cannot mend these (O5).
fn never_right(refusal: &Rejection) -> bool {
    match refusal {
        Rejection::PoolCapacity { .. }
        | Rejection::PoolWindingDown { .. }
        | Rejection::LimitExceeded { .. }
        | Rejection::Guarded { .. } => false,
        Rejection::InsufficientCash { who, .. } => *who == "account",
        _ => true,
    }
}

fn attempt(work: &mut Work<'_>, desk: &Desk, id: OrderId, order: &Order) -> Done {
    let trade = Trade {
        market: order.market,
        account: order.account,
        legs: &order.legs,
        limit: Some(order.limit),
        reduce_only: order.reduce_only,
        account_pays: true,
    };
    let decision = decide(work, desk, &trade)?;

    let (cost, taken) = (decision.cost, decision.taken);
    post::carry_out(work, &trade, decision)?;
    close(work, id, taken.or_zero())?;
    work.emit(Event::OrderFilled(FillEvent {
        order: id,
        account: order.account,
        market: order.market,
        tick: desk.tick.number,
        legs: order.legs.clone(),
        cost,
    }));
    Ok(())
}

/// One attempt's fee, to whoever sent the command.
fn pay_keeper(work: &mut Work<'_>, desk: &Desk, id: OrderId, order: &Order) -> Done {
    let (keeper, fee) = (work.account(), order.keeper_fee);
    let record = work.set.order.edit(&id).ok_or(Fault::MissingRecord("an order"))?;
    record.attempts = record.attempts.saturating_sub(1);
    // Spent for good: it is not given back to a session key's day.
    record.reserved = record.reserved.minus(fee)?.or_zero();
    record.tried_at = desk.tick.number;
    crate::ledger::post(work, Bucket::Keeper(order.market), Bucket::Account(keeper), fee, Reason::KeeperFee)?;
    let tally = &mut work.set.account.edit_or_new(&keeper).tally;
    tally.keeper = tally.keeper.plus(fee)?;
    Ok(())
}

/// Ends an order without a fill.
pub(super) fn end(work: &mut Work<'_>, id: OrderId, reason: EndReason) -> Done {
    let account = work.set.order.get(&id).ok_or(Fault::MissingRecord("an order"))?.account;
    close(work, id, Cash::ZERO)?;
    work.emit(Event::OrderEnded { order: id, account, reason });
    Ok(())
}

/// Gives the fees of unused attempts and what its session key did not spend back, and drops the order's record.
fn close(work: &mut Work<'_>, id: OrderId, spent: Cash) -> Done {
    let order = work.set.order.read(&id).ok_or(Fault::MissingRecord("an order"))?;
    let (account, market) = (order.account, order.market);
    let kept = order.reserved.minus(spent)?.or_zero();
    session::refund(work, account, order.session, kept, order.placed_at)?;
    let unused = Cash::new(order.keeper_fee.get().saturating_mul(i128::from(order.attempts)))?;

    crate::ledger::post(work, Bucket::Keeper(market), Bucket::Account(account), unused, Reason::KeeperFee)?;
    let record = work.set.account.edit(&account).ok_or(Fault::MissingRecord("an account"))?;
    record.tally.keeper = record.tally.keeper.plus(unused)?;
    record.orders.retain(|live| *live != id);
    work.set.order.remove(&id);
    Ok(())
}
