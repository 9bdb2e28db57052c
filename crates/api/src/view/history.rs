//! What happened: pages of the past.

use crate::Address;
use crate::amount::{Contracts, Money, Quote};
use crate::event::{ApiEvent, CostParts};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A page of events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EventPage {
    /// In the order of the journal.
    pub events: Vec<ApiEvent>,
    /// Ask from here on for the next page.
    pub next_seq: u64,
    /// There is more already.
    pub has_more: bool,
    /// The last command that this knows of.
    pub as_of_seq: u64,
}

/// One leg of a fill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TradeRow {
    /// Grows by one a leg filled at this venue.
    pub trade_seq: u64,
    /// The command that filled it.
    pub seq: u64,
    /// The order.
    pub order: u64,
    /// Market time, ms.
    pub time: u64,
    /// The instrument.
    pub instrument_name: String,
    /// `buy` or `sell`, as the trader did.
    pub direction: String,
    /// Contracts, positive.
    pub amount: Contracts,
    /// Quote a contract, every charge of the order shared out by the legs' marks.
    pub price: f64,
    /// The mark of a contract when it filled.
    pub mark_price: f64,
    /// The vol of that mark, percent.
    pub iv: Option<f64>,
    /// The index.
    pub index_price: Quote,
    /// The tick that priced it.
    pub tick: u64,
}

/// A fill of an account's order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FillRow {
    /// Whose.
    pub account: Address,
    /// The client's mark on the order.
    pub label: Option<String>,
    /// Legs.
    pub trades: Vec<TradeRow>,
    /// The whole order's cost.
    pub cost: CostParts,
    /// The command that filled it.
    pub seq: u64,
    /// The order.
    pub order: u64,
    /// Market time, ms.
    pub time: u64,
}

/// A page of trades, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TradePage {
    /// Trades.
    pub trades: Vec<TradeRow>,
    /// There is more further back.
    pub has_more: bool,
    /// The last command that this knows of.
    pub as_of_seq: u64,
}

/// A page of an account's fills, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FillPage {
    /// Fills.
    pub fills: Vec<FillRow>,
    /// There is more further back.
    pub has_more: bool,
    /// The last command that this knows of.
    pub as_of_seq: u64,
}

/// A page of an account's orders, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OrderPage {
    /// Orders.
    pub orders: Vec<super::Order>,
    /// There is more further back.
    pub has_more: bool,
    /// The last command that this knows of.
    pub as_of_seq: u64,
}

/// Candles in columns.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct Candles {
    /// Starts, ms.
    pub ticks: Vec<u64>,
    /// First price.
    pub open: Vec<f64>,
    /// Highest.
    pub high: Vec<f64>,
    /// Lowest.
    pub low: Vec<f64>,
    /// Last.
    pub close: Vec<f64>,
    /// Contracts traded.
    pub volume: Vec<f64>,
    /// Quote paid for them.
    pub cost: Vec<f64>,
    /// `trade`, or `mark` where nothing traded, or `index`.
    pub source: Vec<String>,
    /// `ok` or `no_data`.
    pub status: String,
    /// The last command that this knows of.
    pub as_of_seq: u64,
}

/// One UTC day of market time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DailyStats {
    /// Its first millisecond.
    pub day: u64,
    /// Contracts times index, quote.
    pub notional_volume: f64,
    /// Premiums paid and received, quote.
    pub premium_volume: f64,
    /// Fees and spreads that traders paid, quote.
    pub user_fees: f64,
    /// Fees alone, quote.
    pub fees: f64,
    /// Of these, what liquidity kept, quote.
    pub supply_side_revenue: f64,
    /// What insurance and treasury got, quote.
    pub protocol_revenue: f64,
    /// Pool equity at the day's end, quote.
    pub tvl: f64,
    /// Legs filled.
    pub trades: u64,
    /// Accounts that traded.
    pub unique_accounts: u64,
}

/// Why a command did what it did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Explanation {
    /// The command's number.
    pub seq: u64,
    /// Market time, ms.
    pub time: u64,
    /// Who signed.
    pub sender: Address,
    /// For whom, when a session key signed.
    pub principal: Option<Address>,
    /// In words.
    pub command: String,
    /// In full.
    #[schema(value_type = Object)]
    pub body: serde_json::Value,
    /// What happened.
    pub events: Vec<ApiEvent>,
    /// Every movement of cash, in words: from, to, amount, why.
    pub postings: Vec<PostingRow>,
    /// The digest after it, hex.
    pub digest: String,
}

/// A movement of cash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PostingRow {
    /// The bucket that it left.
    pub from: String,
    /// The bucket that it entered.
    pub to: String,
    /// How much.
    pub amount: Money,
    /// Why.
    pub reason: String,
}
