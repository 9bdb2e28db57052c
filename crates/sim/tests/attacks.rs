//! Attacks that other protocols and earlier designs fell to, carried out against the engine. Each asserts what the
//! attacker earns or what he is refused.

mod support;

use cenote_engine::command::{Leg, OrderRequest, SessionGrant, TimeInForce};
use cenote_engine::event::Event;
use cenote_engine::ids::{AccountId, LegKind, MarketId, Right};
use cenote_engine::{Command, Rejection};
use cenote_sim::fixture::{Fixture, KEEPER, PROVIDER, PUBLISHER, Setup, TRADER, surface};
use cenote_units::{Cash, Millis, Shares};
use support::lab::{
    ATTACKER, M0, POOL, cash, cost, equity, filled, leave, money, now, order, place, pool, quick, roomy,
    roomy_pair, still, tokens, units,
};
use support::{agents, books, leak, liquidity, prices};

#[test]
fn a04_a35_no_order_meets_a_price_that_is_known() {
    for seed in 0..4 {
        let look = agents::stale_price(seed, 120);
        println!("stale price, seed {seed}: {look:?}");
        assert!(look.fills > 20 && look.profit <= 0.0, "seed {seed}: {look:?}");
    }
}

#[test]
fn a07_a36_no_cancel_escapes_a_price_that_is_known() {
    for seed in 0..4 {
        let look = agents::cancel_the_loser(seed, 120);
        println!("cancel the loser, seed {seed}: {look:?}");
        assert!(look.fills > 20 && look.profit <= 0.0, "seed {seed}: {look:?}");
    }
}

#[test]
fn a35_a_keeper_cannot_let_a_later_price_fill_an_order() {
    let mut f = quick(&Setup::default());
    let leg = f.leg(f.boards(M0)[2], 1.0, LegKind::Forward, 1.0);
    let id = place(&mut f, ATTACKER, vec![leg]).unwrap();
    f.wait(Millis::seconds(2));
    let first = f.venue.now;
    f.wait(Millis::seconds(20));
    // The better price comes first; the earlier one, delivered late, is no tick any more and fills nothing else.
    let better = f.push(M0, 99_500.0).unwrap();
    assert!(filled(&better, id).is_some(), "the first tick after the order fills it");
    let late = agents::deliver(&mut f, 100_500.0, first);
    assert!(late.events.iter().any(|e| matches!(e, Event::ReportsKept { .. })), "{:?}", late.events);
}

#[test]
fn a08_splits_cost_the_same() {
    for seed in 100..104 {
        prices::splits(seed, 8).unwrap();
    }
}

#[test]
fn a09_a38_settlement_is_the_same_whoever_calls_and_when() {
    for seed in 100..108 {
        books::settle_in_any_order(seed, 6).unwrap();
    }
}

#[test]
fn a10_failing_and_dusty_entries_block_nobody() {
    let mut f = quick(&roomy());
    let leg = f.leg(f.boards(M0)[3], 1.0, LegKind::Call, 0.01);
    let mut bad = 0;
    for n in 0..60 {
        let poor = 2_000 + n;
        f.fund(poor, 0.01);
        bad += usize::from(place(&mut f, poor, vec![leg]).is_ok());
        let dust = Command::RequestDeposit { pool: POOL, amount: Cash::new(1).unwrap() };
        f.run(poor + 500, &dust).unwrap_err();
        f.fund(poor + 500, 1e-6);
        f.run(poor + 500, &dust).unwrap();
    }
    f.run(PROVIDER, &Command::RequestWithdraw { pool: POOL, shares: Shares::new(1_000_000).unwrap() })
        .unwrap();
    let honest = place(&mut f, TRADER, vec![leg]).unwrap();
    let outcome = still(&mut f, M0);
    assert!(bad == 60 && filled(&outcome, honest).is_some(), "{bad} bad orders before an honest one");
    let before = cash(&f, PROVIDER);
    liquidity::batch(&mut f);
    liquidity::claim(&mut f, PROVIDER);
    assert!(cash(&f, PROVIDER) > before, "an exit behind sixty dusty requests is paid");
}

