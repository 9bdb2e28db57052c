use super::project::shared_out;

#[test]
fn prices_of_legs_add_up_to_the_whole_cost() {
    for (sizes, marks, total) in [
        (vec![2.0], vec![100.0], 205.0),
        (vec![2.0, -2.0], vec![100.0, 60.0], 90.0),
        (vec![-1.0, 3.0], vec![0.0, 0.0], 3.0),
        (vec![-1.5], vec![10.0], -14.0),
    ] {
        let prices = shared_out(&sizes, &marks, total);
        let sum: f64 = sizes.iter().zip(&prices).map(|(s, p)| s * p).sum();
        assert!((sum - total).abs() < 1e-9, "{sizes:?} {prices:?}: {sum} of {total}");
    }
    // A buyer pays more than the mark, a seller gets less.
    let prices = shared_out(&[2.0, -2.0], &[100.0, 60.0], 90.0);
    assert!(prices[0] > 100.0 && prices[1] < 60.0, "{prices:?}");
}
