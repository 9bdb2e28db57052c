//! Bytes of segments and records, little-endian.

use std::path::{Path, PathBuf};

/// A link of the hash chain: the first 16 bytes of BLAKE3.
pub type Chain = [u8; 16];

/// The largest entry, bytes.
pub const PAYLOAD_MAX: usize = 16 * 1024 * 1024;
/// What every segment begins with.
pub(crate) const MAGIC: [u8; 8] = *b"CENOTEJL";
/// What every snapshot begins with.
pub(crate) const SNAPSHOT_MAGIC: [u8; 8] = *b"CENOTESN";
/// The version of both.
pub(crate) const VERSION: u32 = 1;
/// Magic, version, venue, first index, chain before it, CRC.
pub(crate) const HEADER: usize = 8 + 4 + 32 + 8 + 16 + 4;
/// Length of the payload, CRC, index, chain.
pub(crate) const RECORD: usize = 4 + 4 + 8 + 16;

/// The link after an entry.
pub(crate) fn link(before: &Chain, index: u64, payload: &[u8]) -> Chain {
    let mut hasher = blake3::Hasher::new();
    hasher.update(before).update(&index.to_le_bytes()).update(payload);
    let mut link = [0; 16];
    link.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    link
}

/// Appends a record to bytes.
pub(crate) fn put_record(out: &mut Vec<u8>, index: u64, chain: &Chain, payload: &[u8]) {
    let start = out.len();
    out.extend_from_slice(&u32::try_from(payload.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&index.to_le_bytes());
    out.extend_from_slice(chain);
    out.extend_from_slice(payload);
    let crc = record_crc(&out[start..]);
    out[start + 4..start + 8].copy_from_slice(&crc.to_le_bytes());
}

/// The CRC of a record: everything but the CRC itself.
fn record_crc(record: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&record[..4]);
    hasher.update(&record[8..]);
    hasher.finalize()
}

/// A record whose CRC holds.
pub(crate) struct Record<'a> {
    pub index: u64,
    pub chain: Chain,
    pub payload: &'a [u8],
}

impl Record<'_> {
    /// Bytes that it takes.
    pub fn len(&self) -> usize {
        RECORD + self.payload.len()
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

/// The record at the start of bytes, if there is a whole one and its CRC holds.
pub(crate) fn get_record(bytes: &[u8]) -> Option<Record<'_>> {
    let length = u32_at(bytes, 0)? as usize;
    if length == 0 || length > PAYLOAD_MAX {
        return None;
    }
    let record = bytes.get(..RECORD + length)?;
    if u32_at(bytes, 4)? != record_crc(record) {
        return None;
    }
    let mut chain = [0; 16];
    chain.copy_from_slice(&record[16..32]);
    Some(Record { index: u64_at(bytes, 8)?, chain, payload: &record[RECORD..] })
}

/// A record later in the bytes with an index of the range, at whatever offset: what tells damage from a torn end.
pub(crate) fn find_record(bytes: &[u8], from: usize, indices: std::ops::Range<u64>) -> Option<usize> {
    // Zeros are what a segment ends in; nothing starts inside a run of them but its last three bytes.
    let last = bytes.iter().rposition(|byte| *byte != 0)?;
    (from..=last).find(|at| {
        let plausible = u64_at(bytes, at + 8).is_some_and(|index| indices.contains(&index));
        plausible && get_record(&bytes[*at..]).is_some()
    })
}

/// The header of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub venue: [u8; 32],
    pub first: u64,
    pub chain: Chain,
}

/// Why bytes are not the header of a segment of this venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoHeader {
    Damaged,
    Version(u32),
}

pub(crate) fn put_header(header: &Header) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER);
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.extend_from_slice(&header.venue);
    out.extend_from_slice(&header.first.to_le_bytes());
    out.extend_from_slice(&header.chain);
    out.extend_from_slice(&crc32fast::hash(&out).to_le_bytes());
    out
}

pub(crate) fn get_header(bytes: &[u8]) -> Result<Header, NoHeader> {
    let head = bytes.get(..HEADER).ok_or(NoHeader::Damaged)?;
    if head[..8] != MAGIC || u32_at(head, HEADER - 4) != Some(crc32fast::hash(&head[..HEADER - 4])) {
        return Err(NoHeader::Damaged);
    }
    match u32_at(head, 8) {
        Some(VERSION) => {}
        version => return Err(NoHeader::Version(version.unwrap_or(0))),
    }
    let (mut venue, mut chain) = ([0; 32], [0; 16]);
    venue.copy_from_slice(&head[12..44]);
    chain.copy_from_slice(&head[52..68]);
    Ok(Header { venue, first: u64_at(head, 44).unwrap_or(0), chain })
}

/// A segment's file.
pub(crate) fn segment_path(dir: &Path, first: u64) -> PathBuf {
    dir.join(format!("segment-{first:020}.log"))
}

/// The index in the name of a segment or snapshot.
pub(crate) fn index_of(name: &str, prefix: &str, suffix: &str) -> Option<u64> {
    let digits = name.strip_prefix(prefix)?.strip_suffix(suffix)?;
    (digits.len() == 20 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}
