use super::market_rules;
use crate::tape::SPACING_MAX;
use cenote_engine::ids::AccountId;
use cenote_engine::params::{MarketParams, MarketRules, SurfaceSource};
use cenote_units::{Millis, Price};

#[test]
fn every_spacing_gives_rules_that_the_engine_takes() {
    let publisher = AccountId::numbered(1);
    for seconds in [1, 2, 15, 60, 300, 900, 3_600, SPACING_MAX.get() / 1_000] {
        for estimated in [false, true] {
            let params = MarketParams {
                name: "TAPE".into(),
                publishers: vec![publisher],
                surface: SurfaceSource::Published(publisher),
                price_tick: Price::ONE,
                rules: market_rules(Millis::seconds(seconds), estimated),
            };
            assert_eq!(params.check(), Ok(()), "{seconds} s");
        }
    }
}

#[test]
fn a_minute_changes_nothing() {
    assert_eq!(market_rules(Millis::seconds(60), false), MarketRules::default());
}

#[test]
fn an_hourly_tape_has_a_tick_in_every_window() {
    let rules = market_rules(Millis::seconds(3_600), false);
    assert_eq!(rules.settlement_window, Millis::seconds(7_200));
    assert!(rules.guard_timeout > Millis::seconds(7_200));
}
