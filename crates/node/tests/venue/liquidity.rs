//! When liquidity is taken in, against what was said of it beforehand.

use super::support::{Setup, Venue, address};
use cenote_api::ApiCommand;
use cenote_api::view::{Account, LpQueue, Pool};

fn queue(venue: &Venue) -> LpQueue {
    serde_json::from_value::<Pool>(venue.see("/v1/pools/0")).unwrap().queue
}

/// Whether alice's request of an epoch has been priced; the venue claims for everybody, so that what is priced is soon gone.
fn is_priced(venue: &Venue, epoch: u64) -> bool {
    let account: Account =
        serde_json::from_value(venue.see(&format!("/v1/accounts/{}", address("alice")))).unwrap();
    let mut requests = account.stakes.into_iter().flat_map(|stake| stake.requests);
    requests.find(|request| request.epoch == epoch).is_none_or(|request| request.state == "priced")
}

/// A request is never priced by a tick before the moment that its pool named, and not long after it: into an idle queue, and behind an
/// epoch that waits.
#[test]
fn a_request_is_priced_from_the_moment_that_was_named() {
    let venue = Venue::start(&Setup::default());
    venue.ticks(2);
    let request = ApiCommand::RequestDeposit { pool: 0, amount: "100".parse().unwrap() };
    for waiting in [false, true, false, true] {
        if waiting {
            venue.run("alice", request.clone());
            venue.ticks(1);
        }
        let before = queue(&venue);
        assert_eq!(before.closing_epoch.is_some(), waiting, "{before:?}");
        let from = before.priced_from.unwrap();
        assert!(from > venue.market_time(), "{before:?}");
        venue.run("alice", request.clone());
        let mut ticks = Vec::new();
        assert!(!is_priced(&venue, before.open_epoch));
        while !is_priced(&venue, before.open_epoch) {
            venue.ticks(1);
            ticks.push(venue.see("/v1/chain")["published_at"].as_u64().unwrap());
            assert!(ticks.len() < 20, "{before:?}: {ticks:?}");
        }
        let priced_by = *ticks.last().unwrap();
        assert!(priced_by >= from, "{before:?}: {ticks:?}");
        assert!(
            priced_by <= from + 3_000,
            "two ticks are all that it may have to wait: {before:?}: {ticks:?}"
        );
    }
}
