//! What is durable goes out: replicas, answers, streams, history, in this order.

use super::ledger::Applied;
use super::nonces::Used;
use super::replicas::Replica;
use super::{Reply, Shared};
use cenote_api::event::What;
use cenote_api::view::{CommandResult, CommandsAnswer};
use cenote_api::{ApiError, ApiEvent, Names};
use cenote_engine::ids::AccountId;
use cenote_engine::{Change, Event};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

/// Results of commands that are kept for those who send the same bytes again; older ones are recalled from history.
const RESULTS_KEPT: usize = 100_000;

/// What shares one sync.
#[derive(Default)]
pub struct Group {
    /// Commands that were carried out, in order.
    pub applied: Vec<Applied>,
    /// What steps of the host say, by the sequence number of the step.
    pub notes: BTreeMap<u64, What>,
    /// Who waits for what.
    pub outlines: Vec<Outline>,
    /// Nonces that have changed.
    pub nonces: Vec<(AccountId, (u64, u64))>,
    /// Named snapshots.
    pub saved: BTreeMap<String, u64>,
    /// Everything anew, after a revert, which is then the group's only step.
    pub reset: Option<Replica>,
}

impl Group {
    /// Adds a step of the host and what it says.
    pub fn note(&mut self, applied: Applied, what: What) {
        self.notes.insert(applied.seq, what);
        self.applied.push(applied);
    }
}

/// What became of one command.
#[derive(Debug, Clone, PartialEq)]
pub enum Slot {
    /// It has this number.
    Done(u64),
    /// It changed nothing.
    Refused(ApiError),
}

/// An answer that waits to be durable.
pub struct Outline {
    /// Who waits.
    pub reply: Reply,
    /// One a command.
    pub slots: Vec<Slot>,
    /// Answered before.
    pub duplicate: bool,
    /// The payload's hash, for whoever sends it again.
    pub hash: Option<[u8; 32]>,
    /// What the journal says of a payload sent again.
    pub repeat: Option<Used>,
}

impl Outline {
    /// A payload that was carried out before.
    #[must_use]
    pub fn repeat(reply: Reply, hash: [u8; 32], used: &Used) -> Self {
        Self { reply, slots: Vec::new(), duplicate: true, hash: Some(hash), repeat: Some(used.clone()) }
    }

    /// A payload that is refused as a whole, before its commands.
    #[must_use]
    pub fn refused(reply: Reply, error: ApiError) -> Self {
        Self { reply, slots: vec![Slot::Refused(error)], duplicate: false, hash: None, repeat: None }
    }
}

/// One durable command with its events, for streams and history.
#[derive(Debug, Clone)]
pub struct Published {
    /// The command.
    pub applied: Arc<Applied>,
    /// What happened, in the words of clients.
    pub events: Arc<Vec<ApiEvent>>,
}

/// What streams get: all commands of one group.
#[derive(Debug, Clone)]
pub struct Batch {
    /// In order.
    pub steps: Arc<Vec<Published>>,
    /// A price came into force.
    pub ticked: bool,
    /// The venue went back to a named snapshot.
    pub reverted: bool,
    /// The last command on disk.
    pub seq: u64,
}

/// The publishing thread's own.
pub struct Publisher {
    /// What everybody may read.
    pub shared: Arc<Shared>,
    /// What has become durable.
    pub groups: Receiver<Group>,
    /// What history is to keep.
    pub history: SyncSender<Batch>,
    answers: BTreeMap<[u8; 32], CommandsAnswer>,
    order: VecDeque<([u8; 32], usize)>,
    kept: usize,
}

impl Publisher {
    /// A publisher.
    #[must_use]
    pub fn new(shared: Arc<Shared>, groups: Receiver<Group>, history: SyncSender<Batch>) -> Self {
        Self { shared, groups, history, answers: BTreeMap::new(), order: VecDeque::new(), kept: 0 }
    }

    /// Runs until the sequencer has ended.
    pub fn run(mut self) {
        while let Ok(group) = self.groups.recv() {
            self.publish(group);
        }
    }

