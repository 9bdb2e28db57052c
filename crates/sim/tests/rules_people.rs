//! Powers, keys, transfers and liquidity, rule by rule.

use cenote_engine::command::{Action, Leg, OrderRequest, SessionGrant, TimeInForce};
use cenote_engine::event::BatchEvent;
use cenote_engine::ids::{AccountId, BoardId, Instrument, LegKind, MarketId, PoolId, ProposalId, Right};
use cenote_engine::params::{MarketRules, PoolRules};
use cenote_engine::state::{Holding, Position};
use cenote_engine::{Command, Event, Outcome, Rejection};
use cenote_sim::fixture::{
    ADMIN, Fixture, GUARDIAN, KEEPER, PROVIDER, Setup, TRADER, contracts, fate, quote,
};
use cenote_units::{Cash, Millis, Price, Ratio, Shares, Size};

const M: MarketId = MarketId(0);
const POOL: PoolId = PoolId(0);
const KEY: u64 = 900;
const TAKER: u64 = TRADER + 1;

fn id(n: u64) -> AccountId {
    AccountId::numbered(n)
}

fn cash(f: &Fixture, account: u64) -> Cash {
    f.venue.state.account.get(&id(account)).map_or(Cash::ZERO, |a| a.cash)
}

fn far(f: &Fixture) -> BoardId {
    *f.boards(M).last().expect("a board")
}

fn propose(f: &mut Fixture, action: Action) -> ProposalId {
    f.run(ADMIN, &Command::Propose { action }).expect("a proposal");
    ProposalId(f.venue.sequence)
}

#[test]
fn g1_a_change_waits_for_its_timelock_to_the_millisecond() {
    let mut f = Fixture::standard();
    let mut params = f.venue.state.market_params[&M].clone();
    params.rules.keeper_fee = quote(0.5);
    let proposal = propose(&mut f, Action::SetMarket { market: M, params });
    // Holding time of a day and a day for the way out are two days, as is the timelock.
    let until = f.venue.now.after(Millis::days(2));
    f.wait(Millis::new(Millis::days(2).get() - 1));
    let refusal = f.run(TRADER, &Command::Enact { proposal }).expect_err("a millisecond early");
    assert_eq!(refusal, Rejection::Timelocked { until, now: f.venue.now });
    f.wait(Millis::new(1));
    f.run(TRADER, &Command::Enact { proposal }).expect("anybody may");
    assert_eq!(f.venue.state.market_params[&M].rules.keeper_fee, quote(0.5));
    assert!(matches!(f.run(TRADER, &Command::Enact { proposal }), Err(Rejection::ProposalNotFound { .. })));
}

#[test]
fn g2_changes_apply_forward_and_never_to_name_or_price_tick() {
    let mut f = Fixture::standard();
    f.fund(TRADER, 10_000.0);
    let legs = vec![f.leg(far(&f), 1.0, LegKind::Call, 0.1)];
    f.place(TRADER, legs).expect("an order");
    let mut params = f.venue.state.market_params[&M].clone();
    params.rules.keeper_fee = quote(1.0);
    let proposal = propose(&mut f, Action::SetMarket { market: M, params: params.clone() });
    f.wait(Millis::days(3));
    f.run(TRADER, &Command::Enact { proposal }).expect("its time has come");
    let order = f.venue.state.order.values().next().expect("the order");
    assert_eq!(order.keeper_fee, quote(0.001), "what was agreed when it was placed");
    params.price_tick = Price::new(1).expect("a price");
    let command = Command::Propose { action: Action::SetMarket { market: M, params: params.clone() } };
    assert!(matches!(f.run(ADMIN, &command), Err(Rejection::Invalid { .. })));
    (params.price_tick, params.name) = (Price::ONE, "OTHER".into());
    let command = Command::Propose { action: Action::SetMarket { market: M, params } };
    assert!(matches!(f.run(ADMIN, &command), Err(Rejection::Invalid { .. })));
}

