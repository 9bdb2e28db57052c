//! The format, from its specification and not from the crate.

use super::VENUE;

pub const HEADER: usize = 92;
pub const RECORD: usize = 48;
pub const MARK: u64 = 0x0123_4567_89ab_cdef;

pub fn link(before: &[u8; 16], index: u64, payload: &[u8]) -> [u8; 16] {
    let hash = blake3::hash(&[before, &index.to_le_bytes()[..], payload].concat());
    hash.as_bytes()[..16].try_into().expect("sixteen bytes")
}

fn preamble(magic: &[u8; 8], version: u32) -> Vec<u8> {
    let mut out = [&magic[..], &version.to_le_bytes()].concat();
    out.extend(crc32fast::hash(&out).to_le_bytes());
    out
}

#[derive(Clone, Copy)]
pub struct Header {
    pub version: u32,
    pub venue: [u8; 32],
    pub mark: u64,
    pub length: u64,
    pub first: u64,
    pub chain: [u8; 16],
}

impl Header {
    pub fn new(length: u64, first: u64, chain: [u8; 16]) -> Self {
        Self { version: 1, venue: VENUE, mark: MARK, length, first, chain }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut out = preamble(b"CENOTEJL", self.version);
        out.extend(self.venue);
        out.extend(self.mark.to_le_bytes());
        out.extend(self.length.to_le_bytes());
        out.extend(self.first.to_le_bytes());
        out.extend(self.chain);
        out.extend(crc32fast::hash(&out).to_le_bytes());
        assert_eq!(out.len(), HEADER);
        out
    }

    /// A whole segment with these records.
    pub fn segment(&self, records: &[Vec<u8>]) -> Vec<u8> {
        let mut out = self.bytes();
        records.iter().for_each(|record| out.extend(record));
        out.resize(usize::try_from(self.length).expect("small"), 0);
        out
    }
}

pub fn record(mark: u64, index: u64, synced: u64, chain: [u8; 16], payload: &[u8]) -> Vec<u8> {
    let head =
        [&mark.to_le_bytes()[..], &u32::try_from(payload.len()).expect("small").to_le_bytes()].concat();
    let tail = [&index.to_le_bytes()[..], &synced.to_le_bytes(), &chain, payload].concat();
    let crc = crc32fast::hash(&[&head[..], &tail].concat());
    [&head[..], &crc.to_le_bytes(), &tail].concat()
}

/// Records of these payloads from an entry on, one commit each, and the links after them.
pub fn records(first: u64, mut chain: [u8; 16], payloads: &[&[u8]]) -> Vec<(Vec<u8>, [u8; 16])> {
    let mut out = Vec::new();
    for (index, payload) in (first..).zip(payloads) {
        chain = link(&chain, index, payload);
        out.push((record(MARK, index, index - 1, chain, payload), chain));
    }
    out
}

pub fn snapshot(version: u32, venue: [u8; 32], index: u64, chain: [u8; 16], content: &[u8]) -> Vec<u8> {
    let mut out = preamble(b"CENOTESN", version);
    out.extend(venue);
    out.extend(index.to_le_bytes());
    out.extend(chain);
    out.extend(content);
    out.extend(blake3::hash(&out).as_bytes());
    out
}
