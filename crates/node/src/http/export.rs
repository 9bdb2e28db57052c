//! Everything of one sort, or the board in force, as a file that is written while it is read.

use super::body::{Path, Query};
use super::routes::address;
use super::{App, Refused};
use crate::answer;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use cenote_api::view::{Chain, ChainExpiry, ChainSeries, ChainStrike};
use cenote_api::{ApiError, Contracts, export};
use cenote_history::Export;
use cenote_table::{Cell, Column, Format, PIECE, Writer};
use hyper::body::Frame;
use serde::Deserialize;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, SemaphorePermit, mpsc};

/// Files on their way at once: each holds a thread, and the state of the history that it is read from.
const FILES_MAX: usize = 4;
static PLACES: Semaphore = Semaphore::const_new(FILES_MAX);
/// A client that takes nothing for so long has left.
const PATIENCE: Duration = Duration::from_secs(30);
/// Pieces that wait for the client.
const AHEAD: usize = 2;

/// The routes.
pub fn routes() -> Router<App> {
    Router::new().route("/v1/export/{file}", get(file))
}

#[derive(Deserialize)]
struct Which {
    from: Option<u64>,
    to: Option<u64>,
    account: Option<String>,
    market: Option<String>,
    size: Option<String>,
}

/// Rows, or why there are no more.
type Rows = Box<dyn Iterator<Item = Result<Vec<Cell>, String>> + Send>;

async fn file(
    State(app): State<App>,
    Path(file): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, Refused> {
    let Some((export, format)) = export::named(&file) else {
        let known = export::FILES.join(", ");
        return Err(ApiError::not_found(format!("there is no export {file}; there are {known}")).into());
    };
    app.shared.settled().await;
    let rows = if *export == export::QUOTES { quotes(&app, &which)? } else { past(&app, export, &which)? };
    let place = PLACES.try_acquire().map_err(|_| {
        ApiError::new("busy", format!("{FILES_MAX} files are on their way already; ask again in a moment"))
    })?;
    let (sender, receiver) = mpsc::channel(AHEAD);
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        write(format, export.columns, rows, &Way { runtime, sender, _place: place })
    });
    let name = format!("attachment; filename=\"{file}\"");
    let headers = [(header::CONTENT_TYPE, format.media_type()), (header::CONTENT_DISPOSITION, name.as_str())];
    Ok((headers, Body::new(Pieces(receiver))).into_response())
}

/// Where pieces go.
struct Way {
    runtime: Handle,
    sender: mpsc::Sender<Result<Bytes, String>>,
    _place: SemaphorePermit<'static>,
}

impl Way {
    /// Whether the client took it.
    fn send(&self, piece: Result<Vec<u8>, String>) -> bool {
        let sent = self.sender.send(piece.map(Bytes::from));
        self.runtime
            .block_on(async { tokio::time::timeout(PATIENCE, sent).await.is_ok_and(|sent| sent.is_ok()) })
    }
}

/// Writes a file piece by piece, as fast as it is taken. One that cannot be finished ends without its end, which every client notices.
fn write(format: Format, columns: &'static [Column], rows: Rows, way: &Way) {
    let (mut writer, begin) = Writer::begin(format, columns);
    let mut rows = rows.peekable();
    let mut taken = way.send(Ok(begin));
    while taken && rows.peek().is_some() {
        let piece: Result<Vec<Vec<Cell>>, String> = rows.by_ref().take(PIECE).collect();
        let bytes = piece.and_then(|piece| writer.rows(&piece).map_err(|misfit| misfit.to_string()));
        if let Err(error) = &bytes {
            tracing::error!(%error, "an export ends in the middle");
            way.send(bytes);
            return;
        }
        taken = way.send(bytes);
    }
    if taken {
        way.send(Ok(writer.end()));
    }
}

/// A body of pieces.
struct Pieces(mpsc::Receiver<Result<Bytes, String>>);

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = String;
    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, String>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

/// What the history has.
fn past(app: &App, export: &export::Export, which: &Which) -> Result<Rows, Refused> {
    for (name, given) in [("market", &which.market), ("size", &which.size)] {
        if given.is_some() {
            return Err(ApiError::bad_request(format!("{name} is for quotes; leave it out")).into());
        }
    }
    let kind = match export.name {
        "fills" => Export::Fills,
        "nav" => Export::Nav,
        _ => Export::Events,
    };
    let account = which.account.as_deref().map(address).transpose()?;
    if kind == Export::Nav && account.is_some() {
        return Err(ApiError::bad_request("the path of a pool is of no account; leave account out").into());
    }
    let history = app.shared.history.as_ref();
    let history =
        history.ok_or_else(|| ApiError::new("not_supported", "this node keeps no history; ask another"))?;
    let rows = history.export(kind, which.from.unwrap_or(0), which.to.unwrap_or(u64::MAX), account)?;
    Ok(Box::new(rows.map(|row| row.map_err(|error| error.to_string()))))
}

/// The board in force.
fn quotes(app: &App, which: &Which) -> Result<Rows, Refused> {
    let given =
        [("from", which.from.is_some()), ("to", which.to.is_some()), ("account", which.account.is_some())];
    if let Some((name, _)) = given.into_iter().find(|(_, given)| *given) {
        let said = format!("quotes are those in force; leave {name} out");
        return Err(ApiError::bad_request(said).into());
    }
    let size = which.size.as_deref().unwrap_or("1").parse::<Contracts>();
    let size = size.map_err(|e| ApiError::bad_request(format!("size: {e}")))?;
    let chain = answer::chain::chain(&app.shared, which.market.as_deref(), None, size.0)?;
    let mut rows = Vec::new();
    for expiry in &chain.expiries {
        for strike in &expiry.strikes {
            for (option_type, series) in [("call", &strike.call), ("put", &strike.put)] {
                rows.push(Ok(quote(&chain, expiry, strike, option_type, series)));
            }
        }
    }
    Ok(Box::new(rows.into_iter()))
}

fn quote(
    chain: &Chain,
    expiry: &ChainExpiry,
    strike: &ChainStrike,
    option_type: &str,
    series: &ChainSeries,
) -> Vec<Cell> {
    let exact = |price: Option<cenote_api::Quote>| price.map_or(Cell::Empty, Cell::text);
    vec![
        Cell::text(&chain.market),
        Cell::count(chain.tick),
        Cell::count(chain.published_at),
        Cell::text(chain.index_price),
        Cell::text(&series.instrument_name),
        Cell::count(expiry.expiration_timestamp),
        Cell::text(strike.strike),
        Cell::text(option_type),
        Cell::Float(expiry.forward),
        Cell::text(chain.size),
        exact(series.bid_price),
        exact(series.ask_price),
        Cell::Float(series.mark_price),
        Cell::figure(series.bid_iv),
        Cell::figure(series.ask_iv),
        Cell::figure(series.mark_iv),
        Cell::figure(Some(series.greeks.delta)),
        Cell::figure(Some(series.greeks.gamma)),
        Cell::figure(Some(series.greeks.vega)),
        Cell::figure(Some(series.greeks.theta)),
        Cell::text(series.open_interest),
        Cell::text(series.pool_position),
    ]
}

#[cfg(test)]
mod tests;
