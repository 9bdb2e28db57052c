//! Whatever is sent, the engine carries it out or refuses it: it never panics, never faults, never breaks an
//! invariant, and a refusal changes nothing.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

#[path = "hostile/edges.rs"]
mod edges;
#[path = "hostile/parameters.rs"]
mod parameters;
#[path = "hostile/states.rs"]
mod states;

use cenote_engine::ids::AccountId;
use cenote_engine::params::{MarketParams, MarketRules, PoolParams, PoolRules, SurfaceSource};
use cenote_engine::{Command, Context, Effect, Error, execute};
use cenote_sim::fixture::{ADMIN, Fixture, GUARDIAN, PUBLISHER, Setup, TRADER};
use cenote_sim::rng::Rng;
use cenote_sim::walk::Walk;
use cenote_sim::{Venue, invariants};
use cenote_units::{Cash, Price};
use edges::Edges;
use std::collections::BTreeMap;

/// What has come of commands: how many were carried out, and refusals by code.
#[derive(Default)]
struct Tally {
    done: usize,
    refused: BTreeMap<&'static str, usize>,
    /// Invariants that did not hold afterwards, each with the first command that broke it.
    broken: BTreeMap<&'static str, String>,
}

/// Who sends, for whom, with what money.
#[derive(Clone, Copy)]
struct Letter {
    sender: AccountId,
    principal: Option<AccountId>,
    funds: Cash,
}

impl Letter {
    fn from(sender: u64) -> Self {
        Self { sender: AccountId::numbered(sender), principal: None, funds: Cash::ZERO }
    }
}

/// Runs a command on a state and judges what comes of it; the state itself stays.
fn judge(venue: &Venue, letter: Letter, command: &Command, tally: &mut Tally) {
    let Letter { sender, principal, funds } = letter;
    let ctx = Context { now: venue.now, sequence: venue.sequence + 1, sender, principal, funds };
    match execute(&venue.state, &ctx, command) {
        Err(Error::Rejected(refusal)) => *tally.refused.entry(refusal.code()).or_default() += 1,
        Err(Error::Fault(fault)) => panic!("{command:?} of {sender:?} is a fault: {fault:?}"),
        Ok(outcome) => {
            let mut bank = venue.bank.plus(funds).expect("the bank holds it");
            for Effect::Pay { amount, .. } in &outcome.effects {
                bank = bank.minus(*amount).expect("the bank holds it");
            }
            let mut state = venue.state.clone();
            state.apply(outcome.delta);
            for violation in invariants::check(&state, bank) {
                let said = || format!("{command:?} of {sender:?}: {}", violation.what);
                tally.broken.entry(violation.name).or_insert_with(said);
            }
            tally.done += 1;
        }
    }
}

fn edges_of(venue: &Venue) -> Vec<Command> {
    Edges::of(&venue.state, venue.now).commands()
}

/// Senders that meet different rules: a trader, a key of his, powers, a publisher, nobody.
fn letters() -> Vec<Letter> {
    let key = AccountId::numbered(states::KEY);
    let by_key = Letter { sender: key, principal: Some(AccountId::numbered(TRADER)), funds: Cash::ZERO };
    let mut letters = [TRADER, TRADER + 1, ADMIN, GUARDIAN, PUBLISHER, u64::MAX].map(Letter::from).to_vec();
    letters.push(by_key);
    letters
}

#[test]
fn edge_values_in_every_field_are_carried_out_or_refused_in_every_state() {
    for (name, venue) in &states::all() {
        let before = venue.state_digest();
        let commands = edges_of(venue);
        let mut tally = Tally::default();
        for (at, letter) in letters().into_iter().enumerate() {
            // The first sender sees all; the others, whose commands differ by who they are, every third.
            commands
                .iter()
                .skip(at)
                .step_by(if at == 0 { 1 } else { 3 })
                .for_each(|c| judge(venue, letter, c, &mut tally));
        }
        println!(
            "{name}: {} commands, {} carried out, refused {:?}",
            commands.len(),
            tally.done,
            tally.refused
        );
        assert!(tally.broken.is_empty(), "{name}: {:#?}", tally.broken);
        assert_eq!(venue.state_digest(), before, "{name}: reading changed the state");
        assert!(tally.done > 20 && tally.refused.len() > 10, "{name}: too little happened");
    }
}

