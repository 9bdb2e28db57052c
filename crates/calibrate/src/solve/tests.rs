use super::*;

const LOSS: Loss = Loss { square: 1.0, level: 20.0, band: false };
const STAGES: [Stage; 2] = [
    Stage { loss: LOSS, barrier: 0.1, tolerance: 1e-6, steps_max: 50 },
    Stage { loss: LOSS, barrier: 1e-6, tolerance: 1e-12, steps_max: 50 },
];

/// Distance to a target, each coordinate with its weight.
struct Bowl {
    target: Vec<f64>,
    weights: Vec<f64>,
}

impl Objective for Bowl {
    fn len(&self) -> usize {
        self.target.len()
    }

    fn evaluate(&self, x: &[f64], _: Loss, out: &mut System) {
        out.clear();
        for (i, x) in x.iter().enumerate() {
            let away = x - self.target[i];
            out.value += self.weights[i] * away * away;
            out.gradient[i] += 2.0 * self.weights[i] * away;
            *out.at(i, i) += 2.0 * self.weights[i];
        }
    }
}

/// `x[b] >= x[a]`.
fn rises(a: usize, b: usize) -> Face {
    Face { terms: [(b, 1.0), (a, -1.0)], bound: 0.0 }
}

#[test]
fn without_conditions_in_the_way_it_finds_the_target() {
    let bowl = Bowl { target: vec![1.0, 3.0, 4.0], weights: vec![1.0, 1e-3, 1e3] };
    let found = minimise(&bowl, &[rises(0, 1), rises(1, 2)], vec![-5.0, 0.0, 9.0], &STAGES);
    assert!(found.converged);
    for (x, target) in found.x.iter().zip(&bowl.target) {
        assert!((x - target).abs() < 1e-2, "{:?}", found.x);
    }
}

#[test]
fn with_conditions_in_the_way_it_pools() {
    // The mean weighted by 1 and 3 of what should rise but falls.
    let bowl = Bowl { target: vec![4.0, 0.0, 7.0], weights: vec![1.0, 3.0, 1.0] };
    let found = minimise(&bowl, &[rises(0, 1), rises(1, 2)], vec![-5.0, 0.0, 9.0], &STAGES);
    assert!(found.converged);
    for (x, expected) in found.x.iter().zip([1.0, 1.0, 7.0]) {
        assert!((x - expected).abs() < 1e-3, "{:?}", found.x);
    }
    assert!(found.x[1] > found.x[0], "inside, not on the face");
}

/// Never a number.
struct Nowhere;

impl Objective for Nowhere {
    fn len(&self) -> usize {
        1
    }

    fn evaluate(&self, _: &[f64], _: Loss, out: &mut System) {
        out.clear();
        out.value = f64::NAN;
        *out.at(0, 0) = 1.0;
    }
}

#[test]
fn it_does_not_call_nonsense_converged() {
    let found = minimise(&Nowhere, &[], vec![0.5], &STAGES);
    assert!(!found.converged);
    assert_eq!(found.x, [0.5]);
}
