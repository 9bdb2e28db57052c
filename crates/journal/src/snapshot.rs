//! Snapshots beside the log: whole or not at all, and two of them, so that a damaged one costs time and nothing else.

use crate::disk::Disk;
use crate::error::{DiskError, Failed};
use crate::format::{self, Chain, NoHeader, PREAMBLE, SNAPSHOT_MAGIC, VERSION};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many are kept.
const KEPT: usize = 2;
/// Preamble, venue, index, chain.
const HEAD: usize = PREAMBLE + 32 + 8 + 16;
const HASH: usize = 32;

/// A sound snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The last entry that it knows of.
    pub index: u64,
    /// The link after that entry.
    pub chain: Chain,
    /// What the host wrote.
    pub bytes: Vec<u8>,
}

/// Why a snapshot is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flaw {
    /// Its hash does not hold, or it is not what its name says.
    Damaged,
    /// It is of another version of the format.
    Version(u32),
    /// It is of another venue.
    Venue,
}

/// A snapshot that is left aside; an older one or the log from its beginning does as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// Which file.
    pub file: String,
    /// Why.
    pub why: Flaw,
}

impl std::fmt::Display for Ignored {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} is ignored: ", self.file)?;
        match self.why {
            Flaw::Damaged => f.write_str("it is damaged"),
            Flaw::Version(version) => {
                write!(f, "it is of version {version} of the format and this program reads {VERSION}")
            }
            Flaw::Venue => f.write_str("it is of another venue"),
        }
    }
}

/// What a sound snapshot knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    pub index: u64,
    pub chain: Chain,
}

/// The snapshots of a journal; a handle for any thread, so that writing one holds up nobody.
#[derive(Debug, Clone)]
pub struct Snapshots {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    venue: [u8; 32],
    /// The journal's last entry on the disk.
    durable: Arc<AtomicU64>,
}

impl Snapshots {
    pub(crate) fn new(disk: Arc<dyn Disk>, dir: &Path, venue: [u8; 32], durable: Arc<AtomicU64>) -> Self {
        Self { disk, dir: dir.to_owned(), venue, durable }
    }

    /// Snapshots of a directory whose journal is not open, to read.
    #[must_use]
    pub fn of(disk: Arc<dyn Disk>, dir: &Path, venue: [u8; 32]) -> Self {
        Self::new(disk, dir, venue, Arc::default())
    }

    /// Writes a snapshot of everything up to an entry that is on the disk, with the link after it, and removes all but the newest two. For one
    /// thread at a time.
    ///
    /// # Errors
    /// An entry that is not on the disk; the disk's: then the older snapshots are still there, and the journal itself is untouched.
    pub fn write(&self, index: u64, chain: &Chain, bytes: &[u8]) -> Result<(), Failed> {
        let durable = self.durable.load(Ordering::Acquire);
        if index > durable {
            return Err(Failed::Early { index, durable });
        }
        let mut all = format::put_preamble(SNAPSHOT_MAGIC, VERSION);
        all.reserve_exact(HEAD + bytes.len() + HASH);
        all.extend_from_slice(&self.venue);
        all.extend_from_slice(&index.to_le_bytes());
        all.extend_from_slice(chain);
        all.extend_from_slice(bytes);
        let hash = blake3::hash(&all);
        all.extend_from_slice(hash.as_bytes());
        put_whole(self.disk.as_ref(), &self.dir, &format::snapshot_name(index), &[&all], 0)?;
        for old in self.indices()?.into_iter().skip(KEPT) {
            let path = self.dir.join(format::snapshot_name(old));
            self.disk.remove(&path).map_err(|error| DiskError::new("remove", &path, &error))?;
        }
        Ok(())
    }

    /// Indices by name, newest first, sound or not.
    fn indices(&self) -> Result<Vec<u64>, DiskError> {
        let names = self.disk.list(&self.dir).map_err(|error| DiskError::new("list", &self.dir, &error))?;
        let mut indices: Vec<u64> = names.iter().filter_map(|name| format::snapshot_index(name)).collect();
        indices.sort_unstable_by(|a, b| b.cmp(a));
        Ok(indices)
    }

