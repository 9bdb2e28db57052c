//! Readers of what the crate writes, made from the formats' specifications and not from the writers.

use cenote_table::{Cell, Column, Format, Kind};
use std::collections::BTreeMap;

/// The rows of a file.
pub fn read(format: Format, columns: &[Column], file: &[u8]) -> Vec<Vec<Cell>> {
    match format {
        Format::Csv => csv(columns, std::str::from_utf8(file).expect("text")),
        Format::Ndjson => ndjson(columns, std::str::from_utf8(file).expect("text")),
        Format::Parquet => parquet(columns, file),
    }
}

fn csv(columns: &[Column], text: &str) -> Vec<Vec<Cell>> {
    let (mut rows, mut row, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    let mut inside = false;
    while let Some(c) = chars.next() {
        match c {
            '"' if inside && chars.peek() == Some(&'"') => field.extend(chars.next()),
            '"' => (inside, quoted) = (!inside, true),
            ',' | '\n' if !inside => {
                row.push((std::mem::take(&mut field), std::mem::take(&mut quoted)));
                if c == '\n' {
                    rows.push(std::mem::take(&mut row));
                }
            }
            c => field.push(c),
        }
    }
    assert!(row.is_empty() && field.is_empty() && !inside, "the last line ends");
    let names: Vec<String> = rows.remove(0).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, columns.iter().map(|column| column.name).collect::<Vec<_>>());
    let cell = |(column, (field, quoted)): (&Column, (String, bool))| match column.kind {
        _ if field.is_empty() && !quoted => Cell::Empty,
        Kind::Int | Kind::Time => Cell::Int(field.parse().expect("a whole number")),
        Kind::Float => Cell::Float(field.parse().expect("a float")),
        Kind::Text => Cell::Text(field),
    };
    rows.into_iter().map(|row| columns.iter().zip(row).map(cell).collect()).collect()
}

fn ndjson(columns: &[Column], text: &str) -> Vec<Vec<Cell>> {
    let row = |line: &str| {
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(line).expect("an object");
        assert_eq!(object.len(), columns.len(), "{line}");
        let cell = |column: &Column| match (&object[column.name], column.kind) {
            (serde_json::Value::Null, _) => Cell::Empty,
            (value, Kind::Int | Kind::Time) => Cell::Int(value.as_i64().expect("a whole number")),
            (value, Kind::Float) => Cell::Float(value.to_string().parse().expect("a float")),
            (value, Kind::Text) => Cell::Text(value.as_str().expect("text").to_owned()),
        };
        columns.iter().map(cell).collect()
    };
    text.lines().map(row).collect()
}

/// A value of the Thrift compact protocol.
#[derive(Debug, Clone)]
enum Thrift {
    Int(i64),
    Bytes(Vec<u8>),
    List(Vec<Thrift>),
    Struct(BTreeMap<u8, Thrift>),
}

impl Thrift {
    fn at(&self, field: u8) -> &Self {
        let Self::Struct(fields) = self else { panic!("no struct: {self:?}") };
        fields.get(&field).unwrap_or_else(|| panic!("no field {field}: {self:?}"))
    }

    fn has(&self, field: u8) -> bool {
        matches!(self, Self::Struct(fields) if fields.contains_key(&field))
    }

    fn int(&self) -> i64 {
        if let Self::Int(value) = self { *value } else { panic!("no number: {self:?}") }
    }

    fn list(&self) -> &[Self] {
        if let Self::List(items) = self { items } else { panic!("no list: {self:?}") }
    }

    fn name(&self) -> &str {
        if let Self::Bytes(text) = self {
            std::str::from_utf8(text).unwrap()
        } else {
            panic!("no text: {self:?}")
        }
    }
}

struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count);
        self.0 = rest;
        taken
    }

    fn byte(&mut self) -> u8 {
        self.take(1)[0]
    }

    fn number(&mut self) -> usize {
        u32::from_le_bytes(self.take(4).try_into().unwrap()) as usize
    }

    fn varint(&mut self) -> u64 {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = self.byte();
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return value;
            }
        }
    }

    fn thrift(&mut self, kind: u8) -> Thrift {
        match kind {
            5 | 6 => {
                let coded = self.varint();
                Thrift::Int((coded >> 1) as i64 ^ -((coded & 1) as i64))
            }
            8 => {
                let length = self.varint() as usize;
                Thrift::Bytes(self.take(length).to_vec())
            }
            9 => {
                let head = self.byte();
                let count = if head >> 4 == 15 { self.varint() } else { u64::from(head >> 4) };
                Thrift::List((0..count).map(|_| self.thrift(head & 15)).collect())
            }
            12 => {
                let (mut fields, mut number) = (BTreeMap::new(), 0);
                loop {
                    let head = self.byte();
                    if head == 0 {
                        return Thrift::Struct(fields);
                    }
                    assert!(head >> 4 > 0, "numbers of fields are near one another here");
                    number += head >> 4;
                    fields.insert(number, self.thrift(head & 15));
                }
            }
            other => panic!("type {other} is not used"),
        }
    }
}

fn parquet(columns: &[Column], file: &[u8]) -> Vec<Vec<Cell>> {
    let (body, tail) = file.split_at(file.len() - 8);
    assert_eq!((&file[..4], &tail[4..]), (&b"PAR1"[..], &b"PAR1"[..]));
    let length = u32::from_le_bytes(tail[..4].try_into().unwrap()) as usize;
    let mut footer = Bytes(&body[body.len() - length..]);
    let metadata = footer.thrift(12);
    assert!(footer.0.is_empty(), "nothing comes after the footer");
    let schema = metadata.at(2).list();
    assert_eq!(schema[0].at(5).int() as usize, columns.len());
    for (column, leaf) in columns.iter().zip(&schema[1..]) {
        assert_eq!((leaf.at(4).name(), leaf.at(3).int()), (column.name, i64::from(column.optional)));
        let logical = if leaf.has(6) { Some(leaf.at(6).int()) } else { None };
        let expected = match column.kind {
            Kind::Int => (2, None),
            Kind::Time => (2, Some(9)),
            Kind::Float => (5, None),
            Kind::Text => (6, Some(0)),
        };
        assert_eq!((leaf.at(1).int(), logical), expected, "{}", column.name);
    }
    let mut rows = Vec::new();
    for group in metadata.at(4).list() {
        let count = group.at(3).int() as usize;
        let chunks = group.at(1).list();
        assert_eq!(chunks.len(), columns.len());
        let cells: Vec<Vec<Cell>> =
            columns.iter().zip(chunks).map(|(column, chunk)| cells(column, chunk, file, count)).collect();
        rows.extend((0..count).map(|row| cells.iter().map(|column| column[row].clone()).collect()));
    }
    assert_eq!(rows.len(), metadata.at(3).int() as usize);
    rows
}

fn cells(column: &Column, chunk: &Thrift, file: &[u8], count: usize) -> Vec<Cell> {
    let metadata = chunk.at(3);
    let (offset, size) = (metadata.at(9).int() as usize, metadata.at(7).int() as usize);
    let mut bytes = Bytes(&file[offset..offset + size]);
    let header = bytes.thrift(12);
    assert_eq!(header.at(2).int() as usize, bytes.0.len(), "one page a chunk");
    assert_eq!((header.at(5).at(1).int() as usize, metadata.at(5).int() as usize), (count, count));
    let there: Vec<bool> = if column.optional {
        let length = bytes.number();
        let mut levels = Bytes(bytes.take(length));
        let run = levels.varint();
        assert_eq!(run & 1, 1, "a packed run");
        let packed = levels.take((run >> 1) as usize).to_vec();
        assert!(levels.0.is_empty());
        (0..count).map(|row| packed[row / 8] >> (row % 8) & 1 == 1).collect()
    } else {
        vec![true; count]
    };
    let mut value = || match column.kind {
        Kind::Int | Kind::Time => Cell::Int(i64::from_le_bytes(bytes.take(8).try_into().unwrap())),
        Kind::Float => Cell::Float(f64::from_le_bytes(bytes.take(8).try_into().unwrap())),
        Kind::Text => {
            let length = bytes.number();
            Cell::Text(String::from_utf8(bytes.take(length).to_vec()).unwrap())
        }
    };
    let read = there.into_iter().map(|there| if there { value() } else { Cell::Empty }).collect();
    assert!(bytes.0.is_empty(), "{}", column.name);
    read
}
