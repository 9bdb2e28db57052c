//! Every check against what it forbids, and against what looks like it and is not.

use super::repo::{Dependency, Package, packages};
use super::rust::Source;
use super::{CHECKS, Finding, Repo};

fn repo(files: &[(&str, &str)]) -> Repo {
    let mut repo = Repo::default();
    for (path, text) in files {
        repo.add(path, text.as_bytes().to_vec());
    }
    repo
}

/// What one check says about a repository: violations, then notes.
fn told(check: &str, repo: &Repo) -> (Vec<String>, Vec<String>) {
    let check = CHECKS.iter().find(|known| known.name == check).expect("a check of that name");
    let (notes, violations): (Vec<Finding>, Vec<Finding>) =
        (check.run)(repo).into_iter().partition(|f| f.note);
    let shown = |list: Vec<Finding>| list.into_iter().map(|f| format!("{}: {}", f.place, f.text)).collect();
    (shown(violations), shown(notes))
}

/// The check must object, once, with a text that starts so.
#[track_caller]
fn objects(check: &str, repo: &Repo, start: &str) {
    let (violations, _) = told(check, repo);
    assert_eq!(violations.len(), 1, "{check}: {violations:#?}");
    assert!(violations[0].starts_with(start), "{check}: {violations:?} should start with {start}");
}

#[track_caller]
fn accepts(check: &str, repo: &Repo) {
    assert_eq!(told(check, repo).0, Vec::<String>::new(), "{check}");
}

#[test]
fn this_checkout_is_tidy() {
    assert!(super::run().expect("the checkout can be read"), "see the lines above");
}

const LAW: &str = "dependency law";

fn workspace(rows: &[(&str, &[Dependency])]) -> Repo {
    let package = |(name, dependencies): &(&str, &[Dependency])| Package {
        name: (*name).to_owned(),
        dependencies: dependencies.to_vec(),
        default_features: Vec::new(),
    };
    Repo { packages: rows.iter().map(package).collect(), ..Repo::default() }
}

fn on(name: &str) -> Dependency {
    Dependency {
        name: name.to_owned(),
        dev: false,
        optional: false,
        version: "^1".to_owned(),
        features: Vec::new(),
    }
}

#[test]
fn dependencies_point_down() {
    let units = ("cenote-units", &[][..]);
    let pricing = ("cenote-pricing", &[on("cenote-units")][..]);
    let engine = ("cenote-engine", &[on("cenote-pricing"), on("cenote-units"), on("borsh")][..]);
    let cli = ("cenote", &[on("cenote-engine"), on("clap")][..]);
    accepts(LAW, &workspace(&[units, pricing, engine, cli]));
    let upward = ("cenote-pricing", &[on("cenote-engine")][..]);
    objects(
        LAW,
        &workspace(&[units, upward, engine]),
        "cenote-pricing: depends on cenote-engine, which is not below",
    );
    let helped = ("cenote-engine", &[on("xtask")][..]);
    objects(
        LAW,
        &workspace(&[helped, ("xtask", &[])]),
        "cenote-engine: depends on xtask, which is not below",
    );
    objects(LAW, &workspace(&[("cenote-new", &[])]), "cenote-new: the dependency law says nothing");
}

#[test]
fn the_core_takes_little_from_others() {
    let optional = Dependency { optional: true, ..on("borsh") };
    let pinned = Dependency { version: "=0.2.16".to_owned(), ..on("libm") };
    let for_tests = Dependency { dev: true, ..on("proptest") };
    accepts(LAW, &workspace(&[("cenote-units", &[optional, for_tests]), ("cenote-pricing", &[pinned])]));
    objects(LAW, &workspace(&[("cenote-units", &[on("borsh")])]), "cenote-units: depends on borsh always");
    objects(
        LAW,
        &workspace(&[("cenote-engine", &[on("rand")])]),
        "cenote-engine: depends on rand; a core crate",
    );
    objects(
        LAW,
        &workspace(&[("cenote-pricing", &[on("libm")])]),
        "cenote-pricing: asks for libm ^1; its bits",
    );
}

