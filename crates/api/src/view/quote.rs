//! What a trade would cost, and what it would do.

use super::{AccountBrief, Greeks};
use crate::Address;
use crate::amount::{Contracts, Money, Quote};
use crate::command::OrderLeg;
use crate::error::ApiError;
use crate::event::CostParts;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A question about a trade.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuoteRequest {
    /// What to trade.
    pub legs: Vec<OrderLeg>,
    /// For whom; absent: anyone with enough cash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Address>,
    /// As an order that may only reduce.
    #[serde(default)]
    pub reduce_only: bool,
    /// Also search the largest trade in these proportions: costs some fifty times as much work.
    #[serde(default)]
    pub largest: bool,
}

/// A trade priced at the tick in force. An order fills at a later tick; for this one the answer is exact to the unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QuoteAnswer {
    /// The market.
    pub market: String,
    /// The tick.
    pub tick: u64,
    /// Its index price.
    pub index_price: Quote,
    /// When it was published, ms.
    pub published_at: u64,
    /// Every part of the cost, adding up to `total`.
    pub cost: CostParts,
    /// What one unit of the legs' common size costs: of one leg, quote a contract.
    pub average_price: Quote,
    /// Each leg at its mark.
    pub legs: Vec<QuoteLeg>,
    /// Sensitivities of what would be bought.
    pub greeks: Greeks,
    /// Settlement prices at which payoff equals cost; only when all legs expire together.
    pub break_evens: Vec<Quote>,
    /// The least that payoff less cost can be.
    pub worst_case: Money,
    /// The most.
    pub best_case: Money,
    /// A limit that a usual move until the next tick does not break.
    pub limit_suggested: Money,
    /// What each attempt pays to whoever delivers the tick.
    pub keeper_fee: Money,
    /// The account before, when one was named.
    pub account_before: Option<AccountBrief>,
    /// The account after.
    pub account_after: Option<AccountBrief>,
    /// The first rule that would refuse it.
    pub refusal: Option<ApiError>,
    /// The largest trade in these proportions, when asked for.
    pub largest: Option<Largest>,
    /// The last command that this knows of.
    pub as_of_seq: u64,
}

/// A leg of a quote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QuoteLeg {
    /// Its name.
    pub instrument: String,
    /// Its size.
    pub size: Contracts,
    /// The mark of a contract, quote.
    pub mark_price: f64,
    /// The vol of that mark, percent.
    pub mark_iv: Option<f64>,
}

/// The largest trade in some proportions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Largest {
    /// Sizes of the legs as asked; zeros when not even the smallest would fill.
    pub sizes: Vec<Contracts>,
    /// The rule that refuses more, and what to do about it.
    pub binds: Option<ApiError>,
}

/// Positions in other circumstances.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WhatIfRequest {
    /// Start from this account's positions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Address>,
    /// Start from the pool's inventory instead.
    #[serde(default)]
    pub pool: bool,
    /// The market.
    pub market: String,
    /// Legs to add, at their marks.
    #[serde(default)]
    pub add: Vec<OrderLeg>,
    /// Instruments to leave out.
    #[serde(default)]
    pub remove: Vec<String>,
    /// Changes of the index, fractions of it: -0.2 is 20% down. Up to 41.
    pub spot_shocks: Vec<f64>,
    /// Changes of every vol, vol points: 10 is from 60% to 70%. Up to 21.
    pub vol_shocks: Vec<f64>,
    /// Moments, ms of market time; absent: now. Up to 8. Legs that have expired by then are worth their payoff.
    #[serde(default)]
    pub dates: Vec<u64>,
}

/// What they would be worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WhatIfAnswer {
    /// What they are worth now, quote.
    pub value: f64,
    /// Sensitivities now.
    pub greeks: Greeks,
    /// The index price in force.
    pub index_price: Quote,
    /// One grid a date.
    pub grids: Vec<WhatIfGrid>,
    /// Payoff over settlement prices when all expire together at once: exact at every kink, flat beyond the band; one line an expiry.
    pub payoffs: Vec<PayoffLine>,
    /// The last command that this knows of.
    pub as_of_seq: u64,
}

/// Values less the value now, at one date.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WhatIfGrid {
    /// The moment, ms.
    pub at: u64,
    /// Profit by vol shock, then spot shock, quote.
    pub pnl: Vec<Vec<f64>>,
}

/// A payoff, linear between its points.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PayoffLine {
    /// The expiry's label.
    pub expiry: String,
    /// When, ms.
    pub expiration_timestamp: u64,
    /// The settlement band.
    pub settlement_band: super::Band,
    /// Settlement price and payoff, ascending.
    pub points: Vec<PayoffPoint>,
}

/// A point of a payoff.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PayoffPoint {
    /// The settlement price.
    pub price: Quote,
    /// What is paid there.
    pub payoff: Money,
}
