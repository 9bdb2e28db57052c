//! What a node takes: signatures, commands, orders, questions, listeners.

use super::node::{Node, Seen, grouped, key, withdrawal};
use cenote_api::command::{OrderLeg, PlaceOrder};
use cenote_api::envelope::{Envelope, hex, payload_hash};
use cenote_api::{ApiCommand, Contracts, Money, Payload, Signed, keys};
use secp256k1::{Message, ecdsa};
use serde_json::json;
use std::collections::BTreeMap;
use std::net::TcpStream;
use std::sync::{Arc, Barrier, Mutex};
use std::time::{Duration, Instant};
use tungstenite::Message as Frame;

/// Commands of a batch.
const BATCH: usize = 100;

fn text(signed: &Signed) -> String {
    serde_json::to_string(signed).expect("JSON")
}

/// As Keplr and Leap sign.
fn wallet(payload: &Payload) -> Signed {
    let envelope = Envelope::Adr36 { prefix: "cosmos".to_owned() };
    let signed = Signed { envelope, ..Signed::raw(payload, &key(0)) };
    let hash = payload_hash(&signed.payload);
    let digest = signed.digest(payload, &hash, keys::address_of(&key(0))).expect("a good prefix");
    let signature = ecdsa::sign(Message::from_digest(digest), &key(0));
    Signed { signature: hex(&signature.serialize_compact()), ..signed }
}

/// What checking signatures costs, on one core and without a node.
pub fn signatures() {
    let payload = |n: u64, commands: usize| Payload {
        venue: "cenote-0123456789abcdef".to_owned(),
        account: keys::address_of(&key(0)),
        nonce: n,
        expires_at: 1_767_571_200_000,
        commands: vec![withdrawal(); commands],
    };
    println!("## Signatures\n\nParsed and checked, one core, without a node.\n");
    println!(
        "| envelope | commands in it | microseconds a payload | payloads a second |\n|---|---:|---:|---:|"
    );
    for (name, commands, adr36) in [("raw", 1, false), ("ADR-36", 1, true), ("raw", BATCH, false)] {
        let make = |n: u64| {
            let payload = payload(n, commands);
            if adr36 { wallet(&payload) } else { Signed::raw(&payload, &key(0)) }
        };
        let all: Vec<Signed> = (0..2_000).map(make).collect();
        let begun = Instant::now();
        assert!(all.iter().all(|signed| signed.verify().is_ok()));
        let each = begun.elapsed().as_secs_f64() / all.len() as f64;
        println!("| {name} | {commands} | {:.1} | {} |", 1e6 * each, grouped(1.0 / each));
    }
}

fn row(what: &str, connections: u32, seen: &Seen, commands: f64) {
    assert_eq!(seen.broken, 0, "{what}: {seen:?}");
    println!(
        "| {what} | {connections} | {} | {} | {:.2} | {:.2} | {} |",
        grouped(seen.requests as f64 / seen.seconds),
        grouped(commands / seen.seconds),
        seen.p50_ms,
        seen.p99_ms,
        seen.refused
    );
}

const HEAD: &str = "| | connections | requests a second | durable commands a second | p50 ms | p99 ms | refused |\n|---|---:|---:|---:|---:|---:|---:|";

/// Durable commands: one a request, a hundred under one signature, a hundred signatures in one request.
pub fn commands(seconds: u32) {
    let dir = tempfile::tempdir().expect("a directory");
    let node = Node::start(&dir.path().join("venue"), "1");
    node.fund();
    println!(
        "\n## Commands\n\nWithdrawals from {} accounts; signatures checked; answered once on disk; history kept.\n",
        64
    );
    println!("{HEAD}");
    let measure = |what: &str, path: &str, bodies: &[String], connections: u32| {
        let before = node.last_seq();
        let seen = node.wrk(path, bodies, connections, 0, seconds);
        row(what, connections, &seen, (node.last_seq() - before) as f64);
    };
    let enough = |a_second: u64| a_second * u64::from(seconds);
    let single = |count| node.signed(count, |_| vec![withdrawal()]);
    for connections in [1, 64] {
        let bodies: Vec<String> = single(enough(25_000)).iter().map(text).collect();
        measure("one command a request", "/v1/commands", &bodies, connections);
    }
    for connections in [1, 8] {
        let bodies: Vec<String> =
            node.signed(enough(1_500), |_| vec![withdrawal(); BATCH]).iter().map(text).collect();
        measure("100 commands under one signature", "/v1/commands", &bodies, connections);
    }
    let bodies: Vec<String> = single(enough(40_000))
        .chunks(BATCH)
        .map(|chunk| serde_json::to_string(chunk).expect("JSON"))
        .collect();
    measure("100 payloads, each signed", "/v1/commands/batch", &bodies, 8);
    node.stop();
}

