//! Where a pool's equity came from, command by command.
//!
//! `E = held + value - Phi - Lambda`, `held` being its cash and obligations. A tick moves it in stages, each taken at
//! what the stage before left: time passes (theta), the index moves (delta times the move, the rest gamma), the surface
//! changes (vega), expired boards pay (settlement, the averages of open windows included), `Phi` and `Lambda` follow at
//! the R of before (impact and rent), R is reset, liquidity comes and goes (batch). Fills add spread, latency, fees and
//! rounding and nothing else. The stages telescope, so the sources add up to the change of equity.

mod reader;

use super::ReplayError;
use super::agents::{MARKET, POOL};
use crate::venue::Venue;
use cenote_engine::event::TickEvent;
use cenote_engine::ids::AccountId;
use cenote_engine::params::PoolRules;
use cenote_engine::quote::{cash, price, ratio, years};
use cenote_engine::state::{Market, Pool, PoolTally};
use cenote_engine::{Command, Event, Outcome};
use cenote_pricing::{Grid, Lock, Potential, Rent};
use cenote_units::Cash;
use reader::{Inventory, rehearse};
use serde::Serialize;

/// A pool's profit and loss by source, in 1e-6 quote. The sources add up to `total`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Pnl {
    /// Moves of the index times the delta of the inventory.
    pub delta: Cash,
    /// The rest of what moves of the index did to the inventory.
    pub gamma: Cash,
    /// Time passing, all else equal.
    pub theta: Cash,
    /// Changes of the surface.
    pub vega: Cash,
    /// Payoffs against the last marks, the averages of open settlement windows included.
    pub settlement: Cash,
    /// Impact received less every rise of `Phi` that no trade caused.
    pub impact: Cash,
    /// Rent earned.
    pub rent: Cash,
    /// Spread received.
    pub spread: Cash,
    /// Latency charges received.
    pub latency: Cash,
    /// Fees kept.
    pub fees: Cash,
    /// Roundings of trades, in the pool's favour.
    pub rounding: Cash,
    /// `Phi` and `Lambda` at a new R.
    pub risk_capital_reset: Cash,
    /// What entries and exits of liquidity did to `Phi` and `Lambda`.
    pub liquidity: Cash,
    /// What no other source explains: the roundings of equity and of these sums.
    pub other: Cash,
    /// The change of equity less what providers put in and took out.
    pub total: Cash,
}

/// Sums of the sources that are floats, quote.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Sums {
    delta: f64,
    gamma: f64,
    theta: f64,
    vega: f64,
    settlement: f64,
    impact: f64,
    rent: f64,
    reset: f64,
    liquidity: f64,
}

/// Keeps the sums.
#[derive(Debug, Clone, Default)]
pub struct Attribution {
    sums: Sums,
    /// A board settled between ticks, so the stored value of the inventory still counts it.
    stale: bool,
}

/// A pool's equity in its parts, quote but for what is held.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parts {
    /// Cash and obligations.
    pub held: Cash,
    /// The inventory at its marks.
    pub value: f64,
    /// Cost of closing its risk.
    pub phi: f64,
    /// Rent not yet earned.
    pub lambda: f64,
}

impl Parts {
    /// The parts of a pool's equity at a risk capital.
    ///
    /// # Errors
    /// Sums out of range.
    pub fn new(pool: &Pool, rules: &PoolRules, capital: Cash) -> Result<Self, ReplayError> {
        let held = pool.locks.iter().try_fold(pool.cash, |sum, lock| sum.plus(lock.obligation));
        let held = held.map_err(|e| ReplayError::Engine(e.to_string()))?;
        let value = pool.books.iter().map(|book| book.exposure.value).fold(0.0, |sum, value| sum + value);
        let (phi, lambda) = potentials(pool, rules, capital);
        Ok(Self { held, value, phi, lambda })
    }

    /// Equity, rounded down, as the engine rounds it.
    #[must_use]
    pub fn equity(&self) -> Cash {
        let rest = crate::convert::cash(self.value - (self.phi + self.lambda));
        self.held.plus(rest).unwrap_or(Cash::ZERO)
    }
}