#[test]
fn the_hosts_stay_apart_in_tests_too() {
    let contract = ("cenote-contract", &[][..]);
    let node = ("cenote-node", &[][..]);
    accepts(LAW, &workspace(&[contract, node]));
    let leaning = [Dependency { dev: true, ..on("cenote-contract") }];
    objects(
        LAW,
        &workspace(&[contract, ("cenote-node", &leaning)]),
        "cenote-node: depends on cenote-contract; the hosts",
    );
    let leaning = [on("cenote-node")];
    objects(
        LAW,
        &workspace(&[("cenote-contract", &leaning), node]),
        "cenote-contract: depends on cenote-node; the hosts",
    );
}

#[test]
fn planted_rules_are_for_tests() {
    let canary = Dependency { features: vec!["canary".to_owned()], ..on("cenote-engine") };
    let for_tests = Dependency { dev: true, ..canary.clone() };
    let engine = ("cenote-engine", &[][..]);
    accepts(LAW, &workspace(&[engine, ("cenote-sim", &[for_tests])]));
    objects(
        LAW,
        &workspace(&[engine, ("cenote-sim", &[canary])]),
        "cenote-sim: asks for cenote-engine with `canary`",
    );
    let mut switched = workspace(&[engine]);
    switched.packages[0].default_features = vec!["std".to_owned(), "canary".to_owned()];
    objects(LAW, &switched, "cenote-engine: switches `canary` on by default");
}

#[test]
fn manifests_are_read_from_cargo() {
    let metadata = r#"{"packages": [{"name": "cenote-units", "features": {"default": ["std"], "serde": []},
        "dependencies": [
        {"name": "borsh", "kind": null, "optional": true, "req": "^1.8", "features": ["derive"]},
        {"name": "proptest", "kind": "dev", "optional": false, "req": "^1", "features": []}]}]}"#;
    let borsh = Dependency {
        optional: true,
        version: "^1.8".to_owned(),
        features: vec!["derive".to_owned()],
        ..on("borsh")
    };
    let expected = Package {
        name: "cenote-units".to_owned(),
        dependencies: vec![borsh, Dependency { dev: true, ..on("proptest") }],
        default_features: vec!["std".to_owned()],
    };
    assert_eq!(packages(metadata), Ok(vec![expected]));
    assert!(packages("no answer").is_err());
}

#[test]
fn the_core_denies_its_lints() {
    let (check, path) = ("lints of the core", "crates/pricing/src/lib.rs");
    let whole =
        "#![no_std]\n#![deny(\n    clippy::disallowed_types, // why\n    clippy::disallowed_methods\n)]\n";
    accepts(check, &repo(&[(path, whole), ("crates/sim/src/lib.rs", "")]));
    accepts(
        check,
        &repo(&[(
            path,
            "#![cfg_attr(not(test), deny(clippy::disallowed_types, clippy::disallowed_methods))]",
        )]),
    );
    for planted in [
        whole.replace("clippy::disallowed_methods", "// clippy::disallowed_methods"),
        whole.replace("disallowed_methods", "disallowed_methods_of_ours"),
        "#![deny(clippy::disallowed_types)]\n#![allow(clippy::disallowed_methods)]".to_owned(),
        "#![deny(clippy::disallowed_types)]\n#[deny(clippy::disallowed_methods)]\nmod a {}".to_owned(),
    ] {
        objects(
            check,
            &repo(&[(path, &planted)]),
            "crates/pricing/src/lib.rs: does not deny clippy::disallowed_methods",
        );
    }
    let units = whole.replace("disallowed_types,", "disallowed_types, clippy::unwrap_used,");
    assert_eq!(told(check, &repo(&[("crates/units/src/lib.rs", &units)])).0.len(), 6);
}

