//! The command as a whole: a chain file in, a report and a surface file out.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // Tests may use std's floats.

use cenote_calibrate::{CalibrateArgs, CliError, FitOptions, SurfaceFile, run};
use cenote_pricing::{Grid, Slice, black};
use std::fmt::Write;
use std::path::PathBuf;

/// A chain of 60% vol at three expiries with a smile, quoted two ticks either side.
fn chain_file(name: &str) -> PathBuf {
    let mut text = String::from(
        "timestamp,currency,option_type,strike,expiry_datetime,underlying,index_price,bid_price,ask_price,delta\n",
    );
    for (expiry, days) in [("2026-01-04", 3.0), ("2026-01-31", 30.0), ("2026-06-30", 180.0)] {
        for step in -10..=10 {
            let strike = 1000.0 * (0.15 * f64::from(step) * 0.6 * f64::sqrt(days / 365.0)).exp();
            let theta = 0.36 * days / 365.0;
            let smile = Slice { theta, rho: -0.2, psi: 0.8 * theta.sqrt() };
            let greeks = black::greeks(1000.0, strike, smile.w((strike / 1000.0).ln()));
            for (right, price, delta) in
                [("call", greeks.call, greeks.delta), ("put", greeks.put, greeks.delta - 1.0)]
            {
                let (bid, ask) = (price / 1000.0 - 1e-3, price / 1000.0 + 1e-3);
                writeln!(
                    text,
                    "2026-01-01T00:00:00Z,ETH,{right},{strike},{expiry}T00:00:00Z,1000,1000,{bid},{ask},{delta}"
                )
                .unwrap();
            }
        }
    }
    let path = std::env::temp_dir().join(format!("cenote-calibrate-{}-{name}", std::process::id()));
    std::fs::write(&path, text).unwrap();
    path
}

fn args(name: &str) -> CalibrateArgs {
    CalibrateArgs {
        chain: chain_file(name),
        currency: "ETH".into(),
        json: false,
        out: None,
        options: FitOptions::default(),
    }
}

#[test]
fn writes_a_surface_that_may_be_published() {
    let args = args("whole.csv");
    let out = args.chain.with_extension("json");
    let text = run(&CalibrateArgs { out: Some(out.clone()), ..args.clone() }).unwrap();
    assert!(text.contains("3 expiries, 100.0% inside"), "{text}");
    let file: SurfaceFile = serde_json::from_str(&std::fs::read_to_string(&out).unwrap()).unwrap();
    assert_eq!((file.published_at_ms, file.index), (1_767_225_600_000, 1000.0));
    assert_eq!(
        file.nodes.iter().map(|node| node.tenor_s).collect::<Vec<_>>(),
        [258_000, 2_590_800, 15_550_800]
    );
    assert_eq!(file.surface().check(Grid::DEFAULT.g_max()), Ok(()));
    // A mark at the money implies less variance than theta.
    let vol = file.surface().sigma_ref();
    assert!(vol > 0.6 && vol < 0.64, "{vol}");

    let json = run(&CalibrateArgs { json: true, ..args.clone() }).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["expiries"].as_array().unwrap().len(), 3);
    assert!((json["expiries"][1]["atm_vol"].as_f64().unwrap() - 0.6).abs() < 0.01, "{json}");
    std::fs::remove_file(args.chain).unwrap();
    std::fs::remove_file(out).unwrap();
}

#[test]
fn says_what_is_wrong_and_where() {
    let good = args("errors.csv");
    let missing = run(&CalibrateArgs { chain: "no/such.csv".into(), ..good.clone() }).unwrap_err();
    assert!(missing.to_string().starts_with("cannot open no/such.csv"), "{missing}");
    let currency = run(&CalibrateArgs { currency: "BTC".into(), ..good.clone() }).unwrap_err();
    assert!(currency.to_string().ends_with("has no options on BTC, only on ETH"), "{currency}");
    let options = FitOptions { quotes_min: 1000, ..FitOptions::default() };
    let few = run(&CalibrateArgs { options, ..good.clone() }).unwrap_err();
    assert!(few.to_string().contains("errors.csv: an expiry needs 1000 two-sided quotes"), "{few}");
    let unwritable = CalibrateArgs { out: Some("no/such/folder/surface.json".into()), ..good.clone() };
    let error = run(&unwritable).unwrap_err();
    assert!(matches!(error, CliError::Write { .. }));
    assert!(error.to_string().starts_with("cannot write no/such/folder/surface.json"), "{error}");
    std::fs::remove_file(good.chain).unwrap();
}