#[test]
fn g3_a_pause_stops_what_adds_risk_and_nothing_that_leaves() {
    let mut f = Fixture::standard();
    f.fund(TRADER, 50_000.0);
    f.fund(TAKER, 1_000.0);
    let board = far(&f);
    let leg = f.leg(board, 1.0, LegKind::Call, 1.0);
    let _ = f.trade(TRADER, vec![leg]).expect("an order").filled();
    f.provide(TRADER, 1_000.0);
    let epoch = f.venue.state.pool[&POOL].open_epoch;
    f.run(TRADER, &Command::RequestDeposit { pool: POOL, amount: quote(5.0) }).expect("a request");
    f.settle_epoch(epoch);
    f.wait(Millis::days(2));
    f.refresh();
    f.run(GUARDIAN, &Command::Pause { market: Some(M) }).expect("a pause");
    let order = |size: f64, reduce_only| {
        Command::PlaceOrder(OrderRequest {
            market: M,
            legs: vec![Leg { size: contracts(size), ..leg }],
            limit: Cash::MAX,
            time_in_force: TimeInForce::FirstTick,
            reduce_only,
            attempts: 1,
        })
    };
    let (strike, right, payment) = (leg.strike, Right::Call, Cash::ZERO);
    let give =
        Command::TransferPosition { to: id(TAKER), board, strike, right, size: contracts(0.1), payment };
    let table = [
        (order(0.1, false), Some("paused")),
        (order(-0.1, false), Some("paused")),
        (order(-0.1, true), None),
        (Command::Roll { market: M }, Some("paused")),
        (Command::RequestDeposit { pool: POOL, amount: Cash::ONE }, Some("paused")),
        (Command::RequestWithdraw { pool: POOL, shares: Shares::ONE }, None),
        (Command::Claim { account: id(TRADER), pool: POOL, epoch }, None),
        (Command::Withdraw { amount: Cash::ONE }, None),
        (Command::TransferShares { pool: POOL, to: id(TAKER), shares: Shares::ONE }, None),
        (give, None),
        (Command::SettleAccount { account: id(TRADER) }, None),
    ];
    for (command, expected) in table {
        let got = f.clone().run(TRADER, &command).err().map(|refusal| refusal.code());
        assert_eq!(got, expected, "{command:?}");
    }
    f.run(TRADER, &order(-0.1, true)).expect("an order that reduces");
    assert!(matches!(fate(&f.tick(M).expect("a price")), Some(cenote_sim::fixture::Fate::Filled(_))));
}

fn grant(f: &mut Fixture, cap: f64) {
    let expires_at = f.venue.now.after(Millis::days(9));
    let grant =
        SessionGrant { key: id(KEY), trade: true, liquidity: true, daily_cap: quote(cap), expires_at };
    f.run(TRADER, &Command::GrantSession(grant)).expect("a grant");
}

fn by_key(f: &mut Fixture, command: &Command) -> Result<Outcome, Rejection> {
    f.venue.run_with(id(KEY), Some(id(TRADER)), Cash::ZERO, command).map_err(|error| match error {
        cenote_engine::Error::Rejected(refusal) => refusal,
        cenote_engine::Error::Fault(fault) => panic!("{fault:?}"),
    })
}

fn spent(f: &Fixture) -> Cash {
    f.venue.state.session[&(id(TRADER), id(KEY))].spent
}

fn order(f: &Fixture, limit: f64, attempts: u32) -> Command {
    Command::PlaceOrder(OrderRequest {
        market: M,
        legs: vec![f.leg(far(f), 1.0, LegKind::Call, 0.01)],
        limit: quote(limit),
        time_in_force: TimeInForce::FirstTick,
        reduce_only: false,
        attempts,
    })
}

#[test]
fn g4_a_key_spends_what_its_orders_may_take_and_gets_the_rest_back() {
    let mut f = Fixture::standard();
    f.fund(TRADER, 5_000.0);
    grant(&mut f, 1_000.0);
    let command = order(&f, 600.0, 1);
    by_key(&mut f, &command).expect("within the cap");
    assert_eq!(spent(&f), quote(600.001));
    let refusal = by_key(&mut f, &command).expect_err("600 more are beyond it");
    assert_eq!(refusal, Rejection::SessionCap { needed: quote(600.001), left: quote(399.999) });
    let before = cash(&f, TRADER);
    let fill = fate(&f.tick(M).expect("a price")).expect("it is tried").filled();
    let took = before.minus(cash(&f, TRADER)).expect("a difference");
    assert_eq!(took, fill.cost.total, "a long locks nothing");
    assert!(
        spent(&f) >= took && spent(&f) <= took.plus(quote(0.001)).expect("a sum"),
        "{} of {took}",
        spent(&f)
    );
    by_key(&mut f, &command).expect("what was not taken is there again");
}

