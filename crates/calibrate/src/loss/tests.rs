use super::*;

const LOSSES: [Loss; 3] = [
    Loss { square: 1.0, level: 20.0, band: false },
    Loss { square: 1.0, level: 5.0, band: false },
    Loss { square: 0.1, level: 20.0, band: true },
];

#[test]
fn slopes_are_derivatives_in_the_square() {
    for loss in LOSSES {
        for miss in [0.01_f64, 0.3, 1.0, 1.3, 4.0, 30.0] {
            let (square, step) = (miss * miss, 1e-5 * miss * miss);
            let at = |square: f64| loss.of(square.sqrt()).0;
            let difference = (at(square + step) - at(square - step)) / (2.0 * step);
            let slope = loss.of(miss).1;
            assert!(
                (slope - difference).abs() < 1e-6 * slope.max(1e-3),
                "{loss:?} {miss}: {slope} {difference}"
            );
        }
    }
}

#[test]
fn losses_rise_and_level_off() {
    for loss in LOSSES {
        let bound = loss.square * loss.level * loss.level + if loss.band { BAND_SQUARE } else { 0.0 };
        let mut before = -1.0;
        for tenth in 0..10_000 {
            let (value, slope) = loss.of(f64::from(tenth) / 10.0);
            assert!(value > before && value <= bound && slope >= 0.0);
            before = value;
        }
        assert_eq!(loss.of(-3.0), loss.of(3.0));
    }
}

#[test]
fn the_band_is_cheap_inside_and_steepest_outside() {
    let loss = Loss { square: 0.0, level: 20.0, band: true };
    // Per half-spread, not per its square.
    let slope = |miss: f64| 2.0 * miss * loss.of(miss).1;
    assert!(loss.of(0.5).0 < 0.04);
    let steepest = (1..400).map(|i| f64::from(i) / 100.0).max_by(|a, b| slope(*a).total_cmp(&slope(*b)));
    assert_eq!(steepest, Some(1.24));
}
