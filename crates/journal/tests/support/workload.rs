//! Random workloads, and what must hold of a disk after one of them met a power cut.

use super::{Draw, dir, entries, open, options};
use cenote_journal::testing::{FaultyDisk, Left};
use cenote_journal::{Disk, Journal, Row};
use std::sync::Arc;

pub const SEGMENT: u64 = 1500;

#[derive(Debug, Clone, Copy)]
pub enum Step {
    Append(usize),
    Commit,
    Snapshot,
    Reopen,
}

pub fn script(seed: u64) -> Vec<Step> {
    let mut draw = Draw(seed);
    let mut step = || match draw.below(20) {
        0..=10 => {
            Step::Append(usize::try_from([0, 1, 30, 128, 500, 1800][draw.below(6) as usize]).expect("small"))
        }
        11..=16 => Step::Commit,
        17..=18 => Step::Snapshot,
        _ => Step::Reopen,
    };
    (0..36).map(|_| step()).collect()
}

/// A payload that no other entry has, but for the shortest.
pub fn payload(index: u64, length: usize) -> Vec<u8> {
    let mut draw = Draw(index);
    (0..length).map(|_| draw.next().to_le_bytes()[0]).collect()
}

/// What a workload did and was told.
#[derive(Debug, Default)]
pub struct Told {
    /// Every entry ever appended, in order; reopening drops those that were not committed.
    pub appended: Vec<Vec<u8>>,
    /// The last entry that a commit has returned.
    pub acknowledged: u64,
    /// The newest snapshot that was written.
    pub snapshot: u64,
    /// Whether the disk failed.
    pub failed: bool,
}

fn snapshot_content(index: u64) -> Vec<u8> {
    payload(index ^ 0xffff, 700)
}

/// Runs a script until the journal fails; says what does not hold of the journal itself.
pub fn run(disk: &FaultyDisk, through: Arc<dyn Disk>, script: &[Step]) -> Result<Told, String> {
    let mut told = Told { failed: true, ..Told::default() };
    let begin = || Journal::open(Arc::clone(&through), dir(), options(SEGMENT));
    let Ok((mut journal, _)) = begin() else { return Ok(told) };
    for step in script {
        let done = match *step {
            Step::Append(length) => {
                told.appended.push(payload(journal.last() + 1, length));
                journal.append(told.appended.last().expect("pushed")).map(|_| ())
            }
            Step::Commit => journal.commit().map(|durable| told.acknowledged = durable),
            Step::Snapshot => {
                // Of what is on the disk: the chain is the log's only when nothing is pending.
                if journal.last() == journal.durable() && journal.last() > 0 {
                    let written = journal.snapshots().write(
                        journal.last(),
                        &journal.chain(),
                        &snapshot_content(journal.last()),
                    );
                    told.snapshot = if written.is_ok() { journal.last() } else { told.snapshot };
                }
                Ok(())
            }
            Step::Reopen => {
                drop(journal);
                told.appended.truncate(usize::try_from(told.acknowledged).expect("small"));
                let Ok((again, recovery)) = begin() else { return Ok(told) };
                if (recovery.row, recovery.last) != (Row::Clean, told.acknowledged) {
                    return Err(format!("reopened as {:?} at {}", recovery.row, recovery.last));
                }
                journal = again;
                Ok(())
            }
        };
        if let Err(failure) = done {
            let operations = disk.operations();
            if journal.append(b"x") != Err(failure.clone()) || journal.commit() != Err(failure.clone()) {
                return Err("the journal went on after a failure".to_owned());
            }
            if operations != disk.operations() {
                return Err("the disk was touched after a failure".to_owned());
            }
            return Ok(told);
        }
    }
    told.failed = false;
    Ok(told)
}

/// What must hold after a power cut: the journal opens, nothing acknowledged is lost, nothing else is there, and it goes on.
pub fn check(found: &FaultyDisk, told: &Told) -> Result<(), String> {
    let (mut journal, recovery) = open(found, SEGMENT).map_err(|error| format!("does not open: {error}"))?;
    let read = entries(found).map_err(|error| format!("cannot be read: {error}"))?;
    let count = read.len();
    if recovery.last != count as u64 {
        return Err(format!("recovery says {} and {count} entries are there", recovery.last));
    }
    if recovery.last < told.acknowledged {
        return Err(format!("{} of {} acknowledged entries are there", recovery.last, told.acknowledged));
    }
    if told.appended.get(..count) != Some(&read[..]) {
        return Err(format!("the {count} entries are not the first that were appended"));
    }
    let (sound, ignored) = journal.snapshots().look().map_err(|error| error.to_string())?;
    if !ignored.is_empty()
        || sound.len() > 3
        || sound.first().is_none_or(|newest| *newest < told.snapshot) && told.snapshot > 0
    {
        return Err(format!("snapshots {sound:?}, {ignored:?} after one of {}", told.snapshot));
    }
    if sound
        .iter()
        .any(|index| journal.snapshots().load(*index).map(|s| s.bytes) != Some(snapshot_content(*index)))
    {
        return Err("a snapshot has other bytes than were written".to_owned());
    }
    if found.files().iter().any(|(path, _)| path.extension().is_some_and(|end| end == "new")) {
        return Err("an unfinished file is left".to_owned());
    }
    journal.append(b"and on").map_err(|error| error.to_string())?;
    journal.commit().map_err(|error| error.to_string())?;
    drop(journal);
    let on = entries(found).map_err(|error| format!("cannot be read later: {error}"))?;
    if on.len() != count + 1 || on[..count] != read[..] || on[count] != b"and on" {
        return Err("what was appended later is not there".to_owned());
    }
    match open(found, SEGMENT) {
        Ok((_, again)) if again.row == Row::Clean => Ok(()),
        other => Err(format!("a second opening is not clean: {other:?}")),
    }
}

/// Power cuts of every kind.
pub fn cuts(seed: u64) -> Vec<Left> {
    let mut draw = Draw(seed ^ 0xc0ffee);
    let mut cuts = vec![Left::Nothing, Left::All];
    cuts.extend((0..4).map(|_| Left::Prefix(usize::try_from(draw.below(2500)).expect("small"))));
    cuts.extend((0..6).map(|_| Left::Some(draw.next())));
    cuts
}
