//! Views that many streams want, made once a price, and the messages that tell of them, written once for all who knew the same before.

use super::channel::Channel;
use crate::answer;
use crate::facade::rpc::Login;
use crate::http::App;
use axum::extract::ws::Utf8Bytes;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Names that are remembered.
const NAMES_MAX: usize = 4_096;
/// Messages of one channel that are remembered: listeners that came at another time, or were late, knew something else.
const MESSAGES_MAX: usize = 4;

/// Made values by name, with the sequence number that they know of. Old ones go when a newer one is made.
#[derive(Debug, Default)]
pub struct Cache {
    made: Mutex<BTreeMap<String, (u64, Arc<Value>)>>,
    told: Mutex<BTreeMap<String, VecDeque<Told>>>,
}

/// What is said to whoever knew one value when there is another; nothing when they say the same.
#[derive(Debug)]
struct Told {
    before: Option<Arc<Value>>,
    now: Arc<Value>,
    message: Option<Utf8Bytes>,
}

impl Told {
    /// The same two values, not only equal ones: comparing them would cost what is to be saved.
    fn is_of(&self, before: Option<&Arc<Value>>, now: &Arc<Value>) -> bool {
        let same_before = match (&self.before, before) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        same_before && Arc::ptr_eq(&self.now, now)
    }
}

/// The map, emptied when it is full of other names.
fn roomy<'a, T>(map: &'a Mutex<BTreeMap<String, T>>, name: &str) -> MutexGuard<'a, BTreeMap<String, T>> {
    let mut map = map.lock().unwrap_or_else(PoisonError::into_inner);
    if map.len() >= NAMES_MAX && !map.contains_key(name) {
        map.clear();
    }
    map
}

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
        let known = |made: &BTreeMap<String, (u64, Arc<Value>)>| {
            made.get(name).filter(|(at, _)| *at >= seq).map(|(_, value)| Arc::clone(value))
        };
        if let Some(value) = known(&roomy(&self.made, name)) {
            return Ok(value);
        }
        // Made outside of the lock: two may make the same, nobody waits for a slow one.
        let value = Arc::new(make()?);
        let mut made = roomy(&self.made, name);
        if let Some(value) = known(&made) {
            return Ok(value);
        }
        made.insert(name.to_owned(), (seq, Arc::clone(&value)));
        Ok(value)
    }

    /// The message of a channel to whoever knew `before`, written if nobody has yet.
    pub(super) fn message(
        &self,
        name: &str,
        before: Option<&Arc<Value>>,
        now: &Arc<Value>,
        write: impl FnOnce() -> Option<Utf8Bytes>,
    ) -> Option<Utf8Bytes> {
        // Written under the lock: those who want the same at the same moment are many.
        let mut told = roomy(&self.told, name);
        let of_name = told.entry(name.to_owned()).or_default();
        if let Some(known) = of_name.iter().find(|known| known.is_of(before, now)) {
            return known.message.clone();
        }
        let message = write();
        of_name.truncate(MESSAGES_MAX - 1);
        of_name.push_front(Told { before: before.cloned(), now: Arc::clone(now), message: message.clone() });
        message
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

#[cfg(test)]
mod tests {
    use super::Cache;
    use serde_json::{Value, json};
    use std::sync::Arc;

    /// Each pair of values has its own message, written once.
    #[test]
    fn a_message_is_written_once_for_all_who_knew_the_same() {
        let cache = Cache::default();
        let values: Vec<Arc<Value>> = (0..3).map(|n| Arc::new(json!(n % 2))).collect();
        let mut written = 0;
        let mut ask = |before: Option<usize>, now: usize| {
            let before = before.map(|at| &values[at]);
            let text = cache.message("chain", before, &values[now], || {
                written += 1;
                (before != Some(&values[now])).then(|| format!("{before:?} {now}").into())
            });
            (text.map(|text| text.to_string()), written)
        };
        let whole = ask(None, 1);
        assert_eq!(ask(None, 1), whole);
        assert_eq!(ask(Some(0), 1).1, 2);
        assert_eq!(ask(Some(0), 1).1, 2);
        // Equal, but another value: what was remembered is not taken for it.
        assert_eq!(ask(Some(2), 1).1, 3);
        assert_eq!(ask(Some(0), 2), (None, 4), "nothing to say is remembered too");
        assert_eq!(ask(Some(0), 2), (None, 4));
        assert_eq!(ask(None, 1), (whole.0, 4), "still there");
        assert_eq!(ask(None, 2).1, 5);
    }
}
