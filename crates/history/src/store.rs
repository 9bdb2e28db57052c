//! Tables of bytes, and changes on their way into them: kept in memory for a batch, so that a row that changes a hundred times is written
//! once and rows arrive in the order of their keys.

use crate::HistoryError;
use redb::{ReadTransaction, ReadableTable as _, Table, TableDefinition, WriteTransaction};
use std::collections::BTreeMap;
use std::ops::Bound;

pub(crate) type Definition = TableDefinition<'static, &'static [u8], &'static [u8]>;
type Db<T> = Result<T, HistoryError>;

/// What a table is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Text to a number or a venue's id.
    Meta,
    /// seq to the command and its events.
    Steps,
    /// Index: commands by kind of event.
    KindsOfEvents,
    /// Index: commands by account that an event is about.
    EventsOf,
    /// Index: orders by account.
    OrdersOf,
    /// Index: commands that filled an account's orders.
    FillsOf,
    /// Index: trades by series and by market.
    Trades,
    /// seq to the rows as they were before it.
    Undo,
    /// Order to its state.
    Orders,
    /// First trade number to a fill.
    Fills,
    /// (index or trade, name, length, start) to a candle.
    Candles,
    /// (pool, length, start) to a piece of its path.
    Nav,
    /// Day to its sums.
    Days,
    /// (day, account): who traded.
    Traders,
    /// (account, series) to an open position.
    Positions,
    /// (market or account, seq, index) to a settlement's event; a board to its price.
    Settlements,
    /// (account, seq, count) to a position that was closed.
    Closed,
}

impl Kind {
    pub(crate) const ALL: [Self; 17] = [
        Self::Meta,
        Self::Steps,
        Self::KindsOfEvents,
        Self::EventsOf,
        Self::OrdersOf,
        Self::FillsOf,
        Self::Trades,
        Self::Undo,
        Self::Orders,
        Self::Fills,
        Self::Candles,
        Self::Nav,
        Self::Days,
        Self::Traders,
        Self::Positions,
        Self::Settlements,
        Self::Closed,
    ];

    pub(crate) const fn table(self) -> Definition {
        TableDefinition::new(match self {
            Self::Meta => "meta",
            Self::Steps => "steps",
            Self::KindsOfEvents => "kinds_of_events",
            Self::EventsOf => "events_of",
            Self::Undo => "undo",
            Self::Orders => "orders",
            Self::OrdersOf => "orders_of",
            Self::Fills => "fills",
            Self::FillsOf => "fills_of",
            Self::Trades => "trades",
            Self::Candles => "candles",
            Self::Nav => "nav",
            Self::Days => "days",
            Self::Traders => "traders",
            Self::Positions => "positions",
            Self::Settlements => "settlements",
            Self::Closed => "closed",
        })
    }

    /// What happened stays said when a venue goes back, and is found; what it made of the venue does not.
    const fn is_undone(self) -> bool {
        self as usize > Self::Undo as usize
    }
}

/// The parts of a key, put together. Numbers are big ones first, so that keys sort as they do.
pub(crate) fn key(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// A name inside a key: its length before it, so that no name is the beginning of another.
pub(crate) fn name_part(name: &str) -> Vec<u8> {
    // Longer names exist only in questions; none is stored under the length zero, so that they find nothing.
    let length = u8::try_from(name.len()).unwrap_or(0);
    let mut part = vec![length];
    part.extend_from_slice(name.as_bytes());
    part
}

/// The number at the end of a key or a value.
pub(crate) fn last_number(bytes: &[u8]) -> Db<u64> {
    let tail = bytes.last_chunk::<8>().ok_or_else(|| damaged("a key without its number"))?;
    Ok(u64::from_be_bytes(*tail))
}

pub(crate) fn damaged(what: impl Into<String>) -> HistoryError {
    HistoryError::Damaged(what.into())
}

/// Reads a row in borsh.
pub(crate) fn row<T: borsh::BorshDeserialize>(bytes: &[u8]) -> Db<T> {
    borsh::from_slice(bytes).map_err(|error| damaged(format!("a row cannot be read: {error}")))
}

/// Writes a row in borsh.
pub(crate) fn bytes<T: borsh::BorshSerialize>(row: &T) -> Db<Vec<u8>> {
    borsh::to_vec(row).map_err(|error| damaged(format!("a row cannot be written: {error}")))
}

/// Reads a row in JSON.
pub(crate) fn json_row<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Db<T> {
    serde_json::from_slice(bytes).map_err(|error| damaged(format!("a row cannot be read: {error}")))
}

/// Writes a row in JSON.
pub(crate) fn json<T: serde::Serialize>(row: &T) -> Db<Vec<u8>> {
    serde_json::to_vec(row).map_err(|error| damaged(format!("a row cannot be written: {error}")))
}

/// The first key after every key that begins so.
fn after(prefix: &[u8]) -> Bound<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            return Bound::Excluded(end);
        }
    }
    Bound::Unbounded
}

