//! Prices from publishers: reports are kept, a candidate is made, judged, and accepted or held (rules P1 to P3).

use super::{batch, fill, tick};
use crate::command::Report;
use crate::error::{Fault, Rejection};
use crate::event::Event;
use crate::ids::MarketId;
use crate::limits;
use crate::params::MarketParams;
use crate::quote;
use crate::state::{Held, Market, Tick};
use crate::work::{Done, Work};
use alloc::vec::Vec;
use cenote_units::{Price, Timestamp};

/// A price that might become a tick.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub price: Price,
    pub confidence: Price,
    pub published_at: Timestamp,
}

/// The command.
pub(super) fn push(work: &mut Work<'_>, id: MarketId, reports: &[Report]) -> Done {
    let now = work.ctx.now;
    let params = work.set.market_params.read(&id).ok_or(Rejection::MarketNotFound { market: id })?;
    for report in reports {
        check(report, &params, now)?;
    }
    if reports.is_empty() || reports.len() > limits::PUBLISHERS {
        return Err(Rejection::invalid("reports", "1 to 16 of them").into());
    }

    let market = work.set.market.edit(&id).ok_or(Fault::MissingRecord("a market's state"))?;
    keep(market, reports, &params);
    let fresh: Vec<Report> = market
        .reports
        .iter()
        .filter(|report| now.since(report.published_at) <= params.rules.report_age_max)
        .copied()
        .collect();
    let needed = usize::try_from(params.rules.publishers_min).unwrap_or(usize::MAX);
    let latest = market.held.as_ref().map(|held| held.agreed_at);
    let latest = latest.max(market.tick.as_ref().map(|tick| tick.published_at));
    let candidate = if fresh.len() >= needed { aggregate(&fresh) } else { None };
    let candidate = candidate.filter(|candidate| Some(candidate.published_at) > latest);
    // What was due at the tick in force is priced at it, whoever comes first with what: nobody chooses (O4).
    match candidate {
        Some(candidate) if fill::fill_due(work, id)? => judge(work, id, &params, candidate),
        _ => {
            work.emit(Event::ReportsKept { market: id, fresh: fresh.len(), needed });
            Ok(())
        }
    }
}

fn check(report: &Report, params: &MarketParams, now: Timestamp) -> Result<(), Rejection> {
    if report.price.is_zero() {
        return Err(Rejection::invalid("price", "more than zero"));
    }
    if report.confidence > report.price {
        return Err(Rejection::invalid("confidence", "at most the price"));
    }
    if params.publishers.binary_search(&report.publisher).is_err() {
        return Err(Rejection::invalid("publisher", "one of the market's own"));
    }
    if report.published_at > now {
        return Err(Rejection::FromTheFuture { now, offered: report.published_at });
    }
    Ok(())
}

/// Keeps each publisher's latest report, and none of those who no longer publish here.
fn keep(market: &mut Market, reports: &[Report], params: &MarketParams) {
    market.reports.retain(|old| params.publishers.binary_search(&old.publisher).is_ok());
    for report in reports {
        match market.reports.binary_search_by_key(&report.publisher, |old| old.publisher) {
            Ok(at) => {
                if let Some(old) = market.reports.get_mut(at).filter(|o| o.published_at < report.published_at)
                {
                    *old = *report;
                }
            }
            Err(at) => market.reports.insert(at, *report),
        }
    }
}

/// Median price, its confidence, and the earliest publish time (P1).
fn aggregate(fresh: &[Report]) -> Option<Candidate> {
    let mut prices: Vec<u128> = fresh.iter().map(|report| report.price.get()).collect();
    let mut widths: Vec<u128> = fresh.iter().map(|report| report.confidence.get()).collect();
    prices.sort_unstable();
    widths.sort_unstable();
    let last = prices.len().checked_sub(1)?;
    let at = |index: usize| prices.get(index).copied().unwrap_or(0);
    // Outward on both sides: two publishers who disagree are as wide as their disagreement.
    let spread = at(last.saturating_mul(3).div_ceil(4)).saturating_sub(at(last >> 2)) >> 1;
    Some(Candidate {
        price: Price::new(median(&prices)).ok()?,
        confidence: Price::new(median(&widths).max(spread)).ok()?,
        published_at: fresh.iter().map(|report| report.published_at).min()?,
    })
}

