use super::pays;
use cenote_api::Quote;

fn price(text: &str) -> Quote {
    text.parse().expect("a price")
}

#[test]
fn what_a_series_pays_by_hand() {
    for (name, size, at, expected) in [
        ("BTC_USDC-27MAR26-100000-C", 2_000_000, "100500.5", Some(1_001_000_000)),
        ("BTC_USDC-27MAR26-100000-P", 2_000_000, "100500.5", Some(0)),
        ("BTC_USDC-27MAR26-100000-P", -500_000, "99000", Some(-500_000_000)),
        // A strike that is no whole number, an expiry of a second series, a market with a dash.
        ("X-Y_USDC-27MAR26~2-0d5-C", 3, "1", Some(1)),
        // Toward zero, on either side.
        ("X_USDC-27MAR26-1-C", 1, "1.999999", Some(0)),
        ("X_USDC-27MAR26-1-C", -1, "1.999999", Some(0)),
        ("X_USDC-27MAR26-1-F", 1, "2", None),
        ("X_USDC-27MAR26-x-C", 1, "2", None),
        ("C", 1, "2", None),
    ] {
        assert_eq!(pays(name, size, price(at).0), expected, "{name} {size} {at}");
    }
}
