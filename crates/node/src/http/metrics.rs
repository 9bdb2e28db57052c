//! `/metrics`, `/healthz`, `/readyz`.

use super::App;
use crate::answer;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use cenote_engine::ids::PoolId;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// The routes.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
}

/// Ready once a price is in force.
async fn ready(State(app): State<App>) -> Response {
    let priced =
        app.shared.replicas.read(|replica| replica.state.market.values().any(|market| market.tick.is_some()));
    if priced {
        "ready\n".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "no price yet\n").into_response()
    }
}

/// A metric: its name, its kind, and what it says.
pub const METRICS: &[(&str, &str, &str)] = &[
    ("cenote_commands_total", "counter", "Commands carried out"),
    ("cenote_answers_total", "counter", "Submissions answered"),
    ("cenote_journal_syncs_total", "counter", "Syncs of the journal to disk"),
    ("cenote_journal_sync_seconds_total", "counter", "Time that syncs took"),
    ("cenote_journal_sync_seconds_max", "gauge", "The slowest sync"),
    ("cenote_busy_total", "counter", "Submissions refused because the queue was full"),
    ("cenote_requests_total", "counter", "Requests answered, by class of status"),
    ("cenote_rate_limited_total", "counter", "Requests refused by the rate limit"),
    ("cenote_sockets", "gauge", "WebSocket connections open"),
    ("cenote_slow_sockets_total", "counter", "WebSocket connections closed for being too slow"),
    ("cenote_last_seq", "gauge", "The last command published"),
    ("cenote_durable_seq", "gauge", "The last command on disk"),
    ("cenote_market_time_seconds", "gauge", "Market time"),
    ("cenote_price_age_seconds", "gauge", "Market time since the latest price, by market"),
    ("cenote_index_price", "gauge", "The index price, by market"),
    ("cenote_feed_age_seconds", "gauge", "Time since a live source's last good answer, by what it gives"),
    ("cenote_feed_failures", "gauge", "Failures of a live source since then"),
    ("cenote_live_orders", "gauge", "Orders that wait, by market"),
    ("cenote_pool_equity", "gauge", "Equity of a pool, quote"),
    ("cenote_pool_utilisation", "gauge", "Locked over risk capital, per 1.00"),
];

async fn metrics(State(app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text(&app)).into_response()
}

fn text(app: &App) -> String {
    let m = &app.shared.metrics;
    let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed) as f64;
    let now = app.shared.now();
    let mut values: Vec<(&str, String, f64)> = vec![
        ("cenote_commands_total", String::new(), get(&m.commands)),
        ("cenote_answers_total", String::new(), get(&m.answers)),
        ("cenote_journal_syncs_total", String::new(), get(&m.syncs)),
        ("cenote_journal_sync_seconds_total", String::new(), get(&m.sync_micros) / 1e6),
        ("cenote_journal_sync_seconds_max", String::new(), get(&m.sync_micros_max) / 1e6),
        ("cenote_busy_total", String::new(), get(&m.busy)),
        ("cenote_rate_limited_total", String::new(), get(&m.limited)),
        ("cenote_sockets", String::new(), get(&m.sockets)),
        ("cenote_slow_sockets_total", String::new(), get(&m.slow_sockets)),
        ("cenote_durable_seq", String::new(), app.shared.durable() as f64),
        ("cenote_market_time_seconds", String::new(), now.millis() as f64 / 1e3),
    ];
    for (class, count) in ["2xx", "4xx", "5xx"].iter().zip(&m.requests) {
        values.push(("cenote_requests_total", format!("{{class=\"{class}\"}}"), get(count)));
    }
    for feed in app.shared.feeds.iter().flat_map(|feeds| feeds.health()) {
        let label = format!("{{feed=\"{}\"}}", feed.gives);
        if let Some(good_at) = feed.good_at {
            values.push(("cenote_feed_age_seconds", label.clone(), good_at.elapsed().as_secs_f64()));
        }
        values.push(("cenote_feed_failures", label, f64::from(feed.failures)));
    }
    answer::with(&app.shared, |replica, names| {
        values.push(("cenote_last_seq", String::new(), replica.seq as f64));
        for (id, market) in &replica.state.market {
            let label = format!("{{market=\"{}\"}}", names.market(*id));
            if let Some(tick) = &market.tick {
                let age = now.since(tick.published_at).get() as f64 / 1e3;
                values.push(("cenote_price_age_seconds", label.clone(), age));
                values.push(("cenote_index_price", label.clone(), cenote_engine::quote::price(tick.price)));
            }
            let live = replica.state.queue.get(id).map_or(0, |queue| queue.orders.len());
            values.push(("cenote_live_orders", label, live as f64));
        }
        for id in replica.state.pool.keys() {
            let label = format!("{{pool=\"{}\"}}", id.0);
            if let Some(point) = crate::core::facts::nav_point(&replica.state, PoolId(id.0), now) {
                values.push(("cenote_pool_equity", label.clone(), point.nav_low));
                values.push(("cenote_pool_utilisation", label, point.utilisation / 100.0));
            }
        }
    });
    let mut out = String::new();
    for (name, kind, help) in METRICS {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (_, label, value) in values.iter().filter(|(of, _, _)| of == name) {
            let _ = writeln!(out, "{name}{label} {value}");
        }
    }
    out
}
