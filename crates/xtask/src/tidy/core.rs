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

/// Modules of the engine that may name floats, and why. All others keep to integers.
const FLOATS: &[(&str, &str)] = &[
    ("quote", "turns each into an integer, with its rounding in sight"),
    ("state", "keeps what `quote` computed, and does not compute with it"),
    ("error", "shows numbers to people"),
    ("view", "answers people, and changes nothing"),
];

/// Lints against what makes machines disagree; every core crate denies them.
const SAME_BITS: &[&str] = &["disallowed_types", "disallowed_methods"];
/// Lints against panics and silent overflow, denied where money is counted.
const EXACT: &[&str] = &[
    "arithmetic_side_effects",
    "as_conversions",
    "float_arithmetic",
    "unwrap_used",
    "expect_used",
    "panic",
    "indexing_slicing",
];
const LINTS: &[(&str, &[&[&str]])] =
    &[("units", &[SAME_BITS, EXACT]), ("pricing", &[SAME_BITS]), ("engine", &[SAME_BITS, EXACT])];

/// The core's crates deny their lints for the whole crate.
pub fn lints(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (krate, groups) in LINTS {
        let path = format!("crates/{krate}/src/lib.rs");
        let Some(source) = repo.sources.get(&path) else { continue };
        let inner = source.code.match_indices("#![").map(|(at, _)| &source.code[at..]);
        let attributes = inner.map(|rest| &rest[..rest.find(']').unwrap_or(rest.len())]);
        let denials: String = attributes.filter(|a| a.contains("deny(") || a.contains("forbid(")).collect();
        for lint in groups.iter().flat_map(|lints| lints.iter()) {
            if find_word(&denials, &format!("clippy::{lint}")).next().is_none() {
                findings.push(Finding::of(&path, format!("does not deny clippy::{lint}")));
            }
        }
    }
    findings
}

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

/// Floats stay in few modules, each with its reason.
pub fn floats(repo: &Repo) -> Vec<Finding> {
    let home = "crates/engine/src/";
    let mut findings = Vec::new();
    let mut used = Vec::new();
    for (path, source) in repo.product("engine") {
        let code = source.product();
        let places: Vec<usize> = ["f64", "f32"].iter().flat_map(|name| find_word(&code, name)).collect();
        if places.is_empty() {
            continue;
        }
        let inner = path.strip_prefix(home).unwrap_or(path);
        let module = inner.split('/').next().unwrap_or(inner).trim_end_matches(".rs");
        if FLOATS.iter().any(|(allowed, _)| *allowed == module) {
            used.push(module);
            continue;
        }
        for at in places {
            let text =
                format!("a float in `{module}`; compute in `quote`, or give the module a row and a reason");
            findings.push(Finding::at(path, line_of(&code, at), text));
        }
    }
    // An exception that nothing needs any more would let the next float in unseen.
    let stale = FLOATS.iter().filter(|(allowed, _)| !used.contains(allowed));
    if repo.packages.iter().any(|package| package.name == "cenote-engine") {
        findings.extend(
            stale.map(|(module, _)| {
                Finding::of(home, format!("`{module}` names no float: drop its exception"))
            }),
        );
    }
    findings
}
