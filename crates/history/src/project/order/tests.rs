use super::{follow, placed};
use cenote_api::event::{CostParts, What};
use cenote_api::view::Order;
use cenote_api::{Address, ApiError, ApiEvent, Money};
use cenote_engine::command::{Leg, OrderRequest, TimeInForce};
use cenote_engine::ids::{AccountId, BoardId, LegKind, MarketId};
use cenote_units::{Cash, Price, Size, Timestamp};

const NUMBER: u64 = 9;

fn at(time: u64, what: What) -> ApiEvent {
    ApiEvent { seq: time, index: 0, time, what }
}

fn account() -> Address {
    Address(AccountId::numbered(3))
}

fn reason(code: &'static str) -> ApiError {
    ApiError::new(code, format!("because of {code}"))
}

fn request() -> OrderRequest {
    let expiry = Timestamp::from_millis(1_774_598_400_000).expect("a time");
    let board = BoardId { market: MarketId(1), expiry, series: 0 };
    let strike = Price::new(100_000_000_000_000_000).expect("a price");
    let leg = |kind, size| Leg { board, strike, kind, size: Size::new(size).expect("a size") };
    OrderRequest {
        market: MarketId(1),
        legs: vec![leg(LegKind::Call, 1_500_000), leg(LegKind::Forward, -1)],
        limit: Cash::new(-2_500_000).expect("cash"),
        time_in_force: TimeInForce::Until(Timestamp::from_millis(500).expect("a time")),
        reduce_only: true,
        attempts: 3,
    }
}

fn order() -> Order {
    let label = Some("mine".to_owned());
    let what =
        What::OrderPlaced { order: NUMBER, account: account(), market: "ETH_USDC".into(), due_at: 12, label };
    placed(&at(10, what), &request()).expect("an order is placed")
}

fn rested() -> What {
    What::OrderRested { order: NUMBER, reason: reason("not_found") }
}

fn cancel() -> What {
    What::CancelRequested { order: NUMBER, from: 77 }
}

fn cost() -> CostParts {
    CostParts { total: Money(Cash::new(7).expect("cash")), ..CostParts::default() }
}

fn filled() -> What {
    What::OrderFilled {
        order: NUMBER,
        account: account(),
        market: "ETH_USDC".into(),
        tick: 4,
        legs: Vec::new(),
        cost: cost(),
    }
}

fn ended(how: &str, reason: Option<ApiError>) -> What {
    What::OrderEnded { order: NUMBER, account: account(), ended: how.into(), reason }
}

#[test]
fn a_new_order_is_durable_and_says_what_was_asked() {
    let order = order();
    assert_eq!(
        (order.order, order.state.as_str(), order.label.as_deref()),
        (NUMBER, "durable", Some("mine"))
    );
    assert_eq!((order.placed_at, order.due_at, order.until, order.updated_at), (10, 12, Some(500), 10));
    assert_eq!((order.limit.to_string(), order.reduce_only, order.attempts), ("-2.5".to_owned(), true, 3));
    let legs: Vec<(&str, String)> =
        order.legs.iter().map(|leg| (leg.instrument.as_str(), leg.size.to_string())).collect();
    let expected = [("ETH_USDC-27MAR26-100000-C", "1.5"), ("ETH_USDC-27MAR26-100000-F", "-0.000001")];
    assert_eq!(legs, expected.map(|(name, size)| (name, size.to_owned())));
    assert_eq!(
        (order.tick, order.cost, order.ended, order.reason, order.cancel_from),
        (None, None, None, None, None)
    );
    let first_tick = OrderRequest { time_in_force: TimeInForce::FirstTick, ..request() };
    let what = What::OrderPlaced { order: 1, account: account(), market: "M".into(), due_at: 1, label: None };
    assert_eq!(placed(&at(1, what), &first_tick).expect("an order").until, None);
    assert_eq!(placed(&at(1, rested()), &request()), None);
}

