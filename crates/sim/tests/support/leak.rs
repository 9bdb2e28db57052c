//! Open a position, wait while the price walks, close it: what the pool's potentials pay for it on average.
//!
//! Marks are martingales in a neutral walk, so the expected profit of any such plan is what it gets back of impact
//! and rent less all that it pays. Measuring that sum alone leaves the noise of the marks out.

use super::lab::{ATTACKER, M0, filled, money, place, quick, reversed, scaled};
use cenote_engine::command::Leg;
use cenote_engine::event::{Cost, FillEvent};
use cenote_engine::ids::LegKind;
use cenote_pricing::math::exp;
use cenote_sim::fixture::{Fixture, Setup, TRADER};
use cenote_sim::rng::Rng;
use cenote_units::Millis;

/// Days after opening at which the position may be closed.
pub const DAYS: [usize; 7] = [2, 5, 10, 15, 20, 25, 28];

/// A mean over paths in basis points of the pool's ten million, with its standard error.
#[derive(Debug, Clone, Copy)]
pub struct Mean {
    /// The mean.
    pub mean: f64,
    /// Its standard error.
    pub error: f64,
}

/// Profits of closing at each of [`DAYS`], and of closing as soon as it pays, else at the last.
#[derive(Debug, Clone)]
pub struct Leak {
    /// Straddles that filled.
    pub straddles: f64,
    /// At fixed days.
    pub fixed: Vec<Mean>,
    /// At the first day that pays more than nothing, 5 and 10 basis points.
    pub eager: Vec<Mean>,
}

impl Leak {
    /// The best of all plans.
    pub fn best(&self) -> Mean {
        let all = self.fixed.iter().chain(&self.eager);
        *all.max_by(|a, b| a.mean.total_cmp(&b.mean)).expect("plans")
    }
}

fn beside_mark(cost: &Cost) -> f64 {
    money(cost.total) - money(cost.mark)
}

fn trade(f: &mut Fixture, account: u64, legs: &[Leg]) -> Option<FillEvent> {
    let id = place(f, account, legs.to_vec()).ok()?;
    let outcome = f.tick(M0).expect("a tick");
    filled(&outcome, id)
}

/// As much of a trade as the limits allow.
fn most_of(f: &mut Fixture, account: u64, mut legs: Vec<Leg>) -> Option<(Vec<Leg>, FillEvent)> {
    for _ in 0..40 {
        if let Some(fill) = trade(f, account, &legs) {
            return Some((legs, fill));
        }
        legs = scaled(&legs, 0.93);
    }
    None
}

/// A venue thirty days before an expiry, others holding `others` straddles of it.
fn thirty_days_before(setup: &Setup, others: f64) -> (Fixture, Vec<Leg>) {
    let mut f = quick(setup);
    f.wait(Millis::new(21 * 86_400_000 - 4 * 3_600_000));
    f.refresh();
    f.roll(M0).expect("a roll");
    let boards = f.boards(M0);
    let days = |b: &cenote_engine::ids::BoardId| b.expiry.since(f.venue.now).get() / 86_400_000;
    let board = *boards.iter().min_by_key(|b| days(b).abs_diff(30)).expect("a board");
    let straddle = |n: f64| vec![f.leg(board, 1.0, LegKind::Call, n), f.leg(board, 1.0, LegKind::Put, n)];
    let (one, theirs) = (straddle(1.0), straddle(others));
    if others != 0.0 {
        most_of(&mut f, TRADER, theirs).expect("others trade");
    }
    (f, one)
}

/// Runs `paths` paths (in antithetic pairs) of `size` straddles, negative sold to the pool.
pub fn straddles(setup: &Setup, size: f64, others: f64, paths: usize, seed: u64) -> Leak {
    let (mut f, one) = thirty_days_before(setup, others);
    let (legs, fill) = most_of(&mut f, ATTACKER, scaled(&one, size)).expect("some size fills");
    let paid = beside_mark(&fill.cost);
    let mut profits: Vec<Vec<f64>> = Vec::with_capacity(paths);
    for pair in 0..paths / 2 {
        for sign in [1.0, -1.0] {
            let mut rng = Rng::new(seed, 100 + pair as u64);
            profits.push(path(&f, &legs, paid, setup.vol, || sign * rng.normal()));
        }
    }
    let fixed = (0..DAYS.len()).map(|d| mean(profits.iter().map(|p| p[d]))).collect();
    let first = |p: &[f64], bar: f64| *p.iter().find(|x| **x > bar).unwrap_or(&p[DAYS.len() - 1]);
    let eager = [0.0, 5.0, 10.0].map(|bar| mean(profits.iter().map(|p| first(p, bar)))).to_vec();
    let straddles = legs[0].size.get() as f64 / 1e6;
    Leak { straddles, fixed, eager }
}

