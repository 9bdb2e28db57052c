//! The table of recovery, case by case on real bytes: last record, what follows it, where it is, and snapshots, in every combination; each
//! header that can be wrong. Rows are expected by the rules of the specification, written here a second time.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod support;

use cenote_journal::testing::FaultyDisk;
use cenote_journal::{Flaw, Reader, Recovery, Row};
use std::collections::BTreeMap;
use support::bytes::{self, HEADER, Header, MARK, link, record, records};
use support::{VENUE, entries, image, open, row, segment, snapshot};

const LENGTH: u64 = 1024;
const PAYLOADS: [&[u8]; 6] = [b"first", b"second", b"third", b"the fourth entry", b"fifth", b"sixth"];

/// The state of the record of entry 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    Whole,
    Torn,
    Zeros,
    WrongIndex,
    WrongLink,
}

/// What comes after it in its segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Follows {
    Nothing,
    Junk,
    SameCommit,
    LaterCommit,
}

/// Where its segment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    Only,
    LastOfTwo,
    BeforeEmpty,
    BeforeFull,
}

/// What snapshot there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Snap {
    None,
    Older,
    AtEntry4,
    Beyond,
    Damaged,
    OtherHistory,
}

const LASTS: [Last; 5] = [Last::Whole, Last::Torn, Last::Zeros, Last::WrongIndex, Last::WrongLink];
const FOLLOWS: [Follows; 4] = [Follows::Nothing, Follows::Junk, Follows::SameCommit, Follows::LaterCommit];
const POSITIONS: [Position; 4] =
    [Position::Only, Position::LastOfTwo, Position::BeforeEmpty, Position::BeforeFull];
const SNAPS: [Snap; 6] =
    [Snap::None, Snap::Older, Snap::AtEntry4, Snap::Beyond, Snap::Damaged, Snap::OtherHistory];

fn build(last: Last, follows: Follows, position: Position, snap: Snap) -> FaultyDisk {
    let good = records(1, [0; 16], &PAYLOADS);
    let chain = |entry: usize| if entry == 0 { [0; 16] } else { good[entry - 1].1 };
    let fourth = &good[3].0;
    let fourth = match last {
        Last::Whole => fourth.clone(),
        Last::Torn => [&fourth[..60], &vec![0; fourth.len() - 60]].concat(),
        Last::Zeros => vec![0; fourth.len()],
        Last::WrongIndex => record(MARK, 7, 3, link(&chain(3), 7, PAYLOADS[3]), PAYLOADS[3]),
        Last::WrongLink => record(MARK, 4, 3, link(&chain(2), 4, PAYLOADS[3]), PAYLOADS[3]),
    };
    let fifth = |synced| record(MARK, 5, synced, chain(5), PAYLOADS[4]);
    let after = match follows {
        Follows::Nothing => vec![],
        Follows::Junk => b"not a record at all".to_vec(),
        Follows::SameCommit => fifth(3),
        Follows::LaterCommit => fifth(4),
    };
    let disk = FaultyDisk::new();
    let begin = if position == Position::LastOfTwo { 2 } else { 0 };
    if begin > 0 {
        let before: Vec<Vec<u8>> = good[..begin].iter().map(|(bytes, _)| bytes.clone()).collect();
        disk.put(&segment(1), &Header::new(LENGTH, 1, [0; 16]).segment(&before));
    }
    let mut held: Vec<Vec<u8>> = good[begin..3].iter().map(|(bytes, _)| bytes.clone()).collect();
    held.extend([fourth, after]);
    disk.put(&segment(begin as u64 + 1), &Header::new(LENGTH, begin as u64 + 1, chain(begin)).segment(&held));
    if matches!(position, Position::BeforeEmpty | Position::BeforeFull) {
        let first = if matches!(follows, Follows::SameCommit | Follows::LaterCommit) { 6 } else { 5 };
        let full = position == Position::BeforeFull;
        let next = if full { vec![good[first - 1].0.clone()] } else { vec![] };
        disk.put(&segment(first as u64), &Header::new(LENGTH, first as u64, chain(first - 1)).segment(&next));
    }
    let put =
        |index: u64, chain| disk.put(&snapshot(index), &bytes::snapshot(1, VENUE, index, chain, b"state"));
    match snap {
        Snap::None => {}
        Snap::Older => put(2, chain(2)),
        Snap::AtEntry4 => put(4, chain(4)),
        Snap::Beyond => put(99, [9; 16]),
        Snap::Damaged => {
            put(4, chain(4));
            disk.corrupt(&snapshot(4), 80, 1);
        }
        Snap::OtherHistory => put(2, [9; 16]),
    }
    disk
}

