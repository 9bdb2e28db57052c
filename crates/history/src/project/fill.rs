//! A fill: what each series cost, and where that is counted.

use super::{Db, Projector};
use crate::candle::{self, Source};
use crate::closed::Closing;
use crate::daily::{self, Traded};
use crate::store::{Kind, json, name_part};
use crate::{FillMarks, HistoryError, Step, index};
use cenote_api::event::What;
use cenote_api::view::{FillRow, TradeRow};
use cenote_api::{ApiEvent, Contracts};
use cenote_engine::Bucket;
use cenote_engine::ledger::Reason;
use cenote_engine::quote;
use cenote_units::{Size, mul_div_down};

/// A series that an order traded.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    pub name: String,
    pub size: Size,
}

impl Projector<'_> {
    pub(super) fn fill(&mut self, step: &Step<'_>, event: &ApiEvent, label: Option<String>) -> Db<()> {
        let What::OrderFilled { order, account, market, tick, legs, cost } = &event.what else {
            return Ok(());
        };
        let series = legs.iter().flat_map(|leg| split(&leg.instrument, leg.size.0)).collect::<Vec<_>>();
        let marks = marks_of(step, *order, series.len())?;
        let values =
            series.iter().zip(&marks.series).map(|(s, m)| value(s.size, m.mark_price)).collect::<Vec<_>>();
        let sizes = series.iter().map(|s| s.size).collect::<Vec<_>>();
        let shares = shared_out(&sizes, &values, cost.total.0.get());
        let first = self.trades + 1;
        let mut trades = Vec::with_capacity(series.len());
        for ((series, mark), cash) in series.iter().zip(&marks.series).zip(&shares) {
            self.trades += 1;
            let trade = TradeRow {
                trade_seq: self.trades,
                seq: event.seq,
                order: *order,
                time: event.time,
                instrument_name: series.name.clone(),
                direction: if series.size.get() > 0 { "buy" } else { "sell" }.to_owned(),
                amount: Contracts(if series.size.get() < 0 { series.size.negated() } else { series.size }),
                price: per_contract(*cash, series.size),
                mark_price: mark.mark_price,
                iv: mark.iv.filter(|iv| iv.is_finite()),
                index_price: marks.index_price,
                tick: *tick,
            };
            for name in [&series.name, market] {
                index::add(&mut self.rows, Kind::Trades, &name_part(name), self.trades)?;
            }
            let (volume, paid) = (quote::size(trade.amount.0), quote_of(cash.abs()));
            let added = candle::Trade { price: trade.price, volume, cost: paid };
            candle::add(&mut self.rows, Source::Trade, &series.name, event.time, added)?;
            let closing = Closing { event, by: "trade" };
            self.trade(*account, &series.name, (series.size.get(), *cash), closing)?;
            trades.push(trade);
        }
        let index = quote::price(marks.index_price.0);
        let traded = Traded {
            notional: trades.iter().map(|trade| quote::size(trade.amount.0) * index).sum(),
            premium: shares.iter().map(|cash| cash.abs()).sum(),
            spread: cost.spread.0.get(),
            fee: cost.fee.0.get(),
            protocol: if is_first_fill(step, event) { to_protocol(step) } else { 0 },
            trades: trades.len() as u64,
        };
        daily::add(&mut self.rows, event.time, *account, traded)?;
        let row = FillRow {
            account: *account,
            label,
            trades,
            cost: *cost,
            seq: event.seq,
            order: *order,
            time: event.time,
        };
        index::add(&mut self.rows, Kind::FillsOf, &account.bytes(), event.seq)?;
        self.rows.put(Kind::Fills, first.to_be_bytes().to_vec(), json(&row)?)
    }
}

