//! Tapes from files: CSV, plain or gzipped, with a time and a close.

use super::{Gap, SPACING_MAX, Tape, Tick};
use cenote_units::{Millis, Price, Timestamp};
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Times from here on are milliseconds, before it seconds: year 5138 in seconds, year 1973 in milliseconds.
const MILLISECONDS_FROM: u64 = 100_000_000_000;
/// A price moves by no more than this factor between two rows; more is a broken file.
const MOVE_MAX: u128 = 10;
/// Names of the column with the time, in lower case.
const TIME_COLUMNS: [&str; 3] = ["ts", "timestamp", "time"];

/// Why a file is not a tape. Lines count from 1, the header's.
#[derive(Debug)]
pub enum TapeError {
    /// It cannot be opened.
    Open(PathBuf, io::Error),
    /// It cannot be read to its end.
    Read(PathBuf, u64, io::Error),
    /// Its header lacks a column.
    Column(PathBuf, &'static str, String),
    /// A row does not say what it must.
    Row(PathBuf, u64, String),
    /// The whole does not make a tape.
    Whole(PathBuf, String),
}

impl fmt::Display for TapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(path, error) => write!(f, "cannot open {}: {error}", path.display()),
            Self::Read(path, after, error) => {
                write!(f, "{}: cannot be read after line {after}: {error}", path.display())
            }
            Self::Column(path, expected, header) => {
                write!(f, "{}:1: there is no column {expected}; the header is `{header}`", path.display())
            }
            Self::Row(path, line, what) => write!(f, "{}:{line}: {what}", path.display()),
            Self::Whole(path, what) => write!(f, "{}: {what}", path.display()),
        }
    }
}

impl std::error::Error for TapeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Open(_, error) | Self::Read(_, _, error) => Some(error),
            _ => None,
        }
    }
}

/// Reads a tape.
///
/// A row has the time at which its bar opened, in seconds or milliseconds since 1970, in a column named `ts`,
/// `timestamp` or `time`, and a price in a column named `close`; the tick is then published when the bar closes, one
/// spacing later. Where the column is named `price` the row is a tick at its own time. Other columns are ignored.
///
/// # Errors
/// [`TapeError`], with the line and what was expected. Times must rise from row to row; silences may last up to
/// [`Tape::GAP_MAX`] each and [`Tape::GAPS_PER_MILLE_MAX`] of the tape together.
pub fn read(path: &Path) -> Result<Tape, TapeError> {
    let file = File::open(path).map_err(|error| TapeError::Open(path.into(), error))?;
    let mut reader = BufReader::new(file);
    let packed =
        reader.fill_buf().map_err(|e| TapeError::Read(path.into(), 0, e))?.starts_with(&[0x1f, 0x8b]);
    let text: Box<dyn Read> =
        if packed { Box::new(flate2::bufread::MultiGzDecoder::new(reader)) } else { Box::new(reader) };
    parse(path, BufReader::new(text))
}

/// Where the columns are.
struct Columns {
    time: usize,
    price: usize,
    count: usize,
    /// The price is that of the end of a bar.
    closes: bool,
}

fn parse(path: &Path, reader: impl BufRead) -> Result<Tape, TapeError> {
    let mut lines = reader.lines().zip(1u64..);
    let whole = |what: String| TapeError::Whole(path.into(), what);
    let (header, _) = lines.next().ok_or_else(|| whole("the file is empty; a header was expected".into()))?;
    let header = header.map_err(|error| TapeError::Read(path.into(), 0, error))?;
    let columns = columns(path, &header)?;
    let mut ticks: Vec<Tick> = Vec::new();
    for (line, number) in lines {
        let line = line.map_err(|error| TapeError::Read(path.into(), number - 1, error))?;
        if line.trim().is_empty() {
            continue;
        }
        let tick = row(&line, &columns).and_then(|tick| follows(ticks.last(), tick));
        ticks.push(tick.map_err(|what| TapeError::Row(path.into(), number, what))?);
    }
    if ticks.len() < Tape::TICKS_MIN {
        return Err(whole(format!("{} rows; at least {} were expected", ticks.len(), Tape::TICKS_MIN)));
    }
    let spacing = median_step(&ticks);
    if spacing > SPACING_MAX {
        let hours = spacing.get() as f64 / 3.6e6;
        return Err(whole(format!("its rows are {hours:.1} h apart; 4 h or less were expected")));
    }
    if columns.closes {
        ticks.iter_mut().for_each(|tick| tick.at = tick.at.after(spacing));
    }
    let tape = Tape { source: path.display().to_string(), spacing, gaps: gaps(&ticks, spacing), ticks };
    check_gaps(&tape).map_err(whole)?;
    Ok(tape)
}

