//! What every part of the node may reach.

use super::clock::Clock;
use super::publish::Batch;
use super::replicas::Replicas;
use super::{Ask, Reply};
use crate::history::History;
use crate::market::Feeds;
use cenote_api::view::CommandsAnswer;
use cenote_api::{ApiError, ApiEvent, Names};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::{broadcast, oneshot, watch};

/// How the core is set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where journal, snapshots and history are.
    pub dir: PathBuf,
    /// Dev controls and dev keys are of use.
    pub dev: bool,
    /// Market seconds a wall second at the start.
    pub speed: f64,
    /// Journal entries between snapshots on disk.
    pub snapshot_every: u64,
    /// Copies of the state for readers.
    pub replicas: usize,
    /// Submissions that may wait for the sequencer; more are answered `busy`.
    pub queue: usize,
    /// Whether there is a history; load tests may do without.
    pub history: bool,
}

impl Config {
    /// The usual set-up for a directory.
    #[must_use]
    pub fn new(dir: PathBuf) -> Self {
        Self { dir, dev: true, speed: 1.0, snapshot_every: 100_000, replicas: 2, queue: 4_096, history: true }
    }
}

/// Counters for `/metrics`.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Commands carried out.
    pub commands: AtomicU64,
    /// Submissions answered.
    pub answers: AtomicU64,
    /// Syncs to disk.
    pub syncs: AtomicU64,
    /// Microseconds that syncs took, together.
    pub sync_micros: AtomicU64,
    /// The slowest sync, microseconds.
    pub sync_micros_max: AtomicU64,
    /// Submissions refused because the queue was full.
    pub busy: AtomicU64,
    /// Requests answered, by class of status: 2xx, 4xx, 5xx.
    pub requests: [AtomicU64; 3],
    /// Requests refused by the rate limit.
    pub limited: AtomicU64,
    /// WebSocket connections open now.
    pub sockets: AtomicU64,
    /// WebSocket connections closed because they were too slow.
    pub slow_sockets: AtomicU64,
}

impl Metrics {
    /// Notes a sync of so many commands.
    pub fn committed(&self, commands: usize, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.commands.fetch_add(commands as u64, Ordering::Relaxed);
        self.syncs.fetch_add(1, Ordering::Relaxed);
        self.sync_micros.fetch_add(micros, Ordering::Relaxed);
        self.sync_micros_max.fetch_max(micros, Ordering::Relaxed);
    }
}

/// What every part of the node may reach.
pub struct Shared {
    /// The set-up.
    pub config: Config,
    /// What payloads must be signed for.
    pub venue_id: String,
    /// Copies of the state.
    pub replicas: Replicas,
    /// Durable commands as they come.
    pub stream: broadcast::Sender<Batch>,
    /// Counters.
    pub metrics: Metrics,
    /// Live sources of prices, where there are any.
    pub feeds: Option<Arc<Feeds>>,
    /// The past.
    pub history: Option<Arc<History>>,
    pub(super) snapshots: super::start::Snapshots,
    pub(super) names: RwLock<Arc<Names>>,
    pub(super) clock: Mutex<Clock>,
    pub(super) durable: watch::Sender<u64>,
    pub(super) asks: SyncSender<Ask>,
}

impl Shared {
    /// Names of markets now.
    #[must_use]
    pub fn names(&self) -> Arc<Names> {
        Arc::clone(&self.names.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the names of markets anew.
    pub fn refresh_names(&self) {
        let names: Names = self.replicas.read(|replica| {
            replica.state.market_params.iter().map(|(id, p)| (*id, p.name.clone())).collect()
        });
        *self.names.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(names);
    }

    /// How market time runs.
    #[must_use]
    pub fn clock(&self) -> Clock {
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Market time now: never before the last command's.
    #[must_use]
    pub fn now(&self) -> cenote_units::Timestamp {
        let at = self.clock().market(Instant::now());
        at.max(self.replicas.read(|replica| replica.now))
    }

    pub(super) fn set_clock(&self, clock: Clock) {
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner) = clock;
    }

    /// The last command on disk.
    #[must_use]
    pub fn durable(&self) -> u64 {
        *self.durable.borrow()
    }

    pub(super) fn published(&self, seq: Option<u64>) {
        if let Some(seq) = seq {
            self.durable.send_replace(seq);
        }
    }

    /// The events of a command, as far as history has them.
    #[must_use]
    pub fn events_of_seq(&self, seq: u64) -> Vec<ApiEvent> {
        let Some(history) = &self.history else { return Vec::new() };
        history.events_of_seq(seq)
    }

    /// Waits until history has heard of everything that is durable now, for a second at most: it is a moment behind.
    pub async fn settled(&self) {
        let Some(history) = &self.history else { return };
        let seq = self.durable();
        for _ in 0..500 {
            if history.applied() >= seq || history.is_broken() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Puts something before the sequencer and waits for the durable answer.
    ///
    /// # Errors
    /// `busy` when its queue is full, `stopping` when it has ended, `interrupted` when it ends before it answers.
    pub async fn ask(&self, ask: impl FnOnce(Reply) -> Ask) -> Result<CommandsAnswer, ApiError> {
        let (reply, answer) = oneshot::channel();
        match self.asks.try_send(ask(reply)) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                self.metrics.busy.fetch_add(1, Ordering::Relaxed);
                let said = format!(
                    "{} submissions are waiting already; nothing was done; try again",
                    self.config.queue
                );
                return Err(ApiError::new("busy", said).with("retry_after_ms", 50));
            }
            Err(TrySendError::Disconnected(_)) => {
                let said = "the node is shutting down; nothing was done; try again once it is back";
                return Err(ApiError::new("stopping", said));
            }
        }
        let interrupted = |_| {
            let said = "the node ended before it could answer; this may have been done: send the same bytes again once it is back, they are done once";
            ApiError::new("interrupted", said)
        };
        let answer = answer.await.map_err(interrupted)?;
        self.metrics.answers.fetch_add(1, Ordering::Relaxed);
        Ok(answer)
    }
}
