#![allow(clippy::arithmetic_side_effects)]
use super::*;

/// Milliseconds of a day since the epoch at an hour.
fn at(day: u64, hour: u64) -> Timestamp {
    Timestamp::ZERO.after(Millis::new(day * DAY_MS + hour * 3_600_000))
}

#[test]
fn months_follow_the_calendar() {
    #[rustfmt::skip]
    let table = [
        // day since 1970   month
        (0,                  1), // 1970-01-01
        (58,                 2), // 1970-02-28
        (59,                 3), // 1970-03-01
        (789,                2), // 1972-02-29
        (11_016,             2), // 2000-02-29
        (20_537,             3), // 2026-03-25
        (20_817,            12), // 2026-12-30
        (47_540,             2), // 2100-02-28, no leap year
        (47_541,             3), // 2100-03-01
    ];
    for (day, month) in table {
        assert_eq!(month_of(day), month, "day {day}");
    }
}

#[test]
fn the_listed_expiries_of_a_wednesday_in_march() {
    // 2026-03-04 12:00 UTC, a Wednesday; day 20,516.
    let rules = MarketRules::default();
    let days: Vec<u64> =
        expiries(&rules, at(20_516, 12)).iter().map(|e| (e.millis() - EXPIRY_MS) / DAY_MS).collect();
    // Dailies Thursday 5 and Friday 6, which is the first weekly; then Friday 13; monthlies 27 March, which is the
    // first quarterly, and 24 April; the second quarterly, 26 June, is 114 days ahead and beyond list_max.
    assert_eq!(days, [20_517, 20_518, 20_525, 20_539, 20_567]);
}

#[test]
fn nothing_closer_than_list_min_or_farther_than_list_max() {
    let rules = MarketRules::default();
    // 05:00 is three hours before today's expiry: too close to list.
    let first = expiries(&rules, at(20_516, 5)).first().copied();
    assert_eq!(first, Some(at(20_517, 8)));
    // 03:59 is not.
    assert_eq!(expiries(&rules, at(20_516, 3)).first().copied(), Some(at(20_516, 8)));
}
