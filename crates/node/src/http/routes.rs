//! Questions: everything that reads.

use super::body::{Body, Path, Query};
use super::{App, PAGE_MAX, Refused, Seen};
use crate::answer;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use cenote_api::view::{QuoteRequest, SimulateRequest, WhatIfRequest};
use cenote_api::{Address, ApiError, Contracts, codes};
use serde::Deserialize;
use serde_json::json;

type Answer<T> = Result<T, Refused>;

/// The routes.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/v1/status", get(status))
        .route("/v1/instruments", get(instruments))
        .route("/v1/chain", get(chain))
        .route("/v1/depth", get(depth))
        .route("/v1/quote", post(quote))
        .route("/v1/whatif", post(whatif))
        .route("/v1/commands/simulate", post(simulate))
        .route("/v1/accounts/{address}", get(account))
        .route("/v1/accounts/{address}/orders", get(orders))
        .route("/v1/accounts/{address}/fills", get(fills))
        .route("/v1/accounts/{address}/closed", get(closed))
        .route("/v1/accounts/{address}/events", get(account_events))
        .route("/v1/orders/{number}", get(order))
        .route("/v1/pools/{pool}", get(pool))
        .route("/v1/pools/{pool}/risk", get(risk))
        .route("/v1/pools/{pool}/nav", get(nav))
        .route("/v1/surface", get(surface))
        .route("/v1/markets/{market}", get(market))
        .route("/v1/candles", get(candles))
        .route("/v1/trades", get(trades))
        .route("/v1/events", get(events))
        .route("/v1/explain/{seq}", get(explain))
        .route("/v1/stats/daily", get(daily))
        .route("/v1/errors", get(errors))
}

async fn status(State(app): State<App>) -> impl IntoResponse {
    Json(answer::status::status(&app.shared, app.limits()))
}

#[derive(Deserialize)]
struct OfMarket {
    market: Option<String>,
}

async fn instruments(State(app): State<App>, Query(query): Query<OfMarket>) -> Answer<Response> {
    let (rows, seq) = answer::chain::instruments(&app.shared, query.market.as_deref())?;
    Ok(Json(json!({ "instruments": rows, "as_of_seq": seq })).into_response())
}

#[derive(Deserialize)]
struct ChainQuery {
    market: Option<String>,
    expiry: Option<String>,
    size: Option<String>,
}

async fn chain(State(app): State<App>, Query(query): Query<ChainQuery>) -> Answer<impl IntoResponse> {
    let size = query.size.as_deref().unwrap_or("1").parse::<Contracts>();
    let size = size.map_err(|e| ApiError::bad_request(format!("size: {e}")))?;
    Ok(Seen(answer::chain::chain(&app.shared, query.market.as_deref(), query.expiry.as_deref(), size.0)?))
}

#[derive(Deserialize)]
struct DepthQuery {
    instrument: String,
    levels: Option<usize>,
}

async fn depth(State(app): State<App>, Query(query): Query<DepthQuery>) -> Answer<impl IntoResponse> {
    Ok(Seen(answer::depth::depth(&app.shared, &query.instrument, query.levels.unwrap_or(6))?))
}

async fn quote(State(app): State<App>, Body(request): Body<QuoteRequest>) -> Answer<impl IntoResponse> {
    Ok(Seen(answer::quote::quote(&app.shared, &request)?))
}

async fn whatif(State(app): State<App>, Body(request): Body<WhatIfRequest>) -> Answer<impl IntoResponse> {
    Ok(Seen(answer::whatif::whatif(&app.shared, &request)?))
}

async fn simulate(State(app): State<App>, Body(request): Body<SimulateRequest>) -> Answer<impl IntoResponse> {
    Ok(Seen(answer::simulate::simulate(&app.shared, &request)?))
}

/// An address out of a path.
pub(super) fn address(text: &str) -> Result<Address, Refused> {
    text.parse().map_err(|why: String| Refused(ApiError::bad_request(why)))
}

async fn account(State(app): State<App>, Path(whose): Path<String>) -> Answer<impl IntoResponse> {
    app.shared.settled().await;
    Ok(Seen(answer::account::account(&app.shared, address(&whose)?)?))
}

#[derive(Deserialize)]
struct PageQuery {
    before: Option<u64>,
    limit: Option<usize>,
    instrument: Option<String>,
    market: Option<String>,
}

fn page(limit: Option<usize>) -> usize {
    limit.unwrap_or(100).clamp(1, PAGE_MAX)
}

async fn orders(
    State(app): State<App>,
    Path(whose): Path<String>,
    Query(query): Query<PageQuery>,
) -> Answer<impl IntoResponse> {
    app.shared.settled().await;
    Ok(Seen(answer::past::orders(&app.shared, address(&whose)?, query.before, page(query.limit))?))
}