/// The middle of sorted numbers; between two, halved down.
fn median(sorted: &[u128]) -> u128 {
    let last = sorted.len().saturating_sub(1);
    let low = sorted.get(last >> 1).copied().unwrap_or(0);
    let high = sorted.get(sorted.len() >> 1).copied().unwrap_or(low);
    low.saturating_add(high.saturating_sub(low) >> 1)
}

/// Accepts a candidate, holds it, or lets it confirm the one held (P3).
fn judge(work: &mut Work<'_>, id: MarketId, params: &MarketParams, candidate: Candidate) -> Done {
    let rules = &params.rules;
    let market = work.set.market.get(&id).ok_or(Fault::MissingRecord("a market's state"))?;
    let sigma = quote::guard_sigma(market);
    let far = |from: Price, at: Timestamp| {
        quote::jumps(from, candidate.price, candidate.published_at.since(at), sigma, rules)
    };
    let tick = market.tick.clone();
    let held = market.held.clone();
    if let Some(held) = held {
        let timed_out = candidate.published_at.since(held.published_at) > rules.guard_timeout;
        if !timed_out && !far(held.price, held.published_at) {
            return confirm(work, id, params, held, candidate);
        }
        drop_held(work, id, params, candidate.published_at)?;
    }
    match tick {
        Some(tick) if far(tick.price, tick.published_at) => hold(work, id, &tick, candidate),
        _ => take(work, id, params, candidate),
    }
}

fn hold(work: &mut Work<'_>, id: MarketId, tick: &Tick, candidate: Candidate) -> Done {
    let market = work.set.market.edit(&id).ok_or(Fault::MissingRecord("a market's state"))?;
    let Candidate { price, confidence, published_at } = candidate;
    market.held = Some(Held { price, confidence, published_at, agreed: 0, agreed_at: published_at });
    work.emit(Event::JumpHeld { market: id, price, in_force: tick.price });
    Ok(())
}

fn drop_held(work: &mut Work<'_>, id: MarketId, params: &MarketParams, at: Timestamp) -> Done {
    let market = work.set.market.edit(&id).ok_or(Fault::MissingRecord("a market's state"))?;
    let dropped = market.held.take();
    market.calm_until = at.after(params.rules.calm);
    if let Some(held) = dropped {
        work.emit(Event::JumpDropped { market: id, price: held.price });
    }
    Ok(())
}

/// One more tick agrees with the held one; enough of them, and both count, each from its own publish time.
fn confirm(work: &mut Work<'_>, id: MarketId, params: &MarketParams, held: Held, next: Candidate) -> Done {
    let agreed = held.agreed.saturating_add(1);
    let market = work.set.market.edit(&id).ok_or(Fault::MissingRecord("a market's state"))?;
    if agreed < params.rules.confirmations {
        market.held = Some(Held { agreed, agreed_at: next.published_at, ..held });
        return Ok(());
    }
    market.held = None;
    market.calm_until = next.published_at.after(params.rules.calm);
    let Held { price, confidence, published_at, .. } = held;
    tick::accept(work, id, params, Candidate { price, confidence, published_at })?;
    take(work, id, params, next)
}

/// A tick with everything that follows from it.
fn take(work: &mut Work<'_>, id: MarketId, params: &MarketParams, candidate: Candidate) -> Done {
    tick::accept(work, id, params, candidate)?;
    batch::run(work, id)?;
    fill::fill_due(work, id).map(|_| ())
}
