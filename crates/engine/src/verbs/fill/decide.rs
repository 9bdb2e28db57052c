//! Whether an order fills at the tick in force, and at what cost: every check, nothing posted.

use super::guard;
use crate::canary::{Trap, planted};
use crate::command::Leg;
use crate::error::{Error, Fault, Rejection};
use crate::event::Cost;
use crate::ids::{AccountId, BoardId, LegKind, MarketId, PoolId, Right};
use crate::ledger::require;
use crate::limits;
use crate::obligation::{Held, obligation, pool_book};
use crate::quote::{self, Desk, Limits, Risk, TradeLeg, TradePrice};
use crate::state::{Account, Board, BoardLock, Holding, Pool, Position};
use crate::work::Work;
use crate::working::Read;
use alloc::rc::Rc;
use alloc::vec::Vec;
use cenote_pricing::Exposure;
use cenote_units::{Cash, OutOfRange, Price, Size};

/// What somebody wants to trade.
pub(crate) struct Trade<'a> {
    pub market: MarketId,
    pub account: AccountId,
    pub legs: &'a [Leg],
    /// The most it may cost; `None` for a preview.
    pub limit: Option<Cash>,
    pub reduce_only: bool,
    /// The account's cash must suffice; not so for a preview without an account.
    pub account_pays: bool,
}

/// A fill that passed every check, ready to be posted.
pub(crate) struct Decision {
    pub pool: PoolId,
    pub legs: Vec<TradeLeg>,
    pub boards: Vec<BoardMove>,
    /// What the pool's exposure changes by.
    pub change: Exposure,
    pub locks: Vec<BoardLock>,
    pub cost: Cost,
    pub insurance: Cash,
    pub treasury: Cash,
    /// What the account's free cash loses, negative when it gains.
    pub taken: Cash,
}

/// What a fill does to one board's obligations, and the account's positions after it.
pub(crate) struct BoardMove {
    pub board: BoardId,
    pub pool: (Cash, Cash),
    pub account: (Cash, Cash),
    pub positions: Vec<Position>,
}

/// Everything that can be wrong with legs by themselves.
pub(crate) fn check_request_legs(market: MarketId, legs: &[Leg]) -> Result<(), Rejection> {
    if legs.is_empty() || legs.len() > limits::LEGS {
        return Err(Rejection::invalid("legs", "1 to 8 of them"));
    }
    if legs.iter().any(|leg| leg.size.is_zero()) {
        return Err(Rejection::invalid("size", "other than zero"));
    }
    if legs.iter().any(|leg| leg.board.market != market) {
        return Err(Rejection::invalid("board", "of the order's own market"));
    }
    if merge(legs)?.is_empty() {
        return Err(Rejection::invalid("legs", "something other than zero once merged"));
    }
    Ok(())
}

/// One series after merging.
type Merged = (BoardId, Price, Right, Size);

/// Merges legs by instrument (O2): a forward is one call and minus one put; zeros go; sorted.
pub(crate) fn merge(legs: &[Leg]) -> Result<Vec<Merged>, OutOfRange> {
    let mut merged: Vec<Merged> = Vec::with_capacity(legs.len().saturating_mul(2));
    for leg in legs {
        let (call, put) = match leg.kind {
            LegKind::Call => (leg.size, Size::ZERO),
            LegKind::Put => (Size::ZERO, leg.size),
            LegKind::Forward => (leg.size, leg.size.negated()),
        };
        for (right, size) in [(Right::Call, call), (Right::Put, put)] {
            let same = |m: &&mut Merged| (m.0, m.1, m.2) == (leg.board, leg.strike, right);
            match merged.iter_mut().find(same) {
                Some(found) => found.3 = found.3.plus(size)?,
                None => merged.push((leg.board, leg.strike, right, size)),
            }
        }
    }
    merged.retain(|m| !m.3.is_zero());
    merged.sort_unstable_by_key(|m| (m.0, m.1, m.2));
    Ok(merged)
}

/// Finds every leg's strike and marks.
fn locate(work: &mut Work<'_>, desk: &Desk, legs: &[Leg]) -> Result<Vec<TradeLeg>, Error> {
    let merged = merge(legs)?;
    let mut located: Vec<TradeLeg> = Vec::with_capacity(merged.len());
    for (id, strike, right, size) in merged {
        let board = work.set.board.get(&id).ok_or(Rejection::BoardNotFound { board: id })?;
        if board.settlement.is_some() || id.expiry <= desk.tick.published_at {
            return Err(Rejection::BoardClosed { board: id, allows: "only settlement" }.into());
        }
        let at = board.strike_at(strike).ok_or(Rejection::StrikeNotFound { board: id, strike })?;
        let known = located.last().filter(|leg| leg.board == id).map(|leg| leg.marks.clone());
        let marks = match known {
            Some(marks) => marks,
            None => desk.marks(work, &id).ok_or(Rejection::BoardNotFound { board: id })?,
        };
        located.push(TradeLeg { board: id, strike, right, size, at, marks });
    }
    Ok(located)
}

