//! `cenote replay`.

use crate::exit::{CODES, Failure};
use crate::output;
use crate::progress::Progress;
use cenote_calibrate::{FitOptions, chain, fit};
use cenote_engine::command::SurfaceNode;
use cenote_sim::publisher::Shape;
use cenote_sim::replay::{self, Config, ReplayError, Report, SurfaceChoice, path};
use cenote_sim::tape::{self, Generator, Tape};
use cenote_units::Cash;
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  cenote replay                                    thirty generated days of one-minute prices
  cenote replay --days 2 --check-every 1           every invariant after every command
  cenote replay --prices btc_1m.csv.gz --json      the report as JSON
  cenote replay --prices btc_1h.csv.gz --chain chain.csv.gz --currency BTC --out results
  cenote replay --journal cenote-data              a venue's journal, to its digest
  cenote replay --prices sol_1m.csv --surface realised --orders-per-day 50 --nav 250000";

const NOTES: &str = "\
Prices are CSV with a header: `ts`, `timestamp` or `time` (seconds or milliseconds since 1970), and
`close` (a tick is published when its bar closes) or `price` (at its own time). Rows rise in time and
are 4 hours apart or less; silences may last 3 days each and 2% of the time together.
Amounts in JSON are whole numbers of 1e-6 quote.
The same seed and prices give the same digest on every machine.";

/// Run prices through the engine with traders, an arbitrageur, liquidity providers and a keeper.
#[derive(Args)]
#[command(before_help = EXAMPLES, after_help = format!("{NOTES}\n\n{CODES}"))]
pub struct Arguments {
    /// The tape: CSV, plain or gzipped. Without it prices are generated from the seed.
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// Days of generated prices, one a minute.
    #[arg(long, value_name = "N", default_value_t = 30, conflicts_with = "prices")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=3_660))]
    days: u32,
    /// Take the surface's shape from this option chain.
    #[arg(long, value_name = "FILE", requires = "currency")]
    chain: Option<PathBuf>,
    /// Currency of the chain's underlying, as the file names it.
    #[arg(long, value_name = "CODE", requires = "chain")]
    currency: Option<String>,
    /// Where the surface comes from.
    #[arg(long, value_enum, default_value_t = Source::Published)]
    surface: Source,
    /// Seed of agents, surface errors and generated prices.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Orders that traders think of on an average day.
    #[arg(long, value_name = "N", default_value_t = 200)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=i64::from(Config::ORDERS_PER_DAY_MAX)))]
    orders_per_day: u32,
    /// Liquidity at the start, quote.
    #[arg(long, value_name = "CASH", default_value = "10000000", value_parser = nav)]
    nav: Cash,
    /// Run a venue's journal again instead, and say the digest that it comes to: the node's own at that command.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["prices", "chain", "out", "check_every"])]
    journal: Option<PathBuf>,
    /// JSON on stdout, and nothing else there.
    #[arg(long)]
    json: bool,
    /// Write report.json, nav.csv and nav.parquet into this directory.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Check every invariant after every K commands. [default: 500, at the next tick]
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u64).range(1..))]
    check_every: Option<u64>,
}

/// Where a market's surface may come from.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Source {
    /// Published each minute, its level after realised vol.
    Published,
    /// Estimated by the engine from prices 5 minutes apart or less.
    Realised,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    if let Some(dir) = &arguments.journal {
        return journal(dir, arguments.json);
    }
    let tape = match &arguments.prices {
        Some(path) => tape::read(path).map_err(|error| Failure::Input(error.to_string()))?,
        None => tape::generate(&Generator { days: arguments.days, ..Generator::default() }, arguments.seed),
    };
    let config = Config {
        seed: arguments.seed,
        orders_per_day: arguments.orders_per_day,
        nav: arguments.nav,
        surface: surface(arguments)?,
        check_every: arguments.check_every,
    };
    config.check(&tape).map_err(|error| Failure::Input(error.to_string()))?;
    // A directory that cannot be made is better known before the work than after it.
    if let Some(directory) = &arguments.out {
        output::directory(directory)?;
    }
    let report = replayed(&config, &tape)?;
    let json = json(&report)?;
    if let Some(directory) = &arguments.out {
        write(directory, &report, &json)?;
    }
    output::print(&if arguments.json { json } else { replay::text(&report) })?;
    if report.invariants.violated > 0 { Err(Failure::Broken) } else { Ok(()) }
}

