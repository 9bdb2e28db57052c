//! Starting and stopping: threads, snapshots.

use super::clock::Clock;
use super::entry::{Deed, Entry, Kind};
use super::ledger::{Ledger, ReplayError};
use super::market::Market;
use super::publish::{Batch, Group, Publisher};
use super::recovery::{Past, Recovered, known_venue, names_of, recover};
use super::refusals::Refusals;
use super::replicas::Replicas;
use super::sequencer::{Ended, Sequencer};
use super::{Ask, Config, Metrics, Shared};
use crate::history::History;
use crate::market::Feeds;
use cenote_api::envelope;
use cenote_engine::Genesis;
use cenote_journal::{Chain, Disk, Journal, OpenError, Options, Recovery, Snapshots as Files};
use cenote_units::Timestamp;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{broadcast, oneshot, watch};

/// What a new venue starts with.
pub struct Fresh {
    /// Powers, pools and markets.
    pub genesis: Genesis,
    /// How prices are made, in JSON: kept in the journal for those who start again.
    pub prices: String,
    /// The market's first time.
    pub start: Timestamp,
    /// Distinguishes this venue from others that start with the same: nothing, for one that is to be reproduced.
    pub salt: String,
}

/// Where a venue's market comes from: a new one, or the one that the journal was begun with.
pub trait Maker {
    /// What a new venue starts with.
    ///
    /// # Errors
    /// What is missing for it, in words.
    fn fresh(&self) -> Result<Fresh, String>;
    /// The source of prices that a journal was begun with.
    ///
    /// # Errors
    /// Prices that this program cannot make.
    fn market(&self, prices: &str, start: Timestamp) -> Result<Box<dyn Market>, String>;
    /// Live sources of its prices, once it has been made.
    fn feeds(&self) -> Option<Arc<Feeds>> {
        None
    }
}

/// Why a node does not start.
#[derive(Debug)]
pub enum StartError {
    /// The journal cannot be opened.
    Journal(OpenError),
    /// The journal and this program disagree.
    Replay(ReplayError),
    /// Anything else, in words.
    Other(String),
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Journal(error) => error.fmt(f),
            Self::Replay(error) => {
                write!(f, "{error}; this program is not the one that wrote the journal, or its bits differ")
            }
            Self::Other(said) => f.write_str(said),
        }
    }
}

impl std::error::Error for StartError {}

impl From<OpenError> for StartError {
    fn from(error: OpenError) -> Self {
        Self::Journal(error)
    }
}

impl From<ReplayError> for StartError {
    fn from(error: ReplayError) -> Self {
        Self::Replay(error)
    }
}

/// A running core.
pub struct Core {
    /// What everybody may reach.
    pub shared: Arc<Shared>,
    sequencer: Option<JoinHandle<()>>,
    publisher: Option<JoinHandle<()>>,
    historian: Option<JoinHandle<()>>,
    ended: Option<oneshot::Receiver<Ended>>,
    files: Files,
    last_index: Arc<Mutex<(u64, Chain)>>,
}

/// A core that has started, and what it found.
pub struct Started {
    /// The core.
    pub core: Core,
    /// What recovery did.
    pub recovery: Recovery,
    /// The venue is new.
    pub new: bool,
    /// How prices are made, as the journal has it.
    pub prices: String,
    /// Entries that were run again.
    pub replayed: u64,
}

/// The id that a venue's payloads are signed for: a hash of what it starts with.
fn venue_id(fresh: &Fresh) -> ([u8; 32], String) {
    let mut hasher = blake3::Hasher::new();
    hasher.update(serde_json::to_string(&fresh.genesis).unwrap_or_default().as_bytes());
    hasher
        .update(fresh.prices.as_bytes())
        .update(&fresh.start.millis().to_le_bytes())
        .update(fresh.salt.as_bytes());
    let hash = *hasher.finalize().as_bytes();
    (hash, format!("cenote-{}", &envelope::hex(&hash)[..16]))
}

