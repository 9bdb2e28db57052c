//! What happened, as clients read it: one JSON object an event, in the order of the journal.

use crate::amount::{Contracts, Money, Quote, ShareCount};
use crate::command::OrderLeg;
use crate::error::ApiError;
use crate::name::expiry_label;
use crate::{Address, Names};
use cenote_engine::event::{self, EndReason, Event};
use cenote_engine::ids::{BoardId, MarketId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An event with its place in the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ApiEvent {
    /// The command's sequence number.
    pub seq: u64,
    /// Which event of that command, from 0.
    pub index: u32,
    /// Market time, ms.
    pub time: u64,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// The parts of a cost; positive is paid by the trader. They add up to `total` exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct CostParts {
    /// The instruments at their marks.
    pub mark: Money,
    /// What the trade does to the pool's risk.
    pub impact: Money,
    /// Rent for the capital it locks, or a refund of what it frees.
    pub capital: Money,
    /// Half-spread on vega, delta and legs.
    pub spread: Money,
    /// Charge for the time from publishing to execution.
    pub latency: Money,
    /// Fee.
    pub fee: Money,
    /// What rounding in the pool's favour adds.
    pub rounding: Money,
    /// What the trader pays, or receives when negative.
    pub total: Money,
}

impl From<&event::Cost> for CostParts {
    fn from(cost: &event::Cost) -> Self {
        let event::Cost { mark, impact, capital, spread, latency, fee, rounding, total } = *cost;
        Self {
            mark: mark.into(),
            impact: impact.into(),
            capital: capital.into(),
            spread: spread.into(),
            latency: latency.into(),
            fee: fee.into(),
            rounding: rounding.into(),
            total: total.into(),
        }
    }
}

/// Everything that can happen. Fields are named after what they are; `market`, `instrument` and `expiry` are names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum What {
    /// Money came in from the account's wallet.
    Deposited { account: Address, amount: Money },
    /// Money went out to the account's wallet.
    Withdrawn { account: Address, amount: Money },
    /// Reports were kept, but do not make a tick yet.
    ReportsKept { market: String, fresh: usize, needed: usize },
    /// A tick that jumped waits for confirmation.
    JumpHeld { market: String, price: Quote, in_force: Quote },
    /// A held tick was dropped.
    JumpDropped { market: String, price: Quote },
    /// A price is in force.
    Ticked {
        market: String,
        tick: u64,
        price: Quote,
        confidence: Quote,
        published_at: u64,
        /// Equity of the pool after re-marking.
        equity: Money,
        risk_capital: Money,
        /// Only orders that lower risk fill.
        guarded: bool,
    },
    /// A surface was published, to take force at the next tick.
    SurfacePublished { market: String, published_at: u64, clipped: bool },
    /// An order waits for its tick: the first published at or after `due_at`.
    OrderPlaced { order: u64, account: Address, market: String, due_at: u64, label: Option<String> },
    /// An order was tried and waits for a better tick.
    OrderRested { order: u64, reason: ApiError },
    /// An order filled.
    OrderFilled {
        order: u64,
        account: Address,
        market: String,
        /// The number of the tick that priced it.
        tick: u64,
        legs: Vec<OrderLeg>,
        cost: CostParts,
    },
    /// An order ended without filling.
    OrderEnded {
        order: u64,
        account: Address,
        /// `cancelled`, `expired`, `not_filled` or `dropped`.
        ended: String,
        /// The last refusal, when one ended it.
        reason: Option<ApiError>,
    },
    /// A cancel was asked for and takes effect after the fills of a later tick.
    CancelRequested { order: u64, from: u64 },
    /// A board was listed.
    BoardListed { market: String, expiry: String, expiration_timestamp: u64, floor: Quote, cap: Quote },
    /// A strike was listed.
    StrikeListed { market: String, expiry: String, strike: Quote },
    /// An empty strike was retired.
    StrikeRetired { market: String, expiry: String, strike: Quote },
    /// A board's settlement price is fixed.
    BoardSettled {
        market: String,
        expiry: String,
        expiration_timestamp: u64,
        /// The average, cut to the board's band.
        price: Quote,
        /// The time-weighted average itself.
        average: Quote,
        /// The longest time without a tick inside the window, ms.
        silence_ms: u64,
        stale: bool,
        pool_payoff: Money,
    },
    /// An account was settled on a board.
    AccountSettled { account: Address, market: String, expiry: String, paid: Money, payoff: Money },
    /// A settled board has no holder left.
    BoardClosed { market: String, expiry: String, dust: Money },
    /// Cash was set aside for pool shares.
    DepositRequested { account: Address, pool: u16, epoch: u64, amount: Money },
    /// Pool shares were frozen to be paid out.
    WithdrawRequested { account: Address, pool: u16, epoch: u64, shares: ShareCount },
    /// An epoch takes no more requests and waits for its batch.
    EpochClosed { pool: u16, epoch: u64, due_at: u64 },
    /// An epoch's batch ran.
    EpochProcessed {
        pool: u16,
        epoch: u64,
        equity: Money,
        shares_out: ShareCount,
        shares_paid: ShareCount,
        cash_out: Money,
        cash_in: Money,
        shares_in: ShareCount,
        /// Quote per share for those entering; `null` when they were refused.
        entry_price: Option<f64>,
        risk_capital: Money,
    },
    /// An owner got what a batch owed.
    Claimed { account: Address, pool: u16, epoch: u64, shares: ShareCount, cash: Money },
    /// Shares changed hands.
    SharesTransferred { pool: u16, from: Address, to: Address, shares: ShareCount },
    /// A position changed hands.
    PositionTransferred { from: Address, to: Address, instrument: String, size: Contracts, payment: Money },
    /// A short position is offered.
    ShortOffered { from: Address, to: Address, offer: u64 },
    /// An offer was taken back.
    OfferRevoked { from: Address, offer: u64 },
    /// A change was announced.
    Proposed { proposal: u64, from: u64 },
    /// A change took force.
    Enacted { proposal: u64 },
    /// A change was dropped.
    ProposalRejected { proposal: u64 },
    /// Risk-adding commands were stopped or allowed again.
    PauseSet { market: Option<String>, paused: bool },
    /// A session key may act for an account.
    SessionGranted { account: Address, key: Address, expires_at: u64 },
    /// A session key has ended.
    SessionRevoked { account: Address, key: Address },
    /// Dev mode: the venue went back to a named snapshot; what happened since `to_seq` no longer holds.
    Reverted { name: String, to_seq: u64 },
    /// Dev mode: a named snapshot was taken.
    SnapshotTaken { name: String },
}

