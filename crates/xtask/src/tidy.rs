//! `cargo xtask tidy`: what the compiler and clippy do not check about the repository.
//!
//! Each check is a pure function of a [`Repo`], so each has a test that plants what it forbids.

mod core;
mod docs;
mod law;
mod machine;
mod repo;
mod rust;
mod shape;

use repo::Repo;

/// Something a check has to say about a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// A path, and a line if there is one.
    pub place: String,
    pub text: String,
    /// Worth a look, but no failure.
    pub note: bool,
}

impl Finding {
    fn at(path: &str, line: usize, text: String) -> Self {
        Self { place: format!("{path}:{line}"), text, note: false }
    }

    fn of(place: &str, text: String) -> Self {
        Self { place: place.to_owned(), text, note: false }
    }

    fn noted(self) -> Self {
        Self { note: true, ..self }
    }
}

/// One rule about the repository.
struct Check {
    name: &'static str,
    run: fn(&Repo) -> Vec<Finding>,
}

const CHECKS: &[Check] = &[
    Check { name: "dependency law", run: law::check },
    Check { name: "lints of the core", run: core::lints },
    Check { name: "names the core does not know", run: core::names },
    Check { name: "floats in the engine", run: core::floats },
    Check { name: "length of files", run: shape::files },
    Check { name: "length of functions", run: shape::functions },
    Check { name: "links", run: docs::links },
    Check { name: "rule numbers", run: docs::rules },
    Check { name: "invariants", run: docs::invariants },
    Check { name: "results carry their command", run: docs::results },
    Check { name: "paths of one machine", run: machine::paths },
    Check { name: "registry hosts", run: machine::hosts },
];

/// Runs every check over this checkout; false if one is violated.
pub fn run() -> Result<bool, String> {
    let repo = Repo::load()?;
    let (mut violations, mut notes) = (0, 0);
    for check in CHECKS {
        for finding in (check.run)(&repo) {
            let kind = if finding.note { "note: " } else { "" };
            println!("{}: {kind}{} [{}]", finding.place, finding.text, check.name);
            if finding.note { notes += 1 } else { violations += 1 }
        }
    }
    println!("tidy: {} checks, {violations} violations, {notes} notes", CHECKS.len());
    Ok(violations == 0)
}

#[cfg(test)]
mod tests;
