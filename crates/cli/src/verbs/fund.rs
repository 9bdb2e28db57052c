//! `cenote fund`: the faucet of dev mode.

use super::cash::done;
use super::trade::money_typed;
use crate::exit::{CODES, Failure};
use crate::session::{As, Common, Session, first};
use cenote_api::Money;
use cenote_api::view::FundRequest;
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  cenote fund alice 10000
  cenote fund cenote1... 2500";

/// Money out of nowhere into an account's free cash, dev mode only.
#[derive(Args)]
#[command(before_help = EXAMPLES, after_help = CODES)]
pub struct Arguments {
    #[command(flatten)]
    gift: Gift,
    #[command(flatten)]
    common: Common,
}

/// Who gets how much.
#[derive(Args)]
pub struct Gift {
    /// Whose, by name or address.
    #[arg(value_name = "WHO")]
    whose: String,
    /// How much.
    #[arg(value_parser = money_typed)]
    amount: Money,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    arguments.common.run(|session| give(session, &arguments.gift))
}

/// Funds an account.
pub fn give(session: &Session, gift: &Gift) -> Result<(), Failure> {
    let actor = session.actor(&As { who: Some(gift.whose.clone()) })?;
    let answer = session.client.fund(&FundRequest { account: actor.account, amount: gift.amount })?;
    first(&answer)?;
    done(session, &answer)
}
