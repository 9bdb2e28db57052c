//! What is answered. `as_of_seq` is the last command that an answer knows of.

mod account;
mod history;
mod market;
mod pool;
mod quote;
mod venue;

pub use account::*;
pub use history::*;
pub use market::*;
pub use pool::*;
pub use quote::*;
pub use venue::*;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Sensitivities, model figures.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct Greeks {
    /// In underlying, the smile moving with the index.
    pub delta: f64,
    /// Change of delta per unit of index.
    pub gamma: f64,
    /// In quote per vol point (0.01), all tenors alike.
    pub vega: f64,
    /// In quote a day, index and surface standing still.
    pub theta: f64,
}

impl From<cenote_engine::view::Greeks> for Greeks {
    fn from(g: cenote_engine::view::Greeks) -> Self {
        Self { delta: g.delta, gamma: g.gamma, vega: g.vega, theta: g.theta }
    }
}
