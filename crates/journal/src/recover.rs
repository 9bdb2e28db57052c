//! What is done with what is found: a total table, and the walk that finds it.

use crate::disk::Disk;
use crate::format::{self, Chain, HEADER, NoHeader};
use crate::snapshot::Snapshots;
use std::path::Path;
use std::sync::Arc;

/// What follows the last good record of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rest {
    /// The end of the file, or zeros to its end.
    Nothing,
    /// Bytes that are no record, and no record after them.
    Torn,
    /// Bytes that are no record, and a record after them in the same segment.
    Covered,
    /// A record whose CRC holds, with another index or another link than the one that comes next.
    Foreign,
}

/// Where that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Where {
    /// No later segment has a record.
    Last,
    /// A later segment has one.
    Before,
}

/// One thing that can be found: the rows of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Case {
    /// What follows the last good record.
    pub rest: Rest,
    /// Where that is.
    pub place: Where,
    /// A sound snapshot knows entries that the log does not have.
    pub snapshot_ahead: bool,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treatment {
    /// Go on after the last good record.
    Start,
    /// Go on with the next segment.
    Continue,
    /// Cut the torn end off, say so, and go on: it was never acknowledged.
    Cut,
    /// Do not start.
    Refuse(Refusal),
}

/// Why not to start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A good record stands after a bad one: what is in between was acknowledged.
    Damaged,
    /// A record does not continue the chain.
    Chain,
    /// A snapshot knows entries that are gone.
    SnapshotAhead,
}

/// The table. Total: every case has one treatment.
#[must_use]
pub fn treat(case: Case) -> Treatment {
    match (case.rest, case.place, case.snapshot_ahead) {
        (Rest::Foreign, _, _) => Treatment::Refuse(Refusal::Chain),
        (Rest::Covered, _, _) | (Rest::Torn, Where::Before, _) => Treatment::Refuse(Refusal::Damaged),
        (Rest::Nothing, Where::Before, _) => Treatment::Continue,
        (Rest::Nothing | Rest::Torn, Where::Last, true) => Treatment::Refuse(Refusal::SnapshotAhead),
        (Rest::Nothing, Where::Last, false) => Treatment::Start,
        (Rest::Torn, Where::Last, false) => Treatment::Cut,
    }
}

/// Why a journal cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenError {
    /// The disk refuses, or another process has it open.
    Disk(String),
    /// The table says not to start: the file, the offset in it, and why.
    Refused {
        /// Which file.
        file: String,
        /// Where in it.
        offset: u64,
        /// Why.
        why: Refusal,
    },
    /// A segment is missing, or is not where it should be.
    Missing {
        /// The entry that should come next.
        expected: u64,
        /// The file that is there instead.
        found: String,
    },
    /// A segment's header cannot be read though it has records.
    Header(String),
    /// The journal is another venue's.
    Venue(String),
    /// A segment is of another version of the format.
    Version {
        /// Which file.
        file: String,
        /// Its version.
        version: u32,
    },
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Disk(said) => f.write_str(said),
            Self::Refused { file, offset, why } => {
                let why = match why {
                    Refusal::Damaged => "is no record, and good ones come after it: the disk has lost what was acknowledged",
                    Refusal::Chain => "does not continue the chain: the file was changed or put together from others",
                    Refusal::SnapshotAhead => "is the end of the log, but a snapshot knows later entries",
                };
                write!(f, "{file} at byte {offset} {why}; restore the directory from a copy, or follow a replica")
            }
            Self::Missing { expected, found } => {
                write!(f, "entry {expected} comes next but {found} begins elsewhere: a segment is missing; restore it from a copy")
            }
            Self::Header(file) => write!(f, "the header of {file} is damaged; restore the file from a copy"),
            Self::Venue(file) => write!(f, "{file} belongs to another venue; name another directory"),
            Self::Version { file, version } => {
                write!(f, "{file} is of format {version}, this program writes {}; open it with the program that wrote it", format::VERSION)
            }
        }
    }
}

impl std::error::Error for OpenError {}

/// A torn end that was cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Of which file.
    pub file: String,
    /// From which byte on.
    pub offset: u64,
    /// How many bytes were not zero.
    pub bytes: u64,
}

/// What opening found and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// The last entry; zero when there is none.
    pub last: u64,
    /// The end that was cut off.
    pub cut: Option<Cut>,
    /// Files that a crash had left half-made, removed.
    pub removed: Vec<String>,
    /// Snapshots that are damaged or of another journal, ignored.
    pub ignored: Vec<String>,
    pub(crate) end: End,
}

/// Where to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct End {
    pub segment: u64,
    pub offset: u64,
    pub length: u64,
    pub last: u64,
    pub chain: Chain,
}

/// The walk over one segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What follows the last good record.
    pub rest: Rest,
    /// Where it follows.
    pub offset: u64,
    last: u64,
    chain: Chain,
}

