//! Simulated traders: those of the replays with the sizes and the patience of people before a screen, and an arbitrageur.

use super::{Deed, LifeConfig, opening};
use crate::publisher::{Publisher, kernel_surface};
use crate::replay::agents::takers::{Habits, Takers};
use crate::replay::agents::{Intent, MARKET, Moment, arbitrageur, missing};
use crate::replay::fair::Fair;
use crate::rng::Rng;
use borsh::{BorshDeserialize, BorshSerialize};
use cenote_engine::command::TimeInForce;
use cenote_engine::ids::AccountId;
use cenote_engine::quote;
use cenote_engine::state::Account;
use cenote_engine::{Command, MemoryState};
use cenote_pricing::math::{exp, ln, max, min};
use cenote_units::{Cash, Millis, Price, Size, Timestamp};

/// How many trade.
const COUNT: u32 = 60;
/// A day's rate over an hour's orders. More than 24: the rate is that of a day of one deviation, and most are calmer.
const DAY_RATE: u32 = 30;
/// Orders after one tick at most: a jump in time is no flood.
const ORDERS_MAX: usize = 4;
/// Ticks after the opening at which some trade whatever the rate, and how many do: a new market is alive at once.
const EAGER: (u64, usize) = (2, 4);
/// Contracts of an order: least, median, most, and the deviation of the log.
const CONTRACTS: (f64, f64, f64, f64) = (0.01, 0.05, 5.0, 1.2);
/// The step of sizes, contracts.
const STEP: f64 = 0.01;
/// How long an order rests at least and at most.
const REST_MS: (u64, u64) = (60_000, 300_000);
/// The mean time until somebody takes a resting order back.
const CANCEL_MS: f64 = 300_000.0;
/// The arbitrageur looks this often.
const ARBITRAGE: Millis = Millis::seconds(30);
/// Half-lives of the crowd's memory of prices, days.
const MEMORY: [f64; 2] = [0.5, 3.5];
/// Money is brought in steps of this, at most [`BRING_MAX`] at once; what is above [`KEEP_MAX`] goes home.
const BRING_STEP: i128 = 1_000_000_000;
const BRING_MAX: i128 = 2_000_000_000_000;
const KEEP_MAX: i128 = 250_000_000_000;

/// The account of a simulated name: 20 bytes of its hash, as an address is.
pub(super) fn named(name: &str) -> AccountId {
    let hash = blake3::hash(format!("cenote simulation: {name}").as_bytes());
    let mut bytes = [0; 32];
    bytes[12..].copy_from_slice(&hash.as_bytes()[12..]);
    AccountId(bytes)
}

/// Sizes are log-normal; nobody trades a tenth of the pool at once. What rests does so for minutes.
const HABITS: Habits = Habits {
    size: |rng, capital, spot| {
        let (least, median, most, deviation) = CONTRACTS;
        let most = max(least, min(most, 0.1 * capital / spot));
        let contracts = min(max(median * exp(deviation * rng.normal()), least), most);
        // Steps are counted in whole numbers: 0.07 is 70,000 units and no less.
        let units = (contracts / STEP).round() as i64 * (STEP * 1e6) as i64;
        Size::new(units).unwrap_or(Size::ZERO)
    },
    closers: 0.3,
    eagerness: (0.12, 0.08),
    patience: |rng, moment| {
        let rest = REST_MS.0 + rng.below((REST_MS.1 - REST_MS.0) as usize) as u64;
        let tick = (moment.ahead * cenote_pricing::YEAR_MS).round().max(1.0) as u64;
        let rest = rest.max(4 * tick);
        (TimeInForce::Until(moment.now.after(Millis::new(rest))), (rest / tick).clamp(2, 300) as u32)
    },
};

/// Everybody who trades.
#[derive(Debug, Clone)]
pub(super) struct Crowd {
    takers: Takers,
    arbitrageur: AccountId,
    arbitraged_at: Timestamp,
    /// What the log of the price was about a day and a week ago.
    memory: [f64; 2],
}

/// All of it that changes.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
pub(super) struct Moving {
    rng: Rng,
    arbitraged_at: Timestamp,
    memory: [f64; 2],
}

