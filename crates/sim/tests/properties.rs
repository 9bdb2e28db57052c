//! What must hold of the mechanism on random states and books, whoever trades what.
//! Every random choice comes from a seed that a failure prints.
#![allow(clippy::disallowed_methods)] // The larger of two measured numbers is the same whichever zero it is.

mod support;

use cenote_sim::fixture::{Fixture, Setup};
use cenote_sim::rng::Rng;
use support::{books, leak, liquidity, prices, walk};

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
    let done: usize =
        (0..24).map(|seed| prices::loops(seed, 12).unwrap_or_else(|what| panic!("{what}"))).sum();
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

#[test]
fn a_call_is_no_dearer_than_its_forward_and_put() {
    let mut f = support::lab::quick(&support::lab::roomy());
    let market = support::lab::M0;
    let board = f.boards(market)[0];
    for _ in 0..8 {
        let spot = f.spots[0] * 1.008;
        f.move_to(market, spot).expect("a tick");
    }
    let (strike, saved) = prices::synthetic(&f, board).expect("a strike");
    println!("at {strike} forward and put cost {saved} units a contract less than the call");
    assert!(saved <= 0, "buying forward and put at {strike} saves {saved} units a contract");
}

#[test]
fn random_commands_break_no_invariant() {
    for (seed, setup) in [(1, Setup::default()), (2, support::lab::roomy()), (3, support::lab::roomy_pair())]
    {
        let mut f = Fixture::new(&setup);
        let walked = walk::walk(&mut f, &mut Rng::new(seed, 8), 3_000);
        let kinds = walked.kinds.count_ones();
        println!(
            "seed {seed}: {} accepted, {} refused, {kinds} of 24 kinds",
            walked.accepted, walked.refused
        );
        assert!(walked.accepted > 1_200 && kinds >= 20, "seed {seed}: {walked:?}");
    }
}

#[test]
fn settlement_is_exact_in_any_order() {
    for seed in 0..24 {
        books::settle_in_any_order(seed, 4).unwrap_or_else(|what| panic!("{what}"));
    }
}

#[test]
fn no_loop_through_liquidity_earns_anything() {
    let (mut best, mut worst, mut done) = (f64::MIN, f64::MAX, 0);
    for book in 0..6 {
        let base = liquidity::base(book);
        for n in 0..250 {
            let seed = 250 * book + n;
            let found = liquidity::random_loop(&base, seed);
            if found.profit != 0.0 {
                (best, worst, done) = (best.max(found.profit), worst.min(found.others), done + 1);
            }
            assert!(found.profit <= 0.05, "book {book} loop {seed} earns {found:?}");
            assert!(found.others >= -1e-8, "book {book} loop {seed} costs the others {found:?}");
        }
    }
    println!("the best of {done} loops earns {best:.6}; a bystander's share changes by at least {worst:.3e}");
    assert!(done > 1_000, "only {done} loops did anything");
}

#[test]
fn straddles_opened_and_closed_across_ticks_earn_at_most_fifteen_basis_points() {
    // Limits of vega and use lifted: at the defaults no more than a quarter of this fits.
    let mut open = Setup::default();
    open.pool.vega_max = cenote_units::Ratio::ppm(20_000);
    open.markets[0].delta_step_max = cenote_units::Ratio::ppm(1_000_000);
    open.pool.utilisation_max = cenote_units::Ratio::ppm(1_000_000);
    let cases = [
        ("at the default limits", Setup::default(), 100.0, 0.0),
        ("all limits open", open.clone(), 100.0, 0.0),
        ("sold to the pool", open.clone(), -100.0, 0.0),
        ("beside 60 of others", open, 30.0, 60.0),
    ];
    for (name, setup, size, others) in cases {
        let leak = leak::straddles(&setup, size, others, 160, 11);
        let best = leak.best();
        println!(
            "{name}: {:.1} straddles, best plan {:.2} +- {:.2} bp of NAV; by day {:?}",
            leak.straddles,
            best.mean,
            1.96 * best.error,
            leak.fixed.iter().map(|m| (m.mean * 10.0).round() / 10.0).collect::<Vec<_>>()
        );
        assert!(best.mean + 1.96 * best.error <= 15.0, "{name}: {leak:?}");
    }
}

#[test]
fn marks_inside_the_averaging_window_are_what_options_pay() {
    let ratio = leak::window_mark(4_000, 3);
    println!("mark over mean payoff {ratio:.3}");
    assert!((0.93..1.07).contains(&ratio), "a mark of {ratio} of what is paid");
}

#[test]
fn a_trade_of_skew_pays_for_it() {
    let share = prices::skew_spread();
    println!("a vega-neutral risk reversal pays {share:.3} of its legs' spreads");
    assert!(share > 0.4, "{share}");
}

#[test]
fn cutting_an_order_at_its_fee_cap_saves_nothing() {
    let saved = prices::capped_fee_split();
    println!("ten pieces save {saved} units");
    assert!(saved <= 0, "ten pieces save {saved} units");
}
