//! One fixed run of the whole engine: the same commands and the same bytes on every machine.
//!
//! Only integers decide what is sent, so that a machine whose floats differ would differ in the answers alone.

mod sender;
mod venue;

use cenote_engine::ids::AccountId;
use cenote_engine::{Command, Context, Error, MemoryState, execute};
use cenote_units::{Cash, Timestamp};
use sender::Sender;

/// Commands of the scenario that is compared between machines.
pub const COMMANDS: usize = 500;
/// The hash of that scenario.
pub const GOLDEN: u64 = 0x6c70_e53d_d251_3938;

/// One command with its context, in a form that can be stored.
#[derive(Debug, Clone, PartialEq, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct Step {
    /// The host's time.
    pub now: Timestamp,
    /// The command's number.
    pub sequence: u64,
    /// Who signed.
    pub sender: AccountId,
    /// For whom, when a session key signed.
    pub principal: Option<AccountId>,
    /// Money attached.
    pub funds: Cash,
    /// What to do.
    pub command: Command,
}

/// A run: what was sent, what it left behind.
#[derive(Debug, Clone)]
pub struct Run {
    /// Every record at the end.
    pub state: MemoryState,
    /// What was sent, in order.
    pub steps: Vec<Step>,
    /// Of each command, the code of its refusal.
    pub refusals: Vec<Option<&'static str>>,
    /// Over every difference and every refusal, in order.
    pub hash: u64,
}

impl Run {
    fn new(memoise: bool) -> Self {
        let mut state = if memoise { MemoryState::memoised() } else { MemoryState::default() };
        state.apply(venue::genesis().delta().expect("the scenario's parameters are in bounds"));
        Self { state, steps: Vec::new(), refusals: Vec::new(), hash: OFFSET }
    }

    /// Runs a step and hashes what it did.
    ///
    /// # Panics
    /// On a fault.
    fn step(&mut self, step: Step) {
        let Step { now, sequence, sender, principal, funds, .. } = step;
        let ctx = Context { now, sequence, sender, principal, funds };
        let refusal = match execute(&self.state, &ctx, &step.command) {
            Ok(outcome) => {
                let bytes = borsh::to_vec(&outcome.delta).expect("a difference has no NaN");
                self.hash = hash(self.hash, &bytes);
                self.state.apply(outcome.delta);
                None
            }
            Err(Error::Rejected(refusal)) => {
                self.hash = hash(self.hash, refusal.code().as_bytes());
                Some(refusal.code())
            }
            Err(Error::Fault(fault)) => panic!("{:?} is a fault: {fault:?}", step.command),
        };
        self.refusals.push(refusal);
        self.steps.push(step);
    }

    /// The hash of the state alone, however it came about.
    ///
    /// # Panics
    /// Never: records serialise.
    #[must_use]
    pub fn state_hash(&self) -> u64 {
        let mut bytes = Vec::new();
        self.state.write_canonical(&mut bytes).expect("records serialise");
        hash(OFFSET, &bytes)
    }
}

/// Runs `commands` steps of the scenario, with or without marks kept between commands.
#[must_use]
pub fn run(commands: usize, memoise: bool) -> Run {
    let mut run = Run::new(memoise);
    let mut sender = Sender::new();
    while run.steps.len() < commands {
        let step = sender.next(&run.state);
        run.step(step);
    }
    run
}

/// Runs stored steps.
#[must_use]
pub fn replay(steps: Vec<Step>, memoise: bool) -> Run {
    let mut run = Run::new(memoise);
    steps.into_iter().for_each(|step| run.step(step));
    run
}

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a over bytes, going on from an earlier hash (G. Fowler, L. C. Noll, K.-P. Vo).
fn hash(from: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(from, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
