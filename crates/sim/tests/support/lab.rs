//! Venues with wide limits, and random books on them.

use cenote_engine::command::{Leg, OrderRequest, TimeInForce};
use cenote_engine::event::FillEvent;
use cenote_engine::ids::{AccountId, BoardId, LegKind, MarketId, OrderId, PoolId};
use cenote_engine::view::{self, PoolView, QuoteRequest};
use cenote_engine::{Command, Event, Outcome, Rejection};
use cenote_pricing::math::exp;
use cenote_sim::fixture::{Fixture, Setup, TRADER, quote};
use cenote_sim::rng::Rng;
use cenote_units::{Cash, Millis, Ratio, Size};

/// The first market of a fixture.
pub const M0: MarketId = MarketId(0);
/// Its pool.
pub const POOL: PoolId = PoolId(0);
/// Whoever attacks.
pub const ATTACKER: u64 = 900;
/// Bystanders who trade are `TRADER` and the next four.
pub const BYSTANDERS: usize = 5;

/// Limits at the widest that parameters allow, no delay and no lock of shares: the attacker's best case.
pub fn roomy() -> Setup {
    let mut setup = Setup::default();
    setup.pool.utilisation_max = Ratio::ppm(1_000_000);
    setup.pool.utilisation_exit = Ratio::ppm(1_000_000);
    setup.pool.load_max = Ratio::ppm(500_000_000);
    setup.pool.vega_max = Ratio::ppm(20_000);
    setup.pool.holding_time = Millis::ZERO;
    setup.markets[0].delta_step_max = Ratio::ppm(1_000_000);
    setup.markets[0].commit_delay = Millis::ZERO;
    setup
}

/// The same with a second market in the pool, thirty times cheaper and as risky.
pub fn roomy_pair() -> Setup {
    let mut setup = roomy();
    setup.markets.push(setup.markets[0].clone());
    setup.spots.push(3_500.0);
    setup
}

/// A fixture without a check after every command, for runs that measure; with money for everyone.
pub fn quick(setup: &Setup) -> Fixture {
    let mut f = Fixture::new(setup);
    f.checked = false;
    for i in 0..BYSTANDERS {
        f.fund(TRADER + i as u64, 1e9);
    }
    f.fund(ATTACKER, 1e9);
    f
}

/// One millisecond later, the same price again: marks stay what they are to a cent.
pub fn still(f: &mut Fixture, market: MarketId) -> Outcome {
    f.wait(Millis::new(1));
    let spot = f.spots[usize::from(market.0)];
    f.push(market, spot).expect("a tick at the same price")
}

/// A random leg of a market; sizes are log-uniform up to `most` contracts.
pub fn leg(f: &Fixture, rng: &mut Rng, market: MarketId, most: f64) -> Leg {
    let boards = f.boards(market);
    let board = boards[rng.below(boards.len())];
    leg_on(f, rng, board, most)
}

/// A random leg of a board.
pub fn leg_on(f: &Fixture, rng: &mut Rng, board: BoardId, most: f64) -> Leg {
    let strikes = &f.venue.state.board[&board].strikes;
    let strike = strikes[rng.below(strikes.len())].price;
    let kind = [LegKind::Call, LegKind::Put, LegKind::Forward][rng.below(3)];
    let size = most * exp(-9.0 * rng.uniform());
    let sign = if rng.chance(0.5) { 1.0 } else { -1.0 };
    Leg { board, strike, kind, size: units((sign * size * 1e6) as i64) }
}

/// A size that is not zero.
pub fn units(n: i64) -> Size {
    Size::new(if n == 0 { 1 } else { n }).expect("a size in range")
}

/// Up to `count` random legs.
pub fn legs(f: &Fixture, rng: &mut Rng, market: MarketId, count: usize, most: f64) -> Vec<Leg> {
    (0..=rng.below(count)).map(|_| leg(f, rng, market, most)).collect()
}

/// Places an order that takes any price at its first tick; its id.
pub fn place(f: &mut Fixture, account: u64, legs: Vec<Leg>) -> Result<OrderId, Rejection> {
    order(f, account, legs, Cash::MAX, TimeInForce::FirstTick)
}

/// Places an order; its id.
pub fn order(
    f: &mut Fixture,
    account: u64,
    legs: Vec<Leg>,
    limit: Cash,
    time_in_force: TimeInForce,
) -> Result<OrderId, Rejection> {
    let market = legs[0].board.market;
    let request = OrderRequest { market, legs, limit, time_in_force, reduce_only: false, attempts: 1 };
    let outcome = f.run(account, &Command::PlaceOrder(request))?;
    let placed = outcome.events.iter().find_map(|event| match event {
        Event::OrderPlaced { order, .. } => Some(*order),
        _ => None,
    });
    Ok(placed.expect("a placed order says so"))
}

