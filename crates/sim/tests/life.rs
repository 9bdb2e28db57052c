//! The market that lives by itself: what it sends is carried out, keeps every invariant, and goes on bit for bit.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use cenote_engine::command::{Leg, OrderRequest, TimeInForce};
use cenote_engine::event::EndReason;
use cenote_engine::ids::{AccountId, BoardId, LegKind, MarketId, PoolId};
use cenote_engine::{Command, Error, Event, quote, view};
use cenote_sim::life::{Cast, Deed, Life, LifeConfig, Phase, Prices, Source};
use cenote_sim::publisher::kernel_surface;
use cenote_sim::rng::Rng;
use cenote_sim::tape::{Generator, read};
use cenote_sim::{Venue, invariants};
use cenote_units::{Cash, Millis, Shares, Size, Timestamp};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MARKET: MarketId = MarketId(0);
const POOL: PoolId = PoolId(0);

fn quote(amount: i128) -> Cash {
    Cash::new(amount * 1_000_000).unwrap()
}

fn id(n: u64) -> AccountId {
    AccountId::numbered(n)
}

/// Monday 2026-03-02, 12:00 UTC.
fn noon() -> Timestamp {
    Timestamp::from_millis(1_772_452_800_000).unwrap()
}

fn config(seed: u64) -> LifeConfig {
    let cast = Cast {
        admin: id(1),
        guardian: id(2),
        publisher: id(3),
        keeper: id(4),
        providers: vec![id(5), id(6)],
        funded: vec![(id(7), quote(10_000)), (id(8), quote(50_000))],
    };
    LifeConfig { seed, ..LifeConfig::new(noon(), cast) }
}

/// A market and the venue that it lives in: a node without its network and its disk.
struct Host {
    life: Life,
    venue: Venue,
    refused: BTreeMap<&'static str, u64>,
    fills: u64,
    rested: u64,
    cancelled: u64,
    /// Boards in order of settlement, with their longest silence and whether no price fell into their window.
    settled: Vec<(BoardId, Millis, bool)>,
    /// Jumps held, and dropped.
    held: (u64, u64),
    clipped: u64,
    ticks: u64,
    commands: u64,
    /// Orders of the crowd that open something, forwards of the arbitrageur aside.
    opened: Vec<Vec<Leg>>,
    /// Invariants are checked after every so many commands.
    check_every: Option<u64>,
}

impl Host {
    fn new(config: LifeConfig) -> Self {
        let mut life = Life::new(config).unwrap();
        let venue = Venue::new(life.genesis(), Timestamp::ZERO).unwrap();
        let deeds = life.opening();
        let mut host = Self {
            life,
            venue,
            refused: BTreeMap::new(),
            fills: 0,
            rested: 0,
            cancelled: 0,
            settled: Vec::new(),
            held: (0, 0),
            clipped: 0,
            ticks: 0,
            commands: 0,
            opened: Vec::new(),
            check_every: None,
        };
        host.carry_out(deeds);
        host
    }

    fn carry_out(&mut self, deeds: Vec<Deed>) {
        for Deed { sender, funds, now, command } in deeds {
            self.venue.now = self.venue.now.max(now);
            match self.venue.run_with(sender, None, funds, &command) {
                Ok(outcome) => {
                    outcome.events.iter().for_each(|event| self.note(event));
                    if let Command::PlaceOrder(order) = command
                        && !order.reduce_only
                        && order.legs.iter().all(|leg| leg.kind != LegKind::Forward)
                    {
                        self.opened.push(order.legs);
                    }
                }
                Err(Error::Rejected(refusal)) => *self.refused.entry(refusal.code()).or_default() += 1,
                Err(fault) => panic!("{fault} after {command:?}"),
            }
            self.commands += 1;
            if self.check_every.is_some_and(|every| self.commands.is_multiple_of(every)) {
                assert_eq!(invariants::check(&self.venue.state, self.venue.bank), []);
            }
        }
    }

    fn note(&mut self, event: &Event) {
        match event {
            Event::OrderFilled(_) => self.fills += 1,
            Event::OrderRested { .. } => self.rested += 1,
            Event::OrderEnded { reason: EndReason::Cancelled, .. } => self.cancelled += 1,
            Event::BoardSettled { board, silence, stale, .. } => {
                self.settled.push((*board, *silence, *stale));
            }
            Event::JumpHeld { .. } => self.held.0 += 1,
            Event::JumpDropped { .. } => self.held.1 += 1,
            Event::SurfacePublished { clipped, .. } => self.clipped += u64::from(*clipped),
            Event::Ticked(_) => self.ticks += 1,
            _ => {}
        }
    }

