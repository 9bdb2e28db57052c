//! The life of an order, from its events: durable, then resting as often as a tick could not fill it, then filled or ended for good.

use cenote_api::ApiEvent;
use cenote_api::command::OrderLeg;
use cenote_api::event::What;
use cenote_api::view::Order;
use cenote_engine::command::{OrderRequest, TimeInForce};
use std::iter::once;

/// An order that has just been placed; `None` when the event places none.
pub(crate) fn placed(event: &ApiEvent, request: &OrderRequest) -> Option<Order> {
    let What::OrderPlaced { order, account, market, due_at, label } = &event.what else { return None };
    // Every leg of an order is in the order's market.
    let names = once((request.market, market.clone())).collect::<cenote_api::Names>();
    let leg = |leg: &cenote_engine::command::Leg| OrderLeg {
        instrument: names.leg(leg.board, leg.strike, leg.kind),
        size: leg.size.into(),
    };
    let until = match request.time_in_force {
        TimeInForce::FirstTick => None,
        TimeInForce::Until(until) => Some(until.millis()),
    };
    Some(Order {
        order: *order,
        account: *account,
        market: market.clone(),
        legs: request.legs.iter().map(leg).collect(),
        limit: request.limit.into(),
        state: "durable".to_owned(),
        label: label.clone(),
        placed_at: event.time,
        due_at: *due_at,
        until,
        reduce_only: request.reduce_only,
        attempts: request.attempts,
        cancel_from: None,
        tick: None,
        cost: None,
        ended: None,
        reason: None,
        updated_at: event.time,
    })
}

/// What an event makes of an order. One that is filled or has ended stays as it is.
pub(crate) fn follow(order: &mut Order, event: &ApiEvent) {
    if order.state == "filled" || order.state == "ended" {
        return;
    }
    match &event.what {
        What::OrderRested { reason, .. } => {
            order.state = "resting".to_owned();
            order.reason = Some(reason.clone());
            order.attempts = order.attempts.saturating_sub(1);
        }
        What::CancelRequested { from, .. } => order.cancel_from = Some(*from),
        What::OrderFilled { tick, cost, .. } => {
            order.state = "filled".to_owned();
            (order.tick, order.cost, order.reason, order.attempts) = (Some(*tick), Some(*cost), None, 0);
        }
        What::OrderEnded { ended, reason, .. } => {
            order.state = "ended".to_owned();
            order.ended = Some(ended.clone());
            // One that was cancelled or ran out of time keeps why it had not filled before.
            order.reason = reason.clone().or(order.reason.take());
            order.attempts = 0;
        }
        _ => return,
    }
    order.updated_at = event.time;
}

#[cfg(test)]
mod tests;
