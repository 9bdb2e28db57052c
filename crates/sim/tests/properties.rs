//! What must hold of the mechanism on random states and books, whoever trades what.
//! Every random choice comes from a seed that a failure prints.

mod support;

use support::prices;

#[test]
fn any_split_between_two_ticks_costs_the_same_and_never_saves() {
    let (mut done, mut worst) = (0, 0.0f64);
    for seed in 0..24 {
        let (n, apart) = prices::splits(seed, 16).unwrap_or_else(|what| panic!("{what}"));
        (done, worst) = (done + n, worst.max(apart));
    }
    println!("{done} splits, at most {worst:.3} of the allowed difference");
    assert!(done > 150, "only {done} splits filled");
}

#[test]
fn no_round_trip_at_a_tick_earns_anything() {
    let done: usize = (0..24).map(|seed| prices::loops(seed, 12).unwrap_or_else(|what| panic!("{what}"))).sum();
    println!("{done} loops");
    assert!(done > 100, "only {done} loops filled");
}

#[test]
fn cost_is_convex_in_the_trade() {
    for seed in 0..16 {
        let worst = prices::convexity(seed, 24).unwrap_or_else(|what| panic!("{what}"));
        println!("seed {seed}: bends by {worst} units at least");
    }
}

#[test]
fn no_payoff_that_is_never_negative_costs_less_than_nothing() {
    let mut least = f64::MAX;
    for seed in 0..24 {
        least = least.min(prices::arbitrage(seed, 60).unwrap_or_else(|what| panic!("{what}")));
    }
    println!("the cheapest cost {least} units before charges");
}

#[test]
fn calendars_between_boards_of_common_moves_cost_at_least_nothing() {
    let (mut done, mut least) = (0, f64::MAX);
    for seed in 0..8 {
        let (n, cheapest) = prices::calendars(seed, 60).unwrap_or_else(|what| panic!("{what}"));
        (done, least) = (done + n, least.min(cheapest));
    }
    println!("{done} calendars, the cheapest {least} units");
    assert!(done > 50, "only {done} calendars priced");
}

#[test]
fn refunds_are_bounded_by_charges_and_potentials() {
    for seed in 0..32 {
        let left = prices::refunds(seed).unwrap_or_else(|what| panic!("{what}"));
        assert!(left >= -1.0, "seed {seed}");
    }
}