#[test]
fn a11_toggling_exposure_only_pays_the_pool() {
    let mut f = quick(&roomy());
    let there = vec![f.leg(f.boards(M0)[3], 1.0, LegKind::Forward, 20.0)];
    let (start, before) = (money(cash(&f, ATTACKER)), equity(&f));
    for _ in 0..25 {
        now(&mut f, ATTACKER, &there).unwrap();
        now(&mut f, ATTACKER, &support::lab::reversed(&there)).unwrap();
    }
    let (lost, gained) = (start - money(cash(&f, ATTACKER)), equity(&f) - before);
    println!("fifty toggles cost {lost:.2}, the pool gains {gained:.2}");
    assert!(lost > 0.0 && gained > 0.5 * lost);
}

/// A pool short forty straddles, and a provider of a tenth of it who may leave at any time.
fn short_pool() -> Fixture {
    let mut f = quick(&roomy());
    let board = f.boards(M0)[3];
    let straddle = vec![f.leg(board, 1.0, LegKind::Call, 40.0), f.leg(board, 1.0, LegKind::Put, 40.0)];
    now(&mut f, TRADER, &straddle).unwrap();
    liquidity::enter(&mut f, ATTACKER, 1e6);
    f
}

#[test]
fn a12_leaving_before_a_known_loss_pays_at_the_price_after_it() {
    let mut f = short_pool();
    let mut stayed = f.clone();
    let loss = 99_100.0;
    // He knows the next price when he asks; the tick that brings it closes the epoch, a later one prices it.
    let shares = Shares::new(liquidity::shares(&f, ATTACKER)).unwrap();
    f.run(ATTACKER, &Command::RequestWithdraw { pool: POOL, shares }).unwrap();
    for f in [&mut f, &mut stayed] {
        f.move_to(M0, loss).unwrap();
        liquidity::batch(f);
    }
    liquidity::claim(&mut f, ATTACKER);
    let (left, kept) = (liquidity::stake_worth(&f, ATTACKER), liquidity::stake_worth(&stayed, ATTACKER));
    println!("leaving before the loss: {:.2} against staying", left - kept);
    assert!(left <= kept + 0.01, "left with {left}, would have kept {kept}");
}

#[test]
fn a13_liquidity_that_comes_for_one_trade_gets_none_of_its_charges() {
    let mut f = quick(&Setup::default());
    let big = vec![f.leg(f.boards(M0)[3], 1.0, LegKind::Call, 8.0)];
    let id = place(&mut f, TRADER, big).unwrap();
    // The order is public: nine times the pool comes to share its charges.
    f.run(ATTACKER, &Command::RequestDeposit { pool: POOL, amount: tokens(9e7) }).unwrap();
    let outcome = f.tick(M0).unwrap();
    assert!(filled(&outcome, id).is_some());
    f.tick(M0).unwrap();
    liquidity::claim(&mut f, ATTACKER);
    let worth = liquidity::stake_worth(&f, ATTACKER);
    assert!(worth <= 1e9, "the newcomer has {worth}");
    let shares = Shares::new(liquidity::shares(&f, ATTACKER)).unwrap();
    let refused = f.run(ATTACKER, &Command::RequestWithdraw { pool: POOL, shares }).unwrap_err();
    assert!(
        matches!(refused, Rejection::InsufficientShares { .. }),
        "locked for the holding time: {refused:?}"
    );
}

#[test]
fn a14_every_lock_has_an_unlock() {
    for seed in 200..204 {
        let (mut f, board, mut rng) = books::held(seed);
        books::approach(&mut f, board, &mut rng);
        f.wait(Millis::new(board.expiry.since(f.venue.now).get() + 1_000));
        f.tick(M0).unwrap();
        for i in 0..support::lab::BYSTANDERS {
            let account = AccountId::numbered(TRADER + i as u64);
            f.run(KEEPER, &Command::SettleAccount { account }).unwrap();
        }
        let locked = f.venue.state.pool[&POOL].locks.len();
        let escrow: i128 = f.venue.state.board.values().map(|b| b.escrow.get()).sum();
        let fees = cenote_sim::invariants::check(&f.venue.state, f.venue.bank);
        assert!(
            locked == 0 && escrow == 0 && fees.is_empty(),
            "seed {seed}: {locked} locks, {escrow} in escrow"
        );
    }
}

