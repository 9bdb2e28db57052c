//! Files, positions and what is on disk, of a venue that has traded.

#[path = "../../../table/tests/support/reader.rs"]
mod reader;

use super::support::{Setup, Venue, address};
use cenote_api::ApiCommand;
use cenote_api::command::{OrderLeg, PlaceOrder};
use cenote_api::export::{self, ALL};
use cenote_api::view::{Account, Chain, ClosedPage, Status};
use cenote_table::{Cell, Format};
use serde_json::json;
use std::io::Read as _;

/// Trades a size of the first series and carries time to the tick that fills it.
fn trade(venue: &Venue, name: &str, size: &str) {
    let order = PlaceOrder {
        legs: vec![OrderLeg { instrument: name.to_owned(), size: size.parse().unwrap() }],
        limit: if size.starts_with('-') { "-0.01" } else { "20000" }.parse().unwrap(),
        until: None,
        reduce_only: false,
        attempts: 1,
        label: Some("a, \"b\"".to_owned()),
    };
    venue.run("alice", ApiCommand::PlaceOrder(order));
    venue.ticks(3);
}

fn chain(venue: &Venue) -> Chain {
    serde_json::from_value(venue.see("/v1/chain")).unwrap()
}

/// A call of the soonest expiry near the money: its settlement is near, too.
fn soonest(venue: &Venue) -> String {
    let strikes = &chain(venue).expiries[0].strikes;
    strikes[strikes.len() / 2].call.instrument_name.clone()
}

fn account(venue: &Venue) -> Account {
    serde_json::from_value(venue.see(&format!("/v1/accounts/{}", address("alice")))).unwrap()
}

fn closed(venue: &Venue) -> ClosedPage {
    serde_json::from_value(venue.see(&format!("/v1/accounts/{}/closed", address("alice")))).unwrap()
}

fn fetch(venue: &Venue, path: &str) -> (String, Vec<u8>) {
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
    let mut answer = agent.get(format!("{}{path}", venue.base)).call().unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    let mut bytes = Vec::new();
    answer.body_mut().as_reader().read_to_end(&mut bytes).unwrap();
    (kind, bytes)
}

fn rows(venue: &Venue, export: &export::Export, format: Format, query: &str) -> Vec<Vec<Cell>> {
    let (kind, bytes) = fetch(venue, &format!("/v1/export/{}.{}{query}", export.name, format.ending()));
    assert_eq!(kind, format.media_type());
    reader::read(format, export.columns, &bytes)
}

#[test]
fn every_format_of_every_export_has_the_same_rows() {
    let venue = Venue::start(&Setup::default());
    venue.ticks(2);
    let name = soonest(&venue);
    trade(&venue, &name, "0.5");
    trade(&venue, &name, "-0.2");
    for export in ALL {
        let expected = rows(&venue, export, Format::Csv, "");
        assert!(!expected.is_empty(), "{}", export.name);
        for format in Format::ALL {
            assert_eq!(rows(&venue, export, format, ""), expected, "{} {format:?}", export.name);
        }
    }
    let fills = rows(&venue, &export::FILLS, Format::Parquet, &format!("?account={}", address("alice")));
    let amounts: Vec<&Cell> = fills.iter().map(|row| &row[8]).collect();
    assert_eq!(amounts, [&Cell::text("0.5"), &Cell::text("0.2")]);
    assert_eq!(fills[0][5], Cell::text("a, \"b\""));
    assert!(rows(&venue, &export::FILLS, Format::Csv, &format!("?account={}", address("bob"))).is_empty());
    let late = format!("?from={}", venue.market_time() + 1);
    assert!(rows(&venue, &export::NAV, Format::Ndjson, &late).is_empty());
    // The board is the chain, series by series.
    let chain = chain(&venue);
    let series: Vec<String> = chain
        .expiries
        .iter()
        .flat_map(|expiry| &expiry.strikes)
        .flat_map(|strike| [&strike.call, &strike.put])
        .map(|series| format!("{} {:?} {}", series.instrument_name, series.ask_price, series.mark_price))
        .collect();
    let quotes = rows(&venue, &export::QUOTES, Format::Parquet, "");
    let text = |cell: &Cell| if let Cell::Text(text) = cell { text.clone() } else { String::new() };
    let found = quotes.iter().map(|row| {
        let ask: Option<cenote_api::Quote> = text(&row[11]).parse().ok();
        let Cell::Float(mark) = row[12] else { panic!("{row:?}") };
        format!("{} {ask:?} {mark}", text(&row[4]))
    });
    assert_eq!(found.collect::<Vec<_>>(), series);
    for (path, status) in [
        ("fills.xlsx", 404),
        ("trades.csv", 404),
        ("quotes.csv?from=1", 400),
        ("quotes.csv?size=0", 400),
        ("quotes.csv?market=DOGE", 404),
        ("fills.csv?size=1", 400),
        ("fills.csv?account=nobody", 400),
        ("fills.csv?from=x", 400),
    ] {
        let (found, answer) = venue.get(&format!("/v1/export/{path}"));
        assert_eq!(found, status, "{path}: {answer}");
        assert!(answer["error"]["message"].is_string(), "{path}: {answer}");
    }
}

