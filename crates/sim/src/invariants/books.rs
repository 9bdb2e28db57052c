//! Invariants of boards, positions and orders.

use super::Checker;
use cenote_engine::ids::{BoardId, Right};
use cenote_engine::obligation::{account_book, obligation, payoff_of, pool_book};
use cenote_engine::state::{Board, Holding};
use cenote_engine::{MemoryState, limits};
use cenote_units::{Cash, Price};
use std::collections::BTreeSet;

pub(super) fn check(checker: &mut Checker<'_>) {
    let state = checker.state;
    for (id, board) in &state.board {
        sizes(checker, id, board);
        escrow(checker, id, board);
        strikes(checker, id, board);
    }
    accounts(checker);
    locks(checker);
    orders(checker);
    markets(checker);
}

fn holdings<'a>(state: &'a MemoryState, board: &'a BoardId) -> impl Iterator<Item = &'a Holding> {
    state.account.values().filter_map(|account| account.holding(*board))
}

fn sizes(checker: &mut Checker<'_>, id: &BoardId, board: &Board) {
    let state = checker.state;
    for strike in &board.strikes {
        for right in [Right::Call, Right::Put] {
            let side = strike.side(right);
            let held: Vec<i64> = holdings(state, id).map(|h| h.size(strike.price, right).get()).collect();
            let sum: i64 = held.iter().sum::<i64>() + side.pool.get();
            // The pool of a settled board has been paid and holds nothing any more.
            let open = board.settlement.is_none();
            checker.check("I03", sum == 0 || !open, || {
                format!("{id:?} {} {right:?} adds up to {sum}", strike.price)
            });
            let long: i64 = held.iter().filter(|size| **size > 0).sum();
            checker.check("I04", long == side.long.get() || !open, || {
                format!("{id:?} {} {right:?}: long {long}, recorded {}", strike.price, side.long)
            });
        }
    }
    let holders = holdings(state, id).count();
    checker.check("I10", holders == board.holders as usize, || {
        format!("{id:?}: {holders} holders, recorded {}", board.holders)
    });
}

fn pool_lock(state: &MemoryState, id: &BoardId) -> Cash {
    let pool = state.market.get(&id.market).and_then(|market| state.pool.get(&market.pool));
    let lock = pool.and_then(|pool| pool.locks.iter().find(|lock| lock.board == *id));
    lock.map_or(Cash::ZERO, |lock| lock.obligation)
}

fn escrow(checker: &mut Checker<'_>, id: &BoardId, board: &Board) {
    let state = checker.state;
    let owed: i128 =
        holdings(state, id).map(|h| h.obligation.get()).sum::<i128>() + pool_lock(state, id).get();
    if board.settlement.is_none() {
        checker.check("I05", owed == board.escrow.get(), || {
            format!("{id:?}: obligations {owed}, escrow {}", board.escrow)
        });
        let worst = obligation(pool_book(board), board.floor, board.cap).unwrap_or(Cash::MAX);
        let locked = pool_lock(state, id);
        checker.check("I07", worst == locked, || format!("{id:?}: worst {worst}, locked {locked}"));
    }
    let mut prices: Vec<Price> = board.strikes.iter().map(|strike| strike.price).collect();
    prices.extend([board.floor, board.cap]);
    if let Some(price) = board.settlement {
        prices = vec![price];
    }
    for price in prices {
        let pool = payoff_of(pool_book(board), price).and_then(|sum| sum.to_cash_down());
        let mut due = pool.map_or(i128::MAX, |payoff| payoff.get() + pool_lock(state, id).get());
        for holding in holdings(state, id) {
            let payoff = payoff_of(account_book(holding), price).and_then(|sum| sum.to_cash_down());
            due = due.saturating_add(payoff.map_or(i128::MAX, |p| p.get() + holding.obligation.get()));
        }
        checker.check("I09", due <= board.escrow.get(), || {
            format!("{id:?} at {price}: due {due}, escrow {}", board.escrow)
        });
    }
}