#[test]
fn a15_nothing_is_claimed_twice() {
    let mut f = quick(&roomy());
    let epoch = f.venue.state.pool[&POOL].open_epoch;
    liquidity::enter(&mut f, ATTACKER, 1e5);
    let shares = Shares::new(liquidity::shares(&f, ATTACKER)).unwrap();
    let exit = f.venue.state.pool[&POOL].open_epoch;
    f.run(ATTACKER, &Command::RequestWithdraw { pool: POOL, shares }).unwrap();
    liquidity::batch(&mut f);
    liquidity::claim(&mut f, ATTACKER);
    let once = cash(&f, ATTACKER);
    for epoch in [epoch, exit] {
        let again = Command::Claim { account: AccountId::numbered(ATTACKER), pool: POOL, epoch };
        let refused = f.run(ATTACKER, &again).unwrap_err();
        assert!(matches!(refused, Rejection::NothingToClaim { .. }), "{refused:?}");
    }
    assert_eq!(cash(&f, ATTACKER), once);
    let refused = f.run(ATTACKER, &Command::RequestWithdraw { pool: POOL, shares }).unwrap_err();
    assert!(matches!(refused, Rejection::InsufficientShares { .. }), "{refused:?}");
}

#[test]
fn a16_the_first_deposit_cannot_inflate_the_price_of_a_share() {
    let mut f = quick(&Setup { liquidity: 1e-6, ..roomy() });
    // A gift to the pool does not exist: money attached to anything but a deposit is refused.
    let gift = f.venue.run_with(
        AccountId::numbered(ATTACKER),
        None,
        tokens(1e6),
        &Command::RequestWithdraw { pool: POOL, shares: Shares::new(1).unwrap() },
    );
    assert!(gift.is_err());
    liquidity::enter(&mut f, TRADER, 100.0);
    let lost = 1e9 - liquidity::stake_worth(&f, TRADER);
    println!("behind a first deposit of one unit, 100 tokens are worth {lost:.6} less");
    // Shares without an owner take one token's worth of the first real deposit, whoever came before it.
    assert!(lost <= 1.0, "{lost}");
    liquidity::enter(&mut f, TRADER + 1, 100.0);
    assert!(1e9 - liquidity::stake_worth(&f, TRADER + 1) <= 1.0);
}

#[test]
fn a17_shares_without_an_owner_stay_when_everyone_leaves() {
    let mut f = quick(&roomy());
    for account in [PROVIDER, ATTACKER] {
        liquidity::exit(&mut f, account, 1.0);
    }
    let pool = &f.venue.state.pool[&POOL];
    assert!(pool.shares.get() >= 1_000_000, "{} shares are left", pool.shares);
    assert!(pool.cash.get() <= 2_000_000, "{} is left", pool.cash);
    liquidity::enter(&mut f, TRADER, 1e5);
    let worth = liquidity::stake_worth(&f, TRADER);
    assert!((1e9 - worth).abs() < 1.5, "a new owner has {worth}");
}

