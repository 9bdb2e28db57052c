//! Parquet files of plain columns: what a table of numbers needs of the format, and no more.
//!
//! One row group, one uncompressed page a column, every value there. Apache Parquet format 2.10, its metadata in the
//! Thrift compact protocol.

/// A column's values.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Whole numbers.
    Int(Vec<i64>),
    /// Milliseconds since 1970, UTC.
    Time(Vec<i64>),
    /// Floats.
    Float(Vec<f64>),
}

/// A named column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its values, as many as every other column's.
    pub values: Values,
}

impl Values {
    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Int(values) | Self::Time(values) => values.len(),
            Self::Float(values) => values.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn plain(&self) -> Vec<u8> {
        match self {
            Self::Int(values) | Self::Time(values) => values.iter().flat_map(|v| v.to_le_bytes()).collect(),
            Self::Float(values) => values.iter().flat_map(|v| v.to_le_bytes()).collect(),
        }
    }

    /// The format's number of the physical type.
    const fn physical(&self) -> i64 {
        match self {
            Self::Int(_) | Self::Time(_) => 2,
            Self::Float(_) => 5,
        }
    }
}

const MAGIC: &[u8] = b"PAR1";
/// `TIMESTAMP_MILLIS` among the converted types.
const TIMESTAMP_MILLIS: i64 = 9;
/// Encodings: plain values; run lengths, for the levels that required columns do not have.
const PLAIN: i64 = 0;
const RLE: i64 = 3;

/// The bytes of a file; `None` when columns differ in length or a page would not fit the format's 31 bits.
#[must_use]
pub fn file(columns: &[Column]) -> Option<Vec<u8>> {
    let rows = columns.first().map_or(0, |column| column.values.len());
    if columns.iter().any(|column| column.values.len() != rows) || rows >= 1 << 28 {
        return None;
    }
    let mut out = MAGIC.to_vec();
    let mut chunks = Vec::new();
    for column in columns {
        let (offset, data) = (out.len() as i64, column.values.plain());
        out.extend(page_header(rows as i64, data.len() as i64));
        out.extend(data);
        chunks.push(chunk(column, offset, rows as i64, out.len() as i64 - offset));
    }
    let size = out.len() as i64 - MAGIC.len() as i64;
    let footer = footer(columns, chunks, rows as i64, size);
    out.extend(&footer);
    out.extend((footer.len() as u32).to_le_bytes());
    out.extend(MAGIC);
    Some(out)
}

fn page_header(rows: i64, size: i64) -> Vec<u8> {
    let data_page = Struct::default().int(1, rows).int(2, PLAIN).int(3, RLE).int(4, RLE);
    Struct::default().int(1, 0).int(2, size).int(3, size).nested(5, data_page).end()
}

fn chunk(column: &Column, offset: i64, rows: i64, size: i64) -> Vec<u8> {
    let encodings = vec![zigzag(PLAIN)];
    let metadata = Struct::default()
        .int(1, column.values.physical())
        .list(2, I32, &encodings)
        .list(3, BINARY, &[text(column.name)])
        .int(4, 0)
        .long(5, rows)
        .long(6, size)
        .long(7, size)
        .long(9, offset);
    Struct::default().long(2, offset).nested(3, metadata).end()
}

fn footer(columns: &[Column], chunks: Vec<Vec<u8>>, rows: i64, size: i64) -> Vec<u8> {
    let root = Struct::default().bytes(4, &text("schema")).int(5, columns.len() as i64).end();
    let leaf = |column: &Column| {
        let leaf = Struct::default().int(1, column.values.physical()).int(3, 0).bytes(4, &text(column.name));
        match column.values {
            Values::Time(_) => leaf.int(6, TIMESTAMP_MILLIS).end(),
            _ => leaf.end(),
        }
    };
    let schema: Vec<Vec<u8>> = std::iter::once(root).chain(columns.iter().map(leaf)).collect();
    let group = Struct::default().list(1, STRUCT, &chunks).long(2, size).long(3, rows).end();
    Struct::default()
        .int(1, 1)
        .list(2, STRUCT, &schema)
        .long(3, rows)
        .list(4, STRUCT, &[group])
        .bytes(6, &text("cenote"))
        .end()
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
