//! What a miss costs: the distance of a mark from the middle of its quote, in half-spreads.

/// A loss of the squared miss `r^2`: a share of `r^2 / (1 + r^2 / level^2)`, and perhaps the band,
/// `r^4 / c^2 / (1 + r^4 / c^4)`.
///
/// The first is the square near the middle and `level^2` at most, so no quote that is far off bends the surface (S.
/// Geman and D. McClure, "Statistical methods for tomographic image reconstruction", Bulletin of the ISI 52, 1987).
/// The second is the same function of `r^2`: nearly flat between bid and ask, steepest just outside, level beyond.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Loss {
    /// Share of the first part.
    pub square: f64,
    /// Where it levels off, half-spreads.
    pub level: f64,
    /// Whether the second part counts.
    pub band: bool,
}

/// `c^2`: the second part is steepest at 1.24 half-spreads.
const BAND_SQUARE: f64 = 2.0;

impl Loss {
    /// The loss, and its derivative in the squared miss.
    pub(crate) fn of(&self, miss: f64) -> (f64, f64) {
        let square = miss * miss;
        let share = 1.0 / (1.0 + square / (self.level * self.level));
        let (mut loss, mut slope) = (self.square * square * share, self.square * share * share);
        if self.band {
            let t = square / BAND_SQUARE;
            let share = 1.0 / (1.0 + t * t);
            loss += BAND_SQUARE * t * t * share;
            slope += 2.0 * t * share * share;
        }
        (loss, slope)
    }
}

#[cfg(test)]
mod tests;
