//! One venue as the API would describe it: made of the API's own types, so that it cannot drift from them.

mod past;

#[allow(unused_imports)] // No test asks for all of them.
pub use past::{event, events, everything, explanation, market, whatif};

use super::{Reply, Request};
use cenote_api::command::OrderLeg;
use cenote_api::error::ErrorBody;
use cenote_api::event::{ApiEvent, CostParts, What};
use cenote_api::keys::{address_of, dev_key};
use cenote_api::view::*;
use cenote_api::{Address, ApiCommand, ApiError, Contracts, Money, Payload, Quote, Signed};

/// 2026-01-26 08:00 UTC.
pub const NOW: u64 = 1_769_414_400_000;
/// 2026-03-27 08:00 UTC.
pub const EXPIRY: u64 = 1_774_598_400_000;
pub const CALL: &str = "BTC_USDC-27MAR26-100000-C";
pub const VENUE: &str = "cenote-0123456789abcdef";

pub fn cash(text: &str) -> Money {
    text.parse().unwrap()
}

pub fn quote_price(text: &str) -> Quote {
    text.parse().unwrap()
}

pub fn size(text: &str) -> Contracts {
    text.parse().unwrap()
}

pub fn address(name: &str) -> Address {
    address_of(&dev_key(name))
}

pub fn refusal(code: &str, message: &str) -> ErrorBody {
    ErrorBody { error: error(code, message) }
}

pub fn error(code: &str, message: &str) -> ApiError {
    ApiError { code: code.into(), message: message.into(), data: serde_json::Map::new() }
}

/// The answer to what every venue can be asked.
pub fn answer(request: &Request) -> Option<Reply> {
    let (line, query) = request.line.split_once('?').unwrap_or((&request.line, ""));
    let from = query.split('&').find_map(|pair| pair.strip_prefix("from_seq=")?.parse().ok()).unwrap_or(0);
    let alice = format!("GET /v1/accounts/{}", address("alice"));
    Some(match line {
        "GET /v1/status" => Reply::ok(&status()),
        "GET /v1/chain" => Reply::ok(&chain()),
        "POST /v1/quote" => Reply::ok(&quote()),
        "POST /v1/commands" => Reply::ok(&placed(request)),
        "GET /v1/orders/4211" => Reply::ok(&order("filled")),
        "GET /v1/pools/0" => Reply::ok(&pool()),
        "GET /v1/events" => Reply::ok(&events(from)),
        "GET /v1/explain/4212" => Reply::ok(&explanation()),
        "GET /v1/markets/BTC_USDC" => Reply::ok(&market()),
        "POST /v1/whatif" => Reply::ok(&whatif()),
        line if line.starts_with("POST /v1/dev/") && line != "POST /v1/dev/fund" => Reply::ok(&status()),
        "GET /v1/dev/snapshots" => {
            Reply::ok(&serde_json::json!({ "snapshots": [{ "name": "before", "seq": 4000 }] }))
        }
        line if line == alice => Reply::ok(&account()),
        line if line == format!("{alice}/fills") => Reply::ok(&fills()),
        line if line == format!("{alice}/closed") => Reply::ok(&past::closed()),
        line if line == format!("{alice}/orders") => Reply::ok(&orders()),
        _ => return None,
    })
}

pub fn status() -> Status {
    let open = MarketStatus {
        market: "BTC_USDC".into(),
        pool: 0,
        index_price: Some(quote_price("99812.4")),
        tick: 1_203,
        price_age_ms: Some(400),
        surface_age_ms: Some(42_000),
        trading: Trading { enabled: true, reason: None },
    };
    Status {
        version: env!("CARGO_PKG_VERSION").into(),
        venue_id: VENUE.into(),
        mode: "dev".into(),
        market_time_ms: NOW,
        wall_time_ms: 1_780_000_000_000,
        clock: Clock { speed: 1.0, paused: false },
        markets: vec![open],
        last_seq: 4_210,
        durable_seq: 4_210,
        digest: "c0ffee".repeat(10),
        journal: JournalStatus {
            directory: None,
            bytes: 48 << 20,
            segments: 2,
            snapshots: 1,
            snapshot_entry: Some(4_000),
            written_at: Some(1_780_000_000_000),
        },
        feeds: Vec::new(),
        limits: Limits {
            body_bytes: 2_097_152,
            commands: 100,
            requests_per_second: 2_000,
            burst: 4_000,
            page: 1_000,
        },
    }
}