#[test]
fn money_of_any_amount_is_taken_by_deposits_alone() {
    for (_, venue) in &states::all() {
        let mut tally = Tally::default();
        for funds in [Cash::MIN, Cash::new(-1).unwrap(), Cash::new(1).unwrap(), Cash::MAX] {
            let letter = Letter { funds, ..Letter::from(TRADER) };
            for command in edges_of(venue).iter().step_by(97) {
                judge(venue, letter, command, &mut tally);
            }
        }
        assert_eq!(
            tally.refused.keys().filter(|code| **code != "out_of_bounds").copied().collect::<Vec<_>>(),
            ["wrong_funds"]
        );
        assert!(tally.done > 0 && tally.broken.is_empty(), "{:#?}", tally.broken);
    }
}

#[test]
fn bytes_that_decode_by_chance_are_carried_out_or_refused() {
    let mut rng = Rng::new(17, 4);
    let mut tally = Tally::default();
    let (mut decoded, mut tried) = (0, 0);
    for (_, venue) in &states::all() {
        let commands = edges_of(venue);
        for _ in 0..2_500 {
            let command = &commands[rng.below(commands.len())];
            let mut bytes = borsh::to_vec(command).expect("a command serialises");
            bytes.truncate(20_000);
            damage(&mut bytes, &mut rng);
            tried += 1;
            let Ok(command) = borsh::from_slice::<Command>(&bytes) else { continue };
            decoded += 1;
            let letters = letters();
            judge(venue, letters[rng.below(letters.len())], &command, &mut tally);
        }
    }
    println!("{tried} byte strings, {decoded} commands, {} carried out, {:?}", tally.done, tally.refused);
    assert!(tally.broken.is_empty(), "{:#?}", tally.broken);
    assert!(decoded * 10 > tried, "the damage leaves too few commands");
}

/// Flips, cuts, repeats or appends bytes, or replaces all of them.
fn damage(bytes: &mut Vec<u8>, rng: &mut Rng) {
    match rng.below(8) {
        0 => bytes.iter_mut().for_each(|byte| *byte = rng.bits() as u8),
        1 => bytes.truncate(rng.below(bytes.len() + 1)),
        2 => bytes.push(rng.bits() as u8),
        _ => {
            for _ in 0..=rng.below(3) {
                let at = rng.below(bytes.len());
                let values = [0, 1, 0x7f, 0x80, 0xff, rng.bits() as u8];
                bytes[at] = values[rng.below(values.len())];
            }
        }
    }
}

#[test]
fn every_bound_of_every_parameter_makes_a_venue_that_works() {
    let accepts_market = |rules: &MarketRules| params(rules.clone()).check().is_ok();
    let accepts_pool =
        |rules: &PoolRules| PoolParams { name: "P".into(), rules: rules.clone() }.check().is_ok();
    let markets = parameters::bounds(&MarketRules::default(), &accepts_market);
    let pools = parameters::bounds(&PoolRules::default(), &accepts_pool);
    assert!(markets.len() > 60 && pools.len() > 20);
    for (name, rules) in markets {
        work(&name, &Setup { markets: vec![rules], ..Setup::default() });
    }
    for (name, pool) in pools {
        work(&name, &Setup { pool, ..Setup::default() });
    }
}

fn params(rules: MarketRules) -> MarketParams {
    let publisher = AccountId::numbered(PUBLISHER);
    MarketParams {
        name: "M".into(),
        publishers: (0..16).map(AccountId::numbered).collect(),
        surface: SurfaceSource::Published(publisher),
        price_tick: Price::ONE,
        rules,
    }
}

/// A walk on a venue with these parameters; its invariants are checked at the end of it.
fn work(name: &str, setup: &Setup) {
    // One publisher is all that a fixture has.
    if setup.markets.iter().any(|rules| rules.publishers_min > 1) {
        return;
    }
    let result = std::panic::catch_unwind(|| {
        let mut f = Fixture::new(setup);
        f.checked = false;
        let mut walk = Walk::new(5, &mut f);
        (0..25).for_each(|_| walk.step(&mut f));
        f.checked = true;
        f.fund(TRADER, 1.0);
    });
    assert!(result.is_ok(), "{name}: see the panic above");
}
