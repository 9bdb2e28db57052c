//! Those who trade and provide liquidity in a replay.

pub mod arbitrageur;
pub mod providers;
pub mod takers;

use super::ReplayError;
use super::host::Host;
use cenote_engine::command::{Leg, OrderRequest, TimeInForce};
use cenote_engine::ids::{AccountId, LegKind, MarketId, PoolId, Right};
use cenote_engine::obligation::{Held, obligation};
use cenote_engine::{Command, MemoryState};
use cenote_units::{Cash, OutOfRange, Price, Size, Timestamp};

/// The only pool.
pub const POOL: PoolId = PoolId(0);
/// The only market.
pub const MARKET: MarketId = MarketId(0);

/// The publisher of prices and surfaces.
pub const PUBLISHER: AccountId = numbered(1);
/// Delivers ticks and does what anybody may do.
pub const KEEPER: AccountId = numbered(2);
/// Holds the powers, and does not use them.
pub const ADMIN: AccountId = numbered(3);
/// The arbitrageur.
pub const ARBITRAGEUR: AccountId = numbered(4);
/// The first of the liquidity providers.
pub const PROVIDERS: u64 = 10;
/// The first of the traders.
pub const TAKERS: u64 = 1_000;
/// The fewest and the most traders.
const TAKERS_COUNT: (u32, u32) = (20, 500);

const fn numbered(n: u8) -> AccountId {
    let mut bytes = [0; 32];
    bytes[31] = n;
    AccountId(bytes)
}

/// An order on its way to the venue.
pub struct Intent {
    /// Whose.
    pub account: AccountId,
    /// What to trade.
    pub legs: Vec<Leg>,
    /// The most to pay or least to receive.
    pub limit: Cash,
    /// How long it may wait, and how many ticks may try it.
    pub patience: (TimeInForce, u32),
    /// Only to reduce.
    pub reduce_only: bool,
}

impl Intent {
    /// The command that places it.
    #[must_use]
    pub fn command(self) -> Command {
        let Self { legs, limit, patience: (time_in_force, attempts), reduce_only, .. } = self;
        Command::PlaceOrder(OrderRequest {
            market: MARKET,
            legs,
            limit,
            time_in_force,
            reduce_only,
            attempts,
        })
    }
}

/// The traders of a replay that thinks of so many orders a day.
pub fn traders(orders_per_day: u32) -> Vec<AccountId> {
    let count = orders_per_day.clamp(TAKERS_COUNT.0, TAKERS_COUNT.1);
    (0..u64::from(count)).map(|n| AccountId::numbered(TAKERS + n)).collect()
}

/// When an agent acts, and how far off the tick is that will fill what it asks for.
#[derive(Clone, Copy)]
pub struct Moment {
    /// Now.
    pub now: Timestamp,
    /// Years from the tick in force to the next.
    pub ahead: f64,
    /// Change of the log price over the last week and day, or since the tape's start.
    pub week: f64,
    /// Over the last day.
    pub day: f64,
}

/// Pays what an order may need into its account, then places it.
///
/// # Errors
/// A fault of the engine.
pub fn place(host: &mut Host, intent: Intent) -> Result<(), ReplayError> {
    let account = intent.account;
    let missing = missing(&host.venue.state, &intent).map_err(|e| ReplayError::Engine(e.to_string()))?;
    host.deposit(account, missing)?;
    host.send(account, &intent.command())?;
    Ok(())
}

/// What an order may need above its account's free cash; zero or less when there is enough.
///
/// # Errors
/// More than any account can have.
pub fn missing(state: &MemoryState, intent: &Intent) -> Result<Cash, OutOfRange> {
    let fee = state.market_params[&MARKET].rules.keeper_fee;
    let fees = Cash::new(fee.get() * i128::from(intent.patience.1)).unwrap_or(fee);
    let escrow = if intent.reduce_only { Cash::ZERO } else { escrow(state, &intent.legs) };
    let free = state.account.get(&intent.account).map_or(Cash::ZERO, |record| record.cash);
    [intent.limit.or_zero(), escrow, fees].into_iter().try_fold(Cash::ZERO, Cash::plus)?.minus(free)
}

/// What the legs alone may have to pay, board by board.
fn escrow(state: &MemoryState, legs: &[Leg]) -> Cash {
    let mut boards: Vec<_> = legs.iter().map(|leg| leg.board).collect();
    boards.dedup();
    let mut sum = Cash::ZERO;
    for id in boards {
        let Some(board) = state.board.get(&id) else { continue };
        let mut book: Vec<Held> = legs.iter().filter(|leg| leg.board == id).flat_map(held).collect();
        book.sort_unstable_by_key(|held| (held.strike, held.right));
        let one = obligation(book.iter().copied(), board.floor, board.cap).unwrap_or(Cash::ZERO);
        sum = sum.plus(one).unwrap_or(sum);
    }
    sum
}

fn held(leg: &Leg) -> Vec<Held> {
    let one = |right, size| Held { strike: leg.strike, right, size };
    match leg.kind {
        LegKind::Call => vec![one(Right::Call, leg.size)],
        LegKind::Put => vec![one(Right::Put, leg.size)],
        LegKind::Forward => vec![one(Right::Call, leg.size), one(Right::Put, leg.size.negated())],
    }
}

/// The listed strike nearest to a price in quote.
pub fn nearest(strikes: &[cenote_engine::state::Strike], to: f64) -> Option<Price> {
    let distance = |strike: &Price| (cenote_engine::quote::price(*strike) - to).abs();
    strikes.iter().map(|s| s.price).min_by(|a, b| distance(a).total_cmp(&distance(b)))
}

/// The size of a notional, in steps of 1e-4 contracts where it is larger.
pub fn sized(notional: f64, spot: f64) -> Size {
    let contracts = notional / spot;
    let step = if contracts >= 0.01 { 1e-4 } else { 1e-6 };
    crate::convert::size((contracts / step).round() * step)
}
