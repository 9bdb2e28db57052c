//! The market that lives by itself: what it sends is carried out, keeps every invariant, and goes on bit for bit.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use cenote_engine::command::TimeInForce;
use cenote_engine::ids::{AccountId, MarketId, PoolId};
use cenote_engine::{Command, Error, Event, Genesis, quote, view};
use cenote_sim::life::{Cast, Deed, Life, LifeConfig, Phase, Prices, Source};
use cenote_sim::rng::Rng;
use cenote_sim::tape::{Generator, Tape, generate, read};
use cenote_sim::{Venue, invariants};
use cenote_units::{Cash, Millis, Timestamp};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MARKET: MarketId = MarketId(0);
const POOL: PoolId = PoolId(0);

fn quote(amount: i128) -> Cash {
    Cash::new(amount * 1_000_000).unwrap()
}

/// Monday 2026-03-02, 12:00 UTC.
fn noon() -> Timestamp {
    Timestamp::from_millis(1_772_452_800_000).unwrap()
}

fn cast() -> Cast {
    let id = AccountId::numbered;
    Cast {
        admin: id(1),
        guardian: id(2),
        publisher: id(3),
        keeper: id(4),
        providers: vec![id(5), id(6)],
        funded: vec![(id(7), quote(10_000)), (id(8), quote(50_000))],
    }
}

fn config(seed: u64) -> LifeConfig {
    LifeConfig { seed, ..LifeConfig::new(noon(), cast()) }
}

/// A market and the venue it lives in: what a node does, without the node.
struct Host {
    life: Life,
    venue: Venue,
    refused: BTreeMap<(&'static str, String), u64>,
    done: BTreeMap<&'static str, u64>,
    fills: u64,
    settled: u64,
    stale: u64,
    held: u64,
    rested: u64,
    ended: BTreeMap<String, u64>,
    /// Invariants are checked after every so many commands.
    check_every: Option<u64>,
    commands: u64,
}

impl Host {
    fn new(config: LifeConfig) -> Self {
        let mut life = Life::new(config).unwrap();
        let genesis: Genesis = life.genesis();
        let venue = Venue::new(genesis, Timestamp::ZERO).unwrap();
        let deeds = life.opening();
        let mut host = Self {
            life,
            venue,
            refused: BTreeMap::new(),
            done: BTreeMap::new(),
            fills: 0,
            settled: 0,
            stale: 0,
            held: 0,
            rested: 0,
            ended: BTreeMap::new(),
            check_every: None,
            commands: 0,
        };
        host.carry_out(deeds);
        host
    }

    fn carry_out(&mut self, deeds: Vec<Deed>) {
        for Deed { sender, funds, now, command } in deeds {
            self.venue.now = self.venue.now.max(now);
            let kind = kind(&command);
            match self.venue.run_with(sender, None, funds, &command) {
                Ok(outcome) => {
                    *self.done.entry(kind).or_default() += 1;
                    outcome.events.iter().for_each(|event| self.note(event));
                }
                Err(Error::Rejected(refusal)) => {
                    *self.refused.entry((kind, refusal.code().to_owned())).or_default() += 1;
                }
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
            Event::OrderEnded { reason, .. } => {
                use cenote_engine::event::EndReason::{Cancelled, Dropped, Expired, NotFilled};
                let name = match reason {
                    Cancelled => "cancelled".into(),
                    Expired => "expired".into(),
                    NotFilled(refusal) => format!("not filled: {}", refusal.code()),
                    Dropped(refusal) => format!("dropped: {}", refusal.code()),
                };
                *self.ended.entry(name).or_default() += 1;
            }
            Event::BoardSettled { stale, .. } => {
                self.settled += 1;
                self.stale += u64::from(*stale);
            }
            Event::JumpHeld { .. } => self.held += 1,
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
        for _ in 0..count {
            self.tick_at(self.life.next_at());
        }
    }

    fn jump(&mut self, length: Millis) -> usize {
        let from = self.venue.now;
        let times: Vec<Timestamp> = self.life.pace(from, from.after(length)).collect();
        times.iter().for_each(|at| self.tick_at(*at));
        times.len()
    }

    fn spot(&self) -> f64 {
        quote::price(self.venue.state.market[&MARKET].tick.as_ref().unwrap().price)
    }

    fn sound(&self) {
        assert_eq!(invariants::check(&self.venue.state, self.venue.bank), []);
        assert_eq!(self.refused, BTreeMap::new(), "done: {:?}", self.done);
    }
}

fn kind(command: &Command) -> &'static str {
    match command {
        Command::Deposit => "deposit",
        Command::Withdraw { .. } => "withdraw",
        Command::PushPrice { .. } => "push_price",
        Command::PublishSurface { .. } => "publish_surface",
        Command::PlaceOrder(_) => "place_order",
        Command::CancelOrder { .. } => "cancel_order",
        Command::Fill { .. } => "fill",
        Command::RequestDeposit { .. } => "request_deposit",
        Command::RequestWithdraw { .. } => "request_withdraw",
        Command::Claim { .. } => "claim",
        Command::Roll { .. } => "roll",
        Command::Settle { .. } => "settle",
        Command::SettleAccount { .. } => "settle_account",
        _ => "other",
    }
}

#[test]
fn report() {
    let mut host = Host::new(config(1));
    println!("boards {}", host.venue.state.market[&MARKET].boards.len());
    for _ in 0..4 {
        host.ticks(1);
        println!("fills {} spot {}", host.fills, host.spot());
    }
    let t = std::time::Instant::now();
    host.ticks(7200);
    println!("{:?} a tick", t.elapsed() / 7200);
    println!(
        "done {:?}\nrefused {:?}\nfills {} rested {} ended {:?} held {}",
        host.done, host.refused, host.fills, host.rested, host.ended, host.held
    );
    for (n, d) in
        [("1h", 3600), ("1d", 86400), ("9d", 9 * 86400), ("30d", 30 * 86400), ("365d", 365 * 86400u64)]
    {
        let t = std::time::Instant::now();
        let s = host.settled;
        let f = host.fills;
        let c = host.jump(Millis::seconds(d));
        println!(
            "{n}: {c} ticks {:?}, settled {} stale {} fills {} held {} spot {} save {}",
            t.elapsed(),
            host.settled - s,
            host.stale,
            host.fills - f,
            host.held,
            host.spot(),
            host.life.save().len()
        );
        println!("done {:?}\nrefused {:?}\nended {:?}", host.done, host.refused, host.ended);
        let p = view::pool(&host.venue.state, host.venue.now, POOL).unwrap();
        println!("equity {:?} pnl {:?}", p.equity, p.pnl);
    }
    println!("{:?}", invariants::check(&host.venue.state, host.venue.bank));
    let _ = (
        Source::Tape,
        TimeInForce::FirstTick,
        Rng::new(1, 1),
        Generator::default(),
        generate as fn(&_, _) -> Tape,
        read as fn(&Path) -> _,
        Arc::new(1),
        PathBuf::new(),
        Prices::default(),
    );
}
