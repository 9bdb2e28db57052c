//! Tables as files: CSV, JSON lines and Parquet. Rows come in pieces, so that a table need not fit into memory.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // No chain runs this crate.
#![forbid(unsafe_code)]

mod parquet;
mod text;

use std::fmt;

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Whole numbers.
    Int,
    /// Milliseconds since 1970, UTC.
    Time,
    /// Floats.
    Float,
    /// Text, exact amounts among it.
    Text,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What its cells hold.
    pub kind: Kind,
    /// A cell may be empty.
    pub optional: bool,
    /// What it says, with its unit.
    pub what: &'static str,
}

impl Column {
    /// A column whose cells all hold something.
    #[must_use]
    pub const fn new(name: &'static str, kind: Kind, what: &'static str) -> Self {
        Self { name, kind, optional: false, what }
    }

    /// A column whose cells may be empty.
    #[must_use]
    pub const fn maybe(name: &'static str, kind: Kind, what: &'static str) -> Self {
        Self { name, kind, optional: true, what }
    }
}

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Not known, or not applicable.
    Empty,
    /// Of a column of whole numbers or times.
    Int(i64),
    /// Of a column of floats: a finite one.
    Float(f64),
    /// Of a column of text.
    Text(String),
}

impl Cell {
    /// A number that is never as large as an `i64` can be.
    #[must_use]
    pub fn count(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// A figure; empty when it is not finite or not known.
    #[must_use]
    pub fn figure(figure: Option<f64>) -> Self {
        figure.filter(|figure| figure.is_finite()).map_or(Self::Empty, Self::Float)
    }

    /// Text of anything that can be shown.
    #[must_use]
    pub fn text(shown: impl fmt::Display) -> Self {
        Self::Text(shown.to_string())
    }
}

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text with a header, RFC 4180 with plain line feeds. An empty cell is nothing, an empty text two quotes.
    Csv,
    /// An object a line; an empty cell is `null`.
    Ndjson,
    /// Apache Parquet: plain values, uncompressed, a row group for each piece of rows.
    Parquet,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Ndjson, Self::Parquet];

    /// The ending of its files' names.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
        }
    }

    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Ndjson => "application/x-ndjson",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    /// The format of an ending.
    #[must_use]
    pub fn of(ending: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.ending() == ending)
    }
}

/// A row that is none of the table's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    /// It has another number of cells than there are columns.
    Length(usize),
    /// A cell is not what its column holds.
    Cell(&'static str),
    /// So much at once that the format cannot say how much.
    Size,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(cells) => write!(f, "a row has {cells} cells, which is not one a column"),
            Self::Cell(column) => write!(f, "a cell of {column} is not what that column holds"),
            Self::Size => write!(f, "these rows are too large for one piece; write fewer at once"),
        }
    }
}

impl std::error::Error for Misfit {}

/// Rows of one piece that suit every format: few enough for memory, many enough for whoever reads a Parquet file by row groups.
pub const PIECE: usize = 16_384;

/// A table on its way into a file. What its methods return is the file, piece after piece.
#[derive(Debug)]
pub struct Writer {
    format: Format,
    columns: &'static [Column],
    parquet: parquet::Parts,
}

impl Writer {
    /// A writer, and how the file begins.
    #[must_use]
    pub fn begin(format: Format, columns: &'static [Column]) -> (Self, Vec<u8>) {
        let head = match format {
            Format::Csv => text::header(columns),
            Format::Ndjson => Vec::new(),
            Format::Parquet => parquet::MAGIC.to_vec(),
        };
        (Self { format, columns, parquet: parquet::Parts::default() }, head)
    }

    /// The next rows.
    ///
    /// # Errors
    /// A row that is none of this table's; the file is then of no use.
    pub fn rows(&mut self, rows: &[Vec<Cell>]) -> Result<Vec<u8>, Misfit> {
        rows.iter().try_for_each(|row| fits(self.columns, row))?;
        match self.format {
            Format::Csv => Ok(text::csv(rows)),
            Format::Ndjson => Ok(text::ndjson(self.columns, rows)),
            Format::Parquet if rows.is_empty() => Ok(Vec::new()),
            Format::Parquet => self.parquet.group(self.columns, rows).ok_or(Misfit::Size),
        }
    }

    /// How the file ends.
    #[must_use]
    pub fn end(self) -> Vec<u8> {
        match self.format {
            Format::Csv | Format::Ndjson => Vec::new(),
            Format::Parquet => self.parquet.footer(self.columns),
        }
    }
}

/// A whole table at once.
///
/// # Errors
/// As [`Writer::rows`].
pub fn file(format: Format, columns: &'static [Column], rows: &[Vec<Cell>]) -> Result<Vec<u8>, Misfit> {
    let (mut writer, mut out) = Writer::begin(format, columns);
    for piece in rows.chunks(PIECE) {
        out.extend(writer.rows(piece)?);
    }
    out.extend(writer.end());
    Ok(out)
}

fn fits(columns: &[Column], row: &[Cell]) -> Result<(), Misfit> {
    if row.len() != columns.len() {
        return Err(Misfit::Length(row.len()));
    }
    for (column, cell) in columns.iter().zip(row) {
        let good = match (cell, column.kind) {
            (Cell::Empty, _) => column.optional,
            (Cell::Float(x), Kind::Float) => x.is_finite(),
            (Cell::Int(_), Kind::Int | Kind::Time) | (Cell::Text(_), Kind::Text) => true,
            _ => false,
        };
        if !good {
            return Err(Misfit::Cell(column.name));
        }
    }
    Ok(())
}
