//! A whole node on a disk that fails at one operation, at each in turn and in every way: it never panics, whoever got an answer finds what it
//! says, nothing is done twice, and the journal still comes to what the node shows.

use cenote_api::command::{OrderLeg, PlaceOrder};
use cenote_api::{ApiCommand, ApiError, Payload, Signed, keys};
use cenote_journal::testing::{Fault, FaultyDisk, Left};
use cenote_journal::{Disk, DiskFile};
use cenote_node::core::entry::Entry;
use cenote_node::core::market::Control;
use cenote_node::core::recovery::first;
use cenote_node::core::{Ask, Shared};
use cenote_node::http::write::submit;
use cenote_node::market::PriceConfig;
use cenote_node::{Node, NodeConfig, answer};
use cenote_units::{Cash, Timestamp};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Threads of a node, which must not panic.
const THREADS: [&str; 5] = ["sequencer", "publisher", "history", "snapshots", "tokio-rt-worker"];
/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is done to the venue.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Carol takes out an amount of which no two are alike: two to the power of so many, so that the sum tells which were carried out.
    Out(u32),
    /// Bob asks for an option.
    Buy,
    /// So many seconds pass.
    Ticks(u64),
    /// Everything is kept under a name.
    Keep,
    /// Everything is as it was under that name.
    Back,
}

/// What a node is asked between a start and a stop, twice.
const LIVES: [&[Step]; 2] = [
    &[
        Step::Out(0),
        Step::Buy,
        Step::Ticks(2),
        Step::Out(1),
        Step::Keep,
        Step::Ticks(1),
        Step::Back,
        Step::Out(2),
        Step::Buy,
        Step::Ticks(2),
        Step::Out(3),
    ],
    &[Step::Out(4), Step::Ticks(1), Step::Buy, Step::Ticks(1), Step::Out(5)],
];

/// A payload that was sent, and the number that was answered.
struct Sent {
    signed: Signed,
    amount: Cash,
    seq: Option<u64>,
}

/// Everything that happened to one disk.
struct Run {
    disk: Watched,
    sent: Vec<Sent>,
    /// The last command and the digest after it, whenever an answer had come.
    seen: Vec<(u64, [u8; 32])>,
}

impl Run {
    fn on(disk: &FaultyDisk) -> Self {
        let disk = Watched { disk: disk.clone(), names: Arc::default() };
        Self { disk, sent: Vec::new(), seen: Vec::new() }
    }
}

/// A directory for what is not the journal, and somewhere to run.
struct Place {
    dir: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
}

impl Place {
    fn new() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        Self { dir: tempfile::tempdir().unwrap(), runtime }
    }

    fn journal(&self) -> PathBuf {
        self.dir.path().join("journal")
    }

    fn start(&self, disk: Arc<dyn Disk>) -> Result<Node, String> {
        let config = NodeConfig {
            bind: ([127, 0, 0, 1], 0).into(),
            prices: PriceConfig { agents: false, ..PriceConfig::default() },
            speed: 0.01,
            history: false,
            snapshot_every: 9,
            ..NodeConfig::new(self.dir.path().to_owned())
        };
        self.runtime.block_on(Node::start_on(config, disk)).map_err(|error| error.to_string())
    }

    fn within<T>(&self, what: impl Future<Output = T>) -> T {
        self.runtime.block_on(async { tokio::time::timeout(PATIENCE, what).await }).expect("no hang")
    }

    /// A start, steps, a stop; how it ended.
    fn live(&self, run: &mut Run, steps: &[Step]) -> Result<(), String> {
        let node = self.start(Arc::new(run.disk.clone()))?;
        let shared = Arc::clone(&node.core.shared);
        let walked = self.within(walk(&shared, run, steps));
        if let Err(error) = &walked {
            // What was under way may be done or not, and whoever comes later is told that nothing was.
            assert!(["interrupted", "stopping"].contains(&error.code.as_str()), "{error:?}");
            let again = self.within(control(&shared, Control::Pause)).unwrap_err();
            assert!(["interrupted", "stopping"].contains(&again.code.as_str()), "{again:?}");
        }
        drop(shared);
        let stopped = self.within(node.stop());
        run.disk.settle();
        walked.map_err(|error| error.message).and(stopped)
    }
}

