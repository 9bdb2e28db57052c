//! Files that are there whole or not at all.

use crate::exit::Failure;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

/// Makes a directory, with those above it.
pub fn directory(path: &Path) -> Result<(), Failure> {
    fs::create_dir_all(path)
        .map_err(|error| Failure::Input(format!("cannot make the directory {}: {error}", path.display())))
}

/// Writes a file beside its place, then moves it there.
pub fn file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    stream(path, &mut &bytes[..]).map(|_| ())
}

/// Writes what comes to a file beside its place, then moves it there; gives the number of bytes.
pub fn stream(path: &Path, bytes: &mut impl io::Read) -> Result<u64, Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let written = fs::File::create(&beside).and_then(|mut file| io::copy(bytes, &mut file));
    written.and_then(|count| fs::rename(&beside, path).map(|()| count)).map_err(|error| {
        // Nothing half-written stays; that it cannot be removed either changes nothing.
        let _ = fs::remove_file(&beside);
        Failure::Failed(format!("cannot write {}: {error}", path.display()))
    })
}

/// Passes what comes on to stdout.
pub fn copy(bytes: &mut impl io::Read) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    io::copy(bytes, &mut out)?;
    Ok(out.flush()?)
}

/// Writes to stdout.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Writes a new file that its owner alone can read; one that is there is never replaced.
pub fn secret(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let written = options.open(path).and_then(|mut file| {
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        // Half a key is worse than none.
        written.inspect_err(|_| drop(fs::remove_file(path)))
    });
    written.map_err(|error| Failure::Input(format!("cannot write {}: {error}", path.display())))
}
