//! The Deribit-compatible API with the `deribit-http` crate, unmodified.
//!
//! Reads CENOTE_NODE, CENOTE_API_ID and CENOTE_API_SECRET, those of a running `cenote up`. Prints one line a check.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // No chain runs this.

mod checks;
mod errors;
mod market;
mod trading;

use checks::Checks;
use deribit_http::{ApiCredentials, DeribitHttpClient, HttpConfig};
use std::process::ExitCode;
use std::time::Duration;

/// What a run needs.
pub struct Run {
    /// Where the node is, without a slash.
    pub node: String,
    /// Logs in with the key by itself, when a private method is first called.
    pub client: DeribitHttpClient,
    /// The results so far.
    pub checks: Checks,
}

/// A client of this node: the base address is the only thing that differs from a client of Deribit.
pub fn client(node: &str, id: &str, secret: &str) -> Result<DeribitHttpClient, String> {
    let base_url = format!("{node}/api/v2").parse().map_err(|e| format!("CENOTE_NODE {node}: {e}"))?;
    let credentials =
        ApiCredentials { client_id: Some(id.to_owned()), client_secret: Some(secret.to_owned()) };
    Ok(DeribitHttpClient::with_config(HttpConfig {
        base_url,
        timeout: Duration::from_secs(10),
        max_retries: 0,
        user_agent: "cenote-conformance".to_owned(),
        testnet: true,
        credentials: Some(credentials),
    }))
}

impl Run {
    fn from_environment() -> Result<Self, String> {
        let set = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set"));
        let node = set("CENOTE_NODE")?.trim_end_matches('/').to_owned();
        let client = client(&node, &set("CENOTE_API_ID")?, &set("CENOTE_API_SECRET")?)?;
        Ok(Self { node, client, checks: Checks::default() })
    }

    /// An answer of the node's native API, which what the client reads is compared with.
    pub async fn native(&self, path: &str) -> Result<serde_json::Value, String> {
        let answer = self.client.http_client().get(format!("{}{path}", self.node)).send().await;
        let text = answer.map_err(|e| e.to_string())?.text().await.map_err(|e| e.to_string())?;
        serde_json::from_str(&text).map_err(|e| format!("{path}: {e}: {text}"))
    }
}

async fn walk(run: &mut Run) -> Result<(), String> {
    let name = market::walk(run).await?;
    trading::walk(run, &name).await?;
    errors::walk(run, &name).await
}

fn main() -> ExitCode {
    let mut run = match Run::from_environment() {
        Ok(run) => run,
        Err(why) => {
            eprintln!("{why}; they are those of a running `cenote up --json`");
            return ExitCode::FAILURE;
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    if let Err(why) = runtime.block_on(walk(&mut run)) {
        run.checks.check("goes on", false, &why);
    }
    println!("{} passed, {} failed", run.checks.passed, run.checks.failed);
    if run.checks.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
