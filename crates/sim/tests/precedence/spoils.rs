//! What can be wrong with each command.

use super::attempt::{Attempt, FIRST, NOBODY, NOWHERE, POOL, SECOND, Spoil, TRADER, id};
use cenote_engine::Command;
use cenote_engine::command::{Leg, OrderRequest, Report, SessionGrant, SurfaceNode, TimeInForce};
use cenote_engine::ids::{BoardId, LegKind, MarketId, OrderId, PoolId, Right};
use cenote_engine::params::MarketRules;
use cenote_engine::state::{LpClaim, Order, Position};
use cenote_sim::fixture::{Fixture, GUARDIAN, PUBLISHER, Setup, contracts, quote};
use cenote_units::{Cash, Millis, Price, Shares, Size, Timestamp};

/// A key that may do everything for the trader, and one that nobody granted.
const KEY: u64 = 900;
const STRANGER: u64 = 901;

/// Two markets, a trader with cash, a key, positions, shares and a request.
pub fn world() -> Fixture {
    let setup = Setup {
        markets: vec![MarketRules::default(); 2],
        spots: vec![100_000.0, 4_000.0],
        ..Setup::default()
    };
    let mut f = Fixture::new(&setup);
    f.checked = false;
    f.fund(TRADER, 400_000.0);
    f.provide(TRADER, 10_000.0);
    f.wait(Millis::days(2));
    f.refresh();
    f.refresh();
    for market in f.markets() {
        f.roll(market).expect("boards");
    }
    let board = live(&f);
    let legs = vec![f.leg(board, 1.0, LegKind::Call, 1.0), f.leg(board, 1.0, LegKind::Put, -1.0)];
    let _ = f.trade(TRADER, legs).expect("an order").filled();
    grant(&mut f, quote(1e9), Millis::days(30));
    f
}

fn grant(f: &mut Fixture, daily_cap: Cash, lasts: Millis) {
    let expires_at = f.venue.now.after(lasts);
    let grant = SessionGrant { key: id(KEY), trade: true, liquidity: true, daily_cap, expires_at };
    f.run(TRADER, &Command::GrantSession(grant)).expect("a grant");
}

/// The last board of the first market.
pub fn live(f: &Fixture) -> BoardId {
    *f.boards(FIRST).last().expect("a board")
}

pub fn order(f: &Fixture) -> Attempt {
    let request = OrderRequest {
        market: FIRST,
        legs: vec![f.leg(live(f), 1.0, LegKind::Call, 0.5)],
        limit: quote(1e8),
        time_in_force: TimeInForce::FirstTick,
        reduce_only: false,
        attempts: 1,
    };
    Attempt::new(f.clone(), Command::PlaceOrder(request))
}

fn request(a: &mut Attempt) -> &mut OrderRequest {
    match &mut a.command {
        Command::PlaceOrder(request) => request,
        other => panic!("{other:?} is no order"),
    }
}

fn other_leg(a: &mut Attempt, change: impl FnOnce(&mut Leg)) {
    let mut leg = request(a).legs[0];
    change(&mut leg);
    request(a).legs.push(leg);
}

pub fn wrong_funds(a: &mut Attempt) {
    a.funds = Cash::ONE;
}

pub fn by_stranger(a: &mut Attempt) {
    (a.sender, a.principal) = (STRANGER, Some(TRADER));
}

fn over_cap(a: &mut Attempt) {
    grant(&mut a.f, Cash::ZERO, Millis::days(9));
    if a.principal.is_none() {
        (a.sender, a.principal) = (KEY, Some(TRADER));
    }
}

fn by_nobody(a: &mut Attempt) {
    a.sender = NOBODY;
}

pub fn pause(a: &mut Attempt) {
    a.f.run(GUARDIAN, &Command::Pause { market: None }).expect("a pause");
}

/// Takes all free cash away, whoever lives on.
fn broke(a: &mut Attempt) {
    if let Some(account) = a.f.venue.state.account.get_mut(&id(TRADER)) {
        account.cash = Cash::ZERO;
    }
}

/// A live order of the trader, put where the engine would: other spoils may keep one from being placed.
fn live_order(a: &mut Attempt, market: MarketId) {
    let number = OrderId(3_000_000);
    let order = Order {
        account: id(TRADER),
        session: None,
        market,
        legs: Vec::new(),
        limit: Cash::ZERO,
        time_in_force: TimeInForce::FirstTick,
        reduce_only: true,
        due_at: Timestamp::MAX,
        attempts: 1,
        keeper_fee: Cash::ZERO,
        reserved: Cash::ZERO,
        placed_at: Timestamp::ZERO,
        tried_at: 0,
        cancel_from: None,
    };
    let state = &mut a.f.venue.state;
    state.order.insert(number, order);
    state.account.get_mut(&id(TRADER)).expect("the trader").orders.insert(0, number);
}

