//! The engine hosted in memory: a venue, its checkers, price tapes, agents and replays.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // A host may use clocks, maps and std's floats.

pub mod convert;
pub mod fixture;
pub mod format;
pub mod invariants;
mod keeping;
pub mod life;
pub mod publisher;
pub mod replay;
pub mod rng;
pub mod rules;
pub mod tape;
pub mod trace;
pub mod venue;
pub mod walk;

pub use venue::Venue;
