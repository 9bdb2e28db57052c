//! `cenote lp`: liquidity, in and out.

use super::cash::done;
use super::trade::money_typed;
use crate::exit::{CODES, Failure};
use crate::keyring::Actor;
use crate::session::{As, Common, Session, first};
use crate::show::number::{float, money, percent, shares, typed};
use crate::show::time::{from_now, moment, span};
use crate::show::{Cell, Paint, Table, Tone};
use cenote_api::view::{LpQueue, LpRequest, Pool, Stake};
use cenote_api::{ApiCommand, ApiError, Money, ShareCount};
use clap::{Args, Subcommand};
use serde::Serialize;

const EXAMPLES: &str = "\
Examples:
  cenote lp status --as lp1
  cenote lp deposit 10000 --as lp1       cash for pool shares, at the next batch
  cenote lp withdraw 250 --as lp1        shares to be paid out, from the next batch on
  cenote lp withdraw all --as lp1
  cenote lp claim --as lp1               whatever batches owe";

/// Liquidity of a pool: what one has in it, and what is on its way in and out.
#[derive(Args)]
#[command(before_help = EXAMPLES, after_help = CODES)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
    /// Which pool. [default: that of the venue's first market]
    #[arg(long, global = true, value_name = "N")]
    pool: Option<u16>,
    #[command(flatten)]
    signer: As,
    #[command(flatten)]
    common: Common,
}

#[derive(Subcommand)]
enum What {
    /// The pool, the account's shares, and where its requests are.
    #[command(before_help = "Examples:\n  cenote lp status --as lp1")]
    Status,
    /// Set cash aside for shares, at the price of the next batch.
    #[command(before_help = "Examples:\n  cenote lp deposit 10000 --as lp1")]
    Deposit {
        /// How much.
        #[arg(value_parser = money_typed)]
        amount: Money,
    },
    /// Freeze shares to be paid out from the next batch on.
    #[command(
        before_help = "Examples:\n  cenote lp withdraw 250 --as lp1\n  cenote lp withdraw all --as lp1"
    )]
    Withdraw {
        /// How many shares, or `all` that are not locked.
        shares: String,
    },
    /// Take what batches owe.
    #[command(before_help = "Examples:\n  cenote lp claim --as lp1\n  cenote lp claim 11 --as lp1")]
    Claim {
        /// Of which epoch. [default: all that can be claimed]
        epoch: Option<u64>,
    },
}

/// What `lp status` answers: the pool, and the account's part of it.
#[derive(Serialize)]
struct Standing {
    pool: Pool,
    stake: Option<Stake>,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    arguments.common.run(|session| {
        let pool = match arguments.pool {
            Some(pool) => pool,
            None => session.market(None)?.pool,
        };
        match &arguments.what {
            What::Status => status(session, arguments, pool),
            What::Deposit { amount } => {
                let actor = session.actor(&arguments.signer)?;
                requested(session, &actor, ApiCommand::RequestDeposit { pool, amount: *amount })
            }
            What::Withdraw { shares } => {
                let actor = session.actor(&arguments.signer)?;
                let shares = shares_typed(session, &actor, pool, shares)?;
                requested(session, &actor, ApiCommand::RequestWithdraw { pool, shares })
            }
            What::Claim { epoch } => claim(session, &session.actor(&arguments.signer)?, pool, *epoch),
        }
    })
}

fn stake(session: &Session, actor: &Actor, pool: u16) -> Result<Option<Stake>, Failure> {
    let stakes = session.client.account(actor.account)?.stakes;
    Ok(stakes.into_iter().find(|stake| stake.pool == pool))
}

fn shares_typed(session: &Session, actor: &Actor, pool: u16, text: &str) -> Result<ShareCount, Failure> {
    if !text.eq_ignore_ascii_case("all") {
        return typed(text)
            .parse()
            .map_err(|e: cenote_api::amount::NotAnAmount| Failure::Usage(e.to_string()));
    }
    let stake = stake(session, actor, pool)?;
    let free = stake.map(|stake| stake.shares.0.get().saturating_sub(stake.locked.0.get())).unwrap_or(0);
    match cenote_units::Shares::new(free) {
        Ok(shares) if free > 0 => Ok(ShareCount(shares)),
        _ => Err(Failure::Input(format!(
            "{} has no shares of pool {pool} that are not locked; `cenote lp status` says until when",
            actor.name
        ))),
    }
}

fn requested(session: &Session, actor: &Actor, command: ApiCommand) -> Result<(), Failure> {
    let (answer, _) = session.send_one(actor, command)?;
    done(session, &answer)?;
    if session.json {
        return Ok(());
    }
    crate::output::print("next: cenote lp status, which shows when it is priced and can be claimed\n")
}

fn claim(session: &Session, actor: &Actor, pool: u16, epoch: Option<u64>) -> Result<(), Failure> {
    let epochs = match epoch {
        Some(epoch) => vec![epoch],
        None => {
            let requests = stake(session, actor, pool)?.map(|stake| stake.requests).unwrap_or_default();
            let ripe = |request: &&LpRequest| ["priced", "waiting"].contains(&request.state.as_str());
            requests.iter().filter(ripe).map(|request| request.epoch).collect()
        }
    };
    if epochs.is_empty() {
        let said = "no batch owes this account anything; `cenote lp status` shows where requests are";
        return Err(ApiError::new("nothing_to_claim", said).into());
    }
    let claim = |epoch| ApiCommand::Claim { owner: None, pool, epoch };
    let answer = session.send(actor, epochs.into_iter().map(claim).collect())?;
    if answer.results.iter().all(|result| result.error.is_some()) {
        first(&answer)?;
    }
    done(session, &answer)
}

