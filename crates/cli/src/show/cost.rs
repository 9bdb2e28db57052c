//! What a trade costs, part by part.

use super::number::{UNKNOWN, contracts, float, money_at, places};
use super::{Cell, Table, Tone};
use cenote_api::Contracts;
use cenote_api::Money;
use cenote_api::command::OrderLeg;
use cenote_api::event::CostParts;
use cenote_units::Cash;

/// The parts by name, in the order in which they are charged.
pub fn parts(cost: &CostParts) -> [(&'static str, Money); 7] {
    [
        ("at the marks", cost.mark),
        ("impact of the size", cost.impact),
        ("rent for locked capital", cost.capital),
        ("spread", cost.spread),
        ("latency charge", cost.latency),
        ("fee", cost.fee),
        ("rounding", cost.rounding),
    ]
}

/// The fewest places at which the parts visibly add up.
pub fn cost_places(costs: &[&CostParts]) -> u32 {
    let amounts =
        costs.iter().flat_map(|cost| parts(cost).map(|(_, amount)| amount).into_iter().chain([cost.total]));
    places(&amounts.collect::<Vec<_>>())
}

/// A row a part, then their sum; with the share of the marks that each is.
pub fn cost_table(cost: &CostParts) -> Table {
    let places = cost_places(&[cost]);
    let mut table = Table::new();
    for (at, (name, amount)) in parts(cost).into_iter().enumerate() {
        let share = if at == 0 { String::new() } else { share(amount, cost.mark) };
        table.row([name.to_owned(), money_at(amount, places), share]);
    }
    let strong = |text: String| Cell::new(Tone::Strong, text);
    table.row([
        strong(total_name(cost.total).to_owned()),
        strong(money_at(cost.total, places)),
        String::new().into(),
    ]);
    table
}

/// Paid or received.
pub fn total_name(total: Money) -> &'static str {
    if total.0.is_negative() { "in all, received" } else { "in all, paid" }
}

#[allow(clippy::cast_precision_loss)] // A percentage for people.
fn share(part: Money, of: Money) -> String {
    match (part.0.get(), of.0.get()) {
        (0, _) => String::new(),
        (_, 0) => UNKNOWN.to_owned(),
        (part, of) => {
            let percent = 100.0 * part as f64 / of.abs() as f64;
            if percent.abs() < 0.005 { "<0.01%".to_owned() } else { float(percent, 2) + "%" }
        }
    }
}

/// `buy 2 BTC_USDC-27MAR26-100000-C, sell 1 ...`.
pub fn legs_in_words(legs: &[OrderLeg]) -> String {
    let one = |leg: &OrderLeg| {
        let (verb, size) = sided(leg.size);
        format!("{verb} {} {}", contracts(size), leg.instrument)
    };
    legs.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Which side, and how much.
pub fn sided(size: Contracts) -> (&'static str, Contracts) {
    if size.0.get() < 0 { ("sell", Contracts(size.0.negated())) } else { ("buy", size) }
}

/// A total a contract of one leg, quote, two places: exact until it is shown.
pub fn per_contract(total: Money, size: Contracts) -> String {
    let magnitude = i128::from(size.0.magnitude());
    let units = total.0.get().unsigned_abs();
    let units = i128::try_from(units).unwrap_or(i128::MAX).saturating_mul(1_000_000).checked_div(magnitude);
    units.map_or_else(|| UNKNOWN.to_owned(), |units| super::number::fixed(units, 6, 2))
}

/// The amount without its sign.
pub fn unsigned(amount: Money) -> Money {
    if amount.0.is_negative() { Money(amount.0.negated()) } else { amount }
}

/// The difference of two amounts.
pub fn less(a: Money, b: Money) -> Money {
    Money(Cash::new(a.0.get() - b.0.get()).unwrap_or(Cash::MAX))
}
