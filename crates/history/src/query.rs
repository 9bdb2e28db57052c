//! Questions about the past, page by page. Each is answered from the state after one command, which the answer names.

use crate::average::Book;
use crate::candle::{self, Source};
use crate::project::{Head, Kept, kind_of, meta};
use crate::store::{Kind, Snapshot, damaged, json_row, key, last_number, name_part, row};
use crate::{History, HistoryError, OpenPosition, Resolution, closed, daily, index, nav};
use cenote_api::view::{
    Candles, ClosedPage, DailyStats, EventPage, FillPage, FillRow, NavPath, Order, OrderPage, TradePage,
};
use cenote_api::{Address, ApiEvent};
use cenote_engine::{Command, Posting};

type Db<T> = Result<T, HistoryError>;

/// Most rows of one page. A limit of zero is taken for one.
pub const PAGE_MAX: usize = 1_000;

/// Whose trades.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TradesOf<'a> {
    /// Of one series, by its name.
    Series(&'a str),
    /// Of every series of a market, by its name.
    Market(&'a str),
}

/// A step as it was taken in, with everything that explains it.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptStep {
    /// Its number.
    pub seq: u64,
    /// Market time, ms.
    pub time: u64,
    /// Who signed.
    pub sender: Address,
    /// For whom, when a session key signed.
    pub principal: Option<Address>,
    /// What was asked; `None` for a step of the host.
    pub command: Option<Command>,
    /// What happened.
    pub events: Vec<ApiEvent>,
    /// Every movement of cash.
    pub postings: Vec<Posting>,
    /// The digest after it.
    pub digest: [u8; 32],
}

fn bounded(limit: usize) -> usize {
    limit.clamp(1, PAGE_MAX)
}

impl History {
    /// Events from a command on, of one kind (`ticked`, `order_filled`, ...) or of all, what no longer happened included. A command's
    /// events are never split over pages, so a page may be longer than its limit by those of one command.
    ///
    /// # Errors
    /// A disk that refuses, or damage; so with every question.
    pub fn events(&self, from_seq: u64, limit: usize, kind: Option<&str>) -> Result<EventPage, HistoryError> {
        let snapshot = self.snapshot()?;
        let of_kind = |text: &str, _: &ApiEvent| kind.is_none_or(|kind| kind_of(text) == kind);
        match kind {
            None => {
                let found =
                    snapshot.from(Kind::Steps, &[], from_seq)?.map(|found| last_number(found?.0.value()));
                event_page(&snapshot, found, (from_seq, limit), of_kind)
            }
            Some(kind) => {
                let found = index::from(&snapshot, Kind::KindsOfEvents, &name_part(kind), from_seq)?;
                event_page(&snapshot, found, (from_seq, limit), of_kind)
            }
        }
    }

    /// Events that an account is a part of, from a command on; split over pages as [`Self::events`].
    ///
    /// # Errors
    /// As [`Self::events`].
    pub fn events_of(
        &self,
        account: Address,
        from_seq: u64,
        limit: usize,
    ) -> Result<EventPage, HistoryError> {
        let snapshot = self.snapshot()?;
        let found = index::from(&snapshot, Kind::EventsOf, &account.bytes(), from_seq)?;
        event_page(&snapshot, found, (from_seq, limit), |_, event| event.what.accounts().contains(&account))
    }

    /// A step with everything that explains it; `None` when there is none of that number.
    ///
    /// # Errors
    /// As [`Self::events`].
    pub fn step(&self, seq: u64) -> Result<Option<KeptStep>, HistoryError> {
        let Some(value) = self.snapshot()?.get(Kind::Steps, &seq.to_be_bytes())? else { return Ok(None) };
        let Kept { head: Head { time, events, .. }, sender, principal, command, postings, digest } =
            row(&value)?;
        Ok(Some(KeptStep {
            seq,
            time,
            sender: Address::of_bytes(&sender),
            principal: principal.as_ref().map(Address::of_bytes),
            command,
            events: events.iter().map(|text| json_row(text.as_bytes())).collect::<Db<_>>()?,
            postings,
            digest,
        }))
    }

