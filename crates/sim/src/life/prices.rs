//! The index: generated, or from a tape and generated after its end; either moved by shocks.

use super::{LifeConfig, LifeError, opening};
use crate::tape::{Generator, Path, Tape, cents};
use borsh::{BorshDeserialize, BorshSerialize};
use cenote_engine::quote;
use cenote_pricing::math::exp;
use cenote_units::{Millis, Price, Timestamp};
use std::sync::Arc;

/// Where prices come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Prices {
    /// From a seed. The generator's start, days and spacing are not used: the market has its own.
    Generated(Generator),
    /// From a tape, moved in time so that its first tick is the market's first. After its last one prices go on generated from the
    /// price and the vol that it ended with, at its spacing.
    Tape(Arc<Tape>),
}

impl Default for Prices {
    fn default() -> Self {
        Self::Generated(Generator { price: 100_000.0, vol: 0.5, ..Generator::default() })
    }
}

/// Where prices come from at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// From a seed.
    Generated,
    /// From a tape.
    Tape,
    /// From a seed, where a tape ended.
    AfterTape,
}

impl Prices {
    pub(super) fn check(&self) -> Result<(), LifeError> {
        let refused = |what: &str| Err(LifeError::Config(what.into()));
        match self {
            Self::Generated(g) => {
                let within = |x: f64, least: f64, most: f64| (least..=most).contains(&x);
                if !within(g.price, 0.01, 1e7) {
                    return refused("the first price must be 0.01 to 10,000,000");
                }
                if !within(g.vol, 0.01, 4.0) || !within(g.vol_sd, 0.0, 1.5) {
                    return refused("the vol must be 0.01 to 4 and the deviation of its log 0 to 1.5");
                }
                if !within(g.vol_half_life, 0.01, 1_000.0) || !within(g.correlation, -1.0, 1.0) {
                    return refused(
                        "the half-life of vol must be 0.01 to 1,000 days and the correlation -1 to 1",
                    );
                }
                if !within(g.jumps, 0.0, 2_000.0)
                    || !within(g.jump.0, -0.5, 0.5)
                    || !within(g.jump.1, 0.0, 0.5)
                {
                    return refused(
                        "jumps must be 0 to 2,000 a year, their mean -0.5 to 0.5, their deviation 0 to 0.5",
                    );
                }
                Ok(())
            }
            Self::Tape(tape) if tape.ticks.is_empty() || tape.spacing == Millis::ZERO => {
                refused("the tape has no ticks")
            }
            Self::Tape(_) => Ok(()),
        }
    }

    /// The first price.
    pub(super) fn first(&self) -> Price {
        match self {
            Self::Generated(generator) => cents(generator.price),
            Self::Tape(tape) => tape.ticks[0].price,
        }
    }

    /// The vol that a publisher starts with, per 1.00.
    pub(super) fn vol(&self) -> f64 {
        match self {
            Self::Generated(generator) => generator.vol,
            Self::Tape(tape) => crate::replay::first_day_vol(tape),
        }
    }
}

/// The process: what it was made from, and how far it is.
#[derive(Debug, Clone)]
pub(super) struct Process {
    seed: u64,
    start: Timestamp,
    spacing: Millis,
    prices: Prices,
    pub moving: Moving,
}

/// All of a process that changes.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
pub(super) struct Moving {
    /// Of the latest price.
    at: Timestamp,
    path: Path,
    /// Price and vol that the tape ended with, once it has.
    after: Option<(f64, f64)>,
    /// Sum of all shocks so far, in logs.
    moved: f64,
    shock: Option<Shock>,
}

/// A move under way.
#[derive(Debug, Clone, Copy, PartialEq, BorshSerialize, BorshDeserialize)]
struct Shock {
    until: Timestamp,
    log_move: f64,
}

impl Process {
    pub fn new(config: &LifeConfig) -> Self {
        let path = match &config.prices {
            Prices::Generated(generator) => Path::new(generator, config.seed),
            Prices::Tape(_) => Path::new(&Generator::default(), config.seed),
        };
        let at = opening::begin(config);
        Self {
            seed: config.seed,
            start: config.start,
            spacing: config.spacing(),
            prices: config.prices.clone(),
            moving: Moving { at, path, after: None, moved: 0.0, shock: None },
        }
    }

