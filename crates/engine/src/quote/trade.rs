//! The cost of a trade: six parts in f64, added and rounded once (rule O7). Only the charges among them move equity (I34).

use super::charges::{Charges, TradeLeg, charges};
use super::desk::Desk;
use super::equity::Risk;
use super::scale::{cash, ratio, to_cash_down, to_cash_near, to_cash_up};
use crate::canary::{Trap, planted};
use crate::error::Error;
use crate::event::Cost;
use crate::state::BoardLock;
use cenote_pricing::Exposure;
use cenote_pricing::math::min;
use cenote_units::{Cash, Timestamp};

/// A trade's price.
pub(crate) struct TradePrice {
    pub cost: Cost,
    /// The fee's share for insurance.
    pub insurance: Cash,
    /// The fee's share for the treasury.
    pub treasury: Cash,
    /// The trade raises `Phi + Lambda`.
    pub adds_risk: bool,
}

/// Prices located legs; `change` is what they do to the pool's exposure, `locks` its obligations after.
pub(crate) fn price_trade(
    desk: &Desk,
    risk: &Risk,
    at: usize,
    legs: &[TradeLeg],
    change: &Exposure,
    locks: &[BoardLock],
    now: Timestamp,
) -> Result<TradePrice, Error> {
    // The pool's exposure falls by what the trader takes over.
    let mark = -change.value;
    let impact = risk.d_phi(at, &change.load);
    let capital = match planted(Trap::FrozenUtilisation) {
        true => frozen_rent(desk, risk, locks),
        false => risk.d_lambda(locks),
    };
    let Charges { spread, latency, mut fee } = charges(desk, legs, now);
    if planted(Trap::FeeOnPremium) {
        let premium = mark + impact;
        fee = min(fee, ratio(desk.rules.fee_cap) * if premium < 0.0 { -premium } else { premium });
    }
    // Up, and one unit more: the sum's own rounding error never costs the pool.
    let total = to_cash_up(mark + impact + capital + spread + latency + fee)?.plus(Cash::new(1)?)?;
    let mut cost = Cost {
        mark: to_cash_near(mark)?,
        impact: to_cash_near(impact)?,
        capital: to_cash_near(capital)?,
        spread: to_cash_near(spread)?,
        latency: to_cash_near(latency)?,
        fee: to_cash_near(fee)?,
        rounding: Cash::ZERO,
        total,
    };
    let parts = [cost.mark, cost.impact, cost.capital, cost.spread, cost.latency, cost.fee];
    cost.rounding = parts.into_iter().try_fold(total, |rest, part| rest.minus(part))?;
    Ok(TradePrice {
        cost,
        // Down both: the fraction stays with liquidity.
        insurance: to_cash_down(fee * ratio(desk.rules.fee_insurance))?,
        treasury: to_cash_down(fee * ratio(desk.rules.fee_treasury))?,
        adds_risk: impact + capital > 0.0,
    })
}

/// The old rule of [`Trap::FrozenUtilisation`]: the rate at the utilisation that the trade finds, times what it locks
/// and for how long.
fn frozen_rent(desk: &Desk, risk: &Risk, after: &[BoardLock]) -> f64 {
    let found = risk.locks.iter().fold(0.0, |sum, lock| sum + lock.obligation);
    let before = risk.locks.iter().fold(0.0, |sum, lock| sum + lock.obligation * lock.years);
    let after = after.iter().fold(0.0, |sum, lock| sum + cash(lock.obligation) * desk.tau(lock.board.expiry));
    risk.rent.rate(found / risk.capital) * (after - before)
}
