//! Who may do what: every command by every role, as one table.

use cenote_engine::command::{Action, OrderRequest, Powers, Report, SessionGrant, TimeInForce};
use cenote_engine::ids::{AccountId, LegKind, MarketId, OrderId, PoolId, ProposalId, Right};
use cenote_engine::params::SurfaceSource;
use cenote_engine::{Command, Error, Rejection};
use cenote_sim::fixture::{ADMIN, Fixture, GUARDIAN, PUBLISHER, quote};
use cenote_units::{Cash, Millis, Price, Shares, Size};

const OWNER: u64 = 100;
const OTHER: u64 = 101;
const ANYONE: u64 = 102;
/// Publishes surfaces, but not prices.
const SURFACE: u64 = 6;
const KEY: u64 = 900;
const POOL: PoolId = PoolId(0);
const MARKET: MarketId = MarketId(0);

/// Columns: name, signer, and whether it signs as a key of the owner.
const ROLES: [(&str, u64, bool); 12] = [
    ("anyone", ANYONE, false),
    ("owner", OWNER, false),
    ("other", OTHER, false),
    ("trade", KEY + 1, true),
    ("liquid", KEY + 2, true),
    ("both", KEY + 3, true),
    ("ended", KEY + 4, true),
    ("nokey", KEY + 5, true),
    ("admin", ADMIN, false),
    ("guard", GUARDIAN, false),
    ("prices", PUBLISHER, false),
    ("surface", SURFACE, false),
];

/// `+` is carried out, `F` forbidden, `S` refused to a session key (or there is none), `.` refused since the thing is
/// not the signer's. Columns three to eight: another account, then keys of the owner that may trade, provide
/// liquidity, both, that have ended, and one that was never granted.
const TABLE: &str = "
                   anyone owner other trade liquid both ended nokey admin guard prices surface
deposit              +      +     +     S     S     S     S     S     +     +     +     +
withdraw             +      +     +     S     S     S     S     S     +     +     +     +
push_price           +      +     +     S     S     S     S     S     +     +     +     +
publish_surface      F      F     F     S     S     S     S     S     F     F     F     +
place_order          +      +     +     +     S     +     S     S     +     +     +     +
cancel_order         .      +     .     +     S     +     S     S     .     .     .     .
fill                 +      +     +     S     S     S     S     S     +     +     +     +
request_deposit      +      +     +     S     +     +     S     S     +     +     +     +
request_withdraw     .      +     .     S     +     +     S     S     .     .     .     .
claim                +      +     +     S     +     +     S     S     +     +     +     +
roll                 +      +     +     S     S     S     S     S     +     +     +     +
settle               +      +     +     S     S     S     S     S     +     +     +     +
settle_account       +      +     +     S     S     S     S     S     +     +     +     +
transfer_shares      .      +     .     S     S     S     S     S     .     .     .     .
transfer_position    .      +     .     S     S     S     S     S     .     .     .     .
take_position        .      .     +     S     S     S     S     S     .     .     .     .
revoke_offer         .      +     .     S     S     S     S     S     .     .     .     .
propose              F      F     F     S     S     S     S     S     +     F     F     F
enact                +      +     +     S     S     S     S     S     +     +     +     +
reject               F      F     F     S     S     S     S     S     +     +     F     F
pause                F      F     F     S     S     S     S     S     F     +     F     F
resume               F      F     F     S     S     S     S     S     F     +     F     F
grant_session        +      +     +     S     S     S     S     S     +     +     +     +
revoke_session       S      +     S     S     S     S     S     S     S     S     S     S
";

/// Names every variant once: a new one does not compile until it is here, and the table must then have its row.
macro_rules! names {
    ($($variant:ident => $name:literal),* $(,)?) => {
        const NAMES: &[&str] = &[$($name),*];
        fn name(command: &Command) -> &'static str {
            match command { $(Command::$variant { .. } => $name,)* }
        }
    };
}
names! {
    Deposit => "deposit", Withdraw => "withdraw", PushPrice => "push_price", PublishSurface => "publish_surface",
    PlaceOrder => "place_order", CancelOrder => "cancel_order", Fill => "fill", RequestDeposit => "request_deposit",
    RequestWithdraw => "request_withdraw", Claim => "claim", Roll => "roll", Settle => "settle",
    SettleAccount => "settle_account", TransferShares => "transfer_shares",
    TransferPosition => "transfer_position", TakePosition => "take_position", RevokeOffer => "revoke_offer",
    Propose => "propose", Enact => "enact", Reject => "reject", Pause => "pause", Resume => "resume",
    GrantSession => "grant_session", RevokeSession => "revoke_session",
}

fn id(n: u64) -> AccountId {
    AccountId::numbered(n)
}

