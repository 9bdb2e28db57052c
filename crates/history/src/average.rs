//! What an open position cost: the average cost method, to the unit.

use borsh::{BorshDeserialize, BorshSerialize};
use cenote_api::{Contracts, Money};
use cenote_units::{Cash, Size, mul_div_down};

/// An open position and what it cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OpenPosition {
    /// Signed.
    pub size: Contracts,
    /// What was paid for what is open, every charge included; negative when more was received. Position value less this is its floating
    /// profit.
    pub cost: Money,
    /// What closing parts of it has realised since it was opened.
    pub realised: Money,
    /// Cost over size, quote a contract.
    pub average_price: f64,
}

/// The same in units of 1e-6, with what a position that ends is told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, BorshSerialize, BorshDeserialize)]
pub(crate) struct Book {
    pub size: i64,
    pub cost: i128,
    pub realised: i128,
    /// All that was opened, signed, and what was paid for it.
    pub entered: i64,
    pub paid: i128,
    /// Market time, ms.
    pub opened_at: u64,
}

/// A position that has ended: all that was opened is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ended {
    pub size: i64,
    pub paid: i128,
    pub realised: i128,
    pub opened_at: u64,
}

impl Book {
    /// Trades a signed size for cash: what adds to a position adds to its cost; what takes from it takes cost in proportion, and the
    /// difference is realised; what turns it round closes it and opens the rest anew. Says what it has ended.
    pub(crate) fn trade(&mut self, size: i64, cash: i128, time: u64) -> Option<Ended> {
        if size == 0 || self.size == 0 || (self.size > 0) == (size > 0) {
            self.enter(size, cash, time);
            return None;
        }
        let closed = self.size.unsigned_abs().min(size.unsigned_abs());
        // Toward zero: what rounding leaves stays with what is still open.
        let paid = part(cash, closed, size.unsigned_abs());
        let released = part(self.cost, closed, self.size.unsigned_abs());
        let realised = self.realised.saturating_sub(paid).saturating_sub(released);
        if closed < self.size.unsigned_abs() {
            self.size = self.size.saturating_add(size);
            (self.cost, self.realised) = (self.cost.saturating_sub(released), realised);
            return None;
        }
        let ended = Ended { size: self.entered, paid: self.paid, realised, opened_at: self.opened_at };
        let left = self.size.saturating_add(size);
        *self = Self::default();
        // A position on the other side is another position.
        self.enter(left, cash.saturating_sub(paid), time);
        Some(ended)
    }

    fn enter(&mut self, size: i64, cash: i128, time: u64) {
        if self.size == 0 {
            self.opened_at = time;
        }
        self.size = self.size.saturating_add(size);
        self.cost = self.cost.saturating_add(cash);
        self.entered = self.entered.saturating_add(size);
        self.paid = self.paid.saturating_add(cash);
    }

    pub(crate) fn open(&self) -> OpenPosition {
        #[allow(clippy::cast_precision_loss)] // A figure for people.
        let average_price = self.cost as f64 / self.size as f64;
        OpenPosition {
            size: Contracts(Size::new(self.size).unwrap_or_default()),
            cost: money(self.cost),
            realised: money(self.realised),
            average_price,
        }
    }
}

/// An amount in units of 1e-6; what is beyond any real amount becomes the largest one.
pub(crate) fn money(units: i128) -> Money {
    let most = if units < 0 { Cash::MIN } else { Cash::MAX };
    Money(Cash::new(units).unwrap_or(most))
}

/// `amount * of / whole`, toward zero.
pub(crate) fn part(amount: i128, of: u64, whole: u64) -> i128 {
    let magnitude = mul_div_down(amount.unsigned_abs(), u128::from(of), u128::from(whole));
    let magnitude = magnitude.and_then(|m| i128::try_from(m).ok()).unwrap_or(0);
    if amount < 0 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests;
