//! The read-only door to state, the set of records in work, and the difference that comes out.

use crate::ids::{AccountId, BoardId, MarketId, OrderId, PoolId, ProposalId};
use crate::params::{MarketParams, PoolParams};
use crate::state::{
    Account, Board, Epoch, ExitRound, Market, Order, Pool, Proposal, Queue, Session, System, Vault,
};
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::sync::Arc;
use alloc::vec::Vec;
use borsh::{BorshDeserialize, BorshSerialize};
use cenote_pricing::BoardMarks;

/// What a board's marks were computed from, besides parameters: its market's tick and its list of strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarksVersion {
    /// The number of the tick.
    pub tick: u64,
    /// The revision of the board's strikes.
    pub revision: u32,
}

/// Writes the reader trait, the working set and the difference for every kind of record.
macro_rules! kinds {
    ($( $(#[$doc:meta])* $kind:ident: $variant:ident($key:ty => $record:ty); )*) => {
        /// Where records are read from. Object safe, one getter a kind, nothing to iterate over.
        pub trait StateReader {
            $( $(#[$doc])* fn $kind(&self, key: &$key) -> Option<Cow<'_, $record>>; )*

            /// Marks that the host kept for a board at a tick. A memo never changes a bit of any result.
            fn marks(&self, _board: &BoardId, _at: MarksVersion) -> Option<Arc<BoardMarks>> {
                None
            }

            /// Offers marks to be kept until the board's next tick.
            fn keep_marks(&self, _board: &BoardId, _at: MarksVersion, _marks: &Arc<BoardMarks>) {}
        }

        /// One record's new value, or its end.
        #[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
        #[allow(missing_docs)]
        pub enum Change { $( $variant($key, Option<Box<$record>>), )* }

        /// The records a command works on. Dropped on an error, so nothing can be half-written.
        pub struct WorkingSet<'a> { $( $(#[$doc])* pub $kind: Table<'a, $key, $record>, )* }

        impl<'a> WorkingSet<'a> {
            /// An empty set over a state.
            #[must_use]
            pub fn new(state: &'a dyn StateReader) -> Self {
                Self { $( $kind: Table { state, load: |state, key| state.$kind(key), slots: Vec::new() }, )* }
            }

            /// The records that changed, by kind and key.
            #[must_use]
            pub fn finish(self) -> Delta {
                let mut changes = Vec::new();
                $( for (key, slot) in self.$kind.slots {
                    if let Some(now) = slot.now {
                        if now.as_deref() != slot.before.as_deref() {
                            let own = |record| Box::new(Rc::unwrap_or_clone(record));
                            changes.push(Change::$variant(key, now.map(own)));
                        }
                    }
                } )*
                Delta { changes }
            }
        }

        /// All records in memory: the node's, the lab's and the tests' state.
        #[derive(Debug, Clone, Default)]
        pub struct MemoryState {
            $( $(#[$doc])* pub $kind: BTreeMap<$key, $record>, )*
            memo: core::cell::RefCell<BTreeMap<BoardId, (MarksVersion, Arc<BoardMarks>)>>,
            /// Marks are kept from tick to tick; results do not depend on it.
            pub memoise: bool,
        }

        impl StateReader for MemoryState {
            $( fn $kind(&self, key: &$key) -> Option<Cow<'_, $record>> {
                self.$kind.get(key).map(Cow::Borrowed)
            } )*

            fn marks(&self, board: &BoardId, at: MarksVersion) -> Option<Arc<BoardMarks>> {
                let memo = self.memo.borrow();
                let (kept, marks) = memo.get(board)?;
                (*kept == at).then(|| Arc::clone(marks))
            }

            fn keep_marks(&self, board: &BoardId, at: MarksVersion, marks: &Arc<BoardMarks>) {
                if self.memoise {
                    self.memo.borrow_mut().insert(*board, (at, Arc::clone(marks)));
                }
            }
        }

        impl MemoryState {
            /// An empty state that keeps marks from command to command.
            #[must_use]
            pub fn memoised() -> Self {
                Self { memoise: true, ..Self::default() }
            }

            /// Puts a difference into force.
            pub fn apply(&mut self, delta: Delta) {
                for change in delta.changes {
                    match change { $(
                        Change::$variant(key, Some(record)) => { self.$kind.insert(key, *record); }
                        Change::$variant(key, None) => { self.$kind.remove(&key); }
                    )* }
                }
            }

            /// Puts a difference into force and returns the one that takes it back.
            #[must_use]
            pub fn exchange(&mut self, delta: Delta) -> Delta {
                let mut changes = Vec::with_capacity(delta.changes.len());
                for change in delta.changes {
                    changes.push(match change { $(
                        Change::$variant(key, now) => {
                            let before = match now {
                                Some(record) => self.$kind.insert(key.clone(), *record),
                                None => self.$kind.remove(&key),
                            };
                            Change::$variant(key, before.map(Box::new))
                        }
                    )* });
                }
                changes.reverse();
                Delta { changes }
            }

            /// Every record as a difference from nothing: what a snapshot holds.
            #[must_use]
            pub fn everything(&self) -> Delta {
                let mut changes = Vec::new();
                $( changes.extend(self.$kind.iter().map(|(key, record)| {
                    Change::$variant(key.clone(), Some(Box::new(record.clone())))
                })); )*
                Delta { changes }
            }

            /// Every record in canonical bytes, by kind and key: what two hosts compare.
            pub fn write_canonical(&self, out: &mut Vec<u8>) -> borsh::io::Result<()> {
                $( for (key, record) in &self.$kind {
                    borsh::to_writer(&mut *out, key)?;
                    borsh::to_writer(&mut *out, record)?;
                } )*
                Ok(())
            }
        }
    };
}

kinds! {
    /// Powers, pauses, counters.
    system: System(() => System);
    /// Buckets that belong to no market and no user.
    vault: Vault(() => Vault);
    /// A pool's parameters.
    pool_params: PoolParams(PoolId => PoolParams);
    /// A pool.
    pool: Pool(PoolId => Pool);
    /// A pool's liquidity epoch.
    epoch: Epoch((PoolId, u64) => Epoch);
    /// A pool's exit round.
    exit_round: ExitRound((PoolId, u32) => ExitRound);
    /// A market's parameters.
    market_params: MarketParams(MarketId => MarketParams);
    /// A market.
    market: Market(MarketId => Market);
    /// A market's live orders.
    queue: Queue(MarketId => Queue);
    /// A board.
    board: Board(BoardId => Board);
    /// An account.
    account: Account(AccountId => Account);
    /// An order.
    order: Order(OrderId => Order);
    /// A session key: (account, key).
    session: Session((AccountId, AccountId) => Session);
    /// A proposal.
    proposal: Proposal(ProposalId => Proposal);
}

/// The records that a command changed, by kind and key.
#[derive(Debug, Clone, PartialEq, Default, BorshSerialize, BorshDeserialize)]
pub struct Delta {
    /// One a record.
    pub changes: Vec<Change>,
}

/// A record as it stands: lent by the state, or shared by whoever reads it during the command. Cheap to copy.
#[derive(Debug)]
pub enum Read<'a, T> {
    /// Unchanged, and owned by the state.
    Lent(&'a T),
    /// Read from bytes, or changed by this command.
    Shared(Rc<T>),
}

impl<T> Clone for Read<'_, T> {
    fn clone(&self) -> Self {
        match self {
            Self::Lent(record) => Self::Lent(record),
            Self::Shared(record) => Self::Shared(Rc::clone(record)),
        }
    }
}

impl<T> core::ops::Deref for Read<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        match self {
            Self::Lent(record) => record,
            Self::Shared(record) => record,
        }
    }
}

