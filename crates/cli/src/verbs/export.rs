//! `cenote export`.

use crate::exit::{CODES, Failure};
use crate::output;
use crate::session::{As, Common, Session};
use crate::show::Table;
use crate::show::number::typed;
use crate::show::time::{parse_moment, parse_span};
use cenote_api::export;
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  cenote export fills --out fills.csv
  cenote export nav --format parquet --out nav.parquet
  cenote export events --from 2026-03-01 --to 2026-03-02 > events.csv
  cenote export fills --account alice --out alice.csv
  cenote export quotes --size 10 --out board.parquet
  cenote export quotes --columns          what each column says, with its unit";

/// Fills, pool value, events or the board in force as a file: whole, or not at all.
#[derive(Args)]
#[command(before_help = EXAMPLES, after_help = CODES)]
pub struct Arguments {
    /// What.
    what: What,
    /// In which form. [default: by the name of the file, else csv]
    #[arg(long)]
    format: Option<Format>,
    /// The file; without it, text goes to stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// From this moment on.
    #[arg(long, value_name = "WHEN")]
    from: Option<String>,
    /// Until this moment.
    #[arg(long, value_name = "WHEN")]
    to: Option<String>,
    /// What is about one account, by name or address.
    #[arg(long, value_name = "WHO")]
    account: Option<String>,
    /// Which market's quotes. [default: the only one]
    #[arg(long, value_name = "MARKET")]
    market: Option<String>,
    /// Contracts that quotes are for. [default: 1]
    #[arg(long, value_name = "SIZE")]
    size: Option<String>,
    /// Say what the columns are instead; asks no node.
    #[arg(long)]
    columns: bool,
    #[command(flatten)]
    common: Common,
}

/// What can be exported.
#[derive(Clone, Copy, ValueEnum)]
enum What {
    /// Legs filled.
    Fills,
    /// The pool's value over time.
    Nav,
    /// Everything that happened.
    Events,
    /// Bids, asks, marks, vols and sensitivities of every listed series at the tick in force.
    Quotes,
}

/// In which form.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text with a header.
    Csv,
    /// A JSON object a line.
    Ndjson,
    /// Apache Parquet, for data frames.
    Parquet,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    arguments.common.run(|session| {
        let named = arguments.out.as_ref().and_then(|path| path.extension()?.to_str());
        if arguments.columns {
            return columns(session, arguments.what);
        }
        let by_name = named.and_then(|ending| Format::from_str(ending, true).ok()).unwrap_or(Format::Csv);
        let format = arguments.format.unwrap_or(by_name);
        if format == Format::Parquet && arguments.out.is_none() {
            return Err(Failure::Usage("parquet is no text; name a file with --out".to_owned()));
        }
        if session.json && arguments.out.is_none() {
            return Err(Failure::Usage("--json says what was written; name a file with --out".to_owned()));
        }
        let account = arguments
            .account
            .as_ref()
            .map(|_| session.actor(&As { who: arguments.account.clone() }))
            .transpose()?;
        let at = |text: &Option<String>| -> Result<Option<String>, Failure> {
            let at = text.as_deref().map(|text| past(text).map_err(Failure::Usage)).transpose()?;
            Ok(at.map(|ms| ms.to_string()))
        };
        let query = [
            ("from", at(&arguments.from)?),
            ("to", at(&arguments.to)?),
            ("account", account.map(|actor| actor.account.to_string())),
            ("market", arguments.market.clone()),
            ("size", arguments.size.as_deref().map(typed)),
        ];
        let file = format!("{}.{}", name(arguments.what), name(format));
        let mut bytes = session.client.export(&file, &query)?;
        let Some(path) = &arguments.out else { return output::copy(&mut bytes) };
        let count = output::stream(path, &mut bytes)?;
        let document = serde_json::json!({ "file": path, "bytes": count });
        session.show(&document, |_| {
            format!("{}: {} bytes\n", path.display(), cenote_sim::format::grouped(count.into()))
        })
    })
}

#[derive(Serialize)]
struct ColumnRow {
    name: &'static str,
    kind: &'static str,
    optional: bool,
    what: &'static str,
}

/// What the columns of a table say.
fn columns(session: &Session, what: What) -> Result<(), Failure> {
    let name = name(what);
    let Some(export) = export::ALL.into_iter().find(|export| export.name == name) else { return Ok(()) };
    let row = |column: &cenote_table::Column| ColumnRow {
        name: column.name,
        kind: export::kind(column),
        optional: column.optional,
        what: column.what,
    };
    let rows: Vec<ColumnRow> = export.columns.iter().map(row).collect();
    session.show(&rows, |paint| {
        let mut table = Table::new().left(&[0, 1, 2]);
        for row in &rows {
            let what = if row.optional { format!("{}; may be empty", row.what) } else { row.what.to_owned() };
            table.row([row.name.to_owned(), row.kind.to_owned(), what]);
        }
        format!("{}: {}\n{}", paint.strong(export.name), export.what, table.text(paint))
    })
}

/// A moment of the past: a length from now on would be none.
fn past(text: &str) -> Result<u64, String> {
    match parse_span(text) {
        Ok(_) => Err(format!("`{text}` is a length; write a moment like 2026-03-27T08:00Z")),
        Err(_) => parse_moment(text, 0),
    }
}

/// A choice as it is typed.
fn name(choice: impl ValueEnum) -> String {
    choice.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}
