//! The one place where prices are computed and turned into amounts.
//!
//! Everything in here is `f64` from [`cenote_pricing`]; what leaves is either an integer, rounded for the pool
//! by a function whose name says so, or an opaque number that is stored and never compared with money (I33).

mod batch;
mod charges;
mod desk;
mod equity;
mod listing;
mod oracle;
mod scale;
mod surface;
mod trade;

pub(crate) use batch::{Batcher, shares_for};
pub(crate) use charges::{BookSpread, TradeLeg, book_spread};
pub(crate) use desk::Desk;
pub(crate) use equity::{Limits, Risk, add, equity, held, place, replace_exposure, value, with_lock};
pub(crate) use listing::{band, half_band_used, strike_range};
pub(crate) use oracle::{guard_sigma, jumps, learn, new_estimator};
pub(crate) use scale::{to_cash_down, to_cash_near};
pub(crate) use surface::{clip, condition, node_of, to_node};
pub(crate) use trade::{TradePrice, price_trade};

pub use scale::{cash, price, ratio, shares, size, years};
