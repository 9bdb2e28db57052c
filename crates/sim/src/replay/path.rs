//! The path of net asset value as a table: CSV for people's tools, Parquet for larger ones.

use super::report::NavPoint;
use crate::parquet::{Column, Values, file};
use cenote_units::Cash;
use std::fmt::Write as _;

/// The header of the CSV and the names of the Parquet columns. Amounts are in quote, in the Parquet file in 1e-6 of it.
const NAMES: [&str; 12] = [
    "time_ms",
    "spot",
    "vol_7d",
    "nav",
    "nav_mid",
    "cash",
    "locked",
    "utilisation",
    "delta",
    "vega",
    "shares",
    "orders_filled",
];

/// A line a tick. Amounts are exact decimals; floats are the shortest that read back the same.
#[must_use]
pub fn csv(path: &[NavPoint]) -> String {
    let mut out = NAMES.join(",");
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
    let whole = |value: fn(&NavPoint) -> i64| Values::Int(path.iter().map(value).collect());
    let float = |value: fn(&NavPoint) -> f64| Values::Float(path.iter().map(value).collect());
    let values = [
        Values::Time(path.iter().map(|p| p.at.millis() as i64).collect()),
        float(|p| p.spot),
        float(|p| p.vol),
        whole(|p| units(p.nav)),
        whole(|p| units(p.nav_mid)),
        whole(|p| units(p.cash)),
        whole(|p| units(p.locked)),
        float(|p| p.utilisation),
        float(|p| p.delta),
        float(|p| p.vega),
        whole(|p| i64::try_from(p.shares).unwrap_or(i64::MAX)),
        whole(|p| i64::try_from(p.filled).unwrap_or(i64::MAX)),
    ];
    let columns: Vec<Column> =
        NAMES.into_iter().zip(values).map(|(name, values)| Column { name, values }).collect();
    // All of one length, and no tape has a quarter of a billion ticks.
    file(&columns).unwrap_or_default()
}

/// Within an i64: a replay starts with at most 1e10 quote.
fn units(amount: Cash) -> i64 {
    i64::try_from(amount.get()).unwrap_or(i64::MAX)
}
