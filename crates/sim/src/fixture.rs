//! A venue with everything in place, and short words for what is done to it: for tests and benchmarks.

use crate::invariants;
use crate::trace::Trace;
use crate::venue::Venue;
use cenote_engine::command::{Leg, OrderRequest, Powers, Report, SurfaceNode, TimeInForce};
use cenote_engine::event::{EndReason, FillEvent};
use cenote_engine::ids::{AccountId, BoardId, LegKind, MarketId, PoolId};
use cenote_engine::params::{MarketParams, MarketRules, PoolParams, PoolRules, SurfaceSource};
use cenote_engine::{Command, Error, Event, Genesis, GenesisMarket, GenesisPool, Outcome, Rejection};
use cenote_units::{Cash, Millis, Price, Size, Timestamp};

/// The admin of every fixture.
pub const ADMIN: u64 = 1;
/// The guardian.
pub const GUARDIAN: u64 = 2;
/// The keeper, who delivers prices.
pub const KEEPER: u64 = 3;
/// The publisher of prices and surfaces.
pub const PUBLISHER: u64 = 4;
/// The first provider of liquidity.
pub const PROVIDER: u64 = 5;
/// Traders are numbered from here.
pub const TRADER: u64 = 100;

/// Whole quote tokens.
#[must_use]
pub fn quote(whole: f64) -> Cash {
    Cash::new((whole * 1e6) as i128).expect("a fixture's amount is in range")
}

/// A price in quote.
#[must_use]
pub fn price(quote: f64) -> Price {
    Price::new((quote * 1e6) as u128 * 1_000_000).expect("a fixture's price is in range")
}

/// A number of contracts.
#[must_use]
pub fn contracts(n: f64) -> Size {
    Size::new((n * 1e6).round() as i64).expect("a fixture's size is in range")
}

/// How a fixture is set up.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Rules of each market.
    pub markets: Vec<MarketRules>,
    /// Index price of each market at the start.
    pub spots: Vec<f64>,
    /// Rules of the pool.
    pub pool: PoolRules,
    /// What the first provider puts in.
    pub liquidity: f64,
    /// Annual vol of the flat-ish surface.
    pub vol: f64,
    /// Keep a trace of every command from the first.
    pub traced: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            markets: vec![MarketRules::default()],
            spots: vec![100_000.0],
            pool: PoolRules::default(),
            liquidity: 10_000_000.0,
            vol: 0.5,
            traced: false,
        }
    }
}

/// A venue with a pool, its markets, surfaces, prices, listed boards and liquidity.
#[derive(Debug, Clone)]
pub struct Fixture {
    /// The venue.
    pub venue: Venue,
    /// The latest index price of each market.
    pub spots: Vec<f64>,
    /// Annual vol of published surfaces.
    pub vol: f64,
    /// Check every invariant after every command.
    pub checked: bool,
    /// Commands run, and how many were refused.
    pub commands: (u64, u64),
}

/// What became of an order.
#[derive(Debug, Clone, PartialEq)]
pub enum Fate {
    /// It filled.
    Filled(FillEvent),
    /// It ended without filling.
    Ended(EndReason),
    /// It rests, for this reason.
    Rested(Rejection),
}

impl Fate {
    /// The fill, or a panic that says what happened instead.
    ///
    /// # Panics
    /// When the order did not fill.
    #[must_use]
    pub fn filled(self) -> FillEvent {
        match self {
            Self::Filled(fill) => fill,
            other => panic!("the order did not fill: {other:?}"),
        }
    }

    /// The refusal, or a panic.
    ///
    /// # Panics
    /// When the order filled.
    #[must_use]
    pub fn refused(self) -> Rejection {
        match self {
            Self::Ended(EndReason::Dropped(refusal) | EndReason::NotFilled(refusal))
            | Self::Rested(refusal) => refusal,
            other => panic!("the order was not refused: {other:?}"),
        }
    }
}

/// 2026-03-04 12:00 UTC, a Wednesday.
pub const START_MS: u64 = 1_772_625_600_000;

