//! A market that lives by itself, and what it costs: `cargo run --release -p cenote-sim --example life [ticks]`.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use cenote_engine::ids::AccountId;
use cenote_engine::{Error, Event};
use cenote_sim::life::{Cast, Deed, Life, LifeConfig, Phase};
use cenote_sim::{Venue, invariants};
use cenote_units::{Millis, Timestamp};
use std::collections::BTreeMap;
use std::time::Instant;

/// What became of deeds and orders.
#[derive(Default)]
struct Seen {
    deeds: u64,
    refused: BTreeMap<&'static str, u64>,
    events: BTreeMap<&'static str, u64>,
}

impl Seen {
    fn carry_out(&mut self, venue: &mut Venue, deeds: Vec<Deed>) {
        for Deed { sender, funds, now, command } in deeds {
            self.deeds += 1;
            venue.now = venue.now.max(now);
            match venue.run_with(sender, None, funds, &command) {
                Ok(outcome) => outcome.events.iter().for_each(|event| self.note(event)),
                Err(Error::Rejected(refusal)) => *self.refused.entry(refusal.code()).or_default() += 1,
                Err(fault) => panic!("{fault}"),
            }
        }
    }

    fn note(&mut self, event: &Event) {
        let name = match event {
            Event::OrderPlaced { .. } => "orders placed",
            Event::OrderFilled(_) => "orders filled",
            Event::OrderEnded { .. } => "orders ended",
            Event::BoardSettled { .. } => "boards settled",
            Event::JumpHeld { .. } => "jumps held",
            Event::EpochProcessed(_) => "batches of liquidity",
            _ => return,
        };
        *self.events.entry(name).or_default() += 1;
    }
}

fn tick(life: &mut Life, venue: &mut Venue, seen: &mut Seen, at: Timestamp) {
    for phase in Phase::ALL {
        let deeds = life.deeds(phase, at, &venue.state);
        seen.carry_out(venue, deeds);
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let ticks: u32 = std::env::args().nth(1).map_or(Ok(7_200), |text| text.parse())?;
    let id = AccountId::numbered;
    let cast = Cast { publisher: id(1), keeper: id(2), providers: vec![id(3)], ..Cast::default() };
    // Monday 2026-03-02, 12:00 UTC.
    let mut life = Life::new(LifeConfig::new(Timestamp::from_millis(1_772_452_800_000)?, cast))?;
    let mut venue = Venue::new(life.genesis(), Timestamp::ZERO)?;
    let mut seen = Seen::default();
    let opening = life.opening();
    seen.carry_out(&mut venue, opening);

    let begun = Instant::now();
    for _ in 0..ticks {
        let at = life.next_at();
        tick(&mut life, &mut venue, &mut seen, at);
    }
    println!("{ticks} ticks of a second: {:?} each", begun.elapsed() / ticks.max(1));
    println!("{:?}", seen.events);
    for (name, days) in [("a day", 1), ("nine days", 9), ("a month", 30), ("a year", 365)] {
        let begun = Instant::now();
        let times: Vec<Timestamp> = life.pace(venue.now, venue.now.after(Millis::days(days))).collect();
        times.iter().for_each(|at| tick(&mut life, &mut venue, &mut seen, *at));
        println!("a jump of {name}: {} ticks in {:?}", times.len(), begun.elapsed());
    }
    println!("{:?}", seen.events);
    println!("{} deeds, refused: {:?}", seen.deeds, seen.refused);
    println!("{} bytes saved, {}", life.save().len(), venue.digest());
    let broken = invariants::check(&venue.state, venue.bank);
    println!("{} of {} invariants broken", broken.len(), invariants::NAMES.len());
    Ok(())
}
