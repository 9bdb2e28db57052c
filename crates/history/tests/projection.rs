//! The projection against a model that looks through everything, and against itself in other batches.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // A host has a clock and files.

mod support;

use cenote_api::event::What;
use cenote_api::view::{ClosedPosition, EventPage, FillRow, Order, TradeRow};
use cenote_api::{Address, ApiEvent};
use cenote_engine::ids::Right;
use cenote_history::{Export, History, Resolution, TradesOf};
use cenote_sim::rng::Rng;
use cenote_table::Cell;
use std::collections::{BTreeMap, BTreeSet};
use support::answers::{Subjects, all};
use support::model::{DAY, MINUTE, Model};
use support::{Life, Owned, VENUE, apply, directory, in_memory};

fn life(seed: u64, with_reverts: bool) -> Vec<Owned> {
    Life::new(seed).walk(600, with_reverts).steps
}

#[test]
fn odd_batches_with_reopenings_give_the_answers_of_one_batch() {
    let steps = life(11, true);
    assert!(
        steps.iter().any(|step| matches!(step.events[..], [ApiEvent { what: What::Reverted { .. }, .. }]))
    );
    let subjects = Subjects::of(&steps);
    let whole = in_memory();
    apply(&whole, &steps);
    let path = directory("odd").join("history.redb");
    let mut rng = Rng::new(3, 1);
    let mut history = History::open(&path, VENUE).expect("a history").0;
    let mut at = 0;
    while at < steps.len() {
        let end = (at + 1 + rng.below(90)).min(steps.len());
        // Some of them twice: what is in already does not count again.
        apply(&history, &steps[at.saturating_sub(rng.below(20))..end]);
        at = end;
        if rng.chance(0.2) {
            history.flush().expect("a flush");
            drop(history);
            history = History::open(&path, VENUE).expect("the history again").0;
            assert_eq!(history.applied(), Ok(steps[at - 1].seq));
        }
    }
    let (expected, found) = (all(&whole, &subjects), all(&history, &subjects));
    assert_eq!(expected.len(), found.len());
    for (expected, found) in expected.iter().zip(&found) {
        assert_eq!(expected, found);
    }
}

#[test]
fn a_model_that_looks_through_everything_gives_the_same_answers() {
    for (seed, with_reverts) in [(1, false), (2, true), (3, true), (4, true)] {
        let steps = life(seed, with_reverts);
        let (model, history, subjects) = (Model::of(&steps), in_memory(), Subjects::of(&steps));
        for batch in steps.chunks(137) {
            apply(&history, batch);
        }
        let mut rng = Rng::new(seed, 9);
        let fills = model.holding_fills().count();
        assert!(fills > 10, "seed {seed} fills {fills} orders");
        orders_agree(&model, &history, &subjects);
        fills_agree(&model, &history, &subjects, &mut rng);
        events_agree(&model, &history, &subjects, &mut rng);
        positions_agree(&model, &history, &subjects);
        closed_agree(&model, &history, &subjects);
        candles_agree(&model, &history, &subjects, &mut rng);
        nav_agrees(&model, &history, &mut rng);
        days_agree(&model, &history);
        exports_agree(&model, &history, &subjects);
    }
}

fn orders_agree(model: &Model, history: &History, subjects: &Subjects) {
    let expected = model.orders();
    for number in &subjects.orders {
        assert_eq!(history.order(*number), Ok(expected.get(number).cloned()));
    }
    for account in &subjects.accounts {
        let of: Vec<Order> =
            expected.values().rev().filter(|order| order.account == *account).cloned().collect();
        let (mut found, mut before) = (Vec::new(), None);
        loop {
            let page = history.orders_of(*account, before, 7).expect("a page");
            assert!(page.orders.len() <= 7);
            before = page.orders.last().map(|order| order.order);
            found.extend(page.orders);
            if !page.has_more {
                break;
            }
        }
        assert_eq!(found, of);
    }
}