fn full_queue(a: &mut Attempt) {
    let queue = a.f.venue.state.queue.entry(FIRST).or_default();
    queue.orders.extend((0..256).map(|n| OrderId(1_000_000 + n)));
}

fn full_account(a: &mut Attempt) {
    let account = a.f.venue.state.account.get_mut(&id(TRADER)).expect("the trader");
    account.orders.extend((0..16).map(|n| OrderId(2_000_000 + n)));
}

pub const PLACE: &[Spoil] = &[
    ("invalid", |a| request(a).attempts = 0),
    ("invalid", |a| request(a).attempts = 1_001),
    ("out_of_bounds", |a| {
        request(a).legs[0].size = Size::MAX;
        other_leg(a, |_| ());
    }),
    ("wrong_funds", wrong_funds),
    ("session_refused", by_stranger),
    ("session_cap", over_cap),
    ("market_not_found", |a| {
        let request = request(a);
        request.market = MarketId(NOWHERE);
        request.legs.iter_mut().for_each(|leg| leg.board.market = MarketId(NOWHERE));
    }),
    ("board_not_found", |a| other_leg(a, |leg| leg.board.series = 99)),
    ("strike_not_found", |a| other_leg(a, |leg| leg.strike = Price::ONE)),
    ("account_not_found", by_nobody),
    ("paused", pause),
    ("board_closed", |a| {
        let first = a.f.boards(FIRST)[0];
        a.f.wait(Millis::days(1));
        a.f.wait(first.expiry.since(a.f.venue.now));
        let strike = a.f.strike(first, 1.0);
        request(a).legs.insert(0, Leg { board: first, strike, kind: LegKind::Call, size: Size::ONE });
    }),
    ("orders_elsewhere", |a| live_order(a, SECOND)),
    ("queue_full", full_queue),
    ("account_full", full_account),
    ("insufficient_cash", broke),
];

/// Ways to keep a placed order from filling.
pub const FILL: &[Spoil] = &[
    ("guarded", |a| {
        // A surface that has grown old by the tick.
        a.f.wait(Millis::seconds(700));
    }),
    ("board_closed", |a| {
        let board = live(&a.f);
        let near = board.expiry.before(Millis::seconds(1_200));
        if near > a.f.venue.now {
            let length = near.since(a.f.venue.now);
            a.f.wait(length);
        }
        let published_at = a.f.venue.now;
        let nodes = a.f.surface();
        a.f.run(PUBLISHER, &Command::PublishSurface { market: FIRST, published_at, nodes })
            .expect("a surface");
    }),
    ("reduce_only", |a| request(a).reduce_only = true),
    ("account_full", |a| fill_positions(a)),
    ("pool_winding_down", |a| raise_minimum(a)),
    ("pool_capacity", |a| request(a).legs[0].size = contracts(3_000.0)),
    ("limit_exceeded", |a| request(a).limit = Cash::ZERO),
    ("insufficient_cash", |a| {
        let account = a.f.venue.state.account.get_mut(&id(TRADER)).expect("the trader");
        account.cash = Cash::new(1_000).expect("one fee");
    }),
];

/// Positions in everything that is listed but what is asked for.
fn fill_positions(a: &mut Attempt) {
    let asked = live(&a.f);
    let strike = a.f.strike(asked, 1.0);
    let state = &mut a.f.venue.state;
    let strikes: Vec<Price> = state.board[&asked].strikes.iter().map(|s| s.price).collect();
    let account = state.account.get_mut(&id(TRADER)).expect("the trader");
    let one = |strike, right| Position { strike, right, size: Size::ONE };
    let holding = account.holdings.first_mut().expect("a holding");
    let many = |n: u128| Price::new(n + 1).expect("a small price");
    holding.positions.extend((0..64).map(|n| one(many(n), Right::Put)));
    holding.positions.sort_by_key(|p| (p.strike, p.right));
    assert!(strikes.contains(&strike));
    // The order must open something: its own series is not held any more.
    holding.positions.retain(|p| p.strike != strike);
}

