//! What can be exported as files, column by column.

use cenote_table::Kind::{Float, Int, Text, Time};
use cenote_table::{Column, Format};

/// A table that can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Export {
    /// Its name, and that of its files without the ending.
    pub name: &'static str,
    /// What its rows are.
    pub what: &'static str,
    /// Its columns, in order.
    pub columns: &'static [Column],
}

/// Every export.
pub const ALL: [&Export; 4] = [&FILLS, &NAV, &EVENTS, &QUOTES];

/// Every file that can be asked for.
pub const FILES: &[&str] = &[
    "fills.csv",
    "fills.ndjson",
    "fills.parquet",
    "nav.csv",
    "nav.ndjson",
    "nav.parquet",
    "events.csv",
    "events.ndjson",
    "events.parquet",
    "quotes.csv",
    "quotes.ndjson",
    "quotes.parquet",
];

/// Series filled.
pub const FILLS: Export = Export {
    name: "fills",
    what: "a row for each series of each fill, in the order of the journal",
    columns: &[
        Column::new("trade_seq", Int, "grows by one a series filled at this venue"),
        Column::new("seq", Int, "the command that filled it"),
        Column::new("order", Int, "the order's number"),
        Column::new("time", Time, "market time, ms"),
        Column::new("account", Text, "whose"),
        Column::maybe("label", Text, "the client's mark on the order"),
        Column::new("instrument_name", Text, "the series"),
        Column::new("direction", Text, "buy or sell, as the trader did"),
        Column::new("amount", Text, "contracts, positive, exact"),
        Column::new(
            "price",
            Float,
            "quote a contract, every charge of the order shared out by the legs' marks",
        ),
        Column::new("mark_price", Float, "the mark of a contract when it filled, quote"),
        Column::maybe("iv", Float, "the vol of that mark, percent a year"),
        Column::new("index_price", Text, "the index, quote, exact"),
        Column::new("tick", Int, "the tick that priced it"),
    ],
};

/// Paths of pools.
pub const NAV: Export = Export {
    name: "nav",
    what: "a row for each point of each pool's path, pool by pool: the last one of each millisecond",
    columns: &[
        Column::new("pool", Int, "the pool's number"),
        Column::new("time", Time, "market time, ms"),
        Column::new("nav_low", Float, "equity, quote"),
        Column::new("nav_mid", Float, "cash, what is locked and inventory at marks, quote"),
        Column::new("nav_high", Float, "as much above nav_mid as nav_low is below, quote"),
        Column::new("share_price", Float, "equity a share, quote"),
        Column::new("index_price", Float, "the index, quote"),
        Column::new("utilisation", Float, "locked over risk capital, percent"),
    ],
};

/// Everything that happened.
pub const EVENTS: Export = Export {
    name: "events",
    what: "a row for each event, in the order of the journal, what no longer happened included",
    columns: &[
        Column::new("seq", Int, "the command that it is of"),
        Column::new("index", Int, "its place among that command's events"),
        Column::new("time", Time, "market time, ms"),
        Column::new("type", Text, "its type, like order_filled"),
        Column::new("event", Text, "all of it, as JSON"),
    ],
};

/// The board in force.
pub const QUOTES: Export = Export {
    name: "quotes",
    what: "a row for each listed series of a market at the tick in force, by expiry and strike, calls first",
    columns: &[
        Column::new("market", Text, "the market's name"),
        Column::new("tick", Int, "the tick's number"),
        Column::new("time", Time, "when the tick was published, ms"),
        Column::new("index_price", Text, "the index, quote, exact"),
        Column::new("instrument_name", Text, "the series"),
        Column::new("expiration_timestamp", Time, "when it expires, ms"),
        Column::new("strike", Text, "the strike, quote, exact"),
        Column::new("option_type", Text, "call or put"),
        Column::new("forward", Float, "the forward of its expiry, quote"),
        Column::new("size", Text, "contracts that bid and ask are for, exact"),
        Column::maybe(
            "bid_price",
            Text,
            "what selling that size pays, quote a contract, everything included, exact",
        ),
        Column::maybe(
            "ask_price",
            Text,
            "what buying that size costs, quote a contract, everything included, exact",
        ),
        Column::new("mark_price", Float, "the mark of a contract, quote, before any charge"),
        Column::maybe("bid_iv", Float, "the vol of the bid, percent a year"),
        Column::maybe("ask_iv", Float, "the vol of the ask, percent a year"),
        Column::maybe("mark_iv", Float, "the vol of the mark, percent a year"),
        Column::maybe("delta", Float, "of one contract, in underlying"),
        Column::maybe("gamma", Float, "of one contract, change of delta per unit of index"),
        Column::maybe("vega", Float, "of one contract, quote a vol point"),
        Column::maybe("theta", Float, "of one contract, quote a day"),
        Column::new("open_interest", Text, "what all holders together are long, contracts, exact"),
        Column::new("pool_position", Text, "what the pool holds, contracts, signed, exact"),
    ],
};

/// The export and the format that a file's name asks for.
#[must_use]
pub fn named(file: &str) -> Option<(&'static Export, Format)> {
    let (name, ending) = file.rsplit_once('.')?;
    Some((ALL.into_iter().find(|export| export.name == name)?, Format::of(ending)?))
}

/// Every export with its columns, in words.
#[must_use]
pub fn described() -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for export in ALL {
        let _ = writeln!(text, "{}: {}.", export.name, export.what);
        for column in export.columns {
            let empty = if column.optional { ", may be empty" } else { "" };
            let _ = writeln!(text, "- {} ({}{empty}): {}", column.name, kind(column), column.what);
        }
        text.push('\n');
    }
    text
}

/// What a column holds, in a word.
#[must_use]
pub fn kind(column: &Column) -> &'static str {
    match column.kind {
        Int => "integer",
        Time => "time",
        Float => "float",
        Text => "text",
    }
}

#[cfg(test)]
mod tests;