fn columns(path: &Path, header: &str) -> Result<Columns, TapeError> {
    let names: Vec<String> =
        header.trim_start_matches('\u{feff}').split(',').map(|name| name.trim().to_lowercase()).collect();
    let place = |wanted: &[&str]| names.iter().position(|name| wanted.contains(&name.as_str()));
    let missing = |what| {
        let shown: String = header.chars().take(80).collect();
        TapeError::Column(path.into(), what, shown)
    };
    let time = place(&TIME_COLUMNS).ok_or_else(|| missing("`ts`, `timestamp` or `time`"))?;
    let close = place(&["close"]);
    let price = close.or_else(|| place(&["price"])).ok_or_else(|| missing("`close` or `price`"))?;
    Ok(Columns { time, price, count: names.len(), closes: close.is_some() })
}

fn row(line: &str, columns: &Columns) -> Result<Tick, String> {
    let fields: Vec<&str> = line.split(',').map(str::trim).collect();
    if fields.len() != columns.count {
        return Err(format!("{} fields; the header has {}", fields.len(), columns.count));
    }
    let (time, price) = (fields[columns.time], fields[columns.price]);
    let at = time_of(time).ok_or_else(|| {
        format!("the time is `{time}`; whole seconds or milliseconds since 1970 were expected")
    })?;
    let price = price_of(price).ok_or_else(|| {
        format!("the price is `{price}`; a number above 0 and up to 100,000,000 was expected")
    })?;
    Ok(Tick { at, price })
}

fn time_of(text: &str) -> Option<Timestamp> {
    // Exports of data frames write whole seconds as `1651708800.0`.
    let whole = text
        .split_once('.')
        .map_or(text, |(whole, rest)| if rest.bytes().all(|b| b == b'0') { whole } else { text });
    let units: u64 = whole.parse().ok()?;
    let ms = if units < MILLISECONDS_FROM { units.checked_mul(1_000)? } else { units };
    Timestamp::from_millis(ms).ok()
}

/// A decimal number to 1e-12, exactly; digits beyond are cut. Exponents are refused but for a plain zero.
fn price_of(text: &str) -> Option<Price> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let units: u128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let padded: String = fraction.chars().chain(std::iter::repeat('0')).take(12).collect();
    let units = units.checked_mul(1_000_000_000_000)?.checked_add(padded.parse().ok()?)?;
    Price::new(units).ok().filter(|price| !price.is_zero())
}

/// The tick, if it may come after the one before it.
fn follows(before: Option<&Tick>, tick: Tick) -> Result<Tick, String> {
    let Some(before) = before else { return Ok(tick) };
    let (a, b) = (before.at.millis(), tick.at.millis());
    if b == a {
        return Err(format!("the time {b} ms is that of the row before; later times were expected"));
    }
    if b < a {
        return Err(format!("the time goes back from {a} to {b} ms; later times were expected"));
    }
    let (p, q) = (before.price.get(), tick.price.get());
    if p.max(q) > p.min(q).saturating_mul(MOVE_MAX) {
        let (p, q) = (before.price, tick.price);
        return Err(format!(
            "the price goes from {p} to {q} in one row; less than a factor of {MOVE_MAX} was expected"
        ));
    }
    Ok(tick)
}

pub(super) fn median_step(ticks: &[Tick]) -> Millis {
    let mut steps: Vec<u64> = ticks.windows(2).map(|pair| pair[1].at.since(pair[0].at).get()).collect();
    steps.sort_unstable();
    Millis::new(steps.get(steps.len() / 2).copied().unwrap_or(0))
}

fn gaps(ticks: &[Tick], spacing: Millis) -> Vec<Gap> {
    let steps = ticks.windows(2).map(|pair| Gap { from: pair[0].at, length: pair[1].at.since(pair[0].at) });
    steps.filter(|gap| 2 * gap.length.get() > 3 * spacing.get()).collect()
}

fn check_gaps(tape: &Tape) -> Result<(), String> {
    let hours = |length: Millis| length.get() as f64 / 3.6e6;
    if let Some(gap) = tape.gaps.iter().find(|gap| gap.length > Tape::GAP_MAX) {
        let (from, length, most) = (gap.from.millis(), hours(gap.length), hours(Tape::GAP_MAX));
        return Err(format!(
            "no prices for {length:.1} h from {from} ms on; at most {most:.0} h were expected"
        ));
    }
    let (silence, length) = (tape.silence().get(), tape.length().get());
    if silence.saturating_mul(1_000) > length.saturating_mul(Tape::GAPS_PER_MILLE_MAX) {
        let share = silence as f64 / length as f64 * 100.0;
        let most = Tape::GAPS_PER_MILLE_MAX as f64 / 10.0;
        return Err(format!(
            "{} gaps are {share:.1}% of its time; at most {most:.0}% were expected",
            tape.gaps.len()
        ));
    }
    Ok(())
}
