//! A pool: what it has, owes and risks.

use super::Greeks;
use crate::amount::{Money, ShareCount};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A pool at the ticks in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Pool {
    /// Its number.
    pub pool: u16,
    /// Its name.
    pub name: String,
    /// Equity: what is left for owners if everyone closes now.
    pub nav_low: Money,
    /// Cash, what is locked and inventory at marks.
    pub nav_mid: Money,
    /// `nav_mid` and as much above it as `nav_low` is below.
    pub nav_high: Money,
    /// Equity a share, quote.
    pub share_price: f64,
    /// Shares.
    pub shares: ShareCount,
    /// Free cash.
    pub cash: Money,
    /// Locked on boards: what it owes at worst.
    pub locked: Money,
    /// Risk capital, on which prices stand.
    pub risk_capital: Money,
    /// Locked over risk capital, percent.
    pub utilisation: f64,
    /// The most that may be, percent.
    pub utilisation_cap: f64,
    /// The largest scenario loss in units of the price-depth b.
    pub load: f64,
    /// The most that may be.
    pub load_cap: f64,
    /// It takes no new risk.
    pub winding_down: bool,
    /// Sensitivities of the whole book.
    pub greeks: Greeks,
    /// Sensitivities and value by expiry.
    pub expiries: Vec<PoolExpiry>,
    /// What it has locked, by board.
    pub obligations: Vec<Obligation>,
    /// Where its equity came from; adds up to `total` exactly.
    pub pnl: PoolPnl,
    /// Liquidity that waits.
    pub queue: LpQueue,
    /// The last command that this knows of.
    pub as_of_seq: u64,
}

/// One expiry of a pool's book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PoolExpiry {
    /// Its market.
    pub market: String,
    /// Its label.
    pub expiry: String,
    /// When, ms.
    pub expiration_timestamp: u64,
    /// Its positions at their marks, quote.
    pub value: f64,
    /// Sensitivities.
    pub greeks: Greeks,
}

/// What a pool has locked on a board.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Obligation {
    /// Its market.
    pub market: String,
    /// Its expiry's label.
    pub expiry: String,
    /// When, ms.
    pub expiration_timestamp: u64,
    /// What is locked.
    pub locked: Money,
    /// Of risk capital, percent.
    pub share: f64,
}

/// Where a pool's equity came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct PoolPnl {
    /// Marks of its inventory and payoffs, against the marks it traded at.
    pub market: Money,
    /// Impact received less what closing the risk would refund.
    pub impact: Money,
    /// Rent earned.
    pub rent: Money,
    /// Spread.
    pub spread: Money,
    /// Latency charges.
    pub latency: Money,
    /// Fees kept.
    pub fee: Money,
    /// Rounding.
    pub rounding: Money,
    /// The sum: equity less what owners put in and took out.
    pub total: Money,
}

/// Liquidity on its way in and out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LpQueue {
    /// The epoch that takes requests.
    pub open_epoch: u64,
    /// A request made now is priced by a tick published at this moment or later, ms: the epoch before has its batch, a tick closes this one,
    /// and a commit delay after that its own batch is due. `null` for a pool without markets.
    pub priced_from: Option<u64>,
    /// The epoch that waits for its batch.
    pub closing_epoch: Option<u64>,
    /// The first publish time that its batch may use, ms.
    pub due_at: Option<u64>,
    /// Shares that wait to be paid out from earlier batches.
    pub waiting: ShareCount,
    /// Time that entering shares are locked, ms.
    pub lock_ms: u64,
}

/// A pool's risk: what it loses in each scenario at once, and where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PoolRisk {
    /// The pool.
    pub pool: u16,
    /// One a market.
    pub books: Vec<RiskBook>,
    /// The last command that this knows of.
    pub as_of_seq: u64,
}

/// The scenarios of one market.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RiskBook {
    /// The market.
    pub market: String,
    /// Changes of the index, fractions, ascending.
    pub spot_shocks: Vec<f64>,
    /// Factors on vol.
    pub vol_factors: Vec<f64>,
    /// The pool's profit by vol factor, then spot, quote.
    pub pnl: Vec<Vec<f64>>,
    /// Probability of each, same shape.
    pub weights: Vec<Vec<f64>>,
    /// The worst one in words.
    pub worst: String,
}

/// A point of a pool's path.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NavPoint {
    /// Market time, ms.
    pub time: u64,
    /// Equity, quote.
    pub nav_low: f64,
    /// Cash, what is locked and inventory at marks, quote.
    pub nav_mid: f64,
    /// As much above as `nav_low` is below.
    pub nav_high: f64,
    /// Equity a share, quote.
    pub share_price: f64,
    /// Index price, quote.
    pub index_price: f64,
    /// Locked over risk capital, percent.
    pub utilisation: f64,
}

/// A pool's path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NavPath {
    /// Points, ascending.
    pub points: Vec<NavPoint>,
    /// What it all comes to.
    pub summary: NavSummary,
    /// The last command that this knows of.
    pub as_of_seq: u64,
}

/// What owners would have got.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NavSummary {
    /// Days of market time covered.
    pub days: f64,
    /// Return of a share since the start, percent. Holding the quote token returns 0.
    pub since_start: Option<f64>,
    /// Over the last 30 days, percent; `null` while there are fewer.
    pub last_30_days: Option<f64>,
    /// Annualised, percent; `null` under 30 days.
    pub annualised: Option<f64>,
    /// The largest fall from a high, percent.
    pub max_drawdown: Option<f64>,
    /// The worst day, percent; `null` under a day.
    pub worst_day: Option<f64>,
    /// Return of holding the index instead, percent.
    pub holding_index: Option<f64>,
}
