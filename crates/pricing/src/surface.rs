//! The volatility surface of a market: eSSVI slices at constant tenors, and its forward curve.
//!
//! S. Hendriks and C. Martini, "The extended SSVI volatility surface", Journal of Computational Finance 22 (2019);
//! J. Gatheral and A. Jacquier, "Arbitrage-free SVI volatility surfaces", Quantitative Finance 14 (2014).

use crate::math::{abs, exp, max, sqrt};
use alloc::vec::Vec;
use core::fmt;

/// Most nodes of a surface.
pub const MAX_NODES: usize = 24;

/// The tenor that fixes the reference volatility and below which published carry is ignored: 7 days in years.
pub const WEEK: f64 = 7.0 / 365.0;

/// Conditions may be missed by this much, relatively: the rounding of a surface built on the boundary.
const ROUNDING: f64 = 1e-12;

/// One slice of a surface with its forward.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "borsh", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Node {
    /// Years from the tick, in `[1e-6, 10]`.
    pub tenor: f64,
    /// Total variance at the money, in `[1e-12, 100]`.
    pub theta: f64,
    /// Correlation of price and variance, in `(-1, 1)`.
    pub rho: f64,
    /// Curvature `psi = phi theta`, not negative.
    pub psi: f64,
    /// `ln(F / S)`.
    pub carry: f64,
}

/// The total-variance smile of one expiry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slice {
    /// Total variance at the money.
    pub theta: f64,
    /// Correlation of price and variance.
    pub rho: f64,
    /// Curvature.
    pub psi: f64,
}

impl Slice {
    /// Total variance at log moneyness `k = ln(K/F)`: `theta/2 (1 + rho phi k + sqrt((phi k + rho)^2 + 1 - rho^2))`.
    #[inline(always)]
    pub fn w(&self, k: f64) -> f64 {
        essvi(k, 0.5 * self.theta, self.phi(), self.rho, 1.0 - self.rho * self.rho)
    }

    /// `phi = psi / theta`, zero for a slice without variance.
    #[inline(always)]
    pub fn phi(&self) -> f64 {
        if self.theta > 0.0 { self.psi / self.theta } else { 0.0 }
    }
}

#[inline(always)]
pub(crate) fn essvi(k: f64, half_theta: f64, phi: f64, rho: f64, co_rho: f64) -> f64 {
    let u = phi * k;
    let t = u + rho;
    half_theta * (1.0 + rho * u + sqrt(t * t + co_rho))
}

/// Slices sorted by tenor.
#[derive(Clone, Debug, PartialEq, Default)]
#[cfg_attr(feature = "borsh", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Surface {
    nodes: Vec<Node>,
}

/// The condition that a surface fails. `node` is the index of the failing node, the later one of a pair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SurfaceFault {
    /// There are no nodes or more than [`MAX_NODES`].
    NodeCount {
        /// How many.
        count: usize,
    },
    /// A number is not finite or outside the range of its field.
    Range {
        /// Index of the node.
        node: usize,
        /// Name of the field.
        field: &'static str,
        /// What it holds.
        value: f64,
    },
    /// Tenors do not ascend.
    TenorOrder {
        /// Index of the node.
        node: usize,
        /// Tenor of the node before.
        before: f64,
        /// Tenor of this node.
        tenor: f64,
    },
    /// `psi sqrt(g_max) (1 + |rho|) <= 4` fails: a scenario's wings would be too steep.
    WingSlope {
        /// Index of the node.
        node: usize,
        /// Left-hand side.
        value: f64,
        /// The bound, 4.
        limit: f64,
    },
    /// `psi^2 (1 + |rho|) <= 4 theta` fails: a butterfly would cost less than zero.
    Butterfly {
        /// Index of the node.
        node: usize,
        /// Left-hand side.
        value: f64,
        /// The bound, `4 theta`.
        limit: f64,
    },
    /// `theta` falls with tenor.
    ThetaFalls {
        /// Index of the node.
        node: usize,
        /// Theta of the node before.
        before: f64,
        /// Theta of this node.
        theta: f64,
    },
    /// `psi_2 >= psi_1 max((1 + rho_1)/(1 + rho_2), (1 - rho_1)/(1 - rho_2))` fails: wings of two slices cross.
    PsiFalls {
        /// Index of the node.
        node: usize,
        /// Psi of this node.
        psi: f64,
        /// The least it may be.
        least: f64,
    },
    /// `phi = psi / theta` rises with tenor.
    PhiRises {
        /// Index of the node.
        node: usize,
        /// Phi of this node.
        phi: f64,
        /// Phi of the node before.
        most: f64,
    },
    /// `|carry| <= 0.005 + 0.20 T` fails.
    Carry {
        /// Index of the node.
        node: usize,
        /// The carry.
        carry: f64,
        /// The bound.
        limit: f64,
    },
    /// The carry at a tenor of either surface moved by more than `0.002 + 0.02 T`.
    CarryMoved {
        /// The tenor.
        tenor: f64,
        /// The change.
        change: f64,
        /// The bound.
        limit: f64,
    },
}

