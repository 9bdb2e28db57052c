//! Buyers and sellers of options, shaped after purchases that were seen on chain: log-normal sizes, calls after
//! rises and puts after falls, more of them after large days, a quarter sellers.

use super::super::fair::Fair;
use super::{Intent, MARKET, Moment, POOL, nearest, sized};
use crate::convert;
use crate::rng::Rng;
use cenote_engine::command::{Leg, TimeInForce};
use cenote_engine::ids::{AccountId, BoardId, LegKind, Right};
use cenote_engine::quote;
use cenote_engine::state::Board;
use cenote_engine::{Command, MemoryState};
use cenote_pricing::math::{exp, ln, max, min, sqrt};
use cenote_units::{Millis, Price, Size};

/// Median and most of an order's index value, quote, and the deviation of its log.
const NOTIONAL: (f64, f64, f64) = (5_000.0, 1_000_000.0, 1.3);
/// Of orders, those that sell to open.
const SELLERS: f64 = 0.25;
/// The spread among buyers of what they pay over what they think it worth; that among sellers is three tenths of it.
const EAGERNESS_SPREAD: f64 = 0.10;
/// What anybody gives for the convenience, as a share of the index: a listed wing's tick.
const TICK: f64 = 0.0001;
/// What those in a hurry give on top, as a share of the index.
const HURRY: f64 = 0.05;

/// All traders.
#[derive(Debug, Clone)]
pub struct Takers {
    rng: Rng,
    /// Ascending.
    accounts: Vec<AccountId>,
    /// Orders a year.
    rate: f64,
    habits: Habits,
}

/// What differs between those who trade in a replay and those who trade before somebody's eyes.
#[derive(Debug, Clone, Copy)]
pub struct Habits {
    /// The size of an order, by the pool's risk capital and the index, both in quote.
    pub size: fn(&mut Rng, f64, f64) -> Size,
    /// Of orders, those that close what their account holds.
    pub closers: f64,
    /// What a buyer pays over what he thinks it worth, and what a seller lets go: means, as parts of it.
    pub eagerness: (f64, f64),
    /// How long an order may rest that is not for the first tick alone, and how many ticks may try it.
    pub patience: fn(&mut Rng, &Moment) -> (TimeInForce, u32),
}

/// Notionals are log-normal; nobody trades a tenth of the pool at once. What rests does so for ten ticks.
pub const REPLAY: Habits = Habits {
    size: |rng, capital, spot| {
        let most = min(NOTIONAL.1, 0.1 * capital);
        sized(min(NOTIONAL.0 * exp(NOTIONAL.2 * rng.normal()), most), spot)
    },
    closers: 0.15,
    eagerness: (0.05, 0.03),
    patience: |_, moment| {
        let tick = Millis::new((moment.ahead * cenote_pricing::YEAR_MS) as u64);
        (TimeInForce::Until(moment.now.after(Millis::new(10 * tick.get()))), 5)
    },
};

/// A trade in mind: legs, what they are worth to the account that gets them, and their delta.
struct Idea {
    legs: Vec<Leg>,
    value: f64,
    /// Sum of what each leg is worth without its sign.
    gross: f64,
    delta: f64,
    contracts: f64,
}

impl Takers {
    /// Traders, ascending, who together think of so many orders a day.
    pub fn new(seed: u64, accounts: Vec<AccountId>, orders_per_day: u32, habits: Habits) -> Self {
        Self { rng: Rng::new(seed, 0x7a4e), accounts, rate: f64::from(orders_per_day) * 365.0, habits }
    }

    /// Where their choices are.
    pub fn rng(&self) -> &Rng {
        &self.rng
    }

    /// Goes on with other choices.
    pub fn restore(&mut self, rng: Rng) {
        self.rng = rng;
    }

    /// Whether an account is one of them.
    pub fn own(&self, account: AccountId) -> bool {
        self.accounts.binary_search(&account).is_ok()
    }

    /// The orders that come before the next tick, at most so many.
    pub fn orders(&mut self, state: &MemoryState, fair: &Fair, moment: Moment, most: usize) -> Vec<Intent> {
        // A day of one deviation leaves the rate as it is.
        let day = (moment.day / (fair.sigma * sqrt(1.0 / 365.0))).abs();
        let rate = self.rate * min(0.6 + 0.5 * day, 3.0);
        let count = self.rng.poisson(rate * moment.ahead).min(most);
        if count == 0 {
            return Vec::new();
        }
        let boards = open_boards(state, fair, moment);
        (0..count).filter_map(|_| self.order(state, fair, moment, &boards)).collect()
    }

