use super::{attempts, percent_typed, slipped};
use cenote_api::Money;

fn cash(text: &str) -> Money {
    text.parse().unwrap()
}

/// The limit is never better than asked for, whichever way the money goes.
#[test]
fn slippage_is_room_on_the_payers_side() {
    for (total, percent, expected) in [
        ("1000", "0.5", "1005"),
        ("-1000", "0.5", "-995"),
        ("1000", "0", "1000"),
        ("0.000001", "0.01", "0.000002"),
        ("-0.000001", "0.01", "0"),
        ("0", "50", "0"),
        ("123.456789", "100", "246.913578"),
    ] {
        assert_eq!(slipped(cash(total), cash(percent)), cash(expected), "{total} and {percent}%");
    }
    assert_eq!(percent_typed("0.5%"), Ok(cash("0.5")));
    for text in ["-1", "101", "x", ""] {
        assert!(percent_typed(text).is_err(), "{text}");
    }
}

/// The protocol takes as many tries as one quote token pays for.
#[test]
fn tries_are_one_a_second_as_far_as_one_token_goes() {
    for (wait_ms, fee, expected) in [
        (10_000, "0.001", 11),
        (600_000, "0.001", 601),
        (86_400_000, "0.001", 1_000),
        (86_400_000, "0.02", 50),
        (60_000, "2", 1),
        (5_000, "0", 6),
        (0, "0.001", 1),
    ] {
        assert_eq!(attempts(wait_ms, cash(fee)), expected, "{wait_ms} ms at {fee}");
    }
}