/// A journal from its first entry to its last, each compared with the digest that was written with it.
fn journal(dir: &Path, json: bool) -> Result<(), Failure> {
    // The node's directory will do as well.
    let inside = dir.join("journal");
    let dir = if inside.is_dir() { inside.as_path() } else { dir };
    let begun = std::time::Instant::now();
    let again =
        cenote_node::core::recovery::replay(dir, &mut |_| {}).map_err(|e| Failure::Failed(e.to_string()))?;
    let seconds = begun.elapsed().as_secs_f64();
    output::print(&if json {
        let value = serde_json::json!({
            "venue_id": again.venue_id, "entries": again.entries, "last_seq": again.last_seq,
            "market_time_ms": again.market_time_ms, "digest": again.digest, "state_digest": again.state_digest,
        });
        format!("{value}\n")
    } else {
        format!(
            "venue         {}\nentries       {}\nlast command  {}\ndigest        {}\nstate         {}\nin            {seconds:.1} s, every digest as written\n",
            again.venue_id, again.entries, again.last_seq, again.digest, again.state_digest
        )
    })
}

fn replayed(config: &Config, tape: &Tape) -> Result<Report, Failure> {
    let mut progress = Progress::new(tape.ticks.len());
    replay::run(config, tape, &mut |done| progress.at(done)).map_err(|error| match error {
        ReplayError::Config(what) => Failure::Usage(what),
        ReplayError::Engine(what) => Failure::Failed(what),
    })
}

fn surface(arguments: &Arguments) -> Result<SurfaceChoice, Failure> {
    match (arguments.surface, &arguments.chain, &arguments.currency) {
        (Source::Realised, Some(_), _) => {
            Err(Failure::Usage("--surface realised estimates the surface; it takes no --chain".into()))
        }
        (Source::Realised, None, _) => Ok(SurfaceChoice::Realised),
        (Source::Published, Some(path), Some(currency)) => {
            Ok(SurfaceChoice::Published(shape(path, currency)?))
        }
        (Source::Published, ..) => Ok(SurfaceChoice::Published(Shape::default())),
    }
}

/// The shape of a real chain's surface.
pub fn shape(path: &Path, currency: &str) -> Result<Shape, Failure> {
    let chain = chain::read(path, currency).map_err(|error| Failure::Input(error.to_string()))?;
    let input = |what: String| Failure::Input(format!("{}: {what}", path.display()));
    let calibration = fit(&chain, &FitOptions::default()).map_err(|error| input(error.to_string()))?;
    let node = |node: &cenote_calibrate::SurfaceNode| SurfaceNode {
        tenor_s: node.tenor_s,
        theta_e12: node.theta_e12,
        rho_e9: node.rho_e9,
        psi_e12: node.psi_e12,
        carry_e12: node.carry_e12,
    };
    let nodes: Vec<SurfaceNode> = calibration.surface.nodes.iter().map(node).collect();
    Shape::of(&nodes)
        .ok_or_else(|| input("its fit has no variance; quotes with a time value were expected".into()))
}

fn json(report: &Report) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(report);
    text.map(|text| text + "\n").map_err(|error| Failure::Failed(format!("cannot write the report: {error}")))
}

fn write(directory: &Path, report: &Report, json: &str) -> Result<(), Failure> {
    output::file(&directory.join("nav.csv"), path::csv(&report.path).as_bytes())?;
    output::file(&directory.join("nav.parquet"), &path::parquet(&report.path))?;
    output::file(&directory.join("report.json"), json.as_bytes())
}

/// An amount of quote, to 1e-6.
fn nav(text: &str) -> Result<Cash, String> {
    let expected = || "20000 to 10000000000 quote, with at most 6 decimals, was expected".to_owned();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 6 || whole.len() > 15 {
        return Err(expected());
    }
    let units: i128 = format!("{whole}{fraction:0<6}").parse().map_err(|_| expected())?;
    if units < Config::NAV.0 || units > Config::NAV.1 {
        return Err(expected());
    }
    Cash::new(units).map_err(|_| expected())
}
