//! Invariants of buckets, tallies and claims.

use super::Checker;
use cenote_engine::ids::AccountId;
use cenote_engine::state::{Account, OWNERLESS};
use cenote_engine::{Bucket, MemoryState};
use cenote_units::{Cash, mul_div_down};
use std::collections::BTreeMap;

/// Every bucket and what it holds.
#[must_use]
pub fn buckets(state: &MemoryState) -> BTreeMap<Bucket, Cash> {
    let mut all = BTreeMap::new();
    if let Some(vault) = state.vault.get(&()) {
        all.insert(Bucket::External, vault.external);
        all.insert(Bucket::Insurance, vault.insurance);
        all.insert(Bucket::Treasury, vault.treasury);
    }
    all.extend(state.account.iter().map(|(id, a)| (Bucket::Account(*id), a.cash)));
    all.extend(state.pool.iter().map(|(id, p)| (Bucket::Pool(*id), p.cash)));
    all.extend(state.epoch.iter().map(|((id, n), e)| (Bucket::PoolPending(*id, *n), e.pending)));
    all.extend(state.exit_round.iter().map(|((id, n), r)| (Bucket::PoolClaims(*id, *n), r.claims)));
    all.extend(state.board.iter().map(|(id, b)| (Bucket::Board(*id), b.escrow)));
    all.extend(state.queue.iter().map(|(id, q)| (Bucket::Keeper(*id), q.keeper)));
    all
}

pub(super) fn check(checker: &mut Checker<'_>, bank: Cash) {
    let state = checker.state;
    let all = buckets(state);
    for (bucket, cash) in &all {
        let holds = *bucket == Bucket::External || !cash.is_negative();
        checker.check("I01", holds, || format!("{bucket} holds {cash}"));
    }
    let sum: i128 = all.values().map(|cash| cash.get()).sum();
    let external = all.get(&Bucket::External).copied().unwrap_or_default();
    checker.check("I02", sum == 0, || format!("buckets add up to {sum} units"));
    checker.check("I02", external == bank.negated(), || {
        format!("External is {external}, the bank holds {bank}")
    });
    for (id, account) in &state.account {
        tally(checker, id, account);
    }
    for (id, pool) in &state.pool {
        let t = &pool.tally;
        let parts = [t.mark, t.impact, t.capital, t.spread, t.latency, t.fee, t.rounding, t.payoff];
        let flows = [t.entered, t.left];
        let sum: i128 = parts.iter().chain(&flows).map(|part| part.get()).sum();
        let has: i128 = pool.cash.get() + pool.locks.iter().map(|l| l.obligation.get()).sum::<i128>();
        checker.check("I18", sum == has, || format!("pool {}: tally {sum}, has {has}", id.0));
    }
    keepers(checker);
    shares(checker);
    claims(checker);
}

fn tally(checker: &mut Checker<'_>, id: &AccountId, account: &Account) {
    let t = &account.tally;
    let parts = [t.external, t.mark, t.impact, t.capital, t.spread, t.latency, t.fee, t.rounding];
    let rest = [t.payoff, t.keeper, t.transfer, t.liquidity];
    let sum: i128 = parts.iter().chain(&rest).map(|part| part.get()).sum();
    let locked: i128 = account.holdings.iter().map(|h| h.obligation.get()).sum();
    let has = account.cash.get() + locked;
    checker.check("I17", sum == has, || format!("{id}: tally {sum}, has {has}"));
}

fn keepers(checker: &mut Checker<'_>) {
    let state = checker.state;
    for (id, queue) in &state.queue {
        let orders = state.order.values().filter(|order| order.market == *id);
        let fees: i128 = orders.map(|o| o.keeper_fee.get() * i128::from(o.attempts)).sum();
        let holds = fees == queue.keeper.get();
        checker.check("I16", holds, || format!("market {}: fees {fees}, holds {}", id.0, queue.keeper));
    }
}

/// Shares of owners never exceed the pool's; what they miss is the dust of claims and rolled exits.
fn shares(checker: &mut Checker<'_>) {
    let state = checker.state;
    for (id, pool) in &state.pool {
        let owned: u128 = state.account.values().filter_map(|a| a.stake(*id)).map(|s| s.shares.get()).sum();
        let frozen = |number: u64| state.epoch.get(&(*id, number)).map_or(0, |e| e.exits.get());
        let closing = pool.closing.as_ref().map_or(0, |closing| frozen(closing.epoch));
        let rounds: u128 =
            state.exit_round.iter().filter(|((p, _), _)| p == id).map(|(_, r)| r.waiting.get()).sum();
        let unclaimed: u128 = unclaimed_entries(state, *id);
        let sum = OWNERLESS.get() + owned + frozen(pool.open_epoch) + closing + rounds + unclaimed;
        let all = pool.shares.get();
        // Each claim may leave a unit behind; give-backs of an ended round are in its waiting until claimed.
        checker.check("I19", sum <= all, || format!("pool {}: owners {sum}, all {all}", id.0));
        let dust = all.saturating_sub(sum);
        let claims = 1_000 + state.epoch.len() as u128 * 64;
        checker.check("I19", dust <= claims, || format!("pool {}: {dust} shares without an owner", id.0));
    }
}

fn unclaimed_entries(state: &MemoryState, pool: cenote_engine::ids::PoolId) -> u128 {
    let mut sum = 0;
    for stake in state.account.values().filter_map(|account| account.stake(pool)) {
        for claim in &stake.claims {
            let Some(epoch) = state.epoch.get(&(pool, claim.epoch)) else { continue };
            let Some(batch) = epoch.batch.as_ref().filter(|batch| !batch.refused) else { continue };
            let part = u128::try_from(claim.deposit.get()).unwrap_or(0);
            let whole = u128::try_from(epoch.deposits.get()).unwrap_or(0).max(1);
            sum += mul_div_down(part, batch.shares_in.get(), whole).unwrap_or(0);
        }
    }
    sum
}

fn claims(checker: &mut Checker<'_>) {
    let state = checker.state;
    for ((pool, number), epoch) in &state.epoch {
        let asked = state.account.values().filter_map(|account| account.stake(*pool));
        let waiting: i128 =
            asked.flat_map(|s| &s.claims).filter(|c| c.epoch == *number).map(|c| c.deposit.get()).sum();
        let entered = epoch.batch.as_ref().is_some_and(|batch| !batch.refused);
        let expected = if entered { 0 } else { waiting };
        let pending = epoch.pending.get();
        checker.check("I20", pending == expected, || {
            format!("pool {} epoch {number}: pending {pending}, asked {expected}", pool.0)
        });
    }
    for ((pool, number), round) in &state.exit_round {
        let mut due: i128 = 0;
        for stake in state.account.values().filter_map(|account| account.stake(*pool)) {
            for claim in &stake.claims {
                let epoch = state.epoch.get(&(*pool, claim.epoch));
                let Some(batch) = epoch.and_then(|e| e.batch.as_ref()).filter(|b| b.round == *number) else {
                    continue;
                };
                let risen = round.cash_index - batch.cash_index;
                let total = mul_div_down(claim.exit.get(), risen, batch.survival.max(1)).unwrap_or(0);
                due += i128::try_from(total).unwrap_or(i128::MAX) - claim.paid.get();
            }
        }
        checker.check("I21", due <= round.claims.get(), || {
            format!("pool {} round {number}: {due} due, {} there", pool.0, round.claims)
        });
    }
}
