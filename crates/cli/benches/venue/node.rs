//! A node in a process of its own, and wrk against it.

use cenote_api::{ApiCommand, Payload, Signed, keys};
use cenote_units::Cash;
use secp256k1::SecretKey;
use serde::Deserialize;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// Traders of a load, each with money.
const TRADERS: u64 = 64;

pub struct Node {
    child: Child,
    pub base: String,
    pub ready: Value,
    /// From the command to the line that says it is ready.
    pub up_seconds: f64,
    scratch: tempfile::TempDir,
}

/// What wrk saw.
#[derive(Debug, Deserialize)]
pub struct Seen {
    pub requests: u64,
    pub seconds: f64,
    pub refused: u64,
    pub broken: u64,
    pub p50_ms: f64,
    pub p99_ms: f64,
}

impl Node {
    pub fn start(dir: &Path, speed: &str) -> Self {
        let begun = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_cenote"))
            .args(["up", "--json", "--port", "0", "--rate-limit", "0", "--empty", "--speed", speed, "--dir"])
            .arg(dir)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("cenote runs");
        let mut line = String::new();
        let out = child.stdout.take().expect("a pipe");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let up_seconds = begun.elapsed().as_secs_f64();
        let ready: Value = serde_json::from_str(&line).expect("the node comes up");
        let base = ready["urls"]["page"].as_str().expect("an address").trim_end_matches('/').to_owned();
        Self { child, base, ready, up_seconds, scratch: tempfile::tempdir().expect("a directory") }
    }

    /// As Ctrl-C does.
    pub fn stop(mut self) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(
            told.is_ok_and(|told| told.success()) && self.child.wait().is_ok_and(|ended| ended.success())
        );
    }

    pub fn get(&self, path: &str) -> Value {
        let mut answer = agent().get(format!("{}{path}", self.base)).call().expect("an answer");
        let text = answer.body_mut().with_config().limit(64 << 20).read_to_string().expect("text");
        serde_json::from_str(&text).expect("JSON")
    }

    pub fn post(&self, path: &str, body: &Value) {
        let answer = agent().post(format!("{}{path}", self.base)).send(body.to_string().as_bytes());
        assert!(answer.is_ok(), "{path} {body}: {answer:?}");
    }

    pub fn last_seq(&self) -> u64 {
        self.get("/v1/status")["last_seq"].as_u64().expect("a number")
    }

    /// Gives every trader money, in the venue or in the wallet beside it.
    pub fn fund(&self) {
        for trader in 0..TRADERS {
            let account = keys::address_of(&key(trader)).to_string();
            self.post("/v1/dev/fund", &serde_json::json!({ "account": account, "amount": "1000000" }));
        }
    }

    /// So many payloads, signed by the traders in turn; `commands` gives what the n-th says.
    pub fn signed(&self, count: u64, commands: impl Fn(u64) -> Vec<ApiCommand>) -> Vec<Signed> {
        let status = self.get("/v1/status");
        let venue = self.ready["venue_id"].as_str().expect("an id");
        let expires_at = status["market_time_ms"].as_u64().expect("ms") + 80_000_000;
        // Above all that earlier loads have used.
        let first = status["last_seq"].as_u64().expect("a number") + 1;
        let keys: Vec<SecretKey> = (0..TRADERS).map(key).collect();
        let one = |n: u64| {
            let key = &keys[(n % TRADERS) as usize];
            let payload = Payload {
                venue: venue.to_owned(),
                account: keys::address_of(key),
                nonce: first + n / TRADERS,
                expires_at,
                commands: commands(n),
            };
            Signed::raw(&payload, key)
        };
        (0..count).map(one).collect()
    }

    /// Runs wrk over bodies.
    pub fn wrk(&self, path: &str, bodies: &[String], connections: u32, pause_ms: u32, seconds: u32) -> Seen {
        let file = self.scratch.path().join("bodies");
        let mut out = std::io::BufWriter::new(std::fs::File::create(&file).expect("a file"));
        bodies.iter().for_each(|body| writeln!(out, "{body}").expect("room on the disk"));
        out.into_inner().expect("room on the disk");
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/venue/load.lua");
        let ran = Command::new("wrk")
            .args(["--threads", "1", "--connections", &connections.to_string()])
            .args(["--duration", &format!("{seconds}s"), "--timeout", "10s", "--script"])
            .arg(script)
            .arg(format!("{}{path}", self.base))
            .arg("--")
            .arg(&file)
            .args(["1", &pause_ms.to_string()])
            .output()
            .expect("wrk runs");
        let said = String::from_utf8_lossy(&ran.stderr);
        let seen: Seen = said
            .lines()
            .rev()
            .find_map(|line| serde_json::from_str(line).ok())
            .unwrap_or_else(|| panic!("wrk said: {said} {}", String::from_utf8_lossy(&ran.stdout)));
        assert!(seen.requests <= bodies.len() as u64, "bodies ran out: {seen:?} of {}", bodies.len());
        seen
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(true).proxy(None).build().into()
}

/// A trader's key.
pub fn key(trader: u64) -> SecretKey {
    keys::dev_key(&format!("load {trader}"))
}

/// One unit of cash, 0.000001.
pub fn withdrawal() -> ApiCommand {
    ApiCommand::Withdraw { amount: cenote_api::Money(Cash::new(1).expect("one")) }
}

/// 1234567 as 1,234,567.
pub fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
