//! Placing and cancelling orders (rules O1 to O3).

use super::fill::{self, end};
use super::session;
use super::settle::settle_account;
use crate::canary::{Trap, planted};
use crate::command::{Leg, OrderRequest, TimeInForce};
use crate::error::{Error, Fault, Rejection};
use crate::event::{EndReason, Event};
use crate::ids::{AccountId, MarketId, OrderId};
use crate::ledger::{Bucket, Reason, post, require};
use crate::limits;
use crate::obligation::{Held, obligation};
use crate::state::Order;
use crate::work::{Done, Work};
use cenote_units::Cash;

/// The most keeper fees that one order may set aside, one quote token. Parking cash in fees is a way to make an
/// earlier order unpayable once its price is known; this bounds what that could dodge.
const ORDER_FEES_MAX: i128 = 1_000_000;

/// Refuses what would make a live order unpayable (L4).
pub(super) fn require_no_orders(work: &mut Work<'_>, account: AccountId) -> Result<(), Rejection> {
    let orders = work.set.account.get(&account).map_or(0, |a| a.orders.len());
    if orders > 0 { Err(Rejection::OrdersLive { orders }) } else { Ok(()) }
}

/// Puts an order into its market's queue.
pub(super) fn place(work: &mut Work<'_>, request: &OrderRequest) -> Done {
    let (account, now) = (work.account(), work.ctx.now);
    let id = OrderId(work.ctx.sequence);
    let market = request.market;
    check(request, now)?;
    let params = work.set.market_params.get(&market).ok_or(Rejection::MarketNotFound { market })?;
    let (delay, keeper_fee) = (params.rules.commit_delay, params.rules.keeper_fee);
    check_instruments(work, &request.legs)?;
    if work.set.account.get(&account).is_none() {
        return Err(Rejection::AccountNotFound { account }.into());
    }
    if fill::paused(work, market)? && !request.reduce_only {
        return Err(Rejection::Paused.into());
    }
    settle_account(work, account)?;
    let queued = work.set.queue.get(&market).map_or(0, |queue| queue.orders.len());
    if queued >= limits::ORDERS_PER_MARKET {
        return Err(Rejection::QueueFull { limit: limits::ORDERS_PER_MARKET }.into());
    }
    let record = work.set.account.get(&account).ok_or(Fault::MissingRecord("an account"))?;
    if record.orders.len() >= limits::ORDERS_PER_ACCOUNT {
        let limit = limits::ORDERS_PER_ACCOUNT;
        return Err(Rejection::AccountFull { what: "live orders", limit }.into());
    }
    let first = record.orders.first().copied();
    let (fees, free) = (keeper_fee.get().saturating_mul(i128::from(request.attempts)), record.cash);
    if fees > ORDER_FEES_MAX {
        return Err(
            Rejection::invalid("attempts", "so many that their fees are at most one quote token").into()
        );
    }
    require_same_market(work, first, market)?;
    let fees = Cash::new(fees)?;
    let session = work.ctx.principal.map(|_| work.ctx.sender);
    let reserved = if session.is_some() {
        most_taken(work, request)?.plus(fees).unwrap_or(Cash::MAX)
    } else {
        Cash::ZERO
    };
    session::affordable(work, account, session, reserved)?;
    require("account", fees, free)?;
    let tick = work.set.market.get(&market).and_then(|record| record.tick.as_ref());
    let in_force = tick.map_or(0, |tick| tick.number);

    post(work, Bucket::Account(account), Bucket::Keeper(market), fees, Reason::KeeperFee)?;
    session::spend(work, account, session, reserved)?;
    let record = work.set.account.edit(&account).ok_or(Fault::MissingRecord("an account"))?;
    record.orders.push(id);
    record.tally.keeper = record.tally.keeper.minus(fees)?;
    work.set.queue.edit_or_new(&market).orders.push(id);
    let due_at = if planted(Trap::KnownPrice) { cenote_units::Timestamp::ZERO } else { now.after(delay) };
    let order = Order {
        account,
        session,
        market,
        legs: request.legs.clone(),
        limit: request.limit,
        time_in_force: request.time_in_force,
        reduce_only: request.reduce_only,
        due_at,
        attempts: request.attempts,
        keeper_fee,
        reserved,
        placed_at: now,
        // The tick in force is known: it never tries this order.
        tried_at: if planted(Trap::KnownPrice) { 0 } else { in_force },
        cancel_from: None,
    };
    work.set.order.put(&id, order);
    work.emit(Event::OrderPlaced { order: id, account, market, due_at });
    Ok(())
}

