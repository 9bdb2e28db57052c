//! Named invariants, checked on whole states. `INVARIANTS.md` says what each of them protects.

mod books;
mod cash;
mod risk;

pub use cash::buckets;

use cenote_engine::MemoryState;
use cenote_units::Cash;

/// A broken invariant, with the numbers that break it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Its number, such as `I03`.
    pub name: &'static str,
    /// What is wrong.
    pub what: String,
}

/// Collects violations of one invariant after another.
pub(crate) struct Checker<'a> {
    state: &'a MemoryState,
    found: Vec<Violation>,
}

impl Checker<'_> {
    /// Notes a violation unless `holds`.
    fn check(&mut self, name: &'static str, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.found.push(Violation { name, what: what() });
        }
    }
}

/// Every invariant of a state at rest, by number and name.
pub const NAMES: &[(&str, &str)] = &[
    ("I01", "no bucket but External is below zero"),
    ("I02", "all buckets add up to zero, and External is minus the bank"),
    ("I03", "sizes of a series add up to zero"),
    ("I04", "open interest is what accounts are long"),
    ("I05", "a board's escrow covers the obligations of all its participants"),
    ("I06", "an account's obligation is the worst payout of its positions, rounded up"),
    ("I07", "the pool's obligation is the worst payout of its inventory, rounded up"),
    ("I08", "the pool's locks are its boards, by expiry, none empty"),
    ("I09", "any settlement price pays everyone on a board"),
    ("I10", "holders of a board are the accounts with positions on it"),
    ("I11", "strikes are ascending, inside the band, within their limit"),
    ("I12", "positions are sorted, not zero, on listed strikes, within their limit"),
    ("I13", "a settled board holds no inventory and is not live"),
    ("I14", "live boards of a market are sorted and exist"),
    ("I15", "queued orders are the live orders, each once, within their limits"),
    ("I16", "the keeper bucket holds the fees of all attempts left"),
    ("I17", "an account's cash is the sum of its tally and its escrow"),
    ("I18", "the pool's cash is the sum of its tally and its escrow"),
    ("I19", "pool shares are those of accounts, frozen ones and the ownerless, dust aside"),
    ("I20", "pending deposits are those of accounts' unclaimed requests"),
    ("I21", "claims on an exit round are covered by its bucket"),
    ("I22", "scenario losses average to nothing"),
    ("I23", "stored exposure is the exposure recomputed from inventory and marks"),
    ("I24", "Phi and Lambda are not negative"),
    ("I25", "risk capital is at least its minimum while positions are open"),
    ("I26", "the surface in force passes every no-arbitrage condition"),
    ("I27", "marks are not negative; call less put is the banded forward less strike"),
    ("I28", "reports are one a publisher, all of the market's own"),
    ("I29", "pool P&L by source adds up to equity less what owners put in"),
];

/// Checks all of them. `bank` is what the host holds.
#[must_use]
pub fn check(state: &MemoryState, bank: Cash) -> Vec<Violation> {
    let mut checker = Checker { state, found: Vec::new() };
    cash::check(&mut checker, bank);
    books::check(&mut checker);
    risk::check(&mut checker);
    checker.found
}
