//! An append-only log of opaque entries with snapshots.
//!
//! Entries are appended in memory, and a commit writes and syncs all of them at once. What a commit has returned is there after any crash; what it
//! has not may be cut, never reordered. Each record carries its index, a CRC and a link of a hash chain, so what is read back is what was written
//! or is refused. `docs/spec/journal.md` has the format and the table of what recovery does in every case.
//!
//! ```
//! use cenote_journal::{Journal, Options, Reader, testing::FaultyDisk};
//! use std::{path::Path, sync::Arc};
//!
//! let (disk, dir) = (FaultyDisk::new(), Path::new("journal"));
//! let (mut journal, _) = Journal::open(Arc::new(disk.clone()), dir, Options::new([7; 32])).expect("a new journal");
//! journal.append(b"one").expect("taken");
//! assert_eq!(journal.append(b"two"), Ok(2));
//! assert_eq!(journal.commit(), Ok(2));
//! let entries = Reader::open(&(Arc::new(disk) as _), dir, None, 2).expect("a journal");
//! let payloads: Vec<Vec<u8>> = entries.map(|entry| entry.expect("whole").payload).collect();
//! assert_eq!(payloads, [b"two"]);
//! ```
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // No chain runs this crate.
#![forbid(unsafe_code)]

mod disk;
mod error;
mod format;
mod log;
mod reader;
mod recover;
mod snapshot;
mod table;
pub mod testing;
mod walk;

pub use disk::{Disk, DiskFile, RealDisk};
pub use error::{DiskError, Failed, OpenError, Refused};
pub use format::{Chain, PAYLOAD_MAX};
pub use log::{Journal, Options};
pub use reader::{Entry, Reader, read, venue_of};
pub use recover::{Cut, Recovery};
pub use snapshot::{Flaw, Ignored, Snapshot, Snapshots};
pub use table::{Row, Stop, Treatment, Witness, judge};
