//! Prices from outside, in real time: sources served on this machine, as the real ones answer.

#[path = "../../../feeds/tests/common/server.rs"]
#[allow(dead_code)]
mod server;

use super::support::{Setup, Venue};
use cenote_api::name::day_label;
use cenote_node::core::recovery::replay;
use cenote_node::market::{IndexSource, LiveConfig};
use cenote_pricing::black;
use cenote_units::Timestamp;
use serde_json::{Value, json};
use server::{Server, reply};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const DAY: u64 = 86_400_000;

fn now() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// Options at one volatility of 60% everywhere, quoted a point either side, premium in coin.
fn chain(index: f64) -> Vec<Value> {
    let today = now() / DAY * DAY + 8 * 3_600_000;
    let mut rows = Vec::new();
    for days in [3, 10, 31, 87] {
        let expiry = today + days * DAY;
        let years = (expiry - now()) as f64 / (365.0 * DAY as f64);
        for step in -10..=10 {
            let strike = (index / 1_000.0).round() * 1_000.0 + f64::from(step) * 4_000.0;
            let at = |vol: f64| black::greeks(index, strike, vol * vol * years);
            let (low, high) = (at(0.59), at(0.61));
            for (right, bid, ask) in [("C", low.call, high.call), ("P", low.put, high.put)] {
                let day = day_label(Timestamp::from_millis(expiry).unwrap());
                rows.push(json!({
                    "instrument_name": format!("BTC-{day}-{strike}-{right}"), "bid_price": bid / index, "ask_price": ask / index,
                    "mark_iv": 60.0, "underlying_price": index, "estimated_delivery_price": index,
                }));
            }
        }
    }
    rows
}

/// Deribit as far as prices go: an index in cents that may be moved, and that may be cut off.
struct Deribit {
    server: Server,
    cents: Arc<AtomicU64>,
    cut: Arc<AtomicBool>,
}

impl Deribit {
    fn start() -> Self {
        let (cents, cut) = (Arc::new(AtomicU64::new(6_000_000)), Arc::new(AtomicBool::new(false)));
        let (price, off) = (Arc::clone(&cents), Arc::clone(&cut));
        let server = Server::start(move |path, stream| {
            if off.load(Ordering::SeqCst) {
                return reply(stream, "503 Service Unavailable", "", b"{}");
            }
            let index = price.load(Ordering::SeqCst) as f64 / 100.0;
            let result = match path {
                "/api/v2/public/get_index_price?index_name=btc_usd" => json!({ "index_price": index }),
                "/api/v2/public/get_book_summary_by_currency?currency=BTC&kind=option" => json!(chain(index)),
                _ => return reply(stream, "404 Not Found", "", b"{}"),
            };
            let out = now() * 1_000;
            let body = json!({ "jsonrpc": "2.0", "result": result, "usIn": out - 9, "usOut": out, "usDiff": 9, "testnet": false });
            reply(stream, "200 OK", "", body.to_string().as_bytes());
        });
        Self { server, cents, cut }
    }

    fn setup(&self) -> Setup {
        let live = LiveConfig { deribit: self.server.base(), ..LiveConfig::new(IndexSource::Deribit, "BTC") };
        Setup { live: Some(live), speed: 1.0, ..Setup::default() }
    }
}

/// Asks until it is so, for fifteen seconds at most.
fn wait_for(venue: &Venue, path: &str, so: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let seen = venue.see(path);
        if so(&seen) {
            return seen;
        }
        assert!(begun.elapsed() < Duration::from_secs(15), "{path}: {seen}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn index(status: &Value) -> f64 {
    status["markets"][0]["index_price"].as_str().and_then(|text| text.parse().ok()).unwrap_or(f64::NAN)
}

#[test]
fn a_market_follows_prices_from_outside_in_real_time() {
    let deribit = Deribit::start();
    let dir = tempfile::tempdir().unwrap();
    let mut venue = Venue::at(dir.path(), &deribit.setup());
    let first = venue.see("/v1/status");
    assert_eq!(index(&first), 60_000.0);
    let behind = now().abs_diff(first["market_time_ms"].as_u64().unwrap());
    assert!(behind < 1_000, "market time is {behind} ms off");
    let chain = venue.see("/v1/chain?market=BTC_USDC");
    let iv = chain["expiries"].as_array().unwrap().last().unwrap()["atm_iv"].as_f64().unwrap();
    assert!((iv - 60.0).abs() < 3.0, "{iv}");
    deribit.cents.store(6_012_345, Ordering::SeqCst);
    wait_for(&venue, "/v1/status", |status| index(status) == 60_123.45);

    // Nobody moves real time or real prices.
    for (path, body) in [
        ("/v1/dev/clock", json!({ "speed": 60 })),
        ("/v1/dev/clock", json!({ "pause": true })),
        ("/v1/dev/clock", json!({ "jump_ms": 60_000 })),
        ("/v1/dev/price", json!({ "move": 0.1 })),
        ("/v1/dev/vol", json!({ "points": 5 })),
    ] {
        let (status, answer) = venue.post(path, &body);
        assert_eq!(answer["error"]["code"], "not_supported", "{status} {path} {body}: {answer}");
    }
    venue.stop();

    // It goes on with the journal's own sources; meanwhile the price has moved.
    deribit.cents.store(6_050_000, Ordering::SeqCst);
    let mut venue = Venue::at(dir.path(), &Setup { speed: 1.0, ..Setup::default() });
    assert_eq!(venue.replayed(), 0);
    wait_for(&venue, "/v1/status", |status| index(status) == 60_500.0);
    let digest = venue.see("/v1/status")["digest"].clone();
    assert!(digest.is_string());
    venue.stop();
    let again = replay(&dir.path().join("journal"), &mut |_| {}).unwrap();
    assert!(again.last_seq > 10, "{again:?}");
}

#[test]
fn a_source_that_falls_silent_stops_new_risk_and_comes_back() {
    let deribit = Deribit::start();
    let venue = Venue::start(&deribit.setup());
    deribit.cut.store(true, Ordering::SeqCst);
    let metrics = |venue: &Venue| venue.get("/metrics").1.as_str().unwrap().to_owned();
    let failures = |text: &str| -> f64 {
        let line = text.lines().find(|line| line.starts_with("cenote_feed_failures{feed=\"index\"}"));
        line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap()
    };
    let begun = Instant::now();
    while failures(&metrics(&venue)) < 2.0 {
        assert!(begun.elapsed() < Duration::from_secs(15), "{}", metrics(&venue));
        std::thread::sleep(Duration::from_millis(100));
    }
    let before = venue.see("/v1/status")["markets"][0]["tick"].clone();
    std::thread::sleep(Duration::from_millis(1_500));
    assert_eq!(venue.see("/v1/status")["markets"][0]["tick"], before, "no price is made up");
    deribit.cut.store(false, Ordering::SeqCst);
    deribit.cents.store(5_990_000, Ordering::SeqCst);
    wait_for(&venue, "/v1/status", |status| index(status) == 59_900.0);
    assert_eq!(failures(&metrics(&venue)), 0.0);
}

/// Without a first price there is no market, and it is said what is missing.
#[test]
fn a_source_that_cannot_be_used_is_said() {
    let live = LiveConfig {
        deribit: "http://elsewhere.example".to_owned(),
        ..LiveConfig::new(IndexSource::Deribit, "BTC")
    };
    let error = Venue::refused(&Setup { live: Some(live), ..Setup::default() });
    assert!(error.contains("https://"), "{error}");
}