fn fills_agree(model: &Model, history: &History, subjects: &Subjects, rng: &mut Rng) {
    for account in &subjects.accounts {
        let mut expected: Vec<FillRow> = model
            .holding_fills()
            .map(|fill| fill.row.clone())
            .filter(|fill| fill.account == *account)
            .collect();
        expected.reverse();
        let (mut found, mut before) = (Vec::new(), None);
        loop {
            let page = history.fills_of(*account, before, 1 + rng.below(5)).expect("a page");
            before = page.fills.last().map(|fill| fill.seq);
            found.extend(page.fills);
            if !page.has_more {
                break;
            }
        }
        assert_same(&found, &expected);
    }
    let trades = || model.holding_fills().flat_map(|fill| fill.row.trades.clone());
    for series in &subjects.series {
        let mut expected: Vec<TradeRow> = trades().filter(|trade| trade.instrument_name == *series).collect();
        expected.reverse();
        assert_eq!(pages_of_trades(history, TradesOf::Series(series)), expected);
    }
    for market in &subjects.markets {
        let mut expected: Vec<TradeRow> =
            trades().filter(|trade| trade.instrument_name.starts_with(&format!("{market}-"))).collect();
        expected.reverse();
        assert_eq!(pages_of_trades(history, TradesOf::Market(market)), expected);
    }
}

fn assert_same<T: PartialEq + std::fmt::Debug>(found: &[T], expected: &[T]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found, expected);
    }
}

fn pages_of_trades(history: &History, of: TradesOf<'_>) -> Vec<TradeRow> {
    let (mut found, mut before) = (Vec::new(), None);
    loop {
        let page = history.trades(of, before, 3).expect("a page");
        assert!(page.trades.len() <= 3);
        before = page.trades.last().map(|trade| trade.trade_seq);
        found.extend(page.trades);
        if !page.has_more {
            return found;
        }
    }
}

fn pages(mut ask: impl FnMut(u64) -> EventPage, from: u64) -> Vec<ApiEvent> {
    let (mut found, mut from) = (Vec::new(), from);
    loop {
        let page = ask(from);
        assert!(page.next_seq > from || !page.has_more, "a page that goes nowhere: {page:?}");
        found.extend(page.events);
        from = page.next_seq;
        if !page.has_more {
            return found;
        }
    }
}

fn events_agree(model: &Model, history: &History, subjects: &Subjects, rng: &mut Rng) {
    let last = model.steps.last().map_or(0, |(step, _)| step.seq);
    let kind_of = |event: &ApiEvent| {
        let value = serde_json::to_value(event).expect("an event");
        value["type"].as_str().expect("a tag").to_owned()
    };
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    model.events().for_each(|event| *kinds.entry(kind_of(event)).or_default() += 1);
    assert!(kinds.len() > 20, "too little happens: {kinds:?}");
    for from in [0, 1, last / 2, last, last + 1] {
        let limit = 1 + rng.below(40);
        let after = |event: &&ApiEvent| event.seq >= from;
        let expected: Vec<ApiEvent> = model.events().filter(after).cloned().collect();
        assert_eq!(pages(|from| history.events(from, limit, None).expect("a page"), from), expected);
        for kind in kinds.keys() {
            let expected: Vec<ApiEvent> =
                model.events().filter(after).filter(|event| kind_of(event) == *kind).cloned().collect();
            let found = pages(|from| history.events(from, limit, Some(kind)).expect("a page"), from);
            assert_eq!(found, expected, "{kind}");
        }
        for account in &subjects.accounts {
            let is_part = |event: &&ApiEvent| event.what.accounts().contains(account);
            let expected: Vec<ApiEvent> = model.events().filter(after).filter(is_part).cloned().collect();
            let found = pages(|from| history.events_of(*account, from, limit).expect("a page"), from);
            assert_eq!(found, expected);
        }
    }
    for market in &subjects.markets {
        let expected =
            model.settlements(|what| matches!(what, What::BoardSettled { market: of, .. } if of == market));
        assert_eq!(history.settlements(market, None, 1_000).expect("a page").events, expected);
    }
    for account in &subjects.accounts {
        let settled = |what: &What| matches!(what, What::AccountSettled { account: of, .. } if of == account);
        let page = history.settlements_of(*account, None, 1_000).expect("a page");
        assert_eq!(page.events, model.settlements(settled));
    }
}

