//! A disk in memory that fails when told to, and can be looked at after a power cut.

use crate::disk::{Disk, DiskFile};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How an operation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails and does nothing.
    Error,
    /// A write takes half of its bytes and says so; every later one fails.
    Short,
    /// A write takes half of its bytes and fails.
    Torn,
    /// There is no more room: it and every later write fail.
    Full,
    /// It seems to work, and nothing is made last: a disk that lies. Tests of the tests.
    Lie,
}

/// All faults that an honest disk has.
pub const HONEST: [Fault; 4] = [Fault::Error, Fault::Short, Fault::Torn, Fault::Full];

/// The unit in which a power cut keeps or loses what was written.
const SECTOR: usize = 512;

#[derive(Debug, Clone, Default)]
struct Contents {
    now: Vec<u8>,
    last: Vec<u8>,
    /// Sectors written since the last sync.
    dirty: BTreeSet<usize>,
    /// The name is on the disk.
    named: bool,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<PathBuf, Contents>,
    /// Names as the disk has them, with what they stand for.
    gone: BTreeMap<PathBuf, Contents>,
    operations: u64,
    fault: Option<(u64, Fault)>,
    full: bool,
    locked: BTreeSet<PathBuf>,
}

/// A disk in memory.
#[derive(Debug, Clone, Default)]
pub struct FaultyDisk {
    state: Arc<Mutex<State>>,
}

fn broken(what: &str) -> io::Error {
    io::Error::other(format!("injected: {what}"))
}

impl FaultyDisk {
    /// A disk without faults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The operation with this number, counted from 1, fails.
    pub fn fail_at(&self, operation: u64, fault: Fault) {
        self.state().fault = Some((operation, fault));
    }

    /// Operations so far.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.state().operations
    }

    /// The disk as it could be found after a power cut: what was synced is there, of the rest any sectors, as `keep` says.
    #[must_use]
    pub fn crash(&self, mut keep: impl FnMut() -> bool) -> Self {
        let state = self.state();
        let mut files = BTreeMap::new();
        for (path, contents) in &state.files {
            if !contents.named && !keep() {
                continue;
            }
            let mut bytes = contents.last.clone();
            for sector in &contents.dirty {
                if !keep() {
                    continue;
                }
                let (from, to) = (sector * SECTOR, ((sector + 1) * SECTOR).min(contents.now.len()));
                if from < to {
                    bytes.resize(bytes.len().max(to), 0);
                    bytes[from..to].copy_from_slice(&contents.now[from..to]);
                }
            }
            files.insert(path.clone(), Contents { now: bytes.clone(), last: bytes, dirty: BTreeSet::new(), named: true });
        }
        for (path, contents) in &state.gone {
            if !files.contains_key(path) && keep() {
                files.insert(path.clone(), contents.clone());
            }
        }
        Self { state: Arc::new(Mutex::new(State { files, ..State::default() })) }
    }

    /// Changes one byte of a file for good.
    pub fn corrupt(&self, path: &Path, offset: usize, xor: u8) {
        if let Some(contents) = self.state().files.get_mut(path) {
            contents.now[offset] ^= xor;
            contents.last = contents.now.clone();
        }
    }

    /// Cuts a file for good.
    pub fn truncate(&self, path: &Path, len: usize) {
        if let Some(contents) = self.state().files.get_mut(path) {
            contents.now.truncate(len);
            contents.last = contents.now.clone();
        }
    }

    /// A copy that goes its own way.
    #[must_use]
    pub fn copy(&self) -> Self {
        let files = self.state().files.clone();
        Self { state: Arc::new(Mutex::new(State { files, ..State::default() })) }
    }

    /// Files with their lengths.
    #[must_use]
    pub fn files(&self) -> Vec<(PathBuf, usize)> {
        self.state().files.iter().map(|(path, contents)| (path.clone(), contents.now.len())).collect()
    }
}

impl State {
    /// Counts an operation and says how it fails.
    fn step(&mut self) -> Option<Fault> {
        self.operations += 1;
        let fault = self.fault.filter(|(at, _)| *at == self.operations).map(|(_, fault)| fault);
        if matches!(fault, Some(Fault::Full | Fault::Short)) {
            self.full = true;
        }
        fault
    }