#[test]
fn a18_an_exit_in_parts_is_no_better() {
    let base = short_pool();
    let whole = {
        let mut f = base.clone();
        liquidity::exit(&mut f, ATTACKER, 1.0);
        liquidity::stake_worth(&f, ATTACKER)
    };
    let mut f = base.clone();
    let all = liquidity::shares(&f, ATTACKER);
    for part in [all / 3, all / 3, all - 2 * (all / 3)] {
        let shares = Shares::new(part).unwrap();
        f.run(ATTACKER, &Command::RequestWithdraw { pool: POOL, shares }).unwrap();
    }
    liquidity::batch(&mut f);
    liquidity::claim(&mut f, ATTACKER);
    let together = liquidity::stake_worth(&f, ATTACKER);
    assert!((together - whole).abs() < 1e-4, "one batch, one price: {together} against {whole}");
    let mut f = base;
    let price = liquidity::share_price(&f);
    for left in (1..=10).rev() {
        liquidity::exit(&mut f, ATTACKER, 1.0 / f64::from(left));
    }
    let slowly = liquidity::stake_worth(&f, ATTACKER);
    println!("ten exits earn {:.4} more than one", slowly - whole);
    // What ten of them may win is the curvature of Phi, which those who stay do not pay.
    assert!(slowly - whole < 20.0 && liquidity::share_price(&f) >= price * (1.0 - 1e-9));
}

#[test]
fn a19_a34_deposit_trade_withdraw_unwind_earns_nothing() {
    for (deposit, contracts, pieces) in [(9e7, 60, 1), (1e7, 60, 10), (9e7, 9, 3), (1e6, 30, 2)] {
        let found = liquidity::deposit_buy_withdraw_sell(deposit, contracts, pieces);
        println!("deposit {deposit:e}, buy {contracts}, leave in {pieces}: {found:?}");
        assert!(found.profit < 0.0 && found.others >= -1e-9, "{found:?}");
    }
}

#[test]
fn a28_dust_costs_a_unit_and_never_pays() {
    let mut f = quick(&roomy());
    let start = cash(&f, ATTACKER).get();
    let fees = f.venue.state.market_params[&M0].rules.keeper_fee.get();
    for n in 0..40 {
        let board = f.boards(M0)[n % 5];
        let kind = [LegKind::Call, LegKind::Put][n % 2];
        let mut leg = f.leg(board, 0.97 + 0.01 * (n % 7) as f64, kind, 1.0);
        leg.size = units(1);
        let bought = now(&mut f, ATTACKER, &[leg]).unwrap();
        leg.size = units(-1);
        let sold = now(&mut f, ATTACKER, &[leg]).unwrap();
        let (paid, got) = (bought.cost.total.get(), -sold.cost.total.get());
        assert!(paid >= 1 && paid > got, "{n}: {paid} paid, {got} received");
    }
    assert!(cash(&f, ATTACKER).get() <= start - 80 * fees);
}

#[test]
fn a31_the_same_risk_costs_the_same_through_any_strike() {
    let (f, _) = prices::loaded(4);
    let board = f.boards(M0)[3];
    let strikes: Vec<_> = f.venue.state.board[&board].strikes.iter().map(|s| s.price).collect();
    let forward = |k: usize| {
        cost(&f, &[Leg { board, strike: strikes[k], kind: LegKind::Forward, size: units(9_000_000) }])
    };
    let first = forward(0).unwrap().0;
    for k in 1..strikes.len() {
        let other = forward(k).unwrap().0;
        let apart = (other.impact.get() - first.impact.get()).abs();
        assert!(apart <= 2 + first.impact.get().abs() / 1_000_000, "strike {k}: {other:?} against {first:?}");
    }
}

#[test]
fn a32_no_surface_and_no_load_leaves_an_arbitrage() {
    for seed in 300..306 {
        prices::arbitrage(seed, 80).unwrap();
    }
}

#[test]
fn a33_locking_capital_and_releasing_it_earns_nothing() {
    for share in [0.1, 0.3, 0.6, 0.9] {
        let earned = liquidity::lock_and_release(share).unwrap();
        println!("lock {share} and release: {earned:.2}");
        assert!(earned < 0.0, "{share}: {earned}");
    }
}

#[test]
fn a37_a_straddle_closed_before_expiry_earns_at_most_the_bound() {
    let leak = leak::straddles(&Setup::default(), 10.0, 15.0, 60, 5);
    let best = leak.best();
    println!("beside 15 straddles of others: {best:?}");
    assert!(best.mean + 1.96 * best.error <= 15.0);
}

