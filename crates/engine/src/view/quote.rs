//! What an order would cost now, why, and how much of it could be done.

use super::{Greeks, at, desk};
use crate::command::Leg;
use crate::error::{Error, Rejection};
use crate::event::Cost;
use crate::ids::{AccountId, MarketId};
use crate::obligation::{Held, payoff_of};
use crate::quote::{Desk, TradeLeg};
use crate::verbs::fill::{Decision, Trade, weigh};
use crate::work::Work;
use crate::working::StateReader;
use alloc::vec::Vec;
use cenote_units::{Cash, OutOfRange, Price, Size, Timestamp};

/// A question about a trade.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct QuoteRequest {
    /// In which market.
    pub market: MarketId,
    /// For whom; `None` asks for anyone with enough cash.
    pub account: Option<AccountId>,
    /// What to trade.
    pub legs: Vec<Leg>,
    /// As a reduce-only order.
    pub reduce_only: bool,
}

/// A trade priced at the tick in force. An order fills at a later tick; for that tick this answer is exact.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Quote {
    /// The number of the tick.
    pub tick: u64,
    /// Its index price.
    pub price: Price,
    /// When it was published.
    pub published_at: Timestamp,
    /// Every part of the cost.
    pub cost: Cost,
    /// Sensitivities of what would be bought.
    pub greeks: Greeks,
    /// Settlement prices at which payoff equals cost; only when all legs expire together.
    pub break_evens: Vec<Price>,
    /// The least that payoff less cost can be.
    pub worst_case: Cash,
    /// The most that payoff less cost can be.
    pub best_case: Cash,
    /// The account before, when one was named.
    pub before: Option<AccountSummary>,
    /// The account after.
    pub after: Option<AccountSummary>,
    /// The first rule that would refuse it, with the numbers compared.
    pub refusal: Option<Rejection>,
}

/// The largest trade in some proportions.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Largest {
    /// The sizes of the legs as asked, scaled; zeros when not even the smallest would fill.
    pub sizes: Vec<Size>,
    /// The rule that refuses the next larger one; `None` when the size type ends first.
    pub binds: Option<Rejection>,
}

/// An account's cash and what of it is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct AccountSummary {
    /// Free cash.
    pub cash: Cash,
    /// Locked on boards: what its positions could lose.
    pub locked: Cash,
}

/// Prices a trade with its full breakdown, whether or not a rule would refuse it.
///
/// # Errors
/// Unknown or closed series, no price yet, or numbers out of range.
pub fn quote(state: &dyn StateReader, now: Timestamp, request: &QuoteRequest) -> Result<Quote, Error> {
    let account = request.account.unwrap_or_default();
    let mut work = at(state, now, account);
    let desk = desk(&mut work, request.market)?;
    crate::verbs::fill::check_request_legs(request.market, &request.legs)?;
    let (decision, refusal) = weigh(&mut work, &desk, &trade(request, &request.legs))?;
    let (worst_case, best_case, break_evens) = outcomes(&mut work, &decision)?;
    let before = match request.account {
        Some(id) => Some(summary(&mut work, id)?),
        None => None,
    };
    let after = match before {
        Some(before) => Some(AccountSummary {
            cash: before.cash.minus(decision.taken)?,
            locked: before.locked.plus(decision.taken)?.minus(decision.cost.total)?,
        }),
        None => None,
    };
    Ok(Quote {
        tick: desk.tick.number,
        price: desk.tick.price,
        published_at: desk.tick.published_at,
        cost: decision.cost,
        greeks: greeks(&mut work, &desk, &decision)?,
        break_evens,
        worst_case,
        best_case,
        before,
        after,
        refusal,
    })
}

fn trade<'a>(request: &QuoteRequest, legs: &'a [Leg]) -> Trade<'a> {
    Trade {
        market: request.market,
        account: request.account.unwrap_or_default(),
        legs,
        limit: None,
        reduce_only: request.reduce_only,
        account_pays: request.account.is_some(),
    }
}

fn summary(work: &mut Work<'_>, id: AccountId) -> Result<AccountSummary, Error> {
    let record = work.set.account.get(&id).ok_or(Rejection::AccountNotFound { account: id })?;
    let locked = record.holdings.iter().try_fold(Cash::ZERO, |sum, h| sum.plus(h.obligation))?;
    Ok(AccountSummary { cash: record.cash, locked })
}

/// Worst and best payoff less cost over all settlement prices, and the prices at which it is nothing.
fn outcomes(work: &mut Work<'_>, decision: &Decision) -> Result<(Cash, Cash, Vec<Price>), Error> {
    let (mut worst, mut best) = (Cash::ZERO, Cash::ZERO);
    let mut crossings = Vec::new();
    for on_board in decision.legs.chunk_by(|a, b| a.board == b.board) {
        let Some(id) = on_board.first().map(|leg| leg.board) else { continue };
        let Some(board) = work.set.board.get(&id) else { continue };
        let mut points: Vec<Price> = on_board.iter().map(|leg| leg.strike).collect();
        points.extend([board.floor, board.cap]);
        points.sort_unstable();
        points.dedup();
        let mut payoffs = Vec::with_capacity(points.len());
        for point in points {
            payoffs.push((point, payoff_of(book(on_board), point)?.to_cash_down()?));
        }
        worst = worst.plus(payoffs.iter().map(|p| p.1).min().unwrap_or_default())?;
        best = best.plus(payoffs.iter().map(|p| p.1).max().unwrap_or_default())?;
        crossings = break_evens(&payoffs, decision.cost.total)?;
    }
    let single = decision.boards.len() == 1;
    let total = decision.cost.total;
    Ok((worst.minus(total)?, best.minus(total)?, if single { crossings } else { Vec::new() }))
}

