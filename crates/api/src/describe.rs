//! The API's own description: OpenAPI, AsyncAPI, and a page for language models, from one table of routes and one of channels.

use crate::error::{ErrorBody, HOST_CODES};
use crate::view;
use crate::{ApiEvent, Signed};
use serde_json::{Map, Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

/// A route of the native API.
pub struct Route {
    /// `get` or `post`.
    pub method: &'static str,
    /// With `{name}` for what varies.
    pub path: &'static str,
    /// What it answers.
    pub summary: &'static str,
    /// Query parameters: name, what it is.
    pub query: &'static [(&'static str, &'static str)],
    /// The type of the body.
    pub body: Option<&'static str>,
    /// The type of the answer.
    pub answer: &'static str,
}

const fn get(
    path: &'static str,
    summary: &'static str,
    query: &'static [(&'static str, &'static str)],
    answer: &'static str,
) -> Route {
    Route { method: "get", path, summary, query, body: None, answer }
}

const fn post(path: &'static str, summary: &'static str, body: &'static str, answer: &'static str) -> Route {
    Route { method: "post", path, summary, query: &[], body: Some(body), answer }
}

const MARKET: (&str, &str) = ("market", "A market's name, like BTC_USDC; absent: the only one there is.");
const BEFORE: (&str, &str) = ("before", "Only what is older than this number: the cursor of the next page.");
const LIMIT: (&str, &str) = ("limit", "Rows of a page, 1 to 1000; 100 unless told.");
const FROM: (&str, &str) = ("from", "From this moment on, ms.");
const TO: (&str, &str) = ("to", "Up to this moment, ms.");

/// Every route of the native API.
pub const ROUTES: &[Route] = &[
    get("/v1/status", "How the venue is: time, prices, limits, digest.", &[], "Status"),
    get("/v1/instruments", "Every listed instrument.", &[MARKET], "Instruments"),
    get(
        "/v1/chain",
        "The option chain at the tick in force, with what the pool asks and bids for a size, everything included.",
        &[
            MARKET,
            ("expiry", "One expiry's label, like 27MAR26; absent: all."),
            ("size", "Contracts, 1 unless told."),
        ],
        "Chain",
    ),
    get(
        "/v1/depth",
        "What growing sizes of one instrument cost, level by level.",
        &[("instrument", "The instrument's name."), ("levels", "1 to 8.")],
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
    get(
        "/v1/accounts/{address}/events",
        "Its events.",
        &[("from_seq", "From this command on."), LIMIT],
        "EventPage",
    ),
    get("/v1/orders/{number}", "An order in any state.", &[], "Order"),
    get(
        "/v1/pools/{pool}",
        "A pool: net asset value as a band, use of capital, sensitivities, obligations, profit by source, queue.",
        &[],
        "Pool",
    ),
    get("/v1/pools/{pool}/risk", "What it gains or loses in each of its scenarios.", &[], "PoolRisk"),
    get("/v1/pools/{pool}/nav", "Its path.", &[FROM, TO, ("points", "2 to 5000.")], "NavPath"),
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
            ("instrument", "An instrument's name."),
            MARKET,
            ("resolution", "Minutes: 1, 3, 5, 10, 15, 30, 60, 120, 180, 360, 720, or 1D."),
            FROM,
            TO,
        ],
        "Candles",
    ),
    get(
        "/v1/trades",
        "Trades, newest first.",
        &[("instrument", "An instrument's name."), MARKET, BEFORE, LIMIT],
        "TradePage",
    ),
    get(
        "/v1/events",
        "The journal's events in order: the same objects as on the stream.",
        &[("from_seq", "From this command on."), LIMIT, ("type", "One type only.")],
        "EventPage",
    ),
    get(
        "/v1/explain/{seq}",
        "Why a command did what it did: events and every movement of cash.",
        &[],
        "Explanation",
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

/// A channel of the stream.
pub struct Stream {
    /// Its name, with `{name}` for what varies.
    pub name: &'static str,
    /// What it says.
    pub summary: &'static str,
    /// The type of its messages' `data`.
    pub data: &'static str,
}

/// Every native channel.
pub const STREAMS: &[Stream] = &[
    Stream { name: "status", summary: "How the venue is, at most ten times a second.", data: "Status" },
    Stream {
        name: "chain.{market}.{expiry}.{100ms|1s}",
        summary: "One expiry at one contract: whole at first (`snapshot`: true), then the strikes that changed.",
        data: "ChainExpiry",
    },
    Stream { name: "pool.{pool}.{100ms|1s}", summary: "A pool.", data: "Pool" },
    Stream { name: "nav.{pool}.1s", summary: "A point of a pool's path.", data: "NavPoint" },
    Stream { name: "risk.{pool}.1s", summary: "A pool's scenarios.", data: "PoolRisk" },
    Stream { name: "surface.{market}.1s", summary: "The surface.", data: "Surface" },
    Stream {
        name: "events.{from_seq}",
        summary: "Every event from a command on, each once, in order, none left out; a client that is too slow is closed with code 4008 and resumes.",
        data: "ApiEvent",
    },
    Stream {
        name: "user.{address}",
        summary: "One account's events from now on, each once.",
        data: "ApiEvent",
    },
    Stream { name: "trades.{market}", summary: "A market's fills from now on, each once.", data: "ApiEvent" },
];

type Schemas = Vec<(String, RefOr<Schema>)>;

fn add<T: ToSchema>(all: &mut Schemas) {
    all.push((T::name().into_owned(), <T as PartialSchema>::schema()));
    T::schemas(all);
}

/// Every type of the API by name.
fn schemas() -> Map<String, Value> {
    let mut all = Schemas::new();
    add::<view::Status>(&mut all);
    add::<view::InstrumentRow>(&mut all);
    add::<view::Chain>(&mut all);
    add::<view::Depth>(&mut all);
    add::<view::QuoteRequest>(&mut all);
    add::<view::QuoteAnswer>(&mut all);
    add::<view::WhatIfRequest>(&mut all);
    add::<view::WhatIfAnswer>(&mut all);
    add::<Signed>(&mut all);
    add::<crate::Payload>(&mut all);
    add::<view::CommandsAnswer>(&mut all);
    add::<view::SimulateRequest>(&mut all);
    add::<view::SimulateAnswer>(&mut all);
    add::<view::SignatureReport>(&mut all);
    add::<view::RegisterKey>(&mut all);
    add::<view::Account>(&mut all);
    add::<view::OrderPage>(&mut all);
    add::<view::FillPage>(&mut all);
    add::<view::EventPage>(&mut all);
    add::<view::Pool>(&mut all);
    add::<view::PoolRisk>(&mut all);
    add::<view::NavPath>(&mut all);
    add::<view::Surface>(&mut all);
    add::<view::MarketParameters>(&mut all);
    add::<view::Candles>(&mut all);
    add::<view::TradePage>(&mut all);
    add::<view::Explanation>(&mut all);
    add::<view::DailyStats>(&mut all);
    add::<view::DevAccount>(&mut all);
    add::<view::FundRequest>(&mut all);
    add::<ErrorBody>(&mut all);
    add::<ApiEvent>(&mut all);
    let mut map: Map<String, Value> = all
        .into_iter()
        .map(|(name, schema)| (name, serde_json::to_value(schema).unwrap_or_default()))
        .collect();
    for (name, schema) in small() {
        map.insert(name.to_owned(), schema);
    }
    map
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// Types too small to have a name in Rust.
fn small() -> Vec<(&'static str, Value)> {
    let number = || json!({ "type": "number" });
    let text = || json!({ "type": "string" });
    let whole = || json!({ "type": "integer", "format": "int64", "minimum": 0 });
    let object = |fields: &[(&str, Value)], required: &[&str]| {
        let properties: Map<String, Value> =
            fields.iter().map(|(name, kind)| ((*name).to_owned(), kind.clone())).collect();
        json!({ "type": "object", "properties": properties, "required": required })
    };
    let list = |of: &str| json!({ "type": "array", "items": reference(of) });
    let code =
        object(&[("code", text()), ("status", whole()), ("help", text())], &["code", "status", "help"]);
    let snapshot = object(&[("name", text()), ("seq", whole())], &["name", "seq"]);
    vec![
        (
            "Instruments",
            object(
                &[("instruments", list("InstrumentRow")), ("as_of_seq", whole())],
                &["instruments", "as_of_seq"],
            ),
        ),
        ("SignedList", list("Signed")),
        (
            "CommandsAnswerList",
            json!({ "type": "array", "items": { "oneOf": [reference("CommandsAnswer"), reference("ErrorBody")] } }),
        ),
        ("DescribeRequest", object(&[("payload", text())], &["payload"])),
        ("DescribeAnswer", object(&[("text", text()), ("hash", text())], &["text", "hash"])),
        (
            "DailyStatsList",
            object(&[("days", list("DailyStats")), ("as_of_seq", whole())], &["days", "as_of_seq"]),
        ),
        ("ErrorCodes", object(&[("codes", json!({ "type": "array", "items": code }))], &["codes"])),
        ("DevAccounts", object(&[("accounts", list("DevAccount"))], &["accounts"])),
        (
            "SnapshotList",
            object(&[("snapshots", json!({ "type": "array", "items": snapshot }))], &["snapshots"]),
        ),
        (
            "ClockRequest",
            json!({ "oneOf": [
                object(&[("pause", json!({ "type": "boolean" }))], &["pause"]),
                object(&[("resume", json!({ "type": "boolean" }))], &["resume"]),
                object(&[("speed", number())], &["speed"]),
                object(&[("jump_ms", whole())], &["jump_ms"]),
                object(&[("until", json!({ "oneOf": [whole(), { "type": "string", "enum": ["next-expiry"] }] }))], &["until"]),
            ] }),
        ),
        ("PriceRequest", object(&[("move", number()), ("over_ms", whole())], &["move"])),
        ("VolRequest", object(&[("points", number())], &["points"])),
        ("OracleRequest", object(&[("off_ms", whole())], &["off_ms"])),
        ("NameRequest", object(&[("name", text())], &["name"])),
    ]
}

/// OpenAPI 3.1.
#[must_use]
pub fn openapi() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in ROUTES {
        let names =
            route.path.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name);
        let mut parameters: Vec<Value> = names
            .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
            .collect();
        let query = |(name, what): &(&str, &str)| json!({ "name": name, "in": "query", "required": false, "description": what, "schema": { "type": "string" } });
        parameters.extend(route.query.iter().map(query));
        let answer = json!({ "application/json": { "schema": reference(route.answer) } });
        let refusal = json!({ "application/json": { "schema": reference("ErrorBody") } });
        let mut operation = json!({
            "operationId": operation_id(route),
            "summary": route.summary,
            "parameters": parameters,
            "responses": {
                "200": { "description": "The answer.", "content": answer },
                "default": { "description": "A refusal: a stable code, a sentence with the numbers compared and the next step.", "content": refusal },
            },
        });
        if let Some(body) = route.body {
            operation["requestBody"] =
                json!({ "required": true, "content": { "application/json": { "schema": reference(body) } } });
        }
        let entry = paths.entry(route.path.to_owned()).or_insert_with(|| json!({}));
        entry[route.method] = operation;
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Cenote venue",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Exact amounts are decimal strings, model figures are numbers or null, moments are milliseconds of market time.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "paths": paths,
        "components": { "schemas": schemas() },
    })
}

