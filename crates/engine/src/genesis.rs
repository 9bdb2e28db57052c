//! The first state: powers, pools and markets, without a timelock, before anybody holds anything.

use crate::command::Powers;
use crate::error::Error;
use crate::ids::AccountId;
use crate::limits;
use crate::params::{MarketParams, PoolParams};
use crate::verbs;
use crate::work::{Context, Work};
use crate::working::{Delta, MemoryState};
use alloc::vec::Vec;
use cenote_units::{Cash, Timestamp};

/// What a new venue starts with.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Genesis {
    /// Who may do what.
    pub powers: Powers,
    /// Pools, numbered in order.
    pub pools: Vec<GenesisPool>,
}

/// A pool at the start.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GenesisPool {
    /// Its parameters.
    pub params: PoolParams,
    /// Its markets, numbered on over all pools in order.
    pub markets: Vec<GenesisMarket>,
}

/// A market at the start.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GenesisMarket {
    /// Its parameters.
    pub params: MarketParams,
}

impl Genesis {
    /// The records of the first state.
    ///
    /// # Errors
    /// The first parameter that is out of its bounds or breaks a cross-field rule.
    pub fn delta(self) -> Result<Delta, Error> {
        let empty = MemoryState::default();
        let ctx = Context {
            now: Timestamp::ZERO,
            sequence: 0,
            sender: AccountId::default(),
            principal: None,
            funds: Cash::ZERO,
        };
        let mut work = Work::new(&empty, ctx);
        work.set.system.edit_or_new(&()).powers = self.powers;
        for pool in self.pools {
            pool.params.check()?;
            let id = verbs::create_pool(&mut work, pool.params)?;
            if pool.markets.len() > limits::MARKETS_PER_POOL {
                return Err(crate::Rejection::invalid("markets", "at most 4 a pool").into());
            }
            for market in pool.markets {
                market.params.check()?;
                verbs::create_market(&mut work, id, market.params)?;
            }
        }
        Ok(work.set.finish())
    }
}