impl Crowd {
    pub fn new(config: &LifeConfig) -> Self {
        let mut accounts: Vec<AccountId> = (1..=COUNT).map(|n| named(&format!("trader {n}"))).collect();
        accounts.sort_unstable();
        Self {
            takers: Takers::new(config.seed, accounts, DAY_RATE * config.orders_per_hour, HABITS),
            arbitrageur: named("arbitrageur"),
            arbitraged_at: Timestamp::ZERO,
            memory: [ln(quote::price(config.prices.first())); 2],
        }
    }

    pub fn save(&self) -> Moving {
        Moving { rng: self.takers.rng().clone(), arbitraged_at: self.arbitraged_at, memory: self.memory }
    }

    pub fn load(&mut self, moving: Moving) {
        self.takers.restore(moving.rng);
        self.arbitraged_at = moving.arbitraged_at;
        self.memory = moving.memory;
    }

    /// Learns a price that comes so long after the one before.
    pub fn observe(&mut self, price: Price, step: Millis) {
        let (now, days) = (ln(quote::price(price)), 365.0 * quote::years(step));
        for (memory, half_life) in self.memory.iter_mut().zip(MEMORY) {
            let kept = exp(-core::f64::consts::LN_2 * days / half_life);
            *memory = *memory * kept + now * (1.0 - kept);
        }
    }

    /// What it does at a moment, when `step` has passed since the moment before.
    pub fn deeds(
        &mut self,
        now: Timestamp,
        step: Millis,
        state: &MemoryState,
        publisher: &Publisher,
    ) -> Vec<Deed> {
        let Some(market) = state.market.get(&MARKET) else { return Vec::new() };
        let (Some(tick), Some(surface)) = (&market.tick, &market.surface) else { return Vec::new() };
        let rules = &state.market_params[&MARKET].rules;
        let spot = quote::price(tick.price);
        let log_spot = ln(spot);
        let [day, week] = self.memory.map(|memory| log_spot - memory);
        let moment = Moment { now, ahead: quote::years(step), day, week };
        let mut deeds = Vec::new();
        let chance = 1.0 - exp(-(step.get() as f64) / CANCEL_MS);
        if let Some((account, cancel)) = self.takers.cancel(state, chance) {
            deeds.push(Deed::new(account, now, cancel));
        }
        let worth = Fair::new(publisher.truth(), spot, tick.published_at, rules);
        let mut intents = if tick.number <= opening::TICKS + EAGER.0 {
            self.takers.eager(state, &worth, moment, EAGER.1)
        } else {
            self.takers.orders(state, &worth, moment, ORDERS_MAX)
        };
        if now.since(self.arbitraged_at) >= ARBITRAGE {
            self.arbitraged_at = now;
            let pools = Fair::new(kernel_surface(&surface.nodes), spot, tick.published_at, rules);
            intents.extend(arbitrageur::order(state, self.arbitrageur, &pools, moment));
        }
        let mut busy: Vec<AccountId> = Vec::new();
        for intent in intents {
            if !busy.contains(&intent.account) {
                busy.push(intent.account);
                deeds.extend(placed(now, state, intent));
            }
        }
        deeds
    }
}

/// An order with the money that it may need; nothing while its account waits for another, or when it needs too much.
fn placed(now: Timestamp, state: &MemoryState, intent: Intent) -> Vec<Deed> {
    let (account, nobody) = (intent.account, Account::default());
    let record = state.account.get(&account).unwrap_or(&nobody);
    let Ok(missing) = missing(state, &intent) else { return Vec::new() };
    if !record.orders.is_empty() || missing.get() > BRING_MAX {
        return Vec::new();
    }
    let mut deeds = Vec::new();
    let spare = -missing.get();
    if spare > KEEP_MAX {
        let amount = Cash::new(spare - KEEP_MAX / 2).unwrap_or(Cash::ZERO);
        deeds.push(Deed::new(account, now, Command::Withdraw { amount }));
    } else if spare < 0 {
        let brought = missing.get().div_euclid(BRING_STEP) * BRING_STEP + BRING_STEP;
        deeds.push(Deed::deposit(account, now, Cash::new(brought).unwrap_or(missing)));
    }
    deeds.push(Deed::new(account, now, intent.command()));
    deeds
}
