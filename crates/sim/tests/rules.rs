//! Rules of prices, expiry and listing, by number, against numbers worked out by hand.

use cenote_engine::command::Report;
use cenote_engine::ids::{AccountId, BoardId, LegKind, MarketId};
use cenote_engine::{Command, Event, Outcome, Rejection};
use cenote_sim::fixture::{Fate, Fixture, KEEPER, START_MS, TRADER, fate, price};
use cenote_units::{Cash, Millis, Price, Timestamp};

const M: MarketId = MarketId(0);
/// The fixture's index in 1e-12 quote.
const BASE: u128 = 100_000_000_000_000_000;

/// A market with so many publishers, numbered from 1,000, all of which are needed.
fn with_publishers(count: u64) -> Fixture {
    let mut f = Fixture::standard();
    let params = f.venue.state.market_params.get_mut(&M).expect("a market");
    params.publishers = (0..count).map(|n| AccountId::numbered(1_000 + n)).collect();
    params.rules.publishers_min = count as u32;
    f.venue.state.market.get_mut(&M).expect("a market").reports.clear();
    f.wait(Millis::seconds(40));
    f
}

fn report(f: &Fixture, n: u64, offset: u128, confidence: u128, age_ms: u64) -> Report {
    Report {
        publisher: AccountId::numbered(1_000 + n),
        price: Price::new(BASE + offset).expect("a price"),
        confidence: Price::new(confidence).expect("a confidence"),
        published_at: f.venue.now.before(Millis::new(age_ms)),
    }
}

fn push(f: &mut Fixture, reports: Vec<Report>) -> Outcome {
    f.run(KEEPER, &Command::PushPrice { market: M, reports }).expect("reports are taken")
}

/// Each event of a push as a letter: ticked, held, dropped, kept.
fn letters(outcome: &Outcome) -> String {
    let letter = |event: &Event| match event {
        Event::Ticked(_) => Some('T'),
        Event::JumpHeld { .. } => Some('H'),
        Event::JumpDropped { .. } => Some('D'),
        Event::ReportsKept { .. } => Some('K'),
        _ => None,
    };
    outcome.events.iter().filter_map(letter).collect()
}

#[test]
fn p1_median_quartiles_and_the_earliest_time() {
    // (price above 100,000 in 1e-12, confidence, age in ms) each; then what comes out.
    type Row = (&'static [(u128, u128, u64)], (u128, u128, u64));
    let table: &[Row] = &[
        (&[(7, 5, 10)], (7, 5, 10)),
        (&[(10, 3, 10), (21, 8, 30)], (15, 5, 30)),
        (&[(30, 1, 10), (0, 9, 20), (12, 2, 5)], (12, 15, 20)),
        (&[(40, 1, 1), (10, 2, 1), (21, 1, 9), (0, 2, 1)], (15, 20, 9)),
        (&[(40, 1, 1), (10, 100, 1), (21, 1, 9), (0, 100, 1)], (15, 50, 9)),
        (&[(0, 0, 1), (10, 0, 2), (20, 0, 3), (30, 0, 4), (40, 0, 5)], (20, 10, 5)),
    ];
    for (reports, (offset, confidence, age)) in table {
        let mut f = with_publishers(reports.len() as u64);
        let sent = (0..).zip(*reports).map(|(n, (o, c, a))| report(&f, n, *o, *c, *a)).collect();
        assert_eq!(letters(&push(&mut f, sent)), "T");
        let tick = f.venue.state.market[&M].tick.clone().expect("a tick");
        let got =
            (tick.price.get() - BASE, tick.confidence.get(), f.venue.now.since(tick.published_at).get());
        assert_eq!(got, (*offset, *confidence, *age), "{reports:?}");
    }
}

#[test]
fn p1_reports_count_while_they_are_fresh_and_only_later_ones_replace() {
    let mut f = with_publishers(2);
    let first = report(&f, 0, 5, 0, 0);
    assert_eq!(letters(&push(&mut f, vec![first])), "K", "one of two");
    f.wait(Millis::new(30_001));
    let second = report(&f, 1, 5, 0, 0);
    assert_eq!(letters(&push(&mut f, vec![second])), "K", "the first is too old by a millisecond");
    let earlier = report(&f, 1, 900, 0, 10);
    let again = report(&f, 0, 7, 0, 0);
    assert_eq!(letters(&push(&mut f, vec![earlier, again])), "T");
    let tick = f.venue.state.market[&M].tick.clone().expect("a tick");
    assert_eq!(tick.price.get() - BASE, 6, "the earlier report of the second publisher is ignored");
}

#[test]
fn p3_jumps_are_held_confirmed_dropped_replaced_and_time_out() {
    // Confirmations needed; then (seconds waited, price, events) one after another.
    type Row = (u32, &'static [(u64, f64, &'static str)]);
    let table: &[Row] = &[
        (1, &[(2, 100_500.0, "T"), (2, 99_900.0, "T")]),
        (1, &[(2, 110_000.0, "H"), (2, 110_000.0, "TT")]),
        (1, &[(2, 110_000.0, "H"), (2, 100_000.0, "DT")]),
        (1, &[(2, 110_000.0, "H"), (2, 120_000.0, "DH"), (2, 120_100.0, "TT")]),
        (1, &[(2, 110_000.0, "H"), (3_601, 110_000.0, "DH"), (2, 110_000.0, "TT")]),
        (1, &[(2, 110_000.0, "H"), (3_600, 110_000.0, "TT")]),
        (3, &[(2, 110_000.0, "H"), (2, 110_000.0, ""), (2, 110_000.0, ""), (2, 110_000.0, "TT")]),
        (2, &[(2, 110_000.0, "H"), (2, 110_000.0, ""), (2, 100_000.0, "DT"), (2, 110_000.0, "H")]),
    ];
    for (confirmations, steps) in table {
        let mut f = Fixture::standard();
        f.venue.state.market_params.get_mut(&M).expect("a market").rules.confirmations = *confirmations;
        for (seconds, spot, expected) in *steps {
            f.wait(Millis::seconds(*seconds));
            let outcome = f.push(M, *spot).expect("a report is taken");
            assert_eq!(letters(&outcome), *expected, "{confirmations} needed, {steps:?}, at {spot}");
        }
    }
}

