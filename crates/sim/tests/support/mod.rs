//! Measurements that the property, attack and canary tests share: each runs a scenario and returns what it found,
//! or a sentence that says which property broke, with the seed.
#![allow(dead_code)] // Each test binary uses some of it.
#![allow(clippy::disallowed_methods)] // The larger of two measured numbers is the same whichever zero it is.

pub mod agents;
pub mod books;
pub mod lab;
pub mod leak;
pub mod liquidity;
pub mod prices;
pub mod walk;