fn greeks(delta: f64) -> Greeks {
    Greeks { delta, gamma: 0.000_012_3, vega: 148.2, theta: -61.54 }
}

fn series(
    name: &str,
    prices: Option<(&str, &str)>,
    vol: Option<f64>,
    delta: f64,
    held: (&str, &str),
) -> ChainSeries {
    ChainSeries {
        instrument_name: format!("BTC_USDC-27MAR26-{name}"),
        mark_price: 4_790.0,
        mark_iv: vol,
        bid_price: prices.map(|(bid, _)| quote_price(bid)),
        ask_price: prices.map(|(_, ask)| quote_price(ask)),
        bid_iv: vol.map(|vol| vol - 0.6),
        ask_iv: vol.map(|vol| vol + 0.6),
        greeks: greeks(delta),
        open_interest: size(held.0),
        pool_position: size(held.1),
        buy_helps_pool: false,
        sell_helps_pool: held.1.starts_with('-'),
    }
}

pub fn chain() -> Chain {
    let strike = |strike: &str, call: ChainSeries, put: ChainSeries| ChainStrike {
        strike: quote_price(strike),
        call,
        put,
    };
    let strikes = vec![
        strike(
            "80000",
            series("80000-C", Some(("20012.4", "20344.123456")), Some(63.04), 0.912, ("12.5", "-12.5")),
            series("80000-P", Some(("612.1", "655.9")), Some(63.04), -0.088, ("0", "0")),
        ),
        strike(
            "100000",
            series("100000-C", Some(("4767.6", "4812.4")), Some(61.27), 0.523, ("1234.5", "-1234.5")),
            series("100000-P", Some(("4955.2", "5001.01")), Some(61.27), -0.477, ("54321", "-54321")),
        ),
        strike(
            "250000",
            series("250000-C", Some(("0", "0.004")), None, 0.000_4, ("0", "0")),
            series("250000-P", None, None, -0.999_6, ("0.05", "0.05")),
        ),
    ];
    let band = Band { floor: quote_price("25000"), cap: quote_price("400000") };
    let one = ChainExpiry {
        expiry: "27MAR26".into(),
        expiration_timestamp: EXPIRY,
        years: 0.164,
        forward: 100_211.5,
        atm_iv: Some(61.3),
        settlement_band: band,
        strikes,
    };
    let later = ChainExpiry { expiry: "26JUN26".into(), atm_iv: None, strikes: Vec::new(), ..one.clone() };
    Chain {
        market: "BTC_USDC".into(),
        index_price: quote_price("99812.4"),
        tick: 1_203,
        published_at: NOW,
        size: size("1"),
        expiries: vec![one, later],
        as_of_seq: 4_210,
    }
}

pub fn cost() -> CostParts {
    CostParts {
        mark: cash("9580"),
        impact: cash("12.4"),
        capital: cash("20.000001"),
        spread: cash("8"),
        latency: cash("2.4"),
        fee: cash("1.99"),
        rounding: cash("0.009999"),
        total: cash("9624.8"),
    }
}

pub fn legs() -> Vec<OrderLeg> {
    vec![OrderLeg { instrument: CALL.into(), size: size("2") }]
}

pub fn quote() -> QuoteAnswer {
    QuoteAnswer {
        market: "BTC_USDC".into(),
        tick: 1_203,
        index_price: quote_price("99812.4"),
        published_at: NOW,
        cost: cost(),
        average_price: quote_price("4812.4"),
        legs: vec![QuoteLeg {
            instrument: CALL.into(),
            size: size("2"),
            mark_price: 4_790.0,
            mark_iv: Some(61.27),
        }],
        greeks: greeks(1.046),
        break_evens: vec![quote_price("104812.4")],
        worst_case: cash("-9624.8"),
        best_case: cash("590375.2"),
        limit_suggested: cash("9684.75"),
        keeper_fee: cash("0.001"),
        account_before: Some(AccountBrief { cash: cash("10000"), locked: cash("0") }),
        account_after: Some(AccountBrief { cash: cash("375.2"), locked: cash("0") }),
        refusal: None,
        largest: None,
        as_of_seq: 4_210,
    }
}

