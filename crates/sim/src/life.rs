//! A market that lives by itself: prices, surfaces, a keeper, traders and providers, all of one seed.
//!
//! The host owns the state and the clock. At each tick it asks for the deeds of [`Phase::Tick`], carries them out, then for those
//! of the next phase. What is asked for depends on the configuration, what was saved, and the state that is shown: the same three
//! give the same bits.

mod crowd;
mod keeper;
mod opening;
mod pace;
mod prices;
mod saved;
mod tides;

pub use prices::{Prices, Source};

use crate::publisher::{Publisher, Shape};
pub use crate::replay::agents::MARKET;
use crate::rules::market_rules;
use cenote_engine::ids::AccountId;
use cenote_engine::params::MarketRules;
use cenote_engine::{Command, MemoryState};
use cenote_pricing::math::{abs, ln};
use cenote_units::{Cash, Millis, Timestamp};
use std::fmt;

/// A surface is published at most this often.
const PUBLISH_EVERY: Millis = Millis::seconds(60);
/// Half the width of the publisher's own uncertainty, in parts of the price: a basis point.
const CONFIDENCE: u128 = 10_000;

/// One command on its way to the venue.
#[derive(Debug, Clone, PartialEq)]
pub struct Deed {
    /// As whom.
    pub sender: AccountId,
    /// Money from outside that is attached: zero but for deposits.
    pub funds: Cash,
    /// Market time.
    pub now: Timestamp,
    /// The command.
    pub command: Command,
}

impl Deed {
    fn new(sender: AccountId, now: Timestamp, command: Command) -> Self {
        Self { sender, funds: Cash::ZERO, now, command }
    }

    fn deposit(account: AccountId, now: Timestamp, funds: Cash) -> Self {
        Self { sender: account, funds, now, command: Command::Deposit }
    }
}

/// The parts of a tick, in order; each is asked for on the state that the one before left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Surface and price.
    Tick,
    /// What anybody may do: the rest of the queue, listing, settling, claims.
    Keep,
    /// Orders, cancels and liquidity requests of simulated accounts.
    Trade,
}

impl Phase {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Tick, Self::Keep, Self::Trade];
}

/// Accounts that the host gives; those of simulated traders are made from their names.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Cast {
    /// May propose changes.
    pub admin: AccountId,
    /// May pause, resume and reject.
    pub guardian: AccountId,
    /// Publishes prices and surfaces.
    pub publisher: AccountId,
    /// Delivers ticks and does what anybody may do.
    pub keeper: AccountId,
    /// Who owns the pool's first shares, in equal parts; a simulated account when there are none.
    pub providers: Vec<AccountId>,
    /// Accounts and the free cash that they start with.
    pub funded: Vec<(AccountId, Cash)>,
}

/// What a market is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct LifeConfig {
    /// Seed of prices, of the surface's error and of every simulated account.
    pub seed: u64,
    /// The first tick that comes by itself; the opening is before it.
    pub start: Timestamp,
    /// Time between generated prices, 100 ms to 4 h. A tape has its own.
    pub tick: Millis,
    /// Where prices come from.
    pub prices: Prices,
    /// The shape of the surface; its level follows realised vol.
    pub shape: Shape,
    /// The market's name, 1 to 16 upper-case letters, digits or `_`.
    pub market: String,
    /// What the first providers put in, 20,000 to 10,000,000,000 quote.
    pub pool: Cash,
    /// Whether simulated accounts trade and provide.
    pub agents: bool,
    /// Orders that they think of in an average hour, at most 200.
    pub orders_per_hour: u32,
    /// Who is who.
    pub cast: Cast,
}

impl LifeConfig {
    /// Bounds of [`LifeConfig::tick`].
    pub const TICK: (Millis, Millis) = (Millis::new(100), crate::tape::SPACING_MAX);
    /// The most orders of an hour.
    pub const ORDERS_PER_HOUR_MAX: u32 = 200;

    /// The default market: bitcoin near 100,000, a tick a second, a pool of 10,000,000, 30 orders an hour.
    #[must_use]
    pub fn new(start: Timestamp, cast: Cast) -> Self {
        Self {
            seed: 1,
            start,
            tick: Millis::seconds(1),
            prices: Prices::default(),
            shape: Shape::default(),
            market: "BTC_USDC".into(),
            pool: Cash::new(10_000_000_000_000).unwrap_or(Cash::ZERO),
            agents: true,
            orders_per_hour: 30,
            cast,
        }
    }

    /// The usual time between ticks: the tape's own, or [`LifeConfig::tick`].
    #[must_use]
    pub fn spacing(&self) -> Millis {
        match &self.prices {
            Prices::Generated(_) => self.tick,
            Prices::Tape(tape) => tape.spacing,
        }
    }

