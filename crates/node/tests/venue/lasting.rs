//! What stops, starts again, runs late or goes back, and goes on as if nothing had been.

use super::support::{Setup, Venue, address};
use cenote_api::{ApiCommand, Signed, keys};
use cenote_node::history::History;
use serde_json::{Value, json};
use std::time::Duration;

/// Fast, faster than the machine may keep up with, slow, stopped: market time never goes back and never jumps.
#[test]
fn market_time_never_goes_back_whatever_the_speed() {
    let venue = Venue::start(&Setup { agents: true, speed: 1.0, ..Setup::default() });
    let mut last = venue.market_time();
    for control in [
        json!({ "speed": 2000 }),
        json!({ "speed": 1 }),
        json!({ "speed": 10000 }),
        json!({ "pause": true }),
        json!({ "pause": false }),
        json!({ "speed": 0.5 }),
    ] {
        venue.done("/v1/dev/clock", &control);
        let changed = venue.market_time();
        assert!(changed >= last, "{control}: from {last} to {changed}");
        last = changed;
        for _ in 0..20 {
            std::thread::sleep(Duration::from_millis(10));
            let now = venue.market_time();
            assert!(now >= last, "{control}: from {last} to {now}");
            last = now;
        }
    }
    // Half a market second a second: what a fast market was behind is not made up.
    let before = venue.market_time();
    std::thread::sleep(Duration::from_millis(300));
    assert!(venue.market_time() - before < 5_000, "{} ms", venue.market_time() - before);
}

/// A stop while no price comes, and one that is waited for as `cenote up` waits: a snapshot is written, nothing is run again.
#[test]
fn a_clean_stop_leaves_nothing_to_run_again() {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup { speed: 50.0, ..Setup::default() };
    let mut venue = Venue::at(dir.path(), &setup);
    std::thread::sleep(Duration::from_millis(300));
    venue.done("/v1/dev/oracle", &json!({ "off_ms": 3_600_000 }));
    std::thread::sleep(Duration::from_millis(300));
    let digest = venue.see("/v1/status")["digest"].clone();
    venue.outlive(Duration::from_millis(50));
    venue.stop();
    let venue = Venue::at(dir.path(), &Setup { speed: 0.01, ..setup });
    assert_eq!(venue.replayed(), 0);
    assert_eq!(venue.see("/v1/status")["digest"], digest);
}

/// Bytes that were refused before a revert may be good after it.
#[test]
fn a_revert_forgets_what_was_refused_since() {
    let venue = Venue::start(&Setup::default());
    venue.done("/v1/dev/snapshot", &json!({ "name": "rich" }));
    let key = keys::dev_key("bob");
    let free = venue.see(&format!("/v1/accounts/{}", address("bob")))["cash"].as_str().unwrap().to_owned();
    let withdraw = |amount: &str| vec![ApiCommand::Withdraw { amount: amount.parse().unwrap() }];
    venue.run("bob", withdraw(&free).remove(0));
    let again = Signed::raw(&venue.payload(&key, withdraw("10")), &key);
    for duplicate in [false, true] {
        let (status, answer) = venue.send(&again);
        assert!(status >= 400, "{answer}");
        assert_eq!(answer["duplicate"].as_bool().unwrap_or(false), duplicate, "{answer}");
    }
    venue.done("/v1/dev/revert", &json!({ "name": "rich" }));
    let (status, answer) = venue.send(&again);
    assert_eq!((status, answer["duplicate"].as_bool()), (200, Some(false)), "{answer}");
}

/// History that is lost is made again from the journal, also across a revert, and tells the same.
#[test]
fn history_made_again_tells_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup { agents: true, ..Setup::default() };
    let mut venue = Venue::at(dir.path(), &setup);
    venue.ticks(400);
    venue.done("/v1/dev/snapshot", &json!({ "name": "here" }));
    venue.ticks(60);
    venue.done("/v1/dev/revert", &json!({ "name": "here" }));
    venue.ticks(60);
    let told = |venue: &Venue| -> Vec<Value> {
        std::thread::sleep(Duration::from_millis(200));
        [
            "/v1/events?from_seq=1&limit=500",
            "/v1/trades?limit=100",
            "/v1/pools/0/nav",
            "/v1/candles?market=BTC_USDC&resolution=1",
        ]
        .map(|path| venue.see(path))
        .to_vec()
    };
    let before = told(&venue);
    assert!(before[1]["trades"].as_array().unwrap().len() > 1, "{}", before[1]);
    venue.stop();
    std::fs::remove_file(dir.path().join("history.redb")).unwrap();
    let venue = Venue::at(dir.path(), &setup);
    assert!(venue.replayed() > 500, "{}", venue.replayed());
    for (one, two) in before.iter().zip(told(&venue)) {
        let mut one = one.clone();
        // The question's own moment.
        one["as_of_seq"] = two["as_of_seq"].clone();
        assert_eq!(one, two);
    }
}

/// A pool's path begins with its first money.
#[test]
fn a_pools_path_begins_with_its_first_money() {
    let venue = Venue::start(&Setup::default());
    venue.ticks(3);
    std::thread::sleep(Duration::from_millis(200));
    let path = venue.see("/v1/pools/0/nav");
    let points = path["points"].as_array().unwrap();
    let mids: Vec<f64> = points.iter().map(|point| point["nav_mid"].as_f64().unwrap()).collect();
    assert!(!mids.is_empty() && mids.iter().all(|mid| *mid > 1e6), "{mids:?}");
}

/// A history that could not take something in takes nothing more, and says so instead of telling half of the past.
#[test]
fn a_history_with_a_hole_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let history = History::open(&dir.path().join("history.redb"), "cenote-test").unwrap();
    assert!(history.events(1, 10, None).is_ok() && !history.is_broken());
    // An event of command 8 is none of command 7.
    history.apply(&[super::support::published(7, 8)]);
    assert!(history.is_broken());
    assert_eq!(history.applied(), 0);
    let error = history.events(1, 10, None).unwrap_err();
    assert!(error.message.contains("restart"), "{error:?}");
    history.apply(&[super::support::published(9, 9)]);
    assert_eq!(history.applied(), 0, "nothing after the hole");
}
