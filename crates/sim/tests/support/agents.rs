//! Attackers who watch the price, and what they earn.

use super::lab::{ATTACKER, M0, cash, filled, money, order, place, quick};
use cenote_engine::Command;
use cenote_engine::command::{Leg, TimeInForce};
use cenote_engine::ids::{LegKind, OrderId};
use cenote_pricing::math::exp;
use cenote_sim::fixture::{Fixture, Setup};
use cenote_sim::rng::Rng;
use cenote_units::{Cash, Millis};

/// Profit of an attacker in quote, and how many of his orders filled.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Cash gained, all positions closed.
    pub profit: f64,
    /// Orders that filled to open.
    pub fills: usize,
}

const SECOND: f64 = 1.0 / 31_536_000.0;

/// A market in a crash: its surface says 80%, its price moves at 250%.
fn crash() -> Fixture {
    let setup = Setup { vol: 0.8, ..Setup::default() };
    quick(&setup)
}

fn forward(f: &Fixture, size: f64) -> Leg {
    let board = f.boards(M0)[2];
    f.leg(board, 1.0, LegKind::Forward, size)
}

/// Closes what the last order opened, at the next tick, at an unchanged price.
fn close(f: &mut Fixture, leg: Leg) {
    let back = Leg { size: leg.size.negated(), ..leg };
    f.wait(Millis::seconds(1));
    let id = place(f, ATTACKER, vec![back]).expect("a closing order");
    f.wait(Millis::seconds(1));
    let outcome = f.push(M0, f.spots[0]).expect("a tick");
    let early = !f.venue.state.order.contains_key(&id);
    assert!(filled(&outcome, id).is_some() || early, "a position can be closed");
}

/// The price is published once a minute; the attacker sees it move in between, orders in its direction, and asks
/// for his order to be filled at once (`Fill`) before the next price comes.
pub fn stale_price(seed: u64, minutes: usize) -> Look {
    let (mut f, mut rng) = (crash(), Rng::new(seed, 6));
    let start = cash(&f, ATTACKER);
    let mut fills = 0;
    for _ in 0..minutes {
        f.publish(M0).expect("a surface");
        f.wait(Millis::seconds(58));
        let moved = 2.5 * (60.0 * SECOND).sqrt() * rng.normal();
        if moved.abs() > 0.001 && moved.abs() < 0.009 {
            let leg = forward(&f, 4.0 * moved.signum());
            let id = place(&mut f, ATTACKER, vec![leg]).expect("an order");
            let looked = f.run(ATTACKER, &Command::Fill { market: M0 }).expect("a fill");
            let early = filled(&looked, id).is_some();
            f.wait(Millis::seconds(2));
            let spot = f.spots[0] * exp(moved);
            f.spots[0] = spot;
            let outcome = f.push(M0, spot).expect("a tick");
            if early || filled(&outcome, id).is_some() {
                fills += 1;
                close(&mut f, leg);
            }
        } else {
            f.wait(Millis::seconds(2));
            f.spots[0] *= exp(moved.clamp(-0.009, 0.009));
            f.push(M0, f.spots[0]).expect("a tick");
        }
    }
    Look { profit: money(cash(&f, ATTACKER)) - money(start), fills }
}

/// A tick takes ten seconds from its publishing to the chain. The attacker has a buy and a sell order that are due
/// at it; in those seconds he sees where the price goes and cancels the one that will lose.
pub fn cancel_the_loser(seed: u64, rounds: usize) -> Look {
    let (mut f, mut rng) = (crash(), Rng::new(seed, 7));
    let start = cash(&f, ATTACKER);
    let mut fills = 0;
    for _ in 0..rounds {
        f.publish(M0).expect("a surface");
        let sides = [forward(&f, 4.0), forward(&f, -4.0)];
        let ids = sides.map(|leg| place(&mut f, ATTACKER, vec![leg]).expect("an order"));
        f.wait(Millis::seconds(2));
        let published = f.venue.now;
        let spot = f.spots[0];
        f.wait(Millis::seconds(10));
        let moved = (2.5 * (10.0 * SECOND).sqrt() * rng.normal()).clamp(-0.009, 0.009);
        let loser = usize::from(moved > 0.0);
        let mut cancelled = vec![ids[loser]];
        if moved.abs() < 0.0025 {
            cancelled = ids.to_vec();
        }
        for id in &cancelled {
            f.run(ATTACKER, &Command::CancelOrder { order: *id }).expect("a cancel");
        }
        let outcome = deliver(&mut f, spot, published);
        let open: Vec<Leg> =
            (0..2).filter(|i| filled(&outcome, ids[*i]).is_some()).map(|i| sides[i]).collect();
        fills += open.len();
        f.spots[0] = spot * exp(moved);
        let next = f.spots[0];
        f.push(M0, next).expect("a tick");
        if let [leg] = open[..] {
            close(&mut f, leg);
        }
        f.wait(Millis::seconds(60));
    }
    Look { profit: money(cash(&f, ATTACKER)) - money(start), fills }
}

/// Delivers a price that was published earlier.
pub fn deliver(f: &mut Fixture, spot: f64, published_at: cenote_units::Timestamp) -> cenote_engine::Outcome {
    use cenote_engine::command::Report;
    use cenote_engine::ids::AccountId;
    use cenote_sim::fixture::{KEEPER, PUBLISHER, price};
    let report = Report {
        publisher: AccountId::numbered(PUBLISHER),
        price: price(spot),
        confidence: price(spot * 1e-4),
        published_at,
    };
    f.run(KEEPER, &Command::PushPrice { market: M0, reports: vec![report] }).expect("a late tick")
}

/// A resting order until a moment.
pub fn resting(f: &mut Fixture, legs: Vec<Leg>, limit: Cash, length: Millis) -> OrderId {
    let until = f.venue.now.after(length);
    order(f, ATTACKER, legs, limit, TimeInForce::Until(until)).expect("an order")
}