/// `Phi` and `Lambda` of a pool at a risk capital, quote.
fn potentials(pool: &Pool, rules: &PoolRules, capital: Cash) -> (f64, f64) {
    if pool.books.iter().all(|book| book.open == 0) {
        return (0.0, 0.0);
    }
    let loads: Vec<_> = pool.books.iter().map(|book| book.exposure.load).collect();
    let rent = Rent {
        r0: ratio(rules.rent_base),
        r1: ratio(rules.rent_slope),
        r2: ratio(rules.rent_steep),
        u_star: ratio(rules.utilisation_kink),
    };
    let locks: Vec<Lock> = pool
        .locks
        .iter()
        .map(|lock| Lock {
            years: years(lock.board.expiry.since(pool.latest_tick)),
            obligation: cash(lock.obligation),
        })
        .collect();
    (potential(rules, capital).phi(&loads), rent.lambda(cash(capital), &locks))
}

/// The potential of a pool's rules at a risk capital.
pub fn potential(rules: &PoolRules, capital: Cash) -> Potential {
    Potential {
        weights: Grid::DEFAULT.weights(),
        b: ratio(rules.risk_tolerance) * cash(capital),
        comovement: ratio(rules.comovement),
    }
}

/// What a command found.
pub struct Before {
    pool: Pool,
    kind: Kind,
}

enum Kind {
    /// Ticks may be accepted.
    Tick {
        inventory: Box<Inventory>,
        /// Pool and market as the ticks and the batch leave them, before any fill; `None` without orders.
        rehearsed: Option<Box<(Pool, Market)>>,
    },
    /// A board may settle without a tick: what the inventory was worth.
    Settle(f64),
    /// Nothing but fills.
    Other,
}

impl Attribution {
    /// Takes note of the state before a command.
    ///
    /// # Errors
    /// A fault of the engine.
    pub fn before(
        &self,
        venue: &Venue,
        sender: AccountId,
        command: &Command,
    ) -> Result<Option<Before>, ReplayError> {
        let state = &venue.state;
        let kind = match command {
            Command::PushPrice { .. } => Kind::Tick {
                inventory: Box::new(Inventory::of(state)),
                rehearsed: rehearse(venue, sender, command)?.map(Box::new),
            },
            Command::Settle { .. } => Kind::Settle(Inventory::of(state).value_now(state)?),
            Command::Fill { .. } | Command::SettleAccount { .. } | Command::PlaceOrder(_) => Kind::Other,
            _ => return Ok(None),
        };
        Ok(Some(Before { pool: state.pool[&POOL].clone(), kind }))
    }

    /// Attributes what a command did.
    ///
    /// # Errors
    /// A fault of the engine.
    pub fn after(
        &mut self,
        venue: &Venue,
        before: Option<Before>,
        outcome: &Outcome,
    ) -> Result<(), ReplayError> {
        let Some(Before { pool, kind }) = before else { return Ok(()) };
        let state = &venue.state;
        let paid = payoff(&state.pool[&POOL].tally) - payoff(&pool.tally);
        match kind {
            Kind::Tick { inventory, rehearsed } => {
                let real = || Box::new((state.pool[&POOL].clone(), state.market[&MARKET].clone()));
                let left = rehearsed.unwrap_or_else(real);
                self.tick(venue, &pool, &inventory, &left, outcome)?;
            }
            Kind::Settle(value) => {
                self.sums.settlement += paid + Inventory::of(state).value_now(state)? - value;
                self.stale = true;
            }
            // Dust of boards whose last holder has gone.
            Kind::Other => self.sums.settlement += paid,
        }
        Ok(())
    }

    /// What ticks and their batch did; `left` is what they left, before any fill.
    fn tick(
        &mut self,
        venue: &Venue,
        before: &Pool,
        inventory: &Inventory,
        left: &(Pool, Market),
        outcome: &Outcome,
    ) -> Result<(), ReplayError> {
        let rules = &venue.state.pool_params[&POOL].rules;
        let Some(last) = outcome.events.iter().filter_map(tick_of).next_back() else { return Ok(()) };
        let (pool, market) = left;
        let paid = payoff(&pool.tally) - payoff(&before.tally);
        // Dust that came with fills: their accounts were settled first.
        self.sums.settlement += payoff(&venue.state.pool[&POOL].tally) - payoff(&pool.tally);
        let remarked = pool.books[0].exposure.value;
        self.marks(venue, before, inventory, market, last, paid, remarked)?;

        let (phi0, lambda0) = potentials(before, rules, before.risk_capital);
        let (phi1, lambda1) = potentials(pool, rules, before.risk_capital);
        let (phi2, lambda2) = potentials(pool, rules, last.risk_capital);
        let (phi3, lambda3) = potentials(pool, rules, pool.risk_capital);
        self.sums.impact -= phi1 - phi0;
        self.sums.rent -= lambda1 - lambda0;
        self.sums.reset -= (phi2 - phi1) + (lambda2 - lambda1);
        self.sums.liquidity -= (phi3 - phi2) + (lambda3 - lambda2);
        Ok(())
    }

