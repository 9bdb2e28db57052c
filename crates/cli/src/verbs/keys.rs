//! `cenote keys`: keys on this machine, session keys, API keys.

mod grant;

use crate::exit::{CODES, Failure};
use crate::keyring::{KeyFile, fresh_key, parse_key, read_file};
use crate::session::{As, Common, Session};
use crate::show::{Paint, Table};
use cenote_api::Address;
use cenote_api::view::DevAccount;
use clap::{Args, Subcommand};
use grant::Grant;
use serde::Serialize;
use std::io::Read as _;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  cenote keys new main
  cenote keys list
  cenote keys session bot --scope trade --cap 5000 --expires 7d --as main
  cenote keys api --cap 5000 --as alice            id and secret for bots that speak Deribit's API
  cenote keys revoke bot --as main";

const NOTES: &str = "\
Keys are files that their owner alone can read, in CENOTE_HOME or ~/.local/share/cenote.
A session key acts for the account that granted it, within its scope, its daily cap and its time; it can never
withdraw.";

/// Keys: make, list, move; grant session keys and API keys, and end them.
#[derive(Args)]
#[command(before_help = EXAMPLES, after_help = format!("{NOTES}\n\n{CODES}"))]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    signer: As,
    #[command(flatten)]
    common: Common,
}

#[derive(Subcommand)]
enum What {
    /// Make a key.
    #[command(before_help = "Examples:\n  cenote keys new main")]
    New {
        /// What to call it.
        name: String,
    },
    /// Keys on this machine; of a node in dev mode also its accounts, whose keys everybody knows.
    #[command(before_help = "Examples:\n  cenote keys list\n  cenote keys list --json")]
    List,
    /// A key's address and file.
    #[command(before_help = "Examples:\n  cenote keys show main")]
    Show {
        /// Which.
        name: String,
    },
    /// Keep a key from elsewhere: 64 hex digits or a key file. Read from stdin, as arguments are there for all to see.
    #[command(
        before_help = "Examples:\n  cenote keys import main --file key.txt\n  pass show cenote | cenote keys import main"
    )]
    Import {
        /// What to call it.
        name: String,
        /// Read it from here.
        #[arg(long)]
        file: Option<PathBuf>,
    },
    /// Print a private key. Who has it has the account.
    #[command(before_help = "Examples:\n  cenote keys export main --reveal")]
    Export {
        /// Which.
        name: String,
        /// Yes, print the private key.
        #[arg(long)]
        reveal: bool,
    },
    /// Make a key that may act for the account within limits.
    #[command(
        before_help = "Examples:\n  cenote keys session bot --scope trade,liquidity --cap 5000 --expires 7d --as main"
    )]
    Session {
        /// What to call it.
        name: String,
        #[command(flatten)]
        grant: Grant,
    },
    /// Make an id and a secret for the Deribit-compatible API: a session key that the node holds.
    #[command(
        before_help = "Examples:\n  cenote keys api --cap 5000 --as alice\n  cenote keys api --id my-bot-1 --scope trade --cap 5000 --as alice"
    )]
    Api {
        /// 8 to 64 letters, digits, - or _. [default: made up]
        #[arg(long)]
        id: Option<String>,
        #[command(flatten)]
        grant: Grant,
    },
    /// End a session key or API key.
    #[command(
        before_help = "Examples:\n  cenote keys revoke bot --as main\n  cenote keys revoke cenote1... --as main"
    )]
    Revoke {
        /// Its name or address.
        key: String,
    },
}

/// A key as it is listed.
#[derive(Serialize)]
struct Row {
    name: String,
    address: Address,
    #[serde(skip_serializing_if = "Option::is_none")]
    acts_for: Option<Address>,
    file: PathBuf,
}

/// Keys of this machine and of a node in dev mode.
#[derive(Serialize)]
struct Listing {
    keys: Vec<Row>,
    dev_accounts: Vec<DevAccount>,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    arguments.common.run(|session| match &arguments.what {
        What::New { name } => keep(session, name, &KeyFile::new(&fresh_key()?, None)),
        What::List => list(session),
        What::Show { name } => {
            let row = row(session, name)?;
            session.show(&row, |paint| row_text(&row, paint))
        }
        What::Import { name, file } => import(session, name, file.as_deref()),
        What::Export { name, reveal } => export(session, name, *reveal),
        What::Session { name, grant } => grant::session_key(session, &arguments.signer, name, grant),
        What::Api { id, grant } => grant::api_key(session, &arguments.signer, id.as_deref(), grant),
        What::Revoke { key } => grant::revoke(session, &arguments.signer, key),
    })
}

