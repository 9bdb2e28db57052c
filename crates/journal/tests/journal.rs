//! The journal in use: reading, bounds, snapshots, the lock, and a reader beside a writer on the real file system.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod support;

use cenote_journal::testing::{Fault, FaultyDisk};
use cenote_journal::{
    Disk, DiskFile, Entry, Failed, Journal, OpenError, Options, PAYLOAD_MAX, Reader, RealDisk, Row, read,
    venue_of,
};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use support::workload::payload;
use support::{VENUE, dir, entries, open, options, segment, shared, snapshot};

/// A directory of the real file system that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("cenote-journal-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path.join("deep").join("journal"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = self.0.parent().and_then(|deep| deep.parent()).map(std::fs::remove_dir_all);
    }
}

fn filled(count: u64) -> FaultyDisk {
    let disk = FaultyDisk::new();
    let (mut journal, _) = open(&disk, 900).expect("new");
    for index in 1..=count {
        journal.append(&payload(index, 100)).expect("taken");
        journal.commit().expect("written");
    }
    disk
}

#[test]
fn a_reader_starts_anywhere_and_reads_no_segment_before() {
    let disk = filled(40);
    let whole = entries(&disk).expect("whole");
    for from in 0..45 {
        let reader = Reader::open(&shared(&disk), dir(), Some(&VENUE), from).expect("listed");
        let read: Vec<Entry> = reader.map(|entry| entry.expect("whole")).collect();
        let begin = usize::try_from(from.max(1)).expect("small") - 1;
        assert_eq!(
            read.iter().map(|entry| &entry.payload[..]).collect::<Vec<_>>(),
            whole.get(begin..).unwrap_or_default()
        );
        assert!(read.iter().zip(from.max(1)..).all(|(entry, index)| entry.index == index));
    }
    disk.corrupt(&segment(1), 200, 1);
    let mut late = Reader::open(&shared(&disk), dir(), None, 30).expect("listed");
    assert!(late.by_ref().all(|entry| entry.is_ok()));
    assert_eq!(late.reached(), 40);
    let mut early = Reader::open(&shared(&disk), dir(), None, 1).expect("listed");
    assert_eq!(early.find_map(Result::err).map(|error| error.code()), Some("journal_damaged"));
    assert!(early.next().is_none(), "an error is the last item");
}

#[test]
fn offsets_are_where_the_records_are() {
    let disk = filled(3);
    for entry in Reader::open(&shared(&disk), dir(), None, 1).expect("listed") {
        let Entry { index, offset, payload } = entry.expect("whole");
        let at = usize::try_from(offset).expect("small") + support::bytes::RECORD;
        let bytes = disk.contents(&segment(1)).expect("there");
        assert_eq!(bytes[at..at + payload.len()], payload[..], "entry {index}");
    }
}

#[test]
fn whoever_reads_can_stop_and_say_why() {
    let disk = filled(9);
    let mut seen = 0;
    let stopped = read(&shared(&disk), dir(), Some(&VENUE), 1, |entry| {
        seen = entry.index;
        if entry.index == 5 { Err("enough".to_owned()) } else { Ok(()) }
    });
    assert_eq!((stopped, seen), (Err(OpenError::Stopped("enough".to_owned())), 5));
    assert_eq!(read(&shared(&disk), dir(), None, 1, |_| Ok(())), Ok(9));
    let other = read(&shared(&disk), dir(), Some(&[1; 32]), 1, |_| Ok(())).expect_err("another venue");
    assert_eq!(other.code(), "journal_venue");
}

#[test]
fn the_venue_of_a_directory_is_known_before_it_is_opened() {
    let disk = FaultyDisk::new();
    assert_eq!(venue_of(&shared(&disk), dir()), Ok(None));
    drop(open(&disk, 900).expect("new"));
    assert_eq!(venue_of(&shared(&disk), dir()), Ok(Some(VENUE)));
}

#[test]
fn payloads_have_a_bound_and_a_large_commit_a_segment_of_its_size() {
    let disk = FaultyDisk::new();
    let (mut journal, _) = open(&disk, 1024).expect("new");
    let large = vec![7; PAYLOAD_MAX];
    assert_eq!(journal.append(&large[1..]), Ok(1));
    assert_eq!(journal.append(&large), Ok(2));
    let refused = journal.append(&[&large[..], b"x"].concat());
    assert_eq!(refused, Err(Failed::Payload { bytes: PAYLOAD_MAX + 1 }));
    assert_eq!(
        refused.map_err(|error| (error.code(), error.to_string())),
        Err((
            "journal_payload",
            "an entry has at most 16777216 bytes and this one has 16777217; split it".to_owned()
        ))
    );
    assert_eq!(journal.commit(), Ok(2), "a refused entry harms nothing");
    assert_eq!(journal.append(b""), Ok(3));
    assert_eq!(journal.commit(), Ok(3));
    assert_eq!(journal.commit(), Ok(3), "nothing to do");
    drop(journal);
    let (journal, recovery) = open(&disk, 1024).expect("opens");
    assert_eq!((recovery.row, recovery.last, journal.durable()), (Row::Clean, 3, 3));
    assert_eq!(
        entries(&disk).map(|all| all.iter().map(Vec::len).collect()),
        Ok(vec![PAYLOAD_MAX - 1, PAYLOAD_MAX, 0])
    );
}

