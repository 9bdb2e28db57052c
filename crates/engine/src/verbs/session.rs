//! Session keys: another key acts for an account within a scope, a daily cap and a term (rule G4).

use crate::command::SessionGrant;
use crate::error::{Error, Rejection};
use crate::event::Event;
use crate::ids::AccountId;
use crate::work::{Done, Work};
use cenote_units::{Cash, Timestamp};

/// What a session key may be granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Trade,
    Liquidity,
}

/// Refuses a key that is unknown, ended or not granted this.
pub(super) fn check(work: &mut Work<'_>, principal: AccountId, scope: Option<Scope>) -> Done {
    let key = (principal, work.ctx.sender);
    let refused = |reason| Err(Rejection::SessionRefused { reason }.into());
    let Some(session) = work.set.session.get(&key) else { return refused("there is no such grant") };
    if session.grant.expires_at <= work.ctx.now {
        return refused("the grant has expired");
    }
    match scope {
        Some(Scope::Trade) if session.grant.trade => Ok(()),
        Some(Scope::Liquidity) if session.grant.liquidity => Ok(()),
        Some(Scope::Trade) => refused("the grant leaves out trading"),
        Some(Scope::Liquidity) => refused("the grant leaves out liquidity"),
        None => refused("only trading and liquidity can be granted"),
    }
}

/// Refuses what a key could not spend today; `amount` is what free cash would lose.
pub(super) fn affordable(
    work: &mut Work<'_>,
    principal: AccountId,
    key: Option<AccountId>,
    amount: Cash,
) -> Done {
    let now = work.ctx.now;
    let Some(key) = key else { return Ok(()) };
    let Some(session) = work.set.session.get(&(principal, key)) else {
        return Err(Rejection::SessionRefused { reason: "the grant was revoked" }.into());
    };
    if session.grant.expires_at <= now {
        return Err(Rejection::SessionRefused { reason: "the grant has expired" }.into());
    }
    let spent = if session.day == day(now) { session.spent } else { Cash::ZERO };
    let left = session.grant.daily_cap.minus(spent)?.or_zero();
    if amount > left {
        return Err(Rejection::SessionCap { needed: amount, left }.into());
    }
    Ok(())
}

/// Gives a key back what it did not spend, on the day it was counted.
pub(super) fn refund(
    work: &mut Work<'_>,
    principal: AccountId,
    key: Option<AccountId>,
    amount: Cash,
    counted_at: Timestamp,
) -> Result<(), Error> {
    let Some(key) = key else { return Ok(()) };
    // A key that was revoked has no count to correct.
    if let Some(session) = work.set.session.edit(&(principal, key)).filter(|s| s.day == day(counted_at)) {
        session.spent = session.spent.minus(amount)?.or_zero();
    }
    Ok(())
}

/// Counts what a key has spent.
pub(super) fn spend(
    work: &mut Work<'_>,
    principal: AccountId,
    key: Option<AccountId>,
    amount: Cash,
) -> Result<(), Error> {
    let today = day(work.ctx.now);
    let Some(key) = key else { return Ok(()) };
    if amount <= Cash::ZERO {
        return Ok(());
    }
    if let Some(session) = work.set.session.edit(&(principal, key)) {
        let before = if session.day == today { session.spent } else { Cash::ZERO };
        session.day = today;
        session.spent = before.plus(amount)?;
    }
    Ok(())
}

fn day(now: Timestamp) -> u64 {
    now.millis().checked_div(86_400_000).unwrap_or(0)
}

/// Grants a key, or changes its grant; what it has spent today stays spent.
pub(super) fn grant(work: &mut Work<'_>, grant: &SessionGrant) -> Done {
    let account = work.account();
    if grant.key == account {
        return Err(Rejection::invalid("key", "another key than the account's own").into());
    }
    if grant.expires_at <= work.ctx.now {
        return Err(Rejection::invalid("expires_at", "in the future").into());
    }
    if grant.daily_cap.is_negative() {
        return Err(Rejection::invalid("daily_cap", "zero or more").into());
    }
    if !grant.trade && !grant.liquidity {
        return Err(Rejection::invalid("scope", "trade, liquidity or both").into());
    }

    let session = work.set.session.edit_or_new(&(account, grant.key));
    session.grant = *grant;
    work.emit(Event::SessionGranted { account, key: grant.key, expires_at: grant.expires_at });
    Ok(())
}

/// Ends a key. Its live orders live on: ending them here would be a cancel after the price is known.
pub(super) fn revoke(work: &mut Work<'_>, key: AccountId) -> Done {
    let account = work.account();
    if work.set.session.get(&(account, key)).is_none() {
        return Err(Rejection::SessionRefused { reason: "there is no such grant" }.into());
    }

    work.set.session.remove(&(account, key));
    work.emit(Event::SessionRevoked { account, key });
    Ok(())
}
