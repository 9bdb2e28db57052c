//! Changes that wait, and pauses that do not (rules G1 to G3).

use crate::command::{Action, Powers};
use crate::error::{Error, Fault, Rejection};
use crate::event::Event;
use crate::ids::{MarketId, PoolId, ProposalId};
use crate::limits;
use crate::params::{MarketParams, PoolParams};
use crate::state::{Book, Market, OWNERLESS, Pool, Proposal};
use crate::work::{Done, Work};
use cenote_units::Millis;

/// The shortest timelock.
const TIMELOCK_MIN: Millis = Millis::seconds(3_600);
/// The longest timelock.
const TIMELOCK_MAX: Millis = Millis::days(90);
/// Added to a pool's holding time: a request, its batch and its claim fit inside.
const EXIT_TIME: Millis = Millis::days(1);

/// Announces a change.
pub(super) fn propose(work: &mut Work<'_>, action: &Action) -> Done {
    check(work, action)?;
    let timelock = work.set.system.get(&()).map_or(TIMELOCK_MAX, |system| system.powers.timelock);
    let wait = timelock.max(longest_exit(work, action));
    let id = ProposalId(work.ctx.sequence);
    let enact_from = work.ctx.now.after(wait);

    work.set.proposal.put(&id, Proposal { action: action.clone(), enact_from });
    work.emit(Event::Proposed { proposal: id, from: enact_from });
    Ok(())
}

/// A change that can hurt a pool's owners waits longer than their way out.
fn longest_exit(work: &mut Work<'_>, action: &Action) -> Millis {
    let pool = match action {
        Action::CreateMarket { pool, .. } | Action::SetPool { pool, .. } => Some(*pool),
        Action::SetMarket { market, .. } => work.set.market.get(market).map(|record| record.pool),
        Action::CreatePool(_) | Action::SetPowers(_) => None,
    };
    let params = pool.and_then(|pool| work.set.pool_params.get(&pool));
    let holding = params.map_or(Millis::ZERO, |params| params.rules.holding_time);
    Millis::new(holding.get().saturating_add(EXIT_TIME.get()))
}

/// Everything about a change that can be wrong.
fn check(work: &mut Work<'_>, action: &Action) -> Result<(), Error> {
    match action {
        Action::CreatePool(params) => Ok(params.check()?),
        Action::SetPool { pool, params } => {
            params.check()?;
            work.set.pool_params.get(pool).ok_or(Rejection::PoolNotFound { pool: *pool })?;
            Ok(())
        }
        Action::CreateMarket { pool, params } => {
            params.check()?;
            let record = work.set.pool.get(pool).ok_or(Rejection::PoolNotFound { pool: *pool })?;
            if record.books.len() >= limits::MARKETS_PER_POOL {
                let limit = limits::MARKETS_PER_POOL;
                return Err(Rejection::AccountFull { what: "markets in this pool", limit }.into());
            }
            Ok(())
        }
        Action::SetMarket { market, params } => {
            params.check()?;
            let old =
                work.set.market_params.get(market).ok_or(Rejection::MarketNotFound { market: *market })?;
            if old.name != params.name || old.price_tick != params.price_tick {
                return Err(Rejection::invalid("name", "unchanged, and the price tick with it").into());
            }
            Ok(())
        }
        Action::SetPowers(Powers { timelock, .. }) => {
            if *timelock < TIMELOCK_MIN || *timelock > TIMELOCK_MAX {
                return Err(Rejection::invalid("timelock", "1 hour to 90 days").into());
            }
            Ok(())
        }
    }
}

/// Carries a change out once it has waited.
pub(super) fn enact(work: &mut Work<'_>, id: ProposalId) -> Done {
    let now = work.ctx.now;
    let proposal = work.set.proposal.get(&id).ok_or(Rejection::ProposalNotFound { proposal: id })?.clone();
    if now < proposal.enact_from {
        return Err(Rejection::Timelocked { until: proposal.enact_from, now }.into());
    }
    check(work, &proposal.action)?;

    match proposal.action {
        Action::CreatePool(params) => {
            create_pool(work, params)?;
        }
        Action::CreateMarket { pool, params } => {
            create_market(work, pool, params)?;
        }
        Action::SetPool { pool, params } => work.set.pool_params.put(&pool, params),
        Action::SetMarket { market, params } => work.set.market_params.put(&market, params),
        Action::SetPowers(powers) => work.set.system.edit_or_new(&()).powers = powers,
    }
    work.set.proposal.remove(&id);
    work.emit(Event::Enacted { proposal: id });
    Ok(())
}

/// Drops a change.
pub(super) fn reject(work: &mut Work<'_>, id: ProposalId) -> Done {
    if work.set.proposal.get(&id).is_none() {
        return Err(Rejection::ProposalNotFound { proposal: id }.into());
    }

    work.set.proposal.remove(&id);
    work.emit(Event::ProposalRejected { proposal: id });
    Ok(())
}

/// A new pool, without owners.
pub(crate) fn create_pool(work: &mut Work<'_>, params: PoolParams) -> Result<PoolId, Error> {
    let system = work.set.system.edit_or_new(&());
    let id = PoolId(system.pools);
    system.pools = system.pools.checked_add(1).ok_or(Rejection::invalid("pools", "fewer than 65,536"))?;
    let pool = Pool {
        shares: OWNERLESS,
        risk_capital: params.rules.risk_capital_min,
        winding_down: true,
        ..Pool::default()
    };
    work.set.pool.put(&id, pool);
    work.set.pool_params.put(&id, params);
    Ok(id)
}

/// A new market in a pool.
pub(crate) fn create_market(
    work: &mut Work<'_>,
    pool: PoolId,
    params: MarketParams,
) -> Result<MarketId, Error> {
    let system = work.set.system.edit_or_new(&());
    let id = MarketId(system.markets);
    system.markets =
        system.markets.checked_add(1).ok_or(Rejection::invalid("markets", "fewer than 65,536"))?;
    let record = work.set.pool.edit(&pool).ok_or(Rejection::PoolNotFound { pool })?;
    record.books.push(Book { market: id, ..Book::default() });
    let realised = crate::quote::new_estimator(&params.surface);
    work.set.market.put(&id, Market { pool, realised, ..Market::default() });
    work.set.market_params.put(&id, params);
    Ok(id)
}

/// Stops or allows what adds risk.
pub(super) fn set_pause(work: &mut Work<'_>, market: Option<MarketId>, paused: bool) -> Done {
    match market {
        None => work.set.system.edit_or_new(&()).paused = paused,
        Some(id) => {
            work.set.market.get(&id).ok_or(Rejection::MarketNotFound { market: id })?;
            work.set.market.edit(&id).ok_or(Fault::MissingRecord("a market's state"))?.paused = paused;
        }
    }
    work.emit(Event::PauseSet { market, paused });
    Ok(())
}
