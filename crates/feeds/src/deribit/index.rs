//! The index price.

use super::{open, plain_name};
use crate::client::{Client, Trust, excerpt};
use crate::fresh::{Clock, Freshness, Gate, Passed, system_clock};
use crate::{FeedError, Index, Source, Update, decimal};
use cenote_units::{Millis, Price, Ratio, mul_div_up};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::time::Duration;

/// Most bytes of an answer; a true one has about 200.
const BODY_MAX: usize = 16 * 1024;
const RATIO_ONE: u128 = 1_000_000_000;

/// How to get one index price.
#[derive(Clone)]
pub struct DeribitIndexOptions {
    /// The server, without `/api`.
    pub base: String,
    /// Deribit's name of the index, such as `btc_usd`.
    pub index_name: String,
    /// Half the width of the price's uncertainty as a share of it, 0 to 1. Deribit states none, so this is the
    /// publisher's own word.
    pub confidence: Ratio,
    /// Whether test prices are wanted.
    pub testnet: bool,
    /// How old an answer may be.
    pub freshness: Freshness,
    /// Most time for a whole answer.
    pub timeout: Duration,
    /// The time that ages are measured by.
    pub clock: Clock,
}

impl DeribitIndexOptions {
    /// The real network; a confidence of 3 basis points, the least that a market charges by default; at most 15 s old and
    /// 2 s ahead; 5 s for an answer.
    #[must_use]
    pub fn new(base: &str, index_name: &str) -> Self {
        Self {
            base: base.to_owned(),
            index_name: index_name.to_owned(),
            confidence: Ratio::basis_points(3),
            testnet: false,
            freshness: Freshness { age_max: Millis::seconds(15), ahead_max: Millis::seconds(2) },
            timeout: Duration::from_secs(5),
            clock: system_clock(),
        }
    }
}

/// An index price of Deribit.
pub struct DeribitIndex {
    client: Client,
    path: String,
    /// In 1e-9.
    confidence: u128,
    testnet: bool,
    gate: Gate,
    clock: Clock,
}

#[derive(Deserialize)]
struct IndexPrice<'a> {
    // As text: a float between source and engine would round.
    #[serde(borrow)]
    index_price: &'a RawValue,
}

impl DeribitIndex {
    /// Nothing is sent before the first poll.
    ///
    /// # Errors
    /// `base_address`, `option`.
    pub fn new(options: DeribitIndexOptions) -> Result<Self, FeedError> {
        let DeribitIndexOptions { base, index_name, confidence, testnet, freshness, timeout, clock } =
            options;
        plain_name("index_name", &index_name)?;
        let share = u128::try_from(confidence.get()).ok().filter(|share| *share <= RATIO_ONE);
        let confidence = share.ok_or_else(|| FeedError::Option {
            field: "confidence",
            rule: "0 to 1",
            found: confidence.to_string(),
        })?;
        let client = Client::new(&base, timeout, Trust::ByConnection)?;
        let path = format!("/api/v2/public/get_index_price?index_name={index_name}");
        Ok(Self { client, path, confidence, testnet, gate: Gate::new("index price", freshness), clock })
    }
}

impl Source for DeribitIndex {
    fn poll(&mut self) -> Result<Update, FeedError> {
        let answer = self.client.get(&self.path, BODY_MAX)?;
        let now = (self.clock)();
        let (stated, sent_at): (IndexPrice<'_>, _) = open(&answer, self.testnet)?;
        let Passed::New(published_at) = self.gate.check(sent_at, now)? else {
            return Ok(Update::default());
        };
        let price = price(stated.index_price.get())?;
        // Up: a wider uncertainty is the careful side. A share of at most one never leaves the range.
        let confidence = mul_div_up(price.get(), self.confidence, RATIO_ONE);
        let confidence = confidence.and_then(|units| Price::new(units).ok()).unwrap_or(price);
        self.gate.last = Some(sent_at);
        Ok(Update {
            index: Some(Index { price, confidence, published_at, previous_at: None }),
            surface: None,
        })
    }
}

/// The price of a JSON value, rounded to the nearest unit.
fn price(text: &str) -> Result<Price, FeedError> {
    let (what, field) = ("index price", "index_price");
    let found = || excerpt(text.as_bytes());
    if text.starts_with('-') && decimal::parse(&text[1..]).is_some() {
        return Err(FeedError::NotPositive { what, found: found() });
    }
    let (mantissa, exponent) = decimal::parse(text).ok_or_else(|| FeedError::Field {
        field,
        expected: "a number of at most 38 digits",
        found: found(),
    })?;
    let price = decimal::price_nearest(mantissa, exponent)
        .ok_or_else(|| FeedError::PriceOutOfRange { what, found: found() })?;
    if price.is_zero() {
        return Err(FeedError::NotPositive { what, found: found() });
    }
    Ok(price)
}

#[cfg(test)]
mod tests;
