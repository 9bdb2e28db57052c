//! Running other programs from the root of the checkout.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::JoinHandle;

/// The root of the checkout.
pub fn root() -> PathBuf {
    // Cargo sets the variable for `cargo run`; the path compiled in serves a binary started by hand.
    let manifest =
        std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let mut root = PathBuf::from(manifest);
    root.pop();
    root.pop();
    root
}

/// Cargo's output folder for this checkout.
pub fn target_dir() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// A command in the root of the checkout that cannot wait for a keyboard.
pub fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    command
}

/// Whether a program can be started and answers `--version`.
pub fn has(program: &str, arguments: &[&str]) -> bool {
    let mut command = command(program, arguments);
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// The trimmed standard output of a command that must succeed.
pub fn read(mut command: Command) -> Result<String, String> {
    let shown = format!("{command:?}");
    let output = command.stderr(Stdio::inherit()).output().map_err(|e| format!("{shown}: {e}"))?;
    if !output.status.success() {
        return Err(format!("{shown}: {}", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// Runs a command in sight; an error if it fails.
pub fn must(mut command: Command) -> Result<(), String> {
    let shown = format!("{command:?}");
    let status = command.status().map_err(|e| format!("{shown}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{shown}: {status}")) }
}

/// Runs a command in sight and keeps what it says on both streams. Returns whether it succeeded, and that text.
pub fn watched(command: Command) -> Result<(bool, String), String> {
    kept(command, || Box::new(std::io::stdout()), || Box::new(std::io::stderr()))
}

/// The same, out of sight: for one of several that run at a time.
pub fn unseen(command: Command) -> Result<(bool, String), String> {
    kept(command, || Box::new(std::io::sink()), || Box::new(std::io::sink()))
}

type Sink = Box<dyn Write + Send>;

fn kept(mut command: Command, out: fn() -> Sink, err: fn() -> Sink) -> Result<(bool, String), String> {
    let shown = format!("{command:?}");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|e| format!("{shown}: {e}"))?;
    let out = child.stdout.take().map(|pipe| tee(pipe, out()));
    let err = child.stderr.take().map(|pipe| tee(pipe, err()));
    let mut text = String::new();
    for reader in [out, err].into_iter().flatten() {
        text.push_str(&reader.join().map_err(|_| format!("{shown}: its output could not be read"))?);
    }
    let status = child.wait().map_err(|e| format!("{shown}: {e}"))?;
    Ok((status.success(), text))
}

/// Copies a stream line by line and returns all of it.
fn tee(from: impl Read + Send + 'static, mut to: impl Write + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut all = String::new();
        let mut line = Vec::new();
        while matches!(from.read_until(b'\n', &mut line), Ok(n) if n > 0) {
            // A closed terminal must not stop the run: the text is still counted.
            let _ = to.write_all(&line);
            all.push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
        all
    })
}
