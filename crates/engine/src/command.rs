//! What can be asked of the engine.

use crate::ids::{AccountId, BoardId, LegKind, MarketId, OrderId, PoolId, ProposalId, Right};
use crate::params::{MarketParams, PoolParams};
use alloc::vec::Vec;
use borsh::{BorshDeserialize, BorshSerialize};
use cenote_units::{Cash, Millis, Price, Shares, Size, Timestamp};

/// One thing to do. Who does it, when, and with what money attached is in the [`crate::Context`].
#[allow(clippy::large_enum_variant)] // Proposals carry whole parameter sets and are rare; a box would be in the way of all.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Command {
    /// Credits the money attached to the command to the sender.
    Deposit,
    /// Pays free cash out to the account's own address.
    Withdraw {
        /// How much; more than zero.
        amount: Cash,
    },
    /// Delivers publishers' prices; a new tick if enough of them are fresh. Anyone may deliver; the host has
    /// checked each publisher's signature.
    PushPrice {
        /// Which market.
        market: MarketId,
        /// At most one a publisher.
        reports: Vec<Report>,
    },
    /// Publishes a volatility surface; it takes force at the market's next tick.
    PublishSurface {
        /// Which market.
        market: MarketId,
        /// When it was made; later than the one before, not in the future.
        published_at: Timestamp,
        /// Slices at constant tenors, ascending.
        nodes: Vec<SurfaceNode>,
    },
    /// Asks to trade at the first price published after now.
    PlaceOrder(OrderRequest),
    /// Ends an order after the fills of the first tick whose price nobody can know yet.
    CancelOrder {
        /// Which order.
        order: OrderId,
    },
    /// Goes on filling due orders at the tick in force, in the queue's order. Anyone.
    Fill {
        /// Which market.
        market: MarketId,
    },
    /// Sets cash aside for shares of a pool, at the price of the next batch.
    RequestDeposit {
        /// Which pool.
        pool: PoolId,
        /// How much; more than zero.
        amount: Cash,
    },
    /// Freezes shares of a pool to be paid out from the next batch on.
    RequestWithdraw {
        /// Which pool.
        pool: PoolId,
        /// How many; more than zero.
        shares: Shares,
    },
    /// Hands an owner what a processed batch owes. Anyone may claim for anyone.
    Claim {
        /// Whose request.
        account: AccountId,
        /// In which pool.
        pool: PoolId,
        /// The epoch in which it was made.
        epoch: u64,
    },
    /// Lists what the calendar and the forward call for, retires empty strikes. Anyone.
    Roll {
        /// Which market.
        market: MarketId,
    },
    /// Fixes an expired board's settlement price if it can be known, and settles the pool. Anyone.
    Settle {
        /// Which board.
        board: BoardId,
    },
    /// Settles an account's positions on every board that has a settlement price. Anyone.
    SettleAccount {
        /// Whose positions.
        account: AccountId,
    },
    /// Gives unlocked pool shares to another account.
    TransferShares {
        /// Which pool.
        pool: PoolId,
        /// To whom.
        to: AccountId,
        /// How many; more than zero.
        shares: Shares,
    },
    /// Gives part of a long position away, or offers part of a short one for `to` to take.
    TransferPosition {
        /// To whom.
        to: AccountId,
        /// On which board.
        board: BoardId,
        /// Which strike.
        strike: Price,
        /// Which right.
        right: Right,
        /// Signed as held: positive gives a long away, negative offers a short.
        size: Size,
        /// What the giver pays the taker of a short; zero for a long.
        payment: Cash,
    },
    /// Takes a short position that `from` has offered to the sender, and its payment.
    TakePosition {
        /// Who offered it.
        from: AccountId,
        /// The offer's number.
        offer: u64,
    },
    /// Takes an offer of a short position back.
    RevokeOffer {
        /// The offer's number.
        offer: u64,
    },
    /// Announces a change; it can be enacted once the timelock has passed. Admin.
    Propose {
        /// The change.
        action: Action,
    },
    /// Carries out a proposal whose timelock has passed. Anyone.
    Enact {
        /// Which proposal.
        proposal: ProposalId,
    },
    /// Drops a proposal. Admin or guardian.
    Reject {
        /// Which proposal.
        proposal: ProposalId,
    },
    /// Stops what adds risk, in one market or in all. Leaving stays open. Guardian.
    Pause {
        /// One market, or all.
        market: Option<MarketId>,
    },
    /// Lifts a pause. Guardian.
    Resume {
        /// One market, or all.
        market: Option<MarketId>,
    },
    /// Lets another key act for the account within limits.
    GrantSession(SessionGrant),
    /// Ends a session key.
    RevokeSession {
        /// Which key.
        key: AccountId,
    },
}

