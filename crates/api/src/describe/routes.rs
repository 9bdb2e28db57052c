//! The table of routes, and what their parameters hold.

use serde_json::{Value, json};

/// A route of the native API.
pub struct Route {
    /// `get` or `post`.
    pub method: &'static str,
    /// With `{name}` for what varies.
    pub path: &'static str,
    /// What it answers.
    pub summary: &'static str,
    /// Query parameters.
    pub query: &'static [Parameter],
    /// The type of the body.
    pub body: Option<&'static str>,
    /// The type of the answer.
    pub answer: &'static str,
}

/// A parameter of a query or a path.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub what: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// The route answers nothing without it.
    pub required: bool,
}

/// What a parameter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text: names, and exact amounts as decimal text.
    Text,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A whole number, not smaller than the first and not larger than the second; the third when it is absent.
    Whole(u64, Option<u64>, Option<u64>),
}

impl Kind {
    /// Its JSON schema.
    #[must_use]
    pub fn schema(self) -> Value {
        match self {
            Self::Text => json!({ "type": "string" }),
            Self::OneOf(words) => json!({ "type": "string", "enum": words }),
            Self::Whole(least, most, absent) => {
                let mut schema = json!({ "type": "integer", "format": "int64", "minimum": least });
                for (name, value) in [("maximum", most), ("default", absent)] {
                    if let Some(value) = value {
                        schema[name] = json!(value);
                    }
                }
                schema
            }
        }
    }
}

impl Route {
    /// What varies in its path, in order.
    pub fn path_parameters(&self) -> impl Iterator<Item = &'static Parameter> + use<> {
        let names = self.path.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0));
        names.filter_map(|name| PATH.iter().find(|parameter| parameter.name == name))
    }
}

const fn get(
    path: &'static str,
    summary: &'static str,
    query: &'static [Parameter],
    answer: &'static str,
) -> Route {
    Route { method: "get", path, summary, query, body: None, answer }
}

const fn post(path: &'static str, summary: &'static str, body: &'static str, answer: &'static str) -> Route {
    Route { method: "post", path, summary, query: &[], body: Some(body), answer }
}

const fn with(name: &'static str, what: &'static str, kind: Kind) -> Parameter {
    Parameter { name, what, kind, required: false }
}

const fn needs(name: &'static str, what: &'static str, kind: Kind) -> Parameter {
    Parameter { name, what, kind, required: true }
}

/// A number of which nothing but its sign is bounded.
const NUMBER: Kind = Kind::Whole(0, None, None);

const MARKET: Parameter =
    with("market", "A market's name, like BTC_USDC; absent: the only one there is.", Kind::Text);
const BEFORE: Parameter =
    with("before", "Only what is older than this number: the cursor of the next page.", NUMBER);
const LIMIT: Parameter = with("limit", "Rows of a page.", Kind::Whole(1, Some(1_000), Some(100)));
const FROM: Parameter = with("from", "From this moment on, ms.", NUMBER);
const TO: Parameter = with("to", "Up to this moment, ms.", NUMBER);
const FROM_SEQ: Parameter = with("from_seq", "From this command on.", NUMBER);
const INSTRUMENT: Parameter = with("instrument", "An instrument's name.", Kind::Text);

/// The type of an answer that is a file.
pub(super) const FILE: &str = "File";

/// Lengths of candles, as they are asked for.
const RESOLUTIONS: &[&str] = &["1", "3", "5", "10", "15", "30", "60", "120", "180", "360", "720", "1D"];

/// What varies in paths.
const PATH: &[Parameter] = &[
    needs("address", "An account's address.", Kind::Text),
    needs("market", "A market's name, like BTC_USDC.", Kind::Text),
    needs("pool", "A pool's number.", Kind::Whole(0, Some(u16::MAX as u64), None)),
    needs("number", "An order's number: that of the command that placed it.", NUMBER),
    needs("seq", "A command's number.", NUMBER),
    needs("file", "What, and in which format.", Kind::OneOf(crate::export::FILES)),
];

