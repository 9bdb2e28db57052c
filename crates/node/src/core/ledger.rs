//! Everything that the journal determines: records, wallets, nonces, time, sequence, digest. Running an entry live and running it again
//! from the journal is the same code.

use super::entry::{Deed, Entry, Item, Kind};
use super::facts::Facts;
use super::nonces::{Nonces, Used};
use borsh::{BorshDeserialize, BorshSerialize};
use cenote_engine::event::Event;
use cenote_engine::ids::AccountId;
use cenote_engine::{
    Command, Context, Delta, Effect, Error, Genesis, MemoryState, Outcome, Posting, execute,
};
use cenote_units::{Cash, Timestamp};
use std::collections::BTreeMap;

/// How many named snapshots may be kept.
pub const SNAPSHOTS_MAX: usize = 16;

/// All deterministic state of a venue.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// The engine's records.
    pub state: MemoryState,
    /// What the host holds for accounts outside of the venue.
    pub wallets: BTreeMap<AccountId, Cash>,
    /// Nonces by signer.
    pub nonces: BTreeMap<AccountId, Nonces>,
    /// The market's time.
    pub now: Timestamp,
    /// The last command's number; never goes back.
    pub sequence: u64,
    /// The running digest of every change.
    pub digest: [u8; 32],
    /// How the price process goes on.
    pub life: Vec<u8>,
    /// Named snapshots: their sequence numbers and bytes.
    pub saved: BTreeMap<String, Saved>,
    scratch: Vec<u8>,
}

/// A named snapshot.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Saved {
    /// The last command that it knows of.
    pub sequence: u64,
    image: Vec<u8>,
}

/// A ledger in bytes, named snapshots aside.
#[derive(BorshSerialize, BorshDeserialize)]
struct Image {
    everything: Delta,
    wallets: BTreeMap<AccountId, Cash>,
    nonces: BTreeMap<AccountId, Nonces>,
    now: Timestamp,
    sequence: u64,
    digest: [u8; 32],
    life: Vec<u8>,
}

/// A command that was carried out.
#[derive(Debug, Clone)]
pub struct Applied {
    /// Its number.
    pub seq: u64,
    /// Market time.
    pub now: Timestamp,
    /// Who signed.
    pub sender: AccountId,
    /// For whom, when a session key signed.
    pub principal: Option<AccountId>,
    /// What was asked; `None` for named snapshots.
    pub command: Option<Command>,
    /// The client's mark.
    pub label: Option<String>,
    /// What happened.
    pub events: Vec<Event>,
    /// What changed.
    pub delta: Delta,
    /// Movements of cash.
    pub postings: Vec<Posting>,
    /// What history needs to know.
    pub facts: Facts,
    /// New balances of wallets.
    pub wallets: Vec<(AccountId, Cash)>,
    /// The digest after it.
    pub digest: [u8; 32],
}

/// Why an entry of the journal cannot be run again.
#[derive(Debug, Clone, PartialEq)]
pub enum ReplayError {
    /// A command that was carried out is now refused.
    Refused {
        /// Its number.
        seq: u64,
        /// The refusal.
        why: String,
    },
    /// The digest differs.
    Digest {
        /// After this command.
        seq: u64,
    },
    /// The first entry is not a genesis, or a later one is.
    Genesis,
    /// A named snapshot that is not there.
    NoSnapshot(String),
    /// Bytes that are no entry.
    Unreadable(String),
}

impl std::fmt::Display for ReplayError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused { seq, why } => {
                write!(f, "command {seq} was carried out and is now refused: {why}")
            }
            Self::Digest { seq } => {
                write!(f, "after command {seq} the state differs from what the journal says")
            }
            Self::Genesis => {
                write!(f, "the first entry, and only the first, must say what the venue starts with")
            }
            Self::NoSnapshot(name) => write!(f, "there is no snapshot named {name}"),
            Self::Unreadable(why) => write!(f, "an entry cannot be read: {why}"),
        }
    }
}

impl std::error::Error for ReplayError {}

/// Who asks, when, with what money.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// Market time.
    pub now: Timestamp,
    /// Who signed.
    pub sender: AccountId,
    /// For whom.
    pub account: AccountId,
    /// Money attached.
    pub funds: Cash,
    /// The money comes from outside, not from the account's wallet.
    pub minted: bool,
}

/// A command that is not carried out.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// The engine's.
    Engine(Error),
    /// The wallet holds less than the deposit.
    Wallet {
        /// What it takes.
        needed: Cash,
        /// What is there.
        available: Cash,
    },
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Engine(error) => error.fmt(f),
            Self::Wallet { needed, available } => {
                write!(f, "this takes {needed} from the wallet, which holds {available}; deposit less")
            }
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Engine(error)
    }
}

