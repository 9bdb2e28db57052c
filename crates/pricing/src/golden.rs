//! Fingerprints of every kernel over fixed inputs, equal on every machine, build and vector width.
//!
//! Two machines that agree on these hashes agree on prices to the last bit. A change of any kernel shows here first;
//! a new value is a change of the protocol's prices and belongs in its release notes.

use crate::marks::{BoardInputs, BoardMarks, TickInputs, mark_board_at};
use crate::surface::{Node, Surface};
use crate::wide::Width;
use crate::worlds::{Grid, WORLDS, Worlds};
use crate::{Lock, Potential, RealisedRules, RealisedVol, Rent, Slice, black, display, implied, math};
use alloc::vec::Vec;

/// Inputs, in numbers, that each hash covers at least.
const COUNT: usize = 200_000;

/// Name and hash of each kernel, by its number.
pub const GOLDEN: [(&str, u64); 14] = [
    ("exp", 0xe807_136a_d148_6126),
    ("expm1", 0x3430_d0d0_353b_7876),
    ("ln", 0x9817_43ea_de71_d63a),
    ("log1p", 0xa7a2_8b80_addc_bffe),
    ("ln_ratio", 0xa43e_6608_aeff_df08),
    ("normal", 0x80d8_50ac_c733_090f),
    ("black prices", 0x79b0_9e40_b977_567b),
    ("black greeks", 0x35fd_2242_c27e_c4a9),
    ("implied volatility", 0xf128_d2ef_b8ec_8c14),
    ("surface", 0x4dee_d69e_983f_c214),
    ("marks", 0x1f45_9d9b_d38c_aa31),
    ("potential", 0xb178_323b_17ba_189a),
    ("rent", 0x536e_b400_c853_83df),
    ("realised volatility", 0xb0c8_990a_739a_6d06),
];

/// The hash of a kernel of [`GOLDEN`] computed here and now; zero for a number beyond. `baseline` keeps to the vectors
/// that the code was compiled for and leaves wider ones that the machine may have alone.
pub fn hash(kernel: usize, baseline: bool) -> u64 {
    let width = if baseline { Width::Baseline } else { Width::Widest };
    let mut out = Fnv::new();
    let mut rng = SplitMix(kernel as u64);
    match kernel {
        0 => each(&mut out, || math::exp(rng.within(-760.0, 710.0))),
        1 => each(&mut out, || math::expm1(rng.signed_power(-60, 9))),
        2 => each(&mut out, || math::ln(rng.power(-1070, 1023))),
        3 => each(&mut out, || {
            let x = rng.signed_power(-60, 50);
            math::log1p(if x < 0.0 { x / (1.0 - x) } else { x })
        }),
        4 => each(&mut out, || {
            let a = rng.power(-300, 300);
            math::ln_ratio(a, a * (1.0 + rng.power(-50, 40)))
        }),
        5 => each(&mut out, || {
            let x = rng.within(-40.0, 40.0);
            math::norm_cdf(x) + math::norm_pdf(x) + math::mills(math::abs(x))
        }),
        6 => black_prices(&mut out, &mut rng, width),
        7 => black_greeks(&mut out, &mut rng),
        8 => implied_volatilities(&mut out, &mut rng),
        9 => surfaces(&mut out, &mut rng),
        10 => marks(&mut out, &mut rng, width),
        11 => potentials(&mut out, &mut rng),
        12 => rents(&mut out, &mut rng),
        13 => realised(&mut out, &mut rng),
        _ => return 0,
    }
    out.0
}

/// Fowler, Noll and Vo's hash 1a over the bytes of the results, least significant first.
struct Fnv(u64);

impl Fnv {
    fn new() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, value: f64) {
        // A NaN has no agreed bits: none may come out of a kernel.
        assert!(!value.is_nan(), "a kernel gave NaN");
        for byte in value.to_bits().to_le_bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn add_all(&mut self, values: &[f64]) {
        for value in values {
            self.add(*value);
        }
    }
}

/// Steele, Lea and Flood's generator, "Fast splittable pseudorandom number generators", OOPSLA 2014.
struct SplitMix(u64);

