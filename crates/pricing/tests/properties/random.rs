//! Random numbers that are the same in every run, and admissible surfaces made of them.

use cenote_pricing::math::{abs, max, min, sqrt};
use cenote_pricing::{BoardInputs, Grid, Node, Surface, TickInputs};

/// Steele, Lea and Flood's splittable generator.
pub struct Random(pub u64);

impl Random {
    pub fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
    }

    pub fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Log-uniform.
    pub fn scale(&mut self, low: f64, high: f64) -> f64 {
        low * cenote_pricing::math::exp(self.unit() * cenote_pricing::math::ln(high / low))
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }
}

/// A node that may follow another, or none if the draw leaves no room for its psi.
fn follow(random: &mut Random, before: &Node, g_max: f64) -> Option<Node> {
    let tenor = before.tenor * random.within(1.05, 4.0);
    let forward_variance = before.theta / before.tenor * random.scale(1e-3, 3.0);
    let theta = before.theta + forward_variance * (tenor - before.tenor);
    let rho = min(max(before.rho + random.within(-0.3, 0.3), -0.95), 0.95);
    let skew = 1.0 + abs(rho);
    let least = before.psi * max((1.0 + before.rho) / (1.0 + rho), (1.0 - before.rho) / (1.0 - rho));
    let most =
        min(min(before.psi / before.theta * theta, 2.0 * sqrt(theta / skew)), 4.0 / (sqrt(g_max) * skew));
    let psi = match random.below(4) {
        0 => least,
        1 => most,
        _ => random.within(least, most),
    };
    let carry = random.within(-1.0, 1.0) * min(0.01, 0.005 + 0.2 * tenor);
    (least <= most && tenor < 3.0).then_some(Node { tenor, theta, rho, psi, carry })
}

/// An admissible surface of up to six nodes, often on the boundary of the conditions.
pub fn surface(random: &mut Random) -> Surface {
    let g_max = Grid::DEFAULT.g_max();
    let rho = random.within(-0.9, 0.9);
    let tenor = random.scale(0.25, 60.0) / 365.0;
    let vol = random.scale(0.05, 2.5);
    let theta = vol * vol * tenor;
    let skew = 1.0 + abs(rho);
    let most = min(2.0 * sqrt(theta / skew), 4.0 / (sqrt(g_max) * skew));
    let psi = if random.below(4) == 0 { most } else { most * random.unit() };
    let mut nodes = vec![Node { tenor, theta, rho, psi, carry: random.within(-0.005, 0.005) }];
    for _ in 0..random.below(6) {
        nodes.extend(follow(random, &nodes[nodes.len() - 1], g_max));
    }
    let surface = Surface::new(nodes);
    surface.check(g_max).expect("admissible by construction");
    surface
}

/// A market at a spot price of 100 with the default constants.
pub fn tick(surface: &Surface) -> TickInputs<'static> {
    TickInputs {
        spot: 100.0,
        sigma_ref: surface.sigma_ref(),
        horizon: 7.0 / 365.0,
        eta: 0.5,
        grid: &Grid::DEFAULT,
    }
}

/// Half an hour in years.
pub const WINDOW: f64 = 0.5 / 8760.0;

/// A board on a spot of 100 with a band of the usual width.
pub fn board(tau: f64) -> BoardInputs {
    BoardInputs { tau, window: WINDOW, average: 101.0, floor: 20.0, cap: 260.0 }
}

/// A board whose band is too far away to matter on a [`tame`] surface.
pub fn unbanded(tau: f64) -> BoardInputs {
    BoardInputs { floor: 1e-290, cap: 1e290, ..board(tau) }
}

/// Whether calls lose their value with the strike within the range of floats. At the steepest wings allowed they keep
/// some at any strike.
pub fn tame(surface: &Surface) -> bool {
    surface.nodes().iter().all(|node| node.psi * (1.0 + abs(node.rho)) < 1.4)
}
