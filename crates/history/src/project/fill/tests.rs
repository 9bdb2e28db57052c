use super::{per_contract, shared_out, split, value};
use cenote_sim::rng::Rng;
use cenote_units::Size;

fn size(units: i64) -> Size {
    Size::new(units).expect("a size")
}

#[test]
fn shares_by_hand() {
    let (two, minus) = (size(2_000_000), size(-2_000_000));
    for (sizes, values, total, expected) in [
        // One leg takes everything.
        (vec![two], vec![200_000_000], 205_000_000, vec![205_000_000]),
        // A spread: 80 at the marks, 90 paid; ten of charges by 200 to 120.
        (vec![two, minus], vec![200_000_000, -120_000_000], 90_000_000, vec![206_250_000, -116_250_000]),
        // Nothing is worth anything: by size, the remainder to the largest.
        (vec![size(1), size(-2)], vec![0, 0], 10, vec![3, 7]),
        // A refund is shared out as well; a third of a unit goes to the first of the largest.
        (vec![two, two, two], vec![5, 5, 5], 14, vec![4, 5, 5]),
        (vec![], vec![], 0, vec![]),
        (vec![size(0)], vec![0], 5, vec![5]),
    ] {
        assert_eq!(shared_out(&sizes, &values, total), expected, "{sizes:?} {values:?} {total}");
    }
}

#[test]
fn shares_add_up_to_the_total_to_the_unit_and_stay_near_their_proportion() {
    let mut rng = Rng::new(1, 1);
    for _ in 0..20_000 {
        let count = 1 + rng.below(8);
        let scale = 10f64.powi(rng.below(15) as i32);
        let sizes: Vec<Size> = (0..count).map(|_| size(((rng.uniform() - 0.5) * 2e9) as i64)).collect();
        let worthless = rng.chance(0.1);
        let one = |rng: &mut Rng| if worthless { 0 } else { ((rng.uniform() - 0.5) * scale) as i128 };
        let values: Vec<i128> = (0..count).map(|_| one(&mut rng)).collect();
        let total = ((rng.uniform() - 0.5) * scale * 3.0) as i128;
        let shares = shared_out(&sizes, &values, total);
        assert_eq!(shares.iter().sum::<i128>(), total);
        let whole: f64 = values.iter().map(|value| value.abs() as f64).sum();
        if whole > 0.0 {
            let charges = total - values.iter().sum::<i128>();
            for (value, share) in values.iter().zip(&shares) {
                let exact = *value as f64 + charges as f64 * value.abs() as f64 / whole;
                let off = (*share as f64 - exact).abs();
                assert!(
                    off <= count as f64 + 1e-9 * (charges.abs() as f64 + exact.abs()),
                    "{off}: {values:?} {total}"
                );
            }
        }
    }
}

#[test]
fn amounts_beyond_any_real_one_do_not_panic() {
    let most = i128::MAX;
    for (values, total) in
        [(vec![most, most], -most), (vec![i128::MIN, most], most), (vec![most, -1], i128::MIN)]
    {
        let shares = shared_out(&[size(1), size(-1)], &values, total);
        assert_eq!(shares.len(), 2);
    }
    assert_eq!(value(size(1), f64::MAX), i128::MAX);
    assert_eq!(per_contract(5, size(0)), 0.0);
}

#[test]
fn a_forward_is_its_call_bought_and_its_put_sold() {
    let series =
        |name: &str| split(name, size(-3)).into_iter().map(|s| (s.name, s.size.get())).collect::<Vec<_>>();
    assert_eq!(
        series("M-27MAR26-100-F"),
        [("M-27MAR26-100-C".to_owned(), -3), ("M-27MAR26-100-P".to_owned(), 3)]
    );
    assert_eq!(series("M-27MAR26-100-P"), [("M-27MAR26-100-P".to_owned(), -3)]);
}