impl SplitMix {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    fn below(&mut self, n: u64) -> u64 {
        self.bits() % n
    }

    /// A mantissa in `[1, 2)` with an exponent of two from a range, ends included.
    fn power(&mut self, low: i32, high: i32) -> f64 {
        let exponent = low + self.below((high - low + 1) as u64) as i32;
        let mantissa = 1.0 + self.unit();
        let half = exponent / 2;
        let two = |e: i32| f64::from_bits(((1023 + e) as u64) << 52);
        mantissa * two(half) * two(exponent - half)
    }

    fn signed_power(&mut self, low: i32, high: i32) -> f64 {
        let x = self.power(low, high);
        if self.below(2) == 0 { x } else { -x }
    }
}

fn each(out: &mut Fnv, mut kernel: impl FnMut() -> f64) {
    for _ in 0..COUNT {
        out.add(kernel());
    }
}

/// Forward, strike and total variance, from the money to beyond the wings.
fn option(rng: &mut SplitMix) -> (f64, f64, f64) {
    let forward = rng.power(-20, 20);
    let v = rng.power(-24, 3);
    let distance = rng.within(-1.0, 1.0) * if rng.below(2) == 0 { 8.0 * v } else { 3.0 };
    let away = math::min(math::max(distance, -50.0), 50.0);
    (forward, forward * math::exp(away), v * v)
}

fn black_prices(out: &mut Fnv, rng: &mut SplitMix, width: Width) {
    let options: Vec<_> = (0..COUNT).map(|_| option(rng)).collect();
    let forwards: Vec<f64> = options.iter().map(|o| o.0).collect();
    let strikes: Vec<f64> = options.iter().map(|o| o.1).collect();
    let variances: Vec<f64> = options.iter().map(|o| o.2).collect();
    let mut prices = alloc::vec![0.0; COUNT];
    black::price_batch_at(width, &forwards, &strikes, &variances, &mut prices);
    out.add_all(&prices);
}

fn black_greeks(out: &mut Fnv, rng: &mut SplitMix) {
    for _ in 0..COUNT / 4 {
        let (f, k, w) = option(rng);
        let g = black::greeks(f, k, w);
        out.add_all(&[g.call, g.put, g.delta, g.gamma, g.vega, g.dual_delta, g.vanna, g.volga]);
    }
}

fn implied_volatilities(out: &mut Fnv, rng: &mut SplitMix) {
    for _ in 0..COUNT / 4 {
        let (f, k, _) = option(rng);
        let low = math::min(f, k);
        let otm = low * if rng.below(2) == 0 { rng.unit() } else { rng.power(-200, -1) };
        let found = if f > k { implied::put_vol(otm, f, k) } else { implied::call_vol(otm, f, k) };
        out.add(found.unwrap_or(-1.0));
    }
}

/// Four nodes, admissible by construction: one correlation, theta and psi rising, phi falling.
fn surface(rng: &mut SplitMix) -> Surface {
    let (rho, vol, psi) = (rng.within(-0.6, 0.6), rng.within(0.1, 1.5), rng.within(0.2, 1.0));
    let mut theta = 0.0;
    let mut tenor = 0.0;
    let nodes = (0..4).map(|_| {
        let step = rng.within(2.0, 40.0) / 365.0;
        tenor += step;
        theta += vol * vol * step * rng.within(0.5, 1.5);
        Node { tenor, theta, rho, psi: psi * math::sqrt(theta), carry: rng.within(-0.004, 0.004) }
    });
    Surface::new(nodes.collect())
}

fn surfaces(out: &mut Fnv, rng: &mut SplitMix) {
    for _ in 0..COUNT / 200 {
        let surface = surface(rng);
        out.add(f64::from(u8::from(surface.check(1.85).is_ok())));
        out.add(surface.sigma_ref());
        for _ in 0..40 {
            let years = rng.within(0.0, 0.5);
            let Slice { theta, rho, psi } = surface.slice(years);
            let w = Slice { theta, rho, psi }.w(rng.within(-2.0, 2.0));
            out.add_all(&[theta, rho, psi, w, surface.forward(100.0, years)]);
        }
    }
}

