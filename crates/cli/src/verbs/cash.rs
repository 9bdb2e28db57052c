//! `cenote deposit` and `cenote withdraw`: money between an account's wallet and its free cash.

use super::trade::money_typed;
use crate::exit::{CODES, Failure};
use crate::session::{As, Common, Session};
use crate::show::words::sentence;
use cenote_api::view::CommandsAnswer;
use cenote_api::{ApiCommand, Money};
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  cenote deposit 1000 --as alice       from the wallet into free cash
  cenote withdraw 250.50 --as alice    from free cash into the wallet
  cenote account --as alice            what is in either";

/// Move money between the account's wallet and its free cash.
#[derive(Args)]
#[command(before_help = EXAMPLES, after_help = CODES)]
pub struct Arguments {
    /// How much.
    #[arg(value_parser = money_typed)]
    amount: Money,
    #[command(flatten)]
    signer: As,
    #[command(flatten)]
    common: Common,
}

pub fn deposit(arguments: &Arguments) -> Result<(), Failure> {
    moved(arguments, ApiCommand::Deposit { amount: arguments.amount })
}

pub fn withdraw(arguments: &Arguments) -> Result<(), Failure> {
    moved(arguments, ApiCommand::Withdraw { amount: arguments.amount })
}

fn moved(arguments: &Arguments, command: ApiCommand) -> Result<(), Failure> {
    arguments.common.run(|session| {
        let actor = session.actor(&arguments.signer)?;
        let (answer, _) = session.send_one(&actor, command)?;
        done(session, &answer)
    })
}

/// What commands did, an event a line.
pub fn done(session: &Session, answer: &CommandsAnswer) -> Result<(), Failure> {
    let book = session.book()?;
    session.show(answer, |_| {
        let events = answer.results.iter().flat_map(|result| &result.events);
        let lines: String = events.map(|event| sentence(&event.what, &book) + "\n").collect();
        if lines.is_empty() { "done\n".to_owned() } else { lines }
    })
}
