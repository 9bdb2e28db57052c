use crate::random::{Random, board, surface, tame, tick, unbanded};
use cenote_pricing::math::{abs, exp, sqrt};
use cenote_pricing::{
    BoardInputs, BoardMarks, Grid, InstrumentMark, Node, Surface, TickInputs, WORLDS, black, implied,
    mark_board,
};

/// Prices inside a band around a spot of 100 come out of a handful of roundings each.
const DUST: f64 = 4e-13;

/// Likewise in the world furthest from the spot, by parity with its forward.
fn far_dust(marks: &BoardMarks) -> f64 {
    DUST * exp(Grid::DEFAULT.spot[10] * sqrt(0.5 * marks.theta))
}

fn marked(tick: &TickInputs<'_>, surface: &Surface, board: &BoardInputs, strikes: &[f64]) -> BoardMarks {
    let mut marks = BoardMarks::default();
    mark_board(tick, surface, board, strikes, &mut marks);
    marks
}

fn ladder(random: &mut Random) -> Vec<f64> {
    let mut strikes: Vec<f64> = (0..20).map(|_| random.within(21.0, 259.0)).collect();
    strikes.sort_by(f64::total_cmp);
    strikes.dedup();
    strikes
}

fn price(instrument: &InstrumentMark, world: usize) -> f64 {
    instrument.mark + instrument.worlds[world]
}

