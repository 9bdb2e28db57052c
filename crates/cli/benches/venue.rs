//! A venue under load, on this machine: `cenote up` in a process of its own, asked by wrk over loopback. Prints Markdown.
//!
//! wrk and python3 must be installed. `CENOTE_LOAD_SECONDS` says how long each load lasts (6 unless told).
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

#[path = "venue/loads.rs"]
mod loads;
#[path = "venue/node.rs"]
mod node;
#[path = "venue/storage.rs"]
mod storage;

use std::process::Command;

fn main() {
    // What `cargo test --benches` would ask: there is nothing to test.
    if std::env::args().any(|argument| argument == "--test" || argument == "--list") {
        return;
    }
    if Command::new("wrk").arg("-v").output().is_err() {
        println!("Skipped: wrk is not installed.");
        return;
    }
    let seconds = std::env::var("CENOTE_LOAD_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(6);
    println!("Everything runs on the same cores: the node, wrk, and whatever else the machine does.\n");
    loads::signatures();
    loads::commands(seconds);
    loads::orders(seconds);
    loads::quotes(seconds);
    loads::sockets(seconds);
    let entry_bytes = storage::recovery();
    storage::journals(entry_bytes);
}
