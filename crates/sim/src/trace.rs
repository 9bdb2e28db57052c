//! What a venue did, a JSON line a command: for the independent model in `tools/model`, whose README has the format.

use crate::invariants::buckets;
use cenote_engine::ids::{AccountId, BoardId, MarketId, Right};
use cenote_engine::params::{MarketParams, PoolParams};
use cenote_engine::{Command, Context, Error, Event, Genesis, MemoryState, Outcome, Posting};
use cenote_units::{Cash, Price, Shares, Size, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

/// Lines collected so far.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// One JSON object each, the genesis first.
    pub lines: Vec<String>,
}

impl Trace {
    /// A trace that starts with what the venue started with.
    #[must_use]
    pub fn new(genesis: &Genesis) -> Self {
        let mut first = First { powers: genesis.powers, pools: Vec::new(), markets: Vec::new() };
        for (id, pool) in genesis.pools.iter().enumerate() {
            first.pools.push(FirstPool { id, params: pool.params.clone() });
            for market in &pool.markets {
                let params = market.params.clone();
                first.markets.push(FirstMarket { id: first.markets.len(), pool: id, params });
            }
        }
        Self { lines: vec![text(&BTreeMap::from([("genesis", first)]))] }
    }

    /// Notes a command, its result and the state after it.
    pub fn record(
        &mut self,
        ctx: &Context,
        command: &Command,
        result: &Result<Outcome, Error>,
        state: &MemoryState,
    ) {
        let result = match result {
            Ok(Outcome { events, postings, .. }) => Answer::Ok { events, postings },
            Err(Error::Rejected(refusal)) => Answer::Rejected { code: refusal.code().to_owned() },
            Err(Error::Fault(fault)) => Answer::Rejected { code: format!("fault: {fault:?}") },
        };
        let Context { now, sequence, sender, principal, funds } = *ctx;
        let state = State::of(state);
        self.lines.push(text(&Line { sequence, now, sender, principal, funds, command, result, state }));
    }
}

/// Units go up to 128 bits: text directly, since a JSON value in memory has room for 64.
fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain records are JSON")
}

#[derive(Serialize)]
struct First {
    powers: cenote_engine::command::Powers,
    pools: Vec<FirstPool>,
    markets: Vec<FirstMarket>,
}

#[derive(Serialize)]
struct FirstPool {
    id: usize,
    params: PoolParams,
}

#[derive(Serialize)]
struct FirstMarket {
    id: usize,
    pool: usize,
    params: MarketParams,
}

#[derive(Serialize)]
struct Line<'a> {
    sequence: u64,
    now: Timestamp,
    sender: AccountId,
    principal: Option<AccountId>,
    funds: Cash,
    command: &'a Command,
    result: Answer<'a>,
    state: State,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Answer<'a> {
    Ok { events: &'a [Event], postings: &'a [Posting] },
    Rejected { code: String },
}

type Locked = (MarketId, Timestamp, u8, Cash);
type Placed = (MarketId, Timestamp, u8, Price, &'static str, Size);

#[derive(Serialize)]
struct State {
    buckets: BTreeMap<String, Cash>,
    accounts: BTreeMap<String, AccountState>,
    pools: BTreeMap<String, PoolState>,
    boards: Vec<BoardState>,
    orders: Vec<u64>,
    markets: BTreeMap<String, MarketState>,
}

#[derive(Serialize)]
struct AccountState {
    positions: Vec<Placed>,
    obligations: Vec<Locked>,
    shares: BTreeMap<String, Shares>,
}

#[derive(Serialize)]
struct PoolState {
    risk_capital: Cash,
    shares: Shares,
    obligations: Vec<Locked>,
}

#[derive(Serialize)]
struct BoardState {
    market: MarketId,
    expiry: Timestamp,
    series: u8,
    floor: Price,
    cap: Price,
    strikes: Vec<Price>,
    settlement: Option<Price>,
    escrow: Cash,
}

#[derive(Serialize)]
struct MarketState {
    tick: Option<PriceState>,
    held: Option<PriceState>,
    clipped: bool,
}

#[derive(Serialize)]
struct PriceState {
    price: Price,
    published_at: Timestamp,
}

fn lock(board: BoardId, cash: Cash) -> Locked {
    (board.market, board.expiry, board.series, cash)
}

impl State {
    fn of(state: &MemoryState) -> Self {
        let cash = buckets(state).into_iter().filter(|(_, cash)| !cash.is_zero());
        Self {
            buckets: cash.map(|(bucket, cash)| (bucket.to_string(), cash)).collect(),
            accounts: state.account.iter().map(|(id, a)| (id.to_string(), AccountState::of(a))).collect(),
            pools: state.pool.iter().map(|(id, p)| (id.0.to_string(), PoolState::of(p))).collect(),
            boards: state.board.iter().map(|(id, board)| BoardState::of(*id, board)).collect(),
            orders: state.order.keys().map(|id| id.0).collect(),
            markets: state.market.iter().map(|(id, m)| (id.0.to_string(), MarketState::of(m))).collect(),
        }
    }
}

impl AccountState {
    fn of(account: &cenote_engine::state::Account) -> Self {
        let placed = account.holdings.iter().flat_map(|holding| {
            let BoardId { market, expiry, series } = holding.board;
            holding.positions.iter().map(move |p| {
                let right = if p.right == Right::Call { "call" } else { "put" };
                (market, expiry, series, p.strike, right, p.size)
            })
        });
        Self {
            positions: placed.collect(),
            obligations: account.holdings.iter().map(|h| lock(h.board, h.obligation)).collect(),
            shares: account.stakes.iter().map(|s| (s.pool.0.to_string(), s.shares)).collect(),
        }
    }
}

impl PoolState {
    fn of(pool: &cenote_engine::state::Pool) -> Self {
        let obligations = pool.locks.iter().map(|l| lock(l.board, l.obligation)).collect();
        Self { risk_capital: pool.risk_capital, shares: pool.shares, obligations }
    }
}

impl BoardState {
    fn of(id: BoardId, board: &cenote_engine::state::Board) -> Self {
        Self {
            market: id.market,
            expiry: id.expiry,
            series: id.series,
            floor: board.floor,
            cap: board.cap,
            strikes: board.strikes.iter().map(|strike| strike.price).collect(),
            settlement: board.settlement,
            escrow: board.escrow,
        }
    }
}

impl MarketState {
    fn of(market: &cenote_engine::state::Market) -> Self {
        let tick = market.tick.as_ref();
        let held = market.held.as_ref();
        Self {
            tick: tick.map(|t| PriceState { price: t.price, published_at: t.published_at }),
            held: held.map(|h| PriceState { price: h.price, published_at: h.published_at }),
            clipped: market.surface.as_ref().is_some_and(|surface| surface.clipped),
        }
    }
}