async fn control(shared: &Shared, control: Control) -> Result<(), ApiError> {
    shared.ask(|reply| Ask::Control(control, reply)).await.map(|_| ())
}

async fn walk(shared: &Shared, run: &mut Run, steps: &[Step]) -> Result<(), ApiError> {
    control(shared, Control::Pause).await?;
    for step in steps {
        match *step {
            Step::Out(power) => {
                let amount = Cash::new(1 << power).unwrap();
                let withdraw = ApiCommand::Withdraw { amount: cenote_api::Money(amount) };
                send(shared, run, "carol", withdraw, amount).await?;
            }
            Step::Buy => send(shared, run, "bob", order(shared), Cash::ZERO).await?,
            Step::Ticks(count) => {
                let to = (shared.now().millis() / 1_000 + count) * 1_000;
                control(shared, Control::Jump(Timestamp::from_millis(to).unwrap())).await?;
            }
            Step::Keep => control(shared, Control::Snapshot("here".to_owned())).await?,
            Step::Back => control(shared, Control::Revert("here".to_owned())).await?,
        }
        run.seen.push(shared.replicas.read(|replica| (replica.seq, replica.digest)));
        run.disk.settle();
    }
    Ok(())
}

fn order(shared: &Shared) -> ApiCommand {
    let (rows, _) = answer::chain::instruments(shared, None).unwrap();
    let legs = vec![OrderLeg { instrument: rows[0].instrument_name.clone(), size: "0.01".parse().unwrap() }];
    let limit = "900".parse().unwrap();
    ApiCommand::PlaceOrder(PlaceOrder {
        legs,
        limit,
        until: None,
        reduce_only: false,
        attempts: 1,
        label: None,
    })
}

async fn send(
    shared: &Shared,
    run: &mut Run,
    name: &str,
    command: ApiCommand,
    amount: Cash,
) -> Result<(), ApiError> {
    let key = keys::dev_key(name);
    let payload = Payload {
        venue: shared.venue_id.clone(),
        account: keys::address_of(&key),
        nonce: run.sent.len() as u64 + 1,
        expires_at: shared.now().millis() + 3_600_000,
        commands: vec![command],
    };
    run.sent.push(Sent { signed: Signed::raw(&payload, &key), amount, seq: None });
    let sent = run.sent.last_mut().unwrap();
    let answer = submit(shared, &sent.signed).await?;
    assert!(answer.error.is_none() && !answer.duplicate, "{answer:?}");
    sent.seq = answer.results[0].seq;
    assert!(sent.seq.is_some());
    Ok(())
}

/// Carol's wallet, and it with her cash.
fn carol(shared: &Shared) -> (i128, i128) {
    let carol = keys::address_of(&keys::dev_key("carol"));
    let wallet = shared.replicas.read(|replica| replica.wallets.get(&carol.0).copied().unwrap_or(Cash::ZERO));
    let cash = answer::account::account(shared, carol).unwrap().cash.0;
    (wallet.get(), wallet.get() + cash.get())
}

/// Carol's wallet and all she has at the beginning, on a sound disk.
fn beginning(place: &Place) -> (i128, i128) {
    let node = place.start(Arc::new(FaultyDisk::new())).unwrap();
    let before = carol(&node.core.shared);
    place.within(node.stop()).unwrap();
    before
}

/// What every command of a journal comes to, from its first entry on, without snapshots.
fn replay(place: &Place, disk: &FaultyDisk) -> BTreeMap<u64, [u8; 32]> {
    let (disk, dir): (Arc<dyn Disk>, _) = (Arc::new(disk.clone()), place.journal());
    let (mut ledger, mut digests) = (None, BTreeMap::new());
    cenote_journal::read(&disk, &dir, None, 1, |entry| {
        match &mut ledger {
            None => ledger = Some(first(&entry.payload).map_err(|e| e.to_string())?.ledger),
            Some(ledger) => {
                let entry: Entry = borsh::from_slice(&entry.payload).map_err(|e| e.to_string())?;
                let applied = ledger.run_again(&entry).map_err(|e| e.to_string())?;
                digests.extend(applied.iter().map(|step| (step.seq, step.digest)));
            }
        }
        Ok(())
    })
    .unwrap();
    digests
}

