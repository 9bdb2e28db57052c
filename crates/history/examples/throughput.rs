//! How fast commands are taken in, half of them orders placed and half filled, and how fast questions are answered.
//!
//! `cargo run --release -p cenote-history --example throughput -- [commands [accounts]]`
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // It measures time, on files.

use cenote_api::command::OrderLeg;
use cenote_api::event::{CostParts, What};
use cenote_api::view::NavPoint;
use cenote_api::{Address, ApiEvent, Contracts, Money, Quote};
use cenote_engine::Command;
use cenote_engine::command::{Leg, OrderRequest, TimeInForce};
use cenote_engine::ids::{AccountId, BoardId, LegKind, MarketId};
use cenote_history::{FillMarks, History, HistoryError, OpenError, Resolution, SeriesMark, Step, TradesOf};
use cenote_units::{Cash, Price, Size, Timestamp};
use std::path::Path;
use std::time::{Duration, Instant};

/// Steps of one apply.
const BATCH: usize = 1_000;
/// So often a command is a tick as well; even.
const TICK_EVERY: u64 = 100;
const STRIKES: u64 = 40;
const MARKET: &str = "BTC_USDC";
/// The first of the commands; a named snapshot may come before it.
const FIRST: u64 = 3;
const START: u64 = 1_772_625_600_000;

/// What one command needs to be told of.
struct Told {
    seq: u64,
    command: Command,
    events: Vec<ApiEvent>,
    fills: Vec<FillMarks>,
    nav: Vec<(u16, NavPoint)>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let argument =
        |at: usize, default: u64| std::env::args().nth(at).map_or(Ok(default), |text| text.parse::<u64>());
    let (commands, accounts) = (argument(1, 300_000)?, argument(2, 500)?.max(1));
    println!("{commands} commands of {accounts} accounts");
    let told: Vec<Told> = (FIRST..FIRST + commands).map(|seq| tell(seq, accounts)).collect();
    let directory = std::env::temp_dir().join(format!("cenote-history-throughput-{}", std::process::id()));
    std::fs::create_dir_all(&directory)?;
    for remembering in [false, true] {
        let path = directory.join("history.redb");
        let _ = std::fs::remove_file(&path);
        let history = take_in(&path, &told, remembering)?;
        if remembering {
            go_back(&history, commands)?;
        } else {
            ask(&history)?;
        }
        drop(history);
        let (opened, took) = timed(|| History::open(&path, "venue"))?;
        println!(
            "opened again in {:.2} s, every page checked, at command {}",
            took.as_secs_f64(),
            opened.0.applied()?
        );
    }
    std::fs::remove_dir_all(&directory)?;
    Ok(())
}

fn timed<T, E>(work: impl FnOnce() -> Result<T, E>) -> Result<(T, Duration), E> {
    let start = Instant::now();
    let done = work()?;
    Ok((done, start.elapsed()))
}

fn take_in(path: &Path, told: &[Told], remembering: bool) -> Result<History, Box<dyn std::error::Error>> {
    let (history, _) = History::open(path, "venue").map_err(|error: OpenError| error.to_string())?;
    if remembering {
        let what = What::SnapshotTaken { name: "first".to_owned() };
        let events = [ApiEvent { seq: 1, index: 0, time: START, what }];
        history.apply(&[step(1, None, &events, &[], &[])])?;
    }
    let mut slowest = Duration::ZERO;
    let before = processor_time();
    let ((), took) = timed(|| {
        for batch in told.chunks(BATCH) {
            let steps: Vec<Step<'_>> = batch
                .iter()
                .map(|told| step(told.seq, Some(&told.command), &told.events, &told.fills, &told.nav))
                .collect();
            let ((), took) = timed(|| history.apply(&steps))?;
            slowest = slowest.max(took);
        }
        history.flush()
    })?;
    let rate = told.len() as f64 / took.as_secs_f64();
    let busy = processor_time().zip(before).map(|(after, before)| told.len() as f64 / (after - before));
    let bytes = std::fs::metadata(path)?.len() as f64 / told.len() as f64;
    println!(
        "{} commands in batches of {BATCH}{}: {rate:.0} a second ({} a second of processor time), slowest batch {:.0} ms, {bytes:.0} bytes a command",
        told.len(),
        if remembering { ", rows remembered for ways back" } else { "" },
        busy.map_or("unknown".to_owned(), |rate| format!("{rate:.0}")),
        slowest.as_secs_f64() * 1e3,
    );
    Ok(history)
}

/// Seconds of processor time of this process, where the system says so in `/proc`: what remains comparable on a machine that others use.
fn processor_time() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    Some(ticks / 100.0)
}

fn go_back(history: &History, commands: u64) -> Result<(), Box<dyn std::error::Error>> {
    for (at, steps) in [(1, 100), (2, 10_000)] {
        let seq = FIRST + commands + at;
        let what = What::Reverted { name: "first".to_owned(), to_seq: seq - 1 - steps };
        let events = [ApiEvent { seq, index: 0, time: START, what }];
        let ((), took) = timed(|| history.apply(&[step(seq, None, &events, &[], &[])]))?;
        println!("back by {steps} commands in {:.1} ms", took.as_secs_f64() * 1e3);
    }
    Ok(())
}

type Answer<'a> = Box<dyn Fn() -> Result<usize, HistoryError> + 'a>;

