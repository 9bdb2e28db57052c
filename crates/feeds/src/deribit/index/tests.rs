use super::price;

#[test]
fn prices() {
    let table: [(&str, Result<u128, &str>); 15] = [
        ("63412.57", Ok(63_412_570_000_000_000)),
        ("6.341257E+4", Ok(63_412_570_000_000_000)),
        // A float would be 0.1000000000000000055.
        ("0.1", Ok(100_000_000_000)),
        ("0.0000000000005", Ok(1)),
        ("0.0000000000004", Err("not_positive")),
        ("0", Err("not_positive")),
        ("-0", Err("not_positive")),
        ("-63412.57", Err("not_positive")),
        ("1e999", Err("price_out_of_range")),
        ("100000000.0001", Err("price_out_of_range")),
        ("null", Err("answer_field")),
        ("\"63412.57\"", Err("answer_field")),
        ("\"-1\"", Err("answer_field")),
        ("{}", Err("answer_field")),
        ("true", Err("answer_field")),
    ];
    for (text, expected) in table {
        assert_eq!(price(text).map(|price| price.get()).map_err(|error| error.code()), expected, "{text}");
    }
}
