use super::agents::{KEEPER, TAKERS};
use super::{Config, ReplayError, Report, SurfaceChoice, path, run, run_to_end, text};
use crate::tape::{Generator, Tape, generate};
use cenote_engine::ids::{AccountId, PoolId};
use cenote_engine::view;
use cenote_units::{Cash, Millis, Timestamp};

/// Generated prices two minutes apart.
fn tape(days: u32, seed: u64) -> Tape {
    generate(&Generator { days, spacing: Millis::seconds(120), ..Generator::default() }, seed)
}

fn quiet(config: &Config, tape: &Tape) -> Report {
    run(config, tape, &mut |_| {}).unwrap()
}

#[test]
fn two_days_keep_every_invariant_after_every_command() {
    let config = Config { orders_per_day: 400, check_every: Some(1), ..Config::default() };
    let report = quiet(&config, &tape(2, 1));
    assert_eq!(report.invariants.breaches, []);
    assert!(report.invariants.checked > report.commands / 2, "{:?}", report.invariants);
    assert_eq!(report.feed.ticks, 1_441 + 2, "the tape's, and two before it");
    assert!(report.orders.filled > 200, "{:?}", report.orders);
    assert!(report.feed.settlements >= 2, "{:?}", report.feed);
    assert_eq!(report.refused_commands.len(), 0, "{:?}", report.refused_commands);
}

#[test]
fn sources_add_up_to_the_unit_and_explain_all_but_dust() {
    let mut flows = 0;
    for seed in 1..=6 {
        let config = Config { seed, orders_per_day: 1_000, ..Config::default() };
        let report = quiet(&config, &tape(3, seed));
        let (nav, pnl) = (&report.nav, &report.pnl);
        let change = nav.end.get() - nav.start.get() - nav.flows.get();
        assert_eq!(pnl.total.get(), change, "seed {seed}");
        let sum: i128 = pnl.sources().iter().map(|(_, part)| part.get()).sum();
        assert_eq!(sum, change, "seed {seed}");
        // A unit a fill for the roundings of its parts, and a few for the floors of equity.
        let dust = i128::from(report.orders.filled) + 20;
        assert!(pnl.other.get().abs() <= dust, "seed {seed}: other is {} units of {dust}", pnl.other.get());
        assert!(pnl.spread > Cash::ZERO && pnl.fees > Cash::ZERO && pnl.latency > Cash::ZERO);
        flows += usize::from(!nav.flows.is_zero());
    }
    assert!(flows >= 4, "providers came or went in {flows} runs of 6");
}

#[test]
fn sources_agree_with_the_engines_own_books() {
    let config = Config { seed: 3, orders_per_day: 1_500, ..Config::default() };
    let (report, venue) = run_to_end(&config, &tape(4, 3), &mut |_| {}).unwrap();
    let own = view::pool(&venue.state, venue.now, PoolId(0)).unwrap().pnl;
    let pnl = &report.pnl;
    let sum = |parts: &[Cash]| -> i128 { parts.iter().map(|part| part.get()).sum() };
    let dust = i128::from(report.orders.filled) + 20;
    for (name, split, whole) in [
        ("market", sum(&[pnl.delta, pnl.gamma, pnl.theta, pnl.vega, pnl.settlement]), own.market),
        (
            "potentials",
            sum(&[pnl.impact, pnl.rent, pnl.risk_capital_reset, pnl.liquidity]),
            sum_of(own.impact, own.rent),
        ),
        ("spread", pnl.spread.get(), own.spread),
        ("latency", pnl.latency.get(), own.latency),
        ("fees", pnl.fees.get(), own.fee),
        ("total", pnl.total.get(), own.total),
    ] {
        assert!((split - whole.get()).abs() <= dust, "{name}: {split} of {}", whole.get());
    }
    assert_eq!(report.nav.end, view::pool(&venue.state, venue.now, PoolId(0)).unwrap().equity);
}

fn sum_of(a: Cash, b: Cash) -> Cash {
    a.plus(b).unwrap()
}

#[test]
fn one_seed_is_one_digest() {
    let digest = |seed, tape_seed| quiet(&Config { seed, ..Config::default() }, &tape(1, tape_seed)).digest;
    assert_eq!(digest(1, 1), digest(1, 1));
    assert_ne!(digest(1, 1), digest(2, 1), "the agents");
    assert_ne!(digest(1, 1), digest(1, 2), "the prices");
    // How often the state is checked changes nothing.
    let checked = Config { check_every: Some(7), ..Config::default() };
    assert_eq!(quiet(&checked, &tape(1, 1)).digest, digest(1, 1));
}

#[test]
fn a_market_may_estimate_its_own_surface() {
    let config = Config { surface: SurfaceChoice::Realised, ..Config::default() };
    let report = quiet(&config, &tape(2, 4));
    assert_eq!((report.feed.surfaces, report.invariants.violated), (0, 0));
    assert!(report.orders.filled > 0);
    let coarse = generate(&Generator { days: 9, spacing: Millis::seconds(600), ..Generator::default() }, 1);
    let error = run(&config, &coarse, &mut |_| {}).unwrap_err();
    let ReplayError::Config(what) = error else { panic!("{error}") };
    assert!(what.contains("10 minutes apart") && what.contains("5 minutes apart or less"), "{what}");
}

#[test]
fn coarse_tapes_settle_on_prices_of_their_own() {
    for hours in [1, 4] {
        let generator =
            Generator { days: 60, spacing: Millis::seconds(3_600 * hours), ..Generator::default() };
        let report = quiet(&Config { orders_per_day: 60, ..Config::default() }, &generate(&generator, 2));
        assert_eq!(report.invariants.violated, 0, "{:?}", report.invariants.breaches);
        assert!(report.feed.settlements > 50, "{hours} h: {:?}", report.feed);
        assert!(report.orders.filled > 500, "{hours} h: {:?}", report.orders);
        assert_eq!(report.feed.surfaces_clipped, 0);
    }
}

