//! `cenote account`.

use crate::client::Page;
use crate::exit::{CODES, Failure};
use crate::keyring::Actor;
use crate::session::{As, Common};
use crate::show::cost::{legs_in_words, unsigned};
use crate::show::number::{change_at, contracts, figure, float, known, money, places, shares};
use crate::show::time::{from_now, moment};
use crate::show::{Cell, Paint, Table, Tone};
use cenote_api::view::{Account, ClosedPage, FillPage, FillRow, Pnl, Position};
use cenote_api::{Money, command::OrderLeg};
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  cenote account --as alice
  cenote account cenote1...            anybody's, by address
  cenote account --pnl --as alice      where its profit came from
  cenote account --fills --limit 20 --as alice
  cenote account --closed --as alice   positions that are over, with what each realised";

/// Cash, positions and orders of an account; its fills; its closed positions; its profit by source.
#[derive(Args)]
#[command(before_help = EXAMPLES, after_help = CODES)]
pub struct Arguments {
    /// Whose, by name or address, instead of --as.
    #[arg(value_name = "WHO")]
    whose: Option<String>,
    /// What it traded, newest first.
    #[arg(long, conflicts_with_all = ["pnl", "closed"])]
    fills: bool,
    /// Positions that were closed in full, newest first, with what each realised.
    #[arg(long, conflicts_with = "pnl")]
    closed: bool,
    /// Profit by source; the parts add up.
    #[arg(long)]
    pnl: bool,
    /// Rows of --fills and --closed.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    limit: u32,
    /// Those older than this sequence number.
    #[arg(long, value_name = "SEQ")]
    before: Option<u64>,
    #[command(flatten)]
    signer: As,
    #[command(flatten)]
    common: Common,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    arguments.common.run(|session| {
        let who = As { who: arguments.whose.clone().or_else(|| arguments.signer.who.clone()) };
        let actor = session.actor(&who)?;
        if arguments.fills {
            let page = Page { before: arguments.before, limit: arguments.limit };
            let fills = session.client.fills(actor.account, page)?;
            return session.show(&fills, |paint| fills_text(&fills, paint));
        }
        if arguments.closed {
            let page = Page { before: arguments.before, limit: arguments.limit };
            let closed = session.client.closed(actor.account, page)?;
            return session.show(&closed, |paint| closed_text(&closed, paint));
        }
        let account = session.client.account(actor.account)?;
        if arguments.pnl {
            return session.show(&account.pnl, |paint| pnl_table(&account.pnl).text(paint));
        }
        let now = session.status()?.market_time_ms;
        session.show(&account, |paint| text(&account, &actor, now, paint))
    })
}

/// An account in words.
fn text(account: &Account, actor: &Actor, now: u64, paint: Paint) -> String {
    let mut out = format!("{}  {}\n\n", paint.strong(&actor.name), account.account);
    out.push_str(&cash(account).text(paint));
    if account.positions.is_empty() {
        out.push_str("\nno positions; `cenote chain` shows what there is, `cenote quote` what it costs\n");
    } else {
        out.push_str(&format!("\n{}\n", paint.strong("positions")));
        out.push_str(&positions(&account.positions, now).text(paint));
    }
    if !account.orders.is_empty() {
        out.push_str(&format!("\n{}\n", paint.strong("live orders")));
        out.push_str(&super::orders::table(&account.orders).text(paint));
    }
    for stake in &account.stakes {
        let requests = match stake.requests.len() {
            0 => String::new(),
            n => format!(", {n} requests on their way (cenote lp status)"),
        };
        out.push_str(&format!(
            "\npool {}: {} shares worth {}, {} of them locked{requests}\n",
            stake.pool,
            shares(stake.shares),
            money(stake.value),
            shares(stake.locked)
        ));
    }
    for key in &account.sessions {
        out.push_str(&format!("\nsession key {} ends {}\n", key.key, from_now(key.expires_at, now)));
    }
    out
}

fn cash(account: &Account) -> Table {
    let mut table = Table::new().left(&[0, 2]);
    let rows = [
        ("free cash", account.cash, "can be spent or withdrawn"),
        ("locked", account.locked, "the most that positions can cost at settlement"),
        ("positions", account.value, "at their marks"),
        ("equity", account.equity, ""),
        ("worst case", account.worst_case, "fully reserved: nothing is ever liquidated"),
        ("wallet", account.wallet, "outside of the venue; `cenote deposit` brings it in"),
    ];
    for (name, amount, note) in rows {
        table.row([name.into(), money(amount).into(), Cell::new(Tone::Faint, note)]);
    }
    let profit = account.pnl.total;
    table.row([
        "profit".into(),
        signed(profit, 2),
        Cell::new(Tone::Faint, "since the beginning; --pnl says where from"),
    ]);
    let greeks = &account.greeks;
    table.row(["delta", &figure(greeks.delta)]);
    table.row(["gamma", &figure(greeks.gamma)]);
    table.row(["vega", &figure(greeks.vega), "a vol point"]);
    table.row(["theta", &figure(greeks.theta), "a day"]);
    table
}

