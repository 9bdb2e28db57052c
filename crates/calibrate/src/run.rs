//! The whole command: a file in, a report out, a surface written.

use crate::chain::{self, ChainError};
use crate::fit::{FitError, FitOptions, fit};
use crate::report;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Instant;

/// What `cenote calibrate` is asked to do.
#[derive(Clone, Debug, PartialEq)]
pub struct CalibrateArgs {
    /// The chain, CSV or gzipped CSV.
    pub chain: PathBuf,
    /// Currency of the underlying, as the file names it.
    pub currency: String,
    /// JSON instead of a table.
    pub json: bool,
    /// Where to write the surface as JSON.
    pub out: Option<PathBuf>,
    /// How to fit.
    pub options: FitOptions,
}

/// Why the command failed.
#[derive(Debug)]
pub enum CliError {
    /// The chain cannot be read.
    Chain(ChainError),
    /// The chain gives no surface.
    Fit {
        /// The chain.
        chain: PathBuf,
        /// Why.
        source: FitError,
    },
    /// The surface cannot be written.
    Write {
        /// Where to.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chain(error) => error.fmt(f),
            Self::Fit { chain, source } => write!(f, "{}: {source}", chain.display()),
            Self::Write { path, source } => write!(f, "cannot write {}: {source}", path.display()),
        }
    }
}

impl std::error::Error for CliError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Chain(error) => std::error::Error::source(error),
            Self::Fit { source, .. } => Some(source),
            Self::Write { source, .. } => Some(source),
        }
    }
}

/// Reads, fits, writes the surface if asked to, and returns the report to print.
///
/// # Errors
/// [`CliError`]; nothing is written unless the fit succeeds.
pub fn run(args: &CalibrateArgs) -> Result<String, CliError> {
    let begun = Instant::now();
    let chain = chain::read(&args.chain, &args.currency).map_err(CliError::Chain)?;
    let calibration =
        fit(&chain, &args.options).map_err(|source| CliError::Fit { chain: args.chain.clone(), source })?;
    let seconds = begun.elapsed().as_secs_f64();
    if let Some(path) = &args.out {
        let text = serde_json::to_string_pretty(&calibration.surface).unwrap_or_default() + "\n";
        std::fs::write(path, text).map_err(|source| CliError::Write { path: path.clone(), source })?;
    }
    Ok(if args.json { report::json(&calibration, seconds) } else { report::text(&calibration, seconds) })
}
