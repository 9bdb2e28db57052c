//! From steps to rows.

mod fill;
mod order;

pub(crate) use fill::shared_out;
pub(crate) use order::follow;

use crate::candle::{self, Source};
use crate::closed::Closing;
use crate::store::{Kind, Rows, bytes, damaged, json, json_row, key, last_number, name_part};
use crate::{HistoryError, Step, daily, index, nav};
use borsh::BorshDeserialize;
use cenote_api::event::What;
use cenote_api::view::Order;
use cenote_api::{Address, ApiEvent};
use cenote_engine::{Command, Posting, quote};
use std::collections::BTreeMap;

type Db<T> = Result<T, HistoryError>;

/// The beginning of a step as it is kept: what is asked for most.
#[derive(Debug, BorshDeserialize)]
pub(crate) struct Head {
    /// Market time, ms.
    pub time: u64,
    /// The number that its first trade has, if it has any.
    pub first_trade: u64,
    /// JSON, one each.
    pub events: Vec<String>,
}

impl Head {
    pub(crate) fn of(mut value: &[u8]) -> Db<Self> {
        Self::deserialize(&mut value).map_err(|error| damaged(format!("a row cannot be read: {error}")))
    }
}

/// A step as it is kept.
#[derive(Debug, BorshDeserialize)]
pub(crate) struct Kept {
    pub head: Head,
    pub sender: [u8; 20],
    pub principal: Option<[u8; 20]>,
    pub command: Option<Command>,
    pub postings: Vec<Posting>,
    pub digest: [u8; 32],
}

/// Facts about the whole, by name.
pub(crate) mod meta {
    /// The last command that is in.
    pub(crate) const APPLIED: &str = "applied";
    /// The last trade's number. Never goes back, so that no number is given twice.
    pub(crate) const TRADES: &str = "trades";
    /// From this command on, rows are remembered as they were.
    pub(crate) const REMEMBERED_FROM: &str = "remembered_from";
}

/// Takes steps into the tables of one transaction.
pub(crate) struct Projector<'t> {
    pub(crate) rows: Rows<'t>,
    /// Orders of this batch, which need not be read again to be changed.
    orders: BTreeMap<u64, Order>,
    applied: u64,
    trades: u64,
    remembered_from: u64,
    /// Positions that the step on hand has closed so far.
    pub(crate) closings: u32,
}

impl<'t> Projector<'t> {
    pub(crate) fn new(rows: Rows<'t>) -> Db<Self> {
        let number =
            |name: &str| rows.get(Kind::Meta, name.as_bytes())?.map_or(Ok(0), |value| last_number(&value));
        let (applied, trades, remembered_from) =
            (number(meta::APPLIED)?, number(meta::TRADES)?, number(meta::REMEMBERED_FROM)?);
        Ok(Self { rows, orders: BTreeMap::new(), applied, trades, remembered_from, closings: 0 })
    }

    /// Takes a step in, unless it is in already.
    pub(crate) fn step(&mut self, step: &Step<'_>) -> Db<()> {
        if step.seq <= self.applied {
            return Ok(());
        }
        if let Some(stray) = step.events.iter().find(|event| event.seq != step.seq) {
            let why = format!("an event of command {} is among its events", stray.seq);
            return Err(HistoryError::unfit(step.seq, why));
        }
        let says = |what: fn(&What) -> bool| step.events.iter().any(|event| what(&event.what));
        if self.remembered_from == 0 && says(|what| matches!(what, What::SnapshotTaken { .. })) {
            self.remembered_from = step.seq;
        }
        if self.remembered_from > 0 {
            self.rows.remember();
        }
        self.closings = 0;
        self.keep(step)?;
        for event in step.events {
            self.event(step, event)?;
        }
        for (pool, point) in step.nav {
            nav::add(&mut self.rows, step.seq, *pool, point)?;
            daily::touch(&mut self.rows, step.time)?;
        }
        self.rows.write_down(step.seq)?;
        self.applied = step.seq;
        Ok(())
    }

    /// Writes everything into the transaction.
    pub(crate) fn finish(mut self) -> Db<()> {
        for (name, number) in [
            (meta::APPLIED, self.applied),
            (meta::TRADES, self.trades),
            (meta::REMEMBERED_FROM, self.remembered_from),
        ] {
            self.rows.put(Kind::Meta, name.as_bytes().to_vec(), number.to_be_bytes().to_vec())?;
        }
        self.rows.finish()
    }

