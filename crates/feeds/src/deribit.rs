//! Deribit: a venue's index price, and a surface fitted to its listed options.
//!
//! A venue signs nothing, so the connection must be authenticated.

mod book;
mod index;
mod surface;

pub use index::{DeribitIndex, DeribitIndexOptions};
pub use surface::{DeribitSurface, DeribitSurfaceOptions};

use crate::FeedError;
use crate::client::{Answer, excerpt};
use cenote_units::Timestamp;
use serde::Deserialize;

/// What Deribit wraps every result in.
#[derive(Deserialize)]
struct Envelope<T> {
    result: T,
    /// When the server sent it, microseconds since 1970.
    #[serde(rename = "usOut")]
    us_out: u64,
    testnet: bool,
}

/// The result, and when it was sent.
fn open<'a, T: Deserialize<'a>>(answer: &'a Answer, testnet: bool) -> Result<(T, Timestamp), FeedError> {
    let envelope: Envelope<T> = answer.json()?;
    if envelope.testnet != testnet {
        return Err(FeedError::Network { wanted_testnet: testnet });
    }
    let sent_at = Timestamp::from_millis(envelope.us_out / 1000).map_err(|_| FeedError::Field {
        field: "usOut",
        expected: "microseconds since 1970",
        found: envelope.us_out.to_string(),
    })?;
    Ok((envelope.result, sent_at))
}

/// A name that goes into an address as it is.
fn plain_name(field: &'static str, name: &str) -> Result<(), FeedError> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    if !name.is_empty() && name.len() <= 32 && name.chars().all(plain) {
        return Ok(());
    }
    let rule = "1 to 32 letters, digits, `_` or `-`";
    Err(FeedError::Option { field, rule, found: excerpt(name.as_bytes()) })
}
