//! `cenote up`: a venue on this machine.

mod state;

use crate::exit::Failure;
use crate::{output, replay};
use cenote_api::keys;
use cenote_node::core::Shared;
use cenote_node::core::sequencer::Ended;
use cenote_node::http::Rate;
use cenote_node::market::{IndexSource, LiveConfig, PriceConfig, starting_cash};
use cenote_node::{Node, NodeConfig};
use clap::Args;
use state::Label;
use std::fmt::Write as _;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// Run a venue on this machine: market, API, page.
///
/// Everything is kept in one directory; starting again goes on where it stopped.
#[derive(Args)]
#[command(before_help = "\
Examples:
  cenote up                                  a market of seed 7 on http://127.0.0.1:8980
  cenote up --seed 42 --dir market-42        another one, elsewhere
  cenote up --prices btc_1m.csv.gz --speed 60
  cenote up --prices pyth                    real prices, in real time
  cenote up --chain chain.csv.gz --currency BTC
  cenote up --state market.cenote            a venue in one file, to keep or to give away
  cenote up --json                           one line once it is ready, for programs")]
pub struct Arguments {
    /// Where everything is kept.
    #[arg(long, value_name = "DIR", default_value = "cenote-data", env = "CENOTE_DIR")]
    dir: PathBuf,
    /// Keep the venue in one file instead: read at the start, written at a clean stop. API keys that were made are not in it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dir", "fresh"])]
    state: Option<PathBuf>,
    /// Begin anew: what DIR holds is put aside, not deleted.
    #[arg(long)]
    fresh: bool,
    /// The seed of prices and simulated accounts, of a new venue.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Instead of generated prices: those of a tape (CSV, gzip or not), or live ones: `pyth` or `deribit`.
    #[arg(long, value_name = "FILE|pyth|deribit")]
    prices: Option<PathBuf>,
    /// Which Hermes server live prices come from.
    #[arg(long, value_name = "URL")]
    pyth_url: Option<String>,
    /// Which Deribit server live prices and surfaces come from.
    #[arg(long, value_name = "URL")]
    deribit_url: Option<String>,
    /// The shape of the surface from a real option chain.
    #[arg(long, value_name = "FILE", requires = "currency")]
    chain: Option<PathBuf>,
    /// Which underlying, of the chain or of live prices: BTC or ETH.
    #[arg(long)]
    currency: Option<String>,
    /// Market seconds a wall second, 0.01 to 10000.
    #[arg(long, default_value_t = 1.0, value_parser = speed)]
    speed: f64,
    /// No simulated traders and providers.
    #[arg(long)]
    empty: bool,
    /// The port; 0 takes a free one.
    #[arg(long, default_value_t = 8980)]
    port: u16,
    /// The address to listen on. Anything but this machine needs --i-know.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    bind: IpAddr,
    /// I know that the keys of this venue are published and worth nothing.
    #[arg(long)]
    i_know: bool,
    /// Origins of pages elsewhere that may use the API.
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    /// Requests a second of one address; 0 is no limit.
    #[arg(long, default_value_t = 2_000)]
    rate_limit: u32,
    /// One JSON line once it is ready, logs as JSON.
    #[arg(long)]
    json: bool,
}

fn speed(text: &str) -> Result<f64, String> {
    let speed: f64 =
        text.trim_end_matches('x').parse().map_err(|_| "a number like 60 was expected".to_owned())?;
    if (0.01..=10_000.0).contains(&speed) { Ok(speed) } else { Err("0.01 to 10000 was expected".to_owned()) }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    if !arguments.bind.is_loopback() && !arguments.i_know {
        let said = format!(
            "--bind {} would let others use keys that are published; add --i-know if that is meant, or leave it at 127.0.0.1",
            arguments.bind
        );
        return Err(Failure::Usage(said));
    }
    let config = config(arguments)?;
    log(arguments.json);
    let label = match &arguments.state {
        Some(file) => state::unpack(file, &config.dir)?,
        None => None,
    };
    if arguments.fresh {
        put_aside(&arguments.dir)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Failure::Failed(format!("cannot start: {e}")))?;
    runtime.block_on(serve(arguments, config, label))
}

fn config(arguments: &Arguments) -> Result<NodeConfig, Failure> {
    let live = live(arguments)?;
    let tape = match arguments.prices.as_ref().filter(|_| live.is_none()) {
        Some(path) => {
            Some(path.canonicalize().map_err(|e| Failure::Input(format!("{}: {e}", path.display())))?)
        }
        None => None,
    };
    let shape = match (&arguments.chain, &arguments.currency) {
        (Some(path), Some(currency)) => Some(replay::shape(path, currency)?),
        _ => None,
    };
    let (seed, agents) = (arguments.seed, !arguments.empty);
    let prices = PriceConfig { seed, tape, shape, agents, live, ..PriceConfig::default() };
    let rate = Rate { per_second: arguments.rate_limit, burst: arguments.rate_limit.saturating_mul(2) };
    Ok(NodeConfig {
        bind: SocketAddr::new(arguments.bind, arguments.port),
        prices,
        speed: arguments.speed,
        rate,
        origins: arguments.allow_origin.clone(),
        ..NodeConfig::new(arguments.state.as_deref().map_or_else(|| arguments.dir.clone(), state::dir_of))
    })
}

