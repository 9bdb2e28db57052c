//! A node in a directory of its own, and the least client there is.

use cenote_api::event::What;
use cenote_api::view::CommandsAnswer;
use cenote_api::{ApiCommand, ApiEvent, Payload, Signed, keys};
use cenote_engine::Delta;
use cenote_engine::ids::AccountId;
use cenote_node::core::facts::Facts;
use cenote_node::core::ledger::Applied;
use cenote_node::core::publish::Published;
use cenote_node::http::Rate;
use cenote_node::market::{LiveConfig, PriceConfig};
use cenote_node::{Node, NodeConfig};
use cenote_units::Timestamp;
use secp256k1::SecretKey;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

static NONCE: AtomicU64 = AtomicU64::new(1);

/// A node that runs until it is dropped.
pub struct Venue {
    runtime: Option<tokio::runtime::Runtime>,
    node: Option<Node>,
    /// Where it is, without a slash.
    pub base: String,
    dir: Option<tempfile::TempDir>,
}

/// How a test's node differs.
#[derive(Clone)]
pub struct Setup {
    pub agents: bool,
    pub speed: f64,
    pub seed: u64,
    pub rate: Rate,
    pub origins: Vec<String>,
    pub live: Option<LiveConfig>,
}

impl Default for Setup {
    /// Nobody but the test, and a clock that stands almost still: ticks come by jumps.
    fn default() -> Self {
        let rate = Rate { per_second: 0, burst: 0 };
        Self { agents: false, speed: 0.01, seed: 7, rate, origins: Vec::new(), live: None }
    }
}

impl Setup {
    fn config(&self, path: &Path) -> NodeConfig {
        let (seed, agents, live) = (self.seed, self.agents, self.live.clone());
        NodeConfig {
            bind: ([127, 0, 0, 1], 0).into(),
            prices: PriceConfig { seed, agents, live, ..PriceConfig::default() },
            speed: self.speed,
            rate: self.rate,
            origins: self.origins.clone(),
            snapshot_every: 50,
            ..NodeConfig::new(path.to_owned())
        }
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

impl Venue {
    pub fn start(setup: &Setup) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().to_owned();
        let mut venue = Self::at(&path, setup);
        venue.dir = Some(dir);
        venue
    }

    /// A node in a directory that outlives it.
    pub fn at(path: &Path, setup: &Setup) -> Self {
        let runtime = runtime();
        let node = runtime.block_on(Node::start(setup.config(path))).unwrap();
        let base = format!("http://{}", node.address);
        let venue = Self { runtime: Some(runtime), node: Some(node), base, dir: None };
        if setup.speed < 0.1 {
            venue.done("/v1/dev/clock", &json!({ "pause": true }));
        }
        venue
    }

    /// Why it does not start.
    pub fn refused(setup: &Setup) -> String {
        let dir = tempfile::tempdir().unwrap();
        runtime().block_on(Node::start(setup.config(dir.path()))).err().unwrap().to_string()
    }

    pub fn replayed(&self) -> u64 {
        self.node.as_ref().unwrap().replayed
    }

    /// Waits for it to end by itself, as the program does, and gives up after so long.
    pub fn outlive(&mut self, time: std::time::Duration) {
        let (Some(node), Some(runtime)) = (&mut self.node, &self.runtime) else { return };
        let ended = runtime.block_on(async { tokio::time::timeout(time, node.core.failed()).await });
        assert!(ended.is_err(), "{ended:?}");
    }

    /// Stops it as Ctrl-C does.
    pub fn stop(&mut self) {
        if let (Some(node), Some(runtime)) = (self.node.take(), &self.runtime) {
            runtime.block_on(node.stop()).unwrap();
        }
    }

    pub fn get(&self, path: &str) -> (u16, Value) {
        send(agent().get(format!("{}{path}", self.base)).call())
    }

    pub fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        send(agent().post(format!("{}{path}", self.base)).send(body.to_string().as_bytes()))
    }

    /// An answer that must be good.
    pub fn see(&self, path: &str) -> Value {
        let (status, body) = self.get(path);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// A post that must succeed.
    pub fn done(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.post(path, body);
        assert_eq!(status, 200, "{path} {body}: {answer}");
        answer
    }

    pub fn venue_id(&self) -> String {
        self.see("/v1/status")["venue_id"].as_str().unwrap().to_owned()
    }

    pub fn market_time(&self) -> u64 {
        self.see("/v1/status")["market_time_ms"].as_u64().unwrap()
    }

    pub fn payload(&self, key: &SecretKey, commands: Vec<ApiCommand>) -> Payload {
        Payload {
            venue: self.venue_id(),
            account: keys::address_of(key),
            nonce: NONCE.fetch_add(1, Ordering::Relaxed),
            expires_at: self.market_time() + 60_000,
            commands,
        }
    }

    /// Signs and sends; status and answer.
    pub fn send(&self, signed: &Signed) -> (u16, Value) {
        self.post("/v1/commands", &serde_json::to_value(signed).unwrap())
    }

    /// One command of a named account that must be carried out.
    pub fn run(&self, name: &str, command: ApiCommand) -> CommandsAnswer {
        let key = keys::dev_key(name);
        let (status, answer) = self.send(&Signed::raw(&self.payload(&key, vec![command]), &key));
        assert_eq!(status, 200, "{answer}");
        serde_json::from_value(answer).unwrap()
    }

    /// Carries time to the next tick but so many.
    pub fn ticks(&self, count: u64) {
        self.until((self.market_time() / 1_000 + count) * 1_000);
    }

    /// Carries time to a moment.
    pub fn until(&self, ms: u64) {
        self.done("/v1/dev/clock", &json!({ "until": ms }));
    }
}

impl Drop for Venue {
    fn drop(&mut self) {
        self.stop();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(std::time::Duration::from_secs(2));
        }
        drop(self.dir.take());
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into()
}

fn send(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> (u16, Value) {
    let mut answer = answer.unwrap();
    let status = answer.status().as_u16();
    let text = answer.body_mut().with_config().limit(64 * 1024 * 1024).read_to_string().unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

pub fn address(name: &str) -> String {
    keys::address_of(&keys::dev_key(name)).to_string()
}

/// A step of the host with an event, as the sequencer publishes it.
pub fn published(seq: u64, event_seq: u64) -> Published {
    let what = What::SnapshotTaken { name: "here".to_owned() };
    let event = ApiEvent { seq: event_seq, index: 0, time: 0, what };
    let applied = Applied {
        seq,
        now: Timestamp::ZERO,
        sender: AccountId::default(),
        principal: None,
        command: None,
        label: None,
        events: Vec::new(),
        delta: Delta::default(),
        postings: Vec::new(),
        facts: Facts::default(),
        wallets: Vec::new(),
        digest: [0; 32],
    };
    Published { applied: Arc::new(applied), events: Arc::new(vec![event]) }
}
