//! The indifference price of an exponential-utility underwriter over the scenario worlds.

use crate::math::{abs, exp, expm1, ln, ln_ratio, log1p, max};
use crate::worlds::{WORLDS, Worlds};

/// `Phi(L) = b ln sum_s pi_s e^(L_s / b)`, over markets `(1 - c) sum_m Phi(L_m) + c Phi(sum_m L_m)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Potential {
    /// Probability of each scenario, all positive, summing to one.
    pub weights: Worlds,
    /// Quote per unit of exponent: risk tolerance times risk capital, positive.
    pub b: f64,
    /// Share `c` of the joint term, in `[0, 1]`; irrelevant with one market.
    pub comovement: f64,
}

impl Potential {
    /// The potential of the markets' loads, in quote; zero for none. Any finite loads: a world far below
    /// the worst one underflows to no weight.
    pub fn phi(&self, loads: &[Worlds]) -> f64 {
        match loads {
            [] => 0.0,
            [load] => self.phi_one(load),
            _ => {
                let mut apart = 0.0;
                for load in loads {
                    apart += self.phi_one(load);
                }
                (1.0 - self.comovement) * apart + self.comovement * self.phi_one(&sum(loads))
            }
        }
    }

    /// The change of [`Potential::phi`] when `change` is added to the load of one market, accurate relative to
    /// the change itself however small it is.
    ///
    /// # Panics
    /// If `market` is not an index of `loads`.
    pub fn d_phi(&self, loads: &[Worlds], market: usize, change: &Worlds) -> f64 {
        let own = self.d_phi_one(&loads[market], change);
        if loads.len() == 1 {
            return own;
        }
        (1.0 - self.comovement) * own + self.comovement * self.d_phi_one(&sum(loads), change)
    }

    /// The largest `|L_s|` over the markets' loads and, with more than one, their sum.
    pub fn largest_load(&self, loads: &[Worlds]) -> f64 {
        let mut largest = 0.0;
        for load in loads {
            largest = max(largest, largest_in(load));
        }
        if loads.len() > 1 { max(largest, largest_in(&sum(loads))) } else { largest }
    }

    /// The scenario probabilities tilted by a load: `p_s = pi_s e^(L_s / b)`, normalised.
    pub fn tilted(&self, load: &Worlds) -> Worlds {
        let (p, total, _) = self.tilt(load);
        p.map(|p| p / total)
    }

    fn phi_one(&self, load: &Worlds) -> f64 {
        let (_, total, peak) = self.tilt(load);
        peak + self.b * ln(total)
    }

    /// `pi_s e^((L_s - max L) / b)`, their sum, and `max L`.
    fn tilt(&self, load: &Worlds) -> (Worlds, f64, f64) {
        debug_assert!(self.b > 0.0, "risk tolerance {}", self.b);
        let peak = load.iter().copied().fold(load[0], max);
        let mut p = [0.0; WORLDS];
        for s in 0..WORLDS {
            p[s] = self.weights[s] * exp((load[s] - peak) / self.b);
        }
        (p, total(&p), peak)
    }

    fn d_phi_one(&self, load: &Worlds, change: &Worlds) -> f64 {
        let (p, total_before, peak) = self.tilt(load);
        if largest_in(change) < 0.5 * self.b {
            let mut rises = [0.0; WORLDS];
            for s in 0..WORLDS {
                rises[s] = p[s] / total_before * expm1(change[s] / self.b);
            }
            return self.b * log1p(total(&rises));
        }
        // Exponents relative to the load's own peak, so that the scenarios that matter keep their digits.
        let mut moved = [0.0; WORLDS];
        for s in 0..WORLDS {
            moved[s] = (load[s] - peak) / self.b + change[s] / self.b;
        }
        let top = moved.iter().copied().fold(moved[0], max);
        let mut after = [0.0; WORLDS];
        for s in 0..WORLDS {
            after[s] = self.weights[s] * exp(moved[s] - top);
        }
        self.b * (top + ln_ratio(total(&after), total_before))
    }
}

/// The sum left to right, apart from the loop that makes its terms so that that one runs in vectors.
fn total(terms: &Worlds) -> f64 {
    let mut total = 0.0;
    for term in terms {
        total += term;
    }
    total
}

fn sum(loads: &[Worlds]) -> Worlds {
    let mut total = [0.0; WORLDS];
    for load in loads {
        for (total, l) in total.iter_mut().zip(load) {
            *total += l;
        }
    }
    total
}

fn largest_in(load: &Worlds) -> f64 {
    load.iter().fold(0.0, |largest, l| max(largest, abs(*l)))
}
