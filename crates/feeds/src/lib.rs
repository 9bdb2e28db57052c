//! Live sources of what a market needs from outside: an index price and a volatility surface.
//!
//! Each source is asked by [`Source::poll`] and answers with an [`Update`], in the integers that the engine takes, or
//! with a [`FeedError`] that says what was required, what was there, and what to do. [`PythIndex`] believes no server:
//! it checks guardian signatures and Merkle proofs itself. [`DeribitIndex`] and [`DeribitSurface`] take a venue's word,
//! over a connection that is authenticated. [`Poller`] keeps the pace, backs off, and knows the age of the last good
//! answer.
//!
//! What is accepted, and every code of refusal, is in `docs/spec/feeds.md`.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // A host has a clock and sockets.
#![forbid(unsafe_code)]

mod client;
mod decimal;
mod deribit;
mod error;
mod fresh;
mod hex;
mod poller;
pub mod pyth;

pub use deribit::{DeribitIndex, DeribitIndexOptions, DeribitSurface, DeribitSurfaceOptions};
pub use error::FeedError;
pub use fresh::{Clock, Freshness, system_clock};
pub use poller::{Pace, Poller};
pub use pyth::{FeedId, GuardianSet, GuardianSets, PythIndex, PythOptions};

use cenote_engine::command::{Report, SurfaceNode};
use cenote_engine::ids::AccountId;
use cenote_units::{Price, Timestamp};

/// Something that can be asked for news of one market.
pub trait Source {
    /// Asks once, and blocks until there is an answer or the time for it is over.
    ///
    /// # Errors
    /// [`FeedError`]; what was known before stays true, and the next poll may succeed.
    fn poll(&mut self) -> Result<Update, FeedError>;
}

impl<S: Source + ?Sized> Source for Box<S> {
    fn poll(&mut self) -> Result<Update, FeedError> {
        (**self).poll()
    }
}

/// What a good answer holds. Empty when it is the same as the last one and still fresh.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Update {
    /// A new index price.
    pub index: Option<Index>,
    /// A new volatility surface.
    pub surface: Option<Surface>,
}

/// An index price as a source states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Index {
    /// The price, more than zero.
    pub price: Price,
    /// Half the width of the source's uncertainty, at most the price.
    pub confidence: Price,
    /// When the source published it; never after the moment of the poll.
    pub published_at: Timestamp,
    /// When the source published the price before, if it proves that none lies between.
    pub previous_at: Option<Timestamp>,
}

impl Index {
    /// The report with which a publisher stands for this price.
    #[must_use]
    pub const fn report(&self, publisher: AccountId) -> Report {
        Report { publisher, price: self.price, confidence: self.confidence, published_at: self.published_at }
    }
}

/// A surface that is free of arbitrage, with an account of how well it fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Surface {
    /// Time of the quotes; never after the moment of the poll.
    pub published_at: Timestamp,
    /// Slices by ascending tenor, at most as many as a market takes.
    pub nodes: Vec<SurfaceNode>,
    /// Quotes that the surface was judged by.
    pub quotes: usize,
    /// Those of them whose bid and ask contain the surface's own price.
    pub inside: usize,
}
