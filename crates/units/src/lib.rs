//! Integers with units in their types.
//!
//! | type | unit | bound (absolute) |
//! |---|---|---|
//! | [`Cash`] | 1e-6 of the quote token | 1e15 quote |
//! | [`Price`] | 1e-12 quote per underlying | 1e8 quote |
//! | [`Size`] | 1e-6 contracts, one contract is one underlying | 1e9 contracts |
//! | [`Exact`] | 1e-18 quote, what `Price * Size` gives | `i128` |
//! | [`Shares`] | 1e-6 pool shares | 1e18 shares |
//! | [`Ratio`] | 1e-9, dimensionless | `i64` |
//! | [`Timestamp`], [`Millis`] | milliseconds since the Unix epoch, milliseconds | `u64` |
//!
//! Dimensions that make no sense do not compile: money times money has no method. Constructors refuse a
//! value beyond its bound, sums return [`OutOfRange`], and every division carries its rounding in its name.
#![no_std]
#![forbid(unsafe_code)]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_types,
    clippy::disallowed_methods
)]

mod money;
mod muldiv;
mod time;

pub use money::{Cash, Exact, Price, Ratio, Shares, Size};
pub use muldiv::{mul_div_down, mul_div_up};
pub use time::{Millis, Timestamp};

/// A value left the range of its type: more than any real pool, price or position can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfRange {
    /// The unit whose bound was passed, such as `"Cash"`.
    pub unit: &'static str,
}

impl core::fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "a {} value is out of range", self.unit)
    }
}

impl core::error::Error for OutOfRange {}
