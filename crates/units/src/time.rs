//! Time as data: the core never reads a clock.

use crate::OutOfRange;

/// A moment: milliseconds since 1970-01-01 00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "borsh", derive(borsh::BorshSerialize))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "u64", into = "u64"))]
pub struct Timestamp(u64);

/// A length of time in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "borsh", derive(borsh::BorshSerialize))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "u64", into = "u64"))]
pub struct Millis(u64);

/// Bytes and text from outside pass the same bounds as every other value.
macro_rules! bounded_conversions {
    ($name:ident) => {
        impl TryFrom<u64> for $name {
            type Error = OutOfRange;
            fn try_from(ms: u64) -> Result<Self, OutOfRange> {
                if ms > Self::MAX.0 { Err(OutOfRange { unit: stringify!($name) }) } else { Ok(Self(ms)) }
            }
        }

        impl From<$name> for u64 {
            fn from(value: $name) -> u64 {
                value.0
            }
        }

        #[cfg(feature = "borsh")]
        impl borsh::BorshDeserialize for $name {
            fn deserialize_reader<R: borsh::io::Read>(reader: &mut R) -> borsh::io::Result<Self> {
                let ms = <u64 as borsh::BorshDeserialize>::deserialize_reader(reader)?;
                Self::try_from(ms).map_err(|_| {
                    borsh::io::Error::new(
                        borsh::io::ErrorKind::InvalidData,
                        concat!(stringify!($name), " out of range"),
                    )
                })
            }
        }
    };
}
bounded_conversions!(Timestamp);
bounded_conversions!(Millis);

impl Timestamp {
    /// The Unix epoch.
    pub const ZERO: Self = Self(0);
    /// Year 10,000: far enough, and sums with any [`Millis`] within [`Millis::MAX`] still fit.
    pub const MAX: Self = Self(253_402_300_800_000);

    /// A moment from its milliseconds since the epoch.
    pub const fn from_millis(ms: u64) -> Result<Self, OutOfRange> {
        if ms > Self::MAX.0 { Err(OutOfRange { unit: "Timestamp" }) } else { Ok(Self(ms)) }
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// The moment `length` later; at most [`Timestamp::MAX`].
    #[must_use]
    pub const fn after(self, length: Millis) -> Self {
        let sum = self.0.saturating_add(length.0);
        if sum > Self::MAX.0 { Self::MAX } else { Self(sum) }
    }

    /// The moment `length` earlier; at least the epoch.
    #[must_use]
    pub const fn before(self, length: Millis) -> Self {
        Self(self.0.saturating_sub(length.0))
    }

    /// How long after `earlier` this is; zero when it is not after it.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Millis {
        Millis(self.0.saturating_sub(earlier.0))
    }
}

impl Millis {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// Ten thousand years.
    pub const MAX: Self = Self(315_360_000_000_000);

    /// A length from its milliseconds, at most [`Millis::MAX`].
    #[must_use]
    pub const fn new(ms: u64) -> Self {
        if ms > Self::MAX.0 { Self::MAX } else { Self(ms) }
    }

    /// A length from whole seconds.
    #[must_use]
    pub const fn seconds(s: u64) -> Self {
        Self::new(s.saturating_mul(1_000))
    }

    /// A length from whole days of 86,400 seconds.
    #[must_use]
    pub const fn days(d: u64) -> Self {
        Self::seconds(d.saturating_mul(86_400))
    }

    /// Milliseconds.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}
