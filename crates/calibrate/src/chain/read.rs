//! CSV, plain or gzipped, to a chain.

use super::{Chain, ChainError, ChainExpiry, Dropped, Quote, Right};
use crate::time;
use cenote_pricing::math::ln_ratio;
use csv::{ErrorKind, Reader, StringRecord};
use flate2::read::MultiGzDecoder;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

const COLUMNS: [&str; 10] = [
    "timestamp",
    "currency",
    "option_type",
    "strike",
    "expiry_datetime",
    "underlying",
    "index_price",
    "bid_price",
    "ask_price",
    "delta",
];

/// Reads the options of one currency from a CSV file, gzipped or not, with the columns `timestamp`, `currency`,
/// `option_type`, `strike`, `expiry_datetime`, `underlying` (the expiry's forward), `index_price`, `bid_price`,
/// `ask_price` (both in coin) and `delta`, in any order among others.
///
/// # Errors
/// [`ChainError`], which names the file, and the line and column where there is one.
pub fn read(path: &Path, currency: &str) -> Result<Chain, ChainError> {
    let open = |source| ChainError::Open { path: path.to_path_buf(), source };
    let file = BufReader::new(File::open(path).map_err(open)?);
    read_from(file, path, currency)
}

/// Reads a chain from any reader; `path` is what errors call it.
///
/// # Errors
/// See [`read`].
pub fn read_from(mut input: impl BufRead, path: &Path, currency: &str) -> Result<Chain, ChainError> {
    let fail = |source| ChainError::Read { path: path.to_path_buf(), after_line: 0, source };
    let gzip = input.fill_buf().map_err(fail)?.starts_with(&[0x1f, 0x8b]);
    if gzip {
        rows(Reader::from_reader(MultiGzDecoder::new(input)), path, currency)
    } else {
        rows(Reader::from_reader(input), path, currency)
    }
}

/// A row of the currency that has been understood.
struct Row {
    at_ms: i64,
    expiry_ms: i64,
    index: f64,
    forward: f64,
    quote: Option<Quote>,
}

fn rows<R: Read>(mut reader: Reader<R>, path: &Path, currency: &str) -> Result<Chain, ChainError> {
    let header = reader.headers().map_err(|e| csv_error(path, 0, e))?.clone();
    let columns = locate(&header, path)?;
    let mut record = StringRecord::new();
    let (mut rows, mut dropped, mut others) = (Vec::new(), Dropped::default(), BTreeSet::new());
    let mut line = 1;
    while reader.read_record(&mut record).map_err(|e| csv_error(path, line, e))? {
        line = record.position().map_or(line + 1, csv::Position::line);
        let fields = Fields { record: &record, columns: &columns, line, path };
        if fields.text(1) == currency {
            rows.push(row(&fields, &mut dropped)?);
        } else if !others.contains(fields.text(1)) {
            others.insert(fields.text(1).to_string());
        }
    }
    if rows.is_empty() {
        let (currency, found) = (currency.to_string(), others.into_iter().collect());
        return Err(ChainError::NoCurrency { path: path.to_path_buf(), currency, found });
    }
    assemble(rows, dropped, path, currency)
}

/// Where each of [`COLUMNS`] is.
fn locate(header: &StringRecord, path: &Path) -> Result<[usize; COLUMNS.len()], ChainError> {
    let mut columns = [0; COLUMNS.len()];
    for (slot, column) in columns.iter_mut().zip(COLUMNS) {
        *slot = header.iter().position(|name| name.trim() == column).ok_or_else(|| ChainError::NoColumn {
            path: path.to_path_buf(),
            column,
            header: header.iter().map(str::to_string).collect(),
        })?;
    }
    Ok(columns)
}

struct Fields<'a> {
    record: &'a StringRecord,
    columns: &'a [usize; COLUMNS.len()],
    line: u64,
    path: &'a Path,
}

