//! The first state, and what is done before the market's first own tick.

use super::{Deed, Life, LifeConfig, crowd::named};
use crate::convert;
use crate::replay::agents::{MARKET, POOL};
use cenote_engine::command::Powers;
use cenote_engine::ids::AccountId;
use cenote_engine::params::{MarketParams, PoolParams, PoolRules, SurfaceSource};
use cenote_engine::{Command, Genesis, GenesisMarket, GenesisPool};
use cenote_units::{Cash, Millis, Timestamp};

/// Ticks of the opening: one closes the epoch of the first deposits, the next lets them in, two show that prices move.
pub(super) const TICKS: u64 = 4;
/// From a change's announcement to its enactment.
const TIMELOCK: Millis = Millis::days(7);

/// The longest time between two of them: the whole opening is within the five minutes before the start.
const STEP_MAX: Millis = Millis::seconds(60);

fn step(config: &LifeConfig) -> u64 {
    config.spacing().min(STEP_MAX).get()
}

/// When the opening begins: one step before its first tick.
pub(super) fn begin(config: &LifeConfig) -> Timestamp {
    config.start.before(Millis::new((TICKS + 1) * step(config)))
}

/// The market's parameters.
pub(super) fn market(config: &LifeConfig) -> MarketParams {
    let publisher = config.cast.publisher;
    MarketParams {
        name: config.market.clone(),
        publishers: vec![publisher],
        surface: SurfaceSource::Published(publisher),
        price_tick: convert::price_tick(config.prices.first()),
        rules: config.rules(),
    }
}

impl Life {
    /// The venue's first state: one pool, one market.
    #[must_use]
    pub fn genesis(&self) -> Genesis {
        let cast = &self.config.cast;
        let pool = GenesisPool {
            params: PoolParams { name: "USDC".into(), rules: PoolRules::default() },
            markets: vec![GenesisMarket { params: market(&self.config) }],
        };
        let powers = Powers { admin: cast.admin, guardian: cast.guardian, timelock: TIMELOCK };
        Genesis { powers, pools: vec![pool] }
    }

    /// The deeds that make a new venue ready, all in the five minutes before the start: accounts have their cash, the first providers their shares,
    /// the chain is listed and can be quoted. Once, on the state of [`Life::genesis`].
    pub fn opening(&mut self) -> Vec<Deed> {
        let keeper = self.config.cast.keeper;
        let providers = self.first_providers();
        let begin = begin(&self.config);
        let step = step(&self.config);
        let at = |tick: u64| begin.after(Millis::new(tick * step));

        let mut deeds: Vec<Deed> =
            self.config.cast.funded.iter().map(|(who, cash)| Deed::deposit(*who, begin, *cash)).collect();
        deeds.retain(|deed| deed.funds > Cash::ZERO);
        for (account, amount) in &providers {
            deeds.push(Deed::deposit(*account, begin, *amount));
            let request = Command::RequestDeposit { pool: POOL, amount: *amount };
            deeds.push(Deed::new(*account, begin, request));
        }
        deeds.push(self.surface(at(1), None));
        deeds.push(self.price(at(1)));
        deeds.push(self.price(at(2)));
        for (account, _) in providers {
            let command = Command::Claim { account, pool: POOL, epoch: 0 };
            deeds.push(Deed::new(keeper, at(2), command));
        }
        deeds.push(Deed::new(keeper, at(2), Command::Roll { market: MARKET }));
        deeds.push(self.price(at(3)));
        deeds.push(self.price(at(4)));
        self.asked_at = at(TICKS);
        deeds
    }

    /// The first providers and their money; the first of them has what division leaves.
    fn first_providers(&self) -> Vec<(AccountId, Cash)> {
        let mut accounts = self.config.cast.providers.clone();
        if accounts.is_empty() {
            accounts.push(named("first provider"));
        }
        let (whole, count) = (self.config.pool.get(), accounts.len() as i128);
        let part = |at: usize| whole / count + if at == 0 { whole % count } else { 0 };
        let parts = accounts.into_iter().enumerate();
        parts.map(|(at, account)| (account, Cash::new(part(at)).unwrap_or(Cash::ZERO))).collect()
    }
}
