//! Finding things in records.

use super::{Account, Board, Holding, Side, Stake, Strike};
use crate::ids::{BoardId, Instrument, PoolId, Right};
use cenote_units::{Price, Shares, Size, Timestamp};

impl Account {
    /// The holding on a board.
    #[must_use]
    pub fn holding(&self, board: BoardId) -> Option<&Holding> {
        let at = self.holdings.binary_search_by_key(&board, |h| h.board).ok()?;
        self.holdings.get(at)
    }

    /// The signed size of one series.
    #[must_use]
    pub fn size(&self, instrument: &Instrument) -> Size {
        self.holding(instrument.board).map_or(Size::ZERO, |h| h.size(instrument.strike, instrument.right))
    }

    /// How many series it holds.
    #[must_use]
    pub fn positions(&self) -> usize {
        self.holdings.iter().fold(0usize, |sum, h| sum.saturating_add(h.positions.len()))
    }

    /// Its part of a pool.
    #[must_use]
    pub fn stake(&self, pool: PoolId) -> Option<&Stake> {
        self.stakes.iter().find(|s| s.pool == pool)
    }
}

impl Holding {
    /// The signed size of one series of this board.
    #[must_use]
    pub fn size(&self, strike: Price, right: Right) -> Size {
        let found = self.positions.binary_search_by_key(&(strike, right), |p| (p.strike, p.right));
        found.ok().and_then(|at| self.positions.get(at)).map_or(Size::ZERO, |p| p.size)
    }
}

impl Stake {
    /// Shares that are locked at a moment.
    pub fn locked(&self, now: Timestamp) -> Result<Shares, cenote_units::OutOfRange> {
        let live = self.locks.iter().filter(|lock| lock.until > now);
        live.map(|lock| lock.shares).try_fold(Shares::ZERO, Shares::plus)
    }
}

impl Board {
    /// The place of a strike.
    #[must_use]
    pub fn strike_at(&self, strike: Price) -> Option<usize> {
        self.strikes.binary_search_by_key(&strike, |s| s.price).ok()
    }

    /// Nothing is held here by anyone.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.holders == 0 && self.strikes.iter().all(Strike::is_empty)
    }
}

impl Strike {
    /// One side of it.
    #[must_use]
    pub const fn side(&self, right: Right) -> &Side {
        match right {
            Right::Call => &self.call,
            Right::Put => &self.put,
        }
    }

    /// One side of it, to change.
    pub const fn side_mut(&mut self, right: Right) -> &mut Side {
        match right {
            Right::Call => &mut self.call,
            Right::Put => &mut self.put,
        }
    }

    /// Nobody is long or short: what accounts are short is what the rest is long.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        let sides = [&self.call, &self.put];
        sides[0].pool.is_zero()
            && sides[0].long.is_zero()
            && sides[1].pool.is_zero()
            && sides[1].long.is_zero()
    }
}
