//! What happened, for read models, attributes and people. Events never feed back into the engine.

use crate::command::Leg;
use crate::error::Rejection;
use crate::ids::{AccountId, BoardId, Instrument, MarketId, OrderId, PoolId, ProposalId};
use alloc::vec::Vec;
use cenote_units::{Cash, Millis, Price, Shares, Size, Timestamp};

/// One thing that happened. Amounts and ids are named after what they are.
#[allow(missing_docs)]
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Event {
    /// Money came in.
    Deposited { account: AccountId, amount: Cash },
    /// Money went out.
    Withdrawn { account: AccountId, amount: Cash },
    /// Reports were kept, but do not make a tick.
    ReportsKept { market: MarketId, fresh: usize, needed: usize },
    /// A tick that jumped waits for confirmation.
    JumpHeld { market: MarketId, price: Price, in_force: Price },
    /// A held tick was dropped.
    JumpDropped { market: MarketId, price: Price },
    /// A tick is in force.
    Ticked(TickEvent),
    /// A surface was published, to take force at the next tick.
    SurfacePublished { market: MarketId, published_at: Timestamp, clipped: bool },
    /// An order waits for its tick.
    OrderPlaced { order: OrderId, account: AccountId, market: MarketId, due_at: Timestamp },
    /// An order was tried and waits for a better tick.
    OrderRested { order: OrderId, reason: Rejection },
    /// An order filled.
    OrderFilled(FillEvent),
    /// An order ended without filling.
    OrderEnded { order: OrderId, account: AccountId, reason: EndReason },
    /// A cancel was asked for and takes effect after the fills of a later tick.
    CancelRequested { order: OrderId, from: Timestamp },
    /// A board was listed.
    BoardListed { board: BoardId, floor: Price, cap: Price },
    /// A strike was listed.
    StrikeListed { board: BoardId, strike: Price },
    /// An empty strike was retired.
    StrikeRetired { board: BoardId, strike: Price },
    /// A board's settlement price is fixed, and the pool is settled.
    BoardSettled {
        board: BoardId,
        price: Price,
        average: Price,
        silence: Millis,
        stale: bool,
        pool_payoff: Cash,
    },
    /// An account was settled on a board.
    AccountSettled { account: AccountId, board: BoardId, paid: Cash, payoff: Cash },
    /// A settled board has no holder left; its dust went to the pool.
    BoardClosed { board: BoardId, dust: Cash },
    /// Cash was set aside for shares.
    DepositRequested { account: AccountId, pool: PoolId, epoch: u64, amount: Cash },
    /// Shares were frozen to be paid out.
    WithdrawRequested { account: AccountId, pool: PoolId, epoch: u64, shares: Shares },
    /// An epoch takes no more requests and waits for its batch.
    EpochClosed { pool: PoolId, epoch: u64, due_at: Timestamp },
    /// An epoch's batch ran.
    EpochProcessed(BatchEvent),
    /// An owner got what a batch owed.
    Claimed { account: AccountId, pool: PoolId, epoch: u64, shares: Shares, cash: Cash },
    /// Shares changed hands.
    SharesTransferred { pool: PoolId, from: AccountId, to: AccountId, shares: Shares },
    /// A position changed hands.
    PositionTransferred { from: AccountId, to: AccountId, instrument: Instrument, size: Size, payment: Cash },
    /// A short position is offered.
    ShortOffered { from: AccountId, to: AccountId, offer: u64 },
    /// An offer was taken back.
    OfferRevoked { from: AccountId, offer: u64 },
    /// A change was announced.
    Proposed { proposal: ProposalId, from: Timestamp },
    /// A change took force.
    Enacted { proposal: ProposalId },
    /// A change was dropped.
    ProposalRejected { proposal: ProposalId },
    /// Risk-adding commands were stopped (`true`) or allowed again.
    PauseSet { market: Option<MarketId>, paused: bool },
    /// A session key may act for an account.
    SessionGranted { account: AccountId, key: AccountId, expires_at: Timestamp },
    /// A session key has ended.
    SessionRevoked { account: AccountId, key: AccountId },
}

/// A tick and what it did to the pool's equity, before fills.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct TickEvent {
    /// Which market.
    pub market: MarketId,
    /// How many ticks it has had.
    pub number: u64,
    /// The index.
    pub price: Price,
    /// Its confidence.
    pub confidence: Price,
    /// When it was published.
    pub published_at: Timestamp,
    /// Equity of the pool after re-marking, rounded down.
    pub equity: Cash,
    /// Risk capital from now to the pool's next tick.
    pub risk_capital: Cash,
    /// Whether the market fills only what lowers risk.
    pub guarded: bool,
}

/// A fill, with every part of its cost.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct FillEvent {
    /// Which order.
    pub order: OrderId,
    /// Whose.
    pub account: AccountId,
    /// In which market.
    pub market: MarketId,
    /// The tick that priced it.
    pub tick: u64,
    /// What was traded, merged, as asked.
    pub legs: Vec<Leg>,
    /// What it cost.
    pub cost: Cost,
}

/// The parts of a cost, in cash; positive is paid by the trader. They add up to `total`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Cost {
    /// The instruments at their marks.
    pub mark: Cash,
    /// What the trade does to the pool's risk.
    pub impact: Cash,
    /// Rent for the capital it locks, or a refund of what it frees.
    pub capital: Cash,
    /// Half-spread on vega, delta and legs.
    pub spread: Cash,
    /// Charge for the time from publishing to execution.
    pub latency: Cash,
    /// Fee.
    pub fee: Cash,
    /// What rounding in the pool's favour adds.
    pub rounding: Cash,
    /// What the trader pays, or receives when negative.
    pub total: Cash,
}

/// Why an order ended without filling.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum EndReason {
    /// Its owner cancelled it.
    Cancelled,
    /// Its time was up.
    Expired,
    /// No tick that tried it could fill it; the last refusal.
    NotFilled(Rejection),
    /// It could not be carried out when it came due.
    Dropped(Rejection),
}

/// A batch of liquidity, at one price.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct BatchEvent {
    /// Which pool.
    pub pool: PoolId,
    /// Which epoch.
    pub epoch: u64,
    /// Equity before.
    pub equity: Cash,
    /// Shares that asked to leave, the rolled ones included.
    pub shares_out: Shares,
    /// Shares paid out.
    pub shares_paid: Shares,
    /// Cash paid out.
    pub cash_out: Cash,
    /// Cash that asked to enter.
    pub cash_in: Cash,
    /// Shares made for it; none when refused.
    pub shares_in: Shares,
    /// Price of a share for those entering, in 1e-18, rounded up; zero when refused.
    pub entry_price_e18: u128,
    /// Risk capital after.
    pub risk_capital: Cash,
}
