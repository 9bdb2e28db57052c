//! One trade in process: ask what it costs and why, place the order, let the next price fill it.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use cenote_engine::ids::{AccountId, LegKind, MarketId, PoolId};
use cenote_engine::view::{self, QuoteRequest};
use cenote_sim::fixture::{Fixture, TRADER};

fn main() {
    // A venue with a market at 100,000, a pool of ten million, and boards listed by the calendar.
    let mut venue = Fixture::standard();
    venue.fund(TRADER, 100_000.0);
    let board = venue.boards(MarketId(0))[3];

    // A call spread: two legs, one price.
    let legs = vec![venue.leg(board, 1.00, LegKind::Call, 2.0), venue.leg(board, 1.10, LegKind::Call, -2.0)];
    let trader = AccountId::numbered(TRADER);
    let request =
        QuoteRequest { market: MarketId(0), account: Some(trader), legs: legs.clone(), reduce_only: false };
    let quote = view::quote(&venue.venue.state, venue.venue.now, &request).expect("a quote");
    let largest = view::largest(&venue.venue.state, venue.venue.now, &request).expect("a size");

    let c = quote.cost;
    println!("two call spreads, {} and {}", legs[0].strike, legs[1].strike);
    let parts = [("mark", c.mark), ("impact", c.impact), ("capital", c.capital), ("spread", c.spread)];
    let rest = [("latency", c.latency), ("fee", c.fee), ("rounding", c.rounding), ("to pay", c.total)];
    for (name, part) in parts.into_iter().chain(rest) {
        println!("  {name:<10}{:>16}", part.to_string());
    }
    println!("  at worst {}, at best {}", quote.worst_case, quote.best_case);
    println!("  breaks even at {:?}", quote.break_evens.iter().map(ToString::to_string).collect::<Vec<_>>());
    println!("  the largest of this kind: {} contracts", largest.sizes[0]);
    if let Some(rule) = &largest.binds {
        println!("  since beyond it {rule}");
    }

    let fill = venue.trade(TRADER, legs).expect("placed").filled();
    println!("filled at tick {} for {}", fill.tick, fill.cost.total);
    let pool = view::pool(&venue.venue.state, venue.venue.now, PoolId(0)).expect("a pool");
    println!(
        "pool: equity {}, locked {}, utilisation {:.2}%",
        pool.equity,
        pool.locked,
        pool.utilisation * 100.0
    );
}
