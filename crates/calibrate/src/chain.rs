//! Option chains: what is listed, at which bid and ask, read from a CSV file.

use crate::time;
use std::fmt;
use std::io;
use std::path::PathBuf;

mod read;

pub use read::{read, read_from};

/// The right an option gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// To buy.
    Call,
    /// To sell.
    Put,
}

/// A two-sided quote, in units of the forward that was quoted beside it.
///
/// Venues whose premium is paid in coin quote it so: price in coin times forward is the undiscounted price in money.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quote {
    /// Call or put.
    pub right: Right,
    /// `ln(K/F)` with the forward of the same row, so rows polled seconds apart agree.
    pub log_moneyness: f64,
    /// Best bid over the forward, positive.
    pub bid: f64,
    /// Best ask over the forward, above the bid.
    pub ask: f64,
    /// Delta as the venue states it, in `[-1, 1]`.
    pub delta: f64,
}

/// One expiry of a chain.
#[derive(Clone, Debug, PartialEq)]
pub struct ChainExpiry {
    /// Milliseconds since 1970.
    pub expiry_ms: i64,
    /// The venue's forward, the median over the expiry's rows.
    pub forward: f64,
    /// `ln(F/S)`, the median over the rows, each with the index of its own row.
    pub carry: f64,
    /// Two-sided quotes, in the order of the file.
    pub quotes: Vec<Quote>,
}

/// Rows of the currency that are not quotes, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// No bid, or no ask: absent, not a number, or zero.
    pub one_sided: usize,
    /// The bid is not below the ask.
    pub crossed: usize,
    /// The venue states no delta.
    pub no_delta: usize,
    /// The expiry is not after the snapshot.
    pub expired: usize,
}

/// The listed options of one currency at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    /// Currency of the underlying, as the file names it.
    pub currency: String,
    /// Time of the snapshot, the latest of its rows, milliseconds since 1970.
    pub snapshot_ms: i64,
    /// Index price, the median over the rows.
    pub index: f64,
    /// Expiries with at least one two-sided quote, nearest first.
    pub expiries: Vec<ChainExpiry>,
    /// What was left out.
    pub dropped: Dropped,
}

/// Why a file is not a chain. Lines count from 1, the header's.
#[derive(Debug)]
pub enum ChainError {
    /// The file cannot be opened.
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file cannot be read to its end: cut off or damaged.
    Read {
        /// The file.
        path: PathBuf,
        /// The last line that was read whole.
        after_line: u64,
        /// What the reader said.
        source: io::Error,
    },
    /// A needed column is not in the header.
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
        /// The header.
        header: Vec<String>,
    },
    /// A row has more or fewer fields than the header.
    Ragged {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// Fields of the row.
        fields: u64,
        /// Fields of the header.
        expected: u64,
    },
    /// A field does not hold what its column should.
    Field {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// The column.
        column: &'static str,
        /// The text.
        value: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// No row is of the currency.
    NoCurrency {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        currency: String,
        /// What the file has.
        found: Vec<String>,
    },
    /// No row of the currency has both a bid and an ask.
    NoTwoSidedQuotes {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        currency: String,
        /// Rows of it.
        rows: usize,
        /// Why they are no quotes.
        dropped: Dropped,
    },
}

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open { path, source } => write!(f, "cannot open {}: {source}", path.display()),
            Self::Read { path, after_line, source } => write!(
                f,
                "{} cannot be read beyond line {after_line}: {source}; is it cut off?",
                path.display()
            ),
            Self::NoColumn { path, column, header } => write!(
                f,
                "{} line 1: no column `{column}`; the header has {}",
                path.display(),
                header.join(", ")
            ),
            Self::Ragged { path, line, fields, expected } => {
                write!(f, "{} line {line}: {fields} fields, the header has {expected}", path.display())
            }
            Self::Field { path, line, column, value, expected } => {
                write!(f, "{} line {line}, column `{column}`: `{value}` is not {expected}", path.display())
            }
            Self::NoCurrency { path, currency, found } => write!(
                f,
                "{} has no options on {currency}, only on {}",
                path.display(),
                if found.is_empty() { "nothing".to_string() } else { found.join(", ") }
            ),
            Self::NoTwoSidedQuotes { path, currency, rows, dropped } => write!(
                f,
                "{}: none of the {rows} options on {currency} has a bid below an ask ({dropped})",
                path.display()
            ),
        }
    }
}

impl std::error::Error for ChainError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Open { source, .. } | Self::Read { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Dropped { one_sided, crossed, no_delta, expired } = self;
        write!(f, "{one_sided} one-sided, {crossed} crossed, {no_delta} without delta, {expired} expired")
    }
}

impl ChainExpiry {
    /// Milliseconds from the snapshot to the expiry.
    pub fn time_left_ms(&self, chain: &Chain) -> i64 {
        self.expiry_ms - chain.snapshot_ms
    }

    /// The expiry as a date with time.
    pub fn label(&self) -> String {
        time::format(self.expiry_ms)
    }
}

#[cfg(test)]
mod tests;