/// Over everything that an account has done: what each closed position realised and each open one has, less what it cost, is its profit
/// at the marks, keeper fees apart, to the unit.
#[test]
fn profit_by_position_is_the_profit() {
    let venue = Venue::start(&Setup::default());
    venue.ticks(2);
    let check = |venue: &Venue| {
        let (account, closed) = (account(venue), closed(venue));
        let units = |of: Option<cenote_api::Money>| of.unwrap().0.get();
        let open: i128 = account
            .positions
            .iter()
            .map(|p| p.value.0.get() - units(p.cost) + units(p.realised_profit_loss))
            .sum();
        let done: i128 = closed.positions.iter().map(|p| p.realised_profit_loss.0.get()).sum();
        let pnl = account.pnl;
        let off = open + done - (pnl.total.0.get() - pnl.keeper.0.get());
        // Each open position's value is rounded on its own.
        assert!(off.unsigned_abs() <= account.positions.len() as u128, "{off}: {account:?} {closed:?}");
        (account, closed.positions)
    };
    let name = soonest(&venue);
    trade(&venue, &name, "0.5");
    let (held, _) = check(&venue);
    assert_eq!(held.positions[0].realised_profit_loss, Some("0".parse().unwrap()));
    assert_eq!(held.positions[0].cost.map(|cost| cost.0.get() > 0), Some(true));
    trade(&venue, &name, "-0.2");
    let (held, ended) = check(&venue);
    assert!(ended.is_empty() && held.positions[0].realised_profit_loss != Some("0".parse().unwrap()));
    trade(&venue, &name, "-0.3");
    let (held, ended) = check(&venue);
    assert!(held.positions.is_empty());
    assert_eq!(
        (ended.len(), ended[0].closed_by.as_str(), ended[0].size),
        (1, "trade", "0.5".parse().unwrap())
    );
    // Until settlement, and what came of it.
    trade(&venue, &name, "0.25");
    venue.done("/v1/dev/clock", &json!({ "until": "next-expiry" }));
    venue.ticks(5);
    let (held, ended) = check(&venue);
    assert!(held.positions.is_empty(), "the venue settles everybody: {:?}", held.positions);
    assert_eq!((ended.len(), ended[0].closed_by.as_str()), (2, "settlement"));
}

#[test]
fn the_status_says_what_is_on_disk() {
    let venue = Venue::start(&Setup::default());
    let status: Status = serde_json::from_value(venue.see("/v1/status")).unwrap();
    let journal = status.journal;
    let directory = std::path::PathBuf::from(journal.directory.expect("told in dev mode")).join("journal");
    let names: Vec<String> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let count = |start: &str| names.iter().filter(|name| name.starts_with(start)).count() as u64;
    assert!(journal.segments > 0 && journal.segments <= count("segment-"), "{names:?}");
    assert!(journal.snapshots <= count("snapshot-"));
    assert_eq!(journal.snapshots > 0, journal.snapshot_entry.is_some());
    assert!(
        journal.bytes >= journal.segments * 16 * 1024 * 1024,
        "segments are full of zeros when they are made"
    );
    assert!(journal.written_at.is_some_and(|at| at <= status.wall_time_ms + 1_000));
    assert!(status.feeds.is_empty(), "prices are made here");
}
