//! Asking into and out of a pool, claiming what batches owe, and giving shares away (rules Q2, Q6 to Q8).

use super::authorise::positive;
use super::fill::paused;
use super::order::require_no_orders;
use super::session;
use super::settle::settle_account;
use crate::error::{Error, Fault, Rejection};
use crate::event::Event;
use crate::ids::{AccountId, PoolId};
use crate::ledger::{Bucket, Reason, post, require};
use crate::limits;
use crate::state::{Account, Batch, ExitRound, LpClaim, ShareLock, Stake};
use crate::work::{Done, Work};
use cenote_units::{Cash, Shares, Timestamp, mul_div_down};

/// Sets cash aside for shares.
pub(super) fn request_deposit(work: &mut Work<'_>, pool_id: PoolId, amount: Cash) -> Done {
    positive("amount", amount)?;
    let account = work.account();
    let pool = work.set.pool.get(&pool_id).ok_or(Rejection::PoolNotFound { pool: pool_id })?;
    let (epoch, market) = (pool.open_epoch, pool.books.first().map(|book| book.market));
    if work.set.account.get(&account).is_none() {
        return Err(Rejection::AccountNotFound { account }.into());
    }
    let all = work.set.system.get(&()).is_some_and(|system| system.paused);
    if all || market.is_some_and(|market| paused(work, market).unwrap_or(true)) {
        return Err(Rejection::Paused.into());
    }
    settle_account(work, account)?;
    require_no_orders(work, account)?;
    let record = work.set.account.get(&account).ok_or(Fault::MissingRecord("an account"))?;
    check_room(record, pool_id, Some(epoch))?;
    let free = record.cash;
    let session = work.ctx.principal.map(|_| work.ctx.sender);
    session::affordable(work, account, session, amount)?;
    require("account", amount, free)?;

    let pending = Bucket::PoolPending(pool_id, epoch);
    post(work, Bucket::Account(account), pending, amount, Reason::LiquidityRequest)?;
    session::spend(work, account, session, amount)?;
    let record = work.set.epoch.edit_or_new(&(pool_id, epoch));
    record.deposits = record.deposits.plus(amount)?;
    let record = work.set.account.edit(&account).ok_or(Fault::MissingRecord("an account"))?;
    record.tally.liquidity = record.tally.liquidity.minus(amount)?;
    let claim = claim_of(stake_of(record, pool_id), epoch);
    claim.deposit = claim.deposit.plus(amount)?;
    work.emit(Event::DepositRequested { account, pool: pool_id, epoch, amount });
    Ok(())
}

/// Freezes unlocked shares to be paid out.
pub(super) fn request_withdraw(work: &mut Work<'_>, pool_id: PoolId, shares: Shares) -> Done {
    let (account, now) = (work.account(), work.ctx.now);
    if shares.is_zero() {
        return Err(Rejection::invalid("shares", "more than zero").into());
    }
    let epoch = work.set.pool.get(&pool_id).ok_or(Rejection::PoolNotFound { pool: pool_id })?.open_epoch;
    let record = work.set.account.get(&account).ok_or(Rejection::AccountNotFound { account })?;
    require_unlocked(record, pool_id, shares, now)?;
    check_room(record, pool_id, Some(epoch))?;

    let record = work.set.account.edit(&account).ok_or(Fault::MissingRecord("an account"))?;
    let stake = stake_of(record, pool_id);
    stake.shares = stake.shares.minus(shares)?;
    let claim = claim_of(stake, epoch);
    claim.exit = claim.exit.plus(shares)?;
    let record = work.set.epoch.edit_or_new(&(pool_id, epoch));
    record.exits = record.exits.plus(shares)?;
    work.emit(Event::WithdrawRequested { account, pool: pool_id, epoch, shares });
    Ok(())
}

fn check_room(account: &Account, pool: PoolId, epoch: Option<u64>) -> Result<(), Rejection> {
    let Some(stake) = account.stake(pool) else {
        if account.stakes.len() >= limits::STAKES {
            return Err(Rejection::AccountFull { what: "pools", limit: limits::STAKES });
        }
        return Ok(());
    };
    let known = epoch.is_none_or(|epoch| stake.claims.iter().any(|claim| claim.epoch == epoch));
    if !known && stake.claims.len() >= limits::CLAIMS {
        return Err(Rejection::AccountFull { what: "unclaimed requests", limit: limits::CLAIMS });
    }
    Ok(())
}

fn require_unlocked(account: &Account, pool: PoolId, required: Shares, now: Timestamp) -> Result<(), Error> {
    let available = match account.stake(pool) {
        Some(stake) => stake.shares.minus(stake.locked(now)?)?,
        None => Shares::ZERO,
    };
    if required > available {
        return Err(Rejection::InsufficientShares { required, available }.into());
    }
    Ok(())
}

fn stake_of(account: &mut Account, pool: PoolId) -> &mut Stake {
    let at = match account.stakes.binary_search_by_key(&pool, |stake| stake.pool) {
        Ok(at) => at,
        Err(at) => {
            account.stakes.insert(at, Stake { pool, ..Stake::default() });
            at
        }
    };
    // It was found or inserted there.
    #[allow(clippy::indexing_slicing)]
    &mut account.stakes[at]
}

fn claim_of(stake: &mut Stake, epoch: u64) -> &mut LpClaim {
    let at = match stake.claims.binary_search_by_key(&epoch, |claim| claim.epoch) {
        Ok(at) => at,
        Err(at) => {
            stake.claims.insert(at, LpClaim { epoch, ..LpClaim::default() });
            at
        }
    };
    // It was found or inserted there.
    #[allow(clippy::indexing_slicing)]
    &mut stake.claims[at]
}

