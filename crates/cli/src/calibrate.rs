//! `cenote calibrate`.

use crate::exit::{CODES, Failure};
use cenote_calibrate::{CalibrateArgs, CliError, FitOptions};
use clap::Args;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  cenote calibrate --chain chain.csv.gz --currency BTC
  cenote calibrate --chain chain.csv.gz --currency ETH --out surface.json --json";

/// Fit the surface of a market to the bids and asks of listed options.
#[derive(Args)]
#[command(before_help = EXAMPLES, after_help = CODES)]
pub struct Arguments {
    /// The chain: CSV, plain or gzipped.
    #[arg(long, value_name = "FILE")]
    chain: PathBuf,
    /// Currency of the underlying, as the file names it.
    #[arg(long, value_name = "CODE")]
    currency: String,
    /// JSON on stdout, and nothing else there.
    #[arg(long)]
    json: bool,
    /// Write the surface, ready to publish, as JSON.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { chain, currency, json, out } = arguments;
    let args = CalibrateArgs { chain, currency, json, out, options: FitOptions::default() };
    let report = cenote_calibrate::run(&args).map_err(|error| match &error {
        CliError::Write { .. } => Failure::Failed(error.to_string()),
        _ => Failure::Input(error.to_string()),
    })?;
    crate::output::print(&format!("{}\n", report.trim_end()))
}
