//! Lengths that promise more than the bytes hold cost nothing: what a decoder sets aside is bounded by what it reads.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use cenote_engine::Command;
use cenote_engine::command::{Action, Leg, OrderRequest, Report, SurfaceNode, TimeInForce};
use cenote_engine::ids::{AccountId, MarketId, PoolId};
use cenote_engine::params::{MarketParams, MarketRules, SurfaceSource};
use cenote_sim::fixture;
use cenote_units::{Cash, Price, Timestamp};

/// Decoders may set this much aside before they have seen it: borsh reads text in steps of a mebibyte.
const ROOM_KIB: u64 = 16 * 1024;

/// The most memory that this process has had, KiB; nothing where the system does not say.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Commands with a list in them, and where in their bytes the length of that list is.
fn lists() -> Vec<(&'static str, Command, usize)> {
    let market = MarketId(0);
    let published_at = Timestamp::ZERO;
    let request = OrderRequest {
        market,
        legs: Vec::new(),
        limit: Cash::ZERO,
        time_in_force: TimeInForce::FirstTick,
        reduce_only: false,
        attempts: 1,
    };
    let publisher = AccountId::numbered(fixture::PUBLISHER);
    let params = MarketParams {
        name: String::new(),
        publishers: Vec::new(),
        surface: SurfaceSource::Published(publisher),
        price_tick: Price::ONE,
        rules: MarketRules::default(),
    };
    let create = Command::Propose { action: Action::CreateMarket { pool: PoolId(0), params } };
    vec![
        ("reports", Command::PushPrice { market, reports: Vec::new() }, 3),
        ("nodes", Command::PublishSurface { market, published_at, nodes: Vec::new() }, 11),
        ("legs", Command::PlaceOrder(request), 3),
        ("name", create.clone(), 4),
        ("publishers", create, 8),
    ]
}

#[test]
fn a_list_longer_than_its_bytes_is_refused_without_setting_memory_aside() {
    let before = peak_kib();
    for (name, command, at) in lists() {
        let good = borsh::to_vec(&command).expect("a command serialises");
        assert_eq!(good[at..at + 4], [0; 4], "{name}: there is no empty list at {at}");
        assert_eq!(borsh::from_slice::<Command>(&good).expect("what was written can be read"), command);
        for length in [1u32 << 16, 1 << 24, 1 << 31, u32::MAX] {
            let mut bytes = good.clone();
            bytes[at..at + 4].copy_from_slice(&length.to_le_bytes());
            bytes.extend([7; 4_096]);
            assert!(borsh::from_slice::<Command>(&bytes).is_err(), "{name}: {length} of them were believed");
        }
    }
    match (before, peak_kib()) {
        (Some(before), Some(after)) => {
            println!("{} KiB more at the peak", after - before);
            assert!(after - before < ROOM_KIB, "{} KiB were set aside", after - before);
        }
        _ => println!("the memory check was skipped: this system has no /proc/self/status"),
    }
}

#[test]
fn an_element_in_memory_is_at_most_twice_its_bytes() {
    let leg = Leg {
        board: cenote_engine::ids::BoardId::default(),
        strike: Price::ONE,
        kind: cenote_engine::ids::LegKind::Call,
        size: cenote_units::Size::ONE,
    };
    let report = Report {
        publisher: AccountId::default(),
        price: Price::ONE,
        confidence: Price::ZERO,
        published_at: Timestamp::ZERO,
    };
    let sizes = [
        (size_of::<Leg>(), borsh::object_length(&leg).expect("a length")),
        (size_of::<Report>(), borsh::object_length(&report).expect("a length")),
        (size_of::<SurfaceNode>(), borsh::object_length(&fixture::surface(0.5)[0]).expect("a length")),
    ];
    assert!(sizes.iter().all(|(memory, bytes)| *memory <= 2 * bytes), "{sizes:?}");
}
