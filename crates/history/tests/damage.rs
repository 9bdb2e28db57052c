//! What a crash or a damaged file leaves: a suffix is lost and made again, a file of no use is put aside, and nothing panics.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // A host has a clock and files.

mod support;

use cenote_history::{History, HistoryError, OpenError, Opened, Unusable};
use cenote_sim::rng::Rng;
use redb::StorageBackend;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use support::answers::{Subjects, all};
use support::{Life, Owned, VENUE, apply, directory, in_memory};

/// A disk that forgets, at a crash, any part of what was not synced.
#[derive(Debug, Default, Clone)]
struct Disk(Arc<Mutex<Platters>>);

#[derive(Debug, Default, Clone)]
struct Platters {
    /// What a read gives.
    seen: Vec<u8>,
    /// What was there at the last sync.
    synced: Vec<u8>,
    /// Writes since: where and what.
    written: Vec<(usize, Vec<u8>)>,
}

impl Disk {
    /// The disk after a crash: of what was not synced, each write in it or not.
    fn crashed(&self, rng: &mut Rng) -> Self {
        let platters = self.0.lock().expect("a disk").clone();
        let mut left = platters.synced;
        let kept = rng.uniform();
        for (at, data) in platters.written {
            if rng.chance(kept) {
                let end = at + data.len();
                left.resize(left.len().max(end), 0);
                left[at..end].copy_from_slice(&data);
            }
        }
        Self(Arc::new(Mutex::new(Platters { seen: left.clone(), synced: left, written: Vec::new() })))
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64, std::io::Error> {
        Ok(self.0.lock().expect("a disk").seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), std::io::Error> {
        let platters = self.0.lock().expect("a disk");
        let at = offset as usize;
        let found = platters.seen.get(at..at + out.len());
        out.copy_from_slice(found.ok_or_else(|| std::io::Error::from(std::io::ErrorKind::UnexpectedEof))?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<(), std::io::Error> {
        self.0.lock().expect("a disk").seen.resize(len as usize, 0);
        Ok(())
    }

    fn sync_data(&self) -> Result<(), std::io::Error> {
        let mut platters = self.0.lock().expect("a disk");
        platters.synced = platters.seen.clone();
        platters.written.clear();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), std::io::Error> {
        let mut platters = self.0.lock().expect("a disk");
        let (at, end) = (offset as usize, offset as usize + data.len());
        platters.seen[at..end].copy_from_slice(data);
        platters.written.push((at, data.to_vec()));
        Ok(())
    }
}

fn life() -> Vec<Owned> {
    Life::new(21).walk(250, true).steps
}

#[test]
fn a_crash_loses_a_suffix_and_nothing_else() {
    let steps = life();
    let subjects = Subjects::of(&steps);
    let mut rng = Rng::new(8, 8);
    let whole = in_memory();
    apply(&whole, &steps);
    let expected = all(&whole, &subjects);
    let (mut lost, mut kept) = (0, 0);
    for _ in 0..12 {
        let mut disk = Disk::default();
        let mut history = History::with_backend(disk.clone(), VENUE).expect("a history");
        let mut flushed = 0;
        while history.applied().expect("a number") < steps[steps.len() - 1].seq {
            let applied = history.applied().expect("a number");
            let at = steps.partition_point(|step| step.seq <= applied);
            let end = (at + 1 + rng.below(60)).min(steps.len());
            apply(&history, &steps[at..end]);
            if rng.chance(0.3) {
                history.flush().expect("a flush");
                flushed = steps[end - 1].seq;
            }
            if rng.chance(0.2) {
                let before = history.applied().expect("a number");
                let left = disk.crashed(&mut rng);
                drop(history);
                history = History::with_backend(left.clone(), VENUE).expect("the history after a crash");
                disk = left;
                let after = history.applied().expect("a number");
                assert!((flushed..=before).contains(&after), "{after} of {before}, {flushed} were synced");
                let prefix: Vec<Owned> = steps.iter().filter(|step| step.seq <= after).cloned().collect();
                let again = in_memory();
                apply(&again, &prefix);
                let some = Subjects::of(&prefix);
                assert!(all(&again, &some) == all(&history, &some), "what is left at {after} is no prefix");
                (lost, kept) = (lost + u32::from(after < before), kept + u32::from(after > 0));
            }
        }
        assert!(all(&history, &subjects) == expected, "going on from what is left gives another past");
    }
    assert!(lost > 5 && kept > 5, "{lost} crashes lost something, {kept} left something");
}

/// A file with some of the past in it, and the answers that it gives.
fn file(name: &str, steps: &[Owned]) -> std::path::PathBuf {
    let path = directory(name).join("history.redb");
    let (history, opened) = History::open(&path, VENUE).expect("a history");
    assert_eq!(opened, Opened::New);
    apply(&history, steps);
    history.flush().expect("a flush");
    path
}

#[test]
fn damaged_files_are_put_aside_and_begun_anew() {
    let steps: Vec<Owned> = life().into_iter().take(200).collect();
    let subjects = Subjects::of(&steps);
    let path = file("damage", &steps);
    let sound = std::fs::read(&path).expect("the file");
    let expected = all(&History::open(&path, VENUE).expect("the history").0, &subjects);
    let mut rng = Rng::new(4, 4);
    let mut outcomes: BTreeMap<&str, u32> = BTreeMap::new();
    for round in 0..250 {
        let mut bytes = sound.clone();
        match round % 5 {
            0 => bytes.truncate(rng.below(sound.len())),
            1 => bytes[..4_096].iter_mut().for_each(|byte| *byte = rng.bits() as u8),
            2 => (0..1 + rng.below(3)).for_each(|_| bytes[rng.below(sound.len())] ^= 1 << rng.below(8)),
            3 => {
                let at = rng.below(sound.len() - 4_096);
                bytes[at..at + 4_096].fill(0);
            }
            _ => bytes[rng.below(512)] = rng.bits() as u8,
        }
        std::fs::write(&path, bytes).expect("a file");
        let (history, opened) =
            History::open(&path, VENUE).unwrap_or_else(|error| panic!("round {round}: {error}"));
        let outcome = match opened {
            Opened::Replaced { why: Unusable::Damaged(_) | Unusable::OtherFormat, aside } => {
                assert!(aside.exists());
                assert_eq!(history.applied(), Ok(0));
                "replaced"
            }
            // The damage was where nothing was, or took away no more than the end.
            Opened::Existing => "sound",
            Opened::New => "empty",
            other => panic!("round {round}: {other:?}"),
        };
        *outcomes.entry(outcome).or_default() += 1;
        apply(&history, &steps);
        assert!(all(&history, &subjects) == expected, "round {round}, {outcome}: another past");
    }
    assert!(outcomes.get("replaced").is_some_and(|count| *count > 50), "{outcomes:?}");
}

#[test]
fn what_is_no_history_of_this_venue_is_put_aside_and_said() {
    let steps: Vec<Owned> = life().into_iter().take(50).collect();
    let path = file("other", &steps);
    let (history, opened) = History::open(&path, "another-venue").expect("a history");
    let Opened::Replaced { why, aside } = opened else { panic!("{opened:?}") };
    assert_eq!(why, Unusable::OtherVenue(VENUE.to_owned()));
    assert_eq!(history.applied(), Ok(0));
    drop(history);
    // It is still that venue's.
    let (history, opened) = History::open(&aside, VENUE).expect("the history put aside");
    assert_eq!((history.applied(), opened), (Ok(steps[steps.len() - 1].seq), Opened::Existing));
    drop(history);

    let text = directory("text").join("history.redb");
    std::fs::write(&text, "not a database\n".repeat(1_000)).expect("a file");
    assert!(matches!(
        History::open(&text, VENUE),
        Ok((_, Opened::Replaced { why: Unusable::Damaged(_), .. }))
    ));

    let table: redb::TableDefinition<'_, &[u8], &[u8]> = redb::TableDefinition::new("meta");
    let strange = directory("strange").join("history.redb");
    let database = redb::Database::create(&strange).expect("a database");
    let write = database.begin_write().expect("a transaction");
    write.open_table(table).expect("a table").insert(&b"format"[..], &b"of old"[..]).expect("a row");
    write.commit().expect("a commit");
    drop(database);
    assert!(matches!(
        History::open(&strange, VENUE),
        Ok((_, Opened::Replaced { why: Unusable::OtherFormat, .. }))
    ));

    let empty = directory("empty").join("history.redb");
    std::fs::write(&empty, "").expect("a file");
    assert!(matches!(History::open(&empty, VENUE), Ok((_, Opened::New))));
}

#[test]
fn a_file_in_use_or_refused_is_left_alone() {
    let path = file("in-use", &life()[..20]);
    let held = History::open(&path, VENUE).expect("the history").0;
    let refused = History::open(&path, VENUE).expect_err("it is open");
    assert!(matches!(refused, OpenError::InUse(_)), "{refused}");
    assert_eq!(refused.code(), "history_in_use");
    drop(held);
    assert!(matches!(History::open(&path, VENUE), Ok((_, Opened::Existing))));
    let refused =
        History::open(path.parent().expect("a directory"), VENUE).expect_err("a directory is no file");
    assert_eq!(refused.code(), "history_disk");
    assert!(path.exists(), "a directory was moved");
    let nowhere = directory("nowhere").join("missing").join("history.redb");
    assert_eq!(History::open(&nowhere, VENUE).expect_err("no directory").code(), "history_disk");
}

/// What the refusal says, and how a step comes to deserve it.
type Spoil = (&'static str, fn(&mut Owned));

#[test]
fn after_a_step_that_does_not_fit_nothing_is_taken_in_until_it_is_opened_again() {
    let steps = Life::new(33).walk(200, false).steps;
    let filled = steps.iter().position(|step| !step.fills.is_empty()).expect("a fill");
    let spoil: [Spoil; 5] = [
        ("marks are missing", |step| step.fills.clear()),
        ("there are marks of", |step| step.fills[0].series.extend_from_within(..1)),
        ("is not a number", |step| step.fills[0].series[0].mark_price = f64::NAN),
        ("an event of command", |step| step.events[0].seq += 1),
        ("is not a number", |step| step.nav[0].1.nav_low = f64::INFINITY),
    ];
    for (says, spoil) in spoil {
        let path = directory("unfit").join("history.redb");
        let history = History::open(&path, VENUE).expect("a history").0;
        apply(&history, &steps[..filled]);
        let mut spoiled = steps[filled].clone();
        spoil(&mut spoiled);
        let refused = history.apply(&[spoiled.step()]).expect_err("it does not fit");
        assert!(refused.to_string().contains(says), "{refused}");
        assert_eq!(refused.code(), "history_unfit");
        assert_eq!(history.applied(), Ok(steps[filled - 1].seq));
        assert_eq!(history.apply(&[steps[filled].step()]), Err(HistoryError::Stopped));
        history.flush().expect("a flush");
        drop(history);
        let history = History::open(&path, VENUE).expect("the history again").0;
        apply(&history, &steps[filled..]);
        let subjects = Subjects::of(&steps);
        let whole = in_memory();
        apply(&whole, &steps);
        assert!(all(&whole, &subjects) == all(&history, &subjects));
    }
}
