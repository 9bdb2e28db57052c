//! `cenote quote`.

use crate::exit::{CODES, Failure, told};
use crate::legs::{self, Legs};
use crate::session::{As, Common, Session};
use crate::show::cost::{cost_table, legs_in_words, total_name, unsigned};
use crate::show::number::{contracts, figure, float, known, money, percent, price, unit};
use crate::show::time::moment;
use crate::show::{Cell, Paint, Table, Tone};
use cenote_api::Money;
use cenote_api::command::OrderLeg;
use cenote_api::view::{AccountBrief, Largest, QuoteAnswer, QuoteRequest};
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  cenote quote buy 2 27MAR26 100000 C
  cenote quote +1 BTC_USDC-27MAR26-100000-C -1 BTC_USDC-27MAR26-110000-C --as alice
  cenote quote sell 5 27MAR26 90000 P --largest --json";

/// What a trade would cost now, every part of it, and what it would do to the account.
#[derive(Args)]
#[command(before_help = EXAMPLES, after_help = format!("{}\n\n{CODES}", legs::HELP))]
pub struct Arguments {
    /// What to trade: 1 to 8 legs.
    #[arg(required = true, value_name = "LEG", allow_negative_numbers = true)]
    legs: Vec<String>,
    /// The market of legs that do not name one. [default: the venue's first]
    #[arg(long)]
    market: Option<String>,
    /// As an order that may only reduce positions.
    #[arg(long)]
    reduce_only: bool,
    /// Also search the largest trade in these proportions.
    #[arg(long)]
    largest: bool,
    #[command(flatten)]
    signer: As,
    #[command(flatten)]
    common: Common,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    arguments.common.run(|session| {
        let legs = legs(session, &arguments.legs, arguments.market.as_deref())?;
        let actor = arguments.signer.who.as_ref().map(|_| session.actor(&arguments.signer)).transpose()?;
        let mut request = QuoteRequest {
            legs,
            account: actor.as_ref().map(|actor| actor.account),
            reduce_only: arguments.reduce_only,
            largest: arguments.largest,
        };
        let mut answer = session.client.quote(&request)?;
        if answer.refusal.is_some() && !arguments.largest {
            // The search is dear, and only somebody who is refused needs it.
            request.largest = true;
            answer = session.client.quote(&request)?;
        }
        let who = actor.as_ref().map_or("account", |actor| &actor.name);
        session.show(&answer, |paint| text(&answer, who, paint))?;
        told(answer.refusal.as_ref())
    })
}

/// Legs as typed, in the market that they or the options name.
pub fn legs(session: &Session, words: &[String], market: Option<&str>) -> Result<Vec<OrderLeg>, Failure> {
    let legs = Legs::parse(words).map_err(Failure::Usage)?;
    let market = match (legs.need_market(), market.or(legs.market())) {
        (true, named) => session.market(named)?.market,
        (false, named) => named.unwrap_or_default().to_owned(),
    };
    Ok(legs.in_market(&market))
}

/// A quote in words.
pub fn text(quote: &QuoteAnswer, who: &str, paint: Paint) -> String {
    let unit = unit(&quote.market);
    let asked: Vec<OrderLeg> = quote
        .legs
        .iter()
        .map(|leg| OrderLeg { instrument: leg.instrument.clone(), size: leg.size })
        .collect();
    let mut out = headline(quote, &asked, unit, paint);
    out.push_str(&cost_table(&quote.cost).text(paint));
    out.push('\n');
    out.push_str(&outcome(quote, unit).text(paint));
    if let (Some(before), Some(after)) = (&quote.account_before, &quote.account_after) {
        out.push('\n');
        out.push_str(&change_of_account(who, before, after).text(paint));
    }
    if let Some(error) = &quote.refusal {
        let said =
            format!("\n{}: {} ({})\n", paint.tone(Tone::Warn, "refused now"), error.message, error.code);
        out.push_str(&said);
    }
    if let Some(largest) = &quote.largest {
        out.push_str(&largest_in_words(quote, largest));
    }
    let stamp = format!(
        "\npriced at tick {}, index {}, published {}; orders fill at a later one\n",
        quote.tick,
        price(quote.index_price),
        moment(quote.published_at)
    );
    out + &paint.faint(&stamp)
}

fn headline(quote: &QuoteAnswer, asked: &[OrderLeg], unit: &str, paint: Paint) -> String {
    let words = legs_in_words(asked);
    let sum = format!("{} {} {unit}", total_name(quote.cost.total), money(unsigned(quote.cost.total)));
    let each = match quote.legs.as_slice() {
        [_] => format!(", {} a contract", price(quote.average_price)),
        _ => String::new(),
    };
    let mut out = format!("{}\n{}{each}\n\n", paint.strong(&words), paint.strong(&sum));
    let mut marks = Table::new();
    marks.head(&["leg", "size", "mark", "IV"]);
    for leg in &quote.legs {
        let vol = known(leg.mark_iv, percent);
        marks.row([leg.instrument.clone(), contracts(leg.size), float(leg.mark_price, 2), vol]);
    }
    out.push_str(&marks.text(paint));
    out.push('\n');
    out
}

fn outcome(quote: &QuoteAnswer, unit: &str) -> Table {
    let mut table = Table::new().left(&[0, 2]);
    let signed = |amount: Money| {
        let tone = if amount.0.is_negative() { Tone::Down } else { Tone::Up };
        Cell::new(tone, money(amount))
    };
    table.row([
        "worst case".into(),
        signed(quote.worst_case),
        "at settlement; nothing is ever liquidated".into(),
    ]);
    table.row(["best case".into(), signed(quote.best_case), Cell::default()]);
    for at in &quote.break_evens {
        table.row(["breaks even at", &price(*at), ""]);
    }
    let greeks = &quote.greeks;
    let base = quote.market.split('_').next().unwrap_or_default();
    table.row(["delta", &figure(greeks.delta), base]);
    table.row(["gamma", &figure(greeks.gamma), &format!("of delta a {unit} of the index")]);
    table.row(["vega", &figure(greeks.vega), &format!("{unit} a vol point")]);
    table.row(["theta", &figure(greeks.theta), &format!("{unit} a day")]);
    table.row([
        "suggested limit",
        &money(quote.limit_suggested),
        "a usual move until the next price does not break it",
    ]);
    table.row([
        "keeper fee",
        &quote.keeper_fee.to_string(),
        "each try, beside the cost; unused ones come back",
    ]);
    table
}

/// Before and after, in the two numbers of an account.
pub fn change_of_account(who: &str, before: &AccountBrief, after: &AccountBrief) -> Table {
    let mut table = Table::new();
    table.head(&[who, "before", "", "after"]);
    for (name, from, to) in [("free cash", before.cash, after.cash), ("locked", before.locked, after.locked)]
    {
        table.row([name.to_owned(), money(from), "->".to_owned(), money(to)]);
    }
    table
}

fn largest_in_words(quote: &QuoteAnswer, largest: &Largest) -> String {
    let nothing = largest.sizes.iter().all(|size| size.0.get() == 0);
    let sizes = quote.legs.iter().zip(&largest.sizes);
    let legs: Vec<OrderLeg> =
        sizes.map(|(leg, size)| OrderLeg { instrument: leg.instrument.clone(), size: *size }).collect();
    let fits = if nothing {
        "nothing of this fills now".to_owned()
    } else {
        format!("the largest that fills: {}", legs_in_words(&legs))
    };
    let binds = largest
        .binds
        .as_ref()
        .map_or_else(String::new, |rule| format!("; beyond that: {} ({})", rule.message, rule.code));
    format!("{fits}{binds}\n")
}
