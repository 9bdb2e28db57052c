//! What anybody may do to keep a venue going, read off its state.

use cenote_engine::MemoryState;
use cenote_engine::ids::{AccountId, BoardId, MarketId};
use cenote_engine::state::Order;
use cenote_units::Timestamp;

/// How many due orders have not been tried at the tick in force.
pub(crate) fn untried(state: &MemoryState, market: MarketId) -> usize {
    let Some(tick) = state.market.get(&market).and_then(|record| record.tick.as_ref()) else { return 0 };
    let due = |order: &&Order| order.due_at <= tick.published_at && order.tried_at != tick.number;
    let queue = state.queue.get(&market);
    queue.map_or(0, |queue| queue.orders.iter().filter_map(|id| state.order.get(id)).filter(due).count())
}

/// Boards that no tick has settled and whose delay is over.
pub(crate) fn late(state: &MemoryState, market: MarketId, now: Timestamp) -> Vec<BoardId> {
    let (Some(record), Some(params)) = (state.market.get(&market), state.market_params.get(&market)) else {
        return Vec::new();
    };
    let (delay, patience) = (params.rules.settlement_delay, params.rules.guard_timeout);
    let held = record.held.as_ref().map_or(Timestamp::ZERO, |held| held.published_at.after(patience));
    record.boards.iter().filter(|board| board.expiry.after(delay).max(held) <= now).copied().collect()
}

/// Accounts that hold something on a board that has settled.
pub(crate) fn unsettled(state: &MemoryState) -> Vec<AccountId> {
    let settled: Vec<BoardId> =
        state.board.iter().filter(|(_, board)| board.settlement.is_some()).map(|(id, _)| *id).collect();
    if settled.is_empty() {
        return Vec::new();
    }
    let holds = |account: AccountId| {
        let holdings = state.account.get(&account).map_or(&[][..], |record| record.holdings.as_slice());
        holdings.iter().any(|holding| settled.contains(&holding.board))
    };
    state.account.keys().copied().filter(|account| holds(*account)).collect()
}
