//! What a host says of each command that it has carried out.

use cenote_api::view::NavPoint;
use cenote_api::{Address, ApiEvent, Quote};
use cenote_engine::{Command, Posting};

/// One command that was carried out, or one step of the host itself, with what the state alone could say at that moment.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// Its number; larger than that of the step before. Refused commands may leave gaps.
    pub seq: u64,
    /// Market time, ms.
    pub time: u64,
    /// Who signed.
    pub sender: Address,
    /// For whom, when a session key signed.
    pub principal: Option<Address>,
    /// What was asked; `None` for a step of the host, such as a named snapshot.
    pub command: Option<&'a Command>,
    /// What happened, in order, each with this `seq`.
    pub events: &'a [ApiEvent],
    /// One for each `order_filled` among the events.
    pub fills: &'a [FillMarks],
    /// After a tick: the point of each pool, by its number, that it moved.
    pub nav: &'a [(u16, NavPoint)],
    /// Every movement of cash.
    pub postings: &'a [Posting],
    /// The digest after it.
    pub digest: [u8; 32],
}

/// Marks at the moment of a fill.
#[derive(Debug, Clone, PartialEq)]
pub struct FillMarks {
    /// Which order.
    pub order: u64,
    /// The index of its market.
    pub index_price: Quote,
    /// One a series, in the order of the legs; a forward leg is two series, its call and then its put.
    pub series: Vec<SeriesMark>,
}

/// A series when it filled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeriesMark {
    /// The mark of a contract, quote.
    pub mark_price: f64,
    /// The vol of that mark, percent.
    pub iv: Option<f64>,
}
