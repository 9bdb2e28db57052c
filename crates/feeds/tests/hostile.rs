//! Servers that answer wrongly, slowly, or with lies, to every source.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod common;

use cenote_feeds::{
    Clock, DeribitIndex, DeribitIndexOptions, DeribitSurface, DeribitSurfaceOptions, FeedError, FeedId,
    PythIndex, PythOptions, Source, Update,
};
use cenote_units::{Millis, Ratio, Timestamp};
use common::forge::{self, Price, guardians, hermes, signed};
use common::server::{Server, reply};
use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The second at which every answer here is fresh.
const NOW: u64 = 1_000_002;

fn clock() -> Clock {
    Arc::new(|| common::at(NOW))
}

fn pyth(base: &str) -> PythIndex {
    let options = PythOptions {
        guardians: guardians(19),
        clock: clock(),
        ..PythOptions::new(base, FeedId(forge::FEED))
    };
    PythIndex::new(PythOptions { timeout: Duration::from_millis(700), ..options }).unwrap()
}

fn index(base: &str) -> DeribitIndex {
    let options = DeribitIndexOptions { clock: clock(), ..DeribitIndexOptions::new(base, "btc_usd") };
    DeribitIndex::new(DeribitIndexOptions { timeout: Duration::from_millis(700), ..options }).unwrap()
}

fn surface(base: &str) -> DeribitSurface {
    let options = DeribitSurfaceOptions { clock: clock(), ..DeribitSurfaceOptions::new(base, "BTC") };
    DeribitSurface::new(DeribitSurfaceOptions { timeout: Duration::from_millis(1500), ..options }).unwrap()
}

fn all(base: &str) -> [Box<dyn Source>; 3] {
    [Box::new(pyth(base)), Box::new(index(base)), Box::new(surface(base))]
}

fn deribit(result: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","result":{result},"usIn":1,"usOut":{}000000,"usDiff":1,"testnet":false}}"#,
        NOW - 1
    )
}

fn refused(source: &mut dyn Source, code: &str) -> FeedError {
    let error = source.poll().expect_err(code);
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().len() < 700, "{} letters", error.to_string().len());
    assert!(!error.to_string().chars().any(char::is_control), "{error:?}");
    error
}

