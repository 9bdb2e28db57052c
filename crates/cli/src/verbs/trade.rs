//! `cenote trade`.

use super::quote;
use crate::exit::{CODES, Failure, told};
use crate::keyring::Actor;
use crate::legs;
use crate::session::{As, Common, Session};
use crate::show::cost::{cost_places, legs_in_words, less, parts, total_name, unsigned};
use crate::show::number::{MINUS, money, money_at, typed, unit};
use crate::show::time::{moment, parse_moment};
use crate::show::{Cell, Paint, Table, Tone};
use cenote_api::command::PlaceOrder;
use cenote_api::event::{CostParts, What};
use cenote_api::view::{Order, QuoteAnswer, QuoteRequest, SimulateAnswer, SimulateRequest};
use cenote_api::{ApiCommand, Money};
use cenote_units::Cash;
use clap::Args;
use std::time::{Duration, Instant};

const EXAMPLES: &str = "\
Examples:
  cenote trade buy 1 27MAR26 100000 C --as alice
  cenote trade buy 2 27MAR26 100000 C --limit 9640 --as alice
  cenote trade -1 BTC_USDC-27MAR26-100000-C --reduce-only --slippage 0.5 --as alice
  cenote trade buy 1 27MAR26 100000 C --limit 4700 --until 10m --wait --as alice
  cenote trade buy 1 27MAR26 100000 C --as alice --dry-run";

const NOTES: &str = "\
An order fills at the first price published after it is on disk, a second or two later: whole, or not at all.
Without --limit or --slippage the limit is what `cenote quote` suggests. With --until an order that does
not fill waits; each price that tries it costs one keeper fee, what is not used comes back.";

/// Trade with the pool: sign, send, wait for the price, say what it cost beside what was quoted.
#[derive(Args)]
#[command(before_help = EXAMPLES, after_help = format!("{}\n\n{NOTES}\n\n{CODES}", legs::HELP))]
pub struct Arguments {
    /// What to trade: 1 to 8 legs, whole or not at all.
    #[arg(required = true, value_name = "LEG", allow_negative_numbers = true)]
    legs: Vec<String>,
    /// The most to pay, or the least to receive when negative, all charges included.
    #[arg(long, value_name = "CASH", allow_negative_numbers = true, value_parser = money_typed)]
    limit: Option<Money>,
    /// The limit as so many percent worse than the quote.
    #[arg(long, value_name = "PERCENT", conflicts_with = "limit", value_parser = percent_typed)]
    slippage: Option<Money>,
    /// Wait for a price that meets the limit: a length of market time like 10m, or a moment.
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
    /// How many prices may try it. [default: 1; with --until one a second, as far as one quote token of fees goes]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    attempts: Option<u32>,
    /// Refuse to open or enlarge a position.
    #[arg(long)]
    reduce_only: bool,
    /// A mark of your own on the order, at most 64 bytes.
    #[arg(long)]
    label: Option<String>,
    /// The market of legs that do not name one. [default: the venue's first]
    #[arg(long)]
    market: Option<String>,
    /// Try it without a signature and without effect.
    #[arg(long)]
    dry_run: bool,
    /// Seconds to wait for what becomes of it; without a number, until it has filled or ended. [default: 5]
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "86400")]
    wait: Option<u64>,
    #[command(flatten)]
    signer: As,
    #[command(flatten)]
    common: Common,
}

/// Seconds that are waited when nobody says how long.
const PATIENCE_S: u64 = 5;
/// Between two looks at an order.
const LOOK: Duration = Duration::from_millis(100);

/// Money as typed.
pub fn money_typed(text: &str) -> Result<Money, String> {
    typed(text).parse().map_err(|error: cenote_api::amount::NotAnAmount| error.to_string())
}

