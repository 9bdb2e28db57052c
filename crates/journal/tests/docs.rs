//! The tables of `docs/spec/journal.md` are current. `UPDATE_DOCS=1 cargo test -p cenote-journal --test docs` rewrites them.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use cenote_journal::{Row, Stop, Treatment, Witness, judge};
use std::fmt::Write as _;

const HEADING: &str = "## Every case\n";

fn tables() -> String {
    let mut text = String::from(HEADING);
    text.push_str(
        "\nGenerated from `crates/journal/src/table.rs`; a test keeps it current. Down: why the walk over the entries ends. Across: what\n\
         proves that the entry which should come next had been on the disk.\n\n| the walk ends at |",
    );
    for witness in Witness::ALL {
        let _ = write!(text, " {witness:?} |");
    }
    text.push_str("\n|---|---|---|---|---|\n");
    for stop in Stop::ALL {
        let _ = write!(text, "| {stop:?} |");
        for witness in Witness::ALL {
            let _ = write!(text, " `{}` |", judge(stop, witness).code());
        }
        text.push('\n');
    }
    text.push_str("\n| code | what was found | what is done | next step of whoever runs the host |\n|---|---|---|---|\n");
    for row in Row::ALL {
        let done = match row.treatment() {
            Treatment::Create => "the first segment is made",
            Treatment::Start => "start",
            Treatment::Cut => "zeros over the torn end, reported; start",
            Treatment::Refuse => "refuse",
        };
        let _ = writeln!(text, "| `{}` | {} | {done} | {} |", row.code(), row.found(), row.step());
    }
    text
}

#[test]
fn the_tables_of_the_specification_are_those_of_the_code() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/spec/journal.md");
    let found = std::fs::read_to_string(path).expect("docs/spec/journal.md is there");
    let (prose, current) = found.split_once(HEADING).expect("it has the heading of the tables");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, format!("{prose}{}", tables())).expect("it can be written");
        return;
    }
    assert!(
        format!("{HEADING}{current}") == tables(),
        "docs/spec/journal.md is not current: UPDATE_DOCS=1 cargo test -p cenote-journal --test docs"
    );
}
