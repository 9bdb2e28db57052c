use crate::table::{Worst, rows};
use cenote_pricing::math::{abs, sqrt};
use cenote_pricing::{Slice, black, implied};

/// Prices are measured in the larger of forward and strike, sensitivities in their own natural size.
#[test]
fn black_prices_and_greeks() {
    let mut price = Worst::of("price / max(F, K)");
    let mut delta = Worst::of("delta");
    let mut dual_delta = Worst::of("dual delta");
    let mut gamma = Worst::of("gamma F v");
    let mut vega = Worst::of("vega / F");
    let mut vanna = Worst::of("vanna v / (1 + |d2|)");
    let mut volga = Worst::of("volga v / F (1 + d1^2)");
    let mut together = Vec::new();
    for mut row in rows(include_str!("black.csv")) {
        let [f, k, w] = row.numbers();
        let at = (f, k, w);
        let scale = if f > k { f } else { k };
        let v = sqrt(w);
        let got = black::greeks(f, k, w);
        assert_eq!(got.call.to_bits(), black::call(f, k, w).to_bits(), "call and greeks differ at {at:?}");
        assert_eq!(got.put.to_bits(), black::put(f, k, w).to_bits(), "put and greeks differ at {at:?}");
        price.note(row.exact().error(got.call) / scale, &at);
        price.note(row.exact().error(got.put) / scale, &at);
        delta.note(row.exact().error(got.delta), &at);
        gamma.note(row.exact().error(got.gamma) * f * v, &at);
        vega.note(row.exact().error(got.vega) / f, &at);
        dual_delta.note(row.exact().error(got.dual_delta), &at);
        let d2 = cenote_pricing::math::ln_ratio(f, k) / v - 0.5 * v;
        let d1 = d2 + v;
        vanna.note(row.exact().error(got.vanna) * v / (1.0 + abs(d2)), &at);
        volga.note(row.exact().error(got.volga) * v / (f * (1.0 + abs(d1 * d2))), &at);
        together.push((f, k, w, got.call));
    }
    price.below(5e-16);
    delta.below(6e-16);
    dual_delta.below(6e-16);
    gamma.below(3e-16);
    vega.below(3e-16);
    vanna.below(6e-16);
    volga.below(6e-16);

    let column = |pick: fn(&(f64, f64, f64, f64)) -> f64| together.iter().map(pick).collect::<Vec<_>>();
    let mut out = vec![0.0; together.len()];
    black::price_batch(&column(|r| r.0), &column(|r| r.1), &column(|r| r.2), &mut out);
    for (row, out) in together.iter().zip(out) {
        assert_eq!(row.3.to_bits(), out.to_bits(), "batch differs at {row:?}");
    }
}

#[test]
fn implied_volatility_where_the_price_determines_it() {
    let mut worst = Worst::of("implied, relative");
    for mut row in rows(include_str!("implied.csv")) {
        let [price, f, k] = row.numbers();
        let put = row.count() == 1;
        let got = if put { implied::put_vol(price, f, k) } else { implied::call_vol(price, f, k) };
        worst.note(row.exact().relative(got.expect("a price of a volatility")), &(price, f, k, put));
    }
    worst.below(1e-14);
}

#[test]
fn essvi_slices() {
    let mut worst = Worst::of("essvi w / theta (1 + |phi k|)");
    for mut row in rows(include_str!("essvi.csv")) {
        let [k, theta, rho, psi] = row.numbers();
        let exact = row.exact();
        let got = Slice { theta, rho, psi }.w(k);
        // Far out on the flat side the terms of the formula, each `phi k`, cancel.
        let scale = theta * (1.0 + abs(psi / theta * k));
        worst.note(exact.error(got) / scale, &(k, theta, rho, psi));
    }
    worst.below(4e-16);
}