/// Sensitivities of what would be bought.
fn greeks(work: &mut Work<'_>, desk: &Desk, decision: &Decision) -> Result<Greeks, Error> {
    let mut sum = Greeks::default();
    for on_board in decision.legs.chunk_by(|a, b| a.board == b.board) {
        let Some(id) = on_board.first().map(|leg| leg.board) else { continue };
        let board = work.set.board.get(&id).ok_or(Rejection::BoardNotFound { board: id })?;
        let mut strikes: Vec<usize> = on_board.iter().map(|leg| leg.at).collect();
        strikes.sort_unstable();
        strikes.dedup();
        let asked = strikes.iter().filter_map(|at| board.strikes.get(*at));
        let of_strikes = desk.greeks(&id, board, asked);
        for leg in on_board {
            let at = strikes.binary_search(&leg.at).unwrap_or_default();
            sum.add(&of_strikes, at, leg.right, leg.size);
        }
    }
    Ok(sum)
}

fn book(legs: &[TradeLeg]) -> impl Iterator<Item = Held> + '_ {
    legs.iter().map(|leg| Held { strike: leg.strike, right: leg.right, size: leg.size })
}

/// Where a payoff, linear between its points, equals a cost.
fn break_evens(payoffs: &[(Price, Cash)], cost: Cash) -> Result<Vec<Price>, OutOfRange> {
    let mut found = Vec::new();
    for pair in payoffs.windows(2) {
        let [(from, low), (to, high)] = pair else { continue };
        let (a, b) = (low.minus(cost)?, high.minus(cost)?);
        if a.is_zero() && !b.is_zero() {
            found.push(*from);
        }
        if a.is_negative() == b.is_negative() || a.is_zero() || b.is_zero() {
            continue;
        }
        let (part, rest) = (a.get().unsigned_abs(), b.get().unsigned_abs());
        let span = to.get().saturating_sub(from.get());
        let step = cenote_units::mul_div_down(span, part, part.saturating_add(rest)).unwrap_or(0);
        found.push(Price::new(from.get().saturating_add(step))?);
    }
    Ok(found)
}

/// The largest multiple of these legs' proportions that would fill, and what stops a larger one: some fifty times the work of a quote.
///
/// # Errors
/// As of [`quote`].
pub fn largest(state: &dyn StateReader, now: Timestamp, request: &QuoteRequest) -> Result<Largest, Error> {
    let mut work = at(state, now, request.account.unwrap_or_default());
    let desk = desk(&mut work, request.market)?;
    crate::verbs::fill::check_request_legs(request.market, &request.legs)?;
    search(&mut work, &desk, request)
}

/// Doubles a multiple of the smallest legs of these proportions until a rule refuses, then halves the gap.
fn search(work: &mut Work<'_>, desk: &Desk, request: &QuoteRequest) -> Result<Largest, Error> {
    let unit = request.legs.iter().fold(0u64, |gcd, leg| common_divisor(gcd, leg.size.magnitude())).max(1);
    let scaled = |n: u64| -> Option<Vec<Leg>> {
        let scale = |leg: &Leg| {
            let part = i64::try_from(unit).ok().and_then(|unit| leg.size.get().checked_div(unit))?;
            let size = part.checked_mul(i64::try_from(n).ok()?)?;
            Some(Leg { size: Size::new(size).ok()?, ..*leg })
        };
        request.legs.iter().map(scale).collect()
    };
    let mut refusal = |n: u64| -> Result<Option<Rejection>, Error> {
        let Some(legs) = scaled(n) else { return Ok(Some(Rejection::OutOfBounds { unit: "Size" })) };
        match weigh(work, desk, &trade(request, &legs)) {
            Ok((_, refusal)) => Ok(refusal),
            Err(Error::Rejected(refusal)) => Ok(Some(refusal)),
            Err(fault) => Err(fault),
        }
    };
    let (mut fits, mut fails) = (0u64, 1u64);
    let mut binds = refusal(fails)?;
    while binds.is_none() && fails < 1 << 50 {
        (fits, fails) = (fails, fails.saturating_mul(2));
        binds = refusal(fails)?;
    }
    while fails.saturating_sub(fits) > 1 {
        let middle = fits.saturating_add(fails.saturating_sub(fits) >> 1);
        match refusal(middle)? {
            None => fits = middle,
            some => (fails, binds) = (middle, some),
        }
    }
    let legs = scaled(fits).unwrap_or_default();
    Ok(Largest { sizes: legs.iter().map(|leg| leg.size).collect(), binds })
}

fn common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a.checked_rem(b).unwrap_or(0));
    }
    a
}