#[test]
fn a39_nothing_opens_while_the_surface_is_clipped_or_old() {
    let mut f = quick(&Setup::default());
    let leg = f.leg(f.boards(M0)[4], 1.0, LegKind::Call, 1.0);
    let fresh = cost(&f, &[leg]).unwrap().0;
    let anchor = f.vol;
    f.vol = 0.8;
    f.wait(Millis::seconds(60));
    f.publish(M0).unwrap();
    let id = place(&mut f, ATTACKER, vec![leg]).unwrap();
    let outcome = f.tick(M0).unwrap();
    let why = outcome.events.iter().find_map(|e| match e {
        Event::OrderEnded { order, reason, .. } if *order == id => Some(format!("{reason:?}")),
        _ => None,
    });
    assert!(why.as_ref().is_some_and(|why| why.contains("Guarded")), "{why:?}");
    f.vol = anchor;
    f.refresh();
    for minutes in [1, 4, 9] {
        f.wait(Millis::seconds(60 * minutes));
        f.tick(M0).unwrap();
        let old = cost(&f, &[leg]).unwrap().0;
        // The vol index moves 4.6% a day: a look that old is worth less than what the spread grows by.
        let age = f.venue.now.since(f.venue.state.market[&M0].surface.as_ref().unwrap().published_at).get()
            as f64
            / 8.64e7;
        let seen = cenote_engine::view::quote(
            &f.venue.state,
            f.venue.now,
            &cenote_engine::view::QuoteRequest {
                market: M0,
                account: None,
                legs: vec![leg],
                reduce_only: false,
            },
        );
        let look = seen.unwrap().greeks.vega * 100.0 * 0.5 * 0.046 * age.sqrt() * 0.8;
        assert!(
            age > 600.0 / 86_400.0 || money(old.spread) - money(fresh.spread) > 0.4 * look,
            "{minutes} minutes"
        );
    }
    let id = place(&mut f, ATTACKER, vec![leg]).unwrap();
    let outcome = f.tick(M0).unwrap();
    assert!(filled(&outcome, id).is_none(), "nothing opens on a surface of fourteen minutes");
}

#[test]
fn a39_many_small_surface_moves_do_not_outrun_the_anchor() {
    let mut f = quick(&Setup::default());
    let rules = f.venue.state.market_params[&M0].rules.clone();
    let start = f.venue.state.market[&M0].anchor.as_ref().unwrap().published_at;
    let vol = |f: &Fixture| {
        let node = f.venue.state.market[&M0].surface.as_ref().unwrap().nodes[4];
        (node.theta_e12 as f64 / 1e12 * 365.0 / 30.0).sqrt()
    };
    let first = vol(&f);
    let (step, day) = (rules.surface_step.get() as f64 / 1e9, rules.surface_step_day.get() as f64 / 1e9);
    let mut clipped = 0;
    for n in 1..=110 {
        f.wait(Millis::seconds(30));
        f.vol = first * (1.0 + 0.01 * f64::from(n));
        let published_at = f.venue.now;
        let nodes = surface(f.vol);
        let outcome = f.run(PUBLISHER, &Command::PublishSurface { market: M0, published_at, nodes }).unwrap();
        clipped += usize::from(
            outcome.events.iter().any(|e| matches!(e, Event::SurfacePublished { clipped: true, .. })),
        );
        f.tick(M0).unwrap();
        let age = f.venue.now.since(start).get() as f64 / 86_400_000.0;
        let most = first * (1.0 + step + day * age.sqrt());
        assert!(vol(&f) <= most * (1.0 + 1e-6), "publish {n}: {} above {most}", vol(&f));
    }
    assert!(clipped > 50, "{clipped} of 110 publishes were clipped");
}

