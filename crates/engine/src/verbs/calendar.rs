//! Expiry dates: days, Fridays, last Fridays of months and quarters, at 08:00 UTC (rule R1).

use crate::params::MarketRules;
use alloc::vec::Vec;
use cenote_units::{Millis, Timestamp};

const DAY_MS: u64 = 86_400_000;
/// 08:00 UTC.
const EXPIRY_MS: u64 = 8 * 3_600_000;

/// The expiries that a market should have listed at a moment, ascending.
pub(crate) fn expiries(rules: &MarketRules, now: Timestamp) -> Vec<Timestamp> {
    let first = now.after(rules.list_min);
    let last = now.after(rules.list_max);
    let mut left = [rules.dailies, rules.weeklies, rules.monthlies, rules.quarterlies];
    let mut found = Vec::new();
    let start = now.millis().checked_div(DAY_MS).unwrap_or(0);
    let span = rules.list_max.get().checked_div(DAY_MS).unwrap_or(0).saturating_add(2);
    for day in start..start.saturating_add(span) {
        let expiry = Timestamp::ZERO.after(Millis::new(day.saturating_mul(DAY_MS).saturating_add(EXPIRY_MS)));
        if expiry < first || expiry > last {
            continue;
        }
        let mut wanted = false;
        for (count, belongs) in left.iter_mut().zip(cycles(day)) {
            if belongs && *count > 0 {
                *count = count.saturating_sub(1);
                wanted = true;
            }
        }
        if wanted {
            found.push(expiry);
        }
    }
    found
}

/// Whether a day is a daily, weekly, monthly, quarterly expiry.
fn cycles(day: u64) -> [bool; 4] {
    // 1970-01-01 was a Thursday.
    let friday = day.checked_rem(7) == Some(1);
    let month = month_of(day);
    let last_of_month = friday && month_of(day.saturating_add(7)) != month;
    [true, friday, last_of_month, last_of_month && month.is_multiple_of(3)]
}

/// The month, 1 to 12, of a day since 1970-01-01: Howard Hinnant's `civil_from_days`, for days from the epoch on.
fn month_of(day: u64) -> u64 {
    let z = day.saturating_add(719_468);
    let day_of_era = z.checked_rem(146_097).unwrap_or(0);
    let div = |a: u64, b: u64| a.checked_div(b).unwrap_or(0);
    let leap_free = day_of_era
        .saturating_sub(div(day_of_era, 1_460))
        .saturating_add(div(day_of_era, 36_524))
        .saturating_sub(div(day_of_era, 146_096));
    let year_of_era = div(leap_free, 365);
    let before = year_of_era.saturating_mul(365).saturating_add(div(year_of_era, 4));
    let day_of_year = day_of_era.saturating_sub(before.saturating_sub(div(year_of_era, 100)));
    let shifted = div(day_of_year.saturating_mul(5).saturating_add(2), 153);
    if shifted < 10 { shifted.saturating_add(3) } else { shifted.saturating_sub(9) }
}

#[cfg(test)]
mod tests;