/// Every route of the native API.
pub const ROUTES: &[Route] = &[
    get("/v1/status", "How the venue is: time, prices, limits, digest.", &[], "Status"),
    get("/v1/instruments", "Every listed instrument.", &[MARKET], "Instruments"),
    get(
        "/v1/chain",
        "The option chain at the tick in force, with what the pool asks and bids for a size, everything included.",
        &[
            MARKET,
            with("expiry", "One expiry's label, like 27MAR26; absent: all.", Kind::Text),
            with("size", "Contracts, decimal text; 1 unless told.", Kind::Text),
        ],
        "Chain",
    ),
    get(
        "/v1/depth",
        "What growing sizes of one instrument cost, level by level.",
        &[
            needs("instrument", "The instrument's name.", Kind::Text),
            with("levels", "Most levels of a side.", Kind::Whole(1, Some(8), Some(6))),
        ],
        "Depth",
    ),
    post(
        "/v1/quote",
        "What a trade would cost at the tick in force, every part of it, to the unit.",
        "QuoteRequest",
        "QuoteAnswer",
    ),
    post("/v1/whatif", "Positions in other circumstances: spot, vol, time.", "WhatIfRequest", "WhatIfAnswer"),
    post(
        "/v1/commands",
        "Carries out a signed payload of 1 to 100 commands; answered once it is on disk.",
        "Signed",
        "CommandsAnswer",
    ),
    post(
        "/v1/commands/batch",
        "Up to 100 signed payloads in order, one answer or error each.",
        "SignedList",
        "CommandsAnswerList",
    ),
    post(
        "/v1/commands/simulate",
        "Tries commands without a signature and without effect.",
        "SimulateRequest",
        "SimulateAnswer",
    ),
    post(
        "/v1/commands/describe",
        "The words that a wallet shows for a payload, and its hash.",
        "DescribeRequest",
        "DescribeAnswer",
    ),
    post(
        "/v1/debug/signature",
        "Why a signature is wrong: what it is over, whose it is, what was expected.",
        "Signed",
        "SignatureReport",
    ),
    post(
        "/v1/api-keys",
        "Registers an API key of the Deribit-compatible API.",
        "RegisterKey",
        "CommandsAnswer",
    ),
    get(
        "/v1/accounts/{address}",
        "An account: cash, positions, live orders, liquidity, sessions, nonces, profit by source.",
        &[],
        "Account",
    ),
    get(
        "/v1/accounts/{address}/orders",
        "Its orders in any state, newest first.",
        &[BEFORE, LIMIT],
        "OrderPage",
    ),
    get("/v1/accounts/{address}/fills", "Its fills, newest first.", &[BEFORE, LIMIT], "FillPage"),
    get("/v1/accounts/{address}/events", "Its events.", &[FROM_SEQ, LIMIT], "EventPage"),
    get("/v1/orders/{number}", "An order in any state.", &[], "Order"),
    get(
        "/v1/pools/{pool}",
        "A pool: net asset value as a band, use of capital, sensitivities, obligations, profit by source, queue.",
        &[],
        "Pool",
    ),
    get("/v1/pools/{pool}/risk", "What it gains or loses in each of its scenarios.", &[], "PoolRisk"),
    get(
        "/v1/pools/{pool}/nav",
        "Its path.",
        &[FROM, TO, with("points", "Most points.", Kind::Whole(2, Some(5_000), Some(500)))],
        "NavPath",
    ),
    get("/v1/surface", "The volatility surface in force, as parameters and as smiles.", &[MARKET], "Surface"),
    get(
        "/v1/markets/{market}",
        "A market's parameters with bounds and reasons, and changes under way.",
        &[],
        "MarketParameters",
    ),
    get(
        "/v1/candles",
        "Candles of an instrument, or of a market's index.",
        &[
            INSTRUMENT,
            MARKET,
            with("resolution", "Length in minutes, or a day; 60 unless told.", Kind::OneOf(RESOLUTIONS)),
            FROM,
            TO,
        ],
        "Candles",
    ),
    get("/v1/trades", "Trades, newest first.", &[INSTRUMENT, MARKET, BEFORE, LIMIT], "TradePage"),
    get(
        "/v1/events",
        "The journal's events in order: the same objects as on the stream.",
        &[FROM_SEQ, LIMIT, with("type", "One type only, like order_filled.", Kind::Text)],
        "EventPage",
    ),
    get(
        "/v1/explain/{seq}",
        "Why a command did what it did: events and every movement of cash.",
        &[],
        "Explanation",
    ),
    get(
        "/v1/export/{file}",
        "A table as a file: everything of one sort, or the board in force.",
        &[
            FROM,
            TO,
            with("account", "Of one account: fills and events.", Kind::Text),
            with("market", "Of which market: quotes; absent: the only one there is.", Kind::Text),
            with("size", "Contracts that quotes are for, decimal text; 1 unless told.", Kind::Text),
        ],
        FILE,
    ),
    get("/v1/stats/daily", "Volume, fees and value by day.", &[FROM, TO], "DailyStatsList"),
    get("/v1/errors", "Every error code with its status and what to do.", &[], "ErrorCodes"),
    get(
        "/v1/dev/accounts",
        "Dev mode, this machine: the named accounts with their published keys.",
        &[],
        "DevAccounts",
    ),
    post("/v1/dev/fund", "Dev mode: money into an account's free cash.", "FundRequest", "CommandsAnswer"),
    post("/v1/dev/clock", "Dev mode: one of pause, resume, speed, jump_ms, until.", "ClockRequest", "Status"),
    post("/v1/dev/price", "Dev mode: moves the index by a fraction over a time.", "PriceRequest", "Status"),
    post("/v1/dev/vol", "Dev mode: moves every vol by points.", "VolRequest", "Status"),
    post("/v1/dev/oracle", "Dev mode: no prices for a time.", "OracleRequest", "Status"),
    get("/v1/dev/snapshots", "Dev mode: named snapshots.", &[], "SnapshotList"),
    post("/v1/dev/snapshot", "Dev mode: keeps everything under a name.", "NameRequest", "Status"),
    post("/v1/dev/revert", "Dev mode: makes everything as it was under a name.", "NameRequest", "Status"),
];
