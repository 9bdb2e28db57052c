use super::Legs;

fn read(words: &[&str]) -> Result<Vec<(String, String)>, String> {
    let legs = Legs::parse(words)?.in_market("BTC_USDC");
    Ok(legs.into_iter().map(|leg| (leg.size.to_string(), leg.instrument)).collect())
}

fn pair(size: &str, name: &str) -> (String, String) {
    (size.to_owned(), name.to_owned())
}

#[test]
fn legs_by_table() {
    let call = "BTC_USDC-27MAR26-100000-C";
    for words in [
        &["+2", call][..],
        &["2", call],
        &["buy", "2", call],
        &["Buy 2 27MAR26 100000 C"],
        &["buy", "2", "27mar26", "100,000", "call"],
        &["+2 27MAR26", "100000 c"],
    ] {
        assert_eq!(read(words), Ok(vec![pair("2", call)]), "{words:?}");
    }
    for words in
        [&["-0.5", call][..], &["sell", "0.5", call], &["\u{2212}0.5", call], &["sell 0.5 27MAR26 100000 C"]]
    {
        assert_eq!(read(words), Ok(vec![pair("-0.5", call)]), "{words:?}");
    }
    assert_eq!(
        read(&["+1", "27MAR26", "0.625", "P", "-2", "ETH_USDC-3APR26~1-2000-F"]),
        Ok(vec![pair("1", "BTC_USDC-27MAR26-0d625-P"), pair("-2", "ETH_USDC-3APR26~1-2000-F")])
    );
}

#[test]
fn the_market_of_a_full_name_is_known() {
    let legs = |words: &[&str]| Legs::parse(words).unwrap();
    assert_eq!(legs(&["1", "ETH_USDC-3APR26-2000-C"]).market(), Some("ETH_USDC"));
    assert!(!legs(&["1", "ETH_USDC-3APR26-2000-C"]).need_market());
    assert!(legs(&["1 3APR26 2000 C"]).need_market());
    assert_eq!(legs(&["1 3APR26 2000 C"]).market(), None);
}

#[test]
fn what_is_no_leg_says_what_was_expected() {
    let nine = vec!["1 27MAR26 100000 C"; 9];
    assert_eq!(read(&nine).unwrap_err(), "9 legs; an order has at most 8");
    for (words, expected) in [
        (&[][..], "a leg was expected, like `buy 1 27MAR26 100000 C`"),
        (&["buy"], "a size was expected at the end of the legs"),
        (&["buy", "-1", "27MAR26", "100000", "C"], "`buy -1`: after buy comes a size above zero"),
        (&["sell", "0", "27MAR26", "100000", "C"], "`sell 0`: after sell comes a size above zero"),
        (&["buy", "1", "27MAR26", "100000"], "C, P or F was expected at the end of the legs"),
        (&["buy", "1", "27MAR26", "100000", "X"], "`X`: after the strike comes C, P or F"),
        (&["buy", "1", "27MAR26", "C", "C"], "`C`: a strike was expected after 27MAR26, like 100000"),
        (
            &["lots"],
            "`lots`: a leg begins with a size (+2, -1) or with buy or sell, like `buy 2 27MAR26 100000 C`",
        ),
    ] {
        assert_eq!(read(words).unwrap_err(), expected, "{words:?}");
    }
}
