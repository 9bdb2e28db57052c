use super::*;

const DAY_MS: i64 = 86_400_000;
const SNAPSHOT_MS: i64 = 1_767_225_600_000;
const DAYS: [f64; 6] = [1.3, 3.0, 8.0, 20.0, 60.0, 150.0];

/// A surface that obeys every condition with room to spare.
fn truth() -> Vec<Slice> {
    let slice = |(i, days): (usize, &f64)| {
        let theta = (0.5 + 0.1 / (1.0 + days)) * (0.5 + 0.1 / (1.0 + days)) * days / 365.0;
        Slice { theta, rho: -0.35 + 0.04 * i as f64, psi: 0.8 * sqrt(theta) }
    };
    DAYS.iter().enumerate().map(slice).collect()
}

/// Quotes of half-spread `half` around the marks of `truth`, calls and puts at strikes out to 1.6 standard deviations.
fn synthetic(half: f64) -> Chain {
    let slices = truth();
    let tenors: Vec<f64> = DAYS.iter().map(|days| (days * 86_400.0 - 1200.0) / 31_536_000.0).collect();
    let weekly: f64 = week_weights(&tenors).into_iter().map(|(i, weight)| weight * slices[i].theta).sum();
    let market = Market { grid: &Grid::DEFAULT, eta: 0.5, variance: weekly };
    let expiry = |(i, days): (usize, &f64)| {
        let worlds = WorldSlices::new(&market, slices[i]);
        let carry = 0.05 * days / 365.0;
        let mut quotes = Vec::new();
        for step in -8..=8 {
            let k = 0.2 * f64::from(step) * sqrt(slices[i].theta);
            let call = worlds.call(k, exp(k)).call;
            for (right, mid) in [(Right::Call, call), (Right::Put, call - 1.0 + exp(k))] {
                let (bid, ask) = (mid - half, mid + half);
                let delta = if right == Right::Call { 0.5 } else { -0.5 };
                quotes.push(Quote { right, log_moneyness: k, bid, ask, delta });
            }
        }
        let expiry_ms = SNAPSHOT_MS + (days * DAY_MS as f64) as i64;
        ChainExpiry { expiry_ms, forward: 100.0 * exp(carry), carry, quotes }
    };
    Chain {
        currency: "BTC".into(),
        snapshot_ms: SNAPSHOT_MS,
        index: 100.0,
        expiries: DAYS.iter().enumerate().map(expiry).collect(),
        dropped: Dropped::default(),
    }
}

fn close(fitted: &Calibration, tolerance: f64) {
    for (e, slice) in fitted.expiries.iter().zip(truth()) {
        let off = [e.slice.theta / slice.theta - 1.0, e.slice.rho - slice.rho, e.slice.psi / slice.psi - 1.0];
        assert!(off.iter().all(|off| off.abs() < tolerance), "{:?} against {slice:?}", e.slice);
    }
}

#[test]
fn finds_the_surface_that_made_the_quotes() {
    for aim in [Aim::Middle, Aim::Inside] {
        let fitted = fit(&synthetic(1e-5), &FitOptions { aim, ..FitOptions::default() }).unwrap();
        assert!(fitted.converged);
        close(&fitted, 2e-3);
        assert_eq!(fitted.totals.inside, fitted.totals.quotes);
        assert_eq!(fitted.totals.quotes, 6 * 34);
        assert!(fitted.totals.rmse_vol_points < 0.01);
        assert_eq!(fitted.surface.surface().check(Grid::DEFAULT.g_max()), Ok(()));
    }
}

#[test]
fn quotes_far_off_do_not_bend_it() {
    let mut chain = synthetic(1e-4);
    for expiry in &mut chain.expiries {
        for quote in expiry.quotes.iter_mut().step_by(7) {
            (quote.bid, quote.ask) = (quote.bid + 0.02, quote.ask + 0.02);
        }
    }
    let fitted = fit(&chain, &FitOptions::default()).unwrap();
    close(&fitted, 0.02);
    assert_eq!(fitted.totals.quotes - fitted.totals.inside, 6 * 5);
}

#[test]
fn a_chain_with_calendar_arbitrage_gives_a_surface_without() {
    // The third expiry's options at half their price: dearer before and after.
    let mut chain = synthetic(1e-4);
    for quote in &mut chain.expiries[2].quotes {
        let intrinsic = match quote.right {
            Right::Call => max(1.0 - exp(quote.log_moneyness), 0.0),
            Right::Put => max(exp(quote.log_moneyness) - 1.0, 0.0),
        };
        (quote.bid, quote.ask) = (0.5 * (quote.bid + intrinsic) - 1e-5, 0.5 * (quote.ask + intrinsic) + 1e-5);
    }
    let fitted = fit(&chain, &FitOptions::default()).unwrap();
    assert!(fitted.totals.inside < fitted.totals.quotes);
    let surface = fitted.surface.surface();
    assert_eq!(surface.check(Grid::DEFAULT.g_max()), Ok(()));
    assert!(surface.nodes().windows(2).all(|pair| pair[1].theta > pair[0].theta));
}

