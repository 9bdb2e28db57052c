//! Surfaces from book summaries: of flat chains made here, and of chains that were listed where they are at hand.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod common;

use cenote_calibrate::{Calibration, FitOptions, chain, fit};
use cenote_engine::command::SurfaceNode;
use cenote_engine::limits;
use cenote_feeds::{Clock, DeribitSurface, DeribitSurfaceOptions, FeedError, Source, Surface, Update};
use cenote_pricing::{Grid, Node, black};
use cenote_units::Timestamp;
use common::Rng;
use common::server::{Server, reply};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// 2026-01-01 08:00 UTC.
const NOW_MS: u64 = 1_767_254_400_000;

fn source(base: &str, currency: &str, now_ms: u64) -> DeribitSurface {
    let clock: Clock = Arc::new(move || Timestamp::from_millis(now_ms).unwrap());
    DeribitSurface::new(DeribitSurfaceOptions { clock, ..DeribitSurfaceOptions::new(base, currency) })
        .unwrap()
}

/// What the venue wraps its rows in.
fn answer(rows: &[Value], now_ms: u64) -> String {
    let us_out = now_ms * 1000 + 999;
    json!({ "jsonrpc": "2.0", "result": rows, "usIn": us_out - 9, "usOut": us_out, "usDiff": 9, "testnet": false })
        .to_string()
}

/// A row as the venue states it, with what is not read too.
fn row(name: &str, [bid, ask, percent]: [Option<f64>; 3], forward: f64, index: f64) -> Value {
    json!({
        "instrument_name": name, "bid_price": bid, "ask_price": ask, "mark_iv": percent, "underlying_price": forward,
        "estimated_delivery_price": index, "volume_usd": 0.0, "volume": 0.0, "underlying_index": "SYN.BTC",
        "quote_currency": "BTC", "price_change": null, "open_interest": 12.5, "mid_price": null, "mark_price": 0.01,
        "low": null, "high": null, "last": null, "interest_rate": 0.0, "creation_timestamp": 0, "base_currency": "BTC",
    })
}

fn check(nodes: &[SurfaceNode]) {
    assert!(nodes.len() <= limits::SURFACE_NODES);
    let node = |node: &SurfaceNode| Node {
        tenor: f64::from(node.tenor_s) / 31_536_000.0,
        theta: node.theta_e12 as f64 / 1e12,
        rho: f64::from(node.rho_e9) / 1e9,
        psi: node.psi_e12 as f64 / 1e12,
        carry: node.carry_e12 as f64 / 1e12,
    };
    let surface = cenote_pricing::Surface::new(nodes.iter().map(node).collect());
    assert_eq!(surface.check(Grid::DEFAULT.g_max()), Ok(()));
}

/// Options at one volatility of 60% everywhere, quoted one point either side.
fn flat_chain() -> Vec<Value> {
    let index = 60_000.0;
    let mut rows = Vec::new();
    for (date, days) in [("10JAN26", 9.0), ("30JAN26", 29.0), ("27MAR26", 85.0)] {
        let forward = index * (1.0 + 0.0001 * days);
        let years = days / 365.0;
        for strike in (40..=90).map(|thousands| f64::from(thousands) * 1000.0) {
            let at = |vol: f64| black::greeks(forward, strike, vol * vol * years);
            let (low, high) = (at(0.59), at(0.61));
            for (right, bid, ask) in [("C", low.call, high.call), ("P", low.put, high.put)] {
                let quotes = [Some(bid / forward), Some(ask / forward), Some(60.0)];
                rows.push(row(&format!("BTC-{date}-{strike}-{right}"), quotes, forward, index));
            }
        }
    }
    rows
}

