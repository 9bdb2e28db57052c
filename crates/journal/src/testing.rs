//! A disk in memory that fails when told to, and can be looked at after a power cut.
//!
//! It knows what is durable, what has only been written and in what order, for bytes and for names. A sync that fails forgets what it should
//! have made last: a later one succeeds without it, as on common systems.

use crate::disk::{Disk, DiskFile};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How an operation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails and does nothing; a sync forgets what was to be synced.
    Error,
    /// A write takes half of its bytes, says so, and no operation fails. Others are as without a fault.
    Short,
    /// A write takes half of its bytes and fails. Others fail and do nothing.
    Torn,
    /// A write takes half of its bytes and says so, and from then on no write and no new file succeeds. Others are as without a fault.
    Full,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 4] = [Self::Error, Self::Short, Self::Torn, Self::Full];
}

/// What a power cut leaves of what was written and not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Nothing.
    Nothing,
    /// So many bytes in the order in which they were written; a change of a name counts as one.
    Prefix(usize),
    /// Any sectors of 512 bytes and any changes of names, drawn with this seed.
    Some(u64),
    /// All of it.
    All,
}

/// The unit in which a power cut keeps or loses what was written.
const SECTOR: usize = 512;

type Number = usize;

/// What was done and is not durable.
#[derive(Debug, Clone)]
enum Change {
    Write { file: Number, offset: usize, bytes: Vec<u8>, forgotten: bool },
    Named(PathBuf, Number),
    Moved(PathBuf, PathBuf, Number),
    Unnamed(PathBuf),
}

#[derive(Debug, Clone, Default)]
struct State {
    /// Contents of files by number: as programs see them, and as they are on the disk.
    seen: Vec<Vec<u8>>,
    durable: Vec<Vec<u8>>,
    /// Names of files: as programs see them, and as they are on the disk.
    names: BTreeMap<PathBuf, Number>,
    durable_names: BTreeMap<PathBuf, Number>,
    changes: Vec<Change>,
    operations: u64,
    fault: Option<(u64, Fault)>,
    full: bool,
    lies: bool,
    locked: BTreeSet<PathBuf>,
}

/// A disk in memory. Clones are the same disk.
#[derive(Debug, Clone, Default)]
pub struct FaultyDisk {
    state: Arc<Mutex<State>>,
}

fn injected(what: &str) -> io::Error {
    io::Error::other(format!("injected: {what}"))
}

fn no_room() -> io::Error {
    io::Error::new(io::ErrorKind::StorageFull, "injected: no room")
}

fn write(contents: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    contents.resize(contents.len().max(offset + bytes.len()), 0);
    contents[offset..offset + bytes.len()].copy_from_slice(bytes);
}

/// A step of the SplitMix64 generator.
fn draw(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*seed ^ (*seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
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

    /// The operation with this number, counted from 1, fails; reads count too.
    pub fn fail_at(&self, operation: u64, fault: Fault) {
        self.state().fault = Some((operation, fault));
    }

    /// Every sync from now on says that it succeeded and does nothing: no honest disk, so tests must see what it loses.
    pub fn lie(&self) {
        self.state().lies = true;
    }

    /// Operations so far.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.state().operations
    }

    /// The disk as it is found after a power cut, without faults; this one is as before.
    #[must_use]
    pub fn crash(&self, left: Left) -> Self {
        let mut state = self.state().clone();
        let mut left = left;
        for change in std::mem::take(&mut state.changes) {
            state.survive(change, &mut left);
        }
        let State { durable, durable_names, .. } = state;
        let found = State {
            seen: durable.clone(),
            durable,
            names: durable_names.clone(),
            durable_names,
            ..State::default()
        };
        Self { state: Arc::new(Mutex::new(found)) }
    }

    /// A copy that goes its own way, without faults and locks, all of it durable.
    #[must_use]
    pub fn copy(&self) -> Self {
        self.crash(Left::All)
    }

    /// Changes one byte of a file for good.
    ///
    /// # Panics
    /// If there is no such byte.
    pub fn corrupt(&self, path: &Path, offset: usize, xor: u8) {
        let mut bytes = self.contents(path).expect("the file to corrupt is there");
        bytes[offset] ^= xor;
        self.put(path, &bytes);
    }

    /// Cuts a file for good.
    ///
    /// # Panics
    /// If there is no such file.
    pub fn truncate(&self, path: &Path, length: usize) {
        let mut bytes = self.contents(path).expect("the file to cut is there");
        bytes.truncate(length);
        self.put(path, &bytes);
    }

    /// Puts a file there for good.
    pub fn put(&self, path: &Path, bytes: &[u8]) {
        let mut state = self.state();
        let number = state.new_file();
        state.seen[number] = bytes.to_vec();
        state.durable[number] = bytes.to_vec();
        state.names.insert(path.to_owned(), number);
        state.durable_names.insert(path.to_owned(), number);
    }

    /// Removes a file for good.
    pub fn discard(&self, path: &Path) {
        let mut state = self.state();
        state.names.remove(path);
        state.durable_names.remove(path);
    }

    /// What programs see of a file.
    #[must_use]
    pub fn contents(&self, path: &Path) -> Option<Vec<u8>> {
        let state = self.state();
        state.names.get(path).map(|number| state.seen[*number].clone())
    }

    /// Files that programs see, with their lengths.
    #[must_use]
    pub fn files(&self) -> Vec<(PathBuf, usize)> {
        let state = self.state();
        state.names.iter().map(|(path, number)| (path.clone(), state.seen[*number].len())).collect()
    }
}