#[test]
fn good_answers() {
    let server = Server::start(|path, stream| {
        assert_eq!(
            path,
            format!("/v2/updates/price/latest?ids[]={}&encoding=hex", common::hex(&forge::FEED))
        );
        reply(stream, "200 OK", "", hermes(&[signed(&[Price::PLAIN.message()])]).as_bytes());
    });
    let mut source = pyth(&server.base());
    let index = source.poll().unwrap().index.unwrap();
    assert_eq!(
        (index.price.to_string(), index.confidence.to_string()),
        ("60000".to_owned(), "12".to_owned())
    );
    assert_eq!((index.published_at, index.previous_at), (common::at(1_000_000), Some(common::at(999_999))));
    assert_eq!(source.poll(), Ok(Update::default()), "the same price is no news");

    let server = Server::start(|path, stream| {
        assert_eq!(path, "/api/v2/public/get_index_price?index_name=btc_usd");
        reply(
            stream,
            "200 OK",
            "",
            deribit(r#"{"index_price":63412.57,"estimated_delivery_price":1}"#).as_bytes(),
        );
    });
    let mut source = self::index(&format!("{}/", server.base()));
    let index = source.poll().unwrap().index.unwrap();
    assert_eq!(
        (index.price.to_string(), index.confidence.to_string()),
        ("63412.57".to_owned(), "19.023771".to_owned())
    );
    assert_eq!((index.published_at, index.previous_at), (common::at(NOW - 1), None));
    assert_eq!(source.poll(), Ok(Update::default()));
}

#[test]
fn statuses() {
    let cases: [(&'static str, &'static str, &str, Option<u64>); 9] = [
        ("429 Too Many Requests", "retry-after: 7\r\n", "rate_limited", Some(7)),
        ("429 Too Many Requests", "", "rate_limited", None),
        ("500 Internal Server Error", "retry-after: 9\r\n", "http_status", Some(9)),
        ("503 Service Unavailable", "retry-after: Wed, 21 Oct 2026 07:28:00 GMT\r\n", "http_status", None),
        ("500 Internal Server Error", "retry-after: -1\r\n", "http_status", None),
        ("400 Bad Request", "", "http_status", None),
        ("404 Not Found", "", "http_status", None),
        ("204 No Content", "", "http_status", None),
        ("302 Found", "location: http://127.0.0.1:1/\r\n", "http_status", None),
    ];
    for (status, headers, code, retry_after_s) in cases {
        let server = Server::start(move |_, stream| {
            let body = if status.starts_with("204") { "" } else { "we are\u{1b}[31m sorry\r\n" };
            reply(stream, status, headers, body.as_bytes());
        });
        for mut source in all(&server.base()) {
            let error = refused(&mut *source, code);
            assert_eq!(error.retry_after_s(), retry_after_s, "{status} {headers}");
            if let FeedError::Status { says, .. } = error {
                assert!(says == "we are[31m sorry" || status.starts_with("204"), "{says}");
            }
        }
    }
}

/// Writes a body without an end until the client hangs up.
fn drip(stream: &mut TcpStream, piece: &[u8], pause: Duration) {
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
    for _ in 0..100_000 {
        if stream.write_all(piece).and_then(|()| stream.flush()).is_err() {
            return;
        }
        std::thread::sleep(pause);
    }
}

#[test]
fn endless_bodies() {
    let spaces = [b' '; 65_536];
    let server = Server::start(move |_, stream| drip(stream, &spaces, Duration::ZERO));
    for mut source in all(&server.base()) {
        refused(&mut *source, "too_large");
    }
    // One that says how long it will be, and is as long.
    let server = Server::answering(vec![b' '; 5 * 1024 * 1024]);
    for mut source in all(&server.base()) {
        refused(&mut *source, "too_large");
    }
}

#[test]
fn slow_servers() {
    let slow_body = |_: &str, stream: &mut TcpStream| drip(stream, b" ", Duration::from_millis(20));
    let slow_head = |_: &str, stream: &mut TcpStream| {
        for byte in b"HTTP/1.1 200 OK\r\nx-slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            .iter()
            .cycle()
            .take(200)
        {
            if stream.write_all(&[*byte]).is_err() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    let silent = |_: &str, _: &mut TcpStream| std::thread::sleep(Duration::from_millis(2000));
    for server in [Server::start(slow_body), Server::start(slow_head), Server::start(silent)] {
        let (mut source, begun) = (pyth(&server.base()), Instant::now());
        refused(&mut source, "timed_out");
        assert!(begun.elapsed() < Duration::from_millis(1500), "{:?}", begun.elapsed());
    }
}

#[test]
fn broken_connections() {
    let closing = |_: &str, _: &mut TcpStream| {};
    let garbage =
        |_: &str, stream: &mut TcpStream| drop(stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n\r\n\r\n"));
    let short = |_: &str, stream: &mut TcpStream| {
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{}"))
    };
    let headers = |_: &str, stream: &mut TcpStream| {
        let _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\n")
            .and_then(|()| stream.write_all(&b"x: y\r\n".repeat(100_000)));
    };
    let servers =
        [Server::start(closing), Server::start(garbage), Server::start(short), Server::start(headers)];
    for server in &servers {
        for mut source in all(&server.base()) {
            refused(&mut *source, "unreachable");
        }
    }
    // A server that does not speak TLS where it must.
    let plain = Server::answering("{}");
    for mut source in all(&plain.base().replace("http:", "https:")) {
        refused(&mut *source, "unreachable");
    }
    let gone = Server::answering("").base();
    for mut source in all(&gone) {
        refused(&mut *source, "unreachable");
    }
}

#[test]
fn answers_that_are_not_what_was_asked_for() {
    let nested = "[".repeat(200_000);
    let bodies: [&[u8]; 12] = [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b"<html>",
        b"\xff\xfe\x00",
        b"NaN",
        br#"{"binary":{},"result":{},"usOut":1,"testnet":false}"#,
        br#"{"binary":null,"result":null,"usOut":1,"testnet":false}"#,
        br#"{"binary":{"encoding":"hex","data":"00"},"result":"x","usOut":-1,"testnet":false}"#,
        nested.as_bytes(),
    ];
    let server = Server::answering("");
    for body in bodies {
        server.change(body);
        // The index has a shorter bound than the last body.
        for mut source in all(&server.base()) {
            let error = source.poll().unwrap_err();
            let expected: &[&str] = if body.len() > 1000 { &["answer", "too_large"] } else { &["answer"] };
            assert!(
                expected.contains(&error.code()),
                "{}: {error}",
                String::from_utf8_lossy(&body[..body.len().min(60)])
            );
        }
    }
}

#[test]
fn lies_of_a_hermes_server() {
    let price = |price: Price| hermes(&[signed(&[price.message()])]);
    let plain = Price::PLAIN;
    let other = Price { feed: [1; 32], ..plain };
    let unsigned = {
        let mut update = signed(&[plain.message()]);
        update[40] ^= 1;
        update
    };
    let right = price(plain);
    let many = vec![signed(&[plain.message()]); 9];
    let cases = [
        (price(Price { price: 0, ..plain }), "not_positive"),
        (price(Price { price: -6_000_000_000_000, ..plain }), "not_positive"),
        (price(Price { price: 1, exponent: -30, ..plain }), "not_positive"),
        (price(Price { exponent: 12, ..plain }), "price_out_of_range"),
        (price(Price { exponent: i32::MAX, ..plain }), "price_out_of_range"),
        (price(Price { confidence: 6_000_000_000_001, ..plain }), "confidence_too_wide"),
        (price(Price { confidence: u64::MAX, ..plain }), "price_out_of_range"),
        (price(Price { publish_time: 999_986, ..plain }), "stale"),
        (price(Price { publish_time: 0, ..plain }), "stale"),
        (price(Price { publish_time: 1_000_005, ..plain }), "from_the_future"),
        (price(Price { publish_time: -5, ..plain }), "answer_field"),
        (price(Price { publish_time: i64::MAX, ..plain }), "answer_field"),
        (price(other), "feed_missing"),
        (hermes(std::slice::from_ref(&unsigned)), "vaa_signature"),
        // One that is right does not excuse one that is not.
        (hermes(&[signed(&[plain.message()]), unsigned]), "vaa_signature"),
        (hermes(&[]), "answer_field"),
        (hermes(&many), "answer_field"),
        (hermes(&[Vec::new()]), "truncated"),
        (right.replace("\"hex\"", "\"base64\""), "answer_field"),
        (right.replace("504e4155", "504e415"), "answer_field"),
        (right.replace("504e4155", "504e415g"), "answer_field"),
        (right.replace("504e4155", "é"), "answer_field"),
        (right.replace("504e4155", &"é".repeat(30)), "answer_field"),
        (right.replace("504e4155", "504e4156"), "update_magic"),
    ];
    let server = Server::answering("");
    for (body, code) in cases {
        server.change(body);
        refused(&mut pyth(&server.base()), code);
    }
}

#[test]
fn the_latest_of_several_and_never_an_older_one() {
    let message = |publish_time: i64| {
        Price { publish_time, price: publish_time * 100_000_000, ..Price::PLAIN }.message()
    };
    let server = Server::answering(hermes(&[
        signed(&[message(999_998)]),
        signed(&[message(1_000_000), message(999_999)]),
    ]));
    let mut source = pyth(&server.base());
    let index = source.poll().unwrap().index.unwrap();
    assert_eq!(index.published_at, common::at(1_000_000));
    assert_eq!(index.price.to_string(), "1000000");
    server.change(hermes(&[signed(&[message(999_999)])]));
    assert_eq!(refused(&mut source, "went_back"), FeedError::WentBack { what: "price", by_ms: 1000 });
    // Two seconds ahead of this clock is a clock that differs: the price counts from now.
    server.change(hermes(&[signed(&[message(1_000_004)])]));
    assert_eq!(source.poll().unwrap().index.unwrap().published_at, common::at(NOW));
}

/// A refused answer must not keep a later right one out.
#[test]
fn a_refusal_is_not_remembered_as_seen() {
    let zero = Price { price: 0, publish_time: 1_000_001, ..Price::PLAIN };
    let server = Server::answering(hermes(&[signed(&[zero.message()])]));
    let mut source = pyth(&server.base());
    refused(&mut source, "not_positive");
    server.change(hermes(&[signed(&[Price::PLAIN.message()])]));
    assert!(source.poll().unwrap().index.is_some());
}

#[test]
fn a_feed_that_stands_still_turns_stale() {
    let server = Server::answering(hermes(&[signed(&[Price::PLAIN.message()])]));
    let now = Arc::new(AtomicU64::new(1_000_000_000));
    let read = Arc::clone(&now);
    let options =
        PythOptions { guardians: guardians(19), ..PythOptions::new(&server.base(), FeedId(forge::FEED)) };
    let clock: Clock = Arc::new(move || Timestamp::from_millis(read.load(Ordering::SeqCst)).unwrap());
    let mut source = PythIndex::new(PythOptions { clock, ..options }).unwrap();
    assert!(source.poll().unwrap().index.is_some());
    now.store(1_000_015_000, Ordering::SeqCst);
    assert_eq!(source.poll(), Ok(Update::default()));
    now.store(1_000_015_001, Ordering::SeqCst);
    let age_max_ms = Millis::seconds(15).get();
    assert_eq!(source.poll(), Err(FeedError::Stale { what: "price", age_ms: 15_001, age_max_ms }));
}

#[test]
fn lies_of_a_venue() {
    let index_price = |text: &str| deribit(&format!(r#"{{"index_price":{text}}}"#));
    let right = index_price("63412.57");
    let cases = [
        (index_price("0"), "not_positive"),
        (index_price("0.0"), "not_positive"),
        (index_price("-1.5"), "not_positive"),
        (index_price("1e400"), "price_out_of_range"),
        (index_price("1e9"), "price_out_of_range"),
        (index_price("NaN"), "answer"),
        (index_price("-Infinity"), "answer"),
        (index_price("null"), "answer_field"),
        (index_price("\"63412.57\""), "answer_field"),
        (index_price("[1]"), "answer_field"),
        (right.replace("index_price", "price"), "answer"),
        (right.replace("usOut", "usout"), "answer"),
        (right.replace("\"testnet\":false", "\"testnet\":true"), "network"),
        (right.replace("1000001000000", "999986000000"), "stale"),
        (right.replace("1000001000000", "1000005000000"), "from_the_future"),
        (right.replace("1000001000000", "99999999999999999"), "from_the_future"),
        (right.replace("1000001000000", "18446744073709551615"), "answer_field"),
        (right.replace("1000001000000", "18446744073709551616"), "answer"),
        // Nothing that a server says is shown at length, or moves a cursor.
        (right.replace("false", &format!("\"{}\"", "\u{9b}31m".repeat(3000))), "answer"),
        (index_price(&format!("\"{}\"", "\u{9b}31m".repeat(3000))), "answer_field"),
        (r#"{"jsonrpc":"2.0","error":{"code":10028,"message":"too_many_requests"},"usOut":1,"testnet":false}"#.to_owned(), "answer"),
    ];
    let server = Server::answering("");
    for (body, code) in cases {
        server.change(body);
        refused(&mut index(&server.base()), code);
    }
}

#[test]
fn addresses_and_options() {
    let feed = FeedId(forge::FEED);
    let of_pyth =
        |base: &str| PythIndex::new(PythOptions::new(base, feed)).map(|_| ()).map_err(|error| error.code());
    let of_venue = |base: &str| {
        DeribitIndex::new(DeribitIndexOptions::new(base, "btc_usd")).map(|_| ()).map_err(|error| error.code())
    };
    let bad = Err("base_address");
    // Updates of Pyth carry their proof over any line; a venue's word does not.
    let table = [
        ("https://example.org", Ok(()), Ok(())),
        ("https://example.org/hermes/", Ok(()), Ok(())),
        ("http://example.org", Ok(()), bad),
        ("http://localhost.example.org", Ok(()), bad),
        ("http://127.0.0.1.example.org", Ok(()), bad),
        ("http://user@example.org", Ok(()), bad),
        ("http://localhost:1", Ok(()), Ok(())),
        ("http://127.9.9.9:1", Ok(()), Ok(())),
        ("http://[::1]:1", Ok(()), Ok(())),
        ("ftp://example.org", bad, bad),
        ("https://example.org?x=", bad, bad),
        ("example.org", bad, bad),
        ("file:///etc/passwd", bad, bad),
        ("", bad, bad),
        ("https://", bad, bad),
        ("https://exa mple.org", bad, bad),
    ];
    for (base, pyth, venue) in table {
        assert_eq!((of_pyth(base), of_venue(base)), (pyth, venue), "{base}");
    }
    let option = |result: Result<(), FeedError>| assert_eq!(result.unwrap_err().code(), "option");
    for name in ["", "btc usd", "btc_usd&x=1", "btc/usd", "ü", &"b".repeat(33)] {
        option(DeribitIndex::new(DeribitIndexOptions::new("https://example.org", name)).map(drop));
        option(DeribitSurface::new(DeribitSurfaceOptions::new("https://example.org", name)).map(drop));
    }
    for share in [-1, 1_000_000_001] {
        let confidence = Ratio::new(share).unwrap();
        let options =
            DeribitIndexOptions { confidence, ..DeribitIndexOptions::new("https://example.org", "btc_usd") };
        option(DeribitIndex::new(options).map(drop));
    }
    for timeout in [Duration::ZERO, Duration::from_secs(121), Duration::MAX] {
        option(
            PythIndex::new(PythOptions { timeout, ..PythOptions::new("https://example.org", feed) })
                .map(drop),
        );
    }
    let options = DeribitSurfaceOptions {
        inside_min_percent: 101,
        ..DeribitSurfaceOptions::new("https://example.org", "BTC")
    };
    option(DeribitSurface::new(options).map(drop));
}

#[test]
fn codes_are_stable_and_each_its_own() {
    let codes = FeedError::CODES;
    let mut sorted = codes.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), codes.len());
    let page = include_str!("../../../docs/spec/feeds.md").split("## Codes").nth(1).unwrap();
    for code in codes {
        assert!(page.contains(&format!("| `{code}` |")), "docs/spec/feeds.md does not say what `{code}` is");
    }
    let rows = page.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, codes.len(), "rows of codes in docs/spec/feeds.md");
}