fn check(request: &OrderRequest, now: cenote_units::Timestamp) -> Result<(), Rejection> {
    fill::check_request_legs(request.market, &request.legs)?;
    if request.attempts == 0 {
        return Err(Rejection::invalid("attempts", "at least 1"));
    }
    if matches!(request.time_in_force, TimeInForce::Until(until) if until <= now) {
        return Err(Rejection::invalid("time_in_force", "until a moment in the future"));
    }
    Ok(())
}

/// Live orders of an account are all in one market, so that they are tried in the order in which they were placed:
/// a fill elsewhere could otherwise make one unpayable whose price is known.
fn require_same_market(
    work: &mut Work<'_>,
    first: Option<OrderId>,
    market: MarketId,
) -> Result<(), Rejection> {
    let Some(first) = first else { return Ok(()) };
    match work.set.order.get(&first) {
        Some(order) if order.market != market => Err(Rejection::OrdersElsewhere { market: order.market }),
        _ => Ok(()),
    }
}

/// The most free cash that an order can take: its limit and its legs' own worst payout. What the account holds
/// can only lower that, since worst payouts of books add up to no less than that of their sum.
fn most_taken(work: &mut Work<'_>, request: &OrderRequest) -> Result<Cash, Error> {
    let mut worst = request.limit;
    let merged = fill::merge(&request.legs)?;
    for on_board in merged.chunk_by(|a, b| a.0 == b.0) {
        let Some((id, ..)) = on_board.first() else { continue };
        let board = work.set.board.get(id).ok_or(Rejection::BoardNotFound { board: *id })?;
        let held = on_board.iter().map(|(_, strike, right, size)| Held {
            strike: *strike,
            right: *right,
            size: *size,
        });
        // An order without a limit can take anything: no cap is high enough.
        worst = worst.plus(obligation(held, board.floor, board.cap)?).unwrap_or(Cash::MAX);
    }
    Ok(worst.or_zero())
}

/// Every leg names a listed series that has not expired.
fn check_instruments(work: &mut Work<'_>, legs: &[Leg]) -> Result<(), Rejection> {
    let now = work.ctx.now;
    for leg in legs {
        let board = work.set.board.get(&leg.board).ok_or(Rejection::BoardNotFound { board: leg.board })?;
        if board.settlement.is_some() || leg.board.expiry <= now {
            return Err(Rejection::BoardClosed { board: leg.board, allows: "only settlement" });
        }
        if board.strike_at(leg.strike).is_none() {
            return Err(Rejection::StrikeNotFound { board: leg.board, strike: leg.strike });
        }
    }
    Ok(())
}

/// Asks for an order's end, after the fills of the first tick that nobody can know yet (O3).
pub(super) fn cancel(work: &mut Work<'_>, id: OrderId) -> Done {
    let (account, now) = (work.account(), work.ctx.now);
    let order = work.set.order.get(&id).ok_or(Rejection::OrderNotFound { order: id })?.clone();
    if order.account != account {
        return Err(Rejection::OrderNotFound { order: id }.into());
    }
    let params =
        work.set.market_params.get(&order.market).ok_or(Fault::MissingRecord("market parameters"))?;
    let (delay, timeout) = (params.rules.commit_delay, params.rules.cancel_timeout);
    let market = work.set.market.get(&order.market).ok_or(Fault::MissingRecord("a market's state"))?;
    let held = market.held.is_some();
    let latest = market.tick.as_ref().map(|tick| tick.published_at).unwrap_or_default();

    let from = match order.cancel_from {
        // Asked again: without any tick since, for long enough, nobody knows what the price would have been.
        Some(from) if now >= from.after(timeout) && latest < from && !held => {
            end(work, id, EndReason::Cancelled)?;
            return fill::forget(work, order.market, &[id]);
        }
        Some(from) => from,
        None => now.after(delay),
    };
    let record = work.set.order.edit(&id).ok_or(Fault::MissingRecord("an order"))?;
    record.cancel_from = Some(from);
    if planted(Trap::CancelFirst) {
        end(work, id, EndReason::Cancelled)?;
        return fill::forget(work, order.market, &[id]);
    }
    work.emit(Event::CancelRequested { order: id, from });
    Ok(())
}

/// Goes on with due orders at the tick in force.
pub(super) fn fill(work: &mut Work<'_>, market: MarketId) -> Done {
    if work.set.market_params.get(&market).is_none() {
        return Err(Rejection::MarketNotFound { market }.into());
    }
    fill::fill_due(work, market).map(|_| ())
}
