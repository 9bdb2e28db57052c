//! The kernels against numpy, scipy and QuantLib: `cargo xtask bench kernels`.
//!
//! Rounds alternate between this program and a child running `kernels.py` on the same inputs, so that both see the
//! same machine in the same minute. Without `CENOTE_BENCH_PYTHON` only the kernels are timed.

// A stopwatch, outside anything that must give the same bits twice.
#![allow(clippy::disallowed_types)]
// For the sources below, of which little is used.
#![allow(dead_code, clippy::needless_range_loop)]

extern crate alloc;

// The sources once more: the library keeps to itself the choice of a vector width, which is a thing to measure.
#[path = "../src/black.rs"]
mod black;
#[path = "../src/marks.rs"]
mod marks;
#[path = "../src/math.rs"]
mod math;
#[path = "../src/surface.rs"]
mod surface;
#[path = "../src/wide.rs"]
mod wide;
#[path = "../src/worlds.rs"]
mod worlds;

use cenote_pricing::{Potential, black::greeks, black::price_batch, implied};
use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::ops::Range;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Instant;
use wide::{Kernel, Width};

const COUNT: usize = 100_000;
const ROUNDS: usize = 15;
/// Inputs timed at a stretch: long for the clock, and short for the machine to do something else in between.
const PIECE: usize = 2_500;

/// What is timed, its unit, the time aimed at, and the task in `kernels.py` that its rivals are in.
const KERNELS: [(&str, &str, &str, &str); 9] = [
    ("`price_batch`", "ns an option", "", "price"),
    ("`call_vol`", "ns an option", "", "implied"),
    ("`greeks`", "ns an option", "", "greeks"),
    ("`exp`", "ns", "", "exp"),
    ("`ln`", "ns", "", "ln"),
    ("`mark_board`, 8 boards of 16 strikes in 33 worlds, AVX2", "µs", "100", ""),
    ("the same, baseline", "µs", "", ""),
    ("`d_phi`, one market", "µs", "", ""),
    ("`d_phi`, two markets", "µs", "", ""),
];

/// The kernel, what each time in the answer to its task is, and the ratio aimed at.
const RIVALS: [(usize, &str, &str); 10] = [
    (0, "numpy and scipy", "1.5"),
    (0, "QuantLib `blackFormula`, the loop", "3"),
    (0, "QuantLib `blackFormula`, net", "3"),
    (1, "QuantLib `blackFormulaImpliedStdDev` to its default of 1e-6, the loop", "4"),
    (1, "QuantLib `blackFormulaImpliedStdDev` to its default of 1e-6, net", "4"),
    (1, "the same to 1e-14, the loop", ""),
    (1, "the same to 1e-14, net", ""),
    (2, "numpy and scipy", ""),
    (3, "numpy", ""),
    (4, "numpy", ""),
];

/// Forwards, strikes, total variances, prices, volatilities, exponents, their exp, arguments, their ln; as `kernels.py`
/// reads them. What the kernels make is zero at first.
type Columns = [Vec<f64>; 9];

