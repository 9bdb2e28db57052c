//! The engine hosted in memory: a venue, its checkers, price tapes, agents and replays.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // A host may use clocks, maps and std's floats.

pub mod fixture;
pub mod invariants;
pub mod rng;
pub mod tape;
pub mod venue;

pub use venue::Venue;