fn cancelled() -> What {
    ended("cancelled", None)
}

fn expired() -> What {
    ended("expired", None)
}

fn not_filled() -> What {
    ended("not_filled", Some(reason("expired")))
}

fn dropped() -> What {
    ended("dropped", Some(reason("rate_limited")))
}

fn stranger() -> What {
    What::SnapshotTaken { name: "x".into() }
}

/// From, what happens, to: state, attempts left, the last refusal, how it ended, when a cancel takes effect, the tick.
type Row = (
    &'static [fn() -> What],
    fn() -> What,
    (&'static str, u32, Option<&'static str>, Option<&'static str>, Option<u64>, Option<u64>),
);

#[test]
fn every_transition() {
    let rows: [Row; 24] = [
        (&[], rested, ("resting", 2, Some("not_found"), None, None, None)),
        (&[], filled, ("filled", 0, None, None, None, Some(4))),
        (&[], cancel, ("durable", 3, None, None, Some(77), None)),
        (&[], cancelled, ("ended", 0, None, Some("cancelled"), None, None)),
        (&[], expired, ("ended", 0, None, Some("expired"), None, None)),
        (&[], not_filled, ("ended", 0, Some("expired"), Some("not_filled"), None, None)),
        (&[], dropped, ("ended", 0, Some("rate_limited"), Some("dropped"), None, None)),
        (&[], stranger, ("durable", 3, None, None, None, None)),
        (&[rested], rested, ("resting", 1, Some("not_found"), None, None, None)),
        (&[rested], filled, ("filled", 0, None, None, None, Some(4))),
        (&[rested], cancel, ("resting", 2, Some("not_found"), None, Some(77), None)),
        (&[rested], cancelled, ("ended", 0, Some("not_found"), Some("cancelled"), None, None)),
        (&[rested], expired, ("ended", 0, Some("not_found"), Some("expired"), None, None)),
        (&[rested], not_filled, ("ended", 0, Some("expired"), Some("not_filled"), None, None)),
        (&[rested], dropped, ("ended", 0, Some("rate_limited"), Some("dropped"), None, None)),
        (&[cancel], cancelled, ("ended", 0, None, Some("cancelled"), Some(77), None)),
        (&[cancel], filled, ("filled", 0, None, None, Some(77), Some(4))),
        (&[rested, rested, rested], rested, ("resting", 0, Some("not_found"), None, None, None)),
        (&[filled], rested, ("filled", 0, None, None, None, Some(4))),
        (&[filled], cancelled, ("filled", 0, None, None, None, Some(4))),
        (&[filled], cancel, ("filled", 0, None, None, None, Some(4))),
        (&[cancelled], filled, ("ended", 0, None, Some("cancelled"), None, None)),
        (&[cancelled], rested, ("ended", 0, None, Some("cancelled"), None, None)),
        (&[expired], dropped, ("ended", 0, None, Some("expired"), None, None)),
    ];
    for (number, (before, happens, expected)) in rows.into_iter().enumerate() {
        let mut order = order();
        for (time, what) in (20..).zip(before) {
            follow(&mut order, &at(time, what()));
        }
        let was = order.clone();
        follow(&mut order, &at(99, happens()));
        let reason = order.reason.as_ref().map(|reason| reason.code.as_str());
        let found = (
            order.state.as_str(),
            order.attempts,
            reason,
            order.ended.as_deref(),
            order.cancel_from,
            order.tick,
        );
        assert_eq!(found, expected, "row {number}");
        assert_eq!(order.cost, order.tick.map(|_| cost()), "row {number}");
        let changed = order != was;
        assert_eq!(order.updated_at, if changed { 99 } else { was.updated_at }, "row {number}");
        let is_over = ["filled", "ended"].contains(&was.state.as_str());
        assert!(!(changed && is_over), "row {number}: what is over has changed");
        assert_eq!((order.order, order.label.as_deref(), order.placed_at), (NUMBER, Some("mine"), 10));
    }
}
