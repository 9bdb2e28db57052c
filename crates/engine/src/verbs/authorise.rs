//! Who may send which command.

use super::session::{self, Scope};
use crate::command::Command;
use crate::error::Rejection;
use crate::work::{Done, Work};
use cenote_units::Cash;

/// Checks attached money, session scopes and powers: everything about a command but its content.
pub(super) fn check(work: &mut Work<'_>, command: &Command) -> Done {
    let attached = work.ctx.funds;
    let takes_money = matches!(command, Command::Deposit);
    if attached.is_negative() || takes_money == attached.is_zero() {
        return Err(Rejection::WrongFunds { attached }.into());
    }
    if let Some(principal) = work.ctx.principal {
        session::check(work, principal, scope(command))?;
    }
    let powers = work.set.system.get(&()).map(|system| system.powers).unwrap_or_default();
    let sender = work.ctx.sender;
    let needs = match command {
        Command::Propose { .. } if sender != powers.admin => "the admin's key",
        Command::Reject { .. } if sender != powers.admin && sender != powers.guardian => {
            "the admin's or the guardian's key"
        }
        Command::Pause { .. } | Command::Resume { .. } if sender != powers.guardian => "the guardian's key",
        _ => return Ok(()),
    };
    Err(Rejection::Forbidden { needs }.into())
}

/// What a session key must have been granted for a command; `None` is never granted.
fn scope(command: &Command) -> Option<Scope> {
    match command {
        Command::PlaceOrder(_) | Command::CancelOrder { .. } => Some(Scope::Trade),
        Command::RequestDeposit { .. } | Command::RequestWithdraw { .. } | Command::Claim { .. } => {
            Some(Scope::Liquidity)
        }
        _ => None,
    }
}

/// Refuses an amount that is not above zero.
pub(super) fn positive(field: &'static str, amount: Cash) -> Result<(), Rejection> {
    if amount > Cash::ZERO { Ok(()) } else { Err(Rejection::invalid(field, "more than zero")) }
}
