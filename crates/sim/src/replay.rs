//! A tape run through the engine, with agents who trade, provide liquidity and keep the venue going.

pub(crate) mod agents;
mod attribution;
pub(crate) mod fair;
mod host;
pub mod path;
mod report;
mod run;
mod text;

pub use attribution::Pnl;
pub use report::{Breach, Feed, Invariants, Nav, NavPoint, Orders, Peaks, Premium, Report, TapeSummary};
pub(crate) use run::first_day_vol;
pub use run::{run, run_to_end};
pub use text::text;

use crate::publisher::Shape;
use cenote_units::Cash;
use std::fmt;

/// What is replayed beside the tape.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Seed of every agent and of the surface's error.
    pub seed: u64,
    /// Orders that traders think of on an average day; the tape's own moves make more of them.
    pub orders_per_day: u32,
    /// What liquidity providers put in at the start.
    pub nav: Cash,
    /// Where the surface comes from.
    pub surface: SurfaceChoice,
    /// Invariants are checked after every so many commands; `None` checks after a tick, when 500 commands have passed.
    pub check_every: Option<u64>,
}

/// Where the market's surface comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum SurfaceChoice {
    /// Published, its level after realised vol, its shape this one.
    Published(Shape),
    /// Estimated by the engine from the price itself.
    Realised,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            seed: 1,
            orders_per_day: 200,
            nav: Cash::new(10_000_000_000_000).unwrap_or(Cash::ZERO),
            surface: SurfaceChoice::Published(Shape::default()),
            check_every: None,
        }
    }
}

impl Config {
    /// Bounds of `nav`: the pool's own minimum, and a hundred times the largest of its kind.
    pub const NAV: (i128, i128) = (20_000_000_000, 10_000_000_000_000_000);
    /// The most orders of a day: more would not fit the queue of an hourly tape.
    pub const ORDERS_PER_DAY_MAX: u32 = 5_000;

    /// Refuses what cannot be replayed.
    ///
    /// # Errors
    /// Which number, what it is, what was expected.
    pub fn check(&self, tape: &crate::tape::Tape) -> Result<(), ReplayError> {
        let refused = |what: String| Err(ReplayError::Config(what));
        if self.nav.get() < Self::NAV.0 || self.nav.get() > Self::NAV.1 {
            return refused(format!("nav is {}; 20000 to 10000000000 were expected", self.nav));
        }
        if self.orders_per_day > Self::ORDERS_PER_DAY_MAX {
            let most = Self::ORDERS_PER_DAY_MAX;
            return refused(format!("orders-per-day is {}; 0 to {most} were expected", self.orders_per_day));
        }
        if self.check_every == Some(0) {
            return refused("check-every is 0; 1 or more was expected".into());
        }
        let minutes = tape.spacing.get() as f64 / 60_000.0;
        if self.surface == SurfaceChoice::Realised && tape.spacing.get() > cenote_pricing::realised::SAMPLE_MS
        {
            return refused(format!(
                "{}: its prices are {minutes:.0} minutes apart; a realised surface learns from prices 5 minutes \
                 apart or less",
                tape.source
            ));
        }
        Ok(())
    }
}

/// Why a replay ended early.
#[derive(Debug, Clone, PartialEq)]
pub enum ReplayError {
    /// It cannot be replayed as asked.
    Config(String),
    /// The engine broke a promise of its own, or refused what must not be refused.
    Engine(String),
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(what) | Self::Engine(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for ReplayError {}

#[cfg(test)]
mod tests;
