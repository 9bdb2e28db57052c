//! The log while it is open: append, commit, rotate.

use crate::disk::{Disk, DiskFile};
use crate::error::{DiskError, Failed, OpenError};
use crate::format::{self, Chain, HEADER, Header, PAYLOAD_MAX, Record};
use crate::recover::{self, End, Recovery};
use crate::snapshot::{Snapshots, put_whole};
use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How a journal is set up.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Whose journal it is; another's is refused.
    pub venue: [u8; 32],
    /// The length of a segment, bytes; one that must hold a larger commit is as long as that needs.
    pub segment_bytes: u64,
}

impl Options {
    /// The usual set-up for a venue: segments of 16 MiB. The commit that begins a segment waits for that many zeros; a sync of what is
    /// written into them need not wait for the file system's own records.
    #[must_use]
    pub fn new(venue: [u8; 32]) -> Self {
        Self { venue, segment_bytes: 16 * 1024 * 1024 }
    }
}

/// An open journal: the one writer of its directory.
#[derive(Debug)]
pub struct Journal {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    options: Options,
    segment: Segment,
    mark: u64,
    /// Appended and not yet committed.
    pending: Vec<u8>,
    last: u64,
    chain: Chain,
    /// The last entry on the disk, and the link after it.
    durable: Arc<AtomicU64>,
    durable_chain: Chain,
    failed: Option<DiskError>,
    _lock: Lock,
}

/// Held for as long as the journal is open.
struct Lock {
    _held: Box<dyn Send>,
}

impl std::fmt::Debug for Lock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lock")
    }
}

/// The segment that is written to.
#[derive(Debug)]
struct Segment {
    file: Box<dyn DiskFile>,
    path: PathBuf,
    /// Where the next record goes.
    offset: u64,
    length: u64,
}

impl Segment {
    fn open(disk: &dyn Disk, end: End) -> Result<Self, DiskError> {
        let End { path, offset, length, .. } = end;
        let file = disk.open(&path).map_err(|error| DiskError::new("open", &path, &error))?;
        Ok(Self { file, path, offset, length })
    }

    /// Makes one that a crash leaves whole or not at all.
    fn create(disk: &dyn Disk, dir: &Path, header: &Header) -> Result<Self, DiskError> {
        let name = format::segment_name(header.first);
        put_whole(disk, dir, &name, &[&header.put()], header.length)?;
        let end =
            End { path: dir.join(name), offset: HEADER as u64, length: header.length, mark: header.mark };
        Self::open(disk, end)
    }
}

impl Journal {
    /// Opens the journal of a directory, or makes one, and recovers it by the table of [`crate::judge`].
    ///
    /// # Errors
    /// A directory that another process has open, a disk that refuses, or a journal that the table says not to start from.
    pub fn open(disk: Arc<dyn Disk>, dir: &Path, options: Options) -> Result<(Self, Recovery), OpenError> {
        disk.create_dir(dir).map_err(|error| DiskError::new("make", dir, &error))?;
        let lock = take(disk.as_ref(), dir)?;
        let recovered = recover::recover(&disk, dir, &options.venue)?;
        let (last, chain) = (recovered.recovery.last, recovered.chain);
        let (mark, segment) = match recovered.end {
            Some(end) => (end.mark, Segment::open(disk.as_ref(), end)?),
            None => {
                // Zeros are where nothing is, so the mark is something else.
                let mark = RandomState::new().hash_one(options.venue) | 1;
                let length = options.segment_bytes.max(HEADER as u64);
                let header = Header { venue: options.venue, mark, length, first: 1, chain };
                (mark, Segment::create(disk.as_ref(), dir, &header)?)
            }
        };
        let journal = Self {
            disk,
            dir: dir.to_owned(),
            options,
            segment,
            mark,
            pending: Vec::new(),
            last,
            chain,
            durable: Arc::new(AtomicU64::new(last)),
            durable_chain: chain,
            failed: None,
            _lock: lock,
        };
        Ok((journal, recovered.recovery))
    }

    /// Appends an entry in memory and gives its index. It is nowhere else until [`Journal::commit`].
    ///
    /// # Errors
    /// A payload above [`PAYLOAD_MAX`], or an earlier failure of the disk.
    pub fn append(&mut self, payload: &[u8]) -> Result<u64, Failed> {
        self.check()?;
        if payload.len() > PAYLOAD_MAX {
            return Err(Failed::Payload { bytes: payload.len() });
        }
        self.last += 1;
        self.chain = format::link(&self.chain, self.last, payload);
        let record = Record { index: self.last, synced: self.durable(), chain: self.chain, payload };
        record.put(self.mark, &mut self.pending);
        Ok(self.last)
    }

    /// Writes and syncs everything that was appended: one write, one sync, in one segment. Gives the index of the last entry on the disk.
    ///
    /// # Errors
    /// The disk's, once and for ever: what a failed sync has left behind is not known, and a second one would not tell.
    pub fn commit(&mut self) -> Result<u64, Failed> {
        self.check()?;
        if !self.pending.is_empty() {
            if let Err(error) = self.write() {
                self.failed = Some(error.clone());
                return Err(error.into());
            }
            self.pending.clear();
            self.durable_chain = self.chain;
            self.durable.store(self.last, Ordering::Release);
        }
        Ok(self.durable())
    }

    /// The index of the last entry appended; zero when there is none.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.last
    }

    /// The index of the last entry on the disk.
    #[must_use]
    pub fn durable(&self) -> u64 {
        self.durable.load(Ordering::Acquire)
    }

    /// The link after the last entry appended.
    #[must_use]
    pub fn chain(&self) -> Chain {
        self.chain
    }

    /// Snapshots of this journal, for any thread.
    #[must_use]
    pub fn snapshots(&self) -> Snapshots {
        Snapshots::new(Arc::clone(&self.disk), &self.dir, self.options.venue, Arc::clone(&self.durable))
    }

    fn check(&self) -> Result<(), Failed> {
        self.failed.clone().map_or(Ok(()), |error| Err(error.into()))
    }

    fn write(&mut self) -> Result<(), DiskError> {
        let bytes = self.pending.len() as u64;
        if bytes > self.segment.length.saturating_sub(self.segment.offset) {
            let header = Header {
                venue: self.options.venue,
                mark: self.mark,
                length: self.options.segment_bytes.max(HEADER as u64 + bytes),
                first: self.durable() + 1,
                chain: self.durable_chain,
            };
            self.segment = Segment::create(self.disk.as_ref(), &self.dir, &header)?;
        }
        let Segment { file, path, offset, .. } = &mut self.segment;
        file.write_all_at(*offset, &self.pending).map_err(|error| DiskError::new("write", path, &error))?;
        file.sync().map_err(|error| DiskError::new("sync", path, &error))?;
        *offset += bytes;
        Ok(())
    }
}

fn take(disk: &dyn Disk, dir: &Path) -> Result<Lock, OpenError> {
    let path = dir.join("lock");
    match disk.lock(&path) {
        Ok(held) => Ok(Lock { _held: held }),
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Err(OpenError::Locked {
            dir: dir.display().to_string(),
            holder: error.to_string().trim().parse().ok(),
        }),
        Err(error) => Err(DiskError::new("lock", &path, &error).into()),
    }
}
