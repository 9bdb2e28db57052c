//! One file a verb. Each authorises, accrues, decides (every refusal is above this line), posts, emits.

mod authorise;
mod batch;
mod calendar;
mod cash;
pub(crate) mod fill;
mod governance;
mod liquidity;
mod order;
mod price;
mod roll;
mod session;
mod settle;
mod surface;
mod tick;
mod transfer;

pub(crate) use governance::{create_market, create_pool};

use crate::command::Command;
use crate::work::{Done, Work};

/// Runs the verb of a command.
pub(crate) fn carry_out(work: &mut Work<'_>, command: &Command) -> Done {
    authorise::check(work, command)?;
    match command {
        Command::Deposit => cash::deposit(work),
        Command::Withdraw { amount } => cash::withdraw(work, *amount),
        Command::PushPrice { market, reports } => price::push(work, *market, reports),
        Command::PublishSurface { market, published_at, nodes } => {
            surface::publish(work, *market, *published_at, nodes)
        }
        Command::PlaceOrder(request) => order::place(work, request),
        Command::CancelOrder { order } => order::cancel(work, *order),
        Command::Fill { market } => order::fill(work, *market),
        Command::RequestDeposit { pool, amount } => liquidity::request_deposit(work, *pool, *amount),
        Command::RequestWithdraw { pool, shares } => liquidity::request_withdraw(work, *pool, *shares),
        Command::Claim { account, pool, epoch } => liquidity::claim(work, *account, *pool, *epoch),
        Command::Roll { market } => roll::roll(work, *market),
        Command::Settle { board } => settle::settle(work, *board),
        Command::SettleAccount { account } => settle::settle_named(work, *account),
        Command::TransferShares { pool, to, shares } => liquidity::transfer(work, *pool, *to, *shares),
        Command::TransferPosition { to, board, strike, right, size, payment } => {
            let instrument = crate::ids::Instrument { board: *board, strike: *strike, right: *right };
            transfer::give(work, *to, instrument, *size, *payment)
        }
        Command::TakePosition { from, offer } => transfer::take(work, *from, *offer),
        Command::RevokeOffer { offer } => transfer::revoke(work, *offer),
        Command::Propose { action } => governance::propose(work, action),
        Command::Enact { proposal } => governance::enact(work, *proposal),
        Command::Reject { proposal } => governance::reject(work, *proposal),
        Command::Pause { market } => governance::set_pause(work, *market, true),
        Command::Resume { market } => governance::set_pause(work, *market, false),
        Command::GrantSession(grant) => session::grant(work, grant),
        Command::RevokeSession { key } => session::revoke(work, *key),
    }
}
