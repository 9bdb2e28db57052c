use super::{cash, change, grouped, length, moment, percent, table};
use cenote_units::{Cash, Millis, Timestamp};

#[test]
fn amounts() {
    let units = |units: i128| Cash::new(units).unwrap();
    for (amount, text) in [
        (0, "0.00"),
        (1, "<0.01"),
        (-1, "\u{2212}<0.01"),
        (4_999, "<0.01"),
        (5_000, "0.01"),
        (1_234_567_891_234, "1,234,567.89"),
        (-999_995_000, "\u{2212}1,000.00"),
    ] {
        assert_eq!(cash(units(amount)), text, "{amount}");
    }
    assert_eq!(change(units(1_500_000)), "+1.50");
    assert_eq!(change(units(-1_500_000)), "\u{2212}1.50");
    assert_eq!(change(Cash::ZERO), "0.00");
    assert_eq!(percent(-0.01234), "\u{2212}1.23%");
    assert_eq!([999, 1_000, 1_000_000].map(grouped), ["999", "1,000", "1,000,000"]);
}

#[test]
fn times() {
    for (ms, text) in [
        (950_000_000, "10 d 23 h"),
        (5_460_000, "1 h 31 min"),
        (60_000, "1 min"),
        (61_000, "1 min 1 s"),
        (1_000, "1 s"),
        (20, "20 ms"),
    ] {
        assert_eq!(length(Millis::new(ms)), text);
    }
    for (ms, text) in [
        (0, "1970-01-01 00:00"),
        (951_782_399_000, "2000-02-28 23:59"),
        (951_782_400_000, "2000-02-29 00:00"),
        (1_651_708_860_000, "2022-05-05 00:01"),
        (1_798_761_599_999, "2026-12-31 23:59"),
    ] {
        assert_eq!(moment(Timestamp::from_millis(ms).unwrap()), text);
    }
}

#[test]
fn columns_align_by_characters() {
    let row = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
    let text = table(&[row("a", "\u{2212}1.00"), row("longer", "12.00")]);
    assert_eq!(text, "  a       \u{2212}1.00\n  longer  12.00\n");
}