/// An entry read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its index.
    pub index: u64,
    /// Where its record begins in its segment.
    pub offset: u64,
    /// What was appended.
    pub payload: Vec<u8>,
}

/// Walks the good records of a segment, from the entry after `last` on.
fn walk(bytes: &[u8], last: u64, chain: Chain, mut each: impl FnMut(Entry)) -> Found {
    let mut found = Found { rest: Rest::Nothing, offset: HEADER as u64, last, chain };
    loop {
        let at = usize::try_from(found.offset).unwrap_or(usize::MAX);
        let left = bytes.get(at..).unwrap_or_default();
        let Some(record) = format::get_record(left) else {
            found.rest = rest_of(bytes, at, found.last);
            return found;
        };
        if record.index != found.last + 1 || record.chain != format::link(&found.chain, record.index, record.payload) {
            found.rest = Rest::Foreign;
            return found;
        }
        each(Entry { index: record.index, offset: found.offset, payload: record.payload.to_vec() });
        (found.last, found.chain) = (record.index, record.chain);
        found.offset += record.len() as u64;
    }
}

fn rest_of(bytes: &[u8], at: usize, last: u64) -> Rest {
    if bytes.get(at..).unwrap_or_default().iter().all(|byte| *byte == 0) {
        return Rest::Nothing;
    }
    // More entries than bytes there cannot be.
    let indices = last + 1..last.saturating_add(2 + bytes.len() as u64);
    match format::find_record(bytes, at, indices) {
        Some(_) => Rest::Covered,
        None => Rest::Torn,
    }
}

struct Segment {
    name: String,
    first: u64,
}

fn segments(disk: &Arc<dyn Disk>, dir: &Path) -> Result<(Vec<Segment>, Vec<String>), OpenError> {
    let names = disk.list(dir).map_err(|e| OpenError::Disk(format!("cannot list {}: {e}", dir.display())))?;
    let mut found: Vec<Segment> = Vec::new();
    let mut leftovers = Vec::new();
    for name in names {
        if let Some(first) = format::index_of(&name, "segment-", ".log") {
            found.push(Segment { name, first });
        } else if name.ends_with(".new") {
            leftovers.push(name);
        }
    }
    found.sort_by_key(|segment| segment.first);
    Ok((found, leftovers))
}

fn load(disk: &Arc<dyn Disk>, dir: &Path, name: &str) -> Result<Vec<u8>, OpenError> {
    disk.read(&dir.join(name)).map_err(|e| OpenError::Disk(format!("cannot read {name}: {e}")))
}

fn has_record(bytes: &[u8], last: u64) -> bool {
    format::find_record(bytes, 0, last + 1..u64::MAX).is_some()
}

pub(crate) fn recover(disk: &Arc<dyn Disk>, dir: &Path, venue: &[u8; 32]) -> Result<Recovery, OpenError> {
    let (segments, leftovers) = segments(disk, dir)?;
    let mut walker = Walker { disk, dir, venue, removed: Vec::new() };
    for name in leftovers {
        walker.remove(name)?;
    }
    let mut end = End { segment: 1, offset: 0, length: 0, last: 0, chain: [0; 16] };
    let mut rest = Rest::Nothing;
    for (at, segment) in segments.iter().enumerate() {
        let bytes = load(disk, dir, &segment.name)?;
        if !walker.begins(segment, &bytes, &end, &segments[at + 1..])? {
            continue;
        }
        let found = walk(&bytes, end.last, end.chain, |_| {});
        end = End { segment: segment.first, offset: found.offset, length: bytes.len() as u64, last: found.last, chain: found.chain };
        rest = found.rest;
        let place = walker.place(&segments[at + 1..], found.last)?;
        let case = Case { rest, place, snapshot_ahead: false };
        if let Treatment::Refuse(why) = treat(case) {
            return Err(OpenError::Refused { file: segment.name.clone(), offset: found.offset, why });
        }
    }
    walker.finish(end, rest)
}

struct Walker<'a> {
    disk: &'a Arc<dyn Disk>,
    dir: &'a Path,
    venue: &'a [u8; 32],
    removed: Vec<String>,
}

