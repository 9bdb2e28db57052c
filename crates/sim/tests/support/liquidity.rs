//! Loops of deposits, trades and withdrawals at fixed marks: what they earn, and what they cost those who stay.

use super::lab::{
    ATTACKER, M0, POOL, cash, equity, legs, load, money, now, quick, reversed, roomy, scaled, still, tokens,
    units,
};
use cenote_engine::Command;
use cenote_engine::command::Leg;
use cenote_engine::ids::{AccountId, LegKind};
use cenote_pricing::math::exp;
use cenote_sim::fixture::{Fixture, KEEPER};
use cenote_sim::rng::Rng;
use cenote_units::Shares;

/// Ticks at the same price until no batch waits.
pub fn batch(f: &mut Fixture) {
    for _ in 0..4 {
        for market in f.markets() {
            still(f, market);
        }
        if f.venue.state.pool[&POOL].closing.is_none() {
            let open = f.venue.state.pool[&POOL].open_epoch;
            if !f.venue.state.epoch.contains_key(&(POOL, open)) {
                return;
            }
        }
    }
}

/// Everything that batches owe an account.
pub fn claim(f: &mut Fixture, account: u64) {
    let id = AccountId::numbered(account);
    let stake = f.venue.state.account.get(&id).and_then(|a| a.stake(POOL).cloned()).unwrap_or_default();
    for open in stake.claims {
        let _ = f.run(KEEPER, &Command::Claim { account: id, pool: POOL, epoch: open.epoch });
    }
}

/// Money in, shares out, at the next batch.
pub fn enter(f: &mut Fixture, account: u64, amount: f64) {
    if f.run(account, &Command::RequestDeposit { pool: POOL, amount: tokens(amount) }).is_ok() {
        batch(f);
        claim(f, account);
    }
}

/// Shares of an account that could be asked out now.
pub fn shares(f: &Fixture, account: u64) -> u128 {
    let record = f.venue.state.account.get(&AccountId::numbered(account));
    record.and_then(|a| a.stake(POOL)).map_or(0, |stake| stake.shares.get())
}

/// A share of an account's stake out, at the next batch.
pub fn exit(f: &mut Fixture, account: u64, part: f64) {
    let asked = (shares(f, account) as f64 * part) as u128;
    let asked = Shares::new(asked).expect("part of a stake");
    if f.run(account, &Command::RequestWithdraw { pool: POOL, shares: asked }).is_ok() {
        batch(f);
        claim(f, account);
    }
}

/// What an account has in cash and in the pool, at equity a share, frozen shares included.
pub fn stake_worth(f: &Fixture, account: u64) -> f64 {
    let record = &f.venue.state.account[&AccountId::numbered(account)];
    let pool = &f.venue.state.pool[&POOL];
    let frozen: u128 = record.stake(POOL).map_or(0, |s| s.claims.iter().map(|c| waiting(f, c)).sum());
    let count = (shares(f, account) + frozen) as f64;
    money(cash(f, account)) + equity(f) * count / pool.shares.get() as f64
}

/// Frozen shares of a claim that still wait.
fn waiting(f: &Fixture, claim: &cenote_engine::state::LpClaim) -> u128 {
    let batch = f.venue.state.epoch.get(&(POOL, claim.epoch)).and_then(|epoch| epoch.batch.clone());
    let Some(batch) = batch else { return claim.exit.get() };
    let survival = f.venue.state.exit_round[&(POOL, batch.round)].survival;
    (claim.exit.get() as f64 * (survival as f64 / batch.survival as f64)) as u128
}

/// Equity of one share, times a million shares' units, quote.
pub fn share_price(f: &Fixture) -> f64 {
    equity(f) / f.venue.state.pool[&POOL].shares.get() as f64 * 1e6
}

/// A pool with a random book of bystanders.
pub fn base(seed: u64) -> Fixture {
    let mut rng = Rng::new(seed, 3);
    let mut f = quick(&roomy());
    if seed > 0 {
        let share = [0.3, 0.6, 1.0][rng.below(3)];
        load(&mut f, &mut rng, share);
    }
    (0..4).for_each(|_| drop(still(&mut f, M0)));
    f
}

