//! Documents that are generated from the code are current. `UPDATE_DOCS=1 cargo test -p cenote-sim --test docs` rewrites them.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use cenote_engine::params::{MarketRules, ParamDoc, PoolRules};
use cenote_sim::invariants;
use std::fmt::Write as _;
use std::path::PathBuf;

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Compares a file with what it should be, or writes it.
fn current(file: &str, expected: &str) {
    let path = root().join(file);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, expected).expect("the document can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "{file} is not current: UPDATE_DOCS=1 cargo test -p cenote-sim --test docs");
}

#[test]
fn parameters() {
    let mut text = String::from(
        "# Parameters\n\nGenerated from `crates/engine/src/params`; a test keeps it current. Every change replaces a whole \
         set, is checked\nagainst these bounds and the cross-field rules in the code, waits out the timelock (rule G1) and \
         applies forward only.\n\nPlain numbers are shares or factors; vols are per 1.00, so 0.0075 is three quarters of a \
         vol point.\n",
    );
    for (title, table) in [("A market", MarketRules::table()), ("A pool", PoolRules::table())] {
        let _ = write!(
            text,
            "\n## {title}\n\n| parameter | default | least | most | meaning and reason |\n|---|---|---|---|---|\n"
        );
        for ParamDoc { name, default, min, max, reason } in table {
            let _ = writeln!(text, "| `{name}` | {default} | {min} | {max} | {reason} |");
        }
    }
    current("docs/spec/parameters.md", &text);
}

#[test]
fn every_invariant_is_explained_where_the_code_checks_it() {
    let text = std::fs::read_to_string(root().join("INVARIANTS.md")).expect("INVARIANTS.md");
    for (number, name) in invariants::NAMES {
        assert!(
            text.contains(&format!("**{number}** {name}")),
            "INVARIANTS.md lacks \"**{number}** {name}\""
        );
    }
}