const NAMES: &str = "names the core does not know";

#[test]
fn the_core_knows_no_clock_no_file_and_no_foreign_float_function() {
    let path = "crates/engine/src/verbs/trade.rs";
    for (line, start) in [
        ("use std::time::Duration;", "`std::time`"),
        ("let now = Instant::now();", "`Instant`"),
        ("let now = clock::SystemTime::now();", "`SystemTime`"),
        ("std::fs::read(x);", "`std::fs`"),
        ("std::net::lookup(x);", "`std::net`"),
        ("std::thread::sleep(x);", "`std::thread`"),
        ("std::env::var(x);", "`std::env`"),
        ("let m: HashMap<u8, u8> = x;", "`HashMap`"),
        ("let m: HashSet<u8> = x;", "`HashSet`"),
        ("serde_json::to_string(x);", "`serde_json`"),
        ("log::info!(x);", "`log::`"),
        ("tracing::info!(x);", "`tracing::`"),
        ("println!(x);", "`println!`"),
        ("dbg!(x);", "`dbg!`"),
        ("rand::random();", "`rand::`"),
        ("static mut X: u8 = 0;", "`static mut`"),
        ("thread_local! { }", "`thread_local!`"),
        ("x.exp();", "`.exp(`"),
        ("x\n.ln();", "`.ln(`"),
        ("x.powf(y);", "`.powf(`"),
        ("x.powi(2);", "`.powi(`"),
        ("x.mul_add(y, z);", "`.mul_add(`"),
        ("x.sin_cos();", "`.sin_cos(`"),
        ("x.map(f64::tanh);", "`f64::tanh`"),
        ("x.map(f32::cbrt);", "`f32::cbrt`"),
    ] {
        let text = format!("fn f() {{\n{line}\n}}\n");
        let at = 2 + line.matches('\n').count();
        objects(NAMES, &repo(&[(path, &text)]), &format!("{path}:{at}: {start}"));
        for elsewhere in
            ["crates/sim/src/a.rs", "crates/engine/tests/a.rs", "crates/engine/src/verbs/trade/tests.rs"]
        {
            accepts(NAMES, &repo(&[(elsewhere, &text)]));
        }
    }
}

#[test]
fn a_name_in_a_comment_a_text_or_a_test_is_not_code() {
    let text = r##"//! No `HashMap`, no std::time.
/* nor SystemTime /* at any depth: rand:: */ x.exp() */
const A: &str = "HashMap \" x.exp()";
const B: &str = r#"println!("rand::")"#;
const C: (char, u8) = ('"', b'"');
fn exp<'a>(x: &'a f64) -> f64 { math::exp(*x) + math::ln(*x) }
fn print(prelog: u8, inner: Instants) { prelog::x(); sprint!(); }
#[cfg(test)]
mod check { fn f() { use std::time::Instant; x.exp(); } }
#[cfg(feature = "canary")]
std::thread_local! { static X: u8 = { 0 }; }
fn last() {}
"##;
    accepts(NAMES, &repo(&[("crates/pricing/src/a.rs", text)]));
    let planted = text.replace("fn last() {}", "fn last() { x.exp() }");
    objects(NAMES, &repo(&[("crates/pricing/src/a.rs", &planted)]), "crates/pricing/src/a.rs:12: `.exp(`");
}

#[test]
fn a_file_taken_apart_keeps_its_shape() {
    let text = "let a = \"é // no\"; // ja: é\nlet b = 'x'; /* \n */ let c: &'static str = r\"\\\";\nd";
    let source = Source::parse(text);
    assert_eq!(source.code.len(), text.len());
    assert_eq!(source.comments.len(), text.len());
    let bare = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(bare(&source.code), "let a = ; let b = ; let c: &'static str = ; d");
    assert_eq!(bare(&source.comments), "// ja: é /* */");
    assert_eq!(source.code.lines().count(), text.lines().count());
}