    fn tick_at(&mut self, at: Timestamp) {
        for phase in Phase::ALL {
            let deeds = self.life.deeds(phase, at, &self.venue.state);
            self.carry_out(deeds);
        }
    }

    fn ticks(&mut self, count: usize) {
        (0..count).for_each(|_| self.tick_at(self.life.next_at()));
    }

    /// Waits until a moment, tick by tick.
    fn wait(&mut self, until: Timestamp) {
        while self.life.next_at() <= until {
            self.ticks(1);
        }
    }

    fn jump(&mut self, to: Timestamp) -> usize {
        let times: Vec<Timestamp> = self.life.pace(self.venue.now, to).collect();
        times.iter().for_each(|at| self.tick_at(*at));
        times.len()
    }

    fn run(&mut self, sender: u64, command: Command) {
        self.venue.run(id(sender), &command).unwrap();
    }

    fn spot(&self) -> f64 {
        quote::price(self.venue.state.market[&MARKET].tick.as_ref().unwrap().price)
    }

    /// The seven-day vol of the surface in force.
    fn vol(&self) -> f64 {
        kernel_surface(&self.venue.state.market[&MARKET].surface.as_ref().unwrap().nodes).sigma_ref()
    }

    fn boards(&self) -> Vec<BoardId> {
        self.settled.iter().map(|(board, ..)| *board).collect()
    }

    fn sound(&self) {
        assert_eq!(invariants::check(&self.venue.state, self.venue.bank), []);
        assert_eq!(self.refused, BTreeMap::new());
        assert_eq!(self.clipped, 0);
    }
}

#[test]
fn the_opening_leaves_a_market_that_can_be_quoted() {
    let mut life = Life::new(config(1)).unwrap();
    assert!(life.opening().iter().all(|deed| deed.now < noon()));
    assert_eq!(life.next_at(), noon());
    let host = Host::new(config(1));
    host.sound();
    let account = |n: u64| &host.venue.state.account[&id(n)];
    assert_eq!((account(7).cash, account(8).cash), (quote(10_000), quote(50_000)));
    let half = Shares::new(5_000_000_000_000).unwrap();
    assert_eq!([5, 6].map(|n| account(n).stake(POOL).unwrap().shares), [half; 2]);
    let chain = view::chain(&host.venue.state, noon(), MARKET, Some(Size::ONE)).unwrap();
    assert!((7..=9).contains(&chain.len()), "{} boards", chain.len());
    for board in &chain {
        let gap = |strike: &&view::StrikeView| (quote::price(strike.strike) - board.forward).abs();
        let near = board.strikes.iter().min_by(|a, b| gap(a).total_cmp(&gap(b))).unwrap();
        for series in [&near.call, &near.put] {
            let (buy, sell) = (series.buy.unwrap().total, series.sell.unwrap().total);
            assert!(quote::cash(buy) > series.mark && -quote::cash(sell) < series.mark, "{:?}", board.board);
        }
    }
}

#[test]
fn hours_apart_or_a_tenth_of_a_second_every_spacing_lives() {
    for (tick_ms, ticks) in [(100, 300), (14_400_000, 60)] {
        let mut host = Host::new(LifeConfig { tick: Millis::new(tick_ms), ..config(1) });
        assert!(host.venue.now >= noon().before(Millis::seconds(300)) && host.venue.now < noon());
        host.ticks(ticks);
        host.sound();
        assert_eq!(host.ticks, ticks as u64 + 4);
        assert!(host.fills >= 4, "{tick_ms} ms: {} fills", host.fills);
        assert!(host.settled.iter().all(|(.., stale)| !stale));
    }
}

#[test]
fn two_thousand_ticks_keep_every_invariant() {
    let mut host = Host::new(config(1));
    host.check_every = Some(50);
    host.ticks(3);
    assert!(host.fills >= 3, "{} fills in the first three ticks", host.fills);
    host.ticks(1_997);
    host.sound();
    assert_eq!(host.ticks, 2_004, "its own and the opening's");
    assert!(host.fills >= 12 && host.fills <= 60, "{} fills in half an hour", host.fills);
    assert!(host.rested > 0 && host.commands > 2_000 + 33, "{} rested", host.rested);
}