    /// The step itself with its events, found by number, by kind and by account.
    fn keep(&mut self, step: &Step<'_>) -> Db<()> {
        let seq = step.seq.to_be_bytes();
        let mut events: Vec<String> = Vec::with_capacity(step.events.len());
        for event in step.events {
            let text = serde_json::to_string(event)
                .map_err(|e| HistoryError::unfit(step.seq, format!("an event cannot be written: {e}")))?;
            index::add(&mut self.rows, Kind::KindsOfEvents, &name_part(kind_of(&text)), step.seq)?;
            events.push(text);
            for account in event.what.accounts() {
                index::add(&mut self.rows, Kind::EventsOf, &account.bytes(), step.seq)?;
            }
        }
        // The fields of `Kept`, borrowed.
        let (sender, principal) = (step.sender.bytes(), step.principal.map(Address::bytes));
        let kept =
            (step.time, self.trades + 1, events, sender, principal, step.command, step.postings, step.digest);
        self.rows.put(Kind::Steps, seq.to_vec(), bytes(&kept)?)
    }

    fn event(&mut self, step: &Step<'_>, event: &ApiEvent) -> Db<()> {
        match &event.what {
            What::Reverted { to_seq, .. } => self.go_back(step.seq, *to_seq),
            What::Ticked { market, price, .. } => {
                let tick = candle::Trade { price: quote::price(price.0), volume: 0.0, cost: 0.0 };
                candle::add(&mut self.rows, Source::Index, market, event.time, tick)
            }
            What::OrderPlaced { order, account, .. } => {
                let Some(Command::PlaceOrder(request)) = step.command else {
                    return Err(HistoryError::unfit(
                        step.seq,
                        "an order is placed and the command is none to place one",
                    ));
                };
                let placed = order::placed(event, request)
                    .ok_or_else(|| HistoryError::unfit(step.seq, "an order is placed without an order"))?;
                index::add(&mut self.rows, Kind::OrdersOf, &account.bytes(), *order)?;
                self.keep_order(placed)
            }
            What::OrderRested { order, .. }
            | What::OrderEnded { order, .. }
            | What::CancelRequested { order, .. } => self.follow(step.seq, *order, event).map(drop),
            What::OrderFilled { order, .. } => {
                let label = self.follow(step.seq, *order, event)?;
                self.fill(step, event, label)
            }
            What::PositionTransferred { from, to, instrument, size, payment } => {
                let (size, payment) = (size.0.get(), payment.0.get());
                let closing = Closing { event, by: "transfer" };
                self.trade(*from, instrument, (size.saturating_neg(), payment), closing)?;
                self.trade(*to, instrument, (size, payment.saturating_neg()), closing)
            }
            What::AccountSettled { account, .. } => {
                self.account_settled(event)?;
                self.settlement(key(&[b"a", &account.bytes()]), event)
            }
            What::BoardSettled { market, expiry, price, .. } => {
                self.board_settled(market, expiry, *price)?;
                self.settlement(key(&[b"m", &name_part(market)]), event)
            }
            _ => Ok(()),
        }
    }

    /// What an event makes of an order; its label, for the fill.
    fn follow(&mut self, seq: u64, number: u64, event: &ApiEvent) -> Db<Option<String>> {
        let mut order = match self.orders.remove(&number) {
            Some(known) => known,
            None => {
                let row = self.rows.get(Kind::Orders, &number.to_be_bytes())?;
                let unknown = || HistoryError::unfit(seq, format!("nothing is known of order {number}"));
                json_row(&row.ok_or_else(unknown)?)?
            }
        };
        follow(&mut order, event);
        let label = order.label.clone();
        self.keep_order(order)?;
        Ok(label)
    }

    fn keep_order(&mut self, order: Order) -> Db<()> {
        self.rows.put(Kind::Orders, order.order.to_be_bytes().to_vec(), json(&order)?)?;
        self.orders.insert(order.order, order);
        Ok(())
    }

    fn settlement(&mut self, of: Vec<u8>, event: &ApiEvent) -> Db<()> {
        let key = key(&[&of, &event.seq.to_be_bytes(), &event.index.to_be_bytes()]);
        self.rows.put(Kind::Settlements, key, json(event)?)
    }

    /// What happened after a command stops having happened; it stays said.
    fn go_back(&mut self, seq: u64, to_seq: u64) -> Db<()> {
        let earliest = self.remembered_from.saturating_sub(1);
        if self.remembered_from == 0 || to_seq < earliest || to_seq >= seq {
            let why = match self.remembered_from {
                0 => "no named snapshot was taken before the venue went back to one".to_owned(),
                _ => format!(
                    "the venue goes back to command {to_seq}; it can to {earliest} or later, and before {seq}"
                ),
            };
            return Err(HistoryError::unfit(seq, why));
        }
        self.orders.clear();
        self.rows.go_back(to_seq)
    }
}

/// What kind of event a JSON text is: numbers alone come before its tag, so the first one is it.
pub(crate) fn kind_of(text: &str) -> &str {
    const TAG: &str = "\"type\":\"";
    let tail = text.find(TAG).and_then(|at| text.get(at + TAG.len()..)).unwrap_or("");
    tail.split('"').next().unwrap_or("")
}

#[cfg(test)]
mod tests;