fn borrowed(bound: &Bound<Vec<u8>>) -> Bound<&[u8]> {
    match bound {
        Bound::Included(key) => Bound::Included(key.as_slice()),
        Bound::Excluded(key) => Bound::Excluded(key.as_slice()),
        Bound::Unbounded => Bound::Unbounded,
    }
}

type Row = (Vec<u8>, Vec<u8>);
/// Rows as they were before a step: table, key, value.
type Before = BTreeMap<(u8, Vec<u8>), Option<Vec<u8>>>;

/// The tables of a write transaction with what a batch has changed so far.
pub(crate) struct Rows<'t> {
    tables: Vec<Table<'t, &'static [u8], &'static [u8]>>,
    changed: Vec<BTreeMap<Vec<u8>, Option<Vec<u8>>>>,
    /// What the step on hand has changed, while going back may be asked for.
    before: Option<Before>,
}

impl<'t> Rows<'t> {
    pub(crate) fn open(write: &'t WriteTransaction) -> Db<Self> {
        let tables = Kind::ALL.iter().map(|kind| Ok(write.open_table(kind.table())?)).collect::<Db<_>>()?;
        Ok(Self { tables, changed: vec![BTreeMap::new(); Kind::ALL.len()], before: None })
    }

    pub(crate) fn get(&self, kind: Kind, key: &[u8]) -> Db<Option<Vec<u8>>> {
        if let Some(changed) = self.changed[kind as usize].get(key) {
            return Ok(changed.clone());
        }
        Ok(self.tables[kind as usize].get(key)?.map(|guard| guard.value().to_vec()))
    }

    pub(crate) fn put(&mut self, kind: Kind, key: Vec<u8>, value: Vec<u8>) -> Db<()> {
        self.change(kind, key, Some(value))
    }

    pub(crate) fn remove(&mut self, kind: Kind, key: Vec<u8>) -> Db<()> {
        self.change(kind, key, None)
    }

    /// Adds to the end of a row that is never undone, unless it ends so already.
    pub(crate) fn append(&mut self, kind: Kind, key: Vec<u8>, more: [u8; 2]) -> Db<()> {
        debug_assert!(!kind.is_undone(), "{kind:?} would change unremembered");
        if !self.changed[kind as usize].contains_key(&key) {
            let value = self.get(kind, &key)?.unwrap_or_default();
            self.changed[kind as usize].insert(key.clone(), Some(value));
        }
        if let Some(Some(value)) = self.changed[kind as usize].get_mut(&key)
            && !value.ends_with(&more)
        {
            value.extend_from_slice(&more);
        }
        Ok(())
    }

    fn change(&mut self, kind: Kind, key: Vec<u8>, value: Option<Vec<u8>>) -> Db<()> {
        let table = kind as u8;
        let unknown = |before: &Before| kind.is_undone() && !before.contains_key(&(table, key.clone()));
        if self.before.as_ref().is_some_and(unknown) {
            let was = self.get(kind, &key)?;
            if let Some(before) = &mut self.before {
                before.insert((table, key.clone()), was);
            }
        }
        self.changed[kind as usize].insert(key, value);
        Ok(())
    }

    /// Every row whose key begins so.
    pub(crate) fn beginning(&self, kind: Kind, prefix: &[u8]) -> Db<Vec<Row>> {
        self.within(kind, (Bound::Included(prefix.to_vec()), after(prefix)))
    }

