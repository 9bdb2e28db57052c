//! Commands from bytes: raw ones on one state, plausible ones one after another.

use super::Bytes;
use cenote_engine::command::{Leg, OrderRequest, SessionGrant, TimeInForce};
use cenote_engine::ids::{AccountId, BoardId, LegKind, MarketId, OrderId, PoolId, Right};
use cenote_engine::{Command, Context, Error, execute};
use cenote_sim::fixture::{Fixture, GUARDIAN, KEEPER, PROVIDER, PUBLISHER, TRADER};
use cenote_sim::invariants;
use cenote_units::{Cash, Millis, Shares, Size};

const POOL: PoolId = PoolId(0);
const MARKET: MarketId = MarketId(0);
/// Commands of one sequence; the rest of its bytes is left.
const LONGEST: usize = 48;

thread_local! {
    /// A venue with traders who hold something: made once, copied for each input.
    static VENUE: Fixture = venue();
}

fn venue() -> Fixture {
    let mut f = Fixture::standard();
    f.checked = false;
    for user in users() {
        f.fund(user, 200_000.0);
    }
    let board = f.boards(MARKET)[1];
    let legs = vec![f.leg(board, 1.0, LegKind::Call, 1.0), f.leg(board, 0.95, LegKind::Put, -1.0)];
    let _ = f.trade(TRADER, legs).expect("a venue's first order");
    f
}

fn users() -> [u64; 4] {
    [TRADER, TRADER + 1, TRADER + 2, PROVIDER]
}

/// Decodes a command, by whoever the first byte says, and carries it out or has it refused.
pub fn command_bytes(data: &[u8]) {
    let Some((who, bytes)) = data.split_first() else { return };
    let Ok(command) = borsh::from_slice::<Command>(bytes) else { return };
    VENUE.with(|f| {
        let senders = [TRADER, TRADER + 1, PROVIDER, KEEPER, PUBLISHER, GUARDIAN, 1, u64::MAX];
        let sender = AccountId::numbered(senders[usize::from(*who) % senders.len()]);
        let funds = if command == Command::Deposit { Cash::ONE } else { Cash::ZERO };
        let ctx =
            Context { now: f.venue.now, sequence: f.venue.sequence + 1, sender, principal: None, funds };
        match execute(&f.venue.state, &ctx, &command) {
            Err(Error::Fault(fault)) => panic!("{command:?} is a fault: {fault:?}"),
            Err(Error::Rejected(refusal)) => assert!(!refusal.to_string().is_empty()),
            Ok(outcome) => {
                let mut venue = f.venue.clone();
                let again = venue.run_with(sender, None, funds, &command).expect("the same again");
                assert_eq!(again.delta, outcome.delta, "two runs differ");
                assert_eq!(invariants::check(&venue.state, venue.bank), [], "{command:?}");
            }
        }
    });
}

/// Plausible commands, with every invariant checked after each that was carried out.
pub fn command_sequence(data: &[u8]) {
    let mut bytes = Bytes(data);
    let mut f = VENUE.with(Fixture::clone);
    f.checked = true;
    for _ in 0..LONGEST {
        if bytes.is_empty() {
            return;
        }
        step(&mut f, &mut bytes);
    }
}

fn step(f: &mut Fixture, bytes: &mut Bytes<'_>) {
    f.wait(Millis::new(u64::from(bytes.byte()) * 20));
    let user = users()[bytes.below(4)];
    let command = match bytes.below(16) {
        0..=2 => return tick(f, bytes),
        3 => {
            f.vol = (f.vol * bytes.between(0.9, 1.1)).clamp(0.1, 2.0);
            let _ = f.publish(MARKET);
            return;
        }
        4 => return leap(f, bytes),
        5..=8 => order(f, bytes),
        9 => Some(Command::CancelOrder { order: live_order(f, bytes) }),
        10 => Some(liquidity(f, bytes, user)),
        11 => transfer(f, bytes, user),
        12 => Some(keep(f, bytes)),
        13 => Some(guard(bytes)),
        14 => Some(session(f, bytes)),
        _ => Some(Command::Withdraw { amount: amount(bytes) }),
    };
    let Some(command) = command else { return };
    let sender =
        if matches!(command, Command::Pause { .. } | Command::Resume { .. }) { GUARDIAN } else { user };
    // Refusals are as good an answer as any; `run` panics on faults and broken invariants.
    let _ = f.run(sender, &command);
}

fn amount(bytes: &mut Bytes<'_>) -> Cash {
    Cash::new(bytes.scale(1.0, 1e12) as i128).expect("a million quote at most")
}

fn tick(f: &mut Fixture, bytes: &mut Bytes<'_>) {
    let wide = if bytes.below(16) == 0 { 0.1 } else { 0.002 };
    f.spots[0] = (f.spots[0] * bytes.between(1.0 - wide, 1.0 + wide)).clamp(1_000.0, 1e7);
    let spot = f.spots[0];
    let _ = f.push(MARKET, spot);
}