/// What a rule would refuse, priced all the same.
pub fn refused_quote() -> QuoteAnswer {
    let binds = error(
        "pool_capacity",
        "the order would take the pool's vega to 2.000000, its limit is 1.500000; lower the size",
    );
    QuoteAnswer {
        account_before: None,
        account_after: None,
        refusal: Some(binds.clone()),
        largest: Some(Largest { sizes: vec![size("1.25")], binds: Some(binds) }),
        ..quote()
    }
}

/// The answer to a signed order: its signature is checked, as a node would.
pub fn placed(request: &Request) -> CommandsAnswer {
    let payload = signed(request);
    let all = payload.commands.iter().map(|command| done(outcome(&payload, command)).results.remove(0));
    CommandsAnswer { results: all.collect(), duplicate: false, durable_seq: 4_211, error: None }
}

fn outcome(payload: &Payload, command: &ApiCommand) -> What {
    match command {
        ApiCommand::PlaceOrder(order) => What::OrderPlaced {
            order: 4_211,
            account: payload.account,
            market: "BTC_USDC".into(),
            due_at: NOW + 1_000,
            label: order.label.clone(),
        },
        ApiCommand::CancelOrder { order } => What::CancelRequested { order: *order, from: NOW + 1_000 },
        ApiCommand::Deposit { amount } => What::Deposited { account: payload.account, amount: *amount },
        ApiCommand::Withdraw { amount } => What::Withdrawn { account: payload.account, amount: *amount },
        ApiCommand::RequestDeposit { pool, amount } => {
            What::DepositRequested { account: payload.account, pool: *pool, epoch: 12, amount: *amount }
        }
        ApiCommand::RequestWithdraw { pool, shares } => {
            What::WithdrawRequested { account: payload.account, pool: *pool, epoch: 12, shares: *shares }
        }
        ApiCommand::Claim { pool, epoch, .. } => What::Claimed {
            account: payload.account,
            pool: *pool,
            epoch: *epoch,
            shares: "1".parse().unwrap(),
            cash: cash("2"),
        },
        ApiCommand::GrantSession(grant) => {
            What::SessionGranted { account: payload.account, key: grant.key, expires_at: grant.expires_at }
        }
        ApiCommand::RevokeSession { key } => What::SessionRevoked { account: payload.account, key: *key },
        ApiCommand::Propose { .. } => What::Proposed { proposal: 5, from: NOW },
        ApiCommand::Enact { proposal } => What::Enacted { proposal: *proposal },
        ApiCommand::Reject { proposal } => What::ProposalRejected { proposal: *proposal },
        ApiCommand::Pause { market } => What::PauseSet { market: market.clone(), paused: true },
        ApiCommand::Resume { market } => What::PauseSet { market: market.clone(), paused: false },
        other => panic!("no sample for {other:?}"),
    }
}

/// One command carried out.
pub fn done(what: What) -> CommandsAnswer {
    let event = ApiEvent { seq: 4_211, index: 0, time: NOW, what };
    let result = CommandResult { status: "done".into(), seq: Some(4_211), events: vec![event], error: None };
    CommandsAnswer { results: vec![result], duplicate: false, durable_seq: 4_211, error: None }
}

/// The payload of a signed request, whose signature and venue hold.
pub fn signed(request: &Request) -> Payload {
    let signed: Signed = request.read();
    let payload = signed.verify().unwrap().payload;
    assert_eq!(payload.venue, VENUE);
    assert!(payload.expires_at > NOW && payload.expires_at < NOW + 86_400_000);
    payload
}

pub fn order(state: &str) -> Order {
    let filled = state == "filled";
    let cost = CostParts { mark: cash("9581"), total: cash("9625.8"), ..cost() };
    Order {
        order: 4_211,
        account: address("alice"),
        market: "BTC_USDC".into(),
        legs: legs(),
        limit: cash("9684.75"),
        state: state.into(),
        label: None,
        placed_at: NOW,
        due_at: NOW + 1_000,
        until: None,
        reduce_only: false,
        attempts: 0,
        cancel_from: None,
        tick: filled.then_some(1_204),
        cost: filled.then_some(cost),
        ended: (state == "ended").then(|| "not_filled".to_owned()),
        reason: (!filled && state != "durable").then(|| {
            error("limit_exceeded", "the order costs 9700, its limit is 9684.75; raise the limit or wait")
        }),
        updated_at: NOW + 1_100,
    }
}

pub fn orders() -> OrderPage {
    let resting = Order { order: 4_199, attempts: 12, ..order("resting") };
    OrderPage {
        orders: vec![order("filled"), resting, order("ended"), order("durable")],
        has_more: true,
        as_of_seq: 4_212,
    }
}

