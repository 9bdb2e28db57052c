//! Where prices come from, as the sequencer sees it.

use super::entry::Deed;
use cenote_api::ApiError;
use cenote_engine::MemoryState;
use cenote_units::{Millis, Timestamp};

/// A source of ticks and of whatever the host does on its own. Deterministic: what it does depends on what it was made from, what it was told, and the
/// state that it is shown.
pub trait Market: Send {
    /// What is to be done before anybody else comes, part by part; each sees the state that the ones before leave. Nothing of it may be refused.
    ///
    /// # Errors
    /// What is missing for it, in words.
    fn opening(&mut self, state: &MemoryState) -> Result<Option<Vec<Deed>>, String>;
    /// Its time is the machine's: it cannot be stopped, sped up or carried forward.
    fn real_time(&self) -> bool {
        false
    }
    /// When the next tick is due, market time; `None` while there is none to come.
    fn next_at(&self) -> Option<Timestamp>;
    /// The parts of a tick, in order: each sees the state that the ones before leave.
    fn phases(&self) -> &'static [Phase];
    /// What is to be done in a part of the tick at a moment.
    fn deeds(&mut self, phase: Phase, at: Timestamp, state: &MemoryState) -> Vec<Deed>;
    /// The moments of ticks that carry time from one moment to another, ascending, the last at `to`.
    fn pace(&self, from: Timestamp, to: Timestamp, state: &MemoryState) -> Vec<Timestamp>;
    /// How it goes on from here.
    fn save(&self) -> Vec<u8>;
    /// Goes on from what was saved.
    ///
    /// # Errors
    /// Bytes that it did not save.
    fn load(&mut self, saved: &[u8]) -> Result<(), String>;
    /// Dev mode: bends what comes.
    ///
    /// # Errors
    /// A change that makes no sense.
    fn control(&mut self, change: Change, now: Timestamp) -> Result<(), ApiError>;
}

/// A part of a tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Surface and price.
    Tick,
    /// What follows: fills that are left, listing, settling, claims.
    Keep,
    /// What simulated accounts do.
    Trade,
}

/// Something that dev mode does to the market.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// The index moves by this fraction over this time, on top of what it does anyway.
    Price {
        /// A fraction: -0.2 is 20% down.
        by: f64,
        /// Over how long.
        over: Millis,
    },
    /// Every vol moves by this many points.
    Vol(f64),
    /// No price and no surface until then.
    Silence(Millis),
}

/// What dev mode can do to the venue.
#[derive(Debug, Clone, PartialEq)]
pub enum Control {
    /// Market time stands still.
    Pause,
    /// Market time goes on.
    Resume,
    /// Market seconds a wall second.
    Speed(f64),
    /// Carries time forward to a moment.
    Jump(Timestamp),
    /// Keeps everything under a name.
    Snapshot(String),
    /// Makes everything as it was under a name.
    Revert(String),
    /// Bends what comes.
    Market(Change),
}

/// No prices at all: tests and load.
#[derive(Debug, Default)]
pub struct Quiet;

impl Market for Quiet {
    fn opening(&mut self, _: &MemoryState) -> Result<Option<Vec<Deed>>, String> {
        Ok(None)
    }

    fn next_at(&self) -> Option<Timestamp> {
        None
    }

    fn phases(&self) -> &'static [Phase] {
        &[]
    }

    fn deeds(&mut self, _: Phase, _: Timestamp, _: &MemoryState) -> Vec<Deed> {
        Vec::new()
    }

    fn pace(&self, _: Timestamp, _: Timestamp, _: &MemoryState) -> Vec<Timestamp> {
        Vec::new()
    }

    fn save(&self) -> Vec<u8> {
        Vec::new()
    }

    fn load(&mut self, _: &[u8]) -> Result<(), String> {
        Ok(())
    }

    fn control(&mut self, _: Change, _: Timestamp) -> Result<(), ApiError> {
        Err(ApiError::new("not_supported", "this venue makes no prices; push them with push_price"))
    }
}
