//! What can be asked of a venue, in names and decimal text, and how it becomes a command of the engine.

use crate::amount::{Contracts, Money, Quote, ShareCount};
use crate::error::ApiError;
use crate::{Address, Names};
use cenote_engine::command::{self, Command, OrderRequest, SessionGrant};
use cenote_engine::ids::{Instrument, OrderId, PoolId, ProposalId};
use cenote_units::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[allow(clippy::large_enum_variant)] // Proposals are rare; a box would be in the way of all.
pub enum ApiCommand {
    /// Moves money from the account's wallet at the host into its free cash.
    Deposit {
        /// How much; more than zero.
        amount: Money,
    },
    /// Pays free cash out to the account's wallet.
    Withdraw {
        /// How much; more than zero.
        amount: Money,
    },
    /// Asks to trade 1 to 8 legs, whole or not at all, at the first price published after now.
    PlaceOrder(PlaceOrder),
    /// Ends an order after the fills of the first tick whose price nobody can know yet.
    CancelOrder {
        /// Which order.
        order: u64,
    },
    /// Sets cash aside for pool shares, at the price of the next batch.
    RequestDeposit {
        /// Which pool.
        #[serde(default)]
        pool: u16,
        /// How much; more than zero.
        amount: Money,
    },
    /// Freezes pool shares to be paid out from the next batch on.
    RequestWithdraw {
        /// Which pool.
        #[serde(default)]
        pool: u16,
        /// How many; more than zero.
        shares: ShareCount,
    },
    /// Hands an owner what a processed batch owes. Anyone may claim for anyone.
    Claim {
        /// Whose request; the signer's own account when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<Address>,
        /// In which pool.
        #[serde(default)]
        pool: u16,
        /// The epoch in which it was made.
        epoch: u64,
    },
    /// Gives unlocked pool shares to another account.
    TransferShares {
        /// In which pool.
        #[serde(default)]
        pool: u16,
        /// To whom.
        to: Address,
        /// How many; more than zero.
        shares: ShareCount,
    },
    /// Gives part of a long position away, or offers part of a short one for `to` to take.
    TransferPosition {
        /// To whom.
        to: Address,
        /// Which series.
        instrument: String,
        /// Signed as held: positive gives a long away, negative offers a short.
        size: Contracts,
        /// What the giver pays the taker of a short.
        #[serde(default)]
        payment: Money,
    },
    /// Takes a short position that `from` has offered, and its payment.
    TakePosition {
        /// Who offered it.
        from: Address,
        /// The offer's number.
        offer: u64,
    },
    /// Takes an offer of a short position back.
    RevokeOffer {
        /// The offer's number.
        offer: u64,
    },
    /// Lets another key act for the account within limits.
    GrantSession(GrantSession),
    /// Ends a session key.
    RevokeSession {
        /// The key's address.
        key: Address,
    },
    /// Goes on filling due orders at the tick in force. Anyone.
    Fill {
        /// Which market.
        market: String,
    },
    /// Lists what the calendar and the forward call for, retires empty strikes. Anyone.
    Roll {
        /// Which market.
        market: String,
    },
    /// Fixes an expired board's settlement price, once it can be known. Anyone.
    Settle {
        /// The name of any series of the board.
        instrument: String,
    },
    /// Settles an account's positions on every settled board. Anyone.
    SettleAccount {
        /// Whose positions.
        owner: Address,
    },
    /// The signer's own word on a price. Publishers.
    PushPrice {
        /// Which market.
        market: String,
        /// The index price.
        price: Quote,
        /// Half the width of the publisher's uncertainty.
        confidence: Quote,
        /// When the publisher says so, ms.
        published_at: u64,
    },
    /// A volatility surface. Publishers.
    PublishSurface {
        /// Which market.
        market: String,
        /// When it was made, ms.
        published_at: u64,
        /// Slices at constant tenors, ascending: `{tenor_s, theta_e12, rho_e9, psi_e12, carry_e12}`.
        #[schema(value_type = Vec<Object>)]
        nodes: Vec<command::SurfaceNode>,
    },
    /// Announces a change in the engine's own units; the timelock runs. Admin.
    Propose {
        /// The change.
        #[schema(value_type = Object)]
        action: command::Action,
    },
    /// Carries out a proposal whose timelock has passed. Anyone.
    Enact {
        /// Which proposal.
        proposal: u64,
    },
    /// Drops a proposal. Admin or guardian.
    Reject {
        /// Which proposal.
        proposal: u64,
    },
    /// Stops what adds risk, in one market or in all. Guardian.
    Pause {
        /// One market, or all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        market: Option<String>,
    },
    /// Lifts a pause. Guardian.
    Resume {
        /// One market, or all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        market: Option<String>,
    },
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceOrder {
    /// What to trade, all in one market.
    pub legs: Vec<OrderLeg>,
    /// The most to pay (positive) or the least to receive (negative), every charge included. There is no order without one.
    pub limit: Money,
    /// How long it may wait, ms of market time; absent: the first tick fills it or ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
    /// Refuse to open or enlarge any position.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reduce_only: bool,
    /// How many ticks may try it, 1 or more; each pays one keeper fee, unused ones come back.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub attempts: u32,
    /// The client's own mark on the order, at most 64 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// One leg of an order or a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderLeg {
    /// The instrument's name; `-F` at its end trades call and put together as the forward of the strike.
    pub instrument: String,
    /// Contracts: positive buys from the pool, negative sells to it.
    pub size: Contracts,
}

/// What a session key may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantSession {
    /// The session key's address.
    pub key: Address,
    /// May place and cancel orders.
    #[serde(default)]
    pub trade: bool,
    /// May request deposits and withdrawals of liquidity, and claim.
    #[serde(default)]
    pub liquidity: bool,
    /// The most its orders may cost in one UTC day.
    pub daily_cap: Money,
    /// When it ends, ms of market time.
    pub expires_at: u64,
}

