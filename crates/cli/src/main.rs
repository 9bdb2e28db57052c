//! The cenote command line.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // A host may use clocks and std's floats.

mod calibrate;
mod completions;
mod exit;
mod output;
mod progress;
mod replay;

use clap::{Parser, Subcommand};
use exit::Failure;
use std::process::ExitCode;

/// A peer-to-pool options protocol, on one machine.
#[derive(Parser)]
#[command(name = "cenote", version, before_help = EXAMPLES, after_help = exit::CODES)]
#[command(subcommand_required = true, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  cenote replay                          thirty generated days through the engine
  cenote replay --prices btc_1m.csv.gz   your own prices
  cenote calibrate --chain chain.csv.gz --currency BTC
  cenote completions bash > ~/.local/share/bash-completion/completions/cenote";

#[derive(Subcommand)]
enum Verb {
    Replay(replay::Arguments),
    Calibrate(calibrate::Arguments),
    Completions(completions::Arguments),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.verb {
        Verb::Replay(arguments) => replay::run(&arguments),
        Verb::Calibrate(arguments) => calibrate::run(arguments),
        Verb::Completions(arguments) => completions::run(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        // Whoever reads this has heard enough: `cenote replay | head`.
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self::Quiet;
        }
        Self::Failed(format!("cannot write the output: {error}"))
    }
}
