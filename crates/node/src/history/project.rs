//! From durable commands to rows.

use super::Db;
use super::tables as t;
use crate::core::facts::LegFact;
use crate::core::ledger::Applied;
use crate::core::publish::Published;
use cenote_api::event::{CostParts, What};
use cenote_api::view::{DailyStats, FillRow, Order, TradeRow};
use cenote_api::{Address, ApiEvent, Contracts, Names};
use cenote_engine::command::{Command, OrderRequest, TimeInForce};
use cenote_engine::ledger::Reason;
use cenote_engine::quote;
use redb::{ReadableTable as _, Table, WriteTransaction};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A minute and a day, ms.
pub const MINUTE: u64 = 60_000;
/// A day, ms.
pub const DAY: u64 = 86_400_000;

type Bytes = &'static [u8];

struct Tables<'t> {
    meta: Table<'t, &'static str, Bytes>,
    events: Table<'t, (u64, u32), Bytes>,
    events_of: Table<'t, ([u8; 20], u64, u32), ()>,
    commands: Table<'t, u64, Bytes>,
    orders: Table<'t, u64, Bytes>,
    orders_of: Table<'t, ([u8; 20], u64), ()>,
    trades: Table<'t, u64, Bytes>,
    trades_of: Table<'t, (&'static str, u64), ()>,
    fills: Table<'t, ([u8; 20], u64, u64), Bytes>,
    candles: Table<'t, (&'static str, u64), [f64; 6]>,
    nav: Table<'t, (u16, u64), [f64; 7]>,
    daily: Table<'t, u64, Bytes>,
    traders: Table<'t, (u64, [u8; 20]), ()>,
    opened: Table<'t, ([u8; 20], &'static str), (i64, f64)>,
    trade_seq: u64,
}

/// A command as it is kept for those who ask why.
#[derive(Debug, Clone, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct Kept {
    /// Market time, ms.
    pub time: u64,
    /// Who signed.
    pub sender: [u8; 20],
    /// For whom.
    pub principal: Option<[u8; 20]>,
    /// What was asked.
    pub command: Option<Command>,
    /// Movements of cash.
    pub postings: Vec<cenote_engine::Posting>,
    /// The digest after it.
    pub digest: [u8; 32],
}

pub(super) fn project(write: &WriteTransaction, steps: &[Published]) -> Db<()> {
    let Some(last) = steps.last() else { return Ok(()) };
    let meta = write.open_table(t::META)?;
    let number = |name: &str| -> Db<u64> {
        Ok(meta.get(name)?.and_then(|v| Some(u64::from_le_bytes(v.value().try_into().ok()?))).unwrap_or(0))
    };
    let trade_seq = number("trades")?;
    let mut tables = Tables {
        meta,
        events: write.open_table(t::EVENTS)?,
        events_of: write.open_table(t::EVENTS_OF)?,
        commands: write.open_table(t::COMMANDS)?,
        orders: write.open_table(t::ORDERS)?,
        orders_of: write.open_table(t::ORDERS_OF)?,
        trades: write.open_table(t::TRADES)?,
        trades_of: write.open_table(t::TRADES_OF)?,
        fills: write.open_table(t::FILLS)?,
        candles: write.open_table(t::CANDLES)?,
        nav: write.open_table(t::NAV)?,
        daily: write.open_table(t::DAILY)?,
        traders: write.open_table(t::TRADERS)?,
        opened: write.open_table(t::OPENED)?,
        trade_seq,
    };
    for step in steps {
        tables.step(step)?;
    }
    let trades = tables.trade_seq.to_le_bytes();
    tables.meta.insert("trades", trades.as_slice())?;
    tables.meta.insert("applied", last.applied.seq.to_le_bytes().as_slice())?;
    Ok(())
}

fn json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    serde_json::from_slice(bytes).ok()
}

