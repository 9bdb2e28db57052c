//! Integers to f64 and back.
#![allow(clippy::as_conversions)] // The one file that converts between integers and f64.

use crate::error::{Error, Fault};
use cenote_units::{Cash, Millis, Price, Ratio, Shares, Size};

/// Quote tokens.
#[must_use]
pub fn cash(amount: Cash) -> f64 {
    amount.get() as f64 / 1e6
}

/// Quote tokens per underlying.
#[must_use]
pub fn price(price: Price) -> f64 {
    price.get() as f64 / 1e12
}

/// Contracts.
#[must_use]
pub fn size(size: Size) -> f64 {
    size.get() as f64 / 1e6
}

/// Shares.
#[must_use]
pub fn shares(shares: Shares) -> f64 {
    shares.get() as f64 / 1e6
}

/// A plain number.
#[must_use]
pub fn ratio(ratio: Ratio) -> f64 {
    ratio.get() as f64 / 1e9
}

/// Years of 365 days.
#[must_use]
pub fn years(length: Millis) -> f64 {
    length.get() as f64 / 31_536_000_000.0
}

/// Days.
pub(crate) fn days(length: Millis) -> f64 {
    length.get() as f64 / 86_400_000.0
}

/// `n` as a number.
pub(crate) fn count(n: u128) -> f64 {
    n as f64
}

/// Units of 1e-12.
pub(crate) fn e12(units: i64) -> f64 {
    units as f64 / 1e12
}

/// Units of 1e-12 for a number, to the nearest; zero for what has none.
pub(crate) fn to_e12(x: f64) -> i64 {
    (x * 1e12 + if x < 0.0 { -0.5 } else { 0.5 }) as i64
}

/// Floor of a finite number within the range of an `i128`.
fn floor(x: f64) -> i128 {
    let whole = x as i128; // Toward zero.
    if (whole as f64) > x { whole.saturating_sub(1) } else { whole }
}

/// A whole number of steps, rounded down or up.
pub(crate) fn steps(x: f64, up: bool) -> u128 {
    let below = floor(x);
    let whole = if up && (below as f64) < x { below.saturating_add(1) } else { below };
    u128::try_from(whole).unwrap_or(0)
}

/// Cash, rounded down: what is paid out or counted on.
pub(crate) fn to_cash_down(quote: f64) -> Result<Cash, Error> {
    finite(quote)?;
    Ok(Cash::new(floor(quote * 1e6))?)
}

/// Cash, rounded up: what is charged or held back.
pub(crate) fn to_cash_up(quote: f64) -> Result<Cash, Error> {
    finite(quote)?;
    Ok(Cash::new(floor(-quote * 1e6))?.negated())
}

/// Cash, rounded to the nearest: for people, never for the ledger.
pub(crate) fn to_cash_near(quote: f64) -> Result<Cash, Error> {
    to_cash_down(quote + 0.5e-6)
}

fn finite(x: f64) -> Result<(), Error> {
    if x.is_finite() { Ok(()) } else { Err(Fault::NotFinite("an amount of cash").into()) }
}