    /// With some chance somebody takes a resting order back.
    pub fn cancel(&mut self, state: &MemoryState, chance: f64) -> Option<(AccountId, Command)> {
        let queue = &state.queue.get(&MARKET)?.orders;
        if queue.is_empty() || !self.rng.chance(chance) {
            return None;
        }
        let order = queue[self.rng.below(queue.len())];
        let account = state.order.get(&order)?.account;
        self.own(account).then_some((account, Command::CancelOrder { order }))
    }

    /// Orders of those who want to trade at once, whatever the rate; fewer than asked when there is little to trade.
    pub fn eager(&mut self, state: &MemoryState, fair: &Fair, moment: Moment, count: usize) -> Vec<Intent> {
        let boards = open_boards(state, fair, moment);
        let orders = (0..4 * count).filter_map(|_| self.order(state, fair, moment, &boards));
        let hurry = |intent: Intent| {
            let contracts: f64 = intent.legs.iter().map(|leg| quote::size(leg.size).abs()).sum();
            let room = convert::cash(HURRY * contracts * fair.spot);
            let limit = intent.limit.plus(room).unwrap_or(intent.limit);
            Intent { limit, patience: (TimeInForce::FirstTick, 1), ..intent }
        };
        orders.take(count).map(hurry).collect()
    }

    fn order(
        &mut self,
        state: &MemoryState,
        fair: &Fair,
        moment: Moment,
        boards: &[BoardId],
    ) -> Option<Intent> {
        let account = self.accounts[self.rng.below(self.accounts.len())];
        let kind = self.rng.uniform();
        let closing = kind < self.habits.closers;
        let idea = if closing {
            self.close(state, fair, moment, account)?
        } else {
            let board = self.board(fair, boards)?;
            let size = self.size(state, fair);
            if kind < self.habits.closers + SELLERS {
                self.sale(state, fair, board, size)?
            } else {
                self.purchase(state, fair, moment, board, size)?
            }
        };
        // The order fills at a price that nobody knows yet: room for half a deviation of it.
        let drift = 0.5 * idea.delta.abs() * fair.spot * fair.sigma * sqrt(moment.ahead);
        let over = if idea.value > 0.0 {
            self.habits.eagerness.0 + EAGERNESS_SPREAD * self.rng.logistic()
        } else {
            self.habits.eagerness.1 + 0.3 * EAGERNESS_SPREAD * self.rng.logistic()
        };
        let room = over * idea.gross + TICK * fair.spot * idea.contracts + drift;
        let patience = if self.rng.chance(0.2) {
            (self.habits.patience)(&mut self.rng, &moment)
        } else {
            (TimeInForce::FirstTick, 1)
        };
        let limit = convert::cash(idea.value + room);
        Some(Intent { account, legs: idea.legs, limit, patience, reduce_only: closing })
    }

    fn size(&mut self, state: &MemoryState, fair: &Fair) -> Size {
        let capital = quote::cash(state.pool[&POOL].risk_capital);
        (self.habits.size)(&mut self.rng, capital, fair.spot)
    }

