//! Accounts.

use super::{finite, option_type, or_nothing, with};
use crate::core::Shared;
use crate::core::replicas::Replica;
use cenote_api::view::{Account, AccountBrief, LpRequest, Order, Pnl, Position, SessionRow, Stake};
use cenote_api::{Address, ApiError, Names};
use cenote_engine::command::{Leg, TimeInForce};
use cenote_engine::ids::{AccountId, OrderId};
use cenote_engine::obligation::{Held, payoff_of};
use cenote_engine::view::{self, AccountView, PositionView};
use cenote_engine::{quote, state};
use cenote_units::{Cash, Price, Shares, Timestamp};

/// Everything about an account.
///
/// # Errors
/// Sums out of range.
pub fn account(shared: &Shared, whose: Address) -> Result<Account, ApiError> {
    let now = shared.now();
    let mut account = with(shared, |replica, names| of_replica(replica, names, whose, now))?;
    if let Some(history) = &shared.history {
        for position in &mut account.positions {
            let Some(opened) = history.position(whose.0, &position.instrument_name) else { continue };
            position.average_price = finite(opened.average_price);
            position.cost = Some(opened.cost);
            let floating = position.value.0.minus(opened.cost.0);
            position.floating_profit_loss = floating.ok().map(quote::cash);
            position.realised_profit_loss = Some(opened.realised);
        }
        for order in &mut account.orders {
            if let Ok(Some(kept)) = history.order(order.order) {
                (order.label, order.state, order.reason) = (kept.label, kept.state, kept.reason);
                order.updated_at = kept.updated_at;
            }
        }
    }
    Ok(account)
}

fn of_replica(
    replica: &mut Replica,
    names: &Names,
    whose: Address,
    now: Timestamp,
) -> Result<Account, ApiError> {
    let id = whose.0;
    let seen: Option<AccountView> = or_nothing(view::account(&replica.state, now, id).map(Some))?;
    let (nonce_floor, nonce_next) = replica.nonces.get(&id).copied().unwrap_or((0, 1));
    let wallet = replica.wallets.get(&id).copied().unwrap_or(Cash::ZERO);
    let mut account = empty(whose, replica.seq);
    account.wallet = wallet.into();
    (account.nonce_floor, account.nonce_next) = (nonce_floor, nonce_next);
    let Some(seen) = seen else { return Ok(account) };
    account.cash = seen.cash.into();
    account.locked = seen.locked.into();
    account.value = seen.value.into();
    account.equity = seen.equity.into();
    account.worst_case = worst_case(replica, &seen, id).unwrap_or(seen.cash).into();
    account.pnl = pnl(&seen.pnl);
    for position in &seen.positions {
        account.greeks.delta += position.greeks.delta;
        account.greeks.gamma += position.greeks.gamma;
        account.greeks.vega += position.greeks.vega;
        account.greeks.theta += position.greeks.theta;
    }
    account.positions = seen.positions.iter().map(|p| position(replica, names, p)).collect();
    account.orders = seen.orders.iter().filter_map(|order| live_order(replica, names, *order)).collect();
    account.stakes = seen.stakes.iter().map(|s| stake(replica, s, now)).collect();
    account.sessions = sessions(replica, id, now);
    Ok(account)
}

fn empty(account: Address, as_of_seq: u64) -> Account {
    Account {
        account,
        wallet: Cash::ZERO.into(),
        cash: Cash::ZERO.into(),
        locked: Cash::ZERO.into(),
        value: Cash::ZERO.into(),
        equity: Cash::ZERO.into(),
        worst_case: Cash::ZERO.into(),
        greeks: cenote_api::view::Greeks::default(),
        pnl: Pnl::default(),
        positions: Vec::new(),
        orders: Vec::new(),
        stakes: Vec::new(),
        sessions: Vec::new(),
        nonce_floor: 0,
        nonce_next: 1,
        as_of_seq,
    }
}

fn pnl(p: &view::AccountPnl) -> Pnl {
    Pnl {
        market: p.market.into(),
        impact: p.impact.into(),
        capital: p.capital.into(),
        spread: p.spread.into(),
        latency: p.latency.into(),
        fee: p.fee.into(),
        rounding: p.rounding.into(),
        keeper: p.keeper.into(),
        transfer: p.transfer.into(),
        total: p.total.into(),
    }
}

/// Cash, what is locked, and every open board's least payoff: payoffs are linear between strikes and edges of the band.
fn worst_case(replica: &Replica, seen: &AccountView, id: AccountId) -> Option<Cash> {
    let record = replica.state.account.get(&id)?;
    let mut sum = seen.cash.plus(seen.locked).ok()?;
    for holding in &record.holdings {
        let board = replica.state.board.get(&holding.board)?;
        let points: Vec<Price> = match board.settlement {
            Some(price) => vec![price],
            None => holding.positions.iter().map(|p| p.strike).chain([board.floor, board.cap]).collect(),
        };
        let book =
            || holding.positions.iter().map(|p| Held { strike: p.strike, right: p.right, size: p.size });
        let payoffs = points.into_iter().map(|at| payoff_of(book(), at).ok()?.to_cash_down().ok());
        sum = sum.plus(payoffs.collect::<Option<Vec<_>>>()?.into_iter().min()?).ok()?;
    }
    Some(sum)
}

