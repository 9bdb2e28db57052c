//! The HTTP server: routes, limits, errors.

mod body;
pub mod dev;
mod docs;
mod export;
mod guard;
mod metrics;
mod page;
mod routes;
mod serve;
pub mod write;
pub mod ws;

pub use guard::{Limiter, Rate};
pub use serve::{Serving, serve};

use crate::core::Shared;
use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cenote_api::ApiError;
use cenote_api::error::ErrorBody;
use cenote_api::view::Limits;
use std::sync::Arc;

/// The largest body, bytes: a hundred payloads of a hundred small commands.
pub const BODY_MAX: usize = 2 * 1024 * 1024;
/// Items of one page of a list.
pub const PAGE_MAX: usize = 1_000;

/// What handlers share.
#[derive(Clone)]
pub struct App(pub Arc<AppState>);

/// The state behind [`App`].
pub struct AppState {
    /// The venue.
    pub shared: Arc<Shared>,
    /// Requests a second by address.
    pub limiter: Limiter,
    /// API keys that the node holds.
    pub keys: crate::keys::KeyStore,
    /// Streams' views, made once a tick for everybody.
    pub cache: ws::Cache,
    /// Origins other than the page's own that may read answers.
    pub origins: Vec<String>,
}

impl std::ops::Deref for App {
    type Target = AppState;
    fn deref(&self) -> &AppState {
        &self.0
    }
}

impl App {
    /// Bounds on what clients may send.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let rate = self.limiter.rate();
        Limits {
            body_bytes: BODY_MAX as u64,
            commands: u32::try_from(cenote_api::envelope::COMMANDS_MAX).unwrap_or(u32::MAX),
            requests_per_second: rate.per_second,
            burst: rate.burst,
            page: PAGE_MAX as u32,
        }
    }
}

/// A refusal on its way out.
pub struct Refused(pub ApiError);

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::BAD_REQUEST);
        let retry = self.0.data.get("retry_after_ms").and_then(serde_json::Value::as_u64);
        let mut response = (status, axum::Json(ErrorBody { error: self.0 })).into_response();
        if let Some(ms) = retry {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(ms.div_ceil(1_000)));
        }
        response
    }
}

/// An answer of state: the body, and in a header the last command that it knows of.
pub struct Seen<T>(pub T);

impl<T: serde::Serialize + crate::answer::AsOf> IntoResponse for Seen<T> {
    fn into_response(self) -> Response {
        let seq = HeaderValue::from(self.0.as_of());
        let mut response = axum::Json(self.0).into_response();
        response.headers_mut().insert(HeaderName::from_static("x-as-of-seq"), seq);
        response
    }
}

/// Every route.
pub fn router(app: App) -> Router {
    let guarded = Router::new()
        .merge(routes::routes())
        .merge(write::routes())
        .merge(dev::routes(app.shared.config.dev))
        .merge(export::routes())
        .merge(ws::routes())
        .merge(crate::facade::routes())
        .layer(axum::middleware::from_fn_with_state(app.clone(), guard::limit));
    Router::new()
        .merge(guarded)
        .merge(metrics::routes())
        .merge(docs::routes())
        .fallback(page::page)
        .layer(axum::extract::DefaultBodyLimit::max(BODY_MAX))
        .layer(axum::middleware::from_fn_with_state(app.clone(), guard::headers))
        .with_state(app)
}
