use super::{Instrument, Row, chain, expiry_ms, instrument, median};
use cenote_calibrate::chain::Right;
use cenote_units::Timestamp;

const HOUR: i64 = 3_600_000;

#[test]
fn dates() {
    let table = [
        ("3JAN26", Some(1_767_427_200_000)),
        ("27JUN25", Some(1_751_011_200_000)),
        ("29FEB28", Some(1_835_424_000_000)),
        ("31DEC99", Some(4_102_387_200_000)),
        ("1JAN00", Some(946_713_600_000)),
        ("29FEB26", None),
        ("31APR26", None),
        ("0JAN26", None),
        ("00JAN26", None),
        ("32JAN26", None),
        ("3jan26", None),
        ("3JAM26", None),
        ("JAN26", None),
        ("3JAN2026", None),
        ("+3JAN26", None),
        ("3JAN-6", None),
        ("é3JAN2", None),
        ("", None),
    ];
    for (text, expected) in table {
        assert_eq!(expiry_ms(text), expected, "{text}");
    }
    // Day after day, from one name to the next.
    let lengths =
        |year: i64| [31, if year % 4 == 0 { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut expected = expiry_ms("1JAN00").unwrap();
    for year in 0..100 {
        for (month, length) in super::MONTHS.iter().zip(lengths(year)) {
            for day in 1..=length {
                assert_eq!(
                    expiry_ms(&format!("{day}{month}{year:02}")),
                    Some(expected),
                    "{day}{month}{year}"
                );
                expected += 24 * HOUR;
            }
        }
    }
}

#[test]
fn names() {
    let right = Instrument { expiry_ms: 1_767_427_200_000, strike: 62_500.0, right: Right::Put };
    assert_eq!(instrument("BTC-3JAN26-62500-P", "BTC"), Some(right));
    let wrong = [
        "BTC-3JAN26-62500",
        "BTC-3JAN26-62500-P-X",
        "BTC-3JAN26-62500-F",
        "BTC-3JAN26--P",
        "BTC-3JAN26-0-P",
        "BTC-3JAN26-1e5-P",
        "BTC-3JAN26-1000000000-P",
        "BTC_USDC-3JAN26-62500-P",
        "ETH-3JAN26-62500-P",
        "BTC-PERPETUAL",
        "",
    ];
    for name in wrong {
        assert_eq!(instrument(name, "BTC"), None, "{name}");
    }
}

#[test]
fn medians() {
    assert_eq!([vec![], vec![3.0], vec![4.0, 1.0], vec![9.0, 1.0, 2.0]].map(median), [0.0, 3.0, 2.5, 2.0]);
}

fn row(name: &str) -> Row {
    Row {
        instrument_name: name.to_owned(),
        bid_price: Some(0.02),
        ask_price: Some(0.03),
        mark_iv: Some(50.0),
        underlying_price: 62_500.0,
        estimated_delivery_price: 62_400.0,
    }
}

fn now() -> Timestamp {
    Timestamp::from_millis(u64::try_from(expiry_ms("1JAN26").unwrap()).unwrap()).unwrap()
}

#[test]
fn rows_become_quotes_by_the_reason_they_are_or_are_not() {
    let rows = [
        row("BTC-3JAN26-62500-C"),
        row("BTC-3JAN26-62500-P"),
        row("BTC-1JAN26-62500-P"),
        row("SOL-3JAN26-100-P"),
        Row { bid_price: None, ..row("BTC-3JAN26-60000-C") },
        Row { ask_price: Some(0.0), ..row("BTC-3JAN26-60000-C") },
        Row { ask_price: Some(0.02), ..row("BTC-3JAN26-60000-C") },
        Row { bid_price: Some(0.04), ..row("BTC-3JAN26-60000-C") },
        Row { mark_iv: None, ..row("BTC-3JAN26-60000-C") },
        Row { mark_iv: Some(0.0), ..row("BTC-3JAN26-60000-C") },
        Row { mark_iv: Some(f64::NAN), ..row("BTC-3JAN26-60000-C") },
    ];
    let chain = chain(&rows, "BTC", now()).unwrap();
    let dropped = &chain.dropped;
    assert_eq!((dropped.one_sided, dropped.crossed, dropped.no_delta, dropped.expired), (2, 2, 3, 1));
    assert_eq!((chain.index, chain.expiries.len()), (62_400.0, 1));
    let expiry = &chain.expiries[0];
    assert_eq!((expiry.forward, expiry.time_left_ms(&chain)), (62_500.0, 48 * HOUR));
    assert!((expiry.carry - (62_500.0f64 / 62_400.0).ln()).abs() < 1e-12);
    let [call, put] = expiry.quotes[..] else { panic!("{:?}", expiry.quotes) };
    assert_eq!((call.right, call.bid, call.ask, call.log_moneyness), (Right::Call, 0.02, 0.03, 0.0));
    // N(v/2) at the forward, v = 0.5 sqrt(2/365).
    assert!((call.delta - 0.507_383).abs() < 1e-6, "{}", call.delta);
    assert!((call.delta - put.delta - 1.0).abs() < 1e-12);
}

#[test]
fn numbers_that_cannot_be_refuse_the_whole() {
    let good = || row("BTC-3JAN26-62500-C");
    let cases = [
        Row { bid_price: Some(-0.01), ..good() },
        Row { ask_price: Some(f64::NAN), ..good() },
        Row { ask_price: Some(1e300), ..good() },
        Row { underlying_price: 0.0, ..good() },
        Row { underlying_price: -1.0, ..good() },
        Row { underlying_price: f64::INFINITY, ..good() },
        Row { estimated_delivery_price: f64::NAN, ..good() },
    ];
    for (index, case) in cases.into_iter().enumerate() {
        let error = chain(&[good(), case], "BTC", now()).unwrap_err();
        assert_eq!(error.code(), "answer_field", "case {index}: {error}");
    }
    let many: Vec<Row> = (0..5001).map(|_| good()).collect();
    assert_eq!(chain(&many, "BTC", now()).unwrap_err().code(), "answer_field");
    assert_eq!(chain(&[good()], "ETH", now()).unwrap_err().code(), "no_quotes");
    assert_eq!(chain(&[], "BTC", now()).unwrap_err().code(), "no_quotes");
}