/// Live prices, when they are asked for by name.
fn live(arguments: &Arguments) -> Result<Option<LiveConfig>, Failure> {
    let usage = |said: &str| Err(Failure::Usage(said.to_owned()));
    let index = match arguments.prices.as_deref().and_then(Path::to_str) {
        Some("pyth") => IndexSource::Pyth,
        Some("deribit") => IndexSource::Deribit,
        _ if arguments.pyth_url.is_some() || arguments.deribit_url.is_some() => {
            return usage("--pyth-url and --deribit-url go with --prices pyth or --prices deribit");
        }
        _ if arguments.currency.is_some() && arguments.chain.is_none() => {
            return usage("--currency goes with --chain, --prices pyth or --prices deribit");
        }
        _ => return Ok(None),
    };
    if (arguments.speed - 1.0).abs() > f64::EPSILON {
        return usage("live prices come in real time: leave --speed out");
    }
    let currency = arguments.currency.as_deref().unwrap_or("BTC").to_ascii_uppercase();
    if currency != "BTC" && currency != "ETH" {
        return usage(&format!("--currency is {currency}; live prices are there for BTC and ETH"));
    }
    let usual = LiveConfig::new(index, &currency);
    let pyth = arguments.pyth_url.clone().unwrap_or(usual.pyth);
    let deribit = arguments.deribit_url.clone().unwrap_or(usual.deribit);
    Ok(Some(LiveConfig { index, currency, pyth, deribit }))
}

fn log(json: bool) {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // A second subscriber is a test's own.
    let _ = if json { log.json().try_init() } else { log.with_target(false).compact().try_init() };
}

/// What was there gets another name: nothing is ever deleted.
fn put_aside(dir: &Path) -> Result<(), Failure> {
    if !dir.exists() {
        return Ok(());
    }
    let aside =
        (1..10_000).map(|n| PathBuf::from(format!("{}.{n}", dir.display()))).find(|path| !path.exists());
    let aside = aside.ok_or_else(|| Failure::Input("too many old directories; remove some".to_owned()))?;
    std::fs::rename(dir, &aside)
        .map_err(|e| Failure::Input(format!("cannot put {} aside: {e}", dir.display())))
}

async fn serve(arguments: &Arguments, config: NodeConfig, label: Option<Label>) -> Result<(), Failure> {
    let begun = Instant::now();
    let told = told_to_stop().map_err(|e| Failure::Failed(format!("signals cannot be heard: {e}")))?;
    let mut node = Node::start(config.clone()).await.map_err(|e| refused(&e.to_string(), label.as_ref()))?;
    let took = begun.elapsed().as_millis();
    let text = if arguments.json { json(&node, &config) + "\n" } else { words(&node, &config, took) };
    output::print(&text)?;
    if let Some(cut) = &node.recovery.cut {
        tracing::warn!(
            file = cut.file,
            offset = cut.offset,
            bytes = cut.bytes,
            "a torn end was cut off: it was never acknowledged"
        );
    }
    let asked =
        PriceConfig { price: node.prices.price, start_ms: node.prices.start_ms, ..config.prices.clone() };
    if !node.new && asked != node.prices {
        tracing::warn!(
            "this venue was begun with {}, and goes on so; --fresh begins anew",
            source(&node.prices)
        );
    }
    for name in &node.recovery.ignored {
        tracing::warn!(?name, "a damaged snapshot was ignored");
    }
    let ended = tokio::select! {
        ended = node.core.failed() => Some(ended),
        () = told => None,
    };
    match ended {
        Some(Ended::Disk(why) | Ended::Fault(why)) => {
            // Nothing after the last acknowledged command is to be trusted: no snapshot, no goodbye.
            Err(Failure::Failed(format!("the node stops: {why}")))
        }
        Some(Ended::Stopped(_)) | None => {
            let shared = Arc::clone(&node.core.shared);
            node.stop().await.map_err(Failure::Failed)?;
            if let Some(file) = &arguments.state {
                state::pack(file, &config.dir, &label_of(&shared))?;
            }
            if !arguments.json {
                output::print("\nstopped; the same command goes on from here\n")?;
            }
            Ok(())
        }
    }
}

