//! What the API says of itself, against what it does.

use super::support::{Setup, Venue, address};
use cenote_api::describe::{Kind, Parameter, ROUTES, Route};

/// A route's path with its parameters as they should be, but for one.
fn asked(route: &Route, alice: &str, wrong: &Parameter) -> String {
    let mut path = route.path.to_owned();
    for parameter in route.path_parameters() {
        let value = match parameter.name {
            name if name == wrong.name => "x",
            "address" => alice,
            "market" => "BTC_USDC",
            "pool" => "0",
            _ => "1",
        };
        path = path.replace(&format!("{{{}}}", parameter.name), value);
    }
    if route.query.iter().any(|parameter| parameter.name == wrong.name) {
        path.push_str(&format!("?{}=x", wrong.name));
    }
    path
}

/// Whatever is described as a whole number is one: text in its place is refused, in the words of every refusal.
#[test]
fn whole_numbers_are_whole_numbers() {
    let venue = Venue::start(&Setup::default());
    let alice = address("alice");
    let mut count = 0;
    for route in ROUTES {
        for parameter in route.path_parameters().chain(route.query) {
            if !matches!(parameter.kind, Kind::Whole(..)) {
                continue;
            }
            count += 1;
            let path = asked(route, &alice, parameter);
            let (status, answer) = venue.get(&path);
            assert_eq!((status, &answer["error"]["code"]), (400, &"bad_request".into()), "{path}: {answer}");
        }
    }
    assert!(count > 20, "{count} parameters");
}