    fn within(&self, kind: Kind, bounds: (Bound<Vec<u8>>, Bound<Vec<u8>>)) -> Db<Vec<Row>> {
        let mut rows = BTreeMap::new();
        for row in self.tables[kind as usize].range::<&[u8]>((borrowed(&bounds.0), borrowed(&bounds.1)))? {
            let (key, value) = row?;
            rows.insert(key.value().to_vec(), Some(value.value().to_vec()));
        }
        for (key, value) in self.changed[kind as usize].range(bounds) {
            rows.insert(key.clone(), value.clone());
        }
        Ok(rows.into_iter().filter_map(|(key, value)| Some((key, value?))).collect())
    }

    /// From here on, what changes is remembered as it was.
    pub(crate) fn remember(&mut self) {
        self.before = Some(Before::new());
    }

    /// Writes down what has been remembered, under the step's number.
    pub(crate) fn write_down(&mut self, seq: u64) -> Db<()> {
        match self.before.take() {
            Some(before) if !before.is_empty() => {
                self.put(Kind::Undo, seq.to_be_bytes().to_vec(), bytes(&before)?)
            }
            _ => Ok(()),
        }
    }

    /// Makes every row what it was after a command, newest change first.
    pub(crate) fn go_back(&mut self, to_seq: u64) -> Db<()> {
        let later = (Bound::Excluded(to_seq.to_be_bytes().to_vec()), Bound::Unbounded);
        for (key, value) in self.within(Kind::Undo, later)?.into_iter().rev() {
            for ((table, changed), was) in row::<Before>(&value)? {
                let known = self.changed.get_mut(usize::from(table));
                known.ok_or_else(|| damaged("a table that there is not"))?.insert(changed, was);
            }
            self.remove(Kind::Undo, key)?;
        }
        Ok(())
    }

    /// Writes everything into the tables.
    pub(crate) fn finish(mut self) -> Db<()> {
        for (table, changed) in self.tables.iter_mut().zip(self.changed) {
            for (key, value) in changed {
                match value {
                    Some(value) => drop(table.insert(key.as_slice(), value.as_slice())?),
                    None => drop(table.remove(key.as_slice())?),
                }
            }
        }
        Ok(())
    }
}

/// Everything as it was after one command, for one question.
pub(crate) struct Snapshot {
    read: ReadTransaction,
}

/// Rows between two keys, either way.
pub(crate) type Range = redb::Range<'static, &'static [u8], &'static [u8]>;

/// What such a range gives.
pub(crate) type Found = <Range as Iterator>::Item;

impl Snapshot {
    pub(crate) fn new(read: ReadTransaction) -> Self {
        Self { read }
    }

    pub(crate) fn get(&self, kind: Kind, key: &[u8]) -> Db<Option<Vec<u8>>> {
        Ok(self.read.open_table(kind.table())?.get(key)?.map(|guard| guard.value().to_vec()))
    }

    /// Rows from one key on and before another.
    pub(crate) fn between(&self, kind: Kind, from: &[u8], to: &[u8]) -> Db<Range> {
        // A question asked backwards has no answer, and the database takes it for a mistake.
        let to = if to < from { from } else { to };
        Ok(self.read.open_table(kind.table())?.range::<&[u8]>(from..to)?)
    }

    /// Rows that begin so, from a number after that on.
    pub(crate) fn from(&self, kind: Kind, prefix: &[u8], number: u64) -> Db<Range> {
        let lower = Bound::Included(key(&[prefix, &number.to_be_bytes()]));
        let upper = after(prefix);
        Ok(self.read.open_table(kind.table())?.range::<&[u8]>((borrowed(&lower), borrowed(&upper)))?)
    }

    /// Rows that begin so, up to and without a number after that; all of them without one.
    pub(crate) fn before(&self, kind: Kind, prefix: &[u8], number: Option<u64>) -> Db<Range> {
        let lower = Bound::Included(prefix.to_vec());
        let upper =
            number.map_or_else(|| after(prefix), |n| Bound::Excluded(key(&[prefix, &n.to_be_bytes()])));
        Ok(self.read.open_table(kind.table())?.range::<&[u8]>((borrowed(&lower), borrowed(&upper)))?)
    }

    /// A number among the facts about the whole.
    pub(crate) fn number(&self, name: &str) -> Db<u64> {
        self.get(Kind::Meta, name.as_bytes())?.map_or(Ok(0), |value| last_number(&value))
    }
}

#[cfg(test)]
mod tests;
