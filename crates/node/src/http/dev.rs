//! Dev controls: clock, money, prices, snapshots. Only in dev mode, and only for this machine.

use super::body::Body;
use super::write::answered;
use super::{App, Refused};
use crate::answer;
use crate::core::Ask;
use crate::core::entry::Deed;
use crate::core::market::{Change, Control};
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use cenote_api::view::{DevAccount, FundRequest};
use cenote_api::{ApiError, keys};
use cenote_engine::Command;
use cenote_units::{Cash, Millis, Timestamp};
use serde::Deserialize;
use serde_json::json;
use std::net::SocketAddr;

/// The routes.
pub fn routes(dev: bool) -> Router<App> {
    if !dev {
        return Router::new()
            .route("/v1/dev/{*rest}", axum::routing::any(|| async { refuse("off in live mode") }));
    }
    Router::new()
        .route("/v1/dev/accounts", get(accounts))
        .route("/v1/dev/fund", post(fund))
        .route("/v1/dev/clock", post(clock))
        .route("/v1/dev/price", post(price))
        .route("/v1/dev/vol", post(vol))
        .route("/v1/dev/oracle", post(oracle))
        .route("/v1/dev/snapshots", get(snapshots))
        .route("/v1/dev/snapshot", post(snapshot))
        .route("/v1/dev/revert", post(revert))
        .layer(axum::middleware::from_fn(local_only))
}

/// The longest jump: what two thousand ticks can carry the market through.
const JUMP_MAX: Millis = Millis::days(120);

fn refuse(why: &str) -> Response {
    Refused(ApiError::new("dev_only", format!("dev controls are {why}; use signed commands instead")))
        .into_response()
}

async fn local_only(request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    // A proxy on this machine would make everybody local.
    let forwarded = ["forwarded", "x-forwarded-for", "x-real-ip"]
        .iter()
        .any(|name| request.headers().contains_key(*name));
    if forwarded || peer.is_none_or(|peer| !peer.0.ip().to_canonical().is_loopback()) {
        return refuse("for this machine alone");
    }
    next.run(request).await
}

/// The names and keys of dev mode.
#[must_use]
pub fn dev_accounts() -> Vec<DevAccount> {
    let one = |name: &&str| DevAccount {
        name: (*name).to_owned(),
        address: keys::address_of(&keys::dev_key(name)),
        private_key: cenote_api::envelope::hex(&keys::dev_key(name).to_secret_bytes()),
        api_id: (*name).to_owned(),
        api_secret: keys::dev_api_secret(name),
    };
    keys::DEV_NAMES.iter().map(one).collect()
}

async fn accounts() -> Response {
    Json(json!({ "accounts": dev_accounts() })).into_response()
}

async fn fund(State(app): State<App>, Body(request): Body<FundRequest>) -> Result<Response, Refused> {
    let most = Cash::new(1_000_000_000_000_000).unwrap_or(Cash::MAX);
    if request.amount.0 <= Cash::ZERO || request.amount.0 > most {
        return Err(ApiError::invalid("amount", "more than zero, at most 1000000000").into());
    }
    let deed = Deed {
        sender: request.account.0,
        funds: request.amount.0,
        now: Timestamp::ZERO,
        command: Command::Deposit,
    };
    Ok(answered(app.shared.ask(|reply| Ask::Host { deeds: vec![deed], reply }).await?))
}

