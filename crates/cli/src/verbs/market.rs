//! `cenote market`.

use super::cash::done;
use crate::exit::{CODES, Failure};
use crate::session::{As, Common, Session};
use crate::show::number::money;
use crate::show::time::{from_now, moment, span};
use crate::show::{Cell, Paint, Table, Tone};
use cenote_api::ApiCommand;
use cenote_api::view::{MarketParameters, ParameterRow};
use clap::{Args, Subcommand};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  cenote market                          every rule with its value and bounds
  cenote market params spread            what one rule does, and why it is so
  cenote market proposals
  cenote market pause --as admin         stop what adds risk, everywhere
  cenote market propose change.json --as admin
  cenote market enact 3 --as keeper";

/// A market's parameters, and the powers over it.
#[derive(Args)]
#[command(before_help = EXAMPLES, after_help = CODES)]
pub struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
    /// The market. [default: the venue's first; every market for pause and resume]
    #[arg(long, global = true)]
    market: Option<String>,
    #[command(flatten)]
    signer: As,
    #[command(flatten)]
    common: Common,
}

#[derive(Subcommand)]
enum What {
    /// Rules with their values and bounds; with a word, those whose name has it, and what they do.
    #[command(before_help = "Examples:\n  cenote market params\n  cenote market params spread")]
    Params {
        /// A part of a rule's name.
        rule: Option<String>,
    },
    /// Announced changes, and from when on they can be enacted.
    #[command(before_help = "Examples:\n  cenote market proposals")]
    Proposals,
    /// Stop what adds risk. Guardian.
    #[command(
        before_help = "Examples:\n  cenote market pause --as admin\n  cenote market pause --market BTC_USDC --as admin"
    )]
    Pause,
    /// Lift a pause. Guardian.
    #[command(before_help = "Examples:\n  cenote market resume --as admin")]
    Resume,
    /// Announce a change; its timelock runs. Admin.
    #[command(before_help = "Examples:\n  cenote market propose change.json --as admin")]
    Propose {
        /// The change as JSON, in the engine's own units.
        file: PathBuf,
    },
    /// Carry out a proposal whose timelock has passed. Anyone.
    #[command(before_help = "Examples:\n  cenote market enact 3 --as keeper")]
    Enact {
        /// Its number.
        proposal: u64,
    },
    /// Drop a proposal. Admin or guardian.
    #[command(before_help = "Examples:\n  cenote market reject 3 --as admin")]
    Reject {
        /// Its number.
        proposal: u64,
    },
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    arguments.common.run(|session| {
        let market = arguments.market.clone();
        let command = match arguments.what.as_ref().unwrap_or(&What::Params { rule: None }) {
            What::Params { rule } => return params(session, market.as_deref(), rule.as_deref()),
            What::Proposals => return proposals(session, market.as_deref()),
            What::Pause => ApiCommand::Pause { market },
            What::Resume => ApiCommand::Resume { market },
            What::Propose { file } => proposal(file)?,
            What::Enact { proposal } => ApiCommand::Enact { proposal: *proposal },
            What::Reject { proposal } => ApiCommand::Reject { proposal: *proposal },
        };
        let actor = session.actor(&arguments.signer)?;
        let (answer, _) = session.send_one(&actor, command)?;
        done(session, &answer)
    })
}

fn asked(session: &Session, market: Option<&str>) -> Result<MarketParameters, Failure> {
    session.client.market(&session.market(market)?.market)
}

fn params(session: &Session, market: Option<&str>, rule: Option<&str>) -> Result<(), Failure> {
    let mut found = asked(session, market)?;
    if let Some(part) = rule {
        let named = |row: &ParameterRow| row.name.contains(part);
        found.rules.retain(named);
        found.pool_rules.retain(named);
        if found.rules.is_empty() && found.pool_rules.is_empty() {
            return Err(Failure::Input(format!(
                "no rule's name has `{part}`; `cenote market` lists them all"
            )));
        }
    }
    session.show(&found, |paint| match rule {
        Some(_) => found.rules.iter().chain(&found.pool_rules).map(|row| meaning(row, paint)).collect(),
        None => text(&found, paint),
    })
}

fn meaning(row: &ParameterRow, paint: Paint) -> String {
    let (name, ParameterRow { value, min, max, meaning, .. }) = (paint.strong(&row.name), row);
    format!("{name}  {value}  ({min} to {max})\n  {meaning}\n")
}

fn text(found: &MarketParameters, paint: Paint) -> String {
    let mut out = format!("{}\n", paint.strong(&found.market));
    let mut facts = Table::new().left(&[0, 1]);
    facts.row(["surface", &found.surface_source]);
    facts
        .row(["publishers", &found.publishers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")]);
    facts.row(["timelock", &span(found.timelock_ms)]);
    facts.row(["insurance", &money(found.insurance)]);
    facts.row(["treasury", &money(found.treasury)]);
    if found.paused {
        facts.row([Cell::new(Tone::Warn, "paused"), "what adds risk is stopped".into()]);
    }
    out.push_str(&facts.text(paint));
    for (title, rules) in [("rules of the market", &found.rules), ("rules of its pool", &found.pool_rules)] {
        let mut table = Table::new();
        table.head(&[title, "value", "from", "to"]);
        for row in rules {
            table.row([&*row.name, &*row.value, &*row.min, &*row.max]);
        }
        out.push('\n');
        out.push_str(&table.text(paint));
    }
    let waiting = found.proposals.len();
    if waiting > 0 {
        out.push_str(&format!("\n{waiting} announced changes: cenote market proposals\n"));
    }
    out
}

fn proposals(session: &Session, market: Option<&str>) -> Result<(), Failure> {
    let found = asked(session, market)?;
    let now = session.status()?.market_time_ms;
    session.show(&found.proposals, |paint| {
        let mut table = Table::new().left(&[1, 2]);
        table.head(&["number", "can be enacted", "what"]);
        for row in &found.proposals {
            let from = if row.enact_from <= now {
                "now".to_owned()
            } else {
                format!("{}, {}", moment(row.enact_from), from_now(row.enact_from, now))
            };
            table.row([row.proposal.to_string(), from, row.summary.clone()]);
        }
        if found.proposals.is_empty() { "no change is announced\n".to_owned() } else { table.text(paint) }
    })
}

/// A change out of a file, read by the API's own words.
fn proposal(path: &std::path::Path) -> Result<ApiCommand, Failure> {
    let refuse = |why: String| Failure::Input(format!("{}: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
    let action: serde_json::Value = serde_json::from_str(&text).map_err(|error| refuse(error.to_string()))?;
    let command = serde_json::json!({ "type": "propose", "action": action });
    serde_json::from_value(command)
        .map_err(|error| refuse(format!("this is no change that can be proposed: {error}")))
}
