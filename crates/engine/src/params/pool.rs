//! Parameters of a pool.

use super::table::params;
use crate::error::Rejection;
use alloc::string::String;
use borsh::{BorshDeserialize, BorshSerialize};
use cenote_units::{Cash, Millis, Ratio};

/// A pool's name and rules.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PoolParams {
    /// Shown to people.
    pub name: String,
    /// The numbers.
    pub rules: PoolRules,
}

const fn quote(whole: i128) -> Cash {
    match Cash::new(whole.saturating_mul(1_000_000)) {
        Ok(cash) => cash,
        Err(_) => Cash::ZERO,
    }
}

params! {
    /// How a pool prices its own risk, rations its capital and lets liquidity in and out.
    PoolRules {
        risk_tolerance: Ratio = Ratio::ppm(250_000), Ratio::ppm(50_000), Ratio::ppm(500_000),
            "b as a share of risk capital R: the money the underwriter may lose for one e-fold of dislike. Small b buys a dear hedge from arbitrageurs, large b sells tail risk cheaply.";
        comovement: Ratio = Ratio::ppm(800_000), Ratio::ZERO, Ratio::ppm(1_000_000),
            "c: how far scenarios of the same index hit all markets together; 0.8 is the correlation of BTC and ETH. The plain sum (0) charges about 55% of their joint marginal risk.";
        rent_base: Ratio = Ratio::ZERO, Ratio::ZERO, Ratio::ppm(100_000),
            "r0: rent a year on locked capital at no utilisation. Full collateral for months is dear, so the base must be near zero.";
        rent_slope: Ratio = Ratio::ppm(40_000), Ratio::ZERO, Ratio::ppm(500_000),
            "r1: what the rent has risen by at the kink.";
        rent_steep: Ratio = Ratio::ppm(600_000), Ratio::ZERO, Ratio::ppm(5_000_000),
            "r2: what the rent rises by from the kink to full use; prices scarcity and stops leases from being bought cheap and released dear. At least rent_slope.";
        utilisation_kink: Ratio = Ratio::ppm(700_000), Ratio::ppm(100_000), Ratio::ppm(950_000),
            "U*: obligations over risk capital where the rent steepens. Below utilisation_exit.";
        utilisation_max: Ratio = Ratio::ppm(850_000), Ratio::ppm(200_000), Ratio::ppm(1_000_000),
            "No trade may raise obligations over risk capital beyond this.";
        utilisation_exit: Ratio = Ratio::ppm(750_000), Ratio::ppm(150_000), Ratio::ppm(1_000_000),
            "Exits of liquidity stop here: after a run, those who stay must not sit at the kink.";
        load_max: Ratio = Ratio::ppm(50_000_000), Ratio::ppm(1_000_000), Ratio::ppm(500_000_000),
            "l_max: the most a scenario may weigh, in units of b; beyond it prices are one scenario's.";
        vega_max: Ratio = Ratio::ppm(600), Ratio::ppm(50), Ratio::ppm(20_000),
            "Net vega per 0.01 of vol as a share of risk capital, either sign. Hedged pools die of vega: 58 points in two days at 0.04% cost 2.5% of net asset value.";
        risk_capital_min: Cash = quote(10_000), quote(1), quote(1_000_000_000),
            "Below this equity a pool takes no new risk, and b never shrinks further while positions are open.";
        holding_time: Millis = Millis::days(1), Millis::ZERO, Millis::days(30),
            "How long new shares stay locked after their batch: ends just-in-time entry. Prices do the rest.";
    }
}

impl PoolParams {
    /// Checks bounds and cross-field rules.
    pub fn check(&self) -> Result<(), Rejection> {
        super::check_name(&self.name)?;
        let rules = &self.rules;
        rules.check_bounds()?;
        if rules.utilisation_kink >= rules.utilisation_exit {
            return Err(Rejection::invalid("utilisation_exit", "above utilisation_kink"));
        }
        if rules.utilisation_exit > rules.utilisation_max {
            return Err(Rejection::invalid("utilisation_max", "at least utilisation_exit"));
        }
        if rules.rent_steep < rules.rent_slope {
            return Err(Rejection::invalid("rent_steep", "at least rent_slope"));
        }
        Ok(())
    }
}
