//! The node's API, call by call.

use crate::exit::Failure;
use cenote_api::error::ErrorBody;
use cenote_api::view::{
    Account, Chain, ClosedPage, CommandsAnswer, DevAccount, EventPage, Explanation, FillPage, FundRequest,
    MarketParameters, Order, OrderPage, Pool, QuoteAnswer, QuoteRequest, RegisterKey, SimulateAnswer,
    SimulateRequest, Status, WhatIfAnswer, WhatIfRequest,
};
use cenote_api::{Address, Contracts, Signed};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::Read;
use std::time::Duration;
use ureq::Agent;
use ureq::http::Response;

/// The largest answer that is read into memory.
const ANSWER_MAX: u64 = 64 * 1024 * 1024;
/// Time for a connection, for an answer, and for those that carry a market through months.
const CONNECT: Duration = Duration::from_secs(3);
const ANSWER: Duration = Duration::from_secs(30);
const LONG: Duration = Duration::from_secs(600);

/// A node.
pub struct Client {
    agent: Agent,
    base: String,
}

/// A page of the past: older than `before`, at most `limit`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Page {
    /// Sequence number that the first row must be below.
    pub before: Option<u64>,
    /// Rows.
    pub limit: u32,
}

/// Accounts of dev mode.
#[derive(Serialize, Deserialize)]
pub struct DevAccounts {
    /// All of them.
    pub accounts: Vec<DevAccount>,
}

/// Named snapshots of dev mode.
#[derive(Serialize, Deserialize)]
pub struct Snapshots {
    /// All of them.
    pub snapshots: Vec<SnapshotRow>,
}

/// A named snapshot.
#[derive(Serialize, Deserialize)]
pub struct SnapshotRow {
    /// Its name.
    pub name: String,
    /// The last command that it knows of.
    pub seq: u64,
}

impl Client {
    /// A node by its address; nothing is asked yet.
    pub fn new(node: &str) -> Result<Self, Failure> {
        let node = node.trim();
        let (scheme, host) = node.split_once("://").unwrap_or(("http", node));
        let host = host.trim_end_matches('/');
        let base = format!("{scheme}://{host}");
        if !["http", "https"].contains(&scheme) || host.is_empty() {
            let said = format!("`{node}` is not a node's address; write http://127.0.0.1:8980");
            return Err(Failure::Usage(said));
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(ANSWER))
            .user_agent(concat!("cenote/", env!("CARGO_PKG_VERSION")));
        // A proxy would look for this machine's node on its own.
        let here = ["127.", "localhost", "[::1]"].iter().any(|name| host.starts_with(name));
        let config = if here { config.proxy(None) } else { config };
        Ok(Self { agent: config.build().new_agent(), base })
    }

    /// Where it is.
    pub fn address(&self) -> &str {
        &self.base
    }

    fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, Option<String>)]) -> Result<T, Failure> {
        self.read(self.fetch(path, query, ANSWER)?)
    }

    fn fetch(
        &self,
        path: &str,
        query: &[(&str, Option<String>)],
        patience: Duration,
    ) -> Result<Response<ureq::Body>, Failure> {
        let asked = query.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?)));
        let request = self.agent.get(format!("{}{path}", self.base)).query_pairs(asked);
        let sent = request.config().timeout_global(Some(patience)).build().call();
        sent.map_err(|error| self.unreachable(&error))
    }

    fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Failure> {
        self.post_for(path, body, ANSWER)
    }

    fn post_for<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        patience: Duration,
    ) -> Result<T, Failure> {
        let text =
            serde_json::to_string(body).map_err(|e| Failure::Failed(format!("cannot be sent: {e}")))?;
        self.read(self.send(path, &text, patience).map_err(|error| self.unreachable(&error))?)
    }

    fn send(&self, path: &str, body: &str, patience: Duration) -> Result<Response<ureq::Body>, ureq::Error> {
        let request = self.agent.post(format!("{}{path}", self.base)).content_type("application/json");
        request.config().timeout_global(Some(patience)).build().send(body)
    }

    fn read<T: DeserializeOwned>(&self, mut response: Response<ureq::Body>) -> Result<T, Failure> {
        let status = response.status().as_u16();
        let text = response.body_mut().with_config().limit(ANSWER_MAX).read_to_string();
        let text = text.map_err(|error| self.unreachable(&error))?;
        if status >= 400 {
            return Err(self.refusal(status, &text));
        }
        serde_json::from_str(&text).map_err(|error| {
            Failure::Failed(format!(
                "{} answers something else than this program expects ({error}); `cenote doctor` compares versions",
                self.base
            ))
        })
    }

    fn refusal(&self, status: u16, text: &str) -> Failure {
        match serde_json::from_str::<ErrorBody>(text) {
            Ok(body) => body.error.into(),
            Err(_) => Failure::Failed(format!(
                "{} answers with status {status} and no reason; check that a cenote listens there",
                self.base
            )),
        }
    }

    fn unreachable(&self, error: &ureq::Error) -> Failure {
        let said = match error {
            ureq::Error::Timeout(_) => "no answer in time".to_owned(),
            ureq::Error::Io(error) => error.to_string(),
            other => other.to_string(),
        };
        Failure::Unreachable(format!(
            "no node at {}: {said}; start one with `cenote up`, or name another with --node URL",
            self.base
        ))
    }
}

/// Questions.
impl Client {
    /// How the venue is.
    pub fn status(&self) -> Result<Status, Failure> {
        self.get("/v1/status", &[])
    }