    fn plain(&mut self, what: &str) -> io::Result<()> {
        match self.step() {
            None | Some(Fault::Lie) => Ok(()),
            Some(_) => Err(broken(what)),
        }
    }
}

impl Disk for FaultyDisk {
    fn create_dir(&self, _: &Path) -> io::Result<()> {
        self.state().plain("create_dir")
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let mut state = self.state();
        state.plain("list")?;
        let inside = state.files.keys().filter(|path| path.parent() == Some(dir));
        Ok(inside.filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned())).collect())
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut state = self.state();
        state.plain("read")?;
        state.files.get(path).map(|contents| contents.now.clone()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn open(&self, path: &Path, create: bool) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        state.plain("open")?;
        if !state.files.contains_key(path) {
            if !create {
                return Err(io::ErrorKind::NotFound.into());
            }
            if state.full {
                return Err(broken("full"));
            }
            state.files.insert(path.to_owned(), Contents::default());
        }
        Ok(Box::new(Open { disk: self.clone(), path: path.to_owned() }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.plain("rename")?;
        let mut contents = state.files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        contents.named = false;
        if let Some(before) = state.files.insert(to.to_owned(), contents) {
            state.gone.insert(to.to_owned(), before);
        }
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.plain("remove")?;
        let contents = state.files.remove(path).ok_or(io::ErrorKind::NotFound)?;
        state.gone.insert(path.to_owned(), contents);
        Ok(())
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.state();
        match state.step() {
            Some(Fault::Lie) => return Ok(()),
            Some(_) => return Err(broken("sync_dir")),
            None => {}
        }
        for (path, contents) in &mut state.files {
            contents.named |= path.parent() == Some(dir);
        }
        state.gone.retain(|path, _| path.parent() != Some(dir));
        Ok(())
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn Send>> {
        let mut state = self.state();
        state.plain("lock")?;
        if !state.locked.insert(path.to_owned()) {
            return Err(io::Error::new(io::ErrorKind::WouldBlock, "taken"));
        }
        Ok(Box::new(Held { disk: self.clone(), path: path.to_owned() }))
    }
}

struct Held {
    disk: FaultyDisk,
    path: PathBuf,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.disk.state().locked.remove(&self.path);
    }
}

#[derive(Debug)]
struct Open {
    disk: FaultyDisk,
    path: PathBuf,
}

impl DiskFile for Open {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.disk.state();
        let full = state.full;
        let fault = state.step();
        if full && fault.is_none() {
            return Err(broken("full"));
        }
        let taken = match fault {
            None | Some(Fault::Lie) => bytes.len(),
            Some(Fault::Short | Fault::Torn) => bytes.len() / 2,
            Some(Fault::Error | Fault::Full) => 0,
        };
        let at = usize::try_from(offset).unwrap_or(usize::MAX);
        if let Some(contents) = state.files.get_mut(&self.path).filter(|_| taken > 0) {
            contents.now.resize(contents.now.len().max(at + taken), 0);
            contents.now[at..at + taken].copy_from_slice(&bytes[..taken]);
            contents.dirty.extend(at / SECTOR..=(at + taken - 1) / SECTOR);
        }
        match fault {
            Some(Fault::Error | Fault::Full | Fault::Torn) => Err(broken("write")),
            _ => Ok(taken),
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.disk.state();
        match state.step() {
            Some(Fault::Lie) => return Ok(()),
            Some(_) => return Err(broken("sync")),
            None => {}
        }
        if let Some(contents) = state.files.get_mut(&self.path) {
            contents.last = contents.now.clone();
            contents.dirty.clear();
        }
        Ok(())
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        state.plain("set_len")?;
        if let Some(contents) = state.files.get_mut(&self.path) {
            contents.now.resize(usize::try_from(len).unwrap_or(usize::MAX), 0);
            contents.dirty.extend(0..=contents.now.len() / SECTOR);
        }
        Ok(())
    }
}
