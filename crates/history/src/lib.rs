//! The past of a venue in an embedded database: a projection of the journal's events that can be made again from them.
//!
//! A host says of each command that it has carried out what happened ([`Step`]), many at a time ([`History::apply`]), and asks for pages of
//! it. Transactions are not synced one by one: a crash loses the tail and nothing else, and the host goes on from the command after
//! [`History::applied`], which its journal has. What is applied twice counts once.
//!
//! When a venue of dev mode goes back to a named snapshot, what happened since stays said ([`History::events`]) and stops existing
//! everywhere else: each step keeps the rows that it changes as they were, from the first named snapshot on.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // A host has a clock and files.
#![forbid(unsafe_code)]

mod average;
mod candle;
mod closed;
mod daily;
mod error;
mod export;
mod index;
mod nav;
mod project;
mod query;
mod step;
mod store;

pub use average::OpenPosition;
pub use candle::{CANDLES_MAX, Resolution};
pub use daily::DAYS_MAX;
pub use error::{HistoryError, OpenError};
pub use export::{Export, ExportRows};
pub use nav::POINTS_MAX;
pub use query::{KeptStep, PAGE_MAX, TradesOf};
pub use step::{FillMarks, SeriesMark, Step};

use project::{Projector, meta};
use redb::{
    Builder, Database, DatabaseError, Durability, ReadableDatabase as _, ReadableTable as _, StorageError,
};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::{Kind, Rows, Snapshot};

/// A minute, an hour and a day, ms.
const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The format of what is stored; a file of another one is begun anew.
const FORMAT: u64 = 3;
/// Pages kept in memory. The database's own default is a gigabyte.
const CACHE_BYTES: usize = 128 << 20;
/// What is written is made to last after so long, or after so many steps, whichever comes first: more often costs more than making it again.
const SYNC_EVERY: Duration = Duration::from_secs(5);
const SYNC_STEPS: usize = 100_000;

/// The past. One handle serves any number of readers while one thread applies.
#[derive(Debug)]
pub struct History {
    database: Database,
    writer: Mutex<Writer>,
}

#[derive(Debug)]
struct Writer {
    synced: Instant,
    unsynced: usize,
    failed: bool,
}

/// What was found where a history was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// This venue's history.
    Existing,
    /// Nothing: a new one is empty.
    New,
    /// Something that is of no use: it was put aside, replacing what had been put aside before, and a new one is empty.
    Replaced {
        /// Why it is of no use.
        why: Unusable,
        /// Where it is now.
        aside: PathBuf,
    },
}

/// Why a file is of no use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unusable {
    /// It is another venue's, of this id.
    OtherVenue(String),
    /// It is in another format.
    OtherFormat,
    /// It is damaged, or no database.
    Damaged(String),
}

impl std::fmt::Display for Unusable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OtherVenue(venue) => write!(f, "it is the history of another venue, {venue}"),
            Self::OtherFormat => write!(f, "it was written by another version of the software"),
            Self::Damaged(why) => write!(f, "it is damaged: {why}"),
        }
    }
}

impl History {
    /// Opens the history of a venue, checking every page of it. What is damaged, another venue's or of another format is put aside (the
    /// same name with `.aside` after it) and a new one begun: the journal has everything.
    ///
    /// # Errors
    /// A file that is in use, or a disk that refuses.
    pub fn open(path: &Path, venue_id: &str) -> Result<(Self, Opened), OpenError> {
        let is_new = std::fs::metadata(path).map_or(true, |known| known.len() == 0);
        let why = match Self::look(path, venue_id)? {
            Ok(history) => return Ok((history, if is_new { Opened::New } else { Opened::Existing })),
            Err(why) => why,
        };
        let mut aside = path.as_os_str().to_owned();
        aside.push(".aside");
        let aside = PathBuf::from(aside);
        let refused = |why: String| OpenError::Disk { path: path.to_owned(), why };
        std::fs::rename(path, &aside).map_err(|error| refused(format!("it cannot be put aside: {error}")))?;
        match Self::look(path, venue_id)? {
            Ok(history) => Ok((history, Opened::Replaced { why, aside })),
            Err(why) => Err(refused(format!("a new one is of no use either: {why}"))),
        }
    }

    /// A database that nothing else has open, in memory or wherever the backend keeps it.
    ///
    /// # Errors
    /// A backend that refuses, or holds something of no use.
    pub fn with_backend(backend: impl redb::StorageBackend, venue_id: &str) -> Result<Self, HistoryError> {
        let database = builder().create_with_backend(backend)?;
        begin(database, venue_id)?.map_err(|why| HistoryError::Damaged(why.to_string()))
    }

