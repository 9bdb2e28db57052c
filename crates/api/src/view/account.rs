//! Accounts: cash, positions, orders, liquidity, where profit came from.

use super::Greeks;
use crate::Address;
use crate::amount::{Contracts, Money, Quote, ShareCount};
use crate::command::OrderLeg;
use crate::error::ApiError;
use crate::event::CostParts;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An account in two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct AccountBrief {
    /// Free cash.
    pub cash: Money,
    /// Locked: what its positions could lose at settlement.
    pub locked: Money,
}

/// Everything about an account. One that has never held anything is all zeros.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Account {
    /// Whose.
    pub account: Address,
    /// What the host holds for it outside of the venue.
    pub wallet: Money,
    /// Free cash: what it can spend or withdraw.
    pub cash: Money,
    /// Locked: the most that its positions can cost it at settlement. Nothing is ever liquidated.
    pub locked: Money,
    /// Positions at their marks.
    pub value: Money,
    /// Cash, what is locked, and value.
    pub equity: Money,
    /// The least that it can end with: cash and what is locked, every open board at its worst settlement price.
    pub worst_case: Money,
    /// Sensitivities of everything.
    pub greeks: Greeks,
    /// Profit by source; the parts add up to `total` exactly.
    pub pnl: Pnl,
    /// Positions, by expiry.
    pub positions: Vec<Position>,
    /// Live orders.
    pub orders: Vec<Order>,
    /// Shares and requests, one row a pool.
    pub stakes: Vec<Stake>,
    /// Session keys that may act for it.
    pub sessions: Vec<SessionRow>,
    /// Nonces below or at this one are refused.
    pub nonce_floor: u64,
    /// A nonce that is unused.
    pub nonce_next: u64,
    /// The last command that this knows of.
    pub as_of_seq: u64,
}

/// Profit by source, in the account's favour when positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Pnl {
    /// Marks and payoffs against the marks it traded at.
    pub market: Money,
    /// Impact of its trades on the pool's risk.
    pub impact: Money,
    /// Rent for locked capital.
    pub capital: Money,
    /// Spread.
    pub spread: Money,
    /// Latency charges.
    pub latency: Money,
    /// Fees.
    pub fee: Money,
    /// Rounding.
    pub rounding: Money,
    /// Keeper fees.
    pub keeper: Money,
    /// Payments for positions handed over.
    pub transfer: Money,
    /// The sum.
    pub total: Money,
}

/// A position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Position {
    /// Its instrument.
    pub instrument_name: String,
    /// When it expires, ms.
    pub expiration_timestamp: u64,
    /// The strike.
    pub strike: Quote,
    /// `call` or `put`.
    pub option_type: String,
    /// Signed.
    pub size: Contracts,
    /// The mark of a contract, quote; after settlement its payoff.
    pub mark_price: f64,
    /// Size times mark.
    pub value: Money,
    /// What it was opened at, quote a contract, charges included; `null` when the history does not say.
    pub average_price: Option<f64>,
    /// What was paid for what is open, every charge included, negative when more was received; `null` when the history does not say.
    pub cost: Option<Money>,
    /// Value less what it cost; `null` when the history does not say.
    pub floating_profit_loss: Option<f64>,
    /// What closing parts of it has realised since it was opened, by average cost; `null` when the history does not say. Positions that were
    /// closed in full are under /v1/accounts/{address}/closed.
    pub realised_profit_loss: Option<Money>,
    /// Sensitivities.
    pub greeks: Greeks,
    /// Its board has a settlement price: what it pays is certain.
    pub settled: bool,
}

/// A position that was closed in full: by trades, by handing it over, or by settlement. One that is opened again is another one, and so is
/// what a trade leaves on the other side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClosedPosition {
    /// Its instrument.
    pub instrument_name: String,
    /// All that was opened, signed.
    pub size: Contracts,
    /// What it was opened at, quote a contract, charges included.
    pub average_price: f64,
    /// What it was closed at, quote a contract, charges included; by settlement, what it paid.
    pub exit_price: f64,
    /// What was received less what was paid, to the unit.
    pub realised_profit_loss: Money,
    /// When it was opened, ms.
    pub opened_at: u64,
    /// When it was closed, ms.
    pub closed_at: u64,
    /// `trade`, `transfer` or `settlement`.
    pub closed_by: String,
    /// The command that closed it.
    pub seq: u64,
}

/// A page of an account's closed positions, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClosedPage {
    /// Closed positions; those of one command are on one page.
    pub positions: Vec<ClosedPosition>,
    /// There is more further back: before the `seq` of the last one.
    pub has_more: bool,
    /// The last command that this knows of.
    pub as_of_seq: u64,
}

/// Where an order is: `sent` (by the client), `durable`, `due` (its tick is out), `filled`, `resting`, `ended`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Order {
    /// Its number.
    pub order: u64,
    /// Whose.
    pub account: Address,
    /// Its market.
    pub market: String,
    /// What it asks for.
    pub legs: Vec<OrderLeg>,
    /// The most to pay, or the least to receive when negative.
    pub limit: Money,
    /// `durable`, `resting`, `filled` or `ended`.
    pub state: String,
    /// The client's mark.
    pub label: Option<String>,
    /// When it was placed, ms.
    pub placed_at: u64,
    /// The first publish time that it may fill at, ms.
    pub due_at: u64,
    /// When its time is up, ms.
    pub until: Option<u64>,
    /// May only reduce.
    pub reduce_only: bool,
    /// Ticks that may still try it.
    pub attempts: u32,
    /// A cancel takes effect after the first tick published from here on, ms.
    pub cancel_from: Option<u64>,
    /// The tick that priced it.
    pub tick: Option<u64>,
    /// What it cost.
    pub cost: Option<CostParts>,
    /// `cancelled`, `expired`, `not_filled` or `dropped`.
    pub ended: Option<String>,
    /// The last refusal.
    pub reason: Option<ApiError>,
    /// When it last changed, ms.
    pub updated_at: u64,
}

/// Pool shares and requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Stake {
    /// In which pool.
    pub pool: u16,
    /// Shares owned and not frozen.
    pub shares: ShareCount,
    /// Of these, locked.
    pub locked: ShareCount,
    /// When the last lock ends, ms.
    pub locked_until: Option<u64>,
    /// At equity a share.
    pub value: Money,
    /// Requests not yet claimed in full.
    pub requests: Vec<LpRequest>,
}

/// A liquidity request on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LpRequest {
    /// Its epoch.
    pub epoch: u64,
    /// `requested` (the epoch is open), `closing` (its batch waits for its tick), `priced` (can be claimed), `waiting` (what could not be paid yet).
    pub state: String,
    /// Cash set aside for shares.
    pub deposit: Money,
    /// Shares frozen to be paid out.
    pub exit: ShareCount,
    /// Paid out so far.
    pub paid: Money,
    /// When its batch is due, ms; `null` while the epoch is open.
    pub due_at: Option<u64>,
}

/// A session key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SessionRow {
    /// The key's address.
    pub key: Address,
    /// May place and cancel orders.
    pub trade: bool,
    /// May request and claim liquidity.
    pub liquidity: bool,
    /// The most it may spend in one UTC day.
    pub daily_cap: Money,
    /// Spent today.
    pub spent: Money,
    /// When it ends, ms.
    pub expires_at: u64,
}