/// One record in work: what was there, and what is there once somebody has changed it.
struct Slot<'a, T> {
    before: Option<Read<'a, T>>,
    now: Option<Option<Rc<T>>>,
}

impl<'a, T: Clone> Slot<'a, T> {
    fn edited(&mut self) -> &mut Option<Rc<T>> {
        let before = self.before.as_deref();
        self.now.get_or_insert_with(|| before.map(|record| Rc::new(record.clone())))
    }

    fn read(&self) -> Option<Read<'a, T>> {
        match &self.now {
            Some(now) => now.clone().map(Read::Shared),
            None => self.before.clone(),
        }
    }
}

/// Records of one kind in work: each is loaded once and changed as ordinary Rust.
pub struct Table<'a, K, T: Clone> {
    state: &'a dyn StateReader,
    load: fn(&'a dyn StateReader, &K) -> Option<Cow<'a, T>>,
    /// By key. A command touches few records, so a sorted list beats a tree.
    slots: Vec<(K, Slot<'a, T>)>,
}

impl<'a, K: Ord + Clone, T: Clone> Table<'a, K, T> {
    fn slot(&mut self, key: &K) -> &mut Slot<'a, T> {
        let (state, load) = (self.state, self.load);
        let at = match self.slots.binary_search_by(|(other, _)| other.cmp(key)) {
            Ok(at) => at,
            Err(at) => {
                let before = load(state, key).map(|record| match record {
                    Cow::Borrowed(record) => Read::Lent(record),
                    Cow::Owned(record) => Read::Shared(Rc::new(record)),
                });
                self.slots.insert(at, (key.clone(), Slot { before, now: None }));
                at
            }
        };
        // It was found or inserted there.
        #[allow(clippy::indexing_slicing)]
        &mut self.slots[at].1
    }

    /// The record as it stands now.
    pub fn get(&mut self, key: &K) -> Option<&T> {
        let slot = self.slot(key);
        match &slot.now {
            Some(now) => now.as_deref(),
            None => slot.before.as_deref(),
        }
    }

    /// The record as it stands now, to keep while others change.
    pub fn read(&mut self, key: &K) -> Option<Read<'a, T>> {
        self.slot(key).read()
    }

    /// The record, to change.
    pub fn edit(&mut self, key: &K) -> Option<&mut T> {
        self.slot(key).edited().as_mut().map(Rc::make_mut)
    }

    /// Writes a record whole.
    pub fn put(&mut self, key: &K, record: T) {
        self.slot(key).now = Some(Some(Rc::new(record)));
    }

    /// Ends a record.
    pub fn remove(&mut self, key: &K) {
        self.slot(key).now = Some(None);
    }
}

impl<K: Ord + Clone, T: Clone + Default> Table<'_, K, T> {
    /// The record, to change; a new one when there is none.
    pub fn edit_or_new(&mut self, key: &K) -> &mut T {
        Rc::make_mut(self.slot(key).edited().get_or_insert_with(Rc::default))
    }
}
