//! Money in and money out (rules L3, L4).

use super::authorise::positive;
use super::order::require_no_orders;
use super::settle::settle_account;
use crate::error::Rejection;
use crate::event::Event;
use crate::ledger::{Bucket, Reason, post, require};
use crate::work::{Done, Effect, Work};
use cenote_units::Cash;

/// Credits what the host attached.
pub(super) fn deposit(work: &mut Work<'_>) -> Done {
    let (account, amount) = (work.account(), work.ctx.funds);

    post(work, Bucket::External, Bucket::Account(account), amount, Reason::Deposit)?;
    let tally = &mut work.set.account.edit_or_new(&account).tally;
    tally.external = tally.external.plus(amount)?;
    work.emit(Event::Deposited { account, amount });
    Ok(())
}

/// Pays free cash out to the account itself.
pub(super) fn withdraw(work: &mut Work<'_>, amount: Cash) -> Done {
    positive("amount", amount)?;
    let account = work.account();
    if work.set.account.get(&account).is_none() {
        return Err(Rejection::AccountNotFound { account }.into());
    }
    settle_account(work, account)?;
    require_no_orders(work, account)?;
    let free = work.set.account.edit_or_new(&account).cash;
    require("account", amount, free)?;

    post(work, Bucket::Account(account), Bucket::External, amount, Reason::Withdrawal)?;
    let tally = &mut work.set.account.edit_or_new(&account).tally;
    tally.external = tally.external.minus(amount)?;
    work.effects.push(Effect::Pay { to: account, amount });
    work.emit(Event::Withdrawn { account, amount });
    Ok(())
}
