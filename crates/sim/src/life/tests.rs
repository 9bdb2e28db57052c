use super::pace::pace;
use super::prices::Process;
use super::{Cast, Life, LifeConfig, LifeError, Prices, Source};
use crate::rng::Rng;
use crate::tape::{Generator, Tape, generate};
use cenote_engine::quote::price;
use cenote_units::{Cash, Millis, Timestamp};
use std::sync::Arc;

const DAY_MS: u64 = 86_400_000;

fn at(ms: u64) -> Timestamp {
    Timestamp::from_millis(ms).unwrap()
}

/// Monday 2026-03-02, 12:00 UTC.
fn noon() -> Timestamp {
    at(1_772_452_800_000)
}

fn config() -> LifeConfig {
    LifeConfig::new(noon(), Cast::default())
}

#[test]
fn jumps_are_paced_within_their_budget_and_no_window_is_left_out() {
    let rules = config().rules();
    let (window, gap) = (rules.settlement_window.get(), rules.tick_gap_max.get());
    let mut rng = Rng::new(1, 1);
    for case in 0..400 {
        let from = noon().millis() + rng.below(DAY_MS as usize) as u64;
        // From a millisecond to 600 days, evenly in logs.
        let length = (10f64.powf(rng.uniform() * 10.7) as u64).max(1);
        let times = pace(&rules, Millis::seconds(1), at(from), at(from + length));
        assert!(times.len() <= 2_000, "case {case}: {} ticks for {length} ms", times.len());
        assert_eq!(times.last(), Some(&at(from + length)), "case {case}");
        let times: Vec<u64> = [from].into_iter().chain(times.iter().map(|at| at.millis())).collect();
        assert!(times.is_sorted_by(|a, b| a < b), "case {case}");
        for day in from / DAY_MS..=(from + length) / DAY_MS {
            let expiry = day * DAY_MS + DAY_MS / 3;
            let whole = expiry - window >= from && expiry <= from + length;
            if !whole {
                continue;
            }
            assert!(times.contains(&expiry), "case {case}: nothing at an expiry");
            let inside: Vec<&u64> = times.iter().filter(|t| (expiry - window..=expiry).contains(t)).collect();
            assert!(inside.len() > 2, "case {case}: {inside:?}");
            let widest = inside.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
            assert!(length > 120 * DAY_MS || widest <= gap, "case {case}: {widest} ms within a window");
        }
    }
    assert_eq!(pace(&rules, Millis::seconds(1), noon(), noon()), []);
}

#[test]
fn a_tape_plays_at_its_own_times_and_goes_on_after_its_end() {
    let tape = generate(&Generator { days: 1, spacing: Millis::seconds(60), ..Generator::default() }, 7);
    let config = LifeConfig { prices: Prices::Tape(Arc::new(tape.clone())), ..config() };
    let mut process = Process::new(&config);
    let mut now = process.at();
    for tick in &tape.ticks {
        now = process.next_after(now.max(config.start.before(Millis::new(1))));
        assert_eq!(now, noon().after(tick.at.since(tape.ticks[0].at)));
        assert_eq!(process.advance(now, 0.5), tick.price);
        assert_eq!(process.source(), Source::Tape);
    }
    let last = price(tape.ticks[tape.ticks.len() - 1].price);
    let (mut squares, mut before, count) = (0.0, last, 2_000);
    for _ in 0..count {
        let next = process.next_after(now);
        assert_eq!(next.since(now), Millis::seconds(60));
        now = next;
        let spot = price(process.advance(now, 0.8));
        squares += (spot / before).ln().powi(2);
        before = spot;
        assert_eq!(process.source(), Source::AfterTape);
    }
    let vol = (squares / f64::from(count) * 525_600.0).sqrt();
    assert!((0.4..1.6).contains(&vol), "it ended with 0.8 and goes on with {vol}");
    assert!((before / last).ln().abs() < 0.3, "{last} to {before}");
}

#[test]
fn a_jump_on_a_tape_stops_where_it_has_prices() {
    let tape = generate(&Generator { days: 2, spacing: Millis::seconds(3_600), ..Generator::default() }, 7);
    let times: Vec<Timestamp> =
        tape.ticks.iter().map(|tick| noon().after(tick.at.since(tape.ticks[0].at))).collect();
    let life = Life::new(LifeConfig { prices: Prices::Tape(Arc::new(tape)), ..config() }).unwrap();
    let paced: Vec<Timestamp> = life.pace(noon(), noon().after(Millis::seconds(9_000))).collect();
    assert_eq!(paced, times[1..=2]);
    let beyond: Vec<Timestamp> = life.pace(noon(), noon().after(Millis::days(3))).collect();
    assert!(times[1..].iter().all(|tick| beyond.contains(tick)));
    assert_eq!(beyond.last(), Some(&noon().after(Millis::days(3))));
}

