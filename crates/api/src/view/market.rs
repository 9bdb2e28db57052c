//! Instruments, chains, surfaces.

use super::Greeks;
use crate::amount::{Contracts, Money, Quote};
use crate::event::CostParts;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A listed instrument.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InstrumentRow {
    /// Its name.
    pub instrument_name: String,
    /// Its market's name.
    pub market: String,
    /// The underlying, like `BTC`.
    pub base_currency: String,
    /// What it is paid in, like `USDC`.
    pub quote_currency: String,
    /// When it expires, ms.
    pub expiration_timestamp: u64,
    /// The strike.
    pub strike: Quote,
    /// `call` or `put`.
    pub option_type: String,
    /// The step of prices that people quote, quote.
    pub tick_size: Quote,
    /// Decimals of such a price.
    pub price_decimals: u32,
    /// The smallest order.
    pub min_trade_amount: Contracts,
    /// Underlying a contract; always 1.
    pub contract_size: u32,
    /// The settlement price is cut to this band.
    pub settlement_band: Band,
}

/// A settlement band.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Band {
    /// The least settlement price.
    pub floor: Quote,
    /// The greatest.
    pub cap: Quote,
}

/// The chain of a market.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Chain {
    /// Its name.
    pub market: String,
    /// The index price in force.
    pub index_price: Quote,
    /// The tick that everything here is priced at.
    pub tick: u64,
    /// When it was published, ms.
    pub published_at: u64,
    /// The size that bid and ask are for.
    pub size: Contracts,
    /// Expiries, soonest first.
    pub expiries: Vec<ChainExpiry>,
    /// The last command that this knows of.
    pub as_of_seq: u64,
}

/// One expiry of a chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChainExpiry {
    /// Its label, like `27MAR26`.
    pub expiry: String,
    /// When, ms.
    pub expiration_timestamp: u64,
    /// Years of 365 days from the tick.
    pub years: f64,
    /// The forward, quote.
    pub forward: f64,
    /// Vol at the money, percent.
    pub atm_iv: Option<f64>,
    /// The settlement band.
    pub settlement_band: Band,
    /// Strikes, ascending.
    pub strikes: Vec<ChainStrike>,
}

/// One strike of a chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChainStrike {
    /// The strike.
    pub strike: Quote,
    /// Its call.
    pub call: ChainSeries,
    /// Its put.
    pub put: ChainSeries,
}

/// One series of a chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChainSeries {
    /// Its name.
    pub instrument_name: String,
    /// The mark of a contract, quote, before any charge.
    pub mark_price: f64,
    /// The vol of that mark, percent; `null` where no vol gives it.
    pub mark_iv: Option<f64>,
    /// What selling the size pays, a contract, everything included; `null` when the pool would not take it.
    pub bid_price: Option<Quote>,
    /// What buying the size costs, a contract.
    pub ask_price: Option<Quote>,
    /// The vol of the bid, percent.
    pub bid_iv: Option<f64>,
    /// The vol of the ask, percent.
    pub ask_iv: Option<f64>,
    /// Sensitivities of one contract.
    pub greeks: Greeks,
    /// What all holders together are long.
    pub open_interest: Contracts,
    /// What the pool holds, signed.
    pub pool_position: Contracts,
    /// Buying takes risk off the pool: its impact is negative.
    pub buy_helps_pool: bool,
    /// Selling takes risk off the pool.
    pub sell_helps_pool: bool,
}

/// The most that can be traded of each side of one instrument.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Depth {
    /// The instrument.
    pub instrument_name: String,
    /// The tick.
    pub tick: u64,
    /// Buying, at growing sizes: the price of each level is what the size beyond the level before costs, so that walking the levels costs exactly what one fill of that size does.
    pub asks: Vec<DepthLevel>,
    /// Selling.
    pub bids: Vec<DepthLevel>,
    /// The rule that refuses more than the last level of buying, in words.
    pub buy_binds: Option<String>,
    /// The rule that refuses more selling.
    pub sell_binds: Option<String>,
    /// The last command that this knows of.
    pub as_of_seq: u64,
}

/// One level of a synthetic book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DepthLevel {
    /// Quote a contract of this level's amount.
    pub price: f64,
    /// Contracts of this level alone.
    pub amount: Contracts,
    /// What the whole size up to here costs.
    pub cost: CostParts,
}

/// The surface in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Surface {
    /// Whose.
    pub market: String,
    /// When it was made, ms.
    pub published_at: u64,
    /// Market time since, ms.
    pub age_ms: u64,
    /// A rate limit holds it back from what was published.
    pub clipped: bool,
    /// Seven-day vol, percent.
    pub sigma_ref: f64,
    /// The parameters at constant tenors.
    pub nodes: Vec<SurfaceRow>,
    /// What it says at listed expiries.
    pub slices: Vec<SmileSlice>,
    /// The last command that this knows of.
    pub as_of_seq: u64,
}

/// Parameters of a slice.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SurfaceRow {
    /// Days from the tick.
    pub days: f64,
    /// Mean total variance at the money.
    pub theta: f64,
    /// Correlation.
    pub rho: f64,
    /// Slope.
    pub psi: f64,
    /// Log of forward over index.
    pub carry: f64,
}

/// A smile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SmileSlice {
    /// Its label.
    pub expiry: String,
    /// When, ms.
    pub expiration_timestamp: u64,
    /// The forward, quote.
    pub forward: f64,
    /// Vol at the money, percent.
    pub atm_iv: Option<f64>,
    /// By strike.
    pub points: Vec<SmilePoint>,
}

/// One strike of a smile, vols in percent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SmilePoint {
    /// The strike.
    pub strike: Quote,
    /// The vol of the mark.
    pub mark_iv: Option<f64>,
    /// The vol of the pool's bid for one contract (the better side of call and put).
    pub bid_iv: Option<f64>,
    /// The vol of its ask.
    pub ask_iv: Option<f64>,
}

/// A market's parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MarketParameters {
    /// Its name.
    pub market: String,
    /// Who publishes prices.
    pub publishers: Vec<crate::Address>,
    /// `published` or `realised`.
    pub surface_source: String,
    /// The step of strikes.
    pub price_tick: Quote,
    /// Every rule of the market.
    pub rules: Vec<ParameterRow>,
    /// Every rule of its pool.
    pub pool_rules: Vec<ParameterRow>,
    /// Announced changes.
    pub proposals: Vec<ProposalRow>,
    /// The timelock, ms.
    pub timelock_ms: u64,
    /// Risk-adding commands are stopped.
    pub paused: bool,
    /// Insurance and treasury, free cash.
    pub insurance: Money,
    /// Treasury, free cash.
    pub treasury: Money,
}

/// A parameter with its bounds and its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ParameterRow {
    /// Its name.
    pub name: String,
    /// Its value in words, unit included.
    pub value: String,
    /// Its lowest value.
    pub min: String,
    /// Its highest value.
    pub max: String,
    /// What it does and why it is so.
    pub meaning: String,
}

/// An announced change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProposalRow {
    /// Its number.
    pub proposal: u64,
    /// What would change, in words.
    pub summary: String,
    /// When it can be enacted, ms.
    pub enact_from: u64,
}