fn operation_id(route: &Route) -> String {
    let words = route.path.trim_start_matches("/v1/").replace(['{', '}'], "").replace(['/', '-'], "_");
    format!("{}_{words}", route.method)
}

/// AsyncAPI 3.0.
#[must_use]
pub fn asyncapi() -> Value {
    let mut channels: Map<String, Value> = Map::new();
    let mut operations: Map<String, Value> = Map::new();
    for stream in STREAMS {
        let id = stream.name.split('.').next().unwrap_or(stream.name);
        channels.insert(
            id.to_owned(),
            json!({
                "address": stream.name,
                "description": stream.summary,
                "messages": { "notification": { "payload": {
                    "type": "object",
                    "properties": {
                        "jsonrpc": { "const": "2.0" },
                        "method": { "const": "subscription" },
                        "params": { "type": "object", "properties": {
                            "channel": { "type": "string" },
                            "as_of_seq": { "type": "integer" },
                            "data": reference(stream.data),
                        } },
                    },
                } } },
            }),
        );
        operations.insert(
            format!("listen_{id}"),
            json!({ "action": "receive", "channel": { "$ref": format!("#/channels/{id}") }, "summary": stream.summary }),
        );
    }
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Cenote venue, streams",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "JSON-RPC 2.0 over WebSocket at /v1/ws: subscribe and unsubscribe with params {\"channels\": [names]}.",
        },
        "servers": { "local": { "host": "127.0.0.1:8980", "pathname": "/v1/ws", "protocol": "ws" } },
        "channels": channels,
        "operations": operations,
        "components": { "schemas": schemas() },
    })
}