/// The fill of an order in an outcome.
pub fn filled(outcome: &Outcome, order: OrderId) -> Option<FillEvent> {
    outcome.events.iter().find_map(|event| match event {
        Event::OrderFilled(fill) if fill.order == order => Some(fill.clone()),
        _ => None,
    })
}

/// Places orders one after another and ticks once, at an unchanged price: their fills, where they filled.
pub fn at_one_tick(f: &mut Fixture, orders: &[(u64, Vec<Leg>)]) -> Vec<Option<FillEvent>> {
    let market = orders[0].1[0].board.market;
    let ids: Vec<Option<OrderId>> =
        orders.iter().map(|(account, legs)| place(f, *account, legs.clone()).ok()).collect();
    let outcome = still(f, market);
    ids.into_iter().map(|id| id.and_then(|id| filled(&outcome, id))).collect()
}

/// One order at one tick.
pub fn now(f: &mut Fixture, account: u64, legs: &[Leg]) -> Option<FillEvent> {
    at_one_tick(f, &[(account, legs.to_vec())]).pop().flatten()
}

/// The trade that undoes another.
pub fn reversed(legs: &[Leg]) -> Vec<Leg> {
    legs.iter().map(|leg| Leg { size: leg.size.negated(), ..*leg }).collect()
}

/// The same trade at another size.
pub fn scaled(legs: &[Leg], factor: f64) -> Vec<Leg> {
    legs.iter().map(|leg| Leg { size: units((leg.size.get() as f64 * factor) as i64), ..*leg }).collect()
}

/// Lets bystanders load the pool with up to `share` of its assets in one instrument and a few others beside it.
pub fn load(f: &mut Fixture, rng: &mut Rng, share: f64) {
    for n in 0..3 + rng.below(5) {
        let market = f.markets()[rng.below(f.markets().len())];
        let notional = share * 1e7 / f.spots[usize::from(market.0)];
        let mut trade = legs(f, rng, market, 3, notional);
        if n == 0 {
            // One instrument as heavy as asked.
            trade.truncate(1);
            let sign = if rng.chance(0.5) { 1.0 } else { -1.0 };
            trade[0].size = units((sign * notional * 1e6) as i64);
        }
        let account = TRADER + rng.below(BYSTANDERS) as u64;
        for _ in 0..12 {
            if now(f, account, &trade).is_some() {
                break;
            }
            trade = scaled(&trade, 0.6);
        }
    }
}

/// The pool as it stands.
pub fn pool(f: &Fixture) -> PoolView {
    view::pool(&f.venue.state, f.venue.now, POOL).expect("the pool can be seen")
}

/// Equity of the pool without rounding, quote.
pub fn equity(f: &Fixture) -> f64 {
    let seen = pool(f);
    money(seen.cash) + money(seen.locked) + seen.value - seen.phi - seen.lambda
}

/// Quote tokens.
pub fn money(cash: Cash) -> f64 {
    cash.get() as f64 / 1e6
}

/// What a trade would cost now, and whether a rule refuses it.
pub fn cost(f: &Fixture, legs: &[Leg]) -> Option<(cenote_engine::event::Cost, Option<Rejection>)> {
    let request =
        QuoteRequest { market: legs[0].board.market, account: None, legs: legs.to_vec(), reduce_only: false };
    view::quote(&f.venue.state, f.venue.now, &request).ok().map(|seen| (seen.cost, seen.refusal))
}

/// Free cash, what is locked, and positions at their marks.
pub fn wealth(f: &Fixture, account: u64) -> f64 {
    let seen = view::account(&f.venue.state, f.venue.now, AccountId::numbered(account));
    seen.map_or(0.0, |seen| money(seen.equity))
}

/// Free cash of an account.
pub fn cash(f: &Fixture, account: u64) -> Cash {
    f.venue.state.account.get(&AccountId::numbered(account)).map_or(Cash::ZERO, |a| a.cash)
}

/// A withdrawal of everything free.
pub fn leave(f: &mut Fixture, account: u64) -> Result<Outcome, Rejection> {
    let amount = cash(f, account);
    f.run(account, &Command::Withdraw { amount })
}

/// Whole quote tokens, for short commands.
pub fn tokens(n: f64) -> Cash {
    quote(n)
}
