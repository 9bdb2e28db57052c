//! Prices of liquidity: what leavers get and entrants pay, both with their whole effect on the potentials.

use super::charges::BookSpread;
use super::equity::{held, potentials, value};
use super::scale::{cash, count, to_cash_down, to_cash_up};
use crate::canary::{Trap, planted};
use crate::error::{Error, Fault};
use crate::params::PoolRules;
use crate::state::{OWNERLESS, Pool};
use cenote_units::{Cash, Shares, mul_div_down, mul_div_up};

/// A pool at its batch: everything that a price of liquidity depends on.
pub(crate) struct Batcher<'a> {
    pub pool: &'a Pool,
    pub rules: &'a PoolRules,
    pub spread: BookSpread,
}

/// What a batch pays to those who leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exits {
    pub shares: Shares,
    pub cash: Cash,
    pub risk_capital: Cash,
}

/// The price of a share in cash, 1e-18.
const PRICE_ONE: u128 = 1_000_000_000_000_000_000;

impl Batcher<'_> {
    fn open(&self) -> bool {
        self.pool.books.iter().any(|book| book.open > 0)
    }

    fn potentials(&self, capital: Cash) -> f64 {
        if planted(Trap::FreeExit) {
            return 0.0;
        }
        potentials(self.pool, self.rules, capital)
    }

    /// Rule Q5: what `waiting` shares are paid now.
    pub fn exits(&self, waiting: Shares, equity: Cash) -> Result<Exits, Error> {
        let pool = self.pool;
        let nothing = Exits { shares: Shares::ZERO, cash: Cash::ZERO, risk_capital: pool.risk_capital };
        let room = self.room()?;
        if waiting.is_zero() || equity <= Cash::ZERO || room.is_zero() {
            return Ok(nothing);
        }
        let whole = pool.shares.get();
        let shares = if equity.mul_div_up(waiting.get(), whole)? <= room {
            waiting
        } else {
            let units = u128::try_from(room.get()).unwrap_or(0);
            let equity = u128::try_from(equity.get()).unwrap_or(0);
            // Down: a fraction of a share waits with the rest.
            Shares::new(mul_div_down(whole, units, equity).unwrap_or(0))?
        };
        // Up: the capital that goes is never less than what is paid for.
        let gone = equity.mul_div_up(shares.get(), whole)?;
        let least = if self.open() { self.rules.risk_capital_min } else { Cash::ZERO };
        let risk_capital = pool.risk_capital.minus(gone)?.max(least);
        let f = count(shares.get()) / count(whole);
        let effect = self.potentials(risk_capital) - self.potentials(pool.risk_capital);
        // Down: those who stay keep the fraction.
        let pay = to_cash_down(f * (cash(equity) - self.spread.0) - effect)?.or_zero();
        Ok(Exits { shares, cash: pay.min(pool.cash.or_zero()), risk_capital })
    }

    /// Cash that may leave: free, and not so much that obligations press on those who stay.
    fn room(&self) -> Result<Cash, Error> {
        let locked = self.pool.locks.iter().try_fold(Cash::ZERO, |sum, lock| sum.plus(lock.obligation))?;
        let share = u128::try_from(self.rules.utilisation_exit.get()).unwrap_or(1);
        // Up: the obligations weigh in full.
        let needed = locked.mul_div_up(1_000_000_000, share)?;
        Ok(self.pool.risk_capital.minus(needed)?.min(self.pool.cash).or_zero())
    }

    /// Rule Q7: the price of a share for `deposits`, 1e-18, rounded up; `None` when there is no price above zero.
    pub fn entry_price(&self, deposits: Cash) -> Result<Option<u128>, Error> {
        let pool = self.pool;
        let after = pool.risk_capital.plus(deposits)?;
        let rest = value(pool) - self.potentials(after) + self.spread.0;
        let behind = Cash::new(i128::try_from(OWNERLESS.get()).unwrap_or(0))?;
        // Up: who enters never buys a fraction of what others own.
        let worth = behind.plus(held(pool)?)?.plus(to_cash_up(rest)?)?;
        let Ok(worth) = u128::try_from(worth.get()) else { return Ok(None) };
        if worth == 0 {
            return Ok(None);
        }
        let price = mul_div_up(worth, PRICE_ONE, pool.shares.get());
        price.ok_or_else(|| Fault::NotFinite("the price of a share").into()).map(Some)
    }
}

/// Shares that `deposits` make at a price, rounded down: the fraction stays with the others.
pub(crate) fn shares_for(deposits: Cash, price_e18: u128) -> Result<Shares, Error> {
    let units = u128::try_from(deposits.get()).unwrap_or(0);
    Ok(Shares::new(mul_div_down(units, PRICE_ONE, price_e18).unwrap_or(0))?)
}
