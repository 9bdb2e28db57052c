//! What positions would be worth in other circumstances.

use super::at;
use crate::command::SurfaceNode;
use crate::error::{Error, Rejection};
use crate::ids::{AccountId, BoardId, Instrument, MarketId, Right};
use crate::obligation::payoff;
use crate::quote::{self, Desk};
use crate::state::{PublishedSurface, Tick};
use crate::work::Work;
use crate::working::StateReader;
use alloc::vec::Vec;
use cenote_pricing::Node;
use cenote_pricing::math::sqrt;
use cenote_units::{Price, Size, Timestamp};

/// A time, an index price and a change of every vol.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Circumstance {
    /// When.
    pub at: Timestamp,
    /// The index.
    pub price: Price,
    /// Added to the vol of every slice, per 1.00: 0.10 is from 60% to 70%.
    pub vol: f64,
}

/// The least vol that a shock leaves, per 1.00.
const VOL_MIN: f64 = 0.01;

/// What signed sizes of series of one market are worth at their marks in each circumstance, quote. A board that has expired by then pays its payoff at
/// the index price, cut to its band; the averages of settlement windows stay as they are.
///
/// # Errors
/// An unknown market or board, or a market without a price and surface in force.
pub fn whatif(
    state: &dyn StateReader,
    market: MarketId,
    positions: &[(Instrument, Size)],
    circumstances: &[Circumstance],
) -> Result<Vec<f64>, Error> {
    let mut work = at(state, Timestamp::ZERO, AccountId::default());
    let mut sorted = positions.to_vec();
    sorted.sort_unstable_by_key(|(instrument, _)| *instrument);
    circumstances.iter().map(|circumstance| value(&mut work, market, &sorted, circumstance)).collect()
}

fn value(
    work: &mut Work<'_>,
    market: MarketId,
    positions: &[(Instrument, Size)],
    circumstance: &Circumstance,
) -> Result<f64, Error> {
    let desk = shocked(work, market, circumstance)?;
    let mut sum = 0.0;
    for of_board in positions.chunk_by(|(a, _), (b, _)| a.board == b.board) {
        let Some((first, _)) = of_board.first() else { continue };
        sum += if first.board.expiry > circumstance.at {
            marked(work, &desk, first.board, of_board)?
        } else {
            paid(work, first.board, of_board, circumstance.price)?
        };
    }
    Ok(sum)
}

/// The desk of a market as it would be.
fn shocked(work: &mut Work<'_>, market: MarketId, to: &Circumstance) -> Result<Desk, Error> {
    let params = work.set.market_params.get(&market).ok_or(Rejection::MarketNotFound { market })?;
    let rules = params.rules.clone();
    let mut record = work.set.market.get(&market).ok_or(Rejection::MarketNotFound { market })?.clone();
    let tick = record.tick.clone().ok_or(Rejection::NoPrice { market })?;
    let surface = record.surface.clone().ok_or(Rejection::NoPrice { market })?;
    let nodes = surface.nodes.iter().map(|node| bumped(node, to.vol)).collect();
    record.tick = Some(Tick { price: to.price, published_at: to.at.max(tick.published_at), ..tick });
    record.surface = Some(PublishedSurface { nodes, ..surface });
    Ok(Desk::new(&record, &rules, market)?)
}

/// A slice with another vol: theta goes with its square, psi with the vol itself, so the smile keeps its shape.
fn bumped(node: &SurfaceNode, by: f64) -> SurfaceNode {
    let kernel = quote::node_of(node);
    let vol = sqrt(kernel.theta / kernel.tenor);
    let factor = if vol + by > VOL_MIN { (vol + by) / vol } else { VOL_MIN / vol };
    let changed = Node { theta: kernel.theta * factor * factor, psi: kernel.psi * factor, ..kernel };
    quote::to_node(node.tenor_s, &changed)
}

fn marked(
    work: &mut Work<'_>,
    desk: &Desk,
    id: BoardId,
    positions: &[(Instrument, Size)],
) -> Result<f64, Error> {
    let board = work.set.board.get(&id).ok_or(Rejection::BoardNotFound { board: id })?;
    let marks = desk.compute(&id, board);
    let mut sum = 0.0;
    for (instrument, size) in positions {
        let strike = instrument.strike;
        let place = board.strike_at(strike).ok_or(Rejection::StrikeNotFound { board: id, strike })?;
        let side = match instrument.right {
            Right::Call => &marks.calls,
            Right::Put => &marks.puts,
        };
        sum += quote::size(*size) * side.get(place).map_or(0.0, |mark| mark.mark);
    }
    Ok(sum)
}

fn paid(work: &mut Work<'_>, id: BoardId, positions: &[(Instrument, Size)], at: Price) -> Result<f64, Error> {
    let board = work.set.board.get(&id).ok_or(Rejection::BoardNotFound { board: id })?;
    let price = board.settlement.unwrap_or(at.clamp(board.floor, board.cap));
    let each = |(instrument, size): &(Instrument, Size)| {
        quote::size(*size) * quote::price(payoff(instrument.strike, instrument.right, price))
    };
    Ok(positions.iter().map(each).sum())
}
