//! Double entry: cash moves from one bucket to another and in no other way.

use crate::error::{Error, Fault, Rejection};
use crate::ids::{AccountId, BoardId, MarketId, PoolId};
use crate::work::Work;
use crate::working::WorkingSet;
use borsh::{BorshDeserialize, BorshSerialize};
use cenote_units::{Cash, OutOfRange};

/// Where cash is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub enum Bucket {
    /// The host's bank; minus what is inside.
    External,
    /// An account's free cash.
    Account(AccountId),
    /// A pool's free cash.
    Pool(PoolId),
    /// Deposits waiting in an epoch.
    PoolPending(PoolId, u64),
    /// Cash paid to those who leave, not yet claimed, of one exit round.
    PoolClaims(PoolId, u32),
    /// A board's escrow, of all its participants.
    Board(BoardId),
    /// Keeper fees of a market's live orders.
    Keeper(MarketId),
    /// Insurance.
    Insurance,
    /// Treasury.
    Treasury,
}

/// Which token; one today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Asset {
    /// The quote token.
    Quote,
}

/// Why cash moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Reason {
    /// Money from outside.
    Deposit,
    /// Money to outside.
    Withdrawal,
    /// The cost of a trade.
    Premium,
    /// A share of a fee.
    Fee,
    /// Into or out of a board's escrow.
    Escrow,
    /// A settled position.
    Settlement,
    /// What rounding left on a board.
    Dust,
    /// Set aside for, paid to or given back by keepers.
    KeeperFee,
    /// Set aside for shares, or given back.
    LiquidityRequest,
    /// Into a pool for shares.
    LiquidityIn,
    /// Out of a pool for shares.
    LiquidityOut,
    /// To an owner who left.
    Claim,
    /// Between accounts, with a position.
    Transfer,
}

/// One movement of cash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Posting {
    /// From where.
    pub from: Bucket,
    /// To where.
    pub to: Bucket,
    /// Of which token.
    pub asset: Asset,
    /// How much; more than zero.
    pub amount: Cash,
    /// Why.
    pub reason: Reason,
}

/// Moves cash. A zero amount moves nothing; a negative one moves the other way.
pub(crate) fn post(
    work: &mut Work<'_>,
    from: Bucket,
    to: Bucket,
    amount: Cash,
    reason: Reason,
) -> Result<(), Error> {
    if amount.is_zero() || from == to {
        return Ok(());
    }
    let (from, to, amount) =
        if amount.is_negative() { (to, from, amount.negated()) } else { (from, to, amount) };
    change(&mut work.set, from, |cash| cash.minus(amount))?;
    change(&mut work.set, to, |cash| cash.plus(amount))?;
    work.postings.push(Posting { from, to, asset: Asset::Quote, amount, reason });
    Ok(())
}

/// What a bucket holds.
pub(crate) fn balance(set: &mut WorkingSet<'_>, bucket: Bucket) -> Result<Cash, Error> {
    Ok(match bucket {
        Bucket::External => set.vault.edit_or_new(&()).external,
        Bucket::Insurance => set.vault.edit_or_new(&()).insurance,
        Bucket::Treasury => set.vault.edit_or_new(&()).treasury,
        Bucket::Account(id) => set.account.get(&id).map_or(Cash::ZERO, |a| a.cash),
        Bucket::Pool(id) => set.pool.get(&id).map_or(Cash::ZERO, |p| p.cash),
        Bucket::PoolPending(id, epoch) => set.epoch.get(&(id, epoch)).map_or(Cash::ZERO, |e| e.pending),
        Bucket::PoolClaims(id, round) => set.exit_round.get(&(id, round)).map_or(Cash::ZERO, |r| r.claims),
        Bucket::Board(id) => set.board.get(&id).map_or(Cash::ZERO, |b| b.escrow),
        Bucket::Keeper(id) => set.queue.get(&id).map_or(Cash::ZERO, |q| q.keeper),
    })
}

fn change(
    set: &mut WorkingSet<'_>,
    bucket: Bucket,
    by: impl Fn(Cash) -> Result<Cash, OutOfRange>,
) -> Result<(), Error> {
    let missing = Fault::MissingRecord("the record of a bucket");
    let cash = match bucket {
        Bucket::External => &mut set.vault.edit_or_new(&()).external,
        Bucket::Insurance => &mut set.vault.edit_or_new(&()).insurance,
        Bucket::Treasury => &mut set.vault.edit_or_new(&()).treasury,
        Bucket::Account(id) => &mut set.account.edit_or_new(&id).cash,
        Bucket::Pool(id) => &mut set.pool.edit(&id).ok_or(missing)?.cash,
        Bucket::PoolPending(id, epoch) => &mut set.epoch.edit_or_new(&(id, epoch)).pending,
        Bucket::PoolClaims(id, round) => &mut set.exit_round.edit_or_new(&(id, round)).claims,
        Bucket::Board(id) => &mut set.board.edit(&id).ok_or(missing)?.escrow,
        Bucket::Keeper(id) => &mut set.queue.edit_or_new(&id).keeper,
    };
    *cash = by(*cash)?;
    Ok(())
}

/// The solvency rule, once a command has done its work: no bucket that it touched is below zero.
pub(crate) fn check(work: &mut Work<'_>) -> Result<(), Error> {
    let mut index = 0usize;
    while let Some(posting) = work.postings.get(index).copied() {
        let cash = balance(&mut work.set, posting.from)?;
        if cash.is_negative() && posting.from != Bucket::External {
            return Err(Fault::NegativeBucket(posting.from).into());
        }
        index = index.saturating_add(1);
    }
    Ok(())
}

/// Refuses what an account's or pool's free cash cannot pay.
pub(crate) fn require(who: &'static str, required: Cash, available: Cash) -> Result<(), Rejection> {
    if required > available {
        return Err(Rejection::InsufficientCash { who, required, available });
    }
    Ok(())
}

impl core::fmt::Display for Bucket {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::External => f.write_str("external"),
            Self::Insurance => f.write_str("insurance"),
            Self::Treasury => f.write_str("treasury"),
            Self::Account(id) => write!(f, "account:{id}"),
            Self::Pool(id) => write!(f, "pool:{}", id.0),
            Self::PoolPending(id, epoch) => write!(f, "pool_pending:{}:{epoch}", id.0),
            Self::PoolClaims(id, round) => write!(f, "pool_claims:{}:{round}", id.0),
            Self::Board(id) => write!(f, "board:{}:{}:{}", id.market.0, id.expiry.millis(), id.series),
            Self::Keeper(id) => write!(f, "keeper:{}", id.0),
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Bucket {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
