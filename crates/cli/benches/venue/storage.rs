//! What is kept: how long a long journal takes to come back, and the journal beside SQLite.

use super::node::{Node, grouped, withdrawal};
use cenote_journal::{Journal, Options, RealDisk};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Commands of the journal that is to come back.
const COMMANDS: u64 = 1_000_000;
/// Of a payload.
const BATCH: usize = 100;

/// Makes a long journal, and starts from it with and without its snapshots. The mean bytes of a command in it.
pub fn recovery() -> usize {
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path().join("venue");
    let node = Node::start(&dir, "1");
    node.fund();
    while node.last_seq() < COMMANDS {
        let signed = node.signed(4_000, |_| vec![withdrawal(); BATCH]);
        let bodies: Vec<String> = signed.iter().map(|s| serde_json::to_string(s).expect("JSON")).collect();
        let left = (COMMANDS - node.last_seq()) / BATCH as u64 + 20;
        for body in bodies.iter().take(left as usize) {
            node.post("/v1/commands", &serde_json::from_str(body).expect("JSON"));
        }
    }
    let commands = node.last_seq();
    node.stop();
    let bytes = size(&dir.join("journal"), "segment-");
    println!(
        "\n## Coming back\n\nA journal of {} commands ({} MB), 100 under each signature; until the node answers.\n",
        grouped(commands as f64),
        bytes >> 20
    );
    println!("| what is there | entries run again | commands run again | seconds |\n|---|---:|---:|---:|");
    let again = |what: &str| {
        let node = Node::start(&dir, "1");
        let replayed = node.ready["replayed"].as_u64().expect("a number");
        let of = if replayed == 0 { 0.0 } else { commands as f64 };
        println!("| {what} | {} | {} | {:.2} |", grouped(replayed as f64), grouped(of), node.up_seconds);
        node.stop();
    };
    again("journal, snapshot, history");
    remove(&dir.join("journal"), "snapshot-");
    again("journal and history");
    remove(&dir.join("journal"), "snapshot-");
    remove(&dir, "history");
    again("journal alone: history is made again too");
    bytes / commands as usize
}

fn files(dir: &Path, head: &str) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry"));
    entries.filter(|e| e.file_name().to_string_lossy().starts_with(head)).map(|e| e.path()).collect()
}

fn size(dir: &Path, head: &str) -> usize {
    files(dir, head).iter().map(|path| path.metadata().expect("a file").len() as usize).sum()
}

fn remove(dir: &Path, head: &str) {
    files(dir, head).iter().for_each(|path| std::fs::remove_file(path).expect("removed"));
}

/// The journal beside SQLite, taking turns on the same disk.
pub fn journals(entry_bytes: usize) {
    println!(
        "\n## The journal beside SQLite\n\nEntries of {entry_bytes} bytes, the mean of a command above. SQLite with a write-ahead log and `synchronous = FULL`, through Python. Turns of two seconds, the median of three.\n"
    );
    println!("| entries a commit | journal, entries a second | SQLite | ratio |\n|---:|---:|---:|---:|");
    let mut version = String::new();
    for group in [1, 100, 5_000] {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            ours.push(journal(entry_bytes, group));
            let (rate, of) = sqlite(entry_bytes, group);
            theirs.push(rate);
            version = of;
        }
        ours.sort_by(f64::total_cmp);
        theirs.sort_by(f64::total_cmp);
        println!("| {group} | {} | {} | {:.1} |", grouped(ours[1]), grouped(theirs[1]), ours[1] / theirs[1]);
    }
    println!("\nSQLite {version}.");
}

fn journal(bytes: usize, group: usize) -> f64 {
    let home = tempfile::tempdir().expect("a directory");
    let disk = Arc::new(RealDisk);
    let (mut journal, _) = Journal::open(disk, home.path(), Options::new([7; 32])).expect("a journal");
    let (entry, begun, mut count) = (vec![0xa5; bytes], Instant::now(), 0_u64);
    while begun.elapsed() < Duration::from_secs(2) {
        for _ in 0..group {
            journal.append(&entry).expect("appended");
        }
        journal.commit().expect("on disk");
        count += group as u64;
    }
    count as f64 / begun.elapsed().as_secs_f64()
}

fn sqlite(bytes: usize, group: usize) -> (f64, String) {
    let home = tempfile::tempdir().expect("a directory");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/venue/sqlite.py");
    let ran = Command::new("python3")
        .arg(script)
        .arg(home.path().join("journal.db"))
        .args([bytes.to_string(), group.to_string(), "2".to_owned()])
        .output()
        .expect("python3 runs");
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    let (rate, version) =
        said.trim().split_once(' ').unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&ran.stderr)));
    (rate.parse().expect("a rate"), version.to_owned())
}
