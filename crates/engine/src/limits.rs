//! Every bound of the protocol. A command's cost depends on these and never on the number of users (I32).

/// Legs of one order, before merging.
pub const LEGS: usize = 8;
/// Option positions of one account over all boards.
pub const POSITIONS: usize = 64;
/// Positions that transfers from others may fill: the rest stays free for the account's own trades.
pub const POSITIONS_BY_TRANSFER: usize = 32;
/// Live orders of one account.
pub const ORDERS_PER_ACCOUNT: usize = 16;
/// Live orders of one market.
pub const ORDERS_PER_MARKET: usize = 256;
/// Orders that one command tries at one tick. A new price finishes the tick before it first, so it may try twice as many.
pub const FILLS: usize = 64;
/// Boards of one market that have not settled.
pub const BOARDS: usize = 16;
/// Strikes of one board.
pub const STRIKES: usize = 48;
/// Markets of one pool.
pub const MARKETS_PER_POOL: usize = 4;
/// Publishers of one market.
pub const PUBLISHERS: usize = 16;
/// Nodes of one surface.
pub const SURFACE_NODES: usize = 12;
/// Pools one account may hold shares of.
pub const STAKES: usize = 8;
/// Liquidity requests of one account in one pool that are not yet claimed.
pub const CLAIMS: usize = 8;
/// Share locks of one account in one pool.
pub const LOCKS: usize = 8;
/// Short positions that an account offers to others at a time.
pub const OFFERS: usize = 4;
/// Letters of a market's or pool's name.
pub const NAME: usize = 16;

const _: () = {
    assert!(LEGS * 2 <= POSITIONS, "a whole order of forwards must fit an account");
    assert!(POSITIONS_BY_TRANSFER < POSITIONS);
    assert!(ORDERS_PER_ACCOUNT < ORDERS_PER_MARKET, "no account can fill a market's queue alone");
    assert!(FILLS <= ORDERS_PER_MARKET);
    assert!(STRIKES * 2 <= 256, "the payoffs of a board must add up exactly, see cenote_units");
};