fn keep(session: &Session, name: &str, file: &KeyFile) -> Result<(), Failure> {
    session.keyring.write(name, file)?;
    let row = row(session, name)?;
    session.show(&row, |paint| row_text(&row, paint))
}

fn row(session: &Session, name: &str) -> Result<Row, Failure> {
    let file = session.keyring.path(name);
    if !file.exists() {
        return Err(Failure::Input(format!(
            "there is no key {name}; `cenote keys list` shows those there are"
        )));
    }
    let KeyFile { address, account, .. } = session.keyring.read(name)?;
    Ok(Row { name: name.to_owned(), address, acts_for: account, file })
}

fn row_text(row: &Row, paint: Paint) -> String {
    let mut table = Table::new().left(&[0, 1]);
    table.row(["key", &row.name]);
    table.row(["address", &row.address.to_string()]);
    if let Some(account) = row.acts_for {
        table.row(["acts for", &account.to_string()]);
    }
    table.row(["file", &row.file.display().to_string()]);
    table.text(paint)
}

fn list(session: &Session) -> Result<(), Failure> {
    let rows: Result<Vec<Row>, Failure> =
        session.keyring.names().iter().map(|name| row(session, name)).collect();
    // Keys are listed without a node as well; only one in dev mode has more to say.
    let dev_accounts = session.client.dev_accounts().map(|all| all.accounts).unwrap_or_default();
    let listing = Listing { keys: rows?, dev_accounts };
    session.show(&listing, |paint| listing_text(&listing, paint))
}

fn listing_text(listing: &Listing, paint: Paint) -> String {
    let mut out = String::new();
    if listing.keys.is_empty() {
        out.push_str("no keys here yet; `cenote keys new NAME` makes one\n");
    } else {
        let mut table = Table::new().left(&[0, 1, 2]);
        table.head(&["key", "address", "acts for"]);
        for row in &listing.keys {
            let account = row.acts_for.map_or_else(|| "itself".to_owned(), |account| account.to_string());
            table.row([row.name.clone(), row.address.to_string(), account]);
        }
        out.push_str(&table.text(paint));
    }
    if listing.dev_accounts.is_empty() {
        return out;
    }
    out.push_str("\naccounts of dev mode: everybody knows their keys, never send them anything of worth\n");
    let mut table = Table::new().left(&[0, 1]);
    table.head(&["account", "address"]);
    let mut secrets = Table::new().left(&[0, 1]);
    secrets.head(&["API id", "API secret"]);
    for account in &listing.dev_accounts {
        table.row([account.name.clone(), account.address.to_string()]);
        secrets.row([&account.api_id, &account.api_secret].map(String::clone));
    }
    out + &table.text(paint) + "\n" + &secrets.text(paint)
}

fn import(session: &Session, name: &str, path: Option<&std::path::Path>) -> Result<(), Failure> {
    let text = match path {
        Some(path) => std::fs::read_to_string(path)
            .map_err(|error| Failure::Input(format!("cannot read {}: {error}", path.display())))?,
        None => {
            let mut text = String::new();
            let read = std::io::stdin().take(10_000).read_to_string(&mut text);
            read.map_err(|error| Failure::Input(format!("cannot read the key from stdin: {error}")))?;
            text
        }
    };
    let file = match path.filter(|_| text.trim_start().starts_with('{')) {
        Some(path) => read_file(path)?,
        None if text.trim_start().starts_with('{') => serde_json::from_str(&text)
            .map_err(|error| Failure::Input(format!("stdin is not a key file: {error}")))?,
        None => KeyFile::new(&parse_key(&text).map_err(Failure::Input)?, None),
    };
    file.key().map_err(Failure::Input)?;
    keep(session, name, &file)
}

fn export(session: &Session, name: &str, reveal: bool) -> Result<(), Failure> {
    if !reveal {
        let said = format!(
            "this prints the private key of {name}, and who has it has the account; add --reveal if that is meant"
        );
        return Err(Failure::Usage(said));
    }
    row(session, name)?;
    let file = session.keyring.read(name)?;
    session.show(&file, |_| format!("{}\n", file.secret()))
}