/// What a loop came to, quote.
#[derive(Debug, Clone, Copy)]
pub struct Loop {
    /// The attacker's gain.
    pub profit: f64,
    /// Change of everybody else's price of a share, relative.
    pub others: f64,
}

/// One random loop: deposits, trades, withdrawals in any order, everything undone at the end.
pub fn random_loop(base: &Fixture, seed: u64) -> Loop {
    let mut rng = Rng::new(seed, 4);
    let mut f = base.clone();
    let (start, price) = (stake_worth(&f, ATTACKER), share_price(&f));
    let mut open: Vec<Vec<Leg>> = Vec::new();
    for _ in 0..2 + rng.below(4) {
        match rng.below(4) {
            0 | 1 if rng.chance(0.6) => enter(&mut f, ATTACKER, 1e4 * exp(9.1 * rng.uniform())),
            2 => {
                let part = rng.uniform();
                exit(&mut f, ATTACKER, part);
            }
            _ => open.extend(take(&mut f, &mut rng, 100.0)),
        }
    }
    if rng.chance(0.5) {
        exit(&mut f, ATTACKER, 1.0);
    }
    unwind(&mut f, &open);
    exit(&mut f, ATTACKER, 1.0);
    Loop { profit: stake_worth(&f, ATTACKER) - start, others: share_price(&f) / price - 1.0 }
}

/// A random trade of up to `most` contracts, smaller when a limit refuses it.
fn take(f: &mut Fixture, rng: &mut Rng, most: f64) -> Option<Vec<Leg>> {
    let mut trade = legs(f, rng, M0, 2, most);
    for _ in 0..4 {
        if now(f, ATTACKER, &trade).is_some() {
            return Some(trade);
        }
        trade = scaled(&trade, 0.5);
    }
    None
}

/// Undoes trades, the latest first; in parts where the pool's cash or limits make it necessary.
pub fn unwind(f: &mut Fixture, open: &[Vec<Leg>]) {
    for trade in open.iter().rev() {
        let back = reversed(trade);
        assert!(now(f, ATTACKER, &back).is_some(), "an open trade can be undone: {back:?}");
    }
}

/// The loop of the first mechanism's audit: deposit nine times the pool, buy far calls, withdraw, sell.
pub fn deposit_buy_withdraw_sell(deposit: f64, contracts: i64, pieces: usize) -> Loop {
    let mut f = base(0);
    let board = *f.boards(M0).last().expect("a board");
    let leg =
        Leg { board, strike: f.strike(board, 1.0), kind: LegKind::Call, size: units(contracts * 1_000_000) };
    let (start, price) = (stake_worth(&f, ATTACKER), share_price(&f));
    enter(&mut f, ATTACKER, deposit);
    let mut open = Vec::new();
    if now(&mut f, ATTACKER, &[leg]).is_some() {
        open.push(vec![leg]);
    }
    for left in (1..=pieces).rev() {
        exit(&mut f, ATTACKER, 1.0 / left as f64);
    }
    unwind(&mut f, &open);
    exit(&mut f, ATTACKER, 1.0);
    Loop { profit: stake_worth(&f, ATTACKER) - start, others: share_price(&f) / price - 1.0 }
}

/// Locks capital while rent is cheap and releases it at the next tick: gain in quote.
pub fn lock_and_release(share: f64) -> Result<f64, String> {
    let mut f = base(0);
    let board = *f.boards(M0).last().expect("a board");
    let start = money(cash(&f, ATTACKER));
    let mut trade = vec![f.leg(board, 1.0, LegKind::Call, share * 100.0)];
    for _ in 0..20 {
        if now(&mut f, ATTACKER, &trade).is_some() {
            still(&mut f, M0);
            now(&mut f, ATTACKER, &reversed(&trade)).ok_or("the release did not fill")?;
            return Ok(money(cash(&f, ATTACKER)) - start);
        }
        trade = scaled(&trade, 0.9);
    }
    Err("no size could be locked".into())
}
