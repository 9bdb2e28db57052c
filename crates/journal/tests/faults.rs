//! Random workloads in which every single operation of the disk fails once in every way, then a power cut, then a start.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod support;

use cenote_journal::testing::{Fault, FaultyDisk, Left};
use cenote_journal::{Disk, DiskFile};
use std::io;
use std::path::Path;
use std::sync::Arc;
use support::workload::{SEGMENT, Told, check, cuts, payload, run, script};
use support::{dir, open, shared};

/// Between the journal and the disk: whoever wraps a disk and breaks a rule.
type Wrap = fn(&FaultyDisk) -> Arc<dyn Disk>;

/// Everything that can be asked of one seed; what was found wrong, in words, or how many power cuts were survived.
fn survive(seed: u64, wrap: Wrap) -> Result<u64, String> {
    let script = script(seed);
    let whole = FaultyDisk::new();
    run(&whole, wrap(&whole), &script)?;
    let mut survived = 0;
    for operation in 0..=whole.operations() {
        for fault in Fault::ALL {
            let disk = FaultyDisk::new();
            disk.fail_at(operation, fault);
            let place = |what: String| format!("seed {seed}, operation {operation}, {fault:?}: {what}");
            let told = run(&disk, wrap(&disk), &script).map_err(place)?;
            for left in cuts(seed ^ operation) {
                check(&disk.crash(left), &told).map_err(|what| place(format!("{left:?}: {what}")))?;
                survived += 1;
            }
        }
    }
    Ok(survived)
}

#[test]
fn nothing_acknowledged_is_lost_whatever_fails_and_whenever_power_does() {
    let survived: u64 =
        (0..12).map(|seed| survive(seed, shared).unwrap_or_else(|what| panic!("{what}"))).sum();
    println!("{survived} power cuts survived");
    assert!(survived > 20_000, "only {survived} power cuts");
}

/// A process ends of a failure and leaves the system running: what the next one reads, and builds on, may be in memory alone. Then the power fails.
#[test]
fn what_is_read_after_a_failed_sync_lasts() {
    let mut cuts = 0;
    for operation in 1..60 {
        for fault in [Fault::Error, Fault::Short, Fault::Torn] {
            let disk = FaultyDisk::new();
            disk.fail_at(operation, fault);
            if let Ok((mut journal, _)) = open(&disk, SEGMENT) {
                // Whatever fails ends the process.
                let _ = (0..6).try_for_each(|n| journal.append(&[n; 40]).and(journal.commit()).map(drop));
            }
            // The one fault may wait for the next process, and end that too.
            let opened = open(&disk, SEGMENT).or_else(|_| open(&disk, SEGMENT));
            let (mut journal, recovery) = opened.unwrap_or_else(|e| panic!("{operation} {fault:?}: {e}"));
            let read = recovery.last;
            let more = journal.append(b"one more").and_then(|index| journal.commit().map(|_| index));
            drop(journal);
            let known = more.unwrap_or(read);
            for left in [Left::Nothing, Left::Some(operation), Left::Prefix(operation as usize)] {
                let after = open(&disk.crash(left), SEGMENT);
                let (_, recovery) = after.unwrap_or_else(|e| panic!("{operation} {fault:?} {left:?}: {e}"));
                assert!(
                    recovery.last >= known,
                    "{operation} {fault:?} {left:?}: {} of {known}",
                    recovery.last
                );
                cuts += 1;
            }
        }
    }
    assert!(cuts > 500, "{cuts}");
}

/// Disks on which a workload was cut by a power failure, with what it was told.
fn torn(seeds: std::ops::Range<u64>) -> Vec<(FaultyDisk, Told)> {
    let mut found = Vec::new();
    for seed in seeds {
        let whole = FaultyDisk::new();
        run(&whole, shared(&whole), &script(seed)).expect("no fault");
        for operation in 1..=whole.operations() {
            let disk = FaultyDisk::new();
            disk.fail_at(operation, Fault::Torn);
            let told = run(&disk, shared(&disk), &script(seed)).expect("poisoned at most");
            if told.failed {
                found.extend(
                    cuts(operation).into_iter().take(5).map(|left| (disk.crash(left), told_again(&told))),
                );
            }
        }
    }
    found
}

fn told_again(told: &Told) -> Told {
    Told { appended: told.appended.clone(), ..*told }
}

#[test]
fn a_recovery_that_fails_or_is_cut_short_itself_loses_nothing() {
    let (mut cut, mut again) = (0, 0);
    for (number, (disk, told)) in torn(0..2).into_iter().enumerate() {
        let fine = disk.copy();
        let (_, recovery) = open(&fine, SEGMENT).expect("opens");
        cut += u64::from(recovery.cut.is_some());
        for operation in 1..=fine.operations() {
            for fault in [Fault::Error, Fault::Torn] {
                let failing = disk.copy();
                failing.fail_at(operation, fault);
                let _ = open(&failing, SEGMENT);
                for left in cuts(number as u64).into_iter().take(5) {
                    let found = failing.crash(left);
                    check(&found, &told).unwrap_or_else(|what| {
                        panic!("disk {number}, operation {operation}, {fault:?}, {left:?}: {what}")
                    });
                    again += 1;
                }
            }
        }
    }
    println!("{cut} torn ends, {again} interrupted recoveries");
    assert!(cut > 20 && again > 10_000, "{cut} torn ends, {again} interrupted recoveries");
}

