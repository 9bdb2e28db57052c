//! Opening a journal after whatever happened to it.

use crate::disk::Disk;
use crate::error::{DiskError, OpenError};
use crate::format::{self, Chain};
use crate::snapshot::{Ignored, Snapshots};
use crate::table::{Row, Stop, Treatment, judge};
use crate::walk::{Step, Walk};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What opening found and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// The row of the table.
    pub row: Row,
    /// The last entry; zero when there is none. The first is always 1.
    pub last: u64,
    /// The end that was cut off.
    pub cut: Option<Cut>,
    /// Files that a crash had left unfinished, removed.
    pub removed: Vec<String>,
    /// Snapshots that are of no use, left where they are.
    pub ignored: Vec<Ignored>,
}

/// A torn end that was cut off: what is in it was never acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Of which file.
    pub file: String,
    /// From which byte on.
    pub offset: u64,
    /// How many bytes, to the last that was not zero.
    pub bytes: u64,
}

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { file, offset, bytes } = self;
        write!(f, "{bytes} bytes cut off {file} at byte {offset}: {}", Row::Torn.found())
    }
}

/// The segment to go on with.
#[derive(Debug)]
pub(crate) struct End {
    pub path: PathBuf,
    pub offset: u64,
    pub length: u64,
    pub mark: u64,
}

/// What a journal goes on from.
#[derive(Debug)]
pub(crate) struct Recovered {
    pub recovery: Recovery,
    pub chain: Chain,
    /// `None` when there is no segment yet.
    pub end: Option<End>,
}

pub(crate) fn recover(disk: &Arc<dyn Disk>, dir: &Path, venue: &[u8; 32]) -> Result<Recovered, OpenError> {
    let (sound, ignored) = Snapshots::of(Arc::clone(disk), dir, *venue).examine()?;
    let mut walk = Walk::new(disk, dir, Some(*venue), 1)?;
    let (stop, there) = loop {
        if let Some(other) = sound.iter().find(|known| known.index == walk.last && known.chain != walk.chain)
        {
            break (Stop::Snapshot, format!("the snapshot is {}", format::snapshot_name(other.index)));
        }
        match walk.next()? {
            Step::Entry => {}
            Step::Stop(stop, there) => break (stop, there),
        }
    };
    let ahead = sound.iter().find(|known| known.index > walk.last);
    let row = judge(stop, walk.witness(stop, ahead.is_some()));
    let mut cut = None;
    match row.treatment() {
        Treatment::Refuse => {
            let newest = ahead.filter(|_| row == Row::SnapshotAhead);
            let there = newest.map_or(there, |known| format!("a snapshot of entry {} is there", known.index));
            return Err(OpenError::Refused(walk.refused(row, there)));
        }
        Treatment::Cut => cut = Some(cut_off(disk, &walk)?),
        Treatment::Create | Treatment::Start => {}
    }
    let removed = remove_leftovers(disk, dir)?;
    if walk.header().is_some() {
        settle(disk, dir, &walk)?;
    }
    let end = walk.header().map(|header| End {
        path: walk.path(),
        offset: walk.offset(),
        length: header.length,
        mark: header.mark,
    });
    let recovery = Recovery { row, last: walk.last, cut, removed, ignored };
    Ok(Recovered { recovery, chain: walk.chain, end })
}

/// Zeros over a torn end: whatever stays there would later look like a record behind a bad one.
fn cut_off(disk: &Arc<dyn Disk>, walk: &Walk) -> Result<Cut, DiskError> {
    let path = walk.path();
    let failed = |error: std::io::Error| DiskError::new("cut the torn end off", &path, &error);
    let torn = walk.torn();
    let mut file = disk.open(&path).map_err(failed)?;
    file.write_all_at(walk.offset(), &vec![0; torn.len()]).map_err(failed)?;
    file.sync().map_err(failed)?;
    Ok(Cut { file: walk.name(), offset: walk.offset(), bytes: torn.len() as u64 })
}

/// Writes again what was read and may be nowhere but in the system's memory: of a process that ended before its sync, or because of it. The system may
/// take such bytes for written, so that a sync alone would do nothing. The same goes for the segment's name.
fn settle(disk: &Arc<dyn Disk>, dir: &Path, walk: &Walk) -> Result<(), DiskError> {
    if let Some((offset, bytes)) = walk.unsure() {
        let path = walk.path();
        let failed = |error: std::io::Error| DiskError::new("make last what was read from", &path, &error);
        let mut file = disk.open(&path).map_err(failed)?;
        file.write_all_at(offset, bytes).map_err(failed)?;
        file.sync().map_err(failed)?;
    }
    disk.sync_dir(dir).map_err(|error| DiskError::new("sync", dir, &error))
}

fn remove_leftovers(disk: &Arc<dyn Disk>, dir: &Path) -> Result<Vec<String>, DiskError> {
    let mut names = disk.list(dir).map_err(|error| DiskError::new("list", dir, &error))?;
    names.retain(|name| format::is_leftover(name));
    for name in &names {
        let path = dir.join(name);
        disk.remove(&path).map_err(|error| DiskError::new("remove", &path, &error))?;
    }
    Ok(names)
}