/// The row and, if the journal opens, the last entry.
fn expected(last: Last, follows: Follows, position: Position, snap: Snap) -> (Row, Option<u64>) {
    let more = matches!(follows, Follows::SameCommit | Follows::LaterCommit);
    let later = matches!(position, Position::BeforeEmpty | Position::BeforeFull);
    let snapshot_of = match snap {
        Snap::AtEntry4 => 4,
        Snap::Beyond => 99,
        _ => 0,
    };
    let ended =
        |end: u64, row: Row| if snapshot_of > end { (Row::SnapshotAhead, None) } else { (row, Some(end)) };
    if snap == Snap::OtherHistory {
        return (Row::SnapshotLink, None);
    }
    match last {
        Last::WrongIndex => return (Row::Index, None),
        Last::WrongLink => return (Row::Link, None),
        Last::Whole | Last::Torn | Last::Zeros => {}
    }
    let end = if last == Last::Whole { 4 + u64::from(more) } else { 3 };
    let broken = last == Last::Torn || follows == Follows::Junk || (last == Last::Zeros && more);
    if broken {
        if last != Last::Whole && follows == Follows::LaterCommit {
            (Row::DamagedBefore, None)
        } else if later {
            (Row::DamagedSegment, None)
        } else {
            ended(end, Row::Torn)
        }
    } else if later && last != Last::Whole {
        (Row::Gap, None)
    } else {
        ended(end + u64::from(position == Position::BeforeFull), Row::Clean)
    }
}

/// What must hold of every case besides its row.
fn outcome(
    disk: &FaultyDisk,
    recovery: Option<&Recovery>,
    before: &[(std::path::PathBuf, Vec<u8>)],
    what: &str,
) {
    let Some(recovery) = recovery else {
        assert_eq!(image(disk), before, "{what}: a refusal changes nothing");
        return;
    };
    let kept = usize::try_from(recovery.last).expect("small");
    let payloads: Vec<Vec<u8>> = PAYLOADS[..kept].iter().map(|payload| payload.to_vec()).collect();
    assert_eq!(entries(disk).as_ref(), Ok(&payloads), "{what}");
    assert_eq!(recovery.cut.is_some(), recovery.row == Row::Torn, "{what}");
    let (mut journal, again) = open(disk, LENGTH).expect("opens again");
    assert_eq!((again.row, again.last), (Row::Clean, recovery.last), "{what}");
    assert_eq!(journal.append(b"more"), Ok(recovery.last + 1), "{what}");
    assert_eq!(journal.commit(), Ok(recovery.last + 1), "{what}");
    drop(journal);
    assert_eq!(row(disk).0, Row::Clean, "{what}");
}

#[test]
fn every_combination_comes_to_the_row_and_the_outcome_of_the_table() {
    let mut rows = BTreeMap::<Row, u32>::new();
    for last in LASTS {
        for follows in FOLLOWS {
            for position in POSITIONS {
                for snap in SNAPS {
                    let what = format!("{last:?}, {follows:?}, {position:?}, {snap:?}");
                    let disk = build(last, follows, position, snap);
                    let before = image(&disk);
                    let (found, recovery) = row(&disk);
                    let kept = recovery.as_ref().map(|recovery| recovery.last);
                    assert_eq!((found, kept), expected(last, follows, position, snap), "{what}");
                    let ignored = recovery.as_ref().map_or(0, |recovery| recovery.ignored.len());
                    assert_eq!(ignored, usize::from(snap == Snap::Damaged && recovery.is_some()), "{what}");
                    outcome(&disk, recovery.as_ref(), &before, &what);
                    *rows.entry(found).or_default() += 1;
                }
            }
        }
    }
    println!("{rows:?}");
    assert_eq!(rows.values().sum::<u32>(), 480);
    assert_eq!(rows.len(), 9, "{rows:?}");
}

