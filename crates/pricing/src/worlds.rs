//! The 33 scenario worlds: eleven moves of the spot by three of its volatility.

use crate::math::{exp, max, sqrt};

/// Scenarios of a market.
pub const WORLDS: usize = 33;

/// One number per scenario, spot-major: scenario `3 i + j` is spot node `i` with volatility node `j`.
pub type Worlds = [f64; WORLDS];

/// Nodes and probabilities of the scenario worlds, a constant of a market.
///
/// `sum w = 1` on both axes, `sum w z = 0` and `sum w z^2 = 1` over spot nodes `z`, `sum w g = 1` over variance
/// factors `g`.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "borsh", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Grid {
    /// Spot moves in standard deviations over the horizon, ascending.
    pub spot: [f64; 11],
    /// Probabilities of the spot moves.
    pub spot_weights: [f64; 11],
    /// Factors on the conditional total variance, ascending.
    pub vol: [f64; 3],
    /// Probabilities of the factors.
    pub vol_weights: [f64; 3],
}

impl Grid {
    /// Spot nodes at 0, 1, 2, 3.5, 6 and 10 steps either side with the masses of a Student t(4) between their
    /// midpoints, rescaled to unit variance; factors `e^(a u)` over their mean at `u = -sqrt 3, 0, sqrt 3` with
    /// `a = 0.40`.
    ///
    /// The literals are 50-digit values rounded once, so every identity above holds to 1e-15.
    pub const DEFAULT: Grid = Grid {
        spot: [
            -9.753_672_533_604_643,
            -5.852_203_520_162_786,
            -3.413_785_386_761_625_2,
            -1.950_734_506_720_928_7,
            -0.975_367_253_360_464_4,
            0.0,
            0.975_367_253_360_464_4,
            1.950_734_506_720_928_7,
            3.413_785_386_761_625_2,
            5.852_203_520_162_786,
            9.753_672_533_604_643,
        ],
        spot_weights: [
            0.000_173_945_720_285_267_1,
            0.001_104_558_212_968_105_9,
            0.007_573_645_366_808_721,
            0.041_743_604_309_085_63,
            0.208_663_505_650_111_55,
            0.481_481_481_481_481_45,
            0.208_663_505_650_111_55,
            0.041_743_604_309_085_63,
            0.007_573_645_366_808_721,
            0.001_104_558_212_968_105_9,
            0.000_173_945_720_285_267_1,
        ],
        vol: [0.461_724_161_267_935_16, 0.923_146_535_819_19, 1.845_689_695_455_304_6],
        vol_weights: [1.0 / 6.0, 2.0 / 3.0, 1.0 / 6.0],
    };

    /// The default spot nodes with another standard deviation `a` of log variance, `0 <= a <= 0.6`.
    pub fn with_vol_of_vol(a: f64) -> Grid {
        debug_assert!((0.0..=0.6).contains(&a), "vol of vol {a}");
        let step = exp(a * sqrt(3.0));
        let mean = (1.0 / step + 4.0 + step) / 6.0;
        Grid { vol: [1.0 / (step * mean), 1.0 / mean, step / mean], ..Grid::DEFAULT }
    }

    /// The probability of each scenario, the product of its nodes' weights.
    pub fn weights(&self) -> Worlds {
        let mut weights = [0.0; WORLDS];
        for (s, weight) in weights.iter_mut().enumerate() {
            *weight = self.spot_weights[s / 3] * self.vol_weights[s % 3];
        }
        weights
    }

    /// The largest variance factor, which the butterfly conditions of a surface must survive.
    pub fn g_max(&self) -> f64 {
        max(max(self.vol[0], self.vol[1]), self.vol[2])
    }
}

impl Default for Grid {
    fn default() -> Grid {
        Grid::DEFAULT
    }
}

/// `serde` knows arrays up to 32 elements; this writes 33 as a sequence.
#[cfg(feature = "serde")]
pub mod as_sequence {
    use super::Worlds;
    use alloc::vec::Vec;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    /// Writes the numbers in scenario order.
    pub fn serialize<S: Serializer>(worlds: &Worlds, serializer: S) -> Result<S::Ok, S::Error> {
        worlds.as_slice().serialize(serializer)
    }

    /// Reads exactly 33 numbers.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Worlds, D::Error> {
        let numbers = Vec::<f64>::deserialize(deserializer)?;
        Worlds::try_from(numbers.as_slice())
            .map_err(|_| D::Error::invalid_length(numbers.len(), &"33 numbers"))
    }
}