fn status(session: &Session, arguments: &Arguments, pool: u16) -> Result<(), Failure> {
    let stake = match arguments.signer.who {
        Some(_) => stake(session, &session.actor(&arguments.signer)?, pool)?,
        None => None,
    };
    let standing = Standing { pool: session.client.pool(pool)?, stake };
    let now = session.status()?.market_time_ms;
    session.show(&standing, |paint| text(&standing, now, paint))
}

fn text(standing: &Standing, now: u64, paint: Paint) -> String {
    let mut out = pool_text(&standing.pool, now, paint);
    let Some(stake) = &standing.stake else { return out };
    let locked = match stake.locked_until {
        Some(until) if stake.locked.0.get() > 0 => {
            format!(", {} of them locked, the last {}", shares(stake.locked), from_now(until, now))
        }
        _ => String::new(),
    };
    out.push_str(&format!("\n{}\n", paint.strong("yours")));
    out.push_str(&format!("  {} shares worth {}{locked}\n", shares(stake.shares), money(stake.value)));
    for request in &stake.requests {
        out.push('\n');
        out.push_str(&timeline(request, &standing.pool.queue, now, paint));
    }
    out
}

fn pool_text(pool: &Pool, now: u64, paint: Paint) -> String {
    let name = format!("pool {} {}", pool.pool, pool.name);
    let mut table = Table::new().left(&[0, 2]);
    let value = format!("between {} and {}", money(pool.nav_low), money(pool.nav_high));
    table.row(["value", &money(pool.nav_mid), &value]);
    table.row(["a share", &float(pool.share_price, 6), "what leaving pays, before the limits of a batch"]);
    table.row(["shares", &shares(pool.shares), ""]);
    table.row(["free cash", &money(pool.cash), ""]);
    table.row(["locked", &money(pool.locked), "what it owes at worst"]);
    let used =
        format!("of risk capital {}, at most {}", money(pool.risk_capital), percent(pool.utilisation_cap));
    table.row(["used", &percent(pool.utilisation), &used]);
    let queue = &pool.queue;
    let open = queue.priced_from.map_or_else(String::new, |at| {
        format!("a request made now is priced from {} on, {}", moment(at), from_now(at, now))
    });
    table.row(["epoch", &queue.open_epoch.to_string(), &open]);
    table.row(["waiting", &shares(queue.waiting), "shares of earlier batches that could not be paid yet"]);
    let warning = if pool.winding_down {
        paint.tone(Tone::Warn, "it takes no new risk: its equity is below its minimum") + "\n"
    } else {
        String::new()
    };
    let last = queue.due_at.map_or_else(String::new, |at| {
        format!("the batch of the epoch before is due {}\n", from_now(at, now))
    });
    format!("{}\n{}{warning}{last}", paint.strong(&name), table.text(paint))
}

/// How far a step is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Done,
    Now,
    Later,
}

/// A request with its four steps and the rule of each: requested, priced, payable, paid.
fn timeline(request: &LpRequest, queue: &LpQueue, now: u64, paint: Paint) -> String {
    let enters = request.deposit.0.get() != 0;
    let what = match (enters, request.exit.0.get() != 0) {
        (true, true) => {
            format!("{} for shares, and {} shares for cash", money(request.deposit), shares(request.exit))
        }
        (true, false) => format!("{} for shares", money(request.deposit)),
        (false, _) => format!("{} shares for cash", shares(request.exit)),
    };
    let at = match request.state.as_str() {
        "requested" | "closing" => 1,
        "priced" => 3,
        _ => 2,
    };
    let priced = match (request.due_at, queue.priced_from) {
        (Some(due), _) => {
            format!("at the first price from {} on, {}: still unknown", moment(due), from_now(due, now))
        }
        (None, Some(from)) => {
            format!("its epoch is open; from {} on, {}, at the earliest", moment(from), from_now(from, now))
        }
        (None, None) => {
            "its epoch closes at the next price; a later one, still unknown, prices it".to_owned()
        }
    };
    let priced = if at > 1 { "its batch has run".to_owned() } else { priced };
    let payable = match (enters, request.state.as_str()) {
        (_, "waiting") => {
            format!("{} so far; the rest as the pool's cash and limits allow", money(request.paid))
        }
        (true, _) => format!("shares at the batch's price, locked for {} after it", span(queue.lock_ms)),
        (false, _) => "as far as the pool's cash and limits allow; the rest waits its turn".to_owned(),
    };
    let paid = format!("by `cenote lp claim {}`; anybody may claim for anybody", request.epoch);
    let steps = [
        ("requested", "set aside; a request cannot be taken back".to_owned()),
        ("priced", priced),
        ("payable", payable),
        ("paid", paid),
    ];
    let mut table = Table::new().left(&[0, 1, 2]);
    for (number, (name, rule)) in steps.into_iter().enumerate() {
        let step = match number {
            n if n < at => Step::Done,
            n if n == at => Step::Now,
            _ => Step::Later,
        };
        let (mark, tone) = match step {
            Step::Done => ("done", Tone::Faint),
            Step::Now => ("now", Tone::Strong),
            Step::Later => ("", Tone::Plain),
        };
        table.row([Cell::new(tone, mark), Cell::new(tone, name), Cell::new(tone, rule)]);
    }
    format!("  epoch {}: {what}\n{}", request.epoch, table.spaced(4, 2).text(paint))
}
