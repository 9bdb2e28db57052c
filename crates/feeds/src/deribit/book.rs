//! A book summary to the chain that the fit understands.

use crate::FeedError;
use crate::client::excerpt;
use cenote_calibrate::Chain;
use cenote_calibrate::chain::{ChainExpiry, Dropped, Quote, Right};
use cenote_pricing::math::ln_ratio;
use cenote_pricing::{YEAR_MS, black};
use cenote_units::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Most options of one currency; Deribit lists about a thousand.
const ROWS_MAX: usize = 5_000;
/// Options expire at 08:00 UTC.
const EXPIRY_HOUR_MS: i64 = 8 * 3_600_000;
const DAY_MS: i64 = 86_400_000;
const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
/// The least distance of bid and ask; the venue's own least is ten thousand times as wide.
const SPREAD_MIN: f64 = 1e-8;

/// What is read of one option's summary.
#[derive(Deserialize)]
pub(super) struct Row {
    pub instrument_name: String,
    /// In coin.
    pub bid_price: Option<f64>,
    /// In coin.
    pub ask_price: Option<f64>,
    /// Per cent.
    pub mark_iv: Option<f64>,
    /// The forward of the expiry.
    pub underlying_price: f64,
    /// The index price.
    pub estimated_delivery_price: f64,
}

/// An option whose premium is paid in coin.
#[derive(Debug, PartialEq)]
struct Instrument {
    expiry_ms: i64,
    strike: f64,
    right: Right,
}

/// A row that has been understood.
struct Priced {
    forward: f64,
    index: f64,
    quote: Option<Quote>,
}

/// The chain of one currency. Options of other currencies and with names of another form are left out; a number that
/// cannot be refuses the whole.
pub(super) fn chain(rows: &[Row], currency: &str, sent_at: Timestamp) -> Result<Chain, FeedError> {
    if rows.len() > ROWS_MAX {
        let (field, expected) = ("result", "at most 5000 options");
        return Err(FeedError::Field { field, expected, found: format!("{} options", rows.len()) });
    }
    let snapshot_ms = i64::try_from(sent_at.millis()).unwrap_or(i64::MAX);
    let mut dropped = Dropped::default();
    let mut by_expiry: BTreeMap<i64, Vec<Priced>> = BTreeMap::new();
    for row in rows {
        let Some(option) = instrument(&row.instrument_name, currency) else { continue };
        if option.expiry_ms <= snapshot_ms {
            dropped.expired += 1;
            continue;
        }
        let expiry_ms = option.expiry_ms;
        by_expiry.entry(expiry_ms).or_default().push(priced(row, &option, snapshot_ms, &mut dropped)?);
    }
    let index = median(by_expiry.values().flatten().map(|row| row.index).collect());
    let expiry = |(expiry_ms, rows): (i64, Vec<Priced>)| ChainExpiry {
        expiry_ms,
        forward: median(rows.iter().map(|row| row.forward).collect()),
        carry: median(rows.iter().map(|row| ln_ratio(row.forward, row.index)).collect()),
        quotes: rows.into_iter().filter_map(|row| row.quote).collect(),
    };
    let expiries: Vec<ChainExpiry> =
        by_expiry.into_iter().map(expiry).filter(|expiry| !expiry.quotes.is_empty()).collect();
    if expiries.is_empty() {
        return Err(FeedError::NoQuotes { listed: rows.len(), dropped: dropped.to_string() });
    }
    Ok(Chain { currency: currency.to_owned(), snapshot_ms, index, expiries, dropped })
}