impl What {
    /// The accounts that it is about: whose private streams carry it.
    #[must_use]
    pub fn accounts(&self) -> Vec<Address> {
        match self {
            Self::Deposited { account, .. }
            | Self::Withdrawn { account, .. }
            | Self::OrderPlaced { account, .. }
            | Self::OrderFilled { account, .. }
            | Self::OrderEnded { account, .. }
            | Self::AccountSettled { account, .. }
            | Self::DepositRequested { account, .. }
            | Self::WithdrawRequested { account, .. }
            | Self::Claimed { account, .. }
            | Self::SessionGranted { account, .. }
            | Self::SessionRevoked { account, .. } => vec![*account],
            Self::SharesTransferred { from, to, .. }
            | Self::PositionTransferred { from, to, .. }
            | Self::ShortOffered { from, to, .. } => vec![*from, *to],
            Self::OfferRevoked { from, .. } => vec![*from],
            _ => Vec::new(),
        }
    }

    /// An event of the engine in the words of clients. `label` is that of the order just placed.
    #[must_use]
    pub fn from_engine(event: &Event, names: &Names, label: Option<&str>) -> Self {
        let market = |id: &MarketId| names.market(*id);
        let place = |board: &BoardId| (names.market(board.market), expiry_label(*board));
        let who = |id: &cenote_engine::ids::AccountId| Address(*id);
        match event {
            Event::Deposited { account, amount } => {
                Self::Deposited { account: who(account), amount: (*amount).into() }
            }
            Event::Withdrawn { account, amount } => {
                Self::Withdrawn { account: who(account), amount: (*amount).into() }
            }
            Event::ReportsKept { market: m, fresh, needed } => {
                Self::ReportsKept { market: market(m), fresh: *fresh, needed: *needed }
            }
            Event::JumpHeld { market: m, price, in_force } => {
                Self::JumpHeld { market: market(m), price: (*price).into(), in_force: (*in_force).into() }
            }
            Event::JumpDropped { market: m, price } => {
                Self::JumpDropped { market: market(m), price: (*price).into() }
            }
            Event::Ticked(tick) => ticked(tick, names),
            Event::SurfacePublished { market: m, published_at, clipped } => Self::SurfacePublished {
                market: market(m),
                published_at: published_at.millis(),
                clipped: *clipped,
            },
            Event::OrderPlaced { order, account, market: m, due_at } => Self::OrderPlaced {
                order: order.0,
                account: who(account),
                market: market(m),
                due_at: due_at.millis(),
                label: label.map(str::to_owned),
            },
            Event::OrderRested { order, reason } => {
                Self::OrderRested { order: order.0, reason: reason.into() }
            }
            Event::OrderFilled(fill) => filled(fill, names),
            Event::OrderEnded { order, account, reason } => ended(order.0, who(account), reason),
            Event::CancelRequested { order, from } => {
                Self::CancelRequested { order: order.0, from: from.millis() }
            }
            Event::BoardListed { board, floor, cap } => {
                let (market, expiry) = place(board);
                let at = board.expiry.millis();
                Self::BoardListed {
                    market,
                    expiry,
                    expiration_timestamp: at,
                    floor: (*floor).into(),
                    cap: (*cap).into(),
                }
            }
            Event::StrikeListed { board, strike } => {
                let (market, expiry) = place(board);
                Self::StrikeListed { market, expiry, strike: (*strike).into() }
            }
            Event::StrikeRetired { board, strike } => {
                let (market, expiry) = place(board);
                Self::StrikeRetired { market, expiry, strike: (*strike).into() }
            }
            Event::BoardSettled { board, price, average, silence, stale, pool_payoff } => {
                let (market, expiry) = place(board);
                Self::BoardSettled {
                    market,
                    expiry,
                    expiration_timestamp: board.expiry.millis(),
                    price: (*price).into(),
                    average: (*average).into(),
                    silence_ms: silence.get(),
                    stale: *stale,
                    pool_payoff: (*pool_payoff).into(),
                }
            }
            Event::AccountSettled { account, board, paid, payoff } => {
                let (market, expiry) = place(board);
                Self::AccountSettled {
                    account: who(account),
                    market,
                    expiry,
                    paid: (*paid).into(),
                    payoff: (*payoff).into(),
                }
            }
            Event::BoardClosed { board, dust } => {
                let (market, expiry) = place(board);
                Self::BoardClosed { market, expiry, dust: (*dust).into() }
            }
            other => Self::of_liquidity(other, names),
        }
    }

