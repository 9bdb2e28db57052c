//! Views that many streams want, made once a price.

use super::channel::Channel;
use crate::answer;
use crate::facade::rpc::Login;
use crate::http::App;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Made values by name, with the sequence number that they know of. Old ones go when a newer one is made.
#[derive(Debug, Default)]
pub struct Cache {
    made: Mutex<BTreeMap<String, (u64, Arc<Value>)>>,
}

/// Names that are remembered.
const NAMES_MAX: usize = 4_096;

impl Cache {
    /// The value of a name at a sequence number, made if nobody has yet.
    ///
    /// # Errors
    /// Whatever making it refuses; nothing is remembered then.
    pub fn get<E>(
        &self,
        name: &str,
        seq: u64,
        make: impl FnOnce() -> Result<Value, E>,
    ) -> Result<Arc<Value>, E> {
        let lock = || self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, value)) = lock().get(name).filter(|(at, _)| *at >= seq) {
            return Ok(Arc::clone(value));
        }
        // Made outside of the lock: two may make the same, nobody waits for a slow one.
        let value = Arc::new(make()?);
        let mut made = lock();
        if made.len() >= NAMES_MAX && !made.contains_key(name) {
            made.clear();
        }
        made.insert(name.to_owned(), (seq, Arc::clone(&value)));
        Ok(value)
    }
}

/// What a conflated channel says now, with the last command that it knows of; nothing when it cannot be told yet.
pub(super) fn view(app: &App, login: &Login, channel: &Channel) -> Option<(u64, Arc<Value>)> {
    let shared = &app.shared;
    let seq = shared.durable();
    let value = |value: Result<Value, serde_json::Error>| {
        value.map_err(|e| cenote_api::ApiError::bad_request(e.to_string()))
    };
    let made = match channel {
        Channel::Status => {
            Ok(Arc::new(serde_json::to_value(answer::status::status(shared, app.limits())).ok()?))
        }
        Channel::Chain(market, expiry, _) => app.cache.get(&format!("chain.{market}.{expiry}"), seq, || {
            let chain = answer::chain::chain(shared, Some(market), Some(expiry), cenote_units::Size::ONE)?;
            value(serde_json::to_value(chain))
        }),
        Channel::Pool(id, _) => app.cache.get(&format!("pool.{id}"), seq, || {
            value(serde_json::to_value(answer::pool::pool(shared, *id)?))
        }),
        Channel::Nav(id) => app.cache.get(&format!("nav.{id}"), seq, || {
            let now = shared.now();
            let point = shared.replicas.read(|replica| {
                crate::core::facts::nav_point(&replica.state, cenote_engine::ids::PoolId(*id), now)
            });
            let point =
                point.ok_or_else(|| cenote_api::ApiError::not_found(format!("there is no pool {id}")))?;
            value(serde_json::to_value(point))
        }),
        Channel::Risk(id) => app.cache.get(&format!("risk.{id}"), seq, || {
            value(serde_json::to_value(answer::risk::risk(shared, *id)?))
        }),
        Channel::Surface(market) => app.cache.get(&format!("surface.{market}"), seq, || {
            value(serde_json::to_value(answer::market::surface(shared, Some(market))?))
        }),
        Channel::Deribit(topic) => return topic.view(app, login),
        Channel::Events(_) | Channel::User(_) | Channel::Trades(_) => return None,
    };
    made.ok().map(|value| (value.get("as_of_seq").and_then(Value::as_u64).unwrap_or(seq), value))
}

/// What to send of a new value: chains only where they have changed, everything else whole.
pub(super) fn changes(channel: &Channel, last: Option<&Value>, now: &Value) -> Option<Value> {
    match channel {
        Channel::Chain(..) => chain_changes(last, now),
        Channel::Deribit(topic) => topic.changes(last, now),
        _ => Some(now.clone()),
    }
}

fn chain_changes(last: Option<&Value>, now: &Value) -> Option<Value> {
    let expiry = now.get("expiries")?.get(0)?;
    let strikes = expiry.get("strikes")?.as_array()?;
    let before = last.and_then(|last| last.get("expiries")?.get(0)?.get("strikes")?.as_array());
    let same_list = before.is_some_and(|before| {
        before.len() == strikes.len()
            && before.iter().zip(strikes).all(|(a, b)| a.get("strike") == b.get("strike"))
    });
    let mut data = expiry.clone();
    if let (true, Some(before)) = (same_list, before) {
        let changed: Vec<Value> = strikes
            .iter()
            .zip(before)
            .filter(|(now, before)| now != before)
            .map(|(now, _)| now.clone())
            .collect();
        if changed.is_empty() {
            return None;
        }
        data["strikes"] = json!(changed);
    }
    data["snapshot"] = json!(!same_list);
    for field in ["market", "index_price", "tick", "published_at"] {
        data[field] = now.get(field).cloned().unwrap_or_default();
    }
    Some(data)
}
