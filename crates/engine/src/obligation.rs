//! The worst payout of a book on one board, exactly, and what it receives at settlement (rules B1, B2, E4, E6).

use crate::ids::Right;
use crate::state::{Board, Holding};
use cenote_units::{Cash, Exact, OutOfRange, Price, Size};

/// A signed size of one option series, as the payoff sums see it. Ascending strikes.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    /// The strike.
    pub strike: Price,
    /// Call or put.
    pub right: Right,
    /// Positive is long.
    pub size: Size,
}

/// What one unit pays at a settlement price inside the band.
#[must_use]
pub fn payoff(strike: Price, right: Right, settlement: Price) -> Price {
    match right {
        Right::Call => settlement.above(strike),
        Right::Put => strike.above(settlement),
    }
}

/// The exact payoff of a book at one settlement price.
pub fn payoff_of(book: impl Iterator<Item = Held>, settlement: Price) -> Result<Exact, OutOfRange> {
    let mut sum = Exact::ZERO;
    for held in book {
        sum = sum.plus(payoff(held.strike, held.right, settlement).times(held.size))?;
    }
    Ok(sum)
}

/// `max(0, max over {floor, strikes, cap} of -payoff)`, rounded up once.
///
/// The payoff is linear between kinks, so its minimum over the band is at one of them. Each point's sum follows
/// from the last one's: between neighbours it moves by the slope, calls struck at or below less puts struck above.
pub fn obligation<I: Iterator<Item = Held> + Clone>(
    book: I,
    floor: Price,
    cap: Price,
) -> Result<Cash, OutOfRange> {
    let mut here = payoff_of(book.clone(), floor)?;
    let mut worst = here;
    let mut slope = Size::ZERO;
    for held in book.clone() {
        if held.right == Right::Put {
            slope = slope.minus(held.size)?;
        }
    }
    let mut at = floor;
    for held in book {
        here = here.plus(held.strike.above(at).times(slope))?;
        at = held.strike;
        worst = worst.min(here);
        // A call starts to pay and a put stops paying at its strike: either way the slope rises by the size.
        slope = slope.plus(held.size)?;
    }
    here = here.plus(cap.above(at).times(slope))?;
    // Up: what is held back covers the last fraction of a unit.
    Ok(worst.min(here).negated()?.to_cash_up()?.or_zero())
}

/// The pool's book on a board.
pub fn pool_book(board: &Board) -> impl Iterator<Item = Held> + Clone + '_ {
    board.strikes.iter().flat_map(|s| {
        [(Right::Call, s.call.pool), (Right::Put, s.put.pool)].into_iter().map(|(right, size)| Held {
            strike: s.price,
            right,
            size,
        })
    })
}

/// An account's book on a board.
pub fn account_book(holding: &Holding) -> impl Iterator<Item = Held> + Clone + '_ {
    holding.positions.iter().map(|p| Held { strike: p.strike, right: p.right, size: p.size })
}

/// What a participant receives at settlement: his own escrow and the payoff of his book, rounded down once.
/// The escrow covers the worst payoff, so this is never below zero.
pub fn settlement_due(
    book: impl Iterator<Item = Held>,
    obligation: Cash,
    settlement: Price,
) -> Result<(Cash, Cash), OutOfRange> {
    // Down: dust stays on the board.
    let payoff = payoff_of(book, settlement)?.to_cash_down()?;
    Ok((obligation.plus(payoff)?, payoff))
}
