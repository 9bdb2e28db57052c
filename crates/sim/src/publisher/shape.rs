//! The shape of a surface: what a chain's smile and term structure are, apart from its level.

use cenote_engine::command::SurfaceNode;
use cenote_pricing::math::{abs, max, min, sqrt};
use cenote_pricing::{Node, Surface};

/// Distance kept from every no-arbitrage condition, relatively: rounding to published integers is a hundredth of it.
const MARGIN: f64 = 1e-6;
const SECONDS_A_YEAR: f64 = 31_536_000.0;

/// One tenor's smile.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
struct Smile {
    tenor_s: u32,
    /// Its vol over that of the smile nearest to a month.
    vol: f64,
    rho: f64,
    /// `psi / sqrt(theta)`.
    slope: f64,
    carry: f64,
}

/// Smiles by ascending tenor.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Shape {
    smiles: Vec<Smile>,
}

impl Default for Shape {
    /// The mean of twenty chains of BTC and ETH options: skew -0.33 and slope 0.80 at every tenor, no term structure
    /// beyond that of the level, no carry.
    fn default() -> Self {
        let days = [1, 3, 7, 14, 30, 60, 90, 180];
        let smile = |day: u32| Smile { tenor_s: day * 86_400, vol: 1.0, rho: -0.33, slope: 0.8, carry: 0.0 };
        Self { smiles: days.map(smile).to_vec() }
    }
}

impl Shape {
    /// The shape of a surface; `None` without nodes or with one that has no variance.
    #[must_use]
    pub fn of(nodes: &[SurfaceNode]) -> Option<Self> {
        if nodes.is_empty() || nodes.iter().any(|node| node.theta_e12 == 0 || node.tenor_s == 0) {
            return None;
        }
        let surface = super::kernel_surface(nodes);
        let from_month = |node: &&Node| abs(node.tenor - 30.0 / 365.0);
        let month = surface.nodes().iter().min_by(|a, b| from_month(a).total_cmp(&from_month(b)))?;
        let level = sqrt(month.theta / month.tenor);
        let smile = |(published, node): (&SurfaceNode, &Node)| Smile {
            tenor_s: published.tenor_s,
            vol: sqrt(node.theta / node.tenor) / level,
            rho: node.rho,
            slope: node.psi / sqrt(node.theta),
            carry: node.carry,
        };
        Some(Self { smiles: nodes.iter().zip(surface.nodes()).map(smile).collect() })
    }

    /// Seconds of each node.
    pub(super) fn tenors(&self) -> impl Iterator<Item = u32> + '_ {
        self.smiles.iter().map(|smile| smile.tenor_s)
    }

    /// This shape at a level of variance a year by tenor, each theta changed by `adjust` with its index, moved by
    /// as little as the conditions of [`Surface::check`] ask for.
    ///
    /// With `a = psi (1 + rho)` and `b = psi (1 - rho)` they are: `a`, `b`, `theta` do not fall and `psi / theta`
    /// does not rise from node to node; `max(a, b) <= 4 / sqrt(g_max)`; `psi max(a, b) <= 4 theta`.
    pub(super) fn nodes(
        &self,
        variance: impl Fn(f64) -> f64,
        g_max: f64,
        adjust: impl Fn(usize, f64) -> f64,
    ) -> Vec<Node> {
        // Each node leaves the later ones room to rise below the steepest wing.
        let mut steepest = 4.0 / sqrt(g_max) * (1.0 - MARGIN * (self.smiles.len() as f64 + 1.0));
        let more = 1.0 + MARGIN;
        let (mut a_before, mut b_before, mut theta_before, mut phi_before) = (0.0, 0.0, 0.0, f64::INFINITY);
        let mut nodes = Vec::with_capacity(self.smiles.len());
        for (index, smile) in self.smiles.iter().enumerate() {
            let tenor = f64::from(smile.tenor_s) / SECONDS_A_YEAR;
            let mut theta = adjust(index, variance(tenor) * smile.vol * smile.vol * tenor);
            theta = max(theta, theta_before * more);
            let psi = smile.slope * sqrt(theta);
            let a = min(max(psi * (1.0 + smile.rho), a_before * more), steepest);
            let b = min(max(psi * (1.0 - smile.rho), b_before * more), steepest);
            steepest *= more;
            let psi = 0.5 * (a + b);
            theta = max(theta, psi * max(a, b) / 4.0 * more);
            if psi / theta > phi_before * (1.0 - MARGIN) {
                theta = psi / phi_before * more;
            }
            let rho = if psi > 0.0 { (a - b) / (a + b) } else { 0.0 };
            nodes.push(Node { tenor, theta, rho, psi, carry: smile.carry });
            (a_before, b_before, theta_before, phi_before) = (a, b, theta, psi / theta);
        }
        debug_assert_eq!(Surface::new(nodes.clone()).check(g_max), Ok(()));
        nodes
    }
}