#[test]
fn every_header_that_does_not_belong_refuses_in_its_own_row() {
    let good = records(1, [0; 16], &PAYLOADS);
    let held =
        |from: usize, to: usize| -> Vec<Vec<u8>> { good[from..to].iter().map(|r| r.0.clone()).collect() };
    type Change = fn(&mut Header);
    // What a lone segment comes to, and one after another.
    let changes: [(Change, Row, Row); 8] = [
        (|header| header.version = 2, Row::Version, Row::Version),
        (|header| header.version = 0, Row::Version, Row::Version),
        (|header| header.venue = [1; 32], Row::Venue, Row::Venue),
        (|header| header.first = 5, Row::Name, Row::Name),
        (|header| header.length += 1, Row::Length, Row::Length),
        (|header| header.chain = [3; 16], Row::Joint, Row::Joint),
        // Alone, it has no other mark to differ from, and no record that has it.
        (|header| header.mark ^= 8, Row::Torn, Row::Joint),
        (|_| {}, Row::Clean, Row::Clean),
    ];
    for (change, lone, later) in changes {
        for (second, expected) in [(false, lone), (true, later)] {
            let disk = FaultyDisk::new();
            let (from, chain) = if second { (3, good[2].1) } else { (0, [0; 16]) };
            if second {
                disk.put(&segment(1), &Header::new(LENGTH, 1, [0; 16]).segment(&held(0, 3)));
            }
            let mut header = Header::new(LENGTH, from as u64 + 1, chain);
            change(&mut header);
            let mut bytes = header.bytes();
            held(from, 6).iter().for_each(|record| bytes.extend(record));
            bytes.resize(usize::try_from(LENGTH).expect("small"), 0);
            disk.put(&segment(from as u64 + 1), &bytes);
            let before = image(&disk);
            let (found, recovery) = row(&disk);
            assert_eq!(found, expected, "second {second}");
            outcome(&disk, recovery.as_ref(), &before, &format!("{expected:?}, second {second}"));
        }
    }
}

#[test]
fn segments_that_overlap_leave_a_gap_or_are_not_there() {
    let good = records(1, [0; 16], &PAYLOADS);
    let held =
        |from: usize, to: usize| -> Vec<Vec<u8>> { good[from..to].iter().map(|r| r.0.clone()).collect() };
    let put = |disk: &FaultyDisk, from: usize, to: usize| {
        let chain = if from == 0 { [0; 16] } else { good[from - 1].1 };
        disk.put(
            &segment(from as u64 + 1),
            &Header::new(LENGTH, from as u64 + 1, chain).segment(&held(from, to)),
        );
    };
    for (ranges, expected) in [
        (&[][..], (Row::New, Some(0))),
        (&[(0, 0)], (Row::Clean, Some(0))),
        (&[(0, 3), (3, 6)], (Row::Clean, Some(6))),
        (&[(0, 3), (2, 6)], (Row::Again, None)),
        (&[(0, 3), (4, 6)], (Row::Gap, None)),
        (&[(3, 6)], (Row::Gap, None)),
        (&[(0, 2), (2, 4), (4, 6)], (Row::Clean, Some(6))),
        (&[(0, 2), (4, 6)], (Row::Gap, None)),
    ] {
        let disk = FaultyDisk::new();
        ranges.iter().for_each(|(from, to)| put(&disk, *from, *to));
        let before = image(&disk);
        let (found, recovery) = row(&disk);
        assert_eq!((found, recovery.as_ref().map(|recovery| recovery.last)), expected, "{ranges:?}");
        outcome(&disk, recovery.as_ref(), &before, &format!("{ranges:?}"));
    }
}

/// A journal cannot get there, a file can.
#[test]
fn the_last_index_there_is_ends_a_log_and_panics_nowhere() {
    let disk = FaultyDisk::new();
    let chain = link(&[0; 16], u64::MAX, b"last");
    let again = link(&chain, u64::MAX, b"again");
    let held = [
        record(MARK, u64::MAX, 0, chain, b"last"),
        record(MARK, u64::MAX, 0, again, b"again"),
        b"junk".to_vec(),
    ];
    disk.put(&segment(1), &Header::new(LENGTH, 1, [0; 16]).segment(&[]));
    disk.put(&segment(u64::MAX), &Header::new(LENGTH, u64::MAX, [0; 16]).segment(&held));
    assert_eq!(row(&disk), (Row::Gap, None));
    let read = Reader::open(&support::shared(&disk), support::dir(), None, u64::MAX).expect("listed");
    assert!(read.count() > 0);
}

#[test]
fn a_directory_with_snapshots_alone_is_no_new_journal() {
    let disk = FaultyDisk::new();
    disk.put(&snapshot(3), &bytes::snapshot(1, VENUE, 3, [1; 16], b"state"));
    assert_eq!(row(&disk), (Row::SnapshotAhead, None));
}

