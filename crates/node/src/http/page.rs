//! The page: files built by Vite, embedded in the binary; every path that is no file is the page itself.

use super::{App, Refused};
use axum::extract::State;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use cenote_api::ApiError;

/// What is embedded. Without a build of the page there is a short text that says how to make one.
#[derive(rust_embed::RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Files;

/// The page or one of its files.
pub async fn page(State(_): State<App>, method: Method, uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    let api = ["v1/", "api/", "ws/"].iter().any(|prefix| path.starts_with(prefix));
    if api || (method != Method::GET && method != Method::HEAD) {
        let said =
            format!("there is no {method} {}; /llms.txt and /openapi.json list what there is", uri.path());
        return Refused(ApiError::not_found(said)).into_response();
    }
    if let Some(file) = Files::get(path).filter(|_| !path.is_empty()) {
        return answer(path, file.data.into_owned());
    }
    if path.contains('.') {
        return (StatusCode::NOT_FOUND, "not found\n").into_response();
    }
    match Files::get("index.html") {
        Some(index) => answer("index.html", index.data.into_owned()),
        None => "This build of cenote has no page in it: `cargo xtask up` builds it first.\nThe API is at /v1/status.\n".into_response(),
    }
}

fn answer(path: &str, bytes: Vec<u8>) -> Response {
    let kind = match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    };
    // Names of built files change with what is in them.
    let keep = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(keep)),
    ];
    (headers, bytes).into_response()
}
