//! How a jump in time is carried out: ticks far apart, closer together where boards settle.

use cenote_engine::params::MarketRules;
use cenote_units::{Millis, Timestamp};

const DAY_MS: u64 = 86_400_000;
/// Boards expire at this time of their day, UTC.
const EXPIRY_MS: u64 = 8 * 3_600_000;
/// Ticks of a jump.
const TICKS: u64 = 2_000;
/// Of those, at most so many inside settlement windows, but at least [`WINDOW_MIN`] in each.
const IN_WINDOWS: u64 = 1_000;
const WINDOW_MIN: u64 = 2;

/// Ticks later than `from`, the last at `to`.
pub(super) fn pace(rules: &MarketRules, spacing: Millis, from: Timestamp, to: Timestamp) -> Vec<Timestamp> {
    if to <= from {
        return Vec::new();
    }
    let (spacing, window) = (spacing.get().max(1), rules.settlement_window.get());
    let span = to.since(from).get();
    let windows = to.millis() / DAY_MS + 1 - from.millis() / DAY_MS;
    let usual = window / rules.tick_gap_max.get().clamp(1, window);
    let each = usual.min(IN_WINDOWS / windows).max(WINDOW_MIN);
    // Down: a step in a window is no longer than the longest that is no gap.
    let longest = (window / each / spacing * spacing).max(spacing).min(window / WINDOW_MIN);
    // A window's two ends cut steps short.
    let even = span.div_ceil(TICKS.saturating_sub(2 * windows).max(1)).next_multiple_of(spacing);
    let (wide, dense) = if even <= longest {
        (even, even)
    } else {
        let outside = span.saturating_sub(windows.saturating_sub(1) * window);
        let left = TICKS.saturating_sub(windows * (each + 2)).max(windows);
        (outside.div_ceil(left).next_multiple_of(spacing), longest)
    };
    let mut times = Vec::new();
    let mut at = from.millis();
    while at < to.millis() {
        at = next(at, wide, dense, window).min(to.millis());
        times.push(Timestamp::ZERO.after(Millis::new(at)));
    }
    times
}

/// The tick after one: no step passes the beginning or the end of a window.
fn next(at: u64, wide: u64, dense: u64, window: u64) -> u64 {
    let today = at / DAY_MS * DAY_MS + EXPIRY_MS;
    let expiry = if at < today { today } else { today + DAY_MS };
    let opens = expiry.saturating_sub(window);
    if at < opens { (at + wide).min(opens) } else { (at + dense).min(expiry) }
}
