//! Bytes of segments and records, little-endian.

use std::path::{Path, PathBuf};

/// A link of the hash chain: the first 16 bytes of BLAKE3.
pub type Chain = [u8; 16];

/// The largest payload, bytes.
pub const PAYLOAD_MAX: usize = 16 * 1024 * 1024;
/// The link before the first entry.
pub(crate) const GENESIS: Chain = [0; 16];
/// What every segment begins with.
pub(crate) const SEGMENT_MAGIC: [u8; 8] = *b"CENOTEJL";
/// What every snapshot begins with.
pub(crate) const SNAPSHOT_MAGIC: [u8; 8] = *b"CENOTESN";
/// The version of both.
pub(crate) const VERSION: u32 = 1;
/// Magic, version, CRC of the two: the same in every version, so that another version is told from damage.
pub(crate) const PREAMBLE: usize = 8 + 4 + 4;
/// Preamble, venue, mark, length of the file, first index, chain before it, CRC.
pub(crate) const HEADER: usize = PREAMBLE + 32 + 8 + 8 + 8 + 16 + 4;
/// Mark, length of the payload, CRC, index, synced index, chain.
pub(crate) const RECORD: usize = 8 + 4 + 4 + 8 + 8 + 16;
/// Ends the name of a file that is not finished.
pub(crate) const UNFINISHED: &str = ".new";

/// The link after an entry.
pub(crate) fn link(before: &Chain, index: u64, payload: &[u8]) -> Chain {
    let mut hasher = blake3::Hasher::new();
    hasher.update(before).update(&index.to_le_bytes()).update(payload);
    let mut link = GENESIS;
    link.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    link
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_le_bytes)
}

/// A record whose CRC holds.
pub(crate) struct Record<'a> {
    pub index: u64,
    /// The last entry that was known to be on the disk when this one was written.
    pub synced: u64,
    pub chain: Chain,
    pub payload: &'a [u8],
}

impl Record<'_> {
    /// Bytes that it takes.
    pub fn len(&self) -> usize {
        RECORD + self.payload.len()
    }

    /// Appends it to bytes.
    pub fn put(&self, mark: u64, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&mark.to_le_bytes());
        out.extend_from_slice(&u32::try_from(self.payload.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&self.index.to_le_bytes());
        out.extend_from_slice(&self.synced.to_le_bytes());
        out.extend_from_slice(&self.chain);
        out.extend_from_slice(self.payload);
        let crc = record_crc(&out[start..]);
        out[start + 12..start + 16].copy_from_slice(&crc.to_le_bytes());
    }
}

/// The CRC of a record: everything but the CRC itself.
fn record_crc(record: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&record[..12]);
    hasher.update(&record[16..]);
    hasher.finalize()
}

/// The record at the start of bytes, if there is a whole one and its CRC holds.
pub(crate) fn get_record(bytes: &[u8], mark: u64) -> Option<Record<'_>> {
    if u64_at(bytes, 0)? != mark {
        return None;
    }
    let length = u32_at(bytes, 8)? as usize;
    if length > PAYLOAD_MAX {
        return None;
    }
    let record = bytes.get(..RECORD + length)?;
    if u32_at(bytes, 12)? != record_crc(record) {
        return None;
    }
    Some(Record {
        index: u64_at(bytes, 16)?,
        synced: u64_at(bytes, 24)?,
        chain: array(bytes, 32)?,
        payload: &record[RECORD..],
    })
}

/// Whether bytes hold, at any offset, a record that was written when an entry was on the disk already.
pub(crate) fn proves(bytes: &[u8], mark: u64, entry: u64) -> bool {
    // Only a mark can begin a record, and whoever makes up a payload does not know it: few places need a CRC.
    let starts = bytes.windows(8).enumerate().filter(|(_, eight)| *eight == mark.to_le_bytes());
    starts.filter_map(|(at, _)| get_record(&bytes[at..], mark)).any(|record| record.synced >= entry)
}

/// What a segment says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    /// Whose journal it is.
    pub venue: [u8; 32],
    /// Begins every record of this journal; a random number that is not zero.
    pub mark: u64,
    /// The length of the file, fixed when it is made.
    pub length: u64,
    /// The entry that comes first.
    pub first: u64,
    /// The link before it.
    pub chain: Chain,
}

/// Why bytes are no header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoHeader {
    Damaged,
    Version(u32),
}

/// What segments and snapshots begin with.
pub(crate) fn put_preamble(magic: [u8; 8], version: u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER);
    out.extend_from_slice(&magic);
    out.extend_from_slice(&version.to_le_bytes());
    let crc = crc32fast::hash(&out);
    out.extend_from_slice(&crc.to_le_bytes());
    out
}

pub(crate) fn check_preamble(bytes: &[u8], magic: [u8; 8]) -> Result<(), NoHeader> {
    let head = bytes.get(..PREAMBLE).ok_or(NoHeader::Damaged)?;
    if head[..8] != magic || u32_at(head, 12) != Some(crc32fast::hash(&head[..12])) {
        return Err(NoHeader::Damaged);
    }
    match u32_at(head, 8) {
        Some(VERSION) => Ok(()),
        other => Err(NoHeader::Version(other.unwrap_or(0))),
    }
}

impl Header {
    pub fn put(&self) -> Vec<u8> {
        let mut out = put_preamble(SEGMENT_MAGIC, VERSION);
        out.extend_from_slice(&self.venue);
        out.extend_from_slice(&self.mark.to_le_bytes());
        out.extend_from_slice(&self.length.to_le_bytes());
        out.extend_from_slice(&self.first.to_le_bytes());
        out.extend_from_slice(&self.chain);
        let crc = crc32fast::hash(&out);
        out.extend_from_slice(&crc.to_le_bytes());
        out
    }

    pub fn get(bytes: &[u8]) -> Result<Self, NoHeader> {
        check_preamble(bytes, SEGMENT_MAGIC)?;
        let head = bytes.get(..HEADER).ok_or(NoHeader::Damaged)?;
        if u32_at(head, HEADER - 4) != Some(crc32fast::hash(&head[..HEADER - 4])) {
            return Err(NoHeader::Damaged);
        }
        let fields = || {
            let (venue, mark, length) = (array(head, 16)?, u64_at(head, 48)?, u64_at(head, 56)?);
            Some(Self { venue, mark, length, first: u64_at(head, 64)?, chain: array(head, 72)? })
        };
        fields().ok_or(NoHeader::Damaged)
    }
}

/// A segment's name.
pub(crate) fn segment_name(first: u64) -> String {
    format!("segment-{first:020}.log")
}

/// A snapshot's name.
pub(crate) fn snapshot_name(index: u64) -> String {
    format!("snapshot-{index:020}.bin")
}

/// Where a file is while it is being made.
pub(crate) fn unfinished(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}{UNFINISHED}"))
}

fn index_of(name: &str, prefix: &str, suffix: &str) -> Option<u64> {
    let digits = name.strip_prefix(prefix)?.strip_suffix(suffix)?;
    let plain = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}

/// The first index in the name of a segment.
pub(crate) fn segment_index(name: &str) -> Option<u64> {
    index_of(name, "segment-", ".log")
}

/// The index in the name of a snapshot.
pub(crate) fn snapshot_index(name: &str) -> Option<u64> {
    index_of(name, "snapshot-", ".bin")
}

/// Whether a name is that of a segment or snapshot that a crash left unfinished.
pub(crate) fn is_leftover(name: &str) -> bool {
    name.strip_suffix(UNFINISHED)
        .is_some_and(|name| segment_index(name).is_some() || snapshot_index(name).is_some())
}
