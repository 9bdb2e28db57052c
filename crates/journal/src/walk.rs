//! The walk over the entries of a log, segment by segment, as far as they are whole and continue each other.

use crate::disk::Disk;
use crate::error::{DiskError, Refused};
use crate::format::{self, Chain, GENESIS, HEADER, Header, NoHeader, VERSION};
use crate::table::{Row, Stop, Witness};
use std::collections::VecDeque;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a walk is, or why it is over.
pub(crate) enum Step {
    /// At one more entry.
    Entry,
    /// Over, and what is there in words.
    Stop(Stop, String),
}

#[derive(Debug)]
pub(crate) struct Walk {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    /// Whose journal it must be, if that matters.
    venue: Option<[u8; 32]>,
    /// First entries by the names of the segments, ascending.
    segments: Vec<u64>,
    /// How many of them the walk has entered or left out.
    entered: usize,
    /// The segment that the walk is in.
    bytes: Vec<u8>,
    header: Option<Header>,
    /// Where the next record begins.
    offset: usize,
    payload: Range<usize>,
    /// Entries of this segment that no later one was written after knowing them on the disk, and where they begin.
    unsure: VecDeque<(u64, usize)>,
    /// The entry that the walk is at, and the link after it.
    pub last: u64,
    pub chain: Chain,
}

/// Whether nothing is there, as far as a log is concerned.
fn blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

impl Walk {
    /// A walk that will give entries from one on, and perhaps earlier ones.
    pub fn new(
        disk: &Arc<dyn Disk>,
        dir: &Path,
        venue: Option<[u8; 32]>,
        from: u64,
    ) -> Result<Self, DiskError> {
        let names = disk.list(dir).map_err(|error| DiskError::new("list", dir, &error))?;
        let mut segments: Vec<u64> = names.iter().filter_map(|name| format::segment_index(name)).collect();
        segments.sort_unstable();
        let entered = segments.partition_point(|first| *first <= from).saturating_sub(1);
        Ok(Self {
            disk: Arc::clone(disk),
            dir: dir.to_owned(),
            venue,
            segments,
            entered,
            bytes: Vec::new(),
            header: None,
            offset: 0,
            payload: 0..0,
            unsure: VecDeque::new(),
            last: 0,
            chain: GENESIS,
        })
    }

    /// Goes to the next entry.
    pub fn next(&mut self) -> Result<Step, DiskError> {
        loop {
            let Some(header) = self.header else {
                if self.segments.is_empty() {
                    return Ok(Step::Stop(Stop::NoSegment, String::new()));
                }
                if let Some((stop, there)) = self.enter()? {
                    return Ok(Step::Stop(stop, there));
                }
                continue;
            };
            let rest = &self.bytes[self.offset..];
            if let Some(record) = format::get_record(rest, header.mark) {
                if record.index != self.expected() {
                    return Ok(Step::Stop(Stop::Index, format!("entry {} is there", record.index)));
                }
                if record.chain != format::link(&self.chain, record.index, record.payload) {
                    return Ok(Step::Stop(Stop::Link, String::new()));
                }
                (self.last, self.chain) = (record.index, record.chain);
                while self.unsure.front().is_some_and(|(index, _)| *index <= record.synced) {
                    self.unsure.pop_front();
                }
                self.unsure.push_back((record.index, self.offset));
                let end = self.offset + record.len();
                self.payload = end - record.payload.len()..end;
                self.offset = end;
                return Ok(Step::Entry);
            }
            if !blank(rest) {
                return Ok(Step::Stop(Stop::Broken, String::new()));
            }
            if self.entered == self.segments.len() {
                return Ok(Step::Stop(Stop::Zeros, String::new()));
            }
            if let Some((stop, there)) = self.enter()? {
                return Ok(Step::Stop(stop, there));
            }
        }
    }

    /// The entry that comes next in a whole log.
    fn expected(&self) -> u64 {
        self.last.saturating_add(1)
    }

    /// What the entry that the walk is at holds.
    pub fn payload(&self) -> &[u8] {
        &self.bytes[self.payload.clone()]
    }

    /// Where its record begins in its segment.
    pub fn at(&self) -> u64 {
        self.payload.start.saturating_sub(format::RECORD) as u64
    }

