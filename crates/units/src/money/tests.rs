#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
extern crate std;
use super::*;
use std::string::ToString;

#[test]
fn exact_rounds_once_and_for_whom_its_name_says() {
    #[rustfmt::skip]
    let table = [
        // 1e-18 quote              down  up
        (0,                         0,    0),
        (1,                         0,    1),
        (999_999_999_999,           0,    1),
        (1_000_000_000_000,         1,    1),
        (1_000_000_000_001,         1,    2),
        (-1,                       -1,    0),
        (-1_000_000_000_000,       -1,   -1),
        (-1_000_000_000_001,       -2,   -1),
    ];
    for (units, down, up) in table {
        let exact = Exact::new(units).unwrap();
        assert_eq!(exact.to_cash_down().unwrap().get(), down, "{units} down");
        assert_eq!(exact.to_cash_up().unwrap().get(), up, "{units} up");
    }
}

#[test]
fn bounds_hold_at_the_edge_and_fail_one_past_it() {
    assert!(Cash::new(Cash::MAX.get()).is_ok() && Cash::new(Cash::MAX.get() + 1).is_err());
    assert!(Cash::new(Cash::MIN.get()).is_ok() && Cash::new(Cash::MIN.get() - 1).is_err());
    assert!(Price::new(Price::MAX.get() + 1).is_err());
    assert!(Size::new(Size::MAX.get() + 1).is_err() && Size::new(i64::MIN).is_err());
    assert_eq!(Cash::MAX.plus(Cash::new(1).unwrap()), Err(OutOfRange { unit: "Cash" }));
    assert_eq!(Shares::ZERO.minus(Shares::new(1).unwrap()), Err(OutOfRange { unit: "Shares" }));
    assert_eq!(Price::MAX.times(Size::MIN).get(), -100_000_000_000_000_000_000 * 1_000_000_000_000_000);
}

#[test]
fn figures_print_in_full() {
    assert_eq!(Cash::new(-1_234_500_000).unwrap().to_string(), "-1234.5");
    assert_eq!(Cash::new(1).unwrap().to_string(), "0.000001");
    assert_eq!(Price::new(95_000_000_000_000_000).unwrap().to_string(), "95000");
    assert_eq!(Ratio::basis_points(3).to_string(), "0.0003");
    assert_eq!(Size::new(-2_500_000).unwrap().to_string(), "-2.5");
}

#[test]
fn a_share_of_cash_is_rounded_as_named() {
    let cash = Cash::new(10).unwrap();
    assert_eq!(cash.mul_div_down(1, 3).unwrap().get(), 3);
    assert_eq!(cash.mul_div_up(1, 3).unwrap().get(), 4);
    assert!(cash.mul_div_down(1, 0).is_err());
    assert!(cash.negated().mul_div_down(1, 3).is_err());
}
