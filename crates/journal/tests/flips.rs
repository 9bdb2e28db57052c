//! Every bit of a small journal flipped, every length of its files, and random damage: seen, or cut exactly as the table says.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod support;

use cenote_journal::testing::FaultyDisk;
use cenote_journal::{Flaw, OpenError, Row};
use std::path::Path;
use support::bytes::{HEADER, RECORD};
use support::workload::payload;
use support::{Draw, entries, image, open, row, segment, snapshot};

/// Long enough for the first two commits, or for the third and fourth.
const SEGMENT: u64 = 520;

/// Entries by commit; the first two commits are in one segment, the third and fourth in another.
const COMMITS: [&[usize]; 4] = [&[20, 0], &[31], &[150, 40], &[10, 20]];

/// One record: entry, segment, first byte, end, and the last entry of its commit.
#[derive(Debug, Clone, Copy)]
struct Place {
    entry: u64,
    segment: u64,
    from: usize,
    to: usize,
    commit_end: u64,
}

struct Sample {
    disk: FaultyDisk,
    payloads: Vec<Vec<u8>>,
    places: Vec<Place>,
    /// Entries that snapshots are of.
    snapshots: Vec<u64>,
}

fn sample(snapshots: &[u64]) -> Sample {
    let disk = FaultyDisk::new();
    let (mut journal, _) = open(&disk, SEGMENT).expect("a new journal");
    let (mut payloads, mut places) = (Vec::new(), Vec::<Place>::new());
    let (mut first, mut offset) = (1, HEADER);
    for (number, commit) in COMMITS.iter().enumerate() {
        if number == 2 {
            (first, offset) = (payloads.len() as u64 + 1, HEADER);
        }
        let commit_end = (payloads.len() + commit.len()) as u64;
        for length in *commit {
            let entry = payloads.len() as u64 + 1;
            payloads.push(payload(entry, *length));
            assert_eq!(journal.append(payloads.last().expect("pushed")), Ok(entry));
            let to = offset + RECORD + length;
            places.push(Place { entry, segment: first, from: offset, to, commit_end });
            offset = to;
        }
        assert_eq!(journal.commit(), Ok(commit_end));
        if snapshots.contains(&commit_end) {
            journal.snapshots().write(commit_end, &journal.chain(), b"a state").expect("written");
        }
    }
    Sample { disk, payloads, places, snapshots: snapshots.to_vec() }
}

impl Sample {
    fn last(&self) -> u64 {
        self.payloads.len() as u64
    }

    /// What a flip at this byte of a segment comes to: the row, and the last entry if the journal opens.
    fn expected(&self, first: u64, at: usize) -> (Row, Option<u64>) {
        let last_segment = self.places.last().expect("entries").segment;
        if at < HEADER {
            return (Row::Header, None);
        }
        let hit =
            self.places.iter().find(|place| place.segment == first && (place.from..place.to).contains(&at));
        let proven = hit.is_some_and(|hit| {
            self.places.iter().any(|place| place.segment == first && place.entry > hit.commit_end)
        });
        let lost = hit.map_or(self.last() + 1, |place| place.entry);
        if proven {
            (Row::DamagedBefore, None)
        } else if first != last_segment {
            (Row::DamagedSegment, None)
        } else if self.snapshots.iter().any(|index| *index >= lost) {
            (Row::SnapshotAhead, None)
        } else {
            (Row::Torn, Some(lost - 1))
        }
    }

    fn with(&self, change: impl FnOnce(&FaultyDisk)) -> FaultyDisk {
        let disk = self.disk.copy();
        change(&disk);
        disk
    }

