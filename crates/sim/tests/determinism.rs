//! The same commands give the same bytes: on every build, with and without kept marks, after storing and replaying.

use cenote_portable::scenario::{self, COMMANDS, GOLDEN, Run, Step};
use cenote_sim::fixture::{Fixture, Setup};
use cenote_sim::walk::Walk;
use std::collections::BTreeSet;

fn run() -> Run {
    scenario::run(COMMANDS, true)
}

/// The digests of a venue after a walk.
fn walked(seed: u64, memoise: bool) -> (String, String, (u64, u64)) {
    let mut f = Fixture::new(&Setup::default());
    f.checked = false;
    f.venue.state.memoise = memoise;
    let mut walk = Walk::new(seed, &mut f);
    (0..150).for_each(|_| walk.step(&mut f));
    (f.venue.digest(), f.venue.state_digest(), f.commands)
}

#[test]
fn the_scenario_gives_the_committed_bytes_in_this_build() {
    let got = run().hash;
    assert_eq!(
        got, GOLDEN,
        "0x{got:016x} here, 0x{GOLDEN:016x} committed: the protocol's results have changed"
    );
}

#[test]
fn the_scenario_is_worth_comparing() {
    let run = run();
    let done = run.refusals.iter().filter(|refusal| refusal.is_none()).count();
    let codes: BTreeSet<_> = run.refusals.iter().flatten().collect();
    let kind = |step: &Step| std::mem::discriminant(&step.command);
    let succeeded = run.steps.iter().zip(&run.refusals).filter(|(_, refusal)| refusal.is_none());
    let mut kinds: Vec<_> = Vec::new();
    for (step, _) in succeeded {
        if !kinds.contains(&kind(step)) {
            kinds.push(kind(step));
        }
    }
    println!("{done} of {COMMANDS} carried out, {} kinds, refused with {codes:?}", kinds.len());
    assert_eq!(run.steps.len(), COMMANDS);
    assert!(done > COMMANDS / 2 && kinds.len() >= 20 && codes.len() >= 8);
    assert!(run.state.account.values().any(|account| !account.holdings.is_empty()), "nobody traded");
}

#[test]
fn marks_kept_from_command_to_command_change_no_bit() {
    let run = run();
    let without = scenario::run(COMMANDS, false);
    assert_eq!((without.hash, without.state_hash()), (run.hash, run.state_hash()));
}

#[test]
fn commands_stored_as_bytes_and_read_back_give_the_same_state() {
    let run = run();
    let bytes = borsh::to_vec(&run.steps).expect("commands serialise");
    let steps: Vec<Step> = borsh::from_slice(&bytes).expect("what was written can be read");
    assert_eq!(steps, run.steps);
    let again = scenario::replay(steps, false);
    assert_eq!((again.hash, again.state_hash()), (run.hash, run.state_hash()));
    assert_eq!(again.refusals, run.refusals);
}

#[test]
fn a_shorter_run_is_the_beginning_of_a_longer_one() {
    let run = run();
    let short = scenario::run(200, true);
    assert_eq!(short.steps[..], run.steps[..200]);
    assert_ne!(short.hash, run.hash);
}

#[test]
fn two_venues_agree_on_every_digest() {
    let first = walked(11, true);
    assert!(first.2.0 > 150);
    assert_eq!(first, walked(11, true));
    assert_eq!(first, walked(11, false));
    assert_ne!(first.0, walked(12, true).0, "another walk has another digest");
}

#[test]
fn the_running_digest_tells_ways_apart_that_end_in_one_state() {
    let digests = |first: u64, second: u64| {
        let mut f = Fixture::standard();
        f.fund(first, 10.0);
        f.fund(second, 10.0);
        (f.venue.digest(), f.venue.state_digest())
    };
    let (one, other) = (digests(200, 201), digests(201, 200));
    assert_eq!(one.1, other.1);
    assert_ne!(one.0, other.0);
}
