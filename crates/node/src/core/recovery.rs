//! Running a journal again: to go on from where it ends, or to see what it comes to.

use super::entry::{Entry, Kind};
use super::ledger::{Applied, Ledger, ReplayError};
use super::market::Market;
use super::publish::{Published, api_events};
use super::start::{Maker, StartError};
use crate::history::History;
use cenote_api::{Names, envelope};
use cenote_engine::Genesis;
use cenote_journal::{Disk, Snapshots as Files};
use cenote_units::Timestamp;
use std::path::Path;
use std::sync::Arc;

/// Commands that history takes in at once.
const TELL_AT_ONCE: usize = 1_000;

/// The venue of a journal that is there already: its id is the hash in its segments' headers.
pub(super) fn known_venue(
    disk: &Arc<dyn Disk>,
    dir: &Path,
) -> Result<Option<([u8; 32], String)>, StartError> {
    disk.create_dir(dir).map_err(|e| StartError::Other(format!("cannot make {}: {e}", dir.display())))?;
    let venue = cenote_journal::venue_of(disk, dir)?;
    Ok(venue.map(|hash| (hash, format!("cenote-{}", &envelope::hex(&hash)[..16]))))
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

/// What a journal has led to.
pub(super) struct Recovered {
    pub ledger: Ledger,
    pub market: Box<dyn Market>,
    /// How prices are made.
    pub prices: String,
    /// Entries that were run again.
    pub replayed: u64,
}

/// The newest snapshot that history does not need entries from before, or the beginning; then every entry after it.
pub(super) fn recover(
    disk: &Arc<dyn Disk>,
    dir: &Path,
    venue: &[u8; 32],
    history: Option<&History>,
    maker: &dyn Maker,
) -> Result<Recovered, StartError> {
    let mut restored = restored(disk, dir, venue, history)?;
    let from = restored.as_ref().map_or(2, |(index, _)| index + 1);
    let mut rerun: Option<Rerun> = None;
    let mut past = history.map(Past::new);
    let (mut count, mut failed) = (0u64, None);
    let mut one = |entry: &cenote_journal::Entry| -> Result<(), ReplayError> {
        if entry.index == 1 {
            let begun = first(&entry.payload)?;
            let ledger = restored.take().map_or(begun.ledger, |(_, ledger)| ledger);
            rerun = Some(Rerun { ledger, ..begun });
            return Ok(());
        }
        let Some(rerun) = &mut rerun else { return Err(ReplayError::Genesis) };
        if entry.index < from {
            return Ok(());
        }
        let read = read(&entry.payload)?;
        let applied = rerun.ledger.run_again(&read)?;
        count += 1;
        if let Some(past) = &mut past {
            past.tell(&rerun.ledger, &read, applied);
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
    if let Some(past) = &mut past {
        past.flush();
    }
    let rerun = rerun.ok_or(ReplayError::Genesis)?;
    let market = maker.market(&rerun.prices, rerun.start).map_err(StartError::Other)?;
    Ok(Recovered { ledger: rerun.ledger, market, prices: rerun.prices, replayed: count })
}

/// The newest sound snapshot that knows of nothing that history has not heard.
fn restored(
    disk: &Arc<dyn Disk>,
    dir: &Path,
    venue: &[u8; 32],
    history: Option<&History>,
) -> Result<Option<(u64, Ledger)>, StartError> {
    let known = history.map_or(u64::MAX, History::applied);
    let files = Files::of(Arc::clone(disk), dir, *venue);
    let (sound, _) = files.look().map_err(|e| StartError::Other(e.to_string()))?;
    Ok(sound.into_iter().find_map(|index| {
        let snapshot = files.load(index)?;
        let ledger = Ledger::from_bytes(&snapshot.bytes).ok()?;
        (ledger.sequence <= known).then_some((index, ledger))
    }))
}

fn read(payload: &[u8]) -> Result<Entry, ReplayError> {
    borsh::from_slice(payload).map_err(|e| ReplayError::Unreadable(e.to_string()))
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
            Some(rerun) => read(&entry.payload).and_then(|read| rerun.ledger.run_again(&read)).map(|_| ()),
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

pub(super) fn names_of(ledger: &Ledger) -> Names {
    ledger.state.market_params.iter().map(|(id, p)| (*id, p.name.clone())).collect()
}

/// History hears what it has not heard, many commands at once.
pub(super) struct Past<'a> {
    history: &'a History,
    names: Names,
    steps: Vec<Published>,
}

impl<'a> Past<'a> {
    pub fn new(history: &'a History) -> Self {
        Self { history, names: Names::default(), steps: Vec::new() }
    }

    /// What an entry did to a ledger.
    pub fn tell(&mut self, ledger: &Ledger, entry: &Entry, applied: Vec<Applied>) {
        if self.names.markets().count() != ledger.state.market_params.len() {
            self.names = names_of(ledger);
        }
        let note = match &entry.kind {
            Kind::Snapshot { name } => Some(cenote_api::event::What::SnapshotTaken { name: name.clone() }),
            Kind::Revert { name } => {
                let to_seq = ledger.saved.get(name).map_or(0, |saved| saved.sequence);
                Some(cenote_api::event::What::Reverted { name: name.clone(), to_seq })
            }
            _ => None,
        };
        let names = &self.names;
        self.steps.extend(applied.into_iter().map(|applied| {
            let events = match &note {
                Some(what) => {
                    let (seq, time) = (applied.seq, applied.now.millis());
                    vec![cenote_api::ApiEvent { seq, index: 0, time, what: what.clone() }]
                }
                None => api_events(&applied, names),
            };
            Published { applied: Arc::new(applied), events: Arc::new(events) }
        }));
        if self.steps.len() >= TELL_AT_ONCE {
            self.flush();
        }
    }

    pub fn flush(&mut self) {
        self.history.apply(&std::mem::take(&mut self.steps));
    }
}
