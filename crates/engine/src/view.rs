//! Answers to questions, by the same code that executes.
//!
//! Views read state and change nothing. Figures that people see and that no amount depends on are `f64`, in quote
//! tokens, contracts, or per 1.00 of vol, as each field says.
#![allow(clippy::float_arithmetic)] // Display figures: nothing here is ever posted.

mod account;
mod chain;
mod pool;
mod quote;
mod surface;

pub use account::{AccountPnl, AccountView, PositionView, account};
pub use chain::{BoardView, SeriesView, StrikeView, chain};
pub use pool::{BookView, ExpiryView, PoolPnl, PoolView, exposure, pool, revalue};
pub use quote::{AccountSummary, Largest, Quote, QuoteRequest, quote};
pub use surface::{SliceView, SurfaceView, surface};

use crate::error::{Error, Rejection};
use crate::ids::MarketId;
use crate::quote::Desk;
use crate::work::{Context, Work};
use crate::working::StateReader;
use cenote_units::{Cash, Timestamp};

/// Sensitivities of a portfolio, of Black's formula on the total-variance slice, band legs taken off.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Greeks {
    /// In underlying.
    pub delta: f64,
    /// In quote per 0.01 of vol.
    pub vega: f64,
}

fn at(state: &dyn StateReader, now: Timestamp, account: crate::ids::AccountId) -> Work<'_> {
    let ctx = Context { now, sequence: 0, sender: account, principal: None, funds: Cash::ZERO };
    Work::new(state, ctx)
}

/// The desk of a market at its tick in force.
fn desk(work: &mut Work<'_>, market: MarketId) -> Result<Desk, Error> {
    let params = work.set.market_params.get(&market).ok_or(Rejection::MarketNotFound { market })?;
    let rules = params.rules.clone();
    let record = work.set.market.get(&market).ok_or(Rejection::MarketNotFound { market })?;
    Ok(Desk::new(record, &rules, market)?)
}
