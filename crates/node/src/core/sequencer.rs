//! The one thread that owns the state: execute, append, sync, hand on.

use super::clock::Clock;
use super::entry::{Deed, Entry, Item, Kind};
use super::ledger::{Applied, Asked, Ledger, Refusal};
use super::market::{Control, Market};
use super::nonces::{Used, Verdict};
use super::publish::{Group, Outline, Slot};
use super::refusals::Refusals;
use super::{Ask, Reply, Shared, SignedAsk};
use cenote_api::ApiError;
use cenote_api::envelope::LIFE_MAX_MS;
use cenote_engine::Error;
use cenote_journal::Journal;
use cenote_units::{Cash, Millis, Timestamp};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

/// Submissions that share one sync at most.
const GROUP_MAX: usize = 512;
/// Commands that share one sync at most, roughly: a group is also closed at this many.
const GROUP_COMMANDS_MAX: usize = 5_000;
/// How far market time may run ahead of the tick that is due: what passes in so much wall time, and at least this much of its own.
const LAG_WALL: Duration = Duration::from_millis(250);
const LAG_MIN: Millis = Millis::seconds(5);
/// Ticks that share one sync while time is made up.
const TICKS_MAX: usize = 64;

/// The sequencer's own.
pub struct Sequencer {
    /// All deterministic state.
    pub ledger: Ledger,
    /// The log.
    pub journal: Journal,
    /// Where prices come from.
    pub market: Box<dyn Market>,
    /// Market time.
    pub clock: Clock,
    /// What everybody may read.
    pub shared: Arc<Shared>,
    /// What waits.
    pub asks: Receiver<Ask>,
    /// Where durable groups go.
    pub groups: SyncSender<Group>,
    /// Payloads that were refused whole.
    pub refusals: Refusals,
    /// Entries since the last snapshot on disk.
    pub since_snapshot: u64,
    /// The last entry on disk and the link after it, for the snapshot at the end.
    pub last_index: Arc<std::sync::Mutex<(u64, cenote_journal::Chain)>>,
}

/// Why the sequencer ends.
#[derive(Debug)]
pub enum Ended {
    /// It was asked to.
    Stopped(Box<Ledger>),
    /// The disk failed: nothing after the last acknowledged command may be trusted to be there.
    Disk(String),
    /// The engine broke a promise.
    Fault(String),
}

impl Sequencer {
    /// Runs until it is told to stop, or must.
    pub fn run(mut self) -> Ended {
        loop {
            let mut group = Group::default();
            match self.wait() {
                Some(Ask::Stop) => return self.finish(group),
                Some(ask) => {
                    if let Err(ended) = self.take(ask, &mut group) {
                        return ended;
                    }
                }
                None => {}
            }
            while group.outlines.len() < GROUP_MAX && group.applied.len() < GROUP_COMMANDS_MAX {
                match self.asks.try_recv() {
                    Ok(Ask::Stop) => return self.finish(group),
                    Ok(ask) => {
                        if let Err(ended) = self.take(ask, &mut group) {
                            return ended;
                        }
                    }
                    Err(_) => break,
                }
            }
            if let Err(ended) = self.ticks(&mut group).and_then(|()| self.hand_on(group)) {
                return ended;
            }
        }
    }