/// Calls of a day to a year at 10% to 200%, up to 2.5 deviations to either side of the money.
fn inputs() -> Columns {
    let mut state = 1_u64;
    let mut within = |low: f64, high: f64| {
        // Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        low + (high - low) * ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut columns = [(); 9].map(|()| vec![0.0; COUNT]);
    for i in 0..COUNT {
        let forward = within(20_000.0, 150_000.0);
        let vol = math::exp(within(math::ln(0.1), math::ln(2.0)));
        let variance = vol * vol * math::exp(within(math::ln(1.0 / 365.0), 0.0));
        columns[0][i] = forward;
        columns[1][i] = forward * math::exp(within(-2.5, 2.5) * math::sqrt(variance));
        columns[2][i] = variance;
        columns[5][i] = within(-20.0, 5.0);
        columns[7][i] = math::exp(within(-14.0, 14.0));
    }
    columns
}

/// One pass of each kernel that has rivals, in nanoseconds an input. Volatilities need the prices to be there.
fn pass(columns: &mut Columns, kernel: usize) -> f64 {
    let [f, k, w, prices, vols, exponents, exps, arguments, lns] = columns;
    match kernel {
        0 => pieces(|rows| {
            let [f, k, w] = [&f, &k, &w].map(|column| &column[rows.clone()]);
            price_batch(f, k, w, &mut prices[rows]);
        }),
        1 => pieces(|rows| {
            for i in rows {
                vols[i] = implied::call_vol(prices[i], f[i], k[i]).expect("a price of a volatility");
            }
        }),
        2 => pieces(|rows| {
            for i in rows {
                black_box(greeks(f[i], k[i], w[i]));
            }
        }),
        3 => pieces(|rows| {
            let (to, from) = (&mut exps[rows.clone()], &exponents[rows]);
            wide::run(
                Width::Widest,
                Loop(|| to.iter_mut().zip(from).for_each(|(to, x)| *to = math::exp(*x))),
            );
        }),
        _ => pieces(|rows| {
            let (to, from) = (&mut lns[rows.clone()], &arguments[rows]);
            wide::run(Width::Widest, Loop(|| to.iter_mut().zip(from).for_each(|(to, x)| *to = math::ln(*x))));
        }),
    }
}

/// What is inlined into it is compiled for both widths.
struct Loop<F>(F);

impl<F: FnOnce()> Kernel for Loop<F> {
    #[inline(always)]
    fn run(self) {
        (self.0)();
    }
}

/// Nanoseconds an input: the median over pieces.
fn pieces(mut work: impl FnMut(Range<usize>)) -> f64 {
    let piece = |i: usize| seconds(|| work(black_box(i * PIECE..(i + 1) * PIECE))) / PIECE as f64 * 1e9;
    spread((0..COUNT / PIECE).map(piece))[1]
}

/// Microseconds: the median of many.
fn repeated(mut work: impl FnMut()) -> f64 {
    spread((0..201).map(|_| seconds(&mut work) * 1e6))[1]
}

fn seconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// The least, the median and the largest.
fn spread(values: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    [values[0], values[values.len() / 2], values[values.len() - 1]]
}

/// The child running `kernels.py`.
struct Python {
    process: Child,
    answers: BufReader<ChildStdout>,
}

impl Python {
    fn start(python: &str, columns: &Columns) -> Python {
        let mut process = Command::new(python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/kernels.py"))
            .args([COUNT, PIECE].map(|n| n.to_string()))
            // They would choose code for a processor other than this one.
            .env_remove("OPENBLAS_CORETYPE")
            .env_remove("OPENBLAS_L2_SIZE")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the Python of CENOTE_BENCH_PYTHON starts");
        let answers = BufReader::new(process.stdout.take().expect("a pipe"));
        let mut questions = process.stdin.as_ref().expect("a pipe");
        let bytes: Vec<u8> = columns.iter().flatten().flat_map(|x| x.to_le_bytes()).collect();
        questions.write_all(&bytes).expect("the child reads its inputs");
        Python { process, answers }
    }

    fn ask(&mut self, task: &str) -> String {
        let mut questions = self.process.stdin.as_ref().expect("a pipe");
        writeln!(questions, "{task}").expect("the child listens");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the child's answer is text");
        assert!(!line.is_empty(), "the child stopped; its message is above");
        line.trim().to_owned()
    }
}

/// Eight boards of sixteen strikes, in microseconds.
fn boards(width: Width, out: &mut marks::BoardMarks) -> f64 {
    let node = |days: f64, psi| {
        let tenor = days / 365.0;
        surface::Node { tenor, theta: 0.25 * tenor, rho: -0.1, psi, carry: 0.1 * tenor }
    };
    let nodes = vec![node(1.0, 0.02), node(7.0, 0.05), node(30.0, 0.09), node(90.0, 0.15)];
    let surface = surface::Surface::new(nodes);
    let grid = &worlds::Grid::DEFAULT;
    surface.check(grid.g_max()).expect("an admissible surface");
    let (spot, sigma_ref, window) = (60_000.0, surface.sigma_ref(), 0.5 / 8760.0);
    let tick = marks::TickInputs { spot, sigma_ref, horizon: 7.0 / 365.0, eta: 0.5, grid };
    let strikes: Vec<f64> = (0..16).map(|i| 40_000.0 + 3_000.0 * f64::from(i)).collect();
    repeated(|| {
        for days in [1.0, 2.0, 7.0, 14.0, 30.0, 45.0, 60.0, 90.0] {
            let tau = days / 365.0;
            let board = marks::BoardInputs { tau, window, average: spot, floor: 20_000.0, cap: 150_000.0 };
            marks::mark_board_at(width, &tick, &surface, &board, black_box(&strikes), black_box(&mut *out));
        }
    })
}

/// The kernels without rivals, in microseconds.
fn alone() -> [f64; 4] {
    let mut out = marks::BoardMarks::default();
    let (widest, baseline) = (boards(Width::Widest, &mut out), boards(Width::Baseline, &mut out));
    let loads = [out.calls[3].worlds.map(|l| -200.0 * l), out.puts[9].worlds.map(|l| 150.0 * l)];
    let change = out.calls[8].worlds.map(|l| 0.5 * l);
    let potential = Potential { weights: worlds::Grid::DEFAULT.weights(), b: 1e6, comovement: 0.8 };
    let d_phi = |loads| {
        repeated(|| {
            black_box(potential.d_phi(black_box(loads), 0, black_box(&change)));
        })
    };
    [widest, baseline, d_phi(&loads[..1]), d_phi(&loads)]
}

/// The times of [`KERNELS`], and of [`RIVALS`] if there are any.
fn round(columns: &mut Columns, python: &mut Option<Python>) -> [Vec<f64>; 2] {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for (kernel, (.., task)) in KERNELS.iter().enumerate().filter(|(_, (.., task))| !task.is_empty()) {
        ours.push(pass(columns, kernel));
        if let Some(python) = python {
            theirs.extend(python.ask(task).split(' ').map(|time| time.parse::<f64>().expect("a number")));
        }
    }
    ours.extend(alone());
    [ours, theirs]
}

fn main() {
    // `cargo test --all-targets` runs this too, and has no use for it.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let mut columns = inputs();
    round(&mut columns, &mut None);
    let mut python = std::env::var("CENOTE_BENCH_PYTHON").ok().map(|python| Python::start(&python, &columns));
    let rounds: Vec<_> = (0..ROUNDS).map(|_| round(&mut columns, &mut python)).collect();
    println!(
        "Medians of {ROUNDS} rounds on one thread. Options are {COUNT} random calls of a day to a year at 10% to 200%, \
         up to 2.5 deviations from the money. `exp` and `ln` are in loops compiled for AVX2, as the kernels have \
         them.\n\n| kernel | time | unit | aim |\n|---|---|---|---|"
    );
    for (i, (kernel, unit, aim, _)) in KERNELS.iter().enumerate() {
        let [_, ours, _] = spread(rounds.iter().map(|[ours, _]| ours[i]));
        println!("| {kernel} | {ours:.2} | {unit} | {aim} |");
    }
    let Some(mut python) = python else {
        return println!("\nCompared with nothing: there was no Python to run.");
    };
    compare(&rounds, &python.ask("versions"));
    println!("\n| largest difference | | in |\n|---|---|---|");
    python.ask("agreement").split(';').for_each(|row| println!("{row}"));
    python.process.wait().expect("the child ends with its questions");
}

fn compare(rounds: &[[Vec<f64>; 2]], versions: &str) {
    println!(
        "\nPython, numpy, scipy and QuantLib {versions}, in turns with ours on the same inputs. Theirs is processor \
         time, ours is elapsed time; both are medians over pieces of {PIECE}, numpy's over all at once if that is \
         faster. \"Net\" takes off what the same Python loop costs over inputs that QuantLib answers before it \
         computes: a volatility of zero, a price without time value. A ratio is theirs over ours in one round.\n\n\
         | kernel | against | theirs, ns | ratio | least | largest | aim |\n|---|---|---|---|---|---|---|"
    );
    for (i, (kernel, rival, aim)) in RIVALS.iter().enumerate() {
        let [_, time, _] = spread(rounds.iter().map(|[_, theirs]| theirs[i]));
        let [least, ratio, largest] = spread(rounds.iter().map(|[ours, theirs]| theirs[i] / ours[*kernel]));
        let kernel = KERNELS[*kernel].0;
        println!("| {kernel} | {rival} | {time:.2} | {ratio:.2} | {least:.2} | {largest:.2} | {aim} |");
    }
}