fn priced(row: &Row, option: &Instrument, now_ms: i64, dropped: &mut Dropped) -> Result<Priced, FeedError> {
    let forward = positive("underlying_price", row.underlying_price)?;
    let index = positive("estimated_delivery_price", row.estimated_delivery_price)?;
    let (bid, ask) = (coin("bid_price", row.bid_price)?, coin("ask_price", row.ask_price)?);
    let vol = row.mark_iv.map(|percent| percent / 100.0).filter(|vol| *vol > 0.0 && *vol <= 50.0);
    let quote = match (bid, ask, vol) {
        (None, _, _) | (_, None, _) => {
            dropped.one_sided += 1;
            None
        }
        (Some(bid), Some(ask), _) if ask - bid < SPREAD_MIN => {
            dropped.crossed += 1;
            None
        }
        (_, _, None) => {
            dropped.no_delta += 1;
            None
        }
        (Some(bid), Some(ask), Some(vol)) => {
            let years = (option.expiry_ms - now_ms) as f64 / YEAR_MS;
            let call = black::greeks(forward, option.strike, vol * vol * years).delta;
            let delta = match option.right {
                Right::Call => call,
                Right::Put => call - 1.0,
            };
            // A price in coin times the forward is a price in money, so over the forward it is the price in coin.
            let log_moneyness = ln_ratio(option.strike, forward);
            Some(Quote { right: option.right, log_moneyness, bid, ask, delta })
        }
    };
    Ok(Priced { forward, index, quote })
}

/// `BTC-27JUN25-60000-C`; `None` for every other form.
fn instrument(name: &str, currency: &str) -> Option<Instrument> {
    let mut parts = name.split('-');
    let (of, date, strike, right) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if of != currency || parts.next().is_some() {
        return None;
    }
    let right = match right {
        "C" => Right::Call,
        "P" => Right::Put,
        _ => return None,
    };
    if strike.is_empty() || strike.len() > 9 || !strike.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let strike = strike.parse().ok().filter(|strike| *strike > 0.0)?;
    Some(Instrument { expiry_ms: expiry_ms(date)?, strike, right })
}

/// `27JUN25` or `3JAN26`, at the hour of expiry.
fn expiry_ms(date: &str) -> Option<i64> {
    if !date.is_ascii() || !(6..=7).contains(&date.len()) {
        return None;
    }
    let (day, rest) = date.split_at(date.len() - 5);
    let (month, year) = rest.split_at(3);
    let number = |text: &str| {
        let digits = text.bytes().all(|digit| digit.is_ascii_digit());
        if digits { text.parse::<i64>().ok() } else { None }
    };
    let month = MONTHS.iter().position(|name| *name == month)?;
    let (day, year) = (number(day)?, 2000 + number(year)?);
    let length = match month {
        1 => 28 + i64::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)),
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    Some(days_to(year, month) * DAY_MS + (day - 1) * DAY_MS + EXPIRY_HOUR_MS)
}

/// Days from 1970 to the first of a month, counted from 0, of a year from 2000 on.
fn days_to(year: i64, month: usize) -> i64 {
    const BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let leap_years = |year: i64| year / 4 - year / 100 + year / 400;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let years = (year - 1970) * 365 + leap_years(year - 1) - leap_years(1969);
    years + BEFORE[month] + i64::from(leap && month > 1)
}

/// A forward or an index, within what any price can be.
fn positive(field: &'static str, value: f64) -> Result<f64, FeedError> {
    if (1e-6..=1e8).contains(&value) {
        return Ok(value);
    }
    Err(FeedError::Field { field, expected: "a price from 1e-6 to 1e8", found: value.to_string() })
}

/// A price in coin; `None` when nobody quotes.
fn coin(field: &'static str, value: Option<f64>) -> Result<Option<f64>, FeedError> {
    match value {
        Some(price) if !(0.0..=1e4).contains(&price) => {
            let expected = "a price in coin from 0 to 1e4, or null";
            Err(FeedError::Field { field, expected, found: excerpt(price.to_string().as_bytes()) })
        }
        // Nothing is listed in steps this small.
        price => Ok(price.filter(|price| *price >= SPREAD_MIN)),
    }
}

/// The middle value, the mean of the two middle ones of an even number; zero of none.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[n / 2],
        n => 0.5 * (values[n / 2 - 1] + values[n / 2]),
    }
}

#[cfg(test)]
mod tests;
