//! Random commands of every kind.

use super::lab::{M0, POOL, legs, units};
use cenote_engine::Command;
use cenote_engine::command::{Action, Leg, OrderRequest, SessionGrant, TimeInForce};
use cenote_engine::ids::{AccountId, MarketId, OrderId, ProposalId};
use cenote_pricing::math::exp;
use cenote_sim::fixture::{ADMIN, Fixture, GUARDIAN, KEEPER, PROVIDER, TRADER, quote};
use cenote_sim::invariants;
use cenote_sim::rng::Rng;
use cenote_units::{Cash, Millis, Shares};

const PEOPLE: usize = 6;

fn person(rng: &mut Rng) -> u64 {
    let i = rng.below(PEOPLE + 1);
    if i == PEOPLE { PROVIDER } else { TRADER + i as u64 }
}

/// What a walk did.
#[derive(Debug, Clone, Copy, Default)]
pub struct Walked {
    /// Commands accepted.
    pub accepted: usize,
    /// Commands refused.
    pub refused: usize,
    /// Kinds of commands accepted at least once, as bits.
    pub kinds: u32,
}

/// Runs random commands with every invariant checked after each (the fixture must be `checked`).
pub fn walk(f: &mut Fixture, rng: &mut Rng, commands: usize) -> Walked {
    for i in 0..PEOPLE {
        f.fund(TRADER + i as u64, 2e6);
    }
    let mut walked = Walked::default();
    while walked.accepted + walked.refused < commands {
        pass(f, rng);
        let (sender, command, kind) = random(f, rng);
        let ok = match rng.chance(0.04) {
            true => by_session(f, rng, &command),
            false if command == Command::Deposit => {
                f.fund(sender, 1e3 * rng.uniform() + 1.0);
                true
            }
            false => f.run(sender, &command).is_ok(),
        };
        walked.accepted += usize::from(ok);
        walked.refused += usize::from(!ok);
        if ok {
            walked.kinds |= 1 << kind;
        }
    }
    walked
}

/// Time passes: mostly seconds, now and then hours.
fn pass(f: &mut Fixture, rng: &mut Rng) {
    let length = match rng.below(40) {
        0 => Millis::seconds(3_600 * (1 + rng.below(10)) as u64),
        1..4 => Millis::seconds(rng.below(600) as u64),
        _ => Millis::new(rng.below(3_000) as u64),
    };
    f.wait(length);
}

fn by_session(f: &mut Fixture, rng: &mut Rng, command: &Command) -> bool {
    let (key, principal) = (AccountId::numbered(person(rng) + 50), AccountId::numbered(person(rng)));
    let result = f.venue.run_with(key, Some(principal), Cash::ZERO, command);
    let broken = invariants::check(&f.venue.state, f.venue.bank);
    assert!(broken.is_empty(), "{command:?} by a session key broke {broken:#?}");
    assert!(!matches!(result, Err(cenote_engine::Error::Fault(_))), "{command:?}: {result:?}");
    result.is_ok()
}

/// A command, who sends it, and its kind's number.
fn random(f: &Fixture, rng: &mut Rng) -> (u64, Command, u32) {
    let who = person(rng);
    let account = AccountId::numbered(who);
    let market = f.markets()[rng.below(f.markets().len())];
    match rng.below(100) {
        0..26 => price(f, rng, market),
        26..32 => surface(f, rng, market),
        32..52 => (who, place(f, rng, market), 2),
        52..56 => (who, Command::CancelOrder { order: some_order(f, rng, account) }, 3),
        56..59 => (who, Command::Fill { market }, 4),
        59..63 => {
            let amount = quote(1e5 * rng.uniform() * rng.uniform() + 1e-6);
            (who, Command::RequestDeposit { pool: POOL, amount }, 5)
        }
        63..66 => (who, Command::RequestWithdraw { pool: POOL, shares: some_shares(f, rng, account) }, 6),
        66..71 => claim(f, rng, account),
        71..73 => (KEEPER, Command::Roll { market }, 8),
        73..75 => settle(f, rng, market),
        75..78 => (KEEPER, Command::SettleAccount { account }, 10),
        78..80 => {
            let (to, shares) = (AccountId::numbered(person(rng)), some_shares(f, rng, account));
            (who, Command::TransferShares { pool: POOL, to, shares }, 11)
        }
        80..86 => (who, give(f, rng, account), 12),
        86..89 => take(f, rng),
        89 => (who, Command::RevokeOffer { offer: rng.below(4) as u64 }, 14),
        90 => propose(f, rng),
        91 => {
            let proposal = f.venue.state.proposal.keys().next().copied().unwrap_or(ProposalId(0));
            match rng.below(3) {
                0 => (ADMIN, Command::Reject { proposal }, 17),
                _ => (KEEPER, Command::Enact { proposal }, 16),
            }
        }
        92 => {
            let market = rng.chance(0.7).then_some(market);
            (GUARDIAN, Command::Pause { market }, 18)
        }
        93 | 94 => {
            let market = rng.chance(0.5).then_some(market);
            (GUARDIAN, Command::Resume { market }, 19)
        }
        95 => {
            let key = AccountId::numbered(person(rng) + 50);
            let grant = SessionGrant {
                key,
                trade: rng.chance(0.8),
                liquidity: rng.chance(0.5),
                daily_cap: quote(2e5 * rng.uniform()),
                expires_at: f.venue.now.after(Millis::days(1)),
            };
            (who, Command::GrantSession(grant), 20)
        }
        96 => (who, Command::RevokeSession { key: AccountId::numbered(person(rng) + 50) }, 21),
        97 => (who, Command::Withdraw { amount: quote(1e4 * rng.uniform() + 1e-6) }, 22),
        _ => (who, Command::Deposit, 23),
    }
}