#[test]
fn g4_a_key_cannot_burn_more_keeper_fees_than_its_cap() {
    let mut f = Fixture::standard();
    f.fund(TRADER, 5_000.0);
    f.venue.state.market_params.get_mut(&M).expect("a market").rules.keeper_fee = quote(1.0);
    grant(&mut f, 3.0);
    let before = cash(&f, TRADER);
    // Orders that never fill: all that they take is the fee of the try, which anybody can collect.
    let hopeless = order(&f, 0.0, 1);
    for _ in 0..10 {
        if by_key(&mut f, &hopeless).is_ok() {
            f.tick(M).expect("a price");
        }
    }
    let burnt = before.minus(cash(&f, TRADER)).expect("a difference");
    assert!(burnt <= quote(3.0), "a key with a cap of 3 made its account pay {burnt}");
}

#[test]
fn g4_the_cap_is_of_a_utc_day_and_outlives_a_new_grant() {
    let mut f = Fixture::standard();
    f.fund(TRADER, 5_000.0);
    grant(&mut f, 100.0);
    let ask = Command::RequestDeposit { pool: POOL, amount: quote(70.0) };
    by_key(&mut f, &ask).expect("70 of 100");
    grant(&mut f, 100.0);
    let left = quote(30.0);
    assert_eq!(by_key(&mut f, &ask), Err(Rejection::SessionCap { needed: quote(70.0), left }));
    // From 12:00 to the last millisecond of the day, then one more.
    let day = 86_400_000;
    f.wait(Millis::new(day - 1 - f.venue.now.millis() % day));
    assert!(by_key(&mut f, &ask).is_err());
    f.wait(Millis::new(1));
    by_key(&mut f, &ask).expect("a new day");
}

#[test]
fn g4_live_orders_outlive_their_key() {
    let mut f = Fixture::standard();
    f.fund(TRADER, 5_000.0);
    grant(&mut f, 1_000.0);
    let command = order(&f, 600.0, 1);
    by_key(&mut f, &command).expect("an order");
    f.run(TRADER, &Command::RevokeSession { key: id(KEY) }).expect("the key ends");
    let _ = fate(&f.tick(M).expect("a price")).expect("it is tried").filled();
    assert!(matches!(by_key(&mut f, &command), Err(Rejection::SessionRefused { .. })));
}

/// A bull spread: long at the money, short above it.
fn spread() -> (Fixture, Instrument, Instrument) {
    let mut f = Fixture::standard();
    f.fund(TRADER, 30_000.0);
    f.fund(TAKER, 120_000.0);
    let board = far(&f);
    let (long, short) = (f.leg(board, 1.0, LegKind::Call, 1.0), f.leg(board, 1.1, LegKind::Call, -1.0));
    let _ = f.trade(TRADER, vec![long, short]).expect("an order").filled();
    let instrument = |leg: Leg| Instrument { board, strike: leg.strike, right: Right::Call };
    (f, instrument(long), instrument(short))
}

fn give(instrument: Instrument, size: f64, payment: f64) -> Command {
    let Instrument { board, strike, right } = instrument;
    Command::TransferPosition {
        to: id(TAKER),
        board,
        strike,
        right,
        size: contracts(size),
        payment: quote(payment),
    }
}

