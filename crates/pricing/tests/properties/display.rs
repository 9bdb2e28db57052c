use crate::random::{board, tick};
use cenote_pricing::math::{abs, sqrt};
use cenote_pricing::{BoardMarks, Grid, Node, Surface, TickInputs, black, display_greeks, mark_board};

/// Without a mixture the sensitivities by re-marking are Black's.
#[test]
fn without_worlds_they_are_those_of_black() {
    let grid = Grid::with_vol_of_vol(0.0);
    let surface = Surface::new(vec![Node { tenor: 0.25, theta: 0.09, rho: 0.0, psi: 0.0, carry: 0.0 }]);
    let tick = TickInputs { eta: 1e-18, grid: &grid, ..tick(&surface) };
    let board = cenote_pricing::BoardInputs { floor: 1.0, cap: 1e5, ..board(0.1) };
    let strikes = [80.0, 100.0, 125.0];
    let years = 0.1 - board.window * (2.0 / 3.0);
    for (strike, [call, put]) in strikes.iter().zip(display_greeks(&tick, &surface, &board, &strikes)) {
        let exact = black::greeks(100.0, *strike, 0.36 * years);
        assert!(abs(call.delta - exact.delta) < 2e-3 && abs(put.delta - exact.delta + 1.0) < 2e-3);
        assert!(abs(call.gamma / exact.gamma - 1.0) < 0.01, "{} {}", call.gamma, exact.gamma);
        assert!(abs(call.vega - 0.01 * exact.vega * sqrt(years)) < 1e-3, "{} {}", call.vega, exact.vega);
        let theta = -exact.vega * 0.6 / (2.0 * sqrt(years)) / 365.0;
        assert!(abs(call.theta / theta - 1.0) < 0.01, "{} {theta}", call.theta);
        assert!(abs(call.theta - put.theta) < 1e-9 && abs(call.gamma - put.gamma) < 1e-6);
    }
}

/// They predict what a re-marking after a small move gives.
#[test]
fn they_predict_the_next_mark() {
    let node = |days: f64, theta, psi| Node { tenor: days / 365.0, theta, rho: -0.2, psi, carry: 0.0 };
    let surface = Surface::new(vec![node(7.0, 0.005, 0.06), node(30.0, 0.021, 0.12)]);
    let tick = tick(&surface);
    let strikes = [90.0, 100.0, 108.0];
    let mark = |spot: f64| {
        let mut marks = BoardMarks::default();
        mark_board(&TickInputs { spot, ..tick }, &surface, &board(20.0 / 365.0), &strikes, &mut marks);
        marks
    };
    let (now, moved) = (mark(100.0), mark(100.4));
    for (i, greeks) in display_greeks(&tick, &surface, &board(20.0 / 365.0), &strikes).into_iter().enumerate()
    {
        for (greek, change) in greeks
            .iter()
            .zip([moved.calls[i].mark - now.calls[i].mark, moved.puts[i].mark - now.puts[i].mark])
        {
            let predicted = 0.4 * greek.delta + 0.08 * greek.gamma;
            assert!(abs(predicted - change) < 2e-4, "{predicted} {change}");
        }
    }
    assert_eq!(display_greeks(&tick, &surface, &board(0.0), &strikes)[1][0], Default::default());
}
