//! Refusals for people and programs: a stable code, a sentence with the numbers compared and the next step, and the numbers as data.

use crate::codes;
use cenote_engine::Rejection;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why something was refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ApiError {
    /// The stable code, snake case.
    pub code: String,
    /// What was required, what was there, and what to do next.
    pub message: String,
    /// The numbers compared, by name; amounts as decimal text.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    #[schema(value_type = Object)]
    pub data: serde_json::Map<String, serde_json::Value>,
}

/// What an HTTP answer with a status from 400 on carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// The refusal.
    pub error: ApiError,
}

impl ApiError {
    /// An error of the host.
    #[must_use]
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        debug_assert!(codes::find(code).is_some(), "{code}");
        Self { code: code.to_owned(), message: message.into(), data: serde_json::Map::new() }
    }

    /// The same with one of the numbers compared.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).unwrap_or(serde_json::Value::Null);
        self.data.insert(name.to_owned(), value);
        self
    }

    /// A field that breaks a rule of its own.
    #[must_use]
    pub fn invalid(field: &str, rule: &str) -> Self {
        Self::new("invalid", format!("{field} must be {rule}")).with("field", field).with("rule", rule)
    }

    /// Something that is not there.
    #[must_use]
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new("not_found", message)
    }

    /// A body or parameter that cannot be read.
    #[must_use]
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new("bad_request", message)
    }

    /// The HTTP status of this code.
    #[must_use]
    pub fn status(&self) -> u16 {
        codes::find(&self.code).map_or(400, |row| row.status)
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for ApiError {}

impl From<&Rejection> for ApiError {
    fn from(rejection: &Rejection) -> Self {
        let mut error = Self {
            code: rejection.code().to_owned(),
            message: rejection.to_string(),
            data: serde_json::Map::new(),
        };
        error.data = numbers(rejection);
        error
    }
}

#[derive(Default)]
struct Numbers(serde_json::Map<String, serde_json::Value>);

impl Numbers {
    fn with(mut self, name: &str, value: impl Serialize) -> Self {
        self.0.insert(name.to_owned(), serde_json::to_value(value).unwrap_or_default());
        self
    }
}

/// The fields of a rejection: cash and sizes as decimal text, the rest as they are.
fn numbers(rejection: &Rejection) -> serde_json::Map<String, serde_json::Value> {
    use crate::amount::{Contracts, Money, Quote, ShareCount};
    let empty = Numbers::default;
    let data = match rejection {
        Rejection::WrongFunds { attached } => empty().with("attached", Money(*attached)),
        Rejection::Forbidden { needs } => empty().with("scope", needs),
        Rejection::SessionRefused { reason } => empty().with("reason", reason),
        Rejection::Invalid { field, rule } => empty().with("field", field).with("rule", rule),
        Rejection::ParameterOutOfBounds { name, value, min, max } => {
            empty().with("name", name).with("value", value).with("min", min).with("max", max)
        }
        Rejection::SessionCap { needed, left } => {
            empty().with("needed", Money(*needed)).with("left", Money(*left))
        }
        Rejection::StrikeNotFound { strike, .. } => empty().with("strike", Quote(*strike)),
        Rejection::PositionTooSmall { required, available } => {
            empty().with("required", Contracts(*required)).with("available", Contracts(*available))
        }
        Rejection::Timelocked { until, now } => empty().with("until", until).with("now", now),
        Rejection::NotNewer { latest, offered } => empty().with("latest", latest).with("offered", offered),
        Rejection::FromTheFuture { now, offered } => empty().with("now", now).with("offered", offered),
        Rejection::Guarded { reason } => empty().with("reason", reason),
        Rejection::NotSettleable { from, now } => empty().with("resume_at", from).with("now", now),
        Rejection::OrdersLive { orders } => empty().with("orders", orders),
        Rejection::QueueFull { limit } => empty().with("limit", limit),
        Rejection::AccountFull { what, limit } => empty().with("what", what).with("limit", limit),
        Rejection::InsufficientShares { required, available } => {
            empty().with("required", ShareCount(*required)).with("available", ShareCount(*available))
        }
        Rejection::PoolWindingDown { equity, required } => {
            empty().with("equity", Money(*equity)).with("required", Money(*required))
        }
        Rejection::PoolCapacity { rule, after, limit } => {
            empty().with("rule", rule).with("after", after).with("limit", limit)
        }
        Rejection::LimitExceeded { cost, limit } => {
            empty().with("quoted", Money(*cost)).with("limit", Money(*limit))
        }
        Rejection::InsufficientCash { who, required, available } => {
            empty().with("who", who).with("needed", Money(*required)).with("free", Money(*available))
        }
        _ => empty(),
    };
    data.0
}
