use super::{day, from_now, moment, parse_moment, parse_span, span};

/// 2026-03-27 08:00 UTC.
const EXPIRY: u64 = 1_774_598_400_000;

#[test]
fn moments_are_written_and_read_back() {
    assert_eq!(moment(EXPIRY), "2026-03-27T08:00:00Z");
    assert_eq!(moment(EXPIRY + 61_999), "2026-03-27T08:01:01Z");
    for text in ["2026-03-27T08:00:00Z", "2026-03-27T08:00Z", "2026-03-27 08:00Z"] {
        assert_eq!(parse_moment(text, 0), Ok(EXPIRY), "{text}");
    }
    assert_eq!(parse_moment("2026-03-27", 0), Ok(EXPIRY - 8 * 3_600_000));
    assert_eq!(parse_moment("10m", EXPIRY), Ok(EXPIRY + 600_000));
    let mut at = 946_684_800_000u64; // 2000-01-01
    while at < 4_102_444_800_000 {
        assert_eq!(parse_moment(&moment(at), 0), Ok(at));
        at += 123_456_789 * 1_000;
    }
    for text in [
        "",
        "tomorrow",
        "2026-02-30T00:00Z",
        "2026-13-01T00:00Z",
        "2026-03-27T24:00Z",
        "2026-03-27T08:00",
        "2026-03-27T8:00Z",
        "2026-03-27T08:00:00:00Z",
        "1999-01-01T00:00Z",
        "27MAR26",
        "2026-03-\u{662}7T08:00Z",
    ] {
        assert!(parse_moment(text, 0).is_err(), "{text}");
    }
}

#[test]
fn lengths_by_table() {
    for (text, ms) in [
        ("90s", 90_000),
        ("10m", 600_000),
        ("1h30m", 5_400_000),
        ("+1h", 3_600_000),
        ("7d", 604_800_000),
        ("250ms", 250),
        ("1d2h3m4s5ms", 93_784_005),
    ] {
        assert_eq!(parse_span(text), Ok(ms), "{text}");
    }
    for text in ["", "+", "10", "m", "10 m", "1y", "-5m", "99999999999999999999d", "9999999999999d"] {
        assert!(parse_span(text).is_err(), "{text}");
    }
    assert_eq!(span(273_600_000), "3 d 4 h");
}

#[test]
fn distances_and_days() {
    assert_eq!(from_now(5_000, 2_000), "in 3 s");
    assert_eq!(from_now(2_000, 14_000), "12 s ago");
    assert_eq!(from_now(7, 7), "now");
    assert_eq!(day("27MAR26"), "27 MAR 26");
    assert_eq!(day("3APR26~1"), "3 APR 26 ~1");
    assert_eq!(day("x"), "x");
}