const FLOATS: &str = "floats in the engine";

#[test]
fn floats_stay_where_they_have_a_reason() {
    let text = "pub struct A { x: f64 }\n";
    for inner in ["quote.rs", "quote/cost.rs", "state.rs", "error.rs", "view.rs", "view/pool.rs"] {
        accepts(FLOATS, &repo(&[(&format!("crates/engine/src/{inner}"), text)]));
    }
    accepts(FLOATS, &repo(&[("crates/pricing/src/black.rs", text)]));
    for inner in ["ledger.rs", "verbs/state.rs", "verbs/quote/a.rs", "quoted.rs"] {
        let path = format!("crates/engine/src/{inner}");
        objects(FLOATS, &repo(&[(&path, text)]), &format!("{path}:1: a float in "));
        accepts(FLOATS, &repo(&[(&path, "// f64\npub struct A { x: i64, f64x: u8 }\n")]));
    }
}

#[test]
fn an_exception_nothing_needs_is_dropped() {
    let mut bare = workspace(&[("cenote-engine", &[])]);
    for module in ["quote", "state", "view"] {
        bare.add(&format!("crates/engine/src/{module}.rs"), b"pub struct A { x: f64 }".to_vec());
    }
    bare.add("crates/engine/src/error.rs", b"pub struct A { x: i64 }".to_vec());
    objects(FLOATS, &bare, "crates/engine/src/: `error` names no float");
}

#[test]
fn length_is_noted_and_then_refused() {
    let file = |lines: usize| repo(&[("crates/sim/src/a.rs", &"//\n".repeat(lines))]);
    let function = |lines: usize| {
        let body = "\n".repeat(lines - 2);
        let text = format!("/// d\nfn f(a: [u8; 4]) -> u8\n{{{body}}}\nfn g();\n");
        repo(&[("crates/sim/src/a.rs", &text)])
    };
    let counts = |check, repo| {
        let (violations, notes) = told(check, &repo);
        (violations.len(), notes.len())
    };
    for (lines, expected) in [(500, (0, 0)), (501, (0, 1)), (600, (0, 1)), (601, (1, 0))] {
        assert_eq!(counts("length of files", file(lines)), expected, "{lines}");
    }
    let made = format!("/**\n * This file was auto-generated by a tool.\n */\n{}", "//\n".repeat(900));
    assert_eq!(counts("length of files", repo(&[("clients/a.ts", &made)])), (0, 0));
    for (lines, expected) in [(70, (0, 0)), (71, (0, 1)), (100, (0, 1)), (101, (1, 0))] {
        assert_eq!(counts("length of functions", function(lines)), expected, "{lines}");
    }
    objects("length of functions", &function(101), "crates/sim/src/a.rs:2: `f` has 101 lines");
}

#[test]
fn links_lead_somewhere() {
    let with = |text: &str| {
        let other = "# The Title: of `it`\n## Again\n## Again\n```\n# no heading\n```\n";
        repo(&[("docs/a.md", text), ("docs/spec/b.md", other), ("README.md", "")])
    };
    for text in [
        "[b](spec/b.md) ![b](spec/b.md \"title\") [up](../README.md) [folder](spec) [folder](spec/) [root](/README.md)",
        "[h](spec/b.md#the-title-of-it) [again](spec/b.md#again-1) [out](https://example.org/x) [m](mailto:a@example.org)",
        "# Here\n[here](#here) [ref][r]\n\n[r]: spec/b.md\n",
        "`[code](gone.md)`\n```\n[code](gone.md)\n```\n",
    ] {
        accepts("links", &with(text));
    }
    for (text, expected) in [
        ("\n[b](gone.md)", "docs/a.md:2: gone.md is not there"),
        ("[b](spec/b.md#no-heading)", "docs/a.md:1: docs/spec/b.md has no heading #no-heading"),
        ("[b](spec/b.md#again-2)", "docs/a.md:1: docs/spec/b.md has no heading #again-2"),
        ("[b](../../b.md)", "docs/a.md:1: ../../b.md leads out"),
        ("é `x`\n[r]: gone.md\n", "docs/a.md:2: gone.md is not there"),
    ] {
        objects("links", &with(text), expected);
    }
}

