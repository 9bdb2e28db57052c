use super::*;
use cenote_pricing::{Node, Surface};

const DAY: f64 = 1.0 / 365.0;

#[test]
fn the_weekly_theta_is_that_of_the_surface() {
    let tables: [&[f64]; 5] = [&[1.0], &[30.0], &[8.0, 30.0], &[0.5, 1.5, 6.9, 7.1, 60.0], &[0.5, 1.5, 3.0]];
    for days in tables {
        let tenors: Vec<f64> = days.iter().map(|day| day * DAY).collect();
        let theta = |i: usize| 0.01 * (1.0 + i as f64).powi(2);
        let node = |(i, tenor): (usize, &f64)| Node {
            tenor: *tenor,
            theta: theta(i),
            rho: 0.0,
            psi: 0.1,
            carry: 0.0,
        };
        let surface = Surface::new(tenors.iter().enumerate().map(node).collect());
        let weighted: f64 = week_weights(&tenors).into_iter().map(|(i, weight)| weight * theta(i)).sum();
        let expected = surface.slice(WEEK).theta;
        assert!((weighted - expected).abs() < 1e-14, "{days:?}: {weighted} against {expected}");
    }
}

/// Two expiries of quotes, the later of which also feels the first through the market's variance.
fn problem(grid: &Grid) -> Problem<'_> {
    let target = |strike: f64, mid: f64| Target { k: strike.ln(), strike, mid, half_spread: 0.002 };
    let tenors = [4.0 * DAY, 40.0 * DAY];
    Problem {
        grid,
        eta: 0.5,
        variance_weights: week_weights(&tenors),
        groups: vec![
            vec![target(0.95, 0.06), target(1.0, 0.02), target(1.05, 0.004)],
            vec![target(0.8, 0.21), target(1.0, 0.07), target(1.3, 0.01)],
        ],
        start: shape::start(&[0.003, 0.03]),
    }
}

#[test]
fn the_gradient_is_that_of_the_value() {
    let grid = Grid::DEFAULT;
    let problem = problem(&grid);
    let mut system = System::new(problem.len());
    let x: Vec<f64> = problem.start.iter().enumerate().map(|(i, x)| x + 0.03 * i as f64).collect();
    for loss in
        [Loss { square: 1.0, level: 20.0, band: false }, Loss { square: 0.1, level: 20.0, band: true }]
    {
        problem.evaluate(&x, loss, &mut system);
        let exact = system.gradient.clone();
        for i in 0..x.len() {
            let mut side = |by: f64| {
                let mut moved = x.clone();
                moved[i] += by;
                problem.evaluate(&moved, loss, &mut system);
                system.value
            };
            let difference = (side(1e-5) - side(-1e-5)) / 2e-5;
            let off = (exact[i] - difference).abs();
            assert!(off < 1e-5 * (1.0 + difference.abs()), "{loss:?} {i}: {} against {difference}", exact[i]);
        }
    }
}

#[test]
fn the_matrix_is_that_of_the_squares() {
    // Small misses under the square: the Gauss-Newton matrix is the second derivative.
    let grid = Grid::DEFAULT;
    let mut problem = problem(&grid);
    let x = problem.start.clone();
    let market = Market { grid: &grid, eta: 0.5, variance: problem.variance(&x) };
    for (node, group) in problem.groups.iter_mut().enumerate() {
        let worlds = WorldSlices::new(&market, shape::slice(&x[PER_NODE * node..]));
        for target in group {
            target.mid = worlds.call(target.k, target.strike).call;
        }
    }
    let loss = Loss { square: 1.0, level: 1e6, band: false };
    let mut system = System::new(problem.len());
    problem.evaluate(&x, loss, &mut system);
    let exact = system.clone();
    for i in 0..x.len() {
        let mut side = |by: f64| {
            let mut moved = x.clone();
            moved[i] += by;
            problem.evaluate(&moved, loss, &mut system);
            system.gradient.clone()
        };
        let (up, down) = (side(1e-5), side(-1e-5));
        for j in 0..x.len() {
            let difference = (up[j] - down[j]) / 2e-5;
            let value = *exact.clone().at(i, j);
            assert!(
                (value - difference).abs() < 1e-3 * (1.0 + difference.abs()),
                "{i} {j}: {value} {difference}"
            );
        }
    }
}
