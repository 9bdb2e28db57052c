//! Random numbers that are the same on every machine.
//!
//! SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014), with
//! logarithms and roots from [`cenote_pricing::math`], whose bits do not depend on the machine.

use borsh::{BorshDeserialize, BorshSerialize};
use cenote_pricing::math::{exp, ln, sqrt};

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A seeded generator.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Rng {
    state: u64,
    spare: Option<f64>,
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Rng {
    /// The generator of a seed and a purpose: streams of one seed do not depend on one another's use.
    #[must_use]
    pub fn new(seed: u64, stream: u64) -> Self {
        Self { state: mix(seed ^ mix(stream.wrapping_mul(GOLDEN).wrapping_add(1))), spare: None }
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// Uniform in `[0, 1)`, in steps of 2^-53.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// True with a probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// Uniform in `0..count`; zero for an empty range. The bias of the multiplication is below `count / 2^64`.
    pub fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.bits()) * count as u128) >> 64) as usize
    }

    /// Standard normal (G. Marsaglia's polar method).
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (u, v) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let s = u * u + v * v;
            if s > 0.0 && s < 1.0 {
                let factor = sqrt(-2.0 * ln(s) / s);
                self.spare = Some(v * factor);
                return u * factor;
            }
        }
    }

    /// Standard logistic.
    pub fn logistic(&mut self) -> f64 {
        let u = self.uniform().clamp(1e-12, 1.0 - 1e-12);
        ln(u / (1.0 - u))
    }

    /// How many events of a Poisson process happen where `mean` are expected; `mean` at most 700.
    pub fn poisson(&mut self, mean: f64) -> usize {
        let least = exp(-mean.clamp(0.0, 700.0));
        let (mut count, mut product) = (0, self.uniform());
        while product > least {
            count += 1;
            product *= self.uniform();
        }
        count
    }
}

#[cfg(test)]
mod tests;
