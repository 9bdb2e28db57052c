//! The past, in an embedded database: a projection of the journal's events that can be made again from them.
//!
//! Transactions are not synced one by one: a crash may lose the tail, which the journal has. A named snapshot of dev mode is a savepoint of the
//! database, and going back to it restores that savepoint.

mod project;
mod read;
mod tables;

pub use read::Page;

use crate::core::publish::Published;
use redb::{Database, Durability, ReadableDatabase as _, ReadableTable as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tables::{META, SAVEPOINTS};

/// The format of what is stored; another one is made again.
const FORMAT: u64 = 1;
/// How often what was written is made to last.
const SYNC_EVERY: Duration = Duration::from_secs(2);

/// The past.
pub struct History {
    database: Database,
    synced: Mutex<Instant>,
    applied: AtomicU64,
}

impl std::fmt::Debug for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("History")
    }
}

/// Anything that the database refuses.
type Db<T> = Result<T, redb::Error>;

impl History {
    /// Opens the history of a venue. Another venue's, another format's or a damaged one is put aside and begun anew: the journal has it all.
    ///
    /// # Errors
    /// A disk that refuses.
    pub fn open(path: &Path, venue_id: &str) -> Result<Self, String> {
        match Self::try_open(path, venue_id) {
            Ok(Some(history)) => return Ok(history),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, path = %path.display(), "history cannot be used and is made again from the journal")
            }
        }
        let aside = path.with_extension("old");
        match std::fs::rename(path, &aside) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(format!("cannot put {} aside: {error}", path.display())),
        }
        match Self::try_open(path, venue_id) {
            Ok(Some(history)) => Ok(history),
            Ok(None) => Err(format!("{} changes while it is opened", path.display())),
            Err(error) => Err(format!("cannot make {}: {error}", path.display())),
        }
    }

    fn try_open(path: &Path, venue_id: &str) -> Db<Option<Self>> {
        let database = Database::create(path)?;
        let write = database.begin_write()?;
        let sound = {
            tables::make(&write)?;
            let mut meta = write.open_table(META)?;
            let known = meta.get("format")?.map(|v| v.value().to_vec());
            let venue = meta.get("venue")?.map(|v| v.value().to_vec());
            match (known, venue) {
                (None, None) => {
                    meta.insert("format", FORMAT.to_le_bytes().as_slice())?;
                    meta.insert("venue", venue_id.as_bytes())?;
                    true
                }
                (Some(format), Some(venue)) => format == FORMAT.to_le_bytes() && venue == venue_id.as_bytes(),
                _ => false,
            }
        };
        write.commit()?;
        if !sound {
            return Ok(None);
        }
        let history = Self { database, synced: Mutex::new(Instant::now()), applied: AtomicU64::new(0) };
        history.applied.store(history.number("applied")?, Ordering::Release);
        Ok(Some(history))
    }

    /// The last command that is in here.
    #[must_use]
    pub fn applied(&self) -> u64 {
        self.applied.load(Ordering::Acquire)
    }

    fn number(&self, name: &str) -> Db<u64> {
        let read = self.database.begin_read()?;
        let meta = read.open_table(META)?;
        Ok(meta.get(name)?.and_then(|v| Some(u64::from_le_bytes(v.value().try_into().ok()?))).unwrap_or(0))
    }

    /// Takes in commands, those that are not in yet. What cannot be taken in is missing from the past until it is made again, and said.
    pub fn apply(&self, steps: &[Published]) {
        if let Err(error) = self.try_apply(steps) {
            tracing::error!(%error, "history could not take in a batch; remove its file to have it made again");
        }
        if let Some(last) = steps.last() {
            self.applied.fetch_max(last.applied.seq, Ordering::Release);
        }
    }

    fn try_apply(&self, steps: &[Published]) -> Db<()> {
        let known = self.applied();
        let mut rest = steps;
        while let Some(first) = rest.first() {
            if first.applied.seq <= known {
                rest = &rest[1..];
                continue;
            }
            if let Some(what) = host_step(first) {
                self.host_step(first, what)?;
                rest = &rest[1..];
                continue;
            }
            let until = rest.iter().position(|step| host_step(step).is_some()).unwrap_or(rest.len());
            self.take_in(&rest[..until])?;
            rest = &rest[until..];
        }
        Ok(())
    }

    fn take_in(&self, steps: &[Published]) -> Db<()> {
        let mut write = self.database.begin_write()?;
        let due = {
            let mut synced = self.synced.lock().unwrap_or_else(PoisonError::into_inner);
            let due = synced.elapsed() >= SYNC_EVERY;
            if due {
                *synced = Instant::now();
            }
            due
        };
        if !due {
            write.set_durability(Durability::None)?;
        }
        project::project(&write, steps)?;
        write.commit()?;
        Ok(())
    }

    /// A named snapshot, or going back to one.
    fn host_step(&self, step: &Published, what: &cenote_api::event::What) -> Db<()> {
        use cenote_api::event::What;
        match what {
            What::SnapshotTaken { name } => {
                project_synced(&self.database, std::slice::from_ref(step))?;
                let write = self.database.begin_write()?;
                let id = write.persistent_savepoint()?;
                let replaced = {
                    let mut savepoints = write.open_table(SAVEPOINTS)?;
                    savepoints.insert(name.as_str(), id)?.map(|old| old.value())
                };
                if let Some(old) = replaced {
                    write.delete_persistent_savepoint(old)?;
                }
                write.commit()?;
            }
            What::Reverted { name, .. } => {
                let known = {
                    let read = self.database.begin_read()?;
                    let savepoints = read.open_table(SAVEPOINTS)?;
                    savepoints.get(name.as_str())?.map(|id| id.value())
                };
                if let Some(id) = known {
                    let mut write = self.database.begin_write()?;
                    let savepoint = write.get_persistent_savepoint(id)?;
                    write.restore_savepoint(&savepoint)?;
                    // The savepoint does not know its own name yet.
                    write.open_table(SAVEPOINTS)?.insert(name.as_str(), id)?;
                    write.commit()?;
                }
                project_synced(&self.database, std::slice::from_ref(step))?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Makes everything last.
    pub fn flush(&self) {
        let synced =
            self.database.begin_write().map_err(redb::Error::from).and_then(|write| Ok(write.commit()?));
        if let Err(error) = synced {
            tracing::warn!(%error, "history could not be synced; a restart takes its tail from the journal");
        }
    }
}

fn project_synced(database: &Database, steps: &[Published]) -> Db<()> {
    let write = database.begin_write()?;
    project::project(&write, steps)?;
    Ok(write.commit()?)
}

/// What a step of the host says, when it is one that the database itself takes part in.
fn host_step(step: &Published) -> Option<&cenote_api::event::What> {
    use cenote_api::event::What;
    let what = &step.events.first().filter(|_| step.applied.is_host_step())?.what;
    matches!(what, What::SnapshotTaken { .. } | What::Reverted { .. }).then_some(what)
}

#[cfg(test)]
mod tests;