/// The series of a leg: the forward of a strike is its call bought and its put sold.
fn split(instrument: &str, size: Size) -> Vec<Series> {
    match instrument.strip_suffix("-F") {
        None => vec![Series { name: instrument.to_owned(), size }],
        Some(stem) => vec![
            Series { name: format!("{stem}-C"), size },
            Series { name: format!("{stem}-P"), size: size.negated() },
        ],
    }
}

fn marks_of<'a>(step: &Step<'a>, order: u64, series: usize) -> Db<&'a FillMarks> {
    let marks = step.fills.iter().find(|marks| marks.order == order);
    let marks = marks.ok_or_else(|| {
        HistoryError::unfit(step.seq, format!("order {order} filled and its marks are missing"))
    })?;
    if marks.series.len() != series {
        let why =
            format!("order {order} filled {series} series and there are marks of {}", marks.series.len());
        return Err(HistoryError::unfit(step.seq, why));
    }
    if marks.series.iter().any(|mark| !mark.mark_price.is_finite()) {
        return Err(HistoryError::unfit(step.seq, format!("a mark of order {order} is not a number")));
    }
    Ok(marks)
}

/// A signed size at a mark, to the nearest unit.
fn value(size: Size, mark: f64) -> i128 {
    #[allow(clippy::cast_possible_truncation)] // A float beyond the range becomes its end.
    let units = (size.get() as f64 * mark).round() as i128;
    units
}

/// What each series of an order cost, so that they add up to its total to the unit: its value at the mark and a share of everything else,
/// by the magnitude of that value; by size where no mark is worth anything. Toward zero: the series of the largest weight, the first of
/// several, takes what rounding leaves.
pub(crate) fn shared_out(sizes: &[Size], values: &[i128], total: i128) -> Vec<i128> {
    let by_value = values.iter().any(|value| *value != 0);
    let weight = |(size, value): (&Size, &i128)| {
        if by_value { value.unsigned_abs() } else { u128::from(size.get().unsigned_abs()) }
    };
    let weights = sizes.iter().zip(values).map(weight).collect::<Vec<_>>();
    let whole = weights.iter().fold(0u128, |sum, weight| sum.saturating_add(*weight));
    let charges = values.iter().fold(total, |rest, value| rest.saturating_sub(*value));
    let share = |weight: u128| {
        let magnitude =
            mul_div_down(charges.unsigned_abs(), weight, whole).and_then(|m| i128::try_from(m).ok());
        if charges < 0 { -magnitude.unwrap_or(0) } else { magnitude.unwrap_or(0) }
    };
    let mut shares =
        values.iter().zip(&weights).map(|(v, w)| v.saturating_add(share(*w))).collect::<Vec<_>>();
    let largest = weights.iter().max().and_then(|most| weights.iter().position(|weight| weight == most));
    let left = shares.iter().fold(total, |rest, share| rest.saturating_sub(*share));
    if let Some(taker) = largest.and_then(|at| shares.get_mut(at)) {
        *taker = taker.saturating_add(left);
    }
    shares
}

/// Quote a contract; a fill of nothing has no price.
fn per_contract(cash: i128, size: Size) -> f64 {
    if size.is_zero() { 0.0 } else { cash as f64 / size.get() as f64 }
}

fn quote_of(units: i128) -> f64 {
    units as f64 / 1e6
}

/// Fees that insurance and treasury got from all fills of a step, in units. Postings do not say of which order, so they count once a step.
fn to_protocol(step: &Step<'_>) -> i128 {
    let is_fee = |posting: &&cenote_engine::Posting| {
        posting.reason == Reason::Fee && matches!(posting.to, Bucket::Insurance | Bucket::Treasury)
    };
    step.postings.iter().filter(is_fee).map(|posting| posting.amount.get()).sum()
}

fn is_first_fill(step: &Step<'_>, event: &ApiEvent) -> bool {
    let first = step.events.iter().find(|other| matches!(other.what, What::OrderFilled { .. }));
    first.is_some_and(|first| first.index == event.index)
}

#[cfg(test)]
mod tests;
