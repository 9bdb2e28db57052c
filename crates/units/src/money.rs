//! Money, prices, sizes, shares and ratios.

use crate::{OutOfRange, mul_div_down, mul_div_up};

/// Writes a bounded integer unit: constructor, getter, checked sums.
macro_rules! unit {
    ($(#[$doc:meta])* $name:ident($t:ty, $text:literal), $min:expr, $max:expr, $scale:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        #[cfg_attr(feature = "borsh", derive(borsh::BorshSerialize))]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(try_from = $text, into = $text))]
        pub struct $name($t);

        // Bytes and text from outside pass the same bounds as every other value.
        impl TryFrom<$t> for $name {
            type Error = OutOfRange;
            fn try_from(units: $t) -> Result<Self, OutOfRange> {
                Self::new(units)
            }
        }

        impl From<$name> for $t {
            fn from(value: $name) -> $t {
                value.0
            }
        }

        #[cfg(feature = "borsh")]
        impl borsh::BorshDeserialize for $name {
            fn deserialize_reader<R: borsh::io::Read>(reader: &mut R) -> borsh::io::Result<Self> {
                let units = <$t as borsh::BorshDeserialize>::deserialize_reader(reader)?;
                Self::new(units).map_err(|_| {
                    borsh::io::Error::new(borsh::io::ErrorKind::InvalidData, concat!(stringify!($name), " out of range"))
                })
            }
        }

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(0);
            /// The smallest value.
            pub const MIN: Self = Self($min);
            /// The largest value.
            pub const MAX: Self = Self($max);
            /// Units in one whole.
            pub const ONE: Self = Self($scale);

            /// A value from its raw units; refused beyond the bounds.
            #[allow(unused_comparisons, clippy::absurd_extreme_comparisons)] // Some bounds are the type's own.
            pub const fn new(units: $t) -> Result<Self, OutOfRange> {
                if units < $min || units > $max {
                    return Err(OutOfRange { unit: stringify!($name) });
                }
                Ok(Self(units))
            }

            /// Raw units.
            #[must_use]
            pub const fn get(self) -> $t {
                self.0
            }

            /// Whether this is exactly nothing.
            #[must_use]
            pub const fn is_zero(self) -> bool {
                self.0 == 0
            }

            /// Sum; refused beyond the bounds.
            pub const fn plus(self, other: Self) -> Result<Self, OutOfRange> {
                match self.0.checked_add(other.0) {
                    Some(units) => Self::new(units),
                    None => Err(OutOfRange { unit: stringify!($name) }),
                }
            }

            /// Difference; refused beyond the bounds.
            pub const fn minus(self, other: Self) -> Result<Self, OutOfRange> {
                match self.0.checked_sub(other.0) {
                    Some(units) => Self::new(units),
                    None => Err(OutOfRange { unit: stringify!($name) }),
                }
            }
        }
    };
}

unit! {
    /// Money in 1e-6 of the quote token, signed: balances, premiums, fees, obligations.
    Cash(i128, "i128"), -1_000_000_000_000_000_000_000, 1_000_000_000_000_000_000_000, 1_000_000
}
unit! {
    /// A price in 1e-12 quote per underlying: index, strike, cap, floor, settlement.
    Price(u128, "u128"), 0, 100_000_000_000_000_000_000, 1_000_000_000_000
}
unit! {
    /// A signed number of contracts in 1e-6; positive is long.
    Size(i64, "i64"), -1_000_000_000_000_000, 1_000_000_000_000_000, 1_000_000
}
unit! {
    /// A price times a size, exactly: 1e-18 quote. Sums of payoffs live here and are rounded once.
    Exact(i128, "i128"), i128::MIN, i128::MAX, 1_000_000_000_000_000_000
}
unit! {
    /// Pool shares in 1e-6; a new pool sells one share for one quote token.
    Shares(u128, "u128"), 0, 1_000_000_000_000_000_000_000_000, 1_000_000
}
unit! {
    /// A dimensionless number in 1e-9: parameters, fractions, vols (0.55 is 550,000,000).
    Ratio(i64, "i64"), i64::MIN, i64::MAX, 1_000_000_000
}

/// The most terms of `price * size` that are ever added exactly: both rights of every strike of a board.
const TERMS_MAX: i128 = 256;
const _: () = {
    // A payoff is at most the largest price; so many of them at the largest size fit an `Exact`.
    #[allow(clippy::as_conversions)]
    let term = (Price::MAX.0 as i128).checked_mul(Size::MAX.0 as i128);
    match term {
        Some(term) => assert!(term.checked_mul(TERMS_MAX).is_some()),
        None => panic!("a price times a size must fit"),
    }
    // A whole board's worst payout is still cash, with room to sum over every board of every market.
    assert!(Cash::MAX.0.checked_mul(1 << 32).is_some());
};

/// 1e-18 quote in one unit of cash.
const EXACT_PER_CASH: i128 = 1_000_000_000_000;

impl Price {
    /// This price times a size, exactly.
    #[must_use]
    #[allow(clippy::arithmetic_side_effects, clippy::as_conversions)] // Fits by the bounds asserted above.
    pub const fn times(self, size: Size) -> Exact {
        Exact(self.0 as i128 * size.0 as i128)
    }