#[test]
fn what_is_not_committed_is_nowhere() {
    let disk = filled(2);
    let (mut journal, _) = open(&disk, 900).expect("opens");
    assert_eq!(journal.append(b"pending"), Ok(3));
    assert_eq!((journal.last(), journal.durable()), (3, 2));
    assert_eq!(entries(&disk).map(|all| all.len()), Ok(2));
    drop(journal);
    assert_eq!(open(&disk, 900).map(|(_, recovery)| recovery.last), Ok(2));
}

#[test]
fn a_commit_is_one_write_and_one_sync() {
    let disk = FaultyDisk::new();
    let (mut journal, _) = open(&disk, 1 << 20).expect("new");
    for count in [1, 2, 100] {
        (0..count).for_each(|_| drop(journal.append(b"entry")));
        let before = disk.operations();
        journal.commit().expect("written");
        assert_eq!(disk.operations() - before, 2);
    }
}

#[test]
fn the_newest_two_snapshots_are_kept_and_none_is_taken_early() {
    let disk = FaultyDisk::new();
    let (mut journal, _) = open(&disk, 900).expect("new");
    for index in 1..=5 {
        journal.append(&payload(index, 10)).expect("taken");
        let early = journal.snapshots().write(index, &journal.chain(), b"too early");
        assert_eq!(early, Err(Failed::Early { index, durable: index - 1 }));
        journal.commit().expect("written");
        journal.snapshots().write(index, &journal.chain(), &payload(index, 50)).expect("written");
        let (sound, ignored) = journal.snapshots().look().expect("listed");
        assert_eq!((sound, ignored.len()), ((1..=index).rev().take(2).collect(), 0));
        let loaded = journal.snapshots().load(index).expect("sound");
        assert_eq!((loaded.index, loaded.chain, loaded.bytes), (index, journal.chain(), payload(index, 50)));
    }
    assert!(journal.snapshots().load(3).is_none());
}

#[test]
fn a_snapshot_that_cannot_be_written_harms_nothing() {
    let disk = filled(3);
    let (mut journal, _) = open(&disk, 900).expect("opens");
    journal.snapshots().write(3, &journal.chain(), b"first").expect("written");
    let before = disk.operations();
    journal.snapshots().write(3, &journal.chain(), b"first").expect("written");
    let steps = disk.operations() - before;
    for step in 1..=steps {
        disk.fail_at(disk.operations() + step, Fault::Error);
        let failed =
            journal.snapshots().write(3, &journal.chain(), b"first").expect_err("a fault was injected");
        assert_eq!(failed.code(), "journal_disk");
        let sound = journal.snapshots().look().expect("listed").0;
        assert_eq!((sound, journal.snapshots().load(3).map(|s| s.bytes)), (vec![3], Some(b"first".to_vec())));
        journal.append(b"on").expect("taken");
        journal.commit().expect("the journal goes on");
    }
    assert!(disk.contents(&snapshot(3)).is_some());
}

#[test]
fn a_second_opener_is_told_who_holds_the_journal() {
    let folder = Folder::new("lock");
    let real = || -> Arc<dyn Disk> { Arc::new(RealDisk) };
    let (mut journal, recovery) = Journal::open(real(), &folder.0, options(4096)).expect("new");
    assert_eq!(recovery.row, Row::New);
    journal.append(b"one").expect("taken");
    journal.commit().expect("written");
    let second = Journal::open(real(), &folder.0, options(4096)).expect_err("it is taken");
    let (pid, path) = (std::process::id(), folder.0.display().to_string());
    assert_eq!(second, OpenError::Locked { dir: path.clone(), holder: Some(pid) });
    assert_eq!(
        second.to_string(),
        format!("process {pid} has the journal in {path} open; stop it, or name another directory")
    );
    assert_eq!(read(&real(), &folder.0, Some(&VENUE), 1, |_| Ok(())), Ok(1), "a reader needs no lock");
    drop(journal);
    let (_, recovery) = Journal::open(real(), &folder.0, options(4096)).expect("it is free");
    assert_eq!((recovery.row, recovery.last), (Row::Clean, 1));
}

