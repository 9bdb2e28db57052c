//! Venues in every condition that a hostile command could find.

use cenote_engine::command::{Leg, SessionGrant};
use cenote_engine::ids::{AccountId, BoardId, LegKind, MarketId};
use cenote_engine::params::{MarketRules, PoolRules};
use cenote_engine::{Command, Genesis};
use cenote_sim::Venue;
use cenote_sim::fixture::{Fixture, GUARDIAN, START_MS, Setup, TRADER, quote};
use cenote_sim::walk::Walk;
use cenote_units::{Millis, Timestamp};

/// A key that may do everything a key may, for the first trader.
pub const KEY: u64 = 900;

fn setup() -> Setup {
    let rules =
        MarketRules { dailies: 1, weeklies: 1, monthlies: 1, quarterlies: 0, ..MarketRules::default() };
    Setup { markets: vec![rules.clone(), rules], spots: vec![100_000.0, 4_000.0], ..Setup::default() }
}

/// Users who trade, provide and hold, with live orders, offers, requests and proposals.
pub fn trading() -> Fixture {
    let mut f = Fixture::new(&setup());
    f.checked = false;
    let mut walk = Walk::new(3, &mut f);
    (0..260).for_each(|_| walk.step(&mut f));
    f.refresh();
    f.fund(TRADER, 100_000.0);
    let grant = SessionGrant {
        key: AccountId::numbered(KEY),
        trade: true,
        liquidity: true,
        daily_cap: quote(50_000.0),
        expires_at: f.venue.now.after(Millis::days(9)),
    };
    f.run(TRADER, &Command::GrantSession(grant)).expect("a grant");
    for market in f.markets() {
        f.run(TRADER, &Command::Roll { market }).expect("a roll");
    }
    f
}

/// A resting order in the first market.
fn with_order(mut f: Fixture) -> Fixture {
    let board = live_board(&f);
    let strike = f.strike(board, 1.0);
    let leg = Leg { board, strike, kind: LegKind::Call, size: cenote_units::Size::ONE };
    f.fund(TRADER + 50, 10_000.0);
    f.place(TRADER + 50, vec![leg]).expect("an order");
    f
}

pub fn live_board(f: &Fixture) -> BoardId {
    let boards = f.boards(MarketId(0));
    *boards.iter().rfind(|board| board.expiry > f.venue.now).expect("a live board")
}

fn guarded() -> Fixture {
    let mut f = with_order(trading());
    let spot = f.spots[0] * 1.5;
    f.wait(Millis::seconds(2));
    f.push(MarketId(0), spot).expect("a jump is kept");
    assert!(f.venue.state.market[&MarketId(0)].held.is_some());
    f
}

fn expired() -> Fixture {
    let mut f = with_order(trading());
    f.wait(Millis::days(40));
    f
}

fn paused() -> Fixture {
    let mut f = with_order(trading());
    f.run(GUARDIAN, &Command::Pause { market: None }).expect("the guardian pauses");
    f
}

/// Ten minutes before an expiry, inside its window.
fn closing() -> Fixture {
    let mut f = with_order(trading());
    let board = live_board(&f);
    let at = board.expiry.before(Millis::seconds(600));
    f.wait(at.since(f.venue.now));
    f.refresh();
    f
}

/// Pools and markets that have never seen a price.
fn fresh() -> Venue {
    let start = Timestamp::from_millis(START_MS).expect("a date of this century");
    Venue::new(genesis(), start).expect("parameters in bounds")
}

fn genesis() -> Genesis {
    use cenote_engine::command::Powers;
    use cenote_engine::params::{MarketParams, PoolParams, RealisedSmile, SurfaceSource};
    use cenote_engine::{GenesisMarket, GenesisPool};
    let market = |name: &str, surface| GenesisMarket {
        params: MarketParams {
            name: name.into(),
            publishers: vec![AccountId::numbered(cenote_sim::fixture::PUBLISHER)],
            surface,
            price_tick: cenote_units::Price::ONE,
            rules: MarketRules::default(),
        },
    };
    let published = SurfaceSource::Published(AccountId::numbered(cenote_sim::fixture::PUBLISHER));
    let realised = SurfaceSource::Realised(RealisedSmile::default());
    Genesis {
        powers: Powers {
            admin: AccountId::numbered(cenote_sim::fixture::ADMIN),
            guardian: AccountId::numbered(GUARDIAN),
            timelock: Millis::days(2),
        },
        pools: vec![GenesisPool {
            params: PoolParams { name: "POOL".into(), rules: PoolRules::default() },
            markets: vec![market("A", published), market("B", realised)],
        }],
    }
}

/// Every condition by name.
pub fn all() -> Vec<(&'static str, Venue)> {
    vec![
        ("fresh", fresh()),
        ("trading", with_order(trading()).venue),
        ("guarded", guarded().venue),
        ("paused", paused().venue),
        ("closing", closing().venue),
        ("expired", expired().venue),
    ]
}
