//! `cenote chain`.

use crate::exit::{CODES, Failure};
use crate::output;
use crate::session::{Common, Session};
use crate::show::number::{
    UNKNOWN, contracts, contracts_short, float, percent, price, price_at, strike, typed,
};
use crate::show::time::{day, from_now, moment};
use crate::show::{Cell, Paint, Table, Tone};
use cenote_api::view::{Chain, ChainExpiry, ChainSeries, ChainStrike};
use cenote_api::{Contracts, Quote};
use clap::Args;
use std::io::IsTerminal as _;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  cenote chain                       the first expiry, and which others there are
  cenote chain 27MAR26               one expiry
  cenote chain all --at-size 10      every expiry, at what ten contracts cost each
  cenote chain 27MAR26 --watch       again at every price, until Ctrl-C";

const NOTES: &str = "\
Bid and ask are what selling to and buying from the pool would be charged, everything included.
`>` marks the strike at the money, `*` a side that takes risk off the pool.
OI is what all holders together are long, pool what the pool holds. IV is in percent.";

/// The option chain: calls, strike, puts.
#[derive(Args)]
#[command(before_help = EXAMPLES, after_help = format!("{NOTES}\n\n{CODES}"))]
pub struct Arguments {
    /// An expiry like 27MAR26, or `all`. [default: the first]
    expiry: Option<String>,
    /// Bid and ask for so many contracts.
    #[arg(long, value_name = "N", default_value = "1", value_parser = size)]
    at_size: Contracts,
    /// The market. [default: the venue's first]
    #[arg(long)]
    market: Option<String>,
    /// Draw again every second.
    #[arg(long, conflicts_with = "json")]
    watch: bool,
    #[command(flatten)]
    common: Common,
}

/// Lines are no longer than this.
const WIDTH: usize = 100;

fn size(text: &str) -> Result<Contracts, String> {
    let size: Contracts =
        typed(text).parse().map_err(|error: cenote_api::amount::NotAnAmount| error.to_string())?;
    if size.0.get() > 0 { Ok(size) } else { Err("a size above zero was expected".to_owned()) }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    arguments.common.run(|session| {
        if !arguments.watch {
            let chain = asked(session, arguments)?;
            return session.show(&chain, |paint| text(&chain, arguments.expiry.is_none(), paint));
        }
        loop {
            let drawn = text(&asked(session, arguments)?, arguments.expiry.is_none(), session.paint);
            let clear = if std::io::stdout().is_terminal() { "\x1b[H\x1b[2J\x1b[3J" } else { "" };
            output::print(&format!("{clear}{drawn}"))?;
            std::thread::sleep(Duration::from_secs(1));
        }
    })
}

fn asked(session: &Session, arguments: &Arguments) -> Result<Chain, Failure> {
    let expiry = arguments.expiry.as_deref().map(str::to_ascii_uppercase);
    let expiry = expiry.as_deref().filter(|label| *label != "ALL");
    session.client.chain(arguments.market.as_deref(), expiry, arguments.at_size)
}

/// A chain; its first expiry alone and the names of the others, or all of it.
pub fn text(chain: &Chain, first_alone: bool, paint: Paint) -> String {
    let head = format!(
        "{}  index {}  tick {}  {}  prices of {} a side",
        paint.strong(&chain.market),
        price(chain.index_price),
        chain.tick,
        moment(chain.published_at),
        contracts(chain.size)
    );
    let shown =
        if first_alone { &chain.expiries[..chain.expiries.len().min(1)] } else { &chain.expiries[..] };
    let mut out = head + "\n";
    for expiry in shown {
        out.push('\n');
        out.push_str(&board(expiry, chain.published_at, paint));
    }
    if chain.expiries.is_empty() {
        out.push_str("\nno expiry is listed\n");
    }
    let others: Vec<&str> =
        chain.expiries.iter().skip(shown.len()).map(|expiry| expiry.expiry.as_str()).collect();
    if !others.is_empty() {
        out.push_str(&paint.faint(&format!("\nmore: {}\n", others.join(" "))));
    }
    out
}

fn board(expiry: &ChainExpiry, now: u64, paint: Paint) -> String {
    let at_money = expiry.atm_iv.map_or_else(|| UNKNOWN.to_owned(), percent);
    let head = format!(
        "{}  {}  forward {}  at the money {at_money}  settles within {} to {}\n",
        paint.strong(&day(&expiry.expiry)),
        from_now(expiry.expiration_timestamp, now),
        float(expiry.forward, 2),
        strike(expiry.settlement_band.floor),
        strike(expiry.settlement_band.cap),
    );
    // Decimals go before columns do: what is wide is dear, and its cents say little.
    let table = |places| table(expiry, places);
    let fitting = [2, 1, 0].map(table).into_iter().find(|table| table.width() <= WIDTH);
    head + &fitting.unwrap_or_else(|| table(0)).text(paint)
}

fn table(expiry: &ChainExpiry, places: u32) -> Table {
    let mut table = Table::new().left(&[]).spaced(0, 1);
    let mut names = vec!["bid", "ask", "IV", "delta", "OI", "pool", "", "strike"];
    names.extend(["bid", "ask", "IV", "delta", "OI", "pool"]);
    let mut over = vec![""; 14];
    (over[0], over[8]) = ("CALLS", "PUTS");
    table.head(&over);
    table.head(&names);
    let at_money = nearest(expiry);
    for (at, row) in expiry.strikes.iter().enumerate() {
        table.row(line(row, at_money == Some(at), places));
    }
    table
}

/// The strike nearest to the forward.
#[allow(clippy::cast_precision_loss)] // For a marker.
fn nearest(expiry: &ChainExpiry) -> Option<usize> {
    let distance = |row: &ChainStrike| (row.strike.0.get() as f64 / 1e12 - expiry.forward).abs();
    let rows = expiry.strikes.iter().enumerate();
    rows.min_by(|a, b| distance(a.1).total_cmp(&distance(b.1))).map(|(at, _)| at)
}

fn line(row: &ChainStrike, at_money: bool, places: u32) -> Vec<Cell> {
    let marked = if at_money { Tone::Strong } else { Tone::Plain };
    let mut cells = side(&row.call, marked, places);
    cells.push(Cell::new(marked, if at_money { ">" } else { "" }));
    cells.push(Cell::new(Tone::Strong, strike(row.strike)));
    cells.extend(side(&row.put, marked, places));
    cells
}

fn side(series: &ChainSeries, tone: Tone, places: u32) -> Vec<Cell> {
    let quoted = |price: Option<Quote>, helps: bool, own: Tone| {
        let star = if helps { "*" } else { " " };
        match price {
            Some(price) => Cell::new(own, price_at(price, places) + star),
            None => Cell::new(Tone::Faint, format!("{UNKNOWN} ")),
        }
    };
    let vol = series.mark_iv.map_or_else(|| UNKNOWN.to_owned(), |vol| float(vol, 1));
    let held = |size: Contracts| if size.0.get() == 0 { Tone::Faint } else { tone };
    vec![
        quoted(series.bid_price, series.sell_helps_pool, Tone::Up),
        quoted(series.ask_price, series.buy_helps_pool, Tone::Down),
        Cell::new(tone, vol),
        Cell::new(tone, float(series.greeks.delta, 2)),
        Cell::new(held(series.open_interest), contracts_short(series.open_interest)),
        Cell::new(held(series.pool_position), contracts_short(series.pool_position)),
    ]
}