#[test]
fn a40_filling_the_queue_costs_and_ends() {
    let mut f = quick(&Setup::default());
    f.fund(PROVIDER, 1_000.0);
    let board = f.boards(M0)[3];
    let leg = f.leg(board, 1.0, LegKind::Call, 0.001);
    for n in 0..16 {
        f.fund(3_000 + n, 50.0);
        for _ in 0..16 {
            let until = TimeInForce::Until(f.venue.now.after(Millis::days(1)));
            let request = OrderRequest {
                market: M0,
                legs: vec![leg],
                limit: Cash::ZERO,
                time_in_force: until,
                reduce_only: false,
                attempts: 3,
            };
            f.run(3_000 + n, &Command::PlaceOrder(request)).unwrap();
        }
    }
    let refused = place(&mut f, TRADER, vec![leg]).unwrap_err();
    assert!(matches!(refused, Rejection::QueueFull { .. }), "{refused:?}");
    let before = cash(&f, KEEPER);
    // Each attempt pays; with three of them the queue is free after three ticks, whatever else happens.
    for _ in 0..3 {
        f.tick(M0).unwrap();
        for _ in 0..4 {
            f.run(KEEPER, &Command::Fill { market: M0 }).unwrap();
        }
    }
    let earned = cash(&f, KEEPER).minus(before).unwrap();
    let fee = f.venue.state.market_params[&M0].rules.keeper_fee.get();
    println!("occupying the queue costs {} a tick", Cash::new(earned.get() / 3).unwrap());
    assert_eq!(earned.get(), 3 * 256 * fee);
    let id = place(&mut f, TRADER, vec![leg]).unwrap();
    let outcome = f.tick(M0).unwrap();
    assert!(filled(&outcome, id).is_some());
}

#[test]
fn nothing_makes_an_order_unpayable_once_its_price_is_known() {
    let mut f = quick(&roomy_pair());
    for market in [MarketId(0), MarketId(1)] {
        let mut params = f.venue.state.market_params[&market].clone();
        params.rules.commit_delay = Millis::seconds(1);
        f.venue.state.market_params.insert(market, params);
    }
    let attacker = 4_000;
    f.fund(attacker, 20_000.0);
    let board = f.boards(M0)[3];
    let held = f.leg(board, 1.0, LegKind::Call, 0.1);
    now(&mut f, attacker, &[held]);
    place(&mut f, attacker, vec![held]).unwrap();
    f.tick(M0).unwrap();
    let leg = f.leg(board, 1.0, LegKind::Call, 1.0);
    let id = place(&mut f, attacker, vec![leg]).unwrap();
    f.wait(Millis::seconds(2));
    let published = f.venue.now;
    f.wait(Millis::seconds(5));
    // The tick that prices the order is published, not delivered, and has turned out bad for him.
    let free = cash(&f, attacker);
    assert!(matches!(leave(&mut f, attacker), Err(Rejection::OrdersLive { .. })));
    let deposit = Command::RequestDeposit { pool: POOL, amount: free };
    assert!(matches!(f.run(attacker, &deposit), Err(Rejection::OrdersLive { .. })));
    let give = Command::TransferPosition {
        to: AccountId::numbered(TRADER),
        board,
        strike: held.strike,
        right: Right::Call,
        size: held.size,
        payment: Cash::ZERO,
    };
    let refused = f.run(attacker, &give).unwrap_err();
    assert!(
        matches!(refused, Rejection::OrdersLive { .. } | Rejection::PositionTooSmall { .. }),
        "{refused:?}"
    );
    let elsewhere = f.leg(f.boards(MarketId(1))[3], 1.0, LegKind::Call, 1.0);
    let refused = place(&mut f, attacker, vec![elsewhere]).unwrap_err();
    assert!(matches!(refused, Rejection::OrdersElsewhere { .. }), "{refused:?}");
    let parked = OrderRequest {
        market: M0,
        legs: vec![leg],
        limit: Cash::ZERO,
        time_in_force: TimeInForce::Until(f.venue.now.after(Millis::days(1))),
        reduce_only: false,
        attempts: 10_000,
    };
    let refused = f.run(attacker, &Command::PlaceOrder(parked)).unwrap_err();
    assert!(matches!(refused, Rejection::Invalid { field: "attempts", .. }), "{refused:?}");
    // A sale to the pool, placed later, would take the cash for its escrow: but it is tried later too.
    let sale = f.leg(board, 1.0, LegKind::Put, -0.1);
    order(&mut f, attacker, vec![sale], Cash::MAX, TimeInForce::FirstTick).unwrap();
    f.run(attacker, &Command::CancelOrder { order: id }).unwrap();
    f.spots[0] = 99_100.0;
    let outcome = agents::deliver(&mut f, 99_100.0, published);
    let fill = filled(&outcome, id).expect("the order fills at the price that hurts");
    println!("cancelled too late, filled for {}", fill.cost.total);
}

