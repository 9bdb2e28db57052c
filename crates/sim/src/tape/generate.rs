//! Generated tapes: the log of volatility reverts to its mean, the price moves with it and jumps.

use super::{Tape, Tick};
use crate::rng::Rng;
use borsh::{BorshDeserialize, BorshSerialize};
use cenote_pricing::math::{exp, sqrt};
use cenote_units::{Millis, Price, Timestamp};

/// What is generated. A price per spacing, in years of 365 days:
/// `d ln S = -v/2 dt + sqrt(v) dW + J dN`, `ln sqrt(v)` an Ornstein-Uhlenbeck process correlated with `W`.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Generator {
    /// The first tick.
    pub start: Timestamp,
    /// Days, 1 to 3,660.
    pub days: u32,
    /// Time between ticks.
    pub spacing: Millis,
    /// First price, quote.
    pub price: f64,
    /// Volatility without jumps in the long run, per 1.00: the root of the mean variance.
    pub vol: f64,
    /// Standard deviation of log volatility in the long run.
    pub vol_sd: f64,
    /// Half-life of a deviation of log volatility, days.
    pub vol_half_life: f64,
    /// Correlation of returns and changes of volatility.
    pub correlation: f64,
    /// Jumps a year.
    pub jumps: f64,
    /// Mean and standard deviation of a jump, in logs.
    pub jump: (f64, f64),
}

impl Default for Generator {
    fn default() -> Self {
        Self {
            // Monday 2026-01-05, 00:00 UTC.
            start: Timestamp::ZERO.after(Millis::new(1_767_571_200_000)),
            days: 30,
            spacing: Millis::seconds(60),
            price: 60_000.0,
            vol: 0.55,
            vol_sd: 0.45,
            vol_half_life: 6.0,
            correlation: -0.3,
            jumps: 24.0,
            jump: (-0.01, 0.025),
        }
    }
}

/// A generated price on its way: all of it that changes.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Path {
    log_price: f64,
    log_vol: f64,
    rng: Rng,
}

impl Path {
    /// At a generator's first price.
    #[must_use]
    pub fn new(generator: &Generator, seed: u64) -> Self {
        let mut rng = Rng::new(seed, 0x7a9e);
        Self { log_price: 0.0, log_vol: generator.vol_sd * rng.normal(), rng }
    }

    /// The same with the vol at its long-run value.
    #[must_use]
    pub fn at_rest(self, generator: &Generator) -> Self {
        Self { log_vol: generator.vol_sd * generator.vol_sd, ..self }
    }

    /// The price now, in whole hundredths.
    #[must_use]
    pub fn price(&self, generator: &Generator) -> Price {
        self.price_with(generator, 0.0)
    }

    /// The price now, moved by so much of its log.
    #[must_use]
    pub fn price_with(&self, generator: &Generator, moved: f64) -> Price {
        cents(generator.price * exp(self.log_price + moved))
    }

    /// Goes on by some time, in years, in one step: vol stands still within it.
    pub fn step(&mut self, generator: &Generator, dt: f64) {
        let Generator { vol_sd, correlation, .. } = *generator;
        let kept = exp(-core::f64::consts::LN_2 * dt * 365.0 / generator.vol_half_life);
        let noise = vol_sd * sqrt(1.0 - kept * kept);
        let co_correlation = sqrt(1.0 - correlation * correlation);
        // Less the variance of log vol: the mean of the square is then the square of `vol`.
        let vol = generator.vol * exp(self.log_vol - vol_sd * vol_sd);
        let (z, w) = (self.rng.normal(), self.rng.normal());
        self.log_price += -0.5 * vol * vol * dt + vol * sqrt(dt) * z;
        for _ in 0..self.rng.poisson(generator.jumps * dt) {
            self.log_price += generator.jump.0 + generator.jump.1 * self.rng.normal();
        }
        self.log_vol = self.log_vol * kept + noise * (correlation * z + co_correlation * w);
    }
}

/// The tape of a seed: the same bits on every machine.
#[must_use]
pub fn generate(generator: &Generator, seed: u64) -> Tape {
    let spacing = generator.spacing;
    let steps = u64::from(generator.days) * 86_400_000 / spacing.get().max(1);
    let dt = spacing.get() as f64 / cenote_pricing::YEAR_MS;
    let mut path = Path::new(generator, seed);
    let mut ticks = Vec::new();
    for step in 0..=steps {
        let at = generator.start.after(Millis::new(step * spacing.get()));
        ticks.push(Tick { at, price: path.price(generator) });
        path.step(generator, dt);
    }
    Tape { source: format!("generated from seed {seed}"), spacing, ticks, gaps: Vec::new() }
}

/// A price in whole hundredths.
pub(crate) fn cents(price: f64) -> Price {
    let units = (price * 100.0).clamp(1.0, 1e10) as u128;
    Price::new(units * 10_000_000_000).unwrap_or(Price::ONE)
}