    /// The rules of its market: the defaults where ticks are two seconds apart or less, so that an order waits a whole second for its
    /// price. Reports count for as long as the settlement delay lets them: a host that runs market time fast delivers them late. One daily,
    /// weekly and monthly expiry more than by default: seven to nine are listed.
    #[must_use]
    pub fn rules(&self) -> MarketRules {
        let rules = market_rules(self.spacing().max(Millis::seconds(2)), false);
        MarketRules { report_age_max: rules.settlement_delay, dailies: 3, weeklies: 3, monthlies: 3, ..rules }
    }

    fn check(&self) -> Result<(), LifeError> {
        let refused = |what: String| Err(LifeError::Config(what));
        let (least, most) = Self::TICK;
        if self.tick < least || self.tick > most {
            let ms = self.tick.get();
            return refused(format!("the tick is {ms} ms; {} to {} were expected", least.get(), most.get()));
        }
        let (least, most) = crate::replay::Config::NAV;
        if self.pool.get() < least || self.pool.get() > most {
            return refused(format!("the pool is {}; 20000 to 10000000000 were expected", self.pool));
        }
        if self.orders_per_hour > Self::ORDERS_PER_HOUR_MAX {
            let (orders, most) = (self.orders_per_hour, Self::ORDERS_PER_HOUR_MAX);
            return refused(format!("orders an hour are {orders}; 0 to {most} were expected"));
        }
        if self.start < Timestamp::ZERO.after(Millis::days(1)) {
            return refused(format!(
                "the start is {} ms; a day after 1970 or later was expected",
                self.start.millis()
            ));
        }
        self.prices.check()?;
        opening::market(self).check().map_err(|e| LifeError::Config(format!("the market: {e}")))
    }
}

/// Why a market cannot be made, go on, or be bent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LifeError {
    /// The configuration makes no sense.
    Config(String),
    /// What was saved cannot be read.
    Saved(String),
    /// A control is out of its range.
    Control(String),
}

