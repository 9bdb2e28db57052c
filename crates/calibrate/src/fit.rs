//! From a chain to a surface that may be published, with an account of its errors.

use crate::chain::{Chain, ChainExpiry, Dropped, Quote, Right};
use crate::loss::Loss;
use crate::model::{Market, WorldSlices};
use crate::problem::{Problem, Target, week_weights};
use crate::shape::{self, PER_NODE};
use crate::solve::{Stage, minimise};
use crate::surface_file::{SurfaceFile, SurfaceNode};
use cenote_pricing::implied::{call_vol, put_vol};
use cenote_pricing::math::{exp, ln, max, sqrt};
use cenote_pricing::surface::WEEK;
use cenote_pricing::{Grid, Node, Slice, Surface, SurfaceFault, YEAR_MS, black};
use std::fmt;
use std::time::Instant;

/// What the fit makes small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Aim {
    /// Squared distances from the middles of the quotes, in half-spreads, those beyond 20 level.
    Middle,
    /// Distances beyond bid and ask above all, and a little the squares.
    #[default]
    Inside,
}

/// What a fit may choose. The defaults are those of the protocol.
#[derive(Clone, Debug, PartialEq)]
pub struct FitOptions {
    /// Worlds of the mixture.
    pub grid: Grid,
    /// The share of its own variance that a short expiry's spot moves carry, in `(0, 0.7]`.
    pub eta: f64,
    /// Risk horizon, years.
    pub horizon: f64,
    /// Least and greatest `|delta|` of quotes that are fitted and judged.
    pub delta_range: (f64, f64),
    /// Length of the settlement average, seconds. The variance of an average over it ends two thirds earlier, so a
    /// node's tenor is the time to expiry less two thirds of it. Venue and protocol both settle on 30 minutes.
    pub settlement_window_s: u32,
    /// Expiries nearer than this many seconds are left out.
    pub time_min_s: u32,
    /// Most nodes of the surface, at least 1.
    pub nodes_max: usize,
    /// Fewest quotes that make a node.
    pub quotes_min: usize,
    /// What to make small.
    pub aim: Aim,
}

impl Default for FitOptions {
    fn default() -> FitOptions {
        FitOptions {
            grid: Grid::DEFAULT,
            eta: 0.5,
            horizon: WEEK,
            delta_range: (0.05, 0.95),
            settlement_window_s: 1800,
            time_min_s: 3600,
            nodes_max: 12,
            quotes_min: 5,
            aim: Aim::Inside,
        }
    }
}

/// How well one expiry is fitted, by the surface after rounding.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpiryFit {
    /// Milliseconds since 1970.
    pub expiry_ms: i64,
    /// Years of 365 days to it.
    pub years: f64,
    /// Whether it is a node; else its slice is interpolated and its quotes had no part in the fit.
    pub node: bool,
    /// The venue's forward, median over rows.
    pub forward: f64,
    /// `ln(F/S)` of the venue.
    pub carry: f64,
    /// `ln(F/S)` that the surface gives this expiry.
    pub carry_published: f64,
    /// The slice.
    pub slice: Slice,
    /// Implied volatility of the mark struck at the forward, per 1.00.
    pub atm_vol: f64,
    /// Quotes judged.
    pub quotes: usize,
    /// Quotes with the mark between bid and ask, both included.
    pub inside: usize,
    /// Root mean square distance of the mark from the middle of the quote, in vol points (0.01) by Black's vega at
    /// the mark, weighted by the inverse of the quote's spread in vol. Zero without quotes.
    pub rmse_vol_points: f64,
}

/// Sums over expiries.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    /// Quotes judged.
    pub quotes: usize,
    /// Of them inside.
    pub inside: usize,
    /// As of [`ExpiryFit::rmse_vol_points`], all quotes together.
    pub rmse_vol_points: f64,
}

/// A fitted surface.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// Currency of the underlying.
    pub currency: String,
    /// The surface to publish. It has passed [`Surface::check`] in these integers.
    pub surface: SurfaceFile,
    /// All expiries that were judged, nearest first.
    pub expiries: Vec<ExpiryFit>,
    /// All of them together.
    pub totals: Totals,
    /// Rows of the chain that are not quotes.
    pub dropped: Dropped,
    /// Expiries nearer than [`FitOptions::time_min_s`].
    pub too_near: usize,
    /// Whether the search met its tolerance; if not, the surface is sound but might fit better.
    pub converged: bool,
    /// Evaluations of all quotes.
    pub evaluations: usize,
    /// Seconds the fit took.
    pub seconds: f64,
}