#[test]
fn a_flat_chain_gives_its_volatility() {
    let body = answer(&flat_chain(), NOW_MS);
    let server = Server::start(move |path, stream| {
        assert_eq!(path, "/api/v2/public/get_book_summary_by_currency?currency=BTC&kind=option");
        reply(stream, "200 OK", "", body.as_bytes());
    });
    let mut source = source(&server.base(), "BTC", NOW_MS + 500);
    let Surface { published_at, nodes, quotes, inside } = source.poll().unwrap().surface.unwrap();
    assert_eq!(published_at.millis(), NOW_MS);
    check(&nodes);
    assert_eq!(nodes.len(), 3);
    assert!(quotes > 100 && inside * 4 >= quotes * 3, "{inside} of {quotes}");
    for (node, days) in nodes.iter().zip([9.0, 29.0, 85.0]) {
        let years = f64::from(node.tenor_s) / 31_536_000.0;
        assert_eq!(node.tenor_s, (days * 86_400.0) as u32 - 1200, "two thirds of the settlement average");
        let vol = (node.theta_e12 as f64 / 1e12 / years).sqrt();
        assert!((vol - 0.6).abs() < 0.03, "{vol} at {days} days");
        let carry = (1.0f64 + 0.0001 * days).ln();
        assert!((node.carry_e12 as f64 / 1e12 - carry).abs() < 1e-6, "{} at {days} days", node.carry_e12);
    }
    assert_eq!(source.poll(), Ok(Update::default()), "the same chain is no news");
}

#[test]
fn chains_that_give_no_surface() {
    let few: Vec<Value> = flat_chain().into_iter().skip(40).take(4).collect();
    let one_sided: Vec<Value> = flat_chain()
        .into_iter()
        .map(|mut row| {
            row["bid_price"] = Value::Null;
            row
        })
        .collect();
    // Two markets in one: no surface is inside both.
    let torn: Vec<Value> = flat_chain()
        .into_iter()
        .enumerate()
        .map(|(index, mut row)| {
            let factor = [0.5, 1.0, 2.0, 4.0][index % 4];
            for field in ["bid_price", "ask_price"] {
                row[field] = json!(row[field].as_f64().unwrap() * factor);
            }
            row
        })
        .collect();
    let mut negative = flat_chain();
    negative[5]["ask_price"] = json!(-0.1);
    let mut no_forward = flat_chain();
    no_forward[5].as_object_mut().unwrap().remove("underlying_price");
    let server = Server::answering("");
    for (rows, code) in [
        (Vec::new(), "no_quotes"),
        (one_sided, "no_quotes"),
        (few, "no_surface"),
        (torn, "poor_fit"),
        (negative, "answer_field"),
        (no_forward, "answer"),
    ] {
        server.change(answer(&rows, NOW_MS));
        let error = source(&server.base(), "BTC", NOW_MS).poll().expect_err(code);
        assert_eq!(error.code(), code, "{error}");
    }
    server.change(answer(&flat_chain(), NOW_MS));
    let error = source(&server.base(), "ETH", NOW_MS).poll().unwrap_err();
    assert!(matches!(error, FeedError::NoQuotes { listed: 306, .. }), "{error:?}");
    let error = source(&server.base(), "BTC", NOW_MS + 60_001).poll().unwrap_err();
    assert_eq!(error.code(), "stale");
}

/// Whatever numbers a venue states, there is a sound surface or a refusal, and never a panic.
#[test]
fn wild_numbers_are_refused_or_fitted() {
    let server = Server::answering("");
    let mut rng = Rng(4);
    let mut found = std::collections::BTreeMap::<&str, u32>::new();
    for _ in 0..60 {
        let mut rows = flat_chain();
        let spoilt = 1 + rng.below(rows.len());
        for _ in 0..spoilt {
            let row = rng.below(rows.len());
            let field = ["bid_price", "ask_price", "mark_iv", "underlying_price", "estimated_delivery_price"]
                [rng.below(5)];
            let wild = [0.0, 1e-8, 1e-5, 0.5, 1.0, 30.0, 1e3, 9e3, 1e-300];
            let usual = rows[row][field].as_f64().unwrap_or(1.0);
            rows[row][field] = match rng.below(4) {
                0 => Value::Null,
                1 if !field.ends_with("g_price") && !field.starts_with("est") => {
                    json!(wild[rng.below(wild.len())])
                }
                _ => json!(usual * (0.2 + 3.0 * rng.below(1000) as f64 / 1000.0)),
            };
            // Rows without a forward refuse the whole: most chains should come further.
            if rows[row][field].is_null() && field.ends_with("y_price") | field.starts_with("und") {
                rows[row][field] = json!(usual);
            }
        }
        server.change(answer(&rows, NOW_MS));
        let outcome = match source(&server.base(), "BTC", NOW_MS).poll() {
            Ok(update) => {
                check(&update.surface.unwrap().nodes);
                "fitted"
            }
            Err(error) => error.code(),
        };
        *found.entry(outcome).or_default() += 1;
    }
    println!("{found:?}");
    assert!(found.len() > 1, "{found:?}");
}

