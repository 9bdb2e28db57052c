//! Starting and stopping: recovery, threads, snapshots.

use super::clock::Clock;
use super::entry::{Deed, Entry, Kind};
use super::ledger::{Applied, Ledger, ReplayError};
use super::market::Market;
use super::publish::{Batch, Group, Published, Publisher, api_events};
use super::refusals::Refusals;
use super::replicas::Replicas;
use super::sequencer::{Ended, Sequencer};
use super::{Ask, Config, Metrics, Shared};
use crate::history::History;
use cenote_api::{Names, envelope};
use cenote_engine::Genesis;
use cenote_journal::{Chain, Disk, Journal, OpenError, Options, Recovery, Snapshots as Files};
use cenote_units::Timestamp;
use std::path::Path;
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
    fn fresh(&self) -> Fresh;
    /// The source of prices that a journal was begun with.
    ///
    /// # Errors
    /// Prices that this program cannot make.
    fn market(&self, prices: &str, start: Timestamp) -> Result<Box<dyn Market>, String>;
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
    let fresh = maker.fresh();
    let dir = config.dir.join("journal");
    let (venue, id) = known_venue(&disk, &dir)?.unwrap_or_else(|| venue_id(&fresh));
    let (mut journal, recovery) = Journal::open(Arc::clone(&disk), &dir, Options::new(venue))?;
    let new = recovery.last == 0;
    if new {
        let genesis = serde_json::to_string(&fresh.genesis).map_err(|e| StartError::Other(e.to_string()))?;
        let kind = Kind::Genesis { genesis, prices: fresh.prices.clone(), start: fresh.start };
        append(&mut journal, Entry { kind, digest: [0; 32] })?;
        commit(&mut journal)?;
    }
    let history = match config.history {
        true => {
            Some(Arc::new(History::open(&config.dir.join("history.redb"), &id).map_err(StartError::Other)?))
        }
        false => None,
    };
    let (mut ledger, mut market, replayed) = recover(&disk, &dir, &venue, history.as_deref(), maker)?;
    if new {
        open_market(&mut ledger, &mut *market, &mut journal, history.as_deref())?;
    } else {
        let life = ledger.life.clone();
        market.load(&life).map_err(StartError::Other)?;
    }
    let core = launch(config, id, ledger, market, journal, history);
    Ok(Started { core, recovery, new, replayed })
}

/// The venue of a journal that is there already: its id is the hash in its segments' headers.
fn known_venue(disk: &Arc<dyn Disk>, dir: &Path) -> Result<Option<([u8; 32], String)>, StartError> {
    disk.create_dir(dir).map_err(|e| StartError::Other(format!("cannot make {}: {e}", dir.display())))?;
    let venue = cenote_journal::venue_of(disk, dir)?;
    Ok(venue.map(|hash| (hash, format!("cenote-{}", &envelope::hex(&hash)[..16]))))
}

fn append(journal: &mut Journal, entry: Entry) -> Result<(), StartError> {
    let bytes = borsh::to_vec(&entry).map_err(|e| StartError::Other(e.to_string()))?;
    journal.append(&bytes).map_err(|e| StartError::Other(e.to_string()))?;
    Ok(())
}

fn commit(journal: &mut Journal) -> Result<(), StartError> {
    journal.commit().map_err(|e| StartError::Other(e.to_string()))?;
    Ok(())
}

/// What brings a ledger to where its journal ends.
pub struct Rerun {
    /// The ledger.
    pub ledger: Ledger,
    /// How prices are made.
    pub prices: String,
    /// The market's first time.
    pub start: Timestamp,
}

/// Reads the first entry of a journal.
///
/// # Errors
/// A first entry that does not say what the venue starts with.
pub fn first(entry: &[u8]) -> Result<Rerun, ReplayError> {
    let entry: Entry = borsh::from_slice(entry).map_err(|e| ReplayError::Unreadable(e.to_string()))?;
    let Kind::Genesis { genesis, prices, start } = entry.kind else { return Err(ReplayError::Genesis) };
    let genesis: Genesis =
        serde_json::from_str(&genesis).map_err(|e| ReplayError::Unreadable(e.to_string()))?;
    let ledger = Ledger::new(genesis, start).map_err(|e| ReplayError::Unreadable(e.to_string()))?;
    Ok(Rerun { ledger, prices, start })
}

