//! The numbers of Cenote: option prices, volatility surfaces, scenario worlds and the pool's cost function.
//!
//! Everything is plain `f64` made of `+ - * /`, square roots, comparisons and bit operations, in a fixed order.
//! Those are the operations that IEEE 754 rounds the same way everywhere, so a price has the same bits on a
//! laptop, in a chain's virtual machine and in the simulator, at any vector width. No function here calls the
//! standard library's `exp`, `ln` or `powf`, and none uses a fused multiply-add.
//!
//! No function returns NaN for inputs in its documented domain.
//!
//! Units: prices in quote tokens per underlying, volatilities per 1.00 (0.5 is 50%), times in years of 365 days.

#![no_std]
#![deny(clippy::disallowed_types, clippy::disallowed_methods)]
// A loop over scenarios reads several arrays at one index, and says the order of a sum.
#![allow(clippy::needless_range_loop)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod black;
pub mod display;
pub mod exposure;
#[cfg(feature = "golden")]
pub mod golden;
pub mod implied;
pub mod marks;
pub mod math;
pub mod potential;
pub mod realised;
pub mod rent;
pub mod surface;
mod wide;
pub mod worlds;

pub use display::{MarkGreeks, display_greeks};
pub use exposure::Exposure;
pub use marks::{BoardInputs, BoardMarks, InstrumentMark, TickInputs, mark_board};
pub use potential::Potential;
pub use realised::{RealisedRules, RealisedVol};
pub use rent::{Lock, Rent};
pub use surface::{Node, Slice, Surface, SurfaceFault};
pub use worlds::{Grid, WORLDS, Worlds};

/// Milliseconds in the year that tenors, volatilities and rates are quoted in: 365 days.
pub const YEAR_MS: f64 = 31_536_000_000.0;
