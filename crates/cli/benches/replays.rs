//! `cenote replay` over real tapes, started from a real chain. Prints Markdown.
//!
//! The tapes are looked for in `CENOTE_DATA`, else in `../shared/data` beside the checkout.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Tape, its file, and the currency of the chain that its surface starts from.
const TAPES: &[(&str, &str, Option<&str>)] = &[
    ("LUNA, May 2022, BTC, 1 min", "crash_luna_ust_2022-05_btcusdt_1m", Some("BTC")),
    ("LUNA, May 2022, ETH, 1 min", "crash_luna_ust_2022-05_ethusdt_1m", Some("ETH")),
    ("FTX, Nov 2022, BTC, 1 min", "crash_ftx_2022-11_btcusdt_1m", Some("BTC")),
    ("FTX, Nov 2022, ETH, 1 min", "crash_ftx_2022-11_ethusdt_1m", Some("ETH")),
    ("2020-10 to 2024-06, BTC, 1 h", "binance_um_btcusdt_1h_20201023_20240616", Some("BTC")),
    ("2020-10 to 2024-06, ETH, 1 h", "binance_um_ethusdt_1h_20201023_20240616", Some("ETH")),
    ("2020-10 to 2024-06, SOL, 1 h", "binance_um_solusdt_1h_20201023_20240616", None),
];

/// The chain whose shape the surfaces start from.
const CHAIN: &str = "option_chains/deribit/deribit_options_snapshot_20260523T161224Z.csv.gz";

fn data() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("CENOTE_DATA").map_or(beside, PathBuf::from);
    folder.join("prices").is_dir().then_some(folder)
}

fn replay(data: &Path, file: &str, currency: Option<&str>) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cenote"));
    command.arg("replay").arg("--json").args(["--seed", "1"]);
    command.arg("--prices").arg(data.join(format!("prices/{file}.csv.gz")));
    if let Some(currency) = currency {
        command.arg("--chain").arg(data.join(CHAIN)).args(["--currency", currency]);
    }
    let run = command.output().expect("cenote runs");
    assert!(run.status.success(), "{file}: {}", String::from_utf8_lossy(&run.stderr));
    serde_json::from_slice(&run.stdout).expect("the report is JSON")
}

fn main() {
    let Some(data) = data() else {
        println!("Skipped: the tapes are not here. Set CENOTE_DATA to their folder.");
        return;
    };
    println!(
        "Pool of 10,000,000; 200 orders a day; seed 1; published surface. P&L is the pool's, net of liquidity in and out.\n"
    );
    println!(
        "| tape | commands | orders filled | P&L | worst drawdown | locked at most | invariants broken | P&L adds up | seconds | commands a second |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---|---:|---:|");
    for (name, file, currency) in TAPES {
        let report = replay(&data, file, *currency);
        let number = |path: &str| report.pointer(path).and_then(Value::as_f64).unwrap_or(f64::NAN);
        let parts = report["pnl"].as_object().expect("sources");
        let sum: i64 = parts.iter().filter(|(k, _)| *k != "total").filter_map(|(_, v)| v.as_i64()).sum();
        let moved = number("/nav/end") - number("/nav/start") - number("/nav/flows");
        let adds_up = sum as f64 == number("/pnl/total") && moved == number("/pnl/total");
        println!(
            "| {name} | {:.0} | {:.0} of {:.0} | {:+.2}% | {:.2}% | {:.0}% | {:.0} of {:.0} checks | {} | {:.1} | {:.0} |",
            number("/commands"),
            number("/orders/filled"),
            number("/orders/placed"),
            100.0 * number("/nav/per_share"),
            100.0 * number("/nav/drawdown"),
            100.0 * number("/peaks/utilisation"),
            number("/invariants/violated"),
            number("/invariants/checked"),
            if adds_up { "to the unit" } else { "NO" },
            number("/seconds"),
            number("/commands_per_second"),
        );
    }
}
