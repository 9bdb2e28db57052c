//! Questions that nobody in their right mind asks.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // A host has a clock and files.

mod support;

use cenote_api::Address;
use cenote_api::event::What;
use cenote_engine::ids::AccountId;
use cenote_history::{
    CANDLES_MAX, DAYS_MAX, Export, History, HistoryError, PAGE_MAX, POINTS_MAX, Resolution, TradesOf,
};
use support::{Life, Owned, apply, in_memory};

#[test]
fn every_cursor_limit_and_name_is_answered_within_bounds() {
    let steps = Life::new(41).walk(300, true).steps;
    let (full, empty) = (in_memory(), in_memory());
    apply(&full, &steps);
    let numbers = [0, 1, 2, 255, 1 << 32, u64::MAX - 1, u64::MAX];
    let nobody = Address(AccountId([0xff; 32]));
    let long = "M0".repeat(200);
    let names = ["", "M0", "M0\0", "\0", "M", "M0-", long.as_str(), "\u{10ffff}", "M0-27MAR26-100000-C"];
    let accounts = [nobody, Address(AccountId::default()), Address(AccountId::numbered(100))];
    for history in [&full, &empty] {
        for number in numbers {
            history.step(number).expect("an answer");
            history.order(number).expect("an answer");
            for limit in [0, 1, usize::MAX] {
                for name in names {
                    let page = history.events(number, limit, Some(name)).expect("an answer");
                    assert!(page.events.is_empty(), "{name:?} is no kind");
                    assert!(page.next_seq >= number);
                    for of in [TradesOf::Series(name), TradesOf::Market(name)] {
                        let page = history.trades(of, Some(number), limit).expect("an answer");
                        assert!(page.trades.len() <= limit.clamp(1, PAGE_MAX));
                        assert!(page.trades.iter().all(|trade| trade.instrument_name.starts_with(name)));
                    }
                    let page = history.settlements(name, Some(number), limit).expect("an answer");
                    let is_of =
                        |what: &What| matches!(what, What::BoardSettled { market, .. } if market == name);
                    assert!(page.events.iter().all(|event| is_of(&event.what)));
                }
                let page = history.events(number, limit, None).expect("an answer");
                assert!(page.events.iter().all(|event| event.seq >= number));
                for account in accounts {
                    let orders = history.orders_of(account, Some(number), limit).expect("an answer").orders;
                    assert!(orders.len() <= limit.clamp(1, PAGE_MAX));
                    assert!(orders.iter().all(|order| order.order < number));
                    let fills = history.fills_of(account, Some(number), limit).expect("an answer").fills;
                    assert!(fills.iter().all(|fill| fill.seq < number));
                    let closed = history.closed(account, Some(number), limit).expect("an answer").positions;
                    assert!(closed.iter().all(|closed| closed.seq < number));
                    history.events_of(account, number, limit).expect("an answer");
                    history.settlements_of(account, Some(number), limit).expect("an answer");
                }
            }
            for other in numbers {
                spans_are_answered(history, nobody, (number, other));
            }
        }
        for name in names {
            assert_eq!(history.position(nobody, name), Ok(None));
        }
        assert_eq!(history.positions(nobody), Ok(Vec::new()));
    }
    for text in ["", "0", "2", "1d ", "60m", "-1", "9999999999999999999999"] {
        assert_eq!(Resolution::parse(text), None, "{text:?}");
    }
}

fn spans_are_answered(history: &History, nobody: Address, (from, to): (u64, u64)) {
    for (text, _) in Resolution::ALL {
        let resolution = Resolution::parse(text).expect("a resolution");
        let candles = history.index_candles("M0", resolution, from, to).expect("an answer");
        assert!(candles.ticks.len() <= CANDLES_MAX);
        history.trade_candles("M0\0", resolution, from, to).expect("an answer");
    }
    for points in [0, 1, usize::MAX] {
        assert!(history.nav(0, from, to, points).expect("an answer").points.len() <= POINTS_MAX);
        assert!(history.nav(u16::MAX, from, to, points).expect("an answer").points.is_empty());
    }
    assert!(history.daily(from, to).expect("an answer").len() <= DAYS_MAX);
    for export in [Export::Fills, Export::Nav, Export::Events] {
        for whose in [None, Some(nobody)] {
            history.export(export, from, to, whose).expect("rows").for_each(|row| drop(row.expect("a row")));
        }
    }
}

#[test]
fn pages_are_never_longer_than_the_longest() {
    let steps = Life::new(42).walk(900, false).steps;
    let history = in_memory();
    apply(&history, &steps);
    let events: usize = steps.iter().map(|step| step.events.len()).sum();
    let most = steps.iter().map(|step| step.events.len()).max().unwrap_or(0);
    assert!(events > PAGE_MAX + most, "too little happened: {events}");
    let page = history.events(0, usize::MAX, None).expect("a page");
    assert!(page.has_more && (PAGE_MAX..PAGE_MAX + most).contains(&page.events.len()));
}

/// Goes back to a number that the named snapshots do not reach.
#[test]
fn a_way_back_that_nothing_remembers_is_refused() {
    let mut life = Life::new(43).walk(40, false);
    let spoiled = |life: &Life, to: u64| -> Vec<Owned> {
        let mut steps = life.steps.clone();
        let last = steps.last_mut().expect("a step");
        let What::Reverted { to_seq, .. } = &mut last.events[0].what else {
            panic!("the last step goes back")
        };
        *to_seq = to;
        steps
    };
    life.save();
    let saved = life.steps.last().expect("a step").seq;
    life = life.walk(30, false);
    life.revert(0);
    let last = life.steps.last().expect("a step").seq;
    for (to, is_reached) in [
        (0, false),
        (saved - 2, false),
        (saved - 1, true),
        (saved, true),
        (last - 1, true),
        (last, false),
        (u64::MAX, false),
    ] {
        let history = in_memory();
        let steps = spoiled(&life, to);
        let (way_back, before) = steps.split_last().expect("steps");
        apply(&history, before);
        match history.apply(&[way_back.step()]) {
            Ok(()) => assert!(is_reached, "{to}"),
            Err(error) => {
                assert!(!is_reached && matches!(error, HistoryError::Unfit { .. }), "{to}: {error}")
            }
        }
    }
    let history = in_memory();
    let mut never: Vec<Owned> = life.steps.clone();
    never.retain(|step| {
        !matches!(step.events[..], [cenote_api::ApiEvent { what: What::SnapshotTaken { .. }, .. }])
    });
    let steps: Vec<_> = never.iter().map(Owned::step).collect();
    let refused = history.apply(&steps).expect_err("no snapshot was taken");
    assert!(refused.to_string().contains("no named snapshot"), "{refused}");
}