/// Opens or makes a venue and sets it going.
///
/// # Errors
/// Whatever stands in the way, in words.
pub fn start(config: Config, disk: Arc<dyn Disk>, maker: &dyn Maker) -> Result<Started, StartError> {
    let dir = config.dir.join("journal");
    let (known, mut fresh) = (known_venue(&disk, &dir)?, None);
    let (venue, id) = match known {
        Some(known) => known,
        None => venue_id(fresh.insert(maker.fresh().map_err(StartError::Other)?)),
    };
    let (mut journal, recovery) = Journal::open(Arc::clone(&disk), &dir, Options::new(venue))?;
    // Whoever was stopped between the first entry and the opening has not opened.
    let new = recovery.last <= 1;
    if recovery.last == 0 {
        let fresh = match fresh {
            Some(fresh) => fresh,
            None => maker.fresh().map_err(StartError::Other)?,
        };
        let genesis = serde_json::to_string(&fresh.genesis).map_err(|e| StartError::Other(e.to_string()))?;
        let kind = Kind::Genesis { genesis, prices: fresh.prices, start: fresh.start };
        append(&mut journal, &Entry { kind, digest: [0; 32] })?;
    }
    let history = match config.history {
        true => {
            Some(Arc::new(History::open(&config.dir.join("history.redb"), &id).map_err(StartError::Other)?))
        }
        false => None,
    };
    let recovered = recover(&disk, &dir, &venue, history.as_deref(), maker)?;
    let Recovered { mut ledger, mut market, prices, replayed } = recovered;
    if new {
        open_market(&mut ledger, &mut *market, &mut journal, history.as_deref())?;
    } else {
        let life = ledger.life.clone();
        market.load(&life).map_err(StartError::Other)?;
    }
    let core = launch(config, id, ledger, (market, maker.feeds()), journal, history);
    Ok(Started { core, recovery, new, prices, replayed })
}

/// An entry, on disk.
fn append(journal: &mut Journal, entry: &Entry) -> Result<(), StartError> {
    let bytes = borsh::to_vec(entry).map_err(|e| StartError::Other(e.to_string()))?;
    journal.append(&bytes).map_err(|e| StartError::Other(e.to_string()))?;
    journal.commit().map_err(|e| StartError::Other(e.to_string()))?;
    Ok(())
}

/// Whatever the market wants done before anybody else comes, in one entry: it is all there or not at all.
fn open_market(
    ledger: &mut Ledger,
    market: &mut dyn Market,
    journal: &mut Journal,
    history: Option<&History>,
) -> Result<(), StartError> {
    let (mut done, mut applied) = (Vec::<Deed>::new(), Vec::new());
    while let Some(deeds) = market.opening(&ledger.state).map_err(StartError::Other)? {
        for mut deed in deeds {
            let step = ledger.deed(&deed).map_err(|refusal| {
                StartError::Other(format!("the market cannot open: {:?}: {refusal}", deed.command))
            })?;
            deed.now = step.now;
            applied.push(step);
            done.push(deed);
        }
    }
    ledger.life = market.save();
    let kind = Kind::Host { deeds: done, life: Some(ledger.life.clone()) };
    let entry = Entry { kind, digest: ledger.digest };
    append(journal, &entry)?;
    if let Some(history) = history {
        let mut past = Past::new(history);
        past.tell(ledger, &entry, applied);
        past.flush();
    }
    Ok(())
}

/// A snapshot to be written: the last entry that it knows of, the link after it, the bytes.
type Picture = (u64, Chain, Vec<u8>);

/// Writes snapshots on a thread of its own; one that is asked for while another is being written is left out.
pub struct Snapshots {
    asks: Mutex<Option<SyncSender<Picture>>>,
}

impl Snapshots {
    fn new(files: Files) -> Self {
        let (asks, wanted): (_, Receiver<Picture>) = sync_channel(1);
        let write = move || {
            while let Ok((index, chain, bytes)) = wanted.recv() {
                if let Err(error) = files.write(index, &chain, &bytes) {
                    tracing::warn!(%error, index, "a snapshot could not be written; a restart will take longer");
                }
            }
        };
        // Without the thread there are no snapshots, and restarts take longer.
        let asks = std::thread::Builder::new().name("snapshots".to_owned()).spawn(write).ok().map(|_| asks);
        Self { asks: Mutex::new(asks) }
    }

    pub(super) fn write(&self, index: u64, chain: Chain, bytes: Vec<u8>) {
        if let Ok(asks) = self.asks.lock() {
            // Busy with the one before: the next is not far.
            let _ = asks.as_ref().map(|asks| asks.try_send((index, chain, bytes)));
        }
    }
}