impl Tables<'_> {
    fn step(&mut self, step: &Published) -> Db<()> {
        let applied = &*step.applied;
        self.keep(applied)?;
        let mut fills = applied.facts.fills.iter();
        for event in step.events.iter() {
            self.events.insert((event.seq, event.index), json(event).as_slice())?;
            for account in event.what.accounts() {
                self.events_of.insert((account.bytes(), event.seq, event.index), ())?;
            }
            let legs = if matches!(event.what, What::OrderFilled { .. }) { fills.next() } else { None };
            self.event(applied, event, legs.map_or(&[][..], Vec::as_slice))?;
        }
        for (pool, point) in &applied.facts.nav {
            let row = [
                point.nav_low,
                point.nav_mid,
                point.nav_high,
                point.share_price,
                point.index_price,
                point.utilisation,
                point.time as f64,
            ];
            self.nav.insert((pool.0, point.time / MINUTE), row)?;
            self.day(applied.now.millis(), |day| day.tvl = point.nav_low)?;
        }
        Ok(())
    }

    fn keep(&mut self, applied: &Applied) -> Db<()> {
        // Prices and surfaces are most of the journal and explain themselves; the journal has them.
        if matches!(applied.command, Some(Command::PublishSurface { .. })) {
            return Ok(());
        }
        let kept = Kept {
            time: applied.now.millis(),
            sender: Address(applied.sender).bytes(),
            principal: applied.principal.map(|id| Address(id).bytes()),
            command: applied.command.clone(),
            postings: applied.postings.clone(),
            digest: applied.digest,
        };
        let bytes = borsh::to_vec(&kept).unwrap_or_default();
        self.commands.insert(applied.seq, bytes.as_slice())?;
        Ok(())
    }

    fn event(&mut self, applied: &Applied, event: &ApiEvent, legs: &[LegFact]) -> Db<()> {
        match &event.what {
            What::Ticked { market, price, .. } => {
                let price = quote::price(price.0);
                self.candle(&format!("index:{market}"), event.time, price, 0.0, 0.0)
            }
            What::OrderPlaced { order, account, market, due_at, label } => {
                let Some(Command::PlaceOrder(request)) = &applied.command else { return Ok(()) };
                let row = placed(*order, *account, market, *due_at, label.clone(), request, event.time);
                self.orders_of.insert((account.bytes(), *order), ())?;
                self.orders.insert(*order, json(&row).as_slice())?;
                Ok(())
            }
            What::OrderRested { order, reason } => self.order(*order, event.time, |row| {
                row.state = "resting".to_owned();
                row.reason = Some(reason.clone());
                row.attempts = row.attempts.saturating_sub(1);
            }),
            What::OrderEnded { order, ended, reason, .. } => self.order(*order, event.time, |row| {
                row.state = "ended".to_owned();
                row.ended = Some(ended.clone());
                row.reason = reason.clone().or(row.reason.take());
            }),
            What::CancelRequested { order, from } => {
                self.order(*order, event.time, |row| row.cancel_from = Some(*from))
            }
            What::OrderFilled { order, account, market, tick, cost, .. } => {
                let label = self.filled_order(*order, event.time, *tick, cost)?;
                self.fill(applied, event, *account, market, legs, label)
            }
            What::AccountSettled { account, market, expiry, .. } => {
                self.settled(*account, &format!("{market}-{expiry}-"))
            }
            What::PositionTransferred { from, to, instrument, size, .. } => {
                self.moved(*from, instrument, -size.0.get(), f64::NAN)?;
                self.moved(*to, instrument, size.0.get(), f64::NAN)
            }
            _ => Ok(()),
        }
    }

    fn order(&mut self, number: u64, time: u64, change: impl FnOnce(&mut Order)) -> Db<()> {
        let row = self.orders.get(number)?.and_then(|row| parsed::<Order>(row.value()));
        let Some(mut row) = row else { return Ok(()) };
        change(&mut row);
        row.updated_at = time;
        self.orders.insert(number, json(&row).as_slice())?;
        Ok(())
    }

    fn filled_order(&mut self, number: u64, time: u64, tick: u64, cost: &CostParts) -> Db<Option<String>> {
        let mut label = None;
        self.order(number, time, |row| {
            row.state = "filled".to_owned();
            (row.tick, row.cost, row.reason) = (Some(tick), Some(*cost), None);
            label.clone_from(&row.label);
        })?;
        Ok(label)
    }

    fn fill(
        &mut self,
        applied: &Applied,
        event: &ApiEvent,
        account: Address,
        market: &str,
        facts: &[LegFact],
        label: Option<String>,
    ) -> Db<()> {
        let What::OrderFilled { order, tick, legs, cost, .. } = &event.what else { return Ok(()) };
        let index = applied.facts.index.first().map_or(cenote_units::Price::ZERO, |(_, price)| *price);
        let sizes: Vec<f64> = legs.iter().map(|leg| quote::size(leg.size.0)).collect();
        let marks: Vec<f64> = facts.iter().map(|fact| fact.mark).collect();
        let prices = shared_out(&sizes, &marks, quote::cash(cost.total.0));
        let mut trades = Vec::with_capacity(legs.len());
        for (at, leg) in legs.iter().enumerate() {
            self.trade_seq += 1;
            let (size, price) = (sizes[at], prices[at]);
            let row = TradeRow {
                trade_seq: self.trade_seq,
                seq: event.seq,
                order: *order,
                time: event.time,
                instrument_name: leg.instrument.clone(),
                direction: if size > 0.0 { "buy" } else { "sell" }.to_owned(),
                amount: Contracts(if size > 0.0 { leg.size.0 } else { leg.size.0.negated() }),
                price,
                mark_price: marks.get(at).copied().unwrap_or(0.0),
                iv: facts.get(at).and_then(|fact| fact.iv),
                index_price: index.into(),
                tick: *tick,
            };
            self.trades.insert(row.trade_seq, json(&row).as_slice())?;
            self.trades_of.insert((leg.instrument.as_str(), row.trade_seq), ())?;
            self.trades_of.insert((market, row.trade_seq), ())?;
            self.candle(&leg.instrument, event.time, price, size.abs(), size.abs() * price)?;
            self.opened(account, &leg.instrument, leg.size.0.get(), price)?;
            trades.push(row);
        }
        let notional = sizes.iter().map(|size| size.abs() * quote::price(index)).sum::<f64>();
        self.traded(applied, event.time, account, cost, notional, trades.len() as u64)?;
        let row =
            FillRow { account, label, trades, cost: *cost, seq: event.seq, order: *order, time: event.time };
        self.fills.insert((account.bytes(), event.seq, *order), json(&row).as_slice())?;
        Ok(())
    }

    /// A forward is a call bought and a put sold: what each of them cost alone is not known.
    fn opened(&mut self, account: Address, instrument: &str, size: i64, price: f64) -> Db<()> {
        match instrument.strip_suffix("-F") {
            None => self.moved(account, instrument, size, price),
            Some(stem) => {
                self.moved(account, &format!("{stem}-C"), size, f64::NAN)?;
                self.moved(account, &format!("{stem}-P"), -size, f64::NAN)
            }
        }
    }

    /// Average cost: what adds to a position is averaged in, what takes from it leaves the average, what turns it begins anew.
    fn moved(&mut self, account: Address, instrument: &str, by: i64, price: f64) -> Db<()> {
        let key = (account.bytes(), instrument);
        let (held, average) = self.opened.get(key)?.map_or((0, 0.0), |row| row.value());
        let now = held.saturating_add(by);
        if now == 0 {
            self.opened.remove(key)?;
            return Ok(());
        }
        let average = if held == 0 || (held > 0) != (now > 0) {
            price
        } else if (held > 0) == (by > 0) {
            (average * held as f64 + price * by as f64) / now as f64
        } else {
            average
        };
        self.opened.insert(key, (now, average))?;
        Ok(())
    }

    fn settled(&mut self, account: Address, prefix: &str) -> Db<()> {
        let range = self.opened.range((account.bytes(), prefix)..)?;
        let mut gone = Vec::new();
        for row in range {
            let (key, _) = row?;
            let (whose, name) = key.value();
            if whose != account.bytes() || !name.starts_with(prefix) {
                break;
            }
            gone.push(name.to_owned());
        }
        for name in gone {
            self.opened.remove((account.bytes(), name.as_str()))?;
        }
        Ok(())
    }

    fn candle(&mut self, name: &str, time: u64, price: f64, volume: f64, cost: f64) -> Db<()> {
        let key = (name, time / MINUTE);
        let known = self.candles.get(key)?.map(|row| row.value());
        let row = match known {
            None => [price, price, price, price, volume, cost],
            Some([open, high, low, _, v, c]) => {
                [open, high.max(price), low.min(price), price, v + volume, c + cost]
            }
        };
        self.candles.insert(key, row)?;
        Ok(())
    }

    fn day(&mut self, time: u64, change: impl FnOnce(&mut DailyStats)) -> Db<()> {
        let day = time / DAY;
        let known = self.daily.get(day)?.and_then(|row| parsed::<DailyStats>(row.value()));
        let mut row = known.unwrap_or_else(|| new_day(day * DAY));
        change(&mut row);
        self.daily.insert(day, json(&row).as_slice())?;
        Ok(())
    }

    fn traded(
        &mut self,
        applied: &Applied,
        time: u64,
        account: Address,
        cost: &CostParts,
        notional: f64,
        legs: u64,
    ) -> Db<()> {
        let new = self.traders.insert((time / DAY, account.bytes()), ())?.is_none();
        let fee = quote::cash(cost.fee.0);
        let paid = fee + quote::cash(cost.spread.0);
        let fees = applied.postings.iter().filter(|posting| posting.reason == Reason::Fee);
        let to_protocol: f64 = fees.map(|posting| quote::cash(posting.amount)).sum();
        let fills = applied.facts.fills.len().max(1) as f64;
        self.day(time, |day| {
            day.notional_volume += notional;
            day.premium_volume += quote::cash(cost.total.0).abs();
            day.fees += fee;
            day.user_fees += paid;
            day.protocol_revenue += to_protocol / fills;
            day.supply_side_revenue += paid - to_protocol / fills;
            day.trades += legs;
            day.unique_accounts += u64::from(new);
        })
    }
}

