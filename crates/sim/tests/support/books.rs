//! Expiries: random books of several accounts, brought to settlement and settled in any order.

use super::lab::{BYSTANDERS, M0, POOL, cash, leg_on, now, quick, roomy, scaled};
use cenote_engine::Command;
use cenote_engine::ids::{AccountId, BoardId};
use cenote_engine::obligation::{account_book, payoff_of, pool_book};
use cenote_sim::fixture::{Fixture, KEEPER, TRADER};
use cenote_sim::rng::Rng;
use cenote_units::{Cash, Exact, Millis, Price};
use std::collections::BTreeMap;

/// A venue whose bystanders hold random books on the board that expires first.
pub fn held(seed: u64) -> (Fixture, BoardId, Rng) {
    let mut rng = Rng::new(seed, 5);
    let mut f = quick(&roomy());
    let board = f.boards(M0)[0];
    for n in 0..12 + rng.below(10) {
        let mut trade: Vec<_> = (0..=rng.below(3)).map(|_| leg_on(&f, &mut rng, board, 8.0)).collect();
        for _ in 0..4 {
            if now(&mut f, TRADER + (n % BYSTANDERS) as u64, &trade).is_some() {
                break;
            }
            trade = scaled(&trade, 0.5);
        }
    }
    (f, board, rng)
}

/// Payoffs of everyone on a board at a price, added up: exactly nothing.
pub fn payoffs(f: &Fixture, board: BoardId, price: Price) -> Exact {
    let record = &f.venue.state.board[&board];
    let mut sum = payoff_of(pool_book(record), price).expect("a payoff in range");
    for account in f.venue.state.account.values() {
        if let Some(holding) = account.holding(board) {
            sum =
                sum.plus(payoff_of(account_book(holding), price).expect("a payoff in range")).expect("a sum");
        }
    }
    sum
}

/// Brings the venue to the board's expiry by a random walk of the price, up to its last tick before expiry.
pub fn approach(f: &mut Fixture, board: BoardId, rng: &mut Rng) {
    let start = board.expiry.before(Millis::seconds(2_400));
    f.wait(start.since(f.venue.now));
    f.refresh();
    while board.expiry.since(f.venue.now) > Millis::seconds(400) {
        f.wait(Millis::seconds(60 + rng.below(240) as u64));
        let spot = f.spots[0] * (1.0 + 0.003 * rng.normal().clamp(-3.0, 3.0));
        f.publish(M0).expect("a surface");
        f.move_to(M0, spot).expect("a tick");
    }
}

/// Who has how much cash once everything is settled, the pool last.
pub fn ends(f: &Fixture) -> Vec<Cash> {
    let mut all: Vec<Cash> = (0..BYSTANDERS).map(|i| cash(f, TRADER + i as u64)).collect();
    all.push(f.venue.state.pool[&POOL].cash);
    all
}

/// Settles a random book in `orders` different orders and compares with what each is owed.
pub fn settle_in_any_order(seed: u64, orders: usize) -> Result<(), String> {
    let (mut f, board, mut rng) = held(seed);
    approach(&mut f, board, &mut rng);
    for n in 0..8 {
        let record = &f.venue.state.board[&board];
        let (floor, cap) = (record.floor.get(), record.cap.get());
        let price =
            Price::new(floor + (rng.bits() as u128 * (cap - floor)) / (1 << 64)).expect("in the band");
        if payoffs(&f, board, price) != Exact::ZERO {
            return Err(format!("seed {seed}: payoffs at {price} ({n}) do not add up to nothing"));
        }
    }
    let mut expected: BTreeMap<usize, Cash> = BTreeMap::new();
    let before: Vec<(usize, Cash)> = (0..BYSTANDERS).map(|i| (i, cash(&f, TRADER + i as u64))).collect();
    let books: Vec<_> = (0..BYSTANDERS).map(|i| holding(&f, i, board)).collect();
    let at = board.expiry.since(f.venue.now);
    let mut outcomes = Vec::new();
    for order in 0..orders {
        let mut f = f.clone();
        if order % 2 == 0 {
            f.wait(Millis::new(at.get() + 1_000));
            f.move_to(M0, f.spots[0]).map_err(|e| format!("seed {seed}: {e}"))?;
        } else {
            // No tick comes: whoever calls may close the average once the delay has passed.
            f.wait(Millis::new(at.get() + 700_000));
            f.run(KEEPER, &Command::Settle { board }).map_err(|e| format!("seed {seed}: {e}"))?;
        }
        let Some(price) = f.venue.state.board.get(&board).map(|b| b.settlement.expect("settled")) else {
            return Ok(());
        };
        for ((i, had), book) in before.iter().zip(&books) {
            if let Some(book) = book {
                let payoff = payoff_of(account_book(book), price).and_then(Exact::to_cash_down);
                let due = had.get() + book.obligation.get() + payoff.expect("a payoff in range").get();
                expected.insert(*i, Cash::new(due).expect("cash in range"));
            }
        }
        settle_shuffled(&mut f, &mut rng, seed)?;
        if let Some((i, due)) = expected.iter().find(|(i, due)| cash(&f, TRADER + **i as u64) != **due) {
            let has = cash(&f, TRADER + *i as u64);
            return Err(format!("seed {seed} order {order}: account {i} has {has}, was owed {due}"));
        }
        if f.venue.state.board.contains_key(&board) {
            return Err(format!("seed {seed} order {order}: the board outlives its holders"));
        }
        outcomes.push((price, ends(&f)));
    }
    // The price in force counts to expiry either way: the caller and the moment of the call decide nothing.
    match outcomes.iter().all(|o| *o == outcomes[0]) {
        true => Ok(()),
        false => Err(format!("seed {seed}: the order of settlement matters: {outcomes:?}")),
    }
}

fn holding(f: &Fixture, i: usize, board: BoardId) -> Option<cenote_engine::state::Holding> {
    let id = AccountId::numbered(TRADER + i as u64);
    f.venue.state.account.get(&id).and_then(|a| a.holding(board).cloned())
}

fn settle_shuffled(f: &mut Fixture, rng: &mut Rng, seed: u64) -> Result<(), String> {
    let mut who: Vec<usize> = (0..BYSTANDERS).collect();
    for n in (1..who.len()).rev() {
        who.swap(n, rng.below(n + 1));
    }
    for i in who {
        let account = AccountId::numbered(TRADER + i as u64);
        let result = f.venue.run(AccountId::numbered(KEEPER), &Command::SettleAccount { account });
        result.map_err(|e| format!("seed {seed}: account {i} cannot be settled: {e}"))?;
    }
    Ok(())
}
