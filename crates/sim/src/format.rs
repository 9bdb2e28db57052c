//! Figures and tables for people: thin grouping, a true minus, aligned columns.

use cenote_units::{Cash, Millis, Timestamp};

/// Cash to two decimals, to the nearest, thinly grouped; what is not nothing is never shown as `0.00`.
#[must_use]
pub fn cash(amount: Cash) -> String {
    let units = amount.get().unsigned_abs();
    let cents = (units + 5_000) / 10_000;
    let sign = if amount.is_negative() { "\u{2212}" } else { "" };
    if cents == 0 && units > 0 {
        return format!("{sign}<0.01");
    }
    format!("{sign}{}.{:02}", grouped(cents / 100), cents % 100)
}

/// Cash with a sign whatever it is: a change.
#[must_use]
pub fn change(amount: Cash) -> String {
    let sign = if amount > Cash::ZERO { "+" } else { "" };
    format!("{sign}{}", cash(amount))
}

/// A whole number, thinly grouped.
#[must_use]
pub fn grouped(n: u128) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A share as a percentage with two decimals and a true minus.
#[must_use]
pub fn percent(share: f64) -> String {
    let sign = if share < 0.0 { "\u{2212}" } else { "" };
    format!("{sign}{:.2}%", share.abs() * 100.0)
}

/// A length of time in its two largest units.
#[must_use]
pub fn length(length: Millis) -> String {
    let seconds = length.get() / 1_000;
    match seconds {
        s if s >= 86_400 => format!("{} d {} h", s / 86_400, s % 86_400 / 3_600),
        s if s >= 3_600 => format!("{} h {} min", s / 3_600, s % 3_600 / 60),
        s if s >= 60 && s.is_multiple_of(60) => format!("{} min", s / 60),
        s if s >= 60 => format!("{} min {} s", s / 60, s % 60),
        s if s > 0 => format!("{s} s"),
        _ => format!("{} ms", length.get()),
    }
}

/// A moment in UTC to the minute, such as `2022-05-05 00:01`. Howard Hinnant's `civil_from_days`.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    let minutes = at.millis() / 60_000;
    let z = minutes / 1_440 + 719_468;
    let (era, day_of_era) = (z / 146_097, z % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}", minutes / 60 % 24, minutes % 60)
}

/// Rows in columns: the first to the left, the others to the right, two spaces between, each line indented by two.
#[must_use]
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::from("  ");
        for (column, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[column] - cell.chars().count());
            if column == 0 {
                line.push_str(&format!("{cell}{pad}"));
            } else {
                line.push_str(&format!("  {pad}{cell}"));
            }
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests;