/// Checks a trade against every rule and computes its cost.
///
/// # Errors
/// The first rule that refuses, in the order of [`Rejection::CODES`].
pub(crate) fn decide(work: &mut Work<'_>, desk: &Desk, trade: &Trade<'_>) -> Result<Decision, Error> {
    match weigh(work, desk, trade)? {
        (decision, None) => Ok(decision),
        (_, Some(refusal)) => Err(refusal.into()),
    }
}

/// Prices a trade whether or not it may fill: the decision, and the first rule that refuses it.
///
/// # Errors
/// What leaves nothing to price: a series that is not there or no longer trades, or sums out of range.
pub(crate) fn weigh(
    work: &mut Work<'_>,
    desk: &Desk,
    trade: &Trade<'_>,
) -> Result<(Decision, Option<Rejection>), Error> {
    let legs = locate(work, desk, trade.legs)?;
    let pool_id = work.set.market.get(&trade.market).ok_or(Fault::MissingRecord("a market's state"))?.pool;
    let pool = work.set.pool.read(&pool_id).ok_or(Fault::MissingRecord("a pool"))?;
    let params = work.set.pool_params.read(&pool_id).ok_or(Fault::MissingRecord("pool parameters"))?;
    let rules = &params.rules;
    let account = work.set.account.read(&trade.account).unwrap_or_else(|| Read::Shared(Rc::default()));
    let boards = moves(work, &legs, &account, &pool)?;
    let locks =
        boards.iter().fold(pool.locks.clone(), |locks, b| quote::with_lock(&locks, b.board, b.pool.1));
    let mut change = Exposure::ZERO;
    for leg in &legs {
        quote::add(&mut change, leg.size.negated(), leg.mark());
    }
    let at = quote::place(&pool, trade.market).ok_or(Fault::MissingRecord("a pool's book"))?;
    let risk = Risk::new(&pool, rules);
    let price = quote::price_trade(desk, &risk, at, &legs, &change, &locks, work.ctx.now)?;
    let (account_more, pool_more) = added(&boards)?;
    let TradePrice { cost, insurance, treasury, adds_risk } = price;
    let taken = cost.total.plus(account_more)?;
    let pool_takes = pool_more.plus(insurance)?.plus(treasury)?.minus(cost.total)?;

    let guarded = guard(work, trade.market, desk)?;
    let refusal = (|| {
        let raises = raises(&legs, &account)?;
        if let (true, Some(reason)) = (raises || adds_risk, guarded) {
            return Err(Rejection::Guarded { reason });
        }
        check_open(desk, &legs, raises)?;
        if raises && trade.reduce_only {
            return Err(Rejection::ReduceOnly);
        }
        check_room(&account, &boards)?;
        if pool.winding_down && (raises || adds_risk) {
            let equity = quote::equity(&pool, rules).unwrap_or_default();
            return Err(Rejection::PoolWindingDown { equity, required: rules.risk_capital_min });
        }
        Limits { rules, risk: &risk, pool: &pool, at, desk }.check(&change, &locks)?;
        if let Some(limit) = trade.limit.filter(|limit| cost.total > *limit) {
            return Err(Rejection::LimitExceeded { cost: cost.total, limit });
        }
        if trade.account_pays {
            require("account", taken, account.cash)?;
        }
        require("pool", pool_takes, pool.cash)
    })();
    let decision = Decision { pool: pool_id, legs, boards, change, locks, cost, insurance, treasury, taken };
    Ok((decision, refusal.err()))
}

