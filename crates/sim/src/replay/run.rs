//! The run itself: one tick after another.

use super::agents::providers::Providers;
use super::agents::takers::Takers;
use super::agents::{
    ADMIN, ARBITRAGEUR, KEEPER, MARKET, Moment, POOL, PUBLISHER, arbitrageur, place, takers, traders,
};
use super::attribution::Parts;
use super::fair::Fair;
use super::host::Host;
use super::report::{Invariants, Nav, NavPoint, Report, TapeSummary};
use super::{Config, ReplayError, SurfaceChoice};
use crate::convert;
use crate::keeping;
use crate::publisher::{Publisher, Shape, kernel_surface};
use crate::rules::market_rules;
use crate::tape::{Tape, Tick};
use crate::venue::Venue;
use cenote_engine::command::{Powers, Report as PriceReport};
use cenote_engine::params::{MarketParams, PoolParams, PoolRules, RealisedSmile, SurfaceSource};
use cenote_engine::quote;
use cenote_engine::state::PoolTally;
use cenote_engine::{Command, Genesis, GenesisMarket, GenesisPool};
use cenote_pricing::math::{ln_ratio, sqrt};
use cenote_units::{Cash, Millis, Price, Timestamp};
use std::time::Instant;

/// From a price's publishing to its delivery.
const DELIVERY: Millis = Millis::new(400);
/// Half the width of the publisher's own uncertainty, in parts of the price: a basis point.
const CONFIDENCE: u128 = 10_000;
/// A surface is published at most this often.
const PUBLISH_EVERY: Millis = Millis::seconds(60);
const DAY_MS: u64 = 86_400_000;
const HOUR_MS: u64 = 3_600_000;
/// The chance that somebody takes a resting order back before a tick.
const CANCELS: f64 = 0.02;
/// The most orders that come before one tick.
const ORDERS_MAX: usize = 200;

/// Replays a tape. `progress` hears how many ticks are done.
///
/// # Errors
/// [`ReplayError::Config`] for what cannot be replayed, [`ReplayError::Engine`] when the engine faults. A broken
/// invariant is no error: the replay ends there and the report names it.
pub fn run(config: &Config, tape: &Tape, progress: &mut dyn FnMut(usize)) -> Result<Report, ReplayError> {
    Ok(run_to_end(config, tape, progress)?.0)
}

/// [`run`], and the venue as it was left.
///
/// # Errors
/// As of [`run`].
pub fn run_to_end(
    config: &Config,
    tape: &Tape,
    progress: &mut dyn FnMut(usize),
) -> Result<(Report, Venue), ReplayError> {
    config.check(tape)?;
    let begun = Instant::now();
    let mut run = Run::new(config, tape)?;
    run.open()?;
    for (done, tick) in tape.ticks.iter().enumerate() {
        let before = done.checked_sub(1).map_or(run.before_first(), |at| tape.ticks[at].at);
        run.step(before, tick)?;
        progress(done + 1);
        if !run.host.breaches.is_empty() {
            break;
        }
    }
    run.report(begun)
}

struct Run<'a> {
    config: &'a Config,
    tape: &'a Tape,
    host: Host,
    publisher: Publisher,
    takers: Takers,
    providers: Providers,
    path: Vec<NavPoint>,
    start: (Cash, PoolTally, f64),
    published_at: Timestamp,
    rolled_hour: u64,
    day: u64,
    /// A share's worth when the day began.
    day_worth: f64,
    /// Places in the tape of the latest ticks at least a day and a week before the one in force.
    trail: [usize; 2],
}