async fn fills(
    State(app): State<App>,
    Path(whose): Path<String>,
    Query(query): Query<PageQuery>,
) -> Answer<impl IntoResponse> {
    app.shared.settled().await;
    Ok(Seen(answer::past::fills(&app.shared, address(&whose)?, query.before, page(query.limit))?))
}

async fn closed(
    State(app): State<App>,
    Path(whose): Path<String>,
    Query(query): Query<PageQuery>,
) -> Answer<impl IntoResponse> {
    app.shared.settled().await;
    Ok(Seen(answer::past::closed(&app.shared, address(&whose)?, query.before, page(query.limit))?))
}

async fn trades(State(app): State<App>, Query(query): Query<PageQuery>) -> Answer<impl IntoResponse> {
    app.shared.settled().await;
    let (instrument, market) = (query.instrument.as_deref(), query.market.as_deref());
    Ok(Seen(answer::past::trades(&app.shared, instrument, market, query.before, page(query.limit))?))
}

#[derive(Deserialize)]
struct EventsQuery {
    from_seq: Option<u64>,
    limit: Option<usize>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

async fn events(State(app): State<App>, Query(query): Query<EventsQuery>) -> Answer<impl IntoResponse> {
    app.shared.settled().await;
    let kind = query.kind.as_deref();
    Ok(Seen(answer::past::events(&app.shared, query.from_seq.unwrap_or(0), page(query.limit), kind)?))
}

async fn account_events(
    State(app): State<App>,
    Path(whose): Path<String>,
    Query(query): Query<EventsQuery>,
) -> Answer<impl IntoResponse> {
    app.shared.settled().await;
    let (from, limit) = (query.from_seq.unwrap_or(0), page(query.limit));
    Ok(Seen(answer::past::account_events(&app.shared, address(&whose)?, from, limit)?))
}

async fn order(State(app): State<App>, Path(number): Path<u64>) -> Answer<impl IntoResponse> {
    app.shared.settled().await;
    Ok(Json(answer::past::order(&app.shared, number)?))
}

async fn pool(State(app): State<App>, Path(id): Path<u16>) -> Answer<impl IntoResponse> {
    Ok(Seen(answer::pool::pool(&app.shared, id)?))
}

async fn risk(State(app): State<App>, Path(id): Path<u16>) -> Answer<impl IntoResponse> {
    Ok(Seen(answer::risk::risk(&app.shared, id)?))
}

#[derive(Deserialize)]
struct SpanQuery {
    from: Option<u64>,
    to: Option<u64>,
    points: Option<usize>,
}

async fn nav(
    State(app): State<App>,
    Path(id): Path<u16>,
    Query(query): Query<SpanQuery>,
) -> Answer<impl IntoResponse> {
    app.shared.settled().await;
    let (from, to) = (query.from.unwrap_or(0), query.to.unwrap_or(u64::MAX));
    Ok(Seen(answer::past::nav(&app.shared, id, from, to, query.points.unwrap_or(500).clamp(2, 5_000))?))
}

async fn surface(State(app): State<App>, Query(query): Query<OfMarket>) -> Answer<impl IntoResponse> {
    Ok(Seen(answer::market::surface(&app.shared, query.market.as_deref())?))
}

async fn market(State(app): State<App>, Path(name): Path<String>) -> Answer<impl IntoResponse> {
    Ok(Json(answer::market::parameters(&app.shared, &name)?))
}

#[derive(Deserialize)]
struct CandleQuery {
    instrument: Option<String>,
    market: Option<String>,
    resolution: Option<String>,
    from: Option<u64>,
    to: Option<u64>,
}

async fn candles(State(app): State<App>, Query(query): Query<CandleQuery>) -> Answer<impl IntoResponse> {
    app.shared.settled().await;
    let resolution = query.resolution.as_deref().unwrap_or("60");
    let (from, to) = (query.from.unwrap_or(0), query.to.unwrap_or(u64::MAX));
    let (instrument, market) = (query.instrument.as_deref(), query.market.as_deref());
    Ok(Seen(answer::past::candles(&app.shared, instrument, market, resolution, from, to)?))
}

async fn explain(State(app): State<App>, Path(seq): Path<u64>) -> Answer<impl IntoResponse> {
    app.shared.settled().await;
    Ok(Json(answer::explain::explain(&app.shared, seq)?))
}

async fn daily(State(app): State<App>, Query(query): Query<SpanQuery>) -> Answer<Response> {
    app.shared.settled().await;
    let days = answer::past::daily(&app.shared, query.from.unwrap_or(0), query.to.unwrap_or(u64::MAX))?;
    Ok(Json(json!({ "days": days, "as_of_seq": app.shared.durable() })).into_response())
}

async fn errors() -> Response {
    let row = |row: &codes::Code| json!({ "code": row.code, "status": row.status, "help": row.help });
    Json(json!({ "codes": codes::all().map(row).collect::<Vec<_>>() })).into_response()
}
