//! The project's chores. `cargo xtask` lists them.

#![forbid(unsafe_code)]
// The rule against ambient clocks, hash maps and `std`'s float functions is for the crates that run on a chain.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod bench;
mod process;
mod test;
mod tidy;
mod up;
mod wasm;
mod web;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask <chore>

  test           every check and test; the last line is `N passed, N failed`
  tidy           the checks of the repository's shape alone: seconds, nothing is compiled
  up [ARGS]      builds the page and `cenote`, then runs a venue (`cenote up --help` says what ARGS may be)
  bench [NAME]   measures and writes docs/results/NAME.md; without a name all of them, `--list` lists them
  wasm           builds the engine for wasm and compares its size with what a chain accepts
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let chore = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let result = match chore.as_str() {
        "test" if rest.is_empty() => test::run(),
        "tidy" if rest.is_empty() => tidy::run(),
        "wasm" if rest.is_empty() => wasm::run(),
        "up" => up::run(&rest),
        "bench" => bench::run(&rest),
        _ => {
            eprint!("{USAGE}");
            return if matches!(chore.as_str(), "" | "help" | "--help" | "-h") {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(2)
            };
        }
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("xtask {chore}: {why}");
            ExitCode::FAILURE
        }
    }
}
