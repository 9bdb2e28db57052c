//! The log while it is open: append, commit, rotate.

use crate::disk::{Disk, DiskFile};
use crate::format::{self, Chain, HEADER, Header, PAYLOAD_MAX};
use crate::recover::{self, OpenError, Recovery};
use crate::snapshot::Snapshots;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How a journal is set up.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Whose journal it is; another's is refused.
    pub venue: [u8; 32],
    /// A new segment is begun once one is this long, bytes.
    pub segment_bytes: u64,
    /// Zeros written ahead at a time, so that a sync need not lengthen the file, bytes.
    pub ahead_bytes: u64,
}

impl Options {
    /// The usual set-up for a venue.
    #[must_use]
    pub fn new(venue: [u8; 32]) -> Self {
        Self { venue, segment_bytes: 64 * 1024 * 1024, ahead_bytes: 1024 * 1024 }
    }
}

/// A write or sync that failed: from then on nothing is taken, since nobody knows what of it is on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// What was tried, on which file, and what the disk said.
    pub what: String,
}

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the journal cannot go on: {}; make room or replace the disk, then start again", self.what)
    }
}

impl std::error::Error for Failed {}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    options: Options,
    file: Box<dyn DiskFile>,
    path: PathBuf,
    /// Where the next byte goes.
    offset: u64,
    /// How far the file is filled with zeros.
    filled: u64,
    /// Appended and not yet committed.
    pending: Vec<u8>,
    last: u64,
    durable: u64,
    chain: Chain,
    failed: Option<Failed>,
    _lock: Lock,
}

/// Held for as long as the journal is open.
struct Lock(#[allow(dead_code)] Box<dyn Send>);

impl std::fmt::Debug for Lock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lock")
    }
}

impl Journal {
    /// Opens the journal of a directory, or makes one, and recovers it by the table of [`recover::treat`].
    ///
    /// # Errors
    /// A directory that another process has open, a disk that refuses, or a journal that the table says not to start from.
    pub fn open(disk: Arc<dyn Disk>, dir: &Path, options: Options) -> Result<(Self, Recovery), OpenError> {
        let io = |what: &str, error: std::io::Error| OpenError::Disk(format!("{what} {}: {error}", dir.display()));
        disk.create_dir(dir).map_err(|e| io("cannot make", e))?;
        let lock = disk.lock(&dir.join("lock")).map_err(|e| io("cannot take", e))?;
        let recovery = recover::recover(&disk, dir, &options.venue)?;
        let end = &recovery.end;
        let mut journal = Self {
            path: format::segment_path(dir, end.segment),
            file: disk.open(&format::segment_path(dir, end.segment), true).map_err(|e| io("cannot open a segment in", e))?,
            disk,
            dir: dir.to_owned(),
            options,
            offset: end.offset,
            filled: end.length,
            pending: Vec::new(),
            last: end.last,
            durable: end.last,
            chain: end.chain,
            failed: None,
            _lock: Lock(lock),
        };
        if end.offset == 0 {
            journal.begin_segment().map_err(|failed| OpenError::Disk(failed.what))?;
        }
        Ok((journal, recovery))
    }

    /// Appends an entry in memory and gives its index. It is nowhere else until [`Journal::commit`].
    ///
    /// # Errors
    /// An empty or too large entry, or an earlier failure.
    pub fn append(&mut self, payload: &[u8]) -> Result<u64, Failed> {
        self.check()?;
        if payload.is_empty() || payload.len() > PAYLOAD_MAX {
            return Err(Failed { what: format!("an entry has {} bytes, it must have 1 to {PAYLOAD_MAX}", payload.len()) });
        }
        self.last += 1;
        self.chain = format::link(&self.chain, self.last, payload);
        format::put_record(&mut self.pending, self.last, &self.chain, payload);
        Ok(self.last)
    }

    /// Writes and syncs everything that was appended: one write, one sync. Gives the index of the last entry on the disk.
    ///
    /// # Errors
    /// The disk's, once and for ever.
    pub fn commit(&mut self) -> Result<u64, Failed> {
        self.check()?;
        if !self.pending.is_empty() {
            let pending = std::mem::take(&mut self.pending);
            self.write(&pending)?;
            self.pending = pending;
            self.pending.clear();
            self.durable = self.last;
            if self.offset >= self.options.segment_bytes {
                self.rotate()?;
            }
        }
        Ok(self.durable)
    }

    /// The index of the last entry appended; zero when there is none.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.last
    }

    /// The index of the last entry on the disk.
    #[must_use]
    pub fn durable(&self) -> u64 {
        self.durable
    }

    /// The link after the last entry appended.
    #[must_use]
    pub fn chain(&self) -> Chain {
        self.chain
    }

    /// Snapshots of this journal, for any thread.
    #[must_use]
    pub fn snapshots(&self) -> Snapshots {
        Snapshots::new(Arc::clone(&self.disk), &self.dir, self.options.venue)
    }

    fn check(&self) -> Result<(), Failed> {
        self.failed.clone().map_or(Ok(()), Err)
    }

    fn fail(&mut self, what: &str, error: &std::io::Error) -> Failed {
        let failed = Failed { what: format!("{what} {}: {error}", self.path.display()) };
        self.failed = Some(failed.clone());
        failed
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Failed> {
        let end = self.offset + bytes.len() as u64;
        if end > self.filled {
            let to = end.next_multiple_of(self.options.ahead_bytes.max(1));
            let zeros = vec![0; usize::try_from(to - self.filled).unwrap_or(0)];
            if let Err(error) = self.file.write_all_at(self.filled, &zeros) {
                return Err(self.fail("cannot write ahead to", &error));
            }
            self.filled = to;
        }
        if let Err(error) = self.file.write_all_at(self.offset, bytes) {
            return Err(self.fail("cannot write to", &error));
        }
        if let Err(error) = self.file.sync() {
            return Err(self.fail("cannot sync", &error));
        }
        self.offset = end;
        Ok(())
    }

    fn rotate(&mut self) -> Result<(), Failed> {
        self.path = format::segment_path(&self.dir, self.last + 1);
        match self.disk.open(&self.path, true) {
            Ok(file) => self.file = file,
            Err(error) => return Err(self.fail("cannot make", &error)),
        }
        (self.offset, self.filled) = (0, 0);
        self.begin_segment()
    }

    /// Writes the header, and makes the file's name last before anything is in it.
    fn begin_segment(&mut self) -> Result<(), Failed> {
        let header = Header { venue: self.options.venue, first: self.last + 1, chain: self.chain };
        self.write(&format::put_header(&header))?;
        debug_assert_eq!(self.offset, HEADER as u64);
        match self.disk.sync_dir(&self.dir) {
            Ok(()) => Ok(()),
            Err(error) => Err(self.fail("cannot sync the directory of", &error)),
        }
    }
}
