//! Rows for spreadsheets and data frames, one by one.

use crate::project::Head;
use crate::query::fills_at;
use crate::store::{Kind, Snapshot, json_row, last_number, name_part};
use crate::{History, HistoryError, index, nav};
use cenote_api::view::{FillRow, NavPoint, TradeRow};
use cenote_api::{Address, ApiEvent, export};
use cenote_table::{Cell, Column};
use std::collections::VecDeque;

type Db<T> = Result<T, HistoryError>;

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// A row for each series of each fill.
    Fills,
    /// A row for each point of each pool's path, the last one of each millisecond.
    Nav,
    /// A row for each event, what no longer happened included.
    Events,
}

impl Export {
    /// The columns of its rows, in order.
    #[must_use]
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Fills => export::FILLS.columns,
            Self::Nav => export::NAV.columns,
            Self::Events => export::EVENTS.columns,
        }
    }
}

type Keys = Box<dyn Iterator<Item = Db<u64>> + Send>;
type Points = Box<dyn Iterator<Item = Db<NavPoint>> + Send>;

/// Rows on their way, in the order of the journal. As long as they are kept, so is the state that they are read from.
pub struct ExportRows {
    snapshot: Snapshot,
    /// Commands still to be looked at.
    keys: Keys,
    export: Export,
    span: (u64, u64),
    account: Option<Address>,
    /// Pools whose points are still to come.
    pools: VecDeque<u16>,
    points: Option<(u16, Points)>,
    ready: VecDeque<Vec<Cell>>,
}

impl std::fmt::Debug for ExportRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExportRows")
            .field("export", &self.export)
            .field("span", &self.span)
            .finish_non_exhaustive()
    }
}

impl History {
    /// Everything of one sort in a span of market time, both ends included, of one account or of all; points of pools are nobody's.
    ///
    /// # Errors
    /// A disk that refuses, or damage.
    pub fn export(
        &self,
        export: Export,
        from: u64,
        to: u64,
        account: Option<Address>,
    ) -> Result<ExportRows, HistoryError> {
        let snapshot = self.snapshot()?;
        let whose = account.map(Address::bytes);
        let whose = whose.as_ref().map_or(&[][..], |bytes| bytes.as_slice());
        let keys: Keys = match (export, account) {
            (Export::Fills, Some(_)) => Box::new(index::from(&snapshot, Kind::FillsOf, whose, 0)?),
            (Export::Events, Some(_)) => Box::new(index::from(&snapshot, Kind::EventsOf, whose, 0)?),
            (Export::Fills, None) => {
                Box::new(index::from(&snapshot, Kind::KindsOfEvents, &name_part("order_filled"), 0)?)
            }
            (Export::Events, None) => {
                Box::new(snapshot.from(Kind::Steps, &[], 0)?.map(|found| last_number(found?.0.value())))
            }
            (Export::Nav, _) => Box::new(std::iter::empty()),
        };
        let pools = if export == Export::Nav { nav::pools(&snapshot)?.into() } else { VecDeque::new() };
        Ok(ExportRows {
            snapshot,
            keys,
            export,
            span: (from, to),
            account,
            pools,
            points: None,
            ready: VecDeque::new(),
        })
    }
}

impl ExportRows {
    /// The columns of the rows, in order.
    #[must_use]
    pub const fn columns(&self) -> &'static [Column] {
        self.export.columns()
    }

    fn is_within(&self, time: u64) -> bool {
        (self.span.0..=self.span.1).contains(&time)
    }

    /// Makes the next rows ready; `false` at the end.
    fn advance(&mut self) -> Db<bool> {
        match self.export {
            Export::Nav => self.next_point(),
            Export::Fills => self.next_fill(),
            Export::Events => self.next_events(),
        }
    }

    fn next_point(&mut self) -> Db<bool> {
        if let Some((pool, points)) = &mut self.points
            && let Some(point) = points.next()
        {
            self.ready.push_back(point_cells(*pool, &point?));
            return Ok(true);
        }
        let Some(pool) = self.pools.pop_front() else { return Ok(false) };
        let points = nav::points(&self.snapshot, pool, self.span.0, self.span.1)?;
        self.points = Some((pool, Box::new(points)));
        Ok(true)
    }

    fn next_fill(&mut self) -> Db<bool> {
        let Some(found) = self.keys.next() else { return Ok(false) };
        for fill in fills_at(&self.snapshot, found?)? {
            if self.is_within(fill.time) && self.account.is_none_or(|account| fill.account == account) {
                self.ready.extend(fill.trades.iter().map(|trade| trade_cells(&fill, trade)));
            }
        }
        Ok(true)
    }

    fn next_events(&mut self) -> Db<bool> {
        let Some(found) = self.keys.next() else { return Ok(false) };
        let kept = self.snapshot.get(Kind::Steps, &found?.to_be_bytes())?.unwrap_or_default();
        let head = Head::of(&kept)?;
        if !self.is_within(head.time) {
            return Ok(true);
        }
        for text in head.events {
            let event: ApiEvent = json_row(text.as_bytes())?;
            if self.account.is_none_or(|account| event.what.accounts().contains(&account)) {
                let kind = crate::project::kind_of(&text).to_owned();
                let numbers = [event.seq, u64::from(event.index), event.time].map(Cell::count);
                self.ready
                    .push_back(numbers.into_iter().chain([Cell::Text(kind), Cell::Text(text)]).collect());
            }
        }
        Ok(true)
    }
}

impl Iterator for ExportRows {
    type Item = Result<Vec<Cell>, HistoryError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.ready.pop_front() {
                return Some(Ok(row));
            }
            match self.advance() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

fn point_cells(pool: u16, point: &NavPoint) -> Vec<Cell> {
    let figures = [
        point.nav_low,
        point.nav_mid,
        point.nav_high,
        point.share_price,
        point.index_price,
        point.utilisation,
    ];
    [u64::from(pool), point.time].map(Cell::count).into_iter().chain(figures.map(Cell::Float)).collect()
}

fn trade_cells(fill: &FillRow, trade: &TradeRow) -> Vec<Cell> {
    vec![
        Cell::count(trade.trade_seq),
        Cell::count(trade.seq),
        Cell::count(trade.order),
        Cell::count(trade.time),
        Cell::text(fill.account),
        fill.label.clone().map_or(Cell::Empty, Cell::Text),
        Cell::text(&trade.instrument_name),
        Cell::text(&trade.direction),
        Cell::text(trade.amount),
        Cell::Float(trade.price),
        Cell::Float(trade.mark_price),
        Cell::figure(trade.iv),
        Cell::text(trade.index_price),
        Cell::count(trade.tick),
    ]
}