/// What a disk holds after a run: a node starts on it, and everybody finds what they were told. How many payloads that were not answered are there too.
fn check(place: &Place, run: &Run, disk: &FaultyDisk, before: (i128, i128)) -> usize {
    let mut unknown = 0;
    let node =
        place.start(Arc::new(disk.clone())).unwrap_or_else(|error| panic!("it does not start: {error}"));
    let shared = Arc::clone(&node.core.shared);
    place.within(control(&shared, Control::Pause)).unwrap();
    for round in 0..2 {
        for sent in &run.sent {
            let answer = place.within(submit(&shared, &sent.signed)).unwrap();
            assert!(answer.error.is_none(), "{answer:?}");
            assert!(answer.duplicate || (round == 0 && sent.seq.is_none()), "not there: {answer:?}");
            match sent.seq {
                Some(seq) => assert_eq!(answer.results[0].seq, Some(seq)),
                None => unknown += usize::from(round == 0 && answer.duplicate),
            }
        }
    }
    let out: i128 = run.sent.iter().map(|sent| sent.amount.get()).sum();
    assert_eq!(carol(&shared), (before.0 + out, before.1), "each amount once");
    let shown = shared.replicas.read(|replica| (replica.seq, replica.digest));
    drop(shared);
    place.within(node.stop()).unwrap();
    let digests = replay(place, disk);
    assert_eq!(digests.last_key_value().map(|(seq, digest)| (*seq, *digest)), Some(shown));
    for (seq, digest) in &run.seen {
        assert_eq!(digests.get(seq), Some(digest), "command {seq}");
    }
    unknown
}

/// One fault, and what the disk is like afterwards.
#[derive(Debug, Clone, Copy)]
struct Case {
    /// The operation that fails, from 1.
    at: u64,
    fault: Fault,
}

/// A run with one fault: started, used and stopped, twice, the second time with what the first has left in the system's memory. Then the process is
/// gone, or the power too, and all is well with the disk.
fn one(place: &Place, case: Case, before: (i128, i128)) -> Result<usize, String> {
    let disk = FaultyDisk::new();
    disk.fail_at(case.at, case.fault);
    let mut run = Run::on(&disk);
    let ended: Vec<_> = LIVES.iter().map(|steps| place.live(&mut run, steps)).collect();
    let (name, mut unknown) = (run.disk.name(case.at), 0);
    // Nothing is the hardest; the others take turns.
    let also = match case.at % 6 {
        0 => Some(Left::All),
        2 => Some(Left::Some(case.at)),
        4 => Some(Left::Prefix(case.at as usize * 97)),
        _ => None,
    };
    for left in std::iter::once(Left::Nothing).chain(also) {
        let after = disk.crash(left);
        let checked =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(place, &run, &after, before)));
        match checked {
            Ok(there) => unknown = unknown.max(there),
            Err(why) => {
                let why = why.downcast_ref::<String>().cloned().unwrap_or_default();
                return Err(format!("{case:?}, {name}: {ended:?}, then {left:?} is left: {why}"));
            }
        }
    }
    Ok(unknown)
}

/// Every way in which an operation can fail: of a write a part can be done, and no room shows where bytes or files are made. A snapshot is
/// written in several pieces, which take turns.
fn faults_of(name: &str, at: usize) -> &'static [Fault] {
    match name.split_once(' ') {
        Some(("write", file)) if file.starts_with("snapshot-") => &Fault::ALL[at % 4..][..1],
        Some(("write", _)) => &Fault::ALL,
        Some(("create", _)) => &[Fault::Error, Fault::Full],
        _ => &[Fault::Error],
    }
}

