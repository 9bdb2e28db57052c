//! `cenote orders`.

use crate::client::Page;
use crate::exit::{CODES, Failure};
use crate::session::{As, Common};
use crate::show::number::{contracts, known, money};
use crate::show::time::moment;
use crate::show::{Paint, Table};
use cenote_api::command::OrderLeg;
use cenote_api::view::{Order, OrderPage};
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  cenote orders --as alice                 live orders
  cenote orders --all --as alice           every order, newest first
  cenote orders --all --before 4200 --json --as alice";

/// An account's orders.
#[derive(Args)]
#[command(before_help = EXAMPLES, after_help = CODES)]
pub struct Arguments {
    /// In any state, newest first.
    #[arg(long)]
    all: bool,
    /// Rows of --all.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    limit: u32,
    /// Orders with a number below this one.
    #[arg(long, value_name = "N", requires = "all")]
    before: Option<u64>,
    #[command(flatten)]
    signer: As,
    #[command(flatten)]
    common: Common,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    arguments.common.run(|session| {
        let actor = session.actor(&arguments.signer)?;
        let page = if arguments.all {
            session.client.orders(actor.account, Page { before: arguments.before, limit: arguments.limit })?
        } else {
            let account = session.client.account(actor.account)?;
            OrderPage { orders: account.orders, has_more: false, as_of_seq: account.as_of_seq }
        };
        session.show(&page, |paint| text(&page, arguments.all, paint))
    })
}

fn text(page: &OrderPage, all: bool, paint: Paint) -> String {
    let Some(last) = page.orders.last() else {
        return if all { "no orders yet\n" } else { "no live orders; --all shows those that are over\n" }
            .to_owned();
    };
    let more = if page.has_more { format!("older ones: --before {}\n", last.order) } else { String::new() };
    table(&page.orders).text(paint) + &more
}

/// Orders, a line each.
pub fn table(orders: &[Order]) -> Table {
    let mut table = Table::new().left(&[1, 2, 5]);
    table.head(&["order", "placed", "trade", "limit", "cost", "state"]);
    // Where all are in one market its name says nothing.
    let one_market = orders.windows(2).all(|pair| pair[0].market == pair[1].market);
    for order in orders {
        table.row([
            order.order.to_string(),
            moment(order.placed_at),
            legs(order, one_market),
            money(order.limit),
            order.cost.map_or_else(String::new, |cost| money(cost.total)),
            state(order),
        ]);
    }
    table
}

fn legs(order: &Order, short: bool) -> String {
    let one = |leg: &OrderLeg| {
        let sign = if leg.size.0.get() > 0 { "+" } else { "" };
        let rest = leg.instrument.strip_prefix(&*order.market).and_then(|rest| rest.strip_prefix('-'));
        let name = rest.filter(|_| short).unwrap_or(&leg.instrument);
        format!("{sign}{} {name}", contracts(leg.size))
    };
    order.legs.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn state(order: &Order) -> String {
    let why = order.reason.as_ref().map_or_else(String::new, |why| format!(": {}", why.code));
    match order.state.as_str() {
        "filled" => format!("filled, tick {}", known(order.tick, |tick| tick.to_string())),
        "ended" => order.ended.as_deref().unwrap_or("ended").replace('_', " ") + &why,
        "durable" | "resting" if order.cancel_from.is_some() => "being cancelled".to_owned(),
        "resting" => format!("rests, {} tries left", order.attempts),
        "durable" => "waits for its price".to_owned(),
        other => other.to_owned(),
    }
}