/// Why a venue does not start, and by which version its file was written, when it came from one.
fn refused(why: &str, label: Option<&Label>) -> Failure {
    Failure::Failed(match label {
        Some(Label { version, .. }) => {
            format!("{why}; the file was written by version {version}, this is {}", env!("CARGO_PKG_VERSION"))
        }
        None => why.to_owned(),
    })
}

fn label_of(shared: &Shared) -> Label {
    let (last_seq, digest) =
        shared.replicas.read(|replica| (replica.seq, cenote_api::envelope::hex(&replica.digest)));
    let (version, venue_id) = (env!("CARGO_PKG_VERSION").to_owned(), shared.venue_id.clone());
    Label { format: state::FORMAT, version, venue_id, last_seq, digest }
}

/// Ctrl-C, or the system's own request, heard from the moment that this is called: whoever sees that the node is ready may stop it at once.
fn told_to_stop() -> io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

fn urls(node: &Node, config: &NodeConfig) -> Vec<(&'static str, String)> {
    let at = node.address;
    vec![
        ("page", format!("http://{at}/")),
        ("api", format!("http://{at}/v1/status")),
        ("stream", format!("ws://{at}/v1/ws")),
        ("deribit", format!("http://{at}/api/v2")),
        ("deribit_stream", format!("ws://{at}/ws/api/v2")),
        ("openapi", format!("http://{at}/openapi.json")),
        ("metrics", format!("http://{at}/metrics")),
        ("journal", config.dir.join("journal").display().to_string()),
    ]
}

/// Where prices come from, in words.
fn source(prices: &PriceConfig) -> String {
    match (&prices.live, &prices.tape) {
        (Some(LiveConfig { index: IndexSource::Pyth, pyth, deribit, .. }), _) => {
            format!("live prices of {pyth}, surfaces of {deribit}")
        }
        (Some(LiveConfig { deribit, .. }), _) => format!("live prices and surfaces of {deribit}"),
        (None, Some(path)) => format!("prices from {}", path.display()),
        (None, None) => format!("generated prices, seed {}", prices.seed),
    }
}

fn json(node: &Node, config: &NodeConfig) -> String {
    let urls: serde_json::Map<String, serde_json::Value> =
        urls(node, config).into_iter().map(|(name, url)| (name.to_owned(), url.into())).collect();
    let accounts = cenote_node::http::dev::dev_accounts();
    let shared = &node.core.shared;
    serde_json::json!({
        "ready": true, "venue_id": shared.venue_id, "seed": node.prices.seed, "urls": urls, "accounts": accounts,
        "new": node.new, "replayed": node.replayed, "last_seq": shared.durable(),
    })
    .to_string()
}

fn words(node: &Node, config: &NodeConfig, took: u128) -> String {
    let shared = &node.core.shared;
    let (markets, series) = shared.replicas.read(|replica| {
        let boards = replica.state.market.values().flat_map(|market| &market.boards);
        let strikes: usize = boards
            .clone()
            .filter_map(|id| replica.state.board.get(id))
            .map(|board| board.strikes.len())
            .sum();
        (boards.count(), 2 * strikes)
    });
    let mut text = format!("cenote {}   ready in {took} ms\n\n", env!("CARGO_PKG_VERSION"));
    let names = shared.names();
    let market = names.markets().next().map(|(_, name)| name.to_owned()).unwrap_or_default();
    let source = source(&node.prices);
    let _ = writeln!(
        text,
        "market {market}: {markets} expiries, {series} series, {source}, speed {}x",
        shared.clock().speed()
    );
    let state = if node.new {
        "a new venue".to_owned()
    } else {
        format!("goes on; {} entries run again", node.replayed)
    };
    let _ = writeln!(text, "venue {}, {state}, last command {}\n", shared.venue_id, shared.durable());
    for (name, url) in urls(node, config) {
        let _ = writeln!(text, "  {:<15} {url}", name.replace('_', " "));
    }
    let _ = writeln!(text, "\n  {:<7} {:<46} {:>12}  private key", "account", "address", "cash at start");
    for account in cenote_node::http::dev::dev_accounts() {
        let cash = starting_cash(&account.name).to_string();
        let _ = writeln!(
            text,
            "  {:<7} {:<46} {cash:>12}  {}",
            account.name, account.address, account.private_key
        );
    }
    let _ = write!(
        text,
        "\n  These keys come from a published phrase (\"{}\"): never send anything of worth to them.\n  \
         API keys of the Deribit-compatible API: the id is the name, `cenote keys list` shows the secrets.\n\n\
         next:\n  cenote chain                                   the option chain\n  \
         cenote quote buy 1 {market}-...-C              what a trade costs, and why\n  \
         cenote trade buy 1 {market}-...-C --as alice   do it\n\n\
         Ctrl-C stops; the same command goes on from there.\n",
        keys::DEV_PHRASE
    );
    text
}
