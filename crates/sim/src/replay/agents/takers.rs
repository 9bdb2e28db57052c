//! Buyers and sellers of options, shaped after purchases that were seen on chain: log-normal sizes, calls after
//! rises and puts after falls, more of them after large days, a quarter sellers.

use super::super::fair::Fair;
use super::super::host::{Host, MARKET};
use super::{Intent, Moment, TAKERS, nearest, sized};
use crate::convert;
use crate::rng::Rng;
use cenote_engine::Command;
use cenote_engine::command::{Leg, TimeInForce};
use cenote_engine::ids::{AccountId, BoardId, LegKind, Right};
use cenote_engine::quote;
use cenote_engine::state::Board;
use cenote_pricing::math::{exp, ln, min, sqrt};
use cenote_units::{Millis, Price, Size};

/// Median and most of an order's index value, quote, and the deviation of its log.
const NOTIONAL: (f64, f64, f64) = (5_000.0, 1_000_000.0, 1.3);
/// Of orders, those that sell to open, and those that close what their account holds.
const SELLERS: f64 = 0.25;
const CLOSERS: f64 = 0.15;
/// What a buyer pays over what he thinks it worth, its spread among buyers, and what a seller lets go.
const EAGERNESS: (f64, f64, f64) = (0.05, 0.10, 0.03);
/// What anybody gives for the convenience, as a share of the index: a listed wing's tick.
const TICK: f64 = 0.0001;

/// All traders.
pub struct Takers {
    rng: Rng,
    accounts: u64,
    /// Orders a year.
    rate: f64,
}

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
    /// Traders who think of so many orders a day.
    pub fn new(seed: u64, orders_per_day: u32) -> Self {
        Self {
            rng: Rng::new(seed, 0x7a4e),
            accounts: u64::from(orders_per_day).clamp(20, 500),
            rate: f64::from(orders_per_day) * 365.0,
        }
    }

    /// The orders that come before the next tick.
    pub fn orders(&mut self, host: &Host, fair: &Fair, moment: Moment) -> Vec<Intent> {
        // A day of one deviation leaves the rate as it is.
        let day = (moment.day / (fair.sigma * sqrt(1.0 / 365.0))).abs();
        let rate = self.rate * min(0.6 + 0.5 * day, 3.0);
        let count = self.rng.poisson(rate * moment.ahead).min(200);
        let boards = open_boards(host, fair);
        (0..count).filter_map(|_| self.order(host, fair, moment, &boards)).collect()
    }

    /// Now and then somebody takes a resting order back.
    pub fn cancel(&mut self, host: &Host) -> Option<(AccountId, Command)> {
        let queue = &host.venue.state.queue.get(&MARKET)?.orders;
        if queue.is_empty() || !self.rng.chance(0.02) {
            return None;
        }
        let order = queue[self.rng.below(queue.len())];
        let account = host.venue.state.order.get(&order)?.account;
        (account >= AccountId::numbered(TAKERS)).then_some((account, Command::CancelOrder { order }))
    }

    fn order(&mut self, host: &Host, fair: &Fair, moment: Moment, boards: &[BoardId]) -> Option<Intent> {
        let account = AccountId::numbered(TAKERS + self.rng.below(self.accounts as usize) as u64);
        let kind = self.rng.uniform();
        let closing = kind < CLOSERS;
        let idea = if closing {
            self.close(host, fair, account)?
        } else {
            let board = self.board(fair, boards)?;
            let size = self.size(host, fair);
            if kind < CLOSERS + SELLERS {
                self.sale(host, fair, board, size)?
            } else {
                self.purchase(host, fair, moment, board, size)?
            }
        };
        // The order fills at a price that nobody knows yet: room for half a deviation of it.
        let drift = 0.5 * idea.delta.abs() * fair.spot * fair.sigma * sqrt(moment.ahead);
        let over = if idea.value > 0.0 {
            EAGERNESS.0 + EAGERNESS.1 * self.rng.logistic()
        } else {
            EAGERNESS.2 + 0.3 * EAGERNESS.1 * self.rng.logistic()
        };
        let room = over * idea.gross + TICK * fair.spot * idea.contracts + drift;
        let patience = if self.rng.chance(0.2) {
            let tick = Millis::new((moment.ahead * cenote_pricing::YEAR_MS) as u64);
            let until = moment.now.after(Millis::new(10 * tick.get()));
            (TimeInForce::Until(until), 5)
        } else {
            (TimeInForce::FirstTick, 1)
        };
        let limit = convert::cash(idea.value + room);
        Some(Intent { account, legs: idea.legs, limit, patience, reduce_only: closing })
    }

    /// Notionals are log-normal; nobody trades a tenth of the pool at once.
    fn size(&mut self, host: &Host, fair: &Fair) -> Size {
        let capital = quote::cash(host.pool().risk_capital);
        let most = min(NOTIONAL.1, 0.1 * capital);
        sized(min(NOTIONAL.0 * exp(NOTIONAL.2 * self.rng.normal()), most), fair.spot)
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
        host: &Host,
        fair: &Fair,
        moment: Moment,
        id: BoardId,
        size: Size,
    ) -> Option<Idea> {
        let board = host.venue.state.board.get(&id)?;
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
    fn sale(&mut self, host: &Host, fair: &Fair, id: BoardId, size: Size) -> Option<Idea> {
        let board = host.venue.state.board.get(&id)?;
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
    fn close(&mut self, host: &Host, fair: &Fair, account: AccountId) -> Option<Idea> {
        let record = host.venue.state.account.get(&account).filter(|record| record.orders.is_empty())?;
        let live: Vec<_> =
            record.holdings.iter().filter(|h| host.market().boards.contains(&h.board)).collect();
        let holding = live.get(self.rng.below(live.len()))?;
        let position = holding.positions.get(self.rng.below(holding.positions.len()))?;
        let window = host.venue.state.market_params[&MARKET].rules.settlement_window;
        if fair.tau(holding.board.expiry) < quote::years(window) {
            return None;
        }
        let board = host.venue.state.board.get(&holding.board)?;
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
fn open_boards(host: &Host, fair: &Fair) -> Vec<BoardId> {
    let window = quote::years(host.venue.state.market_params[&MARKET].rules.settlement_window);
    let open = |id: &&BoardId| fair.tau(id.expiry) > 2.0 * window;
    host.market().boards.iter().filter(open).copied().collect()
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
