use super::*;
use std::vec::Vec;

/// `10^(n / 20)`.
fn power(n: i32) -> f64 {
    exp(f64::from(n) * 0.115_129_254_649_702_28)
}

/// A target of known volatility, priced the way the solver does.
fn target(y: f64, v: f64) -> Option<Target> {
    let a = y / v - 0.5 * v;
    let density = INV_SQRT_2PI * exp(-0.5 * a * a);
    if a >= 0.0 || v <= SHORT {
        let price = density * mills_fall(a, v);
        return (price > 1e-300).then_some(Target { y, price, missing: 1.0 - price });
    }
    let missing = density * (mills(-a) + mills(a + v));
    (missing > 1e-9).then_some(Target { y, price: 1.0 - missing, missing })
}

#[test]
fn no_target_takes_more_than_four_steps() {
    let mut taken = [0; MAX_STEPS as usize + 1];
    let distances: Vec<f64> = core::iter::once(0.0).chain((-300..=40).map(power)).collect();
    for &y in &distances {
        for v in (-140..=36).map(power) {
            if let Some(target) = target(y, v) {
                let (found, steps) = solve(target);
                taken[steps as usize] += 1;
                assert!(abs(found / v - 1.0) < 2e-14, "y {y:e} v {v:e} found {found:e}");
            }
        }
    }
    assert!(taken.iter().sum::<i32>() > 30_000, "{taken:?}");
    assert_eq!(taken[5..].iter().sum::<i32>(), 0, "{taken:?}");
}

#[test]
fn the_fall_of_the_mills_ratio_joins_where_its_rules_change() {
    for a in [0.0, 0.3, 2.0, 9.0, 37.0] {
        for v in [0.125, SHORT] {
            let change = mills_fall(a, v * (1.0 + 1e-15)) / mills_fall(a, v) - 1.0;
            // Beyond SHORT a difference of two ratios loses `a / v` units.
            assert!(abs(change) < 1e-15 * (4.0 + a / v), "a {a} v {v}: {change:e}");
        }
    }
}

#[test]
fn prices_outside_their_bounds_are_refused() {
    assert_eq!(call_vol(20.0, 120.0, 100.0), Ok(0.0));
    assert_eq!(
        call_vol(19.9, 120.0, 100.0),
        Err(ImpliedFault::BelowIntrinsic { price: 19.9, intrinsic: 20.0 })
    );
    assert_eq!(call_vol(120.0, 120.0, 100.0), Err(ImpliedFault::AboveBound { price: 120.0, bound: 120.0 }));
    assert_eq!(put_vol(100.0, 120.0, 100.0), Err(ImpliedFault::AboveBound { price: 100.0, bound: 100.0 }));
    assert_eq!(
        put_vol(-1e-300, 120.0, 100.0),
        Err(ImpliedFault::BelowIntrinsic { price: -1e-300, intrinsic: 0.0 })
    );
    assert!(matches!(call_vol(f64::NAN, 120.0, 100.0), Err(ImpliedFault::BelowIntrinsic { .. })));
    assert!(matches!(call_vol(f64::INFINITY, 120.0, 100.0), Err(ImpliedFault::AboveBound { .. })));
    // The last floats inside the bounds have a volatility.
    assert!(call_vol(f64::from_bits(120f64.to_bits() - 1), 120.0, 100.0).is_ok_and(|v| v > 10.0));
    assert!(call_vol(1e-290, 100.0, 120.0).is_ok_and(|v| v > 0.0 && v < 0.01));
}