/// What was cut off must be gone for good before anything is written where it was: half of the one and half of the other would look like damage.
#[test]
fn a_torn_end_that_was_cut_off_never_comes_back() {
    let mut crashes = 0;
    for number in 0..100u64 {
        let whole = FaultyDisk::new();
        let (mut journal, _) = open(&whole, 1 << 13).expect("new");
        let old: Vec<Vec<u8>> = (1..=6).map(|index| payload(index, 600)).collect();
        old.iter().for_each(|payload| drop(journal.append(payload)));
        whole.fail_at(whole.operations() + 2, Fault::Error);
        assert!(journal.commit().is_err(), "the sync fails");
        let disk = whole.crash(Left::Some(number));
        let (mut journal, recovery) = open(&disk, 1 << 13).expect("a torn commit is cut");
        let kept = usize::try_from(recovery.last).expect("small");
        let Some(_) = recovery.cut else { continue };
        // As long as the one that was torn, so that what followed it follows this one.
        journal.append(&[0xee; 600]).expect("taken");
        disk.fail_at(disk.operations() + 2, Fault::Error);
        assert!(journal.commit().is_err(), "the sync fails");
        let appended = [&old[..kept], &[vec![0xee; 600]]].concat();
        let told = Told { appended, acknowledged: recovery.last, ..Told::default() };
        for left in (0..20).map(|seed| Left::Some(seed ^ (number << 8))) {
            check(&disk.crash(left), &told).unwrap_or_else(|what| panic!("disk {number}, {left:?}: {what}"));
            crashes += 1;
        }
    }
    assert!(crashes > 1_000, "only {crashes} crashes");
}

/// A disk whose user breaks a rule.
#[derive(Debug)]
struct Careless {
    disk: FaultyDisk,
    rule: Rule,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// Sync entries before acknowledging them.
    Sync,
    /// Sync the directory after making a name.
    SyncDir,
    /// Never sync again after a sync that failed.
    RetrySync,
    /// Put whole files in place, not files that are being written.
    Rename,
}

#[derive(Debug)]
struct CarelessFile {
    file: Box<dyn DiskFile>,
    rule: Rule,
}

impl DiskFile for CarelessFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        self.file.write_at(offset, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        match self.rule {
            Rule::Sync => Ok(()),
            Rule::RetrySync => self.file.sync().or_else(|_| self.file.sync()),
            Rule::SyncDir | Rule::Rename => self.file.sync(),
        }
    }
}

impl Careless {
    /// What is made in its place at once, or beside it.
    fn made<'a>(&self, path: &'a Path) -> std::borrow::Cow<'a, Path> {
        match self.rule {
            Rule::Rename => path.with_extension("").into(),
            _ => path.into(),
        }
    }
}

impl Disk for Careless {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        self.disk.create_dir(dir)
    }
    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.disk.list(dir)
    }
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.disk.read(path)
    }
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.disk.create(&self.made(path))
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(CarelessFile { file: self.disk.open(path)?, rule: self.rule }))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        if self.rule == Rule::Rename { Ok(()) } else { self.disk.rename(from, to) }
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.disk.remove(path)
    }
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        if self.rule == Rule::SyncDir { Ok(()) } else { self.disk.sync_dir(dir) }
    }
    fn lock(&self, path: &Path) -> io::Result<Box<dyn Send>> {
        self.disk.lock(path)
    }
}

#[test]
fn whoever_breaks_a_rule_of_writing_to_disks_is_caught() {
    fn careless(disk: &FaultyDisk, rule: Rule) -> Arc<dyn Disk> {
        Arc::new(Careless { disk: disk.clone(), rule })
    }
    let rules: [(&str, Wrap); 4] = [
        ("acknowledges before a sync", |disk| careless(disk, Rule::Sync)),
        ("does not sync directories", |disk| careless(disk, Rule::SyncDir)),
        ("syncs again after a failure", |disk| careless(disk, Rule::RetrySync)),
        ("makes files in their place", |disk| careless(disk, Rule::Rename)),
    ];
    for (what, wrap) in rules {
        let caught = (0..12).find_map(|seed| survive(seed, wrap).err());
        println!("{what}: {}", caught.as_deref().unwrap_or("not caught"));
        assert!(caught.is_some(), "nobody notices a journal that {what}");
    }
    let lying: Wrap = |disk| {
        disk.lie();
        shared(disk)
    };
    assert!(survive(0, lying).is_err(), "nobody notices a disk that lies");
}

#[test]
fn a_journal_that_cannot_be_made_says_what_failed_and_can_be_made_later() {
    let disk = FaultyDisk::new();
    disk.fail_at(1, Fault::Error);
    let error = open(&disk, SEGMENT).expect_err("the directory cannot be made");
    assert_eq!(error.code(), "journal_disk");
    assert_eq!(
        error.to_string(),
        format!("cannot make {}: injected: create_dir; mend that, then start again", dir().display())
    );
    assert!(open(&disk, SEGMENT).is_ok());
}