impl Fixture {
    /// Builds a venue: genesis, surfaces, first ticks, listings, liquidity.
    ///
    /// # Panics
    /// When the setup's parameters are refused.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        let publisher = AccountId::numbered(PUBLISHER);
        let market = |(i, rules): (usize, &MarketRules)| GenesisMarket {
            params: MarketParams {
                name: format!("M{i}"),
                publishers: vec![publisher],
                surface: SurfaceSource::Published(publisher),
                price_tick: Price::ONE,
                rules: rules.clone(),
            },
        };
        let genesis = Genesis {
            powers: Powers {
                admin: AccountId::numbered(ADMIN),
                guardian: AccountId::numbered(GUARDIAN),
                timelock: Millis::days(2),
            },
            pools: vec![GenesisPool {
                params: PoolParams { name: "POOL".into(), rules: setup.pool.clone() },
                markets: setup.markets.iter().enumerate().map(market).collect(),
            }],
        };
        let start = Timestamp::from_millis(START_MS).expect("a fixture's start is in range");
        let trace = setup.traced.then(|| Trace::new(&genesis));
        let mut venue = Venue::new(genesis, start).expect("a fixture's parameters are in bounds");
        venue.trace = trace;
        let mut fixture =
            Self { venue, spots: setup.spots.clone(), vol: setup.vol, checked: true, commands: (0, 0) };
        for id in fixture.markets() {
            fixture.publish(id).expect("a fixture's surface is free of arbitrage");
            fixture.tick(id).expect("a fixture's first tick");
            fixture.roll(id).expect("a fixture lists its boards");
        }
        fixture.provide(PROVIDER, setup.liquidity);
        fixture
    }

    /// A venue at its defaults: one market at 100,000 and 50% vol, a pool of ten million.
    #[must_use]
    pub fn standard() -> Self {
        Self::new(&Setup::default())
    }

    /// The markets, in order.
    #[must_use]
    pub fn markets(&self) -> Vec<MarketId> {
        self.venue.state.market.keys().copied().collect()
    }

    /// Runs a command of a numbered account, and every invariant after it when `checked`.
    ///
    /// # Errors
    /// The engine's rejection.
    ///
    /// # Panics
    /// On a fault, or a broken invariant, with the command that broke it.
    pub fn run(&mut self, sender: u64, command: &Command) -> Result<Outcome, Rejection> {
        let result = self.venue.run(AccountId::numbered(sender), command);
        self.judge(result, command)
    }

    /// Runs a command of a session key for an account.
    ///
    /// # Errors
    /// The engine's rejection.
    pub fn run_for(
        &mut self,
        key: AccountId,
        account: AccountId,
        command: &Command,
    ) -> Result<Outcome, Rejection> {
        let result = self.venue.run_with(key, Some(account), Cash::ZERO, command);
        self.judge(result, command)
    }

    fn judge(&mut self, result: Result<Outcome, Error>, command: &Command) -> Result<Outcome, Rejection> {
        self.commands.0 += 1;
        if self.checked {
            let broken = invariants::check(&self.venue.state, self.venue.bank);
            assert!(broken.is_empty(), "{command:?} broke {broken:#?}");
        }
        match result {
            Ok(outcome) => Ok(outcome),
            Err(Error::Rejected(refusal)) => {
                self.commands.1 += 1;
                Err(refusal)
            }
            Err(Error::Fault(fault)) => panic!("{command:?} is a fault: {fault:?}"),
        }
    }

    /// Money from outside.
    ///
    /// # Panics
    /// When it is refused.
    pub fn fund(&mut self, account: u64, amount: f64) {
        let result = self.venue.deposit(AccountId::numbered(account), quote(amount));
        self.judge(result, &Command::Deposit).expect("a fixture's deposit");
    }

    /// Lets time pass.
    pub fn wait(&mut self, length: Millis) {
        self.venue.wait(length);
    }

    /// The published surface of a market: flat in vol, skewed, the same shape at every tenor.
    #[must_use]
    pub fn surface(&self) -> Vec<SurfaceNode> {
        surface(self.vol)
    }

    /// Publishes the fixture's surface, to take force at the next tick.
    ///
    /// # Errors
    /// The engine's rejection.
    pub fn publish(&mut self, market: MarketId) -> Result<Outcome, Rejection> {
        let (published_at, nodes) = (self.venue.now, self.surface());
        self.run(PUBLISHER, &Command::PublishSurface { market, published_at, nodes })
    }

    /// Delivers the fixture's price for a market, published two seconds from now.
    ///
    /// # Errors
    /// The engine's rejection.
    pub fn tick(&mut self, market: MarketId) -> Result<Outcome, Rejection> {
        self.wait(Millis::seconds(2));
        let spot = self.spots[usize::from(market.0)];
        self.push(market, spot)
    }

    /// Delivers a price published now.
    ///
    /// # Errors
    /// The engine's rejection.
    pub fn push(&mut self, market: MarketId, spot: f64) -> Result<Outcome, Rejection> {
        let report = Report {
            publisher: AccountId::numbered(PUBLISHER),
            price: price(spot),
            confidence: price(spot * 1e-4),
            published_at: self.venue.now,
        };
        self.run(KEEPER, &Command::PushPrice { market, reports: vec![report] })
    }

    /// Moves a market's price and ticks.
    ///
    /// # Errors
    /// The engine's rejection.
    pub fn move_to(&mut self, market: MarketId, spot: f64) -> Result<Outcome, Rejection> {
        self.spots[usize::from(market.0)] = spot;
        self.tick(market)
    }

    /// Publishes and ticks every market.
    ///
    /// # Panics
    /// When anything is refused.
    pub fn refresh(&mut self) {
        for id in self.markets() {
            self.wait(Millis::new(1));
            self.publish(id).expect("a fixture's surface");
            self.tick(id).expect("a fixture's tick");
        }
    }

    /// Lists what the calendar and the forward call for.
    ///
    /// # Errors
    /// The engine's rejection.
    pub fn roll(&mut self, market: MarketId) -> Result<Outcome, Rejection> {
        self.run(KEEPER, &Command::Roll { market })
    }

    /// Funds an account, puts the money into the pool and claims the shares.
    ///
    /// # Panics
    /// When anything is refused.
    pub fn provide(&mut self, account: u64, amount: f64) {
        self.fund(account, amount);
        let pool = PoolId(0);
        let epoch = self.venue.state.pool[&pool].open_epoch;
        self.run(account, &Command::RequestDeposit { pool, amount: quote(amount) }).expect("a request");
        self.settle_epoch(epoch);
        let account_id = AccountId::numbered(account);
        self.run(KEEPER, &Command::Claim { account: account_id, pool, epoch }).expect("a claim");
    }

    /// Ticks until an epoch's batch has run.
    ///
    /// # Panics
    /// When it does not within ten rounds.
    pub fn settle_epoch(&mut self, epoch: u64) {
        for _ in 0..10 {
            let done = self.venue.state.epoch.get(&(PoolId(0), epoch)).is_some_and(|e| e.batch.is_some());
            if done {
                return;
            }
            for id in self.markets() {
                self.tick(id).expect("a tick");
            }
        }
        panic!("epoch {epoch} was not processed");
    }

    /// The listed boards of a market, by expiry.
    #[must_use]
    pub fn boards(&self, market: MarketId) -> Vec<BoardId> {
        self.venue.state.market[&market].boards.clone()
    }

    /// The listed strike of a board nearest to a multiple of the index price.
    ///
    /// # Panics
    /// When the board has no strikes.
    #[must_use]
    pub fn strike(&self, board: BoardId, moneyness: f64) -> Price {
        let target = self.spots[usize::from(board.market.0)] * moneyness;
        let strikes = &self.venue.state.board[&board].strikes;
        let away = |p: &Price| (p.get() as f64 / 1e12 - target).abs();
        let nearest = strikes.iter().map(|s| s.price).min_by(|a, b| away(a).total_cmp(&away(b)));
        nearest.expect("a board has strikes")
    }

    /// One leg at the strike nearest to a multiple of the index.
    #[must_use]
    pub fn leg(&self, board: BoardId, moneyness: f64, kind: LegKind, size: f64) -> Leg {
        Leg { board, strike: self.strike(board, moneyness), kind, size: contracts(size) }
    }

    /// Places an order that takes any price at its first tick.
    ///
    /// # Errors
    /// The engine's rejection.
    pub fn place(&mut self, account: u64, legs: Vec<Leg>) -> Result<Outcome, Rejection> {
        let market = legs.first().map_or(MarketId(0), |leg| leg.board.market);
        let request = OrderRequest {
            market,
            legs,
            limit: Cash::MAX,
            time_in_force: TimeInForce::FirstTick,
            reduce_only: false,
            attempts: 1,
        };
        self.run(account, &Command::PlaceOrder(request))
    }

    /// Places an order and ticks once at an unchanged price.
    ///
    /// # Errors
    /// The engine's rejection of the placing.
    pub fn trade(&mut self, account: u64, legs: Vec<Leg>) -> Result<Fate, Rejection> {
        let market = legs.first().map_or(MarketId(0), |leg| leg.board.market);
        self.place(account, legs)?;
        let outcome = self.tick(market)?;
        Ok(fate(&outcome).expect("the tick tried the order"))
    }
}

/// What the first order of an outcome came to.
#[must_use]
pub fn fate(outcome: &Outcome) -> Option<Fate> {
    outcome.events.iter().find_map(|event| match event {
        Event::OrderFilled(fill) => Some(Fate::Filled(fill.clone())),
        Event::OrderEnded { reason, .. } => Some(Fate::Ended(reason.clone())),
        Event::OrderRested { reason, .. } => Some(Fate::Rested(reason.clone())),
        _ => None,
    })
}

/// A skewed surface of one shape at every tenor, in integers.
#[must_use]
pub fn surface(vol: f64) -> Vec<SurfaceNode> {
    [1u32, 3, 7, 14, 30, 60, 90, 120]
        .map(|days| {
            let theta = vol * vol * f64::from(days) / 365.0;
            SurfaceNode {
                tenor_s: days * 86_400,
                theta_e12: (theta * 1e12) as u64,
                rho_e9: -200_000_000,
                psi_e12: (0.6 * theta.sqrt() * 1e12) as u64,
                carry_e12: (0.05 * f64::from(days) / 365.0 * 1e12) as i64,
            }
        })
        .to_vec()
}