#[test]
fn t1_a_long_is_given_if_what_is_left_stays_covered() {
    let (mut f, long, short) = spread();
    let board = f.venue.state.board[&long.board].clone();
    // Without its long the short owes what it pays at the cap.
    let owes = |part: f64| ((board.cap.get() - short.strike.get()) as f64 / 1e6 * part) as i128;
    let free = cash(&f, TRADER);
    assert!(free.get() < owes(1.0) && free.get() > owes(0.25), "{free} is between the two");
    let refusal = f.run(TRADER, &give(long, 1.0, 0.0)).expect_err("uncovered");
    assert!(matches!(refusal, Rejection::InsufficientCash { who: "account", .. }), "{refusal}");
    f.run(TRADER, &give(long, 0.25, 0.0)).expect("covered");
    assert_eq!(f.venue.state.account[&id(TAKER)].size(&long), contracts(0.25));
    assert!(cash(&f, TRADER) < free);
}

#[test]
fn t2_a_short_moves_to_who_takes_it_with_its_payment_and_nothing_before() {
    let (mut f, _, short) = spread();
    let (giver, taker) = (cash(&f, TRADER), cash(&f, TAKER));
    f.run(TRADER, &give(short, -1.0, 250.0)).expect("an offer");
    assert_eq!((cash(&f, TRADER), cash(&f, TAKER)), (giver, taker), "an offer sets nothing aside");
    assert!(matches!(
        f.run(KEEPER, &Command::TakePosition { from: id(TRADER), offer: 0 }),
        Err(Rejection::AccountNotFound { .. } | Rejection::OfferNotFound { .. })
    ));
    f.run(TAKER, &Command::TakePosition { from: id(TRADER), offer: 0 }).expect("taken and covered");
    let board = &f.venue.state.board[&short.board];
    let obligation = Cash::new(((board.cap.get() - short.strike.get()) / 1_000_000) as i128).expect("cash");
    let expected = taker.plus(quote(250.0)).and_then(|c| c.minus(obligation));
    assert_eq!(Ok(cash(&f, TAKER)), expected);
    assert_eq!(f.venue.state.account[&id(TAKER)].size(&short), contracts(-1.0));
    assert_eq!(f.venue.state.account[&id(TRADER)].size(&short), Size::ZERO);
    assert!(f.run(TAKER, &Command::TakePosition { from: id(TRADER), offer: 0 }).is_err(), "once");
}

#[test]
fn t2_nobody_with_live_orders_offers_or_takes() {
    let (f, _, short) = spread();
    let leg = Leg { board: short.board, strike: short.strike, kind: LegKind::Call, size: contracts(0.1) };
    let take = Command::TakePosition { from: id(TRADER), offer: 0 };
    for busy in [TRADER, TAKER] {
        let mut f = f.clone();
        f.run(TRADER, &give(short, -1.0, 0.0)).expect("an offer");
        f.place(busy, vec![leg]).expect("an order");
        assert!(matches!(f.run(TAKER, &take), Err(Rejection::OrdersLive { orders: 1 })));
    }
    let mut f = f.clone();
    f.place(TRADER, vec![leg]).expect("an order");
    assert!(matches!(f.run(TRADER, &give(short, -1.0, 0.0)), Err(Rejection::OrdersLive { .. })));
}

#[test]
fn t3_gifts_fill_at_most_half_of_the_room() {
    for (positions, taken) in [(31, true), (32, false), (40, false)] {
        let (mut f, long, _) = spread();
        f.checked = false;
        // Positions that nobody sold: what is tested is the room they take.
        let board = f.boards(M)[0];
        let position = |n: u128| Position {
            strike: Price::new(n + 1).expect("a price"),
            right: Right::Call,
            size: Size::ONE,
        };
        let holding =
            Holding { board, obligation: Cash::ZERO, positions: (0..positions).map(position).collect() };
        f.venue.state.account.get_mut(&id(TAKER)).expect("the taker").holdings = vec![holding];
        let got = f.run(TRADER, &give(long, 0.1, 0.0)).map(|_| ()).map_err(|refusal| refusal.code());
        assert_eq!(got, if taken { Ok(()) } else { Err("account_full") }, "{positions} positions");
    }
}