    /// An order in any state.
    ///
    /// # Errors
    /// As [`Self::events`].
    pub fn order(&self, number: u64) -> Result<Option<Order>, HistoryError> {
        let value = self.snapshot()?.get(Kind::Orders, &number.to_be_bytes())?;
        value.map(|value| json_row(&value)).transpose()
    }

    /// An account's orders in any state, newest first, those numbered before `before`.
    ///
    /// # Errors
    /// As [`Self::events`].
    pub fn orders_of(
        &self,
        account: Address,
        before: Option<u64>,
        limit: usize,
    ) -> Result<OrderPage, HistoryError> {
        let snapshot = self.snapshot()?;
        let (mut orders, mut has_more) = (Vec::new(), false);
        for number in index::before(&snapshot, Kind::OrdersOf, &account.bytes(), before)? {
            // Orders that no longer happened are passed over.
            let Some(order) = snapshot.get(Kind::Orders, &number?.to_be_bytes())? else { continue };
            if orders.len() == bounded(limit) {
                has_more = true;
                break;
            }
            orders.push(json_row(&order)?);
        }
        Ok(OrderPage { orders, has_more, as_of_seq: snapshot.number(meta::APPLIED)? })
    }

    /// An account's fills, newest first, by commands numbered before `before`. Fills of one command are never split over pages, so a page
    /// may be longer than its limit by those of one command; the `seq` of its last fill is the next page's `before`.
    ///
    /// # Errors
    /// As [`Self::events`].
    pub fn fills_of(
        &self,
        account: Address,
        before: Option<u64>,
        limit: usize,
    ) -> Result<FillPage, HistoryError> {
        let snapshot = self.snapshot()?;
        let (mut fills, mut has_more) = (Vec::<FillRow>::new(), false);
        for seq in index::before(&snapshot, Kind::FillsOf, &account.bytes(), before)? {
            let of_seq = fills_at(&snapshot, seq?)?;
            let mut of_seq = of_seq.into_iter().filter(|fill| fill.account == account).rev().peekable();
            if of_seq.peek().is_some() && fills.len() >= bounded(limit) {
                has_more = true;
                break;
            }
            fills.extend(of_seq);
        }
        Ok(FillPage { fills, has_more, as_of_seq: snapshot.number(meta::APPLIED)? })
    }

    /// Trades, newest first, those numbered before `before` (their `trade_seq`).
    ///
    /// # Errors
    /// As [`Self::events`].
    pub fn trades(
        &self,
        of: TradesOf<'_>,
        before: Option<u64>,
        limit: usize,
    ) -> Result<TradePage, HistoryError> {
        let snapshot = self.snapshot()?;
        let (TradesOf::Series(name) | TradesOf::Market(name)) = of;
        let (mut trades, mut has_more) = (Vec::new(), false);
        let mut known: Option<FillRow> = None;
        for number in index::before(&snapshot, Kind::Trades, &name_part(name), before)? {
            let number = number?;
            let trade_of =
                |fill: &FillRow| fill.trades.iter().find(|trade| trade.trade_seq == number).cloned();
            if known.as_ref().and_then(trade_of).is_none() {
                known = fill_of_trade(&snapshot, number)?;
            }
            // Trades that no longer happened are passed over.
            let Some(trade) = known.as_ref().and_then(trade_of) else { continue };
            if trades.len() == bounded(limit) {
                has_more = true;
                break;
            }
            trades.push(trade);
        }
        Ok(TradePage { trades, has_more, as_of_seq: snapshot.number(meta::APPLIED)? })
    }

    /// Candles of a market's index, from ticks, that overlap a span of market time: the latest [`crate::CANDLES_MAX`] of them, ascending.
    /// Where nothing ticked there is none.
    ///
    /// # Errors
    /// As [`Self::events`].
    pub fn index_candles(
        &self,
        market: &str,
        resolution: Resolution,
        from: u64,
        to: u64,
    ) -> Result<Candles, HistoryError> {
        self.candles(Source::Index, market, resolution, (from, to))
    }

