//! What happened at the sample venue, what it would be worth elsewhere, and its rules.

use super::{CALL, EXPIRY, NOW, address, cash, cost, error, greeks, legs, quote_price, size};
use cenote_api::Address;
use cenote_api::command::OrderLeg;
use cenote_api::event::{ApiEvent, CostParts, What};
use cenote_api::view::*;

pub fn event(seq: u64, what: What) -> ApiEvent {
    ApiEvent { seq, index: 0, time: NOW, what }
}

pub fn filled() -> What {
    What::OrderFilled {
        order: 4_211,
        account: address("alice"),
        market: "BTC_USDC".into(),
        tick: 1_204,
        legs: legs(),
        cost: cost(),
    }
}

/// One of every kind of event that people read about.
pub fn everything() -> Vec<ApiEvent> {
    let what = of_trading().into_iter().chain(of_liquidity());
    (4_201..).zip(what).map(|(seq, what)| event(seq, what)).collect()
}

fn of_trading() -> Vec<What> {
    let (alice, bob) = (address("alice"), address("bob"));
    let (market, expiry) = (|| "BTC_USDC".to_owned(), || "27MAR26".to_owned());
    let price = quote_price;
    let why = error("limit_exceeded", "the order costs 9700, its limit is 9684.75; raise the limit or wait");
    let spread = vec![
        OrderLeg { instrument: CALL.into(), size: size("1") },
        OrderLeg { instrument: "BTC_USDC-27MAR26-110000-C".into(), size: size("-1") },
    ];
    let received = CostParts { total: cash("-1200.5"), ..cost() };
    vec![
        What::Deposited { account: alice, amount: cash("10000") },
        What::Withdrawn { account: alice, amount: cash("0.000001") },
        What::ReportsKept { market: market(), fresh: 1, needed: 2 },
        What::JumpHeld { market: market(), price: price("80000"), in_force: price("99812.4") },
        What::JumpDropped { market: market(), price: price("80000") },
        What::Ticked {
            market: market(),
            tick: 1_204,
            price: price("99813"),
            confidence: price("10"),
            published_at: NOW,
            equity: cash("1012000"),
            risk_capital: cash("1000000"),
            guarded: true,
        },
        What::SurfacePublished { market: market(), published_at: NOW, clipped: true },
        What::OrderPlaced {
            order: 4_211,
            account: alice,
            market: market(),
            due_at: NOW,
            label: Some("mine".into()),
        },
        What::OrderRested { order: 4_211, reason: why.clone() },
        filled(),
        What::OrderFilled { order: 1, account: bob, market: market(), tick: 2, legs: spread, cost: received },
        What::OrderEnded { order: 4_211, account: alice, ended: "not_filled".into(), reason: Some(why) },
        What::OrderEnded { order: 4_212, account: alice, ended: "cancelled".into(), reason: None },
        What::CancelRequested { order: 4_211, from: NOW },
        What::BoardListed {
            market: market(),
            expiry: expiry(),
            expiration_timestamp: EXPIRY,
            floor: price("25000"),
            cap: price("400000"),
        },
        What::StrikeListed { market: market(), expiry: expiry(), strike: price("0.625") },
        What::StrikeRetired { market: market(), expiry: expiry(), strike: price("250000") },
        What::BoardSettled {
            market: market(),
            expiry: expiry(),
            expiration_timestamp: EXPIRY,
            price: price("400000"),
            average: price("412345.678"),
            silence_ms: 0,
            stale: false,
            pool_payoff: cash("-12.4"),
        },
        What::AccountSettled {
            account: bob,
            market: market(),
            expiry: expiry(),
            paid: cash("12"),
            payoff: cash("12"),
        },
    ]
}

fn of_liquidity() -> Vec<What> {
    let (alice, bob) = (address("alice"), address("bob"));
    let (market, expiry) = (|| "BTC_USDC".to_owned(), || "27MAR26".to_owned());
    vec![
        What::BoardClosed { market: market(), expiry: expiry(), dust: cash("0.000001") },
        What::DepositRequested { account: bob, pool: 0, epoch: 12, amount: cash("1000") },
        What::WithdrawRequested { account: bob, pool: 0, epoch: 12, shares: "250".parse().unwrap() },
        What::EpochClosed { pool: 0, epoch: 12, due_at: NOW },
        What::EpochProcessed {
            pool: 0,
            epoch: 12,
            equity: cash("1012000"),
            shares_out: "250".parse().unwrap(),
            shares_paid: "200".parse().unwrap(),
            cash_out: cash("201.6"),
            cash_in: cash("1000"),
            shares_in: "990.1".parse().unwrap(),
            entry_price: None,
            risk_capital: cash("1000000"),
        },
        What::Claimed { account: bob, pool: 0, epoch: 12, shares: "990.1".parse().unwrap(), cash: cash("0") },
        What::SharesTransferred { pool: 0, from: bob, to: alice, shares: "1".parse().unwrap() },
        What::PositionTransferred {
            from: alice,
            to: bob,
            instrument: CALL.into(),
            size: size("1"),
            payment: cash("0"),
        },
        What::ShortOffered { from: alice, to: bob, offer: 3 },
        What::OfferRevoked { from: alice, offer: 3 },
        What::Proposed { proposal: 3, from: NOW },
        What::Enacted { proposal: 3 },
        What::ProposalRejected { proposal: 4 },
        What::PauseSet { market: None, paused: true },
        What::PauseSet { market: Some(market()), paused: false },
        What::SessionGranted { account: alice, key: Address::of_bytes(&[7; 20]), expires_at: NOW },
        What::SessionRevoked { account: alice, key: bob },
        What::Reverted { name: "before".into(), to_seq: 4_000 },
        What::SnapshotTaken { name: "before".into() },
    ]
}

