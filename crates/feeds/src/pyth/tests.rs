use super::{FeedId, PriceMessage};
use cenote_units::Price;

fn message(price: i64, confidence: u64, exponent: i32) -> PriceMessage {
    PriceMessage {
        feed: FeedId::BTC_USD,
        price,
        confidence,
        exponent,
        publish_time: 10,
        prev_publish_time: 9,
        ema_price: 0,
        ema_confidence: 0,
    }
}

#[test]
fn prices_are_exact_or_refused() {
    let table: [(i64, i32, Result<u128, &str>); 12] = [
        (6_000_012_345_678, -8, Ok(60_000_123_456_780_000)),
        (1, -12, Ok(1)),
        (5, -13, Ok(1)),
        (4, -13, Err("not_positive")),
        (0, -8, Err("not_positive")),
        (-1, -8, Err("not_positive")),
        (i64::MIN, i32::MAX, Err("not_positive")),
        (1, i32::MIN, Err("not_positive")),
        (i64::MAX, 0, Err("price_out_of_range")),
        (1, 8, Ok(Price::MAX.get())),
        (1, 9, Err("price_out_of_range")),
        (1, 1_559_537_863, Err("price_out_of_range")),
    ];
    for (price, exponent, expected) in table {
        let found = message(price, 0, exponent).price().map(Price::get);
        assert_eq!(found.map_err(|error| error.code()), expected, "{price}e{exponent}");
    }
    assert_eq!(message(1, 0, -8).confidence(), Ok(Price::ZERO));
    assert_eq!(message(1, u64::MAX, 0).confidence().unwrap_err().code(), "price_out_of_range");
}

#[test]
fn times() {
    let with = |publish_time, prev_publish_time| PriceMessage {
        publish_time,
        prev_publish_time,
        ..message(1, 1, 0)
    };
    for publish_time in [-1, i64::MIN, i64::MAX, 253_402_300_801] {
        assert_eq!(with(publish_time, 0).published_at().unwrap_err().code(), "answer_field");
    }
    assert_eq!(with(10, 9).published_at().unwrap().millis(), 10_000);
    assert_eq!(with(10, 9).previous_at().map(|at| at.millis()), Some(9_000));
    assert_eq!(with(10, 10).previous_at().map(|at| at.millis()), Some(10_000));
    for prev_publish_time in [11, -1, i64::MIN, i64::MAX] {
        assert_eq!(with(10, prev_publish_time).previous_at(), None);
    }
}

#[test]
fn feed_identifiers() {
    let text = "e62df6c8b4a85fe1a67db44dc12de5db330f7ac66b72dc658afedf0f4a415b43";
    assert_eq!(text.parse(), Ok(FeedId::BTC_USD));
    assert_eq!(format!("0x{}", text.to_uppercase()).parse(), Ok(FeedId::BTC_USD));
    assert_eq!(FeedId::BTC_USD.to_string(), text);
    for wrong in ["", "0x", &text[1..], &text.replace('e', "g"), &format!("{text}00"), "ﬀ"] {
        assert_eq!(wrong.parse::<FeedId>().unwrap_err().code(), "option", "{wrong}");
    }
}
