//! One command on one venue, and ways to spoil it.

use cenote_engine::event::EndReason;
use cenote_engine::ids::{AccountId, MarketId, PoolId};
use cenote_engine::{Command, Error, Event, Rejection};
use cenote_sim::fixture::Fixture;
use cenote_units::Cash;

pub const POOL: PoolId = PoolId(0);
pub const FIRST: MarketId = MarketId(0);
pub const SECOND: MarketId = MarketId(1);
pub const NOWHERE: u16 = 77;
/// Who sends what is tried.
pub const TRADER: u64 = 100;
/// Has never held anything.
pub const NOBODY: u64 = 4_000;

pub fn id(n: u64) -> AccountId {
    AccountId::numbered(n)
}

/// A command about to be sent.
#[derive(Clone)]
pub struct Attempt {
    pub f: Fixture,
    pub sender: u64,
    pub principal: Option<u64>,
    pub funds: Cash,
    pub command: Command,
}

impl Attempt {
    pub fn new(f: Fixture, command: Command) -> Self {
        Self { f, sender: TRADER, principal: None, funds: Cash::ZERO, command }
    }

    /// Sends it.
    pub fn send(&mut self) -> Result<(), Rejection> {
        let principal = self.principal.map(id);
        match self.f.venue.run_with(id(self.sender), principal, self.funds, &self.command) {
            Ok(_) => Ok(()),
            Err(Error::Rejected(refusal)) => Err(refusal),
            Err(Error::Fault(fault)) => panic!("{:?} is a fault: {fault:?}", self.command),
        }
    }

    /// Sends an order, and says what became of it at the next tick.
    pub fn fill(&mut self) -> Result<(), Rejection> {
        self.send()?;
        let outcome = self.f.tick(FIRST).expect("a tick");
        for event in outcome.events {
            match event {
                Event::OrderFilled(_) => return Ok(()),
                Event::OrderRested { reason, .. }
                | Event::OrderEnded {
                    reason: EndReason::NotFilled(reason) | EndReason::Dropped(reason),
                    ..
                } => {
                    return Err(reason);
                }
                _ => {}
            }
        }
        panic!("the tick tried no order");
    }
}

/// A way to break one rule: the code it must be refused with, and what it does.
pub type Spoil = (&'static str, fn(&mut Attempt));

/// The place of a code in the order of precedence.
pub fn place(code: &str) -> usize {
    Rejection::CODES.iter().position(|known| *known == code).unwrap_or_else(|| panic!("{code} is no code"))
}

/// Breaks each rule alone, then every two at once; returns the pairs of which the later was named, as
/// `verb: named before expected`.
pub fn pairs(
    verb: &str,
    base: &Attempt,
    spoils: &[Spoil],
    send: fn(&mut Attempt) -> Result<(), Rejection>,
    seen: &mut Vec<&'static str>,
) -> Vec<String> {
    let mut alone = base.clone();
    assert_eq!(send(&mut alone), Ok(()), "{verb}: the base must be carried out");
    let mut wrong = Vec::new();
    for (at, (code, spoil)) in spoils.iter().enumerate() {
        let mut attempt = base.clone();
        spoil(&mut attempt);
        let got = send(&mut attempt).expect_err(code).code();
        assert_eq!(got, *code, "{verb}: spoiled by number {at} alone");
        seen.push(got);
        for (other, also) in &spoils[..at] {
            if other == code {
                continue;
            }
            // In both orders of spoiling: what was set first may have been overwritten by the second.
            let both = [(spoil, also), (also, spoil)].map(|(first, second)| {
                let mut attempt = base.clone();
                first(&mut attempt);
                second(&mut attempt);
                send(&mut attempt).expect_err("two rules are broken").code()
            });
            let (early, late) = if place(code) < place(other) { (*code, *other) } else { (*other, *code) };
            if both.iter().all(|got| *got == late) {
                wrong.push(format!("{verb}: {late} before {early}"));
            } else {
                assert!(both.contains(&early), "{verb}: {code} and {other} gave {both:?}");
            }
        }
    }
    wrong
}