/// Whether any leg raises the account's |position|.
fn raises(legs: &[TradeLeg], account: &Account) -> Result<bool, OutOfRange> {
    for leg in legs {
        let held = account.holding(leg.board).map_or(Size::ZERO, |h| h.size(leg.strike, leg.right));
        let after = held.plus(leg.size)?;
        // Through zero is a new position, however small.
        let flips = !held.is_zero() && !after.is_zero() && (held > Size::ZERO) != (after > Size::ZERO);
        if after.magnitude() > held.magnitude() || flips {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Inside a board's settlement window trades may only close, and at its end not even that (O6).
fn check_open(desk: &Desk, legs: &[TradeLeg], raises: bool) -> Result<(), Rejection> {
    let window = desk.rules.settlement_window.get();
    for leg in legs {
        let left = desk.left(leg.board.expiry).get();
        if left.saturating_mul(6) <= window {
            return Err(Rejection::BoardClosed { board: leg.board, allows: "only settlement" });
        }
        if raises && left <= window {
            return Err(Rejection::BoardClosed { board: leg.board, allows: "closing trades" });
        }
    }
    Ok(())
}

/// Obligations of pool and account on every board before and after.
fn moves(
    work: &mut Work<'_>,
    legs: &[TradeLeg],
    account: &Account,
    pool: &Pool,
) -> Result<Vec<BoardMove>, Error> {
    let mut moves = Vec::with_capacity(legs.len());
    for on_board in legs.chunk_by(|a, b| a.board == b.board) {
        let Some(id) = on_board.first().map(|leg| leg.board) else { continue };
        let board = work.set.board.get(&id).ok_or(Fault::MissingRecord("a board"))?;
        let holding = account.holding(id);
        let positions = positions_after(holding, on_board)?;
        let account_after = obligation(book(&positions), board.floor, board.cap)?;
        let pool_after = pool_obligation_after(board, on_board)?;
        let pool_before = pool.locks.iter().find(|lock| lock.board == id);
        moves.push(BoardMove {
            board: id,
            pool: (pool_before.map_or(Cash::ZERO, |lock| lock.obligation), pool_after),
            account: (holding.map_or(Cash::ZERO, |h| h.obligation), account_after),
            positions,
        });
    }
    Ok(moves)
}

fn book(positions: &[Position]) -> impl Iterator<Item = Held> + Clone + '_ {
    positions.iter().map(|p| Held { strike: p.strike, right: p.right, size: p.size })
}

fn positions_after(holding: Option<&Holding>, legs: &[TradeLeg]) -> Result<Vec<Position>, Error> {
    let mut positions = holding.map(|h| h.positions.clone()).unwrap_or_default();
    for leg in legs {
        change_position(&mut positions, leg.strike, leg.right, leg.size)?;
    }
    Ok(positions)
}

/// Adds a signed size to sorted positions; what becomes nothing goes.
pub(crate) fn change_position(
    positions: &mut Vec<Position>,
    strike: Price,
    right: Right,
    size: Size,
) -> Result<(), OutOfRange> {
    match positions.binary_search_by_key(&(strike, right), |p| (p.strike, p.right)) {
        Ok(at) => {
            if let Some(position) = positions.get_mut(at) {
                position.size = position.size.plus(size)?;
            }
            positions.retain(|p| !p.size.is_zero());
        }
        Err(at) => positions.insert(at, Position { strike, right, size }),
    }
    Ok(())
}

fn pool_obligation_after(board: &Board, legs: &[TradeLeg]) -> Result<Cash, Error> {
    if planted(Trap::NoEscrow) {
        return Ok(Cash::ZERO);
    }
    for leg in legs {
        let side = board.strikes.get(leg.at).map(|strike| strike.side(leg.right).pool).unwrap_or_default();
        side.minus(leg.size)?;
    }
    // The sums above fit, so none of these is clamped.
    let after = pool_book(board).map(|held| {
        let leg = legs.iter().find(|leg| leg.strike == held.strike && leg.right == held.right);
        let size = leg.map_or(held.size, |leg| held.size.minus(leg.size).unwrap_or(held.size));
        Held { size, ..held }
    });
    Ok(obligation(after, board.floor, board.cap)?)
}

fn check_room(account: &Account, boards: &[BoardMove]) -> Result<(), Rejection> {
    let mut positions = account.positions();
    for b in boards {
        let before = account.holding(b.board).map_or(0, |h| h.positions.len());
        positions = positions.saturating_add(b.positions.len()).saturating_sub(before);
    }
    if positions > limits::POSITIONS {
        return Err(Rejection::AccountFull { what: "positions", limit: limits::POSITIONS });
    }
    Ok(())
}

/// What account and pool must add to escrow, releases taken off.
fn added(boards: &[BoardMove]) -> Result<(Cash, Cash), OutOfRange> {
    let (mut account, mut pool) = (Cash::ZERO, Cash::ZERO);
    for b in boards {
        account = account.plus(b.account.1.minus(b.account.0)?)?;
        pool = pool.plus(b.pool.1.minus(b.pool.0)?)?;
    }
    Ok((account, pool))
}