    /// The history in a file, or why the file is of no use.
    fn look(path: &Path, venue_id: &str) -> Result<Result<Self, Unusable>, OpenError> {
        let refused = |why: String| OpenError::Disk { path: path.to_owned(), why };
        match builder().create(path) {
            Ok(database) => match begin(database, venue_id) {
                Ok(found) => Ok(found),
                Err(HistoryError::Damaged(why)) => Ok(Err(Unusable::Damaged(why))),
                Err(error) => Err(refused(error.to_string())),
            },
            Err(DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch) => {
                Err(OpenError::InUse(path.to_owned()))
            }
            Err(DatabaseError::UpgradeRequired(_)) => Ok(Err(Unusable::OtherFormat)),
            Err(DatabaseError::Storage(StorageError::Io(error))) if !is_damage(error.kind()) => {
                Err(refused(error.to_string()))
            }
            Err(error) => Ok(Err(Unusable::Damaged(error.to_string()))),
        }
    }

    /// The last command that is in; 0 before the first. The host goes on from the next one.
    ///
    /// # Errors
    /// A disk that refuses, or damage.
    pub fn applied(&self) -> Result<u64, HistoryError> {
        self.snapshot()?.number(meta::APPLIED)
    }

    /// Takes steps in, in one transaction: all of them or none. Steps that are in already are passed over.
    ///
    /// # Errors
    /// A step that cannot follow what is there, a disk that refuses, or damage. After an error nothing more is taken in until the history
    /// is opened again, so that it never has a hole.
    pub fn apply(&self, steps: &[Step<'_>]) -> Result<(), HistoryError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if writer.failed {
            return Err(HistoryError::Stopped);
        }
        // Stays so when something panics on the way.
        writer.failed = true;
        let lasts = writer.synced.elapsed() >= SYNC_EVERY || writer.unsynced + steps.len() >= SYNC_STEPS;
        let durability = if lasts { Durability::Immediate } else { Durability::None };
        self.write(steps, durability)?;
        writer.failed = false;
        if lasts {
            (writer.synced, writer.unsynced) = (Instant::now(), 0);
        } else {
            writer.unsynced += steps.len();
        }
        Ok(())
    }

    /// Makes everything that was taken in last through a crash. Dropping a history without it may lose the latest steps.
    ///
    /// # Errors
    /// A disk that refuses.
    pub fn flush(&self) -> Result<(), HistoryError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        self.write(&[], Durability::Immediate)?;
        (writer.synced, writer.unsynced) = (Instant::now(), 0);
        Ok(())
    }

    fn write(&self, steps: &[Step<'_>], durability: Durability) -> Result<(), HistoryError> {
        let mut write = self.database.begin_write()?;
        write.set_durability(durability)?;
        if !steps.is_empty() {
            let mut projector = Projector::new(Rows::open(&write)?)?;
            for step in steps {
                projector.step(step)?;
            }
            projector.finish()?;
        }
        Ok(write.commit()?)
    }

    fn snapshot(&self) -> Result<Snapshot, HistoryError> {
        Ok(Snapshot::new(self.database.begin_read()?))
    }
}

fn builder() -> Builder {
    let mut builder = Database::builder();
    // A file that something else has changed is damaged, and must not be trusted: reading it could panic.
    builder.set_cache_size(CACHE_BYTES).set_check_integrity_on_open(true);
    builder
}

/// Errors of reading that a whole file does not give.
fn is_damage(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::InvalidData | ErrorKind::UnexpectedEof | ErrorKind::InvalidInput)
}

/// Makes the tables of an empty database, or says whether those that are there can be used.
fn begin(database: Database, venue_id: &str) -> Result<Result<History, Unusable>, HistoryError> {
    const FORMAT_KEY: &[u8] = b"format";
    const VENUE_KEY: &[u8] = b"venue";
    let write = database.begin_write()?;
    let format = FORMAT.to_be_bytes();
    let known = {
        let meta = write.open_table(Kind::Meta.table())?;
        let text = |key: &[u8]| -> Result<Option<Vec<u8>>, HistoryError> {
            Ok(meta.get(key)?.map(|guard| guard.value().to_vec()))
        };
        (text(FORMAT_KEY)?, text(VENUE_KEY)?)
    };
    match known {
        (None, None) => {
            let mut rows = Rows::open(&write)?;
            rows.put(Kind::Meta, FORMAT_KEY.to_vec(), format.to_vec())?;
            rows.put(Kind::Meta, VENUE_KEY.to_vec(), venue_id.as_bytes().to_vec())?;
            rows.finish()?;
        }
        (Some(found), Some(venue)) if found == format => {
            if venue != venue_id.as_bytes() {
                return Ok(Err(Unusable::OtherVenue(String::from_utf8_lossy(&venue).into_owned())));
            }
        }
        _ => return Ok(Err(Unusable::OtherFormat)),
    }
    write.commit()?;
    let writer = Writer { synced: Instant::now(), unsynced: 0, failed: false };
    Ok(Ok(History { database, writer: Mutex::new(writer) }))
}
