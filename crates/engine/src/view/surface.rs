//! The surface in force, as people read it.

use super::{at, desk};
use crate::command::SurfaceNode;
use crate::error::{Error, Rejection};
use crate::ids::MarketId;
use crate::working::StateReader;
use alloc::vec::Vec;
use cenote_units::{Millis, Timestamp};

/// A market's surface in force.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SurfaceView {
    /// When it was made.
    pub published_at: Timestamp,
    /// How old it is at the tick in force.
    pub age: Millis,
    /// A rate limit holds it back.
    pub clipped: bool,
    /// Seven-day vol, which scales the scenarios.
    pub sigma_ref: f64,
    /// Its nodes.
    pub nodes: Vec<SurfaceNode>,
    /// What it says at the expiries that are listed.
    pub slices: Vec<SliceView>,
}

/// The surface at one listed expiry.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SliceView {
    /// The expiry.
    pub expiry: Timestamp,
    /// Forward price, quote.
    pub forward: f64,
    /// Square root of mean total variance over time: a little above what at-the-money marks imply.
    pub mean_vol: f64,
}

/// The surface of a market.
///
/// # Errors
/// An unknown market, or one without a price and surface in force.
pub fn surface(state: &dyn StateReader, market: MarketId) -> Result<SurfaceView, Error> {
    let mut work = at(state, Timestamp::ZERO, crate::ids::AccountId::default());
    let desk = desk(&mut work, market)?;
    let record = work.set.market.get(&market).ok_or(Rejection::MarketNotFound { market })?;
    let surface = record.surface.clone().ok_or(Rejection::NoPrice { market })?;
    let mut expiries: Vec<Timestamp> = record.boards.iter().map(|board| board.expiry).collect();
    expiries.dedup();
    expiries.retain(|expiry| *expiry > desk.tick.published_at);
    let slice = |expiry: Timestamp| SliceView {
        expiry,
        forward: desk.forward(expiry),
        mean_vol: desk.deviation(expiry) / cenote_pricing::math::sqrt(desk.tau(expiry)),
    };
    Ok(SurfaceView {
        published_at: surface.published_at,
        age: desk.tick.published_at.since(surface.published_at),
        clipped: surface.clipped,
        sigma_ref: desk.sigma_ref,
        nodes: surface.nodes,
        slices: expiries.into_iter().map(slice).collect(),
    })
}
