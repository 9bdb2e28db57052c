//! Dates with times, to and from milliseconds since 1970 in UTC.

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Reads `2026-05-23T16:12:24.466944+00:00` (or a space for `T`, or `Z` for the offset), fractions of a millisecond
/// dropped. `None` when it is not such a date.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let (date, rest) = text.trim().split_once(['T', ' '])?;
    let (clock, offset_ms) = split_offset(rest)?;
    let mut fields = date.splitn(3, '-');
    let year: i64 = digits(fields.next()?, 4, 4)?;
    let month: i64 = digits(fields.next()?, 2, 2)?;
    let day: i64 = digits(fields.next()?, 2, 2)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut fields = clock.splitn(3, ':');
    let hour: i64 = digits(fields.next()?, 2, 2)?;
    let minute: i64 = digits(fields.next()?, 2, 2)?;
    let second: i64 = digits(fields.next().unwrap_or("00"), 2, 2)?;
    let milli: i64 = {
        digits(fraction, 1, 9)?;
        let padded: String = fraction.chars().chain("000".chars()).take(3).collect();
        padded.parse().ok()?
    };
    let days = days_from_civil(year, month, day);
    // A date that does not exist, such as 30 February, does not come back as itself.
    let exists = civil_from_days(days) == (year, month, day);
    if !exists || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some(days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + milli - offset_ms)
}

/// Writes `2026-05-23T16:12:24Z`, with milliseconds when there are any.
pub(crate) fn format(at_ms: i64) -> String {
    let (year, month, day) = civil_from_days(at_ms.div_euclid(DAY_MS));
    let ms = at_ms.rem_euclid(DAY_MS);
    let (hour, minute, second, milli) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
    let fraction = if milli == 0 { String::new() } else { format!(".{milli:03}") };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

/// The clock part and the milliseconds that its zone is ahead of UTC.
fn split_offset(text: &str) -> Option<(&str, i64)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let at = text.rfind(['+', '-'])?;
    let (clock, offset) = text.split_at(at);
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = offset[1..].split_once(':')?;
    let (hours, minutes): (i64, i64) = (digits(hours, 2, 2)?, digits(minutes, 2, 2)?);
    Some((clock, sign * (hours * 60 + minutes) * 60_000))
}

fn digits(text: &str, least: usize, most: usize) -> Option<i64> {
    let fits = (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

/// Days since 1970 of a date of the proleptic Gregorian calendar, from the day count of a 400-year era that begins
/// on 1 March.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests;
