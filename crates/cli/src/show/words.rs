//! Events in words: one line each, as somebody would tell it.

use super::cost::{per_contract, sided, unsigned};
use super::number::{change, contracts, float, known, money, price, shares, strike, unit};
use super::time::moment;
use crate::keyring::Book;
use cenote_api::ApiError;
use cenote_api::command::OrderLeg;
use cenote_api::event::{CostParts, What};

/// What happened.
pub fn sentence(what: &What, book: &Book) -> String {
    of_orders(what, book)
        .or_else(|| of_prices(what))
        .or_else(|| of_boards(what, book))
        .or_else(|| of_liquidity(what, book))
        .unwrap_or_else(|| of_the_rest(what, book))
}

/// `alice bought 2 BTC_USDC-27MAR26-100000-C at 4,812.40`.
fn filled(who: &str, market: &str, legs: &[OrderLeg], cost: &CostParts) -> String {
    if let [leg] = legs {
        let (side, size) = sided(leg.size);
        let done = if side == "buy" { "bought" } else { "sold" };
        return format!(
            "{who} {done} {} {} at {}",
            contracts(size),
            leg.instrument,
            per_contract(cost.total, leg.size)
        );
    }
    let leg = |leg: &OrderLeg| {
        let sign = if leg.size.0.get() > 0 { "+" } else { "" };
        format!("{sign}{} {}", contracts(leg.size), leg.instrument)
    };
    let legs: Vec<String> = legs.iter().map(leg).collect();
    let done = if cost.total.0.is_negative() { "received" } else { "paid" };
    format!("{who} traded {} and {done} {} {}", legs.join(", "), money(unsigned(cost.total)), unit(market))
}

fn because(reason: Option<&ApiError>) -> String {
    reason.map_or_else(String::new, |why| format!(": {} ({})", why.message, why.code))
}

fn of_orders(what: &What, book: &Book) -> Option<String> {
    Some(match what {
        What::OrderPlaced { order, account, market, due_at, label } => {
            let label = label.as_ref().map_or_else(String::new, |label| format!(" \"{label}\""));
            format!(
                "{} placed order {order}{label} in {market}, due at the first price published from {} on",
                book.name(account),
                moment(*due_at)
            )
        }
        What::OrderRested { order, reason } => {
            format!("order {order} waits for a better price{}", because(Some(reason)))
        }
        What::OrderFilled { order, account, market, tick, legs, cost } => {
            format!("{}, order {order}, tick {tick}", filled(&book.name(account), market, legs, cost))
        }
        What::OrderEnded { order, account, ended, reason } => {
            let ended = ended.replace('_', " ");
            format!("order {order} of {} ended, {ended}{}", book.name(account), because(reason.as_ref()))
        }
        What::CancelRequested { order, from } => {
            format!(
                "order {order} is to be cancelled, once it has been tried at a price published from {} on",
                moment(*from)
            )
        }
        _ => return None,
    })
}

fn of_prices(what: &What) -> Option<String> {
    Some(match what {
        What::ReportsKept { market, fresh, needed } => {
            format!("{market}: {fresh} of {needed} reports for the next price")
        }
        What::JumpHeld { market, price: to, in_force } => {
            format!(
                "{market}: the price jumps from {} to {} and waits to be confirmed",
                price(*in_force),
                price(*to)
            )
        }
        What::JumpDropped { market, price: dropped } => {
            format!("{market}: the price {} was not confirmed and is dropped", price(*dropped))
        }
        What::Ticked { market, tick, price: at, equity, guarded, .. } => {
            let guarded = if *guarded { ", only orders that lower risk fill" } else { "" };
            format!("{market}: tick {tick}, index {}, pool equity {}{guarded}", price(*at), money(*equity))
        }
        What::SurfacePublished { market, clipped, .. } => {
            let clipped = if *clipped { ", held back by its limits" } else { "" };
            format!("{market}: a surface was published{clipped}")
        }
        _ => return None,
    })
}

