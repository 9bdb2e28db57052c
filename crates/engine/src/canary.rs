//! Old rules that once lost money, for tests that must catch them.
//!
//! Without the `canary` feature [`planted`] is a constant `false` and none of it is compiled in.

/// A rule of an earlier mechanism, and the loss it made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trap {
    /// Marks from the surface, vectors scaled to them per instrument: butterflies at less than nothing.
    ScaledVectors,
    /// Rent read from utilisation at the tick: lock and release earns 12% of net asset value.
    FrozenUtilisation,
    /// Liquidity enters and leaves without paying for its effect on prices: 9% of the others' money.
    FreeExit,
    /// Orders fill at the tick in force, whose price is known.
    KnownPrice,
    /// No escrow: whoever settles first is paid from whatever is there.
    NoEscrow,
    /// Payoffs rounded per position instead of once a board.
    RoundPositions,
    /// Spread on net vega alone: a risk reversal pays nothing.
    NetVegaOnly,
    /// The fee's cap taken on the premium, impact inside: splitting pays.
    FeeOnPremium,
    /// Black's formula with plain time to expiry inside the averaging window.
    PlainTime,
    /// A cancel takes effect before the fills of the tick that follows it.
    CancelFirst,
}

/// Whether a trap is set on this thread.
#[cfg(not(feature = "canary"))]
#[must_use]
pub const fn planted(_: Trap) -> bool {
    false
}

#[cfg(feature = "canary")]
std::thread_local! {
    static PLANTED: core::cell::Cell<Option<Trap>> = const { core::cell::Cell::new(None) };
}

/// Whether a trap is set on this thread.
#[cfg(feature = "canary")]
#[must_use]
pub fn planted(trap: Trap) -> bool {
    PLANTED.get() == Some(trap)
}

/// Sets one trap, or none, on this thread.
#[cfg(feature = "canary")]
pub fn plant(trap: Option<Trap>) {
    PLANTED.set(trap);
}
