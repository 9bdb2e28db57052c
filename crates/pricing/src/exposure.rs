//! Signed sums over instruments: what a book is worth and how it moves.

use crate::marks::InstrumentMark;
use crate::worlds::{WORLDS, Worlds};

/// The value, sensitivities and load of a book in one market.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "borsh", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Exposure {
    /// `sum x mark`, quote.
    pub value: f64,
    /// `sum x delta`, underlying.
    pub delta: f64,
    /// `sum x vega`, quote per 1.00 of volatility.
    pub vega: f64,
    /// `-sum x l`: what the holder of the book loses in each scenario, quote.
    #[cfg_attr(feature = "serde", serde(with = "crate::worlds::as_sequence"))]
    pub load: Worlds,
}

impl Exposure {
    /// An empty book.
    pub const ZERO: Exposure = Exposure { value: 0.0, delta: 0.0, vega: 0.0, load: [0.0; WORLDS] };

    /// Adds `size` units of an instrument, negative when short. The order of calls is the order of summation.
    #[inline]
    pub fn add(&mut self, size: f64, mark: &InstrumentMark) {
        self.value += size * mark.mark;
        self.delta += size * mark.delta;
        self.vega += size * mark.vega;
        for (load, l) in self.load.iter_mut().zip(&mark.worlds) {
            *load -= size * l;
        }
    }

    /// Adds a whole book.
    pub fn merge(&mut self, other: &Exposure) {
        self.value += other.value;
        self.delta += other.delta;
        self.vega += other.vega;
        for (load, l) in self.load.iter_mut().zip(&other.load) {
            *load += l;
        }
    }
}

impl Default for Exposure {
    fn default() -> Exposure {
        Exposure::ZERO
    }
}
