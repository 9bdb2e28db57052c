//! One connection: requests in, answers and notifications out, never more waiting than one message.

use super::channel::Channel;
use crate::answer;
use crate::core::publish::Batch;
use crate::facade::rpc::{self, Failure, Login, Request};
use crate::http::App;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use cenote_api::ApiEvent;
use cenote_api::event::What;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::sync::broadcast::error::RecvError;

/// Channels of one connection.
const CHANNELS_MAX: usize = 500;
/// A client that does not take a message for so long is closed.
const PATIENCE: Duration = Duration::from_secs(5);
/// A connection that says nothing for so long is closed, unless it answers heartbeats.
const SILENCE: Duration = Duration::from_secs(300);
/// Events of the past that are fetched at once.
const PAST: usize = 500;
/// Close code of a client that cannot keep up with a channel that leaves nothing out.
const TOO_SLOW: u16 = 4008;

/// What a subscription remembers.
#[derive(Debug, Default)]
struct Kept {
    /// When it last spoke.
    spoke: Option<Instant>,
    /// There is something new.
    dirty: bool,
    /// What was last said, for those that speak of changes.
    last: Option<Arc<Value>>,
    /// The next sequence number, of events.
    next: u64,
}

/// A connection.
pub struct Session {
    app: App,
    peer: SocketAddr,
    login: Login,
    channels: BTreeMap<Channel, (String, Kept)>,
    heartbeat: Option<Duration>,
    heard: Instant,
    asked: Option<Instant>,
}

/// The connection is over, with a close frame to send if the client can still hear.
struct Over(Option<(u16, String)>);

impl Session {
    /// A connection of a client.
    #[must_use]
    pub fn new(app: App, peer: SocketAddr) -> Self {
        app.shared.metrics.sockets.fetch_add(1, Ordering::Relaxed);
        let (login, heard) = (Login::default(), Instant::now());
        Self { app, peer, login, channels: BTreeMap::new(), heartbeat: None, heard, asked: None }
    }

    /// Runs until either side ends it.
    pub async fn run(mut self, mut socket: WebSocket) {
        let mut stream = self.app.shared.stream.subscribe();
        let mut pulse = tokio::time::interval(Duration::from_millis(50));
        pulse.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let over = loop {
            let done = tokio::select! {
                message = socket.recv() => self.message(message, &mut socket).await,
                batch = stream.recv() => match batch {
                    Ok(batch) => self.batch(&batch, &mut socket).await,
                    Err(RecvError::Lagged(_)) => self.lagged(),
                    Err(RecvError::Closed) => Err(Over(Some((1001, "the node is shutting down".to_owned())))),
                },
                _ = pulse.tick() => self.pulse(&mut socket).await,
            };
            if let Err(over) = done {
                break over;
            }
        };
        if let Over(Some((code, reason))) = over {
            let frame = CloseFrame { code, reason: reason.into() };
            // Whoever is gone does not need to hear it.
            let _ = tokio::time::timeout(PATIENCE, socket.send(Message::Close(Some(frame)))).await;
        }
    }

    async fn send(&self, socket: &mut WebSocket, value: &Value) -> Result<(), Over> {
        self.send_text(socket, serde_json::to_string(value).unwrap_or_default().into()).await
    }

