//! A venue in one file: stopped, carried elsewhere, started again.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Gone with the test, however that ends.
struct Up(Child);

impl Drop for Up {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn up(file: &Path) -> (Up, Value) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cenote"))
        .args(["up", "--json", "--port", "0", "--seed", "11", "--state"])
        .arg(file)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready = serde_json::from_str(&line).unwrap_or_else(|_| {
        let _ = child.kill();
        panic!("the venue did not come up: `{line}`")
    });
    (Up(child), ready)
}

/// As Ctrl-C does.
fn stop(mut up: Up) {
    let killed = Command::new("kill").args(["-TERM", &up.0.id().to_string()]).status().unwrap();
    assert!(killed.success());
    assert!(up.0.wait().unwrap().success());
}

fn ends_at(ready: &Value) -> u64 {
    ready["last_seq"].as_u64().unwrap()
}

#[test]
fn a_venue_goes_on_from_its_file_wherever_that_is() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("market.cenote");
    let (child, new) = up(&file);
    assert_eq!(new["new"], true);
    std::thread::sleep(Duration::from_millis(1_500));
    stop(child);
    assert!(file.exists() && !home.path().join("market.cenote.d").exists(), "one file");

    let copy = home.path().join("copy.cenote");
    std::fs::copy(&file, &copy).unwrap();
    for file in [&file, &copy] {
        let (child, again) = up(file);
        assert_eq!((&again["new"], &again["replayed"]), (&Value::Bool(false), &Value::from(0)));
        assert_eq!(again["venue_id"], new["venue_id"]);
        assert!(ends_at(&again) > ends_at(&new), "{} after {}", ends_at(&again), ends_at(&new));
        // Stopped the moment that it says it is ready: heard, and well.
        stop(child);
        let (child, again) = up(file);
        // A power cut: the directory beside the file is newer than the file, and goes on.
        drop(child);
        let (child, after) = up(file);
        assert!(ends_at(&after) >= ends_at(&again));
        stop(child);
    }
}

#[test]
fn a_file_that_is_no_venue_is_said_and_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("notes.txt");
    std::fs::write(&file, "buy milk").unwrap();
    let ran = Command::new(env!("CARGO_BIN_EXE_cenote"))
        .args(["up", "--port", "0", "--state"])
        .arg(&file)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(!ran.status.success());
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(said.contains("notes.txt"), "{said}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "buy milk");
}
