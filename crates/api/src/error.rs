//! Refusals for people and programs: a stable code, a sentence with the numbers compared and the next step, and the numbers as data.

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

/// A row of the table of codes that the host itself gives, beside the engine's.
pub struct HostCode {
    /// The code.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What it means and what to do.
    pub help: &'static str,
}

/// Every code of the host; the engine's are in `cenote_engine::Rejection::CODES`.
pub const HOST_CODES: &[HostCode] = &[
    HostCode {
        code: "bad_request",
        status: 400,
        help: "The body or a parameter cannot be read; the message says where.",
    },
    HostCode {
        code: "unauthorised",
        status: 401,
        help: "The signature, token or key is wrong; POST /v1/debug/signature says why.",
    },
    HostCode {
        code: "wrong_venue",
        status: 401,
        help: "The payload is signed for another venue; sign it for the venue_id of /v1/status.",
    },
    HostCode {
        code: "expired",
        status: 409,
        help: "expires_at is not after the venue's market time, or more than a day after it; sign again.",
    },
    HostCode {
        code: "nonce_used",
        status: 409,
        help: "The signer has used this nonce for other bytes, or it is below the window; use an unused one.",
    },
    HostCode {
        code: "not_found",
        status: 404,
        help: "No such instrument, market, account, route or snapshot; the message names it.",
    },
    HostCode {
        code: "insufficient_wallet",
        status: 400,
        help: "The account's wallet at the host holds less; deposit less, or ask the faucet in dev mode.",
    },
    HostCode { code: "rate_limited", status: 429, help: "Too many requests; wait retry_after_ms." },
    HostCode {
        code: "busy",
        status: 503,
        help: "The queue of commands is full; nothing was done; try again.",
    },
    HostCode { code: "stopping", status: 503, help: "The node is shutting down; nothing was done." },
    HostCode { code: "too_large", status: 413, help: "The body is larger than the limit in /v1/status." },
    HostCode { code: "dev_only", status: 403, help: "Only in dev mode and only from this machine." },
    HostCode {
        code: "not_supported",
        status: 400,
        help: "This venue does not do that; the message says what it does instead.",
    },
    HostCode {
        code: "fault",
        status: 500,
        help: "The engine broke a promise of its own; the node stops. Keep the journal and report it.",
    },
];

impl ApiError {
    /// An error of the host.
    #[must_use]
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        debug_assert!(
            HOST_CODES.iter().any(|row| row.code == code) || Rejection::CODES.contains(&code),
            "{code}"
        );
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
        if let Some(row) = HOST_CODES.iter().find(|row| row.code == self.code) {
            return row.status;
        }
        match self.code.as_str() {
            "forbidden" | "session_refused" => 403,
            code if code.ends_with("_not_found") => 404,
            "queue_full" | "paused" | "guarded" | "no_price" | "pool_winding_down" => 503,
            _ => 400,
        }
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