fn leap(f: &mut Fixture, bytes: &mut Bytes<'_>) {
    f.wait(Millis::seconds(60 * (1 + u64::from(bytes.byte()) * 6)));
    let _ = f.publish(MARKET);
    tick(f, bytes);
    let _ = f.roll(MARKET);
}

fn board(f: &Fixture, bytes: &mut Bytes<'_>) -> Option<BoardId> {
    let boards: Vec<BoardId> = f.venue.state.board.keys().copied().collect();
    (!boards.is_empty()).then(|| boards[bytes.below(boards.len())])
}

fn order(f: &Fixture, bytes: &mut Bytes<'_>) -> Option<Command> {
    let mut legs = Vec::new();
    for _ in 0..=bytes.below(4) {
        let board = board(f, bytes)?;
        let strikes = &f.venue.state.board[&board].strikes;
        let strike = strikes.get(bytes.below(strikes.len().max(1)))?.price;
        let kind = [LegKind::Call, LegKind::Put, LegKind::Forward][bytes.below(3)];
        let units = bytes.scale(1.0, 1e8) as i64;
        let size = Size::new(if bytes.byte().is_multiple_of(2) { units } else { -units }).ok()?;
        legs.push(Leg { board, strike, kind, size });
    }
    let until = f.venue.now.after(Millis::seconds(1 + u64::from(bytes.byte())));
    let flags = bytes.byte();
    let limit = if flags & 1 == 0 { Cash::MAX } else { amount(bytes) };
    let time_in_force = if flags & 2 == 0 { TimeInForce::FirstTick } else { TimeInForce::Until(until) };
    let (reduce_only, attempts) = (flags & 12 == 12, 1 + u32::from(flags >> 6));
    Some(Command::PlaceOrder(OrderRequest {
        market: MARKET,
        legs,
        limit,
        time_in_force,
        reduce_only,
        attempts,
    }))
}

fn live_order(f: &Fixture, bytes: &mut Bytes<'_>) -> OrderId {
    let live: Vec<OrderId> = f.venue.state.order.keys().copied().collect();
    live.get(bytes.below(live.len().max(1))).copied().unwrap_or_default()
}

fn liquidity(f: &Fixture, bytes: &mut Bytes<'_>, user: u64) -> Command {
    let stake = f.venue.state.account.get(&AccountId::numbered(user)).and_then(|a| a.stake(POOL).cloned());
    let stake = stake.unwrap_or_default();
    let part = stake.shares.get() / (1 + bytes.below(9) as u128);
    let shares = Shares::new(part).unwrap_or_default();
    match bytes.below(4) {
        0 => Command::RequestDeposit { pool: POOL, amount: amount(bytes) },
        1 => Command::RequestWithdraw { pool: POOL, shares },
        2 => Command::TransferShares { pool: POOL, to: AccountId::numbered(TRADER + 1), shares },
        _ => {
            let epoch = stake.claims.first().map_or(0, |claim| claim.epoch);
            Command::Claim { account: AccountId::numbered(user), pool: POOL, epoch }
        }
    }
}

fn transfer(f: &Fixture, bytes: &mut Bytes<'_>, user: u64) -> Option<Command> {
    let to = AccountId::numbered(users()[bytes.below(4)]);
    let account = f.venue.state.account.get(&AccountId::numbered(user))?;
    if bytes.byte().is_multiple_of(3) {
        let offer = account.next_offer.saturating_sub(1);
        return Some(Command::TakePosition { from: to, offer });
    }
    let holding = account.holdings.first()?;
    let position = holding.positions.get(bytes.below(holding.positions.len()))?;
    let size = Size::new(position.size.get() / (1 + bytes.below(3) as i64)).ok()?;
    let payment = if size < Size::ZERO { amount(bytes) } else { Cash::ZERO };
    let (board, strike, right): (_, _, Right) = (holding.board, position.strike, position.right);
    Some(Command::TransferPosition { to, board, strike, right, size, payment })
}

fn keep(f: &Fixture, bytes: &mut Bytes<'_>) -> Command {
    let account = AccountId::numbered(users()[bytes.below(4)]);
    match (bytes.below(4), board(f, bytes)) {
        (0, _) => Command::Fill { market: MARKET },
        (1, _) => Command::Roll { market: MARKET },
        (2, Some(board)) => Command::Settle { board },
        _ => Command::SettleAccount { account },
    }
}

fn guard(bytes: &mut Bytes<'_>) -> Command {
    let market = (bytes.byte().is_multiple_of(2)).then_some(MARKET);
    if bytes.byte().is_multiple_of(2) { Command::Pause { market } } else { Command::Resume { market } }
}

fn session(f: &Fixture, bytes: &mut Bytes<'_>) -> Command {
    let key = AccountId::numbered(900);
    if bytes.byte().is_multiple_of(4) {
        return Command::RevokeSession { key };
    }
    let expires_at = f.venue.now.after(Millis::seconds(u64::from(bytes.word())));
    let daily_cap = amount(bytes);
    Command::GrantSession(SessionGrant {
        key,
        trade: true,
        liquidity: bytes.byte().is_multiple_of(2),
        daily_cap,
        expires_at,
    })
}
