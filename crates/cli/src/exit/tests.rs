use super::Failure;
use cenote_api::{ApiError, codes};

/// What scripts branch on: a change here is a change for them.
#[test]
fn codes_of_the_venue_have_stable_exit_codes() {
    let code = |code: &str| {
        let error = ApiError { code: code.into(), message: String::new(), data: serde_json::Map::new() };
        Failure::from(error).code()
    };
    for (name, expected) in [
        ("bad_request", 3),
        ("invalid", 3),
        ("not_found", 3),
        ("strike_not_found", 3),
        ("too_large", 3),
        ("busy", 1),
        ("fault", 1),
        ("rate_limited", 1),
        ("unauthorised", 5),
        ("nonce_used", 5),
        ("dev_only", 5),
        ("pool_capacity", 5),
        ("limit_exceeded", 5),
        ("insufficient_cash", 5),
    ] {
        assert_eq!(code(name), expected, "{name}");
    }
    for name in codes::all().map(|row| row.code) {
        assert!([1, 3, 5].contains(&code(name)), "{name}");
    }
}
