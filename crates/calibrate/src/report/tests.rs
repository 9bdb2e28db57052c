use super::*;
use crate::chain::Dropped;
use crate::fit::Totals;
use crate::surface_file::{SurfaceFile, SurfaceNode};
use cenote_pricing::Slice;

fn calibration() -> Calibration {
    let expiry = |expiry_ms: i64, years: f64, node: bool, quotes: usize, inside: usize| ExpiryFit {
        expiry_ms,
        years,
        node,
        forward: 75_487.51,
        carry: 0.0012,
        carry_published: 0.001,
        slice: Slice { theta: 0.0123, rho: -0.25, psi: 0.09 },
        atm_vol: 0.4321,
        quotes,
        inside,
        rmse_vol_points: 0.456,
    };
    let node = SurfaceNode { tenor_s: 6, theta_e12: 1, rho_e9: -2, psi_e12: 3, carry_e12: -4 };
    Calibration {
        currency: "BTC".into(),
        surface: SurfaceFile { published_at_ms: 1_779_552_744_466, index: 75_460.0, nodes: vec![node] },
        expiries: vec![
            expiry(1_780_041_600_000, 0.0155, true, 40, 39),
            expiry(1_781_251_200_000, 0.0538, false, 0, 0),
        ],
        totals: Totals { quotes: 40, inside: 39, rmse_vol_points: 0.456 },
        dropped: Dropped { one_sided: 86, ..Dropped::default() },
        too_near: 0,
        converged: true,
        evaluations: 30,
        seconds: 0.05,
    }
}

#[test]
fn json_has_the_numbers_by_name() {
    let value: serde_json::Value = serde_json::from_str(&json(&calibration(), 0.25)).unwrap();
    assert_eq!(value["index"], 75_460.0);
    assert_eq!(value["seconds"], 0.25);
    assert_eq!(value["snapshot"], "2026-05-23T16:12:24.466Z");
    assert_eq!(value["dropped"]["one_sided"], 86);
    let [first, second] = value["expiries"].as_array().unwrap().as_slice() else { panic!("{value}") };
    assert_eq!(first["expiry"], "2026-05-29T08:00:00Z");
    assert_eq!(first["forward"], 75_487.51);
    assert_eq!(first["theta"], 0.0123);
    assert_eq!(first["rho"], -0.25);
    assert_eq!(first["psi"], 0.09);
    assert_eq!(first["quotes"], 40);
    assert_eq!(first["rmse_vol_points"], 0.456);
    assert_eq!(first["inside_bid_ask"], 0.975);
    assert!(second["inside_bid_ask"].is_null());
    assert_eq!(second["node"], false);
}

#[test]
fn the_table_is_aligned() {
    let expected = "\
BTC at 2026-05-23T16:12:24.466Z, index 75460.00: 40 quotes at 2 expiries, 97.5% inside bid and ask, 0.46 vol points rms, 0.250 s
left out: 86 one-sided, 0 crossed, 0 without delta, 0 expired; 0 expiries too near

expiry             days   forward  carry bp  published     theta      rho      psi  ATM vol  quotes  rmse pts  inside
2026-05-29T08:00   5.66  75487.51      12.0       10.0  0.012300  -0.2500  0.09000   43.21%      40      0.46   97.5%
2026-06-12T08:00* 19.64  75487.51      12.0       10.0  0.012300  -0.2500  0.09000   43.21%       0      0.46       -
* no node of its own: priced between its neighbours
";
    let text = text(&calibration(), 0.25);
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(squeezed(&text), squeezed(expected));
    let rows: Vec<&str> = text.lines().skip(3).take(3).collect();
    assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{text}");
}

#[test]
fn a_search_that_stopped_early_says_so() {
    let stopped = Calibration { converged: false, ..calibration() };
    assert!(text(&stopped, 0.1).contains("stopped early"));
    assert!(!text(&calibration(), 0.1).contains("stopped early"));
    assert!(json(&stopped, 0.1).contains("\"converged\": false"));
}
