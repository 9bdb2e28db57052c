//! Against chains that were listed, where they are at hand: `CENOTE_DATA`, or `shared/data` beside the checkout.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // A clock times the fits.

use cenote_calibrate::{Calibration, FitOptions, chain, fit};
use cenote_pricing::{Grid, black};
use flate2::read::GzDecoder;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The files, or none if the folder is absent.
fn files() -> Vec<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let home = std::env::var_os("CENOTE_DATA").map_or(beside, PathBuf::from);
    let folder = home.join("option_chains/deribit");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("SKIPPED: {} is absent; set CENOTE_DATA to test against it", folder.display());
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Inside and judged, beyond two days.
fn share(calibration: &Calibration) -> f64 {
    let long = calibration.expiries.iter().filter(|e| e.years * 365.0 > 2.0);
    let (inside, quotes) = long.fold((0, 0), |(i, q), e| (i + e.inside, q + e.quotes));
    inside as f64 / quotes as f64
}

/// The numbers of `docs/decisions/0002-calibration.md`.
#[test]
fn surfaces_fit_and_none_is_refused() {
    let (mut shares, mut errors, mut seconds) = (Vec::new(), Vec::new(), Vec::new());
    for (file, currency) in files().iter().flat_map(|file| ["BTC", "ETH"].map(|currency| (file, currency))) {
        let begun = Instant::now();
        let chain = chain::read(file, currency).unwrap_or_else(|e| panic!("{e}"));
        let calibration = fit(&chain, &FitOptions::default())
            .unwrap_or_else(|e| panic!("{} {currency}: {e}", file.display()));
        seconds.push(begun.elapsed().as_secs_f64());
        let name = format!("{} {currency}", file.display());
        assert!(calibration.converged, "{name}");
        assert!(calibration.surface.nodes.len() <= 12, "{name}");
        assert_eq!(calibration.surface.surface().check(Grid::DEFAULT.g_max()), Ok(()), "{name}");
        shares.push(share(&calibration));
        let long = calibration.expiries.iter().filter(|e| e.years * 365.0 > 2.0 && e.quotes > 0);
        errors.extend(long.map(|e| e.rmse_vol_points));
    }
    if shares.is_empty() {
        return;
    }
    assert_eq!(shares.len(), 40);
    let mean = shares.iter().sum::<f64>() / 40.0;
    let worst = shares.iter().copied().fold(1.0, f64::min);
    errors.sort_by(f64::total_cmp);
    let median = errors[errors.len() / 2];
    println!("inside: mean {mean:.4}, worst {worst:.4}; rmse: median {median:.3}");
    assert!(mean >= 0.96, "inside bid and ask {mean}");
    assert!(worst >= 0.83, "inside bid and ask {worst}");
    assert!(median <= 0.65, "rmse {median} vol points");
    seconds.sort_by(f64::total_cmp);
    if cfg!(not(debug_assertions)) {
        // The median: a machine busy with other tests may be slow for one.
        assert!(seconds[20] < 0.3, "{} s", seconds[20]);
    }
}

/// The venue states each option's mark and its implied vol: Black's price in those vols, over the row's forward, is the
/// mark when the year has 365 days. Over the index, or with a year of 365.25 days, it is not.
#[test]
fn prices_in_coin_are_in_units_of_the_forward() {
    let mut misses: [Vec<f64>; 3] = Default::default();
    for file in files() {
        let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(&file).unwrap()));
        let header = reader.headers().unwrap().clone();
        for row in reader.records().map(Result::unwrap) {
            let text = |name: &str| &row[header.iter().position(|column| column == name).unwrap()];
            let number = |name: &str| text(name).parse::<f64>().unwrap_or(f64::NAN);
            let (forward, strike, vol) =
                (number("underlying"), number("strike"), number("implied_volatility"));
            // The file's own time has 365.25 days to the year.
            let years = number("time_to_maturity") * 365.25 / 365.0;
            if !(0.05..=0.95).contains(&number("delta").abs()) || years < 2.0 / 365.0 {
                continue;
            }
            let price = |years: f64| match text("option_type") {
                "call" => black::call(forward, strike, vol * vol * years),
                _ => black::put(forward, strike, vol * vol * years),
            };
            let mark = number("mark_price");
            let readings = [
                price(years) / forward,
                price(years) / number("index_price"),
                price(years * 365.0 / 365.25) / forward,
            ];
            for (misses, reading) in misses.iter_mut().zip(readings) {
                misses.push(1e4 * (reading - mark).abs());
            }
        }
    }
    if misses[0].is_empty() {
        return;
    }
    let medians = misses.map(|mut misses| {
        misses.sort_by(f64::total_cmp);
        misses[misses.len() / 2]
    });
    let [forward, index, julian] = medians;
    println!(
        "marks missed, median bp of the forward: over F {forward:.2}, over S {index:.2}, 365.25 d {julian:.2}"
    );
    assert!(forward < 0.25 && index > 10.0 * forward && julian > 1.2 * forward, "{medians:?}");
}
