//! A random walk over every command: users who trade, provide, transfer and meddle while prices move.

use crate::fixture::{ADMIN, Fixture, GUARDIAN, KEEPER, PROVIDER, PUBLISHER, TRADER, quote};
use crate::rng::Rng;
use cenote_engine::command::{Action, Leg, OrderRequest, SessionGrant, TimeInForce};
use cenote_engine::ids::{AccountId, BoardId, Instrument, LegKind, MarketId, OrderId, PoolId, ProposalId};
use cenote_engine::{Command, Rejection};
use cenote_units::{Cash, Millis, Shares, Size};
use std::collections::BTreeMap;

/// Users of a walk.
const USERS: u64 = 6;
/// Keys that act for them.
const SESSION: u64 = 500;

/// A walk in progress.
#[derive(Debug)]
pub struct Walk {
    rng: Rng,
    /// Commands carried out, by kind.
    pub done: BTreeMap<&'static str, u64>,
    /// Commands refused, by code.
    pub refused: BTreeMap<&'static str, u64>,
}

impl Walk {
    /// A walk of a seed; funds its users.
    #[must_use]
    pub fn new(seed: u64, f: &mut Fixture) -> Self {
        let mut rng = Rng::new(seed, 77);
        for user in 0..USERS {
            f.fund(TRADER + user, 50_000.0 * (1.0 + 40.0 * rng.uniform()));
        }
        Self { rng, done: BTreeMap::new(), refused: BTreeMap::new() }
    }

    /// One random step: time passes, and somebody does something.
    pub fn step(&mut self, f: &mut Fixture) {
        let dice = self.rng.below(100);
        match dice {
            0..=29 => self.tick(f),
            30..=54 => self.order(f),
            55..=59 => self.cancel(f),
            60..=64 => self.money(f),
            65..=74 => self.liquidity(f),
            75..=80 => self.transfer(f),
            81..=85 => self.session(f),
            86..=88 => self.publish(f),
            89..=92 => self.keep(f),
            93..=95 => self.govern(f),
            _ => self.leap(f),
        }
        f.wait(Millis::new(self.rng.below(1_500) as u64));
    }

    fn run(&mut self, f: &mut Fixture, kind: &'static str, sender: u64, command: &Command) {
        let result = f.run(sender, command);
        self.count(kind, result.map(|_| ()));
    }

    fn count(&mut self, kind: &'static str, result: Result<(), Rejection>) {
        match result {
            Ok(()) => *self.done.entry(kind).or_default() += 1,
            Err(refusal) => *self.refused.entry(refusal.code()).or_default() += 1,
        }
    }

    fn user(&mut self) -> u64 {
        TRADER + self.rng.below(USERS as usize) as u64
    }

    fn market(&mut self, f: &Fixture) -> MarketId {
        let markets = f.markets();
        markets[self.rng.below(markets.len())]
    }

    /// Usually a small move, sometimes a jump, sometimes a price out of order.
    fn tick(&mut self, f: &mut Fixture) {
        let market = self.market(f);
        let at = usize::from(market.0);
        let scale = if self.rng.chance(0.03) { 0.02 } else { 4e-4 };
        let before = f.spots[at];
        f.spots[at] = before * (1.0 + scale * self.rng.normal()).clamp(0.8, 1.25);
        f.wait(Millis::new(200 + self.rng.below(2_500) as u64));
        let spot = f.spots[at];
        let result = f.push(market, spot);
        self.count("push_price", result.map(|_| ()));
    }

    fn board(&mut self, f: &Fixture, market: MarketId) -> Option<BoardId> {
        let boards = f.boards(market);
        (!boards.is_empty()).then(|| boards[self.rng.below(boards.len())])
    }