    async fn send_text(&self, socket: &mut WebSocket, text: Utf8Bytes) -> Result<(), Over> {
        match tokio::time::timeout(PATIENCE, socket.send(Message::Text(text))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Over(None)),
            Err(_) => {
                self.app.shared.metrics.slow_sockets.fetch_add(1, Ordering::Relaxed);
                Err(Over(Some((TOO_SLOW, "messages were not taken in time".to_owned()))))
            }
        }
    }

    async fn message(
        &mut self,
        message: Option<Result<Message, axum::Error>>,
        socket: &mut WebSocket,
    ) -> Result<(), Over> {
        self.heard = Instant::now();
        self.asked = None;
        let text = match message {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Binary(_))) => return Err(Over(Some((1003, "send text".to_owned())))),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Over(None)),
        };
        let begun = Instant::now();
        if let Err(wait) = self.app.limiter.take(self.peer.ip(), 1.0, begun) {
            let failure = Failure::rate_limited(wait);
            let id = serde_json::from_str::<Value>(&text).ok().and_then(|v| v.get("id").cloned());
            return self.send(socket, &rpc::failed(id, &failure, begun)).await;
        }
        let request: Request = match serde_json::from_str(&text) {
            Ok(request) => request,
            Err(error) => {
                let failure = Failure::invalid(&format!("this is no JSON-RPC request: {error}"));
                return self.send(socket, &rpc::failed(None, &failure, begun)).await;
            }
        };
        let method = request.method.as_str();
        let done = match method
            .strip_prefix("public/")
            .or_else(|| method.strip_prefix("private/"))
            .unwrap_or(method)
        {
            "subscribe" => self.subscribe(&request.params),
            "unsubscribe" => self.unsubscribe(&request.params),
            "unsubscribe_all" => {
                self.channels.clear();
                Ok(json!("ok"))
            }
            "set_heartbeat" => self.set_heartbeat(&request.params),
            "disable_heartbeat" => {
                self.heartbeat = None;
                Ok(json!("ok"))
            }
            _ => rpc::call(&self.app, &mut self.login, &request).await,
        };
        let answer = match done {
            Ok(result) => rpc::succeeded(request.id, result, begun),
            Err(failure) => rpc::failed(request.id, &failure, begun),
        };
        self.send(socket, &answer).await
    }

    fn names(params: &Value) -> Result<Vec<String>, Failure> {
        let list = params.get("channels").and_then(Value::as_array);
        let list = list.ok_or_else(|| Failure::invalid("channels must be a list of names"))?;
        list.iter()
            .map(|name| name.as_str().map(str::to_owned).ok_or_else(|| Failure::invalid("a channel is text")))
            .collect()
    }

    fn subscribe(&mut self, params: &Value) -> Result<Value, Failure> {
        let mut done = Vec::new();
        for name in Self::names(params)? {
            let channel = Channel::parse(&name).map_err(|why| Failure::invalid(&why))?;
            if let Channel::Deribit(topic) = &channel {
                topic.allowed(&self.login)?;
            }
            if self.channels.len() >= CHANNELS_MAX {
                return Err(Failure::invalid("at most 500 channels a connection; open another"));
            }
            let next =
                if let Channel::Events(from) = &channel { *from } else { self.app.shared.durable() + 1 };
            let kept = Kept { dirty: !channel.is_lossless(), next, ..Kept::default() };
            self.channels.insert(channel, (name.clone(), kept));
            done.push(name);
        }
        Ok(json!(done))
    }

    fn unsubscribe(&mut self, params: &Value) -> Result<Value, Failure> {
        let names = Self::names(params)?;
        self.channels.retain(|_, (name, _)| !names.contains(name));
        Ok(json!(names))
    }

    fn set_heartbeat(&mut self, params: &Value) -> Result<Value, Failure> {
        let seconds = params.get("interval").and_then(Value::as_f64).filter(|s| (10.0..=3_600.0).contains(s));
        let seconds = seconds.ok_or_else(|| Failure::invalid("interval must be 10 to 3600 seconds"))?;
        self.heartbeat = Some(Duration::from_secs_f64(seconds));
        Ok(json!("ok"))
    }

    /// A client with a channel that leaves nothing out has lost something: it is told where to go on.
    fn lagged(&mut self) -> Result<(), Over> {
        let lossless = self.channels.iter().filter(|(channel, _)| channel.is_lossless());
        match lossless.map(|(_, (_, kept))| kept.next).min() {
            Some(next) => {
                self.app.shared.metrics.slow_sockets.fetch_add(1, Ordering::Relaxed);
                Err(Over(Some((TOO_SLOW, format!("too slow: resume with events.{next}")))))
            }
            None => {
                self.channels.values_mut().for_each(|(_, kept)| kept.dirty = true);
                Ok(())
            }
        }
    }

    /// Something has become durable.
    async fn batch(&mut self, batch: &Batch, socket: &mut WebSocket) -> Result<(), Over> {
        if batch.reverted {
            self.channels.values_mut().for_each(|(_, kept)| kept.last = None);
        }
        let mut channels = std::mem::take(&mut self.channels);
        let mut done = Ok(());
        for (channel, (name, kept)) in &mut channels {
            if channel.is_lossless() {
                done = self.lossless(channel, name, kept, batch, socket).await;
            } else {
                kept.dirty = true;
                let now = Instant::now();
                if due(channel, kept, now) {
                    done = self.speak(channel, name, kept, now, socket).await;
                }
            }
            if done.is_err() {
                break;
            }
        }
        self.channels = channels;
        done
    }

    async fn lossless(
        &self,
        channel: &Channel,
        name: &str,
        kept: &mut Kept,
        batch: &Batch,
        socket: &mut WebSocket,
    ) -> Result<(), Over> {
        let first = batch.steps.first().map_or(batch.seq + 1, |step| step.applied.seq);
        if matches!(channel, Channel::Events(_)) && kept.next < first {
            self.catch_up(name, kept, first, socket).await?;
        }
        if matches!(channel, Channel::Deribit(_)) {
            // Their rows are history's, which is a moment behind.
            self.app.shared.settled().await;
        }
        for step in batch.steps.iter().filter(|step| step.applied.seq >= kept.next) {
            if let Channel::Deribit(topic) = channel {
                for data in topic.of_step(&self.app, &self.login, step) {
                    self.notify(socket, name, step.applied.seq, data).await?;
                }
                continue;
            }
            for event in step.events.iter().filter(|event| wants(channel, event)) {
                self.notify(socket, name, event.seq, serde_json::to_value(event).unwrap_or_default()).await?;
            }
        }
        kept.next = batch.seq + 1;
        Ok(())
    }

    /// Events from before this connection listened, out of history.
    async fn catch_up(
        &self,
        name: &str,
        kept: &mut Kept,
        until: u64,
        socket: &mut WebSocket,
    ) -> Result<(), Over> {
        let mut tries = 0;
        while kept.next < until && tries < 100 {
            let page = answer::past::events(&self.app.shared, kept.next, PAST, None);
            let page = page.map_err(|error| Over(Some((1011, error.message))))?;
            for event in page.events.iter().filter(|event| event.seq < until) {
                self.notify(socket, name, event.seq, serde_json::to_value(event).unwrap_or_default()).await?;
            }
            if page.next_seq <= kept.next {
                // History is a moment behind what is durable.
                tries += 1;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            kept.next = page.next_seq.max(kept.next).min(until);
        }
        Ok(())
    }

    async fn notify(&self, socket: &mut WebSocket, channel: &str, seq: u64, data: Value) -> Result<(), Over> {
        self.send_text(socket, notification(channel, seq, data)).await
    }

    /// Conflated channels speak, silent clients are asked whether they are there.
    async fn pulse(&mut self, socket: &mut WebSocket) -> Result<(), Over> {
        let now = Instant::now();
        let mut channels = std::mem::take(&mut self.channels);
        let mut done = Ok(());
        for (channel, (name, kept)) in &mut channels {
            let due = due(channel, kept, now);
            if matches!(channel, Channel::Events(_))
                && kept.next <= self.app.shared.durable()
                && kept.spoke.is_none()
            {
                let until = self.app.shared.durable() + 1;
                kept.spoke = Some(now);
                done = self.catch_up(name, kept, until, socket).await;
            } else if kept.dirty && due {
                done = self.speak(channel, name, kept, now, socket).await;
            }
            if done.is_err() {
                break;
            }
        }
        self.channels = channels;
        done?;
        self.alive(now, socket).await
    }

    async fn speak(
        &self,
        channel: &Channel,
        name: &str,
        kept: &mut Kept,
        now: Instant,
        socket: &mut WebSocket,
    ) -> Result<(), Over> {
        (kept.dirty, kept.spoke) = (false, Some(spoken(kept.spoke, channel.every().gap(), now)));
        // What cannot be told now, like a chain without a price, is told once it can.
        let Some((seq, value)) = super::cache::view(&self.app, &self.login, channel) else { return Ok(()) };
        let write = || {
            let data = super::cache::changes(channel, kept.last.as_deref(), &value)?;
            Some(notification(name, seq, data))
        };
        let message = if channel.is_private() {
            write()
        } else {
            self.app.cache.message(name, kept.last.as_ref(), &value, write)
        };
        kept.last = Some(value);
        match message {
            Some(message) => self.send_text(socket, message).await,
            None => Ok(()),
        }
    }

    async fn alive(&mut self, now: Instant, socket: &mut WebSocket) -> Result<(), Over> {
        let silent = now.duration_since(self.heard);
        match self.heartbeat {
            Some(every) if silent >= every && self.asked.is_none() => {
                self.asked = Some(now);
                let params = json!({ "type": "test_request" });
                self.send(socket, &json!({ "jsonrpc": "2.0", "method": "heartbeat", "params": params })).await
            }
            Some(every) if self.asked.is_some_and(|asked| now.duration_since(asked) >= every) => {
                Err(Over(Some((1002, "a heartbeat was not answered".to_owned()))))
            }
            None if silent >= SILENCE && self.asked.is_none() => {
                self.asked = Some(now);
                socket.send(Message::Ping(Vec::new().into())).await.map_err(|_| Over(None))
            }
            None if self.asked.is_some_and(|asked| now.duration_since(asked) >= SILENCE) => {
                Err(Over(Some((1001, "silent".to_owned()))))
            }
            _ => Ok(()),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.app.shared.metrics.sockets.fetch_sub(1, Ordering::Relaxed);
    }
}

fn notification(channel: &str, seq: u64, data: Value) -> Utf8Bytes {
    let params = json!({ "channel": channel, "as_of_seq": seq, "data": data });
    json!({ "jsonrpc": "2.0", "method": "subscription", "params": params }).to_string().into()
}

/// It has been silent for as long as it must.
fn due(channel: &Channel, kept: &Kept, now: Instant) -> bool {
    kept.spoke.is_none_or(|spoke| now.duration_since(spoke) >= channel.every().gap())
}

/// When it is taken to have spoken that speaks now: where it was kept waiting it may speak as much earlier the next time, so that a listener who came
/// between two pieces of news does not hear all that follow late.
fn spoken(before: Option<Instant>, gap: Duration, now: Instant) -> Instant {
    let earliest = now.checked_sub(gap).unwrap_or(now);
    before.map_or(now, |before| (before + gap).clamp(earliest, now))
}

fn wants(channel: &Channel, event: &ApiEvent) -> bool {
    match channel {
        Channel::Events(_) => true,
        Channel::User(account) => {
            event.what.accounts().contains(account) || matches!(event.what, What::Reverted { .. })
        }
        Channel::Trades(market) => {
            matches!(&event.what, What::OrderFilled { market: of, .. } if of == market)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::spoken;
    use std::time::{Duration, Instant};

    /// News every 100 ms, a look every 50 ms, and a first word at any time between: soon all is heard when it comes, and never oftener than the gap.
    #[test]
    fn whoever_came_between_two_pieces_of_news_is_soon_on_time() {
        let (gap, start) = (Duration::from_millis(75), Instant::now());
        for first in (0..100).step_by(7) {
            let (mut spoke, mut dirty, mut said) =
                (Some(start + Duration::from_millis(first)), false, Vec::new());
            for ms in first + 1..3_000 {
                let now = start + Duration::from_millis(ms);
                dirty |= ms % 100 == 0;
                let looks = ms % 100 == 0 || (ms - first) % 50 == 0;
                if dirty && looks && spoke.is_none_or(|spoke| now.duration_since(spoke) >= gap) {
                    (dirty, spoke) = (false, Some(spoken(spoke, gap, now)));
                    said.push(ms);
                }
            }
            assert!(said.iter().filter(|ms| **ms > 1_000).all(|ms| ms % 100 == 0), "{first}: {said:?}");
            assert!(said.len() <= 3_000 / 75 + 1, "{first}: {}", said.len());
            assert!(said.len() >= 28, "{first}: {}", said.len());
        }
    }
}
