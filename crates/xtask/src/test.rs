//! `cargo xtask test`: everything that must hold before a change goes in, and one line that says whether it does.

mod counts;
mod venue;

use crate::process::{command, has, root, unseen, watched};
use counts::{Reader, Tally};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// A run of one crate's tests besides the run over the workspace.
struct ExtraRun {
    package: &'static str,
    /// The integration test; the step is skipped while the crate has none of that name.
    test: &'static str,
    /// For cargo.
    options: &'static str,
    why: &'static str,
}

/// Tests that are worth running a second time optimised: what they compare must not depend on the optimiser.
const RELEASE_RUNS: &[ExtraRun] = &[
    ExtraRun {
        package: "pricing",
        test: "golden",
        options: "--features golden",
        why: "bits of every kernel",
    },
    ExtraRun {
        package: "pricing",
        test: "golden",
        options: "--no-default-features --features golden",
        why: "the same bits without std",
    },
    ExtraRun { package: "sim", test: "determinism", options: "", why: "the same commands, the same bytes" },
];

/// Where the Python reference model and its tests live.
const MODEL: &str = "tools/model";

/// Crates of the core, also built as a chain gets them: without `std`'s square root and vectors.
const CORE: &[&str] = &["cenote-units", "cenote-pricing", "cenote-engine"];

/// What a step does.
enum Action {
    /// Runs a program and reads the counts from what it prints.
    Run(Reader, Vec<String>),
    /// The same, against a venue that runs meanwhile.
    Venue(Reader, Vec<String>),
    /// Checks the shape of the repository.
    Tidy,
    /// Cannot be done here, for this reason.
    Skip(String),
}

struct Step {
    title: String,
    action: Action,
}

impl Step {
    fn run(title: &str, reader: Reader, line: &str) -> Self {
        let words = line.split_whitespace().map(str::to_owned).collect();
        Self { title: title.to_owned(), action: Action::Run(reader, words) }
    }

    fn venue(title: &str, reader: Reader, line: &str) -> Self {
        let words = line.split_whitespace().map(str::to_owned).collect();
        Self { title: title.to_owned(), action: Action::Venue(reader, words) }
    }

    fn skip(title: &str, why: String) -> Self {
        Self { title: title.to_owned(), action: Action::Skip(why) }
    }
}

/// How many steps against a venue run at a time: they wait for its ticks, most of the time.
const VENUES: usize = 2;

/// What became of a step: its title, the counts, the seconds.
type Done = (String, Tally, f64);

/// Runs every step whatever the earlier ones gave; false if anything failed.
pub fn run() -> Result<bool, String> {
    let started = Instant::now();
    let (venues, alone): (Vec<Step>, Vec<Step>) =
        steps().into_iter().partition(|step| matches!(step.action, Action::Venue(..)));
    let mut table: Vec<Done> = Vec::new();
    for step in alone {
        eprintln!("\n== {}", step.title);
        let begun = Instant::now();
        let tally = perform(step.action);
        let seconds = begun.elapsed().as_secs_f64();
        eprintln!("   {tally} in {seconds:.1} s");
        table.push((step.title, tally, seconds));
    }
    table.extend(against_venues(venues));
    let mut total = Tally::default();
    println!("\n{:<56} {:>8}  result", "step", "seconds");
    for (title, tally, seconds) in table {
        println!("{title:<56} {seconds:>8.1}  {tally}");
        total += tally;
    }
    println!("{:<56} {:>8.1}", "all", started.elapsed().as_secs_f64());
    println!("{total}");
    Ok(total.failed == 0)
}