fn grant(f: &mut Fixture, key: u64, trade: bool, liquidity: bool, lasts: Millis) {
    let (daily_cap, expires_at) = (quote(50_000.0), f.venue.now.after(lasts));
    let grant = SessionGrant { key: id(key), trade, liquidity, daily_cap, expires_at };
    f.run(OWNER, &Command::GrantSession(grant)).expect("a grant");
}

/// Publishes by whoever may, then ticks.
fn refresh(f: &mut Fixture) {
    let (published_at, nodes) = (f.venue.now, f.surface());
    f.run(SURFACE, &Command::PublishSurface { market: MARKET, published_at, nodes }).expect("a surface");
    f.tick(MARKET).expect("a tick");
}

/// A venue in which every row's command has something to act on.
fn world() -> Fixture {
    let mut f = Fixture::standard();
    for (_, signer, key) in ROLES {
        if !key {
            f.fund(signer, 1_000.0);
        }
    }
    f.fund(OWNER, 200_000.0);
    f.fund(OTHER, 200_000.0);
    f.provide(OWNER, 10_000.0);
    let mut params = f.venue.state.market_params[&MARKET].clone();
    params.surface = SurfaceSource::Published(id(SURFACE));
    let proposal = ProposalId(f.venue.sequence + 1);
    f.run(ADMIN, &Command::Propose { action: Action::SetMarket { market: MARKET, params } })
        .expect("a proposal");
    f.wait(Millis::days(3));
    f.run(ANYONE, &Command::Enact { proposal }).expect("the timelock has passed");
    refresh(&mut f);
    f.roll(MARKET).expect("boards");
    let board = *f.boards(MARKET).last().expect("a board");
    let long = f.leg(board, 1.0, LegKind::Call, 1.0);
    let short = f.leg(board, 1.0, LegKind::Put, -1.0);
    let _ = f.trade(OWNER, vec![long, short]).expect("an order").filled();
    grant(&mut f, KEY + 1, true, false, Millis::days(90));
    grant(&mut f, KEY + 2, false, true, Millis::days(90));
    grant(&mut f, KEY + 3, true, true, Millis::days(90));
    grant(&mut f, KEY + 4, true, true, Millis::new(1));
    f.wait(Millis::new(1));
    refresh(&mut f);
    f
}

fn request(f: &Fixture) -> OrderRequest {
    let board = *f.boards(MARKET).last().expect("a board");
    OrderRequest {
        market: MARKET,
        legs: vec![f.leg(board, 1.0, LegKind::Call, 0.01)],
        limit: quote(1_000.0),
        time_in_force: TimeInForce::FirstTick,
        reduce_only: false,
        attempts: 1,
    }
}

fn give(f: &Fixture, right: Right, size: Size) -> Command {
    let board = *f.boards(MARKET).last().expect("a board");
    // To somebody who has no role here.
    let to = if right == Right::Put { id(OTHER) } else { id(77) };
    Command::TransferPosition { to, board, strike: f.strike(board, 1.0), right, size, payment: Cash::ZERO }
}

fn powers(f: &Fixture) -> Action {
    Action::SetPowers(Powers { timelock: Millis::days(3), ..f.venue.state.system[&()].powers })
}

/// Prepares what a row needs and returns its command.
fn command(row: &str, f: &mut Fixture) -> Command {
    let (account, shares) = (id(OWNER), Shares::ONE);
    let published_at = f.venue.now;
    let propose = |f: &mut Fixture| {
        let action = powers(f);
        let proposal = ProposalId(f.venue.sequence + 1);
        f.run(ADMIN, &Command::Propose { action }).expect("a proposal");
        f.wait(Millis::days(5));
        proposal
    };
    match row {
        "deposit" => Command::Deposit,
        "withdraw" => Command::Withdraw { amount: Cash::ONE },
        "push_price" => {
            let (price, confidence) =
                (f.venue.state.market[&MARKET].tick.clone().expect("a tick").price, Price::ZERO);
            let report = Report { publisher: id(PUBLISHER), price, confidence, published_at };
            Command::PushPrice { market: MARKET, reports: vec![report] }
        }
        "publish_surface" => Command::PublishSurface { market: MARKET, published_at, nodes: f.surface() },
        "place_order" => Command::PlaceOrder(request(f)),
        "cancel_order" => {
            let order = OrderId(f.venue.sequence + 1);
            f.run(OWNER, &Command::PlaceOrder(request(f))).expect("an order");
            Command::CancelOrder { order }
        }
        "fill" => Command::Fill { market: MARKET },
        "request_deposit" => Command::RequestDeposit { pool: POOL, amount: Cash::ONE },
        "request_withdraw" => Command::RequestWithdraw { pool: POOL, shares },
        "claim" => {
            let epoch = f.venue.state.pool[&POOL].open_epoch;
            f.run(OWNER, &Command::RequestDeposit { pool: POOL, amount: quote(10.0) }).expect("a request");
            f.settle_epoch(epoch);
            Command::Claim { account, pool: POOL, epoch }
        }
        "roll" => Command::Roll { market: MARKET },
        "settle" => {
            let board = f.boards(MARKET)[0];
            f.wait(board.expiry.since(f.venue.now));
            f.wait(Millis::days(1));
            Command::Settle { board }
        }
        "settle_account" => Command::SettleAccount { account },
        "transfer_shares" => Command::TransferShares { pool: POOL, to: id(77), shares },
        "transfer_position" => give(f, Right::Call, Size::ONE),
        "take_position" | "revoke_offer" => {
            let offer = f.venue.state.account[&account].next_offer;
            let command = give(f, Right::Put, Size::ONE.negated());
            f.run(OWNER, &command).expect("an offer");
            if row == "take_position" {
                Command::TakePosition { from: account, offer }
            } else {
                Command::RevokeOffer { offer }
            }
        }
        "propose" => Command::Propose { action: powers(f) },
        "enact" => Command::Enact { proposal: propose(f) },
        "reject" => Command::Reject { proposal: propose(f) },
        "pause" => Command::Pause { market: None },
        "resume" => Command::Resume { market: Some(MARKET) },
        "grant_session" => {
            let expires_at = f.venue.now.after(Millis::days(1));
            let daily_cap = Cash::ONE;
            Command::GrantSession(SessionGrant {
                key: id(78),
                trade: true,
                liquidity: true,
                daily_cap,
                expires_at,
            })
        }
        "revoke_session" => Command::RevokeSession { key: id(KEY + 1) },
        other => panic!("the table has a row {other}, which is no command"),
    }
}

