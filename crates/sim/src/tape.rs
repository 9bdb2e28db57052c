//! Price tapes: read from files or generated from a seed.

mod generate;
mod read;

pub(crate) use generate::cents;
pub use generate::{Generator, Path, generate};
pub use read::{TapeError, read};

use cenote_units::{Millis, Price, Timestamp};

/// The coarsest spacing that a replay accepts: two ticks must fit the longest settlement window of a day, and the
/// shortest board must outlive it.
pub const SPACING_MAX: Millis = Millis::seconds(4 * 3_600);

/// One price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// When it was published: the close of its bar.
    pub at: Timestamp,
    /// The index.
    pub price: Price,
}

/// A step of more than one and a half spacings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The last tick before it.
    pub from: Timestamp,
    /// How long there was none.
    pub length: Millis,
}

/// Ticks in order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tape {
    /// Where it came from, for reports.
    pub source: String,
    /// The usual time between ticks: the median.
    pub spacing: Millis,
    /// At least [`Tape::TICKS_MIN`] of them, each later than the one before.
    pub ticks: Vec<Tick>,
    /// Silences longer than the spacing says.
    pub gaps: Vec<Gap>,
}

impl Tape {
    /// The fewest ticks that make a tape.
    pub const TICKS_MIN: usize = 10;
    /// No silence may be longer: boards would settle on a price days old.
    pub const GAP_MAX: Millis = Millis::days(3);
    /// All silences together may be at most this part of the tape, in parts per thousand.
    pub const GAPS_PER_MILLE_MAX: u64 = 20;

    /// The time of all silences together.
    #[must_use]
    pub fn silence(&self) -> Millis {
        Millis::new(self.gaps.iter().map(|gap| gap.length.get() - self.spacing.get()).sum())
    }

    /// From the first tick to the last.
    #[must_use]
    pub fn length(&self) -> Millis {
        match (self.ticks.first(), self.ticks.last()) {
            (Some(first), Some(last)) => last.at.since(first.at),
            _ => Millis::ZERO,
        }
    }
}

#[cfg(test)]
mod tests;