/// The options of one currency in a file, as the venue would have stated them, and the time of the last row.
fn served(file: &Path, currency: &str) -> (String, u64) {
    let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(file).unwrap()));
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|column| column == name).unwrap();
    let number = |record: &csv::StringRecord, name: &str| {
        record[column(name)].parse::<f64>().ok().filter(|value| value.is_finite())
    };
    let records =
        reader.records().map(Result::unwrap).filter(|record| &record[column("currency")] == currency);
    let rows: Vec<Value> = records
        .map(|record| {
            let percent = number(&record, "implied_volatility").map(|vol| vol * 100.0);
            let quotes = [number(&record, "bid_price"), number(&record, "ask_price"), percent];
            let forward = number(&record, "underlying").unwrap();
            row(&record[column("instrument_name")], quotes, forward, number(&record, "index_price").unwrap())
        })
        .collect();
    let at = chain::read(file, currency).unwrap().snapshot_ms;
    (answer(&rows, at as u64), at as u64)
}

/// Largest difference of total volatility at the money, relative, and of carry.
fn distance(served: &[SurfaceNode], direct: &Calibration) -> (f64, f64) {
    let pairs = served.iter().zip(&direct.surface.nodes);
    pairs.fold((0.0, 0.0), |(vol, carry), (a, b)| {
        assert_eq!(a.tenor_s, b.tenor_s);
        let ratio = (a.theta_e12 as f64 / b.theta_e12 as f64).sqrt();
        (f64::max(vol, (ratio - 1.0).abs()), f64::max(carry, (a.carry_e12 - b.carry_e12).abs() as f64 / 1e12))
    })
}

fn files() -> Vec<PathBuf> {
    let Some(folder) = common::data("option_chains/deribit") else { return Vec::new() };
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The same chain through the venue's answer and from its file: the same surface, but for the delta that decides which
/// quotes count, which the venue's answer lacks and the file has.
#[test]
fn listed_chains_give_the_surface_of_their_files() {
    let server = Server::answering("");
    let (mut worst, mut count, mut same) = ((0.0, 0.0), 0, 0);
    for (file, currency) in files().iter().flat_map(|file| ["BTC", "ETH"].map(|currency| (file, currency))) {
        let name = format!("{} {currency}", file.display());
        let (body, now_ms) = served(file, currency);
        assert!(body.len() < 1024 * 1024, "{name}: {} bytes", body.len());
        server.change(body);
        let surface =
            source(&server.base(), currency, now_ms).poll().unwrap_or_else(|e| panic!("{name}: {e}"));
        let surface = surface.surface.unwrap();
        check(&surface.nodes);
        let direct = fit(&chain::read(file, currency).unwrap(), &FitOptions::default()).unwrap();
        assert_eq!(surface.nodes.len(), direct.surface.nodes.len(), "{name}");
        let (vol, carry) = distance(&surface.nodes, &direct);
        println!(
            "{name}: {} nodes, {} of {} inside; vol apart {vol:.1e}, carry {carry:.1e}",
            surface.nodes.len(),
            surface.inside,
            surface.quotes
        );
        assert!(surface.quotes.abs_diff(direct.totals.quotes) * 50 <= direct.totals.quotes, "{name}");
        worst = (f64::max(worst.0, vol), f64::max(worst.1, carry));
        count += 1;
        same += u32::from(vol == 0.0);
    }
    println!(
        "{count} chains, {same} of them the same: vol apart at most {:.1e}, carry {:.1e}",
        worst.0, worst.1
    );
    // Where the deltas choose the same quotes, every bit agrees.
    assert!(count == 0 || same >= 10, "{same} of {count} chains are the same");
    assert!(worst.0 < 0.02 && worst.1 == 0.0, "{worst:?}");
}
