//! What the keeper does after a tick: nothing that anybody else could not do.

use super::Deed;
use crate::keeping;
use crate::replay::agents::{MARKET, POOL};
use borsh::{BorshDeserialize, BorshSerialize};
use cenote_engine::ids::AccountId;
use cenote_engine::state::{LpClaim, Market};
use cenote_engine::{Command, Context, MemoryState, execute};
use cenote_units::{Cash, Timestamp};

const HOUR_MS: u64 = 3_600_000;
/// Accounts that are settled, and requests that are claimed, after one tick at most.
const SETTLED_MAX: usize = 64;

/// What the keeper remembers.
#[derive(Debug, Clone, PartialEq, Default, BorshSerialize, BorshDeserialize)]
pub(super) struct Keeper {
    /// The hour of the last listing.
    rolled: u64,
    /// The hour of the last round of all claims.
    claimed: u64,
    /// The first liquidity epoch that had no batch when claims were last looked at.
    epoch: u64,
}

impl Keeper {
    pub fn deeds(&mut self, keeper: AccountId, at: Timestamp, state: &MemoryState) -> Vec<Deed> {
        let Some(market) = state.market.get(&MARKET) else { return Vec::new() };
        let mut commands = Vec::new();
        let per_tick = state.market_params[&MARKET].rules.fills_per_tick.max(1) as usize;
        let fills = keeping::untried(state, MARKET).div_ceil(per_tick);
        commands.extend((0..fills).map(|_| Command::Fill { market: MARKET }));
        if self.roll(at, state, market) {
            commands.push(Command::Roll { market: MARKET });
        }
        commands.extend(keeping::late(state, MARKET, at).into_iter().map(|board| Command::Settle { board }));
        let unsettled = keeping::unsettled(state).into_iter().take(SETTLED_MAX);
        commands.extend(unsettled.map(|account| Command::SettleAccount { account }));
        commands.extend(self.claims(keeper, at, state));
        commands.into_iter().map(|command| Deed::new(keeper, at, command)).collect()
    }

    /// Once an hour, when it can be.
    fn roll(&mut self, at: Timestamp, state: &MemoryState, market: &Market) -> bool {
        let hour = at.millis() / HOUR_MS;
        let paused = market.paused || state.system.get(&()).is_some_and(|system| system.paused);
        let known = market.tick.is_some() && market.surface.is_some();
        if hour == self.rolled || paused || !known || market.held.is_some() {
            return false;
        }
        self.rolled = hour;
        true
    }

    /// What batches owe: shares and whole exits at once, parts of exits that go on once an hour.
    fn claims(&mut self, keeper: AccountId, at: Timestamp, state: &MemoryState) -> Vec<Command> {
        let Some(pool) = state.pool.get(&POOL) else { return Vec::new() };
        let epoch = pool.closing.as_ref().map_or(pool.open_epoch, |closing| closing.epoch);
        let hour = at.millis() / HOUR_MS;
        if epoch == self.epoch && hour == self.claimed {
            return Vec::new();
        }
        let all = hour != self.claimed;
        (self.epoch, self.claimed) = (epoch, hour);
        let mut found = Vec::new();
        for (account, record) in &state.account {
            let claims = record.stake(POOL).map_or(&[][..], |stake| stake.claims.as_slice());
            for claim in claims.iter().filter(|claim| all || whole(state, claim)) {
                let command = Command::Claim { account: *account, pool: POOL, epoch: claim.epoch };
                if found.len() < SETTLED_MAX && possible(keeper, at, state, &command) {
                    found.push(command);
                }
            }
        }
        found
    }
}

/// Whether a claim brings all that it ever will.
fn whole(state: &MemoryState, claim: &LpClaim) -> bool {
    let batch = state.epoch.get(&(POOL, claim.epoch)).and_then(|epoch| epoch.batch.as_ref());
    let over = |round: u32| state.exit_round.get(&(POOL, round)).is_none_or(|round| round.ended);
    batch.is_some_and(|batch| !claim.deposit.is_zero() || over(batch.round))
}

/// Whether the engine would carry a command out now.
fn possible(sender: AccountId, now: Timestamp, state: &MemoryState, command: &Command) -> bool {
    let ctx = Context { now, sequence: 0, sender, principal: None, funds: Cash::ZERO };
    execute(state, &ctx, command).is_ok()
}
