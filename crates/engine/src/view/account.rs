//! An account: what it has, what that is worth, and where the difference came from.

use super::{Greeks, at, desk};
use crate::error::{Error, Rejection};
use crate::ids::{AccountId, Instrument, MarketId, OrderId, Right};
use crate::quote::Desk;
use crate::state::{Account, Stake};
use crate::work::Work;
use crate::working::StateReader;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use cenote_units::{Cash, OutOfRange, Size, Timestamp};

/// An account at the ticks in force.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct AccountView {
    /// Free cash.
    pub cash: Cash,
    /// Locked on boards; with free cash this is what the account put in and has kept.
    pub locked: Cash,
    /// Its positions at their marks, rounded down; what it is short counts against it.
    pub value: Cash,
    /// Cash, what is locked, and value.
    pub equity: Cash,
    /// Profit and loss by source; adds up to equity less what came in from outside and from pools.
    pub pnl: AccountPnl,
    /// Its positions.
    pub positions: Vec<PositionView>,
    /// Its live orders.
    pub orders: Vec<OrderId>,
    /// Its pool shares and requests.
    pub stakes: Vec<Stake>,
}

/// One position.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct PositionView {
    /// Which series.
    pub instrument: Instrument,
    /// Signed size.
    pub size: Size,
    /// Price of a contract, quote; after settlement its payoff.
    pub mark: f64,
    /// Size times mark, rounded down.
    pub value: Cash,
    /// Sensitivities of the position.
    pub greeks: Greeks,
}

/// Where an account's profit came from; negative is a loss or a charge. The parts add up to the total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct AccountPnl {
    /// Marks of what it holds and payoffs of what has settled, against the marks it traded at.
    pub market: Cash,
    /// Impact of its trades.
    pub impact: Cash,
    /// Rent paid for capital, refunds taken off.
    pub capital: Cash,
    /// Spread.
    pub spread: Cash,
    /// Latency charges.
    pub latency: Cash,
    /// Fees.
    pub fee: Cash,
    /// Rounding.
    pub rounding: Cash,
    /// Keeper fees, earned or paid; fees of live orders count as paid.
    pub keeper: Cash,
    /// Payments for positions handed over.
    pub transfer: Cash,
    /// The sum.
    pub total: Cash,
}

/// Everything about an account.
///
/// # Errors
/// An unknown account, or sums out of range.
pub fn account(state: &dyn StateReader, now: Timestamp, id: AccountId) -> Result<AccountView, Error> {
    let mut work = at(state, now, id);
    let record = work.set.account.get(&id).ok_or(Rejection::AccountNotFound { account: id })?.clone();
    let positions = positions(&mut work, &record)?;
    let value = positions.iter().try_fold(Cash::ZERO, |sum, position| sum.plus(position.value))?;
    let locked = record.holdings.iter().try_fold(Cash::ZERO, |sum, h| sum.plus(h.obligation))?;
    Ok(AccountView {
        cash: record.cash,
        locked,
        value,
        equity: record.cash.plus(locked)?.plus(value)?,
        pnl: pnl(&record, value)?,
        positions,
        orders: record.orders,
        stakes: record.stakes,
    })
}

fn pnl(record: &Account, value: Cash) -> Result<AccountPnl, OutOfRange> {
    let t = &record.tally;
    let market = t.mark.plus(t.payoff)?.plus(value)?;
    let parts = [market, t.impact, t.capital, t.spread, t.latency, t.fee, t.rounding, t.keeper, t.transfer];
    Ok(AccountPnl {
        market,
        impact: t.impact,
        capital: t.capital,
        spread: t.spread,
        latency: t.latency,
        fee: t.fee,
        rounding: t.rounding,
        keeper: t.keeper,
        transfer: t.transfer,
        total: parts.into_iter().try_fold(Cash::ZERO, Cash::plus)?,
    })
}

fn positions(work: &mut Work<'_>, record: &Account) -> Result<Vec<PositionView>, Error> {
    let mut desks: BTreeMap<MarketId, Desk> = BTreeMap::new();
    let mut views = Vec::new();
    for holding in &record.holdings {
        let market = holding.board.market;
        if let alloc::collections::btree_map::Entry::Vacant(entry) = desks.entry(market) {
            entry.insert(desk(work, market)?);
        }
        let Some(desk) = desks.get(&market) else { continue };
        let Some(board) = work.set.board.get(&holding.board).cloned() else { continue };
        let open = board.settlement.is_none();
        let marks = if open { desk.marks(work, &holding.board) } else { None };
        let of_board = if open { desk.greeks(&holding.board, &board, &board.strikes) } else { Vec::new() };
        for position in &holding.positions {
            let instrument =
                Instrument { board: holding.board, strike: position.strike, right: position.right };
            let marked = marks.as_ref().and_then(|marks| {
                let side = match position.right {
                    Right::Call => &marks.calls,
                    Right::Put => &marks.puts,
                };
                side.get(board.strike_at(position.strike)?)
            });
            let settled = board.settlement.map(|price| {
                crate::quote::price(crate::obligation::payoff(position.strike, position.right, price))
            });
            let mark = settled.or(marked.map(|m| m.mark)).unwrap_or(0.0);
            let size = crate::quote::size(position.size);
            let mut greeks = Greeks::default();
            if let Some(at) = board.strike_at(position.strike) {
                greeks.add(&of_board, at, position.right, position.size);
            }
            views.push(PositionView {
                instrument,
                size: position.size,
                mark,
                value: crate::quote::to_cash_down(size * mark)?,
                greeks,
            });
        }
    }
    Ok(views)
}
