//! What a trade would cost.

use super::account::brief;
use super::{finite, per_contract, refuse, with};
use crate::core::Shared;
use crate::core::replicas::Replica;
use cenote_api::view::{AccountBrief, Largest, QuoteAnswer, QuoteLeg, QuoteRequest};
use cenote_api::{ApiError, Money, Names, command};
use cenote_engine::Rejection;
use cenote_engine::command::Leg;
use cenote_engine::ids::{LegKind, MarketId, Right};
use cenote_engine::view::{self, AccountSummary, Quote};
use cenote_units::{Cash, Size};

/// Room that a suggested limit leaves above the cost, in parts of the marks: a thousandth ...
const ROOM_OF_MARKS: u128 = 1_000;
/// ... and in parts of index times delta: five basis points, some three times a usual move in two seconds.
const ROOM_OF_DELTA: f64 = 0.0005;

/// Prices a trade.
///
/// # Errors
/// Unknown or closed instruments, or no price yet. What a rule would refuse is priced all the same, with the refusal in it.
pub fn quote(shared: &Shared, request: &QuoteRequest) -> Result<QuoteAnswer, ApiError> {
    with(shared, |replica, names| {
        let (market, legs) = command::legs(&request.legs, names)?;
        let now = replica.priced_at(market);
        // Somebody who has never held anything has no cash: priced as for anyone, and refused below for want of it.
        let known = request.account.filter(|account| replica.state.account.contains_key(&account.0));
        let asked = view::QuoteRequest {
            market,
            account: known.map(|account| account.0),
            legs: legs.clone(),
            reduce_only: request.reduce_only,
        };
        let quote = view::quote(&replica.state, now, &asked).map_err(refuse)?;
        let largest = if request.largest { Some(largest(replica, now, &asked)?) } else { None };
        let stranger = request.account.is_some() && known.is_none();
        let mut answer = answer(replica, names, market, &legs, &quote)?;
        answer.largest = largest;
        if stranger {
            answer.account_before = Some(AccountBrief::default());
            let broke = Rejection::InsufficientCash {
                who: "account",
                required: quote.cost.total,
                available: Cash::ZERO,
            };
            answer.refusal =
                answer.refusal.or_else(|| (quote.cost.total > Cash::ZERO).then(|| (&broke).into()));
        } else if let Some(account) = request.account {
            answer.account_before = Some(brief(replica, account.0));
        }
        Ok(answer)
    })
}

fn largest(
    replica: &Replica,
    now: cenote_units::Timestamp,
    asked: &view::QuoteRequest,
) -> Result<Largest, ApiError> {
    let found = view::largest(&replica.state, now, asked).map_err(refuse)?;
    Ok(Largest {
        sizes: found.sizes.into_iter().map(Into::into).collect(),
        binds: found.binds.as_ref().map(Into::into),
    })
}

fn answer(
    replica: &Replica,
    names: &Names,
    market: MarketId,
    legs: &[Leg],
    quote: &Quote,
) -> Result<QuoteAnswer, ApiError> {
    let unit = common_size(legs);
    let summary = |s: &AccountSummary| AccountBrief { cash: s.cash.into(), locked: s.locked.into() };
    let keeper_fee = replica.state.market_params.get(&market).map_or(Cash::ZERO, |p| p.rules.keeper_fee);
    Ok(QuoteAnswer {
        market: names.market(market),
        tick: quote.tick,
        index_price: quote.price.into(),
        published_at: quote.published_at.millis(),
        cost: (&quote.cost).into(),
        average_price: per_contract(quote.cost.total, unit).unwrap_or(cenote_units::Price::ZERO).into(),
        legs: quoted_legs(replica, names, legs)?,
        greeks: quote.greeks.into(),
        break_evens: quote.break_evens.iter().map(|price| (*price).into()).collect(),
        worst_case: quote.worst_case.into(),
        best_case: quote.best_case.into(),
        limit_suggested: suggested(quote),
        keeper_fee: keeper_fee.into(),
        account_before: quote.before.as_ref().map(summary),
        account_after: quote.after.as_ref().map(summary),
        refusal: quote.refusal.as_ref().map(Into::into),
        largest: None,
        as_of_seq: replica.seq,
    })
}

/// The size that all legs are multiples of.
fn common_size(legs: &[Leg]) -> Size {
    let divisor = legs.iter().fold(0u64, |mut a, leg| {
        let mut b = leg.size.magnitude();
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    });
    Size::new(i64::try_from(divisor.max(1)).unwrap_or(1)).unwrap_or(Size::ONE)
}

fn quoted_legs(replica: &Replica, names: &Names, legs: &[Leg]) -> Result<Vec<QuoteLeg>, ApiError> {
    let series =
        |leg: &Leg, right| view::series_mark(&replica.state, leg.board, leg.strike, right).map_err(refuse);
    let one = |leg: &Leg| {
        let (mark_price, vol) = match leg.kind {
            LegKind::Call => series(leg, Right::Call)?,
            LegKind::Put => series(leg, Right::Put)?,
            LegKind::Forward => (series(leg, Right::Call)?.0 - series(leg, Right::Put)?.0, None),
        };
        Ok(QuoteLeg {
            instrument: names.leg(leg.board, leg.strike, leg.kind),
            size: leg.size.into(),
            mark_price,
            mark_iv: vol.and_then(|vol| finite(100.0 * vol)),
        })
    };
    legs.iter().map(one).collect()
}

/// The cost and some room: a thousandth of the marks and five basis points of index a unit of delta, up to a whole cent.
fn suggested(quote: &Quote) -> Money {
    let marks = quote.cost.mark.get().unsigned_abs() / ROOM_OF_MARKS;
    let moved = (quote.greeks.delta * super::price_float(quote.price) * ROOM_OF_DELTA).abs();
    let cents = |units: i128| (units + 9_999).div_euclid(10_000) * 10_000;
    let room = i128::try_from(marks).unwrap_or(i128::MAX).saturating_add((moved * 1e6) as i128);
    Money(Cash::new(cents(quote.cost.total.get().saturating_add(room))).unwrap_or(quote.cost.total))
}