    fn load(&mut self) -> Result<(), DiskError> {
        let path = self.path();
        self.bytes = self.disk.read(&path).map_err(|error| DiskError::new("read", &path, &error))?;
        Ok(())
    }

    /// Reads the segment again that the walk is in: whoever writes to it may have got further.
    pub fn reload(&mut self) -> Result<(), DiskError> {
        self.load()?;
        self.offset = self.offset.min(self.bytes.len());
        Ok(())
    }

    /// Enters the next segment, unless something is wrong with its header.
    fn enter(&mut self) -> Result<Option<(Stop, String)>, DiskError> {
        let named = self.segments[self.entered];
        let left_out = self.header.is_none() && self.entered > 0;
        self.entered += 1;
        self.offset = 0;
        // A segment is begun only when all before it is on the disk.
        self.unsure.clear();
        self.load()?;
        let header = match Header::get(&self.bytes) {
            Ok(header) => header,
            Err(NoHeader::Damaged) => return Ok(Some((Stop::Header, String::new()))),
            Err(NoHeader::Version(version)) => {
                let there = format!("the file is of version {version} and this program reads {VERSION}");
                return Ok(Some((Stop::Version, there)));
            }
        };
        if left_out {
            (self.last, self.chain) = (header.first.saturating_sub(1), header.chain);
        }
        if let Some(wrong) = self.wrong(&header, named) {
            return Ok(Some(wrong));
        }
        self.header = Some(header);
        self.offset = HEADER;
        Ok(None)
    }

    /// What is wrong with a sound header here.
    fn wrong(&self, header: &Header, named: u64) -> Option<(Stop, String)> {
        let expected = self.expected();
        let begins = format!("the segment begins with entry {}", header.first);
        if self.venue.is_some_and(|venue| venue != header.venue) {
            let id =
                header.venue.iter().take(8).fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
            Some((Stop::Venue, format!("the venue here is {id}...")))
        } else if header.first != named {
            Some((Stop::Name, begins))
        } else if header.length != self.bytes.len() as u64 {
            let there =
                format!("the file has {} bytes and was made with {}", self.bytes.len(), header.length);
            Some((Stop::Length, there))
        } else if header.first > expected {
            Some((Stop::Gap, begins))
        } else if header.first < expected {
            Some((Stop::Again, begins))
        } else if header.chain != self.chain || self.header.is_some_and(|before| before.mark != header.mark) {
            Some((Stop::Joint, String::new()))
        } else {
            None
        }
    }

    /// What proves that the entry which the walk misses had been on the disk.
    pub fn witness(&self, stop: Stop, snapshot_ahead: bool) -> Witness {
        let (rest, mark) = (&self.bytes[self.offset..], self.header.map_or(0, |header| header.mark));
        if stop == Stop::Broken && format::proves(rest, mark, self.expected()) {
            Witness::Record
        } else if self.entered < self.segments.len() {
            Witness::Segment
        } else if snapshot_ahead {
            Witness::Snapshot
        } else {
            Witness::None
        }
    }

    /// The name of the segment that the walk is in; the log's first if it is in none.
    pub fn name(&self) -> String {
        let first = self.entered.checked_sub(1).and_then(|at| self.segments.get(at));
        format::segment_name(first.copied().unwrap_or(1))
    }

    pub fn path(&self) -> PathBuf {
        self.dir.join(self.name())
    }

    /// Where the next record begins.
    pub fn offset(&self) -> u64 {
        self.offset as u64
    }

    /// The records that are read, and of which nothing says that they would still be there without power: where they begin, and their bytes.
    pub fn unsure(&self) -> Option<(u64, &[u8])> {
        let (_, begin) = self.unsure.front()?;
        Some((*begin as u64, &self.bytes[*begin..self.offset]))
    }

    /// From the next record to the last byte that is not zero.
    pub fn torn(&self) -> &[u8] {
        let rest = &self.bytes[self.offset..];
        let end = rest.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
        &rest[..end]
    }

    pub fn header(&self) -> Option<Header> {
        self.header
    }

    pub fn refused(&self, row: Row, there: String) -> Refused {
        Refused { row, file: self.name(), offset: self.offset(), expected: self.expected(), there }
    }
}