/// Why a chain gives no surface.
#[derive(Clone, Debug, PartialEq)]
pub enum FitError {
    /// An option is outside its range.
    Options {
        /// Which.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// No expiry has enough quotes.
    TooFewQuotes {
        /// Quotes needed at one expiry.
        needed: usize,
        /// The most that an expiry has.
        most: usize,
        /// Range of `|delta|` in which they count.
        delta_range: (f64, f64),
    },
    /// The surface fails a condition, in practice a forward too far from the index.
    Refused {
        /// The condition, with the index of the node.
        fault: SurfaceFault,
    },
}

impl fmt::Display for FitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Options { field, expected } => write!(f, "option {field} must be {expected}"),
            Self::TooFewQuotes { needed, most, delta_range: (low, high) } => write!(
                f,
                "an expiry needs {needed} two-sided quotes with |delta| from {low} to {high}, the best has {most}"
            ),
            Self::Refused { fault } => write!(f, "the surface would be refused: {fault}"),
        }
    }
}

impl std::error::Error for FitError {}

/// The search for either aim. Losses level off ever nearer, so that the bulk of the quotes decides what is an outlier.
fn stages(aim: Aim) -> [Stage; 4] {
    let square = |level| Loss { square: 1.0, level, band: false };
    let last = match aim {
        Aim::Middle => square(20.0),
        Aim::Inside => Loss { square: 0.1, level: 20.0, band: true },
    };
    [
        Stage { loss: square(20.0), barrier: 1.0, tolerance: 1e-3, steps_max: 20 },
        Stage { loss: square(5.0), barrier: 0.1, tolerance: 1e-3, steps_max: 20 },
        Stage { loss: last, barrier: 0.01, tolerance: 1e-4, steps_max: 20 },
        Stage { loss: last, barrier: 0.001, tolerance: 1e-6, steps_max: 100 },
    ]
}

/// An expiry with its part in the fit.
struct Candidate<'a> {
    expiry: &'a ChainExpiry,
    tenor_s: u32,
    /// Quotes within the range of deltas.
    targets: Vec<Target>,
}

/// Boards are listed at most 100 days ahead; beyond, no board is priced.
const BOARDS_UNTIL: f64 = 100.0 / 365.0;

/// Fits all expiries of a chain together.
///
/// Expiries beyond `nodes_max` give way one by one, never the first or last: of those that price no board, else of
/// all, the one whose neighbours are nearest to each other in the logarithm of tenor.
///
/// # Errors
/// [`FitError`]; a surface that is returned is never clipped.
pub fn fit(chain: &Chain, options: &FitOptions) -> Result<Calibration, FitError> {
    let begun = Instant::now();
    check_options(options)?;
    let candidates: Vec<Candidate<'_>> =
        chain.expiries.iter().filter_map(|expiry| candidate(chain, expiry, options)).collect();
    let nodes = choose_nodes(&candidates, options)?;
    let tenors: Vec<f64> = nodes.iter().map(|&i| years_of(candidates[i].tenor_s)).collect();
    let groups: Vec<Vec<Target>> = nodes.iter().map(|&i| candidates[i].targets.clone()).collect();
    let start =
        shape::start(&groups.iter().zip(&tenors).map(|(g, t)| first_theta(g, *t)).collect::<Vec<_>>());
    let scale = options.horizon / WEEK;
    let problem = Problem {
        grid: &options.grid,
        eta: options.eta,
        variance_weights: week_weights(&tenors).into_iter().map(|(i, w)| (i, w * scale)).collect(),
        groups,
        start: start.clone(),
    };
    let faces = shape::faces(nodes.len(), options.grid.g_max());
    let solution = minimise(&problem, &faces, start, &stages(options.aim));
    let carry = published_carry(&nodes.iter().map(|&i| &candidates[i]).collect::<Vec<_>>(), &tenors);
    let rounded = nodes.iter().enumerate().map(|(node, &i)| {
        let Slice { theta, rho, psi } = shape::slice(&solution.x[PER_NODE * node..]);
        let exact = Node { tenor: tenors[node], theta, rho, psi, carry: carry[node] };
        SurfaceNode::nearest(candidates[i].tenor_s, &exact)
    });
    let file =
        SurfaceFile { published_at_ms: chain.snapshot_ms, index: chain.index, nodes: rounded.collect() };
    let surface = file.surface();
    surface.check(options.grid.g_max()).map_err(|fault| FitError::Refused { fault })?;
    let (expiries, totals) = judge(chain, &candidates, &nodes, &surface, options);
    Ok(Calibration {
        currency: chain.currency.clone(),
        surface: file,
        expiries,
        totals,
        dropped: chain.dropped,
        too_near: chain.expiries.len() - candidates.len(),
        converged: solution.converged,
        evaluations: solution.evaluations,
        seconds: begun.elapsed().as_secs_f64(),
    })
}

