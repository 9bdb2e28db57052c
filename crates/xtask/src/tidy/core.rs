//! What the crates that run on a chain must not say: `units`, `pricing` and `engine`.

use super::rust::{find_word, line_of};
use super::{Finding, Repo};

const CORE: &[&str] = &["units", "pricing", "engine"];

/// Names and why the core does not know them.
const NAMES: &[(&[&str], &str)] = &[
    (&["std::time", "SystemTime", "Instant"], "time arrives as data"),
    (&["std::fs", "std::io", "std::net", "std::env", "std::process"], "the host does input and output"),
    (&["std::thread", "thread_local!", "static mut"], "one command, one thread, no state beside the state"),
    (&["HashMap", "HashSet"], "their order differs from run to run: use BTreeMap"),
    (&["serde_json"], "JSON is for the edge"),
    (&["log::", "tracing::"], "what happened is an event"),
    (&["print!", "println!", "eprint!", "eprintln!", "dbg!"], "what happened is an event"),
    (&["rand::", "getrandom", "RandomState"], "nothing here is random"),
];

/// Float functions of `std` whose results differ from machine to machine.
const FUNCTIONS: &[&str] = &[
    "exp", "exp2", "exp_m1", "ln", "ln_1p", "log", "log2", "log10", "powf", "powi", "mul_add", "cbrt",
    "hypot", "sin", "cos", "tan", "sin_cos", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh",
    "asinh", "acosh", "atanh",
];

/// Files of the engine beside `quote` that may name floats, and why.
const FLOATS: &[(&str, &str)] = &[
    ("state.rs", "keeps what `quote` computed, and does not compute with it"),
    ("error.rs", "shows numbers to people"),
];

pub fn names(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, source) in CORE.iter().flat_map(|krate| repo.product(krate)) {
        let code = source.product();
        for (names, why) in NAMES {
            for name in *names {
                for at in find_word(&code, name) {
                    findings.push(Finding::at(path, line_of(&code, at), format!("`{name}`: {why}")));
                }
            }
        }
        for function in FUNCTIONS {
            for form in [format!(".{function}("), format!("f64::{function}"), format!("f32::{function}")] {
                for at in find_word(&code, &form) {
                    let text =
                        format!("`{form}`: its bits differ between machines: use cenote_pricing::math");
                    findings.push(Finding::at(path, line_of(&code, at), text));
                }
            }
        }
    }
    findings
}

/// Floats stay in one module, where each becomes an integer with its rounding in sight.
pub fn floats(repo: &Repo) -> Vec<Finding> {
    let home = "crates/engine/src/";
    let mut findings = Vec::new();
    let mut used = Vec::new();
    for (path, source) in repo.product("engine") {
        let inner = path.strip_prefix(home).unwrap_or(path);
        if inner == "quote.rs" || inner.starts_with("quote/") {
            continue;
        }
        let code = source.product();
        let places: Vec<usize> = ["f64", "f32"].iter().flat_map(|name| find_word(&code, name)).collect();
        if places.is_empty() {
            continue;
        }
        if FLOATS.iter().any(|(allowed, _)| *allowed == inner) {
            used.push(inner);
            continue;
        }
        for at in places {
            let text =
                "a float outside src/quote; move it there, or give the file a row and a reason".to_owned();
            findings.push(Finding::at(path, line_of(&code, at), text));
        }
    }
    // An exception that nothing needs any more would let the next float in unseen.
    for (allowed, _) in FLOATS.iter().filter(|(allowed, _)| !used.contains(allowed)) {
        if repo.packages.iter().any(|package| package.name == "cenote-engine") {
            findings.push(Finding::of(
                &format!("{home}{allowed}"),
                "names no float: drop its exception".to_owned(),
            ));
        }
    }
    findings
}
