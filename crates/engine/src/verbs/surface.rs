//! Publishing a surface (rules V1 to V3).

use crate::command::SurfaceNode;
use crate::error::{Fault, Rejection};
use crate::event::Event;
use crate::ids::MarketId;
use crate::params::SurfaceSource;
use crate::quote;
use crate::state::PublishedSurface;
use crate::work::{Done, Work};
use cenote_units::Timestamp;

/// Checks a surface and keeps it for the next tick.
pub(super) fn publish(
    work: &mut Work<'_>,
    id: MarketId,
    published_at: Timestamp,
    nodes: &[SurfaceNode],
) -> Done {
    let (sender, now) = (work.account(), work.ctx.now);
    let params = work.set.market_params.get(&id).ok_or(Rejection::MarketNotFound { market: id })?;
    match params.surface {
        SurfaceSource::Published(publisher) if publisher == sender => {}
        _ => return Err(Rejection::Forbidden { needs: "the key of this market's surface publisher" }.into()),
    }
    if published_at > now {
        return Err(Rejection::FromTheFuture { now, offered: published_at }.into());
    }
    let rules = &params.rules;
    let market = work.set.market.get(&id).ok_or(Fault::MissingRecord("a market's state"))?;
    let before = market.next_surface.as_ref().or(market.surface.as_ref());
    if let Some(latest) = before.map(|surface| surface.published_at).filter(|at| *at >= published_at) {
        return Err(Rejection::NotNewer { latest, offered: published_at }.into());
    }
    let in_force = market.surface.as_ref();
    let anchor = market.anchor.as_ref();
    let anchored = anchor.map(|anchor| anchor.nodes.as_slice());
    quote::condition(nodes, anchored, rules)?;
    let (nodes, clipped) = match (in_force, anchor) {
        (Some(old), Some(anchor)) => quote::clip(&old.nodes, anchor, nodes, published_at, rules),
        _ => (nodes.to_vec(), false),
    };
    if clipped {
        quote::condition(&nodes, anchored, rules)?;
    }

    let market = work.set.market.edit(&id).ok_or(Fault::MissingRecord("a market's state"))?;
    market.next_surface = Some(PublishedSurface { published_at, nodes, clipped });
    work.emit(Event::SurfacePublished { market: id, published_at, clipped });
    Ok(())
}