    /// Candles of a series, from trades; as [`Self::index_candles`]. Where nothing traded there is none: the mark is the caller's to add.
    ///
    /// # Errors
    /// As [`Self::events`].
    pub fn trade_candles(
        &self,
        series: &str,
        resolution: Resolution,
        from: u64,
        to: u64,
    ) -> Result<Candles, HistoryError> {
        self.candles(Source::Trade, series, resolution, (from, to))
    }

    fn candles(&self, source: Source, name: &str, resolution: Resolution, span: (u64, u64)) -> Db<Candles> {
        let snapshot = self.snapshot()?;
        let as_of_seq = snapshot.number(meta::APPLIED)?;
        Ok(Candles { as_of_seq, ..candle::between(&snapshot, source, name, resolution, span)? })
    }

    /// A pool's path in a span of market time: the last point of each of at most `points` (and [`crate::POINTS_MAX`]) equal parts of what
    /// there is, and what all of it comes to, from every point and not from those shown.
    ///
    /// # Errors
    /// As [`Self::events`].
    pub fn nav(&self, pool: u16, from: u64, to: u64, points: usize) -> Result<NavPath, HistoryError> {
        let snapshot = self.snapshot()?;
        let as_of_seq = snapshot.number(meta::APPLIED)?;
        Ok(NavPath { as_of_seq, ..nav::path(&snapshot, pool, (from, to), points)? })
    }

    /// UTC days of market time that overlap a span and on which something ticked or traded, ascending: the first [`crate::DAYS_MAX`].
    ///
    /// - `notional_volume`: contracts times index, of every series traded; a forward is two.
    /// - `premium_volume`: what was paid or received for each series, charges included, taken as positive.
    /// - `user_fees`: fees and spreads. `fees`: fees alone, which `supply_side_revenue` (kept by pools) and `protocol_revenue` (insurance
    ///   and treasury) add up to.
    /// - `tvl`: equity of every pool at its last tick of the day, or before it.
    /// - `trades`: series filled. `unique_accounts`: accounts with a fill.
    ///
    /// # Errors
    /// As [`Self::events`].
    pub fn daily(&self, from: u64, to: u64) -> Result<Vec<DailyStats>, HistoryError> {
        daily::between(&self.snapshot()?, from, to)
    }