fn raise_minimum(a: &mut Attempt) {
    let params = a.f.venue.state.pool_params.get_mut(&POOL).expect("a pool");
    params.rules.risk_capital_min = quote(1e9);
}

pub fn withdrawal(f: &Fixture) -> Attempt {
    Attempt::new(f.clone(), Command::Withdraw { amount: Cash::ONE })
}

pub const WITHDRAW: &[Spoil] = &[
    ("invalid", |a| a.command = Command::Withdraw { amount: Cash::ZERO }),
    ("wrong_funds", wrong_funds),
    ("session_refused", by_stranger),
    ("account_not_found", by_nobody),
    ("orders_live", |a| live_order(a, FIRST)),
    ("insufficient_cash", broke),
];

pub fn prices(f: &Fixture) -> Attempt {
    let mut f = f.clone();
    f.wait(Millis::seconds(2));
    let report = Report {
        publisher: id(PUBLISHER),
        price: cenote_sim::fixture::price(100_000.0),
        confidence: Price::ZERO,
        published_at: f.venue.now,
    };
    Attempt::new(f, Command::PushPrice { market: FIRST, reports: vec![report] })
}

fn reports(a: &mut Attempt) -> (&mut MarketId, &mut Vec<Report>) {
    match &mut a.command {
        Command::PushPrice { market, reports } => (market, reports),
        other => panic!("{other:?} has no reports"),
    }
}

pub const PUSH: &[Spoil] = &[
    ("invalid", |a| {
        let reports = reports(a).1;
        let bad = Report { price: Price::ZERO, ..reports[0] };
        reports.push(bad);
    }),
    ("wrong_funds", wrong_funds),
    ("session_refused", by_stranger),
    ("market_not_found", |a| *reports(a).0 = MarketId(NOWHERE)),
    ("from_the_future", |a| reports(a).1[0].published_at = Timestamp::MAX),
];

pub fn published(f: &Fixture) -> Attempt {
    let mut f = f.clone();
    f.wait(Millis::seconds(2));
    let command = Command::PublishSurface { market: FIRST, published_at: f.venue.now, nodes: f.surface() };
    Attempt { sender: PUBLISHER, ..Attempt::new(f, command) }
}

fn surface(a: &mut Attempt) -> (&mut MarketId, &mut Timestamp, &mut Vec<SurfaceNode>) {
    match &mut a.command {
        Command::PublishSurface { market, published_at, nodes } => (market, published_at, nodes),
        other => panic!("{other:?} is no surface"),
    }
}

pub const PUBLISH: &[Spoil] = &[
    ("invalid", |a| surface(a).2.reverse()),
    ("wrong_funds", wrong_funds),
    ("forbidden", |a| a.sender = TRADER),
    ("market_not_found", |a| *surface(a).0 = MarketId(NOWHERE)),
    ("not_newer", |a| *surface(a).1 = Timestamp::ZERO),
    ("from_the_future", |a| *surface(a).1 = Timestamp::MAX),
    ("surface_arbitrage", |a| surface(a).2[0].psi_e12 *= 50),
    ("carry_out_of_bounds", |a| surface(a).2[3].carry_e12 = 900_000_000_000),
];

pub fn entry(f: &Fixture) -> Attempt {
    Attempt::new(f.clone(), Command::RequestDeposit { pool: POOL, amount: Cash::ONE })
}

pub const ENTER: &[Spoil] = &[
    ("invalid", |a| {
        if let Command::RequestDeposit { amount, .. } = &mut a.command {
            *amount = Cash::ZERO;
        }
    }),
    ("wrong_funds", wrong_funds),
    ("session_refused", by_stranger),
    ("session_cap", over_cap),
    ("pool_not_found", |a| {
        if let Command::RequestDeposit { pool, .. } = &mut a.command {
            *pool = PoolId(NOWHERE);
        }
    }),
    ("account_not_found", by_nobody),
    ("paused", pause),
    ("orders_live", |a| live_order(a, FIRST)),
    ("account_full", full_claims),
    ("insufficient_cash", broke),
];

/// Requests of eight epochs that nobody has claimed.
fn full_claims(a: &mut Attempt) {
    let account = a.f.venue.state.account.get_mut(&id(TRADER)).expect("the trader");
    let stake = account.stakes.first_mut().expect("a stake");
    let claim = |n: u64| LpClaim { epoch: 1_000 + n, ..Default::default() };
    stake.claims = (0..8).map(claim).collect();
}

