//! A venue for the checks that ask one from outside.

use crate::process::{command, has, must, read, root, target_dir};
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// The version of ccxt that the checks are written against.
const CCXT: &str = "ccxt==4.5.90";

/// A venue that runs until it is dropped.
pub struct Venue {
    child: Child,
    dir: PathBuf,
    ready: serde_json::Value,
}

impl Venue {
    /// Starts the binary on a free port, with a market of its own. The tests have built it; building it alone would be with other features, and anew.
    pub fn start() -> Result<Self, String> {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let dir = target_dir().join(format!("venue-{}-{number}", std::process::id()));
        // What an earlier run left.
        let _ = std::fs::remove_dir_all(&dir);
        let mut program = Command::new(target_dir().join("debug/cenote"));
        program.args(["up", "--json", "--port", "0", "--rate-limit", "0", "--dir"]).arg(&dir);
        let child = program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.map_err(|e| format!("cenote up: {e}"))?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line).map_err(|e| e.to_string())?;
        }
        let ready = serde_json::from_str(&line).map_err(|e| format!("cenote up said `{line}`: {e}"))?;
        Ok(Self { child, dir, ready })
    }

    /// Where it is and who alice is there, for the environment of a check.
    pub fn environment(&self) -> Vec<(String, String)> {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let page = text(&self.ready["urls"]["page"]).trim_end_matches('/').to_owned();
        let alice = &self.ready["accounts"][0];
        vec![
            ("CENOTE_PAGE".to_owned(), page.clone()),
            ("CENOTE_NODE".to_owned(), page),
            ("CENOTE_API_ID".to_owned(), text(&alice["api_id"])),
            ("CENOTE_API_SECRET".to_owned(), text(&alice["api_secret"])),
        ]
    }
}

impl Drop for Venue {
    fn drop(&mut self) {
        // It may have ended by itself, and its directory is only the check's.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// A Python that has ccxt, made once under the target directory.
pub fn ccxt() -> Result<String, String> {
    if !has("python3", &[]) {
        return Err("python3 is not installed".to_owned());
    }
    let dir = target_dir().join("conformance");
    let python = dir.join("bin/python");
    let shown = python.to_string_lossy().into_owned();
    if read(command(&shown, &["-c", "import ccxt; assert ccxt.__version__ == '4.5.90'"])).is_ok() {
        return Ok(shown);
    }
    let make = || -> Result<(), String> {
        must(command("python3", &["-m", "venv", &dir.to_string_lossy()]))?;
        must(command(&shown, &["-m", "pip", "install", "--quiet", CCXT]))
    };
    make().map_err(|why| format!("{CCXT} cannot be installed under {}: {why}", root().display()))?;
    Ok(shown)
}
