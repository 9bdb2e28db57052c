//! The path of net asset value as a table: CSV for people's tools, Parquet for larger ones.

use super::report::NavPoint;
use cenote_table::{Cell, Column, Format, Kind, file};
use cenote_units::Cash;
use std::fmt::Write as _;

/// The header of the CSV and the columns of the Parquet file. Amounts are in quote, in the Parquet file in 1e-6 of it.
const COLUMNS: [Column; 12] = [
    Column::new("time_ms", Kind::Time, "when the tick was published"),
    Column::new("spot", Kind::Float, "index price, quote"),
    Column::maybe("vol_7d", Kind::Float, "seven-day vol"),
    Column::new("nav", Kind::Int, "equity, 1e-6 quote"),
    Column::new("nav_mid", Kind::Int, "equity at marks, 1e-6 quote"),
    Column::new("cash", Kind::Int, "free cash, 1e-6 quote"),
    Column::new("locked", Kind::Int, "what is owed at worst, 1e-6 quote"),
    Column::maybe("utilisation", Kind::Float, "locked over risk capital"),
    Column::maybe("delta", Kind::Float, "in underlying"),
    Column::maybe("vega", Kind::Float, "quote a vol point"),
    Column::new("shares", Kind::Int, "1e-6 shares"),
    Column::new("orders_filled", Kind::Int, "so far"),
];

/// A line a tick. Amounts are exact decimals; floats are the shortest that read back the same.
#[must_use]
pub fn csv(path: &[NavPoint]) -> String {
    let mut out = COLUMNS.map(|column| column.name).join(",");
    out.push('\n');
    for p in path {
        let shares = cenote_units::Shares::new(p.shares).unwrap_or_default();
        let _ = writeln!(
            out,
            "{},{},{},{},{},{},{},{},{},{},{shares},{}",
            p.at.millis(),
            p.spot,
            p.vol,
            p.nav,
            p.nav_mid,
            p.cash,
            p.locked,
            p.utilisation,
            p.delta,
            p.vega,
            p.filled,
        );
    }
    out
}

/// The same as a Parquet file.
#[must_use]
pub fn parquet(path: &[NavPoint]) -> Vec<u8> {
    let rows: Vec<Vec<Cell>> = path.iter().map(row).collect();
    // Each row is of these columns, and a tape's prices are finite.
    file(Format::Parquet, &COLUMNS, &rows).unwrap_or_default()
}

fn row(p: &NavPoint) -> Vec<Cell> {
    // Within an i64: a replay starts with at most 1e10 quote.
    let units = |amount: Cash| Cell::Int(i64::try_from(amount.get()).unwrap_or(i64::MAX));
    vec![
        Cell::count(p.at.millis()),
        Cell::Float(p.spot),
        Cell::figure(Some(p.vol)),
        units(p.nav),
        units(p.nav_mid),
        units(p.cash),
        units(p.locked),
        Cell::figure(Some(p.utilisation)),
        Cell::figure(Some(p.delta)),
        Cell::figure(Some(p.vega)),
        Cell::Int(i64::try_from(p.shares).unwrap_or(i64::MAX)),
        Cell::count(p.filled),
    ]
}
