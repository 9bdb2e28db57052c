//! Old rules that lost money, planted one at a time: each must be caught by the property that stands against it,
//! and nothing may be caught without it.

mod support;

use cenote_engine::canary::{Trap, plant};
use cenote_engine::ids::LegKind;
use cenote_sim::invariants;
use support::lab::{ATTACKER, M0, now, quick, roomy};
use support::{agents, books, leak, liquidity, prices};

/// Sets a trap for as long as it lives.
struct Planted;

impl Planted {
    fn new(trap: Trap) -> Self {
        plant(Some(trap));
        Self
    }
}

impl Drop for Planted {
    fn drop(&mut self) {
        plant(None);
    }
}

/// Runs a check without the trap and with it: it must pass, then fail. Prints what gave the trap away.
fn caught(trap: Trap, check: impl Fn() -> Result<(), String>) {
    check().unwrap_or_else(|what| panic!("without {trap:?}: {what}"));
    let planted = Planted::new(trap);
    let found = check();
    drop(planted);
    match found {
        Ok(()) => panic!("{trap:?} was not caught"),
        Err(what) => println!("{trap:?}: {}", what.chars().take(400).collect::<String>()),
    }
}

fn at_most(what: &str, found: f64, limit: f64) -> Result<(), String> {
    if found <= limit { Ok(()) } else { Err(format!("{what} is {found}, at most {limit} is right")) }
}

#[test]
fn scaled_vectors() {
    caught(Trap::ScaledVectors, || (0..24).try_for_each(|seed| prices::arbitrage(seed, 60).map(drop)));
}

#[test]
fn frozen_utilisation() {
    caught(Trap::FrozenUtilisation, || {
        at_most("the gain of lock and release", liquidity::lock_and_release(0.9)?, 0.0)
    });
}

#[test]
fn free_exit() {
    caught(Trap::FreeExit, || {
        let found = liquidity::deposit_buy_withdraw_sell(9e7, 60, 1);
        at_most("the gain of deposit, buy, withdraw, sell", found.profit, 0.0)?;
        at_most("what the others lose of a share", -found.others, 1e-9)
    });
}

#[test]
fn known_price() {
    caught(Trap::KnownPrice, || {
        let profit = (0..3).map(|seed| agents::stale_price(seed, 120).profit).sum();
        at_most("the gain of a stale price", profit, 0.0)
    });
}

#[test]
fn no_escrow() {
    caught(Trap::NoEscrow, || {
        let mut f = quick(&roomy());
        let leg = f.leg(f.boards(M0)[3], 1.0, LegKind::Call, 1.0);
        now(&mut f, ATTACKER, &[leg]).ok_or("a call can be bought")?;
        match invariants::check(&f.venue.state, f.venue.bank).first() {
            None => Ok(()),
            Some(broken) => Err(format!("{}: {}", broken.name, broken.what)),
        }
    });
}

#[test]
fn rounded_positions() {
    caught(Trap::RoundPositions, || (0..8).try_for_each(|seed| books::settle_in_any_order(seed, 2)));
}

#[test]
fn net_vega_only() {
    caught(Trap::NetVegaOnly, || at_most("what skew does not pay", -prices::skew_spread(), -0.4));
}

#[test]
fn fee_on_premium() {
    caught(Trap::FeeOnPremium, || at_most("what ten pieces save", prices::capped_fee_split() as f64, 0.0));
}

#[test]
fn plain_time() {
    caught(Trap::PlainTime, || at_most("mark over payoff", leak::window_mark(4_000, 3), 1.07));
}

#[test]
fn cancel_first() {
    caught(Trap::CancelFirst, || {
        let profit = (0..3).map(|seed| agents::cancel_the_loser(seed, 120).profit).sum();
        at_most("the gain of cancelling the loser", profit, 0.0)
    });
}
