//! Parameters of a market.

use super::table::params;
use crate::error::Rejection;
use crate::ids::AccountId;
use crate::limits;
use alloc::string::String;
use alloc::vec::Vec;
use borsh::{BorshDeserialize, BorshSerialize};
use cenote_units::{Cash, Millis, Price, Ratio};

/// The coarsest price tick: 1,000 quote.
const PRICE_TICK_MAX: u128 = 1_000_000_000_000_000;

/// A market's identity, sources and rules.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MarketParams {
    /// The underlying, shown to people.
    pub name: String,
    /// Whose price reports count, ascending.
    pub publishers: Vec<AccountId>,
    /// Where volatility comes from.
    pub surface: SurfaceSource,
    /// The step of strikes and band edges.
    pub price_tick: Price,
    /// The numbers.
    pub rules: MarketRules,
}

/// Where a market's volatility surface comes from.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum SurfaceSource {
    /// Published by this account.
    Published(AccountId),
    /// Estimated from the price itself: only for assets without an options market.
    Realised(RealisedSmile),
}

/// The configured shape of an estimated surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RealisedSmile {
    /// The vol before any sample has been seen, 0.05 to 5.
    pub initial_vol: Ratio,
    /// Risk premium on vol: 1.20 to 1.25 broke even or better in hedged simulations.
    pub premium: Ratio,
    /// Correlation of every slice, within -0.9 to 0.9.
    pub rho: Ratio,
    /// Slope over the square root of total variance, 0 to 1.
    pub slope: Ratio,
}

impl Default for RealisedSmile {
    fn default() -> Self {
        Self {
            initial_vol: Ratio::ppm(700_000),
            premium: Ratio::ppm(1_200_000),
            rho: Ratio::ppm(-330_000),
            slope: Ratio::ppm(800_000),
        }
    }
}

const fn cash(units: i128) -> Cash {
    match Cash::new(units) {
        Ok(cash) => cash,
        Err(_) => Cash::ZERO,
    }
}

