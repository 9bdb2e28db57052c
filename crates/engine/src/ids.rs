//! Names of things: accounts, pools, markets, boards, instruments, orders.

use alloc::string::String;
use borsh::{BorshDeserialize, BorshSerialize};
use cenote_units::{Price, Timestamp};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($t:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
        pub struct $name(pub $t);
    };
}

id! {
    /// A pool of liquidity.
    PoolId(u16)
}
id! {
    /// A market: one underlying against the quote token, in one pool.
    MarketId(u16)
}
id! {
    /// An order; the sequence number of the command that placed it.
    OrderId(u64)
}
id! {
    /// A governance proposal; the sequence number of the command that made it.
    ProposalId(u64)
}

/// Whoever holds cash, positions and shares: an address in the host's canonical bytes, left-padded with zeros.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize)]
pub struct AccountId(pub [u8; 32]);

impl AccountId {
    /// An account with a small number for its address: tests and simulations.
    #[must_use]
    pub fn numbered(n: u64) -> Self {
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().rev().zip(n.to_le_bytes()) {
            *to = from;
        }
        Self(bytes)
    }

    /// Lower-case hex, 64 digits.
    #[must_use]
    pub fn to_hex(self) -> String {
        use core::fmt::Write as _;
        let mut text = String::with_capacity(64);
        for byte in self.0 {
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    /// Reads up to 64 hex digits, left-padded with zeros.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let mut bytes = [0u8; 32];
        for (position, digit) in text.chars().rev().enumerate() {
            let nibble = u8::try_from(digit.to_digit(16)?).ok()?;
            let shifted = if position.is_multiple_of(2) { nibble } else { nibble.checked_shl(4)? };
            let index = 31usize.checked_sub(position >> 1)?;
            *bytes.get_mut(index)? |= shifted;
        }
        Some(Self(bytes))
    }
}

impl core::fmt::Debug for AccountId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "account {self}")
    }
}

impl core::fmt::Display for AccountId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let hex = self.to_hex();
        let short = hex.trim_start_matches('0');
        f.write_str(if short.is_empty() { "0" } else { short })
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for AccountId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for AccountId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <String as serde::Deserialize>::deserialize(deserializer)?;
        Self::from_hex(&text).ok_or_else(|| serde::de::Error::custom("an account is 1 to 64 hex digits"))
    }
}

/// One (market, expiry, series) with a settlement band of its own. Orders by market, then expiry, then series.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BoardId {
    /// Whose options these are.
    pub market: MarketId,
    /// When they expire.
    pub expiry: Timestamp,
    /// Zero for the first band listed for this expiry, then one more each time the forward outgrew it.
    pub series: u8,
}

/// Call or put.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Right {
    /// Pays settlement minus strike, not below zero.
    #[default]
    Call,
    /// Pays strike minus settlement, not below zero.
    Put,
}

/// What a leg of an order asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum LegKind {
    /// A call.
    Call,
    /// A put.
    Put,
    /// The forward of a strike: one call bought and one put sold, booked as that pair.
    Forward,
}

/// One option series: a strike and a right on a board. Orders by board, strike, call before put.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Instrument {
    /// The board it is listed on.
    pub board: BoardId,
    /// The strike.
    pub strike: Price,
    /// Call or put.
    pub right: Right,
}
