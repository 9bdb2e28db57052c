//! Liquidity in batches: everybody of an epoch at one price, exits first (rules Q3 to Q7).

use crate::error::{Error, Fault};
use crate::event::{BatchEvent, Event};
use crate::ids::{MarketId, PoolId};
use crate::ledger::{Bucket, Reason, post};
use crate::params::PoolRules;
use crate::quote::{self, Batcher, BookSpread};
use crate::state::{Batch, Closing, Epoch, ExitRound, Pool};
use crate::work::{Done, Work};
use cenote_units::{Cash, Shares, mul_div_down};

/// One in survival products and cash indices.
pub(crate) const INDEX_ONE: u128 = 1_000_000_000_000_000_000_000_000_000;
/// A round that has paid all but this part of its shares ends.
const SURVIVAL_MIN: u128 = 1_000_000_000_000;

/// At a tick of a market: runs the batch that waits, if it may, or closes the open epoch.
pub(super) fn run(work: &mut Work<'_>, market: MarketId) -> Done {
    let pool_id = work.set.market.get(&market).ok_or(Fault::MissingRecord("a market's state"))?.pool;
    let pool = work.set.pool.read(&pool_id).ok_or(Fault::MissingRecord("a pool"))?;
    match &pool.closing {
        Some(closing) if ready(work, &pool, closing)? => process(work, pool_id, closing.epoch),
        Some(_) => Ok(()),
        None => close(work, pool_id, &pool, market),
    }
}

/// Every market with open positions has an unguarded tick that nobody knew when the epoch closed.
fn ready(work: &mut Work<'_>, pool: &Pool, closing: &Closing) -> Result<bool, Error> {
    for book in pool.books.iter().filter(|book| book.open > 0) {
        let market = work.set.market.get(&book.market).ok_or(Fault::MissingRecord("a market's state"))?;
        let clipped = market.surface.as_ref().is_some_and(|surface| surface.clipped);
        let late = market.tick.as_ref().is_some_and(|tick| tick.published_at >= closing.due_at);
        if clipped || market.held.is_some() || !late {
            return Ok(false);
        }
    }
    Ok(true)
}

fn close(work: &mut Work<'_>, pool_id: PoolId, pool: &Pool, market: MarketId) -> Done {
    let waiting = work.set.exit_round.get(&(pool_id, pool.exit_round)).is_some_and(|r| !r.waiting.is_zero());
    let asked = work.set.epoch.get(&(pool_id, pool.open_epoch)).is_some();
    if !waiting && !asked {
        return Ok(());
    }
    let params = work.set.market_params.get(&market).ok_or(Fault::MissingRecord("market parameters"))?;
    let due_at = work.ctx.now.after(params.rules.commit_delay);
    let epoch = pool.open_epoch;
    let pool = work.set.pool.edit(&pool_id).ok_or(Fault::MissingRecord("a pool"))?;
    pool.closing = Some(Closing { epoch, due_at });
    pool.open_epoch = epoch.saturating_add(1);
    work.emit(Event::EpochClosed { pool: pool_id, epoch, due_at });
    Ok(())
}

fn process(work: &mut Work<'_>, pool_id: PoolId, number: u64) -> Done {
    let rules =
        work.set.pool_params.get(&pool_id).ok_or(Fault::MissingRecord("pool parameters"))?.rules.clone();
    let epoch = work.set.epoch.edit_or_new(&(pool_id, number)).clone();
    let spread = quote::book_spread(work, pool_id)?;
    let pool = work.set.pool.edit(&pool_id).ok_or(Fault::MissingRecord("a pool"))?;
    pool.closing = None;
    let equity = quote::equity(pool, &rules)?;

    let exits = exits(work, pool_id, &rules, &epoch, equity, spread)?;
    let (entry_price_e18, shares_in) = entries(work, pool_id, &rules, number, &epoch, spread)?;
    let pool = work.set.pool.edit(&pool_id).ok_or(Fault::MissingRecord("a pool"))?;
    pool.winding_down = quote::equity(pool, &rules)? < rules.risk_capital_min;
    let risk_capital = pool.risk_capital;
    work.set.epoch.edit_or_new(&(pool_id, number)).batch = Some(Batch {
        at: work.ctx.now,
        refused: shares_in.is_zero(),
        shares_in,
        round: exits.round,
        survival: exits.survival,
        cash_index: exits.cash_index,
    });
    work.emit(Event::EpochProcessed(BatchEvent {
        pool: pool_id,
        epoch: number,
        equity,
        shares_out: exits.waiting,
        shares_paid: exits.paid,
        cash_out: exits.cash,
        cash_in: epoch.deposits,
        shares_in,
        entry_price_e18,
        risk_capital,
    }));
    Ok(())
}