/// Steps against venues of their own, [`VENUES`] at a time; what each says is shown when it is over.
fn against_venues(steps: Vec<Step>) -> Vec<Done> {
    let waiting = Mutex::new(steps.into_iter());
    let done = Mutex::new(Vec::new());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let worker = || {
        while let Some(step) = next() {
            let begun = Instant::now();
            let (tally, said) = on_a_venue(step.action);
            let seconds = begun.elapsed().as_secs_f64();
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            eprintln!("\n== {}\n{said}   {tally} in {seconds:.1} s", step.title);
            done.push((step.title, tally, seconds));
        }
    };
    std::thread::scope(|scope| (0..VENUES).for_each(|_| drop(scope.spawn(worker))));
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn on_a_venue(action: Action) -> (Tally, String) {
    let Action::Venue(reader, words) = action else { return (perform(action), String::new()) };
    let ran = venue::Venue::start().and_then(|venue| unseen(program(&words, &venue.environment())));
    match ran {
        Ok((success, text)) => (reader.read(success, &text), format!("$ {}\n{text}", words.join(" "))),
        Err(why) => (Tally { failed: 1, ..Tally::default() }, format!("{why}\n")),
    }
}

fn steps() -> Vec<Step> {
    let mut steps = vec![
        Step::run("format", Reader::Exit, "cargo fmt --all --check"),
        Step { title: "tidy".to_owned(), action: Action::Tidy },
    ];
    // Before anything that embeds it.
    steps.extend(page());
    steps.extend([
        Step::run("clippy", Reader::Exit, "cargo clippy --workspace --all-targets -- -D warnings"),
        no_std(),
        if has("cargo", &["nextest"]) {
            let line = "cargo nextest run --workspace --lib --bins --tests --no-fail-fast --no-tests pass";
            Step::run("tests (nextest)", Reader::Nextest, line)
        } else {
            let line = "cargo test --workspace --lib --bins --tests --no-fail-fast";
            Step::run("tests (cargo test)", Reader::Libtest, line)
        },
        Step::run(
            "examples in the documentation",
            Reader::Libtest,
            "cargo test --workspace --doc --no-fail-fast",
        ),
    ]);
    // Its own build: the old rules are not compiled into anything else.
    let canaries = "cargo test --package cenote-sim --features canary --test canaries";
    steps.push(Step::run("canaries: old rules planted and caught", Reader::Libtest, canaries));
    steps.extend(RELEASE_RUNS.iter().map(release_run));
    steps.push(model());
    steps.extend(bots());
    steps
}

/// The page and the client that it is built on: types, parts, size, what it previews, and a reader's way through it in a real browser.
fn page() -> Vec<Step> {
    let title = "page";
    if !has("npm", &[]) {
        return vec![Step::skip(title, "npm is not installed".to_owned())];
    }
    if let Err(why) = crate::web::install() {
        return vec![Step::skip(title, format!("its packages cannot be installed: {why}"))];
    }
    vec![
        Step::run("client in TypeScript: parts", Reader::Checks, "npm --prefix clients/typescript test"),
        Step::venue(
            "client in TypeScript: its example, on a venue",
            Reader::Checks,
            "npm --prefix clients/typescript run test:venue",
        ),
        Step::run("page: types and its own rules", Reader::Exit, "npm --prefix web run check"),
        Step::run("page: parts", Reader::Vitest, "npm --prefix web run test"),
        Step::run("page: built, within its budget", Reader::Exit, "npm --prefix web run budget"),
        Step::venue("page: in a browser, on a venue", Reader::Checks, "npm --prefix web run e2e"),
        Step::venue("page: accessible", Reader::Checks, "npm --prefix web run axe"),
        Step::venue("page: what it previews is what is paid", Reader::Checks, "npm --prefix web run preview"),
    ]
}

/// Clients that others wrote for the API that bots speak, unmodified.
fn bots() -> Vec<Step> {
    let title = |of: &str| format!("the API that bots speak ({of})");
    let ccxt = match venue::ccxt() {
        Ok(python) => {
            Step::venue(&title("ccxt"), Reader::Checks, &format!("{python} tools/conformance/bot.py"))
        }
        Err(why) => Step::skip(&title("ccxt"), why),
    };
    let rust = "cargo run --quiet --locked --manifest-path tools/conformance/deribit-http/Cargo.toml";
    let nautilus = match std::env::var("CENOTE_NAUTILUS") {
        Ok(python) => {
            let line = format!("{python} tools/conformance/nautilus.py");
            Step::venue(&title("NautilusTrader"), Reader::Checks, &line)
        }
        Err(_) => {
            let why = "a gigabyte; CENOTE_NAUTILUS names a Python that has it, as tools/conformance says";
            Step::skip(&title("NautilusTrader"), why.to_owned())
        }
    };
    let build = rust.replacen("run", "build", 1);
    let built = Step::run("the API that bots speak: deribit-http builds", Reader::Exit, &build);
    vec![ccxt, built, Step::venue(&title("deribit-http"), Reader::Checks, rust), nautilus]
}

/// The core for the chain's target and without default features.
fn no_std() -> Step {
    let packages = CORE.iter().fold(String::new(), |list, name| list + " --package " + name);
    let line = format!(
        "cargo clippy --no-default-features --target wasm32-unknown-unknown{packages} -- -D warnings"
    );
    Step::run("clippy, core without std for wasm", Reader::Exit, &line)
}

fn release_run(run: &ExtraRun) -> Step {
    let title = format!("{} optimised: {}", run.package, run.why);
    let tests = root().join("crates").join(run.package).join("tests");
    let name = run.test;
    if !tests.join(format!("{name}.rs")).exists() && !tests.join(name).join("main.rs").exists() {
        return Step::skip(&title, format!("crates/{} has no tests/{name}.rs", run.package));
    }
    let line = format!("cargo test --release --package cenote-{} --test {name} {}", run.package, run.options);
    Step::run(&title, Reader::Libtest, &line)
}

fn model() -> Step {
    let title = "reference model (python)";
    if !root().join(MODEL).exists() {
        Step::skip(title, format!("there is no {MODEL}"))
    } else if !has("python3", &[]) {
        Step::skip(title, "python3 is not installed".to_owned())
    } else {
        Step::run(title, Reader::Unittest, &format!("python3 -m unittest discover {MODEL}"))
    }
}

fn perform(action: Action) -> Tally {
    match action {
        Action::Skip(why) => {
            eprintln!("skipped: {why}");
            Tally { skipped: 1, ..Tally::default() }
        }
        Action::Venue(..) => on_a_venue(action).0,
        Action::Tidy => Reader::Exit.read(report(crate::tidy::run()), ""),
        Action::Run(reader, words) => {
            eprintln!("$ {}", words.join(" "));
            let mut text = String::new();
            let success = report(watched(program(&words, &[])).map(|(success, said)| {
                text = said;
                success
            }));
            reader.read(success, &text)
        }
    }
}

fn program(words: &[String], environment: &[(String, String)]) -> std::process::Command {
    let arguments: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
    let mut program = command(words.first().map_or("", String::as_str), &arguments);
    // Byte code beside the sources would be noise in the checkout, colours noise in what is read.
    program.env("PYTHONDONTWRITEBYTECODE", "1").env("NO_COLOR", "1");
    program.envs(environment.iter().map(|(name, value)| (name, value)));
    program
}

/// What could not be run has failed, and says why.
fn report(result: Result<bool, String>) -> bool {
    result.unwrap_or_else(|why| {
        eprintln!("{why}");
        false
    })
}
