//! From submissions to durable, published results.

pub mod clock;
pub mod entry;
pub mod facts;
pub mod ledger;
pub mod market;
pub mod nonces;
pub mod publish;
pub mod recovery;
pub mod refusals;
pub mod replicas;
pub mod sequencer;
mod shared;
pub mod start;

pub use shared::{Config, Metrics, Shared};
pub use start::{Core, Fresh, Maker, StartError, Started, start};

use cenote_api::ApiError;
use cenote_api::view::CommandsAnswer;
use cenote_engine::Command;
use cenote_engine::ids::AccountId;
use cenote_units::{Cash, Timestamp};

/// Where an answer goes.
pub type Reply = tokio::sync::oneshot::Sender<CommandsAnswer>;

/// A command with the money attached and the client's mark, or why it is none.
pub type Wanted = Result<(Command, Cash, Option<String>), ApiError>;

/// Something for the sequencer.
pub enum Ask {
    /// A payload whose signature holds.
    Signed(Box<SignedAsk>),
    /// Commands of the host itself.
    Host {
        /// In order.
        deeds: Vec<entry::Deed>,
        /// Who waits.
        reply: Reply,
    },
    /// Dev mode.
    Control(market::Control, Reply),
    /// Ends.
    Stop,
}

/// A payload whose signature holds, its commands read.
pub struct SignedAsk {
    /// Who signed.
    pub signer: AccountId,
    /// For whom.
    pub account: AccountId,
    /// The nonce.
    pub nonce: u64,
    /// Of no use from here on.
    pub expires_at: Timestamp,
    /// SHA-256 of the payload.
    pub hash: [u8; 32],
    /// What is asked.
    pub commands: Vec<Wanted>,
    /// Who waits.
    pub reply: Reply,
}
