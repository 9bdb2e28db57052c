//! The life of an order, rule by rule.

use cenote_engine::command::{Leg, OrderRequest, TimeInForce};
use cenote_engine::event::EndReason;
use cenote_engine::ids::{AccountId, LegKind, MarketId, OrderId, Right};
use cenote_engine::{Command, Event, Outcome, Rejection};
use cenote_sim::fixture::{Fate, Fixture, KEEPER, TRADER, contracts, fate, quote};
use cenote_units::{Cash, Millis, Timestamp};

const M: MarketId = MarketId(0);
/// One keeper fee of the default rules.
const FEE: i128 = 1_000;

fn id(n: u64) -> AccountId {
    AccountId::numbered(n)
}

fn funded() -> Fixture {
    let mut f = Fixture::standard();
    f.fund(TRADER, 100_000.0);
    f
}

fn leg(f: &Fixture, kind: LegKind, size: f64) -> Leg {
    f.leg(f.boards(M)[2], 1.0, kind, size)
}

fn resting(f: &Fixture, limit: f64) -> OrderRequest {
    OrderRequest {
        market: M,
        legs: vec![leg(f, LegKind::Call, 0.1)],
        limit: quote(limit),
        time_in_force: TimeInForce::Until(Timestamp::MAX),
        reduce_only: false,
        attempts: 10,
    }
}

/// Places a resting order of this limit, changed.
fn place(f: &mut Fixture, account: u64, limit: f64, change: impl FnOnce(&mut OrderRequest)) -> OrderId {
    let mut request = resting(f, limit);
    change(&mut request);
    f.run(account, &Command::PlaceOrder(request)).expect("an order");
    OrderId(f.venue.sequence)
}

fn cash(f: &Fixture, account: u64) -> i128 {
    f.venue.state.account.get(&id(account)).map_or(0, |a| a.cash.get())
}

/// A price, so many milliseconds from now.
fn tick_after(f: &mut Fixture, ms: u64) -> Outcome {
    f.wait(Millis::new(ms));
    let spot = f.spots[0];
    f.push(M, spot).expect("a price")
}

fn ended(outcome: &Outcome) -> Vec<EndReason> {
    let reason = |event: &Event| match event {
        Event::OrderEnded { reason, .. } => Some(reason.clone()),
        _ => None,
    };
    outcome.events.iter().filter_map(reason).collect()
}

fn rested(outcome: &Outcome) -> bool {
    matches!(fate(outcome), Some(Fate::Rested(_)))
}

#[test]
fn o1_placing_posts_the_fees_and_nothing_else() {
    let mut f = funded();
    let before = cash(&f, TRADER);
    let request = OrderRequest { attempts: 7, ..resting(&f, 5_000.0) };
    let outcome = f.run(TRADER, &Command::PlaceOrder(request)).expect("an order");
    assert_eq!(outcome.postings.len(), 1);
    assert_eq!(before - cash(&f, TRADER), 7 * FEE);
}

#[test]
fn o1_an_order_is_due_from_now_plus_the_delay_to_the_millisecond() {
    for (ms, tried) in [(999, false), (1_000, true), (1_001, true)] {
        let mut f = funded();
        place(&mut f, TRADER, 5_000.0, |_| ());
        assert_eq!(fate(&tick_after(&mut f, ms)).is_some(), tried, "a price {ms} ms later");
    }
}

#[test]
fn o1_fees_of_an_order_are_at_most_one_quote_token() {
    let mut f = funded();
    place(&mut f, TRADER, 1.0, |r| r.attempts = 1_000);
    let more = OrderRequest { attempts: 1_001, ..resting(&f, 1.0) };
    let refusal = f.run(TRADER, &Command::PlaceOrder(more)).expect_err("too much is parked");
    assert!(matches!(refusal, Rejection::Invalid { field: "attempts", .. }), "{refusal}");
}

