//! Fits the volatility surface of a market to listed options, through the price that the pool will quote from it.
//!
//! A chain is read from a file ([`chain::read`]), all its expiries are fitted together to the mixture marks of the
//! pricing crate ([`fit()`]), and the result is a surface in the integers that are published ([`SurfaceFile`]) with an
//! account of how well it fits ([`report`]). Every condition that a published surface must meet is built into the
//! parameters that the fit moves, so what it returns is never clipped and passes [`cenote_pricing::Surface::check`]
//! after rounding.
//!
//! The method and the measurements behind it are in `docs/decisions/0002-calibration.md`.
#![forbid(unsafe_code)]
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // A tool: it times itself, and no chain runs it.

pub mod chain;
mod fit;
mod loss;
mod model;
mod problem;
pub mod report;
mod run;
mod shape;
mod solve;
mod surface_file;
mod time;

pub use chain::{Chain, ChainError};
pub use fit::{Aim, Calibration, ExpiryFit, FitError, FitOptions, Totals, fit};
pub use run::{CalibrateArgs, CliError, run};
pub use surface_file::{SurfaceFile, SurfaceNode};
