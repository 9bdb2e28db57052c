//! Moments and lengths of time, as they are written and read.

use cenote_api::name::{iso_day, parse_day};
use cenote_sim::format::length;
use cenote_units::{Millis, Timestamp};

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;
const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// A moment by RFC 3339, to the second: `2026-03-27T08:00:00Z`.
pub fn moment(ms: u64) -> String {
    let Ok(at) = Timestamp::from_millis(ms) else { return format!("{ms} ms") };
    let seconds = ms / 1_000 % 86_400;
    format!("{}T{:02}:{:02}:{:02}Z", iso_day(at), seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// A length in its two largest units.
pub fn span(ms: u64) -> String {
    length(Millis::new(ms))
}

/// How far a moment is: `in 3 d 4 h`, `12 s ago`.
pub fn from_now(at: u64, now: u64) -> String {
    match at.checked_sub(now) {
        Some(0) => "now".to_owned(),
        Some(ahead) => format!("in {}", span(ahead)),
        None => format!("{} ago", span(now - at)),
    }
}

/// A label as people say it: `27 MAR 26` of `27MAR26`.
pub fn day(label: &str) -> String {
    let (date, series) = label.split_once('~').map_or((label, ""), |(date, series)| (date, series));
    match date.len().checked_sub(5) {
        Some(at) if at > 0 && date.is_ascii() => {
            let (day, rest) = date.split_at(at);
            let (month, year) = rest.split_at(3);
            let again = if series.is_empty() { String::new() } else { format!(" ~{series}") };
            format!("{day} {month} {year}{again}")
        }
        _ => label.to_owned(),
    }
}

/// Reads a length: `90s`, `10m`, `1h30m`, `7d`.
///
/// # Errors
/// What was expected.
pub fn parse_span(text: &str) -> Result<u64, String> {
    let refuse = || format!("`{text}` is not a length of time; write 90s, 10m, 1h30m or 7d");
    let (mut total, mut digits) = (0u64, String::new());
    let mut letters = text.trim().trim_start_matches('+').chars().peekable();
    if letters.peek().is_none() {
        return Err(refuse());
    }
    while let Some(letter) = letters.next() {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        let unit = match letter {
            'm' if letters.peek() == Some(&'s') => {
                letters.next();
                1
            }
            's' => 1_000,
            'm' => MINUTE_MS,
            'h' => HOUR_MS,
            'd' => DAY_MS,
            _ => return Err(refuse()),
        };
        let count: u64 = std::mem::take(&mut digits).parse().map_err(|_| refuse())?;
        total = count.checked_mul(unit).and_then(|ms| total.checked_add(ms)).ok_or_else(refuse)?;
    }
    if digits.is_empty() { Ok(total) } else { Err(refuse()) }
}

/// Reads a moment of this century: by RFC 3339 in UTC, seconds optional; or a length from `now` on.
///
/// # Errors
/// What was expected.
pub fn parse_moment(text: &str, now: u64) -> Result<u64, String> {
    if let Ok(ahead) = parse_span(text) {
        return now.checked_add(ahead).ok_or_else(|| format!("`{text}` is too far away"));
    }
    let refuse =
        || format!("`{text}` is not a moment; write 2026-03-27T08:00Z, or a length from now on like 10m");
    if !text.is_ascii() {
        return Err(refuse());
    }
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00Z"));
    let time = time.strip_suffix(['Z', 'z']).ok_or_else(refuse)?;
    Ok(day_start(date).ok_or_else(refuse)? + time_of_day(time).ok_or_else(refuse)?)
}

/// The first millisecond of a day like `2026-03-27`.
fn day_start(date: &str) -> Option<u64> {
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || month.len() != 2 || day.len() != 2 {
        return None;
    }
    let name = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
    let expiry = parse_day(&format!("{day}{name}{}", year.strip_prefix("20")?))?;
    Some(expiry.millis() / DAY_MS * DAY_MS)
}

/// Milliseconds of `08:00` or `08:00:30`.
fn time_of_day(text: &str) -> Option<u64> {
    let parts: Vec<&str> = text.split(':').collect();
    let two = |part: &str, most: u64| {
        let digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse::<u64>().ok())?.filter(|n| *n <= most)
    };
    let (hours, minutes) = (two(parts.first()?, 23)?, two(parts.get(1)?, 59)?);
    let seconds = match parts.get(2) {
        Some(part) => two(part, 59)?,
        None => 0,
    };
    (parts.len() <= 3).then_some(hours * HOUR_MS + minutes * MINUTE_MS + seconds * 1_000)
}

#[cfg(test)]
mod tests;
