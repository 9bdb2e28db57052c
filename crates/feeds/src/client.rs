//! Questions over HTTP with bounds on time and length.

use crate::FeedError;
use std::net::IpAddr;
use std::time::Duration;
use ureq::http::{HeaderMap, Uri};
use ureq::{Agent, Body, Error, Proxy};

/// Most bytes of an error's text that are read, and letters of it that are shown.
const SAYS_BYTES: usize = 4096;
const SAYS_LETTERS: usize = 200;

/// Which servers may be asked in clear text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Any: the answer carries its own proof.
    Proved,
    /// Those of this machine alone: whoever sits on the line could write the prices.
    ByConnection,
}

/// One server, asked one question at a time.
#[derive(Debug)]
pub(crate) struct Client {
    agent: Agent,
    base: String,
    timeout: Duration,
}

impl Client {
    /// Nothing is sent before the first question.
    pub(crate) fn new(base: &str, timeout: Duration, trust: Trust) -> Result<Self, FeedError> {
        let refuse = |rule| Err(FeedError::BaseAddress { base: base.to_owned(), rule });
        let Ok(uri) = base.parse::<Uri>() else {
            return refuse("an address such as https://example.org");
        };
        let secure = uri.scheme_str() == Some("https");
        let near = is_loopback(uri.host().unwrap_or(""));
        if !secure && uri.scheme_str() != Some("http") {
            return refuse("an https:// or http:// address");
        }
        if uri.query().is_some() {
            return refuse("without a question mark");
        }
        if trust == Trust::ByConnection && !secure && !near {
            return refuse(
                "an https:// address: nothing else proves these prices (http:// is for this machine)",
            );
        }
        if timeout.is_zero() || timeout > Duration::from_secs(120) {
            let (field, rule) = ("timeout", "more than zero, at most 120 s");
            return Err(FeedError::Option { field, rule, found: format!("{timeout:?}") });
        }
        // A redirect would be a way around the rule on clear text.
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(timeout))
            // What is on this machine is not asked through another.
            .proxy(if near { None } else { Proxy::try_from_env() })
            .user_agent(concat!("cenote/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self { agent: config.into(), base: base.trim_end_matches('/').to_owned(), timeout })
    }

    /// The body of the answer to `GET {base}{path}`, of at most `body_max` bytes, and the address that was asked.
    pub(crate) fn get(&self, path: &str, body_max: usize) -> Result<Answer, FeedError> {
        let url = format!("{}{path}", self.base);
        let mut response = self.agent.get(&url).call().map_err(|error| self.failed(&url, body_max, error))?;
        let status = response.status().as_u16();
        if status == 200 {
            let body = self.read(&url, response.body_mut(), body_max)?;
            return Ok(Answer { url, body });
        }
        let retry_after_s = retry_after(response.headers());
        if status == 429 {
            return Err(FeedError::RateLimited { url, retry_after_s });
        }
        // An error without a text that can be read is an error all the same.
        let says = self.read(&url, response.body_mut(), SAYS_BYTES).unwrap_or_default();
        Err(FeedError::Status { url, status, retry_after_s, says: excerpt(&says) })
    }

    fn read(&self, url: &str, body: &mut Body, body_max: usize) -> Result<Vec<u8>, FeedError> {
        let reader = body.with_config().limit(u64::try_from(body_max).unwrap_or(u64::MAX));
        reader.read_to_vec().map_err(|error| self.failed(url, body_max, error))
    }

    fn failed(&self, url: &str, limit: usize, error: Error) -> FeedError {
        let url = url.to_owned();
        match error {
            Error::Timeout(_) => FeedError::TimedOut { url, limit_ms: self.timeout.as_millis() },
            Error::BodyExceedsLimit(_) => FeedError::TooLarge { url, limit },
            error => FeedError::Unreachable { url, reason: excerpt(error.to_string().as_bytes()) },
        }
    }
}

/// A whole answer.
pub(crate) struct Answer {
    pub url: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json<'a, T: serde::Deserialize<'a>>(&'a self) -> Result<T, FeedError> {
        // The error may quote the answer.
        let refused = |error: serde_json::Error| excerpt(error.to_string().as_bytes());
        serde_json::from_slice(&self.body)
            .map_err(|error| FeedError::Answer { url: self.url.clone(), detail: refused(error) })
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Whole seconds; a date is not read, the wait is then that of any failure.
fn retry_after(headers: &HeaderMap) -> Option<u64> {
    headers.get("retry-after")?.to_str().ok()?.trim().parse().ok()
}

/// The first letters, fit to be shown: whatever moves a cursor is left out.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().filter(|letter| !letter.is_control()).take(SAYS_LETTERS).collect()
}
