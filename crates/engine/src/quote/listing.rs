//! Bands and strike ranges of new boards: the only parameters of a payoff that a price decides.

use super::desk::Desk;
use super::scale::{price, ratio, steps};
use crate::error::{Error, Fault};
use crate::state::Board;
use cenote_pricing::math::{exp, ln, max, min};
use cenote_units::{Price, Timestamp};

/// Forward, floor and cap of a new board (pricing.md, "Band"): the floor rounded down and the cap rounded up to
/// the price tick, so that the band is never narrower than its formula.
pub(crate) fn band(desk: &Desk, expiry: Timestamp, tick: Price) -> Result<(Price, Price, Price), Error> {
    let rules = &desk.rules;
    let (forward, sd) = (desk.forward(expiry), desk.deviation(expiry));
    let least = ratio(rules.band_min);
    let most_up = max(ratio(rules.band_max_up), 2.5 * sd);
    let up = min(max(ratio(rules.band_sigmas_up) * sd, least), most_up);
    let down = min(max(ratio(rules.band_sigmas_down) * sd, least), ratio(rules.band_max_down));
    let grid = price(tick);
    let at = |x: f64, up: bool| on_grid(steps(x / grid, up), tick);
    Ok((at(forward, false)?, at(forward * exp(-down), false)?, at(forward * exp(up), true)?))
}

/// Whether the forward has used half of a board's band, in logs.
pub(crate) fn half_band_used(desk: &Desk, expiry: Timestamp, board: &Board) -> bool {
    let moved = ln(desk.forward(expiry) / price(board.reference));
    let up = ln(price(board.cap) / price(board.reference));
    let down = ln(price(board.floor) / price(board.reference));
    moved > 0.5 * up || moved < 0.5 * down
}

/// The range that strikes should cover, in price ticks.
pub(crate) fn strike_range(desk: &Desk, expiry: Timestamp, tick: Price) -> (u128, u128) {
    let reach = ratio(desk.rules.strike_sigmas) * desk.deviation(expiry);
    let (forward, grid) = (desk.forward(expiry), price(tick));
    (steps(forward * exp(-reach) / grid, true), steps(forward * exp(reach) / grid, false))
}

fn on_grid(count: u128, tick: Price) -> Result<Price, Error> {
    let units = count.checked_mul(tick.get()).ok_or(Fault::NotFinite("a price on the grid"))?;
    let price = Price::new(units)?;
    if price.is_zero() { Err(Fault::NotFinite("a band edge at zero").into()) } else { Ok(price) }
}