    /// Of the latest price.
    pub fn at(&self) -> Timestamp {
        self.moving.at
    }

    pub fn source(&self) -> Source {
        match &self.prices {
            Prices::Generated(_) => Source::Generated,
            Prices::Tape(_) if self.moving.after.is_some() => Source::AfterTape,
            Prices::Tape(_) => Source::Tape,
        }
    }

    /// The market's time of a tape's tick.
    fn time(&self, tape: &Tape, at: Timestamp) -> Timestamp {
        self.start.after(at.since(tape.ticks[0].at))
    }

    /// How many of a tape's ticks have come by a moment.
    fn played_by(&self, tape: &Tape, at: Timestamp) -> usize {
        tape.ticks.partition_point(|tick| self.time(tape, tick.at) <= at)
    }

    /// The first tick after a moment.
    pub fn next_after(&self, at: Timestamp) -> Timestamp {
        if let Prices::Tape(tape) = &self.prices
            && let Some(tick) = tape.ticks.get(self.played_by(tape, at))
        {
            return self.time(tape, tick.at);
        }
        at.after(self.spacing)
    }

    /// The moment itself, or on a tape that of its latest price.
    pub fn latest_by(&self, at: Timestamp) -> Timestamp {
        let Prices::Tape(tape) = &self.prices else { return at };
        let played = self.played_by(tape, at);
        match tape.ticks.get(played.saturating_sub(1)) {
            Some(tick) if played < tape.ticks.len() => self.time(tape, tick.at).min(at),
            _ => at,
        }
    }

    /// Goes on to a moment after the latest price's; `vol` is what a tape that ends now has had of late.
    pub fn advance(&mut self, at: Timestamp, vol: f64) -> Price {
        let from = self.moving.at;
        self.moving.at = at;
        self.moving.moved += self.shocked(from, at);
        let moved = self.moving.moved;
        match self.prices.clone() {
            Prices::Generated(generator) => {
                self.moving.path.step(&generator, quote::years(at.since(from)));
                self.moving.path.price_with(&generator, moved)
            }
            Prices::Tape(tape) => self.advance_tape(&tape, from, at, vol),
        }
    }

    fn advance_tape(&mut self, tape: &Tape, from: Timestamp, at: Timestamp, vol: f64) -> Price {
        let played = self.played_by(tape, at);
        let latest = tape.ticks[played.saturating_sub(1)];
        let (price, moved) = (quote::price(latest.price), self.moving.moved);
        let ended = self.time(tape, tape.ticks[tape.ticks.len() - 1].at);
        if at <= ended {
            // An exact price of the tape stays exact.
            return if moved == 0.0 { latest.price } else { cents(price * exp(moved)) };
        }
        let (seed, path) = (self.seed, &mut self.moving.path);
        let first = self.moving.after.is_none();
        let (price, vol) = *self.moving.after.get_or_insert((price, vol.clamp(0.05, 4.0)));
        let generator = Generator { price, vol, ..Generator::default() };
        if first {
            *path = Path::new(&generator, seed).at_rest(&generator);
        }
        path.step(&generator, quote::years(at.since(from.max(ended))));
        path.price_with(&generator, moved)
    }

    /// The part of a shock that falls between two moments.
    fn shocked(&mut self, from: Timestamp, to: Timestamp) -> f64 {
        let Some(shock) = self.moving.shock else { return 0.0 };
        let left = shock.until.since(from).get();
        if to >= shock.until || left == 0 {
            self.moving.shock = None;
            return shock.log_move;
        }
        let part = shock.log_move * (to.since(from).get() as f64 / left as f64);
        self.moving.shock = Some(Shock { log_move: shock.log_move - part, ..shock });
        part
    }

    /// Adds a move to the one under way, and starts it afresh.
    pub fn shock(&mut self, log_move: f64, over: Millis) {
        let left = self.moving.shock.map_or(0.0, |shock| shock.log_move);
        let until = self.moving.at.after(over);
        self.moving.shock = Some(Shock { until, log_move: left + log_move });
    }
}
