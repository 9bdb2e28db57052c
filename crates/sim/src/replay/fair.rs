//! What options are worth to agents: the engine's own marks, on the surface that they believe in.

use cenote_engine::ids::{BoardId, Right};
use cenote_engine::params::MarketRules;
use cenote_engine::quote::{price, ratio, years};
use cenote_engine::state::Board;
use cenote_pricing::math::sqrt;
use cenote_pricing::{BoardInputs, BoardMarks, Grid, InstrumentMark, Surface, TickInputs, mark_board};
use cenote_units::{Price, Timestamp};

/// A surface at an index price and time.
pub struct Fair {
    surface: Surface,
    grid: Grid,
    at: Timestamp,
    /// The index, quote.
    pub spot: f64,
    /// The seven-day vol.
    pub sigma: f64,
    horizon: f64,
    eta: f64,
    window: f64,
}

impl Fair {
    /// Values at a moment on a surface.
    pub fn new(surface: Surface, spot: f64, at: Timestamp, rules: &MarketRules) -> Self {
        Self {
            sigma: surface.sigma_ref(),
            surface,
            grid: Grid::with_vol_of_vol(ratio(rules.vol_of_vol)),
            at,
            spot,
            horizon: years(rules.horizon),
            eta: ratio(rules.variance_share),
            window: years(rules.settlement_window),
        }
    }

    /// Years to an expiry.
    pub fn tau(&self, expiry: Timestamp) -> f64 {
        years(expiry.since(self.at))
    }

    /// Forward of an expiry, quote.
    pub fn forward(&self, expiry: Timestamp) -> f64 {
        self.surface.forward(self.spot, self.tau(expiry))
    }

    /// Standard deviation of the log price to an expiry.
    pub fn deviation(&self, expiry: Timestamp) -> f64 {
        sqrt(self.surface.slice(self.tau(expiry)).theta)
    }

    /// Call and put of a strike.
    pub fn pair(&self, id: &BoardId, board: &Board, strike: Price) -> (InstrumentMark, InstrumentMark) {
        let inputs = TickInputs {
            spot: self.spot,
            sigma_ref: self.sigma,
            horizon: self.horizon,
            eta: self.eta,
            grid: &self.grid,
        };
        let board = BoardInputs {
            tau: self.tau(id.expiry),
            window: self.window,
            average: self.spot,
            floor: price(board.floor),
            cap: price(board.cap),
        };
        let mut marks = BoardMarks::default();
        mark_board(&inputs, &self.surface, &board, &[price(strike)], &mut marks);
        (marks.calls[0], marks.puts[0])
    }

    /// One of the two.
    pub fn mark(&self, id: &BoardId, board: &Board, strike: Price, right: Right) -> InstrumentMark {
        let (call, put) = self.pair(id, board, strike);
        match right {
            Right::Call => call,
            Right::Put => put,
        }
    }
}
