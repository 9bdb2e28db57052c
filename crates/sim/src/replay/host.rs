//! Runs commands, counts what became of them, and checks the state they leave.

use super::ReplayError;
use super::agents::{MARKET, POOL};
use super::attribution::Attribution;
use super::report::{Breach, Feed, Orders, Peaks, Premium};
use crate::invariants;
use crate::venue::Venue;
use cenote_engine::event::EndReason;
use cenote_engine::ids::AccountId;
use cenote_engine::quote;
use cenote_engine::state::{Market, Pool};
use cenote_engine::{Command, Error, Event, Outcome};
use cenote_units::{Cash, Timestamp};

/// A venue with its books kept.
pub struct Host {
    /// The venue.
    pub venue: Venue,
    /// Where the pool's equity came from.
    pub attribution: Attribution,
    /// What became of orders.
    pub orders: Orders,
    /// Prices and surfaces.
    pub feed: Feed,
    /// What traders paid and received.
    pub premium: Premium,
    /// The worst of what was seen.
    pub peaks: Peaks,
    /// Commands carried out or refused.
    pub commands: u64,
    /// Commands other than orders that were refused, by code.
    pub refused: std::collections::BTreeMap<&'static str, u64>,
    /// Liquidity epochs that were processed since this was last taken.
    pub processed: Vec<u64>,
    /// States checked.
    pub checked: u64,
    /// Broken invariants; the replay ends at the first state that has any.
    pub breaches: Vec<Breach>,
    check_every: Option<u64>,
    /// Commands when the state was last checked.
    checked_at: u64,
}

/// Unless told otherwise the state is checked after the first tick that so many commands have passed before: what
/// checking costs stays beside what is checked.
pub const CHECK_EVERY: u64 = 500;

impl Host {
    /// A host of a new venue.
    pub fn new(venue: Venue, check_every: Option<u64>) -> Self {
        Self {
            venue,
            attribution: Attribution::default(),
            orders: Orders::default(),
            feed: Feed::default(),
            premium: Premium::default(),
            peaks: Peaks::default(),
            commands: 0,
            refused: std::collections::BTreeMap::new(),
            processed: Vec::new(),
            checked: 0,
            breaches: Vec::new(),
            check_every,
            checked_at: 0,
        }
    }

    /// The pool.
    pub fn pool(&self) -> &Pool {
        // Made at genesis, never removed.
        &self.venue.state.pool[&POOL]
    }

    /// The market.
    pub fn market(&self) -> &Market {
        &self.venue.state.market[&MARKET]
    }

    /// Lets time pass until a moment; one that has passed changes nothing.
    pub fn until(&mut self, at: Timestamp) {
        self.venue.now = self.venue.now.max(at);
    }

    /// Runs a command; `None` when a rule refused it, which is counted.
    ///
    /// # Errors
    /// A fault of the engine.
    pub fn send(&mut self, sender: AccountId, command: &Command) -> Result<Option<Outcome>, ReplayError> {
        self.send_with(sender, Cash::ZERO, command)
    }

    /// Brings money in.
    ///
    /// # Errors
    /// A fault of the engine.
    pub fn deposit(&mut self, account: AccountId, amount: Cash) -> Result<(), ReplayError> {
        if amount > Cash::ZERO {
            self.send_with(account, amount, &Command::Deposit)?;
        }
        Ok(())
    }

    fn send_with(
        &mut self,
        sender: AccountId,
        funds: Cash,
        command: &Command,
    ) -> Result<Option<Outcome>, ReplayError> {
        self.commands += 1;
        let before = self.attribution.before(&self.venue, sender, command)?;
        let outcome = match self.venue.run_with(sender, None, funds, command) {
            Ok(outcome) => outcome,
            Err(Error::Rejected(refusal)) => {
                if matches!(command, Command::PlaceOrder(_)) {
                    *self.orders.refused_by_code.entry(refusal.code()).or_default() += 1;
                } else {
                    *self.refused.entry(refusal.code()).or_default() += 1;
                }
                return Ok(None);
            }
            Err(fault) => {
                let number = self.venue.sequence;
                return Err(ReplayError::Engine(format!("command {number}: {fault}: {command:?}")));
            }
        };
        self.attribution.after(&self.venue, before, &outcome)?;
        self.note(&outcome);
        if self.check_every.is_some_and(|every| self.commands.is_multiple_of(every)) {
            self.check();
        }
        Ok(Some(outcome))
    }

    /// Checks every invariant of the state.
    pub fn check(&mut self) {
        self.checked += 1;
        self.checked_at = self.commands;
        let sequence = self.venue.sequence;
        let found = invariants::check(&self.venue.state, self.venue.bank);
        self.breaches.extend(found.into_iter().map(|v| Breach { sequence, name: v.name, what: v.what }));
    }

    /// After a tick and everything that followed from it.
    pub fn end_tick(&mut self) {
        if self.check_every.is_none() && self.commands >= self.checked_at + CHECK_EVERY {
            self.check();
        }
    }

    fn note(&mut self, outcome: &Outcome) {
        for event in &outcome.events {
            self.note_event(event);
        }
        let (pool, spot) = (self.pool(), self.market().tick.as_ref().map_or(0.0, |t| quote::price(t.price)));
        let capital = quote::cash(pool.risk_capital);
        if capital <= 0.0 {
            return;
        }
        let locked: f64 = pool.locks.iter().map(|lock| quote::cash(lock.obligation)).sum();
        let escrow: i128 = self.venue.state.board.values().map(|board| board.escrow.get()).sum();
        let exposure = &pool.books[0].exposure;
        let seen = Peaks {
            utilisation: locked / capital,
            escrow: Cash::new(escrow).unwrap_or(Cash::MAX),
            delta: (exposure.delta * spot / capital).abs(),
            vega: (exposure.vega / 100.0 / capital).abs(),
            queued: self.venue.state.queue.get(&MARKET).map_or(0, |queue| queue.orders.len()),
            boards: self.market().boards.len(),
        };
        self.peaks.raise(&seen);
    }

    fn note_event(&mut self, event: &Event) {
        let orders = &mut self.orders;
        match event {
            Event::OrderPlaced { .. } => orders.placed += 1,
            Event::OrderRested { .. } => orders.rested += 1,
            Event::OrderFilled(fill) => {
                orders.filled += 1;
                self.premium.add(&fill.cost);
            }
            Event::OrderEnded { reason, .. } => match reason {
                EndReason::Cancelled => orders.cancelled += 1,
                EndReason::Expired => orders.expired += 1,
                EndReason::NotFilled(refusal) | EndReason::Dropped(refusal) => {
                    *orders.refused_by_code.entry(refusal.code()).or_default() += 1;
                }
            },
            Event::BoardSettled { .. } => self.feed.settlements += 1,
            Event::EpochProcessed(batch) => self.processed.push(batch.epoch),
            Event::Ticked(_) => self.feed.ticks += 1,
            Event::JumpHeld { .. } => self.feed.jumps_held += 1,
            Event::JumpDropped { .. } => self.feed.jumps_dropped += 1,
            Event::SurfacePublished { clipped, .. } => {
                self.feed.surfaces += 1;
                self.feed.surfaces_clipped += u64::from(*clipped);
            }
            _ => {}
        }
    }
}
