//! Who may ask how much, and what every answer says about itself.

use super::{App, Refused};
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cenote_api::ApiError;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Requests a second of one address, and how many at once; none a second means no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Refill.
    pub per_second: u32,
    /// Room.
    pub burst: u32,
}

/// Addresses that are remembered; when there are more, those with full buckets go.
const ADDRESSES_MAX: usize = 10_000;

/// A token bucket an address.
#[derive(Debug)]
pub struct Limiter {
    rate: Rate,
    buckets: Mutex<BTreeMap<IpAddr, (f64, Instant)>>,
}

impl Limiter {
    /// A limiter.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self { rate, buckets: Mutex::new(BTreeMap::new()) }
    }

    /// The limit.
    #[must_use]
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// Takes `tokens` for an address at a moment.
    ///
    /// # Errors
    /// Milliseconds until there are enough.
    pub fn take(&self, who: IpAddr, tokens: f64, now: Instant) -> Result<u32, u64> {
        let Rate { per_second, burst } = self.rate;
        if per_second == 0 {
            return Ok(burst);
        }
        let (refill, room) = (f64::from(per_second), f64::from(burst.max(1)));
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let grown = |(level, at): (f64, Instant)| {
            (level + now.saturating_duration_since(at).as_secs_f64() * refill).min(room)
        };
        if buckets.len() >= ADDRESSES_MAX && !buckets.contains_key(&who) {
            buckets.retain(|_, bucket| grown(*bucket) < room);
        }
        let level = buckets.get(&who).map_or(room, |bucket| grown(*bucket));
        // What costs more than the whole room passes when the bucket is as full as one request leaves it, and is paid off afterwards.
        let needed = if tokens > 1.0 { tokens.min(room - 1.0) } else { tokens };
        if level < needed {
            buckets.insert(who, (level, now));
            return Err(((needed - level) / refill * 1_000.0).ceil() as u64);
        }
        let left = level - tokens;
        buckets.insert(who, (left, now));
        Ok(left.max(0.0) as u32)
    }
}

/// Who asks, by address.
#[derive(Debug, Clone, Copy)]
pub struct Asker(pub IpAddr);

impl Asker {
    fn of(extensions: &Extensions) -> Self {
        let known = extensions.get::<ConnectInfo<SocketAddr>>();
        Self(known.map_or(IpAddr::from([127, 0, 0, 1]), |info| info.0.ip()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}

impl App {
    /// Takes tokens for an address.
    ///
    /// # Errors
    /// `rate_limited`, with how long to wait.
    pub fn spend(&self, who: Asker, tokens: f64) -> Result<u32, ApiError> {
        self.limiter.take(who.0, tokens, Instant::now()).map_err(|wait| {
            self.shared.metrics.limited.fetch_add(1, Ordering::Relaxed);
            let rate = self.limiter.rate();
            let said =
                format!("more than {} requests a second from one address; wait {wait} ms", rate.per_second);
            ApiError::new("rate_limited", said).with("retry_after_ms", wait)
        })
    }
}

/// Answers 429 to an address that asks too much.
pub async fn limit(State(app): State<App>, request: Request, next: Next) -> Response {
    match app.spend(Asker::of(request.extensions()), 1.0) {
        Ok(left) => {
            let mut response = next.run(request).await;
            // One that costs more than others has said what it leaves.
            response.headers_mut().entry(REMAINING).or_insert(HeaderValue::from(left));
            response
        }
        Err(error) => Refused(error).into_response(),
    }
}

/// The header that says how many requests an address may make at once.
pub const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");

/// What the page may load: itself, and sockets to where it came from.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self'; connect-src 'self' ws: wss:; \
     frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'";

/// Headers of every answer: what pages may do with it, and who may read it from elsewhere.
pub async fn headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let allowed = origin.as_ref().and_then(|o| o.to_str().ok()).is_some_and(|origin| listed(&app, origin));
    if let Err(refused) = welcome(&app, &request, allowed) {
        return refused.into_response();
    }
    if let Err(refused) = bounded(&request) {
        let mut response = refused.into_response();
        // What would still come is not read.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        return response;
    }
    if request.method() == Method::OPTIONS {
        let mut response = StatusCode::NO_CONTENT.into_response();
        if allowed {
            cross(&mut response, origin);
        }
        return response;
    }
    let mut response = next.run(request).await;
    let class = match response.status().as_u16() {
        0..=399 => 0,
        400..=499 => 1,
        _ => 2,
    };
    app.shared.metrics.requests[class].fetch_add(1, Ordering::Relaxed);
    if allowed {
        cross(&mut response, origin);
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    response
}

fn listed(app: &App, origin: &str) -> bool {
    app.origins.iter().any(|known| known == origin || known == "*")
}

/// A page from elsewhere could use a dev node through its reader's browser, by asking across origins, by opening a socket, or under a name of its own
/// that it points at this machine. So a browser is heard as the node's own page, by address or as localhost, or as a page of a listed origin.
fn welcome(app: &App, request: &Request, allowed: bool) -> Result<(), Refused> {
    let host = request.headers().get(header::HOST).map(|host| host.to_str().unwrap_or_default());
    let named =
        |host: &str| listed(app, &format!("http://{host}")) || listed(app, &format!("https://{host}"));
    if let Some(host) = host.filter(|host| !is_local_name(host) && !named(host)) {
        let said = format!(
            "this node is not known as {host}; use its address, or start it with --allow-origin http://{host}"
        );
        return Err(Refused(ApiError::new("forbidden", said)));
    }
    let Some(origin) = request.headers().get(header::ORIGIN).filter(|_| !allowed) else { return Ok(()) };
    let own =
        origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, authority)| authority);
    let reads = matches!(*request.method(), Method::GET | Method::OPTIONS)
        && !request.headers().contains_key(header::UPGRADE);
    if reads || (own.is_some() && own == host) {
        return Ok(());
    }
    let said = "this origin may not send requests; start the node with --allow-origin and its name";
    Err(Refused(ApiError::new("forbidden", said)))
}

/// An address, or this machine's own name, with or without a port: nobody else can point it here.
fn is_local_name(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    };
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok()
}

