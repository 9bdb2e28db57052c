//! A state as it was, or as it would be without orders.

use crate::replay::ReplayError;
use crate::replay::agents::MARKET;
use crate::venue::Venue;
use cenote_engine::ids::{AccountId, BoardId, MarketId, OrderId, PoolId, ProposalId};
use cenote_engine::params::{MarketParams, PoolParams};
use cenote_engine::state::{
    Account, Board, Epoch, ExitRound, Market, Order, Pool, Proposal, Queue, Session, Strike, System, Vault,
};
use cenote_engine::{Change, Command, Context, Error, MarksVersion, MemoryState, StateReader, execute, view};
use cenote_pricing::BoardMarks;
use cenote_units::{Cash, Price, Timestamp};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The pool's inventory of the market at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Inventory {
    /// The market, its boards those on which the pool holds something.
    pub market: Market,
    boards: BTreeMap<BoardId, Board>,
}

impl Inventory {
    /// The inventory of a state.
    pub fn of(state: &MemoryState) -> Self {
        let mut market = state.market[&MARKET].clone();
        let boards: BTreeMap<BoardId, Board> =
            market.boards.iter().filter_map(|id| Some((*id, held(state.board.get(id)?)?))).collect();
        market.boards.retain(|id| boards.contains_key(id));
        Self { market, boards }
    }

    /// What it would be worth at a time, price and surface, quote.
    ///
    /// # Errors
    /// A fault of the engine.
    pub fn value(
        &self,
        state: &MemoryState,
        at: Timestamp,
        price: Price,
        nodes: &[cenote_engine::command::SurfaceNode],
    ) -> Result<f64, ReplayError> {
        if self.boards.is_empty() {
            return Ok(0.0);
        }
        let then = Seen { state, inventory: Some(self) };
        view::revalue(&then, MARKET, at, price, nodes).map_err(|e| ReplayError::Engine(e.to_string()))
    }

    /// What it is worth at the tick and surface in force, quote.
    ///
    /// # Errors
    /// A fault of the engine.
    pub fn value_now(&self, state: &MemoryState) -> Result<f64, ReplayError> {
        match (&self.market.tick, &self.market.surface) {
            (Some(tick), Some(surface)) => self.value(state, tick.published_at, tick.price, &surface.nodes),
            _ => Ok(0.0),
        }
    }
}

/// A board with the strikes of which the pool holds something; what a strike is worth does not depend on the others.
fn held(board: &Board) -> Option<Board> {
    let held = |s: &&Strike| !s.call.pool.is_zero() || !s.put.pool.is_zero();
    let strikes: Vec<Strike> = board.strikes.iter().filter(held).cloned().collect();
    (!strikes.is_empty()).then(|| Board {
        reference: board.reference,
        floor: board.floor,
        cap: board.cap,
        window: board.window.clone(),
        strikes,
        ..Board::default()
    })
}

/// Carries a command out without orders and without consequence: pool and market as ticks and batch leave them.
/// `None` when there are no orders, so that the command itself will show it.
///
/// # Errors
/// A fault of the engine.
pub fn rehearse(
    venue: &Venue,
    sender: AccountId,
    command: &Command,
) -> Result<Option<(Pool, Market)>, ReplayError> {
    let state = &venue.state;
    if state.queue.get(&MARKET).is_none_or(|queue| queue.orders.is_empty()) {
        return Ok(None);
    }
    let ctx =
        Context { now: venue.now, sequence: venue.sequence + 1, sender, principal: None, funds: Cash::ZERO };
    let outcome = match execute(&Seen { state, inventory: None }, &ctx, command) {
        Ok(outcome) => outcome,
        Err(Error::Rejected(_)) => return Ok(None),
        Err(fault) => return Err(ReplayError::Engine(format!("command {}: {fault}", ctx.sequence))),
    };
    let mut pool = state.pool[&super::super::agents::POOL].clone();
    let mut market = state.market[&MARKET].clone();
    for change in outcome.delta.changes {
        match change {
            Change::Pool(_, Some(record)) => pool = *record,
            Change::Market(_, Some(record)) => market = *record,
            _ => {}
        }
    }
    Ok(Some((pool, market)))
}

/// A state with an earlier inventory in place of its own, or without its queue.
struct Seen<'a> {
    state: &'a MemoryState,
    inventory: Option<&'a Inventory>,
}

/// Getters that read the state underneath.
macro_rules! as_they_are {
    ($( $kind:ident($key:ty) -> $record:ty; )*) => { $(
        fn $kind(&self, key: &$key) -> Option<Cow<'_, $record>> {
            StateReader::$kind(self.state, key)
        }
    )* };
}

impl StateReader for Seen<'_> {
    as_they_are! {
        system(()) -> System;
        vault(()) -> Vault;
        pool_params(PoolId) -> PoolParams;
        pool(PoolId) -> Pool;
        epoch((PoolId, u64)) -> Epoch;
        exit_round((PoolId, u32)) -> ExitRound;
        market_params(MarketId) -> MarketParams;
        account(AccountId) -> Account;
        order(OrderId) -> Order;
        session((AccountId, AccountId)) -> Session;
        proposal(ProposalId) -> Proposal;
    }

    fn queue(&self, _: &MarketId) -> Option<Cow<'_, Queue>> {
        None
    }

    fn market(&self, key: &MarketId) -> Option<Cow<'_, Market>> {
        match self.inventory {
            Some(inventory) => Some(Cow::Borrowed(&inventory.market)),
            None => StateReader::market(self.state, key),
        }
    }

    fn board(&self, key: &BoardId) -> Option<Cow<'_, Board>> {
        match self.inventory {
            Some(inventory) => inventory.boards.get(key).map(Cow::Borrowed),
            None => StateReader::board(self.state, key),
        }
    }

    fn marks(&self, board: &BoardId, at: MarksVersion) -> Option<Arc<BoardMarks>> {
        self.state.marks(board, at)
    }

    fn keep_marks(&self, board: &BoardId, at: MarksVersion, marks: &Arc<BoardMarks>) {
        self.state.keep_marks(board, at, marks);
    }
}