params! {
    /// How a market reads its oracles, marks, charges, guards, lists and settles.
    MarketRules {
        publishers_min: u32 = 1, 1, 16,
            "Fresh reports needed for a tick. Three or more bound what one faulty publisher can do by the spread of the honest ones.";
        report_age_max: Millis = Millis::seconds(30), Millis::seconds(1), Millis::days(1),
            "Older reports do not count. At most settlement_delay, so that no tick can still arrive inside a window that has settled.";
        commit_delay: Millis = Millis::new(1_000), Millis::ZERO, Millis::seconds(600),
            "From an order to the first price it may trade at: the lead of the fastest private feed. One second on a node, two block times on a chain.";
        cancel_timeout: Millis = Millis::seconds(600), Millis::seconds(1), Millis::days(2),
            "Without a tick for this long an order can be ended at once: nobody knows the price that it would have had.";
        horizon: Millis = Millis::days(7), Millis::days(1), Millis::days(30),
            "h: how far the scenarios look. At one day, straddles opened and closed beside others' books leak 5.4% of net asset value; at seven 0.13%.";
        variance_share: Ratio = Ratio::ppm(500_000), Ratio::ppm(10_000), Ratio::ppm(700_000),
            "eta: the share of its own variance that a short board moves by between scenarios. At 0.8 the eleven nodes show through and the fit below 4 days is twice as bad.";
        vol_of_vol: Ratio = Ratio::ppm(400_000), Ratio::ZERO, Ratio::ppm(600_000),
            "a: log scale of the vol nodes; 0.40 is a standard deviation of 0.20 of vol in seven days, above the vol index's own, whose tails are fat.";
        vol_spread: Ratio = Ratio::ppm(7_500), Ratio::ppm(500), Ratio::ppm(100_000),
            "Half-spread in vol at 30 days; max(0.75 points, 0.6 times the surface's rms error). A surface error of 3% costs liquidity 8% a year at 0.5 points and earns 9% at 1.5.";
        gross_share: Ratio = Ratio::ppm(350_000), Ratio::ZERO, Ratio::ppm(1_000_000),
            "zeta: the part of the vol spread charged on gross instead of net vega, so that skew trades pay.";
        vol_age: Ratio = Ratio::ppm(50_000), Ratio::ZERO, Ratio::ppm(500_000),
            "Widens the vol spread with the square root of the surface's age in days: the vol index moves 4.6% a day.";
        leg_min: Ratio = Ratio::ppm(50), Ratio::ZERO, Ratio::ppm(1_000),
            "Least spread of an option leg as a share of the index, at most a quarter of its mark: listed wings quote one basis point.";
        confidence_min: Ratio = Ratio::ppm(300), Ratio::ZERO, Ratio::ppm(10_000),
            "Least half-spread on delta as a share of the index.";
        latency_factor: Ratio = Ratio::ppm(1_000_000), Ratio::ZERO, Ratio::ppm(10_000_000),
            "Standard deviations of the index charged on delta for the time from publishing to execution.";
        fee_notional: Ratio = Ratio::ppm(300), Ratio::ZERO, Ratio::ppm(2_000),
            "Fee as a share of the index.";
        fee_cap: Ratio = Ratio::ppm(100_000), Ratio::ZERO, Ratio::ppm(200_000),
            "Fee at most this share of the mark. With the leg minimum's quarter it stays below half of the mark.";
        fee_insurance: Ratio = Ratio::ppm(100_000), Ratio::ZERO, Ratio::ppm(500_000),
            "Share of fees that goes to insurance.";
        fee_treasury: Ratio = Ratio::ppm(100_000), Ratio::ZERO, Ratio::ppm(500_000),
            "Share of fees that goes to the treasury; liquidity keeps the rest.";
        delta_step_max: Ratio = Ratio::ppm(50_000), Ratio::ppm(1_000), Ratio::ppm(1_000_000),
            "The most the pool's net delta may change within a tick, as a share of risk capital.";
        jump_sigmas: Ratio = Ratio::ppm(6_000_000), Ratio::ppm(2_000_000), Ratio::ppm(50_000_000),
            "Moves beyond this many standard deviations put the market on guard: 75 trips a year for BTC, 0.05% of minutes.";
        jump_floor: Ratio = Ratio::ppm(10_000), Ratio::ppm(1_000), Ratio::ppm(500_000),
            "Moves below this never do.";
        confirmations: u32 = 1, 1, 10,
            "Ticks that must agree with a jump before it counts.";
        guard_timeout: Millis = Millis::seconds(3_600), Millis::seconds(60), Millis::days(2),
            "A jump that is not confirmed for this long is dropped.";
        calm: Millis = Millis::seconds(300), Millis::ZERO, Millis::days(1),
            "For how long after a jump the confidence is charged wider: the next move is 4 to 7 times the ordinary one.";
        calm_factor: Ratio = Ratio::ppm(3_000_000), Ratio::ppm(1_000_000), Ratio::ppm(20_000_000),
            "How much wider.";
        surface_age_max: Millis = Millis::seconds(600), Millis::seconds(10), Millis::days(7),
            "Nothing opens on an older surface.";
        surface_step: Ratio = Ratio::ppm(50_000), Ratio::ppm(1_000), Ratio::ppm(10_000_000),
            "The part of a vol that may always move away from the anchor, the surface of up to an hour ago; more is clipped, and guards the market while it is.";
        surface_step_day: Ratio = Ratio::ppm(1_000_000), Ratio::ZERO, Ratio::ppm(100_000_000),
            "What a vol may move on top, growing with the square root of the anchor's age, a day being one: twice the worst day of the vol index (50%).";
        band_sigmas_up: Ratio = Ratio::ppm(4_000_000), Ratio::ppm(2_000_000), Ratio::ppm(8_000_000),
            "Width of the band above, in standard deviations to expiry: cuts 0.3% of an at-the-money call, 2.6% of a 10-delta one.";
        band_sigmas_down: Ratio = Ratio::ppm(5_000_000), Ratio::ppm(2_000_000), Ratio::ppm(8_000_000),
            "Width of the band below; wider, since a put's worst case does not grow with it as a call's does.";
        band_min: Ratio = Ratio::ppm(405_466), Ratio::ppm(50_000), Ratio::ppm(1_000_000),
            "Least width of either side in logs (ln 1.5): BTC settled outside the larger of this and 5 standard deviations in 0.01% (1 d) to 1.1% (90 d) of cases.";
        band_max_up: Ratio = Ratio::ppm(916_291), Ratio::ppm(100_000), Ratio::ppm(3_000_000),
            "Most width above in logs (ln 2.5), unless 2.5 standard deviations are more.";
        band_max_down: Ratio = Ratio::ppm(1_609_438), Ratio::ppm(100_000), Ratio::ppm(5_000_000),
            "Most width below in logs (ln 5).";
        list_max: Millis = Millis::days(100), Millis::days(1), Millis::days(400),
            "No board is listed further ahead: its band is fixed at listing.";
        list_min: Millis = Millis::seconds(4 * 3_600), Millis::seconds(60), Millis::days(30),
            "No board is listed closer to its expiry. Longer than the settlement window.";
        dailies: u32 = 2, 0, 4, "Daily expiries listed, at 08:00 UTC.";
        weeklies: u32 = 2, 0, 4, "Friday expiries listed.";
        monthlies: u32 = 2, 0, 4, "Last-Friday-of-the-month expiries listed.";
        quarterlies: u32 = 2, 0, 4, "Last-Friday-of-the-quarter expiries listed.";
        strikes_target: u32 = 16, 4, 32,
            "About how many strikes span the listed range; the step is the next one of the grid 1, 2, 2.5, 5.";
        strike_sigmas: Ratio = Ratio::ppm(1_650_000), Ratio::ppm(500_000), Ratio::ppm(3_500_000),
            "How far strikes reach from the forward, in standard deviations to expiry: 1.65 is a delta of 0.05.";
        settlement_window: Millis = Millis::seconds(1_800), Millis::seconds(60), Millis::days(1),
            "The settlement price is the time-weighted average over this long before expiry.";
        settlement_delay: Millis = Millis::seconds(600), Millis::seconds(1), Millis::days(7),
            "Without a tick after expiry the average can be closed this long after it.";
        tick_gap_max: Millis = Millis::seconds(300), Millis::seconds(1), Millis::days(1),
            "A longer silence inside a settlement window is recorded with the settlement.";
        fills_per_tick: u32 = 64, 1, 64,
            "Orders that one command tries at one tick; the rest wait for the next command, in order.";
        keeper_fee: Cash = cash(1_000), Cash::ZERO, cash(100_000_000),
            "Paid by an order for each tick that tries it, to whoever delivered the tick; what occupies the queue pays for it.";
    }
}

