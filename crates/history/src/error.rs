//! What can go wrong, in words, with a stable code.

use std::fmt;
use std::path::PathBuf;

/// Why a history cannot be opened. Damage is none of these: a damaged file is put aside and begun anew.
#[derive(Debug)]
pub enum OpenError {
    /// Another process, or another handle of this one, has the file open.
    InUse(PathBuf),
    /// The disk refuses.
    Disk {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
}

impl OpenError {
    /// The stable code, snake case.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InUse(_) => "history_in_use",
            Self::Disk { .. } => "history_disk",
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse(path) => write!(
                f,
                "the history {} is open in another process; stop that one, or give this one a directory of its own",
                path.display()
            ),
            Self::Disk { path, why } => write!(
                f,
                "the history {} cannot be opened: {why}; check its permissions and the space left, then start again",
                path.display()
            ),
        }
    }
}

impl std::error::Error for OpenError {}

/// Why a batch was not taken in, or a question not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryError {
    /// The disk, or the database on it, refuses.
    Disk(String),
    /// A row cannot be read.
    Damaged(String),
    /// A step that cannot follow what is there.
    Unfit {
        /// Its command.
        seq: u64,
        /// What was required and what was there.
        why: String,
    },
    /// An earlier batch failed; taking this one in would leave a hole.
    Stopped,
}

impl HistoryError {
    /// The stable code, snake case.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Disk(_) => "history_disk",
            Self::Damaged(_) => "history_damaged",
            Self::Unfit { .. } => "history_unfit",
            Self::Stopped => "history_stopped",
        }
    }

    pub(crate) fn unfit(seq: u64, why: impl Into<String>) -> Self {
        Self::Unfit { seq, why: why.into() }
    }
}

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disk(why) => write!(f, "the history's disk refuses: {why}; make room, then start again"),
            Self::Damaged(what) => write!(
                f,
                "the history is damaged: {what}; remove its file and start again, the journal has everything"
            ),
            Self::Unfit { seq, why } => write!(
                f,
                "command {seq} does not fit into the history: {why}; remove its file and start again, and report it if it comes back"
            ),
            Self::Stopped => write!(
                f,
                "the history takes nothing more in after an earlier failure, so that it has no hole; start again"
            ),
        }
    }
}

impl std::error::Error for HistoryError {}

/// Every error of the database, as one of ours.
macro_rules! from_database {
    ($($name:ident),*) => {$(
        impl From<redb::$name> for HistoryError {
            fn from(error: redb::$name) -> Self {
                from_redb(error.into())
            }
        }
    )*};
}

from_database!(StorageError, TableError, TransactionError, CommitError, SetDurabilityError, DatabaseError);

fn from_redb(error: redb::Error) -> HistoryError {
    match error {
        redb::Error::Corrupted(why) => HistoryError::Damaged(why),
        other => HistoryError::Disk(other.to_string()),
    }
}

#[cfg(test)]
mod tests;
