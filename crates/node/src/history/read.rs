//! Questions about the past, page by page.

use super::project::{DAY, Kept, MINUTE, Merged};
use super::tables as t;
use super::{Db, History};
use cenote_api::view::{Candles, DailyStats, FillRow, NavPoint, Order, TradeRow};
use cenote_api::{Address, ApiEvent};
use cenote_engine::ids::AccountId;
use redb::ReadableDatabase as _;
use serde::de::DeserializeOwned;

/// A page of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// There are more.
    pub has_more: bool,
}

fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    serde_json::from_slice(bytes).ok()
}

/// What a database that refuses is taken for: nothing, and a word in the log.
fn or_empty<T: Default>(answer: Db<T>) -> T {
    answer.unwrap_or_else(|error| {
        tracing::error!(%error, "history cannot be read");
        T::default()
    })
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), has_more: false }
    }
}

impl History {
    /// Events from a sequence number on. A command's events are never split over pages.
    #[must_use]
    pub fn events(&self, from_seq: u64, limit: usize, kind: Option<&str>) -> Page<ApiEvent> {
        or_empty(self.try_events(from_seq, limit, kind))
    }

    fn try_events(&self, from_seq: u64, limit: usize, kind: Option<&str>) -> Db<Page<ApiEvent>> {
        let read = self.database.begin_read()?;
        let table = read.open_table(t::EVENTS)?;
        let wanted = kind.map(|kind| format!("\"type\":\"{kind}\""));
        let mut page: Page<ApiEvent> = Page::default();
        // What is looked through is bounded too: a rare kind must not cost the whole past.
        for (looked, row) in table.range((from_seq, 0)..)?.enumerate() {
            let (key, value) = row?;
            let seq = key.value().0;
            let full = page.rows.len() >= limit && page.rows.last().is_some_and(|last| last.seq != seq);
            if full || looked > 50 * limit + 10_000 {
                page.has_more = true;
                break;
            }
            let bytes = value.value();
            let fits =
                wanted.as_ref().is_none_or(|w| bytes.windows(w.len()).any(|part| part == w.as_bytes()));
            page.rows.extend(Some(bytes).filter(|_| fits).and_then(parsed::<ApiEvent>));
        }
        Ok(page)
    }

    /// The events of one command.
    #[must_use]
    pub fn events_of_seq(&self, seq: u64) -> Vec<ApiEvent> {
        let one = || -> Db<Vec<ApiEvent>> {
            let read = self.database.begin_read()?;
            let table = read.open_table(t::EVENTS)?;
            let rows = table.range((seq, 0)..(seq + 1, 0))?;
            rows.map(|row| Ok(parsed::<ApiEvent>(row?.1.value()))).filter_map(Result::transpose).collect()
        };
        or_empty(one())
    }

    /// An account's events from a sequence number on.
    #[must_use]
    pub fn events_of(&self, whose: Address, from_seq: u64, limit: usize) -> Page<ApiEvent> {
        let one = || -> Db<Page<ApiEvent>> {
            let read = self.database.begin_read()?;
            let (of, events) = (read.open_table(t::EVENTS_OF)?, read.open_table(t::EVENTS)?);
            let mut page = Page::default();
            for row in of.range((whose.bytes(), from_seq, 0)..=(whose.bytes(), u64::MAX, u32::MAX))? {
                let (_, seq, index) = row?.0.value();
                if page.rows.len() >= limit {
                    page.has_more = true;
                    break;
                }
                page.rows.extend(events.get((seq, index))?.and_then(|row| parsed::<ApiEvent>(row.value())));
            }
            Ok(page)
        };
        or_empty(one())
    }

    /// A command as it was kept.
    #[must_use]
    pub fn command(&self, seq: u64) -> Option<Kept> {
        let one = || -> Db<Option<Kept>> {
            let read = self.database.begin_read()?;
            let row = read.open_table(t::COMMANDS)?.get(seq)?;
            Ok(row.and_then(|row| borsh::from_slice(row.value()).ok()))
        };
        or_empty(one())
    }

    /// An order in any state.
    #[must_use]
    pub fn order(&self, number: u64) -> Option<Order> {
        let one = || -> Db<Option<Order>> {
            let read = self.database.begin_read()?;
            let row = read.open_table(t::ORDERS)?.get(number)?;
            Ok(row.and_then(|row| parsed(row.value())))
        };
        or_empty(one())
    }

    /// An account's orders, newest first, before one.
    #[must_use]
    pub fn orders_of(&self, whose: Address, before: Option<u64>, limit: usize) -> Page<Order> {
        let one = || -> Db<Page<Order>> {
            let read = self.database.begin_read()?;
            let (of, orders) = (read.open_table(t::ORDERS_OF)?, read.open_table(t::ORDERS)?);
            let mut page = Page::default();
            let until = (whose.bytes(), before.unwrap_or(u64::MAX));
            for row in of.range((whose.bytes(), 0)..until)?.rev() {
                let number = row?.0.value().1;
                if page.rows.len() >= limit {
                    page.has_more = true;
                    break;
                }
                page.rows.extend(orders.get(number)?.and_then(|row| parsed::<Order>(row.value())));
            }
            Ok(page)
        };
        or_empty(one())
    }

