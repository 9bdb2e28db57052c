//! Everything of one sort as a file: CSV, row by row, or Parquet.

use super::body::Query;
use super::routes::address;
use super::{App, Refused};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use cenote_api::ApiError;
use cenote_history::{Cell, Export};
use serde::Deserialize;
use std::fmt::Write as _;

/// Rows of one file: more than a spreadsheet takes; ask span by span for the rest.
const ROWS_MAX: usize = 1_000_000;

/// The routes.
pub fn routes() -> Router<App> {
    Router::new().route("/v1/export/{file}", get(export))
}

#[derive(Deserialize)]
struct Span {
    from: Option<u64>,
    to: Option<u64>,
    account: Option<String>,
}

async fn export(
    State(app): State<App>,
    Path(file): Path<String>,
    Query(span): Query<Span>,
) -> Result<Response, Refused> {
    app.shared.settled().await;
    let unknown = || {
        ApiError::not_found(format!("there is no export {file}; there are fills.csv, nav.csv and events.csv"))
    };
    let kind = match file.as_str() {
        "fills.csv" => Export::Fills,
        "nav.csv" => Export::Nav,
        "events.csv" => Export::Events,
        _ => return Err(unknown().into()),
    };
    let account = span.account.as_deref().map(address).transpose()?;
    let history = app.shared.history.as_ref().ok_or_else(unknown)?;
    let rows = history.export(kind, span.from.unwrap_or(0), span.to.unwrap_or(u64::MAX), account)?;
    let mut text = String::new();
    let names: Vec<&str> = kind.columns().iter().map(|column| column.name).collect();
    let _ = writeln!(text, "{}", names.join(","));
    for row in rows.take(ROWS_MAX) {
        let row =
            row.map_err(|e| ApiError::new("busy", format!("history cannot be read: {e}; ask again")))?;
        let cells: Vec<String> = row.iter().map(cell).collect();
        let _ = writeln!(text, "{}", cells.join(","));
    }
    let name = format!("attachment; filename=\"{file}\"");
    Ok((
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)],
        text,
    )
        .into_response())
}

/// A cell as RFC 4180 writes it.
fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Int(n) => n.to_string(),
        Cell::Float(x) => x.to_string(),
        Cell::Text(text) if text.contains([',', '"', '\n', '\r']) => {
            format!("\"{}\"", text.replace('"', "\"\""))
        }
        Cell::Text(text) => text.clone(),
    }
}
