//! What the tests share: workloads, what must hold after a crash, and the format written down a second time.
#![allow(dead_code)] // Each file in `tests` uses some of it.

pub mod bytes;
pub mod workload;

use cenote_journal::testing::FaultyDisk;
use cenote_journal::{Disk, Journal, OpenError, Options, Reader, Recovery, Row};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub const VENUE: [u8; 32] = [0x5a; 32];

pub fn dir() -> &'static Path {
    Path::new("journal")
}

pub fn options(segment_bytes: u64) -> Options {
    Options { venue: VENUE, segment_bytes }
}

pub fn segment(first: u64) -> PathBuf {
    dir().join(format!("segment-{first:020}.log"))
}

pub fn snapshot(index: u64) -> PathBuf {
    dir().join(format!("snapshot-{index:020}.bin"))
}

pub fn shared(disk: &FaultyDisk) -> Arc<dyn Disk> {
    Arc::new(disk.clone())
}

pub fn open(disk: &FaultyDisk, segment_bytes: u64) -> Result<(Journal, Recovery), OpenError> {
    Journal::open(shared(disk), dir(), options(segment_bytes))
}

/// All entries of the log.
pub fn entries(disk: &FaultyDisk) -> Result<Vec<Vec<u8>>, OpenError> {
    let reader = Reader::open(&shared(disk), dir(), Some(&VENUE), 1)?;
    reader.map(|entry| entry.map(|entry| entry.payload)).collect()
}

/// The row that opening comes to, and the recovery if it opens.
pub fn row(disk: &FaultyDisk) -> (Row, Option<Recovery>) {
    match open(disk, 1024) {
        Ok((_, recovery)) => (recovery.row, Some(recovery)),
        Err(OpenError::Refused(refused)) => (refused.row, None),
        Err(error) => panic!("no fault was injected: {error}"),
    }
}

/// Every file with its bytes.
pub fn image(disk: &FaultyDisk) -> Vec<(PathBuf, Vec<u8>)> {
    let files = disk.files().into_iter();
    files.map(|(path, _)| (path.clone(), disk.contents(&path).expect("listed"))).collect()
}

/// Draws from a seed: SplitMix64.
pub struct Draw(pub u64);

impl Draw {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}
