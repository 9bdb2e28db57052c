//! Who sends what: a seeded walk over every command, in integers.

use super::Step;
use super::venue::{ADMIN, GUARDIAN, KEEPER, KEYS, PUBLISHERS, USERS, surface};
use cenote_engine::command::{Action, Leg, OrderRequest, Report, SessionGrant, TimeInForce};
use cenote_engine::ids::{AccountId, LegKind, MarketId, PoolId};
use cenote_engine::{Command, MemoryState};
use cenote_units::{Cash, Millis, Price, Shares, Size, Timestamp};
use std::collections::VecDeque;

/// 2026-03-04 12:00 UTC.
const START_MS: u64 = 1_772_625_600_000;
const POOL: PoolId = PoolId(0);

/// What is sent next: who signs, for whom, with what money, and the command.
type Letter = (u64, Option<u64>, Cash, Command);

pub(super) struct Sender {
    seed: u64,
    now: Timestamp,
    sequence: u64,
    /// Index prices in whole quote.
    spots: [u64; 2],
    vol_bp: u64,
    waiting: VecDeque<Letter>,
}

fn account(n: u64) -> AccountId {
    AccountId::numbered(n)
}

fn whole(quote: u64) -> Cash {
    Cash::new(i128::from(quote) * 1_000_000).expect("a small amount")
}

impl Sender {
    pub fn new() -> Self {
        let now = Timestamp::from_millis(START_MS).expect("a date of this century");
        let mut sender = Self {
            seed: 0x5eed,
            now,
            sequence: 0,
            spots: [100_000, 4_000],
            vol_bp: 5_000,
            waiting: VecDeque::new(),
        };
        sender.open();
        sender
    }