#[test]
fn carry_is_a_line_to_the_first_node_of_a_week() {
    let mut chain = synthetic(1e-4);
    // Noise of a snapshot polled over seconds.
    chain.expiries[0].carry = 0.003;
    chain.expiries[1].carry = -0.002;
    let fitted = fit(&chain, &FitOptions::default()).unwrap();
    let nodes = fitted.surface.surface().nodes().to_vec();
    let basis = 0.05 * 8.0 / 365.0;
    for (i, node) in nodes.iter().enumerate() {
        let expected = if i < 3 { basis * node.tenor / nodes[2].tenor } else { chain.expiries[i].carry };
        assert!((node.carry - expected).abs() < 1e-12, "{i}: {} against {expected}", node.carry);
    }
    chain.expiries.truncate(2);
    let short = fit(&chain, &FitOptions::default()).unwrap();
    assert!(short.surface.nodes.iter().all(|node| node.carry_e12 == 0));
}

#[test]
fn a_forward_too_far_from_the_index_is_refused() {
    let mut chain = synthetic(1e-4);
    chain.expiries[4].carry = 0.2;
    let error = fit(&chain, &FitOptions::default()).unwrap_err();
    assert!(matches!(error, FitError::Refused { fault: SurfaceFault::Carry { node: 4, .. } }), "{error}");
}

#[test]
fn the_expiry_with_the_nearest_neighbours_gives_way() {
    let chain = synthetic(1e-5);
    let fitted = fit(&chain, &FitOptions { nodes_max: 5, ..FitOptions::default() }).unwrap();
    // ln(T after / T before): 1.82, 1.91, 2.03, 2.02 for the four between first and last.
    let nodes: Vec<bool> = fitted.expiries.iter().map(|e| e.node).collect();
    assert_eq!(nodes, [true, false, true, true, true, true]);
    assert_eq!(fitted.expiries[1].quotes, 34, "judged all the same");
    assert_eq!(fitted.surface.nodes.len(), 5);
    let one = fit(&chain, &FitOptions { nodes_max: 1, ..FitOptions::default() }).unwrap();
    assert_eq!(one.surface.nodes.len(), 1);
    assert!(one.expiries[0].node);
}

#[test]
fn expiries_that_price_no_board_give_way_first() {
    let mut chain = synthetic(1e-5);
    for (expiry, days) in chain.expiries.iter_mut().zip([6, 7, 8, 120, 200, 300]) {
        expiry.expiry_ms = SNAPSHOT_MS + days * DAY_MS;
    }
    let fitted = fit(&chain, &FitOptions { nodes_max: 5, ..FitOptions::default() }).unwrap();
    let nodes: Vec<bool> = fitted.expiries.iter().map(|e| e.node).collect();
    assert_eq!(nodes, [true, true, true, true, false, true]);
}

#[test]
fn expiries_with_few_quotes_or_little_time_are_no_nodes() {
    let mut chain = synthetic(1e-5);
    chain.expiries[3].quotes.truncate(4);
    chain.expiries[0].expiry_ms = SNAPSHOT_MS + 3_599_999;
    let fitted = fit(&chain, &FitOptions::default()).unwrap();
    assert_eq!(fitted.too_near, 1);
    let nodes: Vec<(bool, usize)> = fitted.expiries.iter().map(|e| (e.node, e.quotes)).collect();
    assert_eq!(nodes, [(true, 34), (true, 34), (false, 4), (true, 34), (true, 34)]);
}

#[test]
fn without_enough_quotes_there_is_no_surface() {
    let mut chain = synthetic(1e-5);
    for expiry in &mut chain.expiries {
        expiry.quotes.iter_mut().skip(3).for_each(|quote| quote.delta = 0.99);
    }
    let error = fit(&chain, &FitOptions::default()).unwrap_err();
    assert_eq!(error, FitError::TooFewQuotes { needed: 5, most: 3, delta_range: (0.05, 0.95) });
    assert!(
        error.to_string().contains("needs 5 two-sided quotes with |delta| from 0.05 to 0.95, the best has 3")
    );
}

#[test]
fn options_outside_their_range_are_named() {
    let base = FitOptions::default();
    let table = [
        (FitOptions { eta: 0.8, ..base.clone() }, "eta"),
        (FitOptions { horizon: 1.0, ..base.clone() }, "horizon"),
        (FitOptions { delta_range: (0.5, 0.5), ..base.clone() }, "delta_range"),
        (FitOptions { settlement_window_s: 86_401, ..base.clone() }, "settlement_window_s"),
        (FitOptions { time_min_s: 1800, ..base.clone() }, "time_min_s"),
        (FitOptions { nodes_max: 0, ..base.clone() }, "nodes_max"),
        (FitOptions { quotes_min: 0, ..base }, "quotes_min"),
    ];
    for (options, field) in table {
        let error = fit(&synthetic(1e-4), &options).unwrap_err();
        assert!(matches!(error, FitError::Options { field: named, .. } if named == field), "{error}");
    }
}

#[test]
fn absurd_quotes_give_a_sound_surface_or_an_error() {
    for factor in [1e-9, 1e-3, 3.0, 1e3, 1e12] {
        let mut chain = synthetic(1e-4);
        for quote in chain.expiries.iter_mut().flat_map(|expiry| &mut expiry.quotes) {
            (quote.bid, quote.ask) = (quote.bid.abs() * factor + 1e-15, quote.ask.abs() * factor + 2e-15);
        }
        if let Ok(fitted) = fit(&chain, &FitOptions::default()) {
            assert_eq!(fitted.surface.surface().check(Grid::DEFAULT.g_max()), Ok(()));
            assert!(fitted.totals.rmse_vol_points.is_finite());
        }
    }
}