/// The page of events from a number on.
pub fn events(from: u64) -> EventPage {
    let events: Vec<ApiEvent> = everything().into_iter().filter(|event| event.seq >= from).collect();
    let next_seq = events.last().map_or(from, |event| event.seq + 1);
    EventPage { events, next_seq, has_more: false, as_of_seq: 4_300 }
}

pub fn explanation() -> Explanation {
    let row = |from: &str, to: &str, amount: &str, reason: &str| PostingRow {
        from: from.into(),
        to: to.into(),
        amount: cash(amount),
        reason: reason.into(),
    };
    let alice = format!("account {}", address("alice"));
    Explanation {
        seq: 4_212,
        time: NOW + 1_100,
        sender: address("keeper"),
        principal: None,
        command: "price of BTC_USDC: 99813".into(),
        body: serde_json::Value::Null,
        events: vec![event(4_212, filled())],
        postings: vec![
            row(&alice, "pool 0", "9624.8", "premium"),
            row("keeper 0", &alice, "0.001", "keeper fee"),
        ],
        digest: "c0ffee".repeat(10),
    }
}

pub fn whatif() -> WhatIfAnswer {
    let grid = WhatIfGrid {
        at: NOW,
        pnl: vec![vec![-9_000.5, -4_000.25, 0.0, 5_000.0], vec![-9_500.0, -4_500.0, -0.4, 4_500.0]],
    };
    let point = |price: &str, payoff: &str| PayoffPoint { price: quote_price(price), payoff: cash(payoff) };
    let line = PayoffLine {
        expiry: "27MAR26".into(),
        expiration_timestamp: EXPIRY,
        settlement_band: Band { floor: quote_price("25000"), cap: quote_price("400000") },
        points: vec![point("25000", "0"), point("100000", "0"), point("400000", "600000")],
    };
    WhatIfAnswer {
        value: 9_580.0,
        greeks: greeks(1.046),
        index_price: quote_price("99812.4"),
        grids: vec![grid],
        payoffs: vec![line],
        as_of_seq: 4_210,
    }
}

pub fn market() -> MarketParameters {
    let rule = |name: &str, value: &str, min: &str, max: &str, meaning: &str| ParameterRow {
        name: name.into(),
        value: value.into(),
        min: min.into(),
        max: max.into(),
        meaning: meaning.into(),
    };
    MarketParameters {
        market: "BTC_USDC".into(),
        publishers: vec![address("oracle")],
        surface_source: "published".into(),
        price_tick: quote_price("0.01"),
        rules: vec![rule(
            "keeper_fee",
            "0.001 quote",
            "0 quote",
            "100 quote",
            "Paid by an order for each tick that tries it.",
        )],
        pool_rules: vec![rule("holding_time", "1 d", "0 s", "30 d", "New shares are locked for so long.")],
        proposals: vec![
            ProposalRow {
                proposal: 3,
                summary: "keeper_fee of BTC_USDC to 0.002 quote".into(),
                enact_from: NOW + 90_000_000,
            },
            ProposalRow { proposal: 4, summary: "spread of BTC_USDC to 0.3".into(), enact_from: NOW },
        ],
        timelock_ms: 172_800_000,
        paused: false,
        insurance: cash("1234.5"),
        treasury: cash("99"),
    }
}

/// Positions that are over: one by a trade, one by settlement.
pub fn closed() -> ClosedPage {
    let traded = ClosedPosition {
        instrument_name: CALL.into(),
        size: size("2"),
        average_price: 4_812.9,
        exit_price: 4_900.25,
        realised_profit_loss: cash("174.7"),
        opened_at: NOW - 86_400_000,
        closed_at: NOW,
        closed_by: "trade".into(),
        seq: 4_212,
    };
    let settled = ClosedPosition {
        instrument_name: "BTC_USDC-25JAN26-80000-P".into(),
        size: size("-0.5"),
        average_price: 633.0,
        exit_price: 1_250.0,
        realised_profit_loss: cash("-308.5"),
        closed_by: "settlement".into(),
        closed_at: NOW - 3_600_000,
        seq: 4_100,
        ..traded.clone()
    };
    ClosedPage { positions: vec![traded, settled], has_more: true, as_of_seq: 4_212 }
}
