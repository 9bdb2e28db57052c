//! Commands tried without a signature and without effect.

use super::account::brief;
use super::with;
use crate::core::Shared;
use crate::core::publish::api_events;
use crate::core::replicas::Replica;
use cenote_api::envelope::COMMANDS_MAX;
use cenote_api::view::{CommandResult, SimulateAnswer, SimulateRequest};
use cenote_api::{ApiCommand, ApiError, Names};
use cenote_engine::{Context, Delta, Error, execute};
use cenote_units::{Cash, Timestamp};

/// What would become of commands, each on the state that the ones before leave; then everything is taken back.
///
/// # Errors
/// No command, or too many.
pub fn simulate(shared: &Shared, request: &SimulateRequest) -> Result<SimulateAnswer, ApiError> {
    if request.commands.is_empty() || request.commands.len() > COMMANDS_MAX {
        return Err(ApiError::invalid("commands", "1 to 100 of them"));
    }
    let now = shared.now();
    with(shared, |replica, names| {
        let before = brief(replica, request.account.0);
        let mut trial = Trial { undo: Vec::new(), replica };
        let mut funded = trial.replica.wallets.get(&request.account.0).copied().unwrap_or(Cash::ZERO);
        let results = request
            .commands
            .iter()
            .map(|command| trial.run(names, request, command, now, &mut funded))
            .collect();
        let after = brief(trial.replica, request.account.0);
        let as_of_seq = trial.replica.seq;
        drop(trial);
        Ok(SimulateAnswer { results, before, after, as_of_seq })
    })
}

/// A replica on which things are tried. Everything is taken back when this goes, also when something panics.
struct Trial<'a> {
    undo: Vec<Delta>,
    replica: &'a mut Replica,
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        while let Some(delta) = self.undo.pop() {
            self.replica.state.apply(delta);
        }
    }
}

impl Trial<'_> {
    fn run(
        &mut self,
        names: &Names,
        request: &SimulateRequest,
        command: &ApiCommand,
        now: Timestamp,
        wallet: &mut Cash,
    ) -> CommandResult {
        let refused = |error: ApiError| CommandResult {
            status: "refused".to_owned(),
            seq: None,
            events: Vec::new(),
            error: Some(error),
        };
        let engine = match command.to_engine(names, request.account) {
            Ok(engine) => engine,
            Err(error) => return refused(error),
        };
        let funds = match command {
            ApiCommand::Deposit { amount } => amount.0,
            _ => Cash::ZERO,
        };
        if funds > *wallet {
            let said = format!("this takes {funds} from the wallet, which holds {wallet}; deposit less");
            return refused(ApiError::new("insufficient_wallet", said));
        }
        let sequence = self.replica.seq + 1 + self.undo.len() as u64;
        let ctx = Context { now, sequence, sender: request.account.0, principal: None, funds };
        // What is marked here would be kept under numbers that the real state may give to something else.
        self.replica.state.memoise = false;
        let outcome = execute(&self.replica.state, &ctx, &engine);
        self.replica.state.memoise = true;
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(Error::Rejected(rejection)) => return refused((&rejection).into()),
            Err(Error::Fault(fault)) => return refused(ApiError::new("fault", format!("{fault:?}"))),
        };
        *wallet = wallet.minus(funds).unwrap_or(Cash::ZERO);
        self.undo.push(self.replica.state.exchange(outcome.delta));
        let step = crate::core::ledger::Applied {
            seq: sequence,
            now,
            sender: request.account.0,
            principal: None,
            command: None,
            label: command.label().map(str::to_owned),
            events: outcome.events,
            delta: Delta::default(),
            postings: Vec::new(),
            facts: crate::core::facts::Facts::default(),
            wallets: Vec::new(),
            digest: [0; 32],
        };
        CommandResult { status: "done".to_owned(), seq: None, events: api_events(&step, names), error: None }
    }
}