fn check_options(options: &FitOptions) -> Result<(), FitError> {
    let (low, high) = options.delta_range;
    let window = options.settlement_window_s;
    let table = [
        ("eta", options.eta > 0.0 && options.eta <= 0.7, "above 0 and at most 0.7"),
        ("horizon", options.horizon >= 1.0 / 365.0 && options.horizon <= 30.0 / 365.0, "1 to 30 days"),
        ("delta_range", 0.0 <= low && low < high && high <= 1.0, "two ascending numbers within 0 and 1"),
        ("settlement_window_s", window <= 86_400, "at most a day"),
        (
            "time_min_s",
            options.time_min_s >= 60 && options.time_min_s > window,
            "a minute or more, and longer than the settlement window",
        ),
        ("nodes_max", options.nodes_max >= 1, "at least 1"),
        ("quotes_min", options.quotes_min >= 1, "at least 1"),
    ];
    match table.into_iter().find(|(_, fits, _)| !fits) {
        Some((field, _, expected)) => Err(FitError::Options { field, expected }),
        None => Ok(()),
    }
}

/// `None` for an expiry too near, or beyond ten years.
fn candidate<'a>(chain: &Chain, expiry: &'a ChainExpiry, options: &FitOptions) -> Option<Candidate<'a>> {
    // Whole seconds, down: the remainder is lost to both sides alike.
    let left_s = u32::try_from(expiry.time_left_ms(chain) / 1000).ok()?;
    if left_s < options.time_min_s || left_s > 10 * 31_536_000 {
        return None;
    }
    let (low, high) = options.delta_range;
    let in_range = |quote: &&Quote| (low..=high).contains(&quote.delta.abs());
    let targets = expiry.quotes.iter().filter(in_range).map(target).collect();
    Some(Candidate { expiry, tenor_s: left_s - options.settlement_window_s * 2 / 3, targets })
}

/// A put is the call of its strike less the forward.
fn target(quote: &Quote) -> Target {
    let strike = exp(quote.log_moneyness);
    let forward = match quote.right {
        Right::Call => 0.0,
        Right::Put => 1.0 - strike,
    };
    Target {
        k: quote.log_moneyness,
        strike,
        mid: 0.5 * (quote.bid + quote.ask) + forward,
        half_spread: 0.5 * (quote.ask - quote.bid),
    }
}

fn years_of(seconds: u32) -> f64 {
    f64::from(seconds) * 1000.0 / YEAR_MS
}

