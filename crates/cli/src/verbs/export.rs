//! `cenote export`.

use crate::exit::{CODES, Failure};
use crate::output;
use crate::session::{As, Common};
use crate::show::time::{parse_moment, parse_span};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  cenote export fills --out fills.csv
  cenote export nav --format parquet --out nav.parquet
  cenote export events --from 2026-03-01 --to 2026-03-02 > events.csv
  cenote export fills --account alice --out alice.csv";

/// Fills, pool value, events or quotes as a file: whole, or not at all.
#[derive(Args)]
#[command(before_help = EXAMPLES, after_help = CODES)]
pub struct Arguments {
    /// What.
    what: What,
    /// In which form. [default: by the name of the file, else csv]
    #[arg(long)]
    format: Option<Format>,
    /// The file; without it, csv goes to stdout.
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
    /// Marks, bids and asks over time.
    Quotes,
}

/// In which form.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text with a header.
    Csv,
    /// Columns, compressed.
    Parquet,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    arguments.common.run(|session| {
        let named = arguments.out.as_ref().and_then(|path| path.extension()?.to_str());
        let by_name = if named == Some("parquet") { Format::Parquet } else { Format::Csv };
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
