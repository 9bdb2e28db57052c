//! The pricing kernels on anything inside their domains.

use super::Bytes;
use cenote_pricing::math::{exp, ln, norm_cdf};
use cenote_pricing::{
    BoardInputs, BoardMarks, Grid, Lock, Node, Potential, Rent, Surface, TickInputs, WORLDS,
};
use cenote_pricing::{black, implied, mark_board};

/// Prices within their bounds, greeks that are numbers, marks that are not negative.
pub fn kernels(data: &[u8]) {
    let mut bytes = Bytes(data);
    while !bytes.is_empty() {
        match bytes.below(4) {
            0 => options(&mut bytes),
            1 => boards(&mut bytes),
            2 => potentials(&mut bytes),
            _ => rents(&mut bytes),
        }
    }
}

fn options(bytes: &mut Bytes<'_>) {
    let (forward, strike) = (bytes.scale(1e-9, 1e12), bytes.scale(1e-9, 1e12));
    let w = if bytes.byte() == 0 { 0.0 } else { bytes.scale(1e-14, 1e3) };
    let (call, put) = (black::call(forward, strike, w), black::put(forward, strike, w));
    // Prices are right to 4.6e-16 of the larger of forward and strike.
    let slack = 5e-16 * if forward > strike { forward } else { strike };
    assert!(call >= 0.0 && call <= forward + slack, "a call of {call} on {forward}, {strike}, {w}");
    assert!(put >= 0.0 && put <= strike + slack, "a put of {put} on {forward}, {strike}, {w}");
    let g = black::greeks(forward, strike, w);
    let all = [g.call, g.put, g.delta, g.gamma, g.vega, g.dual_delta, g.vanna, g.volga];
    assert!(all.iter().all(|x| x.is_finite()), "{g:?} on {forward}, {strike}, {w}");
    for vol in [implied::call_vol(call, forward, strike), implied::put_vol(put, forward, strike)] {
        assert!(
            vol.is_err() || vol.is_ok_and(|v| v.is_finite() && v >= 0.0),
            "{vol:?} of {forward}, {strike}, {w}"
        );
    }
    let x = bytes.between(-60.0, 60.0);
    assert!((0.0..=1.0).contains(&norm_cdf(x)) && exp(x) > 0.0 && ln(exp(x)).is_finite());
}

/// A surface of one to four nodes, and if it is free of arbitrage a board marked on it.
fn boards(bytes: &mut Bytes<'_>) {
    let grid = Grid::with_vol_of_vol(bytes.between(0.0, 0.6));
    let vol = bytes.scale(0.05, 5.0);
    let mut tenor = 0.0;
    let count = 1 + bytes.below(4);
    let node = |bytes: &mut Bytes<'_>| {
        tenor += bytes.scale(1e-3, 0.5);
        let theta = vol * vol * tenor * bytes.between(0.9, 1.1);
        let psi = bytes.between(0.0, 1.0) * cenote_pricing::math::sqrt(theta);
        Node { tenor, theta, rho: bytes.between(-0.99, 0.99), psi, carry: bytes.between(-0.02, 0.02) * tenor }
    };
    let mut node = node;
    let surface = Surface::new((0..count).map(|_| node(bytes)).collect());
    if surface.check(grid.g_max()).is_err() {
        return;
    }
    let spot = bytes.scale(1e-3, 1e9);
    let tau = bytes.scale(1e-9, 1.2);
    let sigma_ref = surface.sigma_ref();
    let tick =
        TickInputs { spot, sigma_ref, horizon: 7.0 / 365.0, eta: bytes.between(0.01, 0.7), grid: &grid };
    let (floor, cap) = (spot * bytes.scale(1e-3, 0.9), spot * bytes.scale(1.1, 1e3));
    let average = spot * bytes.scale(0.5, 2.0);
    let board = BoardInputs { tau, window: bytes.scale(1e-6, 1e-2), average, floor, cap };
    let strikes: Vec<f64> = (1..6).map(|n| floor + (cap - floor) * f64::from(n) / 6.0).collect();
    let mut marks = BoardMarks::default();
    mark_board(&tick, &surface, &board, &strikes, &mut marks);
    for mark in marks.calls.iter().chain(&marks.puts) {
        let sound = mark.mark >= 0.0 && mark.mark <= cap && mark.delta.is_finite() && mark.vega.is_finite();
        assert!(
            sound && mark.worlds.iter().all(|x| x.is_finite()),
            "{mark:?} at {spot}, {board:?}, {surface:?}"
        );
    }
}

fn potentials(bytes: &mut Bytes<'_>) {
    let grid = Grid::with_vol_of_vol(0.4);
    let b = bytes.scale(1e-3, 1e15);
    let potential = Potential { weights: grid.weights(), b, comovement: bytes.between(0.0, 1.0) };
    let size = bytes.scale(1e-6, 1e18);
    let load = |bytes: &mut Bytes<'_>| [(); WORLDS].map(|()| bytes.between(-size, size));
    let loads = [load(bytes), load(bytes)];
    let change = load(bytes);
    let (phi, step) = (potential.phi(&loads), potential.d_phi(&loads, 1, &change));
    assert!(phi.is_finite() && step.is_finite(), "{phi}, {step} of b {b}, loads up to {size}");
}

fn rents(bytes: &mut Bytes<'_>) {
    let (r0, r1) = (bytes.between(0.0, 0.1), bytes.between(0.0, 0.5));
    let rent = Rent { r0, r1, r2: r1 + bytes.between(0.0, 5.0), u_star: bytes.between(0.1, 0.95) };
    let r = bytes.scale(1.0, 1e15);
    let mut years = 0.0;
    let count = bytes.below(17);
    let mut lock = |bytes: &mut Bytes<'_>| {
        years += bytes.scale(1e-9, 0.3);
        Lock { years, obligation: bytes.scale(1e-6, 1e18) }
    };
    let locks: Vec<Lock> = (0..count).map(|_| lock(bytes)).collect();
    let lambda = rent.lambda(r, &locks);
    assert!(lambda.is_finite() && lambda >= 0.0, "{lambda} of {rent:?}, {r}, {locks:?}");
}