impl Ledger {
    /// A ledger at its first state.
    ///
    /// # Errors
    /// The first parameter that is out of its bounds.
    pub fn new(genesis: Genesis, start: Timestamp) -> Result<Self, Error> {
        let mut state = MemoryState::memoised();
        state.apply(genesis.delta()?);
        let mut ledger = Self {
            state,
            wallets: BTreeMap::new(),
            nonces: BTreeMap::new(),
            now: start,
            sequence: 0,
            digest: [0; 32],
            life: Vec::new(),
            saved: BTreeMap::new(),
            scratch: Vec::new(),
        };
        ledger.digest = ledger.state_digest();
        Ok(ledger)
    }

    /// The digest of the records alone, however they came about.
    #[must_use]
    pub fn state_digest(&self) -> [u8; 32] {
        let mut bytes = Vec::new();
        // A vector takes every byte, and no record holds what borsh refuses, a NaN.
        self.state.write_canonical(&mut bytes).expect("records serialise");
        *blake3::hash(&bytes).as_bytes()
    }

    /// Carries one command out.
    ///
    /// # Errors
    /// Nothing has changed then.
    pub fn carry_out(
        &mut self,
        asked: &Asked,
        command: &Command,
        label: Option<String>,
    ) -> Result<Applied, Refusal> {
        let held = self.wallets.get(&asked.account).copied().unwrap_or(Cash::ZERO);
        if !asked.minted && asked.funds > held {
            return Err(Refusal::Wallet { needed: asked.funds, available: held });
        }
        let principal = (asked.account != asked.sender).then_some(asked.account);
        let now = asked.now.max(self.now);
        let sequence = self.sequence + 1;
        let ctx = Context { now, sequence, sender: asked.sender, principal, funds: asked.funds };
        let Outcome { delta, events, effects, postings } = execute(&self.state, &ctx, command)?;
        let mut wallets = Vec::new();
        if !asked.minted && !asked.funds.is_zero() {
            wallets.push((asked.account, held.minus(asked.funds).map_err(Error::from)?));
        }
        for Effect::Pay { to, amount } in effects {
            let before = wallets.iter().rev().find(|(id, _)| *id == to).map(|(_, cash)| *cash);
            let before = before.or_else(|| self.wallets.get(&to).copied()).unwrap_or(Cash::ZERO);
            wallets.push((to, before.plus(amount).map_err(Error::from)?));
        }
        // Nothing fails from here on.
        self.wallets.extend(wallets.iter().copied());
        (self.sequence, self.now) = (sequence, now);
        self.chain(&delta);
        self.state.apply(delta.clone());
        let facts = Facts::of(&self.state, &events, now);
        Ok(Applied {
            seq: sequence,
            now,
            sender: asked.sender,
            principal,
            command: Some(command.clone()),
            label,
            events,
            delta,
            postings,
            facts,
            wallets,
            digest: self.digest,
        })
    }

    /// Extends the running digest by a command's number and what it changed.
    fn chain(&mut self, delta: &Delta) {
        self.scratch.clear();
        self.scratch.extend_from_slice(&self.digest);
        self.scratch.extend_from_slice(&self.sequence.to_le_bytes());
        borsh::to_writer(&mut self.scratch, delta).expect("a delta serialises into memory");
        self.digest = *blake3::hash(&self.scratch).as_bytes();
    }

    /// Remembers a nonce, and shows those of its signer.
    pub fn spend(&mut self, signer: AccountId, nonce: u64, used: Used) -> &Nonces {
        let nonces = self.nonces.entry(signer).or_default();
        nonces.spend(nonce, used);
        nonces
    }

    /// Keeps everything under a name. Takes a number of its own.
    pub fn save(&mut self, name: &str) -> Applied {
        self.sequence += 1;
        let saved = Saved { sequence: self.sequence, image: self.image() };
        self.saved.insert(name.to_owned(), saved);
        self.host_step()
    }

    /// Makes everything as it was under a name, but for the sequence, which never goes back.
    ///
    /// # Errors
    /// [`ReplayError::NoSnapshot`].
    pub fn revert(&mut self, name: &str) -> Result<Applied, ReplayError> {
        let missing = || ReplayError::NoSnapshot(name.to_owned());
        let saved = self.saved.get(name).ok_or_else(missing)?.clone();
        let image =
            Image::try_from_slice(&saved.image).map_err(|e| ReplayError::Unreadable(e.to_string()))?;
        let (sequence, named) = (self.sequence + 1, std::mem::take(&mut self.saved));
        *self = Self::from_image(image);
        self.sequence = sequence;
        // Those taken later belong to what no longer happened.
        self.saved = named.into_iter().filter(|(_, other)| other.sequence <= saved.sequence).collect();
        Ok(self.host_step())
    }

