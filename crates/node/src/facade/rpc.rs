//! Requests, answers and errors of the JSON-RPC surface.

use super::{private, public};
use crate::http::App;
use cenote_api::{Address, ApiError};
use secp256k1::SecretKey;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A request.
#[derive(Debug, Clone, Deserialize)]
pub struct Request {
    /// Whatever the client calls it.
    #[serde(default)]
    pub id: Option<Value>,
    /// `public/...`, `private/...`, or a native method.
    pub method: String,
    /// By name.
    #[serde(default)]
    pub params: Value,
}

/// Who is logged in.
#[derive(Debug, Clone)]
pub struct Who {
    /// The API key's id.
    pub id: String,
    /// The account that it acts for.
    pub account: Address,
    /// The session key that signs.
    pub session: SecretKey,
}

/// The login of a connection or request.
#[derive(Debug, Clone, Default)]
pub struct Login {
    /// Nobody, until a key is shown.
    pub who: Option<Who>,
}

impl Login {
    /// Whoever is logged in.
    ///
    /// # Errors
    /// 13009.
    pub fn required(&self) -> Result<&Who, Failure> {
        self.who.as_ref().ok_or_else(|| {
            Failure::new(13_009, "unauthorized", "log in first: public/auth, or an Authorization header")
        })
    }
}

/// A refusal in Deribit's numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// The number.
    pub code: i64,
    /// Its name.
    pub message: String,
    /// What was required, what was there, what to do.
    pub reason: String,
    /// More numbers.
    pub data: serde_json::Map<String, Value>,
}

impl Failure {
    /// A refusal.
    #[must_use]
    pub fn new(code: i64, message: &str, reason: &str) -> Self {
        let data = serde_json::Map::new();
        Self { code, message: message.to_owned(), reason: reason.to_owned(), data }
    }

    /// A parameter that makes no sense.
    #[must_use]
    pub fn invalid(reason: &str) -> Self {
        Self::new(-32_602, "Invalid params", reason)
    }

    /// Too many requests.
    #[must_use]
    pub fn rate_limited(wait_ms: u64) -> Self {
        let mut failure = Self::new(10_028, "too_many_requests", &format!("wait {wait_ms} ms"));
        failure.data.insert("retry_after_ms".to_owned(), json!(wait_ms));
        failure
    }

    /// Something that this venue does otherwise.
    #[must_use]
    pub fn unsupported(reason: &str) -> Self {
        Self::new(10_033, "not_implemented", reason)
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        let (code, message) = match error.code.as_str() {
            "insufficient_cash" | "insufficient_wallet" => (10_009, "not_enough_funds"),
            "limit_exceeded" => (10_005, "price_too_low"),
            "pool_capacity" | "account_full" | "reduce_only" => (10_021, "invalid_amount"),
            "pool_winding_down" | "guarded" | "paused" | "no_price" | "board_closed" => {
                (10_041, "settlement_in_progress")
            }
            "queue_full" | "busy" | "rate_limited" => (10_028, "too_many_requests"),
            "not_supported" => (10_033, "not_implemented"),
            "not_found" | "strike_not_found" | "board_not_found" | "market_not_found" => {
                (13_020, "not_found")
            }
            "order_not_found" => (10_004, "order_not_found"),
            "forbidden" | "session_refused" | "session_cap" => (13_021, "forbidden"),
            "unauthorised" | "wrong_venue" => (13_009, "unauthorized"),
            "stopping" | "interrupted" | "fault" => (11_051, "system_maintenance"),
            _ => (11_029, "invalid_arguments"),
        };
        Self { code, message: message.to_owned(), reason: error.message, data: error.data }
    }
}

fn micros(at: SystemTime) -> u64 {
    u64::try_from(at.duration_since(UNIX_EPOCH).unwrap_or_default().as_micros()).unwrap_or(u64::MAX)
}

fn envelope(id: Option<Value>, begun: Instant) -> Value {
    let took = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
    let out = micros(SystemTime::now());
    let mut envelope = json!({ "jsonrpc": "2.0", "usIn": out.saturating_sub(took), "usOut": out, "usDiff": took, "testnet": true });
    if let Some(id) = id {
        envelope["id"] = id;
    }
    envelope
}

/// An answer.
#[must_use]
pub fn succeeded(id: Option<Value>, result: Value, begun: Instant) -> Value {
    let mut envelope = envelope(id, begun);
    envelope["result"] = result;
    envelope
}

/// A refusal.
#[must_use]
pub fn failed(id: Option<Value>, failure: &Failure, begun: Instant) -> Value {
    let mut envelope = envelope(id, begun);
    let mut data = failure.data.clone();
    data.insert("reason".to_owned(), json!(failure.reason));
    envelope["error"] = json!({ "code": failure.code, "message": failure.message, "data": data });
    envelope
}

/// Carries a request out.
///
/// # Errors
/// In Deribit's numbers.
pub async fn call(app: &App, login: &mut Login, request: &Request) -> Result<Value, Failure> {
    match request.method.split_once('/') {
        Some(("public", method)) => public::call(app, login, method, &request.params).await,
        Some(("private", method)) => private::call(app, login, method, &request.params).await,
        _ => {
            Err(Failure::new(-32_601, "Method not found", &format!("there is no method {}", request.method)))
        }
    }
}

/// A parameter that is text.
pub(super) fn text<'a>(params: &'a Value, name: &str) -> Option<&'a str> {
    params.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A parameter that must be text.
pub(super) fn required<'a>(params: &'a Value, name: &str) -> Result<&'a str, Failure> {
    text(params, name).ok_or_else(|| Failure::invalid(&format!("{name} is needed")))
}

/// A parameter that is a whole number.
pub(super) fn number(params: &Value, name: &str) -> Option<u64> {
    params.get(name).and_then(|v| v.as_u64().or_else(|| v.as_str()?.parse().ok()))
}

/// A parameter that is true or false.
pub(super) fn flag(params: &Value, name: &str) -> bool {
    params.get(name).is_some_and(|v| v.as_bool() == Some(true) || v.as_str() == Some("true"))
}

/// Whether a request is about a kind of instruments that there is none of here: futures, combos, spot.
pub(super) fn other_kind(params: &Value) -> bool {
    text(params, "kind").is_some_and(|kind| !["option", "any"].contains(&kind))
}

/// Whether a request is about a type of orders that there is none of here: stops and other triggers.
pub(super) fn other_type(params: &Value) -> bool {
    text(params, "type").is_some_and(|kind| !["all", "limit", "market"].contains(&kind))
}

/// A parameter that is a decimal number, as the text that was sent.
pub(super) fn decimal(params: &Value, name: &str) -> Option<String> {
    match params.get(name)? {
        Value::Number(n) => Some(plain(&n.to_string())),
        Value::String(text) => Some(plain(text)),
        _ => None,
    }
}

/// A number without an exponent; what is no number is left as it is.
fn plain(text: &str) -> String {
    match text.parse::<f64>() {
        Ok(x) if text.contains(['e', 'E']) && x.is_finite() => format!("{x}"),
        _ => text.strip_suffix(".0").unwrap_or(text).to_owned(),
    }
}
