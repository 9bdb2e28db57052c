//! `cenote doctor`: what stands in the way.

use crate::exit::{CODES, Failure};
use crate::keyring::too_open;
use crate::session::{Common, Session};
use crate::show::time::span;
use crate::show::{Cell, Table, Tone};
use cenote_api::view::Status;
use clap::Args;
use serde::Serialize;
use std::net::{TcpStream, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const EXAMPLES: &str = "\
Examples:
  cenote doctor
  cenote doctor --dir market-42 --node http://127.0.0.1:8981
  cenote doctor --json | jq '.checks[] | select(.ok | not)'";

/// Check this machine and the node; says of everything that is wrong what to do.
#[derive(Args)]
#[command(before_help = EXAMPLES, after_help = CODES)]
pub struct Arguments {
    /// Where a node of this machine keeps its data.
    #[arg(
        long,
        value_name = "DIR",
        default_value = "cenote-data",
        env = "CENOTE_DIR",
        hide_env_values = true
    )]
    dir: PathBuf,
    #[command(flatten)]
    common: Common,
}

/// One thing looked at.
#[derive(Serialize)]
struct Check {
    what: &'static str,
    ok: bool,
    found: String,
}

#[derive(Serialize)]
struct Report {
    checks: Vec<Check>,
}

/// Clocks may differ by so much.
const CLOCKS_MS: u64 = 2_000;
/// Commands may be so far ahead of the disk.
const BEHIND_MAX: u64 = 10_000;
/// A disk should have so much left, KiB.
const FREE_KIB: u64 = 1024 * 1024;

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    arguments.common.run(|session| {
        let mut checks = vec![Check {
            what: "program",
            ok: true,
            found: format!("version {}", env!("CARGO_PKG_VERSION")),
        }];
        checks.extend(node(session));
        checks.extend(keys(session));
        checks.extend(data(&arguments.dir));
        let report = Report { checks };
        session.show(&report, |paint| {
            let mut table = Table::new().left(&[0, 1, 2]).spaced(0, 2);
            for check in &report.checks {
                let (mark, tone) = if check.ok { ("ok", Tone::Up) } else { ("wrong", Tone::Warn) };
                table.row([Cell::new(tone, mark), check.what.into(), check.found.as_str().into()]);
            }
            table.text(paint)
        })?;
        if report.checks.iter().all(|check| check.ok) { Ok(()) } else { Err(Failure::Broken) }
    })
}

fn node(session: &Session) -> Vec<Check> {
    let asked = wall_ms();
    match session.client.status() {
        Ok(status) => of_status(&status, asked, wall_ms()),
        Err(failure) => {
            let said = failure.document().map_or_else(String::new, |error| error.message);
            vec![Check { what: "node", ok: false, found: said }, port(session.client.address())]
        }
    }
}

fn wall_ms() -> u64 {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(wall.as_millis()).unwrap_or(u64::MAX)
}

/// What a status says, asked and answered at these moments of this machine's clock.
fn of_status(status: &Status, asked: u64, answered: u64) -> Vec<Check> {
    let own = env!("CARGO_PKG_VERSION");
    let same = status.version == own;
    let version = if same {
        format!("version {own}, {} mode", status.mode)
    } else {
        format!("it is version {}, this program {own}: use programs of one version", status.version)
    };
    let middle = asked + (answered - asked) / 2;
    let apart = status.wall_time_ms.abs_diff(middle);
    let clocks = apart <= CLOCKS_MS + (answered - asked);
    let clock = if clocks {
        format!("{} from this machine's", span(apart))
    } else {
        format!("{} from this machine's: set both by the network's time", span(apart))
    };
    let behind = status.last_seq.saturating_sub(status.durable_seq);
    let durable = behind <= BEHIND_MAX;
    let journal = if durable {
        format!("command {} is on disk, {behind} on their way", status.durable_seq)
    } else {
        format!("{behind} commands are not on disk yet: its disk is too slow or full")
    };
    let mut checks = vec![
        Check { what: "node", ok: same, found: version },
        Check { what: "clock", ok: clocks, found: clock },
        Check { what: "journal", ok: durable, found: journal },
    ];
    for market in &status.markets {
        let reason = market.trading.reason.as_deref().unwrap_or("closed");
        let found = if market.trading.enabled {
            format!("{} is open", market.market)
        } else {
            format!("{}: {reason}", market.market)
        };
        checks.push(Check { what: "market", ok: market.trading.enabled, found });
    }
    if status.clock.paused {
        let found = "market time is paused and nothing fills: `cenote dev clock resume`".to_owned();
        checks.push(Check { what: "clock", ok: false, found });
    }
    checks
}

/// Who has the port of a node that does not answer.
fn port(node: &str) -> Check {
    let authority = node.split_once("://").map_or(node, |(_, rest)| rest);
    let authority = authority.split('/').next().unwrap_or_default();
    let named = if authority.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
    let address = named.to_socket_addrs().ok().and_then(|mut all| all.next());
    let taken = address.is_some_and(|at| TcpStream::connect_timeout(&at, Duration::from_secs(1)).is_ok());
    let found = match (address, taken) {
        (None, _) => format!("{authority} is no address: check --node"),
        (_, true) => format!(
            "something else listens at {authority}: stop it, or `cenote up --port` another and --node"
        ),
        (_, false) => format!("{authority} is free: `cenote up` would listen there"),
    };
    Check { what: "port", ok: address.is_some() && !taken, found }
}

fn keys(session: &Session) -> Vec<Check> {
    let home = session.keyring.home();
    let names = session.keyring.names();
    let open = names.iter().filter_map(|name| too_open(&session.keyring.path(name)));
    let mut wrong: Vec<String> = open.collect();
    let unreadable = names.iter().filter_map(|name| session.keyring.read(name).err()?.document());
    wrong.extend(unreadable.map(|error| error.message).filter(|said| !said.contains("is open to others")));
    if wrong.is_empty() {
        let found = format!("{} in {}", names.len(), home.display());
        return vec![Check { what: "keys", ok: true, found }];
    }
    wrong.into_iter().map(|found| Check { what: "keys", ok: false, found }).collect()
}

/// A node's directory on this machine, when it is here.
fn data(dir: &Path) -> Vec<Check> {
    let shown = dir.display();
    if !dir.exists() {
        let found = format!("{shown} is not there: no node has run here, or name it with --dir");
        return vec![Check { what: "data", ok: true, found }];
    }
    let mut checks = Vec::new();
    let probe = dir.join(format!(".doctor.{}", std::process::id()));
    let written = std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe));
    checks.push(match written {
        Ok(()) => Check { what: "data", ok: true, found: format!("{shown} can be written") },
        Err(error) => Check {
            what: "data",
            ok: false,
            found: format!("{shown} cannot be written ({error}): give it to the user who runs the node"),
        },
    });
    let secrets = dir.join("api-keys.json");
    if let Some(found) = too_open(&secrets) {
        checks.push(Check { what: "API keys", ok: false, found });
    }
    if let Some(free) = free_kib(dir) {
        let ok = free >= FREE_KIB;
        let left = format!("{} MiB left for {shown}", free / 1_024);
        let found = if ok { left } else { format!("{left}: make room, a node stops when its disk is full") };
        checks.push(Check { what: "disk", ok, found });
    }
    checks
}

/// Room on the disk of a directory, as `df` tells; where there is none to ask, nobody knows.
fn free_kib(dir: &Path) -> Option<u64> {
    let output = std::process::Command::new("df").arg("-Pk").arg(dir).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}