#[test]
fn readers_and_snapshots_beside_a_writer_see_whole_entries_and_hold_nobody_up() {
    let folder = Folder::new("beside");
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    let (mut journal, _) =
        Journal::open(Arc::clone(&disk), &folder.0, Options { venue: VENUE, segment_bytes: 32 * 1024 })
            .expect("new");
    journal.append(&payload(1, 100)).expect("taken");
    journal.commit().expect("written");
    let (over, durable, reads, snapshots) =
        (AtomicBool::new(false), AtomicU64::new(1), AtomicU64::new(0), journal.snapshots());
    let (ask, asked) = std::sync::mpsc::sync_channel::<(u64, [u8; 16])>(1);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for (index, chain) in asked {
                snapshots.write(index, &chain, &payload(index, 5000)).expect("written");
            }
        });
        let reader = scope.spawn(|| {
            while !over.load(Ordering::Acquire) {
                let acknowledged = durable.load(Ordering::Acquire);
                let reader = Reader::open(&disk, &folder.0, Some(&VENUE), 1).expect("listed");
                let mut last = 0;
                for entry in reader {
                    let entry = entry.expect("nothing is damaged");
                    assert_eq!((entry.index, &entry.payload), (last + 1, &payload(entry.index, 100)));
                    last = entry.index;
                }
                assert!(last >= acknowledged, "{last} of {acknowledged} acknowledged entries were read");
                reads.fetch_add(1, Ordering::Relaxed);
            }
        });
        // A reader that has found something wrong ends early and fails the test.
        while !reader.is_finished() && (journal.last() < 3_000 || reads.load(Ordering::Relaxed) < 20) {
            for _ in 0..7 {
                journal.append(&payload(journal.last() + 1, 100)).expect("taken");
            }
            durable.store(journal.commit().expect("written"), Ordering::Release);
            let _ = ask.try_send((journal.last(), journal.chain()));
        }
        over.store(true, Ordering::Release);
        drop(ask);
    });
    let last = journal.last();
    drop(journal);
    let (journal, recovery) = Journal::open(disk, &folder.0, options(32 * 1024)).expect("opens");
    assert_eq!((recovery.row, recovery.last, recovery.ignored.len()), (Row::Clean, last, 0));
    assert!(!journal.snapshots().look().expect("listed").0.is_empty());
}

/// A disk to read whose first read of each file is from the middle of a write: the end is there, the beginning not yet.
#[derive(Debug)]
struct MidWrite {
    disk: FaultyDisk,
    missing: std::ops::Range<usize>,
    read: AtomicU64,
}

impl Disk for MidWrite {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut bytes = self.disk.read(path)?;
        if self.read.fetch_add(1, Ordering::Relaxed) == 0 {
            bytes[self.missing.clone()].fill(0);
        }
        Ok(bytes)
    }
    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.disk.list(dir)
    }
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        self.disk.create_dir(dir)
    }
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.disk.create(path)
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.disk.open(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.disk.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.disk.remove(path)
    }
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.disk.sync_dir(dir)
    }
    fn lock(&self, path: &Path) -> io::Result<Box<dyn Send>> {
        self.disk.lock(path)
    }
}

#[test]
fn a_read_in_the_middle_of_a_write_is_no_damage() {
    let disk = filled(3);
    let reader = Reader::open(&shared(&disk), dir(), None, 1).expect("listed");
    let at: Vec<usize> =
        reader.map(|entry| usize::try_from(entry.expect("whole").offset).expect("small")).collect();
    for missing in [at[0]..at[1], at[1]..at[2], at[1] + 60..at[1] + 70] {
        let early: Arc<dyn Disk> =
            Arc::new(MidWrite { disk: disk.clone(), missing, read: AtomicU64::new(0) });
        let read = Reader::open(&early, dir(), None, 1).expect("listed");
        assert_eq!(read.collect::<Result<Vec<_>, _>>().map(|all| all.len()), Ok(3));
    }
}

#[test]
fn refusals_are_for_people() {
    let disk = filled(3);
    disk.corrupt(&segment(1), 150, 1);
    let error = open(&disk, 900).expect_err("damaged");
    assert_eq!(
        (error.code(), error.to_string()),
        (
            "journal_damaged",
            "segment-00000000000000000001.log at byte 92: a record is damaged, and later ones were written when it was on the disk; \
             entry 1 comes next; nothing was changed: restore the directory from a copy of the whole of it"
                .to_owned()
        )
    );
    let disk = filled(1);
    let (mut journal, _) = open(&disk, 900).expect("opens");
    disk.fail_at(disk.operations() + 1, Fault::Error);
    journal.append(b"x").expect("taken");
    let failed =
        (0..9).find_map(|_| journal.commit().err().or_else(|| journal.append(b"x").err())).expect("a fault");
    assert_eq!(failed.code(), "journal_disk");
    assert!(failed.to_string().ends_with("make room or replace the disk, then start again"), "{failed}");
}
