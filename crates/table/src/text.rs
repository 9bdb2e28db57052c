//! Tables as lines of text.

use crate::{Cell, Column};
use serde_json::Value;
use std::fmt::Write as _;

/// The header of a CSV file.
pub(crate) fn header(columns: &[Column]) -> Vec<u8> {
    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    (names.join(",") + "\n").into_bytes()
}

/// Rows as RFC 4180 writes them, but for the carriage returns. Floats are the shortest that read back the same.
pub(crate) fn csv(rows: &[Vec<Cell>]) -> Vec<u8> {
    let mut out = String::new();
    for row in rows {
        for (number, cell) in row.iter().enumerate() {
            if number > 0 {
                out.push(',');
            }
            // Writing to a string does not fail.
            let _ = match cell {
                Cell::Empty => Ok(()),
                Cell::Int(n) => write!(out, "{n}"),
                Cell::Float(x) => write!(out, "{x}"),
                Cell::Text(text) if text.is_empty() || text.contains([',', '"', '\n', '\r']) => {
                    write!(out, "\"{}\"", text.replace('"', "\"\""))
                }
                Cell::Text(text) => write!(out, "{text}"),
            };
        }
        out.push('\n');
    }
    out.into_bytes()
}

/// An object a line, its fields in the order of the columns.
pub(crate) fn ndjson(columns: &[Column], rows: &[Vec<Cell>]) -> Vec<u8> {
    let mut out = String::new();
    for row in rows {
        for (number, (column, cell)) in columns.iter().zip(row).enumerate() {
            let value = match cell {
                Cell::Empty => Value::Null,
                Cell::Int(n) => Value::from(*n),
                Cell::Float(x) => Value::from(*x),
                Cell::Text(text) => Value::from(text.as_str()),
            };
            let before = if number == 0 { '{' } else { ',' };
            let _ = write!(out, "{before}{}:{value}", Value::from(column.name));
        }
        out.push_str("}\n");
    }
    out.into_bytes()
}
