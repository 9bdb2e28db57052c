//! The engine against the independent model in exact rationals (`tools/model`), on random walks over every command.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use cenote_engine::params::MarketRules;
use cenote_sim::fixture::{Fixture, Setup};
use cenote_sim::walk::Walk;
use std::path::Path;
use std::process::Command;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Walks, writes the trace, lets the model judge it.
fn agree(seed: u64, setup: &Setup, steps: usize) {
    if Command::new("python3").arg("--version").output().is_err() {
        println!("skipped: the reference model needs python3, which is not installed");
        return;
    }
    let mut f = Fixture::new(setup);
    let mut walk = Walk::new(seed, &mut f);
    for _ in 0..steps {
        walk.step(&mut f);
    }
    println!("seed {seed}: carried out {:?}\nrefused {:?}", walk.done, walk.refused);
    let lines = f.venue.trace.take().expect("a traced fixture").lines;
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = directory.join(format!("trace-{seed}.jsonl"));
    std::fs::write(&file, lines.join("\n")).expect("the trace can be written");
    let run = Command::new("python3").arg(root().join("tools/model/check.py")).arg(&file).output();
    let run = run.expect("the model runs");
    let said = String::from_utf8_lossy(&run.stdout);
    println!("{said}{}", String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "the model contradicts the engine; the trace is {}", file.display());
}

#[test]
fn one_market() {
    agree(1, &Setup { traced: true, ..Setup::default() }, 600);
}

#[test]
fn two_markets_in_one_pool() {
    let markets = vec![MarketRules::default(), MarketRules::default()];
    agree(2, &Setup { traced: true, markets, spots: vec![100_000.0, 4_000.0], ..Setup::default() }, 600);
}

#[test]
fn a_small_pool_under_pressure() {
    agree(3, &Setup { traced: true, liquidity: 60_000.0, ..Setup::default() }, 600);
}
