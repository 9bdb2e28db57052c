//! Replays of real prices. They are looked for in `CENOTE_DATA`, else in `../shared/data` beside the checkout.

use cenote_sim::replay::{Config, Report, SurfaceChoice, run};
use cenote_sim::tape::read;
use std::path::{Path, PathBuf};

/// A file of the data, or `None` with a word on the screen.
fn data(file: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let path = std::env::var_os("CENOTE_DATA").map_or(beside, PathBuf::from).join(file);
    if !path.exists() {
        eprintln!(
            "SKIPPED: there is no {}; set CENOTE_DATA to the folder with the market data",
            path.display()
        );
        return None;
    }
    Some(path)
}

fn replay(file: &str, config: &Config) -> Option<Report> {
    let tape = read(&data(file)?).unwrap();
    Some(run(config, &tape, &mut |_| {}).unwrap())
}

fn sound(report: &Report) {
    assert_eq!(report.invariants.breaches, []);
    let (nav, pnl) = (&report.nav, &report.pnl);
    assert_eq!(pnl.total.get(), nav.end.get() - nav.start.get() - nav.flows.get());
    assert_eq!(pnl.sources().iter().map(|(_, part)| part.get()).sum::<i128>(), pnl.total.get());
    assert!(report.unexplained < 1e-7, "{}", report.unexplained);
    assert_eq!(report.feed.surfaces_clipped, 0);
}

#[test]
fn luna_from_start_to_end() {
    let tape = "prices/crash_luna_ust_2022-05_btcusdt_1m.csv.gz";
    let Some(report) = replay(tape, &Config::default()) else { return };
    sound(&report);
    assert_eq!(report.tape.ticks, 15_840);
    assert!(report.feed.jumps_held > 0 && report.feed.settlements >= 10, "{:?}", report.feed);
    assert!(report.orders.filled > 500, "{:?}", report.orders);
    // The index fell by a third. An arbitrageur with a forward kept pools of this kind to a few percent.
    assert!((-0.06..0.03).contains(&report.nav.per_share), "{:?}", report.nav);
    assert!(report.peaks.delta < 0.2, "{:?}", report.peaks);
}

#[test]
fn luna_with_a_surface_of_its_own() {
    let tape = "prices/crash_luna_ust_2022-05_ethusdt_1m.csv.gz";
    let config = Config { surface: SurfaceChoice::Realised, orders_per_day: 50, ..Config::default() };
    let Some(report) = replay(tape, &config) else { return };
    sound(&report);
    assert!(report.orders.filled > 50, "{:?}", report.orders);
}
