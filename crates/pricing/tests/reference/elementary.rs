use crate::table::{Worst, rows};
use cenote_pricing::math;

fn check(what: &'static str, table: &str, bound: f64, kernel: impl Fn(f64) -> f64) {
    let mut worst = Worst::of(what);
    for mut row in rows(table) {
        let x = row.number();
        worst.note(row.exact().ulps(kernel(x)), &x);
    }
    worst.below(bound);
}

#[test]
fn exponentials_and_logarithms_are_within_an_ulp() {
    check("exp, ulps", include_str!("exp.csv"), 0.9, math::exp);
    check("expm1, ulps", include_str!("expm1.csv"), 1.2, math::expm1);
    check("ln, ulps", include_str!("ln.csv"), 0.9, math::ln);
    check("log1p, ulps", include_str!("log1p.csv"), 1.0, math::log1p);
}

#[test]
fn the_logarithm_of_a_ratio_keeps_its_digits_near_one() {
    let mut worst = Worst::of("ln_ratio, ulps");
    for mut row in rows(include_str!("ln_ratio.csv")) {
        let [a, b] = row.numbers();
        worst.note(row.exact().ulps(math::ln_ratio(a, b)), &(a, b));
    }
    worst.below(2.0);
}

#[test]
fn the_normal_distribution_is_relatively_accurate_in_the_tail() {
    check("mills, ulps", include_str!("mills.csv"), 6.5, math::mills);
    let (mut density, mut distribution) = (Worst::of("norm_pdf, ulps"), Worst::of("norm_cdf, ulps"));
    for mut row in rows(include_str!("normal.csv")) {
        let x = row.number();
        density.note(row.exact().ulps(math::norm_pdf(x)), &x);
        distribution.note(row.exact().ulps(math::norm_cdf(x)), &x);
    }
    density.below(2.5);
    distribution.below(7.5);
}

#[test]
fn the_ends_of_the_domains_are_defined() {
    assert_eq!(math::exp(-800.0), 0.0);
    assert_eq!(math::exp(f64::NEG_INFINITY), 0.0);
    assert_eq!(math::exp(710.0), f64::INFINITY);
    assert_eq!(math::exp(0.0), 1.0);
    assert_eq!(math::expm1(f64::NEG_INFINITY), -1.0);
    assert_eq!(math::expm1(800.0), f64::INFINITY);
    assert_eq!(math::ln(1.0), 0.0);
    assert_eq!(math::ln_ratio(3.7, 3.7), 0.0);
    assert_eq!((math::norm_cdf(-40.0), math::norm_cdf(40.0)), (0.0, 1.0));
    assert_eq!((math::norm_cdf(f64::NEG_INFINITY), math::norm_pdf(f64::INFINITY)), (0.0, 0.0));
}
