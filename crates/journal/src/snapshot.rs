//! Snapshots beside the log: whole or not at all, and two of them, so that a damaged one costs time and nothing else.

use crate::disk::Disk;
use crate::format::{self, Chain, SNAPSHOT_MAGIC, VERSION};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How many are kept.
const KEPT: usize = 2;
/// Magic, version, venue, index, chain.
const HEAD: usize = 8 + 4 + 32 + 8 + 16;
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

/// The snapshots of a journal.
#[derive(Debug, Clone)]
pub struct Snapshots {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    venue: [u8; 32],
}

impl Snapshots {
    pub(crate) fn new(disk: Arc<dyn Disk>, dir: &Path, venue: [u8; 32]) -> Self {
        Self { disk, dir: dir.to_owned(), venue }
    }

    /// Snapshots of a directory that is not opened.
    #[must_use]
    pub fn of(disk: Arc<dyn Disk>, dir: &Path, venue: [u8; 32]) -> Self {
        Self::new(disk, dir, venue)
    }

    /// Writes a snapshot of everything up to an entry that is on the disk, and removes all but the newest two.
    ///
    /// # Errors
    /// The disk's; the older snapshots are then still there.
    pub fn write(&self, index: u64, chain: &Chain, bytes: &[u8]) -> io::Result<()> {
        let mut all = Vec::with_capacity(HEAD + bytes.len() + HASH);
        all.extend_from_slice(&SNAPSHOT_MAGIC);
        all.extend_from_slice(&VERSION.to_le_bytes());
        all.extend_from_slice(&self.venue);
        all.extend_from_slice(&index.to_le_bytes());
        all.extend_from_slice(chain);
        all.extend_from_slice(bytes);
        let hash = blake3::hash(&all);
        all.extend_from_slice(hash.as_bytes());
        let path = self.path(index);
        let beside = path.with_extension("new");
        let mut file = self.disk.open(&beside, true)?;
        file.set_len(0)?;
        file.write_all_at(0, &all)?;
        file.sync()?;
        drop(file);
        self.disk.rename(&beside, &path)?;
        self.disk.sync_dir(&self.dir)?;
        for old in self.indices()?.into_iter().skip(KEPT) {
            self.disk.remove(&self.path(old))?;
        }
        Ok(())
    }

    /// Indices by name, newest first, sound or not.
    fn indices(&self) -> io::Result<Vec<u64>> {
        let names = self.disk.list(&self.dir)?;
        let mut indices: Vec<u64> = names.iter().filter_map(|n| format::index_of(n, "snapshot-", ".bin")).collect();
        indices.sort_unstable_by(|a, b| b.cmp(a));
        Ok(indices)
    }

    /// Sound snapshots, newest first, and the names of those that are not.
    ///
    /// # Errors
    /// A directory that cannot be listed.
    pub fn look(&self) -> io::Result<(Vec<u64>, Vec<String>)> {
        let (mut sound, mut ignored) = (Vec::new(), Vec::new());
        for index in self.indices()? {
            match self.load(index) {
                Some(_) => sound.push(index),
                None => ignored.push(format!("snapshot-{index:020}.bin")),
            }
        }
        Ok((sound, ignored))
    }

    /// A snapshot, unless it is damaged, another venue's or another version's.
    #[must_use]
    pub fn load(&self, index: u64) -> Option<Snapshot> {
        let all = self.disk.read(&self.path(index)).ok()?;
        let body = all.len().checked_sub(HASH).filter(|body| *body >= HEAD)?;
        let (content, hash) = all.split_at(body);
        let same = |at: usize, expected: &[u8]| content.get(at..at + expected.len()) == Some(expected);
        let sound = *blake3::hash(content).as_bytes() == *hash
            && same(0, &SNAPSHOT_MAGIC)
            && same(8, &VERSION.to_le_bytes())
            && same(12, &self.venue)
            && same(44, &index.to_le_bytes());
        if !sound {
            return None;
        }
        let chain = content[52..HEAD].try_into().ok()?;
        Some(Snapshot { index, chain, bytes: content[HEAD..].to_vec() })
    }

    fn path(&self, index: u64) -> PathBuf {
        self.dir.join(format!("snapshot-{index:020}.bin"))
    }
}
