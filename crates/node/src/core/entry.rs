//! What the journal holds: one entry a submission that changed something, in borsh.

use borsh::{BorshDeserialize, BorshSerialize};
use cenote_engine::Command;
use cenote_engine::ids::AccountId;
use cenote_units::{Cash, Timestamp};

/// One entry: what was asked, and the running digest once it was done.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Entry {
    /// What was asked.
    pub kind: Kind,
    /// The running digest after it.
    pub digest: [u8; 32],
}

/// The kinds of entries.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
pub enum Kind {
    /// The first entry: what the venue started with, and how prices are made.
    Genesis {
        /// [`cenote_engine::Genesis`] in JSON.
        genesis: String,
        /// The host's configuration of prices, in JSON, for those who start again.
        prices: String,
        /// The market's first time.
        start: Timestamp,
    },
    /// Commands that somebody signed, those that were carried out.
    Signed {
        /// The market's time.
        now: Timestamp,
        /// Who signed.
        signer: AccountId,
        /// For whom.
        account: AccountId,
        /// The nonce used.
        nonce: u64,
        /// SHA-256 of the payload.
        hash: [u8; 32],
        /// How many commands the payload had.
        asked: u8,
        /// Those that were carried out.
        items: Vec<Item>,
    },
    /// Commands of the host itself: prices, keeping, simulated traders, the faucet.
    Host {
        /// In order; each was carried out.
        deeds: Vec<Deed>,
        /// How the price process goes on from here.
        life: Option<Vec<u8>>,
    },
    /// Dev mode: keeps everything as it is under a name.
    Snapshot {
        /// The name.
        name: String,
    },
    /// Dev mode: everything is as it was under a name.
    Revert {
        /// The name.
        name: String,
    },
}

/// A command of a signed payload.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Item {
    /// Its place in the payload.
    pub at: u8,
    /// Money from the account's wallet that is attached.
    pub funds: Cash,
    /// The command.
    pub command: Command,
    /// The client's mark.
    pub label: Option<String>,
}

/// A command of the host.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Deed {
    /// As whom.
    pub sender: AccountId,
    /// Money attached, from outside.
    pub funds: Cash,
    /// The market's time.
    pub now: Timestamp,
    /// The command.
    pub command: Command,
}