    fn publish(&mut self, group: Group) {
        let Group { applied, mut notes, outlines, nonces, saved, reset } = group;
        let reverted = reset.is_some();
        self.shared.replicas.each(|replica| {
            match &reset {
                Some(fresh) => *replica = fresh.clone(),
                None => applied.iter().for_each(|step| replica.follow(step)),
            }
            replica.nonces.extend(nonces.iter().copied());
            replica.saved.clone_from(&saved);
        });
        if applied.iter().any(changes_names) || reverted {
            self.shared.refresh_names();
        }
        let names = self.shared.names();
        let steps: Vec<Published> = applied
            .into_iter()
            .map(|step| {
                let events = match notes.remove(&step.seq) {
                    Some(what) => vec![ApiEvent { seq: step.seq, index: 0, time: step.now.millis(), what }],
                    None => api_events(&step, &names),
                };
                Published { applied: Arc::new(step), events: Arc::new(events) }
            })
            .collect();
        let last = steps.last().map(|step| step.applied.seq);
        self.shared.published(last);
        for outline in outlines {
            self.answer(outline, &steps);
        }
        let Some(seq) = last else { return };
        let is_tick =
            |step: &Published| step.applied.events.iter().any(|event| matches!(event, Event::Ticked(_)));
        let ticked = steps.iter().any(is_tick);
        let batch = Batch { steps: Arc::new(steps), ticked, reverted, seq };
        // Nobody listens: nothing is lost by that.
        let _ = self.shared.stream.send(batch.clone());
        let _ = self.history.send(batch);
    }

    fn answer(&mut self, outline: Outline, steps: &[Published]) {
        let Outline { reply, slots, duplicate, hash, repeat } = outline;
        let known = hash.filter(|_| duplicate).and_then(|hash| self.answers.get(&hash)).cloned();
        let answer = match (known, repeat) {
            (Some(first), _) => {
                CommandsAnswer { duplicate: true, durable_seq: self.shared.durable(), ..first }
            }
            (None, Some(used)) => self.recall(&used),
            (None, None) => self.compose(slots, duplicate, steps),
        };
        if let Some(hash) = hash.filter(|_| !duplicate) {
            self.keep(hash, answer.clone());
        }
        // Whoever asked may have gone.
        let _ = reply.send(answer);
    }

    fn compose(&self, slots: Vec<Slot>, duplicate: bool, steps: &[Published]) -> CommandsAnswer {
        let first = steps.first().map_or(0, |step| step.applied.seq);
        let result = |slot: &Slot| match slot {
            Slot::Done(seq) => {
                let step = seq.checked_sub(first).and_then(|at| steps.get(at as usize));
                let events = step.map(|step| step.events.as_ref().clone()).unwrap_or_default();
                CommandResult { status: "done".to_owned(), seq: Some(*seq), events, error: None }
            }
            Slot::Refused(error) => CommandResult {
                status: "refused".to_owned(),
                seq: None,
                events: Vec::new(),
                error: Some(error.clone()),
            },
        };
        let results: Vec<CommandResult> = slots.iter().map(result).collect();
        let error = match slots.first() {
            Some(Slot::Refused(error)) if slots.iter().all(|slot| matches!(slot, Slot::Refused(_))) => {
                Some(error.clone())
            }
            _ => None,
        };
        CommandsAnswer { results, duplicate, durable_seq: self.shared.durable(), error }
    }

    /// The first results of a payload from before a restart: from history, as far as it goes.
    fn recall(&self, used: &Used) -> CommandsAnswer {
        let mut seq = used.first_seq;
        let mut results = Vec::with_capacity(usize::from(used.asked));
        for at in 0..used.asked {
            results.push(if used.done.contains(&at) {
                let events = self.shared.events_of_seq(seq);
                seq += 1;
                CommandResult { status: "done".to_owned(), seq: Some(seq - 1), events, error: None }
            } else {
                let error = ApiError::new(
                    "invalid",
                    "this command was refused when the payload was first sent; sign it anew to try again",
                );
                CommandResult {
                    status: "refused".to_owned(),
                    seq: None,
                    events: Vec::new(),
                    error: Some(error),
                }
            });
        }
        CommandsAnswer { results, duplicate: true, durable_seq: self.shared.durable(), error: None }
    }

    fn keep(&mut self, hash: [u8; 32], answer: CommandsAnswer) {
        let weight = answer.results.len();
        if self.answers.insert(hash, answer).is_none() {
            self.order.push_back((hash, weight));
            self.kept += weight;
        }
        while self.kept > RESULTS_KEPT {
            let Some((oldest, weight)) = self.order.pop_front() else { break };
            self.answers.remove(&oldest);
            self.kept -= weight;
        }
    }
}

/// The engine's events of a step in the words of clients.
#[must_use]
pub fn api_events(step: &Applied, names: &Names) -> Vec<ApiEvent> {
    let one = |(index, event): (usize, &Event)| ApiEvent {
        seq: step.seq,
        index: u32::try_from(index).unwrap_or(u32::MAX),
        time: step.now.millis(),
        what: What::from_engine(event, names, step.label.as_deref()),
    };
    step.events.iter().enumerate().map(one).collect()
}

fn changes_names(step: &Applied) -> bool {
    step.delta.changes.iter().any(|change| matches!(change, Change::MarketParams(..)))
}