fn one() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde calls it so.
fn is_one(n: &u32) -> bool {
    *n == 1
}

/// The longest label of an order, bytes.
pub const LABEL_MAX: usize = 64;

fn moment(field: &'static str, ms: u64) -> Result<Timestamp, ApiError> {
    Timestamp::from_millis(ms).map_err(|_| ApiError::invalid(field, "milliseconds before the year 10,000"))
}

impl OrderLeg {
    /// The engine's leg.
    ///
    /// # Errors
    /// A name that is none.
    pub fn to_engine(&self, names: &Names) -> Result<command::Leg, ApiError> {
        let name = names.parse(&self.instrument).map_err(ApiError::not_found)?;
        Ok(command::Leg { board: name.board, strike: name.strike, kind: name.kind, size: self.size.0 })
    }
}

/// The legs of an order or a question, and the one market that they are in.
///
/// # Errors
/// No leg, or a name that is none. That all are in one market is the engine's to check.
pub fn legs(
    legs: &[OrderLeg],
    names: &Names,
) -> Result<(cenote_engine::ids::MarketId, Vec<command::Leg>), ApiError> {
    if legs.is_empty() || legs.len() > cenote_engine::limits::LEGS {
        return Err(ApiError::invalid("legs", "1 to 8 of them"));
    }
    let legs = legs.iter().map(|leg| leg.to_engine(names)).collect::<Result<Vec<_>, _>>()?;
    Ok((legs[0].board.market, legs))
}

impl ApiCommand {
    /// The engine's command, for a signer who acts for `account`. A deposit's money is attached by the host.
    ///
    /// # Errors
    /// A name that is none, or a moment beyond all bounds.
    pub fn to_engine(&self, names: &Names, account: Address) -> Result<Command, ApiError> {
        let market = |name: &str| {
            names
                .find_market(name)
                .ok_or_else(|| ApiError::not_found(format!("there is no market `{name}`; see /v1/status")))
        };
        let some_market = |name: &Option<String>| name.as_deref().map(market).transpose();
        Ok(match self {
            Self::Deposit { .. } => Command::Deposit,
            Self::Withdraw { amount } => Command::Withdraw { amount: amount.0 },
            Self::PlaceOrder(order) => Command::PlaceOrder(order.to_engine(names)?),
            Self::CancelOrder { order } => Command::CancelOrder { order: OrderId(*order) },
            Self::RequestDeposit { pool, amount } => {
                Command::RequestDeposit { pool: PoolId(*pool), amount: amount.0 }
            }
            Self::RequestWithdraw { pool, shares } => {
                Command::RequestWithdraw { pool: PoolId(*pool), shares: shares.0 }
            }
            Self::Claim { owner, pool, epoch } => {
                Command::Claim { account: owner.unwrap_or(account).0, pool: PoolId(*pool), epoch: *epoch }
            }
            Self::TransferShares { pool, to, shares } => {
                Command::TransferShares { pool: PoolId(*pool), to: to.0, shares: shares.0 }
            }
            Self::TransferPosition { to, instrument, size, payment } => {
                let Instrument { board, strike, right } = series(names, instrument)?;
                Command::TransferPosition { to: to.0, board, strike, right, size: size.0, payment: payment.0 }
            }
            Self::TakePosition { from, offer } => Command::TakePosition { from: from.0, offer: *offer },
            Self::RevokeOffer { offer } => Command::RevokeOffer { offer: *offer },
            Self::GrantSession(grant) => Command::GrantSession(SessionGrant {
                key: grant.key.0,
                trade: grant.trade,
                liquidity: grant.liquidity,
                daily_cap: grant.daily_cap.0,
                expires_at: moment("expires_at", grant.expires_at)?,
            }),
            Self::RevokeSession { key } => Command::RevokeSession { key: key.0 },
            Self::Fill { market: name } => Command::Fill { market: market(name)? },
            Self::Roll { market: name } => Command::Roll { market: market(name)? },
            Self::Settle { instrument } => Command::Settle { board: series(names, instrument)?.board },
            Self::SettleAccount { owner } => Command::SettleAccount { account: owner.0 },
            Self::PushPrice { market: name, price, confidence, published_at } => Command::PushPrice {
                market: market(name)?,
                reports: vec![command::Report {
                    publisher: account.0,
                    price: price.0,
                    confidence: confidence.0,
                    published_at: moment("published_at", *published_at)?,
                }],
            },
            Self::PublishSurface { market: name, published_at, nodes } => Command::PublishSurface {
                market: market(name)?,
                published_at: moment("published_at", *published_at)?,
                nodes: nodes.clone(),
            },
            Self::Propose { action } => Command::Propose { action: action.clone() },
            Self::Enact { proposal } => Command::Enact { proposal: ProposalId(*proposal) },
            Self::Reject { proposal } => Command::Reject { proposal: ProposalId(*proposal) },
            Self::Pause { market } => Command::Pause { market: some_market(market)? },
            Self::Resume { market } => Command::Resume { market: some_market(market)? },
        })
    }