#[test]
fn a_session_key_cannot_undo_its_orders_either() {
    let mut f = quick(&Setup::default());
    let (owner, key) = (AccountId::numbered(TRADER), AccountId::numbered(5_000));
    let grant = SessionGrant {
        key,
        trade: true,
        liquidity: false,
        daily_cap: tokens(50_000.0),
        expires_at: f.venue.now.after(Millis::seconds(3)),
    };
    f.run(TRADER, &Command::GrantSession(grant)).unwrap();
    let leg = f.leg(f.boards(M0)[3], 1.0, LegKind::Call, 1.0);
    let request = OrderRequest {
        market: M0,
        legs: vec![leg],
        limit: tokens(20_000.0),
        time_in_force: TimeInForce::FirstTick,
        reduce_only: false,
        attempts: 1,
    };
    let placed = f.venue.run_with(key, Some(owner), Cash::ZERO, &Command::PlaceOrder(request)).unwrap();
    let id = placed.events.iter().find_map(|e| match e {
        Event::OrderPlaced { order, .. } => Some(*order),
        _ => None,
    });
    f.wait(Millis::seconds(2));
    let published = f.venue.now;
    f.wait(Millis::seconds(5));
    // The grant has expired and is revoked: the order stands, payable as it was.
    f.run(TRADER, &Command::RevokeSession { key }).unwrap();
    let outcome = agents::deliver(&mut f, 99_200.0, published);
    assert!(filled(&outcome, id.unwrap()).is_some(), "{:?}", outcome.events);
}

#[test]
fn settling_between_ticks_leaves_the_price_of_liquidity_alone() {
    let (mut f, board, mut rng) = books::held(400);
    books::approach(&mut f, board, &mut rng);
    f.wait(Millis::new(board.expiry.since(f.venue.now).get() + 700_000));
    let before = pool(&f);
    f.run(KEEPER, &Command::Settle { board }).unwrap();
    let after = pool(&f);
    // What is left of the average may still move the value a little; the payoff is not counted twice.
    let moved = money(after.equity) - money(before.equity);
    let stake = before.value.abs();
    println!("equity moved by {moved:.2} on settlement of {stake:.2}");
    assert!(moved.abs() < 0.3 * stake + 1_000.0, "{moved} of {stake}");
}

#[test]
fn orders_of_one_tick_cannot_push_the_pool_beyond_its_limits_together() {
    let mut f = quick(&Setup::default());
    let board = f.boards(M0)[3];
    let straddle = [LegKind::Call, LegKind::Put].map(|kind| f.leg(board, 1.0, kind, 5.0)).to_vec();
    let orders: Vec<(u64, Vec<Leg>)> = (0..10).map(|n| (TRADER + n % 5, straddle.clone())).collect();
    let fills = at_one_tick_later(&mut f, &orders);
    let seen = pool(&f);
    let vega = seen.books[0].greeks.vega.abs();
    let limit = 0.0006 * money(seen.risk_capital);
    println!("{fills} of 10 filled; vega {vega:.0} of {limit:.0}");
    assert!((3..10).contains(&fills) && vega <= limit * 1.01);
}

/// How many of several orders fill at one tick, after their commit delay.
fn at_one_tick_later(f: &mut Fixture, orders: &[(u64, Vec<Leg>)]) -> usize {
    let ids: Vec<_> = orders.iter().map(|(who, legs)| place(f, *who, legs.clone()).unwrap()).collect();
    let outcome = f.tick(M0).unwrap();
    ids.iter().filter(|id| filled(&outcome, **id).is_some()).count()
}