impl fmt::Display for LifeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(what) | Self::Saved(what) | Self::Control(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for LifeError {}

/// A market that lives by itself.
#[derive(Debug, Clone)]
pub struct Life {
    config: LifeConfig,
    rules: MarketRules,
    prices: prices::Process,
    publisher: Publisher,
    crowd: crowd::Crowd,
    tides: tides::Tides,
    keeper: keeper::Keeper,
    /// The latest tick that was asked for.
    asked_at: Timestamp,
    published_at: Timestamp,
    /// No price and no surface until then.
    silent_until: Timestamp,
    /// From the price before the latest one to it; zero when this tick has none. Of no use between ticks.
    step: Millis,
}

impl Life {
    /// A market before its opening.
    ///
    /// # Errors
    /// [`LifeError::Config`]: which number, what it is, what was expected.
    pub fn new(config: LifeConfig) -> Result<Self, LifeError> {
        config.check()?;
        let rules = config.rules();
        let vol = config.prices.vol();
        Ok(Self {
            prices: prices::Process::new(&config),
            publisher: Publisher::new(config.shape.clone(), &rules, vol * vol, config.seed),
            crowd: crowd::Crowd::new(&config),
            tides: tides::Tides::new(&config),
            keeper: keeper::Keeper::default(),
            asked_at: opening::begin(&config),
            published_at: Timestamp::ZERO,
            silent_until: Timestamp::ZERO,
            step: Millis::ZERO,
            rules,
            config,
        })
    }

    /// What it was made from.
    #[must_use]
    pub fn config(&self) -> &LifeConfig {
        &self.config
    }

    /// Where its prices come from now.
    #[must_use]
    pub fn source(&self) -> Source {
        self.prices.source()
    }

    /// When the next tick is due, market time.
    #[must_use]
    pub fn next_at(&self) -> Timestamp {
        self.prices.next_after(self.asked_at.max(self.prices.at()))
    }

    /// The ticks that carry time forward, later than `from`, ascending, the last at `to` (on a tape: at its latest price by then).
    ///
    /// At most 2,000 for jumps of up to 600 days: as far apart outside of settlement windows as that takes, and inside never so far
    /// that a window would be without a price.
    pub fn pace(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Timestamp> + use<> {
        let times = pace::pace(&self.rules, self.config.spacing(), from, to);
        let mut times: Vec<Timestamp> = times.into_iter().map(|at| self.prices.latest_by(at)).collect();
        times.retain(|at| *at > from);
        times.dedup();
        times.into_iter()
    }

    /// What is to be done in a part of the tick at a moment, in order. Moments may be any later ones; [`Life::next_at`] and
    /// [`Life::pace`] tell those that are meant.
    pub fn deeds(&mut self, phase: Phase, at: Timestamp, state: &MemoryState) -> Vec<Deed> {
        match phase {
            Phase::Tick => self.tick(at, state),
            Phase::Keep => self.keep(at, state),
            Phase::Trade => self.trade(at, state),
        }
    }

    fn tick(&mut self, at: Timestamp, state: &MemoryState) -> Vec<Deed> {
        self.asked_at = self.asked_at.max(at);
        self.step = Millis::ZERO;
        if at < self.silent_until || at <= self.prices.at() {
            return Vec::new();
        }
        let mut deeds = Vec::new();
        if at.since(self.published_at) >= PUBLISH_EVERY {
            let anchor = state.market.get(&MARKET).and_then(|market| market.anchor.as_ref());
            deeds.push(self.surface(at, anchor));
        }
        deeds.push(self.price(at));
        deeds
    }

    /// A surface at a moment.
    fn surface(&mut self, at: Timestamp, anchor: Option<&cenote_engine::state::PublishedSurface>) -> Deed {
        let nodes = self.publisher.publish(at, anchor);
        self.published_at = at;
        let command = Command::PublishSurface { market: MARKET, published_at: at, nodes };
        Deed::new(self.config.cast.publisher, at, command)
    }

    /// The price of a moment, delivered.
    fn price(&mut self, at: Timestamp) -> Deed {
        self.step = at.since(self.prices.at());
        let price = self.prices.advance(at, self.publisher.belief().realised_vol());
        self.publisher.observe(at, price);
        self.crowd.observe(price, self.step);
        let Cast { publisher, keeper, .. } = self.config.cast;
        let confidence = cenote_units::Price::new(price.get() / CONFIDENCE).unwrap_or_default();
        let report = cenote_engine::command::Report { publisher, price, confidence, published_at: at };
        Deed::new(keeper, at, Command::PushPrice { market: MARKET, reports: vec![report] })
    }

    fn keep(&mut self, at: Timestamp, state: &MemoryState) -> Vec<Deed> {
        let mut deeds = Vec::new();
        // While time is made up the next tick may be far: a jump is confirmed at once, as a second tick would have.
        let coarse = self.step.get() > 2 * self.config.spacing().get() && at == self.prices.at();
        if coarse && state.market.get(&MARKET).is_some_and(|market| market.held.is_some()) {
            deeds.push(self.price(at.after(self.config.spacing().min(Millis::seconds(1)))));
        }
        deeds.extend(self.keeper.deeds(self.config.cast.keeper, at, state));
        deeds
    }

    fn trade(&mut self, at: Timestamp, state: &MemoryState) -> Vec<Deed> {
        let paused = state.system.get(&()).is_some_and(|system| system.paused)
            || state.market.get(&MARKET).is_none_or(|market| market.paused);
        if !self.config.agents || paused || self.step == Millis::ZERO {
            return Vec::new();
        }
        let now = at.max(self.prices.at());
        let mut deeds = self.crowd.deeds(now, self.step, state, &self.publisher);
        deeds.extend(self.tides.deeds(now, state));
        deeds
    }

    /// Moves the index by a fraction, spread evenly over some time from the latest price on, on top of what it does anyway; what
    /// was left of an earlier move comes with it.
    ///
    /// # Errors
    /// [`LifeError::Control`] unless the fraction is -0.95 to 10 and the time at most 30 days.
    pub fn shock(&mut self, by: f64, over: Millis) -> Result<(), LifeError> {
        if !(-0.95..=10.0).contains(&by) {
            return Err(LifeError::Control(format!("the move is {by}; -0.95 to 10 was expected")));
        }
        if over > Millis::days(30) {
            return Err(LifeError::Control(format!(
                "the move takes {} ms; at most 30 days were expected",
                over.get()
            )));
        }
        self.prices.shock(ln(1.0 + by), over);
        Ok(())
    }

    /// Moves every vol by points of 0.01, as fast as the engine's rate limit lets it: a fifth of the vol in the first hour.
    ///
    /// # Errors
    /// [`LifeError::Control`] unless the points are -200 to 200.
    pub fn vol(&mut self, points: f64) -> Result<(), LifeError> {
        if !points.is_finite() || abs(points) > 200.0 {
            return Err(LifeError::Control(format!("the points are {points}; -200 to 200 were expected")));
        }
        self.publisher.shift(points / 100.0);
        Ok(())
    }

    /// No price and no surface until a moment; one that has passed ends a silence.
    pub fn silence(&mut self, until: Timestamp) {
        self.silent_until = until;
    }
}

#[cfg(test)]
mod tests;