/// Series that can be traded, nearest to the money first.
fn series(node: &Node) -> Vec<String> {
    let chain = node.get("/v1/chain?market=BTC_USDC");
    let mut found: Vec<(i64, String)> = Vec::new();
    for expiry in chain["expiries"].as_array().expect("expiries") {
        let forward = expiry["forward"].as_f64().expect("a forward");
        for strike in expiry["strikes"].as_array().expect("strikes") {
            let at: f64 = strike["strike"].as_str().and_then(|text| text.parse().ok()).expect("a strike");
            for side in ["call", "put"] {
                let name = strike[side]["instrument_name"].as_str().expect("a name").to_owned();
                found.push(((at - forward).abs() as i64, name));
            }
        }
    }
    found.sort();
    found.into_iter().map(|(_, name)| name).collect()
}

fn order(instrument: &str, buy: bool) -> ApiCommand {
    let size: Contracts = if buy { "0.01" } else { "-0.01" }.parse().expect("a size");
    let limit: Money = if buy { "100000" } else { "-0.01" }.parse().expect("money");
    ApiCommand::PlaceOrder(PlaceOrder {
        legs: vec![OrderLeg { instrument: instrument.to_owned(), size }],
        limit,
        until: None,
        reduce_only: false,
        attempts: 1,
        label: None,
    })
}

/// From the request to the durable answer, at about a thousand orders a second.
pub fn orders(seconds: u32) {
    let dir = tempfile::tempdir().expect("a directory");
    // Twenty ticks a second, so that what waits is filled as fast as it comes.
    let node = Node::start(&dir.path().join("venue"), "20");
    node.fund();
    let series = series(&node);
    // Each trader buys a series and sells it again.
    let signed = node.signed(1_600 * u64::from(seconds), |n| {
        vec![order(&series[(n % 64) as usize % 16], n / 64 % 2 == 0)]
    });
    let bodies: Vec<String> = signed.iter().map(text).collect();
    let before = node.last_seq();
    let seen = node.wrk("/v1/commands", &bodies, 32, 30, seconds);
    println!(
        "\n## Orders at a steady pace\n\nOrders to buy and sell, twenty ticks a second that fill them; the time is from the request to the durable answer.\n"
    );
    println!("{HEAD}");
    row("orders", 32, &seen, (node.last_seq() - before) as f64);
    node.stop();
}

/// Questions that run the engine.
pub fn quotes(seconds: u32) {
    let dir = tempfile::tempdir().expect("a directory");
    let node = Node::start(&dir.path().join("venue"), "1");
    let series = series(&node);
    let body = |n: usize| {
        let leg = json!({ "instrument": series[n % series.len()], "size": format!("0.{:02}", 1 + n % 90) });
        json!({ "legs": [leg] }).to_string()
    };
    let bodies: Vec<String> = (0..60_000 * seconds as usize).map(body).collect();
    println!(
        "\n## Quotes\n\n`POST /v1/quote`, one leg, {} series in turn, sizes 0.01 to 0.90, each priced anew with every part of its cost.\n",
        series.len()
    );
    println!("| connections | quotes a second | p50 ms | p99 ms | refused |\n|---:|---:|---:|---:|---:|");
    for connections in [1, 16, 64] {
        let seen = node.wrk("/v1/quote", &bodies, connections, 0, seconds);
        assert_eq!(seen.broken, 0, "{seen:?}");
        println!(
            "| {connections} | {} | {:.2} | {:.2} | {} |",
            grouped(seen.requests as f64 / seen.seconds),
            seen.p50_ms,
            seen.p99_ms,
            seen.refused
        );
    }
    node.stop();
}

