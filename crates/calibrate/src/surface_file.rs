//! The surface as it is published: whole numbers, so that every host reads the same.

use cenote_pricing::{Node, Surface};
use serde::{Deserialize, Serialize};

const SECONDS_A_YEAR: f64 = 31_536_000.0;

/// One slice in whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurfaceNode {
    /// Seconds from the tick.
    pub tenor_s: u32,
    /// Mean total variance, in 1e-12.
    pub theta_e12: u64,
    /// Correlation, in 1e-9.
    pub rho_e9: i32,
    /// Curvature, in 1e-12.
    pub psi_e12: u64,
    /// `ln(F/S)`, in 1e-12.
    pub carry_e12: i64,
}

/// A surface ready to publish.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurfaceFile {
    /// Time of the quotes, milliseconds since 1970.
    pub published_at_ms: i64,
    /// Index price at that time.
    pub index: f64,
    /// Slices by ascending tenor.
    pub nodes: Vec<SurfaceNode>,
}

impl SurfaceNode {
    /// The node with every number rounded to the nearest: the fit keeps further from every bound than that.
    pub(crate) fn nearest(tenor_s: u32, node: &Node) -> SurfaceNode {
        SurfaceNode {
            tenor_s,
            theta_e12: (node.theta * 1e12).round() as u64,
            rho_e9: (node.rho * 1e9).round() as i32,
            psi_e12: (node.psi * 1e12).round() as u64,
            carry_e12: (node.carry * 1e12).round() as i64,
        }
    }

    /// The node as the pricing kernels take it.
    pub fn node(&self) -> Node {
        Node {
            tenor: f64::from(self.tenor_s) / SECONDS_A_YEAR,
            theta: self.theta_e12 as f64 / 1e12,
            rho: f64::from(self.rho_e9) / 1e9,
            psi: self.psi_e12 as f64 / 1e12,
            carry: self.carry_e12 as f64 / 1e12,
        }
    }
}

impl SurfaceFile {
    /// The surface as the pricing kernels take it.
    pub fn surface(&self) -> Surface {
        Surface::new(self.nodes.iter().map(SurfaceNode::node).collect())
    }
}