/// What a refusal is in the table's letters.
fn letter(row: &str, result: Result<(), Error>) -> char {
    let refusal = match result {
        Ok(()) => return '+',
        Err(Error::Rejected(refusal)) => refusal,
        Err(Error::Fault(fault)) => panic!("{row} is a fault: {fault:?}"),
    };
    match refusal {
        Rejection::Forbidden { .. } => 'F',
        Rejection::SessionRefused { .. } => 'S',
        Rejection::OrderNotFound { .. }
        | Rejection::OfferNotFound { .. }
        | Rejection::InsufficientShares { .. }
        | Rejection::PositionTooSmall { .. } => '.',
        other => panic!("{row} was refused for something else: {other}"),
    }
}

#[test]
fn every_command_by_every_role_is_as_the_table_says() {
    let mut lines = TABLE.trim_start_matches('\n').lines();
    let head: Vec<&str> = lines.next().expect("a head").split_whitespace().collect();
    assert_eq!(head, ROLES.map(|(name, ..)| name));
    let world = world();
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    for line in lines {
        let mut cells = line.split_whitespace();
        let row = cells.next().expect("a row has a name");
        let expected: Vec<char> = cells.map(|cell| cell.chars().next().expect("a cell")).collect();
        let mut prepared = world.clone();
        let command = command(row, &mut prepared);
        assert_eq!(name(&command), row);
        assert_eq!(expected.len(), ROLES.len(), "{row} has a cell for every role");
        rows.push(row);
        for ((role, signer, key), expected) in ROLES.into_iter().zip(expected) {
            let mut venue = prepared.venue.clone();
            let principal = key.then(|| id(OWNER));
            let funds = if command == Command::Deposit { Cash::ONE } else { Cash::ZERO };
            let got = letter(row, venue.run_with(id(signer), principal, funds, &command).map(|_| ()));
            if got != expected {
                wrong.push(format!("{row} by {role}: {got} instead of {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(rows, NAMES, "the table has every command once, in order");
}

#[test]
fn a_key_of_one_account_is_nothing_to_another() {
    let world = world();
    let command = Command::PlaceOrder(request(&world));
    for (principal, expected) in [(OWNER, '+'), (OTHER, 'S'), (ANYONE, 'S'), (ADMIN, 'S')] {
        let mut venue = world.venue.clone();
        let result = venue.run_with(id(KEY + 1), Some(id(principal)), Cash::ZERO, &command);
        assert_eq!(letter("place_order", result.map(|_| ())), expected, "for account {principal}");
    }
}

#[test]
fn powers_signed_by_a_key_for_their_holder_are_refused() {
    // A principal that holds a power does not lend it: what counts is who signs.
    let mut f = world();
    let grant = SessionGrant {
        key: id(KEY + 9),
        trade: true,
        liquidity: true,
        daily_cap: quote(1.0),
        expires_at: f.venue.now.after(Millis::days(1)),
    };
    for holder in [ADMIN, GUARDIAN] {
        f.run(holder, &Command::GrantSession(grant)).expect("a grant");
        for command in [Command::Propose { action: powers(&f) }, Command::Pause { market: None }] {
            let result = f.venue.run_with(id(KEY + 9), Some(id(holder)), Cash::ZERO, &command);
            assert_eq!(letter(name(&command), result.map(|_| ())), 'S');
        }
    }
}