#[test]
fn boards_that_expire_in_a_silence_settle_after_it() {
    let mut tape = tape(4, 8);
    // From an hour before the second day's expiry until two hours after it.
    let expiry = tape.ticks[0].at.millis() + (24 + 8) * 3_600_000;
    let silent = |at: Timestamp| (expiry - 3_600_000..expiry + 7_200_000).contains(&at.millis());
    tape.ticks.retain(|tick| !silent(tick.at));
    let config = Config { orders_per_day: 400, check_every: Some(10), ..Config::default() };
    let (report, venue) = run_to_end(&config, &tape, &mut |_| {}).unwrap();
    assert_eq!(report.invariants.breaches, []);
    assert!(venue.state.board.keys().all(|id| id.expiry.millis() > expiry));
    let dust = i128::from(report.orders.filled) + 20;
    assert!(report.pnl.other.get().abs() <= dust, "{:?}", report.pnl);
}

#[test]
fn jumps_are_held_and_confirmed_and_attributed() {
    let generator = Generator { jumps: 4_000.0, jump: (0.0, 0.04), ..Generator::default() };
    let tape = generate(&Generator { days: 2, spacing: Millis::seconds(120), ..generator }, 11);
    let report = quiet(&Config { orders_per_day: 800, ..Config::default() }, &tape);
    assert!(report.feed.jumps_held > 5, "{:?}", report.feed);
    assert_eq!(report.invariants.breaches, []);
    assert!(report.pnl.other.get().abs() <= i128::from(report.orders.filled) + 20, "{:?}", report.pnl);
}

#[test]
fn absurd_numbers_are_refused_before_anything_runs() {
    let tape = tape(1, 1);
    let nav = |units: i128| Config { nav: Cash::new(units).unwrap(), ..Config::default() };
    for (config, expected) in [
        (nav(0), "nav is 0; 20000 to 10000000000 were expected"),
        (nav(-1), "nav is -0.000001"),
        (nav(Config::NAV.1 + 1), "nav is 10000000000.000001"),
        (
            Config { orders_per_day: 5_001, ..Config::default() },
            "orders-per-day is 5001; 0 to 5000 were expected",
        ),
        (Config { check_every: Some(0), ..Config::default() }, "check-every is 0; 1 or more was expected"),
    ] {
        let error = run(&config, &tape, &mut |_| panic!("it ran")).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn extremes_of_what_is_allowed_run() {
    let tape = tape(1, 5);
    for (nav, orders_per_day) in [(Config::NAV.0, 5_000), (Config::NAV.1, 50), (10_000_000_000_000, 0)] {
        let config = Config { nav: Cash::new(nav).unwrap(), orders_per_day, ..Config::default() };
        let report = quiet(&config, &tape);
        assert_eq!(report.invariants.breaches, [], "{nav} {orders_per_day}");
        assert_eq!(report.nav.start.get(), nav);
    }
}

#[test]
fn the_report_has_its_keys() {
    let report = quiet(&Config::default(), &tape(1, 1));
    let json: serde_json::Value = serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
    for (object, keys) in [
        (
            "",
            &[
                "seed",
                "commands",
                "orders",
                "nav",
                "pnl",
                "invariants",
                "digest",
                "seconds",
                "commands_per_second",
            ][..],
        ),
        ("/orders", &["placed", "filled", "refused_by_code"]),
        ("/nav", &["start", "end", "min", "flows"]),
        (
            "/pnl",
            &[
                "delta", "gamma", "theta", "vega", "impact", "rent", "spread", "latency", "fees", "other",
                "total",
            ],
        ),
        ("/invariants", &["checked", "violated"]),
    ] {
        let object = json.pointer(object).and_then(|value| value.as_object()).unwrap();
        keys.iter().for_each(|key| assert!(object.contains_key(*key), "{key} of {object:?}"));
    }
    let whole = |pointer: &str| json.pointer(pointer).and_then(serde_json::Value::as_i64).unwrap();
    assert_eq!(whole("/pnl/total"), whole("/nav/end") - whole("/nav/start") - whole("/nav/flows"));
    let parts = json["pnl"].as_object().unwrap().iter().filter(|(name, _)| *name != "total");
    assert_eq!(parts.map(|(_, part)| part.as_i64().unwrap()).sum::<i64>(), whole("/pnl/total"));
    assert_eq!(json["digest"].as_str().unwrap().len(), 64);
}

#[test]
fn text_fits_a_terminal() {
    let report = quiet(&Config::default(), &tape(1, 1));
    let text = text(&report);
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    for figure in [&report.digest, "start", "10,000,000.00", "risk capital reset", "all hold"] {
        assert!(text.contains(figure), "{figure} is not in\n{text}");
    }
}

#[test]
fn the_path_is_a_table_of_the_tape() {
    let tape = tape(1, 1);
    let report = quiet(&Config::default(), &tape);
    let csv = path::csv(&report.path);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 1 + tape.ticks.len());
    let width = lines[0].split(',').count();
    assert!(lines.iter().all(|line| line.split(',').count() == width));
    let last = report.path.last().unwrap();
    assert_eq!((last.at, last.nav), (tape.ticks.last().unwrap().at, report.nav.end));
    assert_eq!(report.nav.min, report.path.iter().map(|point| point.nav).min().unwrap());
    assert!(path::parquet(&report.path).starts_with(b"PAR1"));
}

#[test]
fn traders_are_not_those_who_keep_the_venue() {
    assert!(AccountId::numbered(TAKERS) > KEEPER);
}