    /// This price less `other`, zero when `other` is larger: a call's payoff, or a put's the other way.
    #[must_use]
    pub const fn above(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Size {
    /// The same size on the other side.
    #[must_use]
    #[allow(clippy::arithmetic_side_effects)] // The bounds are symmetric.
    pub const fn negated(self) -> Self {
        Self(-self.0)
    }

    /// The number of contracts without its sign.
    #[must_use]
    pub const fn magnitude(self) -> u64 {
        self.0.unsigned_abs()
    }
}

impl Cash {
    /// The same amount with the other sign.
    #[must_use]
    #[allow(clippy::arithmetic_side_effects)] // The bounds are symmetric.
    pub const fn negated(self) -> Self {
        Self(-self.0)
    }

    /// Whether this is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The larger of this and zero.
    #[must_use]
    pub const fn or_zero(self) -> Self {
        if self.0 < 0 { Self::ZERO } else { self }
    }

    /// `self * numerator / denominator` rounded toward zero; refused when negative, when the denominator is
    /// zero, or beyond the bounds.
    pub fn mul_div_down(self, numerator: u128, denominator: u128) -> Result<Self, OutOfRange> {
        Self::from_parts(u128::try_from(self.0).ok().and_then(|a| mul_div_down(a, numerator, denominator)))
    }

    /// `self * numerator / denominator` rounded up; refused like [`Cash::mul_div_down`].
    pub fn mul_div_up(self, numerator: u128, denominator: u128) -> Result<Self, OutOfRange> {
        Self::from_parts(u128::try_from(self.0).ok().and_then(|a| mul_div_up(a, numerator, denominator)))
    }

    fn from_parts(units: Option<u128>) -> Result<Self, OutOfRange> {
        let units = units.and_then(|u| i128::try_from(u).ok()).ok_or(OutOfRange { unit: "Cash" })?;
        Self::new(units)
    }
}

impl Exact {
    /// Cash, rounded toward minus infinity: what may be paid out.
    pub const fn to_cash_down(self) -> Result<Cash, OutOfRange> {
        Cash::new(self.0.div_euclid(EXACT_PER_CASH))
    }

    /// Cash, rounded toward plus infinity: what must be held.
    pub const fn to_cash_up(self) -> Result<Cash, OutOfRange> {
        let whole = self.0.div_euclid(EXACT_PER_CASH);
        if self.0.rem_euclid(EXACT_PER_CASH) == 0 {
            return Cash::new(whole);
        }
        match whole.checked_add(1) {
            Some(units) => Cash::new(units),
            None => Err(OutOfRange { unit: "Cash" }),
        }
    }

    /// The same amount with the other sign; refused for the one value that has none.
    pub const fn negated(self) -> Result<Self, OutOfRange> {
        match self.0.checked_neg() {
            Some(units) => Ok(Self(units)),
            None => Err(OutOfRange { unit: "Exact" }),
        }
    }
}

impl Ratio {
    /// A ratio from basis points (1e-4).
    #[must_use]
    pub const fn basis_points(bp: i32) -> Self {
        Self::parts(bp, 100_000)
    }

    /// A ratio from parts per million.
    #[must_use]
    pub const fn ppm(ppm: i32) -> Self {
        Self::parts(ppm, 1_000)
    }

    #[allow(clippy::arithmetic_side_effects, clippy::as_conversions)] // An i32 times 1e5 fits an i64.
    const fn parts(count: i32, each: i64) -> Self {
        Self(count as i64 * each)
    }
}

impl core::fmt::Display for Cash {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        decimal(f, self.0 < 0, self.0.unsigned_abs(), 6)
    }
}

impl core::fmt::Display for Price {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        decimal(f, false, self.0, 12)
    }
}

impl core::fmt::Display for Size {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        decimal(f, self.0 < 0, u128::from(self.0.unsigned_abs()), 6)
    }
}

impl core::fmt::Display for Shares {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        decimal(f, false, self.0, 6)
    }
}

impl core::fmt::Display for Ratio {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        decimal(f, self.0 < 0, u128::from(self.0.unsigned_abs()), 9)
    }
}

/// Writes `units / 10^places` in full precision without trailing zeros: a figure that can be copied.
fn decimal(f: &mut core::fmt::Formatter<'_>, negative: bool, units: u128, places: u32) -> core::fmt::Result {
    let scale = 10u128.saturating_pow(places);
    let (mut fraction, mut width) = (units.checked_rem(scale).unwrap_or(0), places);
    let sign = if negative { "-" } else { "" };
    write!(f, "{sign}{}", units.checked_div(scale).unwrap_or(0))?;
    if fraction == 0 {
        return Ok(());
    }
    while fraction.is_multiple_of(10) {
        fraction = fraction.checked_div(10).unwrap_or(0);
        width = width.saturating_sub(1);
    }
    write!(f, ".{fraction:0w$}", w = usize::try_from(width).unwrap_or(0))
}

#[cfg(test)]
mod tests;
