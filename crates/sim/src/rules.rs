//! Rules of a market that fit the spacing of a tape.

use cenote_engine::params::MarketRules;
use cenote_units::{Millis, Ratio};

/// The rules of a market whose prices come `spacing` apart; all others keep their defaults.
///
/// | rule | value | why |
/// |---|---|---|
/// | `commit_delay` | at most half a spacing | an order placed after a tick is due at the next one |
/// | `cancel_timeout`, `surface_age_max` | at least 2 spacings | one late tick is no silence |
/// | `guard_timeout` | at least 3 spacings | a jump can still be confirmed by the tick after it |
/// | `calm` | at least 1 spacing | at least the tick that confirms a jump is charged wider |
/// | `settlement_window` | at least 2 spacings | a tick falls inside it |
/// | `settlement_delay` | at least 1 spacing | the tick after expiry comes first |
/// | `tick_gap_max` | at least 1.5 spacings | only a missing tick is a gap |
/// | `list_min` | at least 2 windows | a board is listed before its window opens |
/// | `vol_spread` | 3 points if the surface is estimated | its error is four times that of a published one |
#[must_use]
pub fn market_rules(spacing: Millis, estimated: bool) -> MarketRules {
    let rules = MarketRules::default();
    let at_least = |default: Millis, tenths: u64| default.max(Millis::new(spacing.get() * tenths / 10));
    let settlement_window = at_least(rules.settlement_window, 20);
    MarketRules {
        commit_delay: rules.commit_delay.min(Millis::new(spacing.get() / 2)),
        cancel_timeout: at_least(rules.cancel_timeout, 20),
        surface_age_max: at_least(rules.surface_age_max, 20),
        guard_timeout: at_least(rules.guard_timeout, 30),
        calm: at_least(rules.calm, 10),
        settlement_window,
        settlement_delay: at_least(rules.settlement_delay, 10),
        tick_gap_max: at_least(rules.tick_gap_max, 15),
        list_min: rules.list_min.max(Millis::new(2 * settlement_window.get())),
        vol_spread: if estimated { Ratio::ppm(30_000) } else { rules.vol_spread },
        ..rules
    }
}

#[cfg(test)]
mod tests;