/// One publisher's word on a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Report {
    /// Who says so.
    pub publisher: AccountId,
    /// The index price, more than zero.
    pub price: Price,
    /// Half the width of the publisher's own uncertainty.
    pub confidence: Price,
    /// When the publisher said so.
    pub published_at: Timestamp,
}

/// One slice of a published surface, in integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SurfaceNode {
    /// Seconds from the tick to expiry.
    pub tenor_s: u32,
    /// Mean total variance at the money, in 1e-12.
    pub theta_e12: u64,
    /// Correlation of the slice, in 1e-9, strictly between -1 and 1.
    pub rho_e9: i32,
    /// Slope of the slice, in 1e-12.
    pub psi_e12: u64,
    /// Log of forward over index, in 1e-12.
    pub carry_e12: i64,
}

/// An order to trade 1 to 8 legs in one market, whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct OrderRequest {
    /// Which market.
    pub market: MarketId,
    /// What to trade; legs of one instrument are merged.
    pub legs: Vec<Leg>,
    /// The most to pay (positive) or the least to receive (negative), every charge included.
    pub limit: Cash,
    /// How long it may wait for a tick that meets the limit.
    pub time_in_force: TimeInForce,
    /// Refuse to open or enlarge any position.
    pub reduce_only: bool,
    /// How many ticks may try it; each pays one keeper fee, unused ones are refunded.
    pub attempts: u32,
}

/// One leg of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Leg {
    /// On which board.
    pub board: BoardId,
    /// Which strike.
    pub strike: Price,
    /// Call, put, or the forward of the strike.
    pub kind: LegKind,
    /// Contracts: positive buys from the pool, negative sells to it.
    pub size: Size,
}

/// How long an order lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum TimeInForce {
    /// Fills at the first tick that tries it, or ends.
    #[default]
    FirstTick,
    /// Rests until a tick meets its limit, or until this moment.
    Until(Timestamp),
}

/// What a session key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SessionGrant {
    /// The key's own account id.
    pub key: AccountId,
    /// May place and cancel orders.
    pub trade: bool,
    /// May request deposits and withdrawals of liquidity, and claim.
    pub liquidity: bool,
    /// The most that its orders may cost, by their limits plus keeper fees, in one UTC day.
    pub daily_cap: Cash,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A change that waits out the timelock.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Action {
    /// A new pool.
    CreatePool(PoolParams),
    /// A new market in a pool.
    CreateMarket {
        /// Which pool backs it.
        pool: PoolId,
        /// Its parameters.
        params: MarketParams,
    },
    /// New parameters of a pool.
    SetPool {
        /// Which pool.
        pool: PoolId,
        /// All of its parameters.
        params: PoolParams,
    },
    /// New parameters of a market.
    SetMarket {
        /// Which market.
        market: MarketId,
        /// All of its parameters.
        params: MarketParams,
    },
    /// New holders of powers, or a new timelock.
    SetPowers(Powers),
}

/// Who may do what, and how long changes wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Powers {
    /// May propose.
    pub admin: AccountId,
    /// May pause, resume and reject proposals.
    pub guardian: AccountId,
    /// From announcement to enactment; longer than the longest way out of a pool.
    pub timelock: Millis,
}