fn launch(
    config: Config,
    venue_id: String,
    ledger: Ledger,
    (market, feeds): (Box<dyn Market>, Option<Arc<Feeds>>),
    journal: Journal,
    history: Option<Arc<History>>,
) -> Core {
    let (asks_in, asks) = sync_channel(config.queue);
    let (groups_in, groups) = sync_channel::<Group>(64);
    let (history_in, past) = sync_channel::<Batch>(1_024);
    let mut clock = Clock::new(ledger.now, Instant::now(), config.speed);
    if market.real_time() {
        clock = Clock::new(ledger.now.max(cenote_feeds::system_clock()()), Instant::now(), 1.0);
    }
    let files = journal.snapshots();
    let shared = Arc::new(Shared {
        replicas: Replicas::new(&ledger, config.replicas),
        venue_id,
        stream: broadcast::channel(4_096).0,
        metrics: Metrics::default(),
        history: history.clone(),
        feeds,
        snapshots: Snapshots::new(files.clone()),
        names: RwLock::new(Arc::new(names_of(&ledger))),
        clock: Mutex::new(clock),
        durable: watch::channel(ledger.sequence).0,
        asks: asks_in,
        config,
    });
    let last_index = Arc::new(Mutex::new((journal.last(), journal.chain())));
    let (ended_in, ended) = oneshot::channel();
    let sequencer = Sequencer {
        ledger,
        journal,
        market,
        clock,
        shared: Arc::clone(&shared),
        asks,
        groups: groups_in,
        refusals: Refusals::default(),
        since_snapshot: 0,
        last_index: Arc::clone(&last_index),
    };
    let publisher = Publisher::new(Arc::clone(&shared), groups, history_in);
    let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
    let spawned = "the system has threads at start";
    let historian = {
        let shared = Arc::clone(&shared);
        thread("history").spawn(move || keep_history(&shared, &past)).expect(spawned)
    };
    let publisher = thread("publisher").spawn(move || publisher.run()).expect(spawned);
    let sequencer = thread("sequencer")
        .spawn(move || {
            // Nobody waits for how it ended when the whole core is gone.
            let _ = ended_in.send(sequencer.run());
        })
        .expect(spawned);
    Core {
        shared,
        sequencer: Some(sequencer),
        publisher: Some(publisher),
        historian: Some(historian),
        ended: Some(ended),
        files,
        last_index,
    }
}

fn keep_history(shared: &Shared, past: &Receiver<Batch>) {
    while let Ok(batch) = past.recv() {
        let Some(history) = &shared.history else { continue };
        let mut batches = vec![batch];
        while let (Ok(more), true) = (past.try_recv(), batches.len() < 64) {
            batches.push(more);
        }
        for batch in batches {
            history.apply(&batch.steps);
        }
    }
    if let Some(history) = &shared.history {
        history.flush();
    }
}

impl Core {
    /// How the sequencer ended, when it does so by itself: the process must end too. Dropped before, it takes nothing from [`Core::stop`].
    pub async fn failed(&mut self) -> Ended {
        let Some(ended) = &mut self.ended else { return std::future::pending().await };
        let ended = ended.await;
        self.ended = None;
        ended.unwrap_or_else(|_| Ended::Fault("the sequencer panicked".to_owned()))
    }

    /// Ends: everything that was taken is carried out and answered, then a snapshot is written.
    ///
    /// # Errors
    /// How it ended, when that was not well.
    pub fn stop(mut self) -> Result<(), String> {
        // A sequencer that is gone has stopped.
        let _ = self.shared.asks.send(Ask::Stop);
        for thread in [self.sequencer.take(), self.publisher.take()].into_iter().flatten() {
            thread.join().map_err(|_| "a thread panicked".to_owned())?;
        }
        if let Some(historian) = self.historian.take() {
            historian.join().map_err(|_| "the history thread panicked".to_owned())?;
        }
        let ended = self.ended.take().and_then(|mut ended| ended.try_recv().ok());
        match ended {
            Some(Ended::Stopped(ledger)) => {
                let (index, chain) = *self.last_index.lock().map_err(|e| e.to_string())?;
                self.files
                    .write(index, &chain, &ledger.to_bytes())
                    .map_err(|e| format!("no snapshot could be written: {e}"))
            }
            Some(Ended::Disk(why) | Ended::Fault(why)) => Err(why),
            None => Ok(()),
        }
    }

    /// Waits at most so long for a command to be on disk.
    pub async fn until_durable(&self, seq: u64, most: Duration) -> bool {
        let mut durable = self.shared.durable.subscribe();
        tokio::time::timeout(most, durable.wait_for(|at| *at >= seq)).await.is_ok_and(|done| done.is_ok())
    }
}
