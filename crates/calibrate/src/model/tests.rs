use super::*;
use cenote_pricing::surface::WEEK;
use cenote_pricing::{BoardInputs, BoardMarks, Node, Surface, TickInputs, mark_board};

/// A market and slices short and long of it, calm and wild, without and with skew.
fn cases() -> Vec<(f64, Slice)> {
    let mut cases = Vec::new();
    for vol in [0.2, 0.6, 1.5] {
        for days in [0.2, 2.0, 13.9, 14.1, 60.0, 365.0] {
            for rho in [-0.9, -0.3, 0.0, 0.6] {
                let theta = vol * vol * days / 365.0;
                cases.push((vol * vol * WEEK, Slice { theta, rho, psi: 0.8 * theta.sqrt() }));
            }
        }
    }
    cases
}

const STRIKES: [f64; 7] = [0.3, 0.8, 0.97, 1.0, 1.04, 1.3, 3.0];

#[test]
fn a_call_less_the_call_at_the_cap_is_the_mark_of_a_board() {
    let grid = Grid::DEFAULT;
    let mut marks = BoardMarks::default();
    for (variance, slice) in cases() {
        let tau = 0.1;
        let node = Node { tenor: tau, theta: slice.theta, rho: slice.rho, psi: slice.psi, carry: 0.01 };
        let surface = Surface::new(vec![node]);
        let (spot, forward) = (50.0, surface.forward(50.0, tau));
        let sigma_ref = (variance / WEEK).sqrt();
        let tick = TickInputs { spot, sigma_ref, horizon: WEEK, eta: 0.5, grid: &grid };
        let board = BoardInputs { tau, window: 0.0, average: spot, floor: 1.0, cap: 20.0 * forward };
        let strikes = STRIKES.map(|strike| strike * forward);
        mark_board(&tick, &surface, &board, &strikes, &mut marks);
        let worlds = WorldSlices::new(&Market { grid: &grid, eta: 0.5, variance }, slice);
        for (i, strike) in STRIKES.into_iter().enumerate() {
            let call =
                (worlds.call(strike.ln(), strike).call - worlds.call(20_f64.ln(), 20.0).call) * forward;
            let off = (call - marks.calls[i].mark).abs();
            assert!(
                off < 1e-12 * forward,
                "{slice:?} strike {strike}: {call} against {}",
                marks.calls[i].mark
            );
        }
    }
}

#[test]
fn derivatives_are_those_of_the_price() {
    let grid = Grid::DEFAULT;
    for (variance, slice) in cases() {
        let price = |d: [f64; 4], k: f64| {
            let slice = Slice { theta: slice.theta + d[0], rho: slice.rho + d[1], psi: slice.psi + d[2] };
            let market = Market { grid: &grid, eta: 0.5, variance: variance + d[3] };
            WorldSlices::new(&market, slice).call(k, k.exp()).call
        };
        let worlds = WorldSlices::new(&Market { grid: &grid, eta: 0.5, variance }, slice);
        for strike in STRIKES {
            let k = strike.ln();
            let exact = worlds.call(k, strike).parts;
            let steps = [1e-4 * slice.theta, 1e-4, 1e-4 * slice.psi, 1e-4 * variance];
            for i in 0..4 {
                let side = |by: f64| {
                    let mut d = [0.0; 4];
                    d[i] = by * steps[i];
                    price(d, k)
                };
                let difference = (side(1.0) - side(-1.0)) / (2.0 * steps[i]);
                let off = (exact[i] - difference).abs() * steps[i];
                assert!(off < 1e-11, "{slice:?} strike {strike} part {i}: {} against {difference}", exact[i]);
            }
        }
    }
}
