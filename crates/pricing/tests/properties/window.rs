use crate::random::{Random, WINDOW, board, surface, tick};
use cenote_pricing::marks::outlook;
use cenote_pricing::math::{abs, exp, min, sqrt};
use cenote_pricing::{BoardInputs, BoardMarks, Node, Surface, mark_board};

fn marks(surface: &Surface, board: &BoardInputs) -> BoardMarks {
    let mut marks = BoardMarks::default();
    mark_board(&tick(surface), surface, board, &[95.0, 100.0, 100.5, 103.0], &mut marks);
    marks
}

#[test]
fn the_formulas_meet_where_the_window_opens() {
    let mut random = Random(31);
    for _ in 0..200 {
        let surface = surface(&mut random);
        let before = board(WINDOW);
        let inside = BoardInputs { tau: WINDOW * (1.0 - 1e-9), ..before };
        let (before, inside) = (marks(&surface, &before), marks(&surface, &inside));
        assert!(abs(before.forward - inside.forward) < 1e-8);
        assert!(abs(before.theta / inside.theta - 1.0) < 1e-8);
        for (a, b) in before.calls.iter().chain(&before.puts).zip(inside.calls.iter().chain(&inside.puts)) {
            assert!(abs(a.mark - b.mark) < 1e-7, "{} {}", a.mark, b.mark);
            assert!(abs(a.delta - b.delta) < 1e-5, "{} {}", a.delta, b.delta);
            for (a, b) in a.worlds.iter().zip(&b.worlds) {
                assert!(abs(a - b) < 1e-6);
            }
        }
    }
}

#[test]
fn the_last_instant_meets_the_settlement() {
    let mut random = Random(32);
    for _ in 0..200 {
        let surface = surface(&mut random);
        let average = random.within(90.0, 110.0);
        let at = |tau: f64| marks(&surface, &BoardInputs { tau, average, ..board(tau) });
        let (last, settled) = (at(1e-14), at(0.0));
        for (i, strike) in [95.0, 100.0, 100.5, 103.0].into_iter().enumerate() {
            let payoff = cenote_pricing::math::max(average - strike, 0.0);
            assert_eq!(settled.calls[i].mark, payoff);
            assert_eq!((settled.calls[i].delta, settled.calls[i].vega), (0.0, 0.0));
            assert_eq!(settled.calls[i].worlds, [0.0; 33]);
            // The least total variance leaves 1e-7 of deviation.
            assert!(abs(last.calls[i].mark - payoff) < 5e-6, "{} {payoff}", last.calls[i].mark);
            assert!(abs(last.calls[i].delta) < 1e-6);
        }
    }
}

#[test]
fn an_expired_board_pays_inside_its_band() {
    let surface = surface(&mut Random(33));
    for (average, settlement) in [(10.0, 20.0), (500.0, 260.0), (101.0, 101.0)] {
        let marks = marks(&surface, &BoardInputs { average, ..board(-1.0) });
        assert_eq!(marks.calls[1].mark, cenote_pricing::math::max(settlement - 100.0, 0.0));
        assert_eq!(marks.puts[1].mark, cenote_pricing::math::max(100.0 - settlement, 0.0));
    }
}

/// The variance of an average of a Brownian path, summed over a grid: before the window `tau - 2/3 W`; inside, that
/// of an average over what is left, weighed by its share.
#[test]
fn the_variance_is_that_of_an_average() {
    let node = Node { tenor: 0.1, theta: 0.025, rho: 0.0, psi: 0.0, carry: 0.0 };
    let surface = Surface::new(vec![node]);
    let tick = tick(&surface);
    let window = 0.01;
    for tau in [0.03, 0.01, 0.006, 0.001] {
        let open = min(tau, window);
        let steps = 2_000;
        // The integral of the path to expiry weighs a move at time t by the averaging still to come.
        let variance: f64 = (0..steps)
            .map(|n| (f64::from(n) + 0.5) / f64::from(steps))
            .map(|part| part * part * open / window * (open / window) * (open / f64::from(steps)))
            .sum::<f64>()
            + (tau - open);
        let board = BoardInputs { tau, window, average: 100.0, ..board(tau) };
        let theta = outlook(&tick, &surface, &board).slice.theta;
        assert!(abs(theta / (0.25 * variance) - 1.0) < 1e-6, "tau {tau}: {theta} {}", 0.25 * variance);
    }
}

#[test]
fn the_average_so_far_moves_the_forward_by_its_share() {
    let node = Node { tenor: 0.1, theta: 0.025, rho: -0.3, psi: 0.1, carry: 0.004 };
    let surface = Surface::new(vec![node]);
    let tick = tick(&surface);
    let quarter = BoardInputs { tau: 0.25 * WINDOW, average: 108.0, ..board(0.0) };
    let view = outlook(&tick, &surface, &quarter);
    let forward = 100.0 * exp(0.04 * 0.25 * WINDOW);
    assert!(abs(view.forward - (0.75 * 108.0 + 0.25 * forward)) < 1e-12);
    assert!(abs(view.spot_share - 0.25 * forward / 100.0) < 1e-15);
    assert!(abs(view.vega_years - view.slice.theta / 0.25) < 1e-18);
    assert!(
        abs(view.slice.phi() * sqrt(view.slice.theta)
            - surface.slice(quarter.tau / 3.0).phi() * sqrt(surface.slice(quarter.tau / 3.0).theta))
            < 1e-12
    );
}
