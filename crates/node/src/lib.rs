//! A venue on one machine: one process, an embedded store, signed commands.
//!
//! One thread, the sequencer, owns the state: it executes, appends to the journal, syncs a group of entries to disk at once, and hands the
//! group on. A second thread publishes what is durable: it brings the replicas up to date that every reader asks, answers whoever waits,
//! and feeds streams and history. Nothing that could still be lost is ever acknowledged or seen.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // A host has a clock, sockets and files.
#![forbid(unsafe_code)]

pub mod answer;
pub mod core;
pub mod facade;
pub mod history;
pub mod http;
pub mod keys;
pub mod market;
mod node;

pub use node::{Node, NodeConfig, NodeError};
