//! The API's own description, served.

use super::App;
use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use cenote_api::describe;

/// The routes.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/openapi.json", get(|| async { json(describe::openapi()) }))
        .route("/asyncapi.json", get(|| async { json(describe::asyncapi()) }))
        .route(
            "/llms.txt",
            get(|| async { ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], describe::llms()) }),
        )
}

fn json(value: serde_json::Value) -> Response {
    axum::Json(value).into_response()
}
