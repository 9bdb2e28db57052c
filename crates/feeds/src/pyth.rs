//! Pyth: prices that carry their own proof, from any Hermes server.
//!
//! An update is a Merkle root signed by Wormhole's guardians and, under it, messages with their proofs. Nothing that the
//! server says beside it is read.

mod bytes;
mod guardians;
mod update;
mod vaa;

pub use guardians::{GuardianSet, GuardianSets};
pub use update::{PriceMessage, VerifiedUpdate, verify};
pub use vaa::Emitter;

use crate::client::{Client, Trust, excerpt};
use crate::fresh::{Clock, Freshness, Gate, Passed, system_clock};
use crate::{FeedError, Index, Source, Update, decimal, hex};
use cenote_units::{Millis, Price, Timestamp};
use serde::Deserialize;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Most bytes of an answer. A true one for one feed has about 5 KiB, with what is parsed beside it.
const BODY_MAX: usize = 256 * 1024;
/// Most updates of an answer; one feed comes in one.
const UPDATES_MAX: usize = 8;

/// Which price.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FeedId(pub [u8; 32]);

impl FeedId {
    /// Bitcoin in US dollars.
    pub const BTC_USD: Self = Self([
        0xe6, 0x2d, 0xf6, 0xc8, 0xb4, 0xa8, 0x5f, 0xe1, 0xa6, 0x7d, 0xb4, 0x4d, 0xc1, 0x2d, 0xe5, 0xdb, 0x33,
        0x0f, 0x7a, 0xc6, 0x6b, 0x72, 0xdc, 0x65, 0x8a, 0xfe, 0xdf, 0x0f, 0x4a, 0x41, 0x5b, 0x43,
    ]);
    /// Ether in US dollars.
    pub const ETH_USD: Self = Self([
        0xff, 0x61, 0x49, 0x1a, 0x93, 0x11, 0x12, 0xdd, 0xf1, 0xbd, 0x81, 0x47, 0xcd, 0x1b, 0x64, 0x13, 0x75,
        0xf7, 0x9f, 0x58, 0x25, 0x12, 0x6d, 0x66, 0x54, 0x80, 0x87, 0x46, 0x34, 0xfd, 0x0a, 0xce,
    ]);
}

impl FromStr for FeedId {
    type Err = FeedError;

    fn from_str(text: &str) -> Result<Self, FeedError> {
        let refused = || FeedError::Option {
            field: "feed",
            rule: "64 hexadecimal digits",
            found: excerpt(text.as_bytes()),
        };
        hex::decode_array(text).map(Self).ok_or_else(refused)
    }
}

impl fmt::Display for FeedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for FeedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How to get one price.
#[derive(Clone)]
pub struct PythOptions {
    /// A Hermes server, without `/v2`.
    pub base: String,
    /// Which price.
    pub feed: FeedId,
    /// Whose signatures count.
    pub guardians: GuardianSets,
    /// Who must have emitted the updates.
    pub emitter: Emitter,
    /// How old an answer may be.
    pub freshness: Freshness,
    /// Most time for a whole answer.
    pub timeout: Duration,
    /// The time that ages are measured by.
    pub clock: Clock,
}

impl PythOptions {
    /// Pyth's own network and the built-in guardians; at most 15 s old and 2 s ahead; 5 s for an answer.
    #[must_use]
    pub fn new(base: &str, feed: FeedId) -> Self {
        Self {
            base: base.to_owned(),
            feed,
            guardians: GuardianSets::built_in(),
            emitter: Emitter::PYTHNET,
            freshness: Freshness { age_max: Millis::seconds(15), ahead_max: Millis::seconds(2) },
            timeout: Duration::from_secs(5),
            clock: system_clock(),
        }
    }
}

/// The index price of one Pyth feed.
pub struct PythIndex {
    client: Client,
    path: String,
    feed: FeedId,
    guardians: GuardianSets,
    emitter: Emitter,
    gate: Gate,
    clock: Clock,
}

#[derive(Deserialize)]
struct HermesAnswer {
    binary: Binary,
}

#[derive(Deserialize)]
struct Binary {
    encoding: String,
    data: Vec<String>,
}

impl PythIndex {
    /// Nothing is sent before the first poll.
    ///
    /// # Errors
    /// `base_address`, `option`.
    pub fn new(options: PythOptions) -> Result<Self, FeedError> {
        let PythOptions { base, feed, guardians, emitter, freshness, timeout, clock } = options;
        let client = Client::new(&base, timeout, Trust::Proved)?;
        let path = format!("/v2/updates/price/latest?ids[]={feed}&encoding=hex");
        Ok(Self { client, path, feed, guardians, emitter, gate: Gate::new("price", freshness), clock })
    }