fn positions_agree(model: &Model, history: &History, subjects: &Subjects) {
    let expected = model.positions();
    let mut count = 0;
    for account in &subjects.accounts {
        for (name, open) in history.positions(*account).expect("positions") {
            let (size, cost, realised) = expected[&(*account, name.clone())];
            let found = (open.size.0.get(), open.cost.0.get(), open.realised.0.get());
            assert_eq!(found, (size, cost, realised), "{name}");
            assert_eq!(open.average_price, cost as f64 / size as f64);
            assert_eq!(history.position(*account, &name), Ok(Some(open)));
            count += 1;
        }
    }
    assert_eq!(count, expected.len());
}

fn all_closed(history: &History, account: Address, limit: usize) -> Vec<ClosedPosition> {
    let (mut found, mut before) = (Vec::new(), None);
    loop {
        let page = history.closed(account, before, limit).expect("a page");
        before = page.positions.last().map(|closed| closed.seq);
        found.extend(page.positions);
        if !page.has_more {
            return found;
        }
    }
}

/// Trades and transfers realise what the model's do; settlements pay each series near what it is worth, and together what the account got;
/// and over an account's life every unit received is realised, or is what an open position has cost.
fn closed_agree(model: &Model, history: &History, subjects: &Subjects) {
    let (by_hand, received) = (model.closed(), model.received());
    for account in &subjects.accounts {
        let mut closed = all_closed(history, *account, 3);
        assert_eq!(closed, all_closed(history, *account, 1_000));
        closed.reverse();
        let of_trades = closed.iter().filter(|row| row.closed_by != "settlement");
        let of_trades: Vec<(String, i128)> =
            of_trades.map(|row| (row.instrument_name.clone(), row.realised_profit_loss.0.get())).collect();
        let expected = by_hand.iter().filter(|(whose, ..)| whose == account);
        let expected: Vec<(String, i128)> =
            expected.map(|(_, name, realised)| (name.clone(), *realised)).collect();
        assert_eq!(of_trades, expected);
        for row in &closed {
            assert!(row.opened_at <= row.closed_at && !row.size.0.is_zero(), "{row:?}");
            let size = row.size.0.get() as f64;
            let realised = (row.exit_price - row.average_price) * size;
            assert!(near(realised, row.realised_profit_loss.0.get() as f64), "{row:?}");
        }
        let open: i128 = history
            .positions(*account)
            .expect("positions")
            .iter()
            .map(|(_, open)| open.realised.0.get() - open.cost.0.get())
            .sum();
        let realised: i128 = closed.iter().map(|row| row.realised_profit_loss.0.get()).sum();
        assert_eq!(realised + open, received.get(account).copied().unwrap_or_default(), "{account}");
    }
}