/// When each message of one tick came, by tick.
type Arrivals = Arc<Mutex<BTreeMap<u64, Vec<Instant>>>>;

fn listen(base: &str, channel: &str, until: Instant, begin: &Barrier, arrivals: &Arrivals) -> usize {
    let host = base.trim_start_matches("http://");
    let stream = TcpStream::connect(host).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(2))).expect("a socket");
    let (mut socket, _) = tungstenite::client(format!("ws://{host}/v1/ws"), stream).expect("a socket");
    let ask =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "subscribe", "params": { "channels": [channel] } });
    socket.send(Frame::text(ask.to_string())).expect("sent");
    begin.wait();
    let mut mine = Vec::new();
    while Instant::now() < until {
        let Ok(Frame::Text(text)) = socket.read() else { continue };
        let now = Instant::now();
        // The number stands first; reading all of it would measure this program.
        let seq = text
            .split_once("\"as_of_seq\":")
            .and_then(|(_, rest)| rest.split([',', '}']).next()?.parse().ok());
        mine.extend(seq.map(|seq: u64| (seq, now)));
    }
    let count = mine.len();
    let mut arrivals = arrivals.lock().expect("nobody panicked");
    mine.into_iter().for_each(|(seq, at)| arrivals.entry(seq).or_default().push(at));
    count
}

/// Listeners to an expiry's chain at ten ticks a second.
pub fn sockets(seconds: u32) {
    let dir = tempfile::tempdir().expect("a directory");
    let node = Node::start(&dir.path().join("venue"), "10");
    let expiry =
        node.get("/v1/chain?market=BTC_USDC")["expiries"][2]["expiry"].as_str().expect("a name").to_owned();
    let channel = format!("chain.BTC_USDC.{expiry}.100ms");
    println!(
        "\n## Listeners\n\n`{}` at ten ticks a second; behind the first: how much later than the first listener the same news reached one.\n",
        channel.replace(&expiry, "EXPIRY")
    );
    println!(
        "| listeners | messages a second | each, a second | p50 ms behind the first | p99 ms |\n|---:|---:|---:|---:|---:|"
    );
    for listeners in [100_usize, 500] {
        let (arrivals, begin) = (Arrivals::default(), Arc::new(Barrier::new(listeners)));
        let until = Instant::now() + Duration::from_secs(u64::from(seconds) + 3);
        let threads: Vec<_> = (0..listeners)
            .map(|_| {
                let (base, channel) = (node.base.clone(), channel.clone());
                let (arrivals, begin) = (Arc::clone(&arrivals), Arc::clone(&begin));
                std::thread::Builder::new()
                    .stack_size(256 << 10)
                    .spawn(move || listen(&base, &channel, until, &begin, &arrivals))
                    .expect("a thread")
            })
            .collect();
        threads.into_iter().for_each(|thread| drop(thread.join()));
        report(listeners, &arrivals.lock().expect("nobody panicked"));
    }
    node.stop();
}

/// Ticks that reached everybody.
fn report(listeners: usize, arrivals: &BTreeMap<u64, Vec<Instant>>) {
    let whole: Vec<&Vec<Instant>> = arrivals.values().filter(|at| at.len() == listeners).collect();
    let mut behind: Vec<f64> = Vec::new();
    for at in &whole {
        let first = at.iter().min().expect("somebody listens");
        behind.extend(at.iter().map(|at| 1e3 * at.duration_since(*first).as_secs_f64()));
    }
    behind.sort_by(f64::total_cmp);
    let at = |share: f64| {
        behind.get((share * (behind.len().max(1) - 1) as f64) as usize).copied().unwrap_or(f64::NAN)
    };
    let all = || whole.iter().flat_map(|at| at.iter());
    let span = all()
        .max()
        .zip(all().min())
        .map_or(f64::NAN, |(last, first)| last.duration_since(*first).as_secs_f64());
    let messages = (behind.len() - listeners.min(behind.len())) as f64 / span;
    println!(
        "| {listeners} | {} | {:.1} | {:.1} | {:.1} |",
        grouped(messages),
        messages / listeners as f64,
        at(0.5),
        at(0.99)
    );
}