/// A change in its colour.
fn signed(amount: Money, places: u32) -> Cell {
    let tone = match amount.0.get() {
        0 => Tone::Plain,
        n if n > 0 => Tone::Up,
        _ => Tone::Down,
    };
    Cell::new(tone, change_at(amount, places))
}

fn positions(rows: &[Position], now: u64) -> Table {
    let mut table = Table::new();
    let head = ["instrument", "size", "mark", "value", "opened at", "profit", "realised", "delta", "expires"];
    table.head(&head);
    for row in rows {
        let expires = from_now(row.expiration_timestamp, now);
        let expires = if row.settled { "settled" } else { expires.trim_start_matches("in ") };
        let profit = row.floating_profit_loss.map_or_else(
            || known::<f64>(None, figure).into(),
            |profit| {
                let sign = if profit > 0.0 { "+" } else { "" };
                let tone = if profit < 0.0 { Tone::Down } else { Tone::Up };
                Cell::new(tone, format!("{sign}{}", float(profit, 2)))
            },
        );
        let realised = row
            .realised_profit_loss
            .map_or_else(|| known::<Money>(None, money).into(), |realised| signed(realised, 2));
        table.row([
            row.instrument_name.clone().into(),
            contracts(row.size).into(),
            float(row.mark_price, 2).into(),
            money(row.value).into(),
            known(row.average_price, |at| float(at, 2)).into(),
            profit,
            realised,
            figure(row.greeks.delta).into(),
            expires.into(),
        ]);
    }
    table
}

fn closed_text(page: &ClosedPage, paint: Paint) -> String {
    if page.positions.is_empty() {
        return "no position has been closed yet\n".to_owned();
    }
    let mut table = Table::new().left(&[1, 2, 7]);
    table.head(&["seq", "closed", "instrument", "size", "entry", "exit", "realised", "by"]);
    for row in &page.positions {
        // Without its market, so that a row fits a terminal.
        let name = row.instrument_name.split_once('-').map_or("", |(_, series)| series);
        table.row([
            row.seq.to_string().into(),
            moment(row.closed_at).into(),
            name.into(),
            contracts(row.size).into(),
            float(row.average_price, 2).into(),
            float(row.exit_price, 2).into(),
            signed(row.realised_profit_loss, 2),
            row.closed_by.as_str().into(),
        ]);
    }
    let more = match (page.has_more, page.positions.last()) {
        (true, Some(last)) => format!("older ones: --before {}\n", last.seq),
        _ => String::new(),
    };
    table.text(paint) + &more
}

/// Profit by source, then its sum.
fn pnl_table(pnl: &Pnl) -> Table {
    let mut table = Table::new().left(&[0, 2]);
    let rows = [
        ("market", pnl.market, "marks and payoffs against the marks it traded at"),
        ("impact", pnl.impact, "of its trades on the pool's risk"),
        ("capital", pnl.capital, "rent for locked capital"),
        ("spread", pnl.spread, ""),
        ("latency", pnl.latency, "for the time from publishing to execution"),
        ("fee", pnl.fee, ""),
        ("rounding", pnl.rounding, ""),
        ("keeper", pnl.keeper, "to whoever delivered prices"),
        ("transfer", pnl.transfer, "for positions handed over"),
    ];
    let places = places(&rows.map(|(_, amount, _)| amount));
    for (name, amount, note) in rows {
        table.row([name.into(), signed(amount, places), Cell::new(Tone::Faint, note)]);
    }
    table.row([Cell::new(Tone::Strong, "in all"), signed(pnl.total, places)]);
    table
}

fn fills_text(page: &FillPage, paint: Paint) -> String {
    if page.fills.is_empty() {
        return "no fills yet\n".to_owned();
    }
    let mut table = Table::new().left(&[1, 2]);
    table.head(&["seq", "time", "trade", "cost", "fee", "order"]);
    for fill in &page.fills {
        table.row([
            fill.seq.to_string(),
            moment(fill.time),
            legs_in_words(&legs(fill)),
            money(fill.cost.total),
            money(unsigned(fill.cost.fee)),
            fill.order.to_string(),
        ]);
    }
    let more = match (page.has_more, page.fills.last()) {
        (true, Some(last)) => format!("older ones: --before {}\n", last.seq),
        _ => String::new(),
    };
    table.text(paint) + &more
}

fn legs(fill: &FillRow) -> Vec<OrderLeg> {
    let leg = |row: &cenote_api::view::TradeRow| OrderLeg {
        instrument: row.instrument_name.clone(),
        size: if row.direction == "sell" {
            cenote_api::Contracts(row.amount.0.negated())
        } else {
            row.amount
        },
    };
    fill.trades.iter().map(leg).collect()
}