    /// The rest: liquidity, transfers, governance and sessions.
    fn of_liquidity(event: &Event, names: &Names) -> Self {
        let who = |id: &cenote_engine::ids::AccountId| Address(*id);
        match event {
            Event::DepositRequested { account, pool, epoch, amount } => Self::DepositRequested {
                account: who(account),
                pool: pool.0,
                epoch: *epoch,
                amount: (*amount).into(),
            },
            Event::WithdrawRequested { account, pool, epoch, shares } => Self::WithdrawRequested {
                account: who(account),
                pool: pool.0,
                epoch: *epoch,
                shares: (*shares).into(),
            },
            Event::EpochClosed { pool, epoch, due_at } => {
                Self::EpochClosed { pool: pool.0, epoch: *epoch, due_at: due_at.millis() }
            }
            Event::EpochProcessed(batch) => processed(batch),
            Event::Claimed { account, pool, epoch, shares, cash } => Self::Claimed {
                account: who(account),
                pool: pool.0,
                epoch: *epoch,
                shares: (*shares).into(),
                cash: (*cash).into(),
            },
            Event::SharesTransferred { pool, from, to, shares } => Self::SharesTransferred {
                pool: pool.0,
                from: who(from),
                to: who(to),
                shares: (*shares).into(),
            },
            Event::PositionTransferred { from, to, instrument, size, payment } => Self::PositionTransferred {
                from: who(from),
                to: who(to),
                instrument: names.instrument(instrument),
                size: (*size).into(),
                payment: (*payment).into(),
            },
            Event::ShortOffered { from, to, offer } => {
                Self::ShortOffered { from: who(from), to: who(to), offer: *offer }
            }
            Event::OfferRevoked { from, offer } => Self::OfferRevoked { from: who(from), offer: *offer },
            Event::Proposed { proposal, from } => {
                Self::Proposed { proposal: proposal.0, from: from.millis() }
            }
            Event::Enacted { proposal } => Self::Enacted { proposal: proposal.0 },
            Event::ProposalRejected { proposal } => Self::ProposalRejected { proposal: proposal.0 },
            Event::PauseSet { market, paused } => {
                Self::PauseSet { market: market.map(|id| names.market(id)), paused: *paused }
            }
            Event::SessionGranted { account, key, expires_at } => {
                Self::SessionGranted { account: who(account), key: who(key), expires_at: expires_at.millis() }
            }
            Event::SessionRevoked { account, key } => {
                Self::SessionRevoked { account: who(account), key: who(key) }
            }
            _ => unreachable!("the events before these are matched above"),
        }
    }
}