    /// What the sound ones know, newest first, and those that are of no use.
    pub(crate) fn examine(&self) -> Result<(Vec<Known>, Vec<Ignored>), DiskError> {
        let (mut sound, mut ignored) = (Vec::new(), Vec::new());
        for index in self.indices()? {
            match self.get(index)? {
                Ok(Snapshot { index, chain, .. }) => sound.push(Known { index, chain }),
                Err(why) => ignored.push(Ignored { file: format::snapshot_name(index), why }),
            }
        }
        Ok((sound, ignored))
    }

    /// Indices of sound snapshots, newest first, and those that are of no use.
    ///
    /// # Errors
    /// A directory that cannot be listed or a file that cannot be read.
    pub fn look(&self) -> Result<(Vec<u64>, Vec<Ignored>), Failed> {
        let (sound, ignored) = self.examine()?;
        Ok((sound.into_iter().map(|known| known.index).collect(), ignored))
    }

    /// A sound snapshot; nothing if it is not sound or not there.
    #[must_use]
    pub fn load(&self, index: u64) -> Option<Snapshot> {
        self.get(index).ok()?.ok()
    }

    fn get(&self, index: u64) -> Result<Result<Snapshot, Flaw>, DiskError> {
        let path = self.dir.join(format::snapshot_name(index));
        let all = self.disk.read(&path).map_err(|error| DiskError::new("read", &path, &error))?;
        Ok(self.parse(index, &all))
    }

    fn parse(&self, index: u64, all: &[u8]) -> Result<Snapshot, Flaw> {
        format::check_preamble(all, SNAPSHOT_MAGIC).map_err(|flaw| match flaw {
            NoHeader::Damaged => Flaw::Damaged,
            NoHeader::Version(version) => Flaw::Version(version),
        })?;
        let body = all.len().checked_sub(HASH).filter(|body| *body >= HEAD).ok_or(Flaw::Damaged)?;
        let (content, hash) = all.split_at(body);
        if *blake3::hash(content).as_bytes() != *hash || content[48..56] != index.to_le_bytes() {
            return Err(Flaw::Damaged);
        }
        if content[PREAMBLE..48] != self.venue {
            return Err(Flaw::Venue);
        }
        let chain = content[56..HEAD].try_into().map_err(|_| Flaw::Damaged)?;
        Ok(Snapshot { index, chain, bytes: content[HEAD..].to_vec() })
    }
}

/// Makes a file that is there whole or not at all after a crash: these pieces, then zeros up to a length.
pub(crate) fn put_whole(
    disk: &dyn Disk,
    dir: &Path,
    name: &str,
    pieces: &[&[u8]],
    length: u64,
) -> Result<(), DiskError> {
    static ZEROS: [u8; 64 * 1024] = [0; 64 * 1024];
    let (path, beside) = (dir.join(name), format::unfinished(dir, name));
    let failed = |tried| move |error: std::io::Error| (tried, error);
    let written = || -> Result<(), (&'static str, std::io::Error)> {
        let mut file = disk.create(&beside).map_err(failed("make"))?;
        let mut offset = 0;
        for piece in pieces {
            file.write_all_at(offset, piece).map_err(failed("write"))?;
            offset += piece.len() as u64;
        }
        while offset < length {
            let more = usize::try_from(length - offset).unwrap_or(usize::MAX).min(ZEROS.len());
            file.write_all_at(offset, &ZEROS[..more]).map_err(failed("fill with zeros"))?;
            offset += more as u64;
        }
        file.sync().map_err(failed("sync"))?;
        drop(file);
        disk.rename(&beside, &path).map_err(failed("put in place"))?;
        disk.sync_dir(dir).map_err(failed("sync the directory of"))
    };
    written().map_err(|(tried, error)| DiskError::new(tried, &path, &error))
}
