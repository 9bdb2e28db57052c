//! An append-only log of opaque entries with snapshots.
//!
//! Entries are appended in memory, and a commit writes and syncs all of them at once. What a commit has returned is there after any crash; what it
//! has not may be cut, never reordered. Each record carries its index, a CRC and a link of a hash chain, so what is read back is what was written
//! or is refused. `docs/spec/journal.md` has the format and the table of what recovery does in every case.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // No chain runs this crate.
#![forbid(unsafe_code)]

mod disk;
mod format;
mod log;
mod recover;
mod snapshot;
pub mod testing;

pub use disk::{Disk, DiskFile, RealDisk};
pub use format::{Chain, PAYLOAD_MAX};
pub use log::{Failed, Journal, Options};
pub use recover::{Case, Cut, Entry, Found, OpenError, Recovery, Refusal, Rest, Treatment, Where, read, treat, venue_of};
pub use snapshot::{Snapshot, Snapshots};
