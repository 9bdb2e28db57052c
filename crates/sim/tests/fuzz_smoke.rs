//! The fuzz targets on a stable compiler: the committed corpus, then seeded random inputs for a little while.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

#[path = "../../../fuzz/src/bodies/mod.rs"]
mod bodies;

use cenote_sim::rng::Rng;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long each target is tried.
const WHILE: Duration = Duration::from_millis(1_500);

type Body = fn(&[u8]);

/// An input that says what it was when its target panics.
struct Told<'a>(&'a [u8]);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("the input: {:?}", self.0);
        }
    }
}

fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus")).join(target);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read(path).expect("a corpus file"))).collect()
}

/// Replays the corpus, then damaged copies of it and plain noise.
fn smoke(target: &str, body: Body) {
    let corpus = corpus(target);
    assert!(!corpus.is_empty(), "{target} has no corpus");
    for (path, bytes) in &corpus {
        println!("{}", path.display());
        let told = Told(bytes);
        body(told.0);
    }
    let (mut rng, start, mut tried) = (Rng::new(1, 9), Instant::now(), 0);
    while start.elapsed() < WHILE {
        let mut input = if rng.chance(0.7) { corpus[rng.below(corpus.len())].1.clone() } else { Vec::new() };
        match rng.below(3) {
            0 => input.extend((0..rng.below(300)).map(|_| rng.bits() as u8)),
            1 => input.truncate(rng.below(input.len() + 1)),
            _ => {}
        }
        for _ in 0..rng.below(6) {
            if !input.is_empty() {
                let at = rng.below(input.len());
                input[at] = rng.bits() as u8;
            }
        }
        tried += 1;
        let told = Told(&input);
        body(told.0);
    }
    println!("{target}: {} files of the corpus, {tried} other inputs", corpus.len());
    assert!(tried > 20, "{target} was tried {tried} times only");
}

#[test]
fn command_bytes() {
    smoke("command_bytes", bodies::command_bytes);
}

#[test]
fn command_sequence() {
    smoke("command_sequence", bodies::command_sequence);
}

#[test]
fn kernels() {
    smoke("kernels", bodies::kernels);
}

#[test]
fn chain_file() {
    smoke("chain_file", bodies::chain_file);
}

#[test]
fn tape_file() {
    smoke("tape_file", bodies::tape_file);
}
