//! A command at work: its context, the records it touches, and what it has to say.

use crate::error::Error;
use crate::event::Event;
use crate::ids::AccountId;
use crate::ledger::Posting;
use crate::working::{StateReader, WorkingSet};
use alloc::vec::Vec;
use cenote_units::{Cash, Timestamp};

/// Time, identity, order and money arrive as data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Context {
    /// The host's time; never goes back.
    pub now: Timestamp,
    /// Grows by at least one a command; names orders and proposals.
    pub sequence: u64,
    /// Who signed.
    pub sender: AccountId,
    /// The account that a session key acts for; `None` when the sender acts for itself.
    pub principal: Option<AccountId>,
    /// Money that the host holds attached to this command.
    pub funds: Cash,
}

impl Context {
    /// The account that the command is about.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.principal.unwrap_or(self.sender)
    }
}

/// Something the host must do outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Effect {
    /// Pay an account at its own address.
    Pay {
        /// To whom.
        to: AccountId,
        /// How much.
        amount: Cash,
    },
}

/// Everything in one place while a command runs.
pub(crate) struct Work<'a> {
    pub set: WorkingSet<'a>,
    pub state: &'a dyn StateReader,
    pub ctx: Context,
    pub events: Vec<Event>,
    pub effects: Vec<Effect>,
    pub postings: Vec<Posting>,
}

impl<'a> Work<'a> {
    pub fn new(state: &'a dyn StateReader, ctx: Context) -> Self {
        Self {
            set: WorkingSet::new(state),
            state,
            ctx,
            events: Vec::new(),
            effects: Vec::new(),
            postings: Vec::new(),
        }
    }

    pub fn emit(&mut self, event: Event) {
        self.events.push(event);
    }

    pub fn account(&self) -> AccountId {
        self.ctx.account()
    }
}

/// What every verb returns.
pub(crate) type Done = Result<(), Error>;