impl Walker<'_> {
    fn remove(&mut self, name: String) -> Result<(), OpenError> {
        self.disk.remove(&self.dir.join(&name)).map_err(|e| OpenError::Disk(format!("cannot remove {name}: {e}")))?;
        self.removed.push(name);
        Ok(())
    }

    /// Whether a segment begins where the one before ended; one that a crash left without a header is removed.
    fn begins(&mut self, segment: &Segment, bytes: &[u8], end: &End, later: &[Segment]) -> Result<bool, OpenError> {
        let header = match format::get_header(bytes) {
            Ok(header) => header,
            Err(NoHeader::Version(version)) => return Err(OpenError::Version { file: segment.name.clone(), version }),
            Err(NoHeader::Damaged) if has_record(bytes, end.last) || !later.is_empty() => {
                return Err(OpenError::Header(segment.name.clone()));
            }
            Err(NoHeader::Damaged) => {
                self.remove(segment.name.clone())?;
                return Ok(false);
            }
        };
        if header.venue != *self.venue {
            return Err(OpenError::Venue(segment.name.clone()));
        }
        if header.first != end.last + 1 || segment.first != header.first {
            return Err(OpenError::Missing { expected: end.last + 1, found: segment.name.clone() });
        }
        if header.chain != end.chain {
            return Err(OpenError::Refused { file: segment.name.clone(), offset: 0, why: Refusal::Chain });
        }
        Ok(true)
    }

    fn place(&self, later: &[Segment], last: u64) -> Result<Where, OpenError> {
        for segment in later {
            if has_record(&load(self.disk, self.dir, &segment.name)?, last) {
                return Ok(Where::Before);
            }
        }
        Ok(Where::Last)
    }

    fn finish(self, end: End, rest: Rest) -> Result<Recovery, OpenError> {
        let snapshots = Snapshots::new(Arc::clone(self.disk), self.dir, *self.venue);
        let (sound, ignored) = snapshots.look().map_err(|e| OpenError::Disk(format!("cannot list snapshots: {e}")))?;
        let file = format::segment_path(Path::new(""), end.segment).display().to_string();
        let case = Case { rest, place: Where::Last, snapshot_ahead: sound.iter().any(|index| *index > end.last) };
        let cut = match treat(case) {
            Treatment::Refuse(why) => return Err(OpenError::Refused { file, offset: end.offset, why }),
            Treatment::Cut => Some(self.cut(&end, file)?),
            Treatment::Start | Treatment::Continue => None,
        };
        Ok(Recovery { last: end.last, cut, removed: self.removed, ignored, end })
    }

    /// Zeros over a torn end: what is appended later must not be followed by it.
    fn cut(&self, end: &End, name: String) -> Result<Cut, OpenError> {
        let io = |e: std::io::Error| OpenError::Disk(format!("cannot cut the torn end of {name}: {e}"));
        let path = self.dir.join(&name);
        let bytes = self.disk.read(&path).map_err(io)?;
        let torn = bytes.get(usize::try_from(end.offset).unwrap_or(usize::MAX)..).unwrap_or_default();
        let count = torn.iter().filter(|byte| **byte != 0).count() as u64;
        let mut file = self.disk.open(&path, false).map_err(io)?;
        file.write_all_at(end.offset, &vec![0; torn.len()]).map_err(io)?;
        file.sync().map_err(io)?;
        Ok(Cut { file: name, offset: end.offset, bytes: count })
    }
}

/// Reads entries from an index on, in order, without opening the journal: what a running one has not yet synced may be missing at the end.
///
/// # Errors
/// As of opening, where the walk meets it; entries before that have been given out.
pub fn read(
    disk: &Arc<dyn Disk>,
    dir: &Path,
    venue: Option<&[u8; 32]>,
    from: u64,
    mut each: impl FnMut(Entry) -> Result<(), String>,
) -> Result<u64, OpenError> {
    let (segments, _) = segments(disk, dir)?;
    let (mut last, mut chain) = (0, [0; 16]);
    let mut refused = None;
    for (at, segment) in segments.iter().enumerate() {
        let bytes = load(disk, dir, &segment.name)?;
        let header = match format::get_header(&bytes) {
            Ok(header) => header,
            Err(NoHeader::Damaged) if at + 1 == segments.len() && !has_record(&bytes, last) => break,
            Err(_) => return Err(OpenError::Header(segment.name.clone())),
        };
        if venue.is_some_and(|venue| *venue != header.venue) {
            return Err(OpenError::Venue(segment.name.clone()));
        }
        if header.first != last + 1 || header.chain != chain {
            return Err(OpenError::Missing { expected: last + 1, found: segment.name.clone() });
        }
        let found = walk(&bytes, last, chain, |entry| {
            if entry.index >= from && refused.is_none() {
                refused = each(entry).err();
            }
        });
        if let Some(why) = refused {
            return Err(OpenError::Disk(why));
        }
        (last, chain) = (found.last, found.chain);
        let place = if at + 1 < segments.len() { Where::Before } else { Where::Last };
        if let Treatment::Refuse(why) = treat(Case { rest: found.rest, place, snapshot_ahead: false }) {
            return Err(OpenError::Refused { file: segment.name.clone(), offset: found.offset, why });
        }
    }
    Ok(last)
}

/// Whose journal a directory holds; nothing when it has none.
///
/// # Errors
/// A directory that cannot be listed or a segment that cannot be read.
pub fn venue_of(disk: &Arc<dyn Disk>, dir: &Path) -> Result<Option<[u8; 32]>, OpenError> {
    let (segments, _) = segments(disk, dir)?;
    let Some(first) = segments.first() else { return Ok(None) };
    Ok(format::get_header(&load(disk, dir, &first.name)?).ok().map(|header| header.venue))
}