    fn order(&mut self, f: &mut Fixture) {
        let (user, market) = (self.user(), self.market(f));
        let count = if self.rng.chance(0.6) { 1 } else { 1 + self.rng.below(8) };
        let mut legs = Vec::new();
        for _ in 0..count {
            let Some(board) = self.board(f, market) else { return };
            let strikes = &f.venue.state.board[&board].strikes;
            if strikes.is_empty() {
                return;
            }
            let strike = strikes[self.rng.below(strikes.len())].price;
            let kind = [LegKind::Call, LegKind::Put, LegKind::Forward][self.rng.below(3)];
            let units = (1.0 + 2e6 * self.rng.uniform() * self.rng.uniform()) as i64;
            let size = Size::new(if self.rng.chance(0.5) { units } else { -units }).expect("a small size");
            legs.push(Leg { board, strike, kind, size });
        }
        // Closing something one holds is what reduce-only is for.
        let reduce_only = self.rng.chance(0.2);
        if reduce_only && let Some(leg) = self.closing_leg(f, user, market) {
            legs = vec![leg];
        }
        let limit = match self.rng.below(4) {
            0 => quote(self.rng.normal() * 2_000.0),
            1 => quote(50_000.0),
            _ => Cash::MAX,
        };
        let until = f.venue.now.after(Millis::seconds(5 + self.rng.below(300) as u64));
        let time_in_force =
            if self.rng.chance(0.5) { TimeInForce::FirstTick } else { TimeInForce::Until(until) };
        let attempts = 1 + self.rng.below(5) as u32;
        let request = OrderRequest { market, legs, limit, time_in_force, reduce_only, attempts };
        if self.rng.chance(0.15) {
            let (key, user) = (AccountId::numbered(SESSION + user), AccountId::numbered(user));
            let result = f.run_for(key, user, &Command::PlaceOrder(request));
            self.count("place_order by a session key", result.map(|_| ()));
            return;
        }
        self.run(f, "place_order", user, &Command::PlaceOrder(request));
    }

    fn closing_leg(&mut self, f: &Fixture, user: u64, market: MarketId) -> Option<Leg> {
        let account = f.venue.state.account.get(&AccountId::numbered(user))?;
        let mine: Vec<_> = account.holdings.iter().filter(|h| h.board.market == market).collect();
        let holding = mine.get(self.rng.below(mine.len()))?;
        let position = &holding.positions[self.rng.below(holding.positions.len())];
        let kind = match position.right {
            cenote_engine::ids::Right::Call => LegKind::Call,
            cenote_engine::ids::Right::Put => LegKind::Put,
        };
        Some(Leg { board: holding.board, strike: position.strike, kind, size: position.size.negated() })
    }

    fn cancel(&mut self, f: &mut Fixture) {
        let orders: Vec<(OrderId, AccountId)> =
            f.venue.state.order.iter().map(|(id, order)| (*id, order.account)).collect();
        if orders.is_empty() {
            return;
        }
        let (order, owner) = orders[self.rng.below(orders.len())];
        let number = (0..USERS).map(|u| TRADER + u).find(|u| AccountId::numbered(*u) == owner);
        let sender = if self.rng.chance(0.9) { number.unwrap_or(TRADER) } else { TRADER };
        self.run(f, "cancel_order", sender, &Command::CancelOrder { order });
    }

    fn money(&mut self, f: &mut Fixture) {
        let user = self.user();
        if self.rng.chance(0.5) {
            f.fund(user, 1.0 + 20_000.0 * self.rng.uniform());
            return;
        }
        let amount = quote(30_000.0 * self.rng.uniform() * self.rng.uniform());
        self.run(f, "withdraw", user, &Command::Withdraw { amount });
    }

    fn liquidity(&mut self, f: &mut Fixture) {
        let pool = PoolId(0);
        let user = if self.rng.chance(0.3) { PROVIDER } else { self.user() };
        let id = AccountId::numbered(user);
        let stake = f.venue.state.account.get(&id).and_then(|a| a.stake(pool)).cloned().unwrap_or_default();
        match self.rng.below(4) {
            0 => {
                let amount = quote(100_000.0 * self.rng.uniform());
                self.run(f, "request_deposit", user, &Command::RequestDeposit { pool, amount });
            }
            1 => {
                let part = (self.rng.uniform() * stake.shares.get() as f64 * 0.6) as u128;
                let shares = Shares::new(part).unwrap_or(Shares::ZERO);
                self.run(f, "request_withdraw", user, &Command::RequestWithdraw { pool, shares });
            }
            2 if !stake.claims.is_empty() => {
                let epoch = stake.claims[self.rng.below(stake.claims.len())].epoch;
                let sender = self.user();
                self.run(f, "claim", sender, &Command::Claim { account: id, pool, epoch });
            }
            _ => {
                let to = AccountId::numbered(self.user());
                let part = (self.rng.uniform() * stake.shares.get() as f64 * 0.2) as u128;
                let shares = Shares::new(part).unwrap_or(Shares::ZERO);
                self.run(f, "transfer_shares", user, &Command::TransferShares { pool, to, shares });
            }
        }
    }

