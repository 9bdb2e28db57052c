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
mod whatif;

pub use account::{AccountPnl, AccountView, PositionView, account};
pub use chain::{BoardView, SeriesView, StrikeView, board, chain, marks, series_mark};
pub use pool::{BookView, ExpiryView, PoolPnl, PoolView, exposure, pool, revalue};
pub use quote::{AccountSummary, Largest, Quote, QuoteRequest, largest, quote};
pub use surface::{SliceView, SurfaceView, surface};
pub use whatif::{Circumstance, whatif};

use crate::error::{Error, Rejection};
use crate::ids::{MarketId, Right};
use crate::quote::Desk;
use crate::work::{Context, Work};
use crate::working::StateReader;
use cenote_pricing::MarkGreeks;
use cenote_units::{Cash, Size, Timestamp};

/// Sensitivities of the marks themselves, band and mixture included, by marking again. Charges and limits are on
/// Black's delta and vega on the slice, which are close to these and cheaper.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Greeks {
    /// In underlying, the smile moving with the index.
    pub delta: f64,
    /// Change of delta per unit of index.
    pub gamma: f64,
    /// In quote per 0.01 of vol, all tenors alike.
    pub vega: f64,
    /// In quote a day, index and surface standing still.
    pub theta: f64,
}

impl Greeks {
    /// Adds a signed size of one series of a board.
    fn add(&mut self, board: &[[MarkGreeks; 2]], at: usize, right: Right, size: Size) {
        let Some([call, put]) = board.get(at) else { return };
        let (one, n) = (if right == Right::Call { call } else { put }, crate::quote::size(size));
        self.delta += n * one.delta;
        self.gamma += n * one.gamma;
        self.vega += n * one.vega;
        self.theta += n * one.theta;
    }

    /// Adds another portfolio's.
    fn merge(&mut self, other: &Self) {
        self.delta += other.delta;
        self.gamma += other.gamma;
        self.vega += other.vega;
        self.theta += other.theta;
    }
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
