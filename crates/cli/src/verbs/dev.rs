//! `cenote dev`: the controls of dev mode.

use super::fund::{Gift, give};
use super::status;
use crate::exit::{CODES, Failure};
use crate::session::{Common, Session};
use crate::show::Table;
use crate::show::number::typed;
use crate::show::time::{parse_moment, parse_span};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

const EXAMPLES: &str = "\
Examples:
  cenote dev clock pause
  cenote dev clock speed 60x
  cenote dev clock +1h
  cenote dev clock until next-expiry
  cenote dev price -20% in 10m
  cenote dev vol +30
  cenote dev oracle off 5m
  cenote dev snapshot before-the-crash
  cenote dev revert before-the-crash";

/// Time, prices, money and snapshots of a venue in dev mode.
#[derive(Args)]
#[command(before_help = EXAMPLES, after_help = CODES)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    common: Common,
}

#[derive(Subcommand)]
enum What {
    /// Pause, resume, speed up or jump: market time never goes back, except by revert.
    #[command(
        before_help = "Examples:\n  cenote dev clock pause\n  cenote dev clock resume\n  cenote dev clock speed 60x\n  \
                             cenote dev clock +1h\n  cenote dev clock until 2026-03-27T08:00Z\n  cenote dev clock until next-expiry"
    )]
    Clock {
        /// `pause`, `resume`, `speed N`, `+1h`, `until WHEN`.
        #[arg(required = true, num_args = 1..=2)]
        words: Vec<String>,
    },
    /// Move the index, at once or over a while.
    #[command(before_help = "Examples:\n  cenote dev price -20%\n  cenote dev price +5% in 10m")]
    Price {
        /// The move, in percent.
        #[arg(value_name = "PERCENT", allow_hyphen_values = true)]
        by: String,
        /// `in` and a length of market time.
        #[arg(value_name = "in LENGTH", num_args = 0..=2)]
        over: Vec<String>,
    },
    /// Move every vol.
    #[command(before_help = "Examples:\n  cenote dev vol +30\n  cenote dev vol -10")]
    Vol {
        /// Vol points.
        #[arg(allow_hyphen_values = true)]
        points: String,
    },
    /// Silence the publishers of prices for a while.
    #[command(before_help = "Examples:\n  cenote dev oracle off 5m")]
    Oracle {
        /// `off` and a length of market time.
        #[arg(required = true, num_args = 1..=2)]
        words: Vec<String>,
    },
    /// Money out of nowhere into an account's free cash.
    #[command(before_help = "Examples:\n  cenote dev fund alice 10000")]
    Fund(Gift),
    /// Keep the venue's state under a name.
    #[command(before_help = "Examples:\n  cenote dev snapshot before-the-crash")]
    Snapshot {
        /// Letters, digits, - _ and .
        name: String,
    },
    /// Go back to a snapshot: state, clock and all. It stays and can be used again.
    #[command(before_help = "Examples:\n  cenote dev revert before-the-crash")]
    Revert {
        /// Its name.
        name: String,
    },
    /// Names of snapshots.
    #[command(before_help = "Examples:\n  cenote dev snapshots")]
    Snapshots,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    arguments.common.run(|session| match &arguments.what {
        What::Clock { words } => {
            let now = session.client.status()?.market_time_ms;
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            control(session, "clock", &clock(&words, now).map_err(Failure::Usage)?)
        }
        What::Price { by, over } => {
            let over = over_words(over).map_err(Failure::Usage)?;
            let by = number(by, "a percentage like -20%").map_err(Failure::Usage)?;
            control(session, "price", &json!({ "move": by / 100.0, "over_ms": over }))
        }
        What::Vol { points } => {
            let points = number(points, "vol points like +30").map_err(Failure::Usage)?;
            control(session, "vol", &json!({ "points": points }))
        }
        What::Oracle { words } => {
            let off = match words.as_slice() {
                [off, length] if off == "off" => parse_span(length).map_err(Failure::Usage)?,
                _ => return Err(Failure::Usage("write `cenote dev oracle off 5m`".to_owned())),
            };
            control(session, "oracle", &json!({ "off_ms": off }))
        }
        What::Fund(gift) => give(session, gift),
        What::Snapshot { name } => control(session, "snapshot", &json!({ "name": name })),
        What::Revert { name } => control(session, "revert", &json!({ "name": name })),
        What::Snapshots => snapshots(session),
    })
}

fn control(session: &Session, what: &str, body: &Value) -> Result<(), Failure> {
    let after = session.client.dev(what, body)?;
    session.show(&after, |paint| status::text(&after, session.client.address(), paint))
}

/// What the words ask of the clock.
fn clock(words: &[&str], now: u64) -> Result<Value, String> {
    Ok(match words {
        ["pause"] => json!({ "pause": true }),
        ["resume"] => json!({ "resume": true }),
        ["speed", speed] => json!({ "speed": number(speed.trim_end_matches('x'), "a number like 60x")? }),
        ["until", "next-expiry"] => json!({ "until": "next-expiry" }),
        ["until", when] => json!({ "until": parse_moment(when, now)? }),
        [jump] if jump.starts_with('+') => json!({ "jump_ms": parse_span(jump)? }),
        _ => {
            return Err(format!(
                "`{}` is nothing a clock does; write pause, resume, speed 60x, +1h, until 2026-03-27T08:00Z or until next-expiry",
                words.join(" ")
            ));
        }
    })
}

fn over_words(words: &[String]) -> Result<u64, String> {
    match words {
        [] => Ok(0),
        [word, length] if word == "in" => parse_span(length),
        _ => Err("after the move comes `in` and a length, like `in 10m`".to_owned()),
    }
}

/// A figure of the simulation, not an amount.
fn number(text: &str, expected: &str) -> Result<f64, String> {
    let plain = typed(text.trim_end_matches('%'));
    let parsed = plain.strip_prefix('+').unwrap_or(&plain).parse::<f64>().ok();
    parsed.filter(|n| n.is_finite()).ok_or_else(|| format!("`{text}`: {expected} was expected"))
}

fn snapshots(session: &Session) -> Result<(), Failure> {
    let all = session.client.snapshots()?;
    session.show(&all, |paint| {
        if all.snapshots.is_empty() {
            return "no snapshots; `cenote dev snapshot NAME` takes one\n".to_owned();
        }
        let mut table = Table::new();
        table.head(&["snapshot", "command"]);
        for row in &all.snapshots {
            table.row([row.name.clone(), row.seq.to_string()]);
        }
        table.text(paint)
    })
}

#[cfg(test)]
mod tests;