impl fmt::Display for SurfaceFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NodeCount { count } => write!(f, "a surface has 1 to {MAX_NODES} nodes, this one {count}"),
            Self::Range { node, field, value } => write!(f, "node {node}: {field} {value} is out of range"),
            Self::TenorOrder { node, before, tenor } => {
                write!(f, "node {node}: tenor {tenor} does not come after {before}")
            }
            Self::WingSlope { node, value, limit } => {
                write!(f, "node {node}: psi sqrt(g_max) (1 + |rho|) is {value}, at most {limit}")
            }
            Self::Butterfly { node, value, limit } => {
                write!(f, "node {node}: psi^2 (1 + |rho|) is {value}, at most 4 theta = {limit}")
            }
            Self::ThetaFalls { node, before, theta } => {
                write!(f, "node {node}: theta {theta} is below {before} of the node before")
            }
            Self::PsiFalls { node, psi, least } => write!(f, "node {node}: psi is {psi}, at least {least}"),
            Self::PhiRises { node, phi, most } => write!(f, "node {node}: phi is {phi}, at most {most}"),
            Self::Carry { node, carry, limit } => {
                write!(f, "node {node}: carry {carry} is beyond {limit} either way")
            }
            Self::CarryMoved { tenor, change, limit } => {
                write!(f, "carry at {tenor} years moved by {change}, at most {limit}")
            }
        }
    }
}

impl core::error::Error for SurfaceFault {}

impl Surface {
    /// A surface that has not been checked; [`Surface::check`] says whether it may be used.
    pub fn new(nodes: Vec<Node>) -> Surface {
        Surface { nodes }
    }

    /// The nodes by ascending tenor.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Refuses a surface with static arbitrage in itself or in a scenario with variance factors up to `g_max`.
    ///
    /// # Errors
    /// The first condition that fails: ranges first, then per node, then between neighbours.
    pub fn check(&self, g_max: f64) -> Result<(), SurfaceFault> {
        let count = self.nodes.len();
        if count == 0 || count > MAX_NODES {
            return Err(SurfaceFault::NodeCount { count });
        }
        for (index, node) in self.nodes.iter().enumerate() {
            check_range(index, node)?;
            check_slice(index, node, g_max)?;
        }
        for (index, pair) in self.nodes.windows(2).enumerate() {
            check_pair(index + 1, &pair[0], &pair[1])?;
        }
        Ok(())
    }

    /// Refuses a surface whose forwards moved too far from those of the one in force. Both curves are linear
    /// between the tenors at which they are compared, and the bound is linear, so nothing is missed.
    ///
    /// # Errors
    /// [`SurfaceFault::CarryMoved`].
    pub fn check_carry_change(&self, before: &Surface) -> Result<(), SurfaceFault> {
        for node in before.nodes.iter().chain(&self.nodes) {
            let change = self.carry(node.tenor) - before.carry(node.tenor);
            let limit = 0.002 + 0.02 * node.tenor;
            if abs(change) > limit * (1.0 + ROUNDING) {
                return Err(SurfaceFault::CarryMoved { tenor: node.tenor, change, limit });
            }
        }
        Ok(())
    }

    /// The slice at `years >= 0`: `theta`, `psi` and `rho psi` linear between nodes; before the first `theta ~ T`
    /// and `psi ~ sqrt T` with its `rho`; after the last `theta` grows with the last forward variance and the rest
    /// stays.
    ///
    /// # Panics
    /// If the surface has no nodes, which [`Surface::check`] refuses.
    pub fn slice(&self, years: f64) -> Slice {
        debug_assert!(years >= 0.0, "slice at {years} years");
        let first = &self.nodes[0];
        let last = &self.nodes[self.nodes.len() - 1];
        if years <= first.tenor {
            let share = years / first.tenor;
            return Slice { theta: first.theta * share, rho: first.rho, psi: first.psi * sqrt(share) };
        }
        if years >= last.tenor {
            let slope = match self.nodes.as_slice() {
                [.., a, b] => (b.theta - a.theta) / (b.tenor - a.tenor),
                _ => last.theta / last.tenor,
            };
            let theta = last.theta + slope * (years - last.tenor);
            return Slice { theta, rho: last.rho, psi: last.psi };
        }
        let after = self.nodes.partition_point(|node| node.tenor <= years);
        let (a, b) = (&self.nodes[after - 1], &self.nodes[after]);
        let share = (years - a.tenor) / (b.tenor - a.tenor);
        let psi = a.psi + (b.psi - a.psi) * share;
        let rho_psi = a.rho * a.psi + (b.rho * b.psi - a.rho * a.psi) * share;
        let rho = if psi > 0.0 { rho_psi / psi } else { 0.0 };
        Slice { theta: a.theta + (b.theta - a.theta) * share, rho, psi }
    }

