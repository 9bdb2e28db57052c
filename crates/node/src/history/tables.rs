//! Tables and their keys. Values are JSON or borsh; numbers in keys are big ones first, so that they sort.

use redb::{TableDefinition, WriteTransaction};

type Bytes = &'static [u8];

/// Format, venue, last command, last trade.
pub const META: TableDefinition<'static, &str, Bytes> = TableDefinition::new("meta");
/// Named snapshots.
pub const SAVEPOINTS: TableDefinition<'static, &str, u64> = TableDefinition::new("savepoints");
/// (seq, index) to an event's JSON.
pub const EVENTS: TableDefinition<'static, (u64, u32), Bytes> = TableDefinition::new("events");
/// (account, seq, index): whose event it is.
pub const EVENTS_OF: TableDefinition<'static, ([u8; 20], u64, u32), ()> = TableDefinition::new("events_of");
/// seq to the command and its postings, in borsh.
pub const COMMANDS: TableDefinition<'static, u64, Bytes> = TableDefinition::new("commands");
/// Order to its JSON.
pub const ORDERS: TableDefinition<'static, u64, Bytes> = TableDefinition::new("orders");
/// (account, order).
pub const ORDERS_OF: TableDefinition<'static, ([u8; 20], u64), ()> = TableDefinition::new("orders_of");
/// Trade number to its JSON.
pub const TRADES: TableDefinition<'static, u64, Bytes> = TableDefinition::new("trades");
/// (instrument or market, trade).
pub const TRADES_OF: TableDefinition<'static, (&str, u64), ()> = TableDefinition::new("trades_of");
/// (account, seq, order) to a fill's JSON.
pub const FILLS: TableDefinition<'static, ([u8; 20], u64, u64), Bytes> = TableDefinition::new("fills");
/// (instrument or market, minute) to open, high, low, close, volume, cost.
pub const CANDLES: TableDefinition<'static, (&str, u64), [f64; 6]> = TableDefinition::new("candles");
/// (pool, minute) to the minute's last point: low, mid, high, share price, index, utilisation, time.
pub const NAV: TableDefinition<'static, (u16, u64), [f64; 7]> = TableDefinition::new("nav");
/// Day to its statistics in JSON.
pub const DAILY: TableDefinition<'static, u64, Bytes> = TableDefinition::new("daily");
/// (day, account): who traded.
pub const TRADERS: TableDefinition<'static, (u64, [u8; 20]), ()> = TableDefinition::new("traders");
/// (account, instrument) to signed contracts in 1e-6 and what they cost on average, quote a contract.
pub const OPENED: TableDefinition<'static, ([u8; 20], &str), (i64, f64)> = TableDefinition::new("opened");

/// Makes every table.
pub fn make(write: &WriteTransaction) -> Result<(), redb::Error> {
    write.open_table(META)?;
    write.open_table(SAVEPOINTS)?;
    write.open_table(EVENTS)?;
    write.open_table(EVENTS_OF)?;
    write.open_table(COMMANDS)?;
    write.open_table(ORDERS)?;
    write.open_table(ORDERS_OF)?;
    write.open_table(TRADES)?;
    write.open_table(TRADES_OF)?;
    write.open_table(FILLS)?;
    write.open_table(CANDLES)?;
    write.open_table(NAV)?;
    write.open_table(DAILY)?;
    write.open_table(TRADERS)?;
    write.open_table(OPENED)?;
    Ok(())
}
