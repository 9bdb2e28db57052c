//! Providers who come and go beside the first ones, a few times a day, each with a small part of the pool.

use super::{Deed, LifeConfig, crowd::named};
use crate::convert;
use crate::replay::agents::POOL;
use crate::rng::Rng;
use borsh::{BorshDeserialize, BorshSerialize};
use cenote_engine::ids::AccountId;
use cenote_engine::quote;
use cenote_engine::state::Account;
use cenote_engine::{Command, MemoryState};
use cenote_units::{Cash, Shares, Timestamp};

const HOUR_MS: u64 = 3_600_000;
/// How many there are.
const COUNT: u32 = 4;
/// Chances an hour that one who has no part in the pool comes, and that one whose shares are free goes.
const COMES: f64 = 0.15;
const GOES: f64 = 0.08;
/// What one brings, as a share of the first providers' money.
const PART: (f64, f64) = (0.001, 0.010);

/// All of them.
#[derive(Debug, Clone)]
pub(super) struct Tides {
    accounts: Vec<AccountId>,
    pool: Cash,
    pub moving: Moving,
}

/// All of them that changes.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
pub(super) struct Moving {
    rng: Rng,
    hour: u64,
}

impl Tides {
    pub fn new(config: &LifeConfig) -> Self {
        let accounts = (1..=COUNT).map(|n| named(&format!("provider {n}"))).collect();
        Self { accounts, pool: config.pool, moving: Moving { rng: Rng::new(config.seed, 0x71de), hour: 0 } }
    }

    /// What they do at a moment: something once an hour at most, each.
    pub fn deeds(&mut self, now: Timestamp, state: &MemoryState) -> Vec<Deed> {
        let hour = now.millis() / HOUR_MS;
        if hour == self.moving.hour {
            return Vec::new();
        }
        self.moving.hour = hour;
        let rng = &mut self.moving.rng;
        let nobody = Account::default();
        let mut deeds = Vec::new();
        for account in self.accounts.iter().copied() {
            let (chance, part) = (rng.uniform(), rng.uniform());
            let record = state.account.get(&account).unwrap_or(&nobody);
            let stake = record.stake(POOL);
            if stake.is_some_and(|stake| !stake.claims.is_empty()) {
                continue;
            }
            let shares = stake.map_or(Shares::ZERO, |stake| stake.shares);
            if shares.is_zero() && chance < COMES {
                let amount = convert::cash(quote::cash(self.pool) * (PART.0 + (PART.1 - PART.0) * part));
                deeds.push(Deed::deposit(account, now, amount));
                deeds.push(Deed::new(account, now, Command::RequestDeposit { pool: POOL, amount }));
            } else if !shares.is_zero() && chance < GOES {
                let locked = stake.and_then(|stake| stake.locked(now).ok()).unwrap_or(shares);
                let free = shares.minus(locked).unwrap_or(Shares::ZERO);
                // Some leave for good, some with a part.
                let share = if part < 0.5 { 1.0 } else { part };
                let asked = Shares::new((free.get() as f64 * share) as u128).unwrap_or(free).min(free);
                if !asked.is_zero() {
                    deeds.push(Deed::new(
                        account,
                        now,
                        Command::RequestWithdraw { pool: POOL, shares: asked },
                    ));
                }
            }
            if record.cash > Cash::ZERO && record.orders.is_empty() {
                deeds.push(Deed::new(account, now, Command::Withdraw { amount: record.cash }));
            }
        }
        deeds
    }
}