/// Runs a check on random boards of every age, the averaging window included.
fn on_boards(seed: u64, mut check: impl FnMut(&TickInputs<'_>, &BoardInputs, &[f64], &BoardMarks)) {
    let mut random = Random(seed);
    for _ in 0..400 {
        let surface = surface(&mut random);
        let tick = tick(&surface);
        let board = board(random.scale(1e-7, 0.6));
        let strikes = ladder(&mut random);
        check(&tick, &board, &strikes, &marked(&tick, &surface, &board, &strikes));
    }
}

#[test]
fn risk_vectors_have_no_mean() {
    let weights = Grid::DEFAULT.weights();
    on_boards(21, |_, board, _, marks| {
        for instrument in marks.calls.iter().chain(&marks.puts) {
            let mean: f64 = weights.iter().zip(&instrument.worlds).map(|(w, l)| w * l).sum();
            assert!(abs(mean) < DUST, "tau {}: {mean:e}", board.tau);
        }
    });
}

#[test]
fn prices_are_never_negative_in_any_world() {
    on_boards(22, |_, board, strikes, marks| {
        for (i, strike) in strikes.iter().enumerate() {
            for (instrument, most) in
                [(&marks.calls[i], board.cap - strike), (&marks.puts[i], strike - board.floor)]
            {
                assert!(instrument.mark >= 0.0 && instrument.mark <= most + DUST);
                for s in 0..WORLDS {
                    let price = price(instrument, s);
                    assert!(price >= -DUST && price <= most + DUST, "{price} of at most {most}");
                }
            }
        }
    });
}

#[test]
fn parity_holds_in_every_world() {
    on_boards(23, |_, board, strikes, marks| {
        for s in 0..WORLDS {
            // A banded call less a put is the banded settlement price less the strike.
            let settlement = |i: usize| price(&marks.calls[i], s) - price(&marks.puts[i], s) + strikes[i];
            let first = settlement(0);
            let dust = far_dust(marks);
            assert!(first > board.floor - dust && first < board.cap + dust);
            for i in 1..strikes.len() {
                let apart = abs(settlement(i) - first);
                assert!(apart < far_dust(marks), "tau {} world {s}: {apart:e}", board.tau);
            }
        }
    });
}

#[test]
fn verticals_and_butterflies_cost_nothing_less_than_zero_in_every_world() {
    on_boards(24, |_, board, strikes, marks| {
        for s in 0..WORLDS {
            let calls: Vec<f64> = marks.calls.iter().map(|call| price(call, s)).collect();
            let puts: Vec<f64> = marks.puts.iter().map(|put| price(put, s)).collect();
            for i in 1..strikes.len() {
                let width = strikes[i] - strikes[i - 1];
                for fall in [calls[i - 1] - calls[i], puts[i] - puts[i - 1]] {
                    assert!(fall >= -DUST && fall <= width + DUST, "vertical {fall} of {width}");
                }
            }
            for i in 2..strikes.len() {
                let (left, right) = (strikes[i - 1] - strikes[i - 2], strikes[i] - strikes[i - 1]);
                let share = right / (left + right);
                for prices in [&calls, &puts] {
                    let butterfly = share * prices[i - 2] + (1.0 - share) * prices[i] - prices[i - 1];
                    assert!(butterfly >= -DUST, "tau {} world {s}: butterfly {butterfly:e}", board.tau);
                }
            }
        }
    });
}

#[test]
fn the_forward_is_a_martingale() {
    let mut random = Random(25);
    let weights = Grid::DEFAULT.weights();
    let mut boards = 0;
    while boards < 400 {
        let surface = surface(&mut random);
        if !tame(&surface) {
            continue;
        }
        boards += 1;
        let board = unbanded(random.scale(1e-7, 0.6));
        let marks = marked(&tick(&surface), &surface, &board, &[100.0]);
        let mean: f64 = (0..WORLDS)
            .map(|s| weights[s] * (price(&marks.calls[0], s) - price(&marks.puts[0], s) + 100.0))
            .sum();
        assert!(abs(mean / marks.forward - 1.0) < 2e-15, "{mean} {}", marks.forward);
    }
}

/// Boards that carry the whole common move: a longer option is worth no less at the same strike, in every world.
#[test]
fn calendars_of_common_moves_cost_nothing_less_than_zero() {
    let mut random = Random(26);
    let mut pairs = 0;
    while pairs < 500 {
        let surface = surface(&mut random);
        if !tame(&surface) {
            continue;
        }
        let flat = |node: &Node| Node { carry: 0.0, ..*node };
        let surface = Surface::new(surface.nodes().iter().map(flat).collect());
        let tick = tick(&surface);
        let variance = tick.sigma_ref * tick.sigma_ref * tick.horizon;
        let mut taus: Vec<f64> = (0..5).map(|_| random.within(0.01, 0.8)).collect();
        taus.retain(|tau| tick.eta * surface.slice(tau - board(*tau).window).theta > variance);
        taus.sort_by(f64::total_cmp);
        let strikes = ladder(&mut random);
        let boards: Vec<BoardMarks> =
            taus.iter().map(|tau| marked(&tick, &surface, &unbanded(*tau), &strikes)).collect();
        for pair in boards.windows(2) {
            pairs += 1;
            for (i, strike) in strikes.iter().enumerate() {
                for s in 0..WORLDS {
                    let calendar = price(&pair[1].calls[i], s) - price(&pair[0].calls[i], s);
                    let dust = far_dust(&pair[1]);
                    assert!(calendar >= -dust, "{taus:?} strike {strike} world {s}: {calendar:e}");
                }
            }
        }
    }
}

/// With moves that vanish and no smile the mixture is Black's formula, band leg and sensitivities included.
#[test]
fn without_worlds_the_mark_is_black() {
    let grid = Grid::with_vol_of_vol(0.0);
    let node = Node { tenor: 0.25, theta: 0.09, rho: 0.0, psi: 0.0, carry: 0.01 };
    let surface = Surface::new(vec![node]);
    let tick = TickInputs { eta: 1e-18, grid: &grid, ..tick(&surface) };
    let strikes = [60.0, 95.0, 100.0, 130.0];
    for tau in [0.02, 0.25, 0.4] {
        let board = board(tau);
        let marks = marked(&tick, &surface, &board, &strikes);
        let years = tau - board.window * (2.0 / 3.0);
        let (f, w) = (surface.forward(100.0, tau), 0.36 * years);
        let (cap, floor) = (black::greeks(f, board.cap, w), black::greeks(f, board.floor, w));
        for (i, strike) in strikes.iter().enumerate() {
            let exact = black::greeks(f, *strike, w);
            assert!(abs(marks.calls[i].mark - (exact.call - cap.call)) < 1e-7);
            assert!(abs(marks.puts[i].mark - (exact.put - floor.put)) < 1e-7);
            assert!(abs(marks.calls[i].delta - (exact.delta - cap.delta) * (f / 100.0)) < 1e-14);
            assert!(abs(marks.puts[i].delta - (exact.delta - floor.delta) * (f / 100.0)) < 1e-14);
            assert!(abs(marks.calls[i].vega - (exact.vega - cap.vega) * sqrt(years)) < 1e-12);
            assert!(abs(marks.puts[i].vega - (exact.vega - floor.vega) * sqrt(years)) < 1e-12);
        }
    }
}

/// The known size of the mixture's effect: implied volatility at the money against `sqrt(theta / T)`.
#[test]
fn at_the_money_the_mixture_implies_a_little_less() {
    let at = |days: f64| Node {
        tenor: days / 365.0,
        theta: 0.25 * days / 365.0,
        rho: 0.0,
        psi: 0.9 * sqrt(0.25 * days / 365.0),
        carry: 0.0,
    };
    let surface = Surface::new(vec![at(1.0), at(7.0), at(30.0), at(365.0)]);
    surface.check(Grid::DEFAULT.g_max()).expect("admissible");
    for days in [1.0, 7.0, 30.0, 180.0] {
        let marks = marked(&tick(&surface), &surface, &unbanded(days / 365.0), &[100.0]);
        let found = implied::call_vol(marks.calls[0].mark, marks.forward, 100.0).expect("a volatility");
        let ratio = found / sqrt(marks.theta);
        assert!((0.96..0.995).contains(&ratio), "{days} d: {ratio}");
    }
}

/// Floors: marks stay finite from a millisecond to a year, from 1% to 300% of volatility.
#[test]
fn marks_are_finite_at_the_ends_of_the_domain() {
    for vol in [0.01, 0.5, 3.0] {
        let theta = vol * vol;
        let node = Node { tenor: 1.0, theta, rho: -0.5, psi: 0.5 * sqrt(theta), carry: 0.1 };
        let surface = Surface::new(vec![node]);
        for tau in [1e-300, 1e-20, 3e-11, 1e-7, 5.707762557077625e-5, 0.01, 1.0] {
            let strikes: Vec<f64> = (-6..=6).map(|n| 100.0 * exp(0.1 * f64::from(n))).collect();
            let marks = marked(&tick(&surface), &surface, &board(tau), &strikes);
            for instrument in marks.calls.iter().chain(&marks.puts) {
                let numbers = [instrument.mark, instrument.delta, instrument.vega];
                assert!(numbers.iter().chain(&instrument.worlds).all(|x| x.is_finite()), "{vol} {tau:e}");
            }
        }
    }
}

#[test]
fn buffers_are_reused_for_boards_of_any_size() {
    let surface = surface(&mut Random(27));
    let tick = tick(&surface);
    let mut marks = BoardMarks::default();
    mark_board(&tick, &surface, &board(0.1), &[90.0, 100.0, 110.0], &mut marks);
    mark_board(&tick, &surface, &board(0.1), &[100.0], &mut marks);
    assert_eq!(marks.calls, marked(&tick, &surface, &board(0.1), &[100.0]).calls);
    mark_board(&tick, &surface, &board(0.1), &[], &mut marks);
    assert!(marks.calls.is_empty() && marks.puts.is_empty());
}