    fn host_step(&self) -> Applied {
        Applied {
            seq: self.sequence,
            now: self.now,
            sender: AccountId::default(),
            principal: None,
            command: None,
            label: None,
            events: Vec::new(),
            delta: Delta::default(),
            postings: Vec::new(),
            facts: Facts::default(),
            wallets: Vec::new(),
            digest: self.digest,
        }
    }

    fn image(&self) -> Vec<u8> {
        let image = Image {
            everything: self.state.everything(),
            wallets: self.wallets.clone(),
            nonces: self.nonces.clone(),
            now: self.now,
            sequence: self.sequence,
            digest: self.digest,
            life: self.life.clone(),
        };
        borsh::to_vec(&image).expect("a ledger serialises into memory")
    }

    fn from_image(image: Image) -> Self {
        let mut state = MemoryState::memoised();
        state.apply(image.everything);
        Self {
            state,
            wallets: image.wallets,
            nonces: image.nonces,
            now: image.now,
            sequence: image.sequence,
            digest: image.digest,
            life: image.life,
            saved: BTreeMap::new(),
            scratch: Vec::new(),
        }
    }

    /// Everything in bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        borsh::to_vec(&(self.image(), &self.saved)).expect("a ledger serialises into memory")
    }

    /// A ledger from its bytes.
    ///
    /// # Errors
    /// [`ReplayError::Unreadable`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReplayError> {
        let unreadable = |e: std::io::Error| ReplayError::Unreadable(e.to_string());
        let (image, saved): (Vec<u8>, BTreeMap<String, Saved>) =
            borsh::from_slice(bytes).map_err(unreadable)?;
        let image = Image::try_from_slice(&image).map_err(unreadable)?;
        Ok(Self { saved, ..Self::from_image(image) })
    }

    /// Runs an entry of the journal again and compares the digest.
    ///
    /// # Errors
    /// When the journal and the engine disagree: the host must not go on.
    pub fn run_again(&mut self, entry: &Entry) -> Result<Vec<Applied>, ReplayError> {
        let applied = match &entry.kind {
            Kind::Genesis { .. } => return Err(ReplayError::Genesis),
            Kind::Signed { now, signer, account, nonce, hash, asked, items } => {
                let first_seq = self.sequence + 1;
                let who =
                    Asked { now: *now, sender: *signer, account: *account, funds: Cash::ZERO, minted: false };
                let applied =
                    items.iter().map(|item| self.item_again(&who, item)).collect::<Result<Vec<_>, _>>()?;
                let done = items.iter().map(|item| item.at).collect();
                self.spend(*signer, *nonce, Used { hash: *hash, first_seq, asked: *asked, done });
                applied
            }
            Kind::Host { deeds, life } => {
                let applied =
                    deeds.iter().map(|deed| self.deed_again(deed)).collect::<Result<Vec<_>, _>>()?;
                if let Some(life) = life {
                    self.life.clone_from(life);
                }
                applied
            }
            Kind::Snapshot { name } => vec![self.save(name)],
            Kind::Revert { name } => vec![self.revert(name)?],
        };
        if self.digest != entry.digest {
            return Err(ReplayError::Digest { seq: self.sequence });
        }
        Ok(applied)
    }

    fn item_again(&mut self, who: &Asked, item: &Item) -> Result<Applied, ReplayError> {
        let seq = self.sequence + 1;
        let asked = Asked { funds: item.funds, ..*who };
        self.carry_out(&asked, &item.command, item.label.clone())
            .map_err(|why| ReplayError::Refused { seq, why: why.to_string() })
    }

    fn deed_again(&mut self, deed: &Deed) -> Result<Applied, ReplayError> {
        let seq = self.sequence + 1;
        self.deed(deed).map_err(|why| ReplayError::Refused { seq, why: why.to_string() })
    }

    /// Carries a command of the host out.
    ///
    /// # Errors
    /// Nothing has changed then.
    pub fn deed(&mut self, deed: &Deed) -> Result<Applied, Refusal> {
        let Deed { sender, funds, now, command } = deed;
        let asked = Asked { now: *now, sender: *sender, account: *sender, funds: *funds, minted: true };
        self.carry_out(&asked, command, None)
    }
}

#[cfg(test)]
mod tests;