/// A pool of a million with half of it locked by straddles on the nearest board.
fn locked_pool() -> Fixture {
    let pool = PoolRules { vega_max: Ratio::ppm(20_000), holding_time: Millis::ZERO, ..PoolRules::default() };
    let market = MarketRules { delta_step_max: Ratio::ppm(1_000_000), ..MarketRules::default() };
    let mut f =
        Fixture::new(&Setup { pool, markets: vec![market], liquidity: 1_000_000.0, ..Setup::default() });
    f.fund(TRADER, 500_000.0);
    let board = f.boards(M)[0];
    let legs = vec![f.leg(board, 1.0, LegKind::Call, 10.0), f.leg(board, 1.0, LegKind::Put, 10.0)];
    let _ = f.trade(TRADER, legs).expect("an order").filled();
    f
}

fn batches(outcome: &Outcome) -> Vec<BatchEvent> {
    let batch = |event: &Event| match event {
        Event::EpochProcessed(batch) => Some(batch.clone()),
        _ => None,
    };
    outcome.events.iter().filter_map(batch).collect()
}

/// Ticks until a batch has run; also R at its tick.
fn next_batch(f: &mut Fixture) -> (BatchEvent, Cash) {
    for _ in 0..5 {
        let outcome = f.tick(M).expect("a price");
        let capital = outcome.events.iter().find_map(|event| match event {
            Event::Ticked(tick) => Some(tick.risk_capital),
            _ => None,
        });
        if let Some(batch) = batches(&outcome).first() {
            return (batch.clone(), capital.expect("a tick"));
        }
    }
    panic!("no batch ran");
}

fn claim(f: &mut Fixture, account: u64, epoch: u64) -> Result<(Cash, Shares), Rejection> {
    let outcome = f.run(KEEPER, &Command::Claim { account: id(account), pool: POOL, epoch })?;
    let found = outcome.events.iter().find_map(|event| match event {
        Event::Claimed { cash, shares, .. } => Some((*cash, *shares)),
        _ => None,
    });
    Ok(found.expect("an event"))
}

#[test]
fn q5_q6_a_capped_exit_is_paid_in_part_rolls_over_and_its_round_ends() {
    let mut f = locked_pool();
    let all = f.venue.state.account[&id(PROVIDER)].stakes[0].shares;
    let epoch = f.venue.state.pool[&POOL].open_epoch;
    f.run(PROVIDER, &Command::RequestWithdraw { pool: POOL, shares: all }).expect("a request");
    assert!(claim(&mut f, PROVIDER, epoch).is_err(), "its batch has not run");
    let shares = f.venue.state.pool[&POOL].shares;
    let (first, capital) = next_batch(&mut f);
    // What may be paid: R less obligations over 0.75, as the batch found them.
    let locked: i128 = f.venue.state.pool[&POOL].locks.iter().map(|lock| lock.obligation.get()).sum();
    let cap = capital.get() - (locked * 4 + 2) / 3;
    let most = (shares.get() as f64 * cap as f64 / first.equity.get() as f64) as u128;
    assert_eq!((first.shares_out, first.epoch), (all, epoch));
    assert!(first.shares_paid.get().abs_diff(most) <= 2, "{} paid, {most} at most", first.shares_paid);
    assert!(first.shares_paid < all && !first.shares_paid.is_zero() && first.cash_out.get() <= cap);
    let round = f.venue.state.pool[&POOL].exit_round;
    let (part, none) = claim(&mut f, PROVIDER, epoch).expect("anybody may claim for anyone");
    assert!(part <= first.cash_out && part.get() + 1 >= first.cash_out.get() && none.is_zero());
    assert!(claim(&mut f, PROVIDER, epoch).is_err(), "paid so far");
    // The board expires; what waited is paid at the batch that follows, without another request.
    let board = f.boards(M)[0];
    f.wait(board.expiry.before(Millis::seconds(60)).since(f.venue.now));
    f.refresh();
    f.wait(board.expiry.since(f.venue.now));
    let mut last = None;
    for _ in 0..6 {
        last = batches(&f.tick(M).expect("a price")).first().cloned().or(last);
    }
    let last = last.expect("the rest rolled over");
    assert_eq!(last.shares_paid, last.shares_out);
    assert_eq!(f.venue.state.pool[&POOL].exit_round, round + 1, "the round has ended");
    let (rest, back) = claim(&mut f, PROVIDER, epoch).expect("the rest");
    let rolled: i128 = part.get() + rest.get();
    assert!(rest > Cash::ZERO && back.is_zero());
    assert!(rolled <= first.cash_out.get() + last.cash_out.get() + first.cash_in.get());
    assert!(f.venue.state.account[&id(PROVIDER)].stakes[0].claims.is_empty());
}

