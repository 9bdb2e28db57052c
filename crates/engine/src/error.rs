//! Why a command was not carried out: a rejection is the sender's to mend, a fault is ours.

use crate::ids::{AccountId, BoardId, MarketId, OrderId, PoolId, ProposalId};
use alloc::string::String;
use cenote_units::{Cash, OutOfRange, Price, Shares, Size, Timestamp};

/// What `execute` returns instead of an outcome. Nothing has changed.
#[derive(Debug, Clone, PartialEq)]
pub enum Error {
    /// The command breaks a rule; the sender can mend it.
    Rejected(Rejection),
    /// The engine's own promises are broken; the host must stop.
    Fault(Fault),
}

/// A broken invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A bucket went below zero although every check had passed.
    NegativeBucket(crate::ledger::Bucket),
    /// A record that another one names is not there.
    MissingRecord(&'static str),
    /// A sum left its range after the checks that bound it.
    Arithmetic(OutOfRange),
    /// A kernel gave something that is not a finite number.
    NotFinite(&'static str),
}

macro_rules! rejections {
    ($( $(#[$doc:meta])* $name:ident $({ $($(#[$fdoc:meta])* $field:ident: $t:ty),* $(,)? })? = $code:literal, $text:literal $(, $arg:expr)* ; )*) => {
        /// A rule that a command breaks, with the numbers compared. Earlier ones take precedence: always in a fill, and in
        /// other commands but for the pairs that the precedence tests list.
        #[derive(Debug, Clone, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
        pub enum Rejection {
            $( $(#[$doc])* $name $({ $($(#[$fdoc])* $field: $t),* })?, )*
        }

        impl Rejection {
            /// Every code, in order of precedence.
            pub const CODES: &'static [&'static str] = &[ $($code),* ];

            /// The stable code.
            #[must_use]
            pub const fn code(&self) -> &'static str {
                match self { $( Self::$name { .. } => $code, )* }
            }
        }

        impl core::fmt::Display for Rejection {
            #[allow(unused_variables)]
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self { $( Self::$name $({ $($field),* })? => write!(f, $text $(, $arg)*), )* }
            }
        }
    };
}

rejections! {
    /// Money is attached to a command that takes none, or none to a deposit.
    WrongFunds {
        /// What was attached.
        attached: Cash,
    } = "wrong_funds", "{attached} is attached; attach money to deposits, and only to them";
    /// The signer may not do this.
    Forbidden {
        /// What would be needed.
        needs: &'static str,
    } = "forbidden", "this needs {needs}; sign with that key or ask its holder";
    /// The session key is unknown, has ended or does not cover this.
    SessionRefused {
        /// Which part of the grant refuses.
        reason: &'static str,
    } = "session_refused", "the session key cannot do this: {reason}; grant a new one from the account itself";
    /// A field breaks a rule that needs no state to check.
    Invalid {
        /// Which field.
        field: &'static str,
        /// What it must be.
        rule: &'static str,
    } = "invalid", "{field} must be {rule}";
    /// A number is beyond what any pool can hold.
    OutOfBounds {
        /// Its unit.
        unit: &'static str,
    } = "out_of_bounds", "a {unit} in this command is beyond its bounds; use a smaller number";
    /// A parameter is outside its bounds.
    ParameterOutOfBounds {
        /// Which.
        name: &'static str,
        /// What it was.
        value: String,
        /// Its lowest value.
        min: String,
        /// Its highest value.
        max: String,
    } = "parameter_out_of_bounds", "{name} is {value}; it must be {min} to {max}";
    /// The session key has spent its day.
    SessionCap {
        /// What this would take.
        needed: Cash,
        /// What is left today.
        left: Cash,
    } = "session_cap", "this takes {needed} and the session key has {left} left today; use the account's own key or wait for the next UTC day";
    /// No such pool.
    PoolNotFound {
        /// Which.
        pool: PoolId,
    } = "pool_not_found", "there is no pool {}", pool.0;
    /// No such market.
    MarketNotFound {
        /// Which.
        market: MarketId,
    } = "market_not_found", "there is no market {}", market.0;
    /// No such board, or it has settled and closed.
    BoardNotFound {
        /// Which.
        board: BoardId,
    } = "board_not_found", "there is no board of market {} expiring at {} ms, series {}; see the chain for those listed", board.market.0, board.expiry.millis(), board.series;
    /// No such strike on the board.
    StrikeNotFound {
        /// On which board.
        board: BoardId,
        /// Which strike.
        strike: Price,
    } = "strike_not_found", "strike {strike} is not listed on that board; see the chain for those that are";
    /// No such live order.
    OrderNotFound {
        /// Which.
        order: OrderId,
    } = "order_not_found", "there is no live order {}; it may have filled or ended", order.0;
    /// No such proposal.
    ProposalNotFound {
        /// Which.
        proposal: ProposalId,
    } = "proposal_not_found", "there is no proposal {}", proposal.0;
    /// No such account: it has never held anything.
    AccountNotFound {
        /// Which.
        account: AccountId,
    } = "account_not_found", "account {account} has never held anything; deposit first";
    /// No such position, or a smaller one.
    PositionTooSmall {
        /// What the command needs.
        required: Size,
        /// What is there.
        available: Size,
    } = "position_too_small", "this needs a position of {required}; the account holds {available}";
    /// No such offer.
    OfferNotFound {
        /// Its number.
        offer: u64,
    } = "offer_not_found", "there is no offer {offer} to this account";
    /// Nothing to claim there yet.
    NothingToClaim {
        /// The epoch named.
        epoch: u64,
    } = "nothing_to_claim", "nothing can be claimed for epoch {epoch} yet; its batch has not run or it is claimed";
    /// Stopped by the guardian.
    Paused = "paused", "what adds risk is paused here; reducing, withdrawing and claiming stay open";
    /// The timelock has not passed.
    Timelocked {
        /// When it will have.
        until: Timestamp,
        /// What time it is.
        now: Timestamp,
    } = "timelocked", "this can be enacted from {} ms; it is {} ms", until.millis(), now.millis();
    /// The price or surface is not newer than the one before.
    NotNewer {
        /// What is there.
        latest: Timestamp,
        /// What came.
        offered: Timestamp,
    } = "not_newer", "the latest is from {} ms, this is from {} ms; send a later one", latest.millis(), offered.millis();
    /// It comes from the future.
    FromTheFuture {
        /// What time it is.
        now: Timestamp,
        /// What came.
        offered: Timestamp,
    } = "from_the_future", "it is {} ms, this is from {} ms; check the publisher's clock", now.millis(), offered.millis();
    /// The published surface allows arbitrage.
    SurfaceArbitrage {
        /// Which condition failed, at which node, with the numbers compared.
        condition: String,
    } = "surface_arbitrage", "the surface allows arbitrage: {condition}; refit it with that condition";
    /// The published forward moves too far.
    CarryOutOfBounds {
        /// Where, with the numbers compared.
        condition: String,
    } = "carry_out_of_bounds", "the forwards are refused: {condition}; publish forwards within that limit";
    /// The market has no price or surface yet.
    NoPrice {
        /// Which.
        market: MarketId,
    } = "no_price", "market {} has no price and surface in force yet; wait for its first tick after a surface", market.0;
    /// On guard: only what lowers risk.
    Guarded {
        /// Why.
        reason: &'static str,
    } = "guarded", "the market is on guard ({reason}): only orders that lower risk fill until it ends";
    /// The board has expired or is about to.
    BoardClosed {
        /// Which.
        board: BoardId,
        /// What still may be done.
        allows: &'static str,
    } = "board_closed", "the board expiring at {} ms allows {allows} now", board.expiry.millis();
    /// The board cannot settle yet.
    NotSettleable {
        /// When it can at the latest.
        from: Timestamp,
        /// What time it is.
        now: Timestamp,
    } = "not_settleable", "its settlement price is known at the first tick from expiry on, or at {} ms; it is {} ms", from.millis(), now.millis();
    /// The order may only reduce.
    ReduceOnly = "reduce_only", "a leg would open or enlarge a position; lower its size or drop reduce_only";
    /// The account has live orders, so what they may need stays.
    OrdersLive {
        /// How many.
        orders: usize,
    } = "orders_live", "the account has {orders} live orders, which must stay payable; cancel them first";
    /// The account has live orders in another market.
    OrdersElsewhere {
        /// Where.
        market: MarketId,
    } = "orders_elsewhere", "the account has live orders in market {}; wait for them, cancel them, or use another account", market.0;
    /// The market's queue is full.
    QueueFull {
        /// Its room.
        limit: usize,
    } = "queue_full", "the market already has {limit} live orders; try after the next tick";
    /// The account cannot hold more of these.
    AccountFull {
        /// Of what.
        what: &'static str,
        /// How many fit.
        limit: usize,
    } = "account_full", "the account has room for {limit} {what}; close or claim some first";
    /// The account no longer owns that many free shares.
    InsufficientShares {
        /// What the command needs.
        required: Shares,
        /// What is free.
        available: Shares,
    } = "insufficient_shares", "this needs {required} unlocked shares; the account has {available}";
    /// The pool takes no new risk.
    PoolWindingDown {
        /// Its equity.
        equity: Cash,
        /// What it must have.
        required: Cash,
    } = "pool_winding_down", "the pool's equity is {equity} and new risk needs {required}; only orders that lower its risk fill";
    /// A pool limit binds.
    PoolCapacity {
        /// Which limit.
        rule: &'static str,
        /// Where the order would take it, in the rule's own unit.
        after: f64,
        /// The most it may be.
        limit: f64,
    } = "pool_capacity", "the order would take the pool's {rule} to {after:.6}, its limit is {limit:.6}; lower the size";
    /// The cost is above the limit.
    LimitExceeded {
        /// What it costs.
        cost: Cash,
        /// What the order allows.
        limit: Cash,
    } = "limit_exceeded", "the order costs {cost}, its limit is {limit}; raise the limit or wait";
    /// Some bucket lacks the cash.
    InsufficientCash {
        /// Whose: `account` or `pool`.
        who: &'static str,
        /// What it takes.
        required: Cash,
        /// What is free.
        available: Cash,
    } = "insufficient_cash", "this takes {required} of the {who}'s cash, {available} is free; lower the size or deposit";
}

impl Rejection {
    /// A field that breaks a rule of its own.
    #[must_use]
    pub const fn invalid(field: &'static str, rule: &'static str) -> Self {
        Self::Invalid { field, rule }
    }
}

impl From<OutOfRange> for Rejection {
    fn from(error: OutOfRange) -> Self {
        Self::OutOfBounds { unit: error.unit }
    }
}

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Sums that leave their range were fed by a number in the command: nothing has been posted yet.
impl From<OutOfRange> for Error {
    fn from(error: OutOfRange) -> Self {
        Self::Rejected(error.into())
    }
}

impl core::fmt::Display for Error {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Rejected(rejection) => rejection.fmt(f),
            Self::Fault(fault) => write!(f, "fault: {fault:?}"),
        }
    }
}

impl core::error::Error for Error {}