/// Hands an owner what the batches owe for one epoch's request. Anyone may ask for anyone.
pub(super) fn claim(work: &mut Work<'_>, account: AccountId, pool: PoolId, epoch: u64) -> Done {
    let record = work.set.account.get(&account).ok_or(Rejection::AccountNotFound { account })?;
    let nothing = Rejection::NothingToClaim { epoch };
    let found = record.stake(pool).and_then(|stake| stake.claims.iter().find(|c| c.epoch == epoch));
    let Some(claim) = found.cloned() else { return Err(nothing.into()) };
    let Some(record) = work.set.epoch.get(&(pool, epoch)) else { return Err(nothing.into()) };
    let (deposits, batch) = (record.deposits, record.batch.clone());
    let Some(batch) = batch else { return Err(nothing.into()) };
    let round = work.set.exit_round.get(&(pool, batch.round)).cloned().unwrap_or_default();
    let (due, waiting) = exit_due(&claim, &batch, &round)?;
    let entered = entry_due(&claim, &batch, deposits)?;
    let over = round.ended || claim.exit.is_zero();
    if claim.deposit.is_zero() && due.is_zero() && !over {
        return Err(nothing.into());
    }

    let mut cash = due;
    post(work, Bucket::PoolClaims(pool, batch.round), Bucket::Account(account), due, Reason::Claim)?;
    if batch.refused {
        let pending = Bucket::PoolPending(pool, epoch);
        post(work, pending, Bucket::Account(account), claim.deposit, Reason::LiquidityRequest)?;
        cash = cash.plus(claim.deposit)?;
    }
    let back = if over { waiting } else { Shares::ZERO };
    let holding =
        work.set.pool_params.get(&pool).ok_or(Fault::MissingRecord("pool parameters"))?.rules.holding_time;
    let now = work.ctx.now;
    let record = work.set.account.edit(&account).ok_or(Fault::MissingRecord("an account"))?;
    record.tally.liquidity = record.tally.liquidity.plus(cash)?;
    let stake = stake_of(record, pool);
    stake.shares = stake.shares.plus(entered)?.plus(back)?;
    lock(stake, entered, batch.at.after(holding), now)?;
    let open = claim_of(stake, epoch);
    open.deposit = Cash::ZERO;
    open.paid = open.paid.plus(due)?;
    if over {
        stake.claims.retain(|c| c.epoch != epoch);
    }
    let shares = entered.plus(back)?;
    work.emit(Event::Claimed { account, pool, epoch, shares, cash });
    Ok(())
}

/// Cash due for a claim's frozen shares, and how many of them still wait (Q6). Down both.
fn exit_due(claim: &LpClaim, batch: &Batch, round: &ExitRound) -> Result<(Cash, Shares), Error> {
    if claim.exit.is_zero() || batch.survival == 0 {
        return Ok((Cash::ZERO, Shares::ZERO));
    }
    let frozen = claim.exit.get();
    let risen = round.cash_index.saturating_sub(batch.cash_index);
    let total = mul_div_down(frozen, risen, batch.survival).and_then(|units| i128::try_from(units).ok());
    let overflow = cenote_units::OutOfRange { unit: "Cash" };
    let due = Cash::new(total.ok_or(overflow)?)?.minus(claim.paid)?;
    let waiting = mul_div_down(frozen, round.survival, batch.survival).unwrap_or(0);
    Ok((due, Shares::new(waiting)?))
}

/// A claim's part of the shares that its epoch's deposits made (Q7). Down: the fraction stays with the pool.
fn entry_due(claim: &LpClaim, batch: &Batch, deposits: Cash) -> Result<Shares, Error> {
    if batch.refused || claim.deposit.is_zero() {
        return Ok(Shares::ZERO);
    }
    let part = u128::try_from(claim.deposit.get()).unwrap_or(0);
    let whole = u128::try_from(deposits.get()).unwrap_or(0);
    Ok(Shares::new(mul_div_down(part, batch.shares_in.get(), whole).unwrap_or(0))?)
}

/// Locks new shares; what has come free is forgotten, and when there is no room the longest lock takes all.
fn lock(stake: &mut Stake, shares: Shares, until: Timestamp, now: Timestamp) -> Done {
    stake.locks.retain(|lock| lock.until > now);
    if shares.is_zero() || until <= now {
        return Ok(());
    }
    if stake.locks.len() < limits::LOCKS {
        stake.locks.push(ShareLock { until, shares });
        return Ok(());
    }
    if let Some(last) = stake.locks.last_mut() {
        last.until = last.until.max(until);
        last.shares = last.shares.plus(shares)?;
    }
    Ok(())
}

/// Gives unlocked shares to another account.
pub(super) fn transfer(work: &mut Work<'_>, pool: PoolId, to: AccountId, shares: Shares) -> Done {
    let (from, now) = (work.account(), work.ctx.now);
    if shares.is_zero() {
        return Err(Rejection::invalid("shares", "more than zero").into());
    }
    if to == from {
        return Err(Rejection::invalid("to", "another account").into());
    }
    if work.set.pool.get(&pool).is_none() {
        return Err(Rejection::PoolNotFound { pool }.into());
    }
    let record = work.set.account.get(&from).ok_or(Rejection::AccountNotFound { account: from })?;
    require_unlocked(record, pool, shares, now)?;
    if let Some(taker) = work.set.account.get(&to) {
        check_room(taker, pool, None)?;
    }

    let record = work.set.account.edit(&from).ok_or(Fault::MissingRecord("an account"))?;
    let stake = stake_of(record, pool);
    stake.shares = stake.shares.minus(shares)?;
    let stake = stake_of(work.set.account.edit_or_new(&to), pool);
    stake.shares = stake.shares.plus(shares)?;
    work.emit(Event::SharesTransferred { pool, from, to, shares });
    Ok(())
}
