//! What every verb that talks to a node has in common: which node, for whom, and how the answer is shown.

use crate::client::Client;
use crate::exit::Failure;
use crate::keyring::{Actor, Book, Keyring};
use crate::output;
use crate::show::Paint;
use cenote_api::envelope::LIFE_MAX_MS;
use cenote_api::error::ErrorBody;
use cenote_api::view::{CommandResult, CommandsAnswer, MarketStatus, Status};
use cenote_api::{ApiCommand, Payload, Signed};
use clap::Args;
use serde::Serialize;
use std::cell::OnceCell;
use std::time::{SystemTime, UNIX_EPOCH};

/// Which node, and in which form it answers.
#[derive(Args, Clone)]
pub struct Common {
    /// The node.
    #[arg(long, global = true, value_name = "URL", env = "CENOTE_NODE", hide_env_values = true)]
    #[arg(default_value = "http://127.0.0.1:8980")]
    node: String,
    /// One JSON document on stdout, and nothing else there.
    #[arg(long, global = true)]
    pub json: bool,
}

/// Who acts.
#[derive(Args, Clone)]
pub struct As {
    /// Who acts: a key of `cenote keys list`, a key file, an account of dev mode; to look only, an address.
    #[arg(long = "as", global = true, value_name = "WHO", env = "CENOTE_AS", hide_env_values = true)]
    pub who: Option<String>,
}

/// A conversation with a node.
pub struct Session {
    /// The node.
    pub client: Client,
    /// Colours.
    pub paint: Paint,
    /// Answers are JSON.
    pub json: bool,
    /// Keys and names of accounts.
    pub keyring: Keyring,
    status: OnceCell<Status>,
}

/// Signed again with another nonce after so many that were taken.
const NONCES: u64 = 4;
/// Of no use after so long: a minute of the sender's time, at least ten minutes of the market's, at most a day.
const LIFE_MS: u64 = 600_000;

impl Common {
    /// Runs a verb. With `--json` a failure, too, is one document on stdout.
    pub fn run(&self, verb: impl FnOnce(&Session) -> Result<(), Failure>) -> Result<(), Failure> {
        let done = Session::open(&self.node, self.json).and_then(|session| verb(&session));
        if let (Err(failure), true) = (&done, self.json)
            && let Some(error) = failure.document()
        {
            output::print(&document(&ErrorBody { error })?)?;
        }
        done
    }
}

impl Session {
    fn open(node: &str, json: bool) -> Result<Self, Failure> {
        let keyring = Keyring::open()?;
        let (client, paint) = (Client::new(node)?, Paint::of_stdout());
        Ok(Self { client, paint, json, keyring, status: OnceCell::new() })
    }

    /// Prints an answer: its document, or its text.
    pub fn show<T: Serialize>(&self, answer: &T, text: impl FnOnce(Paint) -> String) -> Result<(), Failure> {
        let text = if self.json { document(answer)? } else { text(self.paint) };
        output::print(&text)
    }

    /// The venue's status as it was when it was first asked for.
    pub fn status(&self) -> Result<&Status, Failure> {
        if self.status.get().is_none() {
            let _ = self.status.set(self.client.status()?);
        }
        self.status.get().ok_or_else(|| Failure::Failed("the status was lost".to_owned()))
    }

    /// Names of accounts, as far as they are known here.
    pub fn book(&self) -> Result<Book, Failure> {
        Ok(self.keyring.book(self.status()?.mode == "dev"))
    }

    /// The market that is meant: the one named, or the venue's first.
    pub fn market(&self, named: Option<&str>) -> Result<MarketStatus, Failure> {
        let status = self.status()?;
        let found = match named {
            Some(name) => status.markets.iter().find(|row| row.market.eq_ignore_ascii_case(name)),
            None => status.markets.first(),
        };
        found.cloned().ok_or_else(|| {
            let known: Vec<&str> = status.markets.iter().map(|row| row.market.as_str()).collect();
            Failure::Input(match named {
                Some(name) => format!("there is no market {name}; this venue has {}", known.join(", ")),
                None => "this venue has no market yet".to_owned(),
            })
        })
    }

    /// Who acts or is looked at. Accounts of dev mode exist on venues in dev mode alone: elsewhere everybody could sign for them.
    pub fn actor(&self, who: &As) -> Result<Actor, Failure> {
        let who = who.who.as_deref().ok_or_else(|| {
            let said = "who acts? add --as NAME: a key made with `cenote keys new NAME`, or on a dev node one of its \
                        accounts, as in --as alice";
            Failure::Usage(said.to_owned())
        })?;
        let actor = self.keyring.find(who)?;
        if actor.of_dev_mode && self.status()?.mode != "dev" {
            return Err(Failure::Input(format!(
                "`{who}` is an account of dev mode, whose key everybody knows; this venue is {}: make a key with \
                 `cenote keys new NAME`",
                self.status()?.mode
            )));
        }
        Ok(actor)
    }

    /// Signs commands and sends them; answers once they are on disk.
    pub fn send(&self, actor: &Actor, commands: Vec<ApiCommand>) -> Result<CommandsAnswer, Failure> {
        let mut payload = self.payload(actor, commands)?;
        for attempt in 1.. {
            match self.client.commands(&Signed::raw(&payload, actor.key()?)) {
                // Somebody else signs with this key at the same moment.
                Err(Failure::Refused(error)) if error.code == "nonce_used" && attempt < NONCES => {
                    let known = self.client.account(actor.signer)?;
                    payload.nonce = known.nonce_next.saturating_add(payload.nonce % 7);
                }
                other => return other,
            }
        }
        unreachable!("the last attempt returns")
    }

    /// A payload, ready to be signed.
    pub fn payload(&self, actor: &Actor, commands: Vec<ApiCommand>) -> Result<Payload, Failure> {
        let status = self.client.status()?;
        let minute = (60_000.0 * status.clock.speed).clamp(0.0, LIFE_MAX_MS as f64) as u64;
        let life = minute.clamp(LIFE_MS, LIFE_MAX_MS - 60_000);
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Payload {
            venue: status.venue_id,
            account: actor.account,
            nonce: u64::try_from(wall.as_millis()).unwrap_or(1),
            expires_at: status.market_time_ms + life,
            commands,
        })
    }

    /// Sends one command and gives what became of it.
    pub fn send_one(
        &self,
        actor: &Actor,
        command: ApiCommand,
    ) -> Result<(CommandsAnswer, CommandResult), Failure> {
        let answer = self.send(actor, vec![command])?;
        let result = first(&answer)?;
        Ok((answer, result))
    }
}

/// What became of the first command; a refusal is a failure.
pub fn first(answer: &CommandsAnswer) -> Result<CommandResult, Failure> {
    let result = answer.results.first().cloned();
    let result = result.ok_or_else(|| Failure::Failed("the node answers without a result".to_owned()))?;
    match result.error {
        Some(error) => Err(error.into()),
        None => Ok(result),
    }
}

/// JSON, indented, with a newline at its end.
pub fn document<T: Serialize>(answer: &T) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(answer);
    text.map(|text| text + "\n")
        .map_err(|error| Failure::Failed(format!("cannot be written as JSON: {error}")))
}
