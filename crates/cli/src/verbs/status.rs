//! `cenote status`.

use crate::exit::{CODES, Failure};
use crate::session::Common;
use crate::show::number::{float, known, price};
use crate::show::time::{moment, span};
use crate::show::{Cell, Paint, Table, Tone};
use cenote_api::view::{MarketStatus, Status};
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  cenote status
  cenote status --json | jq .last_seq
  cenote status --node http://127.0.0.1:8981";

/// How the venue is: clock, markets, journal.
#[derive(Args)]
#[command(before_help = EXAMPLES, after_help = CODES)]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    arguments.common.run(|session| {
        let status = session.status()?;
        session.show(status, |paint| text(status, session.client.address(), paint))
    })
}

/// The status in words.
pub fn text(status: &Status, node: &str, paint: Paint) -> String {
    let clock = &status.clock;
    let pace = if clock.paused {
        "paused".to_owned()
    } else {
        format!("{}x", float(clock.speed, speed_places(clock.speed)))
    };
    let behind = status.last_seq.saturating_sub(status.durable_seq);
    let journal = match behind {
        0 => format!("command {}, on disk", status.last_seq),
        n => format!("command {}, {n} not on disk yet", status.last_seq),
    };
    let mut facts = Table::new().left(&[0, 1]);
    facts.row(["node", node]);
    facts.row(["venue", &status.venue_id]);
    facts.row(["version", &format!("{}, {} mode", status.version, status.mode)]);
    facts.row(["market time", &format!("{}  {pace}", moment(status.market_time_ms))]);
    facts.row(["journal", &journal]);
    facts.row(["digest", &status.digest.chars().take(16).collect::<String>()]);
    let mut markets = Table::new().left(&[0, 5]);
    markets.head(&["market", "index", "tick", "price age", "surface age", "trading"]);
    for market in &status.markets {
        markets.row(row(market));
    }
    if status.markets.is_empty() {
        return facts.text(paint) + "\n  no market yet\n";
    }
    format!("{}\n{}", facts.text(paint), markets.text(paint))
}

fn speed_places(speed: f64) -> usize {
    if speed.fract() == 0.0 { 0 } else { 2 }
}

fn row(market: &MarketStatus) -> [Cell; 6] {
    let trading = match (&market.trading.enabled, &market.trading.reason) {
        (true, _) => "open".into(),
        (false, reason) => Cell::new(Tone::Warn, reason.clone().unwrap_or_else(|| "closed".to_owned())),
    };
    [
        Cell::new(Tone::Strong, &*market.market),
        known(market.index_price, price).into(),
        market.tick.to_string().into(),
        known(market.price_age_ms, span).into(),
        known(market.surface_age_ms, span).into(),
        trading,
    ]
}
