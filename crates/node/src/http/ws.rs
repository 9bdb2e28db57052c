//! Streams: JSON-RPC 2.0 over WebSocket, one implementation for the native channels and the Deribit-compatible ones.

mod cache;
mod channel;
mod session;

pub use cache::Cache;
pub use channel::{Channel, Every};

use super::App;
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, State};
use axum::response::Response;
use axum::routing::get;
use std::net::SocketAddr;

/// The largest message from a client, bytes.
const MESSAGE_MAX: usize = 256 * 1024;

/// The routes.
pub fn routes() -> Router<App> {
    Router::new().route("/v1/ws", get(upgrade)).route("/ws/api/v2", get(upgrade))
}

async fn upgrade(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    socket: WebSocketUpgrade,
) -> Response {
    let socket =
        socket.max_message_size(MESSAGE_MAX).max_frame_size(MESSAGE_MAX).max_write_buffer_size(1024 * 1024);
    socket.on_upgrade(move |socket| session::Session::new(app, peer).run(socket))
}
