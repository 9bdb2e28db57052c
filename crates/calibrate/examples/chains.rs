//! Fits every chain of a folder in three ways and prints how well, by tenor, and for the default by chain.
//!
//! `cargo run --release -p cenote-calibrate --example chains [FOLDER]`
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // It times the fits.

use cenote_calibrate::{Aim, Calibration, Chain, ExpiryFit, FitOptions, chain, fit};
use std::path::PathBuf;
use std::time::Instant;

/// Ends of the groups of tenors, days.
const BUCKETS: [(f64, &str); 6] = [
    (2.0, "to 2 d"),
    (4.0, "2 to 4 d"),
    (10.0, "4 to 10 d"),
    (45.0, "10 to 45 d"),
    (120.0, "45 to 120 d"),
    (f64::INFINITY, "beyond 120 d"),
];

/// Expiries of two days or less are fitted but count apart.
const DAYS_JUDGED: f64 = 2.0;

fn main() {
    let root = std::env::args().nth(1).map_or_else(
        || {
            std::env::var("CENOTE_DATA")
                .map_or("../shared/data".into(), PathBuf::from)
                .join("option_chains/deribit")
        },
        PathBuf::from,
    );
    let chains = load(&root);
    let middle = FitOptions { aim: Aim::Middle, ..FitOptions::default() };
    let modes: [(&str, Vec<Vec<ExpiryFit>>); 2] = [
        ("each expiry alone, aim Inside", chains.iter().map(|(_, chain, _)| alone(chain)).collect()),
        (
            "all together, aim Middle",
            chains.iter().map(|(_, chain, _)| fitted(chain, &middle).expiries).collect(),
        ),
    ];
    for (title, fits) in &modes {
        println!("## {title}\n");
        summary(fits);
    }
    println!("## all together, aim Inside (the default)\n");
    let (mut fits, mut times) = (Vec::new(), Vec::new());
    for (name, chain, read_s) in &chains {
        let calibration = fitted(chain, &FitOptions::default());
        times.push(read_s + calibration.seconds);
        print_chain(name, &calibration);
        fits.push(calibration.expiries);
    }
    println!();
    summary(&fits);
    let worst = times.iter().copied().fold(0.0, f64::max);
    println!("seconds to read and fit: mean {:.3}, worst {worst:.3}", mean(&times));
    carry(&fits);
}

/// Name, chain, and seconds to read it.
fn load(root: &PathBuf) -> Vec<(String, Chain, f64)> {
    let entries = std::fs::read_dir(root).unwrap_or_else(|e| panic!("{}: {e}", root.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a folder entry").path()).collect();
    files.sort();
    let mut chains = Vec::new();
    for (file, currency) in files.iter().flat_map(|file| ["BTC", "ETH"].map(|currency| (file, currency))) {
        let begun = Instant::now();
        let chain = chain::read(file, currency).unwrap_or_else(|e| panic!("{e}"));
        let name = file.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
        let short: String = name.trim_start_matches("deribit_options_snapshot_").chars().take(13).collect();
        chains.push((format!("{short} {currency}"), chain, begun.elapsed().as_secs_f64()));
    }
    chains
}

fn fitted(chain: &Chain, options: &FitOptions) -> Calibration {
    fit(chain, options).unwrap_or_else(|e| panic!("{}: {e}", chain.currency))
}

/// Every expiry as a chain of its own: no condition between expiries, and its own variance as the market's.
fn alone(chain: &Chain) -> Vec<ExpiryFit> {
    let one = |expiry: &chain::ChainExpiry| {
        let chain = Chain { expiries: vec![expiry.clone()], ..chain.clone() };
        fit(&chain, &FitOptions::default()).ok().map(|calibration| calibration.expiries)
    };
    chain.expiries.iter().filter_map(one).flatten().collect()
}

fn days(e: &ExpiryFit) -> f64 {
    e.years * 365.0
}

fn share<'a>(expiries: impl Iterator<Item = &'a ExpiryFit>) -> f64 {
    let (inside, quotes) = expiries.fold((0, 0), |(i, q), e| (i + e.inside, q + e.quotes));
    inside as f64 / quotes as f64
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn print_chain(name: &str, calibration: &Calibration) {
    let long = calibration.expiries.iter().filter(|e| days(e) > DAYS_JUDGED);
    println!(
        "{name}: {:.1}% inside, rmse {:.2}, {} nodes of {} expiries, {} evaluations{}",
        100.0 * share(long),
        calibration.totals.rmse_vol_points,
        calibration.surface.nodes.len(),
        calibration.expiries.len(),
        calibration.evaluations,
        if calibration.converged { "" } else { ", stopped early" },
    );
}

fn summary(chains: &[Vec<ExpiryFit>]) {
    let long = |fits: &'_ [ExpiryFit]| -> Vec<ExpiryFit> {
        fits.iter().filter(|e| days(e) > DAYS_JUDGED && e.quotes > 0).cloned().collect()
    };
    let shares: Vec<f64> = chains.iter().map(|fits| share(long(fits).iter())).collect();
    let all: Vec<ExpiryFit> = chains.iter().flat_map(|fits| long(fits)).collect();
    let worst = shares.iter().copied().fold(1.0, f64::min);
    println!(
        "beyond {DAYS_JUDGED} d: {} expiries, {} quotes",
        all.len(),
        all.iter().map(|e| e.quotes).sum::<usize>()
    );
    println!(
        "inside bid and ask: mean over chains {:.1}%, worst chain {:.1}%",
        100.0 * mean(&shares),
        100.0 * worst
    );
    let by_expiry: Vec<f64> = all.iter().map(|e| share(std::iter::once(e))).collect();
    println!("inside bid and ask: mean over expiries {:.1}%", 100.0 * mean(&by_expiry));
    println!(
        "rmse in vol points: median over expiries {:.2}",
        median(all.iter().map(|e| e.rmse_vol_points).collect())
    );
    let mut from = 0.0;
    for (to, title) in BUCKETS {
        let rows = chains.iter().flatten().filter(|e| e.quotes > 0 && from < days(e) && days(e) <= to);
        let rows: Vec<&ExpiryFit> = rows.collect();
        let inside: Vec<f64> = rows.iter().map(|e| share(std::iter::once(*e))).collect();
        let rmse = median(rows.iter().map(|e| e.rmse_vol_points).collect());
        println!(
            "  {title:<13} {:>4} expiries {:>6.1}% inside, rmse {rmse:.2}",
            rows.len(),
            100.0 * mean(&inside)
        );
        from = to;
    }
    println!();
}

/// How far published forwards are from the venue's.
fn carry(chains: &[Vec<ExpiryFit>]) {
    for (title, from, to) in [("below 7 d", 0.0, 7.0), ("7 d and more", 7.0, f64::INFINITY)] {
        let rows = chains.iter().flatten().filter(|e| from <= days(e) && days(e) < to);
        let gaps: Vec<f64> = rows.map(|e| 1e4 * (e.carry - e.carry_published).abs()).collect();
        let worst = gaps.iter().copied().fold(0.0, f64::max);
        println!(
            "published against quoted forward, {title}: median {:.1} bp, worst {worst:.1} bp",
            median(gaps)
        );
    }
}
