//! Marks and risk vectors of a board: every option priced in 33 arbitrage-free worlds, the mark their mixture.

use crate::black::{CoreLanes, MIN_VARIANCE};
use crate::math::{abs, exp, ln, ln_ratio, max, min, sqrt};
use crate::surface::{Slice, Surface, essvi};
use crate::wide::{self, Kernel, Width};
use crate::worlds::{Grid, WORLDS, Worlds};
use alloc::vec::Vec;

/// What all boards of a market share at a tick.
#[derive(Clone, Copy, Debug)]
pub struct TickInputs<'a> {
    /// Index price, in `[1e-20, 1e20]`.
    pub spot: f64,
    /// Reference volatility, [`Surface::sigma_ref`] of the surface in force.
    pub sigma_ref: f64,
    /// Risk horizon in years.
    pub horizon: f64,
    /// The share of its own variance that a short board's spot moves carry, in `(0, 0.7]`.
    pub eta: f64,
    /// Nodes and weights of the worlds.
    pub grid: &'a Grid,
}

/// What is particular to a board.
#[derive(Clone, Copy, Debug)]
pub struct BoardInputs {
    /// Years to expiry; at or below zero the board is worth its settlement.
    pub tau: f64,
    /// Length of the averaging window before expiry, years.
    pub window: f64,
    /// The average of the index since the window opened; read only when `tau < window`.
    pub average: f64,
    /// Lower end of the settlement band, below every strike.
    pub floor: f64,
    /// Upper end of the settlement band, above every strike.
    pub cap: f64,
}

/// The mark of one banded instrument and its move to every world.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InstrumentMark {
    /// Price per unit of underlying: the mean over the worlds.
    pub mark: f64,
    /// Spot delta of Black's formula on the total-variance slice, the band leg's subtracted.
    pub delta: f64,
    /// Likewise the change of price per 1.00 of annual volatility.
    pub vega: f64,
    /// Price in each world less the mark: the risk vector.
    pub worlds: Worlds,
}

impl InstrumentMark {
    /// Worth nothing everywhere.
    pub const ZERO: InstrumentMark =
        InstrumentMark { mark: 0.0, delta: 0.0, vega: 0.0, worlds: [0.0; WORLDS] };
}

/// The marks of a board, calls and puts in the order of its strikes. Reuse one: its buffers are kept.
#[derive(Clone, Debug, Default)]
pub struct BoardMarks {
    /// The forward that the board settles around, averaging so far included.
    pub forward: f64,
    /// Mean total variance of the settlement price.
    pub theta: f64,
    /// Calls.
    pub calls: Vec<InstrumentMark>,
    /// Puts.
    pub puts: Vec<InstrumentMark>,
}

/// The distribution of a board's settlement price, its averaging window accounted for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlook {
    /// Its mean.
    pub forward: f64,
    /// Its smile, in total variance.
    pub slice: Slice,
    /// How much `forward` moves per unit of spot.
    pub spot_share: f64,
    /// Years that turn total volatility into annual volatility: `dv = sqrt(vega_years) dsigma`.
    pub vega_years: f64,
}

/// The settlement price is an average over the last `window` before expiry. With `tau` left, before the window its
/// variance is that of a single price at `tau - 2/3 window`; inside, a known part has no variance and the rest
/// that of an average begun now.
///
/// `board.tau` must be positive.
pub fn outlook(tick: &TickInputs<'_>, surface: &Surface, board: &BoardInputs) -> Outlook {
    debug_assert!(board.tau > 0.0, "tau {}", board.tau);
    debug_assert!((1e-20..=1e20).contains(&tick.spot), "spot {}", tick.spot);
    let BoardInputs { tau, window, average, .. } = *board;
    let forward = surface.forward(tick.spot, tau);
    if tau >= window {
        let time = tau - window * (2.0 / 3.0);
        let slice = floored(surface.slice(time));
        return Outlook { forward, slice, spot_share: forward / tick.spot, vega_years: time };
    }
    let settled = ((window - tau) * average + tau * forward) / window;
    let share = tau * forward / (window * settled);
    let whole = surface.slice(tau * (1.0 / 3.0));
    let slice =
        floored(Slice { theta: whole.theta * (share * share), rho: whole.rho, psi: whole.psi * share });
    let vega_years = slice.theta / (tick.sigma_ref * tick.sigma_ref);
    Outlook { forward: settled, slice, spot_share: tau / window * (forward / tick.spot), vega_years }
}