#[test]
fn comments_name_rules_that_exist() {
    let spec =
        ("docs/spec/protocol.md", "## L. Ledger\n- **L1** Cash.\n- **L2** No bucket.\n  L9 is text.\n");
    let path = "crates/engine/src/a.rs";
    for text in
        ["// L1, L2 and (L01)", "// `L7` is a variable, so is L123, xL7, L7x\nlet L8 = \"L9\";", "// P9"]
    {
        accepts("rule numbers", &repo(&[spec, (path, text)]));
    }
    objects(
        "rule numbers",
        &repo(&[spec, (path, "\n/// See L3.")]),
        "crates/engine/src/a.rs:2: there is no rule L3",
    );
    let twice = ("docs/spec/protocol.md", "- **L1** Cash.\n- **L1** Again.\n");
    objects("rule numbers", &repo(&[twice]), "docs/spec/protocol.md:2: L1 is also on line 1");
}

#[test]
fn every_invariant_is_relied_on() {
    let path = "crates/sim/src/checks.rs";
    for list in
        ["- **I1** Conservation.\n- **I2** Escrow.\n", "## I1 A\n## I2. B\n", "| I01 | A |\n| **I2** | B |\n"]
    {
        let list = ("INVARIANTS.md", list);
        accepts(
            "invariants",
            &repo(&[list, (path, "// I1\nfail(\"I2: not covered\");\n// `I9` is a variable\nlet I64 = I9;")]),
        );
        objects("invariants", &repo(&[list, (path, "// I1")]), "INVARIANTS.md:2: no code refers to I2");
        objects(
            "invariants",
            &repo(&[list, (path, "// I1 I2\n// I3")]),
            "crates/sim/src/checks.rs:2: there is no invariant I3",
        );
    }
}

#[test]
fn results_carry_their_command() {
    let check = "results carry their command";
    accepts(check, &repo(&[("docs/results/a.md", "Made by `cargo xtask bench a`."), ("docs/b.md", "")]));
    objects(check, &repo(&[("docs/results/a.md", "| 12 |")]), "docs/results/a.md: names no command");
}

#[test]
fn nothing_names_the_machine_it_was_written_on() {
    for folder in ["/tm", "/wo", "/ro", "/ho", "/Us"].into_iter().zip(["p/", "rk/", "ot/", "me/", "ers/"]) {
        let path = format!("{}{}", folder.0, folder.1);
        objects("paths of one machine", &repo(&[("a.md", &format!("\nsee {path}x"))]), "a.md:2: ");
        for fine in
            [format!("out{path}x"), format!("..{path}x"), format!("${{X}}{path}x"), format!("~{path}")]
        {
            accepts("paths of one machine", &repo(&[("a.md", &fine)]));
        }
    }
}

#[test]
fn nothing_names_a_registry() {
    let host = concat!("crates", ".io");
    objects(
        "registry hosts",
        &repo(&[("a.md", &format!("from {host}"))]),
        "a.md:1: names the package registry",
    );
    let lock = |source: &str| format!("[[package]]\nname = \"a\"\nsource = \"{source}\"\n");
    let usual = lock(&format!("registry+https://github.com/rust-lang/{host}-index"));
    accepts("registry hosts", &repo(&[("Cargo.lock", &usual), ("fuzz/Cargo.lock", &usual)]));
    let mirror = lock("sparse+https://mirror.example.org/index/");
    objects("registry hosts", &repo(&[("Cargo.lock", &mirror)]), "Cargo.lock:3: ");
}