    /// The log forward basis `c(T) = ln(F_T / S)` at `years >= 0`: linear from zero to the first node of a week or
    /// more (the last node if all are shorter), then between nodes, then with the last slope.
    pub fn carry(&self, years: f64) -> f64 {
        let long = self.nodes.partition_point(|node| node.tenor < WEEK);
        let long = if long == self.nodes.len() { long - 1 } else { long };
        let (mut from, mut to) = ((0.0, 0.0), (self.nodes[long].tenor, self.nodes[long].carry));
        for node in &self.nodes[long + 1..] {
            if years <= to.0 {
                break;
            }
            (from, to) = (to, (node.tenor, node.carry));
        }
        from.1 + (to.1 - from.1) * ((years - from.0) / (to.0 - from.0))
    }

    /// The forward price at `years` for a spot price.
    pub fn forward(&self, spot: f64, years: f64) -> f64 {
        spot * exp(self.carry(years))
    }

    /// The surface with every volatility multiplied by `factor > 0`: theta by its square, psi by itself.
    pub fn scaled(&self, factor: f64) -> Surface {
        let scale =
            |node: &Node| Node { theta: node.theta * factor * factor, psi: node.psi * factor, ..*node };
        Surface { nodes: self.nodes.iter().map(scale).collect() }
    }

    /// The reference volatility `sqrt(theta(7 d) / 7 d)` of the market.
    pub fn sigma_ref(&self) -> f64 {
        sqrt(self.slice(WEEK).theta / WEEK)
    }
}

fn check_range(index: usize, node: &Node) -> Result<(), SurfaceFault> {
    let fields = [
        ("tenor", node.tenor, 1e-6, 10.0),
        ("theta", node.theta, 1e-12, 100.0),
        ("rho", node.rho, -0.999_999, 0.999_999),
        ("psi", node.psi, 0.0, 4.0),
        ("carry", node.carry, -10.0, 10.0),
    ];
    for (field, value, least, most) in fields {
        if !(least..=most).contains(&value) {
            return Err(SurfaceFault::Range { node: index, field, value });
        }
    }
    Ok(())
}

fn check_slice(index: usize, node: &Node, g_max: f64) -> Result<(), SurfaceFault> {
    let skew = 1.0 + abs(node.rho);
    let value = node.psi * sqrt(g_max) * skew;
    if value > 4.0 * (1.0 + ROUNDING) {
        return Err(SurfaceFault::WingSlope { node: index, value, limit: 4.0 });
    }
    let (value, limit) = (node.psi * node.psi * skew, 4.0 * node.theta);
    if value > limit * (1.0 + ROUNDING) {
        return Err(SurfaceFault::Butterfly { node: index, value, limit });
    }
    let limit = 0.005 + 0.20 * node.tenor;
    if abs(node.carry) > limit * (1.0 + ROUNDING) {
        return Err(SurfaceFault::Carry { node: index, carry: node.carry, limit });
    }
    Ok(())
}

fn check_pair(index: usize, a: &Node, b: &Node) -> Result<(), SurfaceFault> {
    if b.tenor <= a.tenor {
        return Err(SurfaceFault::TenorOrder { node: index, before: a.tenor, tenor: b.tenor });
    }
    if b.theta < a.theta * (1.0 - ROUNDING) {
        return Err(SurfaceFault::ThetaFalls { node: index, before: a.theta, theta: b.theta });
    }
    let least = a.psi * max((1.0 + a.rho) / (1.0 + b.rho), (1.0 - a.rho) / (1.0 - b.rho));
    if b.psi < least * (1.0 - ROUNDING) {
        return Err(SurfaceFault::PsiFalls { node: index, psi: b.psi, least });
    }
    let (phi, most) = (b.psi / b.theta, a.psi / a.theta);
    if phi > most * (1.0 + ROUNDING) {
        return Err(SurfaceFault::PhiRises { node: index, phi, most });
    }
    Ok(())
}
