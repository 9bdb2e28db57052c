//! The mixture mark of a call per unit of forward, with its derivatives in the surface's parameters.
//!
//! This is the price of `cenote_pricing::mark_board` without a band, written again because a fit needs gradients;
//! a test holds the two together.

use cenote_pricing::black;
use cenote_pricing::math::{exp, ln, sqrt};
use cenote_pricing::{Grid, Slice};

/// What all expiries of a market share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Market<'a> {
    pub grid: &'a Grid,
    /// The share of its own variance that a short expiry's spot moves carry.
    pub eta: f64,
    /// Variance of the market's spot moves over the risk horizon.
    pub variance: f64,
}

/// A price with its derivatives.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Gradient {
    /// Call over forward.
    pub call: f64,
    /// In the slice's `theta`, `rho` and `psi`, and in the market's `variance`.
    pub parts: [f64; 4],
}

/// A spot node seen from an expiry.
#[derive(Clone, Copy, Default)]
struct SpotNode {
    weight: f64,
    /// Forward in the world over the forward.
    forward: f64,
    /// Its logarithm.
    shift: f64,
    /// Derivative of `shift` in the step, the standard deviation of the spot move.
    slope: f64,
}

/// A volatility node seen from an expiry.
#[derive(Clone, Copy, Default)]
struct VolNode {
    weight: f64,
    half_theta: f64,
    phi: f64,
}

/// An expiry's slice in every world.
pub(crate) struct WorldSlices {
    slice: Slice,
    spot: [SpotNode; 11],
    vol: [VolNode; 3],
    /// `theta` less the variance of the spot move.
    conditional: f64,
    /// Derivatives of the step and of `conditional`, in theta and in the market's variance.
    step_slopes: [f64; 2],
    conditional_slopes: [f64; 2],
}

impl WorldSlices {
    /// Prepares the worlds of a slice whose theta and psi are positive.
    pub(crate) fn new(market: &Market<'_>, slice: Slice) -> WorldSlices {
        let own = market.eta * slice.theta;
        let short = own < market.variance;
        let spot_variance = if short { own } else { market.variance };
        let step = sqrt(spot_variance);
        let conditional = slice.theta - spot_variance;
        let (step_slopes, conditional_slopes) = if short {
            ([0.5 * step / slice.theta, 0.0], [1.0 - market.eta, 0.0])
        } else {
            ([0.0, 0.5 / step], [1.0, -1.0])
        };
        let mut vol = [VolNode::default(); 3];
        for (j, node) in vol.iter_mut().enumerate() {
            let theta = conditional * market.grid.vol[j];
            let phi = slice.psi / sqrt(theta * slice.theta);
            *node = VolNode { weight: market.grid.vol_weights[j], half_theta: 0.5 * theta, phi };
        }
        let spot = spot_nodes(market.grid, step);
        WorldSlices { slice, spot, vol, conditional, step_slopes, conditional_slopes }
    }

    /// The call at log moneyness `k`, with `strike = e^k`.
    pub(crate) fn call(&self, k: f64, strike: f64) -> Gradient {
        let Slice { theta, rho, psi } = self.slice;
        let co_rho = 1.0 - rho * rho;
        // Sums over worlds: of the price, and of its derivatives in rho, in ln F_s times that node's slope, in
        // ln theta_s at constant phi, and in ln phi.
        let (mut call, mut by_rho, mut by_step, mut by_theta, mut by_phi) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for spot in &self.spot {
            let k_s = k - spot.shift;
            for vol in &self.vol {
                let u = vol.phi * k_s;
                let t = u + rho;
                let root = sqrt(t * t + co_rho);
                let w = vol.half_theta * (1.0 + rho * u + root);
                let black = black::greeks(spot.forward, strike, w);
                let weight = spot.weight * vol.weight;
                let by_w = weight * black.vega / (2.0 * sqrt(w));
                let w_by_u = vol.half_theta * (rho + t / root);
                call += weight * black.call;
                by_rho += by_w * (vol.half_theta * (u + u / root));
                by_step += (weight * black.delta * spot.forward - by_w * (w_by_u * vol.phi)) * spot.slope;
                by_theta += by_w * w;
                by_phi += by_w * (w_by_u * u);
            }
        }
        // theta_s moves with the conditional theta; phi_s = psi / sqrt(theta_s theta) falls by half of both.
        let along = |side: usize, of_theta: f64| {
            let conditional = self.conditional_slopes[side] / self.conditional;
            by_step * self.step_slopes[side] + by_theta * conditional
                - 0.5 * by_phi * (conditional + of_theta)
        };
        Gradient { call, parts: [along(0, 1.0 / theta), by_rho, by_phi / psi, along(1, 0.0)] }
    }
}

/// Spot nodes with their mean forward one.
fn spot_nodes(grid: &Grid, step: f64) -> [SpotNode; 11] {
    let mut growth = [0.0; 11];
    let (mut mean, mut tilted) = (0.0, 0.0);
    for (i, growth) in growth.iter_mut().enumerate() {
        *growth = exp(step * grid.spot[i]);
        mean += grid.spot_weights[i] * *growth;
        tilted += grid.spot_weights[i] * *growth * grid.spot[i];
    }
    let log_mean = ln(mean);
    let mut nodes = [SpotNode::default(); 11];
    for (i, node) in nodes.iter_mut().enumerate() {
        *node = SpotNode {
            weight: grid.spot_weights[i],
            forward: growth[i] / mean,
            shift: step * grid.spot[i] - log_mean,
            slope: grid.spot[i] - tilted / mean,
        };
    }
    nodes
}

#[cfg(test)]
mod tests;