    /// Settlements of a market's boards (`board_settled`), newest first, by commands numbered before `before`. Those of one command are never
    /// split over pages; `next_seq` is the next page's `before`.
    ///
    /// # Errors
    /// As [`Self::events`].
    pub fn settlements(
        &self,
        market: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<EventPage, HistoryError> {
        self.settled(&key(&[b"m", &name_part(market)]), before, limit)
    }

    /// Settlements of an account on boards (`account_settled`), as [`Self::settlements`].
    ///
    /// # Errors
    /// As [`Self::events`].
    pub fn settlements_of(
        &self,
        account: Address,
        before: Option<u64>,
        limit: usize,
    ) -> Result<EventPage, HistoryError> {
        self.settled(&key(&[b"a", &account.bytes()]), before, limit)
    }

    fn settled(&self, prefix: &[u8], before: Option<u64>, limit: usize) -> Db<EventPage> {
        let snapshot = self.snapshot()?;
        let (mut events, mut has_more) = (Vec::<ApiEvent>::new(), false);
        for found in snapshot.before(Kind::Settlements, prefix, before)?.rev() {
            let event: ApiEvent = json_row(found?.1.value())?;
            if events.len() >= bounded(limit) && events.last().is_some_and(|last| last.seq != event.seq) {
                has_more = true;
                break;
            }
            events.push(event);
        }
        let next_seq = events.last().map_or(0, |last| last.seq);
        Ok(EventPage { events, next_seq, has_more, as_of_seq: snapshot.number(meta::APPLIED)? })
    }

    /// What an account's open position in a series cost, by average cost: a trade costs what it cost with every charge, a position handed
    /// over what the taker paid for it (a long nothing, a short less than nothing). `None` when none is open.
    ///
    /// # Errors
    /// As [`Self::events`].
    pub fn position(&self, account: Address, series: &str) -> Result<Option<OpenPosition>, HistoryError> {
        let value = self.snapshot()?.get(Kind::Positions, &key(&[&account.bytes(), series.as_bytes()]))?;
        value.map(|value| Ok(row::<Book>(&value)?.open())).transpose()
    }

    /// An account's positions that were closed in full, newest first, by commands numbered before `before`. Those of one command are never split
    /// over pages; the `seq` of a page's last one is the next page's `before`.
    ///
    /// What was received less what was paid is what was realised, to the unit. At settlement each series gets its payoff, toward zero, and
    /// the largest what rounding leaves, so that together they are what the account got.
    ///
    /// # Errors
    /// As [`Self::events`].
    pub fn closed(
        &self,
        account: Address,
        before: Option<u64>,
        limit: usize,
    ) -> Result<ClosedPage, HistoryError> {
        closed::page(&self.snapshot()?, account, before, bounded(limit))
    }

    /// An account's open positions by series, as [`Self::position`]: as many as the engine lets an account hold.
    ///
    /// # Errors
    /// As [`Self::events`].
    pub fn positions(&self, account: Address) -> Result<Vec<(String, OpenPosition)>, HistoryError> {
        let snapshot = self.snapshot()?;
        let mut positions = Vec::new();
        for found in snapshot.before(Kind::Positions, &account.bytes(), None)? {
            let (key, value) = found?;
            let name = key.value().get(account.bytes().len()..).unwrap_or_default();
            positions.push((String::from_utf8_lossy(name).into_owned(), row::<Book>(value.value())?.open()));
        }
        Ok(positions)
    }
}

/// The fill that a trade would be a part of: that of the latest trade not after it.
fn fill_of_trade(snapshot: &Snapshot, number: u64) -> Db<Option<FillRow>> {
    let found = snapshot.before(Kind::Fills, &[], Some(number.saturating_add(1)))?.next_back();
    found.map(|found| json_row(found?.1.value())).transpose()
}

/// The fills of one command, in order; none of a command that no longer happened.
pub(crate) fn fills_at(snapshot: &Snapshot, seq: u64) -> Db<Vec<FillRow>> {
    let Some(value) = snapshot.get(Kind::Steps, &seq.to_be_bytes())? else { return Ok(Vec::new()) };
    let mut fills = Vec::new();
    for found in snapshot.from(Kind::Fills, &[], Head::of(&value)?.first_trade)? {
        let fill: FillRow = json_row(found?.1.value())?;
        if fill.seq != seq {
            break;
        }
        fills.push(fill);
    }
    Ok(fills)
}

/// The events of these commands, those that are wanted.
fn event_page(
    snapshot: &Snapshot,
    found: impl Iterator<Item = Db<u64>>,
    (from_seq, limit): (u64, usize),
    wanted: impl Fn(&str, &ApiEvent) -> bool,
) -> Db<EventPage> {
    let as_of_seq = snapshot.number(meta::APPLIED)?;
    let mut page = EventPage { events: Vec::new(), next_seq: from_seq, has_more: false, as_of_seq };
    for entry in found {
        let seq = entry?;
        if page.events.len() >= bounded(limit) {
            (page.next_seq, page.has_more) = (seq, true);
            return Ok(page);
        }
        for (text, event) in events_at(snapshot, seq)? {
            if wanted(&text, &event) {
                page.events.push(event);
            }
        }
    }
    page.next_seq = from_seq.max(as_of_seq.saturating_add(1));
    Ok(page)
}

/// The events of one command, each with its text.
pub(crate) fn events_at(snapshot: &Snapshot, seq: u64) -> Db<Vec<(String, ApiEvent)>> {
    let value = snapshot.get(Kind::Steps, &seq.to_be_bytes())?;
    let value = value.ok_or_else(|| damaged(format!("command {seq} is missing")))?;
    Head::of(&value)?.events.into_iter().map(|text| Ok((text.clone(), json_row(text.as_bytes())?))).collect()
}
