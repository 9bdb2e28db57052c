//! Parquet files of flat columns: what a table needs of the format, and no more.
//!
//! A row group for each piece of rows, one uncompressed page of plain values a column in it. Apache Parquet format 2.10, its metadata in
//! the Thrift compact protocol.

use crate::{Cell, Column, Kind};

/// How a file begins and ends.
pub(crate) const MAGIC: &[u8] = b"PAR1";
/// Among the converted types.
const UTF8: i64 = 0;
const TIMESTAMP_MILLIS: i64 = 9;
/// Encodings: plain values; runs, for the levels that say which values are there.
const PLAIN: i64 = 0;
const RLE: i64 = 3;

/// What has been written of a file, as its footer will say it.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// Bytes after the first magic.
    written: usize,
    rows: usize,
    groups: Vec<Vec<u8>>,
}

impl Parts {
    /// The bytes of a row group; `None` when a page would not fit the format's 31 bits.
    pub(crate) fn group(&mut self, columns: &[Column], rows: &[Vec<Cell>]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let mut chunks = Vec::new();
        for (number, column) in columns.iter().enumerate() {
            let cells = rows.iter().filter_map(|row| row.get(number));
            let data = page(column, cells);
            let (count, length) = (i32::try_from(rows.len()).ok()?, i32::try_from(data.len()).ok()?);
            let offset = MAGIC.len() + self.written + out.len();
            let before = out.len();
            out.extend(page_header(count.into(), length.into()));
            out.extend(data);
            chunks.push(chunk(column, offset as i64, count.into(), (out.len() - before) as i64));
        }
        let group =
            Struct::default().list(1, STRUCT, &chunks).long(2, out.len() as i64).long(3, rows.len() as i64);
        self.groups.push(group.end());
        self.written += out.len();
        self.rows += rows.len();
        Some(out)
    }

    /// What comes after the last row group.
    pub(crate) fn footer(self, columns: &[Column]) -> Vec<u8> {
        let root = Struct::default().bytes(4, &text("schema")).int(5, columns.len() as i64).end();
        let schema: Vec<Vec<u8>> = std::iter::once(root).chain(columns.iter().map(leaf)).collect();
        let mut footer = Struct::default()
            .int(1, 1)
            .list(2, STRUCT, &schema)
            .long(3, self.rows as i64)
            .list(4, STRUCT, &self.groups)
            .bytes(6, &text("cenote"))
            .end();
        let length = footer.len() as u32;
        footer.extend(length.to_le_bytes());
        footer.extend(MAGIC);
        footer
    }
}

/// The format's number of the physical type.
const fn physical(kind: Kind) -> i64 {
    match kind {
        Kind::Int | Kind::Time => 2,
        Kind::Float => 5,
        Kind::Text => 6,
    }
}

/// A column's page: which values are there, where they need not be, and the values.
fn page<'a>(column: &Column, cells: impl Iterator<Item = &'a Cell> + Clone) -> Vec<u8> {
    let mut out = Vec::new();
    if column.optional {
        let levels = levels(cells.clone().map(|cell| *cell != Cell::Empty));
        out.extend((levels.len() as u32).to_le_bytes());
        out.extend(levels);
    }
    for cell in cells {
        match cell {
            Cell::Empty => {}
            Cell::Int(n) => out.extend(n.to_le_bytes()),
            Cell::Float(x) => out.extend(x.to_le_bytes()),
            Cell::Text(text) => {
                out.extend((text.len() as u32).to_le_bytes());
                out.extend(text.as_bytes());
            }
        }
    }
    out
}

/// Levels of one bit, packed: a single run of whole bytes, the first value in the lowest bit.
fn levels(there: impl Iterator<Item = bool>) -> Vec<u8> {
    let mut packed: Vec<u8> = Vec::new();
    for (number, there) in there.enumerate() {
        if number % 8 == 0 {
            packed.push(0);
        }
        if let (true, Some(last)) = (there, packed.last_mut()) {
            *last |= 1 << (number % 8);
        }
    }
    [varint((packed.len() as u64) << 1 | 1), packed].concat()
}

fn page_header(rows: i64, size: i64) -> Vec<u8> {
    let data_page = Struct::default().int(1, rows).int(2, PLAIN).int(3, RLE).int(4, RLE);
    Struct::default().int(1, 0).int(2, size).int(3, size).nested(5, data_page).end()
}

fn chunk(column: &Column, offset: i64, rows: i64, size: i64) -> Vec<u8> {
    let encodings: &[i64] = if column.optional { &[PLAIN, RLE] } else { &[PLAIN] };
    let encodings: Vec<Vec<u8>> = encodings.iter().map(|encoding| zigzag(*encoding)).collect();
    let metadata = Struct::default()
        .int(1, physical(column.kind))
        .list(2, I32, &encodings)
        .list(3, BINARY, &[text(column.name)])
        .int(4, 0)
        .long(5, rows)
        .long(6, size)
        .long(7, size)
        .long(9, offset);
    Struct::default().long(2, offset).nested(3, metadata).end()
}

fn leaf(column: &Column) -> Vec<u8> {
    let repetition = i64::from(column.optional);
    let leaf =
        Struct::default().int(1, physical(column.kind)).int(3, repetition).bytes(4, &text(column.name));
    match column.kind {
        Kind::Time => leaf.int(6, TIMESTAMP_MILLIS).end(),
        Kind::Text => leaf.int(6, UTF8).end(),
        Kind::Int | Kind::Float => leaf.end(),
    }
}

/// Types of the Thrift compact protocol.
const I32: u8 = 5;
const I64: u8 = 6;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

/// A Thrift struct on its way: fields by ascending number, each within fifteen of the one before.
#[derive(Default)]
struct Struct {
    bytes: Vec<u8>,
    last: u8,
}

impl Struct {
    fn field(mut self, number: u8, kind: u8, value: &[u8]) -> Self {
        self.bytes.push((number - self.last) << 4 | kind);
        self.last = number;
        self.bytes.extend(value);
        self
    }

    fn int(self, number: u8, value: i64) -> Self {
        self.field(number, I32, &zigzag(value))
    }

    fn long(self, number: u8, value: i64) -> Self {
        self.field(number, I64, &zigzag(value))
    }

    fn bytes(self, number: u8, value: &[u8]) -> Self {
        self.field(number, BINARY, value)
    }

    fn nested(self, number: u8, value: Self) -> Self {
        self.field(number, STRUCT, &value.end())
    }

    fn list(self, number: u8, kind: u8, items: &[Vec<u8>]) -> Self {
        let mut value = match u8::try_from(items.len()) {
            Ok(short) if short < 15 => vec![short << 4 | kind],
            _ => [vec![0xf0 | kind], varint(items.len() as u64)].concat(),
        };
        value.extend(items.concat());
        self.field(number, LIST, &value)
    }

    fn end(mut self) -> Vec<u8> {
        self.bytes.push(0);
        self.bytes
    }
}

fn text(text: &str) -> Vec<u8> {
    [varint(text.len() as u64), text.as_bytes().to_vec()].concat()
}

fn zigzag(value: i64) -> Vec<u8> {
    varint(((value << 1) ^ (value >> 63)) as u64)
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

#[cfg(test)]
mod tests;