pub fn account() -> Account {
    let position = Position {
        instrument_name: CALL.into(),
        expiration_timestamp: EXPIRY,
        strike: quote_price("100000"),
        option_type: "call".into(),
        size: size("2"),
        mark_price: 4_790.0,
        value: cash("9580"),
        average_price: Some(4_812.9),
        cost: Some(cash("9625.8")),
        floating_profit_loss: Some(-45.8),
        realised_profit_loss: Some(cash("12.5")),
        greeks: greeks(1.046),
        settled: false,
    };
    let short = Position {
        instrument_name: "BTC_USDC-27MAR26-80000-P".into(),
        size: size("-0.5"),
        value: cash("-316.5"),
        average_price: None,
        cost: None,
        floating_profit_loss: None,
        realised_profit_loss: None,
        settled: true,
        ..position.clone()
    };
    let pnl = Pnl {
        market: cash("120.5"),
        impact: cash("-12.4"),
        fee: cash("-1.99"),
        keeper: cash("-0.001"),
        total: cash("106.109"),
        ..Pnl::default()
    };
    Account {
        account: address("alice"),
        wallet: cash("50000"),
        cash: cash("375.2"),
        locked: cash("27500"),
        value: cash("9263.5"),
        equity: cash("37138.7"),
        worst_case: cash("375.2"),
        greeks: greeks(1.09),
        pnl,
        positions: vec![position, short],
        orders: vec![Order { attempts: 12, ..order("resting") }],
        stakes: vec![stake()],
        sessions: Vec::new(),
        nonce_floor: 0,
        nonce_next: 12,
        as_of_seq: 4_210,
    }
}

pub fn stake() -> Stake {
    let request = |epoch, state: &str, deposit: &str, exit: &str, paid: &str, due_at| LpRequest {
        epoch,
        state: state.into(),
        deposit: cash(deposit),
        exit: exit.parse().unwrap(),
        paid: cash(paid),
        due_at,
    };
    Stake {
        pool: 0,
        shares: "1500.25".parse().unwrap(),
        locked: "500".parse().unwrap(),
        locked_until: Some(NOW + 7_200_000),
        value: cash("1512.34"),
        requests: vec![
            request(12, "requested", "1000", "0", "0", None),
            request(11, "closing", "0", "250", "0", Some(NOW + 1_000)),
            request(10, "priced", "500", "0", "0", Some(NOW - 60_000)),
            request(9, "waiting", "0", "300", "120.5", Some(NOW - 120_000)),
        ],
    }
}

pub fn fills() -> FillPage {
    let trade = TradeRow {
        trade_seq: 7,
        seq: 4_212,
        order: 4_211,
        time: NOW + 1_100,
        instrument_name: CALL.into(),
        direction: "sell".into(),
        amount: size("2"),
        price: 4_812.9,
        mark_price: 4_790.5,
        iv: Some(61.2),
        index_price: quote_price("99812.4"),
        tick: 1_204,
    };
    let fill = FillRow {
        account: address("alice"),
        label: None,
        trades: vec![trade],
        cost: cost(),
        seq: 4_212,
        order: 4_211,
        time: NOW + 1_100,
    };
    FillPage { fills: vec![fill], has_more: true, as_of_seq: 4_212 }
}

pub fn pool() -> Pool {
    Pool {
        pool: 0,
        name: "USDC".into(),
        nav_low: cash("1008123.4"),
        nav_mid: cash("1012000"),
        nav_high: cash("1015876.6"),
        share_price: 1.008_123,
        shares: "1000000".parse().unwrap(),
        cash: cash("800000"),
        locked: cash("220000"),
        risk_capital: cash("1000000"),
        utilisation: 22.0,
        utilisation_cap: 80.0,
        load: 0.4,
        load_cap: 2.0,
        winding_down: false,
        greeks: greeks(-12.5),
        expiries: Vec::new(),
        obligations: Vec::new(),
        pnl: PoolPnl::default(),
        queue: LpQueue {
            open_epoch: 12,
            priced_from: Some(NOW + 2_000),
            closing_epoch: Some(11),
            due_at: Some(NOW + 1_000),
            waiting: "300".parse().unwrap(),
            lock_ms: 86_400_000,
        },
        as_of_seq: 4_210,
    }
}
