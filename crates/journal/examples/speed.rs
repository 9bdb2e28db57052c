//! How fast a journal is on a real disk: `cargo run --release -p cenote-journal --example speed -- DIRECTORY`.
//!
//! Makes a directory of its own in the one that is named, and removes it at the end.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use cenote_journal::{Journal, Options, Reader, RealDisk};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const PAYLOAD: [u8; 128] = [7; 128];

fn main() -> Result<(), Box<dyn Error>> {
    let parent = std::env::args().nth(1).ok_or("name a directory on the disk to measure")?;
    let dir = Path::new(&parent).join(format!("journal-speed-{}", std::process::id()));
    let measured = measure(&dir);
    std::fs::remove_dir_all(&dir)?;
    measured
}

fn measure(dir: &Path) -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    let (mut journal, _) = Journal::open(Arc::new(RealDisk), dir, Options::new([1; 32]))?;
    println!("a new journal: {:.1} ms", millis(began.elapsed()));
    for (commits, batch) in [(5_000, 1), (5_000, 100)] {
        let mut times = Vec::with_capacity(commits);
        let began = Instant::now();
        for _ in 0..commits {
            let from = Instant::now();
            for _ in 0..batch {
                journal.append(&PAYLOAD)?;
            }
            journal.commit()?;
            times.push(from.elapsed());
        }
        let seconds = began.elapsed().as_secs_f64();
        times.sort_unstable();
        let at = |share: usize| millis(times[(times.len() - 1) * share / 1000]);
        println!(
            "batches of {batch}: {:.0} commits/s, {:.0} records/s; a commit takes {:.3} ms at the median, {:.3} at 99 %, {:.3} at 99.9 %, {:.1} at most",
            commits as f64 / seconds,
            (commits * batch) as f64 / seconds,
            at(500),
            at(990),
            at(999),
            at(1000)
        );
    }
    let last = journal.last();
    drop(journal);
    let began = Instant::now();
    let (_, recovery) = Journal::open(Arc::new(RealDisk), dir, Options::new([1; 32]))?;
    println!("opening {} entries again: {:.0} ms", recovery.last, millis(began.elapsed()));
    let began = Instant::now();
    let read = Reader::open(&(Arc::new(RealDisk) as _), dir, None, 1)?.filter(Result::is_ok).count();
    println!("reading {read} of {last}: {:.0} ms", millis(began.elapsed()));
    Ok(())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