    /// Takes the next guardian set from a VAA that the latest one has signed, and returns its index.
    ///
    /// # Errors
    /// See [`GuardianSets::advance`].
    pub fn advance(&mut self, upgrade: &[u8]) -> Result<u32, FeedError> {
        self.guardians.advance(upgrade, (self.clock)())
    }

    /// The guardian sets in use, to be kept for the next start.
    #[must_use]
    pub const fn guardians(&self) -> &GuardianSets {
        &self.guardians
    }

    /// The latest message of the feed, of updates that all verify.
    fn latest(&self, answer: &HermesAnswer, now: Timestamp) -> Result<PriceMessage, FeedError> {
        let Binary { encoding, data } = &answer.binary;
        if encoding != "hex" {
            let found = excerpt(encoding.as_bytes());
            return Err(FeedError::Field { field: "binary.encoding", expected: "hex", found });
        }
        if data.is_empty() || data.len() > UPDATES_MAX {
            let found = format!("{} updates", data.len());
            return Err(FeedError::Field { field: "binary.data", expected: "1 to 8 updates", found });
        }
        let (mut latest, mut found) = (None::<PriceMessage>, 0);
        for text in data {
            let bytes = hex::decode(text).ok_or_else(|| FeedError::Field {
                field: "binary.data",
                expected: "hexadecimal digits",
                found: excerpt(&text.as_bytes()[..text.len().min(40)]),
            })?;
            let update = verify(&bytes, &self.guardians, &self.emitter, now)?;
            found += update.prices.len();
            let own = update.prices.into_iter().filter(|price| price.feed == self.feed);
            latest = latest.into_iter().chain(own).max_by_key(|price| price.publish_time);
        }
        latest.ok_or_else(|| FeedError::FeedMissing { feed: self.feed.to_string(), found })
    }
}

impl Source for PythIndex {
    fn poll(&mut self) -> Result<Update, FeedError> {
        let answer = self.client.get(&self.path, BODY_MAX)?;
        let now = (self.clock)();
        let message = self.latest(&answer.json()?, now)?;
        let stated_at = message.published_at()?;
        let Passed::New(published_at) = self.gate.check(stated_at, now)? else {
            return Ok(Update::default());
        };
        let (price, confidence) = (message.price()?, message.confidence()?);
        if confidence > price {
            return Err(FeedError::ConfidenceTooWide { price, confidence });
        }
        self.gate.last = Some(stated_at);
        let previous_at = message.previous_at();
        Ok(Update { index: Some(Index { price, confidence, published_at, previous_at }), surface: None })
    }
}

impl PriceMessage {
    /// The price, rounded to the nearest unit.
    ///
    /// # Errors
    /// `not_positive`, also for what rounds to zero; `price_out_of_range`.
    pub fn price(&self) -> Result<Price, FeedError> {
        let (what, found) = ("price", || format!("{}e{}", self.price, self.exponent));
        let mantissa = u128::try_from(self.price).unwrap_or(0);
        let price = decimal::price_nearest(mantissa, self.exponent)
            .ok_or_else(|| FeedError::PriceOutOfRange { what, found: found() })?;
        if price.is_zero() {
            return Err(FeedError::NotPositive { what, found: found() });
        }
        Ok(price)
    }

    /// Half the width of the uncertainty, rounded to the nearest unit; may be zero.
    ///
    /// # Errors
    /// `price_out_of_range`.
    pub fn confidence(&self) -> Result<Price, FeedError> {
        let found = || format!("{}e{}", self.confidence, self.exponent);
        decimal::price_nearest(u128::from(self.confidence), self.exponent)
            .ok_or_else(|| FeedError::PriceOutOfRange { what: "confidence", found: found() })
    }

    /// When it was published.
    ///
    /// # Errors
    /// `answer_field` when it is no time of this era.
    pub fn published_at(&self) -> Result<Timestamp, FeedError> {
        let expected = "seconds since 1970";
        let refused =
            || FeedError::Field { field: "publish_time", expected, found: self.publish_time.to_string() };
        timestamp(self.publish_time).ok_or_else(refused)
    }

    /// When the price before was published; `None` when it is no time of this era or not before this one.
    #[must_use]
    pub fn previous_at(&self) -> Option<Timestamp> {
        timestamp(self.prev_publish_time).filter(|_| self.prev_publish_time <= self.publish_time)
    }
}

fn timestamp(seconds: i64) -> Option<Timestamp> {
    let ms = u64::try_from(seconds).ok()?.checked_mul(1000)?;
    Timestamp::from_millis(ms).ok()
}

#[cfg(test)]
mod tests;