fn position(replica: &Replica, names: &Names, p: &PositionView) -> Position {
    let board = replica.state.board.get(&p.instrument.board);
    Position {
        instrument_name: names.instrument(&p.instrument),
        expiration_timestamp: p.instrument.board.expiry.millis(),
        strike: p.instrument.strike.into(),
        option_type: option_type(p.instrument.right),
        size: p.size.into(),
        mark_price: p.mark,
        value: p.value.into(),
        average_price: None,
        cost: None,
        floating_profit_loss: None,
        realised_profit_loss: None,
        greeks: p.greeks.into(),
        settled: board.is_some_and(|board| board.settlement.is_some()),
    }
}

/// Legs in the words of clients.
pub(crate) fn api_legs(names: &Names, legs: &[Leg]) -> Vec<cenote_api::command::OrderLeg> {
    let one = |leg: &Leg| cenote_api::command::OrderLeg {
        instrument: names.leg(leg.board, leg.strike, leg.kind),
        size: leg.size.into(),
    };
    legs.iter().map(one).collect()
}

/// An order that has not ended.
pub(crate) fn live_order(replica: &Replica, names: &Names, id: OrderId) -> Option<Order> {
    let record = replica.state.order.get(&id)?;
    let tick = replica.state.market.get(&record.market)?.tick.as_ref()?;
    let tried = record.tried_at >= tick.number && record.due_at <= tick.published_at;
    Some(Order {
        order: id.0,
        account: Address(record.account),
        market: names.market(record.market),
        legs: api_legs(names, &record.legs),
        limit: record.limit.into(),
        state: if tried { "resting" } else { "durable" }.to_owned(),
        label: None,
        placed_at: record.placed_at.millis(),
        due_at: record.due_at.millis(),
        until: match record.time_in_force {
            TimeInForce::FirstTick => None,
            TimeInForce::Until(at) => Some(at.millis()),
        },
        reduce_only: record.reduce_only,
        attempts: record.attempts,
        cancel_from: record.cancel_from.map(Timestamp::millis),
        tick: None,
        cost: None,
        ended: None,
        reason: None,
        updated_at: record.placed_at.millis(),
    })
}

fn stake(replica: &Replica, stake: &state::Stake, now: Timestamp) -> Stake {
    let locks = stake.locks.iter().filter(|lock| lock.until > now);
    let sum = |total: Shares, lock: &state::ShareLock| total.plus(lock.shares).unwrap_or(total);
    let value = view::pool(&replica.state, now, stake.pool)
        .ok()
        .filter(|pool| !pool.shares.is_zero())
        .and_then(|pool| pool.equity.or_zero().mul_div_down(stake.shares.get(), pool.shares.get()).ok());
    Stake {
        pool: stake.pool.0,
        shares: stake.shares.into(),
        locked: locks.clone().fold(Shares::ZERO, sum).into(),
        locked_until: locks.map(|lock| lock.until.millis()).max(),
        value: value.unwrap_or(Cash::ZERO).into(),
        requests: stake.claims.iter().map(|claim| request(replica, stake.pool, claim)).collect(),
    }
}

fn request(replica: &Replica, pool: cenote_engine::ids::PoolId, claim: &state::LpClaim) -> LpRequest {
    let record = replica.state.pool.get(&pool);
    let epoch = replica.state.epoch.get(&(pool, claim.epoch));
    let closing =
        record.and_then(|pool| pool.closing.as_ref()).filter(|closing| closing.epoch == claim.epoch);
    let ran = epoch.is_some_and(|epoch| epoch.batch.is_some());
    let state = match (ran, closing) {
        (true, _) if claim.deposit.is_zero() && !claim.paid.is_zero() => "waiting",
        (true, _) => "priced",
        (false, Some(_)) => "closing",
        (false, None) => "requested",
    };
    LpRequest {
        epoch: claim.epoch,
        state: state.to_owned(),
        deposit: claim.deposit.into(),
        exit: claim.exit.into(),
        paid: claim.paid.into(),
        due_at: closing.map(|closing| closing.due_at.millis()),
    }
}

fn sessions(replica: &Replica, id: AccountId, now: Timestamp) -> Vec<SessionRow> {
    let mine =
        replica.state.session.range((id, AccountId::default())..).take_while(|((whose, _), _)| *whose == id);
    let today = now.millis() / 86_400_000;
    mine.map(|((_, key), session)| SessionRow {
        key: Address(*key),
        trade: session.grant.trade,
        liquidity: session.grant.liquidity,
        daily_cap: session.grant.daily_cap.into(),
        spent: if session.day == today { session.spent } else { Cash::ZERO }.into(),
        expires_at: session.grant.expires_at.millis(),
    })
    .collect()
}

/// Free cash and what is locked; zeros for an account that has never held anything.
pub(crate) fn brief(replica: &Replica, id: AccountId) -> AccountBrief {
    let Some(record) = replica.state.account.get(&id) else { return AccountBrief::default() };
    let locked = record.holdings.iter().try_fold(Cash::ZERO, |sum, h| sum.plus(h.obligation));
    AccountBrief { cash: record.cash.into(), locked: locked.unwrap_or(Cash::ZERO).into() }
}