    /// That the journal comes to a row, keeps so many entries or changes nothing, and never gives an entry that was not appended.
    fn comes_to(&self, disk: &FaultyDisk, expected: (Row, Option<u64>), what: &str) {
        let before = image(disk);
        let read = entries(disk);
        if let Ok(read) = &read {
            assert_eq!(Some(&read[..]), self.payloads.get(..read.len()), "{what}");
        }
        let (found, recovery) = row(disk);
        assert_eq!((found, recovery.as_ref().map(|r| r.last)), expected, "{what}");
        match recovery {
            Some(recovery) => {
                assert_eq!(read.map(|read| read.len() as u64), Ok(recovery.last), "{what}");
                assert_eq!(recovery.cut.is_some(), found == Row::Torn, "{what}");
                assert_eq!(row(disk).0, Row::Clean, "{what}: a second time");
            }
            None => assert_eq!(image(disk), before, "{what}: a refusal changes nothing"),
        }
    }
}

fn segments(disk: &FaultyDisk) -> Vec<(u64, usize)> {
    let files = disk.files().into_iter();
    let first = |path: &Path| {
        path.file_name()?.to_str()?.strip_prefix("segment-")?.strip_suffix(".log")?.parse().ok()
    };
    files.filter_map(|(path, length)| Some((first(&path)?, length))).collect()
}

#[test]
fn every_flipped_bit_of_a_segment_is_seen_or_cut() {
    let mut rows = std::collections::BTreeMap::<Row, u32>::new();
    for snapshots in [&[][..], &[2, 5], &[5, 7]] {
        let sample = sample(snapshots);
        assert_eq!(segments(&sample.disk).iter().map(|(first, _)| *first).collect::<Vec<_>>(), [1, 4]);
        for (first, length) in segments(&sample.disk) {
            for (at, bit) in (0..length).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
                let disk = sample.with(|disk| disk.corrupt(&segment(first), at, 1 << bit));
                let expected = sample.expected(first, at);
                *rows.entry(expected.0).or_default() += 1;
                sample.comes_to(
                    &disk,
                    expected,
                    &format!("segment {first}, byte {at}, bit {bit}, snapshots {snapshots:?}"),
                );
            }
        }
    }
    println!("{rows:?}");
    assert_eq!(rows.len(), 5, "all five ways are met: {rows:?}");
}

#[test]
fn every_flipped_bit_and_every_length_of_a_snapshot_is_ignored_and_the_other_used() {
    let sample = sample(&[5, 7]);
    for index in [5, 7] {
        let length = sample.disk.contents(&snapshot(index)).expect("written").len();
        let flips = (0..length * 8).map(|n| (n / 8, Some(1 << (n % 8))));
        for (at, xor) in flips.chain((0..length).map(|at| (at, None))) {
            let disk = sample.with(|disk| match xor {
                Some(xor) => disk.corrupt(&snapshot(index), at, xor),
                None => disk.truncate(&snapshot(index), at),
            });
            let (mut journal, recovery) = open(&disk, SEGMENT).expect("opens");
            assert_eq!((recovery.row, recovery.last), (Row::Clean, 7));
            let ignored: Vec<_> = recovery.ignored.iter().map(|i| (i.file.clone(), i.why)).collect();
            let name = snapshot(index).file_name().expect("a name").to_string_lossy().into_owned();
            assert_eq!(ignored, [(name, Flaw::Damaged)], "byte {at}");
            assert_eq!(journal.snapshots().look().expect("listed").0, [12 - index]);
            assert!(
                journal.snapshots().load(index).is_none() && journal.snapshots().load(12 - index).is_some()
            );
            assert_eq!(journal.append(b"on"), Ok(8));
        }
    }
}

#[test]
fn every_other_length_of_a_segment_is_seen() {
    for snapshots in [&[][..], &[5, 7]] {
        let sample = sample(snapshots);
        for (first, length) in segments(&sample.disk) {
            for cut in 0..length {
                let disk = sample.with(|disk| disk.truncate(&segment(first), cut));
                let expected = if cut < HEADER { Row::Header } else { Row::Length };
                sample.comes_to(&disk, (expected, None), &format!("segment {first} cut to {cut}"));
            }
            let longer = [sample.disk.contents(&segment(first)).expect("there"), vec![0]].concat();
            let disk = sample.with(|disk| disk.put(&segment(first), &longer));
            sample.comes_to(&disk, (Row::Length, None), "longer");
        }
    }
}

