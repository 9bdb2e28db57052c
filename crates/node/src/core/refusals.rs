//! Payloads that were refused whole: they are not in the journal, and sent again get the same answer for a while.

use super::publish::Slot;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// How many are remembered.
const KEPT: usize = 16_384;

/// The latest refusals, by the hash of the payload.
#[derive(Debug, Default)]
pub struct Refusals {
    by_hash: BTreeMap<[u8; 32], Arc<[Slot]>>,
    order: VecDeque<[u8; 32]>,
}

impl Refusals {
    /// What was answered before.
    #[must_use]
    pub fn get(&self, hash: &[u8; 32]) -> Option<Arc<[Slot]>> {
        self.by_hash.get(hash).cloned()
    }

    /// Remembers an answer; the oldest goes when there is no room.
    pub fn keep(&mut self, hash: [u8; 32], slots: Vec<Slot>) {
        if self.by_hash.insert(hash, slots.into()).is_none() {
            self.order.push_back(hash);
        }
        while self.order.len() > KEPT {
            if let Some(oldest) = self.order.pop_front() {
                self.by_hash.remove(&oldest);
            }
        }
    }
}