    /// Splits the change of the inventory's value, which settled boards have left for what was `paid`.
    #[allow(clippy::too_many_arguments)] // The two ends of one change.
    fn marks(
        &mut self,
        venue: &Venue,
        before: &Pool,
        inventory: &Inventory,
        market: &Market,
        last: &TickEvent,
        paid: f64,
        remarked: f64,
    ) -> Result<(), ReplayError> {
        let book = &before.books[0];
        let (Some(tick), Some(surface)) = (&inventory.market.tick, &inventory.market.surface) else {
            return Ok(());
        };
        let value = |at, price, nodes| inventory.value(&venue.state, at, price, nodes);
        let start = if std::mem::take(&mut self.stale) {
            value(tick.published_at, tick.price, &surface.nodes)?
        } else {
            book.exposure.value
        };
        let aged = value(last.published_at, tick.price, &surface.nodes)?;
        let moved = value(last.published_at, last.price, &surface.nodes)?;
        let delta = book.exposure.delta * (price(last.price) - price(tick.price));
        // Marks inside a window change with the average as well, and boards may have left the inventory.
        let window = venue.state.market_params[&MARKET].rules.settlement_window;
        let averaging = inventory.market.boards.iter().any(|b| b.expiry <= last.published_at.after(window));
        let new = market.surface.as_ref().map_or(surface.nodes.as_slice(), |s| s.nodes.as_slice());
        let seen = if averaging { value(last.published_at, last.price, new)? } else { remarked };
        self.sums.theta += aged - start;
        self.sums.delta += delta;
        self.sums.gamma += moved - aged - delta;
        self.sums.vega += seen - moved;
        self.sums.settlement += paid + remarked - seen;
        Ok(())
    }

    /// The sources in whole units; `other` takes what the total leaves.
    ///
    /// # Errors
    /// Sums out of range.
    pub fn pnl(&self, tally: &PoolTally, start: &PoolTally, total: Cash) -> Result<Pnl, ReplayError> {
        let sums = &self.sums;
        let nearest = |quote: f64| crate::convert::cash(quote + 0.5e-6);
        let exact = |now: Cash, then: Cash| now.minus(then).unwrap_or(Cash::ZERO);
        let mut pnl = Pnl {
            delta: nearest(sums.delta),
            gamma: nearest(sums.gamma),
            theta: nearest(sums.theta),
            vega: nearest(sums.vega),
            settlement: nearest(sums.settlement),
            impact: nearest(sums.impact),
            rent: nearest(sums.rent),
            spread: exact(tally.spread, start.spread),
            latency: exact(tally.latency, start.latency),
            fees: exact(tally.fee, start.fee),
            rounding: exact(tally.rounding, start.rounding),
            risk_capital_reset: nearest(sums.reset),
            liquidity: nearest(sums.liquidity),
            other: Cash::ZERO,
            total,
        };
        let known = pnl.sources().iter().try_fold(Cash::ZERO, |sum, (_, part)| sum.plus(*part));
        pnl.other =
            known.and_then(|known| total.minus(known)).map_err(|e| ReplayError::Engine(e.to_string()))?;
        Ok(pnl)
    }
}

impl Pnl {
    /// The part of `other` in the sizes of all sources together; zero when nothing happened.
    #[must_use]
    pub fn unexplained(&self) -> f64 {
        let sizes: f64 = self.sources().iter().map(|(_, part)| cash(*part).abs()).sum();
        if sizes > 0.0 { cash(self.other).abs() / sizes } else { 0.0 }
    }

    /// Every source with its name, in the order of reports.
    #[must_use]
    pub fn sources(&self) -> [(&'static str, Cash); 14] {
        [
            ("delta", self.delta),
            ("gamma", self.gamma),
            ("theta", self.theta),
            ("vega", self.vega),
            ("settlement", self.settlement),
            ("impact", self.impact),
            ("rent", self.rent),
            ("spread", self.spread),
            ("latency", self.latency),
            ("fees", self.fees),
            ("rounding", self.rounding),
            ("risk capital reset", self.risk_capital_reset),
            ("liquidity", self.liquidity),
            ("other", self.other),
        ]
    }
}

fn payoff(tally: &PoolTally) -> f64 {
    cash(tally.payoff)
}

fn tick_of(event: &Event) -> Option<&TickEvent> {
    if let Event::Ticked(tick) = event { Some(tick) } else { None }
}
