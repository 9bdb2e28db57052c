//! What every price of a market needs at its tick in force.

use super::scale::{days, price, ratio, years};
use crate::canary::{Trap, planted};
use crate::error::Rejection;
use crate::ids::BoardId;
use crate::params::MarketRules;
use crate::state::{Board, Market, Strike, Tick};
use crate::work::Work;
use crate::working::MarksVersion;
use alloc::sync::Arc;
use alloc::vec::Vec;
use cenote_pricing::{
    BoardInputs, BoardMarks, Grid, MarkGreeks, Node, Surface, TickInputs, display_greeks, mark_board,
};
use cenote_units::{Millis, Timestamp};

/// A market's constants between two ticks.
pub(crate) struct Desk {
    pub rules: MarketRules,
    pub tick: Tick,
    /// Index price, quote.
    pub spot: f64,
    /// Seven-day vol of the surface in force.
    pub sigma_ref: f64,
    /// Half-width charged on delta, as a share of the index.
    pub confidence: f64,
    /// Days since the surface was published, at the tick.
    pub surface_age: f64,
    surface: Surface,
    grid: Grid,
}

impl Desk {
    /// The desk at the tick in force.
    pub fn new(market: &Market, rules: &MarketRules, id: crate::ids::MarketId) -> Result<Self, Rejection> {
        let (Some(tick), Some(surface)) = (&market.tick, &market.surface) else {
            return Err(Rejection::NoPrice { market: id });
        };
        let spot = price(tick.price);
        let nodes: Vec<Node> = surface.nodes.iter().map(super::surface::node_of).collect();
        let nodes = Surface::new(nodes);
        let quoted = price(tick.confidence) / spot;
        let least = ratio(rules.confidence_min);
        let calm = if tick.published_at < market.calm_until { ratio(rules.calm_factor) } else { 1.0 };
        Ok(Self {
            spot,
            sigma_ref: nodes.sigma_ref(),
            confidence: if quoted > least { quoted } else { least } * calm,
            surface_age: days(tick.published_at.since(surface.published_at)),
            surface: nodes,
            grid: Grid::with_vol_of_vol(ratio(rules.vol_of_vol)),
            rules: rules.clone(),
            tick: tick.clone(),
        })
    }

    /// Forward of an expiry, before any averaging.
    pub fn forward(&self, expiry: Timestamp) -> f64 {
        self.surface.forward(self.spot, self.tau(expiry))
    }

    /// Standard deviation of the log price to an expiry.
    pub fn deviation(&self, expiry: Timestamp) -> f64 {
        cenote_pricing::math::sqrt(self.surface.slice(self.tau(expiry)).theta)
    }

    /// Years from the tick to an expiry.
    pub fn tau(&self, expiry: Timestamp) -> f64 {
        years(expiry.since(self.tick.published_at))
    }

    /// Time left from the tick to an expiry.
    pub fn left(&self, expiry: Timestamp) -> Millis {
        expiry.since(self.tick.published_at)
    }