#[test]
fn p3_a_held_price_marks_and_fills_nothing() {
    let mut f = Fixture::standard();
    f.fund(TRADER, 50_000.0);
    let board = f.boards(M)[2];
    f.place(TRADER, vec![f.leg(board, 1.0, LegKind::Call, 0.1)]).expect("an order");
    let before = f.venue.state.pool.clone();
    f.wait(Millis::seconds(2));
    let outcome = f.push(M, 120_000.0).expect("a jump");
    assert_eq!(fate(&outcome), None);
    assert_eq!(f.venue.state.pool, before);
    f.wait(Millis::seconds(2));
    let outcome = f.push(M, 120_000.0).expect("its confirmation");
    assert_eq!(letters(&outcome), "TT");
    let Some(Fate::Filled(fill)) = fate(&outcome) else { panic!("the order fills after the confirmation") };
    assert_eq!(fill.tick, f.venue.state.market[&M].tick.clone().expect("a tick").number);
}

#[test]
fn p4_a_clipped_surface_guards_until_a_publish_is_not_clipped() {
    let mut f = Fixture::standard();
    f.fund(TRADER, 100_000.0);
    let board = f.boards(M)[2];
    let open = vec![f.leg(board, 1.0, LegKind::Call, 0.2)];
    let close = vec![f.leg(board, 1.0, LegKind::Call, -0.1)];
    let _ = f.trade(TRADER, open.clone()).expect("an order").filled();
    f.vol = 0.9;
    f.publish(M).expect("clipped, not refused");
    f.tick(M).expect("a tick");
    assert!(f.venue.state.market[&M].surface.as_ref().expect("a surface").clipped);
    let refusal = f.trade(TRADER, open.clone()).expect("an order").refused();
    assert!(matches!(refusal, Rejection::Guarded { .. }), "{refusal}");
    let closed = f.trade(TRADER, close).expect("an order");
    let lowers = matches!(closed, Fate::Filled(_));
    assert!(lowers, "{closed:?}");
    f.vol = 0.5;
    f.refresh();
    let _ = f.trade(TRADER, open).expect("an order").filled();
}

/// Puts a price just before the window of the first board, then at seconds after its start.
fn window(f: &mut Fixture, ticks: &[(u64, f64)]) -> BoardId {
    let board = f.boards(M)[0];
    let start = board.expiry.before(Millis::seconds(1_800));
    f.wait(start.before(Millis::seconds(5)).since(f.venue.now));
    f.push(M, 100_000.0).expect("a price before the window");
    for (second, spot) in ticks {
        f.wait(start.after(Millis::seconds(*second)).since(f.venue.now));
        let outcome = f.push(M, *spot).expect("a price in the window");
        assert_eq!(letters(&outcome), "T");
    }
    board
}

fn settled(outcome: &Outcome) -> Option<(Price, Millis, bool)> {
    outcome.events.iter().find_map(|event| match event {
        Event::BoardSettled { price, silence, stale, .. } => Some((*price, *silence, *stale)),
        _ => None,
    })
}

