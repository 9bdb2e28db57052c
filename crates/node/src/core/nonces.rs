//! Which nonces a signer has used, and for what.

use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::BTreeMap;

/// How many of the highest nonces are remembered.
pub const WINDOW: usize = 1_024;

/// What a nonce was used for.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Used {
    /// SHA-256 of the payload.
    pub hash: [u8; 32],
    /// The sequence number of its first command.
    pub first_seq: u64,
    /// How many commands it had.
    pub asked: u8,
    /// Which of them were carried out, in order.
    pub done: Vec<u8>,
}

/// The nonces of one signer.
#[derive(Debug, Clone, PartialEq, Eq, Default, BorshSerialize, BorshDeserialize)]
pub struct Nonces {
    /// Nonces up to here are refused.
    floor: u64,
    used: BTreeMap<u64, Used>,
}

/// What a nonce may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// It is unused.
    Fresh,
    /// The same bytes were carried out before.
    Repeat(&'a Used),
    /// It was used for other bytes, or is below the window.
    Spent,
}

impl Nonces {
    /// What `nonce` may do for a payload.
    #[must_use]
    pub fn judge(&self, nonce: u64, hash: &[u8; 32]) -> Verdict<'_> {
        match self.used.get(&nonce) {
            Some(used) if used.hash == *hash => Verdict::Repeat(used),
            Some(_) => Verdict::Spent,
            None if nonce < self.floor => Verdict::Spent,
            None => Verdict::Fresh,
        }
    }

    /// Remembers a use; the lowest nonce leaves a full window and raises the floor.
    pub fn spend(&mut self, nonce: u64, used: Used) {
        self.used.insert(nonce, used);
        while self.used.len() > WINDOW {
            if let Some((lowest, _)) = self.used.pop_first() {
                self.floor = self.floor.max(lowest.saturating_add(1));
            }
        }
    }

    /// Nonces below this are refused.
    #[must_use]
    pub fn floor(&self) -> u64 {
        self.floor
    }

    /// The lowest that is above all used ones.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.used.last_key_value().map_or(self.floor.max(1), |(highest, _)| highest.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::{Nonces, Used, Verdict, WINDOW};

    fn used(hash: u8) -> Used {
        Used { hash: [hash; 32], first_seq: 1, asked: 1, done: vec![0] }
    }

    #[test]
    fn any_unused_nonce_in_the_window_is_fresh() {
        let mut nonces = Nonces::default();
        for nonce in [5, 3, 1_000_000, 0] {
            assert_eq!(nonces.judge(nonce, &[1; 32]), Verdict::Fresh);
            nonces.spend(nonce, used(1));
            assert!(matches!(nonces.judge(nonce, &[1; 32]), Verdict::Repeat(_)));
            assert_eq!(nonces.judge(nonce, &[2; 32]), Verdict::Spent);
        }
        assert_eq!(nonces.judge(4, &[1; 32]), Verdict::Fresh);
        assert_eq!(nonces.next(), 1_000_001);
    }

    /// However the window moves, a nonce that was spent is never fresh again.
    #[test]
    fn what_leaves_the_window_stays_spent() {
        let mut nonces = Nonces::default();
        let all: Vec<u64> = (0..3 * WINDOW as u64).map(|n| n * 7 % 4_099).collect();
        for (at, nonce) in all.iter().enumerate() {
            if nonces.judge(*nonce, &[0; 32]) == Verdict::Fresh {
                nonces.spend(*nonce, used(1));
            }
            for earlier in &all[..=at] {
                assert_ne!(nonces.judge(*earlier, &[0; 32]), Verdict::Fresh, "{earlier} after {nonce}");
            }
        }
        assert!(nonces.floor() > 0);
    }
}
