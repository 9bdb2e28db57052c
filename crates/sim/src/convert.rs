//! Amounts from the floats that agents think in. What is out of range becomes the nearest that is in range.

use cenote_units::{Cash, Price, Size};

/// Cash, rounded down.
#[must_use]
pub fn cash(quote: f64) -> Cash {
    let units = (quote * 1e6).floor() as i128;
    Cash::new(units.clamp(Cash::MIN.get(), Cash::MAX.get())).unwrap_or(Cash::ZERO)
}

/// Contracts, rounded toward zero.
#[must_use]
pub fn size(contracts: f64) -> Size {
    let units = (contracts * 1e6) as i64;
    Size::new(units.clamp(Size::MIN.get(), Size::MAX.get())).unwrap_or(Size::ZERO)
}

/// The coarsest power of ten that is at most a thousandth of a price: the step of its strikes.
#[must_use]
pub fn price_tick(price: Price) -> Price {
    let mut tick: u128 = 1;
    while tick * 10_000 <= price.get() && tick < 1_000 * Price::ONE.get() {
        tick *= 10;
    }
    Price::new(tick).unwrap_or(Price::ONE)
}
