//! Every parameter: its meaning, unit, default, bounds and the reason for them.
//!
//! A change replaces a whole set, waits out the timelock and applies forward only.

mod market;
mod pool;
mod table;

pub use market::{MarketParams, MarketRules, RealisedSmile, SurfaceSource};
pub use pool::{PoolParams, PoolRules};
pub use table::{ParamDoc, Text};

use crate::error::Rejection;

/// Checks a short name: 1 to 16 upper-case letters, digits or _.
fn check_name(name: &str) -> Result<(), Rejection> {
    let fits = (1..=crate::limits::NAME).contains(&name.len());
    if fits && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_') {
        return Ok(());
    }
    Err(Rejection::invalid("name", "1 to 16 upper-case letters, digits or _"))
}
