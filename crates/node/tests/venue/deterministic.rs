//! The same seed and the same commands give the same bits, and the journal gives them again.

use super::support::{Setup, Venue, address};
use cenote_node::core::recovery::replay;
use serde_json::json;

fn lived(setup: &Setup) -> (String, u64, Venue) {
    let mut venue = Venue::start(setup);
    let start = venue.market_time() / 1_000 * 1_000;
    venue.done("/v1/dev/clock", &json!({ "until": start + 600_000 }));
    venue.done("/v1/dev/fund", &json!({ "account": address("carol"), "amount": "12" }));
    let status = venue.see("/v1/status");
    venue.stop();
    (status["digest"].as_str().unwrap().to_owned(), status["last_seq"].as_u64().unwrap(), venue)
}

#[test]
fn a_seed_is_a_market() {
    let setup = Setup { agents: true, ..Setup::default() };
    let (one, two) = (lived(&setup), lived(&setup));
    assert_eq!((&one.0, one.1), (&two.0, two.1));
    assert!(one.1 > 600, "{} commands in ten minutes", one.1);
    let other = lived(&Setup { seed: 8, ..setup });
    assert_ne!(one.0, other.0);
}

#[test]
fn the_journal_alone_gives_the_digest() {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup { agents: true, ..Setup::default() };
    let mut venue = Venue::at(dir.path(), &setup);
    venue.ticks(120);
    venue.done("/v1/dev/snapshot", &json!({ "name": "here" }));
    venue.ticks(30);
    venue.done("/v1/dev/revert", &json!({ "name": "here" }));
    venue.ticks(60);
    let status = venue.see("/v1/status");
    let (digest, seq) = (status["digest"].as_str().unwrap().to_owned(), status["last_seq"].as_u64().unwrap());
    venue.stop();
    let again = replay(&dir.path().join("journal"), &mut |_| {}).unwrap();
    assert_eq!((again.digest, again.last_seq), (digest.clone(), seq));
    // And a node that starts again goes on from there, by its snapshot.
    let venue = Venue::at(dir.path(), &setup);
    assert_eq!(venue.replayed(), 0, "the snapshot of a clean stop leaves nothing to run again");
    assert_eq!(venue.see("/v1/status")["digest"].as_str(), Some(digest.as_str()));
}

/// Ticks that come while others wait are not skipped: an expiry that is reached by a jump settles as by waiting.
#[test]
fn an_expiry_reached_by_a_jump_settles() {
    let venue = Venue::start(&Setup { agents: true, ..Setup::default() });
    venue.ticks(60);
    venue.done("/v1/dev/clock", &json!({ "until": "next-expiry" }));
    let settled = venue.see("/v1/events?type=board_settled");
    let events = settled["events"].as_array().unwrap();
    assert_eq!(events.len(), 1, "{settled}");
    assert_eq!(events[0]["stale"].as_bool(), Some(false));
    assert!(events[0]["silence_ms"].as_u64().unwrap() <= 300_000, "{settled}");
}