fn of_boards(what: &What, book: &Book) -> Option<String> {
    Some(match what {
        What::BoardListed { market, expiry, floor, cap, .. } => {
            format!("{market} {expiry} is listed, settlement between {} and {}", strike(*floor), strike(*cap))
        }
        What::StrikeListed { market, expiry, strike: at } => {
            format!("{market} {expiry}: strike {} is listed", strike(*at))
        }
        What::StrikeRetired { market, expiry, strike: at } => {
            format!("{market} {expiry}: strike {} is retired", strike(*at))
        }
        What::BoardSettled { market, expiry, price: at, average, stale, pool_payoff, .. } => {
            let cut = if at == average {
                String::new()
            } else {
                format!(" (average {}, cut to the band)", price(*average))
            };
            let stale = if *stale { ", without a price in its window" } else { "" };
            format!(
                "{market} {expiry} settles at {}{cut}{stale}; the pool gets {}",
                price(*at),
                change(*pool_payoff)
            )
        }
        What::AccountSettled { account, market, expiry, paid, payoff } => {
            format!(
                "{market} {expiry} settled for {}: payoff {}, {} paid out",
                book.name(account),
                change(*payoff),
                money(*paid)
            )
        }
        What::BoardClosed { market, expiry, .. } => {
            format!("{market} {expiry} is closed, nobody holds anything on it")
        }
        _ => return None,
    })
}

fn of_liquidity(what: &What, book: &Book) -> Option<String> {
    Some(match what {
        What::DepositRequested { account, pool, epoch, amount } => {
            format!(
                "{} set {} aside for shares of pool {pool}, epoch {epoch}",
                book.name(account),
                money(*amount)
            )
        }
        What::WithdrawRequested { account, pool, epoch, shares: count } => {
            format!(
                "{} asked to be paid for {} shares of pool {pool}, epoch {epoch}",
                book.name(account),
                shares(*count)
            )
        }
        What::EpochClosed { pool, epoch, due_at } => {
            format!("pool {pool}: epoch {epoch} closes, its batch is due from {} on", moment(*due_at))
        }
        What::EpochProcessed {
            pool,
            epoch,
            shares_out,
            shares_paid,
            cash_out,
            cash_in,
            shares_in,
            entry_price,
            ..
        } => {
            format!(
                "pool {pool}: epoch {epoch} is priced; {} of {} shares left for {}, {} came in for {} shares at {}",
                shares(*shares_paid),
                shares(*shares_out),
                money(*cash_out),
                money(*cash_in),
                shares(*shares_in),
                known(*entry_price, |at| float(at, 6))
            )
        }
        What::Claimed { account, pool, epoch, shares: count, cash } => format!(
            "{} claimed {} shares and {} of pool {pool}, epoch {epoch}",
            book.name(account),
            shares(*count),
            money(*cash)
        ),
        What::SharesTransferred { pool, from, to, shares: count } => {
            format!("{} gave {} shares of pool {pool} to {}", book.name(from), shares(*count), book.name(to))
        }
        _ => return None,
    })
}

fn of_the_rest(what: &What, book: &Book) -> String {
    match what {
        What::Deposited { account, amount } => format!("{} deposited {}", book.name(account), money(*amount)),
        What::Withdrawn { account, amount } => format!("{} withdrew {}", book.name(account), money(*amount)),
        What::PositionTransferred { from, to, instrument, size, payment } => format!(
            "{} handed {} {instrument} to {} with {}",
            book.name(from),
            contracts(*size),
            book.name(to),
            money(*payment)
        ),
        What::ShortOffered { from, to, offer } => {
            format!("{} offers {} a short position, offer {offer}", book.name(from), book.name(to))
        }
        What::OfferRevoked { from, offer } => format!("{} took offer {offer} back", book.name(from)),
        What::Proposed { proposal, from } => {
            format!("proposal {proposal} is announced; it can be enacted from {} on", moment(*from))
        }
        What::Enacted { proposal } => format!("proposal {proposal} is in force"),
        What::ProposalRejected { proposal } => format!("proposal {proposal} is dropped"),
        What::PauseSet { market, paused } => {
            let market = market.as_deref().unwrap_or("every market");
            if *paused {
                format!("what adds risk is paused in {market}")
            } else {
                format!("the pause of {market} is over")
            }
        }
        What::SessionGranted { account, key, expires_at } => {
            format!(
                "{} lets key {} act for it until {}",
                book.name(account),
                book.name(key),
                moment(*expires_at)
            )
        }
        What::SessionRevoked { account, key } => {
            format!("{} ended key {}", book.name(account), book.name(key))
        }
        What::Reverted { name, to_seq } => {
            format!(
                "the venue went back to snapshot {name}: what came after command {to_seq} no longer holds"
            )
        }
        What::SnapshotTaken { name } => format!("snapshot {name} was taken"),
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}
