//! `cenote watch`.

use crate::exit::{CODES, Failure};
use crate::output;
use crate::session::{As, Common, Session};
use crate::show::time::moment;
use crate::show::words::sentence;
use cenote_api::Address;
use cenote_api::event::{ApiEvent, What};
use cenote_api::view::EventPage;
use clap::Args;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  cenote watch                          everything from now on, a line each
  cenote watch --type order_filled      one kind
  cenote watch --from 1 --json > events.ndjson
  cenote watch --account alice          what is about one account";

/// The log of events in words, as they happen, until Ctrl-C.
#[derive(Args)]
#[command(before_help = EXAMPLES, after_help = CODES)]
pub struct Arguments {
    /// Begin at this sequence number. [default: with what happens next]
    #[arg(long, value_name = "SEQ")]
    from: Option<u64>,
    /// Events of one kind, like order_filled.
    #[arg(long = "type", value_name = "TYPE", conflicts_with = "account")]
    kind: Option<String>,
    /// Leave out prices.
    #[arg(long)]
    no_ticks: bool,
    /// Stop after so many.
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// Events about one account, by name or address.
    #[arg(long, value_name = "WHO")]
    account: Option<String>,
    #[command(flatten)]
    common: Common,
}

const PAGE: u32 = 500;
const PAUSE: Duration = Duration::from_millis(500);

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    arguments.common.run(|session| follow(session, arguments))
}

fn follow(session: &Session, arguments: &Arguments) -> Result<(), Failure> {
    let whose = match &arguments.account {
        Some(_) => Some(session.actor(&As { who: arguments.account.clone() })?.account),
        None => None,
    };
    let mut from = match arguments.from {
        Some(from) => from,
        None => session.client.status()?.last_seq + 1,
    };
    let book = session.book()?;
    let (mut left, mut lost) = (arguments.count.unwrap_or(u64::MAX), false);
    while left > 0 {
        let page = match asked(session, arguments, whose, from) {
            Ok(page) => page,
            Err(Failure::Unreachable(why)) => {
                if !std::mem::replace(&mut lost, true) {
                    eprintln!("connection lost, goes on from {from} when the node is back ({why})");
                }
                std::thread::sleep(2 * PAUSE);
                continue;
            }
            Err(other) => return Err(other),
        };
        lost = false;
        let mut text = String::new();
        for event in &page.events {
            if left > 0 && !(arguments.no_ticks && of_prices(&event.what)) {
                text.push_str(&line(session, event, |event| sentence(&event.what, &book))?);
                left -= 1;
            }
        }
        output::print(&text)?;
        // A venue that went back has numbers again that it had before.
        from = if page.as_of_seq + 1 < from { page.as_of_seq + 1 } else { page.next_seq.max(from) };
        if !page.has_more && left > 0 {
            std::thread::sleep(PAUSE);
        }
    }
    Ok(())
}

fn asked(
    session: &Session,
    arguments: &Arguments,
    whose: Option<Address>,
    from: u64,
) -> Result<EventPage, Failure> {
    match whose {
        Some(account) => session.client.account_events(account, from, PAGE),
        None => session.client.events(from, PAGE, arguments.kind.as_deref()),
    }
}

fn of_prices(what: &What) -> bool {
    matches!(what, What::Ticked { .. } | What::ReportsKept { .. } | What::SurfacePublished { .. })
}

fn line(session: &Session, event: &ApiEvent, words: impl Fn(&ApiEvent) -> String) -> Result<String, Failure> {
    if session.json {
        let text = serde_json::to_string(event);
        return text.map(|text| text + "\n").map_err(|error| Failure::Failed(error.to_string()));
    }
    let stamp = session.paint.faint(&format!("{:>8}  {}", event.seq, moment(event.time)));
    Ok(format!("{stamp}  {}\n", words(event)))
}
