//! The past kept in a list and looked through from its beginning for each answer: slow, and plainly right.

use super::Owned;
use cenote_api::event::What;
use cenote_api::view::{FillRow, NavPoint, Order, TradeRow};
use cenote_api::{Address, ApiEvent, Contracts};
use cenote_engine::Command;
use cenote_engine::command::TimeInForce;
use cenote_engine::{Bucket, ledger::Reason};
use cenote_units::Size;
use std::collections::{BTreeMap, BTreeSet};

pub const MINUTE: u64 = 60_000;
pub const DAY: u64 = 86_400_000;

/// A fill with the cash of each of its trades, in units.
#[derive(Debug, Clone)]
pub struct Filled {
    pub row: FillRow,
    pub cash: Vec<i128>,
}

#[derive(Debug, Clone, Default)]
pub struct Model {
    /// Every step, and whether what it did still holds.
    pub steps: Vec<(Owned, bool)>,
    pub fills: Vec<(Filled, bool)>,
    trades: u64,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bar {
    pub open: f64,
    pub high: f64,
    pub low: f64,
    pub close: f64,
    pub volume: f64,
    pub cost: f64,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Daily {
    pub notional: f64,
    pub premium: i128,
    pub spread: i128,
    pub fee: i128,
    pub protocol: i128,
    pub tvl: f64,
    pub trades: u64,
    pub accounts: BTreeSet<Address>,
}

impl Model {
    pub fn of(steps: &[Owned]) -> Self {
        let mut model = Self::default();
        for step in steps {
            model.take(step);
        }
        model
    }

    fn take(&mut self, step: &Owned) {
        for event in &step.events {
            if let What::Reverted { to_seq, .. } = &event.what {
                let is_gone = |seq: u64| seq > *to_seq;
                self.steps
                    .iter_mut()
                    .filter(|(old, _)| is_gone(old.seq))
                    .for_each(|(_, holds)| *holds = false);
                let gone = self.fills.iter_mut().filter(|(old, _)| is_gone(old.row.seq));
                gone.for_each(|(_, holds)| *holds = false);
            }
            if matches!(event.what, What::OrderFilled { .. }) {
                let filled = self.filled(step, event);
                self.fills.push((filled, true));
            }
        }
        self.steps.push((step.clone(), true));
    }

    fn filled(&mut self, step: &Owned, event: &ApiEvent) -> Filled {
        let What::OrderFilled { order, account, tick, legs, cost, .. } = &event.what else { unreachable!() };
        let marks = step.fills.iter().find(|marks| marks.order == *order).expect("marks");
        let mut series: Vec<(String, i64)> = Vec::new();
        for leg in legs {
            let (name, size) = (leg.instrument.as_str(), leg.size.0.get());
            match name.strip_suffix("-F") {
                Some(stem) => series.extend([(format!("{stem}-C"), size), (format!("{stem}-P"), -size)]),
                None => series.push((name.to_owned(), size)),
            }
        }
        let value = |at: usize| (series[at].1 as f64 * marks.series[at].mark_price).round() as i128;
        let values: Vec<i128> = (0..series.len()).map(value).collect();
        let sized: Vec<i128> = series.iter().map(|(_, size)| i128::from(size.abs())).collect();
        let weights =
            if values.iter().all(|v| *v == 0) { sized } else { values.iter().map(|v| v.abs()).collect() };
        let (total, whole) = (cost.total.0.get(), weights.iter().sum::<i128>());
        let charges = total - values.iter().sum::<i128>();
        let mut cash: Vec<i128> = values.iter().zip(&weights).map(|(v, w)| v + charges * w / whole).collect();
        let heaviest = (0..weights.len()).rev().max_by_key(|at| weights[*at]).expect("a leg");
        cash[heaviest] += total - cash.iter().sum::<i128>();
        let mut trades = Vec::new();
        for (at, (name, size)) in series.iter().enumerate() {
            self.trades += 1;
            trades.push(TradeRow {
                trade_seq: self.trades,
                seq: event.seq,
                order: *order,
                time: event.time,
                instrument_name: name.clone(),
                direction: if *size > 0 { "buy" } else { "sell" }.to_owned(),
                amount: Contracts(Size::new(size.abs()).expect("a size")),
                price: cash[at] as f64 / *size as f64,
                mark_price: marks.series[at].mark_price,
                iv: marks.series[at].iv,
                index_price: marks.index_price,
                tick: *tick,
            });
        }
        let label = self.label(step, *order);
        let (account, cost, seq, time) = (*account, *cost, event.seq, event.time);
        Filled { row: FillRow { account, label, trades, cost, seq, order: *order, time }, cash }
    }

    fn label(&self, now: &Owned, number: u64) -> Option<String> {
        let steps = self.steps.iter().map(|(step, _)| step).chain([now]);
        steps.flat_map(|step| &step.events).find_map(|event| match &event.what {
            What::OrderPlaced { order, label, .. } if *order == number => label.clone(),
            _ => None,
        })
    }

    fn holding(&self) -> impl Iterator<Item = &Owned> {
        self.steps.iter().filter(|(_, holds)| *holds).map(|(step, _)| step)
    }

    fn holding_events(&self) -> impl Iterator<Item = &ApiEvent> {
        self.holding().flat_map(|step| &step.events)
    }

    pub fn holding_fills(&self) -> impl Iterator<Item = &Filled> {
        self.fills.iter().filter(|(_, holds)| *holds).map(|(fill, _)| fill)
    }

    pub fn events(&self) -> impl Iterator<Item = &ApiEvent> {
        self.steps.iter().flat_map(|(step, _)| &step.events)
    }

    pub fn settlements(&self, of: impl Fn(&What) -> bool) -> Vec<ApiEvent> {
        let mut found: Vec<ApiEvent> =
            self.holding_events().filter(|event| of(&event.what)).cloned().collect();
        found.reverse();
        found
    }

    pub fn orders(&self) -> BTreeMap<u64, Order> {
        let mut orders: BTreeMap<u64, Order> = BTreeMap::new();
        for step in self.holding() {
            for event in &step.events {
                let number = match &event.what {
                    What::OrderPlaced { order, .. } => {
                        orders.insert(*order, new_order(step, event));
                        continue;
                    }
                    What::OrderRested { order, .. }
                    | What::OrderFilled { order, .. }
                    | What::OrderEnded { order, .. }
                    | What::CancelRequested { order, .. } => order,
                    _ => continue,
                };
                change(orders.get_mut(number).expect("it was placed"), event);
            }
        }
        orders
    }

    /// What is open and what it cost: size, cost, realised.
    pub fn positions(&self) -> BTreeMap<(Address, String), (i64, i128, i128)> {
        self.books().0
    }

    /// What was closed by trades and transfers, in order: whose, which, realised.
    pub fn closed(&self) -> Vec<(Address, String, i128)> {
        self.books().1
    }

    fn books(&self) -> (Books, Vec<(Address, String, i128)>) {
        let (mut books, mut closed) = (Books::new(), Vec::new());
        let mut fills = self.holding_fills();
        let mut trade = |books: &mut Books, whose: Address, name: &str, size: i64, cash: i128| {
            if let Some(realised) = average(books, whose, name, size, cash) {
                closed.push((whose, name.to_owned(), realised));
            }
        };
        for event in self.holding_events() {
            match &event.what {
                What::OrderFilled { .. } => {
                    let fill = fills.next().expect("a fill an event");
                    for (row, cash) in fill.row.trades.iter().zip(&fill.cash) {
                        let units = row.amount.0.get();
                        let size = if row.direction == "buy" { units } else { -units };
                        trade(&mut books, fill.row.account, &row.instrument_name, size, *cash);
                    }
                }
                What::PositionTransferred { from, to, instrument, size, payment } => {
                    trade(&mut books, *from, instrument, -size.0.get(), payment.0.get());
                    trade(&mut books, *to, instrument, size.0.get(), -payment.0.get());
                }
                What::AccountSettled { account, market, expiry, .. } => {
                    let board = format!("{market}-{expiry}-");
                    books.retain(|(whose, name), _| whose != account || !name.starts_with(&board));
                }
                _ => {}
            }
        }
        (books, closed)
    }

    /// What each account got for all that it did with positions, less what it paid.
    pub fn received(&self) -> BTreeMap<Address, i128> {
        let mut received: BTreeMap<Address, i128> = BTreeMap::new();
        let mut fills = self.holding_fills();
        for event in self.holding_events() {
            match &event.what {
                What::OrderFilled { .. } => {
                    let fill = fills.next().expect("a fill an event");
                    *received.entry(fill.row.account).or_default() -= fill.row.cost.total.0.get();
                }
                What::PositionTransferred { from, to, payment, .. } => {
                    *received.entry(*from).or_default() -= payment.0.get();
                    *received.entry(*to).or_default() += payment.0.get();
                }
                What::AccountSettled { account, payoff, .. } => {
                    *received.entry(*account).or_default() += payoff.0.get();
                }
                _ => {}
            }
        }
        received
    }

    /// Index candles when `market` is asked for, otherwise those of trades.
    pub fn bars(&self, index: bool, name: &str, width: u64) -> BTreeMap<u64, Bar> {
        let mut bars: BTreeMap<u64, Bar> = BTreeMap::new();
        let mut add = |time: u64, price: f64, volume: f64, cost: f64| {
            let fresh = Bar { open: price, high: price, low: price, close: price, volume: 0.0, cost: 0.0 };
            let bar = bars.entry(time / width * width).or_insert(fresh);
            (bar.high, bar.low, bar.close) = (bar.high.max(price), bar.low.min(price), price);
            (bar.volume, bar.cost) = (bar.volume + volume, bar.cost + cost);
        };
        for event in self.holding_events().filter(|_| index) {
            if let What::Ticked { market, price, .. } = &event.what
                && market == name
            {
                add(event.time, price.0.get() as f64 / 1e12, 0.0, 0.0);
            }
        }
        for fill in self.holding_fills().filter(|_| !index) {
            for (trade, cash) in fill.row.trades.iter().zip(&fill.cash) {
                if trade.instrument_name == name {
                    add(trade.time, trade.price, trade.amount.0.get() as f64 / 1e6, cash.abs() as f64 / 1e6);
                }
            }
        }
        bars
    }

    pub fn points(&self, pool: u16) -> Vec<NavPoint> {
        self.holding()
            .flat_map(|step| &step.nav)
            .filter(|(of, _)| *of == pool)
            .map(|(_, point)| *point)
            .collect()
    }

    pub fn days(&self) -> BTreeMap<u64, Daily> {
        let mut days: BTreeMap<u64, Daily> = BTreeMap::new();
        for step in self.holding() {
            let is_fill = |event: &&ApiEvent| matches!(event.what, What::OrderFilled { .. });
            if !step.nav.is_empty() || step.events.iter().any(|event| is_fill(&event)) {
                days.entry(step.time / DAY).or_default();
            }
            if step.events.iter().any(|event| is_fill(&event)) {
                for posting in &step.postings {
                    if posting.reason == Reason::Fee
                        && [Bucket::Insurance, Bucket::Treasury].contains(&posting.to)
                    {
                        days.entry(step.time / DAY).or_default().protocol += posting.amount.get();
                    }
                }
            }
        }
        for fill in self.holding_fills() {
            let day = days.entry(fill.row.time / DAY).or_default();
            day.accounts.insert(fill.row.account);
            day.spread += fill.row.cost.spread.0.get();
            day.fee += fill.row.cost.fee.0.get();
            for (trade, cash) in fill.row.trades.iter().zip(&fill.cash) {
                day.trades += 1;
                day.premium += cash.abs();
                day.notional += trade.amount.0.get() as f64 / 1e6 * (trade.index_price.0.get() as f64 / 1e12);
            }
        }
        let points = self.points(0);
        for (day, stats) in &mut days {
            let mut until = points.iter().filter(|point| point.time / DAY <= *day);
            stats.tvl = until.next_back().map_or(0.0, |point| point.nav_low);
        }
        days
    }
}

type Books = BTreeMap<(Address, String), (i64, i128, i128)>;

/// A trade; what the position realised when this ends it.
fn average(books: &mut Books, whose: Address, name: &str, size: i64, cash: i128) -> Option<i128> {
    let key = (whose, name.to_owned());
    let (held, cost, realised) = books.remove(&key).unwrap_or_default();
    let now = held + size;
    let (book, ended) = if held.signum() * size.signum() >= 0 {
        ((now, cost + cash, realised), None)
    } else if now == 0 {
        return Some(realised - cash - cost);
    } else if now.signum() == held.signum() {
        let released = cost * i128::from(size.abs()) / i128::from(held.abs());
        ((now, cost - released, realised - cash - released), None)
    } else {
        let closing = cash * i128::from(held.abs()) / i128::from(size.abs());
        ((now, cash - closing, 0), Some(realised - closing - cost))
    };
    books.insert(key, book);
    ended
}

fn new_order(step: &Owned, event: &ApiEvent) -> Order {
    let What::OrderPlaced { order, account, market, due_at, label } = &event.what else { unreachable!() };
    let Some(Command::PlaceOrder(request)) = &step.command else { unreachable!() };
    let names: cenote_api::Names = [(request.market, market.clone())].into_iter().collect();
    let leg = |leg: &cenote_engine::command::Leg| cenote_api::command::OrderLeg {
        instrument: names.leg(leg.board, leg.strike, leg.kind),
        size: leg.size.into(),
    };
    Order {
        order: *order,
        account: *account,
        market: market.clone(),
        legs: request.legs.iter().map(leg).collect(),
        limit: request.limit.into(),
        state: "durable".into(),
        label: label.clone(),
        placed_at: step.time,
        due_at: *due_at,
        until: match request.time_in_force {
            TimeInForce::Until(until) => Some(until.millis()),
            TimeInForce::FirstTick => None,
        },
        reduce_only: request.reduce_only,
        attempts: request.attempts,
        cancel_from: None,
        tick: None,
        cost: None,
        ended: None,
        reason: None,
        updated_at: step.time,
    }
}

fn change(order: &mut Order, event: &ApiEvent) {
    assert!(
        ["durable", "resting"].contains(&order.state.as_str()),
        "the engine is done with {order:?}: {event:?}"
    );
    order.updated_at = event.time;
    match &event.what {
        What::OrderRested { reason, .. } => {
            order.attempts -= 1;
            (order.state, order.reason) = ("resting".into(), Some(reason.clone()));
        }
        What::CancelRequested { from, .. } => order.cancel_from = Some(*from),
        What::OrderFilled { tick, cost, .. } => {
            (order.state, order.reason, order.attempts) = ("filled".into(), None, 0);
            (order.tick, order.cost) = (Some(*tick), Some(*cost));
        }
        What::OrderEnded { ended, reason, .. } => {
            (order.state, order.ended, order.attempts) = ("ended".into(), Some(ended.clone()), 0);
            if reason.is_some() {
                order.reason.clone_from(reason);
            }
        }
        _ => unreachable!(),
    }
}