pub fn exit(f: &Fixture) -> Attempt {
    Attempt::new(f.clone(), Command::RequestWithdraw { pool: POOL, shares: Shares::ONE })
}

fn exiting(a: &mut Attempt) -> (&mut PoolId, &mut Shares) {
    match &mut a.command {
        Command::RequestWithdraw { pool, shares } => (pool, shares),
        other => panic!("{other:?} is no exit"),
    }
}

pub const EXIT: &[Spoil] = &[
    ("invalid", |a| *exiting(a).1 = Shares::ZERO),
    ("wrong_funds", wrong_funds),
    ("session_refused", by_stranger),
    ("pool_not_found", |a| *exiting(a).0 = PoolId(NOWHERE)),
    ("account_not_found", by_nobody),
    ("account_full", full_claims),
    ("insufficient_shares", |a| {
        if !exiting(a).1.is_zero() {
            *exiting(a).1 = Shares::MAX;
        }
    }),
];

pub fn shares(f: &Fixture) -> Attempt {
    Attempt::new(f.clone(), Command::TransferShares { pool: POOL, to: id(7_000), shares: Shares::ONE })
}

pub const SHARES: &[Spoil] = &[
    ("invalid", |a| {
        if let Command::TransferShares { to, .. } = &mut a.command {
            *to = id(TRADER);
        }
        a.sender = TRADER;
    }),
    ("wrong_funds", wrong_funds),
    ("session_refused", by_stranger),
    ("pool_not_found", |a| {
        if let Command::TransferShares { pool, .. } = &mut a.command {
            *pool = PoolId(NOWHERE);
        }
    }),
    ("insufficient_shares", |a| {
        if let Command::TransferShares { shares, .. } = &mut a.command {
            *shares = Shares::MAX;
        }
    }),
];

pub fn gift(f: &Fixture) -> Attempt {
    let board = live(f);
    let (strike, right, size) = (f.strike(board, 1.0), Right::Call, Size::ONE);
    Attempt::new(
        f.clone(),
        Command::TransferPosition { to: id(7_000), board, strike, right, size, payment: Cash::ZERO },
    )
}

pub const GIVE: &[Spoil] = &[
    ("invalid", |a| {
        if let Command::TransferPosition { payment, .. } = &mut a.command {
            *payment = Cash::ONE;
        }
    }),
    ("wrong_funds", wrong_funds),
    ("session_refused", by_stranger),
    ("account_not_found", by_nobody),
    ("position_too_small", |a| {
        if let Command::TransferPosition { size, .. } = &mut a.command {
            *size = contracts(2.0);
        }
    }),
    ("board_closed", |a| {
        let left = live(&a.f).expiry.since(a.f.venue.now);
        a.f.wait(left);
    }),
    ("orders_live", |a| live_order(a, FIRST)),
];

/// A short that the trader offers and a taker takes.
pub fn taking(f: &Fixture) -> Attempt {
    let mut f = f.clone();
    let taker = 101;
    f.fund(taker, 400_000.0);
    let board = live(&f);
    let offer = f.venue.state.account[&id(TRADER)].next_offer;
    let (strike, right, size) = (f.strike(board, 1.0), Right::Put, Size::ONE.negated());
    let give = Command::TransferPosition { to: id(taker), board, strike, right, size, payment: Cash::ZERO };
    f.run(TRADER, &give).expect("an offer");
    Attempt { sender: taker, ..Attempt::new(f, Command::TakePosition { from: id(TRADER), offer }) }
}

pub const TAKE: &[Spoil] = &[
    ("wrong_funds", wrong_funds),
    ("account_not_found", |a| {
        if let Command::TakePosition { from, .. } = &mut a.command {
            *from = id(NOBODY);
        }
    }),
    ("offer_not_found", |a| {
        if let Command::TakePosition { offer, .. } = &mut a.command {
            *offer = 999;
        }
    }),
    ("position_too_small", |a| {
        let account = a.f.venue.state.account.get_mut(&id(TRADER)).expect("the trader");
        account.holdings.iter_mut().for_each(|h| h.positions.retain(|p| p.right == Right::Call));
    }),
    ("board_closed", |a| {
        let left = live(&a.f).expiry.since(a.f.venue.now);
        a.f.wait(left);
    }),
    ("orders_live", |a| live_order(a, FIRST)),
    ("insufficient_cash", |a| {
        a.f.venue.state.account.get_mut(&id(101)).expect("the taker").cash = Cash::ZERO;
    }),
];