/// A page for language models and people in a hurry.
#[must_use]
pub fn llms() -> String {
    use std::fmt::Write as _;
    let mut text = String::from(
        "# Cenote venue\n\n\
         > A peer-to-pool options venue on one machine. Traders buy and sell options against a pool; an order fills at the first price published \
         after it, about one to two seconds later. Every payout is reserved beforehand: nothing is ever liquidated.\n\n\
         Exact amounts are decimal strings, model figures are numbers or null, moments are milliseconds of market time. Instruments are named like \
         BTC_USDC-27MAR26-100000-C. Errors are {\"error\":{code,message,data}} with a stable code and the next step. To trade: GET /v1/status for \
         venue_id, POST /v1/quote, sign a payload, POST /v1/commands, then listen to user.{address} or GET /v1/orders/{number}. A payload is a JSON \
         text {venue,account,nonce,expires_at,commands}; its signature is ECDSA over secp256k1 of its SHA-256, 64 bytes r||s with a low s, in hex; \
         POST /v1/debug/signature says what is wrong with one.\n\n## Routes\n\n",
    );
    for route in ROUTES {
        let query: Vec<&str> = route.query.iter().map(|(name, _)| *name).collect();
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
        let body = route.body.map(|body| format!(" ({body})")).unwrap_or_default();
        let _ = writeln!(
            text,
            "- {} {}{query}{body} -> {}: {}",
            route.method.to_uppercase(),
            route.path,
            route.answer,
            route.summary
        );
    }
    text.push_str("\n## Channels of the stream at /v1/ws\n\n");
    for stream in STREAMS {
        let _ = writeln!(text, "- {} -> {}: {}", stream.name, stream.data, stream.summary);
    }
    text.push_str("\n## Codes of the host\n\n");
    for row in HOST_CODES {
        let _ = writeln!(text, "- {} ({}): {}", row.code, row.status, row.help);
    }
    text.push_str(
        "\n## Deribit-compatible API\n\nJSON-RPC 2.0 at /api/v2 (POST, or GET with the method in the path) and /ws/api/v2, for linear options. Log in with \
         client_credentials, client_signature or deri-hmac-sha256; make a key with `cenote keys api`.\n\n## More\n\n- /openapi.json\n- /asyncapi.json\n",
    );
    text
}
