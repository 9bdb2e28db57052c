//! Decimal numbers to prices, exactly: no float between a source and the engine.

use cenote_units::Price;

/// Decimal places of a price's unit.
const PLACES: i64 = 12;
/// The greatest power of ten in a `u128`.
const POWER_MAX: u32 = 38;

/// `mantissa 10^exponent` in units of a price, rounded to the nearest, halves up. `None` beyond [`Price::MAX`].
pub(crate) fn price_nearest(mantissa: u128, exponent: i32) -> Option<Price> {
    let shift = i64::from(exponent) + PLACES;
    let power = u32::try_from(shift.unsigned_abs()).ok().filter(|power| *power <= POWER_MAX);
    let power = power.map(|power| 10u128.pow(power));
    let units = match (power, shift >= 0) {
        (_, _) if mantissa == 0 => 0,
        (Some(power), true) => mantissa.checked_mul(power)?,
        (Some(power), false) => mantissa / power + u128::from(mantissa % power >= power.div_ceil(2)),
        (None, true) => return None,
        // Less than half of the last place: a u128 is below 3.5e38.
        (None, false) => 0,
    };
    Price::new(units).ok()
}

/// Splits a JSON number without a sign into mantissa and exponent; `None` for what is not one, or has more than 38
/// digits.
pub(crate) fn parse(text: &str) -> Option<(u128, i32)> {
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    let fits = !whole.is_empty() && digits().count() <= POWER_MAX as usize;
    if !fits || !digits().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let mantissa = digits().fold(0u128, |sum, digit| sum * 10 + u128::from(digit - b'0'));
    Some((mantissa, exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?))
}

#[cfg(test)]
mod tests;
