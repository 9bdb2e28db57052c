//! `cargo xtask up`: the engine at work on one's own machine, in one command.

use crate::process::{command, must, read, target_dir};

/// Replayed when nothing else is asked for: generated prices, the same ones every time.
const DEMONSTRATION: &[&str] = &["--seed", "1"];
/// Options that choose what is replayed.
const SOURCES: &[&str] = &["--prices", "--seed", "--help"];

/// Builds the release binary and replays.
pub fn run(arguments: &[String]) -> Result<bool, String> {
    eprintln!("building cenote (release; a few minutes the first time)");
    must(command("cargo", &["build", "--release", "--package", "cenote"]))?;
    let binary = target_dir().join("release/cenote").to_string_lossy().into_owned();
    if !read(command(&binary, &["--help"]))?.contains("replay") {
        return Err("this build of cenote has no `replay` command".to_owned());
    }
    let mut replay = command(&binary, &["replay"]);
    // Paths among the arguments are meant from where the user stands.
    replay.current_dir(std::env::current_dir().map_err(|e| e.to_string())?).args(tape(arguments));
    Ok(replay.status().map_err(|e| e.to_string())?.success())
}

/// The arguments of `cenote replay`: the user's, and the demonstration's tape unless they name a source.
fn tape(arguments: &[String]) -> Vec<String> {
    let named = arguments.iter().any(|argument| {
        let option = argument.split('=').next().unwrap_or_default();
        SOURCES.contains(&option)
    });
    let demonstration = DEMONSTRATION.iter().filter(|_| !named).map(|&s| s.to_owned());
    demonstration.chain(arguments.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_named_source_replaces_the_demonstration() {
        let tape = |text: &str| super::tape(&text.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(tape(""), ["--seed", "1"]);
        assert_eq!(tape("--json"), ["--seed", "1", "--json"]);
        assert_eq!(tape("--prices=a.csv --json"), ["--prices=a.csv", "--json"]);
        assert_eq!(tape("--prices a.csv --chain b.csv"), ["--prices", "a.csv", "--chain", "b.csv"]);
        assert_eq!(tape("--chain b.csv"), ["--seed", "1", "--chain", "b.csv"]);
    }
}