impl MarketParams {
    /// Checks bounds and cross-field rules.
    pub fn check(&self) -> Result<(), Rejection> {
        super::check_name(&self.name)?;
        self.rules.check_bounds()?;
        self.check_sources()?;
        self.check_relations()
    }

    fn check_sources(&self) -> Result<(), Rejection> {
        let count = self.publishers.len();
        if count == 0 || count > limits::PUBLISHERS {
            return Err(Rejection::invalid("publishers", "1 to 16 of them"));
        }
        if !self.publishers.is_sorted_by(|a, b| a < b) {
            return Err(Rejection::invalid("publishers", "ascending, each once"));
        }
        if usize::try_from(self.rules.publishers_min).unwrap_or(usize::MAX) > count {
            return Err(Rejection::invalid("publishers_min", "at most the number of publishers"));
        }
        if self.price_tick.is_zero() || self.price_tick.get() > PRICE_TICK_MAX {
            return Err(Rejection::invalid("price_tick", "more than zero, at most 1,000 quote"));
        }
        if let SurfaceSource::Realised(smile) = &self.surface {
            let within = |x: Ratio, low: i32, high: i32| Ratio::ppm(low) <= x && x <= Ratio::ppm(high);
            if !within(smile.initial_vol, 50_000, 5_000_000) {
                return Err(Rejection::invalid("initial_vol", "0.05 to 5"));
            }
            if !within(smile.premium, 1_000_000, 2_000_000) {
                return Err(Rejection::invalid("premium", "1 to 2"));
            }
            if !within(smile.rho, -900_000, 900_000) || !within(smile.slope, 0, 1_000_000) {
                return Err(Rejection::invalid("smile", "rho within -0.9 to 0.9, slope within 0 to 1"));
            }
        }
        Ok(())
    }

    fn check_relations(&self) -> Result<(), Rejection> {
        let rules = &self.rules;
        if rules.report_age_max > rules.settlement_delay {
            return Err(Rejection::invalid("settlement_delay", "at least report_age_max"));
        }
        if rules.list_min <= rules.settlement_window {
            return Err(Rejection::invalid("list_min", "longer than settlement_window"));
        }
        if rules.list_max <= rules.list_min {
            return Err(Rejection::invalid("list_max", "longer than list_min"));
        }
        if rules.band_max_up < rules.band_min || rules.band_max_down < rules.band_min {
            return Err(Rejection::invalid("band_min", "at most band_max_up and band_max_down"));
        }
        let fees = rules.fee_insurance.plus(rules.fee_treasury)?;
        if fees > Ratio::ONE {
            return Err(Rejection::invalid("fee_treasury", "with fee_insurance at most all of the fee"));
        }
        // A leg's own charges stay below half of its mark: its fee, its minimum spread, nothing else scales.
        if rules.fee_cap.plus(Ratio::ppm(250_000))? > Ratio::ppm(500_000) {
            return Err(Rejection::invalid("fee_cap", "at most 0.25"));
        }
        let boards = [rules.dailies, rules.weeklies, rules.monthlies, rules.quarterlies]
            .iter()
            .fold(0u32, |sum, n| sum.saturating_add(*n));
        if usize::try_from(boards).unwrap_or(usize::MAX) > limits::BOARDS {
            return Err(Rejection::invalid("dailies", "with weeklies, monthlies and quarterlies at most 16"));
        }
        Ok(())
    }
}
