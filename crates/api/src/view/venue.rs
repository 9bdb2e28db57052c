//! The venue itself: status, accounts of dev mode, results of commands.

use crate::Address;
use crate::amount::{Money, Quote};
use crate::error::ApiError;
use crate::event::ApiEvent;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How the venue is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// Version of the software.
    pub version: String,
    /// What payloads must be signed for.
    pub venue_id: String,
    /// `dev` (generated or taped prices, dev controls) or `live`.
    pub mode: String,
    /// The market's time, ms.
    pub market_time_ms: u64,
    /// The machine's time, ms.
    pub wall_time_ms: u64,
    /// How market time runs.
    pub clock: Clock,
    /// One row a market.
    pub markets: Vec<MarketStatus>,
    /// The last command carried out.
    pub last_seq: u64,
    /// The last command on disk.
    pub durable_seq: u64,
    /// Running digest of every change, hex.
    pub digest: String,
    /// What is kept on disk, as of a few seconds ago.
    pub journal: JournalStatus,
    /// Sources of live prices; none when prices are made here.
    pub feeds: Vec<FeedStatus>,
    /// Bounds on what clients may send.
    pub limits: Limits,
}

/// What a node keeps on disk.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct JournalStatus {
    /// Its directory; told in dev mode alone.
    pub directory: Option<String>,
    /// Bytes of the log and its snapshots.
    pub bytes: u64,
    /// Files of the log.
    pub segments: u64,
    /// Snapshots.
    pub snapshots: u64,
    /// The journal's entry that the newest snapshot is of; a start carries out only what comes after it.
    pub snapshot_entry: Option<u64>,
    /// Wall time of the last write to the log or a snapshot, ms.
    pub written_at: Option<u64>,
}

/// A source of live prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeedStatus {
    /// What it gives: `index` or `surface`.
    pub gives: String,
    /// Whom it asks.
    pub from: String,
    /// Wall time since its last good answer, ms; `null` before the first.
    pub age_ms: Option<u64>,
    /// Failures since.
    pub failures: u32,
    /// Why the last question failed.
    pub trouble: Option<String>,
}

/// How market time runs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Clock {
    /// Market seconds a wall second.
    pub speed: f64,
    /// Market time stands still.
    pub paused: bool,
}

/// How a market is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MarketStatus {
    /// Its name, like `BTC_USDC`.
    pub market: String,
    /// The pool that backs it.
    pub pool: u16,
    /// The index price in force.
    pub index_price: Option<Quote>,
    /// The number of the tick in force.
    pub tick: u64,
    /// Market time since that tick, ms.
    pub price_age_ms: Option<u64>,
    /// Market time since the surface was made, ms.
    pub surface_age_ms: Option<u64>,
    /// Whether risk can be added, and if not, why.
    pub trading: Trading,
}

/// Whether risk can be added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Trading {
    /// Orders that add risk may fill.
    pub enabled: bool,
    /// Why not, in words.
    pub reason: Option<String>,
}

/// Bounds on what clients may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Limits {
    /// Largest body, bytes.
    pub body_bytes: u64,
    /// Commands of one payload.
    pub commands: u32,
    /// Requests a second of one address, and how many at once.
    pub requests_per_second: u32,
    /// Requests at once.
    pub burst: u32,
    /// Items of one page of a list.
    pub page: u32,
}

/// What became of one command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CommandResult {
    /// `done` or `refused`.
    pub status: String,
    /// Its sequence number, when it was carried out. That of an order's command is the order's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// What it did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<ApiEvent>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ApiError>,
}

/// What became of a payload. When every command was refused the HTTP status is that of the first refusal, and `error` repeats it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CommandsAnswer {
    /// One a command, in order.
    pub results: Vec<CommandResult>,
    /// The same bytes had been carried out before; these are the first results.
    pub duplicate: bool,
    /// The last command on disk: at least every one of these.
    pub durable_seq: u64,
    /// The first refusal, when nothing was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ApiError>,
}

/// Commands to try without a signature and without effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SimulateRequest {
    /// For whom.
    pub account: Address,
    /// 1 to 100 commands, each on the state that the ones before leave.
    pub commands: Vec<crate::ApiCommand>,
}

/// What would become of commands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SimulateAnswer {
    /// One a command.
    pub results: Vec<CommandResult>,
    /// The account before.
    pub before: crate::view::AccountBrief,
    /// The account after.
    pub after: crate::view::AccountBrief,
    /// The last command that this knows of.
    pub as_of_seq: u64,
}

/// What a signature is over, and where it differs from what was expected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SignatureReport {
    /// The signature holds.
    pub valid: bool,
    /// The payload's bytes as received, hex.
    pub canonical_bytes: String,
    /// The text that a wallet shows, for the `adr36` envelope; absent when the payload cannot be read.
    pub text: Option<String>,
    /// The 32 bytes that the signature must be over, hex.
    pub digest: Option<String>,
    /// The address of the public key.
    pub expected_address: Option<Address>,
    /// The addresses that this signature could belong to over that digest.
    pub recovered_addresses: Vec<Address>,
    /// The first thing that is wrong, and what to do.
    pub difference: Option<String>,
}

/// A named account of dev mode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DevAccount {
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: Address,
    /// Its private key, hex. Published: worth nothing outside dev mode.
    pub private_key: String,
    /// Its key of the Deribit-compatible API.
    pub api_id: String,
    /// The secret of that key.
    pub api_secret: String,
}

/// Money for an account, dev mode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FundRequest {
    /// Whose.
    pub account: Address,
    /// How much.
    pub amount: Money,
}

/// An API key to register: the node checks that the grant is for the session key of this secret, and keeps the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterKey {
    /// What clients send as their id: 8 to 64 letters, digits, `-` or `_`, not yet taken.
    pub id: String,
    /// At least 32 characters that nobody can guess.
    pub secret: String,
    /// A signed payload whose only command grants a session to the address of `session_key(secret)`.
    pub grant: crate::Signed,
}
