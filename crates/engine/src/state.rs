//! The records, by noun. Few and cohesive: hot state apart from cold parameters.

mod lookup;

use crate::command::{Action, Leg, Powers, SessionGrant, SurfaceNode, TimeInForce};
use crate::ids::{AccountId, BoardId, Instrument, MarketId, OrderId, PoolId, Right};
use alloc::vec::Vec;
use borsh::{BorshDeserialize, BorshSerialize};
use cenote_pricing::{Exposure, RealisedVol};
use cenote_units::{Cash, Millis, Price, Shares, Size, Timestamp};

/// Declares records with the derives that all of them share.
macro_rules! records {
    ($( $(#[$doc:meta])* $name:ident { $( $(#[$fdoc:meta])* $field:ident: $t:ty, )* } )*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Default, BorshSerialize, BorshDeserialize)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize))]
        pub struct $name { $( $(#[$fdoc])* pub $field: $t, )* }
    )* };
}

records! {
    /// Powers, pauses and counters. Cold.
    System {
        /// Who may do what.
        powers: Powers,
        /// Everything is paused.
        paused: bool,
        /// Pools made so far.
        pools: u16,
        /// Markets made so far.
        markets: u16,
    }

    /// The buckets that belong to no market and no user.
    Vault {
        /// The host's bank as seen from inside: minus everything that came in and did not go out.
        external: Cash,
        /// For what insurance will be for.
        insurance: Cash,
        /// For whoever governs.
        treasury: Cash,
    }

    /// A pool of liquidity: its cash, its risk and its owners' shares.
    Pool {
        /// Free cash. A bucket.
        cash: Cash,
        /// R: equity at the latest tick, moved by batches, never by trades.
        risk_capital: Cash,
        /// N: all shares, the ownerless ones included.
        shares: Shares,
        /// Its markets in order of creation, with the pool's exposure to each.
        books: Vec<Book>,
        /// The pool's obligation on every unsettled board, by expiry.
        locks: Vec<BoardLock>,
        /// Its equity is under its minimum: it takes no new risk.
        winding_down: bool,
        /// The latest publish time accepted in any of its markets.
        latest_tick: Timestamp,
        /// The epoch that takes requests.
        open_epoch: u64,
        /// The epoch that waits for its batch.
        closing: Option<Closing>,
        /// The exit round under way.
        exit_round: u32,
        /// Where its equity came from.
        tally: PoolTally,
    }

    /// A pool's exposure to one market at the tick in force, fills since then included.
    Book {
        /// Which market.
        market: MarketId,
        /// Signed sums over the pool's inventory.
        exposure: Exposure,
        /// Net delta when the tick came into force.
        delta_at_tick: f64,
        /// Series of this market in which the pool holds anything.
        open: u32,
    }

    /// What a pool has locked on a board: its part of the board's escrow.
    BoardLock {
        /// Which board.
        board: BoardId,
        /// How much.
        obligation: Cash,
    }

    /// An epoch on its way to its batch.
    Closing {
        /// Which.
        epoch: u64,
        /// Every open market must have a tick published at or after this.
        due_at: Timestamp,
    }

    /// Sums of everything that has moved a pool's cash, in the pool's favour when positive.
    PoolTally {
        /// Marks received less marks paid.
        mark: Cash,
        /// Impact received.
        impact: Cash,
        /// Rent received, refunds taken off.
        capital: Cash,
        /// Spread received.
        spread: Cash,
        /// Latency charges received.
        latency: Cash,
        /// Fees received, after what went to insurance and treasury.
        fee: Cash,
        /// Rounding received.
        rounding: Cash,
        /// Payoffs of settled inventory, dust included.
        payoff: Cash,
        /// Cash that came for shares.
        entered: Cash,
        /// Cash paid for shares.
        left: Cash,
    }

    /// Liquidity requests of one epoch.
    Epoch {
        /// Deposits waiting. A bucket until the batch.
        pending: Cash,
        /// All that was requested.
        deposits: Cash,
        /// Shares newly frozen in this epoch.
        exits: Shares,
        /// What the batch did.
        batch: Option<Batch>,
    }

    /// What a batch did with an epoch.
    Batch {
        /// When it ran.
        at: Timestamp,
        /// The deposits were refused and go back to their owners.
        refused: bool,
        /// Shares made for all deposits.
        shares_in: Shares,
        /// The exit round in which the epoch's exits stand.
        round: u32,
        /// Survival of that round when they joined it, in 1e-27.
        survival: u128,
        /// Cash index of that round when they joined it.
        cash_index: u128,
    }

    /// Exits that are paid pro rata, batch after batch, until all are paid.
    ExitRound {
        /// Frozen shares still waiting in this round, those of the open epochs aside.
        waiting: Shares,
        /// Part of a share frozen at the start that is still there, in 1e-27.
        survival: u128,
        /// Cash paid so far for a share frozen at the start, in 1e-27 units of cash a unit of share.
        cash_index: u128,
        /// Cash paid out and not claimed. A bucket.
        claims: Cash,
        /// No more batches will pay from it.
        ended: bool,
    }

    /// What a market has seen. Hot.
    Market {
        /// Which pool backs it.
        pool: PoolId,
        /// Risk-adding commands are stopped.
        paused: bool,
        /// The latest report of each publisher.
        reports: Vec<crate::command::Report>,
        /// The tick in force.
        tick: Option<Tick>,
        /// A tick that jumped and waits for others to agree.
        held: Option<Held>,
        /// Until when the confidence is charged wider.
        calm_until: Timestamp,
        /// The surface in force.
        surface: Option<PublishedSurface>,
        /// The surface that the next tick brings into force.
        next_surface: Option<PublishedSurface>,
        /// The estimator of a market whose surface comes from its own price.
        realised: Option<RealisedVol>,
        /// Variance a year over the last hour or so, for the guard.
        hour_variance: f64,
        /// What the surface may not move too far from: the one in force an hour ago or a little longer.
        anchor: Option<PublishedSurface>,
        /// Boards that have not settled, by expiry.
        boards: Vec<BoardId>,
    }

    /// A price in force.
    Tick {
        /// How many came before it.
        number: u64,
        /// The index.
        price: Price,
        /// Its confidence.
        confidence: Price,
        /// When it was published.
        published_at: Timestamp,
    }

    /// A tick that jumped.
    Held {
        /// Its index.
        price: Price,
        /// Its confidence.
        confidence: Price,
        /// When it was published.
        published_at: Timestamp,
        /// How many later ticks have agreed.
        agreed: u32,
        /// When the latest of them was published.
        agreed_at: Timestamp,
    }

    /// A surface as published, and whether a rate limit clipped it.
    PublishedSurface {
        /// When it was made.
        published_at: Timestamp,
        /// Its slices.
        nodes: Vec<SurfaceNode>,
        /// It is on the way to the published one, as far as the rate limit lets it.
        clipped: bool,
    }

    /// Live orders of a market in order of arrival.
    Queue {
        /// Their ids.
        orders: Vec<OrderId>,
        /// Fees of their attempts. A bucket.
        keeper: Cash,
    }

    /// One expiry with its settlement band.
    Board {
        /// The forward when it was listed.
        reference: Price,
        /// The least settlement price.
        floor: Price,
        /// The greatest settlement price.
        cap: Price,
        /// Strikes, ascending.
        strikes: Vec<Strike>,
        /// How often the list of strikes has changed: marks kept for another list are of no use.
        revision: u32,
        /// What every participant has locked. A bucket.
        escrow: Cash,
        /// Accounts that hold something here.
        holders: u32,
        /// The average on its way.
        window: Window,
        /// The settlement price, once it is fixed.
        settlement: Option<Price>,
    }

    /// One strike of a board.
    Strike {
        /// The strike.
        price: Price,
        /// Calls.
        call: Side,
        /// Puts.
        put: Side,
    }

    /// One option series.
    Side {
        /// The pool's signed size.
        pool: Size,
        /// What accounts are long.
        long: Size,
    }

    /// The time-weighted average of a settlement window, tick by tick.
    Window {
        /// Sum of price times milliseconds, in 1e-12 quote ms.
        weighted: u128,
        /// Milliseconds covered, from the window's start.
        covered: Millis,
        /// The longest time without a tick.
        silence: Millis,
        /// Whether a tick was published inside.
        seen: bool,
    }

    /// Whoever holds cash, positions, orders and shares.
    Account {
        /// Free cash. A bucket.
        cash: Cash,
        /// Positions, by board.
        holdings: Vec<Holding>,
        /// Live orders.
        orders: Vec<OrderId>,
        /// Pool shares and requests, by pool.
        stakes: Vec<Stake>,
        /// Short positions offered to others.
        offers: Vec<Offer>,
        /// The number of the next offer.
        next_offer: u64,
        /// Where its cash came from and went.
        tally: AccountTally,
    }

    /// An account's positions on one board, and its part of the board's escrow.
    Holding {
        /// Which board.
        board: BoardId,
        /// What the account has locked there.
        obligation: Cash,
        /// By strike, call before put; none is zero.
        positions: Vec<Position>,
    }

    /// A signed size of one option series.
    Position {
        /// The strike.
        strike: Price,
        /// Call or put.
        right: Right,
        /// Positive is long.
        size: Size,
    }

    /// An account's part of a pool.
    Stake {
        /// Which pool.
        pool: PoolId,
        /// Shares owned and not frozen, the locked ones included.
        shares: Shares,
        /// Which of them are locked, and until when.
        locks: Vec<ShareLock>,
        /// Requests not yet claimed in full.
        claims: Vec<LpClaim>,
    }

    /// Shares locked until a moment.
    ShareLock {
        /// Until when.
        until: Timestamp,
        /// How many.
        shares: Shares,
    }

    /// What an account asked of one epoch.
    LpClaim {
        /// Which epoch.
        epoch: u64,
        /// Cash set aside for shares; zero once claimed.
        deposit: Cash,
        /// Shares frozen to be paid out.
        exit: Shares,
        /// Cash already claimed for them.
        paid: Cash,
    }

    /// A short position offered to another account.
    Offer {
        /// Its number.
        number: u64,
        /// To whom.
        to: AccountId,
        /// Which series.
        instrument: Instrument,
        /// How much, negative.
        size: Size,
        /// What the giver pays the taker.
        payment: Cash,
    }

    /// Sums of everything that has moved an account's cash, in its favour when positive.
    AccountTally {
        /// Money from outside less money to outside.
        external: Cash,
        /// Marks received less marks paid.
        mark: Cash,
        /// Impact, negative when paid.
        impact: Cash,
        /// Rent, negative when paid.
        capital: Cash,
        /// Spread, negative.
        spread: Cash,
        /// Latency charges, negative.
        latency: Cash,
        /// Fees, negative.
        fee: Cash,
        /// Rounding, negative.
        rounding: Cash,
        /// Payoffs of settled positions.
        payoff: Cash,
        /// Keeper fees: received less paid.
        keeper: Cash,
        /// Payments for transferred positions.
        transfer: Cash,
        /// Paid out by pools less paid into them, requests included.
        liquidity: Cash,
    }

    /// A live order.
    Order {
        /// Whose.
        account: AccountId,
        /// The session key that placed it.
        session: Option<AccountId>,
        /// In which market.
        market: MarketId,
        /// What to trade.
        legs: Vec<Leg>,
        /// The most to pay, or the least to receive when negative.
        limit: Cash,
        /// How long it lives.
        time_in_force: TimeInForce,
        /// May not open or enlarge a position.
        reduce_only: bool,
        /// The first publish time it may fill at.
        due_at: Timestamp,
        /// Ticks that may still try it.
        attempts: u32,
        /// What each of them pays.
        keeper_fee: Cash,
        /// What its session key's cap counts it at.
        reserved: Cash,
        /// When it was placed.
        placed_at: Timestamp,
        /// The number of the last tick that tried it, or that was in force when it was placed.
        tried_at: u64,
        /// Ends after the fills of the first tick published at or after this.
        cancel_from: Option<Timestamp>,
    }

    /// A key that may act for an account.
    Session {
        /// What it may do.
        grant: SessionGrant,
        /// The UTC day of `spent`.
        day: u64,
        /// What it has spent on that day.
        spent: Cash,
    }
}

/// A change on its way.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Proposal {
    /// The change.
    pub action: Action,
    /// When it can be enacted.
    pub enact_from: Timestamp,
}

/// Shares that nobody owns, there from the start: they make the first deposit's price one and rob an inflated
/// first share of its sting.
pub const OWNERLESS: Shares = match Shares::new(1_000_000) {
    Ok(shares) => shares,
    Err(_) => Shares::ZERO,
};