fn ask(history: &History) -> Result<(), Box<dyn std::error::Error>> {
    let of = Address(AccountId::numbered(7));
    let minute = Resolution::parse("1").ok_or("no such resolution")?;
    let answers: [(&str, Answer<'_>); 7] = [
        ("1,000 events", Box::new(|| Ok(history.events(1_000, 1_000, None)?.events.len()))),
        ("100 events of an account", Box::new(move || Ok(history.events_of(of, 0, 100)?.events.len()))),
        ("100 orders of an account", Box::new(move || Ok(history.orders_of(of, None, 100)?.orders.len()))),
        ("100 fills of an account", Box::new(move || Ok(history.fills_of(of, None, 100)?.fills.len()))),
        ("100 trades", Box::new(|| Ok(history.trades(TradesOf::Market(MARKET), None, 100)?.trades.len()))),
        ("candles", Box::new(move || Ok(history.index_candles(MARKET, minute, 0, u64::MAX)?.ticks.len()))),
        ("path", Box::new(|| Ok(history.nav(0, 0, u64::MAX, 500)?.points.len()))),
    ];
    for (what, answer) in answers {
        let (count, took) = timed(answer)?;
        println!("{what}: {count} rows in {:.2} ms", took.as_secs_f64() * 1e3);
    }
    Ok(())
}

fn step<'a>(
    seq: u64,
    command: Option<&'a Command>,
    events: &'a [ApiEvent],
    fills: &'a [FillMarks],
    nav: &'a [(u16, NavPoint)],
) -> Step<'a> {
    let sender = Address(AccountId::numbered(3));
    Step {
        seq,
        time: time_of(seq),
        sender,
        principal: None,
        command,
        events,
        fills,
        nav,
        postings: &[],
        digest: [7; 32],
    }
}

/// Ten commands a second of market time.
const fn time_of(seq: u64) -> u64 {
    START + seq * 100
}

/// Odd commands place an order, even ones fill the order before; every [`TICK_EVERY`]th is a tick as well.
fn tell(seq: u64, accounts: u64) -> Told {
    let order = if seq.is_multiple_of(2) { seq - 1 } else { seq };
    let account = Address(AccountId::numbered(order * 7 % accounts));
    let event = |index: u32, what: What| ApiEvent { seq, index, time: time_of(seq), what };
    let quote = |units: u128| Quote(Price::new(units * 1_000_000_000_000).unwrap_or(Price::ZERO));
    let strike = 80_000 + order % STRIKES * 1_000;
    if !seq.is_multiple_of(2) {
        let due_at = time_of(seq) + 1_000;
        let label = Some(format!("order-{seq}"));
        let placed = What::OrderPlaced { order, account, market: MARKET.to_owned(), due_at, label };
        let command = place(strike);
        return Told { seq, command, events: vec![event(0, placed)], fills: Vec::new(), nav: Vec::new() };
    }
    let price = quote(100_000 + u128::from(seq % 997));
    let (equity, tick) = (Money(Cash::new(10_000_000_000_000).unwrap_or_default()), seq / 2);
    let ticked = What::Ticked {
        market: MARKET.to_owned(),
        tick,
        price,
        confidence: quote(10),
        published_at: time_of(seq),
        equity,
        risk_capital: equity,
        guarded: false,
    };
    let legs = vec![OrderLeg {
        instrument: format!("{MARKET}-27MAR26-{strike}-C"),
        size: Contracts(one_contract()),
    }];
    let paid = |units: i128| Money(Cash::new(units).unwrap_or_default());
    let cost = CostParts {
        mark: paid(900_000_000),
        fee: paid(30_000_000),
        total: paid(930_000_000),
        ..CostParts::default()
    };
    let filled = What::OrderFilled { order, account, market: MARKET.to_owned(), tick, legs, cost };
    let marks = FillMarks {
        order,
        index_price: price,
        series: vec![SeriesMark { mark_price: 900.0, iv: Some(55.5) }],
    };
    let point = NavPoint {
        time: time_of(seq),
        nav_low: 1e7,
        nav_mid: 1e7,
        nav_high: 1e7,
        share_price: 1.0 + seq as f64 * 1e-9,
        index_price: 1e5,
        utilisation: 10.0,
    };
    let command = Command::PushPrice { market: MarketId(0), reports: Vec::new() };
    let (events, nav) = if seq.is_multiple_of(TICK_EVERY) {
        (vec![event(0, ticked), event(1, filled)], vec![(0, point)])
    } else {
        (vec![event(0, filled)], Vec::new())
    };
    Told { seq, command, events, fills: vec![marks], nav }
}

fn one_contract() -> Size {
    Size::new(1_000_000).unwrap_or_default()
}

fn place(strike: u64) -> Command {
    let expiry = Timestamp::from_millis(1_774_598_400_000).unwrap_or_default();
    let board = BoardId { market: MarketId(0), expiry, series: 0 };
    let strike = Price::new(u128::from(strike) * 1_000_000_000_000).unwrap_or_default();
    Command::PlaceOrder(OrderRequest {
        market: MarketId(0),
        legs: vec![Leg { board, strike, kind: LegKind::Call, size: one_contract() }],
        limit: Cash::MAX,
        time_in_force: TimeInForce::FirstTick,
        reduce_only: false,
        attempts: 1,
    })
}
