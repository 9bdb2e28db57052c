//! What a venue did, a JSON line a command: for the independent model in `tools/model`, whose README has the format.

use cenote_engine::ids::{BoardId, Right};
use cenote_engine::{Command, Context, Error, Genesis, MemoryState, Outcome};
use serde_json::{Map, Value, json};

use crate::invariants::buckets;

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
        let mut markets = Vec::new();
        let mut pools = Vec::new();
        for (id, pool) in genesis.pools.iter().enumerate() {
            pools.push(json!({ "id": id, "params": pool.params }));
            for market in &pool.markets {
                markets.push(json!({ "id": markets.len(), "pool": id, "params": market.params }));
            }
        }
        let first = json!({ "genesis": { "powers": genesis.powers, "pools": pools, "markets": markets } });
        Self { lines: vec![first.to_string()] }
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
            Ok(outcome) => json!({ "ok": { "events": outcome.events, "postings": outcome.postings } }),
            Err(Error::Rejected(refusal)) => json!({ "rejected": { "code": refusal.code() } }),
            Err(Error::Fault(fault)) => json!({ "fault": format!("{fault:?}") }),
        };
        let line = json!({
            "sequence": ctx.sequence,
            "now": ctx.now,
            "sender": ctx.sender,
            "principal": ctx.principal,
            "funds": ctx.funds,
            "command": command,
            "result": result,
            "state": state_of(state),
        });
        self.lines.push(line.to_string());
    }
}

fn state_of(state: &MemoryState) -> Value {
    let cash = buckets(state).into_iter().filter(|(_, cash)| !cash.is_zero());
    let buckets: Map<String, Value> = cash.map(|(bucket, cash)| (bucket.to_string(), json!(cash))).collect();
    let accounts: Map<String, Value> = state
        .account
        .iter()
        .map(|(id, account)| {
            let positions = account.holdings.iter().flat_map(|holding| {
                holding.positions.iter().map(|p| {
                    let BoardId { market, expiry, series } = holding.board;
                    let right = if p.right == Right::Call { "call" } else { "put" };
                    json!([market, expiry, series, p.strike, right, p.size])
                })
            });
            let obligations = account.holdings.iter().map(|h| lock(h.board, &json!(h.obligation)));
            let shares: Map<String, Value> =
                account.stakes.iter().map(|s| (s.pool.0.to_string(), json!(s.shares))).collect();
            let value = json!({
                "positions": positions.collect::<Vec<_>>(),
                "obligations": obligations.collect::<Vec<_>>(),
                "shares": shares,
            });
            (id.to_string(), value)
        })
        .collect();
    let pools: Map<String, Value> = state
        .pool
        .iter()
        .map(|(id, pool)| {
            let locks: Vec<Value> = pool.locks.iter().map(|l| lock(l.board, &json!(l.obligation))).collect();
            let value =
                json!({ "risk_capital": pool.risk_capital, "shares": pool.shares, "obligations": locks });
            (id.0.to_string(), value)
        })
        .collect();
    let boards: Vec<Value> = state
        .board
        .iter()
        .map(|(id, board)| {
            let strikes: Vec<Value> = board.strikes.iter().map(|strike| json!(strike.price)).collect();
            json!({
                "market": id.market, "expiry": id.expiry, "series": id.series, "floor": board.floor,
                "cap": board.cap, "strikes": strikes, "settlement": board.settlement, "escrow": board.escrow,
            })
        })
        .collect();
    let orders: Vec<u64> = state.order.keys().map(|id| id.0).collect();
    let tick = |price, at| json!({ "price": price, "published_at": at });
    let markets: Map<String, Value> = state
        .market
        .iter()
        .map(|(id, market)| {
            let value = json!({
                "tick": market.tick.as_ref().map(|t| tick(t.price, t.published_at)),
                "held": market.held.as_ref().map(|h| tick(h.price, h.published_at)),
                "clipped": market.surface.as_ref().is_some_and(|surface| surface.clipped),
            });
            (id.0.to_string(), value)
        })
        .collect();
    json!({
        "buckets": buckets, "accounts": accounts, "pools": pools, "boards": boards, "orders": orders,
        "markets": markets,
    })
}

fn lock(board: BoardId, obligation: &Value) -> Value {
    json!([board.market, board.expiry, board.series, obligation])
}
