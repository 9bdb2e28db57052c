//! Sensitivities of the mark itself, by marking again: what a page shows, not what the protocol charges on.

use crate::marks::{BoardInputs, BoardMarks, TickInputs, mark_board, outlook};
use crate::math::{min, sqrt};
use crate::surface::Surface;
use alloc::vec::Vec;

/// Finite sensitivities of one mark.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MarkGreeks {
    /// Change per unit of spot, the smile moving with it.
    pub delta: f64,
    /// Change of delta per unit of spot.
    pub gamma: f64,
    /// Change per 0.01 of volatility at the board's tenor, all tenors scaled alike.
    pub vega: f64,
    /// Change per day, spot and surface standing still.
    pub theta: f64,
}

/// Call and put sensitivities of every strike, in their order; zeros at or after expiry. Six markings of the
/// board: for display, not for every tick.
pub fn display_greeks(
    tick: &TickInputs<'_>,
    surface: &Surface,
    board: &BoardInputs,
    strikes: &[f64],
) -> Vec<[MarkGreeks; 2]> {
    let mut greeks = alloc::vec![[MarkGreeks::default(); 2]; strikes.len()];
    if board.tau <= 0.0 {
        return greeks;
    }
    let view = outlook(tick, surface, board);
    let deviation = sqrt(view.slice.theta);
    let vol = deviation / sqrt(view.vega_years);
    // A tenth of the distribution's width: small enough for a derivative, wide enough for a second difference.
    let spot_step = tick.spot * min(0.01, 0.1 * deviation);
    let vol_step = min(0.01, 0.1 * vol);
    let time_step = min(1.0 / 8760.0, 0.1 * board.tau);
    let scale = |vol_change: f64| 1.0 + vol_change / vol;

    let at = |spot: f64, factor: f64, tau: f64| {
        let mut marks = BoardMarks::default();
        let moved = TickInputs { spot, sigma_ref: tick.sigma_ref * factor, ..*tick };
        mark_board(&moved, &surface.scaled(factor), &BoardInputs { tau, ..*board }, strikes, &mut marks);
        marks
    };
    let base = at(tick.spot, 1.0, board.tau);
    let (up, down) = (at(tick.spot + spot_step, 1.0, board.tau), at(tick.spot - spot_step, 1.0, board.tau));
    let (high, low) = (at(tick.spot, scale(vol_step), board.tau), at(tick.spot, scale(-vol_step), board.tau));
    let later = at(tick.spot, 1.0, board.tau - time_step);
    let side =
        |marks: &BoardMarks, i: usize, put: bool| if put { marks.puts[i].mark } else { marks.calls[i].mark };
    for (i, pair) in greeks.iter_mut().enumerate() {
        for (greek, put) in pair.iter_mut().zip([false, true]) {
            let of = |marks: &BoardMarks| side(marks, i, put);
            let (rise, fall) = (of(&up) - of(&base), of(&base) - of(&down));
            greek.delta = (rise + fall) / (2.0 * spot_step);
            greek.gamma = (rise - fall) / (spot_step * spot_step);
            greek.vega = (of(&high) - of(&low)) / (2.0 * vol_step) * 0.01;
            greek.theta = (of(&later) - of(&base)) / (365.0 * time_step);
        }
    }
    greeks
}