fn strikes(checker: &mut Checker<'_>, id: &BoardId, board: &Board) {
    let sorted = board.strikes.is_sorted_by(|a, b| a.price < b.price);
    let inside = board.strikes.iter().all(|s| board.floor < s.price && s.price < board.cap);
    let fits = board.strikes.len() <= limits::STRIKES;
    checker.check("I11", sorted && inside && fits, || format!("{id:?}: strikes are not in order"));
    let empty = board.strikes.iter().all(|s| s.call.pool.is_zero() && s.put.pool.is_zero());
    let live = checker.state.market.get(&id.market).is_some_and(|market| market.boards.contains(id));
    let settled = board.settlement.is_some();
    checker.check("I13", !settled || (empty && !live), || format!("{id:?} is settled but not over"));
    checker.check("I13", settled || live, || format!("{id:?} is neither live nor settled"));
}

fn accounts(checker: &mut Checker<'_>) {
    let state = checker.state;
    for (id, account) in &state.account {
        let mut count = 0;
        for holding in &account.holdings {
            count += holding.positions.len();
            let board = state.board.get(&holding.board);
            let sorted = holding.positions.is_sorted_by(|a, b| (a.strike, a.right) < (b.strike, b.right));
            let real = holding
                .positions
                .iter()
                .all(|p| !p.size.is_zero() && board.is_some_and(|board| board.strike_at(p.strike).is_some()));
            let some = !holding.positions.is_empty();
            checker.check("I12", sorted && real && some, || format!("{id} on {:?}", holding.board));
            let Some(board) = board else { continue };
            let worst = obligation(account_book(holding), board.floor, board.cap).unwrap_or(Cash::MAX);
            checker.check("I06", worst == holding.obligation, || {
                format!("{id} on {:?}: worst {worst}, locked {}", holding.board, holding.obligation)
            });
        }
        let boards = account.holdings.is_sorted_by(|a, b| a.board < b.board);
        checker
            .check("I12", boards && count <= limits::POSITIONS, || format!("{id} holds {count} positions"));
    }
}

fn locks(checker: &mut Checker<'_>) {
    for (id, pool) in &checker.state.pool {
        let key = |board: &BoardId| (board.expiry, board.market, board.series);
        let sorted = pool.locks.is_sorted_by(|a, b| key(&a.board) < key(&b.board));
        let real = pool.locks.iter().all(|lock| lock.obligation > Cash::ZERO);
        checker.check("I08", sorted && real, || format!("pool {}: {:?}", id.0, pool.locks));
    }
}

fn orders(checker: &mut Checker<'_>) {
    let state = checker.state;
    let mut queued = BTreeSet::new();
    for (id, queue) in &state.queue {
        for order in &queue.orders {
            let here = state.order.get(order).is_some_and(|o| o.market == *id);
            let once = queued.insert(*order);
            checker.check("I15", here && once, || format!("market {}: order {}", id.0, order.0));
        }
        let fits = queue.orders.len() <= limits::ORDERS_PER_MARKET;
        checker.check("I15", fits, || format!("market {}: {} orders", id.0, queue.orders.len()));
    }
    for (id, order) in &state.order {
        let owner = state.account.get(&order.account).is_some_and(|a| a.orders.contains(id));
        let holds = owner && queued.contains(id);
        checker.check("I15", holds, || format!("order {} has no place or no owner", id.0));
    }
    for (id, account) in &state.account {
        let real = account.orders.iter().all(|order| state.order.contains_key(order));
        let holds = real && account.orders.len() <= limits::ORDERS_PER_ACCOUNT;
        checker.check("I15", holds, || format!("{id} lists {:?}", account.orders));
    }
}

fn markets(checker: &mut Checker<'_>) {
    let state = checker.state;
    for (id, market) in &state.market {
        let sorted = market.boards.is_sorted_by(|a, b| a < b);
        let real = market.boards.iter().all(|board| state.board.contains_key(board));
        let fits = market.boards.len() <= limits::BOARDS;
        checker.check("I14", sorted && real && fits, || format!("market {}: {:?}", id.0, market.boards));
        let publishers = state.market_params.get(id).map(|params| &params.publishers);
        let known = market.reports.iter().all(|r| publishers.is_some_and(|p| p.contains(&r.publisher)));
        let once = market.reports.is_sorted_by(|a, b| a.publisher < b.publisher);
        checker.check("I28", known && once, || format!("market {}: {:?}", id.0, market.reports));
    }
}
