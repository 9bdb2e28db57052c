//! `cenote cancel`.

use crate::exit::{CODES, Failure, told};
use crate::session::{As, Common};
use crate::show::words::sentence;
use cenote_api::ApiCommand;
use cenote_api::envelope::COMMANDS_MAX;
use cenote_api::view::CommandResult;
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  cenote cancel 4211 --as alice
  cenote cancel 4211 4212 --as alice
  cenote cancel --all --as alice";

const NOTES: &str = "\
A cancel takes effect once the order has been tried at a price that nobody could know when it was asked for:
until then it may still fill.";

/// Take orders back.
#[derive(Args)]
#[command(before_help = EXAMPLES, after_help = format!("{NOTES}\n\n{CODES}"))]
pub struct Arguments {
    /// Numbers of orders.
    #[arg(value_name = "ORDER", required_unless_present = "all", conflicts_with = "all")]
    orders: Vec<u64>,
    /// Every live order of the account.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    signer: As,
    #[command(flatten)]
    common: Common,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    arguments.common.run(|session| {
        let actor = session.actor(&arguments.signer)?;
        let mut orders = arguments.orders.clone();
        if arguments.all {
            let live = session.client.account(actor.account)?.orders;
            orders.extend(live.iter().map(|order| order.order));
            if orders.is_empty() {
                return session.show(&Vec::<CommandResult>::new(), |_| "no live orders\n".to_owned());
            }
        }
        orders.dedup();
        let mut results = Vec::with_capacity(orders.len());
        for some in orders.chunks(COMMANDS_MAX) {
            let commands = some.iter().map(|order| ApiCommand::CancelOrder { order: *order }).collect();
            results.extend(session.send(&actor, commands)?.results);
        }
        let book = session.book()?;
        let said = |(order, result): (&u64, &CommandResult)| match (&result.error, result.events.first()) {
            (Some(error), _) => format!("order {order}: {} ({})\n", error.message, error.code),
            (None, Some(event)) => sentence(&event.what, &book) + "\n",
            (None, None) => format!("order {order} is to be cancelled\n"),
        };
        session.show(&results, |_| orders.iter().zip(&results).map(said).collect())?;
        told(results.iter().find_map(|result| result.error.as_ref()))
    })
}