fn bounded(request: &Request) -> Result<(), Refused> {
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    match length.filter(|length| *length > super::BODY_MAX as u64) {
        None => Ok(()),
        Some(_) => {
            let said = format!("the body is larger than {} bytes; send less at once", super::BODY_MAX);
            Err(Refused(ApiError::new("too_large", said).with("limit", super::BODY_MAX)))
        }
    }
}

fn cross(response: &mut Response, origin: Option<HeaderValue>) {
    let headers = response.headers_mut();
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, OPTIONS"));
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("content-type, authorization"),
    );
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("x-as-of-seq, ratelimit-remaining"),
    );
    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
}

#[cfg(test)]
mod tests {
    use super::{Limiter, Rate, is_local_name};
    use std::net::IpAddr;
    use std::time::{Duration, Instant};

    #[test]
    fn only_addresses_and_localhost_are_ones_own() {
        for own in
            ["127.0.0.1", "127.0.0.1:8980", "localhost:1", "LOCALHOST", "[::1]:8980", "::1", "192.168.0.7:80"]
        {
            assert!(is_local_name(own), "{own}");
        }
        for other in [
            "",
            "evil.example",
            "evil.example:8980",
            "localhost.evil.example",
            "127.0.0.1.evil.example:80",
            "127.0.0.1@evil.example",
        ] {
            assert!(!is_local_name(other), "{other}");
        }
    }

    #[test]
    fn a_bucket_empties_and_fills_by_address() {
        let limiter = Limiter::new(Rate { per_second: 10, burst: 3 });
        let (a, b, start) = (IpAddr::from([1, 1, 1, 1]), IpAddr::from([2, 2, 2, 2]), Instant::now());
        let at = |ms| start + Duration::from_millis(ms);
        assert_eq!([1, 2, 3].map(|_| limiter.take(a, 1.0, at(0)).is_ok()), [true; 3]);
        assert_eq!(limiter.take(a, 1.0, at(0)), Err(100));
        assert_eq!(limiter.take(b, 1.0, at(0)), Ok(2), "others are not touched");
        assert_eq!(limiter.take(a, 1.0, at(50)), Err(50));
        assert!(limiter.take(a, 1.0, at(100)).is_ok());
        assert_eq!(limiter.take(a, 1.0, at(99_999)), Ok(2), "never more than its room");
    }

    /// A batch of a hundred beside single requests: it is let in when there is as much room as there ever is, and all of it is paid for.
    #[test]
    fn what_is_larger_than_the_room_is_paid_off() {
        let limiter = Limiter::new(Rate { per_second: 10, burst: 3 });
        let (a, start) = (IpAddr::from([1, 1, 1, 1]), Instant::now());
        let at = |ms| start + Duration::from_millis(ms);
        // The request itself, and then what is in it.
        assert_eq!(limiter.take(a, 1.0, at(0)), Ok(2));
        assert_eq!(limiter.take(a, 99.0, at(0)), Ok(0));
        assert_eq!(limiter.take(a, 1.0, at(0)), Err(9_800), "97 tokens are owed, and one is needed");
        assert!(limiter.take(a, 1.0, at(9_700)).is_err());
        assert_eq!(limiter.take(a, 1.0, at(9_800)), Ok(0));
        let one = Limiter::new(Rate { per_second: 10, burst: 1 });
        assert_eq!([1.0, 99.0, 1.0].map(|tokens| one.take(a, tokens, at(0))), [Ok(0), Ok(0), Err(10_000)]);
    }

    #[test]
    fn a_flood_of_addresses_is_forgotten() {
        let limiter = Limiter::new(Rate { per_second: 1_000, burst: 1 });
        let start = Instant::now();
        for n in 0..30_000u32 {
            let at = start + Duration::from_millis(u64::from(n));
            assert!(limiter.take(IpAddr::from(n.to_be_bytes()), 1.0, at).is_ok());
        }
        assert!(limiter.buckets.lock().unwrap().len() <= super::ADDRESSES_MAX);
    }
}
