//! Numbers for people: thin grouping, a true minus, fixed places a column, a dash for what is unknown. Amounts never pass through a float.
//!
//! Whatever somebody may type back (a limit in a suggested command) is written with `Display` of the amount instead: plain and whole.

use cenote_api::{Contracts, Money, Quote, ShareCount};
use cenote_sim::format::grouped;

/// What nobody knows.
pub const UNKNOWN: &str = "\u{2014}";
/// The sign of what is below zero.
pub const MINUS: char = '\u{2212}';

/// Units of `10^-scale` at `places` places, to the nearest, halves away from zero; what is not nothing never looks like it.
pub fn fixed(units: i128, scale: u32, places: u32) -> String {
    let sign = if units < 0 { MINUS.to_string() } else { String::new() };
    let step = 10u128.pow(scale.saturating_sub(places));
    let places = places.min(scale);
    let magnitude = units.unsigned_abs();
    let rounded = (magnitude + step / 2) / step;
    let one = 10u128.pow(places);
    let width = places as usize;
    if rounded == 0 && magnitude > 0 {
        return if places == 0 { format!("{sign}<1") } else { format!("{sign}<0.{:0>width$}", 1) };
    }
    let whole = grouped(rounded / one);
    if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{:0>width$}", rounded % one) }
}

/// Money at two places.
pub fn money(amount: Money) -> String {
    fixed(amount.0.get(), 6, 2)
}

/// The fewest places, at least two, at which each of these is shown whole: so that parts visibly add up to their sum.
pub fn places(amounts: &[Money]) -> u32 {
    let of = |amount: &Money| {
        let mut fraction = amount.0.get().unsigned_abs() % 1_000_000;
        let mut places = 6;
        while places > 2 && fraction.is_multiple_of(10) {
            fraction /= 10;
            places -= 1;
        }
        places
    };
    amounts.iter().map(of).max().unwrap_or(2)
}

/// Money at so many places.
pub fn money_at(amount: Money, places: u32) -> String {
    fixed(amount.0.get(), 6, places)
}

/// A change of money: its sign whatever it is, and an arrow.
pub fn change(amount: Money) -> String {
    change_at(amount, 2)
}

/// A change of money at so many places.
pub fn change_at(amount: Money, places: u32) -> String {
    let text = money_at(amount, places);
    match amount.0.get() {
        0 => text,
        n if n > 0 => format!("+{text} \u{25b2}"),
        _ => format!("{text} \u{25bc}"),
    }
}

/// A price at so many places.
pub fn price_at(price: Quote, places: u32) -> String {
    fixed(i128::try_from(price.0.get()).unwrap_or(i128::MAX), 12, places)
}

/// A price at two places.
pub fn price(price: Quote) -> String {
    price_at(price, 2)
}

/// A strike: whole where it is.
pub fn strike(price: Quote) -> String {
    trimmed(i128::try_from(price.0.get()).unwrap_or(i128::MAX), 12)
}

/// All places but the zeros at the end.
fn trimmed(units: i128, scale: u32) -> String {
    let text = fixed(units, scale, scale);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A number of contracts, all places that it has.
pub fn contracts(size: Contracts) -> String {
    trimmed(i128::from(size.0.get()), 6)
}

/// Pool shares, all places that they have.
pub fn shares(shares: ShareCount) -> String {
    trimmed(i128::try_from(shares.0.get()).unwrap_or(i128::MAX), 6)
}

/// Contracts in at most six letters: `12.4k` from ten thousand on.
pub fn contracts_short(size: Contracts) -> String {
    let units = i128::from(size.0.get());
    let whole = units.unsigned_abs() / 1_000_000;
    match whole {
        10_000_000.. => fixed(units, 12, 1) + "M",
        10_000.. => fixed(units, 9, 1) + "k",
        1_000.. => fixed(units, 6, 0),
        _ if units == 0 => "0".to_owned(),
        _ => fixed(units, 6, 1),
    }
}

/// A model figure at fixed places; a dash when it is no number.
pub fn float(value: f64, places: usize) -> String {
    if !value.is_finite() {
        return UNKNOWN.to_owned();
    }
    let text = format!("{:.places$}", value.abs());
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), ""), |(w, f)| (w, f));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
    let zero = text.bytes().all(|b| b == b'0' || b == b'.');
    let sign = if value < 0.0 && !zero { MINUS.to_string() } else { String::new() };
    if fraction.is_empty() { sign + &whole } else { format!("{sign}{whole}.{fraction}") }
}

/// A sensitivity, three significant digits.
pub fn figure(value: f64) -> String {
    if !value.is_finite() {
        return UNKNOWN.to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let exponent = value.abs().log10().floor() as i32;
    // Rounding may carry into one digit more: 0.9996 has the exponent of 1.
    let scale = 10f64.powi(2 - exponent);
    let carried = (value.abs() * scale).round() >= 1_000.0;
    let exponent = exponent + i32::from(carried);
    if exponent < -6 {
        let sign = if value < 0.0 { MINUS.to_string() } else { String::new() };
        return format!("{sign}{:.2e}", value.abs());
    }
    if exponent >= 3 {
        let step = 10f64.powi(exponent - 2);
        return float((value / step).round() * step, 0);
    }
    float(value, (2 - exponent) as usize)
}

/// A percentage at one place.
pub fn percent(value: f64) -> String {
    if value.is_finite() { float(value, 1) + "%" } else { UNKNOWN.to_owned() }
}

/// What may be unknown.
pub fn known<T>(value: Option<T>, show: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), show)
}

/// A text that people typed, with a plain minus and without thin grouping, as amounts are parsed.
pub fn typed(text: &str) -> String {
    text.trim().replace(MINUS, "-").replace(',', "")
}

/// What a market pays in: `USDC` of `BTC_USDC`.
pub fn unit(market: &str) -> &str {
    market.rsplit_once('_').map_or("", |(_, quote)| quote)
}

#[cfg(test)]
mod tests;
