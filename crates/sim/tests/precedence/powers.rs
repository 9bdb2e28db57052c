//! What can be wrong with what the admin, keepers and owners of orders and requests send.

use super::attempt::{Attempt, FIRST, NOBODY, NOWHERE, POOL, Spoil, TRADER, id};
use super::spoils::{by_stranger, order, pause, wrong_funds};
use cenote_engine::Command;
use cenote_engine::command::Action;
use cenote_engine::ids::{MarketId, OrderId, PoolId, ProposalId};
use cenote_engine::params::{PoolParams, PoolRules};
use cenote_sim::fixture::{ADMIN, Fixture, KEEPER};
use cenote_units::{Cash, Millis, Price, Ratio, Timestamp};

pub fn proposal(f: &Fixture) -> Attempt {
    let params = f.venue.state.market_params[&FIRST].clone();
    let action = Action::SetMarket { market: FIRST, params };
    Attempt { sender: ADMIN, ..Attempt::new(f.clone(), Command::Propose { action }) }
}

fn set_market(a: &mut Attempt) -> (&mut MarketId, &mut cenote_engine::params::MarketParams) {
    match &mut a.command {
        Command::Propose { action: Action::SetMarket { market, params } } => (market, params),
        other => panic!("{other:?} sets no market"),
    }
}

pub const PROPOSE: &[Spoil] = &[
    ("invalid", |a| set_market(a).1.publishers.clear()),
    ("parameter_out_of_bounds", |a| set_market(a).1.rules.vol_spread = Ratio::MAX),
    ("wrong_funds", wrong_funds),
    ("forbidden", |a| a.sender = TRADER),
    ("market_not_found", |a| *set_market(a).0 = MarketId(NOWHERE)),
];

pub fn pool_proposal(f: &Fixture) -> Attempt {
    let params = PoolParams { name: "POOL".into(), rules: PoolRules::default() };
    let action = Action::SetPool { pool: POOL, params };
    Attempt { sender: ADMIN, ..Attempt::new(f.clone(), Command::Propose { action }) }
}

fn set_pool(a: &mut Attempt) -> (&mut PoolId, &mut PoolParams) {
    match &mut a.command {
        Command::Propose { action: Action::SetPool { pool, params } } => (pool, params),
        other => panic!("{other:?} sets no pool"),
    }
}

pub const PROPOSE_POOL: &[Spoil] = &[
    ("invalid", |a| set_pool(a).1.name.clear()),
    ("parameter_out_of_bounds", |a| set_pool(a).1.rules.vega_max = Ratio::MAX),
    ("forbidden", |a| a.sender = TRADER),
    ("pool_not_found", |a| *set_pool(a).0 = PoolId(NOWHERE)),
];

pub fn enactment(f: &Fixture) -> Attempt {
    let mut f = f.clone();
    let params = f.venue.state.market_params[&FIRST].clone();
    let proposal = ProposalId(f.venue.sequence + 1);
    f.run(ADMIN, &Command::Propose { action: Action::SetMarket { market: FIRST, params } })
        .expect("a proposal");
    f.wait(Millis::days(5));
    Attempt::new(f, Command::Enact { proposal })
}

pub const ENACT: &[Spoil] = &[
    ("invalid", |a| {
        let changed = a.f.venue.state.market_params.get_mut(&FIRST).expect("a market");
        changed.name = "OTHER".into();
    }),
    ("wrong_funds", wrong_funds),
    ("session_refused", by_stranger),
    ("proposal_not_found", |a| a.command = Command::Enact { proposal: ProposalId(u64::MAX) }),
    ("timelocked", |a| {
        let proposal = a.f.venue.state.proposal.values_mut().next().expect("a proposal");
        proposal.enact_from = Timestamp::MAX;
    }),
];

pub fn listing(f: &Fixture) -> Attempt {
    Attempt { sender: KEEPER, ..Attempt::new(f.clone(), Command::Roll { market: FIRST }) }
}

pub const ROLL: &[Spoil] = &[
    ("wrong_funds", wrong_funds),
    ("session_refused", by_stranger),
    ("market_not_found", |a| a.command = Command::Roll { market: MarketId(NOWHERE) }),
    ("paused", pause),
    ("no_price", |a| {
        a.f.venue.state.market.get_mut(&FIRST).expect("a market").surface = None;
    }),
    ("guarded", |a| {
        a.f.wait(Millis::seconds(2));
        a.f.push(FIRST, 150_000.0).expect("a jump");
    }),
];

pub fn settlement(f: &Fixture) -> Attempt {
    let mut f = f.clone();
    let board = f.boards(FIRST)[0];
    f.wait(board.expiry.since(f.venue.now));
    f.wait(Millis::days(1));
    Attempt::new(f, Command::Settle { board })
}

pub const SETTLE: &[Spoil] = &[
    ("wrong_funds", wrong_funds),
    ("board_not_found", |a| {
        if let Command::Settle { board } = &mut a.command {
            board.series = 99;
        }
    }),
    ("no_price", |a| a.f.venue.state.market.get_mut(&FIRST).expect("a market").tick = None),
    ("board_closed", |a| {
        let board = a.f.boards(FIRST)[0];
        a.f.venue.state.board.get_mut(&board).expect("a board").settlement = Some(Price::ONE);
    }),
    ("not_settleable", |a| {
        let board = *a.f.boards(FIRST).last().expect("a board");
        if let Command::Settle { board: named } = &mut a.command {
            named.expiry = board.expiry;
        }
    }),
];

pub fn cancelling(f: &Fixture) -> Attempt {
    let mut placed = order(f);
    let id = OrderId(placed.f.venue.sequence + 1);
    placed.send().expect("an order");
    Attempt { command: Command::CancelOrder { order: id }, ..placed }
}

pub const CANCEL: &[Spoil] = &[
    ("wrong_funds", wrong_funds),
    ("session_refused", by_stranger),
    ("order_not_found", |a| {
        a.command = Command::CancelOrder { order: OrderId(u64::MAX) };
    }),
];

pub fn claiming(f: &Fixture) -> Attempt {
    let mut f = f.clone();
    let epoch = f.venue.state.pool[&POOL].open_epoch;
    f.run(TRADER, &Command::RequestDeposit { pool: POOL, amount: Cash::ONE }).expect("a request");
    f.settle_epoch(epoch);
    Attempt::new(f, Command::Claim { account: id(TRADER), pool: POOL, epoch })
}

pub const CLAIM: &[Spoil] = &[
    ("wrong_funds", wrong_funds),
    ("session_refused", by_stranger),
    ("account_not_found", |a| {
        if let Command::Claim { account, .. } = &mut a.command {
            *account = id(NOBODY);
        }
    }),
    ("nothing_to_claim", |a| {
        if let Command::Claim { epoch, .. } = &mut a.command {
            *epoch += 1;
        }
    }),
];
