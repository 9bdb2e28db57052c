use super::{parse, price_nearest};
use cenote_units::Price;

#[test]
fn nearest_units() {
    let table: [(u128, i32, Option<u128>); 18] = [
        (1, 0, Some(1_000_000_000_000)),
        (6_000_012_345_678, -8, Some(60_000_123_456_780_000)),
        (0, -8, Some(0)),
        (0, i32::MAX, Some(0)),
        (0, i32::MIN, Some(0)),
        (4, -13, Some(0)),
        (5, -13, Some(1)),
        (14, -13, Some(1)),
        (15, -13, Some(2)),
        (49_999, -17, Some(0)),
        (50_000, -17, Some(1)),
        (u128::MAX, -50, Some(3)),
        (u128::MAX, -51, Some(0)),
        (u128::MAX, i32::MIN, Some(0)),
        // The largest price is 1e8 and the next is refused.
        (1, 8, Some(Price::MAX.get())),
        (Price::MAX.get() + 1, -12, None),
        (1, 27, None),
        (1, i32::MAX, None),
    ];
    for (mantissa, exponent, expected) in table {
        let found = price_nearest(mantissa, exponent).map(Price::get);
        assert_eq!(found, expected, "{mantissa}e{exponent}");
    }
    assert_eq!(price_nearest(2, i32::MAX), None);
    assert_eq!(price_nearest(u128::MAX, 26), None);
}

#[test]
fn json_numbers() {
    let table = [
        ("0", Some((0, 0))),
        ("63412.57", Some((6_341_257, -2))),
        ("6.341e4", Some((6341, 1))),
        ("1E+2", Some((1, 2))),
        ("1e-9", Some((1, -9))),
        ("0.000000000001", Some((1, -12))),
        ("99999999999999999999999999999999999999", Some((10u128.pow(38) - 1, 0))),
        ("100000000000000000000000000000000000000", None),
        ("1e99999999999", None),
        ("1.5e-2147483648", None),
        ("", None),
        (".5", None),
        ("-1", None),
        ("+1", None),
        ("NaN", None),
        ("null", None),
        ("\"1\"", None),
        ("1e", None),
        ("1.2.3", None),
        ("1e2e3", None),
        ("١", None),
    ];
    for (text, expected) in table {
        assert_eq!(parse(text), expected, "{text}");
    }
}
