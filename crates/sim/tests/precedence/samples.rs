//! One refusal of every code, with numbers that can be told apart.

use cenote_engine::Rejection;
use cenote_engine::ids::{AccountId, BoardId, MarketId, OrderId, PoolId, ProposalId};
use cenote_units::{Cash, Price, Shares, Size, Timestamp};

fn cash(units: i128) -> Cash {
    Cash::new(units).expect("a small amount")
}

fn at(ms: u64) -> Timestamp {
    Timestamp::from_millis(ms).expect("a date")
}

fn size(units: i64) -> Size {
    Size::new(units).expect("a small size")
}

fn shares(units: u128) -> Shares {
    Shares::new(units).expect("a few shares")
}

/// In the order of codes.
pub fn all() -> Vec<Rejection> {
    let (market, pool) = (MarketId(3), PoolId(4));
    let board = BoardId { market, expiry: at(1_773_000_000_000), series: 2 };
    let (required, available) = (cash(12_500_000), cash(7_250_000));
    vec![
        Rejection::WrongFunds { attached: required },
        Rejection::Forbidden { needs: "the admin's key" },
        Rejection::SessionRefused { reason: "the grant has expired" },
        Rejection::Invalid { field: "amount", rule: "more than zero" },
        Rejection::OutOfBounds { unit: "Cash" },
        Rejection::ParameterOutOfBounds {
            name: "vol_spread",
            value: "0.5".into(),
            min: "0.0005".into(),
            max: "0.1".into(),
        },
        Rejection::SessionCap { needed: required, left: available },
        Rejection::PoolNotFound { pool },
        Rejection::MarketNotFound { market },
        Rejection::BoardNotFound { board },
        Rejection::StrikeNotFound { board, strike: Price::ONE },
        Rejection::OrderNotFound { order: OrderId(17) },
        Rejection::ProposalNotFound { proposal: ProposalId(18) },
        Rejection::AccountNotFound { account: AccountId::numbered(0xabc) },
        Rejection::PositionTooSmall { required: size(2_500_000), available: size(-1_250_000) },
        Rejection::OfferNotFound { offer: 19 },
        Rejection::NothingToClaim { epoch: 20 },
        Rejection::Paused,
        Rejection::Timelocked { until: at(1_000_200), now: at(1_000_100) },
        Rejection::NotNewer { latest: at(1_000_200), offered: at(1_000_100) },
        Rejection::FromTheFuture { now: at(1_000_100), offered: at(1_000_200) },
        Rejection::SurfaceArbitrage { condition: "node 1: 0.3 is above 0.2".into() },
        Rejection::CarryOutOfBounds { condition: "node 2: 9000 is above 8000".into() },
        Rejection::NoPrice { market },
        Rejection::Guarded { reason: "the surface is old" },
        Rejection::BoardClosed { board, allows: "only settlement" },
        Rejection::NotSettleable { from: at(1_000_200), now: at(1_000_100) },
        Rejection::ReduceOnly,
        Rejection::OrdersLive { orders: 5 },
        Rejection::OrdersElsewhere { market },
        Rejection::QueueFull { limit: 256 },
        Rejection::AccountFull { what: "positions", limit: 64 },
        Rejection::InsufficientShares { required: shares(12_500_000), available: shares(7_250_000) },
        Rejection::PoolWindingDown { equity: available, required },
        Rejection::PoolCapacity { rule: "utilisation", after: 0.875, limit: 0.85 },
        Rejection::LimitExceeded { cost: required, limit: available },
        Rejection::InsufficientCash { who: "account", required, available },
    ]
}

/// The numbers that a refusal's text must show.
pub fn numbers(refusal: &Rejection) -> Vec<String> {
    let said: &[&str] = match refusal {
        Rejection::SessionCap { .. }
        | Rejection::InsufficientShares { .. }
        | Rejection::PoolWindingDown { .. }
        | Rejection::LimitExceeded { .. }
        | Rejection::InsufficientCash { .. } => &["12.5", "7.25"],
        Rejection::PositionTooSmall { .. } => &["2.5", "-1.25"],
        Rejection::Timelocked { .. }
        | Rejection::NotNewer { .. }
        | Rejection::FromTheFuture { .. }
        | Rejection::NotSettleable { .. } => &["1000200", "1000100"],
        Rejection::ParameterOutOfBounds { .. } => &["vol_spread", "0.5", "0.0005", "0.1"],
        Rejection::WrongFunds { .. } => &["12.5"],
        Rejection::CarryOutOfBounds { .. } => &["9000", "8000"],
        Rejection::PoolCapacity { .. } => &["0.875", "0.85"],
        Rejection::QueueFull { .. } => &["256"],
        Rejection::AccountFull { .. } => &["64"],
        Rejection::OrdersLive { .. } => &["5"],
        _ => &[],
    };
    said.iter().map(ToString::to_string).collect()
}
