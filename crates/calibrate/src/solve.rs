//! Minimises a sum of losses inside a polyhedron: Gauss-Newton steps with Levenberg damping and a logarithmic barrier.
//!
//! J. Nocedal and S. Wright, "Numerical Optimization", 2nd ed. (2006), sections 10.3 and 19.6.

use crate::loss::Loss;
use crate::shape::Face;
use cenote_pricing::math::{abs, ln, max, min, sqrt};

/// A function to minimise: a sum of losses.
pub(crate) trait Objective {
    /// Number of coordinates.
    fn len(&self) -> usize;
    /// Value, gradient and a positive semidefinite approximation of the second derivatives at `x`.
    fn evaluate(&self, x: &[f64], loss: Loss, out: &mut System);
}

/// A quadratic model: value, gradient, symmetric matrix by rows.
#[derive(Clone, Debug)]
pub(crate) struct System {
    pub value: f64,
    pub gradient: Vec<f64>,
    matrix: Vec<f64>,
}

impl System {
    pub(crate) fn new(len: usize) -> System {
        System { value: 0.0, gradient: vec![0.0; len], matrix: vec![0.0; len * len] }
    }

    pub(crate) fn clear(&mut self) {
        self.value = 0.0;
        self.gradient.fill(0.0);
        self.matrix.fill(0.0);
    }

    pub(crate) fn at(&mut self, row: usize, column: usize) -> &mut f64 {
        &mut self.matrix[row * self.gradient.len() + column]
    }
}

/// One pass of the search.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stage {
    /// What a miss costs.
    pub loss: Loss,
    /// Weight of the barrier.
    pub barrier: f64,
    /// Ends when a step lowers the objective by less than this share of it.
    pub tolerance: f64,
    /// Ends after this many steps in any case.
    pub steps_max: usize,
}

/// Where the search ended.
#[derive(Clone, Debug)]
pub(crate) struct Solution {
    pub x: Vec<f64>,
    /// Evaluations of the objective.
    pub evaluations: usize,
    /// Whether the last stage met its tolerance.
    pub converged: bool,
}

/// No coordinate moves further than this in a step; they are logarithms.
const STEP_MAX: f64 = 0.5;
/// A step ends at most this share of the way to the nearest face.
const TO_FACE: f64 = 0.95;
/// Damping relative to the diagonal: at the start, at the least, and beyond which the search is stuck.
const DAMPING: [f64; 3] = [1e-3, 1e-9, 1e6];

/// Runs the stages one after another from `x`, which must be inside every face.
pub(crate) fn minimise(
    objective: &impl Objective,
    faces: &[Face],
    x: Vec<f64>,
    stages: &[Stage],
) -> Solution {
    let mut search = Search {
        objective,
        faces,
        now: System::new(objective.len()),
        trial: System::new(objective.len()),
        solution: Solution { x, evaluations: 0, converged: false },
    };
    for stage in stages {
        search.solution.converged = search.stage(stage);
    }
    search.solution
}

struct Search<'a, O> {
    objective: &'a O,
    faces: &'a [Face],
    now: System,
    trial: System,
    solution: Solution,
}

impl<O: Objective> Search<'_, O> {
    fn evaluate(&mut self, x: &[f64], stage: &Stage) {
        self.objective.evaluate(x, stage.loss, &mut self.trial);
        add_barrier(self.faces, x, stage.barrier, &mut self.trial);
        self.solution.evaluations += 1;
    }

    /// Whether the tolerance was met.
    fn stage(&mut self, stage: &Stage) -> bool {
        let mut x = self.solution.x.clone();
        self.evaluate(&x, stage);
        std::mem::swap(&mut self.now, &mut self.trial);
        let mut damping = DAMPING[0];
        let mut steps = 0;
        while steps < stage.steps_max {
            let Some(step) = newton_step(&self.now, damping) else {
                damping = max(damping, DAMPING[1]) * 10.0;
                if damping > DAMPING[2] {
                    return false;
                }
                continue;
            };
            let share = allowed_share(self.faces, &x, &step);
            let candidate: Vec<f64> = x.iter().zip(&step).map(|(x, step)| x + share * step).collect();
            self.evaluate(&candidate, stage);
            steps += 1;
            let gain = self.now.value - self.trial.value;
            if gain < 0.0 || gain.is_nan() {
                damping *= 8.0;
                if damping > DAMPING[2] {
                    // Nothing near is lower, as far as floats tell.
                    return self.now.value.is_finite();
                }
                continue;
            }
            let small = gain <= stage.tolerance * (1.0 + abs(self.now.value));
            std::mem::swap(&mut self.now, &mut self.trial);
            x = candidate;
            self.solution.x.clone_from(&x);
            // A step cut short or heavily damped gains little wherever it is.
            if small && share > 0.5 && damping < 0.1 {
                return true;
            }
            damping = max(damping * 0.2, DAMPING[1]);
        }
        false
    }
}

/// Adds `-weight sum ln(distance)` over the faces.
fn add_barrier(faces: &[Face], x: &[f64], weight: f64, out: &mut System) {
    for face in faces {
        let distance = face.distance(x);
        debug_assert!(distance > 0.0, "outside {face:?} by {distance}");
        out.value -= weight * ln(distance);
        for (a, of_a) in face.terms {
            out.gradient[a] -= weight / distance * of_a;
            for (b, of_b) in face.terms {
                *out.at(a, b) += weight / (distance * distance) * of_a * of_b;
            }
        }
    }
}

/// The longest share of the step, at most the whole, that stays inside and moves no coordinate too far.
fn allowed_share(faces: &[Face], x: &[f64], step: &[f64]) -> f64 {
    let longest = step.iter().fold(0.0, |longest, step| max(longest, abs(*step)));
    let mut share = if longest > STEP_MAX { STEP_MAX / longest } else { 1.0 };
    for face in faces {
        let change: f64 = face.terms.iter().map(|&(i, of)| of * step[i]).sum();
        if change < 0.0 {
            share = min(share, TO_FACE * face.distance(x) / -change);
        }
    }
    share
}

/// Minus the damped matrix's inverse times the gradient, by Cholesky's decomposition; `None` if it is not positive.
fn newton_step(system: &System, damping: f64) -> Option<Vec<f64>> {
    let n = system.gradient.len();
    let mut lower = system.matrix.clone();
    for i in 0..n {
        lower[i * n + i] *= 1.0 + damping;
    }
    for i in 0..n {
        for j in 0..=i {
            let mut sum = lower[i * n + j];
            for k in 0..j {
                sum -= lower[i * n + k] * lower[j * n + k];
            }
            if i == j {
                if !(sum > 0.0 && sum < f64::INFINITY) {
                    return None;
                }
                lower[i * n + i] = sqrt(sum);
            } else {
                lower[i * n + j] = sum / lower[j * n + j];
            }
        }
    }
    let mut step: Vec<f64> = system.gradient.iter().map(|slope| -slope).collect();
    for i in 0..n {
        for k in 0..i {
            step[i] -= lower[i * n + k] * step[k];
        }
        step[i] /= lower[i * n + i];
    }
    for i in (0..n).rev() {
        for k in i + 1..n {
            step[i] -= lower[k * n + i] * step[k];
        }
        step[i] /= lower[i * n + i];
    }
    Some(step)
}

#[cfg(test)]
mod tests;
