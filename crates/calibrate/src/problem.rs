//! The sum of losses over all quotes of a chain, with its gradient and Gauss-Newton matrix.

use crate::loss::Loss;
use crate::model::{Market, WorldSlices};
use crate::shape::{self, PER_NODE};
use crate::solve::{Objective, System};
use cenote_pricing::Grid;
use cenote_pricing::surface::WEEK;

/// A two-sided quote as a call, by parity at the forward of its row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Target {
    /// `ln(K/F)`.
    pub k: f64,
    /// `K/F`.
    pub strike: f64,
    /// Middle of bid and ask over the forward.
    pub mid: f64,
    /// Half the distance between them.
    pub half_spread: f64,
}

/// The fit of a surface with one node per group of quotes.
pub(crate) struct Problem<'a> {
    pub grid: &'a Grid,
    pub eta: f64,
    /// Market variance over the horizon per theta of each node: [`week_weights`] times horizon over a week.
    pub variance_weights: Vec<(usize, f64)>,
    pub groups: Vec<Vec<Target>>,
    /// Where the search begins, and what holds directions that no quote determines.
    pub start: Vec<f64>,
}

/// Pull of each coordinate to its start, in squared half-spreads: a ten-thousandth of what a quote exerts.
const RIDGE: f64 = 1e-2;

/// The weights of the nodes' thetas in the theta at 7 days, as a surface interpolates it.
pub(crate) fn week_weights(tenors: &[f64]) -> Vec<(usize, f64)> {
    let last = tenors.len() - 1;
    if WEEK <= tenors[0] || last == 0 {
        return vec![(0, WEEK / tenors[0])];
    }
    // Beyond the last node the last two are continued: the share is then above one.
    let after = tenors.partition_point(|tenor| *tenor <= WEEK).min(last);
    let share = (WEEK - tenors[after - 1]) / (tenors[after] - tenors[after - 1]);
    vec![(after - 1, 1.0 - share), (after, share)]
}

impl Problem<'_> {
    /// Variance of the market's spot moves at a point.
    fn variance(&self, x: &[f64]) -> f64 {
        let theta = |node: usize| shape::slice(&x[PER_NODE * node..]).theta;
        self.variance_weights.iter().map(|&(node, weight)| weight * theta(node)).sum()
    }

    /// Derivatives of the market's variance in the coordinates that it depends on.
    fn variance_slopes(&self, x: &[f64]) -> Vec<(usize, f64)> {
        let of_node = |&(node, weight): &(usize, f64)| {
            let slopes = shape::slopes(&shape::slice(&x[PER_NODE * node..]))[0];
            (0..PER_NODE).map(move |i| (PER_NODE * node + i, weight * slopes[i]))
        };
        self.variance_weights.iter().flat_map(of_node).collect()
    }
}

/// Sums over the quotes of one slice, in theta, rho, psi and the market's variance.
#[derive(Default)]
struct Normal {
    gradient: [f64; 4],
    matrix: [[f64; 4]; 4],
}

impl Objective for Problem<'_> {
    fn len(&self) -> usize {
        PER_NODE * self.groups.len()
    }

    fn evaluate(&self, x: &[f64], loss: Loss, out: &mut System) {
        out.clear();
        for (i, (x, start)) in x.iter().zip(&self.start).enumerate() {
            let away = x - start;
            out.value += RIDGE * away * away;
            out.gradient[i] += 2.0 * RIDGE * away;
            *out.at(i, i) += 2.0 * RIDGE;
        }
        let market = Market { grid: self.grid, eta: self.eta, variance: self.variance(x) };
        let variance_slopes = self.variance_slopes(x);
        for (node, group) in self.groups.iter().enumerate() {
            let slice = shape::slice(&x[PER_NODE * node..]);
            let worlds = WorldSlices::new(&market, slice);
            let mut normal = Normal::default();
            for target in group {
                out.value += normal.add(&worlds, target, loss);
            }
            // Rows: theta, rho, psi, variance; entries: coordinate and derivative.
            let slopes = shape::slopes(&slice);
            let own = |row: usize| (0..PER_NODE).map(|i| (PER_NODE * node + i, slopes[row][i])).collect();
            let rows: [Vec<(usize, f64)>; 4] = [own(0), own(1), own(2), variance_slopes.clone()];
            normal.spread(&rows, out);
        }
    }
}

impl Normal {
    /// Adds a quote and returns its loss.
    fn add(&mut self, worlds: &WorldSlices, target: &Target, loss: Loss) -> f64 {
        let model = worlds.call(target.k, target.strike);
        let miss = (model.call - target.mid) / target.half_spread;
        let (value, weight) = loss.of(miss);
        let row = model.parts.map(|part| part / target.half_spread);
        for i in 0..4 {
            self.gradient[i] += 2.0 * weight * miss * row[i];
            for j in 0..4 {
                self.matrix[i][j] += 2.0 * weight * row[i] * row[j];
            }
        }
        value
    }

    /// Moves the sums to the coordinates by the chain rule.
    fn spread(&self, rows: &[Vec<(usize, f64)>; 4], out: &mut System) {
        for (i, row) in rows.iter().enumerate() {
            for &(a, slope_a) in row {
                out.gradient[a] += slope_a * self.gradient[i];
                for (j, other) in rows.iter().enumerate() {
                    for &(b, slope_b) in other {
                        *out.at(a, b) += slope_a * slope_b * self.matrix[i][j];
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
