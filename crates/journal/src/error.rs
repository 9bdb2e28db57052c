//! What can go wrong, in words for people.

use crate::format::PAYLOAD_MAX;
use crate::table::Row;
use std::path::Path;

/// A journal that cannot be opened or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenError {
    /// Another process has it open.
    Locked {
        /// The directory.
        dir: String,
        /// The process id of the holder, if known.
        holder: Option<u32>,
    },
    /// The disk fails.
    Disk(DiskError),
    /// The table of cases says not to start.
    Refused(Refused),
    /// Whoever was given an entry read back wants no more of them.
    Stopped(String),
}

/// Why the table says not to start, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The row of the table.
    pub row: Row,
    /// The file.
    pub file: String,
    /// The byte in it.
    pub offset: u64,
    /// The entry that comes next in a whole log.
    pub expected: u64,
    /// What is there instead, where there is something to say.
    pub there: String,
}

/// What was tried, on what, and what the disk said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskError {
    /// What was tried: continues "cannot".
    pub tried: &'static str,
    /// The file or directory.
    pub path: String,
    /// The disk's words.
    pub said: String,
}

impl DiskError {
    pub(crate) fn new(tried: &'static str, path: &Path, error: &std::io::Error) -> Self {
        Self { tried, path: path.display().to_string(), said: error.to_string() }
    }
}

/// An entry or snapshot that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failed {
    /// The payload is too large. Nothing happened, and the journal goes on.
    Payload {
        /// Its bytes.
        bytes: usize,
    },
    /// A snapshot of entries that are not on the disk. Nothing happened, and the journal goes on.
    Early {
        /// The snapshot's index.
        index: u64,
        /// The last entry on the disk.
        durable: u64,
    },
    /// A write or sync failed: nobody knows what of it is on the disk, so every later call of a journal fails the same way.
    Disk(DiskError),
}

impl OpenError {
    /// A stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Locked { .. } => "journal_locked",
            Self::Disk(_) => "journal_disk",
            Self::Refused(refused) => refused.row.code(),
            Self::Stopped(_) => "journal_stopped",
        }
    }
}

impl Failed {
    /// A stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Payload { .. } => "journal_payload",
            Self::Early { .. } => "journal_snapshot_early",
            Self::Disk(_) => "journal_disk",
        }
    }
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Locked { dir, holder } => {
                let who = holder.map_or("another process".to_owned(), |pid| format!("process {pid}"));
                write!(f, "{who} has the journal in {dir} open; stop it, or name another directory")
            }
            Self::Disk(error) => write!(f, "{error}; mend that, then start again"),
            Self::Refused(refused) => refused.fmt(f),
            Self::Stopped(why) => f.write_str(why),
        }
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { row, file, offset, expected, there } = self;
        write!(f, "{file} at byte {offset}: {}; entry {expected} comes next", row.found())?;
        if !there.is_empty() {
            write!(f, ", {there}")?;
        }
        write!(f, "; nothing was changed: {}", row.step())
    }
}

impl std::fmt::Display for DiskError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot {} {}: {}", self.tried, self.path, self.said)
    }
}

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Payload { bytes } => {
                write!(f, "an entry has at most {PAYLOAD_MAX} bytes and this one has {bytes}; split it")
            }
            Self::Early { index, durable } => {
                write!(
                    f,
                    "a snapshot of entry {index} needs it on the disk, where {durable} is the last; commit first"
                )
            }
            Self::Disk(error) => write!(f, "{error}; make room or replace the disk, then start again"),
        }
    }
}

impl std::error::Error for OpenError {}
impl std::error::Error for Failed {}

impl From<DiskError> for OpenError {
    fn from(error: DiskError) -> Self {
        Self::Disk(error)
    }
}

impl From<DiskError> for Failed {
    fn from(error: DiskError) -> Self {
        Self::Disk(error)
    }
}
