//! What is written reads back, the same from every format.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

#[path = "support/reader.rs"]
mod reader;

use cenote_table::{Cell, Column, Format, Kind, Misfit, Writer, file};
use reader::read;

const COLUMNS: &[Column] = &[
    Column::new("seq", Kind::Int, "a number"),
    Column::new("time", Kind::Time, "a moment, ms"),
    Column::maybe("iv", Kind::Float, "a vol, percent"),
    Column::new("price", Kind::Float, "a price, quote"),
    Column::maybe("label", Kind::Text, "a mark"),
    Column::new("amount", Kind::Text, "an amount"),
    Column::maybe("tick", Kind::Int, "a number"),
];

/// A generator of numbers that look random (Marsaglia, "Xorshift RNGs", 2003).
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[(self.next() % all.len() as u64) as usize].clone()
    }

    fn cell(&mut self, column: &Column) -> Cell {
        if column.optional && self.next().is_multiple_of(3) {
            return Cell::Empty;
        }
        match column.kind {
            Kind::Int | Kind::Time => {
                let any = self.next() as i64;
                Cell::Int(self.of(&[0, -1, i64::MAX, i64::MIN, any]))
            }
            Kind::Float => {
                let any = f64::from_bits(self.next());
                let any = if any.is_finite() { any } else { 0.1 };
                Cell::Float(self.of(&[0.0, -0.0, f64::MIN_POSITIVE, f64::MAX, 1e-7, 0.1 + 0.2, any]))
            }
            Kind::Text => {
                let all =
                    ["", "plain", "a,b", "\"", "two\nlines\r\n", "null", "{\"a\":1}", "é\u{1F300}\u{7}", " "];
                Cell::Text(self.of(&all).to_owned())
            }
        }
    }

    fn rows(&mut self, count: usize) -> Vec<Vec<Cell>> {
        (0..count).map(|_| COLUMNS.iter().map(|column| self.cell(column)).collect()).collect()
    }
}

/// Cells compared to the bit: zero and minus zero differ.
fn same(a: &[Vec<Cell>], b: &[Vec<Cell>]) -> bool {
    format!("{a:?}") == format!("{b:?}")
}

#[test]
fn every_format_says_the_same() {
    let mut rng = Rng(0x9E37_79B9_7F4A_7C15);
    for count in [0, 1, 7, 8, 9, 300] {
        let rows = rng.rows(count);
        for format in Format::ALL {
            let whole = file(format, COLUMNS, &rows).unwrap();
            assert!(same(&read(format, COLUMNS, &whole), &rows), "{format:?} of {count} rows");
            // In pieces of any length the rows are the same; in text the bytes are, too.
            let (mut writer, mut pieces) = Writer::begin(format, COLUMNS);
            let mut rest = &rows[..];
            while !rest.is_empty() {
                let (piece, others) = rest.split_at((rng.next() % 40) as usize % (rest.len() + 1));
                pieces.extend(writer.rows(piece).unwrap());
                rest = others;
            }
            pieces.extend(writer.end());
            assert!(same(&read(format, COLUMNS, &pieces), &rows), "{format:?} of {count} rows in pieces");
            assert!(format == Format::Parquet || pieces == whole);
        }
    }
}

#[test]
fn a_row_that_is_none_of_the_tables_is_refused() {
    let row = Rng(7).rows(1).remove(0);
    let with = |at: usize, cell: Cell| {
        let mut row = row.clone();
        row[at] = cell;
        row
    };
    for (bad, expected) in [
        (row[..6].to_vec(), Misfit::Length(6)),
        (with(0, Cell::Empty), Misfit::Cell("seq")),
        (with(0, Cell::Float(1.0)), Misfit::Cell("seq")),
        (with(2, Cell::Float(f64::NAN)), Misfit::Cell("iv")),
        (with(3, Cell::Int(1)), Misfit::Cell("price")),
        (with(5, Cell::Int(1)), Misfit::Cell("amount")),
    ] {
        for format in Format::ALL {
            assert_eq!(file(format, COLUMNS, &[row.clone(), bad.clone()]), Err(expected.clone()));
        }
    }
}

/// Only with `CENOTE_TABLE_OUT=DIR`: the files of one table, for readers of others to be compared with.
#[test]
fn files_for_other_readers() {
    let Some(directory) = std::env::var_os("CENOTE_TABLE_OUT") else {
        println!("skipped: CENOTE_TABLE_OUT names no directory");
        return;
    };
    let rows = Rng(42).rows(1_000);
    for format in Format::ALL {
        let path = std::path::Path::new(&directory).join(format!("table.{}", format.ending()));
        let (mut writer, mut out) = Writer::begin(format, COLUMNS);
        rows.chunks(300).for_each(|piece| out.extend(writer.rows(piece).unwrap()));
        out.extend(writer.end());
        std::fs::write(path, out).unwrap();
    }
}