#[test]
fn e1_e2_the_average_by_hand() {
    // Ticks at seconds into the window of 1,800; the average; the longest silence in seconds.
    type Row = (&'static [(u64, f64)], f64, u64);
    let table: &[Row] = &[
        (&[(600, 101_000.0), (1_200, 100_500.0)], (100_000.0 + 101_000.0 + 100_500.0) / 3.0, 600),
        (&[(900, 101_000.0)], 100_500.0, 900),
        (&[(0, 100_900.0)], 100_900.0, 1_800),
        (&[(1_799, 100_900.0)], 100_000.5, 1_799),
        (&[(450, 100_400.0), (900, 100_800.0), (1_350, 100_400.0)], 100_400.0, 450),
    ];
    for (ticks, average, silence) in table {
        let mut f = Fixture::standard();
        let board = window(&mut f, ticks);
        f.wait(board.expiry.since(f.venue.now));
        // The price at expiry closes the window and has no weight.
        let outcome = f.push(M, 100_000.0).expect("the price at expiry");
        let (got, quiet, stale) = settled(&outcome).expect("it settles at the first tick from expiry on");
        let off = got.get().abs_diff(price(*average).get());
        assert!(off <= 1_000_000, "{ticks:?}: {got}, not {average}");
        assert_eq!((quiet, stale), (Millis::seconds(*silence), false), "{ticks:?}");
    }
}

#[test]
fn e3_an_empty_window_takes_the_price_in_force_and_waits_for_its_delay() {
    let mut f = Fixture::standard();
    let board = window(&mut f, &[]);
    f.wait(board.expiry.since(f.venue.now));
    f.wait(Millis::seconds(5));
    let outcome = f.push(M, 101_000.0).expect("a price after expiry");
    assert_eq!(settled(&outcome), None, "nothing was seen in the window");
    let at = board.expiry.after(Millis::seconds(600));
    f.wait(at.before(Millis::new(1)).since(f.venue.now));
    let refusal = f.run(TRADER, &Command::Settle { board }).expect_err("a millisecond early");
    assert_eq!(refusal, Rejection::NotSettleable { from: at, now: f.venue.now });
    f.wait(Millis::new(1));
    let outcome = f.run(TRADER, &Command::Settle { board }).expect("its delay has passed");
    assert_eq!(settled(&outcome), Some((price(100_000.0), Millis::seconds(1_800), true)));
}

#[test]
fn e3_the_price_depends_neither_on_who_settles_nor_on_how() {
    let end = |how: &dyn Fn(&mut Fixture, BoardId) -> Outcome| {
        let mut f = Fixture::standard();
        let board = window(&mut f, &[(500, 101_000.0), (1_300, 100_200.0)]);
        f.wait(board.expiry.since(f.venue.now));
        settled(&how(&mut f, board)).expect("it settles")
    };
    let by_settle = |who: u64| {
        move |f: &mut Fixture, board: BoardId| {
            f.wait(Millis::seconds(600));
            f.run(who, &Command::Settle { board }).expect("its delay has passed")
        }
    };
    let by_tick = |f: &mut Fixture, _: BoardId| f.push(M, 100_900.0).expect("a price");
    let late_tick = |f: &mut Fixture, _: BoardId| {
        f.wait(Millis::seconds(590));
        f.push(M, 99_500.0).expect("a price")
    };
    let expected = end(&by_tick);
    assert_eq!(end(&by_settle(TRADER)), expected);
    assert_eq!(end(&by_settle(999_999)), expected);
    assert_eq!(end(&late_tick), expected);
}

#[test]
fn e3_settle_waits_for_a_held_price() {
    let mut f = Fixture::standard();
    let board = window(&mut f, &[(1_000, 100_000.0)]);
    f.wait(board.expiry.before(Millis::seconds(10)).since(f.venue.now));
    assert_eq!(letters(&f.push(M, 130_000.0).expect("a jump")), "H");
    let held_at = f.venue.now;
    f.wait(Millis::seconds(700));
    let from = held_at.after(Millis::seconds(3_600));
    let refusal = f.run(TRADER, &Command::Settle { board }).expect_err("a tick is held");
    assert_eq!(refusal, Rejection::NotSettleable { from, now: f.venue.now });
    f.wait(from.since(f.venue.now));
    assert!(settled(&f.run(TRADER, &Command::Settle { board }).expect("the hold is over")).is_some());
}

#[test]
fn e5_e6_after_expiry_only_settlement_and_the_last_holder_closes_the_board() {
    let mut f = Fixture::standard();
    f.fund(TRADER, 50_000.0);
    let board = f.boards(M)[0];
    let leg = f.leg(board, 0.98, LegKind::Call, 0.5);
    let _ = f.trade(TRADER, vec![leg]).expect("an order").filled();
    let other = *f.boards(M).last().expect("a board");
    window(&mut f, &[(900, 101_000.0)]);
    f.wait(board.expiry.since(f.venue.now));
    let refusal = f.place(TRADER, vec![leg]).expect_err("it has expired");
    assert!(matches!(refusal, Rejection::BoardClosed { .. }), "{refusal}");
    f.push(M, 100_500.0).expect("a price");
    let cash = |f: &Fixture| f.venue.state.account[&AccountId::numbered(TRADER)].cash;
    let before = cash(&f);
    assert!(f.venue.state.board.contains_key(&board));
    f.run(KEEPER, &Command::SettleAccount { account: AccountId::numbered(TRADER) }).expect("anybody may");
    // Half a contract of the average 100,500 less the strike.
    let payoff = (price(100_500.0).get() - leg.strike.get()) / 1_000_000 / 2;
    assert_eq!(cash(&f).minus(before), Cash::new(payoff as i128));
    assert!(!f.venue.state.board.contains_key(&board), "nobody holds anything there");
    assert!(f.venue.state.board.contains_key(&other));
}

#[test]
fn r1_expiries_by_the_calendar() {
    let f = Fixture::standard();
    let morning = Timestamp::from_millis(START_MS - 4 * 3_600_000).expect("a date");
    let days: Vec<u64> = f.boards(M).iter().map(|b| b.expiry.since(morning).get() / 86_400_000).collect();
    // From Wednesday 2026-03-04: two days, Fridays the 6th and 13th, last Fridays of March and April; the quarter's
    // second, June 26th, is more than 100 days ahead.
    assert_eq!(days, [1, 2, 9, 23, 51]);
    assert!(f.boards(M).iter().all(|b| b.expiry.millis() % 86_400_000 == 8 * 3_600_000));
}

#[test]
fn r2_a_forward_beyond_half_the_band_lists_the_next_series() {
    let mut f = Fixture::standard();
    let before = f.boards(M);
    let half = |f: &Fixture, id: &BoardId| {
        let board = &f.venue.state.board[id];
        (board.reference.get() as f64 * board.cap.get() as f64).sqrt() / 1e12
    };
    let below = half(&f, &before[0]) * 0.999;
    for spot in [below, below] {
        f.move_to(M, spot).expect("a price");
    }
    f.roll(M).expect("a roll");
    assert!(f.boards(M).iter().all(|b| b.series == 0), "not beyond half yet");
    let beyond = half(&f, &before[0]) * 1.001;
    f.move_to(M, beyond).expect("a price");
    f.roll(M).expect("a roll");
    let next = BoardId { series: 1, ..before[0] };
    let board = &f.venue.state.board[&next];
    assert!(board.floor < board.reference && board.reference < board.cap);
    assert!(board.reference.get().abs_diff(price(beyond).get()) < price(200.0).get());
}

#[test]
fn r3_strikes_are_on_the_grid_and_stay_while_an_order_names_them() {
    let mut f = Fixture::standard();
    for id in f.boards(M) {
        let strikes: Vec<u128> = f.venue.state.board[&id].strikes.iter().map(|s| s.price.get()).collect();
        let step = strikes[1] - strikes[0];
        let lead = step.to_string();
        let lead = lead.trim_end_matches('0');
        assert!(["1", "2", "25", "5"].contains(&lead), "{id:?}: a step of {step}");
        assert!(
            strikes.windows(2).all(|pair| pair[1] - pair[0] == step) && strikes.iter().all(|s| s % step == 0)
        );
        assert!((6..=18).contains(&strikes.len()), "{id:?}: {} strikes", strikes.len());
    }
    let board = f.boards(M)[0];
    let listed =
        |f: &Fixture| f.venue.state.board[&board].strikes.iter().map(|s| s.price).collect::<Vec<_>>();
    let (lowest, second) = (listed(&f)[0], listed(&f)[1]);
    f.fund(TRADER, 1_000.0);
    f.place(TRADER, vec![f.leg(board, 0.5, LegKind::Put, 0.1)]).expect("an order at the lowest strike");
    assert_eq!(f.strike(board, 0.5), lowest);
    // Two prices that jump are needed before one of them counts; the order waits until then.
    f.wait(Millis::seconds(2));
    f.push(M, 115_000.0).expect("a jump is held");
    let refusal = f.roll(M).expect_err("nothing is listed while a price is in doubt");
    assert!(matches!(refusal, Rejection::Guarded { .. }));
    let order = *f.venue.state.order.keys().next().expect("the order");
    f.venue.state.order.get_mut(&order).expect("the order").due_at = Timestamp::MAX;
    f.wait(Millis::seconds(2));
    f.push(M, 115_000.0).expect("its confirmation");
    f.roll(M).expect("a roll");
    let now = listed(&f);
    assert!(now.contains(&lowest) && !now.contains(&second), "{now:?}");
}
