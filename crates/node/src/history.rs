//! The past, as the node keeps it: durable commands go into [`cenote_history`], and what it answers comes out.

use crate::core::publish::Published;
use cenote_api::view::{
    Candles, ClosedPage, DailyStats, EventPage, FillPage, NavPath, Order, OrderPage, TradePage,
};
use cenote_api::{Address, ApiError, ApiEvent};
use cenote_engine::ids::AccountId;
use cenote_history::{
    Export, ExportRows, FillMarks, HistoryError, KeptStep, OpenPosition, Resolution, Step, TradesOf,
};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The past of a venue.
#[derive(Debug)]
pub struct History {
    inner: cenote_history::History,
    /// The last command taken in, for those who wait for it.
    applied: AtomicU64,
    /// A batch could not be taken in: nothing after it is, and every question is told.
    broken: AtomicBool,
}

/// A history that cannot be read is this node's trouble.
fn trouble(error: HistoryError) -> ApiError {
    tracing::error!(%error, "history cannot be read");
    ApiError::new("busy", format!("history cannot be read: {error}; ask again, or another node"))
}

type Answer<T> = Result<T, ApiError>;

impl History {
    /// Opens the history of a venue; one that is of no use is put aside and made again from the journal.
    ///
    /// # Errors
    /// A disk that refuses.
    pub fn open(path: &Path, venue_id: &str) -> Result<Self, String> {
        let (inner, opened) = cenote_history::History::open(path, venue_id).map_err(|e| e.to_string())?;
        if let cenote_history::Opened::Replaced { why, .. } = &opened {
            tracing::warn!(?why, "history cannot be used and is made again from the journal");
        }
        let applied = inner.applied().map_err(|e| e.to_string())?;
        Ok(Self { inner, applied: AtomicU64::new(applied), broken: AtomicBool::new(false) })
    }

    /// The last command that is in here.
    #[must_use]
    pub fn applied(&self) -> u64 {
        self.applied.load(Ordering::Acquire)
    }