    /// The next submission, or nothing when a tick is due first.
    fn wait(&mut self) -> Option<Ask> {
        let wall = Instant::now();
        let due = self.market.next_at().and_then(|at| self.clock.until(at, wall));
        match self.asks.recv_timeout(due.unwrap_or(Duration::from_secs(3_600))) {
            Ok(ask) => Some(ask),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Ask::Stop),
        }
    }

    fn take(&mut self, ask: Ask, group: &mut Group) -> Result<(), Ended> {
        match ask {
            Ask::Signed(signed) => self.signed(signed, group),
            Ask::Host { deeds, reply } => self.host(deeds, reply, group),
            Ask::Control(control, reply) => self.control(control, reply, group),
            Ask::Stop => Ok(()),
        }
    }

    /// Market time now: never before the last command's.
    fn now(&self) -> Timestamp {
        self.clock.market(Instant::now()).max(self.ledger.now)
    }

    fn signed(&mut self, ask: Box<SignedAsk>, group: &mut Group) -> Result<(), Ended> {
        let ask = match self.known(ask) {
            Ok(ask) => ask,
            Err(answered) => {
                group.outlines.push(*answered);
                return Ok(());
            }
        };
        let SignedAsk { signer, account, nonce, hash, commands, reply, .. } = *ask;
        let (now, first_seq) = (self.now(), self.ledger.sequence + 1);
        let asked = u8::try_from(commands.len()).unwrap_or(u8::MAX);
        let (mut items, mut slots) = (Vec::with_capacity(commands.len()), Vec::with_capacity(commands.len()));
        for (at, command) in commands.into_iter().enumerate() {
            let (command, funds, label) = match command {
                Ok(command) => command,
                Err(error) => {
                    slots.push(Slot::Refused(error));
                    continue;
                }
            };
            let who = Asked { now, sender: signer, account, funds, minted: false };
            match self.ledger.carry_out(&who, &command, label.clone()) {
                Ok(applied) => {
                    slots.push(Slot::Done(applied.seq));
                    items.push(Item { at: u8::try_from(at).unwrap_or(u8::MAX), funds, command, label });
                    group.applied.push(applied);
                }
                Err(refusal) => slots.push(Slot::Refused(refused(refusal)?)),
            }
        }
        if items.is_empty() {
            self.refusals.keep(hash, slots.clone());
        } else {
            let done = items.iter().map(|item| item.at).collect();
            let nonces = self.ledger.spend(signer, nonce, Used { hash, first_seq, asked, done });
            group.nonces.push((signer, (nonces.floor(), nonces.next())));
            self.append(Kind::Signed { now: self.ledger.now, signer, account, nonce, hash, asked, items })?;
        }
        group.outlines.push(Outline { reply, slots, duplicate: false, hash: Some(hash), repeat: None });
        Ok(())
    }

    /// A payload that is neither answered already nor of no use any more; the answer, when it is.
    fn known(&self, ask: Box<SignedAsk>) -> Result<Box<SignedAsk>, Box<Outline>> {
        let SignedAsk { signer, nonce, expires_at, hash, .. } = *ask;
        let nonces = self.ledger.nonces.get(&signer);
        match nonces.map_or(Verdict::Fresh, |nonces| nonces.judge(nonce, &hash)) {
            Verdict::Repeat(used) => return Err(Box::new(Outline::repeat(ask.reply, hash, used))),
            Verdict::Spent => {
                let unused = nonces.map_or(1, super::nonces::Nonces::next);
                let said = format!(
                    "nonce {nonce} is used or below the window; {unused} is unused, sign again with it"
                );
                let error = ApiError::new("nonce_used", said).with("nonce", nonce);
                return Err(Box::new(Outline::refused(ask.reply, error)));
            }
            Verdict::Fresh => {}
        }
        let now = self.now();
        if expires_at <= now || expires_at.since(now).get() > LIFE_MAX_MS {
            let (now, expires) = (now.millis(), expires_at.millis());
            let said = format!(
                "expires_at is {expires} ms and market time {now} ms; sign again for at most a day ahead of it"
            );
            let error = ApiError::new("expired", said).with("now", now).with("expires_at", expires);
            return Err(Box::new(Outline::refused(ask.reply, error)));
        }
        match self.refusals.get(&hash) {
            Some(slots) => Err(Box::new(Outline {
                reply: ask.reply,
                slots: slots.to_vec(),
                duplicate: true,
                hash: Some(hash),
                repeat: None,
            })),
            None => Ok(ask),
        }
    }

    /// Commands of the host itself, each by itself.
    fn host(&mut self, deeds: Vec<Deed>, reply: Reply, group: &mut Group) -> Result<(), Ended> {
        let now = self.now();
        let deeds = deeds.into_iter().map(|deed| Deed { now: deed.now.max(now), ..deed });
        let slots = self.deeds(deeds.collect(), None, group)?;
        group.outlines.push(Outline { reply, slots, duplicate: false, hash: None, repeat: None });
        Ok(())
    }

    fn deeds(
        &mut self,
        deeds: Vec<Deed>,
        life: Option<Vec<u8>>,
        group: &mut Group,
    ) -> Result<Vec<Slot>, Ended> {
        let (mut done, mut slots) = (Vec::with_capacity(deeds.len()), Vec::with_capacity(deeds.len()));
        for mut deed in deeds {
            match self.ledger.deed(&deed) {
                Ok(applied) => {
                    slots.push(Slot::Done(applied.seq));
                    deed.now = applied.now;
                    group.applied.push(applied);
                    done.push(deed);
                }
                Err(refusal) => {
                    let error = refused(refusal)?;
                    tracing::debug!(command = ?deed.command, %error, "the host's own command was refused");
                    slots.push(Slot::Refused(error));
                }
            }
        }
        if let Some(life) = &life {
            self.ledger.life.clone_from(life);
        }
        if !done.is_empty() || life.is_some() {
            self.append(Kind::Host { deeds: done, life })?;
        }
        Ok(slots)
    }

    /// Every tick that is due.
    fn ticks(&mut self, group: &mut Group) -> Result<(), Ended> {
        for _ in 0..TICKS_MAX {
            let Some(at) = self.market.next_at() else { return Ok(()) };
            let wall = Instant::now();
            self.keep_time(at, wall);
            let now = self.clock.market(wall);
            if at > now {
                return Ok(());
            }
            // What was missed in real time is over.
            self.tick(if self.market.real_time() { now } else { at }, group)?;
        }
        Ok(())
    }

    /// Market time is the machine's, or waits for a tick that is late.
    fn keep_time(&mut self, next_at: Timestamp, wall: Instant) {
        if self.market.real_time() {
            self.clock.follow(cenote_feeds::system_clock()(), wall);
        } else {
            let lag = Millis::new((LAG_WALL.as_secs_f64() * 1_000.0 * self.clock.speed()) as u64);
            self.clock.hold(next_at.after(lag.max(LAG_MIN)), wall);
        }
        self.shared.set_clock(self.clock);
    }

    fn tick(&mut self, at: Timestamp, group: &mut Group) -> Result<(), Ended> {
        for phase in self.market.phases() {
            let deeds = self.market.deeds(*phase, at, &self.ledger.state);
            let life = (Some(phase) == self.market.phases().last()).then(|| self.market.save());
            self.deeds(deeds, life, group)?;
        }
        Ok(())
    }

    fn control(&mut self, control: Control, reply: Reply, group: &mut Group) -> Result<(), Ended> {
        let wall = Instant::now();
        let mut slots = Vec::new();
        match control {
            Control::Pause | Control::Resume | Control::Speed(_) | Control::Jump(_)
                if self.market.real_time() =>
            {
                let said = "time of this venue is real; start one with generated prices to move it";
                slots.push(Slot::Refused(ApiError::new("not_supported", said)));
            }
            Control::Pause => self.clock.pause(wall),
            Control::Resume => self.clock.resume(wall),
            Control::Speed(speed) => self.clock.run_at(speed, wall),
            Control::Jump(to) => self.jump(to, group)?,
            Control::Snapshot(name) => {
                if self.ledger.saved.len() >= super::ledger::SNAPSHOTS_MAX
                    && !self.ledger.saved.contains_key(&name)
                {
                    slots.push(Slot::Refused(ApiError::invalid(
                        "name",
                        "one of the 16 snapshots there are: none can be added",
                    )));
                } else {
                    let applied = self.ledger.save(&name);
                    self.append(Kind::Snapshot { name: name.clone() })?;
                    group.note(applied, cenote_api::event::What::SnapshotTaken { name });
                }
            }
            Control::Revert(name) => self.revert(&name, wall, &mut slots, group)?,
            Control::Market(change) => {
                if let Err(error) = self.market.control(change, self.now()) {
                    slots.push(Slot::Refused(error));
                }
            }
        }
        self.shared.set_clock(self.clock);
        group.outlines.push(Outline { reply, slots, duplicate: false, hash: None, repeat: None });
        Ok(())
    }

    /// Carries time forward, tick by tick, coarser the further it goes.
    fn jump(&mut self, to: Timestamp, group: &mut Group) -> Result<(), Ended> {
        let from = self.now();
        for (count, at) in self.market.pace(from, to, &self.ledger.state).into_iter().enumerate() {
            self.tick(at, group)?;
            if count % TICKS_MAX == TICKS_MAX - 1 {
                self.hand_on(std::mem::take(group))?;
            }
        }
        self.clock.set(to.max(self.ledger.now), Instant::now());
        Ok(())
    }

    fn revert(
        &mut self,
        name: &str,
        wall: Instant,
        slots: &mut Vec<Slot>,
        group: &mut Group,
    ) -> Result<(), Ended> {
        let Some(to_seq) = self.ledger.saved.get(name).map(|saved| saved.sequence) else {
            let known: Vec<&str> = self.ledger.saved.keys().map(String::as_str).collect();
            let said = format!("there is no snapshot named {name}; there are: {}", known.join(", "));
            slots.push(Slot::Refused(ApiError::not_found(said)));
            return Ok(());
        };
        // What came before in this group must be out before everything changes under it.
        self.hand_on(std::mem::take(group))?;
        let applied = self.ledger.revert(name).map_err(|e| Ended::Fault(e.to_string()))?;
        self.market.load(&self.ledger.life).map_err(Ended::Fault)?;
        self.append(Kind::Revert { name: name.to_owned() })?;
        // What was refused there may be good here.
        self.refusals = Refusals::default();
        self.clock.set(self.ledger.now, wall);
        group.note(applied, cenote_api::event::What::Reverted { name: name.to_owned(), to_seq });
        group.reset = Some(super::replicas::Replica::of(&self.ledger));
        Ok(())
    }

    fn append(&mut self, kind: Kind) -> Result<(), Ended> {
        let entry = Entry { kind, digest: self.ledger.digest };
        let bytes = borsh::to_vec(&entry).map_err(|e| Ended::Disk(e.to_string()))?;
        self.journal.append(&bytes).map_err(|e| Ended::Disk(e.to_string()))?;
        self.since_snapshot += 1;
        Ok(())
    }

    /// Syncs what was appended, then hands it on to be acknowledged.
    fn hand_on(&mut self, mut group: Group) -> Result<(), Ended> {
        self.commit(group.applied.len())?;
        if group.applied.is_empty() && group.outlines.is_empty() {
            return Ok(());
        }
        group.saved = self.ledger.saved.iter().map(|(name, saved)| (name.clone(), saved.sequence)).collect();
        self.snapshot_when_due()?;
        // The publisher ends only after this side has.
        self.groups.send(group).map_err(|_| Ended::Fault("the publisher has ended".to_owned()))
    }

    /// Syncs whatever was appended: a tick may leave an entry in which no command was carried out.
    fn commit(&mut self, commands: usize) -> Result<(), Ended> {
        if self.journal.last() == self.journal.durable() {
            return Ok(());
        }
        let begun = Instant::now();
        self.journal.commit().map_err(|e| Ended::Disk(e.to_string()))?;
        self.shared.metrics.committed(commands, begun.elapsed());
        Ok(())
    }

    /// A snapshot on disk every so many entries: what a restart need not run again.
    fn snapshot_when_due(&mut self) -> Result<(), Ended> {
        if self.since_snapshot < self.shared.config.snapshot_every {
            return Ok(());
        }
        self.since_snapshot = 0;
        self.shared.snapshots.write(self.journal.last(), self.journal.chain(), self.ledger.to_bytes());
        Ok(())
    }

    /// What was taken is handed on, then nothing more is.
    fn finish(mut self, group: Group) -> Ended {
        if let Err(ended) = self.hand_on(group) {
            return ended;
        }
        if let Ok(mut last) = self.last_index.lock() {
            *last = (self.journal.last(), self.journal.chain());
        }
        Ended::Stopped(Box::new(self.ledger))
    }
}

/// A refusal for the client; a fault ends the sequencer.
fn refused(refusal: Refusal) -> Result<ApiError, Ended> {
    match refusal {
        Refusal::Engine(Error::Rejected(rejection)) => Ok((&rejection).into()),
        Refusal::Engine(Error::Fault(fault)) => Err(Ended::Fault(format!("{fault:?}"))),
        Refusal::Wallet { needed, available } => {
            let said = format!("this takes {needed} from the wallet, which holds {available}; deposit less");
            let money = |cash: Cash| cenote_api::Money(cash);
            Ok(ApiError::new("insufficient_wallet", said)
                .with("needed", money(needed))
                .with("available", money(available)))
        }
    }
}

impl Applied {
    /// A step of the host, with what it says.
    #[must_use]
    pub fn is_host_step(&self) -> bool {
        self.command.is_none()
    }
}
