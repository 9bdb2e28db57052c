//! Histories to test with: real commands run through the engine, with named snapshots and ways back in between.
#![allow(dead_code)] // Each test file uses a part of this.

pub mod answers;
pub mod model;

use cenote_api::event::What;
use cenote_api::view::NavPoint;
use cenote_api::{Address, ApiEvent, Names};
use cenote_engine::ids::{AccountId, PoolId};
use cenote_engine::{
    Command, Context, Genesis, GenesisMarket, GenesisPool, MemoryState, Outcome, Posting, execute, quote,
};
use cenote_history::{FillMarks, History, SeriesMark, Step};
use cenote_sim::fixture::{Fixture, Setup};
use cenote_sim::rng::Rng;
use cenote_sim::walk::Walk;
use cenote_units::{Cash, Timestamp};
use serde::Deserialize;
use std::path::PathBuf;

pub const VENUE: &str = "a-venue";

/// A step with what it borrows.
#[derive(Debug, Clone)]
pub struct Owned {
    pub seq: u64,
    pub time: u64,
    pub sender: Address,
    pub principal: Option<Address>,
    pub command: Option<Command>,
    pub events: Vec<ApiEvent>,
    pub fills: Vec<FillMarks>,
    pub nav: Vec<(u16, NavPoint)>,
    pub postings: Vec<Posting>,
    pub digest: [u8; 32],
}

impl Owned {
    pub fn step(&self) -> Step<'_> {
        Step {
            seq: self.seq,
            time: self.time,
            sender: self.sender,
            principal: self.principal,
            command: self.command.as_ref(),
            events: &self.events,
            fills: &self.fills,
            nav: &self.nav,
            postings: &self.postings,
            digest: self.digest,
        }
    }
}

pub fn apply(history: &History, steps: &[Owned]) {
    let steps: Vec<Step<'_>> = steps.iter().map(Owned::step).collect();
    history.apply(&steps).unwrap_or_else(|error| panic!("{error}"));
}

/// What the tape of a fixture says of a command.
#[derive(Deserialize)]
struct Line {
    sequence: u64,
    now: Timestamp,
    sender: AccountId,
    principal: Option<AccountId>,
    funds: Cash,
    command: Command,
}

#[derive(Deserialize)]
struct First {
    powers: cenote_engine::command::Powers,
    pools: Vec<FirstPool>,
    markets: Vec<FirstMarket>,
}

#[derive(Deserialize)]
struct FirstPool {
    params: cenote_engine::params::PoolParams,
}

#[derive(Deserialize)]
struct FirstMarket {
    pool: usize,
    params: cenote_engine::params::MarketParams,
}

/// A venue that is run a second time from its tape, to see what each command did.
pub struct Life {
    fixture: Fixture,
    walk: Option<Walk>,
    state: MemoryState,
    rng: Rng,
    pub steps: Vec<Owned>,
    /// Named snapshots: their numbers, the venue and the records.
    saved: Vec<(u64, Fixture, MemoryState)>,
}

impl Life {
    pub fn new(seed: u64) -> Self {
        let setup = Setup { traced: true, ..Setup::default() };
        let setup =
            Setup { markets: vec![setup.markets[0].clone(); 2], spots: vec![100_000.0, 3_000.0], ..setup };
        let mut fixture = Fixture::new(&setup);
        fixture.checked = false;
        let lines = &mut fixture.venue.trace.as_mut().expect("it is traced").lines;
        let first: std::collections::BTreeMap<String, First> =
            serde_json::from_str(&lines.remove(0)).expect("a genesis");
        let mut state = MemoryState::memoised();
        state.apply(
            genesis(first.into_values().next().expect("a genesis")).delta().expect("sound parameters"),
        );
        let mut life =
            Self { fixture, walk: None, state, rng: Rng::new(seed, 5), steps: Vec::new(), saved: Vec::new() };
        life.walk = Some(Walk::new(seed, &mut life.fixture));
        life.catch_up();
        life
    }

    /// So many steps of a walk; with snapshots and ways back in between when asked for.
    pub fn walk(mut self, steps: usize, with_reverts: bool) -> Self {
        for _ in 0..steps {
            let mut walk = self.walk.take().expect("a walk");
            walk.step(&mut self.fixture);
            self.walk = Some(walk);
            self.catch_up();
            if with_reverts && self.rng.chance(0.02) {
                self.save();
            }
            if with_reverts && self.rng.chance(0.015) && !self.saved.is_empty() {
                // Mostly to the latest, sometimes to one before a way back.
                let which = if self.rng.chance(0.7) {
                    self.saved.len() - 1
                } else {
                    self.rng.below(self.saved.len())
                };
                self.revert(which);
            }
        }
        self
    }

    pub fn state(&self) -> &MemoryState {
        &self.state
    }

    /// Keeps everything under a name.
    pub fn save(&mut self) {
        self.fixture.venue.sequence += 1;
        let seq = self.fixture.venue.sequence;
        self.host_step(What::SnapshotTaken { name: format!("at-{seq}") });
        self.saved.push((seq, self.fixture.clone(), self.state.clone()));
    }

