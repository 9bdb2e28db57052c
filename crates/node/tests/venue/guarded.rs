//! What strangers, floods, giants and the slow cannot do.

use super::support::{Setup, Venue, address};
use cenote_node::http::Rate;
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// A raw request: status line and headers, and the whole text.
fn raw(venue: &Venue, request: &str) -> String {
    let mut stream = TcpStream::connect(venue.base.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    // A server that closes early has said what it had to say.
    let _ = stream.read_to_string(&mut text);
    text
}

fn status(answer: &str) -> u16 {
    answer.split_whitespace().nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
}

#[test]
fn bad_input_is_told_what_is_wrong() {
    let venue = Venue::start(&Setup::default());
    let alice = address("alice");
    let leg = |name: &str, size: Value| json!({ "legs": [{ "instrument": name, "size": size }] });
    let listed =
        venue.see("/v1/instruments")["instruments"][0]["instrument_name"].as_str().unwrap().to_owned();
    // path, body, status, code
    let posts: Vec<(&str, Value, u16, &str)> = vec![
        ("/v1/quote", json!({}), 400, "bad_request"),
        ("/v1/quote", json!({ "legs": [] }), 400, "invalid"),
        ("/v1/quote", leg("BTC_USDC-9JAN26-1-C", json!("1")), 404, "strike_not_found"),
        ("/v1/quote", leg("DOGE-9JAN26-1-C", json!("1")), 404, "not_found"),
        ("/v1/quote", leg(&listed, json!("0")), 400, "invalid"),
        ("/v1/quote", leg(&listed, json!(1.5)), 400, "bad_request"),
        ("/v1/quote", leg(&listed, json!("1e400")), 400, "bad_request"),
        ("/v1/quote", leg(&listed, json!("1000000000")), 400, "out_of_bounds"),
        ("/v1/whatif", json!({ "market": "BTC_USDC", "spot_shocks": [], "vol_shocks": [0] }), 400, "invalid"),
        (
            "/v1/whatif",
            json!({ "market": "BTC_USDC", "spot_shocks": vec![0.0; 41], "vol_shocks": vec![0.0; 21], "dates": [1, 2] }),
            400,
            "invalid",
        ),
        ("/v1/commands", json!({ "payload": "x", "public_key": "", "signature": "" }), 401, "unauthorised"),
        ("/v1/commands/simulate", json!({ "account": alice, "commands": [] }), 400, "invalid"),
        ("/v1/dev/clock", json!({ "speed": 0 }), 400, "invalid"),
        ("/v1/dev/clock", json!({ "until": 1 }), 400, "invalid"),
        ("/v1/dev/snapshot", json!({ "name": "../x" }), 400, "invalid"),
        ("/v1/dev/revert", json!({ "name": "none" }), 404, "not_found"),
        ("/v1/nowhere", json!({}), 404, "not_found"),
    ];
    let digest = venue.see("/v1/status")["digest"].clone();
    for (path, body, expected, code) in posts {
        let (status, answer) = venue.post(path, &body);
        assert_eq!(
            (status, answer["error"]["code"].as_str()),
            (expected, Some(code)),
            "{path} {body}: {answer}"
        );
        assert!(answer["error"]["message"].as_str().unwrap().len() > 15, "{answer}");
    }
    for (path, expected) in [
        ("/v1/accounts/nobody", 400),
        ("/v1/orders/99999999", 404),
        ("/v1/pools/9", 404),
        ("/v1/chain?size=-1", 400),
        ("/v1/chain?expiry=1JAN99", 404),
        ("/v1/candles?resolution=7", 400),
        ("/v1/events?from_seq=x", 400),
        ("/v1/explain/99999999", 404),
    ] {
        let (status, answer) = venue.get(path);
        assert_eq!(status, expected, "{path}: {answer}");
    }
    assert_eq!(venue.see("/v1/status")["digest"], digest);
}

#[test]
fn a_giant_a_flood_and_the_silent_hurt_nobody_else() {
    let rate = Rate { per_second: 50, burst: 100 };
    let venue = Venue::start(&Setup { rate, ..Setup::default() });
    let host = venue.base.trim_start_matches("http://").to_owned();
    // A body of a gigabyte is refused by what it says of itself.
    let giant = raw(
        &venue,
        &format!("POST /v1/quote HTTP/1.1\r\nhost: {host}\r\ncontent-length: 1073741824\r\n\r\n{{"),
    );
    assert_eq!(status(&giant), 413, "{giant}");
    assert!(giant.contains("too_large"), "{giant}");
    // Half-open sockets: many that say nothing.
    let silent: Vec<TcpStream> = (0..200).map(|_| TcpStream::connect(&host).unwrap()).collect();
    let begun = Instant::now();
    assert_eq!(venue.get("/v1/status").0, 200);
    assert!(begun.elapsed() < Duration::from_secs(2), "the silent hold nobody up");
    drop(silent);
    // A flood is told to wait, and how long.
    let answers: Vec<(u16, Value)> = (0..150).map(|_| venue.get("/v1/errors")).collect();
    let limited: Vec<&Value> =
        answers.iter().filter(|(status, _)| *status == 429).map(|(_, body)| body).collect();
    assert!(!limited.is_empty(), "150 requests at once are more than 100");
    assert_eq!(limited[0]["error"]["code"].as_str(), Some("rate_limited"));
    assert!(limited[0]["error"]["data"]["retry_after_ms"].as_u64().is_some_and(|ms| ms > 0));
    assert_eq!(venue.get("/healthz").0, 200, "health is not counted");
}

/// A hundred payloads in one request cost what a hundred requests do.
#[test]
fn a_batch_counts_its_payloads() {
    let rate = Rate { per_second: 20, burst: 60 };
    let venue = Venue::start(&Setup { rate, ..Setup::default() });
    let nonsense = json!({ "payload": "x", "public_key": "", "signature": "" });
    let batch = |count: usize| venue.post("/v1/commands/batch", &json!(vec![nonsense.clone(); count]));
    std::thread::sleep(Duration::from_secs(3)); // The bucket is full.
    let (status, answers) = batch(50);
    assert_eq!((status, answers.as_array().map(Vec::len)), (200, Some(50)), "{answers}");
    let (status, answer) = batch(50);
    assert_eq!((status, answer["error"]["code"].as_str()), (429, Some("rate_limited")), "{answer}");
    let wait = answer["error"]["data"]["retry_after_ms"].as_u64().unwrap();
    assert!((500..=2_500).contains(&wait), "some forty tokens at twenty a second: {wait} ms");
    std::thread::sleep(Duration::from_millis(wait + 200));
    assert_eq!(batch(40).0, 200, "after the wait there is room");
}

#[test]
fn dev_controls_are_for_this_machine_alone() {
    let venue = Venue::start(&Setup::default());
    let host = venue.base.trim_start_matches("http://").to_owned();
    for forwarded in ["x-forwarded-for: 8.8.8.8", "forwarded: for=8.8.8.8", "x-real-ip: 8.8.8.8"] {
        let answer = raw(
            &venue,
            &format!(
                "GET /v1/dev/accounts HTTP/1.1\r\nhost: {host}\r\n{forwarded}\r\nconnection: close\r\n\r\n"
            ),
        );
        assert_eq!(status(&answer), 403, "{forwarded}: {answer}");
        assert!(answer.contains("dev_only") && !answer.contains("private_key"), "{answer}");
    }
    assert_eq!(venue.get("/v1/dev/accounts").0, 200);
}

#[test]
fn pages_from_elsewhere_cannot_act_and_only_the_allowed_can_read() {
    let origins = vec!["https://good.example".to_owned()];
    let venue = Venue::start(&Setup { origins, ..Setup::default() });
    let host = venue.base.trim_start_matches("http://").to_owned();
    let ask = |method: &str, origin: &str| {
        let body = if method == "POST" { "content-length: 2\r\n" } else { "" };
        let end = if method == "POST" { "{}" } else { "" };
        raw(
            &venue,
            &format!(
                "{method} /v1/dev/fund HTTP/1.1\r\nhost: {host}\r\norigin: {origin}\r\n{body}connection: close\r\n\r\n{end}"
            ),
        )
    };
    let evil = ask("POST", "https://evil.example");
    assert_eq!(status(&evil), 403, "{evil}");
    assert!(evil.contains("origin") && !evil.to_lowercase().contains("access-control-allow-origin"));
    assert!(!ask("OPTIONS", "https://evil.example").to_lowercase().contains("access-control-allow-origin"));
    let good = ask("OPTIONS", "https://good.example").to_lowercase();
    assert!(good.contains("access-control-allow-origin: https://good.example"), "{good}");
    assert_eq!(
        status(&ask("POST", &format!("http://{host}"))),
        400,
        "the page's own origin reaches the handler"
    );
    let page =
        raw(&venue, &format!("GET / HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n")).to_lowercase();
    assert!(page.contains("content-security-policy: default-src 'self'"), "{page}");
    assert!(page.contains("x-content-type-options: nosniff"));
}

/// A page elsewhere may open sockets where it likes, and may have a name that points at this machine: neither is heard.
#[test]
fn sockets_and_names_from_elsewhere_are_refused() {
    let origins = vec!["https://good.example".to_owned()];
    let venue = Venue::start(&Setup { origins, ..Setup::default() });
    let host = venue.base.trim_start_matches("http://").to_owned();
    let port = host.rsplit_once(':').unwrap().1;
    let upgrade = |origin: &str| {
        raw(
            &venue,
            &format!(
                "GET /v1/ws HTTP/1.1\r\nhost: {host}\r\n{origin}upgrade: websocket\r\nconnection: upgrade, close\r\n\
                 sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            ),
        )
    };
    assert_eq!(status(&upgrade("origin: https://evil.example\r\n")), 403);
    assert_eq!(status(&upgrade("origin: null\r\n")), 403);
    let get = |host: &str| {
        status(&raw(
            &venue,
            &format!("GET /v1/dev/accounts HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"),
        ))
    };
    assert_eq!(get(&format!("evil.example:{port}")), 403, "a name of theirs that points here");
    assert_eq!(get(&format!("localhost:{port}")), 200);
    assert_eq!(get("good.example"), 200, "a name that was listed, before a proxy");
    assert_eq!(get(&host), 200);
}

/// Every metric of the dashboard exists, and every metric has a value.
#[test]
fn metrics_are_those_of_the_dashboard() {
    let venue = Venue::start(&Setup::default());
    let (_, text) = venue.get("/metrics");
    let text = text.as_str().unwrap().to_owned();
    let values: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let dashboard = include_str!("../../../../docs/grafana/cenote.json");
    let mut count = 0;
    for name in dashboard
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with("cenote_"))
    {
        count += 1;
        assert!(
            values.iter().any(|line| line.starts_with(name)),
            "{name} is on the dashboard and not served"
        );
    }
    assert!(count > 8, "the dashboard shows {count} metrics");
    for line in &values {
        let value = line.rsplit(' ').next().unwrap();
        assert!(value.parse::<f64>().is_ok_and(f64::is_finite), "{line}");
    }
}
