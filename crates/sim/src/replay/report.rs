//! What a replay found.

use super::Pnl;
use cenote_engine::event::Cost;
use cenote_units::{Cash, Millis, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

/// Everything that a replay found. Amounts are in 1e-6 quote.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The seed of the agents.
    pub seed: u64,
    /// The prices.
    pub tape: TapeSummary,
    /// Commands carried out or refused.
    pub commands: u64,
    /// What became of orders.
    pub orders: Orders,
    /// Commands other than orders that a rule refused, by code.
    pub refused_commands: BTreeMap<&'static str, u64>,
    /// Prices and surfaces.
    pub feed: Feed,
    /// What traders paid and received.
    pub premium: Premium,
    /// Net asset value.
    pub nav: Nav,
    /// Where it came from.
    pub pnl: Pnl,
    /// What `other` is of all sources' sizes together.
    pub unexplained: f64,
    /// The worst that was seen.
    pub peaks: Peaks,
    /// Invariants.
    pub invariants: Invariants,
    /// The running digest of every change: the same for the same seed and tape, on every machine.
    pub digest: String,
    /// Wall time, seconds.
    pub seconds: f64,
    /// Commands over wall time.
    pub commands_per_second: f64,
    /// Net asset value and what stands behind it, tick by tick.
    #[serde(skip)]
    pub path: Vec<NavPoint>,
}

/// A tape in a few numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TapeSummary {
    /// Where it came from.
    pub source: String,
    /// How many.
    pub ticks: usize,
    /// The first, milliseconds since 1970.
    pub from: Timestamp,
    /// The last.
    pub to: Timestamp,
    /// The usual time between two, milliseconds.
    pub spacing: Millis,
    /// Silences longer than that says.
    pub gaps: usize,
    /// All of them together, milliseconds.
    pub silence: Millis,
}

/// What became of orders.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Orders {
    /// Taken into the queue.
    pub placed: u64,
    /// Filled.
    pub filled: u64,
    /// Times that a tried order was left to wait for a better tick.
    pub rested: u64,
    /// Ended because their owner asked.
    pub cancelled: u64,
    /// Ended because their time was up.
    pub expired: u64,
    /// Live at the end.
    pub live: u64,
    /// Refused when placed, or ended unfilled, by the code of the last refusal.
    pub refused_by_code: BTreeMap<&'static str, u64>,
}

/// Prices and surfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Feed {
    /// Ticks that took force.
    pub ticks: u64,
    /// Prices held until another agreed.
    pub jumps_held: u64,
    /// Of them, dropped.
    pub jumps_dropped: u64,
    /// Surfaces published.
    pub surfaces: u64,
    /// Of them, clipped by the rate limit.
    pub surfaces_clipped: u64,
    /// Boards that settled.
    pub settlements: u64,
}

/// What traders paid and received, in the parts of the costs of their fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Premium {
    /// Paid by those whose fills cost them something, charges included.
    pub received: Cash,
    /// Paid out to those whose fills brought them something, charges taken off.
    pub paid: Cash,
    /// Fees within these, the shares of insurance and treasury included.
    pub fees: Cash,
}

impl Premium {
    /// Counts a fill.
    pub fn add(&mut self, cost: &Cost) {
        let sum = |a: Cash, b: Cash| a.plus(b).unwrap_or(a);
        if cost.total.is_negative() {
            self.paid = sum(self.paid, cost.total.negated());
        } else {
            self.received = sum(self.received, cost.total);
        }
        self.fees = sum(self.fees, cost.fee);
    }
}

/// Net asset value: equity rounded down, what is left for owners if every position closes now.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Nav {
    /// Before the tape's first tick.
    pub start: Cash,
    /// After its last.
    pub end: Cash,
    /// The least after any tick.
    pub min: Cash,
    /// What providers put in less what they took out, in between.
    pub flows: Cash,
    /// The largest fall of a share's worth from its highest, as a part of one.
    pub drawdown: f64,
    /// What a share's worth has grown by, as a part of one.
    pub per_share: f64,
}

/// The worst of what was seen after any command.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Peaks {
    /// The pool's obligations over its risk capital.
    pub utilisation: f64,
    /// Escrow of all boards, all participants.
    pub escrow: Cash,
    /// |Net delta| over risk capital.
    pub delta: f64,
    /// |Net vega| per 0.01 over risk capital.
    pub vega: f64,
    /// Live orders.
    pub queued: usize,
    /// Boards that had not settled.
    pub boards: usize,
}

impl Peaks {
    /// Keeps the worse of each.
    pub fn raise(&mut self, seen: &Self) {
        self.utilisation = self.utilisation.max(seen.utilisation);
        self.escrow = self.escrow.max(seen.escrow);
        self.delta = self.delta.max(seen.delta);
        self.vega = self.vega.max(seen.vega);
        self.queued = self.queued.max(seen.queued);
        self.boards = self.boards.max(seen.boards);
    }
}

/// How often which invariants were checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Invariants {
    /// States checked, each for every invariant.
    pub checked: u64,
    /// Invariants of a state.
    pub of_each: usize,
    /// How many were broken.
    pub violated: usize,
    /// Which, at the first state that broke any.
    pub breaches: Vec<Breach>,
}

/// A broken invariant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Breach {
    /// The number of the command after which it was found.
    pub sequence: u64,
    /// Which invariant.
    pub name: &'static str,
    /// What is wrong.
    pub what: String,
}

/// The pool after a tick and everything that followed from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NavPoint {
    /// When the tick was published.
    pub at: Timestamp,
    /// The index, quote.
    pub spot: f64,
    /// The seven-day vol of the surface in force, per 1.00.
    pub vol: f64,
    /// Equity, rounded down.
    pub nav: Cash,
    /// Cash, obligations and inventory at its marks.
    pub nav_mid: Cash,
    /// Free cash.
    pub cash: Cash,
    /// Obligations.
    pub locked: Cash,
    /// Obligations over risk capital.
    pub utilisation: f64,
    /// Net delta, underlying.
    pub delta: f64,
    /// Net vega, quote per 0.01.
    pub vega: f64,
    /// Shares, in 1e-6.
    pub shares: u128,
    /// Orders filled so far.
    pub filled: u64,
}