/// The newest snapshot that history does not need entries from before, or the beginning; then every entry after it.
fn recover(
    disk: &Arc<dyn Disk>,
    dir: &Path,
    venue: &[u8; 32],
    history: Option<&History>,
    maker: &dyn Maker,
) -> Result<(Ledger, Box<dyn Market>, u64), StartError> {
    let known = history.map_or(u64::MAX, History::applied);
    let files = Files::of(Arc::clone(disk), dir, *venue);
    let (sound, _) = files.look().map_err(|e| StartError::Other(e.to_string()))?;
    let restored = sound.into_iter().find_map(|index| {
        let snapshot = files.load(index)?;
        let ledger = Ledger::from_bytes(&snapshot.bytes).ok()?;
        (ledger.sequence <= known).then_some((index, ledger))
    });
    let mut rerun: Option<Rerun> = None;
    let from = restored.as_ref().map_or(2, |(index, _)| index + 1);
    let mut restored = restored.map(|(_, ledger)| ledger);
    let (mut names, mut count) = (Names::default(), 0u64);
    let mut failed: Option<ReplayError> = None;
    let mut one = |entry: &cenote_journal::Entry| -> Result<(), ReplayError> {
        if entry.index == 1 {
            let begun = first(&entry.payload)?;
            let ledger = restored.take().unwrap_or(begun.ledger);
            rerun = Some(Rerun { ledger, ..begun });
            return Ok(());
        }
        let Some(rerun) = &mut rerun else { return Err(ReplayError::Genesis) };
        if entry.index < from {
            return Ok(());
        }
        let read: Entry =
            borsh::from_slice(&entry.payload).map_err(|e| ReplayError::Unreadable(e.to_string()))?;
        let applied = rerun.ledger.run_again(&read)?;
        count += 1;
        if let Some(history) = history {
            tell(history, &rerun.ledger, &read, applied, &mut names);
        }
        Ok(())
    };
    cenote_journal::read(disk, dir, Some(venue), 1, |entry| {
        one(&entry).map_err(|why| {
            let said = why.to_string();
            failed = Some(why);
            said
        })
    })
    .map_err(|error| match failed.take() {
        Some(why) => StartError::Replay(ReplayError::Unreadable(format!("{why} ({error})"))),
        None => StartError::Journal(error),
    })?;
    let rerun = rerun.ok_or(ReplayError::Genesis)?;
    let market = maker.market(&rerun.prices, rerun.start).map_err(StartError::Other)?;
    Ok((rerun.ledger, market, count))
}

/// What a journal comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// Whose it is.
    pub venue_id: String,
    /// Entries.
    pub entries: u64,
    /// The last command.
    pub last_seq: u64,
    /// Market time of it, ms.
    pub market_time_ms: u64,
    /// The running digest after it, hex.
    pub digest: String,
    /// The digest of all records, hex.
    pub state_digest: String,
}

/// Runs a journal from its first entry on, without opening it: a node may have it open. Every entry's digest is compared.
///
/// # Errors
/// A journal that cannot be read, or that this program does not come to the same results for.
pub fn replay(dir: &Path, progress: &mut dyn FnMut(u64)) -> Result<Replayed, StartError> {
    let disk: Arc<dyn Disk> = Arc::new(cenote_journal::RealDisk);
    let missing = || {
        StartError::Other(format!(
            "there is no journal in {}; name the directory with its segments",
            dir.display()
        ))
    };
    let (venue, venue_id) =
        if dir.is_dir() { known_venue(&disk, dir)?.ok_or_else(missing)? } else { return Err(missing()) };
    let mut rerun: Option<Rerun> = None;
    let mut entries = 0;
    cenote_journal::read(&disk, dir, Some(&venue), 1, |entry| {
        entries += 1;
        progress(entries);
        let step = match &mut rerun {
            None => first(&entry.payload).map(|begun| rerun = Some(begun)),
            Some(rerun) => match borsh::from_slice::<Entry>(&entry.payload) {
                Ok(read) => rerun.ledger.run_again(&read).map(|_| ()),
                Err(error) => Err(ReplayError::Unreadable(error.to_string())),
            },
        };
        step.map_err(|why| why.to_string())
    })?;
    let ledger = rerun.ok_or_else(missing)?.ledger;
    Ok(Replayed {
        venue_id,
        entries,
        last_seq: ledger.sequence,
        market_time_ms: ledger.now.millis(),
        digest: envelope::hex(&ledger.digest),
        state_digest: envelope::hex(&ledger.state_digest()),
    })
}