/// A settled series was closed at its payoff, to a few units, at the price of its board.
#[test]
fn settlement_closes_at_the_payoff() {
    let life = Life::new(11).walk(1_400, true);
    let history = in_memory();
    apply(&history, &life.steps);
    let model = Model::of(&life.steps);
    let mut prices = BTreeMap::new();
    for event in model.events() {
        if let What::BoardSettled { market, expiry, price, .. } = &event.what {
            prices.insert(format!("{market}-{expiry}"), price.0.get() as f64 / 1e12);
        }
    }
    let mut settled = 0;
    for account in &Subjects::of(&life.steps).accounts {
        for row in all_closed(&history, *account, 100).iter().filter(|row| row.closed_by == "settlement") {
            let mut parts = row.instrument_name.rsplitn(3, '-');
            let (right, strike, board) =
                (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
            let away = prices[board] - strike.replace('d', ".").parse::<f64>().expect("a strike");
            let pays = if right == "C" { away } else { -away }.max(0.0);
            // What was closed before settlement was closed at other prices; most positions were not.
            let whole = history.fills_of(*account, None, 1_000).expect("fills").fills;
            let trades = whole.iter().flat_map(|fill| &fill.trades);
            if trades.filter(|trade| trade.instrument_name == row.instrument_name).count() == 1 {
                let off = (row.exit_price - pays).abs() * row.size.0.get() as f64;
                assert!(off.abs() <= 8.0 + 1e-9 * pays, "{row:?} pays {pays}");
                settled += 1;
            }
        }
    }
    assert!(settled > 3, "only {settled} series settled as they were opened");
}

#[test]
fn open_positions_are_those_of_the_engine() {
    let mut sizes = 0;
    for seed in [5, 6] {
        let life = Life::new(seed).walk(900, true);
        let history = in_memory();
        apply(&history, &life.steps);
        let state = life.state();
        let names: cenote_api::Names =
            state.market_params.iter().map(|(id, p)| (*id, p.name.clone())).collect();
        for (id, account) in &state.account {
            let mut expected = BTreeMap::new();
            for holding in &account.holdings {
                for position in &holding.positions {
                    let kind = match position.right {
                        Right::Call => cenote_engine::ids::LegKind::Call,
                        Right::Put => cenote_engine::ids::LegKind::Put,
                    };
                    expected.insert(names.leg(holding.board, position.strike, kind), position.size);
                }
            }
            let open = history.positions(Address(*id)).expect("positions");
            let found: BTreeMap<_, _> = open.into_iter().map(|(name, open)| (name, open.size.0)).collect();
            sizes += found.len();
            assert_eq!(found, expected, "{id}");
        }
    }
    assert!(sizes > 10, "only {sizes} positions were compared");
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

fn candles_agree(model: &Model, history: &History, subjects: &Subjects, rng: &mut Rng) {
    let names = subjects
        .markets
        .iter()
        .map(|name| (true, name))
        .chain(subjects.series.iter().map(|name| (false, name)));
    for (index, name) in names {
        for (text, minutes) in Resolution::ALL {
            let resolution = Resolution::parse(text).expect("a resolution");
            let width = minutes * MINUTE;
            let bars = model.bars(index, name, width);
            let first = bars.keys().next().copied().unwrap_or(0);
            let (from, to) = match rng.below(3) {
                0 => (0, u64::MAX),
                1 => (first + rng.below(40 * width as usize) as u64, u64::MAX),
                _ => (first, first + rng.below(40 * width as usize) as u64),
            };
            let found = if index {
                history.index_candles(name, resolution, from, to)
            } else {
                history.trade_candles(name, resolution, from, to)
            };
            let found = found.expect("candles");
            let expected: Vec<_> = bars.range(from / width * width..=to / width * width).collect();
            assert_eq!(
                found.ticks,
                expected.iter().map(|(start, _)| **start).collect::<Vec<_>>(),
                "{name} {text}"
            );
            for (at, (_, bar)) in expected.iter().enumerate() {
                let exact = [found.open[at], found.high[at], found.low[at], found.close[at]];
                assert_eq!(exact, [bar.open, bar.high, bar.low, bar.close], "{name} {text}");
                assert!(
                    near(found.volume[at], bar.volume) && near(found.cost[at], bar.cost),
                    "{name} {text}"
                );
                assert_eq!(found.source[at], if index { "index" } else { "trade" });
            }
            assert_eq!(found.status, if expected.is_empty() { "no_data" } else { "ok" });
        }
    }
}

fn nav_agrees(model: &Model, history: &History, rng: &mut Rng) {
    let all = model.points(0);
    let (first, last) = (all[0].time, all[all.len() - 1].time);
    for round in 0..40 {
        let somewhere = |rng: &mut Rng| first + (rng.uniform() * (last - first) as f64) as u64;
        let (from, to) = if round == 0 { (0, u64::MAX) } else { (somewhere(rng), somewhere(rng)) };
        let count = 1 + rng.below(60);
        let path = history.nav(0, from, to, count).expect("a path");
        let within: Vec<_> = all.iter().filter(|point| (from..=to).contains(&point.time)).copied().collect();
        let Some(end) = within.last() else {
            assert!(path.points.is_empty() && path.summary.since_start.is_none());
            continue;
        };
        assert!(path.points.len() <= count);
        assert_eq!(path.points.last(), Some(end), "the path ends where it ends");
        assert!(path.points.windows(2).all(|pair| pair[0].time < pair[1].time));
        assert!(path.points.iter().all(|point| within.contains(point)), "points are points");
        let summary = path.summary;
        let Some(begun) = within.iter().position(|point| point.share_price > 0.0) else {
            assert!(summary.since_start.is_none());
            continue;
        };
        let (within, start) = (&within[begun..], &within[begun]);
        let (mut high, mut drawdown) = (f64::MIN, 0.0f64);
        for point in within {
            high = high.max(point.share_price);
            drawdown = drawdown.min(100.0 * (point.share_price / high - 1.0));
        }
        assert!(near(summary.max_drawdown.expect("a drawdown"), drawdown), "{summary:?} {drawdown}");
        let percent = |from: f64, to: f64| 100.0 * (to / from - 1.0);
        assert!(near(summary.since_start.expect("a return"), percent(start.share_price, end.share_price)));
        assert!(near(summary.holding_index.expect("a return"), percent(start.index_price, end.index_price)));
        assert!(near(summary.days, (end.time - start.time) as f64 / DAY as f64));
        let mut closes: BTreeMap<u64, f64> = BTreeMap::new();
        closes.extend(within.iter().map(|point| (point.time / DAY, point.share_price)));
        let (mut before, mut worst) = (start.share_price, f64::MAX);
        for close in closes.values() {
            worst = worst.min(percent(before, *close));
            before = *close;
        }
        match summary.worst_day {
            Some(found) => assert!(end.time - start.time >= DAY && near(found, worst), "{found} {worst}"),
            None => assert!(end.time - start.time < DAY),
        }
    }
}

fn days_agree(model: &Model, history: &History) {
    let expected = model.days();
    let found = history.daily(0, u64::MAX).expect("days");
    assert_eq!(
        found.iter().map(|day| day.day / DAY).collect::<Vec<_>>(),
        expected.keys().copied().collect::<Vec<_>>()
    );
    let quote = |units: i128| units as f64 / 1e6;
    for (found, expected) in found.iter().zip(expected.values()) {
        assert!(near(found.notional_volume, expected.notional), "{found:?} {expected:?}");
        assert_eq!(found.premium_volume, quote(expected.premium));
        assert_eq!(found.user_fees, quote(expected.fee + expected.spread));
        assert_eq!(found.fees, quote(expected.fee));
        assert_eq!(found.protocol_revenue, quote(expected.protocol));
        assert_eq!(found.supply_side_revenue, quote(expected.fee - expected.protocol));
        assert_eq!(found.tvl, expected.tvl);
        assert_eq!((found.trades, found.unique_accounts), (expected.trades, expected.accounts.len() as u64));
    }
    let earned: f64 = found.iter().map(|day| day.protocol_revenue).sum();
    assert!(earned > 0.0, "nobody earned anything");
    let middle = found[found.len() / 2].day;
    assert_eq!(history.daily(middle + 5, middle + 6).expect("a day").len(), 1);
}

fn exports_agree(model: &Model, history: &History, subjects: &Subjects) {
    let fills: Vec<&FillRow> = model.holding_fills().map(|fill| &fill.row).collect();
    let (first, last) = (fills[0].time, fills[fills.len() - 1].time);
    let (from, to) = (first + (last - first) / 4, first + (last - first) / 2);
    for whose in [None, subjects.accounts.iter().nth(3).copied()] {
        let of = |account: Address| whose.is_none_or(|whose| whose == account);
        let expected: Vec<u64> = fills
            .iter()
            .filter(|fill| (from..=to).contains(&fill.time) && of(fill.account))
            .flat_map(|fill| fill.trades.iter().map(|trade| trade.trade_seq))
            .collect();
        let rows: Vec<Vec<Cell>> = history
            .export(Export::Fills, from, to, whose)
            .expect("rows")
            .map(|row| row.expect("a row"))
            .collect();
        assert!(rows.iter().all(|row| row.len() == Export::Fills.columns().len()));
        let numbers: Vec<u64> = rows
            .iter()
            .map(|row| if let Cell::Int(n) = row[0] { n as u64 } else { panic!("{row:?}") })
            .collect();
        assert_eq!(numbers, expected);
        let expected = model.events().filter(|event| {
            (from..=to).contains(&event.time)
                && whose.is_none_or(|whose| event.what.accounts().contains(&whose))
        });
        let events = history.export(Export::Events, from, to, whose).expect("rows");
        assert_eq!(events.count(), expected.count());
    }
    // Two markets of a pool may tick in one millisecond; the later point is the one that there was.
    let times: BTreeSet<u64> = model.points(0).iter().map(|point| point.time).collect();
    let points = times.range(from..=to).count();
    assert!(points > 0);
    assert_eq!(history.export(Export::Nav, from, to, None).expect("rows").count(), points);
}