impl<'a> Run<'a> {
    fn new(config: &'a Config, tape: &'a Tape) -> Result<Self, ReplayError> {
        let first = &tape.ticks[0];
        let estimated = config.surface == SurfaceChoice::Realised;
        let rules = market_rules(tape.spacing, estimated);
        let (surface, shape) = match &config.surface {
            SurfaceChoice::Published(shape) => (SurfaceSource::Published(PUBLISHER), shape.clone()),
            SurfaceChoice::Realised => (SurfaceSource::Realised(RealisedSmile::default()), Shape::default()),
        };
        let vol = first_day_vol(tape);
        let publisher = Publisher::new(shape, &rules, vol * vol, config.seed);
        let params = MarketParams {
            name: "TAPE".into(),
            publishers: vec![PUBLISHER],
            surface,
            price_tick: convert::price_tick(first.price),
            rules,
        };
        let pool = GenesisPool {
            params: PoolParams { name: "POOL".into(), rules: PoolRules::default() },
            markets: vec![GenesisMarket { params }],
        };
        let powers = Powers { admin: ADMIN, guardian: ADMIN, timelock: Millis::days(7) };
        let start = first.at.before(Millis::new(3 * tape.spacing.get()));
        let venue = Venue::new(Genesis { powers, pools: vec![pool] }, start);
        let venue = venue.map_err(|e| ReplayError::Engine(e.to_string()))?;
        Ok(Self {
            host: Host::new(venue, config.check_every),
            publisher,
            takers: Takers::new(
                config.seed,
                traders(config.orders_per_day),
                config.orders_per_day,
                takers::REPLAY,
            ),
            providers: Providers::new(config.seed, config.nav),
            path: Vec::with_capacity(tape.ticks.len()),
            start: (Cash::ZERO, PoolTally::default(), 1.0),
            published_at: Timestamp::ZERO,
            rolled_hour: 0,
            day: first.at.millis() / DAY_MS,
            day_worth: 1.0,
            trail: [0; 2],
            config,
            tape,
        })
    }

    fn before_first(&self) -> Timestamp {
        self.tape.ticks[0].at.before(self.tape.spacing)
    }

    /// Two ticks at the tape's first price, before it begins: the first closes the epoch of the first deposits,
    /// the second lets them in.
    fn open(&mut self) -> Result<(), ReplayError> {
        let (first, spacing) = (self.tape.ticks[0], self.tape.spacing.get());
        self.providers.begin(&mut self.host)?;
        for steps in [2, 1] {
            let at = first.at.before(Millis::new(steps * spacing));
            self.publish(at.before(Millis::new(spacing / 10)))?;
            self.push(&Tick { at, price: first.price })?;
        }
        Providers::claim(&mut self.host)?;
        self.host.processed.clear();
        self.host.end_tick();
        let worth = self.worth();
        self.start = (self.parts()?.equity(), self.host.pool().tally.clone(), worth);
        self.day_worth = worth;
        Ok(())
    }

    /// From one tick to the next: orders, a surface, the price, and what follows from it.
    fn step(&mut self, before: Timestamp, tick: &Tick) -> Result<(), ReplayError> {
        let gap = tick.at.since(before).get();
        self.host.until(before.after(Millis::new(gap / 4)));
        self.trade(before, tick.at)?;
        if tick.at.since(self.published_at) >= PUBLISH_EVERY {
            self.publish(tick.at.before(Millis::new(gap / 10)))?;
        }
        self.push(tick)?;
        self.keep(tick)?;
        self.host.end_tick();
        self.record(tick)
    }

    fn trade(&mut self, before: Timestamp, next: Timestamp) -> Result<(), ReplayError> {
        let market = self.host.market();
        let (Some(tick), Some(surface)) = (&market.tick, &market.surface) else { return Ok(()) };
        let spot = quote::price(tick.price);
        let rules = &self.host.venue.state.market_params[&MARKET].rules;
        let pools = Fair::new(kernel_surface(&surface.nodes), spot, tick.published_at, rules);
        // Where no other options are listed the estimated surface is all that anybody knows.
        let worth = match self.config.surface {
            SurfaceChoice::Published(_) => Fair::new(self.publisher.truth(), spot, tick.published_at, rules),
            SurfaceChoice::Realised => {
                Fair::new(kernel_surface(&surface.nodes), spot, tick.published_at, rules)
            }
        };
        let moment = self.moment(before, next, spot);
        if let Some((account, cancel)) = self.takers.cancel(&self.host.venue.state, CANCELS) {
            self.host.send(account, &cancel)?;
        }
        for intent in self.takers.orders(&self.host.venue.state, &worth, moment, ORDERS_MAX) {
            place(&mut self.host, intent)?;
        }
        if let Some(intent) = arbitrageur::order(&self.host.venue.state, ARBITRAGEUR, &pools, moment) {
            place(&mut self.host, intent)?;
        }
        Ok(())
    }