/// Keeps ratios of thetas finite in the last instants.
fn floored(slice: Slice) -> Slice {
    Slice { theta: max(slice.theta, MIN_VARIANCE), ..slice }
}

/// One lane a world, one for the board's own total-variance slice, the rest to fill vectors of four.
const LANES: usize = 36;
/// The lane of the total-variance slice, whose delta and vega are the instrument's.
const WHOLE: usize = WORLDS;
type Lanes = [f64; LANES];

/// The conditional surfaces of a board, one lane a world; the other lanes hold its total-variance slice.
struct WorldSurfaces {
    forward: Lanes,
    /// `ln(F_s / F)`.
    shift: Lanes,
    half_theta: Lanes,
    phi: Lanes,
    rho: f64,
    co_rho: f64,
}

impl WorldSurfaces {
    #[inline(always)]
    fn new(tick: &TickInputs<'_>, outlook: &Outlook) -> WorldSurfaces {
        let Slice { theta, rho, psi } = outlook.slice;
        let grid = tick.grid;
        // A short board carries only the share eta of its own variance.
        let spot_variance = min(tick.sigma_ref * tick.sigma_ref * tick.horizon, tick.eta * theta);
        let step = sqrt(spot_variance);
        let mut growth = [0.0; 11];
        let mut mean = 0.0;
        for i in 0..11 {
            growth[i] = exp(step * grid.spot[i]);
            mean += grid.spot_weights[i] * growth[i];
        }
        let log_mean = ln(mean);
        let conditional = theta - spot_variance;
        let mut worlds = WorldSurfaces {
            forward: [outlook.forward; LANES],
            shift: [0.0; LANES],
            half_theta: [0.5 * theta; LANES],
            phi: [psi / theta; LANES],
            rho,
            co_rho: 1.0 - rho * rho,
        };
        for s in 0..WORLDS {
            let (i, j) = (s / 3, s % 3);
            let theta_s = conditional * grid.vol[j];
            worlds.forward[s] = outlook.forward * growth[i] / mean;
            worlds.shift[s] = step * grid.spot[i] - log_mean;
            worlds.half_theta[s] = 0.5 * theta_s;
            worlds.phi[s] = psi * sqrt(theta_s / theta) / theta_s;
        }
        worlds
    }

    /// The option out of the money in each world, for a strike at `k = ln(K/F)` from the board's forward.
    #[inline(always)]
    fn price(&self, strike: f64, k: f64, core: &mut CoreLanes<LANES>) {
        let (mut low, mut x, mut w) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
        for s in 0..LANES {
            let k_s = k - self.shift[s];
            low[s] = min(self.forward[s], strike);
            x[s] = -abs(k_s);
            w[s] = essvi(k_s, self.half_theta[s], self.phi[s], self.rho, self.co_rho);
        }
        core.fill(&low, &x, &w);
    }

    #[inline(always)]
    fn calls(&self, strike: f64, otm: &Lanes) -> Lanes {
        let mut calls = *otm;
        for s in 0..LANES {
            calls[s] += max(self.forward[s] - strike, 0.0);
        }
        calls
    }

    #[inline(always)]
    fn puts(&self, strike: f64, otm: &Lanes) -> Lanes {
        let mut puts = *otm;
        for s in 0..LANES {
            puts[s] += max(strike - self.forward[s], 0.0);
        }
        puts
    }
}

/// A vanilla in every world with its sensitivities on the total-variance slice.
#[derive(Clone, Copy)]
struct Vanilla {
    prices: Lanes,
    delta: f64,
    vega: f64,
}

struct MarkBoard<'a> {
    tick: &'a TickInputs<'a>,
    outlook: Outlook,
    board: &'a BoardInputs,
    strikes: &'a [f64],
    out: &'a mut BoardMarks,
}