    /// Mostly days and weeks, some months.
    fn board(&mut self, fair: &Fair, boards: &[BoardId]) -> Option<BoardId> {
        let (least, most) = match self.rng.uniform() {
            u if u < 0.35 => (0.5, 3.0),
            u if u < 0.70 => (3.0, 14.0),
            u if u < 0.95 => (14.0, 45.0),
            _ => (45.0, 100.0),
        };
        let wanted = ln(least / 365.0) + self.rng.uniform() * ln(most / least);
        let distance = |id: &&BoardId| (ln(fair.tau(id.expiry)) - wanted).abs();
        boards.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).copied()
    }

    /// Calls after rises, puts after falls; most single, some spreads and straddles.
    fn purchase(
        &mut self,
        state: &MemoryState,
        fair: &Fair,
        moment: Moment,
        id: BoardId,
        size: Size,
    ) -> Option<Idea> {
        let board = state.board.get(&id)?;
        let week = moment.week / (fair.sigma * sqrt(7.0 / 365.0));
        let right = if self.rng.chance(1.0 / (1.0 + exp(-1.2 * week))) { Right::Call } else { Right::Put };
        let strike = self.strike(fair, id, board, right, 0.0)?;
        let mut legs = vec![leg(id, strike, right, size)];
        match self.rng.uniform() {
            u if u < 0.10 => {
                let further = self.strike(fair, id, board, right, 1.0)?;
                if further != strike {
                    legs.push(leg(id, further, right, size.negated()));
                }
            }
            u if u < 0.18 => {
                let other = if right == Right::Call { Right::Put } else { Right::Call };
                legs.push(leg(id, strike, other, size));
            }
            _ => {}
        }
        Some(idea(fair, board, legs))
    }

    /// Covered calls, whose cover is elsewhere and whose escrow is here; puts secured by cash; spreads.
    fn sale(&mut self, state: &MemoryState, fair: &Fair, id: BoardId, size: Size) -> Option<Idea> {
        let board = state.board.get(&id)?;
        let right = if self.rng.chance(0.55) { Right::Call } else { Right::Put };
        let strike = self.strike(fair, id, board, right, 0.3)?;
        let mut legs = vec![leg(id, strike, right, size.negated())];
        if self.rng.chance(0.3) {
            let further = self.strike(fair, id, board, right, 1.2)?;
            if further != strike {
                legs.push(leg(id, further, right, size));
            }
        }
        Some(idea(fair, board, legs))
    }

    /// Gives back what the account holds of one series.
    fn close(
        &mut self,
        state: &MemoryState,
        fair: &Fair,
        moment: Moment,
        account: AccountId,
    ) -> Option<Idea> {
        let record = state.account.get(&account).filter(|record| record.orders.is_empty())?;
        let live: Vec<_> =
            record.holdings.iter().filter(|h| state.market[&MARKET].boards.contains(&h.board)).collect();
        let holding = live.get(self.rng.below(live.len()))?;
        let position = holding.positions.get(self.rng.below(holding.positions.len()))?;
        let window = state.market_params[&MARKET].rules.settlement_window;
        if fair.tau(holding.board.expiry) < max(quote::years(window), moment.ahead) {
            return None;
        }
        let board = state.board.get(&holding.board)?;
        let legs = vec![leg(holding.board, position.strike, position.right, position.size.negated())];
        Some(idea(fair, board, legs))
    }

    /// A strike out of the money by a deviation or so, and by `further` more.
    fn strike(
        &mut self,
        fair: &Fair,
        id: BoardId,
        board: &Board,
        right: Right,
        further: f64,
    ) -> Option<Price> {
        let out = 0.1 + 0.6 * self.rng.normal().abs() + further;
        let sign = if right == Right::Call { 1.0 } else { -1.0 };
        nearest(&board.strikes, fair.forward(id.expiry) * exp(sign * out * fair.deviation(id.expiry)))
    }
}

/// Boards that will still take openings at the next tick.
fn open_boards(state: &MemoryState, fair: &Fair, moment: Moment) -> Vec<BoardId> {
    let window = quote::years(state.market_params[&MARKET].rules.settlement_window);
    let open = |id: &&BoardId| fair.tau(id.expiry) > window + max(window, moment.ahead);
    state.market[&MARKET].boards.iter().filter(open).copied().collect()
}

fn leg(board: BoardId, strike: Price, right: Right, size: Size) -> Leg {
    let kind = if right == Right::Call { LegKind::Call } else { LegKind::Put };
    Leg { board, strike, kind, size }
}

fn idea(fair: &Fair, board: &Board, legs: Vec<Leg>) -> Idea {
    let mut idea = Idea { legs, value: 0.0, gross: 0.0, delta: 0.0, contracts: 0.0 };
    for leg in &idea.legs {
        let right = if leg.kind == LegKind::Call { Right::Call } else { Right::Put };
        let (mark, size) = (fair.mark(&leg.board, board, leg.strike, right), quote::size(leg.size));
        idea.value += size * mark.mark;
        idea.gross += size.abs() * mark.mark;
        idea.delta += size * mark.delta;
        idea.contracts += size.abs();
    }
    idea
}
