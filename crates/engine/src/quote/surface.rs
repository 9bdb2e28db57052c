//! Surfaces: from integers to kernels, checked, and moved no faster than a rate limit.

use super::scale::{days, e12, ratio, to_e12};
use crate::command::SurfaceNode;
use crate::error::Rejection;
use crate::limits;
use crate::params::MarketRules;
use crate::state::PublishedSurface;
use alloc::string::ToString;
use alloc::vec::Vec;
use cenote_pricing::math::{max, min, sqrt};
use cenote_pricing::{Grid, Node, Surface, SurfaceFault};
use cenote_units::Timestamp;

const SECONDS_A_YEAR: f64 = 31_536_000.0;

/// A published node as the kernels see it.
pub(crate) fn node_of(node: &SurfaceNode) -> Node {
    Node {
        tenor: f64::from(node.tenor_s) / SECONDS_A_YEAR,
        theta: e12(i64::try_from(node.theta_e12).unwrap_or(i64::MAX)),
        rho: f64::from(node.rho_e9) / 1e9,
        psi: e12(i64::try_from(node.psi_e12).unwrap_or(i64::MAX)),
        carry: e12(node.carry_e12),
    }
}

/// A kernel node as it is published, each number to the nearest.
pub(crate) fn to_node(tenor_s: u32, node: &Node) -> SurfaceNode {
    let unsigned = |x: f64| u64::try_from(to_e12(x)).unwrap_or(0);
    SurfaceNode {
        tenor_s,
        theta_e12: unsigned(node.theta),
        rho_e9: i32::try_from(to_e12(node.rho / 1e3)).unwrap_or(0),
        psi_e12: unsigned(node.psi),
        carry_e12: to_e12(node.carry),
    }
}

fn surface_of(nodes: &[SurfaceNode]) -> Surface {
    Surface::new(nodes.iter().map(node_of).collect())
}

/// Rule V2: the first condition that fails, in words with its numbers.
pub(crate) fn condition(
    nodes: &[SurfaceNode],
    before: Option<&[SurfaceNode]>,
    rules: &MarketRules,
) -> Result<(), Rejection> {
    if nodes.is_empty() || nodes.len() > limits::SURFACE_NODES {
        return Err(Rejection::invalid("nodes", "1 to 12 of them"));
    }
    if !nodes.is_sorted_by(|a, b| a.tenor_s < b.tenor_s) {
        return Err(Rejection::invalid("nodes", "ascending by tenor, each tenor once"));
    }
    let surface = surface_of(nodes);
    let grid = Grid::with_vol_of_vol(ratio(rules.vol_of_vol));
    let refused = |fault: SurfaceFault| {
        let condition = fault.to_string();
        match fault {
            SurfaceFault::Carry { .. } | SurfaceFault::CarryMoved { .. } => {
                Rejection::CarryOutOfBounds { condition }
            }
            _ => Rejection::SurfaceArbitrage { condition },
        }
    };
    surface.check(grid.g_max()).map_err(refused)?;
    if let Some(before) = before {
        surface.check_carry_change(&surface_of(before)).map_err(refused)?;
    }
    Ok(())
}

/// Rule V3: the published surface, or the point on the straight line to it that the rate limit allows.
///
/// The limit is measured from an anchor that stays for an hour, not from publish to publish: many small moves
/// are no way around it.
pub(crate) fn clip(
    before: &[SurfaceNode],
    anchor: &PublishedSurface,
    published: &[SurfaceNode],
    at: Timestamp,
    rules: &MarketRules,
) -> (Vec<SurfaceNode>, bool) {
    let age = days(at.since(anchor.published_at));
    let step = ratio(rules.surface_step) + ratio(rules.surface_step_day) * sqrt(age);
    let (old, anchor) = (surface_of(before), surface_of(&anchor.nodes));
    let mut share = 1.0;
    for node in published.iter().map(node_of) {
        let (from, base) = (old.slice(node.tenor).theta, anchor.slice(node.tenor).theta);
        // A vol within 1 - step to 1 + step of the anchor's is a theta within the squares of those.
        let most = base * ((1.0 + step) * (1.0 + step));
        let least = if step < 1.0 { base * ((1.0 - step) * (1.0 - step)) } else { 0.0 };
        let allowed = min(max(node.theta, least), most);
        if allowed != node.theta {
            share = min(share, max((allowed - from) / (node.theta - from), 0.0));
        }
    }
    if share >= 1.0 {
        return (published.to_vec(), false);
    }
    let blend = |node: &SurfaceNode| {
        let new = node_of(node);
        let (slice, carry) = (old.slice(new.tenor), old.carry(new.tenor));
        let mix = |a: f64, b: f64| a + (b - a) * share;
        let psi = mix(slice.psi, new.psi);
        let rho_psi = mix(slice.rho * slice.psi, new.rho * new.psi);
        let mixed = Node {
            tenor: new.tenor,
            theta: mix(slice.theta, new.theta),
            rho: if psi > 0.0 { rho_psi / psi } else { new.rho },
            psi,
            carry: mix(carry, new.carry),
        };
        to_node(node.tenor_s, &mixed)
    };
    (published.iter().map(blend).collect(), true)
}