#[test]
fn q6_those_who_wait_together_are_paid_in_proportion() {
    let mut f = locked_pool();
    let all = f.venue.state.account[&id(PROVIDER)].stakes[0].shares.get();
    let epoch = f.venue.state.pool[&POOL].open_epoch;
    let third = Shares::new(all / 3).expect("a third");
    f.run(PROVIDER, &Command::TransferShares { pool: POOL, to: id(TAKER), shares: third })
        .expect("a transfer");
    f.run(TAKER, &Command::RequestWithdraw { pool: POOL, shares: third }).expect("a request");
    let rest = Shares::new(third.get() * 2).expect("two thirds");
    f.run(PROVIDER, &Command::RequestWithdraw { pool: POOL, shares: rest }).expect("a request");
    let (batch, _) = next_batch(&mut f);
    assert!(batch.shares_paid < batch.shares_out, "the cap binds");
    let one = claim(&mut f, TAKER, epoch).expect("a claim").0.get();
    let two = claim(&mut f, PROVIDER, epoch).expect("a claim").0.get();
    assert!((two - 2 * one).abs() <= 2, "{one} and {two}");
    assert!(one + two <= batch.cash_out.get() && one + two + 2 >= batch.cash_out.get());
}

#[test]
fn q7_a_refused_epoch_gives_deposits_back_by_claim() {
    // A unit of cash buys nothing once a share costs more than one; a pool below its minimum takes nobody in.
    for weak in [false, true] {
        let mut f = locked_pool();
        f.fund(TAKER, 100.0);
        f.checked = !weak;
        let amount = if weak { quote(50.0) } else { Cash::new(1).expect("a unit") };
        if weak {
            f.venue.state.pool_params.get_mut(&POOL).expect("a pool").rules.risk_capital_min = quote(1e8);
        }
        let epoch = f.venue.state.pool[&POOL].open_epoch;
        f.run(TAKER, &Command::RequestDeposit { pool: POOL, amount }).expect("a request");
        let (batch, _) = next_batch(&mut f);
        assert_eq!(
            (batch.shares_in, batch.entry_price_e18, batch.cash_in),
            (Shares::ZERO, 0, amount),
            "weak: {weak}"
        );
        assert_eq!(claim(&mut f, TAKER, epoch), Ok((amount, Shares::ZERO)));
        assert_eq!(cash(&f, TAKER), quote(100.0));
        assert!(claim(&mut f, TAKER, epoch).is_err(), "once");
    }
}

#[test]
fn q8_new_shares_are_locked_to_the_millisecond() {
    let mut f = Fixture::standard();
    f.fund(TAKER, 1_000.0);
    let epoch = f.venue.state.pool[&POOL].open_epoch;
    f.run(TAKER, &Command::RequestDeposit { pool: POOL, amount: quote(1_000.0) }).expect("a request");
    f.settle_epoch(epoch);
    let free_at =
        f.venue.state.epoch[&(POOL, epoch)].batch.clone().expect("a batch").at.after(Millis::days(1));
    claim(&mut f, TAKER, epoch).expect("a claim");
    let give = Command::TransferShares { pool: POOL, to: id(TRADER), shares: Shares::ONE };
    let leave = Command::RequestWithdraw { pool: POOL, shares: Shares::ONE };
    f.wait(Millis::new(free_at.since(f.venue.now).get() - 1));
    for command in [&give, &leave] {
        let refusal = f.run(TAKER, command).expect_err("a millisecond early");
        let required = Shares::ONE;
        assert_eq!(refusal, Rejection::InsufficientShares { required, available: Shares::ZERO });
    }
    f.wait(Millis::new(1));
    f.run(TAKER, &give).expect("free");
    f.run(TAKER, &leave).expect("free");
}