fn percent_typed(text: &str) -> Result<Money, String> {
    let percent: Money = money_typed(text.trim_end_matches('%'))?;
    let most = Cash::new(100_000_000).unwrap_or(Cash::MAX);
    if percent.0 < Cash::ZERO || percent.0 > most {
        Err("0 to 100 percent was expected".to_owned())
    } else {
        Ok(percent)
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    arguments.common.run(|session| trade(session, arguments))
}

fn trade(session: &Session, arguments: &Arguments) -> Result<(), Failure> {
    let actor = session.actor(&arguments.signer)?;
    let legs = quote::legs(session, &arguments.legs, arguments.market.as_deref())?;
    let request = QuoteRequest {
        legs,
        account: Some(actor.account),
        reduce_only: arguments.reduce_only,
        largest: false,
    };
    let quoted = session.client.quote(&request)?;
    let order = order(session, arguments, request, &quoted)?;
    if arguments.dry_run {
        return dry_run(session, &actor, order, &quoted);
    }
    if let (Some(error), None) = (&quoted.refusal, &arguments.until) {
        // The next price would refuse it as well and cost a keeper fee; somebody who waits may be right later.
        return Err(error.clone().into());
    }
    if !session.json {
        crate::output::print(&intent(&order, &quoted, session.paint))?;
    }
    let (_, result) = session.send_one(&actor, ApiCommand::PlaceOrder(order))?;
    let number = result
        .seq
        .ok_or_else(|| Failure::Failed("the node took the order and gave it no number".to_owned()))?;
    if !session.json {
        let due = result.events.iter().find_map(|event| match event.what {
            What::OrderPlaced { due_at, .. } => Some(due_at),
            _ => None,
        });
        let due = due.map_or_else(String::new, |at| {
            format!(", due at the first price published from {} on", moment(at))
        });
        crate::output::print(&format!("order {number} is on disk{due}\n"))?;
    }
    let order = followed(session, number, arguments.wait)?;
    session.show(&order, |paint| outcome(&order, &quoted, paint))?;
    if order.state == "ended" { told(order.reason.as_ref()) } else { Ok(()) }
}

/// The order that is asked for, with a limit.
fn order(
    session: &Session,
    arguments: &Arguments,
    request: QuoteRequest,
    quoted: &QuoteAnswer,
) -> Result<PlaceOrder, Failure> {
    let now = session.status()?.market_time_ms;
    let until =
        arguments.until.as_deref().map(|text| parse_moment(text, now).map_err(Failure::Usage)).transpose()?;
    if until.is_some_and(|until| until <= now) {
        return Err(Failure::Usage(format!("--until is over: market time is {}", moment(now))));
    }
    let limit = match (arguments.limit, arguments.slippage) {
        (Some(limit), _) => limit,
        (None, Some(percent)) => slipped(quoted.cost.total, percent),
        (None, None) => quoted.limit_suggested,
    };
    let attempts = arguments
        .attempts
        .unwrap_or_else(|| until.map_or(1, |until| attempts(until - now, quoted.keeper_fee)));
    Ok(PlaceOrder {
        legs: request.legs,
        limit,
        until,
        reduce_only: arguments.reduce_only,
        attempts,
        label: arguments.label.clone(),
    })
}

/// One try a second, as many as one quote token pays for: the most that the protocol takes.
fn attempts(wait_ms: u64, keeper_fee: Money) -> u32 {
    let affordable = 1_000_000i128.checked_div(keeper_fee.0.get()).unwrap_or(i128::from(u32::MAX));
    let wanted = i128::from(wait_ms / 1_000 + 1);
    u32::try_from(wanted.min(affordable).max(1)).unwrap_or(u32::MAX)
}

/// A total and so many percent worse, rounded up: nobody should miss a fill by a rounding.
fn slipped(total: Money, percent: Money) -> Money {
    let room = total.0.get().abs().saturating_mul(percent.0.get());
    let room = room.saturating_add(99_999_999) / 100_000_000;
    Money(Cash::new(total.0.get().saturating_add(room)).unwrap_or(Cash::MAX))
}

fn dry_run(session: &Session, actor: &Actor, order: PlaceOrder, quoted: &QuoteAnswer) -> Result<(), Failure> {
    let limit = order.limit;
    let commands = vec![ApiCommand::PlaceOrder(order)];
    let answer = session.client.simulate(&SimulateRequest { account: actor.account, commands })?;
    session.show(&answer, |paint| simulated(&answer, quoted, limit, &actor.name, paint))?;
    let refusal = answer.results.first().and_then(|result| result.error.as_ref());
    told(refusal.or(quoted.refusal.as_ref()))
}

fn simulated(answer: &SimulateAnswer, quoted: &QuoteAnswer, limit: Money, who: &str, paint: Paint) -> String {
    let verdict = match answer.results.first().and_then(|result| result.error.as_ref()) {
        Some(error) => {
            format!("{}: {} ({})\n", paint.tone(Tone::Warn, "it would be refused"), error.message, error.code)
        }
        None => format!("it would be taken, limit {}; nothing was sent\n", money(limit)),
    };
    let shown = quote::text(quoted, who, paint);
    format!("{shown}\n{}{verdict}", paint.strong("dry run: "))
}

fn intent(order: &PlaceOrder, quoted: &QuoteAnswer, paint: Paint) -> String {
    let unit = unit(&quoted.market);
    let limit = match order.limit.0.is_negative() {
        true => format!("receive at least {} {unit}", money(unsigned(order.limit))),
        false => format!("pay at most {} {unit}", money(order.limit)),
    };
    let until = order
        .until
        .map_or_else(String::new, |at| format!(", until {} or {} tries", moment(at), order.attempts));
    format!(
        "{}\n{limit}, quoted {}{until}\n",
        paint.strong(&legs_in_words(&order.legs)),
        money(quoted.cost.total)
    )
}

/// Looks at an order until it has filled, rests or ended; when told to wait by name, until it has filled or ended.
fn followed(session: &Session, number: u64, wait: Option<u64>) -> Result<Order, Failure> {
    let patience = Duration::from_secs(wait.unwrap_or(PATIENCE_S));
    let begun = Instant::now();
    loop {
        let order = session.client.order(number)?;
        let over = match order.state.as_str() {
            "filled" | "ended" => true,
            "resting" => wait.is_none(),
            _ => false,
        };
        if over || begun.elapsed() >= patience {
            return Ok(order);
        }
        std::thread::sleep(LOOK);
    }
}

/// What became of an order.
fn outcome(order: &Order, quoted: &QuoteAnswer, paint: Paint) -> String {
    let why = |order: &Order| {
        order.reason.as_ref().map_or_else(String::new, |why| format!(": {} ({})", why.message, why.code))
    };
    match (order.state.as_str(), &order.cost) {
        ("filled", Some(cost)) => {
            let tick = order.tick.map_or_else(String::new, |tick| format!(" at tick {tick}"));
            let sum =
                format!("{} {} {}", total_name(cost.total), money(unsigned(cost.total)), unit(&order.market));
            format!("{}{tick}: {sum}\n\n{}", paint.strong("filled"), beside(&quoted.cost, cost).text(paint))
        }
        ("resting", _) => {
            let until = order.until.map_or_else(String::new, |at| format!(", until {}", moment(at)));
            format!(
                "{}{}{until}; {} tries left\nnext: cenote orders, cenote cancel {}\n",
                paint.strong("resting"),
                why(order),
                order.attempts,
                order.order
            )
        }
        ("ended", _) => {
            let how = order.ended.as_deref().unwrap_or("not_filled").replace('_', " ");
            format!("{}, {how}{}\n", paint.tone(Tone::Warn, "ended"), why(order))
        }
        _ => format!(
            "still waits for its price; is the market's clock paused? next: cenote status, cenote explain {}\n",
            order.order
        ),
    }
}

/// Quoted and filled, part by part.
fn beside(quoted: &CostParts, filled: &CostParts) -> Table {
    let places = cost_places(&[quoted, filled]);
    let mut table = Table::new();
    table.head(&["", "quoted", "filled", "difference"]);
    let difference = |from, to| {
        let change = less(to, from);
        let sign = if change.0 > Cash::ZERO { "+" } else { "" };
        let text = if change.0 == Cash::ZERO {
            String::new()
        } else {
            format!("{sign}{}", money_at(change, places))
        };
        // Dearer than quoted is a loss.
        let tone = if text.starts_with(MINUS) { Tone::Up } else { Tone::Down };
        Cell::new(tone, text)
    };
    for ((name, from), (_, to)) in parts(quoted).into_iter().zip(parts(filled)) {
        table.row([
            name.into(),
            money_at(from, places).into(),
            money_at(to, places).into(),
            difference(from, to),
        ]);
    }
    let (from, to) = (quoted.total, filled.total);
    let strong = |text: String| Cell::new(Tone::Strong, text);
    let name = total_name(to).to_owned();
    table.row([
        strong(name),
        strong(money_at(from, places)),
        strong(money_at(to, places)),
        difference(from, to),
    ]);
    table
}

#[cfg(test)]
mod tests;
