//! A venue in memory: the smallest host there is.

use crate::trace::Trace;
use cenote_engine::ids::AccountId;
use cenote_engine::{Command, Context, Error, Genesis, MemoryState, Outcome, execute};
use cenote_units::{Cash, Millis, Timestamp};

/// State, a clock that is set by hand, a sequence, and the bank that holds what the buckets say.
#[derive(Debug, Clone)]
pub struct Venue {
    /// Every record.
    pub state: MemoryState,
    /// The host's time.
    pub now: Timestamp,
    /// The last command's number.
    pub sequence: u64,
    /// What the bank holds: money in less money out.
    pub bank: Cash,
    /// Everything that is run, as JSON lines, when somebody asked for it.
    pub trace: Option<Trace>,
    digest: blake3::Hash,
    scratch: Vec<u8>,
}

impl Venue {
    /// A venue at its first state.
    ///
    /// # Errors
    /// The first parameter that is out of its bounds or breaks a cross-field rule.
    pub fn new(genesis: Genesis, now: Timestamp) -> Result<Self, Error> {
        let mut state = MemoryState::memoised();
        state.apply(genesis.delta()?);
        let digest = blake3::hash(&canonical(&state));
        Ok(Self { state, now, sequence: 0, bank: Cash::ZERO, trace: None, digest, scratch: Vec::new() })
    }

    /// Lets time pass.
    pub fn wait(&mut self, length: Millis) {
        self.now = self.now.after(length);
    }

    /// Runs a command of an account.
    ///
    /// # Errors
    /// The engine's; the state is then unchanged.
    pub fn run(&mut self, sender: AccountId, command: &Command) -> Result<Outcome, Error> {
        self.run_with(sender, None, Cash::ZERO, command)
    }

    /// Deposits money from outside.
    ///
    /// # Errors
    /// The engine's.
    pub fn deposit(&mut self, account: AccountId, amount: Cash) -> Result<Outcome, Error> {
        self.run_with(account, None, amount, &Command::Deposit)
    }

    /// Runs a command with everything a context can carry.
    ///
    /// # Errors
    /// The engine's; the state is then unchanged.
    pub fn run_with(
        &mut self,
        sender: AccountId,
        principal: Option<AccountId>,
        funds: Cash,
        command: &Command,
    ) -> Result<Outcome, Error> {
        self.sequence += 1;
        let ctx = Context { now: self.now, sequence: self.sequence, sender, principal, funds };
        let result = self.carry_out(&ctx, command);
        if let Some(trace) = &mut self.trace {
            trace.record(&ctx, command, &result, &self.state);
        }
        result
    }

    fn carry_out(&mut self, ctx: &Context, command: &Command) -> Result<Outcome, Error> {
        let outcome = execute(&self.state, ctx, command)?;
        self.bank = self.bank.plus(ctx.funds)?;
        for effect in &outcome.effects {
            let cenote_engine::Effect::Pay { amount, .. } = effect;
            self.bank = self.bank.minus(*amount)?;
        }
        self.chain(&outcome);
        self.state.apply(outcome.delta.clone());
        Ok(outcome)
    }

    /// Extends the running digest by what a command changed: two hosts that agree on it agree on every change.
    fn chain(&mut self, outcome: &Outcome) {
        self.scratch.clear();
        self.scratch.extend_from_slice(self.digest.as_bytes());
        self.scratch.extend_from_slice(&self.sequence.to_le_bytes());
        // Records always serialise: the only thing that would not is a NaN, and none reaches them.
        borsh::to_writer(&mut self.scratch, &outcome.delta).expect("a delta serialises");
        self.digest = blake3::hash(&self.scratch);
    }

    /// The running digest, in hex.
    #[must_use]
    pub fn digest(&self) -> String {
        self.digest.to_hex().to_string()
    }

    /// The digest of the state alone, however it came about.
    #[must_use]
    pub fn state_digest(&self) -> String {
        blake3::hash(&canonical(&self.state)).to_hex().to_string()
    }
}

fn canonical(state: &MemoryState) -> Vec<u8> {
    let mut bytes = Vec::new();
    state.write_canonical(&mut bytes).expect("records serialise");
    bytes
}