impl Left {
    /// How much of so many bytes, or of one change of a name, is kept.
    fn keep(&mut self, wanted: usize) -> usize {
        match self {
            Self::Nothing => 0,
            Self::All => wanted,
            Self::Prefix(budget) => {
                let kept = wanted.min(*budget);
                *budget -= kept;
                kept
            }
            Self::Some(seed) => wanted * usize::from(draw(seed).is_multiple_of(2)),
        }
    }
}

impl State {
    /// Counts an operation and says how it fails.
    fn step(&mut self) -> Option<Fault> {
        self.operations += 1;
        let fault = self.fault.filter(|(at, _)| *at == self.operations).map(|(_, fault)| fault);
        self.full |= fault == Some(Fault::Full);
        fault
    }

    /// An operation that is done or not.
    fn plain(&mut self, what: &str) -> io::Result<()> {
        match self.step() {
            Some(Fault::Error | Fault::Torn) => Err(injected(what)),
            None | Some(Fault::Short | Fault::Full) => Ok(()),
        }
    }

    fn new_file(&mut self) -> Number {
        self.seen.push(Vec::new());
        self.durable.push(Vec::new());
        self.seen.len() - 1
    }

    fn number(&self, path: &Path) -> io::Result<Number> {
        self.names.get(path).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Makes as much of a change durable as a power cut leaves.
    fn survive(&mut self, change: Change, left: &mut Left) {
        match change {
            Change::Write { file, mut offset, bytes, .. } => {
                let mut bytes = &bytes[..];
                while !bytes.is_empty() {
                    let (sector, rest) = bytes.split_at((SECTOR - offset % SECTOR).min(bytes.len()));
                    let kept = left.keep(sector.len());
                    if kept > 0 {
                        write(&mut self.durable[file], offset, &sector[..kept]);
                    }
                    (offset, bytes) = (offset + sector.len(), rest);
                }
            }
            name if left.keep(1) == 1 => self.rename_durably(name),
            _ => {}
        }
    }

    fn rename_durably(&mut self, change: Change) {
        match change {
            Change::Named(path, number) => {
                self.durable_names.insert(path, number);
            }
            Change::Moved(from, to, number) => {
                self.durable_names.remove(&from);
                self.durable_names.insert(to, number);
            }
            Change::Unnamed(path) => {
                self.durable_names.remove(&path);
            }
            Change::Write { .. } => {}
        }
    }

    /// Makes the changes durable that a sync is for.
    fn sync(&mut self, is_for: impl Fn(&Change) -> bool) {
        let (now, later) = std::mem::take(&mut self.changes).into_iter().partition(|change| is_for(change));
        self.changes = later;
        let all: Vec<Change> = now;
        for change in all {
            self.survive(change, &mut Left::All);
        }
    }
}

impl Change {
    fn is_in(&self, dir: &Path) -> bool {
        match self {
            Self::Named(path, _) | Self::Moved(_, path, _) | Self::Unnamed(path) => {
                path.parent() == Some(dir)
            }
            Self::Write { .. } => false,
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
        let inside = state.names.keys().filter(|path| path.parent() == Some(dir));
        Ok(inside.filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned())).collect())
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut state = self.state();
        state.plain("read")?;
        let number = state.number(path)?;
        Ok(state.seen[number].clone())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        let full = state.full;
        state.plain("create")?;
        if full {
            return Err(no_room());
        }
        let number = state.new_file();
        state.names.insert(path.to_owned(), number);
        state.changes.push(Change::Named(path.to_owned(), number));
        Ok(Box::new(Open { disk: self.clone(), number }))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        state.plain("open")?;
        let number = state.number(path)?;
        Ok(Box::new(Open { disk: self.clone(), number }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.plain("rename")?;
        let number = state.number(from)?;
        state.names.remove(from);
        state.names.insert(to.to_owned(), number);
        state.changes.push(Change::Moved(from.to_owned(), to.to_owned(), number));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.plain("remove")?;
        state.number(path)?;
        state.names.remove(path);
        state.changes.push(Change::Unnamed(path.to_owned()));
        Ok(())
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.state();
        let lies = state.lies;
        match state.step() {
            Some(Fault::Error | Fault::Torn) => return Err(injected("sync_dir")),
            _ if lies => {}
            _ => state.sync(|change| change.is_in(dir)),
        }
        Ok(())
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn Send>> {
        let mut state = self.state();
        state.plain("lock")?;
        if !state.locked.insert(path.to_owned()) {
            return Err(io::Error::new(io::ErrorKind::WouldBlock, std::process::id().to_string()));
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
    number: Number,
}

impl DiskFile for Open {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.disk.state();
        let full = state.full;
        let fault = state.step();
        if full {
            return Err(no_room());
        }
        let taken = match fault {
            Some(Fault::Error) => return Err(injected("write")),
            Some(Fault::Short | Fault::Torn | Fault::Full) => bytes.len().div_ceil(2),
            None => bytes.len(),
        };
        let offset = usize::try_from(offset).map_err(|_| no_room())?;
        write(&mut state.seen[self.number], offset, &bytes[..taken]);
        let bytes = bytes[..taken].to_vec();
        state.changes.push(Change::Write { file: self.number, offset, bytes, forgotten: false });
        if fault == Some(Fault::Torn) { Err(injected("write")) } else { Ok(taken) }
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.disk.state();
        let lies = state.lies;
        match state.step() {
            Some(Fault::Error | Fault::Torn) => {
                for change in &mut state.changes {
                    if let Change::Write { file, forgotten, .. } = change {
                        *forgotten |= *file == self.number;
                    }
                }
                return Err(injected("sync"));
            }
            _ if lies => {}
            _ => state.sync(
                |change| matches!(change, Change::Write { file, forgotten: false, .. } if *file == self.number),
            ),
        }
        Ok(())
    }
}