/// Where an epoch's exits joined their round, and what was paid.
struct Left {
    round: u32,
    survival: u128,
    cash_index: u128,
    waiting: Shares,
    paid: Shares,
    cash: Cash,
}

fn exits(
    work: &mut Work<'_>,
    pool_id: PoolId,
    rules: &PoolRules,
    epoch: &Epoch,
    equity: Cash,
    spread: BookSpread,
) -> Result<Left, Error> {
    let pool = work.set.pool.get(&pool_id).ok_or(Fault::MissingRecord("a pool"))?.clone();
    let key = (pool_id, pool.exit_round);
    let fresh = ExitRound { survival: INDEX_ONE, ..ExitRound::default() };
    let mut round = work.set.exit_round.get(&key).cloned().unwrap_or(fresh);
    let (survival, cash_index) = (round.survival, round.cash_index);
    let waiting = round.waiting.plus(epoch.exits)?;
    let mut left = Left { round: key.1, survival, cash_index, waiting, paid: Shares::ZERO, cash: Cash::ZERO };
    if waiting.is_zero() {
        return Ok(left);
    }
    let paid = Batcher { pool: &pool, rules, spread }.exits(waiting, equity)?;
    left.paid = paid.shares;
    left.cash = paid.cash;

    round.waiting = waiting.minus(paid.shares)?;
    pay_round(&mut round, waiting, paid.cash)?;
    let over = round.ended;
    let claims = round.claims;
    work.set.exit_round.put(&key, ExitRound { claims, ..round });
    post(work, Bucket::Pool(pool_id), Bucket::PoolClaims(pool_id, key.1), paid.cash, Reason::LiquidityOut)?;
    let pool = work.set.pool.edit(&pool_id).ok_or(Fault::MissingRecord("a pool"))?;
    pool.shares = pool.shares.minus(paid.shares)?;
    pool.risk_capital = paid.risk_capital;
    pool.tally.left = pool.tally.left.minus(paid.cash)?;
    if over {
        pool.exit_round = pool.exit_round.saturating_add(1);
    }
    Ok(left)
}

/// Moves a round's indices by one payment (Q6). Down both: no claim is ever worth more than what was set aside.
fn pay_round(round: &mut ExitRound, waiting: Shares, cash: Cash) -> Done {
    let units = u128::try_from(cash.get()).unwrap_or(0);
    let overflow = || Error::from(cenote_units::OutOfRange { unit: "Shares" });
    let each = mul_div_down(round.survival, units, waiting.get()).ok_or_else(overflow)?;
    round.cash_index = round.cash_index.checked_add(each).ok_or_else(overflow)?;
    let still = round.waiting.get();
    round.survival = mul_div_down(round.survival, still, waiting.get()).ok_or_else(overflow)?;
    round.ended = round.waiting.is_zero() || round.survival < SURVIVAL_MIN;
    Ok(())
}

fn entries(
    work: &mut Work<'_>,
    pool_id: PoolId,
    rules: &PoolRules,
    number: u64,
    epoch: &Epoch,
    spread: BookSpread,
) -> Result<(u128, Shares), Error> {
    let refused = (0, Shares::ZERO);
    let pool = work.set.pool.get(&pool_id).ok_or(Fault::MissingRecord("a pool"))?.clone();
    if epoch.deposits.is_zero() {
        return Ok(refused);
    }
    let open = pool.books.iter().any(|book| book.open > 0);
    let weak = quote::equity(&pool, rules)? < rules.risk_capital_min;
    let batcher = Batcher { pool: &pool, rules, spread };
    let price = if open && weak { None } else { batcher.entry_price(epoch.deposits)? };
    let Some(price) = price else { return Ok(refused) };
    let made = quote::shares_for(epoch.deposits, price)?;
    if made.is_zero() {
        return Ok(refused);
    }

    let pending = Bucket::PoolPending(pool_id, number);
    post(work, pending, Bucket::Pool(pool_id), epoch.deposits, Reason::LiquidityIn)?;
    let pool = work.set.pool.edit(&pool_id).ok_or(Fault::MissingRecord("a pool"))?;
    pool.shares = pool.shares.plus(made)?;
    pool.risk_capital = if open {
        pool.risk_capital.plus(epoch.deposits)?
    } else {
        // Without positions equity is cash, and R may have stood at its minimum above it.
        pool.cash.max(rules.risk_capital_min)
    };
    pool.tally.entered = pool.tally.entered.plus(epoch.deposits)?;
    Ok((price, made))
}