fn new_day(day: u64) -> DailyStats {
    DailyStats {
        day,
        notional_volume: 0.0,
        premium_volume: 0.0,
        user_fees: 0.0,
        fees: 0.0,
        supply_side_revenue: 0.0,
        protocol_revenue: 0.0,
        tvl: 0.0,
        trades: 0,
        unique_accounts: 0,
    }
}

/// Prices of legs whose values add up to a total: each leg at its mark, and what the marks leave shared out by the legs' values.
pub(super) fn shared_out(sizes: &[f64], marks: &[f64], total: f64) -> Vec<f64> {
    let mark = |at: usize| marks.get(at).copied().unwrap_or(0.0);
    let values: Vec<f64> = sizes.iter().enumerate().map(|(at, size)| size * mark(at)).collect();
    let charges = total - values.iter().sum::<f64>();
    let weight: f64 = values.iter().map(|value| value.abs()).sum();
    let share = |at: usize| if weight > 0.0 { values[at].abs() / weight } else { 1.0 / sizes.len() as f64 };
    (0..sizes.len()).map(|at| mark(at) + charges * share(at) / sizes[at]).collect()
}

fn placed(
    order: u64,
    account: Address,
    market: &str,
    due_at: u64,
    label: Option<String>,
    request: &OrderRequest,
    time: u64,
) -> Order {
    let names: Names = [(request.market, market.to_owned())].into_iter().collect();
    Order {
        order,
        account,
        market: market.to_owned(),
        legs: crate::answer::account::api_legs(&names, &request.legs),
        limit: request.limit.into(),
        state: "durable".to_owned(),
        label,
        placed_at: time,
        due_at,
        until: match request.time_in_force {
            TimeInForce::FirstTick => None,
            TimeInForce::Until(at) => Some(at.millis()),
        },
        reduce_only: request.reduce_only,
        attempts: request.attempts,
        cancel_from: None,
        tick: None,
        cost: None,
        ended: None,
        reason: None,
        updated_at: time,
    }
}

/// Candles of minutes put together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Merged {
    pub start: u64,
    pub row: [f64; 6],
}

impl Merged {
    pub fn add(&mut self, [_, high, low, close, volume, cost]: [f64; 6]) {
        let [open, h, l, _, v, c] = self.row;
        self.row = [open, h.max(high), l.min(low), close, v + volume, c + cost];
    }
}