#[test]
fn a_shock_arrives_whole_however_time_is_cut() {
    let still = Generator { vol: 0.01, vol_sd: 0.0, jumps: 0.0, price: 100_000.0, ..Generator::default() };
    let config = LifeConfig { prices: Prices::Generated(still), ..config() };
    for steps in [1u64, 7, 600] {
        let mut process = Process::new(&config);
        let begin = process.at();
        process.shock(0.8f64.ln(), Millis::seconds(600));
        let spot = (1..=steps).map(|n| {
            let at = begin.after(Millis::new(n * 600_000 / steps));
            price(process.advance(at, 0.0))
        });
        let spots: Vec<f64> = spot.collect();
        assert!((spots[spots.len() - 1] - 80_000.0).abs() < 100.0, "{steps} steps: {spots:?}");
        // A second one takes what is left of the first along.
        process.shock(0.8f64.ln(), Millis::seconds(600));
        process.advance(process.at().after(Millis::seconds(300)), 0.0);
        process.shock(1.25f64.ln(), Millis::ZERO);
        let at = process.at().after(Millis::seconds(1));
        let whole = price(process.advance(at, 0.0));
        assert!((whole - 80_000.0).abs() < 150.0, "{whole}");
    }
}

#[test]
fn what_makes_no_sense_is_refused_with_its_numbers() {
    let tape = Tape { source: String::new(), spacing: Millis::ZERO, ticks: vec![], gaps: vec![] };
    let generated = |generator: Generator| Prices::Generated(generator);
    let whole = |quote: i128| Cash::new(quote * 1_000_000).unwrap();
    let cases: [(LifeConfig, &str); 9] = [
        (LifeConfig { tick: Millis::new(99), ..config() }, "100 to"),
        (LifeConfig { tick: Millis::seconds(14_401), ..config() }, "14400000 were expected"),
        (LifeConfig { pool: whole(19_999), ..config() }, "20000 to 10000000000"),
        (LifeConfig { orders_per_hour: 201, ..config() }, "0 to 200"),
        (LifeConfig { start: at(1), ..config() }, "a day after 1970"),
        (LifeConfig { market: String::new(), ..config() }, "the market"),
        (LifeConfig { prices: Prices::Tape(Arc::new(tape)), ..config() }, "no ticks"),
        (
            LifeConfig {
                prices: generated(Generator { price: f64::NAN, ..Generator::default() }),
                ..config()
            },
            "price",
        ),
        (LifeConfig { prices: generated(Generator { vol: 9.0, ..Generator::default() }), ..config() }, "vol"),
    ];
    for (config, expected) in cases {
        match Life::new(config) {
            Err(LifeError::Config(said)) => assert!(said.contains(expected), "{said}"),
            other => panic!("{expected}: {other:?}"),
        }
    }
    let mut life = Life::new(config()).unwrap();
    let refused = |result: Result<(), LifeError>| matches!(result, Err(LifeError::Control(_)));
    assert!(refused(life.shock(-0.96, Millis::ZERO)) && refused(life.shock(f64::NAN, Millis::ZERO)));
    assert!(refused(life.shock(0.1, Millis::days(31))) && refused(life.shock(10.1, Millis::ZERO)));
    assert!(refused(life.vol(201.0)) && refused(life.vol(f64::INFINITY)));
}

#[test]
fn what_was_saved_is_small_and_read_whole_or_not_at_all() {
    let life = Life::new(config()).unwrap();
    let saved = life.save();
    assert!(saved.len() < 2_000, "{} bytes", saved.len());
    assert_eq!(Life::load(config(), &saved).unwrap().save(), saved);
    let other = LifeConfig { seed: 2, ..config() };
    let refused =
        |config: LifeConfig, bytes: &[u8]| matches!(Life::load(config, bytes), Err(LifeError::Saved(_)));
    assert!(refused(other, &saved));
    for length in 0..saved.len() {
        assert!(refused(config(), &saved[..length]), "{length} bytes");
    }
    let longer = [saved.as_slice(), &[0]].concat();
    assert!(refused(config(), &longer));
    let newer = [&[9], &saved[1..]].concat();
    assert!(refused(config(), &newer));
}
