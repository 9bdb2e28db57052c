//! Times the kernels: `cargo run --release -p cenote-pricing --example speed`. Each number is the best of many
//! short runs, so that a busy machine shows less.

// A stopwatch, outside anything that must give the same bits twice.
#![allow(clippy::disallowed_types)]

use cenote_pricing::{
    BoardInputs, BoardMarks, Grid, Node, Potential, Surface, TickInputs, black, implied, mark_board, math,
};
use std::hint::black_box;
use std::time::Instant;

fn best(runs: usize, mut work: impl FnMut()) -> f64 {
    let mut least = f64::INFINITY;
    for _ in 0..runs {
        let start = Instant::now();
        work();
        least = math::min(least, start.elapsed().as_secs_f64());
    }
    least
}

fn surface() -> Surface {
    let node = |days: f64, psi| Node {
        tenor: days / 365.0,
        theta: 0.25 * days / 365.0,
        rho: -0.1,
        psi,
        carry: 0.1 * days / 365.0,
    };
    Surface::new(vec![node(1.0, 0.02), node(7.0, 0.05), node(30.0, 0.09), node(90.0, 0.15)])
}

fn main() {
    const COUNT: usize = 4096;
    let forwards: Vec<f64> = (0..COUNT).map(|i| 80.0 + 0.01 * i as f64).collect();
    let variances: Vec<f64> = (0..COUNT).map(|i| 0.01 + 1e-5 * i as f64).collect();
    let strikes = vec![100.0; COUNT];
    let mut out = vec![0.0; COUNT];
    let seconds = best(2000, || black::price_batch(&forwards, &strikes, &variances, black_box(&mut out)));
    println!("black price, batch     {:8.2} ns", seconds / COUNT as f64 * 1e9);
    let seconds = best(300, || {
        for i in 0..COUNT {
            out[i] = black::call(forwards[i], strikes[i], variances[i]);
        }
        black_box(&mut out);
    });
    println!("black price, loop      {:8.2} ns", seconds / COUNT as f64 * 1e9);
    let seconds = best(300, || {
        for i in 0..COUNT {
            black_box(black::greeks(forwards[i], strikes[i], variances[i]));
        }
    });
    println!("black greeks, one      {:8.2} ns", seconds / COUNT as f64 * 1e9);
    let prices: Vec<f64> = (0..COUNT).map(|i| black::call(forwards[i], strikes[i], variances[i])).collect();
    let seconds = best(100, || {
        for i in 0..COUNT {
            black_box(implied::call_vol(prices[i], forwards[i], strikes[i]))
                .expect("a price of a volatility");
        }
    });
    println!("implied volatility     {:8.2} ns", seconds / COUNT as f64 * 1e9);

    let surface = surface();
    surface.check(Grid::DEFAULT.g_max()).expect("an admissible surface");
    let tick = TickInputs {
        spot: 60_000.0,
        sigma_ref: surface.sigma_ref(),
        horizon: 7.0 / 365.0,
        eta: 0.5,
        grid: &Grid::DEFAULT,
    };
    let strikes: Vec<f64> = (0..16).map(|i| 40_000.0 + 3_000.0 * f64::from(i)).collect();
    let mut marks = BoardMarks::default();
    let seconds = best(3000, || {
        for days in [1.0, 2.0, 7.0, 14.0, 30.0, 45.0, 60.0, 90.0] {
            let board = BoardInputs {
                tau: days / 365.0,
                window: 0.5 / 8760.0,
                average: 60_000.0,
                floor: 20_000.0,
                cap: 150_000.0,
            };
            mark_board(&tick, &surface, &board, &strikes, black_box(&mut marks));
        }
    });
    println!("8 boards x 16 strikes  {:8.2} us", seconds * 1e6);

    let potential = Potential { weights: Grid::DEFAULT.weights(), b: 1e6, comovement: 0.8 };
    let loads = [marks.calls[3].worlds.map(|l| -200.0 * l), marks.puts[9].worlds.map(|l| 150.0 * l)];
    let change = marks.calls[8].worlds.map(|l| 0.5 * l);
    let seconds = best(3000, || {
        black_box(potential.d_phi(black_box(&loads[..1]), 0, &change));
    });
    println!("d_phi, one market      {:8.2} us", seconds * 1e6);
    let seconds = best(3000, || {
        black_box(potential.d_phi(black_box(&loads), 1, &change));
    });
    println!("d_phi, two markets     {:8.2} us", seconds * 1e6);
}