    /// Goes back to the n-th snapshot kept; later ones are gone.
    pub fn revert(&mut self, which: usize) {
        let seq = self.fixture.venue.sequence + 1;
        let (to_seq, fixture, state) = self.saved[which].clone();
        self.saved.truncate(which + 1);
        (self.fixture, self.state) = (fixture, state);
        self.fixture.venue.sequence = seq;
        self.host_step(What::Reverted { name: format!("at-{to_seq}"), to_seq });
    }

    fn host_step(&mut self, what: What) {
        let (seq, time) = (self.fixture.venue.sequence, self.fixture.venue.now.millis());
        self.steps.push(Owned {
            seq,
            time,
            sender: Address(AccountId::default()),
            principal: None,
            command: None,
            events: vec![ApiEvent { seq, index: 0, time, what }],
            fills: Vec::new(),
            nav: Vec::new(),
            postings: Vec::new(),
            digest: [0; 32],
        });
    }

    fn catch_up(&mut self) {
        let lines = std::mem::take(&mut self.fixture.venue.trace.as_mut().expect("it is traced").lines);
        for line in lines {
            let line: Line = serde_json::from_str(&line).expect("a line of a tape");
            let Line { sequence, now, sender, principal, funds, command } = line;
            let ctx = Context { now, sequence, sender, principal, funds };
            let Ok(outcome) = execute(&self.state, &ctx, &command) else { continue };
            self.state.apply(outcome.delta.clone());
            let step = self.owned(&ctx, command, outcome);
            self.steps.push(step);
        }
    }

    fn owned(&mut self, ctx: &Context, command: Command, outcome: Outcome) -> Owned {
        let names: Names = self.state.market_params.iter().map(|(id, p)| (*id, p.name.clone())).collect();
        let label = self.rng.chance(0.3).then(|| format!("mark \"{}\"", ctx.sequence));
        let (seq, time) = (ctx.sequence, ctx.now.millis());
        let event = |(index, event): (usize, &cenote_engine::Event)| ApiEvent {
            seq,
            index: index as u32,
            time,
            what: What::from_engine(event, &names, label.as_deref()),
        };
        let events: Vec<ApiEvent> = outcome.events.iter().enumerate().map(event).collect();
        let (mut fills, mut nav) = (Vec::new(), Vec::new());
        for event in &events {
            match &event.what {
                What::OrderFilled { order, market, legs, .. } => {
                    let id = names.find_market(market).expect("a market");
                    let price = self.state.market[&id].tick.as_ref().expect("a fill has its tick").price;
                    let count =
                        legs.iter().map(|leg| if leg.instrument.ends_with("-F") { 2 } else { 1 }).sum();
                    let series = (0..count).map(|_| self.mark()).collect();
                    fills.push(FillMarks { order: *order, index_price: price.into(), series });
                }
                What::Ticked { market, equity, .. } => {
                    let id = names.find_market(market).expect("a market");
                    let pool = self.state.market[&id].pool;
                    nav.push((pool.0, self.point(pool, equity.0, time)));
                }
                _ => {}
            }
        }
        let digest = [seq as u8; 32];
        let (sender, principal) = (Address(ctx.sender), ctx.principal.map(Address));
        Owned {
            seq,
            time,
            sender,
            principal,
            command: Some(command),
            events,
            fills,
            nav,
            postings: outcome.postings,
            digest,
        }
    }

    fn mark(&mut self) -> SeriesMark {
        let worthless = self.rng.chance(0.1);
        let mark_price = if worthless { 0.0 } else { 5_000.0 * self.rng.uniform() };
        SeriesMark { mark_price, iv: (!worthless).then(|| 100.0 * self.rng.uniform()) }
    }

    fn point(&self, pool: PoolId, equity: Cash, time: u64) -> NavPoint {
        let shares = self.state.pool[&pool].shares.get().max(1) as f64 / 1e6;
        let nav_low = quote::cash(equity);
        NavPoint {
            time,
            nav_low,
            nav_mid: nav_low + 10.0,
            nav_high: nav_low + 20.0,
            share_price: nav_low / shares,
            index_price: self.fixture.spots[0],
            utilisation: 12.5,
        }
    }
}

fn genesis(first: First) -> Genesis {
    let First { powers, pools, markets } = first;
    let market = |m: &FirstMarket| GenesisMarket { params: m.params.clone() };
    let pool = |(at, p): (usize, FirstPool)| GenesisPool {
        params: p.params,
        markets: markets.iter().filter(|m| m.pool == at).map(market).collect(),
    };
    Genesis { powers, pools: pools.into_iter().enumerate().map(pool).collect() }
}

/// A directory of one test, empty at its start.
pub fn directory(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("cenote-history-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("a directory for a test");
    path
}

/// A history in memory.
pub fn in_memory() -> History {
    History::with_backend(redb::backends::InMemoryBackend::new(), VENUE).expect("memory takes a history")
}