/// All cases, but for the zeros that a new segment is filled with, of which the first, the last and a few between stand for all.
fn cases(names: &[String]) -> Vec<Case> {
    let is_zeros = |at: usize| {
        names.get(at).is_some_and(|name| name.starts_with("write segment-") && name.ends_with(".new"))
    };
    let inside = |at: usize| at > 0 && is_zeros(at - 1) && is_zeros(at) && is_zeros(at + 1);
    let chosen = (0..names.len()).filter(|at| !inside(*at) || at % 64 == 0);
    chosen
        .flat_map(|at| {
            faults_of(&names[at], at).iter().map(move |fault| Case { at: at as u64 + 1, fault: *fault })
        })
        .collect()
}

/// Panics of a node's own threads, counted: nobody joins the one that writes snapshots.
fn count_panics() -> Arc<AtomicUsize> {
    let count = Arc::new(AtomicUsize::new(0));
    let (counted, usual) = (Arc::clone(&count), std::panic::take_hook());
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().name().is_some_and(|name| THREADS.contains(&name)) {
            counted.fetch_add(1, Ordering::Relaxed);
        }
        usual(info);
    }));
    count
}

#[test]
fn whichever_operation_of_the_disk_fails_nothing_that_was_answered_is_lost() {
    let panics = count_panics();
    let begun = std::time::Instant::now();
    let (place, sound) = (Place::new(), FaultyDisk::new());
    let before = beginning(&place);
    let mut run = Run::on(&sound);
    for steps in LIVES {
        assert_eq!(place.live(&mut run, steps), Ok(()));
    }
    check(&place, &run, &sound.crash(Left::Nothing), before);
    let names = run.disk.names.lock().unwrap().clone();
    let (cases, next, unknown) = (cases(&names), AtomicUsize::new(0), AtomicUsize::new(0));
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let place = Place::new();
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match one(&place, *case, before) {
                        Ok(there) => drop(unknown.fetch_add(there, Ordering::Relaxed)),
                        Err(why) => wrong.lock().unwrap().push(why),
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert_eq!(panics.load(Ordering::Relaxed), 0);
    let (operations, cases, unknown) = (names.len(), cases.len(), unknown.into_inner());
    println!(
        "{operations} operations, {cases} cases, {unknown} done and not answered, {:?}",
        begun.elapsed()
    );
}

/// The same disk, with a list of what was asked of it.
#[derive(Debug, Clone)]
struct Watched {
    disk: FaultyDisk,
    names: Arc<Mutex<Vec<String>>>,
}

#[derive(Debug)]
struct WatchedFile {
    file: Box<dyn DiskFile>,
    path: PathBuf,
    disk: Watched,
}

impl Watched {
    fn note(&self, what: &str, path: &Path) {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        self.names.lock().unwrap().push(format!("{what} {file}"));
    }

    fn name(&self, at: u64) -> String {
        self.names.lock().unwrap().get(at as usize - 1).cloned().unwrap_or_default()
    }

    /// Waits until the thread that writes snapshots has nothing to do, so that the same operations have the same numbers.
    fn settle(&self) {
        let mut last = u64::MAX;
        while last != self.disk.operations() {
            last = self.disk.operations();
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn watched(&self, path: &Path, file: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        Box::new(WatchedFile { file, path: path.to_owned(), disk: self.clone() })
    }
}

impl Disk for Watched {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        self.note("create_dir", dir);
        self.disk.create_dir(dir)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.note("list", dir);
        self.disk.list(dir)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.note("read", path);
        self.disk.read(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.note("create", path);
        Ok(self.watched(path, self.disk.create(path)?))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.note("open", path);
        Ok(self.watched(path, self.disk.open(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.note("rename", from);
        self.disk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.note("remove", path);
        self.disk.remove(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.note("sync_dir", dir);
        self.disk.sync_dir(dir)
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn Send>> {
        self.note("lock", path);
        self.disk.lock(path)
    }
}

impl DiskFile for WatchedFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        self.disk.note("write", &self.path);
        self.file.write_at(offset, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.disk.note("sync", &self.path);
        self.file.sync()
    }
}