    /// The chain of a market, or one expiry of it, priced at a size.
    pub fn chain(
        &self,
        market: Option<&str>,
        expiry: Option<&str>,
        size: Contracts,
    ) -> Result<Chain, Failure> {
        let text = |value: Option<&str>| value.map(str::to_owned);
        let query = [("market", text(market)), ("expiry", text(expiry)), ("size", Some(size.to_string()))];
        self.get("/v1/chain", &query)
    }

    /// What a trade would cost now.
    pub fn quote(&self, request: &QuoteRequest) -> Result<QuoteAnswer, Failure> {
        self.post("/v1/quote", request)
    }

    /// What positions would be worth in other circumstances.
    pub fn whatif(&self, request: &WhatIfRequest) -> Result<WhatIfAnswer, Failure> {
        self.post("/v1/whatif", request)
    }

    /// Everything about an account.
    pub fn account(&self, account: Address) -> Result<Account, Failure> {
        self.get(&format!("/v1/accounts/{account}"), &[])
    }

    /// Orders of an account, newest first.
    pub fn orders(&self, account: Address, page: Page) -> Result<OrderPage, Failure> {
        self.get(&format!("/v1/accounts/{account}/orders"), &page.query())
    }

    /// Fills of an account, newest first.
    pub fn fills(&self, account: Address, page: Page) -> Result<FillPage, Failure> {
        self.get(&format!("/v1/accounts/{account}/fills"), &page.query())
    }

    /// Closed positions of an account, newest first.
    pub fn closed(&self, account: Address, page: Page) -> Result<ClosedPage, Failure> {
        self.get(&format!("/v1/accounts/{account}/closed"), &page.query())
    }

    /// One order, in any state.
    pub fn order(&self, number: u64) -> Result<Order, Failure> {
        self.get(&format!("/v1/orders/{number}"), &[])
    }

    /// A pool.
    pub fn pool(&self, pool: u16) -> Result<Pool, Failure> {
        self.get(&format!("/v1/pools/{pool}"), &[])
    }

    /// A market's parameters.
    pub fn market(&self, market: &str) -> Result<MarketParameters, Failure> {
        self.get(&format!("/v1/markets/{}", encoded(market)), &[])
    }

    /// Events from a sequence number on, of one kind or all.
    pub fn events(&self, from: u64, limit: u32, kind: Option<&str>) -> Result<EventPage, Failure> {
        let kind = kind.map(str::to_owned);
        let query =
            [("from_seq", Some(from.to_string())), ("limit", Some(limit.to_string())), ("type", kind)];
        self.get("/v1/events", &query)
    }

    /// An account's events from a sequence number on.
    pub fn account_events(&self, account: Address, from: u64, limit: u32) -> Result<EventPage, Failure> {
        let query = [("from_seq", Some(from.to_string())), ("limit", Some(limit.to_string()))];
        self.get(&format!("/v1/accounts/{account}/events"), &query)
    }

    /// Why a command did what it did.
    pub fn explain(&self, seq: u64) -> Result<Explanation, Failure> {
        self.get(&format!("/v1/explain/{seq}"), &[])
    }

    /// The bytes of an export, as they come.
    pub fn export(&self, what: &str, query: &[(&str, Option<String>)]) -> Result<impl Read + use<>, Failure> {
        let mut response = self.fetch(&format!("/v1/export/{what}"), query, LONG)?;
        let status = response.status().as_u16();
        if status >= 400 {
            let text = response.body_mut().with_config().limit(ANSWER_MAX).read_to_string();
            return Err(self.refusal(status, &text.unwrap_or_default()));
        }
        Ok(response.into_body().into_with_config().limit(u64::MAX).reader())
    }
}

/// Commands.
impl Client {
    /// Sends a signed payload. When the answer does not come the same bytes go again: a node gives the first result for them.
    pub fn commands(&self, signed: &Signed) -> Result<CommandsAnswer, Failure> {
        match self.post("/v1/commands", signed) {
            Err(Failure::Unreachable(_)) => self.post("/v1/commands", signed),
            other => other,
        }
    }

    /// What would become of commands.
    pub fn simulate(&self, request: &SimulateRequest) -> Result<SimulateAnswer, Failure> {
        self.post("/v1/commands/simulate", request)
    }

    /// Gives the node an API key.
    pub fn register(&self, key: &RegisterKey) -> Result<CommandsAnswer, Failure> {
        self.post("/v1/api-keys", key)
    }
}

/// Controls of dev mode.
impl Client {
    /// Named accounts.
    pub fn dev_accounts(&self) -> Result<DevAccounts, Failure> {
        self.get("/v1/dev/accounts", &[])
    }

    /// Money out of nowhere.
    pub fn fund(&self, request: &FundRequest) -> Result<CommandsAnswer, Failure> {
        self.post("/v1/dev/fund", request)
    }

    /// Named snapshots.
    pub fn snapshots(&self) -> Result<Snapshots, Failure> {
        self.get("/v1/dev/snapshots", &[])
    }

    /// One of `clock`, `price`, `vol`, `oracle`, `snapshot`, `revert`.
    pub fn dev(&self, what: &str, body: &serde_json::Value) -> Result<Status, Failure> {
        self.post_for(&format!("/v1/dev/{what}"), body, LONG)
    }
}

impl Page {
    fn query(self) -> [(&'static str, Option<String>); 2] {
        [("before", self.before.map(|seq| seq.to_string())), ("limit", Some(self.limit.to_string()))]
    }
}

/// A part of a path with everything but letters, digits, `-`, `_`, `.` and `~` escaped.
fn encoded(part: &str) -> String {
    use std::fmt::Write as _;
    part.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) => out.push(char::from(b)),
            b => {
                let _ = write!(out, "%{b:02X}");
            }
        }
        out
    })
}
