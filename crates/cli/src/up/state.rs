//! A venue in one file: its journal and its history, packed. Unpacked while the venue runs, packed again when it stops.

use crate::exit::Failure;
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read};
use std::path::{Path, PathBuf};

/// Grows when the layout of the file changes.
pub const FORMAT: u32 = 1;
/// The first file of the archive.
const LABEL: &str = "cenote.json";
/// Could be made again from the journal, at the price of a slow start.
const HISTORY: &str = "history.redb";

/// What a file says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// Of this layout.
    pub format: u32,
    /// Of the program that wrote it.
    pub version: String,
    /// Whose it is.
    pub venue_id: String,
    /// The last command in it.
    pub last_seq: u64,
    /// The running digest after it.
    pub digest: String,
}

/// Where a venue is while it runs: beside its file.
pub fn dir_of(file: &Path) -> PathBuf {
    PathBuf::from(format!("{}.d", file.display()))
}

/// Unpacks a file, unless there is none, or its venue has run since and was not stopped well: then that is newer.
pub fn unpack(file: &Path, dir: &Path) -> Result<Option<Label>, Failure> {
    if dir.exists() || !file.exists() {
        return Ok(None);
    }
    let said = |what: &dyn std::fmt::Display| Failure::Input(format!("{}: {what}", file.display()));
    let open = File::open(file).map_err(|e| said(&e))?;
    // Beside its place until all of it is there.
    let half = PathBuf::from(format!("{}.half", dir.display()));
    // What an interrupted start left.
    let _ = fs::remove_dir_all(&half);
    fs::create_dir_all(half.join("journal")).map_err(|e| said(&e))?;
    let unpacked = read(BufReader::new(open), &half);
    match unpacked.and_then(|label| fs::rename(&half, dir).map_err(|e| e.to_string()).map(|()| label)) {
        Ok(label) => Ok(Some(label)),
        Err(why) => {
            // The reason counts, not whether the rest of it could be removed.
            let _ = fs::remove_dir_all(&half);
            Err(said(&why))
        }
    }
}

fn read(packed: impl Read, into: &Path) -> Result<Label, String> {
    let mut archive = tar::Archive::new(GzDecoder::new(packed));
    let broken = |e: io::Error| format!("it cannot be read: {e}; take a copy of it that is whole");
    let mut label: Option<Label> = None;
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let name = entry.path().map_err(broken)?.to_string_lossy().into_owned();
        if label.is_none() {
            label = Some(labelled(&name, &mut entry)?);
            continue;
        }
        let place = place(into, &name).filter(|_| entry.header().entry_type().is_file());
        let Some(place) = place else {
            return Err(format!("it holds {name}, which is no part of a venue; nothing was unpacked"));
        };
        let mut file = File::create_new(place).map_err(broken)?;
        io::copy(&mut entry, &mut file).map_err(broken)?;
        file.sync_all().map_err(broken)?;
    }
    label.ok_or_else(|| "it is empty; name another file, or remove it".to_owned())
}

fn labelled(name: &str, entry: &mut impl Read) -> Result<Label, String> {
    let no_venue = || "it holds no venue; name a file that `cenote up --state` wrote".to_owned();
    if name != LABEL {
        return Err(no_venue());
    }
    let mut text = String::new();
    entry.take(10_000).read_to_string(&mut text).map_err(|_| no_venue())?;
    let label: Label = serde_json::from_str(&text).map_err(|_| no_venue())?;
    if label.format != FORMAT {
        return Err(format!(
            "it is of format {}, written by version {}; this is version {}, which reads format {FORMAT}",
            label.format,
            label.version,
            env!("CARGO_PKG_VERSION")
        ));
    }
    Ok(label)
}

/// Where a file of a venue is in its directory, by its name alone; nothing else has a place there.
fn place(dir: &Path, name: &str) -> Option<PathBuf> {
    match name {
        HISTORY => Some(dir.join(name)),
        _ => is_of_journal(name).then(|| dir.join("journal").join(name)),
    }
}

/// Segments and snapshots, by the names that the journal gives them.
fn is_of_journal(name: &str) -> bool {
    let numbered = |head: &str, tail: &str| {
        let number = name.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail));
        number.is_some_and(|number| number.len() == 20 && number.bytes().all(|b| b.is_ascii_digit()))
    };
    numbered("segment-", ".log") || numbered("snapshot-", ".bin")
}

/// Packs a venue that has stopped, and puts its directory away once the file is on disk.
pub fn pack(file: &Path, dir: &Path, label: &Label) -> Result<(), Failure> {
    let said = |e: io::Error| {
        let dir = dir.display();
        Failure::Failed(format!(
            "{}: {e}; the venue is in {dir}, and the same command goes on",
            file.display()
        ))
    };
    let half = PathBuf::from(format!("{}.half", file.display()));
    write(&half, dir, label).map_err(said)?;
    fs::rename(&half, file).map_err(said)?;
    if let Some(parent) = file.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        File::open(parent).and_then(|parent| parent.sync_all()).map_err(said)?;
    }
    fs::remove_dir_all(dir).map_err(said)
}

fn write(to: &Path, dir: &Path, label: &Label) -> io::Result<()> {
    let packed = GzEncoder::new(BufWriter::new(File::create(to)?), Compression::fast());
    let mut archive = tar::Builder::new(packed);
    // Every byte as a byte: holes compress to nothing anyway.
    archive.sparse(false);
    let text = serde_json::to_vec_pretty(label)?;
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len() as u64);
    header.set_mode(0o644);
    archive.append_data(&mut header, LABEL, text.as_slice())?;
    let mut names: Vec<String> = fs::read_dir(dir.join("journal"))?
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<_>>()?;
    names.retain(|name| is_of_journal(name));
    names.push(HISTORY.to_owned());
    names.sort();
    for name in names {
        if let Some(path) = place(dir, &name).filter(|path| path.exists()) {
            archive.append_path_with_name(path, &name)?;
        }
    }
    let file = archive.into_inner()?.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()
}

#[cfg(test)]
mod tests;
