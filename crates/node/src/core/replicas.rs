//! Copies of the state for readers, each behind a lock of its own, holding only what is durable.

use super::ledger::{Applied, Ledger};
use cenote_engine::Event;
use cenote_engine::MemoryState;
use cenote_engine::ids::{AccountId, MarketId};
use cenote_units::{Cash, Timestamp};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One copy.
#[derive(Debug, Clone)]
pub struct Replica {
    /// The engine's records.
    pub state: MemoryState,
    /// What the host holds for accounts.
    pub wallets: BTreeMap<AccountId, Cash>,
    /// By signer: the floor of its nonces, and one that is unused.
    pub nonces: BTreeMap<AccountId, (u64, u64)>,
    /// Named snapshots, with the last command that each knows of.
    pub saved: BTreeMap<String, u64>,
    /// Market time of the last command.
    pub now: Timestamp,
    /// Market time when each market's tick in force was delivered: what orders that were due then were priced at.
    pub ticked: BTreeMap<MarketId, Timestamp>,
    /// The last command that this copy knows of.
    pub seq: u64,
    /// The digest after it.
    pub digest: [u8; 32],
}

impl Replica {
    /// A copy of a ledger.
    #[must_use]
    pub fn of(ledger: &Ledger) -> Self {
        Self {
            state: ledger.state.clone(),
            wallets: ledger.wallets.clone(),
            nonces: ledger.nonces.iter().map(|(id, nonces)| (*id, (nonces.floor(), nonces.next()))).collect(),
            saved: ledger.saved.iter().map(|(name, saved)| (name.clone(), saved.sequence)).collect(),
            now: ledger.now,
            ticked: BTreeMap::new(),
            seq: ledger.sequence,
            digest: ledger.digest,
        }
    }

    /// Follows one command.
    pub fn follow(&mut self, applied: &Applied) {
        self.state.apply(applied.delta.clone());
        self.wallets.extend(applied.wallets.iter().copied());
        for event in &applied.events {
            if let Event::Ticked(tick) = event {
                self.ticked.insert(tick.market, applied.now);
            }
        }
        (self.now, self.seq, self.digest) = (applied.now, applied.seq, applied.digest);
    }
}

impl Replica {
    /// The time at which a market is priced for those who ask: when its tick in force was delivered. An order that is due at a tick fills then, so
    /// what is shown for a tick is what is paid at it; the charge for the time since then is only for those who go on filling late.
    #[must_use]
    pub fn priced_at(&self, market: MarketId) -> Timestamp {
        let published = self
            .state
            .market
            .get(&market)
            .and_then(|record| record.tick.as_ref())
            .map(|tick| tick.published_at);
        self.ticked.get(&market).copied().or(published).unwrap_or(self.now)
    }
}

/// All copies.
#[derive(Debug)]
pub struct Replicas {
    copies: Vec<Mutex<Replica>>,
    next: AtomicUsize,
}

impl Replicas {
    /// `count` copies of a ledger, at least one.
    #[must_use]
    pub fn new(ledger: &Ledger, count: usize) -> Self {
        let copies = (0..count.max(1)).map(|_| Mutex::new(Replica::of(ledger))).collect();
        Self { copies, next: AtomicUsize::new(0) }
    }

    /// Asks whichever copy is free. The answer may lock out one writer and other readers of that copy: keep it short.
    pub fn read<T>(&self, question: impl FnOnce(&mut Replica) -> T) -> T {
        let start = self.next.fetch_add(1, Ordering::Relaxed);
        let count = self.copies.len();
        for step in 0..count {
            if let Ok(mut replica) = self.copies[(start + step) % count].try_lock() {
                return question(&mut replica);
            }
        }
        question(&mut lock(&self.copies[start % count]))
    }

    /// Changes every copy, one after the other.
    pub fn each(&self, mut change: impl FnMut(&mut Replica)) {
        self.copies.iter().for_each(|copy| change(&mut lock(copy)));
    }
}

/// A reader that panicked has changed nothing that it did not take back: simulation alone changes a copy, and takes everything back.
fn lock(copy: &Mutex<Replica>) -> MutexGuard<'_, Replica> {
    copy.lock().unwrap_or_else(PoisonError::into_inner)
}