#[test]
fn a_day_of_minutes_has_everything_that_a_market_has() {
    let mut host = Host::new(LifeConfig { tick: Millis::seconds(60), ..config(3) });
    host.wait(noon().after(Millis::days(4)));
    host.sound();
    // 20 to 40 orders an hour, most of them filled.
    assert!((960..4_000).contains(&host.fills), "{} fills in four days", host.fills);
    assert!(host.cancelled > 10 && host.rested > 100, "{} cancelled, {} rested", host.cancelled, host.rested);
    let sizes = host.opened.iter().flatten().map(|leg| leg.size.magnitude());
    assert!(sizes.clone().all(|units| (10_000..=5_000_000).contains(&units) && units % 10_000 == 0));
    assert!(sizes.max() > Some(500_000));
    let (buys, all) =
        (host.opened.iter().filter(|legs| legs[0].size > Size::ZERO).count(), host.opened.len());
    let several = host.opened.iter().filter(|legs| legs.len() > 1).count();
    assert!(buys > all * 55 / 100 && buys < all * 80 / 100, "{buys} of {all} buy");
    assert!(several > all / 20 && several < all / 3, "{several} of {all} have several legs");
    let epochs = host.venue.state.epoch.len();
    assert!(epochs > 3, "providers came or went in {epochs} epochs");
    let pool = view::pool(&host.venue.state, host.venue.now, POOL).unwrap();
    assert!(pool.equity > quote(9_500_000), "{}", pool.equity);
    let held: usize = host.venue.state.account.values().map(|account| account.holdings.len()).sum();
    assert!(held > 50, "{held} boards are held by accounts");
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_does_not() {
    let run = |config: LifeConfig| {
        let mut host = Host::new(config);
        host.ticks(300);
        host.jump(noon().after(Millis::seconds(90_000)));
        host.ticks(50);
        (host.venue.digest(), host.life.save())
    };
    assert_eq!(run(config(1)), run(config(1)));
    assert_ne!(run(config(1)).0, run(config(2)).0);
}

#[test]
fn what_was_saved_goes_on_bit_for_bit() {
    let tape = cenote_sim::tape::generate(&Generator { days: 1, ..Generator::default() }, 3);
    let tape = Prices::Tape(Arc::new(tape));
    for config in [config(5), LifeConfig { prices: tape, ..config(5) }] {
        let (mut one, mut other) = (Host::new(config.clone()), Host::new(config.clone()));
        let mut rng = Rng::new(9, 9);
        for round in 0..25 {
            let change = |host: &mut Host| match round {
                3 => host.life.shock(-0.1, Millis::seconds(90)).unwrap(),
                5 => host.life.vol(12.0).unwrap(),
                8 => host.life.silence(host.venue.now.after(Millis::seconds(30))),
                _ => {}
            };
            let (ticks, far) = (1 + rng.below(40), rng.below(20_000) as u64);
            for host in [&mut one, &mut other] {
                change(host);
                host.ticks(ticks);
                if round % 6 == 5 {
                    host.jump(host.venue.now.after(Millis::seconds(far)));
                }
            }
            other.life = Life::load(config.clone(), &one.life.save()).unwrap();
            assert_eq!(one.venue.digest(), other.venue.digest(), "round {round}");
        }
        one.sound();
        assert!(one.life.save().len() < 2_000);
    }
}

#[test]
fn a_jump_settles_what_waiting_settles() {
    // The first from 07:20 on, on boards that were listed hours before.
    for (tick, hours_before, length) in [(1, 9, 3_600), (60, 0, 86_400), (240, 0, 9 * 86_400)] {
        let start = noon().before(Millis::seconds(hours_before * 3_600));
        let config = LifeConfig { tick: Millis::seconds(tick), start, ..config(2) };
        let (mut waits, mut jumps) = (Host::new(config.clone()), Host::new(config));
        let from = if hours_before > 0 { noon().before(Millis::seconds(16_800)) } else { noon() };
        waits.jump(from);
        jumps.jump(from);
        let until = from.after(Millis::seconds(length));
        waits.wait(until);
        let ticks = jumps.jump(until);
        assert_eq!(jumps.boards(), waits.boards(), "{length} s");
        assert_eq!(jumps.boards().len() as u64, length.div_ceil(86_400), "{length} s");
        assert!(ticks <= 2_000, "{length} s took {ticks} ticks");
        for host in [&jumps, &waits] {
            host.sound();
            let longest = host.settled.iter().map(|(_, silence, _)| silence.get()).max();
            let gap = host.life.config().rules().tick_gap_max.get();
            assert!(longest <= Some(gap), "{longest:?} ms without a price in a window, {gap} is a gap");
            assert!(host.settled.iter().all(|(.., stale)| !stale));
            assert!(host.venue.state.board.values().all(|board| board.settlement.is_none()));
        }
        assert_eq!(jumps.venue.now.max(until), until);
    }
}

#[test]
fn a_jump_of_the_price_is_confirmed_by_the_next_tick() {
    let wild = Generator { jumps: 1_500.0, jump: (0.0, 0.08), price: 100_000.0, ..Generator::default() };
    let mut host = Host::new(LifeConfig { prices: Prices::Generated(wild), ..config(4) });
    host.jump(noon().after(Millis::days(9)));
    assert!(host.held.0 > 10, "{:?}", host.held);
    assert_eq!(host.held.1, 0, "dropped");
    assert!(host.venue.state.market[&MARKET].held.is_none());
    host.sound();
    // At once, and a tick a second: one tick is held, the next one confirms it.
    let mut host = Host::new(config(4));
    host.ticks(100);
    let before = host.spot();
    host.life.shock(-0.2, Millis::ZERO).unwrap();
    host.ticks(1);
    assert_eq!((host.held.0, host.spot()), (1, before));
    host.ticks(1);
    assert!((host.spot() / before - 0.8).abs() < 0.002, "{before} to {}", host.spot());
    assert_eq!(host.held, (1, 0));
    host.sound();
}

#[test]
fn a_shock_over_ten_minutes_arrives() {
    let mut host = Host::new(config(6));
    host.check_every = Some(50);
    host.ticks(60);
    let before = host.spot();
    host.life.shock(-0.2, Millis::seconds(600)).unwrap();
    host.ticks(300);
    assert!((host.spot() / before - 0.8f64.sqrt()).abs() < 0.02, "half-way: {before} to {}", host.spot());
    host.ticks(300);
    assert!((host.spot() / before - 0.8).abs() < 0.02, "{before} to {}", host.spot());
    assert_eq!(host.held.0, 0);
    host.ticks(600);
    assert!((host.spot() / before - 0.8).abs() < 0.03, "it stays: {before} to {}", host.spot());
    host.sound();
}

#[test]
fn vols_move_by_the_points_asked_for_as_fast_as_the_rules_let_them() {
    let mut host = Host::new(LifeConfig { tick: Millis::seconds(20), ..config(6) });
    host.ticks(180);
    let before = host.vol();
    host.life.vol(30.0).unwrap();
    host.wait(host.venue.now.after(Millis::seconds(3_600)));
    let hour = host.vol() - before;
    assert!((0.05..0.25).contains(&hour), "{hour} after an hour");
    host.wait(host.venue.now.after(Millis::seconds(4 * 3_600)));
    let all = host.vol() - before;
    assert!((0.22..0.38).contains(&all), "{all} after five hours");
    host.life.vol(-30.0).unwrap();
    host.wait(host.venue.now.after(Millis::seconds(8 * 3_600)));
    assert!((host.vol() - before).abs() < 0.08, "{before} to {}", host.vol());
    host.sound();
}

#[test]
fn nothing_is_published_in_a_silence_and_boards_settle_by_their_delay() {
    let start = noon().before(Millis::seconds(9 * 3_600));
    let mut host = Host::new(LifeConfig { start, ..config(7) });
    host.jump(start.after(Millis::seconds(4 * 3_600)));
    let (ticks, fills) = (host.ticks, host.fills);
    host.life.silence(start.after(Millis::seconds(6 * 3_600)));
    host.wait(start.after(Millis::seconds(6 * 3_600 - 1)));
    assert_eq!((host.ticks, host.fills), (ticks, fills));
    // Its window was silent from beginning to end: the keeper settles it at the last price, once the delay is over.
    assert_eq!(host.settled.iter().map(|(.., stale)| *stale).collect::<Vec<_>>(), [true]);
    host.ticks(120);
    assert!(host.ticks >= ticks + 118, "{} ticks after {ticks}", host.ticks);
    assert!(host.venue.state.market[&MARKET].held.is_none());
    host.sound();
}

#[test]
fn users_are_kept_like_everybody_else() {
    let mut host = Host::new(config(8));
    host.ticks(5);
    let board = *host.venue.state.market[&MARKET].boards.first().unwrap();
    let strikes = &host.venue.state.board[&board].strikes;
    let strike = strikes[strikes.len() / 2].price;
    let legs = vec![Leg { board, strike, kind: LegKind::Call, size: Size::new(100_000).unwrap() }];
    let (limit, time_in_force) = (quote(1_000), TimeInForce::FirstTick);
    let order = OrderRequest { market: MARKET, legs, limit, time_in_force, reduce_only: false, attempts: 1 };
    host.run(7, Command::PlaceOrder(order));
    host.run(8, Command::RequestDeposit { pool: POOL, amount: quote(20_000) });
    host.ticks(5);
    let account = |host: &Host, n: u64| host.venue.state.account[&id(n)].clone();
    assert_eq!(account(&host, 7).holdings.len(), 1);
    let stake = account(&host, 8).stake(POOL).unwrap().clone();
    assert!(!stake.shares.is_zero() && stake.claims.is_empty(), "{stake:?}");
    host.jump(noon().after(Millis::seconds(25 * 3_600)));
    assert_eq!(account(&host, 7).holdings, []);
    host.run(8, Command::RequestWithdraw { pool: POOL, shares: stake.shares });
    host.ticks(5);
    let left = account(&host, 8);
    assert!(left.cash > quote(49_000) && left.stake(POOL).is_none_or(|s| s.claims.is_empty()), "{left:?}");
    // A guardian's pause stops the crowd, not the prices.
    host.run(2, Command::Pause { market: None });
    let (fills, ticks) = (host.fills, host.ticks);
    host.ticks(4_000);
    assert_eq!((host.fills, host.ticks), (fills, ticks + 4_000));
    host.run(2, Command::Resume { market: None });
    host.ticks(1_000);
    assert!(host.fills > fills);
    host.sound();
}

#[test]
fn without_agents_nobody_trades() {
    let mut host = Host::new(LifeConfig { agents: false, cast: Cast::default(), ..config(1) });
    host.jump(noon().after(Millis::days(3)));
    host.sound();
    assert_eq!((host.fills, host.settled.len()), (0, 3));
    // The market's publisher and keeper, and the one provider there must be.
    assert!(host.venue.state.account.len() <= 2, "{:?}", host.venue.state.account.keys());
}

/// A file of the data, or `None` with a word on the screen.
fn data(file: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let path = std::env::var_os("CENOTE_DATA").map_or(beside, PathBuf::from).join(file);
    if !path.exists() {
        eprintln!(
            "SKIPPED: there is no {}; set CENOTE_DATA to the folder with the market data",
            path.display()
        );
        return None;
    }
    Some(path)
}

#[test]
fn a_real_crash_plays_ten_times_as_fast() {
    let Some(path) = data("prices/crash_ftx_2022-11_btcusdt_1m.csv.gz") else { return };
    let tape = read(&path).unwrap();
    let (start, first) = (tape.ticks[0].at, tape.ticks.clone());
    let mut host = Host::new(LifeConfig { prices: Prices::Tape(Arc::new(tape)), start, ..config(1) });
    // A node's loop: every half second of its clock it does what is due in five seconds of the market's.
    let mut now = start;
    while host.ticks < 6_000 {
        now = now.after(Millis::new(5_000));
        host.wait(now);
        if host.held == (0, 0) && host.ticks > 4 {
            let tick = host.venue.state.market[&MARKET].tick.clone().unwrap();
            assert!(first.iter().any(|own| own.at == tick.published_at && own.price == tick.price));
        }
    }
    assert_eq!(host.life.source(), Source::Tape);
    assert_eq!(
        first[host.ticks as usize - 5].price,
        host.venue.state.market[&MARKET].tick.as_ref().unwrap().price
    );
    assert!(host.fills > 1_000 && host.settled.len() >= 4, "{} fills, {:?}", host.fills, host.settled);
    host.sound();
}