#[test]
fn snapshots_that_are_of_no_use_are_left_and_named_with_the_reason() {
    let disk = FaultyDisk::new();
    drop(open(&disk, LENGTH).expect("new"));
    disk.put(&snapshot(9), &bytes::snapshot(2, VENUE, 9, [1; 16], b"state"));
    disk.put(&snapshot(8), &bytes::snapshot(1, [7; 32], 8, [1; 16], b"state"));
    disk.put(&snapshot(7), &bytes::snapshot(1, VENUE, 6, [1; 16], b"state"));
    disk.put(&snapshot(5), b"");
    let (_, recovery) = open(&disk, LENGTH).expect("opens");
    let why: Vec<Flaw> = recovery.ignored.iter().map(|ignored| ignored.why).collect();
    assert_eq!(why, [Flaw::Version(2), Flaw::Venue, Flaw::Damaged, Flaw::Damaged]);
    assert_eq!(
        recovery.ignored[0].to_string(),
        "snapshot-00000000000000000009.bin is ignored: it is of version 2 of the format and this program reads 1"
    );
    assert!(disk.contents(&snapshot(8)).is_some(), "it is not the journal's to remove");
}

#[test]
fn leftovers_go_and_what_is_not_the_journals_stays() {
    let disk = FaultyDisk::new();
    for name in [
        "segment-00000000000000000001.log.new",
        "snapshot-00000000000000000007.bin.new",
        "notes.new",
        "segment-1.log",
    ] {
        disk.put(&support::dir().join(name), b"half");
    }
    let (_, recovery) = open(&disk, LENGTH).expect("opens");
    assert_eq!(recovery.row, Row::New);
    assert_eq!(
        recovery.removed,
        ["segment-00000000000000000001.log.new", "snapshot-00000000000000000007.bin.new"]
    );
    assert!(disk.contents(&support::dir().join("notes.new")).is_some());
    assert!(disk.contents(&support::dir().join("segment-1.log")).is_some());
}

/// The crate writes what the specification says, byte for byte.
#[test]
fn the_format_is_what_it_is() {
    let disk = FaultyDisk::new();
    let (mut journal, _) = open(&disk, 600).expect("new");
    journal.append(PAYLOADS[0]).expect("taken");
    journal.append(PAYLOADS[1]).expect("taken");
    journal.commit().expect("written");
    journal.append(PAYLOADS[2]).expect("taken");
    journal.commit().expect("written");
    let found = disk.contents(&segment(1)).expect("there");
    let mark = u64::from_le_bytes(found[48..56].try_into().expect("eight bytes"));
    assert_ne!(mark, 0);
    let mut chain = [0; 16];
    let mut held = Vec::new();
    for (index, synced) in [(1, 0), (2, 0), (3, 2)] {
        let payload = PAYLOADS[index as usize - 1];
        chain = link(&chain, index, payload);
        held.push(record(mark, index, synced, chain, payload));
    }
    assert_eq!(chain, journal.chain());
    assert_eq!(found, Header { mark, ..Header::new(600, 1, [0; 16]) }.segment(&held));
    journal.snapshots().write(3, &chain, b"state").expect("written");
    assert_eq!(disk.contents(&snapshot(3)), Some(bytes::snapshot(1, VENUE, 3, chain, b"state")));
    let first_length = HEADER + 3 * 48 + PAYLOADS[..3].iter().map(|payload| payload.len()).sum::<usize>();
    assert!(found[first_length..].iter().all(|byte| *byte == 0));
}

/// Whoever chooses a payload chooses no record: without the journal's mark nothing in it counts as one.
#[test]
fn a_payload_that_looks_like_later_records_does_not_stop_a_start() {
    let forged: Vec<u8> =
        (3..6).flat_map(|index| record(MARK, index, index - 1, [1; 16], b"forged")).collect();
    for (own_mark, expected) in [(MARK ^ 2, Row::Torn), (MARK, Row::DamagedBefore)] {
        let chain = link(&[0; 16], 1, b"one");
        let whole = record(own_mark, 2, 1, link(&chain, 2, &forged), &forged);
        let torn = [&[0; 40][..], &whole[40..]].concat();
        let held = [record(own_mark, 1, 0, chain, b"one"), torn];
        let disk = FaultyDisk::new();
        disk.put(&segment(1), &Header { mark: own_mark, ..Header::new(LENGTH, 1, [0; 16]) }.segment(&held));
        assert_eq!(row(&disk).0, expected);
    }
}
