//! Liquidity providers who come and go, and some who run after a loss.

use super::super::ReplayError;
use super::super::host::Host;
use super::{POOL, PROVIDERS};
use crate::convert;
use crate::rng::Rng;
use cenote_engine::Command;
use cenote_engine::ids::AccountId;
use cenote_engine::quote;
use cenote_units::{Cash, Shares};

/// How many there are. The first stays whatever happens.
const COUNT: u64 = 6;
/// Shares of the first deposit: the first provider's, and each other's.
const FIRST: i128 = 50;
/// Chances a day that one comes, that one goes, and that one goes after a day that lost [`LOSS`] of a share's worth.
const COMES: f64 = 0.08;
const GOES: f64 = 0.02;
const RUNS: f64 = 0.25;
const LOSS: f64 = -0.02;
/// Requests an account keeps open at most: it must have room for the next.
const OPEN_MAX: usize = 6;

/// All providers.
pub struct Providers {
    rng: Rng,
    nav: Cash,
}

impl Providers {
    /// Providers of so much liquidity at the start.
    pub fn new(seed: u64, nav: Cash) -> Self {
        Self { rng: Rng::new(seed, 0x11b0), nav }
    }

    fn account(n: u64) -> AccountId {
        AccountId::numbered(PROVIDERS + n)
    }

    /// The first deposits.
    ///
    /// # Errors
    /// A fault of the engine.
    pub fn begin(&self, host: &mut Host) -> Result<(), ReplayError> {
        let mut left = self.nav;
        for n in (0..COUNT).rev() {
            // The first takes what division leaves of the others' tenths.
            let part =
                Cash::new(self.nav.get() * (100 - FIRST) / 100 / i128::from(COUNT - 1)).unwrap_or(left);
            let amount = if n == 0 { left } else { part };
            left = left.minus(amount).unwrap_or(Cash::ZERO);
            enter(host, Self::account(n), amount)?;
        }
        Ok(())
    }

    /// A day's comings and goings; `change` is what a share's worth grew by in it.
    ///
    /// # Errors
    /// A fault of the engine.
    pub fn day(&mut self, host: &mut Host, change: f64) -> Result<(), ReplayError> {
        for n in 0..COUNT {
            let account = Self::account(n);
            let (comes, goes, part) = (self.rng.uniform(), self.rng.uniform(), self.rng.uniform());
            let record = host.venue.state.account.get(&account);
            let stake = record.and_then(|record| record.stake(POOL)).cloned().unwrap_or_default();
            if stake.claims.len() >= OPEN_MAX {
                continue;
            }
            let leaves = if change < LOSS { RUNS } else { GOES };
            if comes < COMES {
                let amount = convert::cash(quote::cash(self.nav) * (0.002 + 0.028 * part));
                enter(host, account, amount)?;
            } else if n > 0 && goes < leaves {
                let locked = stake.locked(host.venue.now).unwrap_or(stake.shares);
                let free = stake.shares.minus(locked).unwrap_or(Shares::ZERO);
                let shares = (free.get() as f64 * (0.1 + 0.6 * part)) as u128;
                if let Ok(shares) = Shares::new(shares.min(free.get()))
                    && !shares.is_zero()
                {
                    host.send(account, &Command::RequestWithdraw { pool: POOL, shares })?;
                }
            }
        }
        Ok(())
    }

    /// After a batch everybody takes what it owes him, and those who left take it home.
    ///
    /// # Errors
    /// A fault of the engine.
    pub fn claim(host: &mut Host) -> Result<(), ReplayError> {
        for account in (0..COUNT).map(Self::account) {
            let record = host.venue.state.account.get(&account);
            let Some(stake) = record.and_then(|record| record.stake(POOL)) else { continue };
            let epochs: Vec<u64> = stake.claims.iter().map(|claim| claim.epoch).collect();
            for epoch in epochs {
                let processed = host.venue.state.epoch.get(&(POOL, epoch)).is_some_and(|e| e.batch.is_some());
                if processed {
                    host.send(super::KEEPER, &Command::Claim { account, pool: POOL, epoch })?;
                }
            }
            let cash = host.venue.state.account[&account].cash;
            if cash > Cash::ZERO {
                host.send(account, &Command::Withdraw { amount: cash })?;
            }
        }
        Ok(())
    }
}

fn enter(host: &mut Host, account: AccountId, amount: Cash) -> Result<(), ReplayError> {
    host.deposit(account, amount)?;
    host.send(account, &Command::RequestDeposit { pool: POOL, amount })?;
    Ok(())
}
