//! Session keys and API keys: granted by the account, ended by it.

use super::super::cash::done;
use super::super::trade::money_typed;
use crate::exit::Failure;
use crate::keyring::{Actor, KeyFile, check_name, fresh_key, random};
use crate::session::{As, Session, first};
use crate::show::Table;
use crate::show::number::money;
use crate::show::time::{moment, parse_moment};
use cenote_api::command::GrantSession;
use cenote_api::envelope::hex;
use cenote_api::keys::{address_of, session_key as key_of_secret};
use cenote_api::view::{CommandsAnswer, RegisterKey};
use cenote_api::{Address, ApiCommand, Money, Signed};
use clap::{Args, ValueEnum};
use serde::Serialize;

/// What a key may do, how much and for how long.
#[derive(Args)]
pub struct Grant {
    /// What it may do.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "trade")]
    scope: Vec<Scope>,
    /// The most that its orders may take from free cash in one UTC day.
    #[arg(long, value_name = "CASH", value_parser = money_typed)]
    cap: Money,
    /// When it ends: a length of market time from now on, or a moment.
    #[arg(long, value_name = "WHEN", default_value = "7d")]
    expires: String,
}

/// What a key may do.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scope {
    /// Place and cancel orders.
    Trade,
    /// Request deposits and withdrawals of liquidity, and claim.
    Liquidity,
}

/// A new session key.
#[derive(Serialize)]
struct Made {
    name: String,
    address: Address,
    acts_for: Address,
    expires_at: u64,
    answer: CommandsAnswer,
}

/// A new API key. The secret is shown once.
#[derive(Serialize)]
struct ApiKey {
    id: String,
    secret: String,
    address: Address,
    acts_for: Address,
    expires_at: u64,
}

fn granter(session: &Session, signer: &As) -> Result<Actor, Failure> {
    let actor = session.actor(signer)?;
    if actor.signer != actor.account {
        return Err(Failure::Input(format!(
            "{} is a session key itself; grant with the key of the account",
            actor.name
        )));
    }
    actor.key()?;
    Ok(actor)
}

fn command(session: &Session, key: Address, grant: &Grant) -> Result<GrantSession, Failure> {
    let now = session.status()?.market_time_ms;
    let expires_at = parse_moment(&grant.expires, now).map_err(Failure::Usage)?;
    Ok(GrantSession {
        key,
        trade: grant.scope.contains(&Scope::Trade),
        liquidity: grant.scope.contains(&Scope::Liquidity),
        daily_cap: grant.cap,
        expires_at,
    })
}

/// Makes a key, has it granted, and keeps it.
pub fn session_key(session: &Session, signer: &As, name: &str, grant: &Grant) -> Result<(), Failure> {
    check_name(name)?;
    if session.keyring.path(name).exists() {
        return Err(Failure::Input(format!("there is a key {name} already; choose another name")));
    }
    let actor = granter(session, signer)?;
    let key = fresh_key()?;
    let granted = command(session, address_of(&key), grant)?;
    let expires_at = granted.expires_at;
    // Granted first: a key that nobody holds can do nothing, a file without a grant would look as if it could.
    let (answer, _) = session.send_one(&actor, ApiCommand::GrantSession(granted))?;
    let file = KeyFile::new(&key, Some(actor.account));
    let path = session.keyring.write(name, &file)?;
    let made =
        Made { name: name.to_owned(), address: file.address, acts_for: actor.account, expires_at, answer };
    session.show(&made, |paint| {
        let mut table = Table::new().left(&[0, 1]);
        table.row(["key", &made.name]);
        table.row(["address", &made.address.to_string()]);
        table.row(["acts for", &format!("{} ({})", actor.name, made.acts_for)]);
        table.row(["cap", &format!("{} a UTC day", money(grant.cap))]);
        table.row(["ends", &moment(expires_at)]);
        table.row(["file", &path.display().to_string()]);
        format!("{}next: cenote trade ... --as {name}\n", table.text(paint))
    })
}

/// Makes a secret, has its session key granted, and gives both to the node.
pub fn api_key(session: &Session, signer: &As, id: Option<&str>, grant: &Grant) -> Result<(), Failure> {
    let actor = granter(session, signer)?;
    let id = match id {
        Some(id) => id.to_owned(),
        None => format!(
            "{}-{}",
            actor.name.chars().filter(char::is_ascii_alphanumeric).take(24).collect::<String>(),
            hex(&random::<5>()?)
        ),
    };
    let secret = hex(&random::<32>()?);
    let key = address_of(&key_of_secret(&secret));
    let granted = command(session, key, grant)?;
    let expires_at = granted.expires_at;
    let payload = session.payload(&actor, vec![ApiCommand::GrantSession(granted)])?;
    let register =
        RegisterKey { id: id.clone(), secret: secret.clone(), grant: Signed::raw(&payload, actor.key()?) };
    first(&session.client.register(&register)?)?;
    let made = ApiKey { id, secret, address: key, acts_for: actor.account, expires_at };
    session.show(&made, |paint| {
        let mut table = Table::new().left(&[0, 1]);
        table.row(["API id", &made.id]);
        table.row(["API secret", &made.secret]);
        table.row(["acts for", &format!("{} ({})", actor.name, made.acts_for)]);
        table.row(["cap", &format!("{} a UTC day", money(grant.cap))]);
        table.row(["ends", &moment(expires_at)]);
        let notes = "The secret is shown this once, and the node keeps it: whoever runs the node can act within the scope of this key.";
        format!("{}{notes}\nEnd it with: cenote keys revoke {} --as {}\n", table.text(paint), made.address, actor.name)
    })
}

/// Ends a session key.
pub fn revoke(session: &Session, signer: &As, key: &str) -> Result<(), Failure> {
    let actor = session.actor(signer)?;
    let key = match key.parse::<Address>() {
        Ok(address) => address,
        Err(_) => session.keyring.read(key)?.address,
    };
    let (answer, _) = session.send_one(&actor, ApiCommand::RevokeSession { key })?;
    done(session, &answer)
}
