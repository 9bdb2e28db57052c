//! Against published tables, where they are at hand: `CENOTE_DATA`, or `shared/data` beside the checkout.

use cenote_pricing::black;
use cenote_pricing::math::{abs, exp, max, sqrt};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A table of the data directory, or none with a line that says so.
fn table(name: &str) -> Option<Value> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let home = std::env::var_os("CENOTE_DATA").map_or(beside, PathBuf::from);
    let path = home.join("reference").join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("SKIPPED: {} is absent; set CENOTE_DATA to test against it", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).expect("JSON"))
}

fn numbers(row: &Value) -> Vec<f64> {
    row.as_array().expect("a row").iter().filter_map(Value::as_f64).collect()
}

/// The 101 rows of vollib's test data: prices and greeks on a spot with a rate, to the six digits printed.
#[test]
fn vollib() {
    let Some(table) = table("vollib_test_data.json") else { return };
    let columns: Vec<&str> =
        table["columns"].as_array().expect("columns").iter().filter_map(Value::as_str).collect();
    let rows = table["data"].as_array().expect("data");
    assert_eq!(rows.len(), 101);
    for row in rows {
        let row = numbers(row);
        let get = |name: &str| row[columns.iter().position(|column| *column == name).expect("a column")];
        let (spot, strike, rate, years, vol) = (get("S"), get("K"), get("R"), get("t"), get("v"));
        let discount = exp(-rate * years);
        let got = black::greeks(spot / discount, strike, vol * vol * years);
        let close = |name: &str, got: f64| {
            // Six decimals are printed, or six digits of small numbers.
            let expected = get(name);
            assert!(
                abs(got - expected) < 1.1e-6 * max(1.0, abs(expected)),
                "{name}: {got} {expected} {row:?}"
            );
        };
        close("bs_call", discount * got.call);
        close("bs_put", discount * got.put);
        close("CD", got.delta);
        close("PD", got.delta - 1.0);
        close("CG", got.gamma / discount);
        close("CV", discount * got.vega * sqrt(years));
    }
}

/// QuantLib's European options (Haug 1998): a spot with a dividend yield and a rate, to the digits of the book.
#[test]
fn quantlib() {
    let Some(tables) = table("quantlib_1.29_test_tables.json") else { return };
    let mut seen = 0;
    for table in tables["europeanoption"].as_array().expect("tables") {
        let fields: Vec<&str> =
            table["fields"].as_array().expect("fields").iter().filter_map(Value::as_str).collect();
        let wanted = ["type", "strike", "s", "q", "r", "t", "v", "result", "tol"];
        if table["test"] != "testValues" || !wanted.iter().all(|field| fields.contains(field)) {
            continue;
        }
        for row in table["rows"].as_array().expect("rows") {
            let field = |name: &str| &row[fields.iter().position(|field| *field == name).expect("a field")];
            let get = |name: &str| field(name).as_f64().expect("a number");
            let (years, vol) = (get("t"), get("v"));
            let discount = exp(-get("r") * years);
            let forward = get("s") * exp((get("r") - get("q")) * years);
            let w = vol * vol * years;
            let price = if field("type") == "Call" {
                black::call(forward, get("strike"), w)
            } else {
                black::put(forward, get("strike"), w)
            };
            assert!(abs(discount * price - get("result")) <= get("tol"), "{} {row}", discount * price);
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen} rows");
}
