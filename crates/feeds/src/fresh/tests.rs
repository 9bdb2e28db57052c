use super::{Freshness, Gate, Passed};
use cenote_units::{Millis, Timestamp};

fn ms(ms: u64) -> Timestamp {
    Timestamp::from_millis(ms).unwrap()
}

/// Last time, time published, and what it counts from: `None` for no news.
type Case = (Option<u64>, u64, Result<Option<u64>, &'static str>);

#[test]
fn ages_and_order() {
    let freshness = Freshness { age_max: Millis::new(1000), ahead_max: Millis::new(50) };
    let table: [Case; 10] = [
        (None, 10_000, Ok(Some(10_000))),
        (None, 9_000, Ok(Some(9_000))),
        (None, 8_999, Err("stale")),
        // By the earlier of the two clocks.
        (None, 10_050, Ok(Some(10_000))),
        (None, 10_051, Err("from_the_future")),
        (Some(9_500), 9_501, Ok(Some(9_501))),
        (Some(9_500), 9_500, Ok(None)),
        (Some(9_500), 9_499, Err("went_back")),
        (Some(10_040), 10_050, Ok(Some(10_000))),
        // What was new once is stale in the end.
        (Some(8_999), 8_999, Err("stale")),
    ];
    for (last, published, expected) in table {
        let gate = Gate { what: "price", freshness, last: last.map(ms) };
        let found = gate.check(ms(published), ms(10_000)).map(|passed| match passed {
            Passed::New(at) => Some(at.millis()),
            Passed::Same => None,
        });
        assert_eq!(found.map_err(|error| error.code()), expected, "{published} after {last:?}");
    }
}
