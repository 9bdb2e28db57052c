//! The pool's equity and the two potentials that stand between it and the marks.

use super::desk::Desk;
use super::scale::{cash, ratio, size, to_cash_down, years};
use crate::error::{Error, Rejection};
use crate::ids::{BoardId, MarketId};
use crate::params::PoolRules;
use crate::state::{BoardLock, Book, Pool};
use alloc::vec::Vec;
use cenote_pricing::math::{abs, max};
use cenote_pricing::{Exposure, Grid, Lock, Potential, Rent, Worlds};
use cenote_units::{Cash, OutOfRange, Timestamp};

/// A pool's risk as prices see it: `Phi`, `Lambda` and what they are computed from.
pub(crate) struct Risk {
    pub potential: Potential,
    pub rent: Rent,
    /// R, quote.
    pub capital: f64,
    /// Load of each market, in the order of the pool's books.
    pub loads: Vec<Worlds>,
    /// Obligation of each board, by expiry.
    pub locks: Vec<Lock>,
    now: Timestamp,
}

impl Risk {
    /// The risk of a pool at its own R.
    pub fn new(pool: &Pool, rules: &PoolRules) -> Self {
        Self::with_capital(pool, rules, pool.risk_capital)
    }

    /// The risk of a pool at another R.
    pub fn with_capital(pool: &Pool, rules: &PoolRules, capital: Cash) -> Self {
        let capital = cash(capital);
        Self {
            potential: Potential {
                // Spot and vol nodes have the same probabilities in every market.
                weights: Grid::DEFAULT.weights(),
                b: ratio(rules.risk_tolerance) * capital,
                comovement: ratio(rules.comovement),
            },
            rent: Rent {
                r0: ratio(rules.rent_base),
                r1: ratio(rules.rent_slope),
                r2: ratio(rules.rent_steep),
                u_star: ratio(rules.utilisation_kink),
            },
            capital,
            loads: pool.books.iter().map(|book| book.exposure.load).collect(),
            locks: locks(&pool.locks, pool.latest_tick),
            now: pool.latest_tick,
        }
    }

    pub fn phi(&self) -> f64 {
        self.potential.phi(&self.loads)
    }

    pub fn lambda(&self) -> f64 {
        self.rent.lambda(self.capital, &self.locks)
    }

    /// What a trade does to `Phi`: `change` is what it adds to one market's load.
    pub fn d_phi(&self, market: usize, change: &Worlds) -> f64 {
        self.potential.d_phi(&self.loads, market, change)
    }

    /// What a trade does to `Lambda`, given every board's obligation after it.
    pub fn d_lambda(&self, after: &[BoardLock]) -> f64 {
        self.rent.d_lambda(self.capital, &self.locks, &locks(after, self.now))
    }

    /// Obligations over risk capital.
    pub fn utilisation(&self, locks: &[BoardLock]) -> f64 {
        locks.iter().fold(0.0, |sum, lock| sum + cash(lock.obligation)) / self.capital
    }
}

fn locks(boards: &[BoardLock], now: Timestamp) -> Vec<Lock> {
    let lock =
        |b: &BoardLock| Lock { years: years(b.board.expiry.since(now)), obligation: cash(b.obligation) };
    boards.iter().map(lock).collect()
}

/// `Phi + Lambda` of a pool at some R, quote. Without positions both are nothing whatever R is; with them R is at
/// least its minimum, so that b is never zero.
pub(crate) fn potentials(pool: &Pool, rules: &PoolRules, capital: Cash) -> f64 {
    if pool.books.iter().all(|book| book.open == 0) {
        return 0.0;
    }
    let risk = Risk::with_capital(pool, rules, capital);
    risk.phi() + risk.lambda()
}

/// The pool's positions at their marks, quote.
pub(crate) fn value(pool: &Pool) -> f64 {
    pool.books.iter().fold(0.0, |sum, book| sum + book.exposure.value)
}

/// Cash and what is locked on boards: the part of M that is an integer.
pub(crate) fn held(pool: &Pool) -> Result<Cash, OutOfRange> {
    pool.locks.iter().try_fold(pool.cash, |sum, lock| sum.plus(lock.obligation))
}