impl Kernel for MarkBoard<'_> {
    #[inline(always)]
    fn run(self) {
        let Outlook { forward, spot_share, vega_years, .. } = self.outlook;
        let root_years = sqrt(vega_years);
        let weights = self.tick.grid.weights();
        let worlds = WorldSurfaces::new(self.tick, &self.outlook);
        let mut cap = Vanilla { prices: [0.0; LANES], delta: 0.0, vega: 0.0 };
        let mut floor = cap;
        let mut core = CoreLanes::ZERO;
        // The band legs come first, through the one loop body: a second copy of it would not be inlined.
        for row in 0..self.strikes.len() + 2 {
            let strike = match row {
                0 => self.board.cap,
                1 => self.board.floor,
                _ => self.strikes[row - 2],
            };
            let k = ln_ratio(strike, forward);
            worlds.price(strike, k, &mut core);
            let (delta, vega) = core.delta_vega(WHOLE, forward, strike);
            match row {
                0 => cap = Vanilla { prices: worlds.calls(strike, &core.prices), delta, vega },
                1 => floor = Vanilla { prices: worlds.puts(strike, &core.prices), delta, vega },
                _ => {
                    let (call, put) = (&mut self.out.calls[row - 2], &mut self.out.puts[row - 2]);
                    let (calls, puts) =
                        (worlds.calls(strike, &core.prices), worlds.puts(strike, &core.prices));
                    for s in 0..WORLDS {
                        // No payoff is negative; the rounding of a difference may be.
                        call.worlds[s] = max(calls[s] - cap.prices[s], 0.0);
                        put.worlds[s] = max(puts[s] - floor.prices[s], 0.0);
                    }
                    centre(call, put, &weights);
                    call.delta = (delta - cap.delta) * spot_share;
                    put.delta = (delta - floor.delta) * spot_share;
                    call.vega = (vega - cap.vega) * root_years;
                    put.vega = (vega - floor.vega) * root_years;
                }
            }
        }
    }
}

/// Turns prices in every world into their mean, summed left to right, and the distances from it. The two sums of a
/// strike run side by side: each waits for its own last addition only.
#[inline(always)]
fn centre(call: &mut InstrumentMark, put: &mut InstrumentMark, weights: &Worlds) {
    (call.mark, put.mark) = (0.0, 0.0);
    for s in 0..WORLDS {
        call.mark += weights[s] * call.worlds[s];
        put.mark += weights[s] * put.worlds[s];
    }
    for s in 0..WORLDS {
        call.worlds[s] -= call.mark;
        put.worlds[s] -= put.mark;
    }
}

/// Marks every call and put of a board, each with its band leg taken off in every world.
///
/// The mark of an instrument is never negative: its price in each world is clamped at zero, which only ever removes
/// rounding dust. At or after expiry (`tau <= 0`) marks are the payoffs at the average, inside the band, with no risk.
pub fn mark_board(
    tick: &TickInputs<'_>,
    surface: &Surface,
    board: &BoardInputs,
    strikes: &[f64],
    out: &mut BoardMarks,
) {
    mark_board_at(Width::Widest, tick, surface, board, strikes, out);
}

pub(crate) fn mark_board_at(
    width: Width,
    tick: &TickInputs<'_>,
    surface: &Surface,
    board: &BoardInputs,
    strikes: &[f64],
    out: &mut BoardMarks,
) {
    debug_assert!(
        strikes.iter().all(|k| board.floor < *k && *k < board.cap),
        "a strike is outside the band {} to {}",
        board.floor,
        board.cap
    );
    out.calls.resize(strikes.len(), InstrumentMark::ZERO);
    out.puts.resize(strikes.len(), InstrumentMark::ZERO);
    if board.tau <= 0.0 {
        mark_expired(board, strikes, out);
        return;
    }
    let outlook = outlook(tick, surface, board);
    out.forward = outlook.forward;
    out.theta = outlook.slice.theta;
    wide::run(width, MarkBoard { tick, outlook, board, strikes, out });
}

fn mark_expired(board: &BoardInputs, strikes: &[f64], out: &mut BoardMarks) {
    let settlement = min(max(board.average, board.floor), board.cap);
    out.forward = board.average;
    out.theta = 0.0;
    for (&strike, (call, put)) in strikes.iter().zip(out.calls.iter_mut().zip(out.puts.iter_mut())) {
        *call = InstrumentMark { mark: max(settlement - strike, 0.0), ..InstrumentMark::ZERO };
        *put = InstrumentMark { mark: max(strike - settlement, 0.0), ..InstrumentMark::ZERO };
    }
}
