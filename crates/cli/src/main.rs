//! The cenote command line.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // A host may use clocks and std's floats.

mod calibrate;
mod client;
mod completions;
mod exit;
mod keyring;
mod legs;
mod output;
mod progress;
mod replay;
mod session;
mod show;
mod up;
mod verbs;

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
  cenote up                              a venue on this machine, with page and API
  cenote chain                           what can be traded there, and at which prices
  cenote quote buy 1 27MAR26 100000 C    what a trade costs, and why
  cenote trade buy 1 27MAR26 100000 C --as alice
  cenote replay                          thirty generated days through the engine
  cenote replay --prices btc_1m.csv.gz   your own prices
  cenote calibrate --chain chain.csv.gz --currency BTC
  cenote completions bash > ~/.local/share/bash-completion/completions/cenote";

#[derive(Subcommand)]
enum Verb {
    Up(up::Arguments),
    Status(verbs::status::Arguments),
    Chain(verbs::chain::Arguments),
    Quote(verbs::quote::Arguments),
    Trade(verbs::trade::Arguments),
    Orders(verbs::orders::Arguments),
    Cancel(verbs::cancel::Arguments),
    Account(verbs::account::Arguments),
    /// Move money from the account's wallet into its free cash.
    Deposit(verbs::cash::Arguments),
    /// Move free cash into the account's wallet.
    Withdraw(verbs::cash::Arguments),
    Fund(verbs::fund::Arguments),
    Lp(verbs::lp::Arguments),
    Whatif(verbs::whatif::Arguments),
    Explain(verbs::explain::Arguments),
    Watch(verbs::watch::Arguments),
    Export(verbs::export::Arguments),
    Market(verbs::market::Arguments),
    Keys(verbs::keys::Arguments),
    Dev(verbs::dev::Arguments),
    Doctor(verbs::doctor::Arguments),
    Replay(replay::Arguments),
    Calibrate(calibrate::Arguments),
    Completions(completions::Arguments),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.verb {
        Verb::Up(arguments) => up::run(&arguments),
        Verb::Status(arguments) => verbs::status::run(&arguments),
        Verb::Chain(arguments) => verbs::chain::run(&arguments),
        Verb::Quote(arguments) => verbs::quote::run(&arguments),
        Verb::Trade(arguments) => verbs::trade::run(&arguments),
        Verb::Orders(arguments) => verbs::orders::run(&arguments),
        Verb::Cancel(arguments) => verbs::cancel::run(&arguments),
        Verb::Account(arguments) => verbs::account::run(&arguments),
        Verb::Deposit(arguments) => verbs::cash::deposit(&arguments),
        Verb::Withdraw(arguments) => verbs::cash::withdraw(&arguments),
        Verb::Fund(arguments) => verbs::fund::run(&arguments),
        Verb::Lp(arguments) => verbs::lp::run(&arguments),
        Verb::Whatif(arguments) => verbs::whatif::run(&arguments),
        Verb::Explain(arguments) => verbs::explain::run(&arguments),
        Verb::Watch(arguments) => verbs::watch::run(&arguments),
        Verb::Export(arguments) => verbs::export::run(&arguments),
        Verb::Market(arguments) => verbs::market::run(&arguments),
        Verb::Keys(arguments) => verbs::keys::run(&arguments),
        Verb::Dev(arguments) => verbs::dev::run(&arguments),
        Verb::Doctor(arguments) => verbs::doctor::run(&arguments),
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