impl Fields<'_> {
    fn text(&self, column: usize) -> &str {
        self.record[self.columns[column]].trim()
    }

    fn wrong(&self, column: usize, expected: &'static str) -> ChainError {
        ChainError::Field {
            path: self.path.to_path_buf(),
            line: self.line,
            column: COLUMNS[column],
            value: self.text(column).to_string(),
            expected,
        }
    }

    fn time(&self, column: usize) -> Result<i64, ChainError> {
        let expected = "a time such as 2026-05-23T16:12:24+00:00";
        time::parse(self.text(column)).ok_or_else(|| self.wrong(column, expected))
    }

    fn positive(&self, column: usize) -> Result<f64, ChainError> {
        match self.text(column).parse::<f64>() {
            Ok(value) if (1e-12..=1e15).contains(&value) => Ok(value),
            _ => Err(self.wrong(column, "a positive number")),
        }
    }

    /// A price that venues leave out at times: empty, `nan` and zero are `None`.
    fn price(&self, column: usize) -> Result<Option<f64>, ChainError> {
        match self.maybe(column)? {
            Some(price) if price < 0.0 => Err(self.wrong(column, "a price, which is not negative")),
            price => Ok(price.filter(|price| *price > 0.0)),
        }
    }

    /// A number that venues leave out at times: empty and `nan` are `None`.
    fn maybe(&self, column: usize) -> Result<Option<f64>, ChainError> {
        let text = self.text(column);
        if text.is_empty() || text.eq_ignore_ascii_case("nan") {
            return Ok(None);
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() && value.abs() <= 1e15 => Ok(Some(value)),
            _ => Err(self.wrong(column, "a number, or nothing")),
        }
    }
}

fn row(fields: &Fields<'_>, dropped: &mut Dropped) -> Result<Row, ChainError> {
    let right = match fields.text(2) {
        "call" | "C" => Right::Call,
        "put" | "P" => Right::Put,
        _ => return Err(fields.wrong(2, "`call` or `put`")),
    };
    let (strike, forward) = (fields.positive(3)?, fields.positive(5)?);
    let (bid, ask) = (fields.price(7)?, fields.price(8)?);
    let mut row = Row {
        at_ms: fields.time(0)?,
        expiry_ms: fields.time(4)?,
        index: fields.positive(6)?,
        forward,
        quote: None,
    };
    match (bid, ask, fields.maybe(9)?) {
        (None, _, _) | (_, None, _) => dropped.one_sided += 1,
        (Some(bid), Some(ask), _) if bid >= ask => dropped.crossed += 1,
        (_, _, None) => dropped.no_delta += 1,
        (_, _, Some(delta)) if delta.abs() > 1.0 => return Err(fields.wrong(9, "a delta, within -1 and 1")),
        (Some(bid), Some(ask), Some(delta)) => {
            row.quote = Some(Quote { right, log_moneyness: ln_ratio(strike, forward), bid, ask, delta });
        }
    }
    Ok(row)
}

fn assemble(rows: Vec<Row>, mut dropped: Dropped, path: &Path, currency: &str) -> Result<Chain, ChainError> {
    let count = rows.len();
    let snapshot_ms = rows.iter().map(|row| row.at_ms).max().unwrap_or(0);
    let index = median(rows.iter().map(|row| row.index).collect());
    let mut by_expiry: BTreeMap<i64, Vec<Row>> = BTreeMap::new();
    for row in rows {
        if row.expiry_ms <= snapshot_ms {
            dropped.expired += usize::from(row.quote.is_some());
        } else {
            by_expiry.entry(row.expiry_ms).or_default().push(row);
        }
    }
    let expiry = |(expiry_ms, rows): (i64, Vec<Row>)| ChainExpiry {
        expiry_ms,
        forward: median(rows.iter().map(|row| row.forward).collect()),
        carry: median(rows.iter().map(|row| ln_ratio(row.forward, row.index)).collect()),
        quotes: rows.into_iter().filter_map(|row| row.quote).collect(),
    };
    let expiries: Vec<_> =
        by_expiry.into_iter().map(expiry).filter(|expiry| !expiry.quotes.is_empty()).collect();
    let currency = currency.to_string();
    if expiries.is_empty() {
        let path = path.to_path_buf();
        return Err(ChainError::NoTwoSidedQuotes { path, currency, rows: count, dropped });
    }
    Ok(Chain { currency, snapshot_ms, index, expiries, dropped })
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

fn csv_error(path: &Path, after_line: u64, error: csv::Error) -> ChainError {
    let path = path.to_path_buf();
    let text = error.to_string();
    match error.into_kind() {
        ErrorKind::Io(source) => ChainError::Read { path, after_line, source },
        ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.map_or(after_line + 1, |pos| pos.line());
            ChainError::Ragged { path, line, fields: len, expected: expected_len }
        }
        _ => ChainError::Read { path, after_line, source: io::Error::other(text) },
    }
}