    /// What agents know of time and of what the price has done.
    fn moment(&mut self, before: Timestamp, next: Timestamp, spot: f64) -> Moment {
        let ticks = &self.tape.ticks;
        let mut past = [0.0; 2];
        for ((place, days), change) in self.trail.iter_mut().zip([1, 7]).zip(&mut past) {
            let since = before.before(Millis::days(days));
            while ticks.get(*place + 1).is_some_and(|tick| tick.at <= since) {
                *place += 1;
            }
            *change = ln_ratio(spot, quote::price(ticks[*place].price));
        }
        let ahead = quote::years(next.since(before));
        Moment { now: self.host.venue.now, ahead, day: past[0], week: past[1] }
    }

    fn publish(&mut self, at: Timestamp) -> Result<(), ReplayError> {
        self.host.until(at);
        let now = self.host.venue.now;
        if self.config.surface != SurfaceChoice::Realised && now > self.published_at {
            let anchor = self.host.venue.state.market[&MARKET].anchor.as_ref();
            let nodes = self.publisher.publish(now, anchor);
            self.published_at = now;
            let command = Command::PublishSurface { market: MARKET, published_at: now, nodes };
            self.host.send(PUBLISHER, &command)?;
        }
        Ok(())
    }

    fn push(&mut self, tick: &Tick) -> Result<(), ReplayError> {
        let delivery = DELIVERY.min(Millis::new(self.tape.spacing.get() / 10));
        self.host.until(tick.at.after(delivery));
        let confidence = Price::new(tick.price.get() / CONFIDENCE).unwrap_or(Price::ZERO);
        let report =
            PriceReport { publisher: PUBLISHER, price: tick.price, confidence, published_at: tick.at };
        self.host.send(KEEPER, &Command::PushPrice { market: MARKET, reports: vec![report] })?;
        // The rest of the queue, at the same price.
        while keeping::untried(&self.host.venue.state, MARKET) > 0 {
            self.host.send(KEEPER, &Command::Fill { market: MARKET })?;
        }
        self.publisher.observe(tick.at, tick.price);
        Ok(())
    }

    /// What keeps the venue going: listing, settling, claims, and once a day the providers' decisions.
    fn keep(&mut self, tick: &Tick) -> Result<(), ReplayError> {
        let hour = tick.at.millis() / HOUR_MS;
        if hour != self.rolled_hour && self.host.market().held.is_none() {
            self.rolled_hour = hour;
            self.host.send(KEEPER, &Command::Roll { market: MARKET })?;
        }
        self.settle()?;
        if !self.host.processed.is_empty() {
            self.host.processed.clear();
            Providers::claim(&mut self.host)?;
        }
        let day = tick.at.millis() / DAY_MS;
        if day != self.day {
            self.day = day;
            let worth = self.worth();
            let change = worth / self.day_worth - 1.0;
            self.day_worth = worth;
            self.providers.day(&mut self.host, change)?;
        }
        Ok(())
    }

    /// Boards that no tick has settled, and everybody who holds something on one that has.
    fn settle(&mut self) -> Result<(), ReplayError> {
        for board in keeping::late(&self.host.venue.state, MARKET, self.host.venue.now) {
            self.host.send(KEEPER, &Command::Settle { board })?;
        }
        let accounts = keeping::unsettled(&self.host.venue.state);
        for account in accounts {
            self.host.send(KEEPER, &Command::SettleAccount { account })?;
            // What is left when nothing is open goes home.
            let record = &self.host.venue.state.account[&account];
            let idle = record.holdings.is_empty() && record.orders.is_empty();
            let cash = record.cash;
            if idle && cash > Cash::ZERO {
                self.host.send(account, &Command::Withdraw { amount: cash })?;
            }
        }
        Ok(())
    }

    fn parts(&self) -> Result<Parts, ReplayError> {
        let pool = self.host.pool();
        Parts::new(pool, &self.host.venue.state.pool_params[&POOL].rules, pool.risk_capital)
    }

    /// Equity a share, quote.
    fn worth(&self) -> f64 {
        let equity = self.parts().map_or(0.0, |parts| quote::cash(parts.equity()));
        equity / quote::shares(self.host.pool().shares)
    }

