//! The API's own description: OpenAPI, AsyncAPI, and a page for language models, from one table of routes and one of channels.

mod routes;
mod schemas;

pub use routes::{Kind, Parameter, ROUTES, Route};

use crate::{codes, export};
use cenote_table::Format;
use routes::FILE;
use schemas::{reference, schemas};
use serde_json::{Map, Value, json};

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

/// OpenAPI 3.1.
#[must_use]
pub fn openapi() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in ROUTES {
        let path = route.path_parameters().map(|parameter| described("path", parameter));
        let query = route.query.iter().map(|parameter| described("query", parameter));
        let parameters: Vec<Value> = path.chain(query).collect();
        let answer = answer(route);
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
        if route.answer == FILE {
            operation["description"] = json!(export::described());
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

/// What a route answers, by media type.
fn answer(route: &Route) -> Value {
    let schema = json!({ "schema": reference(route.answer) });
    if route.answer == FILE {
        return Format::ALL.iter().map(|format| (format.media_type().to_owned(), schema.clone())).collect();
    }
    json!({ "application/json": schema })
}

fn described(place: &str, parameter: &Parameter) -> Value {
    json!({
        "name": parameter.name,
        "in": place,
        "required": parameter.required,
        "description": parameter.what,
        "schema": parameter.kind.schema(),
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
        let query: Vec<&str> = route.query.iter().map(|parameter| parameter.name).collect();
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
    text.push_str("\n## Exports\n\nAs .csv, .ndjson or .parquet, row for row the same.\n\n");
    text.push_str(export::described().trim_end());
    text.push_str("\n\n## Error codes\n\n");
    for row in codes::all() {
        let _ = writeln!(text, "- {} ({}): {}", row.code, row.status, row.help);
    }
    text.push_str(
        "\n## Deribit-compatible API\n\nJSON-RPC 2.0 at /api/v2 (POST, or GET with the method in the path) and /ws/api/v2, for linear options. Log in with \
         client_credentials, client_signature or deri-hmac-sha256; make a key with `cenote keys api`.\n\n## More\n\n- /openapi.json\n- /asyncapi.json\n",
    );
    text
}
