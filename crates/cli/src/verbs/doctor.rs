//! `cenote doctor`: what stands in the way.

mod machine;
mod node;

use crate::exit::{CODES, Failure};
use crate::session::Common;
use crate::show::{Cell, Table, Tone};
use cenote_api::view::JournalStatus;
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

const EXAMPLES: &str = "\
Examples:
  cenote doctor
  cenote doctor --dir market-42 --node http://127.0.0.1:8981
  cenote doctor --json | jq '.checks[] | select(.state != \"ok\")'";

/// Check this machine and the node, line by line: ok, warn or bad, and the next step. Fails when something is bad.
#[derive(Args)]
#[command(before_help = EXAMPLES, after_help = CODES)]
pub struct Arguments {
    /// Where a node of this machine keeps its data. [default: where the node says, else cenote-data]
    #[arg(long, value_name = "DIR", env = "CENOTE_DIR", hide_env_values = true)]
    dir: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

/// How something is.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// As it should be.
    Ok,
    /// Not as it should be; the venue works.
    Warn,
    /// In the way.
    Bad,
}

/// One thing looked at.
#[derive(Serialize)]
struct Check {
    what: &'static str,
    state: State,
    found: String,
    /// What to do; nothing when all is well.
    next: Option<String>,
}

impl Check {
    fn ok(what: &'static str, found: impl Into<String>) -> Self {
        Self { what, state: State::Ok, found: found.into(), next: None }
    }

    fn warn(what: &'static str, found: impl Into<String>, next: impl Into<String>) -> Self {
        Self { what, state: State::Warn, found: found.into(), next: Some(next.into()) }
    }

    fn bad(what: &'static str, found: impl Into<String>, next: impl Into<String>) -> Self {
        Self { state: State::Bad, ..Self::warn(what, found, next) }
    }
}

#[derive(Serialize)]
struct Report {
    checks: Vec<Check>,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    arguments.common.run(|session| {
        let mut checks = vec![Check::ok("program", format!("version {}", env!("CARGO_PKG_VERSION")))];
        let (of_node, journal) = node::checks(session);
        checks.extend(of_node);
        checks.extend(machine::keys(session));
        let told = journal.and_then(|journal| journal.directory).map(PathBuf::from);
        let is_told = told.is_some();
        let told = told.filter(|dir| arguments.dir.is_none() && dir.exists());
        let dir = told.or_else(|| arguments.dir.clone()).unwrap_or_else(|| PathBuf::from("cenote-data"));
        checks.extend(machine::data(&dir, is_told));
        let report = Report { checks };
        session.show(&report, |paint| {
            let mut table = Table::new().left(&[0, 1, 2]).spaced(0, 2);
            for check in &report.checks {
                let (mark, tone) = match check.state {
                    State::Ok => ("ok", Tone::Up),
                    State::Warn => ("warn", Tone::Warn),
                    State::Bad => ("bad", Tone::Down),
                };
                let next = check.next.as_ref().map_or_else(String::new, |next| format!(": {next}"));
                table.row([
                    Cell::new(tone, mark),
                    check.what.into(),
                    format!("{}{next}", check.found).into(),
                ]);
            }
            table.text(paint)
        })?;
        let is_bad = report.checks.iter().any(|check| check.state == State::Bad);
        if is_bad { Err(Failure::Broken) } else { Ok(()) }
    })
}

fn wall_ms() -> u64 {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(wall.as_millis()).unwrap_or(u64::MAX)
}

/// A journal's files in words.
fn files(journal: &JournalStatus, now: u64) -> String {
    let many = |count: u64, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    let newest = match journal.snapshot_entry {
        Some(entry) => format!("{}, the newest of entry {entry}", many(journal.snapshots, "snapshot")),
        None => "no snapshot yet".to_owned(),
    };
    let written = journal.written_at.map_or_else(String::new, |at| {
        format!(", written {} ago", crate::show::time::span(now.saturating_sub(at)))
    });
    format!("{} MiB in {}, {newest}{written}", journal.bytes >> 20, many(journal.segments, "segment"))
}