#[test]
fn o2_legs_merge_by_instrument() {
    // Legs of the order; what is held afterwards, in contracts of call and put.
    type Row = (&'static [(LegKind, f64)], (f64, f64));
    let table: &[Row] = &[
        (&[(LegKind::Forward, 0.1)], (0.1, -0.1)),
        (&[(LegKind::Forward, -0.1), (LegKind::Call, 0.1)], (0.0, 0.1)),
        (&[(LegKind::Call, 0.1), (LegKind::Call, 0.2), (LegKind::Put, 0.1)], (0.3, 0.1)),
        (&[(LegKind::Forward, 0.1), (LegKind::Put, 0.1), (LegKind::Call, -0.3)], (-0.2, 0.0)),
    ];
    for (legs, (call, put)) in table {
        let mut f = funded();
        let legs: Vec<Leg> = legs.iter().map(|(kind, size)| leg(&f, *kind, *size)).collect();
        let (board, strike) = (legs[0].board, legs[0].strike);
        let _ = f.trade(TRADER, legs.clone()).expect("an order").filled();
        let holding = f.venue.state.account[&id(TRADER)].holding(board).expect("a holding").clone();
        let got = (holding.size(strike, Right::Call), holding.size(strike, Right::Put));
        assert_eq!(got, (contracts(*call), contracts(*put)), "{legs:?}");
    }
    let mut f = funded();
    let none = vec![leg(&f, LegKind::Call, 0.1), leg(&f, LegKind::Call, -0.1)];
    assert!(matches!(f.place(TRADER, none), Err(Rejection::Invalid { field: "legs", .. })));
}

#[test]
fn o3_a_cancel_waits_for_a_price_nobody_knows() {
    for (ms, over) in [(999, false), (1_000, true)] {
        let mut f = funded();
        let order = place(&mut f, TRADER, 0.0, |_| ());
        assert!(rested(&tick_after(&mut f, 2_000)));
        f.run(TRADER, &Command::CancelOrder { order }).expect("a cancel");
        assert!(f.venue.state.order.contains_key(&order), "it is only asked for");
        let outcome = tick_after(&mut f, ms);
        assert_eq!(ended(&outcome), if over { vec![EndReason::Cancelled] } else { vec![] }, "{ms} ms later");
        assert_eq!(rested(&outcome), !over);
    }
}

#[test]
fn o3_a_cancelled_order_still_fills_at_the_price_nobody_knew() {
    let mut f = funded();
    let order = place(&mut f, TRADER, 50_000.0, |_| ());
    f.run(TRADER, &Command::CancelOrder { order }).expect("a cancel");
    let Some(Fate::Filled(fill)) = fate(&tick_after(&mut f, 1_000)) else { panic!("it fills") };
    assert_eq!(fill.order, order);
}

#[test]
fn o3_without_any_price_for_long_a_second_cancel_ends_it_at_once() {
    for (wait_ms, held, over) in [(600_999, false, false), (601_000, false, true), (700_000, true, false)] {
        let mut f = funded();
        let before = cash(&f, TRADER);
        let order = place(&mut f, TRADER, 0.0, |_| ());
        f.run(TRADER, &Command::CancelOrder { order }).expect("a cancel");
        if held {
            f.wait(Millis::seconds(2));
            f.push(M, 150_000.0).expect("a jump is held");
        }
        f.wait(Millis::new(wait_ms));
        f.run(TRADER, &Command::CancelOrder { order }).expect("asked again");
        assert_eq!(!f.venue.state.order.contains_key(&order), over, "{wait_ms} ms later, held: {held}");
        assert_eq!(cash(&f, TRADER) == before, over, "all fees come back with the end");
    }
}

#[test]
fn o4_orders_are_tried_in_order_of_arrival_by_who_pays_for_it_and_no_later_price_comes_before() {
    let mut f = funded();
    f.venue.state.market_params.get_mut(&M).expect("a market").rules.fills_per_tick = 1;
    let users = [TRADER + 1, TRADER + 2, TRADER + 3];
    let mut orders = Vec::new();
    for user in users {
        f.fund(user, 50_000.0);
        orders.push(place(&mut f, user, 50_000.0, |_| ()));
    }
    let filled = |outcome: &Outcome| match fate(outcome) {
        Some(Fate::Filled(fill)) => Some((fill.order, fill.tick)),
        _ => None,
    };
    let first = filled(&tick_after(&mut f, 2_000)).expect("one by the tick");
    // A later price finds two untried: it tries one of them at the old tick and is kept.
    let late = tick_after(&mut f, 2_000);
    assert!(late.events.iter().any(|event| matches!(event, Event::ReportsKept { .. })));
    let second = filled(&late).expect("one by the later price");
    let before = cash(&f, 9_000);
    let third = filled(&f.run(9_000, &Command::Fill { market: M }).expect("anybody may")).expect("the last");
    assert_eq!([first.0, second.0, third.0], orders[..]);
    assert!(first.1 == second.1 && second.1 == third.1, "all at one tick");
    assert_eq!(cash(&f, 9_000) - before, FEE, "the fee goes to who tried it");
    assert!(tick_after(&mut f, 2_000).events.iter().any(|event| matches!(event, Event::Ticked(_))));
}

#[test]
fn o4_no_order_is_tried_twice_at_a_tick() {
    let mut f = funded();
    let order = place(&mut f, TRADER, 0.0, |_| ());
    assert!(rested(&tick_after(&mut f, 2_000)));
    let before = f.venue.state.order[&order].clone();
    let outcome = f.run(KEEPER, &Command::Fill { market: M }).expect("nothing is due");
    assert!(outcome.events.is_empty() && outcome.postings.is_empty());
    assert_eq!(f.venue.state.order[&order], before);
}

#[test]
fn o5_the_ways_an_order_ends() {
    // Limit, attempts, seconds until it expires, then what each of three ticks does to it.
    let not_filled =
        |reasons: &[EndReason]| matches!(reasons, [EndReason::NotFilled(Rejection::LimitExceeded { .. })]);
    for (attempts, lasts, expected) in [(1, 60, 1), (2, 60, 2), (3, 60, 3), (9, 2, 2), (9, 4, 3)] {
        let mut f = funded();
        let (before, keeper) = (cash(&f, TRADER), cash(&f, KEEPER));
        let until = TimeInForce::Until(f.venue.now.after(Millis::seconds(lasts)));
        place(&mut f, TRADER, 0.0, |r| (r.attempts, r.time_in_force) = (attempts, until));
        for number in 1..=expected {
            let outcome = tick_after(&mut f, 2_000);
            let reasons = ended(&outcome);
            let expires = lasts < number * 2;
            match (number == expected, expires) {
                (false, _) => assert!(rested(&outcome), "try {number} of {attempts}"),
                (true, false) => assert!(not_filled(&reasons), "{reasons:?}"),
                (true, true) => assert_eq!(reasons, [EndReason::Expired]),
            }
        }
        // An expired order is not tried and pays nothing.
        let tries = i128::from(if lasts < expected * 2 { expected - 1 } else { expected });
        assert_eq!(before - cash(&f, TRADER), tries * FEE, "{attempts} attempts, {lasts} s");
        assert_eq!(cash(&f, KEEPER) - keeper, tries * FEE);
    }
}

#[test]
fn o5_what_can_never_be_right_is_dropped_and_the_rest_waits() {
    type Change = fn(&mut OrderRequest);
    let table: [(&str, bool, Change); 4] = [
        ("reduce_only", true, |r| r.reduce_only = true),
        ("insufficient_cash", true, |r| r.legs[0].size = contracts(-4.0)),
        ("limit_exceeded", false, |r| r.limit = Cash::ZERO),
        ("pool_capacity", false, |r| r.legs[0].size = contracts(2_000.0)),
    ];
    for (code, dropped, change) in table {
        let mut f = funded();
        let order = place(&mut f, TRADER, 1e9, change);
        let outcome = tick_after(&mut f, 2_000);
        let refusal = fate(&outcome).expect("it is tried").refused();
        assert_eq!(refusal.code(), code, "{refusal}");
        assert_eq!(!f.venue.state.order.contains_key(&order), dropped, "{code}");
    }
}

#[test]
fn o6_in_the_window_only_what_closes_and_at_its_end_nothing() {
    // Seconds to expiry, a size on top of 0.2 contracts, and what becomes of it.
    let table = [
        (1_801, 0.1, "filled"),
        (1_800, 0.1, "board_closed"),
        (1_800, -0.1, "filled"),
        (1_800, -0.3, "board_closed"),
        (301, -0.1, "filled"),
        (300, -0.1, "board_closed"),
    ];
    for (left, size, expected) in table {
        let mut f = funded();
        let board = f.boards(M)[0];
        let _ = f.trade(TRADER, vec![f.leg(board, 1.0, LegKind::Call, 0.2)]).expect("an order").filled();
        let at = board.expiry.before(Millis::seconds(left));
        f.wait(at.before(Millis::seconds(4)).since(f.venue.now));
        f.publish(M).expect("a surface");
        f.tick(M).expect("a price");
        f.place(TRADER, vec![f.leg(board, 1.0, LegKind::Call, size)]).expect("an order");
        let outcome = f.tick(M).expect("a price");
        assert_eq!(f.venue.now, at);
        let got = match fate(&outcome).expect("it is tried") {
            Fate::Filled(_) => "filled",
            other => other.refused().code(),
        };
        assert_eq!(got, expected, "{left} s before expiry, {size}");
    }
}
