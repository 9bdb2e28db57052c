//! Reading without the lock, also while another process writes.

use crate::disk::Disk;
use crate::error::{DiskError, OpenError};
use crate::format::{self, Header};
use crate::table::{Stop, Treatment, judge};
use crate::walk::{Step, Walk};
use std::path::Path;
use std::sync::Arc;

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

/// Entries in order, each checked against CRC and hash chain. Ends where the whole ones end; what a running journal has not yet synced may be
/// among the last. An error is the last item.
#[derive(Debug)]
pub struct Reader {
    walk: Walk,
    from: u64,
    over: bool,
}

impl Reader {
    /// Reads the journal of a directory from an entry on; of this venue alone, if one is given.
    ///
    /// # Errors
    /// A directory that cannot be listed.
    pub fn open(
        disk: &Arc<dyn Disk>,
        dir: &Path,
        venue: Option<&[u8; 32]>,
        from: u64,
    ) -> Result<Self, OpenError> {
        Ok(Self { walk: Walk::new(disk, dir, venue.copied(), from)?, from, over: false })
    }

    /// The last entry read, also of those before the first that was asked for; zero when none was.
    #[must_use]
    pub fn reached(&self) -> u64 {
        self.walk.last
    }

    fn step(&mut self) -> Result<bool, OpenError> {
        let mut step = self.walk.next()?;
        // A read beside a writer may see the end of a write and not its beginning: a second one sees all of it.
        if matches!(step, Step::Stop(Stop::Broken, _)) {
            self.walk.reload()?;
            step = self.walk.next()?;
        }
        match step {
            Step::Entry => Ok(true),
            Step::Stop(stop, there) => {
                let row = judge(stop, self.walk.witness(stop, false));
                match row.treatment() {
                    Treatment::Refuse => Err(OpenError::Refused(self.walk.refused(row, there))),
                    Treatment::Create | Treatment::Start | Treatment::Cut => Ok(false),
                }
            }
        }
    }
}

impl Iterator for Reader {
    type Item = Result<Entry, OpenError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.over {
            match self.step() {
                Ok(true) if self.walk.last < self.from => {}
                Ok(true) => {
                    let payload = self.walk.payload().to_vec();
                    return Some(Ok(Entry { index: self.walk.last, offset: self.walk.at(), payload }));
                }
                Ok(false) => self.over = true,
                Err(error) => {
                    self.over = true;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

/// Gives each entry from one on to a function, which may end that with its reason; returns the last entry.
///
/// # Errors
/// As [`Reader`]; entries before have been given out. [`OpenError::Stopped`] with the function's reason.
pub fn read(
    disk: &Arc<dyn Disk>,
    dir: &Path,
    venue: Option<&[u8; 32]>,
    from: u64,
    mut each: impl FnMut(Entry) -> Result<(), String>,
) -> Result<u64, OpenError> {
    let mut reader = Reader::open(disk, dir, venue, from)?;
    for entry in reader.by_ref() {
        each(entry?).map_err(OpenError::Stopped)?;
    }
    Ok(reader.reached())
}

/// Whose journal a directory holds; nothing when it has none or its first header is damaged.
///
/// # Errors
/// A directory that cannot be listed or a segment that cannot be read.
pub fn venue_of(disk: &Arc<dyn Disk>, dir: &Path) -> Result<Option<[u8; 32]>, OpenError> {
    let names = disk.list(dir).map_err(|error| DiskError::new("list", dir, &error))?;
    let Some(first) = names.iter().filter_map(|name| format::segment_index(name)).min() else {
        return Ok(None);
    };
    let path = dir.join(format::segment_name(first));
    let bytes = disk.read(&path).map_err(|error| DiskError::new("read", &path, &error))?;
    Ok(Header::get(&bytes).ok().map(|header| header.venue))
}