    fn inputs<'a>(&'a self) -> TickInputs<'a> {
        TickInputs {
            spot: self.spot,
            sigma_ref: self.sigma_ref,
            horizon: years(self.rules.horizon),
            eta: ratio(self.rules.variance_share),
            grid: &self.grid,
        }
    }

    /// Marks of every series of a board: a pure function of parameters, surface, tick and the average so far.
    pub fn compute(&self, id: &BoardId, board: &Board) -> BoardMarks {
        let strikes: Vec<f64> = board.strikes.iter().map(|s| price(s.price)).collect();
        let inputs = self.board_inputs(id, board);
        let mut marks = BoardMarks::default();
        mark_board(&self.inputs(), &self.surface, &inputs, &strikes, &mut marks);
        if planted(Trap::ScaledVectors) {
            self.scale_vectors(&inputs, &strikes, &mut marks);
        }
        marks
    }

    fn board_inputs(&self, id: &BoardId, board: &Board) -> BoardInputs {
        let covered = u128::from(board.window.covered.get());
        let average = board.window.weighted.checked_div(covered);
        BoardInputs {
            tau: self.tau(id.expiry),
            window: if planted(Trap::PlainTime) { 0.0 } else { years(self.rules.settlement_window) },
            average: average.map_or(self.spot, |a| super::scale::count(a) / 1e12),
            floor: price(board.floor),
            cap: price(board.cap),
        }
    }

    /// Sensitivities of marks of a board, call and put of each strike that is asked for, by marking again: for display. What one strike's are does not
    /// depend on which others are asked for.
    pub fn greeks<'a>(
        &self,
        id: &BoardId,
        board: &Board,
        strikes: impl IntoIterator<Item = &'a Strike>,
    ) -> Vec<[MarkGreeks; 2]> {
        let strikes: Vec<f64> = strikes.into_iter().map(|s| price(s.price)).collect();
        display_greeks(&self.inputs(), &self.surface, &self.board_inputs(id, board), &strikes)
    }

    /// The old rule of [`Trap::ScaledVectors`]: the mark is Black's price on the slice, and every world's price of
    /// the side out of the money is scaled by what that is of their mean.
    fn scale_vectors(&self, inputs: &BoardInputs, strikes: &[f64], marks: &mut BoardMarks) {
        if inputs.tau <= 0.0 {
            return;
        }
        let (slice, forward) = (self.surface.slice(inputs.tau), marks.forward);
        let variance = |strike: f64| slice.w(cenote_pricing::math::ln(strike / forward));
        let call = |strike: f64| cenote_pricing::black::call(forward, strike, variance(strike));
        let put = |strike: f64| cenote_pricing::black::put(forward, strike, variance(strike));
        let (cap, floor) = (call(inputs.cap), put(inputs.floor));
        for (strike, (c, p)) in strikes.iter().zip(marks.calls.iter_mut().zip(marks.puts.iter_mut())) {
            // The side out of the money is scaled, the other follows by parity in each world.
            let (otm, other, price) =
                if *strike >= forward { (c, p, call(*strike) - cap) } else { (p, c, put(*strike) - floor) };
            let scale = if otm.mark > 0.0 { price / otm.mark } else { 1.0 };
            other.mark += price - otm.mark;
            otm.mark = price;
            for (l, follows) in otm.worlds.iter_mut().zip(other.worlds.iter_mut()) {
                *follows += *l * (scale - 1.0);
                *l *= scale;
            }
        }
    }

    /// Those marks, from the host's memo when it has them.
    pub fn marks(&self, work: &mut Work<'_>, id: &BoardId) -> Option<Arc<BoardMarks>> {
        let state = work.state;
        let board = work.set.board.get(id)?;
        let version = MarksVersion { tick: self.tick.number, revision: board.revision };
        if let Some(kept) = state.marks(id, version) {
            return Some(kept);
        }
        let marks = Arc::new(self.compute(id, board));
        state.keep_marks(id, version, &marks);
        Some(marks)
    }

    /// Half-spread in vol of a board: constant in price, so wide in vol when little time is left.
    pub fn vol_spread(&self, expiry: Timestamp) -> f64 {
        let rules = &self.rules;
        let drift = cenote_pricing::math::sqrt(self.surface_age);
        let month = 30.0 / 365.0 / self.tau(expiry);
        let tenor = cenote_pricing::math::sqrt(month).clamp(0.5, 5.5);
        (ratio(rules.vol_spread) + ratio(rules.vol_age) * self.sigma_ref * drift) * tenor
    }

    /// What a unit of delta pays, as a share of the index, for the time since the price was published.
    pub fn latency(&self, now: Timestamp) -> f64 {
        let wait = years(now.since(self.tick.published_at));
        ratio(self.rules.latency_factor) * self.sigma_ref * cenote_pricing::math::sqrt(wait)
    }
}