    /// SplitMix64 (Steele, Lea, Flood 2014), reduced by multiplication.
    fn below(&mut self, count: u64) -> u64 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((u128::from(z ^ (z >> 31)) * u128::from(count)) >> 64) as u64
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        from.get(self.below(from.len() as u64) as usize).copied()
    }

    fn say(&mut self, sender: u64, command: Command) {
        self.waiting.push_back((sender, None, Cash::ZERO, command));
    }

    /// Users with money, liquidity, prices, boards.
    fn open(&mut self) {
        for user in USERS..USERS + 5 {
            self.waiting.push_back((
                user,
                None,
                whole(if user == USERS { 5_000_000 } else { 200_000 }),
                Command::Deposit,
            ));
        }
        self.say(USERS, Command::RequestDeposit { pool: POOL, amount: whole(4_000_000) });
        for _ in 0..2 {
            for market in 0..2 {
                self.publish(market);
                self.tick(market);
                self.say(KEEPER, Command::Roll { market: MarketId(market) });
            }
        }
        for market in 0..2 {
            self.tick(market);
        }
        self.say(KEEPER, Command::Claim { account: account(USERS), pool: POOL, epoch: 0 });
    }

    pub fn next(&mut self, state: &MemoryState) -> Step {
        while self.waiting.is_empty() {
            self.act(state);
        }
        let (sender, principal, funds, command) = self.waiting.pop_front().expect("just filled");
        self.now = self.now.after(Millis::new(300));
        self.sequence += 1;
        let command = self.dated(command);
        let (sender, principal) = (account(sender), principal.map(account));
        Step { now: self.now, sequence: self.sequence, sender, principal, funds, command }
    }

    /// Prices and surfaces are published when they are sent.
    fn dated(&self, command: Command) -> Command {
        match command {
            Command::PushPrice { market, mut reports } => {
                for (age, report) in (0..).zip(&mut reports) {
                    report.published_at = self.now.before(Millis::new(age * 40));
                }
                Command::PushPrice { market, reports }
            }
            Command::PublishSurface { market, nodes, .. } => {
                Command::PublishSurface { market, published_at: self.now, nodes }
            }
            other => other,
        }
    }

    fn act(&mut self, state: &MemoryState) {
        let market = self.below(2) as u16;
        match self.below(100) {
            0..=35 => self.tick(market),
            36..=41 => self.publish(market),
            42..=66 => self.order(state, market),
            67..=71 => self.cancel(state),
            72..=82 => self.liquidity(state),
            83..=88 => self.transfer(state),
            89..=91 => self.session(state, market),
            92..=94 => self.keep(state, market),
            95..=96 => self.govern(state, market),
            _ => self.leap(),
        }
    }

    fn user(&mut self) -> u64 {
        USERS + self.below(5)
    }

    fn tick(&mut self, market: u16) {
        let wide = if self.below(25) == 0 { 200 } else { 12 };
        let step = self.below(2 * wide + 1);
        let spot = &mut self.spots[usize::from(market)];
        *spot = *spot * (10_000 + step) / (10_000 + wide);
        let spot = u128::from(*spot);
        let report = |(at, id): (u128, u64)| Report {
            publisher: account(id),
            price: Price::new(spot * (1_000_000 + at * 30) * 1_000_000).expect("a price"),
            confidence: Price::new(spot * 100_000_000).expect("a confidence"),
            published_at: Timestamp::ZERO,
        };
        let reports = (0..).zip(PUBLISHERS).map(report).collect();
        self.say(KEEPER, Command::PushPrice { market: MarketId(market), reports });
    }

    fn publish(&mut self, market: u16) {
        self.vol_bp = (self.vol_bp * (9_900 + self.below(201)) / 10_000).clamp(3_000, 9_000);
        let nodes = surface(self.vol_bp);
        self.say(
            PUBLISHERS[0],
            Command::PublishSurface { market: MarketId(market), published_at: Timestamp::ZERO, nodes },
        );
    }

    fn leg(&mut self, state: &MemoryState, market: u16) -> Option<Leg> {
        let board = self.pick(&state.market.get(&MarketId(market))?.boards)?;
        let strikes: Vec<Price> = state.board.get(&board)?.strikes.iter().map(|s| s.price).collect();
        let strike = self.pick(&strikes)?;
        let kind = self.pick(&[LegKind::Call, LegKind::Put, LegKind::Forward])?;
        let units = i64::try_from(1 + self.below(2_000_000)).ok()?;
        let size = Size::new(if self.below(2) == 0 { units } else { -units }).ok()?;
        Some(Leg { board, strike, kind, size })
    }

    fn request(&mut self, state: &MemoryState, market: u16) -> OrderRequest {
        let count = 1 + self.below(3);
        let legs = (0..count).filter_map(|_| self.leg(state, market)).collect();
        let limit = if self.below(3) == 0 { whole(self.below(3_000)) } else { whole(100_000) };
        let until = self.now.after(Millis::seconds(5 + self.below(120)));
        OrderRequest {
            market: MarketId(market),
            legs,
            limit,
            time_in_force: if self.below(2) == 0 {
                TimeInForce::FirstTick
            } else {
                TimeInForce::Until(until)
            },
            reduce_only: self.below(12) == 0,
            attempts: 1 + self.below(4) as u32,
        }
    }

    fn order(&mut self, state: &MemoryState, market: u16) {
        let (user, request) = (self.user(), self.request(state, market));
        self.say(user, Command::PlaceOrder(request));
    }

    fn cancel(&mut self, state: &MemoryState) {
        let live: Vec<_> = state.order.keys().copied().collect();
        let Some(order) = self.pick(&live) else { return };
        let owner = (USERS..USERS + 5).find(|user| account(*user) == state.order[&order].account);
        self.say(owner.unwrap_or(USERS), Command::CancelOrder { order });
    }

    fn liquidity(&mut self, state: &MemoryState) {
        let user = self.user();
        let stake =
            state.account.get(&account(user)).and_then(|a| a.stake(POOL)).cloned().unwrap_or_default();
        let part = Shares::new(stake.shares.get() / 7 + 1).expect("fewer than there are");
        let amount = whole(1 + self.below(60_000));
        let to = account(self.user());
        let command = match self.below(5) {
            0 => Command::RequestDeposit { pool: POOL, amount },
            1 => Command::RequestWithdraw { pool: POOL, shares: part },
            2 => Command::TransferShares { pool: POOL, to, shares: part },
            3 => Command::Withdraw { amount },
            _ => {
                let epoch = stake.claims.first().map_or(0, |claim| claim.epoch);
                Command::Claim { account: account(user), pool: POOL, epoch }
            }
        };
        self.say(user, command);
    }

    fn transfer(&mut self, state: &MemoryState) {
        let (user, other) = (self.user(), self.user());
        let Some(record) = state.account.get(&account(user)) else { return };
        let Some(holding) = record.holdings.first() else { return };
        let Some(position) = holding.positions.first() else { return };
        let (board, strike, right) = (holding.board, position.strike, position.right);
        let size = Size::new(position.size.get() / 2).expect("half of a size");
        let payment = if size < Size::ZERO { whole(self.below(50)) } else { Cash::ZERO };
        self.say(user, Command::TransferPosition { to: account(other), board, strike, right, size, payment });
        if size < Size::ZERO {
            let offer = record.next_offer;
            self.say(other, Command::TakePosition { from: account(user), offer });
            self.say(user, Command::RevokeOffer { offer });
        }
    }

    fn session(&mut self, state: &MemoryState, market: u16) {
        let user = self.user();
        let key = account(KEYS + user);
        let expires_at = self.now.after(Millis::seconds(3_600));
        let grant = SessionGrant { key, trade: true, liquidity: true, daily_cap: whole(150_000), expires_at };
        self.say(user, Command::GrantSession(grant));
        let request = self.request(state, market);
        self.waiting.push_back((KEYS + user, Some(user), Cash::ZERO, Command::PlaceOrder(request)));
        if self.below(3) == 0 {
            self.say(user, Command::RevokeSession { key });
        }
    }

    fn keep(&mut self, state: &MemoryState, market: u16) {
        let market = MarketId(market);
        let boards: Vec<_> = state.board.keys().copied().collect();
        let user = account(self.user());
        self.say(KEEPER, Command::Roll { market });
        self.say(KEEPER, Command::Fill { market });
        self.say(KEEPER, Command::SettleAccount { account: user });
        if let Some(board) = self.pick(&boards) {
            self.say(KEEPER, Command::Settle { board });
        }
    }

    fn govern(&mut self, state: &MemoryState, market: u16) {
        let market = MarketId(market);
        self.say(GUARDIAN, Command::Pause { market: Some(market) });
        self.order(state, market.0);
        self.say(GUARDIAN, Command::Resume { market: Some(market) });
        let mut params = state.market_params[&market].clone();
        params.rules.fills_per_tick = 1 + self.below(8) as u32;
        self.say(ADMIN, Command::Propose { action: Action::SetMarket { market, params } });
        let Some(proposal) = state.proposal.keys().next().copied() else { return };
        self.say(KEEPER, Command::Enact { proposal });
        if self.below(4) == 0 {
            self.say(ADMIN, Command::Reject { proposal });
        }
    }

    /// Half a day passes: boards expire, new ones are listed.
    fn leap(&mut self) {
        self.now = self.now.after(Millis::seconds(600 + self.below(12 * 3_600)));
        for market in 0..2 {
            self.publish(market);
            self.tick(market);
            self.tick(market);
            self.say(KEEPER, Command::Roll { market: MarketId(market) });
        }
    }
}
