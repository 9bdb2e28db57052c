use super::{
    change, contracts, contracts_short, figure, fixed, float, money, percent, places, price, strike, typed,
};
use cenote_api::{Contracts, Money, Quote};

fn cash(text: &str) -> Money {
    text.parse().unwrap()
}

#[test]
fn money_by_table() {
    for (amount, expected) in [
        ("9624.80", "9,624.80"),
        ("0", "0.00"),
        ("0.004", "<0.01"),
        ("-0.000001", "\u{2212}<0.01"),
        ("0.005", "0.01"),
        ("-0.005", "\u{2212}0.01"),
        ("0.994999", "0.99"),
        ("0.995", "1.00"),
        ("-1234567.891", "\u{2212}1,234,567.89"),
        ("999999999999.999999", "1,000,000,000,000.00"),
    ] {
        assert_eq!(money(cash(amount)), expected, "{amount}");
    }
}

#[test]
fn changes_have_a_sign_and_an_arrow() {
    for (amount, expected) in [
        ("1.2", "+1.20 \u{25b2}"),
        ("-1.2", "\u{2212}1.20 \u{25bc}"),
        ("0", "0.00"),
        ("0.001", "+<0.01 \u{25b2}"),
        ("-0.001", "\u{2212}<0.01 \u{25bc}"),
    ] {
        assert_eq!(change(cash(amount)), expected, "{amount}");
    }
}

#[test]
fn places_show_parts_whole() {
    for (amounts, expected) in [
        (&["1", "2.5"][..], 2),
        (&["1.25"], 2),
        (&["1.251"], 3),
        (&["1.251", "0.000001"], 6),
        (&["-0.1000", "7.12340"], 4),
        (&[], 2),
    ] {
        let amounts: Vec<Money> = amounts.iter().map(|text| cash(text)).collect();
        assert_eq!(places(&amounts), expected, "{amounts:?}");
    }
}

#[test]
fn prices_strikes_and_sizes_by_table() {
    let quote = |text: &str| text.parse::<Quote>().unwrap();
    let size = |text: &str| text.parse::<Contracts>().unwrap();
    assert_eq!(price(quote("4812.404999")), "4,812.40");
    assert_eq!(price(quote("0.000000000001")), "<0.01");
    assert_eq!(strike(quote("100000")), "100,000");
    assert_eq!(strike(quote("0.625")), "0.625");
    assert_eq!(contracts(size("-1250.50")), "\u{2212}1,250.5");
    assert_eq!(contracts(size("0.000001")), "0.000001");
    for (amount, expected) in [
        ("0", "0"),
        ("12.34", "12.3"),
        ("-0.01", "\u{2212}<0.1"),
        ("999.96", "1,000.0"),
        ("1234.5", "1,235"),
        ("12345", "12.3k"),
        ("-9999", "\u{2212}9,999"),
        ("9876543", "9,876.5k"),
        ("12345678", "12.3M"),
    ] {
        assert_eq!(contracts_short(size(amount)), expected, "{amount}");
    }
    assert_eq!(fixed(1_500_000, 6, 0), "2");
    assert_eq!(fixed(400_000, 6, 0), "<1");
}

#[test]
fn figures_have_three_digits() {
    for (value, expected) in [
        (0.412_34, "0.412"),
        (-0.412_34, "\u{2212}0.412"),
        (0.999_6, "1.00"),
        (1.0, "1.00"),
        (12.345, "12.3"),
        (99.96, "100"),
        (123.4, "123"),
        (1_234.0, "1,230"),
        (-98_765.0, "\u{2212}98,800"),
        (0.000_012_345, "0.0000123"),
        (-0.000_000_012_3, "\u{2212}1.23e-8"),
        (0.0, "0"),
        (f64::NAN, "\u{2014}"),
        (f64::INFINITY, "\u{2014}"),
    ] {
        assert_eq!(figure(value), expected, "{value}");
    }
}

#[test]
fn floats_and_percentages_by_table() {
    assert_eq!(float(-0.001, 2), "0.00", "no sign on what shows as nothing");
    assert_eq!(float(1_234_567.891, 2), "1,234,567.89");
    assert_eq!(float(12.5, 0), "12");
    assert_eq!(percent(61.27), "61.3%");
    assert_eq!(percent(f64::NAN), "\u{2014}");
}

#[test]
fn what_is_shown_can_be_typed_back() {
    for amount in ["9624.80", "-1234567.89", "0.01"] {
        assert_eq!(typed(&money(cash(amount))).parse::<Money>().unwrap(), cash(amount));
    }
}