    /// The order's label.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        match self {
            Self::PlaceOrder(order) => order.label.as_deref(),
            _ => None,
        }
    }

    /// One line for people: what a wallet shows before it signs.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Deposit { amount } => format!("Deposit {amount}"),
            Self::Withdraw { amount } => format!("Withdraw {amount} to the wallet"),
            Self::PlaceOrder(order) => order.describe(),
            Self::CancelOrder { order } => format!("Cancel order {order}"),
            Self::RequestDeposit { pool, amount } => {
                format!("Put {amount} into pool {pool} at its next batch")
            }
            Self::RequestWithdraw { pool, shares } => {
                format!("Take {shares} shares out of pool {pool} from its next batch on")
            }
            Self::TransferShares { pool, to, shares } => {
                format!("Give {shares} shares of pool {pool} to {to}")
            }
            Self::TransferPosition { to, instrument, size, payment } => {
                format!("Hand {size} {instrument} to {to} with a payment of {payment}")
            }
            Self::GrantSession(grant) => format!(
                "Let key {} act for this account until {} ms: {}, at most {} a day",
                grant.key,
                grant.expires_at,
                match (grant.trade, grant.liquidity) {
                    (true, true) => "trading and liquidity",
                    (true, false) => "trading",
                    (false, true) => "liquidity",
                    (false, false) => "nothing",
                },
                grant.daily_cap
            ),
            Self::RevokeSession { key } => format!("End session key {key}"),
            other => serde_json::to_string(other).unwrap_or_else(|_| "a command".to_owned()),
        }
    }
}

fn series(names: &Names, name: &str) -> Result<Instrument, ApiError> {
    let parsed = names.parse(name).map_err(ApiError::not_found)?;
    parsed.instrument().ok_or_else(|| ApiError::invalid("instrument", "a call or a put"))
}

impl PlaceOrder {
    fn to_engine(&self, names: &Names) -> Result<OrderRequest, ApiError> {
        let (market, legs) = legs(&self.legs, names)?;
        if self.label.as_ref().is_some_and(|label| label.len() > LABEL_MAX) {
            return Err(ApiError::invalid("label", "at most 64 bytes"));
        }
        Ok(OrderRequest {
            market,
            legs,
            limit: self.limit.0,
            time_in_force: match self.until {
                None => command::TimeInForce::FirstTick,
                Some(ms) => command::TimeInForce::Until(moment("until", ms)?),
            },
            reduce_only: self.reduce_only,
            attempts: self.attempts,
        })
    }

    fn describe(&self) -> String {
        let leg = |leg: &OrderLeg| {
            let verb = if leg.size.0.get() < 0 { "sell" } else { "buy" };
            format!(
                "{verb} {} {}",
                Contracts(if leg.size.0.get() < 0 { leg.size.0.negated() } else { leg.size.0 }),
                leg.instrument
            )
        };
        let what = self.legs.iter().map(leg).collect::<Vec<_>>().join(", ");
        let limit = match self.limit.0.get() {
            0 => "pay nothing".to_owned(),
            paid if paid > 0 => format!("pay at most {}", self.limit),
            _ => format!("receive at least {}", Money(self.limit.0.negated())),
        };
        let wait = self.until.map_or_else(|| "at the first price".to_owned(), |ms| format!("until {ms} ms"));
        format!("Order: {what}; {limit}; {wait}{}", if self.reduce_only { "; only to reduce" } else { "" })
    }
}