    /// An account's fills, newest first, before a sequence number.
    #[must_use]
    pub fn fills_of(&self, whose: Address, before: Option<u64>, limit: usize) -> Page<FillRow> {
        let one = || -> Db<Page<FillRow>> {
            let read = self.database.begin_read()?;
            let table = read.open_table(t::FILLS)?;
            let mut page = Page::default();
            let until = (whose.bytes(), before.unwrap_or(u64::MAX), 0);
            for row in table.range((whose.bytes(), 0, 0)..until)?.rev() {
                let (_, value) = row?;
                if page.rows.len() >= limit {
                    page.has_more = true;
                    break;
                }
                page.rows.extend(parsed::<FillRow>(value.value()));
            }
            Ok(page)
        };
        or_empty(one())
    }

    /// Trades of an instrument or a market, newest first, before a trade.
    #[must_use]
    pub fn trades(&self, of: &str, before: Option<u64>, limit: usize) -> Page<TradeRow> {
        let one = || -> Db<Page<TradeRow>> {
            let read = self.database.begin_read()?;
            let (index, trades) = (read.open_table(t::TRADES_OF)?, read.open_table(t::TRADES)?);
            let mut page = Page::default();
            for row in index.range((of, 0)..(of, before.unwrap_or(u64::MAX)))?.rev() {
                let number = row?.0.value().1;
                if page.rows.len() >= limit {
                    page.has_more = true;
                    break;
                }
                page.rows.extend(trades.get(number)?.and_then(|row| parsed::<TradeRow>(row.value())));
            }
            Ok(page)
        };
        or_empty(one())
    }

    /// Candles of so many minutes, of an instrument or of `index:MARKET`, in a span of time; at most `most` of them, the latest.
    #[must_use]
    pub fn candles(&self, of: &str, minutes: u64, from: u64, to: u64, most: usize) -> Candles {
        let one = || -> Db<Candles> {
            let read = self.database.begin_read()?;
            let table = read.open_table(t::CANDLES)?;
            let width = minutes.max(1);
            let last = (to / MINUTE).saturating_add(1);
            let first = (from / MINUTE / width * width)
                .max(last.saturating_sub(width.saturating_mul(most as u64 + 1)));
            let mut merged: Vec<Merged> = Vec::new();
            for row in table.range((of, first)..(of, last))? {
                let (key, value) = row?;
                let start = key.value().1 / width * width;
                match merged.last_mut().filter(|candle| candle.start == start) {
                    Some(candle) => candle.add(value.value()),
                    None => merged.push(Merged { start, row: value.value() }),
                }
            }
            let source = if of.starts_with("index:") { "index" } else { "trade" };
            let skip = merged.len().saturating_sub(most);
            Ok(columns(&merged[skip..], source))
        };
        or_empty(one())
    }

    /// A pool's path in a span of time: the last point of each of at most `points` equal parts.
    #[must_use]
    pub fn nav(&self, pool: u16, from: u64, to: u64, points: usize) -> Vec<NavPoint> {
        let one = || -> Db<Vec<NavPoint>> {
            let read = self.database.begin_read()?;
            let table = read.open_table(t::NAV)?;
            let range = (pool, from / MINUTE)..=(pool, to / MINUTE);
            let bounds = (table.range(range.clone())?.next(), table.range(range.clone())?.next_back());
            let (Some(Ok(first)), Some(Ok(last))) = bounds else { return Ok(Vec::new()) };
            let (first, last) = (first.0.value().1, last.0.value().1);
            let width = (last - first) / points.max(1) as u64 + 1;
            let mut found: Vec<(u64, NavPoint)> = Vec::new();
            for row in table.range(range)? {
                let (key, value) = row?;
                let bucket = (key.value().1 - first) / width;
                let point = nav_point(value.value());
                match found.last_mut().filter(|(b, _)| *b == bucket) {
                    Some(kept) => kept.1 = point,
                    None => found.push((bucket, point)),
                }
            }
            Ok(found.into_iter().map(|(_, point)| point).collect())
        };
        or_empty(one())
    }

    /// Statistics by day.
    #[must_use]
    pub fn daily(&self, from: u64, to: u64) -> Vec<DailyStats> {
        let one = || -> Db<Vec<DailyStats>> {
            let read = self.database.begin_read()?;
            let table = read.open_table(t::DAILY)?;
            let rows = table.range(from / DAY..=to / DAY)?;
            rows.map(|row| Ok(parsed::<DailyStats>(row?.1.value()))).filter_map(Result::transpose).collect()
        };
        or_empty(one())
    }

    /// What an account's position was opened at on average, quote a contract.
    #[must_use]
    pub fn average_price(&self, whose: AccountId, instrument: &str) -> Option<f64> {
        let one = || -> Db<Option<f64>> {
            let read = self.database.begin_read()?;
            let row = read.open_table(t::OPENED)?.get((Address(whose).bytes(), instrument))?;
            Ok(row.map(|row| row.value().1).filter(|average| average.is_finite()))
        };
        or_empty(one())
    }
}

fn nav_point(
    [nav_low, nav_mid, nav_high, share_price, index_price, utilisation, time]: [f64; 7],
) -> NavPoint {
    NavPoint { time: time as u64, nav_low, nav_mid, nav_high, share_price, index_price, utilisation }
}

fn columns(merged: &[Merged], source: &str) -> Candles {
    let column = |at: usize| merged.iter().map(|candle| candle.row[at]).collect();
    Candles {
        ticks: merged.iter().map(|candle| candle.start * MINUTE).collect(),
        open: column(0),
        high: column(1),
        low: column(2),
        close: column(3),
        volume: column(4),
        cost: column(5),
        source: merged.iter().map(|_| source.to_owned()).collect(),
        status: if merged.is_empty() { "no_data" } else { "ok" }.to_owned(),
        as_of_seq: 0,
    }
}