/// A lost last segment is the one loss that a log alone cannot show; a snapshot shows it.
#[test]
fn a_missing_segment_is_seen_unless_it_is_the_last_and_no_snapshot_knows_of_it() {
    for (snapshots, lost, expected) in [
        (&[][..], 1, (Row::Gap, None)),
        (&[5, 7], 1, (Row::Gap, None)),
        (&[], 4, (Row::Clean, Some(3))),
        (&[2], 4, (Row::Clean, Some(3))),
        (&[5], 4, (Row::SnapshotAhead, None)),
    ] {
        let sample = sample(snapshots);
        let disk = sample.with(|disk| disk.discard(&segment(lost)));
        sample.comes_to(&disk, expected, &format!("without segment {lost}, snapshots {snapshots:?}"));
    }
}

#[test]
fn random_damage_never_panics_and_never_yields_what_was_not_appended() {
    let (mut refused, mut opened) = (0, 0);
    for seed in 0..6_000 {
        let mut draw = Draw(seed);
        let sample = sample(if draw.below(2) == 0 { &[] } else { &[5] });
        let files = sample.disk.files();
        for _ in 0..=draw.below(3) {
            let (path, _) = &files[draw.below(files.len() as u64) as usize];
            let Some(mut bytes) = sample.disk.contents(path) else { continue };
            let length = bytes.len().max(1);
            bytes.resize(length, 0);
            let from = draw.below(length as u64) as usize;
            match draw.below(6) {
                0 => bytes.truncate(from),
                1 => sample.disk.discard(path),
                2 => bytes.splice(from..from, (0..draw.below(90)).map(|_| draw.0 as u8)).for_each(drop),
                3 => bytes[from..].rotate_left((draw.below(100) as usize).min(length - from)),
                4 => bytes[from..].fill(0),
                _ => bytes[from] ^= draw.next() as u8,
            }
            if sample.disk.contents(path).is_some() {
                sample.disk.put(path, &bytes);
            }
        }
        if let Ok(read) = entries(&sample.disk) {
            assert_eq!(Some(&read[..]), sample.payloads.get(..read.len()), "seed {seed}");
        }
        match open(&sample.disk, SEGMENT) {
            Ok((_, recovery)) => {
                opened += 1;
                assert!(recovery.last <= sample.last(), "seed {seed}");
                assert_eq!(
                    entries(&sample.disk),
                    Ok(sample.payloads[..recovery.last as usize].to_vec()),
                    "seed {seed}"
                );
            }
            Err(OpenError::Refused(_)) => refused += 1,
            Err(error) => panic!("seed {seed}: {error}"),
        }
    }
    println!("{refused} refused, {opened} opened");
    assert!(refused > 1_000 && opened > 500, "{refused} refused, {opened} opened");
}

/// Finds entries by their lengths alone.
fn gullible(bytes: &[u8]) -> Vec<Vec<u8>> {
    let (mut at, mut out) = (HEADER, Vec::new());
    while bytes.get(at..at + 8).is_some_and(|mark| mark.iter().any(|byte| *byte != 0)) {
        let length = u32::from_le_bytes(bytes[at + 8..at + 12].try_into().expect("four bytes")) as usize;
        let Some(payload) = bytes.get(at + RECORD..at + RECORD + length) else { break };
        out.push(payload.to_vec());
        at += RECORD + length;
    }
    out
}

#[test]
fn a_reader_that_ignores_the_crc_is_caught() {
    let sample = sample(&[]);
    let whole = sample.disk.contents(&segment(1)).expect("there");
    assert_eq!(gullible(&whole), sample.payloads[..3], "it reads what is sound");
    let flips = (HEADER..whole.len() * 8).map(|n| (n / 8, n % 8)).filter(|(at, _)| *at >= HEADER);
    let caught = flips.filter(|(at, bit)| {
        let disk = sample.with(|disk| disk.corrupt(&segment(1), *at, 1 << bit));
        let read = gullible(&disk.contents(&segment(1)).expect("there"));
        Some(&read[..]) != sample.payloads.get(..read.len())
    });
    assert!(caught.count() > 100);
}
