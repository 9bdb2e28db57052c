//! Accepts connections: so many at a time, each with so much time for its headers.

use super::{App, router};
use axum::extract::ConnectInfo;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt as _;

/// Connections open at a time.
const CONNECTIONS_MAX: usize = 4_096;
/// Time for the headers of a request.
const HEADERS: Duration = Duration::from_secs(10);
/// Time for a whole request that is not a socket: a jump over months takes a while.
const REQUEST: Duration = Duration::from_secs(120);

/// A server that runs.
pub struct Serving {
    /// Where it listens.
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

impl Serving {
    /// Takes no more connections, and lets those there are finish for a moment.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        // A task that panicked has nothing left to finish.
        let _ = tokio::time::timeout(Duration::from_secs(5), self.task).await;
    }
}

/// Serves a node on a listener.
///
/// # Errors
/// An address that cannot be told.
pub fn serve(app: App, listener: TcpListener) -> std::io::Result<Serving> {
    let address = listener.local_addr()?;
    let (stop, stopped) = watch::channel(false);
    let timeout =
        tower_http::timeout::TimeoutLayer::with_status_code(axum::http::StatusCode::REQUEST_TIMEOUT, REQUEST);
    let routes = router(app).layer(timeout);
    let task = tokio::spawn(accept(listener, routes, stopped));
    Ok(Serving { address, stop, task })
}

async fn accept(listener: TcpListener, routes: axum::Router, mut stopped: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let permit = tokio::select! {
            permit = Arc::clone(&room).acquire_owned() => permit,
            () = told(&mut stopped) => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = told(&mut stopped) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            // Out of descriptors: they come back as connections end.
            Err(_) => {
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
        };
        // Small answers at once; that it cannot be set changes nothing else.
        let _ = stream.set_nodelay(true);
        let service =
            routes.clone().map_request(move |mut request: hyper::Request<hyper::body::Incoming>| {
                request.extensions_mut().insert(ConnectInfo(peer));
                request.map(axum::body::Body::new)
            });
        let mut stopped = stopped.clone();
        tokio::spawn(async move {
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADERS)
                .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
                .with_upgrades();
            tokio::pin!(connection);
            tokio::select! {
                _ = connection.as_mut() => {}
                () = told(&mut stopped) => {
                    connection.as_mut().graceful_shutdown();
                    // Whoever does not finish in time is cut off.
                    let _ = tokio::time::timeout(Duration::from_secs(2), connection).await;
                }
            }
            drop(permit);
        });
    }
}

/// Until the server is told to stop, or whoever could tell it is gone.
async fn told(stopped: &mut watch::Receiver<bool>) {
    while !*stopped.borrow_and_update() {
        if stopped.changed().await.is_err() {
            return;
        }
    }
}
