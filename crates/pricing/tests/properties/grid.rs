use cenote_pricing::math::abs;
use cenote_pricing::{Grid, WORLDS};

fn moments(grid: &Grid) {
    let sum = |terms: &mut dyn Iterator<Item = f64>| terms.fold(0.0, |sum, x| sum + x);
    let spot = || grid.spot.iter().zip(&grid.spot_weights);
    assert!(abs(sum(&mut grid.spot_weights.iter().copied()) - 1.0) < 1e-15);
    assert!(abs(sum(&mut spot().map(|(z, w)| w * z))) < 1e-16);
    assert!(abs(sum(&mut spot().map(|(z, w)| w * z * z)) - 1.0) < 1e-15);
    assert!(abs(sum(&mut grid.vol_weights.iter().copied()) - 1.0) < 1e-15);
    assert!(abs(sum(&mut grid.vol.iter().zip(&grid.vol_weights).map(|(g, w)| g * w)) - 1.0) < 1e-15);
    assert!(abs(sum(&mut grid.weights().into_iter()) - 1.0) < 1e-15);
}

#[test]
fn weights_and_moments_are_normalised() {
    moments(&Grid::DEFAULT);
    for a in [0.0, 0.1, 0.25, 0.4, 0.6] {
        moments(&Grid::with_vol_of_vol(a));
    }
}

#[test]
fn the_defaults_are_the_documented_table() {
    let spot = [9.7536725336, 5.8522035202, 3.4137853868, 1.9507345067, 0.9753672534, 0.0];
    let weights = [0.0001739457, 0.0011045582, 0.0075736454, 0.0417436043, 0.2086635057, 0.4814814815];
    for i in 0..6 {
        for (side, sign) in [(i, -1.0), (10 - i, 1.0)] {
            assert!(abs(Grid::DEFAULT.spot[side] - sign * spot[i]) < 1e-10);
            assert!(abs(Grid::DEFAULT.spot_weights[side] - weights[i]) < 1e-10);
        }
    }
    for (g, expected) in Grid::DEFAULT.vol.iter().zip([0.4617241613, 0.9231465358, 1.8456896955]) {
        assert!(abs(g - expected) < 1e-10);
    }
    assert_eq!(Grid::DEFAULT.g_max(), Grid::DEFAULT.vol[2]);
}

/// The literals of the defaults and the constructor from `a` agree as closely as floats can.
#[test]
fn the_default_factors_follow_from_their_parameter() {
    for (made, literal) in Grid::with_vol_of_vol(0.4).vol.iter().zip(Grid::DEFAULT.vol) {
        assert!(abs(made / literal - 1.0) < 4e-16);
    }
    assert!(Grid::with_vol_of_vol(0.0).vol.iter().all(|g| abs(g - 1.0) < 1e-15));
}

#[test]
fn scenarios_run_spot_major() {
    let weights = Grid::DEFAULT.weights();
    assert_eq!(weights.len(), WORLDS);
    assert_eq!(weights[3 * 5 + 1], Grid::DEFAULT.spot_weights[5] * Grid::DEFAULT.vol_weights[1]);
    assert_eq!(weights[2], Grid::DEFAULT.spot_weights[0] * Grid::DEFAULT.vol_weights[2]);
    assert!(Grid::DEFAULT.spot.is_sorted() && Grid::DEFAULT.vol.is_sorted());
}
