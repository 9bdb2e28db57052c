use super::*;
use crate::worlds::Grid;

const STEP: u64 = SAMPLE_MS;

fn walk(vol: f64, count: u64) -> RealisedVol {
    let rules = RealisedRules::DEFAULT;
    let mut estimator = RealisedVol::new(0.5);
    let step = vol * sqrt(300.0 / 31_536_000.0);
    let mut price = 100.0;
    for n in 0..count {
        assert_ne!(estimator.observe(&rules, 1_000 + n * STEP, price), Sampling::Waiting);
        price *= if n % 2 == 0 { exp(step) } else { exp(-step) };
    }
    estimator
}

#[test]
fn a_steady_walk_is_measured_exactly() {
    let estimator = walk(0.8, 288 * 40);
    assert!((sqrt(estimator.fast) - 0.8).abs() < 1e-9, "{}", sqrt(estimator.fast));
    assert!(sqrt(estimator.slow) > 0.5 && sqrt(estimator.slow) < 0.8);
}

#[test]
fn one_print_moves_the_fast_volatility_by_less_than_two_per_cent() {
    let rules = RealisedRules::DEFAULT;
    for jump in [0.01, 0.5, 1.5, 10.0] {
        let mut estimator = walk(0.6, 288 * 10);
        let before = sqrt(estimator.fast);
        let at = estimator.sampled_at_ms + STEP;
        estimator.observe(&rules, at, estimator.sampled_price * jump);
        let moved = sqrt(estimator.fast) / before - 1.0;
        assert!((0.0175..0.0182).contains(&moved), "a jump to {jump} moved it by {moved}");
    }
}

#[test]
fn samples_come_no_faster_and_no_slower_than_five_minutes() {
    let rules = RealisedRules::DEFAULT;
    let mut estimator = RealisedVol::new(0.5);
    assert_eq!(estimator.observe(&rules, 7, 100.0), Sampling::Restarted);
    assert_eq!(estimator.observe(&rules, 7 + STEP - 1, 200.0), Sampling::Waiting);
    assert_eq!(estimator.observe(&rules, 3, 200.0), Sampling::Waiting);
    assert_eq!(estimator.observe(&rules, 7 + STEP, 100.0), Sampling::Learned);
    let before = estimator.fast;
    assert_eq!(estimator.observe(&rules, 7 + 3 * STEP, 200.0), Sampling::Restarted);
    assert_eq!((estimator.fast, estimator.sampled_price), (before, 200.0));
    assert_eq!(estimator.observe(&rules, 6 + 5 * STEP, 200.0), Sampling::Learned);
    assert_eq!(estimator.samples, 2);
}

#[test]
fn a_frozen_price_can_be_left_again() {
    let mut estimator = walk(0.0, 288 * 60);
    assert_eq!(sqrt(estimator.fast), MIN_VOL);
    let rules = RealisedRules::DEFAULT;
    for n in 0..288u32 {
        let price = if n % 2 == 0 { 101.0 } else { 100.0 };
        let at = estimator.sampled_at_ms + STEP;
        estimator.observe(&rules, at, price);
    }
    assert!(sqrt(estimator.fast) > 0.1, "{}", sqrt(estimator.fast));
}

#[test]
fn the_term_structure_goes_from_fast_to_slow() {
    let rules = RealisedRules { premium: 1.0, ..RealisedRules::DEFAULT };
    for (fast, slow) in [(4.0, 0.09), (0.0025, 9.0), (0.25, 0.25)] {
        let estimator = RealisedVol { fast, slow, ..RealisedVol::new(0.5) };
        let variance = |years: f64| estimator.theta(&rules, years) / years;
        assert!((variance(1e-8) / fast - 1.0).abs() < 0.001);
        // What is left of the difference after `n` half-lives, averaged: 1 / (n ln 2).
        let left = 1.0 / (10.0 * 365.0 / rules.reversion_days * LN_2);
        assert!((variance(10.0) - slow - (fast - slow) * left).abs() < 1e-12 * (fast + slow));
    }
}

#[test]
fn every_surface_is_admissible_even_after_rounding() {
    let tenors = [1.0, 2.0, 4.0, 7.0, 14.0, 30.0, 60.0, 90.0, 180.0, 365.0, 1000.0].map(|days| days / 365.0);
    let round = |x: f64, unit: f64| (x / unit + 0.5) as i64 as f64 * unit;
    for fast in [0.0025, 0.04, 0.5, 4.0, 16.0] {
        for slow in [0.0025, 0.04, 0.5, 4.0, 16.0] {
            for (rho, slope, premium) in
                [(-0.33, 0.8, 1.2), (0.9, 1.0, 1.5), (-2.0, 7.0, 1.0), (0.0, 0.0, 1.25)]
            {
                let rules = RealisedRules { rho, slope, premium, ..RealisedRules::DEFAULT };
                let estimator = RealisedVol { fast, slow, ..RealisedVol::new(0.5) };
                for a in [0.0, 0.4, 0.6] {
                    let g_max = Grid::with_vol_of_vol(a).g_max();
                    let surface = estimator.surface(&rules, &tenors, g_max);
                    surface.check(g_max).expect("admissible");
                    let rounded = surface.nodes().iter().map(|node| Node {
                        theta: round(node.theta, 1e-12),
                        psi: round(node.psi, 1e-12),
                        rho: round(node.rho + 2.0, 1e-9) - 2.0,
                        ..*node
                    });
                    Surface::new(rounded.collect()).check(g_max).expect("admissible after rounding");
                }
            }
        }
    }
}