async fn control(app: &App, control: Control) -> Result<(), Refused> {
    let answer = app.shared.ask(|reply| Ask::Control(control, reply)).await?;
    match answer.error {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

async fn controlled(app: &App, what: Control) -> Result<Response, Refused> {
    control(app, what).await?;
    Ok(Json(answer::status::status(&app.shared, app.limits())).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum ClockRequest {
    Pause(bool),
    Resume(bool),
    Speed(f64),
    JumpMs(u64),
    Until(Until),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Until {
    Moment(u64),
    Named(String),
}

async fn clock(State(app): State<App>, Body(request): Body<ClockRequest>) -> Result<Response, Refused> {
    let now = app.shared.now();
    let jump = |to: Timestamp| {
        if to <= now || to.since(now) > JUMP_MAX {
            let said = format!("a moment after {} ms, at most 120 days on", now.millis());
            return Err(Refused(ApiError::invalid("until", &said)));
        }
        Ok(Control::Jump(to))
    };
    let what = match request {
        ClockRequest::Pause(true) | ClockRequest::Resume(false) => Control::Pause,
        ClockRequest::Resume(true) | ClockRequest::Pause(false) => Control::Resume,
        ClockRequest::Speed(speed) if speed.is_finite() && (0.01..=10_000.0).contains(&speed) => {
            Control::Speed(speed)
        }
        ClockRequest::Speed(_) => return Err(ApiError::invalid("speed", "0.01 to 10000").into()),
        ClockRequest::JumpMs(ms) => jump(now.after(Millis::new(ms)))?,
        ClockRequest::Until(Until::Moment(ms)) => {
            jump(Timestamp::from_millis(ms).map_err(|_| ApiError::invalid("until", "milliseconds"))?)?
        }
        ClockRequest::Until(Until::Named(name)) if name == "next-expiry" => {
            let next = app.shared.replicas.read(|replica| {
                let boards = replica.state.market.values().flat_map(|market| &market.boards);
                boards.map(|board| board.expiry).filter(|expiry| *expiry > now).min()
            });
            let next = next.ok_or_else(|| ApiError::not_found("no expiry is listed"))?;
            jump(next.after(Millis::seconds(2)))?
        }
        ClockRequest::Until(Until::Named(_)) => {
            return Err(ApiError::invalid("until", "ms or next-expiry").into());
        }
    };
    controlled(&app, what).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceRequest {
    #[serde(rename = "move")]
    by: f64,
    #[serde(default)]
    over_ms: u64,
}

async fn price(State(app): State<App>, Body(request): Body<PriceRequest>) -> Result<Response, Refused> {
    if !(-0.95..=10.0).contains(&request.by) {
        return Err(ApiError::invalid("move", "-0.95 to 10, a fraction of the index").into());
    }
    let change = Change::Price { by: request.by, over: Millis::new(request.over_ms.min(JUMP_MAX.get())) };
    controlled(&app, Control::Market(change)).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VolRequest {
    points: f64,
}

async fn vol(State(app): State<App>, Body(request): Body<VolRequest>) -> Result<Response, Refused> {
    if !(-200.0..=300.0).contains(&request.points) {
        return Err(ApiError::invalid("points", "-200 to 300 vol points").into());
    }
    controlled(&app, Control::Market(Change::Vol(request.points))).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OracleRequest {
    off_ms: u64,
}

async fn oracle(State(app): State<App>, Body(request): Body<OracleRequest>) -> Result<Response, Refused> {
    let length = Millis::new(request.off_ms.min(JUMP_MAX.get()));
    controlled(&app, Control::Market(Change::Silence(length))).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
}

fn named(name: String) -> Result<String, Refused> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == '.';
    if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
        return Err(ApiError::invalid("name", "1 to 64 letters, digits, - _ or .").into());
    }
    Ok(name)
}

async fn snapshots(State(app): State<App>) -> Response {
    let saved = app.shared.replicas.read(|replica| replica.saved.clone());
    let rows: Vec<_> = saved.into_iter().map(|(name, seq)| json!({ "name": name, "seq": seq })).collect();
    Json(json!({ "snapshots": rows })).into_response()
}

async fn snapshot(State(app): State<App>, Body(request): Body<Named>) -> Result<Response, Refused> {
    controlled(&app, Control::Snapshot(named(request.name)?)).await
}

async fn revert(State(app): State<App>, Body(request): Body<Named>) -> Result<Response, Refused> {
    controlled(&app, Control::Revert(named(request.name)?)).await
}
