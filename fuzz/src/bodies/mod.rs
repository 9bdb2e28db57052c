//! What each target promises for every input: no panic, no fault, no broken invariant, no number that is none.

mod kernels;
mod sequence;

pub use kernels::kernels;
pub use sequence::{command_bytes, command_sequence};

use std::path::Path;

/// Reads bytes as the option chain of a currency: a chain or an error that names the place.
pub fn chain_file(data: &[u8]) {
    let path = Path::new("fuzzed.csv");
    match cenote_calibrate::chain::read_from(data, path, "BTC") {
        Ok(chain) => assert!(!chain.expiries.is_empty(), "an empty chain was believed"),
        Err(error) => assert!(error.to_string().contains("fuzzed.csv"), "{error} names no file"),
    }
}

/// Reads bytes as a price tape: a tape whose ticks rise in time, or an error that names the file.
pub fn tape_file(data: &[u8]) {
    let path = std::env::temp_dir().join(format!("cenote-fuzz-{}.csv", std::process::id()));
    std::fs::write(&path, data).expect("the temporary directory can be written");
    match cenote_sim::tape::read(&path) {
        Ok(tape) => {
            assert!(tape.ticks.is_sorted_by(|a, b| a.at < b.at), "ticks out of order were believed");
            assert!(tape.ticks.iter().all(|tick| !tick.price.is_zero()), "a price of zero was believed");
        }
        Err(error) => assert!(error.to_string().contains("cenote-fuzz"), "{error} names no file"),
    }
    // What is left behind is overwritten by the next input.
    let _ = std::fs::remove_file(&path);
}

/// Numbers from bytes; zeros when they have run out.
pub struct Bytes<'a>(pub &'a [u8]);

impl Bytes<'_> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    pub fn below(&mut self, count: usize) -> usize {
        if count > 256 { self.word() as usize % count } else { usize::from(self.byte()) % count.max(1) }
    }

    pub fn word(&mut self) -> u32 {
        u32::from_le_bytes([(); 4].map(|()| self.byte()))
    }

    /// Evenly in `[low, high]`, in steps of 2^-32 of the range.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (f64::from(self.word()) / f64::from(u32::MAX))
    }

    /// Evenly in the logarithm.
    pub fn scale(&mut self, low: f64, high: f64) -> f64 {
        use cenote_pricing::math::{exp, ln};
        exp(self.between(ln(low), ln(high))).clamp(low, high)
    }
}