/// A report of now or of a little earlier; now and then far off.
fn price(f: &Fixture, rng: &mut Rng, market: MarketId) -> (u64, Command, u32) {
    use cenote_engine::command::Report;
    use cenote_sim::fixture::{PUBLISHER, price};
    let last = f.venue.state.market[&market].tick.as_ref().map_or(1e5, |t| t.price.get() as f64 / 1e12);
    let size = if rng.chance(0.04) { 0.05 } else { 0.002 };
    let spot = last * exp((size * rng.normal()).clamp(-0.2, 0.2));
    let report = Report {
        publisher: AccountId::numbered(PUBLISHER),
        price: price(spot.clamp(2e2, 1e7)),
        confidence: price(spot * 1e-4),
        published_at: f.venue.now.before(Millis::new(rng.below(5_000) as u64)),
    };
    (KEEPER, Command::PushPrice { market, reports: vec![report] }, 0)
}

fn surface(f: &Fixture, rng: &mut Rng, market: MarketId) -> (u64, Command, u32) {
    use cenote_sim::fixture::{PUBLISHER, surface};
    let vol = 0.5 * exp(0.06 * rng.normal());
    (PUBLISHER, Command::PublishSurface { market, published_at: f.venue.now, nodes: surface(vol) }, 1)
}

fn place(f: &Fixture, rng: &mut Rng, market: MarketId) -> Command {
    let legs: Vec<Leg> = match f.boards(market).is_empty() {
        true => Vec::new(),
        false => legs(f, rng, market, 4, 3e6 / f.spots[usize::from(market.0)].max(1.0)),
    };
    let until = f.venue.now.after(Millis::seconds(rng.below(3_600) as u64));
    Command::PlaceOrder(OrderRequest {
        market,
        legs,
        limit: if rng.chance(0.6) { Cash::MAX } else { quote(2e4 * rng.normal()) },
        time_in_force: if rng.chance(0.5) { TimeInForce::FirstTick } else { TimeInForce::Until(until) },
        reduce_only: rng.chance(0.15),
        attempts: 1 + rng.below(5) as u32,
    })
}

fn some_order(f: &Fixture, rng: &mut Rng, account: AccountId) -> OrderId {
    let orders = f.venue.state.account.get(&account).map(|a| a.orders.clone()).unwrap_or_default();
    if orders.is_empty() { OrderId(0) } else { orders[rng.below(orders.len())] }
}

fn some_shares(f: &Fixture, rng: &mut Rng, account: AccountId) -> Shares {
    let stake = f.venue.state.account.get(&account).and_then(|a| a.stake(POOL).cloned()).unwrap_or_default();
    Shares::new((stake.shares.get() as f64 * rng.uniform() * 0.3) as u128).expect("a part")
}

fn claim(f: &Fixture, rng: &mut Rng, account: AccountId) -> (u64, Command, u32) {
    let stake = f.venue.state.account.get(&account).and_then(|a| a.stake(POOL).cloned()).unwrap_or_default();
    let epoch = match stake.claims.is_empty() {
        true => rng.below(5) as u64,
        false => stake.claims[rng.below(stake.claims.len())].epoch,
    };
    (KEEPER, Command::Claim { account, pool: POOL, epoch }, 7)
}

fn settle(f: &Fixture, rng: &mut Rng, market: MarketId) -> (u64, Command, u32) {
    let boards: Vec<_> = f.venue.state.board.keys().filter(|b| b.market == market).copied().collect();
    match boards.is_empty() {
        true => (KEEPER, Command::Roll { market: M0 }, 8),
        false => (KEEPER, Command::Settle { board: boards[rng.below(boards.len().min(2))] }, 9),
    }
}

fn give(f: &Fixture, rng: &mut Rng, account: AccountId) -> Command {
    let to = AccountId::numbered(person(rng));
    let holdings = f.venue.state.account.get(&account).map(|a| a.holdings.clone()).unwrap_or_default();
    if holdings.is_empty() {
        return Command::SettleAccount { account };
    }
    let holding = &holdings[rng.below(holdings.len())];
    let position = &holding.positions[rng.below(holding.positions.len())];
    let size = units((position.size.get() as f64 * rng.uniform()) as i64);
    let payment = if position.size.get() < 0 { quote(5e3 * rng.uniform()) } else { Cash::ZERO };
    Command::TransferPosition {
        to,
        board: holding.board,
        strike: position.strike,
        right: position.right,
        size,
        payment,
    }
}

fn take(f: &Fixture, rng: &mut Rng) -> (u64, Command, u32) {
    for i in 0..PEOPLE {
        let from = AccountId::numbered(TRADER + i as u64);
        let offers = f.venue.state.account.get(&from).map(|a| a.offers.clone()).unwrap_or_default();
        if let Some(offer) = offers.first() {
            let to = (0..=PEOPLE).map(|n| if n == PEOPLE { PROVIDER } else { TRADER + n as u64 });
            let to = to.into_iter().find(|n| AccountId::numbered(*n) == offer.to);
            return (to.unwrap_or(KEEPER), Command::TakePosition { from, offer: offer.number }, 13);
        }
    }
    (person(rng), Command::TakePosition { from: AccountId::numbered(TRADER), offer: 0 }, 13)
}

/// The same parameters with the fee moved a little.
fn propose(f: &Fixture, rng: &mut Rng) -> (u64, Command, u32) {
    let mut params = f.venue.state.market_params[&M0].clone();
    params.rules.fee_notional = cenote_units::Ratio::ppm(200 + rng.below(200) as i32);
    (ADMIN, Command::Propose { action: Action::SetMarket { market: M0, params } }, 15)
}
