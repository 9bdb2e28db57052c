//! The binary as people and scripts meet it: what it prints, where, and with which exit code.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A directory of its own for each test, gone with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("cenote-cli-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

/// Names of everything in a directory.
fn listing(path: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(path).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn cenote(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cenote")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A tape of so many prices.
fn every(seconds: usize, count: usize) -> String {
    let rows = (0..count).map(|i| format!("{},{}\n", 1_700_000_000 + seconds * i, 40_000 + i % 7));
    String::from("ts,close\n") + &rows.collect::<String>()
}

fn minutes(count: usize) -> String {
    every(60, count)
}

#[test]
fn what_cannot_be_done_is_said_on_stderr_with_a_code() {
    let scratch = Scratch::new("refusals");
    let short = scratch.file("short.csv", "ts,close\n1700000000,40000\n");
    let back = scratch.file("back.csv", &minutes(20).replace("1700000300,", "1700000100,"));
    let coarse = scratch.file("coarse.csv", &every(3_600, 20));
    let good = scratch.file("good.csv", &minutes(20));
    let chain = scratch.file("chain.csv", "instrument_name,bid_price\nBTC-1,0.1\n");
    let file = scratch.file("file", "");
    let inside_file = format!("{file}/out");
    for (arguments, code, expected) in [
        (
            vec!["replay", "--prices", "no-such-tape.csv"],
            3,
            "error: cannot open no-such-tape.csv: No such file or directory (os error 2)\n".into(),
        ),
        (
            vec!["replay", "--prices", &short],
            3,
            format!("error: {short}: 1 rows; at least 10 were expected\n"),
        ),
        (
            vec!["replay", "--prices", &back],
            3,
            format!(
                "error: {back}:7: the time goes back from 1700000240000 to 1700000100000 ms; later times were expected\n"
            ),
        ),
        (
            vec!["replay", "--prices", &coarse, "--surface", "realised"],
            3,
            format!(
                "error: {coarse}: its prices are 60 minutes apart; a realised surface learns from prices 5 minutes apart or less\n"
            ),
        ),
        (
            vec!["replay", "--chain", "no-such-chain.csv", "--currency", "BTC"],
            3,
            "error: cannot open no-such-chain.csv: No such file or directory (os error 2)\n".into(),
        ),
        (
            vec!["replay", "--prices", &good, "--out", &inside_file],
            3,
            format!("error: cannot make the directory {inside_file}: Not a directory (os error 20)\n"),
        ),
        (
            vec!["calibrate", "--chain", "no-such-chain.csv", "--currency", "BTC"],
            3,
            "error: cannot open no-such-chain.csv: No such file or directory (os error 2)\n".into(),
        ),
        (
            vec!["replay", "--surface", "realised", "--chain", &chain, "--currency", "BTC"],
            2,
            "error: --surface realised estimates the surface; it takes no --chain\n".into(),
        ),
    ] {
        let output = cenote(&arguments);
        assert_eq!(text(&output.stderr), expected, "{arguments:?}");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(code), 0), "{arguments:?}");
    }
    let output = cenote(&["calibrate", "--chain", &chain, "--currency", "BTC"]);
    assert!(text(&output.stderr).contains("chain.csv"), "{}", text(&output.stderr));
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn a_command_line_that_makes_no_sense_names_what_was_expected() {
    for (arguments, expected) in [
        (
            &["replay", "--nav", "lots"][..],
            "invalid value 'lots' for '--nav <CASH>': 20000 to 10000000000 quote, with at most 6 decimals, was expected",
        ),
        (&["replay", "--nav", "19999.999999"], "invalid value '19999.999999'"),
        (&["replay", "--nav", "10000000000.1"], "invalid value '10000000000.1'"),
        (&["replay", "--nav=-5"], "invalid value '-5'"),
        (&["replay", "--nav", "20000.0000001"], "invalid value '20000.0000001'"),
        (&["replay", "--orders-per-day", "5001"], "5001 is not in 0..=5000"),
        (&["replay", "--check-every", "0"], "0 is not in 1.."),
        (&["replay", "--days", "0"], "0 is not in 1..=3660"),
        (&["replay", "--seed", "x"], "invalid value 'x' for '--seed <N>'"),
        (&["replay", "--surface", "flat"], "[possible values: published, realised]"),
        (&["replay", "--chain", "c.csv"], "--currency <CODE>"),
        (&["replay", "--currency", "BTC"], "--chain <FILE>"),
        (&["replay", "--prices", "a.csv", "--days", "3"], "cannot be used with"),
        (&["calibrate", "--currency", "BTC"], "--chain <FILE>"),
        (&["replays"], "'replay'"),
        (&[], "Usage: cenote <COMMAND>"),
    ] {
        let output = cenote(arguments);
        let said = text(&output.stderr);
        assert!(said.contains(expected), "{arguments:?}: {said}");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{arguments:?}");
    }
}

#[test]
fn help_begins_with_examples_and_ends_with_exit_codes() {
    let verbs = [
        "replay",
        "calibrate",
        "status",
        "doctor",
        "chain",
        "quote",
        "trade",
        "orders",
        "cancel",
        "account",
        "deposit",
        "withdraw",
        "fund",
        "lp",
        "whatif",
        "explain",
        "watch",
        "export",
        "market",
        "keys",
        "dev",
    ];
    let helps = verbs.map(|verb| vec![verb, "--help"]).into_iter().chain([vec!["--help"]]);
    for arguments in helps {
        let output = cenote(&arguments);
        let help = text(&output.stdout);
        assert!(help.starts_with("Examples:\n  cenote "), "{help}");
        assert!(help.trim_end().ends_with("5  a rule refuses it"), "{help}");
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
        assert_eq!(output.status.code(), Some(0));
    }
}

#[test]
fn parts_of_verbs_have_examples_too() {
    for (verb, parts) in [
        ("keys", &["new", "list", "show", "import", "export", "session", "api", "revoke"][..]),
        ("lp", &["status", "deposit", "withdraw", "claim"]),
        ("market", &["params", "proposals", "pause", "resume", "propose", "enact", "reject"]),
        ("dev", &["clock", "price", "vol", "oracle", "snapshot", "revert", "snapshots"]),
    ] {
        for part in parts {
            let help = text(&cenote(&[verb, part, "--help"]).stdout);
            let expected = format!("Examples:\n  cenote {verb} {part}");
            assert!(
                help.starts_with(&expected) || help.contains(&format!("| cenote {verb} {part}")),
                "{help}"
            );
            assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
        }
    }
}

#[test]
fn json_is_all_there_is_on_stdout() {
    let scratch = Scratch::new("json");
    let tape = scratch.file("tape.csv", &minutes(300));
    let output = cenote(&["replay", "--prices", &tape, "--json", "--check-every", "10"]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["tape"]["ticks"], 300);
    assert_eq!(json["invariants"]["violated"], 0);
    // Piped text has nothing that only a terminal understands, whatever NO_COLOR says.
    let output = cenote(&["replay", "--prices", &tape]);
    assert!(!output.stdout.contains(&0x1b));
    assert!(text(&output.stdout).contains(json["digest"].as_str().unwrap()), "same tape, same digest");
}

#[test]
fn results_are_written_whole_or_not_at_all() {
    let scratch = Scratch::new("out");
    let tape = scratch.file("tape.csv", &minutes(60));
    let out = scratch.0.join("a/b");
    let run =
        |out: &Path| cenote(&["replay", "--prices", &tape, "--out", &out.display().to_string(), "--json"]);
    let output = run(&out);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(listing(&out), ["nav.csv", "nav.parquet", "report.json"]);
    std::fs::remove_dir_all(&out).unwrap();
    // A place that is taken by a directory: the file beside it is gone again.
    std::fs::create_dir_all(out.join("nav.csv/taken")).unwrap();
    let output = run(&out);
    assert!(text(&output.stderr).starts_with("error: cannot write "), "{}", text(&output.stderr));
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(listing(&out), ["nav.csv"]);
}

#[test]
fn a_reader_who_leaves_is_no_failure() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cenote"))
        .args(["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = cenote(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0));
        assert!(text(&output.stdout).contains("orders-per-day"), "{shell}");
    }
}
