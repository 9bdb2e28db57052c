//! Which crate may depend on which.

use super::{Finding, Repo};

/// What one crate may depend on, tests apart.
struct Law {
    package: &'static str,
    /// Crates of this workspace.
    own: &'static [&'static str],
    /// Crates of others; `None` leaves the choice to review.
    others: Option<&'static [&'static str]>,
    /// Those of others that must be optional.
    optional: &'static [&'static str],
}

const UNITS: &str = "cenote-units";
const PRICING: &str = "cenote-pricing";
const ENGINE: &str = "cenote-engine";
const TABLE: &str = "cenote-table";
const API: &str = "cenote-api";
const CALIBRATE: &str = "cenote-calibrate";
const HISTORY: &str = "cenote-history";
const JOURNAL: &str = "cenote-journal";
const FEEDS: &str = "cenote-feeds";
const SIM: &str = "cenote-sim";
const CONTRACT: &str = "cenote-contract";
const NODE: &str = "cenote-node";

const LAWS: &[Law] = &[
    Law { package: UNITS, own: &[], others: Some(&["borsh", "serde"]), optional: &["borsh", "serde"] },
    Law {
        package: PRICING,
        own: &[UNITS],
        others: Some(&["borsh", "libm", "serde"]),
        optional: &["borsh", "serde"],
    },
    Law { package: ENGINE, own: &[UNITS, PRICING], others: Some(&["borsh", "serde"]), optional: &["serde"] },
    Law { package: TABLE, own: &[], others: Some(&["serde_json"]), optional: &[] },
    Law { package: API, own: &[UNITS, PRICING, ENGINE, TABLE], others: None, optional: &[] },
    Law { package: "cenote-portable", own: &[UNITS, PRICING, ENGINE, API], others: None, optional: &[] },
    Law { package: CONTRACT, own: &[UNITS, PRICING, ENGINE, API], others: None, optional: &[] },
    Law { package: HISTORY, own: &[UNITS, ENGINE, TABLE, API], others: None, optional: &[] },
    Law { package: JOURNAL, own: &[UNITS, PRICING, ENGINE], others: None, optional: &[] },
    Law { package: CALIBRATE, own: &[UNITS, PRICING, ENGINE], others: None, optional: &[] },
    Law { package: FEEDS, own: &[UNITS, PRICING, ENGINE, CALIBRATE], others: None, optional: &[] },
    Law {
        package: SIM,
        own: &[UNITS, PRICING, ENGINE, TABLE, API, JOURNAL, CALIBRATE],
        others: None,
        optional: &[],
    },
    Law {
        package: NODE,
        own: &[UNITS, PRICING, ENGINE, TABLE, API, HISTORY, JOURNAL, CALIBRATE, FEEDS, SIM],
        others: None,
        optional: &[],
    },
    Law {
        package: "cenote",
        own: &[UNITS, PRICING, ENGINE, TABLE, API, HISTORY, JOURNAL, CALIBRATE, FEEDS, SIM, NODE],
        others: None,
        optional: &[],
    },
    Law { package: "xtask", own: &[], others: Some(&["serde_json"]), optional: &[] },
];

/// Two hosts of one engine that must not lean on each other, in tests neither.
const APART: (&str, &str) = (CONTRACT, NODE);

/// A feature for tests alone: it plants rules that once lost money.
const TESTS_ONLY: &str = "canary";

/// Crates that must be asked for by one exact version, because their results are part of the protocol.
const EXACT: &[&str] = &["libm"];

pub fn check(repo: &Repo) -> Vec<Finding> {
    let is_own = |name: &str| repo.packages.iter().any(|package| package.name == name);
    let mut findings = Vec::new();
    for package in &repo.packages {
        let switched = |feature: &String| feature.split('/').next_back() == Some(TESTS_ONLY);
        let mut report = |text: String| findings.push(Finding::of(&package.name, text));
        let Some(law) = LAWS.iter().find(|law| law.package == package.name) else {
            report("the dependency law says nothing about this crate: give it a row".to_owned());
            continue;
        };
        if package.default_features.iter().any(switched) {
            report(format!("switches `{TESTS_ONLY}` on by default; it is for tests alone"));
        }
        for dependency in &package.dependencies {
            let name = dependency.name.as_str();
            if [(law.package, name), (name, law.package)].contains(&APART) {
                report(format!("depends on {name}; the hosts know the engine and not each other"));
            } else if dependency.dev {
                // Tests may compare with anything.
            } else if is_own(name) {
                if !law.own.contains(&name) {
                    report(format!("depends on {name}, which is not below it"));
                }
            } else if law.others.is_some_and(|others| !others.contains(&name)) {
                report(format!(
                    "depends on {name}; a core crate takes no more than {:?}",
                    law.others.unwrap_or(&[])
                ));
            } else if law.optional.contains(&name) && !dependency.optional {
                report(format!("depends on {name} always; it must be optional"));
            }
            if !dependency.dev && dependency.features.iter().any(switched) {
                report(format!("asks for {name} with `{TESTS_ONLY}`; it is for tests alone"));
            }
            if law.others.is_some() && EXACT.contains(&name) && !dependency.version.starts_with('=') {
                report(format!("asks for {name} {}; its bits matter: pin it with `=`", dependency.version));
            }
        }
    }
    findings
}
