//! The API that existing bots speak: Deribit's JSON-RPC, over HTTP and WebSocket, for options that are paid in the quote token.
//!
//! The pool is shown as a book: what it would pay for and ask for growing sizes, level by level. Orders go to the same sequencer as every other
//! command, signed with a session key that the node holds for the client's API key. A market order waits for the tick that prices it, at most
//! three seconds, before it is answered.

mod auth;
mod orders;
mod private;
mod public;
mod rows;
pub mod rpc;
mod topic;

pub use topic::Topic;

use crate::http::App;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use rpc::{Failure, Login, Request};
use serde_json::{Map, Value};
use std::time::Instant;

/// The routes.
pub fn routes() -> Router<App> {
    Router::new().route("/api/v2", post(body)).route("/api/v2/{scope}/{method}", any(path))
}

fn answered(answer: &Value) -> Response {
    let code = answer.get("error").and_then(|error| error.get("code")).and_then(Value::as_i64);
    let status = match code {
        None => StatusCode::OK,
        Some(10_028) => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::BAD_REQUEST,
    };
    (status, axum::Json(answer)).into_response()
}

async fn run(app: &App, request: &Request, headers: &HeaderMap, signed: auth::Signed<'_>) -> Response {
    let begun = Instant::now();
    let mut login = Login::default();
    let done = match auth::of_headers(app, headers, &signed) {
        Ok(who) => {
            login.who = who;
            rpc::call(app, &mut login, request).await
        }
        Err(failure) => Err(failure),
    };
    answered(&match done {
        Ok(result) => rpc::succeeded(request.id.clone(), result, begun),
        Err(failure) => rpc::failed(request.id.clone(), &failure, begun),
    })
}

/// JSON-RPC in a body.
async fn body(State(app): State<App>, headers: HeaderMap, method: Method, uri: Uri, body: Bytes) -> Response {
    let request: Request = match serde_json::from_slice(&body) {
        Ok(request) => request,
        Err(error) => {
            let failure = Failure::invalid(&format!("this is no JSON-RPC request: {error}"));
            return answered(&rpc::failed(None, &failure, Instant::now()));
        }
    };
    run(&app, &request, &headers, auth::Signed { method: &method, uri: &uri, body: &body }).await
}

/// A method in a path, its parameters in the query.
async fn path(
    State(app): State<App>,
    Path((scope, name)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    method: Method,
    uri: Uri,
    body: Bytes,
) -> Response {
    let params = match (query.as_deref(), body.is_empty()) {
        (Some(query), _) => params_of(query),
        (None, true) => Value::Object(Map::new()),
        (None, false) => serde_json::from_slice::<Value>(&body)
            .map(|sent| sent.get("params").cloned().unwrap_or(sent))
            .unwrap_or_default(),
    };
    let request = Request { id: None, method: format!("{scope}/{name}"), params };
    run(&app, &request, &headers, auth::Signed { method: &method, uri: &uri, body: &body }).await
}

/// Query parameters as JSON: truths where they look like it, lists where a name ends in `[]`, all else text. Whoever wants a number reads it
/// from the text; what is to stay text, a label of digits, stays it.
fn params_of(query: &str) -> Value {
    let mut params = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, text) = (decoded(name), decoded(value));
        let value = match text.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => Value::String(text),
        };
        match name.strip_suffix("[]") {
            Some(list) => match params.entry(list.to_owned()).or_insert_with(|| Value::Array(Vec::new())) {
                Value::Array(items) => items.push(value),
                other => *other = value,
            },
            None => {
                params.insert(name, value);
            }
        }
    }
    Value::Object(params)
}

/// Percent-decoding; what is no escape stays as it is.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        match (bytes[at], escape.and_then(|pair| u8::from_str_radix(pair, 16).ok())) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (b'+', _) => {
                out.push(b' ');
                at += 1;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