/// `E = M - Phi - Lambda` at the pool's R, rounded down: what is left for owners if everyone closes now (rule Q9).
pub(crate) fn equity(pool: &Pool, rules: &PoolRules) -> Result<Cash, Error> {
    let rest = value(pool) - potentials(pool, rules, pool.risk_capital);
    Ok(held(pool)?.plus(to_cash_down(rest)?)?)
}

/// The limits that a trade must leave the pool within (rule O8).
pub(crate) struct Limits<'a> {
    pub rules: &'a PoolRules,
    pub risk: &'a Risk,
    pub pool: &'a Pool,
    /// Place of the traded market among the pool's books.
    pub at: usize,
    pub desk: &'a Desk,
}

impl Limits<'_> {
    /// Refuses the first limit that the trade breaks. What brings a quantity closer to its limit from beyond
    /// always passes. `change` is what the trade adds to the pool's exposure.
    pub fn check(&self, change: &Exposure, after: &[BoardLock]) -> Result<(), Rejection> {
        let (before, now) = (self.risk.utilisation(&self.pool.locks), self.risk.utilisation(after));
        within("utilisation", before, now, ratio(self.rules.utilisation_max))?;
        let b = self.risk.potential.b;
        let mut loads = self.risk.loads.clone();
        let before = self.risk.potential.largest_load(&loads);
        if let Some(load) = loads.get_mut(self.at) {
            load.iter_mut().zip(&change.load).for_each(|(l, d)| *l += d);
        }
        let loaded = self.risk.potential.largest_load(&loads);
        within("scenario load over risk tolerance", before / b, loaded / b, ratio(self.rules.load_max))?;
        let vega = self.pool.books.iter().fold(0.0, |sum, book| sum + book.exposure.vega);
        let (before, now) = (abs(vega) / 100.0, abs(vega + change.vega) / 100.0);
        let limit = ratio(self.rules.vega_max) * self.risk.capital;
        within("net vega per vol point", before, now, limit)?;
        let book = self.pool.books.get(self.at);
        let moved = book.map_or(0.0, |book| book.exposure.delta - book.delta_at_tick);
        let (before, now) = (abs(moved) * self.desk.spot, abs(moved + change.delta) * self.desk.spot);
        let step = ratio(self.desk.rules.delta_step_max);
        within("change of delta within a tick", before, now, step * self.risk.capital)
    }
}

/// A quantity may stay where it is or come closer to its limit from beyond, never go further past it.
fn within(rule: &'static str, before: f64, after: f64, limit: f64) -> Result<(), Rejection> {
    if after > max(limit, before) {
        return Err(Rejection::PoolCapacity { rule, after, limit });
    }
    Ok(())
}

/// The market's place among a pool's books.
pub(crate) fn place(pool: &Pool, market: MarketId) -> Option<usize> {
    pool.books.iter().position(|book| book.market == market)
}

/// The pool's locks with one board's obligation replaced; an obligation of nothing leaves the list.
pub(crate) fn with_lock(locks: &[BoardLock], board: BoardId, obligation: Cash) -> Vec<BoardLock> {
    let mut after: Vec<BoardLock> = locks.to_vec();
    let key = |id: BoardId| (id.expiry, id.market, id.series);
    match after.binary_search_by_key(&key(board), |lock| key(lock.board)) {
        Ok(at) if obligation.is_zero() => {
            after.remove(at);
        }
        Ok(at) => {
            if let Some(lock) = after.get_mut(at) {
                lock.obligation = obligation;
            }
        }
        Err(_) if obligation.is_zero() => {}
        Err(at) => after.insert(at, BoardLock { board, obligation }),
    }
    after
}

/// Replaces a book's exposure between two ticks.
pub(crate) fn replace_exposure(book: &mut Book, exposure: Exposure) {
    book.delta_at_tick += exposure.delta - book.exposure.delta;
    book.exposure = exposure;
}

/// What `n` contracts of an instrument add to an exposure.
pub(crate) fn add(exposure: &mut Exposure, n: cenote_units::Size, mark: &cenote_pricing::InstrumentMark) {
    exposure.add(size(n), mark);
}