    fn transfer(&mut self, f: &mut Fixture) {
        let user = self.user();
        let to = AccountId::numbered(self.user());
        let account = f.venue.state.account.get(&AccountId::numbered(user)).cloned().unwrap_or_default();
        if let Some(offer) = account.offers.first()
            && self.rng.chance(0.6)
        {
            let taker = (0..USERS).map(|u| TRADER + u).find(|u| AccountId::numbered(*u) == offer.to);
            let from = AccountId::numbered(user);
            let taker = taker.unwrap_or(TRADER);
            self.run(f, "take_position", taker, &Command::TakePosition { from, offer: offer.number });
            return;
        }
        let Some(holding) = account.holdings.first() else { return };
        let position = &holding.positions[self.rng.below(holding.positions.len())];
        let Instrument { board, strike, right } =
            Instrument { board: holding.board, strike: position.strike, right: position.right };
        let part = position.size.get() / (1 + self.rng.below(3) as i64);
        let size = Size::new(part).expect("a part of a position");
        let payment = if part < 0 { quote(self.rng.uniform() * 100.0) } else { Cash::ZERO };
        let command = Command::TransferPosition { to, board, strike, right, size, payment };
        self.run(f, "transfer_position", user, &command);
        if part < 0 && self.rng.chance(0.1) {
            self.run(f, "revoke_offer", user, &Command::RevokeOffer { offer: account.next_offer });
        }
    }

    fn session(&mut self, f: &mut Fixture) {
        let user = self.user();
        let key = AccountId::numbered(SESSION + user);
        if self.rng.chance(0.2) {
            self.run(f, "revoke_session", user, &Command::RevokeSession { key });
            return;
        }
        let grant = SessionGrant {
            key,
            trade: self.rng.chance(0.8),
            liquidity: self.rng.chance(0.3),
            daily_cap: quote(200_000.0 * self.rng.uniform()),
            expires_at: f.venue.now.after(Millis::seconds(self.rng.below(7_200) as u64 + 1)),
        };
        self.run(f, "grant_session", user, &Command::GrantSession(grant));
    }

    fn publish(&mut self, f: &mut Fixture) {
        let market = self.market(f);
        let scale = if self.rng.chance(0.05) { 0.3 } else { 0.01 };
        f.vol = (f.vol * (1.0 + scale * self.rng.normal())).clamp(0.2, 1.5);
        let result = f.publish(market);
        self.count("publish_surface", result.map(|_| ()));
    }

    fn keep(&mut self, f: &mut Fixture) {
        let market = self.market(f);
        let user = AccountId::numbered(self.user());
        let command = match self.rng.below(4) {
            0 => Command::Roll { market },
            1 => Command::Fill { market },
            2 => Command::SettleAccount { account: user },
            _ => {
                let boards: Vec<BoardId> = f.venue.state.board.keys().copied().collect();
                let Some(board) = boards.get(self.rng.below(boards.len())) else { return };
                Command::Settle { board: *board }
            }
        };
        self.run(f, "keeper", KEEPER, &command);
    }

    fn govern(&mut self, f: &mut Fixture) {
        let market = self.market(f);
        let one = if self.rng.chance(0.5) { Some(market) } else { None };
        match self.rng.below(6) {
            0 => {
                self.run(f, "pause", GUARDIAN, &Command::Pause { market: one });
                self.run(f, "resume", GUARDIAN, &Command::Resume { market: one });
            }
            1 => {
                self.run(f, "resume", GUARDIAN, &Command::Resume { market: None });
            }
            2 | 3 => {
                let mut params = f.venue.state.market_params[&market].clone();
                params.rules.fills_per_tick = 1 + self.rng.below(8) as u32;
                let action = Action::SetMarket { market, params };
                self.run(f, "propose", ADMIN, &Command::Propose { action });
            }
            _ => {
                let proposals: Vec<ProposalId> = f.venue.state.proposal.keys().copied().collect();
                let Some(proposal) = proposals.first() else { return };
                let command = if self.rng.chance(0.2) {
                    Command::Reject { proposal: *proposal }
                } else {
                    Command::Enact { proposal: *proposal }
                };
                self.run(f, "enact or reject", ADMIN, &command);
            }
        }
    }

    /// Hours or a day pass; prices come again, boards settle, new ones are listed.
    fn leap(&mut self, f: &mut Fixture) {
        let hours = 1 + self.rng.below(30) as u64;
        for _ in 0..hours {
            f.wait(Millis::seconds(3_600));
            for market in f.markets() {
                let at = usize::from(market.0);
                let before = f.spots[at];
                f.spots[at] = before * (1.0 + 0.004 * self.rng.normal());
                let result = f.publish(market);
                self.count("publish_surface", result.map(|_| ()));
                let spot = f.spots[at];
                let result = f.push(market, spot);
                self.count("push_price", result.map(|_| ()));
            }
        }
        for market in f.markets() {
            self.run(f, "roll", PUBLISHER, &Command::Roll { market });
        }
    }
}
