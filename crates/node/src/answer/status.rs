//! How the venue is.

mod disk;

pub use disk::journal;

use super::with;
use crate::core::Shared;
use crate::core::replicas::Replica;
use cenote_api::view::{Clock, FeedStatus, Limits, MarketStatus, Status, Trading};
use cenote_api::{Names, envelope};
use cenote_engine::ids::MarketId;
use cenote_engine::state::{Market, Pool};
use cenote_units::{Millis, Timestamp};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The venue's status.
#[must_use]
pub fn status(shared: &Shared, limits: Limits) -> Status {
    let clock = shared.clock();
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let journal = journal(&shared.config.dir, shared.config.dev);
    with(shared, |replica, names| {
        let now = clock.market(Instant::now()).max(replica.now);
        Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            venue_id: shared.venue_id.clone(),
            mode: if shared.config.dev { "dev" } else { "live" }.to_owned(),
            market_time_ms: now.millis(),
            wall_time_ms: u64::try_from(wall).unwrap_or(u64::MAX),
            clock: Clock { speed: clock.speed(), paused: clock.paused() },
            markets: names.markets().map(|(id, _)| market(replica, names, id, now)).collect(),
            last_seq: replica.seq,
            durable_seq: shared.durable(),
            digest: envelope::hex(&replica.digest),
            journal,
            feeds: feeds(shared),
            limits,
        }
    })
}

fn feeds(shared: &Shared) -> Vec<FeedStatus> {
    let health = shared.feeds.iter().flat_map(|feeds| feeds.health());
    health
        .map(|feed| FeedStatus {
            gives: feed.gives.to_owned(),
            from: feed.from,
            age_ms: feed.good_at.map(|at| u64::try_from(at.elapsed().as_millis()).unwrap_or(u64::MAX)),
            failures: feed.failures,
            trouble: feed.trouble,
        })
        .collect()
}

fn market(replica: &Replica, names: &Names, id: MarketId, now: Timestamp) -> MarketStatus {
    let record = replica.state.market.get(&id);
    let tick = record.and_then(|record| record.tick.as_ref());
    let surface = record.and_then(|record| record.surface.as_ref());
    MarketStatus {
        market: names.market(id),
        pool: record.map_or(0, |record| record.pool.0),
        index_price: tick.map(|tick| tick.price.into()),
        tick: tick.map_or(0, |tick| tick.number),
        price_age_ms: tick.map(|tick| now.since(tick.published_at).get()),
        surface_age_ms: surface.map(|surface| now.since(surface.published_at).get()),
        trading: record.map_or_else(
            || closed("the market has no record yet"),
            |record| trading(replica, id, record, now),
        ),
    }
}

fn closed(reason: impl Into<String>) -> Trading {
    Trading { enabled: false, reason: Some(reason.into()) }
}

/// The first reason for which an order that adds risk would not fill.
fn trading(replica: &Replica, id: MarketId, record: &Market, now: Timestamp) -> Trading {
    let state = &replica.state;
    let Some(params) = state.market_params.get(&id) else { return closed("the market has no parameters") };
    let rules = &params.rules;
    let paused = state.system.get(&()).is_some_and(|system| system.paused) || record.paused;
    let seconds = |length: Millis| length.get() / 1_000;
    let Some(tick) = &record.tick else { return closed("the market waits for its first price") };
    let Some(surface) = &record.surface else { return closed("the market waits for its first surface") };
    let (price_age, surface_age) = (now.since(tick.published_at), now.since(surface.published_at));
    if paused {
        closed("the guardian has paused what adds risk; reducing, withdrawing and claiming stay open")
    } else if state.pool.get(&record.pool).is_some_and(|pool: &Pool| pool.winding_down) {
        closed("the pool takes no new risk: its equity is below its minimum")
    } else if record.held.is_some() {
        closed("a price that jumped waits to be confirmed; only orders that lower risk fill")
    } else if surface.clipped {
        closed("the surface moved faster than its limit and is catching up; only orders that lower risk fill")
    } else if surface_age > rules.surface_age_max {
        closed(format!(
            "the surface is {} s old, at most {} s are allowed",
            seconds(surface_age),
            seconds(rules.surface_age_max)
        ))
    } else if price_age > rules.report_age_max {
        closed(format!("the price is {} s old: orders wait for the next one", seconds(price_age)))
    } else {
        Trading { enabled: true, reason: None }
    }
}
