use super::{Contracts, Money, Quote};

#[test]
fn text_and_units_agree_or_are_refused() {
    // text, units in 1e-6 or None when refused
    let table: &[(&str, Option<i128>)] = &[
        ("0", Some(0)),
        ("-0", Some(0)),
        ("12.5", Some(12_500_000)),
        ("-12.000001", Some(-12_000_001)),
        ("0012.50", Some(12_500_000)),
        ("1.0000000", Some(1_000_000)),
        ("1.0000001", None),
        ("1.", None),
        (".5", None),
        ("", None),
        ("-", None),
        ("--1", None),
        ("+1", None),
        ("1e3", None),
        ("1,000", None),
        (" 1", None),
        ("NaN", None),
        ("\u{0661}", None),
        ("9999999999999999999999999999999", None),
        ("1000000000000001", None),
    ];
    for (text, expected) in table {
        let read: Option<i128> = text.parse::<Money>().ok().map(|money| money.0.get());
        assert_eq!(read, *expected, "{text:?}");
    }
}

#[test]
fn what_is_written_reads_back() {
    for units in [0, 1, -1, 999_999, 1_000_000, -123_456_789_012, 1_000_000_000_000_000] {
        let size = Contracts(cenote_units::Size::new(units).unwrap());
        let text = serde_json::to_string(&size).unwrap();
        assert_eq!(serde_json::from_str::<Contracts>(&text).unwrap(), size, "{text}");
    }
    assert!(serde_json::from_str::<Quote>("\"-1\"").is_err(), "prices have no sign");
    assert!(serde_json::from_str::<Quote>("1").is_err(), "numbers lose digits on their way: text only");
}
