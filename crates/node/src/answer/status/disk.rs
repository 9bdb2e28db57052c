//! What is on disk, looked at every few seconds and not at every question.

use cenote_api::view::JournalStatus;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// What was seen stays so long.
const FRESH: Duration = Duration::from_secs(5);
/// By directory; a process has one venue, tests have several.
static SEEN: Mutex<BTreeMap<PathBuf, (Instant, JournalStatus)>> = Mutex::new(BTreeMap::new());

/// The journal of a node's directory, which is named where `is_told`.
#[must_use]
pub fn journal(dir: &Path, is_told: bool) -> JournalStatus {
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((at, known)) = seen.get(dir)
        && at.elapsed() < FRESH
    {
        return known.clone();
    }
    let directory =
        is_told.then(|| dir.canonicalize().unwrap_or_else(|_| dir.to_owned()).display().to_string());
    let found = JournalStatus { directory, ..look(&dir.join("journal")) };
    seen.insert(dir.to_owned(), (Instant::now(), found.clone()));
    found
}

/// Counts the files of a journal by their names (docs/spec/journal.md); one that goes away meanwhile is not counted.
fn look(journal: &Path) -> JournalStatus {
    let mut found = JournalStatus::default();
    for entry in std::fs::read_dir(journal).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Ok(metadata) = entry.metadata() else { continue };
        let snapshot = name.strip_prefix("snapshot-").and_then(|rest| rest.strip_suffix(".bin"));
        if let Some(number) = snapshot {
            found.snapshots += 1;
            found.snapshot_entry = found.snapshot_entry.max(number.parse().ok());
        } else if name.starts_with("segment-") && name.ends_with(".log") {
            found.segments += 1;
        } else {
            continue;
        }
        found.bytes += metadata.len();
        found.written_at = found.written_at.max(metadata.modified().ok().map(ms));
    }
    found
}

fn ms(at: SystemTime) -> u64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