/// Indices of the candidates that become nodes.
fn choose_nodes(candidates: &[Candidate<'_>], options: &FitOptions) -> Result<Vec<usize>, FitError> {
    let enough = |i: &usize| candidates[*i].targets.len() >= options.quotes_min;
    let mut nodes: Vec<usize> = (0..candidates.len()).filter(enough).collect();
    if nodes.is_empty() {
        return Err(FitError::TooFewQuotes {
            needed: options.quotes_min,
            most: candidates.iter().map(|c| c.targets.len()).max().unwrap_or(0),
            delta_range: options.delta_range,
        });
    }
    let tenor = |node: usize| years_of(candidates[node].tenor_s);
    while nodes.len() > options.nodes_max {
        let gap = |at: &usize| ln(tenor(nodes[at + 1]) / tenor(nodes[at - 1]));
        let between = || 1..nodes.len() - 1;
        let nearest = |a: &usize, b: &usize| gap(a).total_cmp(&gap(b));
        let prices_no_board = |at: &usize| tenor(nodes[at - 1]) >= BOARDS_UNTIL;
        let least = between().filter(prices_no_board).min_by(nearest).or_else(|| between().min_by(nearest));
        // Two nodes have none between them: the later goes.
        nodes.remove(least.unwrap_or(nodes.len() - 1));
    }
    Ok(nodes)
}

/// Where the search begins: the variance implied by the quote nearest the money, and a little for the mixture.
fn first_theta(targets: &[Target], years: f64) -> f64 {
    let implied = targets.iter().filter_map(|target| Some((target.k, total_vol(target, target.mid)?)));
    let nearest = implied.min_by(|a, b| a.0.abs().total_cmp(&b.0.abs()));
    // Without any, 50% a year.
    nearest.map_or(0.25 * years, |(_, vol)| 1.03 * vol * vol)
}

/// Total volatility that gives a call this price over the forward, by the side out of the money; `None` if none does.
fn total_vol(target: &Target, call: f64) -> Option<f64> {
    let vol = if target.k >= 0.0 {
        call_vol(call, 1.0, target.strike)
    } else {
        put_vol(call - 1.0 + target.strike, 1.0, target.strike)
    };
    vol.ok().filter(|vol| *vol > 0.0)
}

/// The venue's forward basis at nodes of a week or more, and a straight line to zero below, where it is noise of rows
/// polled apart. Zero without such a node.
fn published_carry(nodes: &[&Candidate<'_>], tenors: &[f64]) -> Vec<f64> {
    let long = tenors.iter().position(|tenor| *tenor >= WEEK);
    let (reach, basis) = long.map_or((1.0, 0.0), |i| (tenors[i], nodes[i].expiry.carry));
    let carry = |(node, tenor): (&&Candidate<'_>, &f64)| {
        if *tenor < reach { basis * (tenor / reach) } else { node.expiry.carry }
    };
    match long {
        Some(_) => nodes.iter().zip(tenors).map(carry).collect(),
        None => vec![0.0; tenors.len()],
    }
}

/// Prices every quote with the published surface.
fn judge(
    chain: &Chain,
    candidates: &[Candidate<'_>],
    nodes: &[usize],
    surface: &Surface,
    options: &FitOptions,
) -> (Vec<ExpiryFit>, Totals) {
    let sigma = surface.sigma_ref();
    let market = Market { grid: &options.grid, eta: options.eta, variance: sigma * sigma * options.horizon };
    let mut all = Misses::default();
    let judged = candidates.iter().enumerate().map(|(i, candidate)| {
        let tenor = years_of(candidate.tenor_s);
        let years = candidate.expiry.time_left_ms(chain) as f64 / YEAR_MS;
        let slice = surface.slice(tenor);
        let worlds = WorldSlices::new(&market, slice);
        let mut misses = Misses::default();
        for target in &candidate.targets {
            misses.add(&worlds, target, years);
        }
        all.join(&misses);
        let at_the_money = call_vol(worlds.call(0.0, 1.0).call, 1.0, 1.0).unwrap_or(0.0);
        ExpiryFit {
            expiry_ms: candidate.expiry.expiry_ms,
            years,
            node: nodes.contains(&i),
            forward: candidate.expiry.forward,
            carry: candidate.expiry.carry,
            carry_published: surface.carry(tenor),
            slice,
            atm_vol: at_the_money / sqrt(years),
            quotes: misses.quotes,
            inside: misses.inside,
            rmse_vol_points: misses.rmse(),
        }
    });
    let expiries = judged.collect();
    (expiries, Totals { quotes: all.quotes, inside: all.inside, rmse_vol_points: all.rmse() })
}

/// Sums over quotes.
#[derive(Default)]
struct Misses {
    quotes: usize,
    inside: usize,
    weights: f64,
    squares: f64,
}

impl Misses {
    fn add(&mut self, worlds: &WorldSlices, target: &Target, years: f64) {
        let call = worlds.call(target.k, target.strike).call;
        let miss = call - target.mid;
        let vol = total_vol(target, call).unwrap_or(0.0);
        let per_point = max(0.01 * black::greeks(1.0, target.strike, vol * vol).vega * sqrt(years), 1e-12);
        let weight = per_point / (2.0 * target.half_spread);
        self.quotes += 1;
        // Bid and ask themselves are inside, whatever the last bit says.
        self.inside += usize::from(miss.abs() <= target.half_spread * (1.0 + 1e-9));
        self.weights += weight;
        self.squares += weight * (miss / per_point) * (miss / per_point);
    }

    fn join(&mut self, other: &Misses) {
        self.quotes += other.quotes;
        self.inside += other.inside;
        self.weights += other.weights;
        self.squares += other.squares;
    }

    fn rmse(&self) -> f64 {
        if self.weights > 0.0 { sqrt(self.squares / self.weights) } else { 0.0 }
    }
}

#[cfg(test)]
mod tests;
