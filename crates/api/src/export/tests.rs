use super::{ALL, FILES, named};
use cenote_table::Format;
use std::collections::BTreeSet;

#[test]
fn every_export_is_there_in_every_format_and_nothing_else_is() {
    let mut files = Vec::new();
    for export in ALL {
        for format in Format::ALL {
            let file = format!("{}.{}", export.name, format.ending());
            assert_eq!(named(&file), Some((export, format)));
            files.push(file);
        }
    }
    assert_eq!(files, FILES);
    for other in ["fills", "fills.", ".csv", "fills.csv.gz", "fills.CSV", "trades.csv", "../fills.csv"] {
        assert_eq!(named(other), None, "{other}");
    }
}

/// Columns are told apart, and each says what it holds; amounts that are exact say so, and are text.
#[test]
fn every_column_is_described() {
    for export in ALL {
        let names: BTreeSet<&str> = export.columns.iter().map(|column| column.name).collect();
        assert_eq!(names.len(), export.columns.len(), "{}", export.name);
        for column in export.columns {
            assert!(column.what.len() > 4, "{}.{}", export.name, column.name);
            let exact = column.what.ends_with("exact");
            assert!(!exact || column.kind == cenote_table::Kind::Text, "{}.{}", export.name, column.name);
        }
    }
}