fn marks(out: &mut Fnv, rng: &mut SplitMix, width: Width) {
    let mut marks = BoardMarks::default();
    for n in 0..COUNT / (66 * 12) {
        let surface = surface(rng);
        let grid = Grid::with_vol_of_vol(if n % 3 == 0 { 0.4 } else { rng.within(0.0, 0.6) });
        let spot = rng.power(-10, 17);
        let tick = TickInputs {
            spot,
            sigma_ref: surface.sigma_ref(),
            horizon: rng.within(1.0, 30.0) / 365.0,
            eta: rng.within(0.1, 0.7),
            grid: &grid,
        };
        let board = BoardInputs {
            tau: if n % 4 == 0 { rng.power(-30, -14) } else { rng.within(0.0, 0.5) },
            window: 1800.0 / 31_536_000.0,
            average: spot * rng.within(0.9, 1.1),
            floor: spot * 0.3,
            cap: spot * 2.2,
        };
        let mut strikes: Vec<f64> = (0..12).map(|_| spot * rng.within(0.31, 2.1)).collect();
        strikes.sort_by(f64::total_cmp);
        mark_board_at(width, &tick, &surface, &board, &strikes, &mut marks);
        for instrument in marks.calls.iter().chain(&marks.puts) {
            out.add_all(&[instrument.mark, instrument.delta, instrument.vega]);
            out.add_all(&instrument.worlds);
        }
        if n % 16 == 0 {
            for greeks in display::display_greeks(&tick, &surface, &board, &strikes).into_iter().flatten() {
                out.add_all(&[greeks.delta, greeks.gamma, greeks.vega, greeks.theta]);
            }
        }
    }
}

fn potentials(out: &mut Fnv, rng: &mut SplitMix) {
    for n in 0..COUNT / 100 {
        let b = rng.power(5, 25);
        let potential = Potential { weights: Grid::DEFAULT.weights(), b, comovement: rng.within(0.0, 1.0) };
        let size = b * rng.power(-10, 4);
        let mut vector = |size: f64| -> Worlds { core::array::from_fn(|_| size * rng.within(-1.0, 1.0)) };
        let loads = [vector(size), vector(size)];
        let change = vector(b * if n % 2 == 0 { 1.0 / 1024.0 } else { 3.0 });
        let loads = if n % 3 == 0 { &loads[..1] } else { &loads[..] };
        out.add(potential.phi(loads));
        out.add(potential.d_phi(loads, loads.len() - 1, &change));
        out.add(potential.largest_load(loads));
        out.add(potential.tilted(&loads[0])[n % WORLDS]);
    }
}

fn rents(out: &mut Fnv, rng: &mut SplitMix) {
    let rent = Rent { r0: 0.01, r1: 0.04, r2: 0.6, u_star: 0.7 };
    for _ in 0..COUNT / 20 {
        let r = rng.power(10, 30);
        let mut years = 0.0;
        let before: Vec<Lock> = (0..8)
            .map(|_| {
                years += rng.within(0.0, 0.1);
                Lock { years, obligation: r * rng.within(0.0, 0.2) }
            })
            .collect();
        let mut after = before.clone();
        after[rng.below(8) as usize].obligation *= rng.within(0.0, 2.0);
        out.add(rent.lambda(r, &before));
        out.add(rent.d_lambda(r, &before, &after));
        out.add(rent.rate(rng.unit()));
    }
}

fn realised(out: &mut Fnv, rng: &mut SplitMix) {
    let rules = RealisedRules::DEFAULT;
    let mut estimator = RealisedVol::new(0.7);
    let (mut price, mut at) = (100.0, 0);
    for n in 0..COUNT {
        at += 60_000 + rng.below(200_000);
        price *= 1.0 + rng.within(-0.002, 0.002);
        estimator.observe(&rules, at, price);
        out.add(estimator.fast);
        out.add(estimator.slow);
        if n % 1000 == 0 {
            for node in estimator.surface(&rules, &[0.01, 0.1, 1.0], 1.85).nodes() {
                out.add_all(&[node.theta, node.psi]);
            }
        }
    }
}
