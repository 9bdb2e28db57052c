//! The protocol behind one door.
//!
//! [`execute`] takes a read-only state, a [`Context`] (time, identity, order and money as data) and a [`Command`], and
//! returns an [`Outcome`]: the records that changed, what happened, and what the host must pay out. On an
//! [`Error`] nothing has changed. [`view`] answers questions with the same code.
//!
//! There is no clock, no randomness, no I/O and no iteration over users in here (I31). Rules are numbered in
//! `docs/spec/protocol.md`; comments refer to those numbers.
#![no_std]
#![forbid(unsafe_code)]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_types,
    clippy::disallowed_methods
)]

extern crate alloc;
#[cfg(feature = "canary")]
extern crate std;

pub mod canary;
pub mod command;
pub mod error;
pub mod event;
mod genesis;
pub mod ids;
pub mod ledger;
pub mod limits;
pub mod obligation;
pub mod params;
#[allow(clippy::float_arithmetic)] // The one module that computes prices and turns them into amounts.
pub mod quote;
pub mod state;
mod verbs;
pub mod view;
mod work;
mod working;

pub use command::Command;
pub use error::{Error, Fault, Rejection};
pub use event::Event;
pub use genesis::{Genesis, GenesisMarket, GenesisPool};
pub use ledger::{Bucket, Posting};
pub use work::{Context, Effect};
pub use working::{Change, Delta, MarksVersion, MemoryState, StateReader};

use alloc::vec::Vec;

/// What a command did.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The records that changed, by kind and key.
    pub delta: Delta,
    /// What happened.
    pub events: Vec<Event>,
    /// What the host must do.
    pub effects: Vec<Effect>,
    /// Every movement of cash, in order.
    pub postings: Vec<Posting>,
}

/// Carries a command out.
///
/// # Errors
/// [`Error::Rejected`] when a rule refuses it, with a stable code and the numbers compared; [`Error::Fault`] when a
/// promise of the engine itself is broken: the host must stop. Nothing has changed in either case (I30).
pub fn execute(state: &dyn StateReader, ctx: &Context, command: &Command) -> Result<Outcome, Error> {
    let mut work = work::Work::new(state, *ctx);
    verbs::carry_out(&mut work, command)?;
    ledger::check(&mut work)?;
    let work::Work { set, events, effects, postings, .. } = work;
    Ok(Outcome { delta: set.finish(), events, effects, postings })
}
