use crate::table::{Exact, Row, Worst, rows};
use cenote_pricing::{BoardInputs, BoardMarks, Grid, Node, Surface, TickInputs, WORLDS, mark_board};

/// The price, its sensitivities and its risk vector.
fn instrument(row: &mut Row<'_>) -> ([Exact; 3], [Exact; WORLDS]) {
    (std::array::from_fn(|_| row.exact()), std::array::from_fn(|_| row.exact()))
}

/// Ten boards on three surfaces, from 250 days to half a second before expiry, inside and outside the averaging
/// window; prices and risk vectors in units of the spot price.
#[test]
fn boards_of_mixture_marks() {
    let mut forward = Worst::of("forward / S");
    let mut theta = Worst::of("theta, relative");
    let mut mark = Worst::of("mark / S");
    let mut world = Worst::of("risk vector / S");
    let mut delta = Worst::of("delta sqrt(theta)");
    let mut vega = Worst::of("vega sqrt(theta / T) / S");
    let mut rows = rows(include_str!("marks.csv"));
    while let Some(mut row) = rows.next() {
        let [spot, horizon, eta, tau, window, average, floor, cap] = row.numbers();
        let (node_count, strike_count) = (row.count(), row.count());
        let node = |mut row: Row<'_>| {
            let [tenor, theta, rho, psi, carry] = row.numbers();
            Node { tenor, theta, rho, psi, carry }
        };
        let surface = Surface::new(rows.by_ref().take(node_count).map(node).collect());
        surface.check(Grid::DEFAULT.g_max()).expect("an admissible surface");
        let mut head = rows.next().expect("forward and theta");
        let expected: Vec<Row<'_>> = rows.by_ref().take(2 * strike_count).collect();
        let mut expected: Vec<_> = expected
            .into_iter()
            .map(|mut row| (row.number(), row.count() == 1, instrument(&mut row)))
            .collect();
        expected.sort_by_key(|(_, put, _)| *put);
        let strikes: Vec<f64> = expected[..strike_count].iter().map(|(strike, ..)| *strike).collect();
        let sigma_ref = surface.sigma_ref();
        let tick = TickInputs { spot, sigma_ref, horizon, eta, grid: &Grid::DEFAULT };
        let mut marks = BoardMarks::default();
        let board = BoardInputs { tau, window, average, floor, cap };
        mark_board(&tick, &surface, &board, &strikes, &mut marks);

        forward.note(head.exact().error(marks.forward) / spot, &tau);
        theta.note(head.exact().relative(marks.theta), &tau);
        let years = if tau < window { tau / 3.0 } else { tau };
        for (got, (strike, put, (values, vector))) in marks.calls.iter().chain(&marks.puts).zip(expected) {
            let at = (tau, strike, put);
            mark.note(values[0].error(got.mark) / spot, &at);
            // An ulp of the forward moves the standardised distance by this much more.
            let deviation = cenote_pricing::math::sqrt(marks.theta);
            delta.note(values[1].error(got.delta) * deviation, &at);
            vega.note(
                values[2].error(got.vega) * deviation / (spot * cenote_pricing::math::sqrt(years)),
                &at,
            );
            for (got, exact) in got.worlds.iter().zip(vector) {
                world.note(exact.error(*got) / spot, &at);
            }
        }
    }
    forward.below(4e-16);
    theta.below(8e-16);
    mark.below(6e-16);
    world.below(1.2e-15);
    delta.below(3e-16);
    vega.below(3e-16);
}