fn names_of(ledger: &Ledger) -> Names {
    ledger.state.market_params.iter().map(|(id, p)| (*id, p.name.clone())).collect()
}

/// History hears what it has not heard.
fn tell(history: &History, ledger: &Ledger, entry: &Entry, applied: Vec<Applied>, names: &mut Names) {
    if names.markets().count() != ledger.state.market_params.len() {
        *names = names_of(ledger);
    }
    let note = match &entry.kind {
        Kind::Snapshot { name } => Some(cenote_api::event::What::SnapshotTaken { name: name.clone() }),
        Kind::Revert { name } => {
            let to_seq = ledger.saved.get(name).map_or(0, |saved| saved.sequence);
            Some(cenote_api::event::What::Reverted { name: name.clone(), to_seq })
        }
        _ => None,
    };
    let step = |applied: Applied| {
        let events = match &note {
            Some(what) => vec![cenote_api::ApiEvent {
                seq: applied.seq,
                index: 0,
                time: applied.now.millis(),
                what: what.clone(),
            }],
            None => api_events(&applied, names),
        };
        Published { applied: Arc::new(applied), events: Arc::new(events) }
    };
    let steps: Vec<Published> = applied.into_iter().map(step).collect();
    history.apply(&steps);
}

/// Whatever the market wants done before anybody else comes.
fn open_market(
    ledger: &mut Ledger,
    market: &mut dyn Market,
    journal: &mut Journal,
    history: Option<&History>,
) -> Result<(), StartError> {
    let mut names = names_of(ledger);
    while let Some(deeds) = market.opening(&ledger.state) {
        let (mut done, mut applied) = (Vec::<Deed>::new(), Vec::new());
        for mut deed in deeds {
            match ledger.deed(&deed) {
                Ok(step) => {
                    deed.now = step.now;
                    applied.push(step);
                    done.push(deed);
                }
                Err(refusal) => {
                    return Err(StartError::Other(format!(
                        "the market cannot open: {:?}: {refusal}",
                        deed.command
                    )));
                }
            }
        }
        ledger.life = market.save();
        let entry = Entry {
            kind: Kind::Host { deeds: done, life: Some(ledger.life.clone()) },
            digest: ledger.digest,
        };
        append(journal, entry.clone())?;
        commit(journal)?;
        if let Some(history) = history {
            tell(history, ledger, &entry, applied, &mut names);
        }
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
    market: Box<dyn Market>,
    journal: Journal,
    history: Option<Arc<History>>,
) -> Core {
    let (asks_in, asks) = sync_channel(config.queue);
    let (groups_in, groups) = sync_channel::<Group>(64);
    let (history_in, past) = sync_channel::<Batch>(1_024);
    let clock = Clock::new(ledger.now, Instant::now(), config.speed);
    let files = journal.snapshots();
    let shared = Arc::new(Shared {
        replicas: Replicas::new(&ledger, config.replicas),
        venue_id,
        stream: broadcast::channel(4_096).0,
        metrics: Metrics::default(),
        history: history.clone(),
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
    /// How the sequencer ended, when it does so by itself: the process must end too.
    pub async fn failed(&mut self) -> Ended {
        match self.ended.take() {
            Some(ended) => match ended.await {
                Ok(ended) => ended,
                Err(_) => Ended::Fault("the sequencer panicked".to_owned()),
            },
            None => std::future::pending().await,
        }
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
