//! `cenote explain`.

use crate::client::Client;
use crate::exit::{CODES, Failure};
use crate::keyring::Book;
use crate::session::Common;
use crate::show::cost::{cost_table, legs_in_words};
use crate::show::number::{money, money_at, places};
use crate::show::time::moment;
use crate::show::words::sentence;
use crate::show::{Paint, Table};
use cenote_api::codes;
use cenote_api::event::What;
use cenote_api::view::{Explanation, Order, PostingRow};
use clap::Args;
use serde::Serialize;

const EXAMPLES: &str = "\
Examples:
  cenote explain 4212                     command 4212: what it did, and every movement of cash
  cenote explain 4211                     an order's number: also what became of it
  cenote explain code pool_capacity       what an error code means, and what to do";

/// What a command did and why: every part of a trade's cost, events, postings, or the rule that refused it.
#[derive(Args)]
#[command(before_help = EXAMPLES, after_help = CODES)]
pub struct Arguments {
    /// A sequence number, the word `code`, or a code itself.
    #[arg(value_name = "SEQ")]
    what: String,
    /// The error code, after `code`.
    #[arg(value_name = "CODE")]
    code: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// A code and its help.
#[derive(Serialize)]
struct Code<'a> {
    code: &'a str,
    help: &'a str,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let code = match (arguments.what.as_str(), &arguments.code) {
        ("code", Some(code)) => Some(code.as_str()),
        ("code", None) => {
            return Err(Failure::Usage(format!("which code? One of {}", known_codes())));
        }
        (_, Some(_)) => {
            return Err(Failure::Usage("write `cenote explain SEQ` or `cenote explain code CODE`".into()));
        }
        (text, None) if text.parse::<u64>().is_err() => Some(text),
        _ => None,
    };
    arguments.common.run(|session| {
        if let Some(code) = code {
            let unknown =
                || Failure::Input(format!("there is no code `{code}`; there are {}", known_codes()));
            let help = codes::find(code).ok_or_else(unknown)?.help;
            return session.show(&Code { code, help }, |paint| format!("{}\n{help}\n", paint.strong(code)));
        }
        let seq = arguments.what.parse().unwrap_or(0);
        let told = session.client.explain(seq)?;
        if session.json {
            return session.show(&told, |_| String::new());
        }
        let order = became(&session.client, &told)?;
        let book = session.book()?;
        session.show(&told, |paint| text(&told, order.as_ref(), &book, paint))
    })
}

fn known_codes() -> String {
    codes::all().map(|row| row.code).collect::<Vec<_>>().join(", ")
}

/// What became of the order that a command placed.
fn became(client: &Client, told: &Explanation) -> Result<Option<Order>, Failure> {
    let placed = told.events.iter().find_map(|event| match event.what {
        What::OrderPlaced { order, .. } => Some(order),
        _ => None,
    });
    placed.map(|order| client.order(order)).transpose()
}

fn text(told: &Explanation, order: Option<&Order>, book: &Book, paint: Paint) -> String {
    let by = match told.principal {
        Some(principal) => format!("{} with key {}", book.name(&principal), book.name(&told.sender)),
        None => book.name(&told.sender),
    };
    let mut out = format!(
        "{}  {}\nby {by} at {}\n",
        paint.strong(&format!("command {}", told.seq)),
        told.command,
        moment(told.time)
    );
    out.push_str(&format!("\n{}\n", paint.strong("what happened")));
    if told.events.is_empty() {
        out.push_str("  nothing that is told\n");
    }
    for event in &told.events {
        out.push_str(&format!("  {}\n", sentence(&event.what, book)));
        if let What::OrderFilled { cost, .. } = &event.what {
            out.push_str(&cost_table(cost).spaced(4, 2).text(paint));
        }
    }
    if let Some(order) = order {
        out.push_str(&format!("\n{}\n{}", paint.strong("what became of it"), order_in_words(order, paint)));
    }
    if !told.postings.is_empty() {
        out.push_str(&format!("\n{}\n", paint.strong("movements of cash")));
        out.push_str(&postings(&told.postings, book).text(paint));
    }
    out + &paint.faint(&format!("\ndigest {}\n", told.digest))
}

fn order_in_words(order: &Order, paint: Paint) -> String {
    let mut out = format!("  {}, limit {}\n", legs_in_words(&order.legs), money(order.limit));
    let why =
        order.reason.as_ref().map_or_else(String::new, |why| format!(": {} ({})", why.message, why.code));
    match (&order.cost, order.tick) {
        (Some(cost), Some(tick)) => {
            out.push_str(&format!("  filled at tick {tick}, {}\n", moment(order.updated_at)));
            out.push_str(&cost_table(cost).spaced(4, 2).text(paint));
        }
        _ => {
            let state = order.ended.as_deref().unwrap_or(&order.state).replace('_', " ");
            out.push_str(&format!("  {state}{why}\n"));
        }
    }
    out
}

fn postings(rows: &[PostingRow], book: &Book) -> Table {
    let mut table = Table::new().left(&[1, 2, 3]);
    table.head(&["amount", "from", "to", "why"]);
    let places = places(&rows.iter().map(|row| row.amount).collect::<Vec<_>>());
    for row in rows {
        table.row([
            money_at(row.amount, places),
            named(&row.from, book),
            named(&row.to, book),
            row.reason.clone(),
        ]);
    }
    table
}

/// A bucket with the name of its account.
fn named(bucket: &str, book: &Book) -> String {
    let address = bucket.strip_prefix("account ").and_then(|text| text.parse().ok());
    address.map_or_else(|| bucket.to_owned(), |address| book.name(&address))
}
