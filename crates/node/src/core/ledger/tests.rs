use super::super::entry::{Deed, Entry, Kind};
use super::{Asked, Ledger, Refusal};
use crate::core::Maker as _;
use crate::market::{PriceConfig, VenueMaker};
use cenote_engine::Command;
use cenote_engine::ids::AccountId;
use cenote_units::{Cash, Timestamp};

fn ledger() -> Ledger {
    let maker = VenueMaker::new(PriceConfig::default()).unwrap();
    let fresh = maker.fresh().unwrap();
    Ledger::new(fresh.genesis, fresh.start).unwrap()
}

fn cash(whole: i128) -> Cash {
    Cash::new(whole * 1_000_000).unwrap()
}

fn deposit(n: u64, amount: i128) -> Deed {
    Deed {
        sender: AccountId::numbered(n),
        funds: cash(amount),
        now: Timestamp::ZERO,
        command: Command::Deposit,
    }
}

#[test]
fn wallets_hold_what_leaves_and_pay_what_comes() {
    let mut ledger = ledger();
    let who = AccountId::numbered(5);
    ledger.deed(&deposit(5, 100)).unwrap();
    let asked = Asked { now: ledger.now, sender: who, account: who, funds: Cash::ZERO, minted: false };
    ledger.carry_out(&asked, &Command::Withdraw { amount: cash(30) }, None).unwrap();
    assert_eq!(ledger.wallets[&who], cash(30));
    let before = ledger.digest;
    let too_much = Asked { funds: cash(31), ..asked };
    let refused = ledger.carry_out(&too_much, &Command::Deposit, None).unwrap_err();
    assert_eq!(refused, Refusal::Wallet { needed: cash(31), available: cash(30) });
    assert_eq!((ledger.digest, ledger.sequence), (before, 2), "a refusal changes nothing");
    ledger.carry_out(&Asked { funds: cash(30), ..asked }, &Command::Deposit, None).unwrap();
    assert_eq!((ledger.wallets[&who], ledger.state.account[&who].cash), (Cash::ZERO, cash(100)));
}

#[test]
fn bytes_and_entries_bring_a_ledger_back() {
    let (mut live, mut again) = (ledger(), ledger());
    for n in 1..20u64 {
        live.deed(&deposit(n, i128::from(n))).unwrap();
        let mut deed = deposit(n, i128::from(n));
        deed.now = live.now;
        let entry =
            Entry { kind: Kind::Host { deeds: vec![deed], life: Some(vec![7]) }, digest: live.digest };
        again.run_again(&entry).unwrap();
        if n == 10 {
            again = Ledger::from_bytes(&again.to_bytes()).unwrap();
        }
    }
    assert_eq!((live.digest, live.sequence), (again.digest, again.sequence));
    assert_eq!(live.state_digest(), again.state_digest());
    // A journal whose amounts were changed is found out.
    let forged = Entry { kind: Kind::Host { deeds: vec![deposit(1, 5)], life: None }, digest: live.digest };
    assert!(again.run_again(&forged).is_err());
}

#[test]
fn going_back_restores_everything_but_the_sequence() {
    let mut ledger = ledger();
    ledger.deed(&deposit(1, 10)).unwrap();
    ledger.save("a");
    let (digest, state, sequence) = (ledger.digest, ledger.state_digest(), ledger.sequence);
    ledger.deed(&deposit(1, 10)).unwrap();
    ledger.save("b");
    assert_ne!(ledger.state_digest(), state);
    for round in 1..=2 {
        ledger.revert("a").unwrap();
        assert_eq!((ledger.digest, ledger.state_digest()), (digest, state));
        assert!(ledger.sequence > sequence, "numbers are never used twice");
        assert_eq!(ledger.saved.keys().collect::<Vec<_>>(), ["a"], "later snapshots are gone, round {round}");
        ledger.deed(&deposit(2, 1)).unwrap();
    }
    assert!(ledger.revert("b").is_err());
}
