//! Coordinates in which every condition on a surface is a straight line.
//!
//! With `A = psi (1 + rho)` and `B = psi (1 - rho)`, the slopes of a slice's two wings, the conditions of the extended
//! SSVI surface (S. Hendriks and C. Martini, Journal of Computational Finance 22, 2019) are
//!
//! - calendar: `A`, `B` do not fall and `phi` does not rise with tenor (so `theta = psi / phi` does not fall);
//! - butterfly: `psi^2 (1 + |rho|) <= 4 theta` is `max(A, B) phi <= 4`;
//! - wings in every scenario: `psi sqrt(g_max) (1 + |rho|) <= 4` is `max(A, B) <= 4 / sqrt(g_max)`.
//!
//! In `(ln A, ln B, -ln phi)` of each node they are differences and bounds: a convex polyhedron. The fit stays inside
//! it, a hair from its faces, so that rounding to published integers cannot leave it.

use cenote_pricing::Slice;
use cenote_pricing::math::{abs, exp, ln, max, sqrt};

/// Coordinates of one node: `ln A`, `ln B`, `-ln phi`.
pub(crate) const PER_NODE: usize = 3;

/// Distance kept from every face. Rounding rho to 1e-9 moves `ln A` and `ln B` by at most 2.5e-8 at `|rho| = 0.98`,
/// and theta to 1e-12 moves `ln phi` by 5e-8 at the smallest theta of use, 1e-5.
pub(crate) const MARGIN: f64 = 2e-7;

/// Half the largest `|ln A - ln B|`: `|rho| <= tanh 2.3 = 0.98`.
const SKEW_MAX: f64 = 2.3;

/// `bound + sum of coefficient x[index] > 0`; the second term is absent where its coefficient is zero.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Face {
    pub terms: [(usize, f64); 2],
    pub bound: f64,
}

impl Face {
    /// How far inside the point is.
    pub(crate) fn distance(&self, x: &[f64]) -> f64 {
        self.bound + self.terms[0].1 * x[self.terms[0].0] + self.terms[1].1 * x[self.terms[1].0]
    }
}

/// All faces of a surface with `nodes` nodes whose scenarios multiply variance by up to `g_max`.
pub(crate) fn faces(nodes: usize, g_max: f64) -> Vec<Face> {
    let face = |a: (usize, f64), b: (usize, f64), bound: f64| Face { terms: [a, b], bound: bound - MARGIN };
    let wing = ln(4.0 / sqrt(g_max));
    let mut faces = Vec::new();
    for node in 0..nodes {
        let [a, b, c] = [0, 1, 2].map(|i| PER_NODE * node + i);
        for slope in [a, b] {
            faces.push(face((c, 1.0), (slope, -1.0), ln(4.0)));
            if node + 1 == nodes {
                faces.push(face((slope, -1.0), (slope, 0.0), wing));
            }
        }
        faces.push(face((a, 1.0), (b, -1.0), 2.0 * SKEW_MAX));
        faces.push(face((b, 1.0), (a, -1.0), 2.0 * SKEW_MAX));
        if node > 0 {
            faces.extend([a, b, c].map(|i| face((i, 1.0), (i - PER_NODE, -1.0), 0.0)));
        }
    }
    faces
}

/// The slice of a node's three coordinates.
pub(crate) fn slice(x: &[f64]) -> Slice {
    let (a, b) = (exp(x[0]), exp(x[1]));
    let psi = 0.5 * (a + b);
    Slice { theta: psi * exp(x[2]), rho: (a - b) / (a + b), psi }
}

/// Derivatives of theta, rho and psi (rows) in the three coordinates (columns).
pub(crate) fn slopes(slice: &Slice) -> [[f64; PER_NODE]; 3] {
    let Slice { theta, rho, psi } = *slice;
    let (up, down, skew) = (0.5 * (1.0 + rho), 0.5 * (1.0 - rho), 0.5 * (1.0 - rho * rho));
    [[theta * up, theta * down, theta], [skew, -skew, 0.0], [psi * up, psi * down, 0.0]]
}

/// A point inside the polyhedron near thetas that may fall: a plain smile with a mild skew on each.
pub(crate) fn start(thetas: &[f64]) -> Vec<f64> {
    const RHO: f64 = -0.2;
    let mut x = Vec::with_capacity(PER_NODE * thetas.len());
    let mut before = 0.0;
    for &theta in thetas {
        // Two nodes of one theta would lie on a face.
        let theta = max(max(theta, before * 1.01), 1e-9);
        before = theta;
        // Rises with theta to at most 1.2, and psi / theta falls: inside every bound.
        let psi = 0.9 * sqrt(theta / (1.0 + 0.5 * theta));
        x.extend([ln(psi * (1.0 + RHO)), ln(psi * (1.0 - RHO)), ln(theta / psi)]);
    }
    debug_assert!(abs(RHO) < 1.0);
    x
}

#[cfg(test)]
mod tests;