/// Profit of closing at each of [`DAYS`] along one path, basis points of ten million.
fn path(start: &Fixture, legs: &[Leg], paid: f64, vol: f64, mut normal: impl FnMut() -> f64) -> Vec<f64> {
    let mut f = start.clone();
    let mut profits = Vec::with_capacity(DAYS.len());
    let day = 1.0 / 365.0;
    for n in 1..=DAYS[DAYS.len() - 1] {
        f.wait(Millis::days(1));
        f.publish(M0).expect("a surface");
        // The forward's drift is the surface's carry of 5% a year.
        let step = (0.05 - 0.5 * vol * vol) * day + vol * day.sqrt() * normal();
        let spot = f.spots[0] * exp(step);
        f.move_to(M0, spot).expect("a tick");
        if DAYS.contains(&n) {
            let back = close(&mut f.clone(), &reversed(legs), 5);
            profits.push(-(paid + back) / 1_000.0);
        }
    }
    profits
}

/// Closes at one tick, or in halves at several where the pool's change of delta within a tick is bounded.
fn close(f: &mut Fixture, legs: &[Leg], halvings: usize) -> f64 {
    if let Some(fill) = trade(f, ATTACKER, legs) {
        return beside_mark(&fill.cost);
    }
    assert!(halvings > 0, "a position can be closed: {legs:?}");
    let half = scaled(legs, 0.5);
    let size = |(leg, half): (&Leg, &Leg)| leg.size.minus(half.size).expect("a size");
    let rest: Vec<Leg> =
        legs.iter().zip(&half).map(|(leg, h)| Leg { size: size((leg, h)), ..*leg }).collect();
    close(f, &half, halvings - 1) + close(f, &rest, halvings - 1)
}

fn mean(values: impl Iterator<Item = f64>) -> Mean {
    let all: Vec<f64> = values.collect();
    let n = all.len() as f64;
    let mean = all.iter().sum::<f64>() / n;
    let variance = all.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    Mean { mean, error: (variance / n).sqrt() }
}

/// The mark of an at-the-money straddle with a quarter of an hour of its averaging left, over the mean of what it
/// pays in neutral walks from there.
pub fn window_mark(paths: usize, seed: u64) -> f64 {
    let mut f = quick(&Setup::default());
    let board = f.boards(M0)[0];
    f.wait(Millis::new(board.expiry.since(f.venue.now).get() - 35 * 60_000));
    for _ in 0..20 {
        f.publish(M0).expect("a surface");
        f.wait(Millis::seconds(60));
        f.push(M0, f.spots[0]).expect("a tick");
    }
    let chain = cenote_engine::view::chain(&f.venue.state, f.venue.now, M0, None).expect("a chain");
    let row = chain.iter().find(|b| b.board == board).expect("the board");
    let strike = f.strike(board, 1.0);
    let at = row.strikes.iter().find(|s| s.strike == strike).expect("the strike");
    let marked = at.call.mark + at.put.mark;
    let mut paid = 0.0;
    let step = 0.5 * (60.0f64 / 31_536_000.0).sqrt();
    for path in 0..paths {
        let mut rng = Rng::new(seed, path as u64);
        let (mut spot, mut sum) = (f.spots[0], 15.0 * f.spots[0]);
        for _ in 0..15 {
            // Twelve steps a minute: an average of many prices, as the formula has it.
            for _ in 0..12 {
                spot *= exp(step / 12f64.sqrt() * rng.normal());
                sum += spot / 12.0;
            }
        }
        paid += (sum / 30.0 - strike.get() as f64 / 1e12).abs();
    }
    marked / (paid / paths as f64)
}
