//! Kill -9 at any moment, also while it recovers: nothing acknowledged is lost, nothing is done twice, and the journal gives the digest.
//!
//! `CENOTE_CRASHES` says how many times (50 unless told).
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use cenote_api::{ApiCommand, Money, Payload, Signed, keys};
use cenote_node::core::recovery::replay;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// A node in a process of its own.
struct Node {
    child: Child,
    base: String,
    venue_id: String,
}

impl Node {
    /// Starts it; `None` when it was killed before it was ready.
    fn start(dir: &Path, kill_after: Option<Duration>) -> Option<Self> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cenote"));
        // Fast market time: many ticks, so that prices are under way whenever it dies.
        command.args(["up", "--json", "--port", "0", "--rate-limit", "0", "--speed", "20", "--dir"]).arg(dir);
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let out = child.stdout.take().unwrap();
        if let Some(moment) = kill_after {
            std::thread::sleep(moment);
            child.kill().unwrap();
            child.wait().unwrap();
            return None;
        }
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|_| {
            let _ = child.kill();
            panic!("the node did not come up: `{line}`")
        });
        let base = ready["urls"]["page"].as_str().unwrap().trim_end_matches('/').to_owned();
        Some(Self { child, base, venue_id: ready["venue_id"].as_str().unwrap().to_owned() })
    }

    /// SIGKILL.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn get(&self, path: &str) -> Value {
        let text =
            agent().get(format!("{}{path}", self.base)).call().unwrap().body_mut().read_to_string().unwrap();
        serde_json::from_str(&text).unwrap()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(Duration::from_secs(10)))
        .build()
        .into()
}

/// A payload that was sent, and whether it was acknowledged.
struct Sent {
    signed: Signed,
    acknowledged: bool,
}

/// Sends withdrawals of one unit each, as fast as they are answered, until the node is gone.
fn load(base: String, venue: String, name: &'static str, first: u64, now: u64, out: Sender<Sent>) {
    let (key, agent) = (keys::dev_key(name), agent());
    for nonce in first.. {
        let commands = vec![ApiCommand::Withdraw { amount: Money(cenote_units::Cash::new(1).unwrap()) }];
        let payload = Payload {
            venue: venue.clone(),
            account: keys::address_of(&key),
            nonce,
            expires_at: now + 80_000_000,
            commands,
        };
        let signed = Signed::raw(&payload, &key);
        let body = serde_json::to_vec(&signed).unwrap();
        let answer = agent.post(format!("{base}/v1/commands")).send(&body[..]);
        let acknowledged = answer.is_ok_and(|answer| answer.status().as_u16() == 200);
        let over = !acknowledged;
        if out.send(Sent { signed, acknowledged }).is_err() || over {
            return;
        }
    }
}

/// A small generator of moments.
struct Moments(u64);

impl Moments {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

fn collect(from: &Receiver<Sent>) -> Vec<Sent> {
    let mut all = Vec::new();
    while let Ok(sent) = from.recv_timeout(Duration::from_secs(12)) {
        all.push(sent);
    }
    all
}

#[test]
fn what_is_acknowledged_survives_kill_9_at_any_moment() {
    let times: u64 = std::env::var("CENOTE_CRASHES").ok().and_then(|n| n.parse().ok()).unwrap_or(50);
    let dir = tempfile::tempdir().unwrap();
    let names: [&'static str; 2] = ["alice", "bob"];
    let mut moments = Moments(42);
    // By name: units in the wallet that are certain, and payloads of which nobody knows.
    let mut certain: BTreeMap<&str, u64> = names.iter().map(|name| (*name, 0)).collect();
    let mut unknown: Vec<(&str, Signed)> = Vec::new();
    let mut acknowledged = 0;
    for time in 0..times {
        if time % 5 == 4 {
            assert!(Node::start(dir.path(), Some(Duration::from_millis(5 + moments.below(120)))).is_none());
        }
        let begun = Instant::now();
        let node = Node::start(dir.path(), None).unwrap();
        let up = begun.elapsed();
        assert!(up < Duration::from_secs(20), "came up after {up:?}");
        let now = node.get("/v1/status")["market_time_ms"].as_u64().unwrap();
        // What was on its way when it died is sent again: done now, or done before and answered as such.
        for (name, signed) in unknown.drain(..) {
            let body = serde_json::to_vec(&signed).unwrap();
            let answer = agent().post(format!("{}/v1/commands", node.base)).send(&body[..]).unwrap();
            assert_eq!(answer.status().as_u16(), 200, "a payload that was cut off can be sent again");
            *certain.get_mut(name).unwrap() += 1;
        }
        for name in names {
            let account = keys::address_of(&keys::dev_key(name)).to_string();
            let wallet: Money =
                node.get(&format!("/v1/accounts/{account}"))["wallet"].as_str().unwrap().parse().unwrap();
            assert_eq!(wallet.0.get(), i128::from(certain[name]), "{name}, kill {time}: lost or done twice");
        }
        let loads: Vec<_> = names
            .into_iter()
            .map(|name| {
                let (out, from) = channel();
                let (base, venue, first) = (node.base.clone(), node.venue_id.clone(), certain[name] + 1);
                let thread = std::thread::spawn(move || load(base, venue, name, first, now, out));
                (name, from, thread)
            })
            .collect();
        std::thread::sleep(Duration::from_millis(30 + moments.below(300)));
        node.kill();
        for (name, from, thread) in loads {
            for sent in collect(&from) {
                if sent.acknowledged {
                    *certain.get_mut(name).unwrap() += 1;
                    acknowledged += 1;
                } else {
                    unknown.push((name, sent.signed));
                }
            }
            thread.join().unwrap();
        }
    }
    let again = replay(&dir.path().join("journal"), &mut |_| {}).unwrap();
    let node = Node::start(dir.path(), None).unwrap();
    let first = node.get(&format!("/v1/explain/{}", again.last_seq));
    assert_eq!(first["digest"].as_str(), Some(again.digest.as_str()), "the journal's digest is the node's");
    println!("{times} kills, {acknowledged} commands acknowledged, {} in the journal", again.last_seq);
    assert!(
        acknowledged > times * 2,
        "{acknowledged} commands in {times} lives: too little load to say anything"
    );
}
