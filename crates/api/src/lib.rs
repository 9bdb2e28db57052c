//! One vocabulary for everybody who talks to a venue: clients, the page, the command line and the node itself.
//!
//! Exact amounts are decimal strings ([`amount`]), model figures (greeks, vols, marks) are JSON numbers or `null`, moments are
//! integer milliseconds of market time. Instruments have one name each ([`name`]), accounts one address ([`address`]).
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // No chain runs this crate.
#![forbid(unsafe_code)]

pub mod address;
pub mod amount;
pub mod codes;
pub mod command;
pub mod describe;
pub mod envelope;
pub mod error;
pub mod event;
pub mod export;
pub mod keys;
pub mod name;
pub mod view;

pub use address::Address;
pub use amount::{Contracts, Money, Quote, ShareCount};
pub use command::ApiCommand;
pub use envelope::{Payload, Signed};
pub use error::ApiError;
pub use event::ApiEvent;
pub use name::{InstrumentName, Names};
