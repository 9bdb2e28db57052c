//! Commands a second through the engine, in process on one core, and what they allocate. Prints Markdown.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, unsafe_code)] // Times, and counts allocations.

use cenote_engine::command::{Leg, OrderRequest, Report, TimeInForce};
use cenote_engine::ids::{AccountId, LegKind, MarketId};
use cenote_engine::params::{MarketRules, PoolRules};
use cenote_engine::{Command, Context, Event, Outcome, execute};
use cenote_sim::fixture::{Fixture, KEEPER, PUBLISHER, Setup, TRADER, price};
use cenote_units::{Cash, Millis, Ratio, Size};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Counts what is allocated.
struct Counting;

static BYTES: AtomicU64 = AtomicU64::new(0);
static CALLS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call goes to the system's allocator unchanged; the counters do not touch memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        BYTES.fetch_add(layout.size() as u64, Relaxed);
        CALLS.fetch_add(1, Relaxed);
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Commands of one kind: how many, how long, how much memory.
#[derive(Default)]
struct Tally {
    count: u64,
    time: Duration,
    bytes: u64,
    calls: u64,
}

impl Tally {
    fn row(&self, name: &str) {
        let per = self.time.as_nanos() as f64 / self.count.max(1) as f64;
        println!(
            "| {name} | {} | {:.2} us | {:.0} | {} | {:.1} |",
            self.count,
            per / 1e3,
            1e9 / per,
            self.bytes / self.count.max(1),
            self.calls as f64 / self.count.max(1) as f64,
        );
    }
}

/// A venue of 8 boards with 16 strikes each, every one of them in the pool's inventory.
fn venue() -> Fixture {
    let market = MarketRules {
        dailies: 4,
        weeklies: 4,
        monthlies: 2,
        quarterlies: 0,
        strikes_target: 15,
        delta_step_max: Ratio::ppm(1_000_000),
        surface_age_max: Millis::days(7),
        ..MarketRules::default()
    };
    let pool = PoolRules { vega_max: Ratio::ppm(20_000), ..PoolRules::default() };
    let setup = Setup { markets: vec![market], pool, liquidity: 200_000_000.0, ..Setup::default() };
    let mut f = Fixture::new(&setup);
    f.checked = false;
    for account in 0..64 {
        f.fund(TRADER + account, 100_000_000.0);
    }
    for board in f.boards(MarketId(0)) {
        let strikes = f.venue.state.board[&board].strikes.clone();
        for (i, strike) in strikes.iter().enumerate() {
            let size = Size::new(if i % 2 == 0 { 50_000 } else { -50_000 }).expect("a small size");
            let legs =
                [LegKind::Call, LegKind::Put].map(|kind| Leg { board, strike: strike.price, kind, size });
            let _ = f.trade(TRADER + i as u64, legs.to_vec()).expect("placed").filled();
        }
    }
    f
}

/// Runs one command and counts it.
fn run(f: &mut Fixture, tally: &mut Tally, sender: u64, command: &Command) -> Outcome {
    f.venue.sequence += 1;
    let ctx = Context {
        now: f.venue.now,
        sequence: f.venue.sequence,
        sender: AccountId::numbered(sender),
        principal: None,
        funds: Cash::ZERO,
    };
    let (bytes, calls, start) = (BYTES.load(Relaxed), CALLS.load(Relaxed), Instant::now());
    let mut outcome = execute(&f.venue.state, &ctx, command).expect("a bench command");
    f.venue.state.apply(std::mem::take(&mut outcome.delta));
    tally.time += start.elapsed();
    tally.bytes += BYTES.load(Relaxed) - bytes;
    tally.calls += CALLS.load(Relaxed) - calls;
    tally.count += 1;
    outcome
}

fn tick(f: &mut Fixture, tally: &mut Tally) -> Outcome {
    f.wait(Millis::seconds(2));
    f.spots[0] *= 1.000_01;
    let report = Report {
        publisher: AccountId::numbered(PUBLISHER),
        price: price(f.spots[0]),
        confidence: price(10.0),
        published_at: f.venue.now,
    };
    run(f, tally, KEEPER, &Command::PushPrice { market: MarketId(0), reports: vec![report] })
}

fn main() {
    let mut f = venue();
    let boards = f.boards(MarketId(0));
    let strikes: usize = boards.iter().map(|board| f.venue.state.board[board].strikes.len()).sum();
    println!("{} boards, {strikes} strikes, all held by the pool; 33 worlds; one core.\n", boards.len());

    let mut ticks = Tally::default();
    for _ in 0..2_000 {
        tick(&mut f, &mut ticks);
    }
    let (mut places, mut fills, mut filled) = (Tally::default(), Tally::default(), 0u64);
    for round in 0..400u64 {
        for account in 0..64u64 {
            let board = boards[((round + account) as usize) % boards.len()];
            let rows = &f.venue.state.board[&board].strikes;
            let strike = rows[(account as usize) % rows.len()].price;
            // Every second round closes what the one before opened.
            let size = Size::new(if (round / 8) % 2 == 0 { 10_000 } else { -10_000 }).expect("a small size");
            let request = OrderRequest {
                market: MarketId(0),
                legs: vec![Leg { board, strike, kind: LegKind::Call, size }],
                limit: Cash::MAX,
                time_in_force: TimeInForce::FirstTick,
                reduce_only: false,
                attempts: 1,
            };
            run(&mut f, &mut places, TRADER + account, &Command::PlaceOrder(request));
        }
        let outcome = tick(&mut f, &mut fills);
        filled += outcome.events.iter().filter(|e| matches!(e, Event::OrderFilled(_))).count() as u64;
    }
    // What a tick costs without orders is not the fills'.
    let alone = ticks.time.as_nanos() as f64 / ticks.count as f64 * fills.count as f64;
    let each = (fills.time.as_nanos() as f64 - alone) / filled as f64;
    let place = places.time.as_nanos() as f64 / places.count as f64;
    println!("| command | runs | each | a second | bytes allocated | allocations |");
    println!("|---|---:|---:|---:|---:|---:|");
    ticks.row("tick: 8 boards re-marked, no orders");
    places.row("place an order");
    fills.row("tick with 64 orders filled");
    println!("\n{filled} of {} orders filled.", places.count);
    println!("A fill inside a tick: {:.2} us, {:.0} a second.", each / 1e3, 1e9 / each);
    println!(
        "An order placed and filled, its share of the tick included: {:.2} us, {:.0} a second.",
        (place + each + alone / filled as f64) / 1e3,
        1e9 / (place + each + alone / filled as f64)
    );
}