    fn record(&mut self, tick: &Tick) -> Result<(), ReplayError> {
        let parts = self.parts()?;
        let pool = self.host.pool();
        let exposure = &pool.books[0].exposure;
        let locked = parts.held.minus(pool.cash).unwrap_or(Cash::ZERO);
        let surface = self.host.market().surface.as_ref();
        let mid = parts.held.plus(convert::cash(parts.value)).unwrap_or(parts.held);
        self.path.push(NavPoint {
            at: tick.at,
            spot: quote::price(tick.price),
            vol: surface.map_or(0.0, |surface| kernel_surface(&surface.nodes).sigma_ref()),
            nav: parts.equity(),
            nav_mid: mid,
            cash: pool.cash,
            locked,
            utilisation: quote::cash(locked) / quote::cash(pool.risk_capital),
            delta: exposure.delta,
            vega: exposure.vega / 100.0,
            shares: pool.shares.get(),
            filled: self.host.orders.filled,
        });
        Ok(())
    }

    fn report(mut self, begun: Instant) -> Result<(Report, Venue), ReplayError> {
        if self.host.breaches.is_empty() {
            self.host.check();
        }
        let tally = self.host.pool().tally.clone();
        let (start, first, worth) = &self.start;
        let end = self.parts()?.equity();
        let out = |e: cenote_units::OutOfRange| ReplayError::Engine(e.to_string());
        let flows = (tally.entered.plus(tally.left))
            .and_then(|now| now.minus(first.entered.plus(first.left)?))
            .map_err(out)?;
        let total = end.minus(*start).and_then(|change| change.minus(flows)).map_err(out)?;
        let seconds = begun.elapsed().as_secs_f64();
        let mut orders = self.host.orders.clone();
        orders.live = self.host.venue.state.order.len() as u64;
        let pnl = self.host.attribution.pnl(&tally, first, total)?;
        let report = Report {
            seed: self.config.seed,
            tape: summary(self.tape),
            commands: self.host.commands,
            orders,
            refused_commands: self.host.refused.clone(),
            feed: self.host.feed,
            premium: self.host.premium,
            nav: Nav {
                start: *start,
                end,
                min: self.path.iter().map(|point| point.nav).min().unwrap_or(end).min(end),
                flows,
                drawdown: drawdown(&self.path, *worth),
                per_share: self.worth() / worth - 1.0,
            },
            unexplained: pnl.unexplained(),
            pnl,
            peaks: self.host.peaks,
            invariants: Invariants {
                checked: self.host.checked,
                of_each: crate::invariants::NAMES.len(),
                violated: self.host.breaches.len(),
                breaches: self.host.breaches,
            },
            digest: self.host.venue.digest(),
            seconds,
            commands_per_second: self.host.commands as f64 / seconds.max(1e-9),
            path: self.path,
        };
        Ok((report, self.host.venue))
    }
}

fn summary(tape: &Tape) -> TapeSummary {
    TapeSummary {
        source: tape.source.clone(),
        ticks: tape.ticks.len(),
        from: tape.ticks[0].at,
        to: tape.ticks[tape.ticks.len() - 1].at,
        spacing: tape.spacing,
        gaps: tape.gaps.len(),
        silence: tape.silence(),
    }
}

/// The largest fall of equity a share from its highest.
fn drawdown(path: &[NavPoint], start: f64) -> f64 {
    let (mut highest, mut worst) = (start, 0.0f64);
    for point in path {
        let worth = quote::cash(point.nav) / (point.shares as f64 / 1e6);
        highest = highest.max(worth);
        worst = worst.min(worth / highest - 1.0);
    }
    worst
}

/// The vol of a tape's first day, 0.2 to 2: a publisher has seen the days before, which the tape does not have.
pub fn first_day_vol(tape: &Tape) -> f64 {
    let until = tape.ticks[0].at.after(Millis::days(1));
    let ticks: Vec<&Tick> = tape.ticks.iter().take_while(|tick| tick.at <= until).collect();
    let ticks = if ticks.len() < 24 { tape.ticks.iter().take(24).collect() } else { ticks };
    let squares: f64 = ticks
        .windows(2)
        .map(|pair| ln_ratio(quote::price(pair[1].price), quote::price(pair[0].price)))
        .map(|change| change * change)
        .sum();
    let span = quote::years(ticks[ticks.len() - 1].at.since(ticks[0].at));
    sqrt(squares / span.max(1e-9)).clamp(0.2, 2.0)
}