fn ticked(tick: &event::TickEvent, names: &Names) -> What {
    What::Ticked {
        market: names.market(tick.market),
        tick: tick.number,
        price: tick.price.into(),
        confidence: tick.confidence.into(),
        published_at: tick.published_at.millis(),
        equity: tick.equity.into(),
        risk_capital: tick.risk_capital.into(),
        guarded: tick.guarded,
    }
}

fn filled(fill: &event::FillEvent, names: &Names) -> What {
    let leg = |leg: &cenote_engine::command::Leg| OrderLeg {
        instrument: names.leg(leg.board, leg.strike, leg.kind),
        size: leg.size.into(),
    };
    What::OrderFilled {
        order: fill.order.0,
        account: Address(fill.account),
        market: names.market(fill.market),
        tick: fill.tick,
        legs: fill.legs.iter().map(leg).collect(),
        cost: (&fill.cost).into(),
    }
}

fn ended(order: u64, account: Address, reason: &EndReason) -> What {
    let (ended, reason) = match reason {
        EndReason::Cancelled => ("cancelled", None),
        EndReason::Expired => ("expired", None),
        EndReason::NotFilled(why) => ("not_filled", Some(why.into())),
        EndReason::Dropped(why) => ("dropped", Some(why.into())),
    };
    What::OrderEnded { order, account, ended: ended.to_owned(), reason }
}

fn processed(batch: &event::BatchEvent) -> What {
    #[allow(clippy::cast_precision_loss)] // A figure for people.
    let price = batch.entry_price_e18 as f64 / 1e18;
    What::EpochProcessed {
        pool: batch.pool.0,
        epoch: batch.epoch,
        equity: batch.equity.into(),
        shares_out: batch.shares_out.into(),
        shares_paid: batch.shares_paid.into(),
        cash_out: batch.cash_out.into(),
        cash_in: batch.cash_in.into(),
        shares_in: batch.shares_in.into(),
        entry_price: (batch.entry_price_e18 > 0).then_some(price),
        risk_capital: batch.risk_capital.into(),
    }
}