    /// A batch could not be taken in. A restart takes what is missing from the journal.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Acquire)
    }

    /// The past, when all of it is there.
    fn whole(&self) -> Answer<&cenote_history::History> {
        if self.is_broken() {
            let said = format!(
                "history ends at command {}: the disk did not take more; trading goes on, and a restart of the node takes the rest from the journal",
                self.applied()
            );
            return Err(ApiError::new("busy", said));
        }
        Ok(&self.inner)
    }

    /// Takes commands in; what is in already counts once. When that fails, nothing more is taken, so that no part of the past is missing in between.
    pub fn apply(&self, published: &[Published]) {
        if self.is_broken() {
            return;
        }
        let fills: Vec<Vec<FillMarks>> =
            published.iter().map(|step| step.applied.facts.fills.clone()).collect();
        let nav: Vec<Vec<_>> = published
            .iter()
            .map(|step| step.applied.facts.nav.iter().map(|(pool, point)| (pool.0, *point)).collect())
            .collect();
        let steps: Vec<Step<'_>> = published
            .iter()
            .enumerate()
            .map(|(at, published)| Step {
                seq: published.applied.seq,
                time: published.applied.now.millis(),
                sender: Address(published.applied.sender),
                principal: published.applied.principal.map(Address),
                command: published.applied.command.as_ref(),
                events: &published.events,
                fills: &fills[at],
                nav: &nav[at],
                postings: &published.applied.postings,
                digest: published.applied.digest,
            })
            .collect();
        match (self.inner.apply(&steps), steps.last()) {
            (Err(error), _) => {
                self.broken.store(true, Ordering::Release);
                tracing::error!(%error, "history could not take in a batch and takes no more; a restart takes the rest from the journal");
            }
            (Ok(_), Some(last)) => {
                self.applied.fetch_max(last.seq, Ordering::Release);
            }
            (Ok(_), None) => {}
        }
    }

    /// Makes everything last.
    pub fn flush(&self) {
        if let Err(error) = self.inner.flush() {
            tracing::warn!(%error, "history could not be synced; a restart takes its tail from the journal");
        }
    }

    /// Events from a command on.
    ///
    /// # Errors
    /// A history that cannot be read; so with every question.
    pub fn events(&self, from_seq: u64, limit: usize, kind: Option<&str>) -> Answer<EventPage> {
        self.whole()?.events(from_seq, limit, kind).map_err(trouble)
    }

    /// An account's events.
    ///
    /// # Errors
    /// As [`History::events`].
    pub fn events_of(&self, whose: Address, from_seq: u64, limit: usize) -> Answer<EventPage> {
        self.whole()?.events_of(whose, from_seq, limit).map_err(trouble)
    }

    /// The events of one command; none when there is none.
    #[must_use]
    pub fn events_of_seq(&self, seq: u64) -> Vec<ApiEvent> {
        self.step(seq).ok().flatten().map(|step| step.events).unwrap_or_default()
    }

    /// A command with everything that explains it.
    ///
    /// # Errors
    /// As [`History::events`].
    pub fn step(&self, seq: u64) -> Answer<Option<KeptStep>> {
        self.whole()?.step(seq).map_err(trouble)
    }

    /// An order in any state.
    ///
    /// # Errors
    /// As [`History::events`].
    pub fn order(&self, number: u64) -> Answer<Option<Order>> {
        self.whole()?.order(number).map_err(trouble)
    }

    /// An account's orders, newest first.
    ///
    /// # Errors
    /// As [`History::events`].
    pub fn orders_of(&self, whose: Address, before: Option<u64>, limit: usize) -> Answer<OrderPage> {
        self.whole()?.orders_of(whose, before, limit).map_err(trouble)
    }

    /// An account's fills, newest first.
    ///
    /// # Errors
    /// As [`History::events`].
    pub fn fills_of(&self, whose: Address, before: Option<u64>, limit: usize) -> Answer<FillPage> {
        self.whole()?.fills_of(whose, before, limit).map_err(trouble)
    }

    /// An account's closed positions, newest first.
    ///
    /// # Errors
    /// As [`History::events`].
    pub fn closed(&self, whose: Address, before: Option<u64>, limit: usize) -> Answer<ClosedPage> {
        self.whole()?.closed(whose, before, limit).map_err(trouble)
    }

    /// Trades, newest first.
    ///
    /// # Errors
    /// As [`History::events`].
    pub fn trades(&self, of: TradesOf<'_>, before: Option<u64>, limit: usize) -> Answer<TradePage> {
        self.whole()?.trades(of, before, limit).map_err(trouble)
    }

    /// Candles of a market's index.
    ///
    /// # Errors
    /// As [`History::events`].
    pub fn index_candles(&self, market: &str, resolution: Resolution, from: u64, to: u64) -> Answer<Candles> {
        self.whole()?.index_candles(market, resolution, from, to).map_err(trouble)
    }

    /// Candles of a series.
    ///
    /// # Errors
    /// As [`History::events`].
    pub fn trade_candles(&self, series: &str, resolution: Resolution, from: u64, to: u64) -> Answer<Candles> {
        self.whole()?.trade_candles(series, resolution, from, to).map_err(trouble)
    }

    /// A pool's path.
    ///
    /// # Errors
    /// As [`History::events`].
    pub fn nav(&self, pool: u16, from: u64, to: u64, points: usize) -> Answer<NavPath> {
        self.whole()?.nav(pool, from, to, points).map_err(trouble)
    }

    /// Statistics by day.
    ///
    /// # Errors
    /// As [`History::events`].
    pub fn daily(&self, from: u64, to: u64) -> Answer<Vec<DailyStats>> {
        self.whole()?.daily(from, to).map_err(trouble)
    }

    /// Settlements of a market's boards, newest first.
    ///
    /// # Errors
    /// As [`History::events`].
    pub fn settlements(&self, market: &str, limit: usize) -> Answer<EventPage> {
        self.whole()?.settlements(market, None, limit).map_err(trouble)
    }

    /// What an account's open position in a series cost.
    #[must_use]
    pub fn position(&self, whose: AccountId, series: &str) -> Option<OpenPosition> {
        self.whole().ok()?.position(Address(whose), series).ok().flatten()
    }

    /// Everything of one sort, row by row.
    ///
    /// # Errors
    /// As [`History::events`].
    pub fn export(&self, export: Export, from: u64, to: u64, account: Option<Address>) -> Answer<ExportRows> {
        self.whole()?.export(export, from, to, account).map_err(trouble)
    }
}
