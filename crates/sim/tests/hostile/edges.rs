//! Edge values in every field of every command.

use cenote_engine::command::{
    Action, Leg, OrderRequest, Powers, Report, SessionGrant, SurfaceNode, TimeInForce,
};
use cenote_engine::ids::{AccountId, BoardId, LegKind, MarketId, OrderId, PoolId, ProposalId, Right};
use cenote_engine::params::{MarketParams, MarketRules, PoolParams, PoolRules, RealisedSmile, SurfaceSource};
use cenote_engine::{Command, MemoryState};
use cenote_sim::fixture::{ADMIN, PROVIDER, PUBLISHER, TRADER, surface};
use cenote_units::{Cash, Millis, Price, Ratio, Shares, Size, Timestamp};

/// Values of every type, taken from a state where it has some.
pub struct Edges {
    pub accounts: Vec<AccountId>,
    pub boards: Vec<BoardId>,
    pub strikes: Vec<Price>,
    pub times: Vec<Timestamp>,
    orders: Vec<u64>,
    state: MemoryState,
}

const RIGHTS: [Right; 2] = [Right::Call, Right::Put];
const KINDS: [LegKind; 3] = [LegKind::Call, LegKind::Put, LegKind::Forward];
const MARKETS: [MarketId; 3] = [MarketId(0), MarketId(1), MarketId(u16::MAX)];
const POOLS: [PoolId; 3] = [PoolId(0), PoolId(1), PoolId(u16::MAX)];
const NUMBERS: [u64; 4] = [0, 1, 2, u64::MAX];

fn cash() -> Vec<Cash> {
    let some = [-1, 0, 1, 1_000_000].map(|units| Cash::new(units).expect("a small amount"));
    [vec![Cash::MIN], some.to_vec(), vec![Cash::MAX]].concat()
}

fn sizes() -> Vec<Size> {
    let some = [-1_000_000, -1, 0, 1, 1_000_000].map(|units| Size::new(units).expect("a small size"));
    [vec![Size::MIN], some.to_vec(), vec![Size::MAX]].concat()
}

fn shares() -> [Shares; 4] {
    [Shares::ZERO, Shares::new(1).expect("a unit"), Shares::ONE, Shares::MAX]
}

impl Edges {
    pub fn of(state: &MemoryState, now: Timestamp) -> Self {
        let ms = Millis::new(1);
        let known: Vec<BoardId> = state.board.keys().copied().collect();
        let some = known.first().copied().unwrap_or_default();
        let unknown = [
            BoardId { series: 255, ..some },
            BoardId { market: MarketId(u16::MAX), ..some },
            BoardId { expiry: Timestamp::ZERO, ..some },
            BoardId { expiry: Timestamp::MAX, ..some },
        ];
        let listed = state.board.values().filter_map(|b| b.strikes.get(b.strikes.len() / 2)).map(|s| s.price);
        let mut strikes: Vec<Price> = listed.take(3).collect();
        strikes.extend([Price::ZERO, Price::new(1).expect("a unit"), Price::MAX]);
        let picked = [known.first(), known.get(1), known.last()].into_iter().flatten().copied();
        Self {
            accounts: [0, TRADER, TRADER + 1, PROVIDER, PUBLISHER, ADMIN, u64::MAX]
                .map(AccountId::numbered)
                .to_vec(),
            boards: picked.chain(unknown).collect(),
            strikes,
            times: vec![Timestamp::ZERO, now.before(ms), now, now.after(ms), Timestamp::MAX],
            orders: state.order.keys().map(|id| id.0).take(3).chain(NUMBERS).collect(),
            state: state.clone(),
        }
    }

    /// Every command, with edge values in every field.
    pub fn commands(&self) -> Vec<Command> {
        let mut all = vec![Command::Deposit];
        all.extend(cash().into_iter().map(|amount| Command::Withdraw { amount }));
        self.prices(&mut all);
        self.surfaces(&mut all);
        self.orders(&mut all);
        self.liquidity(&mut all);
        self.keeping(&mut all);
        self.transfers(&mut all);
        self.governance(&mut all);
        self.sessions(&mut all);
        all
    }

    fn prices(&self, all: &mut Vec<Command>) {
        let publisher = AccountId::numbered(PUBLISHER);
        let now = self.times[2];
        let good = Report { publisher, price: Price::ONE, confidence: Price::ZERO, published_at: now };
        let values = [Price::ZERO, Price::new(1).expect("a unit"), Price::ONE, Price::MAX];
        for market in MARKETS {
            let mut push = |reports: Vec<Report>| all.push(Command::PushPrice { market, reports });
            push(Vec::new());
            push(vec![good; 16]);
            push(vec![good; 17]);
            push(vec![good, Report { price: Price::MAX, ..good }]);
            for (price, confidence) in values.iter().flat_map(|p| values.map(|c| (*p, c))) {
                for published_at in self.times.iter().copied() {
                    push(vec![Report { price, confidence, published_at, ..good }]);
                }
            }
            self.accounts.iter().for_each(|publisher| push(vec![Report { publisher: *publisher, ..good }]));
        }
    }

    fn surfaces(&self, all: &mut Vec<Command>) {
        let good = surface(0.5);
        let now = self.times[2];
        let mut sets =
            vec![Vec::new(), good.clone(), good[..1].to_vec(), vec![good[0]; 13], vec![good[0]; 2]];
        sets.push(good.iter().rev().copied().collect());
        for at in [0, good.len() - 1] {
            let mut with = |change: &dyn Fn(&mut SurfaceNode)| {
                let mut nodes = good.clone();
                change(&mut nodes[at]);
                sets.push(vec![nodes[at]]);
                sets.push(nodes);
            };
            for v in [0, 1, u32::MAX] {
                with(&|node| node.tenor_s = v);
            }
            for v in [0, 1, i64::MAX as u64, u64::MAX] {
                with(&|node| node.theta_e12 = v);
                with(&|node| node.psi_e12 = v);
            }
            for v in [i32::MIN, -1_000_000_000, 0, 999_999_999, 1_000_000_000, i32::MAX] {
                with(&|node| node.rho_e9 = v);
            }
            for v in [i64::MIN, -1, 0, 1, i64::MAX] {
                with(&|node| node.carry_e12 = v);
            }
        }
        for market in MARKETS {
            for published_at in self.times.iter().copied() {
                all.push(Command::PublishSurface { market, published_at, nodes: good.clone() });
            }
            let published_at = now;
            all.extend(sets.iter().map(|nodes| Command::PublishSurface {
                market,
                published_at,
                nodes: nodes.clone(),
            }));
        }
    }

    /// Every single leg that the edges make.
    fn legs(&self) -> Vec<Leg> {
        let mut legs = Vec::new();
        for board in self.boards.iter().copied() {
            for strike in self.strikes.iter().copied() {
                for kind in KINDS {
                    legs.extend(sizes().into_iter().map(|size| Leg { board, strike, kind, size }));
                }
            }
        }
        legs
    }

    fn orders(&self, all: &mut Vec<Command>) {
        let board = self.boards[0];
        let strikes = self.state.board.get(&board).map(|b| b.strikes.clone()).unwrap_or_default();
        let strike = strikes.first().map_or(Price::ONE, |s| s.price);
        let good = Leg { board, strike, kind: LegKind::Call, size: Size::ONE };
        let base = OrderRequest {
            market: board.market,
            legs: vec![good],
            limit: Cash::MAX,
            time_in_force: TimeInForce::FirstTick,
            reduce_only: false,
            attempts: 1,
        };
        let mut place = |request: OrderRequest| all.push(Command::PlaceOrder(request));
        for leg in self.legs() {
            place(OrderRequest { market: leg.board.market, legs: vec![leg], ..base.clone() });
        }
        let with = |size, kind| Leg { size, kind, ..good };
        let lists = [
            vec![],
            vec![good; 8],
            vec![good; 9],
            vec![good; 1_000],
            vec![with(Size::MAX, LegKind::Call); 2],
            vec![with(Size::MIN, LegKind::Forward), with(Size::MIN, LegKind::Call)],
            vec![with(Size::ONE, LegKind::Call), with(Size::ONE.negated(), LegKind::Call)],
            vec![with(Size::ONE, LegKind::Forward), with(Size::ONE, LegKind::Put)],
        ];
        lists.into_iter().for_each(|legs| place(OrderRequest { legs, ..base.clone() }));
        MARKETS.into_iter().for_each(|market| place(OrderRequest { market, ..base.clone() }));
        cash().into_iter().for_each(|limit| place(OrderRequest { limit, ..base.clone() }));
        for attempts in [0, 1, 1_000, 1_001, u32::MAX] {
            place(OrderRequest { attempts, ..base.clone() });
        }
        for until in self.times.iter().copied() {
            let time_in_force = TimeInForce::Until(until);
            place(OrderRequest { time_in_force, reduce_only: true, ..base.clone() });
        }
        all.extend(self.orders.iter().map(|id| Command::CancelOrder { order: OrderId(*id) }));
        all.extend(MARKETS.map(|market| Command::Fill { market }));
    }

    fn liquidity(&self, all: &mut Vec<Command>) {
        for pool in POOLS {
            all.extend(cash().into_iter().map(|amount| Command::RequestDeposit { pool, amount }));
            all.extend(shares().map(|shares| Command::RequestWithdraw { pool, shares }));
            for account in self.accounts.iter().copied() {
                all.extend(NUMBERS.map(|epoch| Command::Claim { account, pool, epoch }));
                all.extend(shares().map(|shares| Command::TransferShares { pool, to: account, shares }));
            }
        }
    }

    fn keeping(&self, all: &mut Vec<Command>) {
        all.extend(MARKETS.map(|market| Command::Roll { market }));
        all.extend(self.boards.iter().map(|board| Command::Settle { board: *board }));
        all.extend(self.accounts.iter().map(|account| Command::SettleAccount { account: *account }));
    }

    fn transfers(&self, all: &mut Vec<Command>) {
        let held = |id: &AccountId| {
            let holding = self.state.account.get(id)?.holdings.first()?.clone();
            let position = holding.positions.first()?.clone();
            Some((holding.board, position.strike))
        };
        let mut series: Vec<(BoardId, Price)> = self.accounts.iter().filter_map(held).collect();
        series
            .extend(self.boards.iter().flat_map(|board| self.strikes.iter().map(|strike| (*board, *strike))));
        for (board, strike) in series {
            for (right, size) in
                RIGHTS.iter().flat_map(|right| sizes().into_iter().map(|size| (*right, size)))
            {
                let to = self.accounts[2];
                let payment = Cash::ZERO;
                all.push(Command::TransferPosition { to, board, strike, right, size, payment });
            }
        }
        let (board, strike) = (self.boards[0], self.strikes[0]);
        for to in self.accounts.iter().copied() {
            for (payment, size) in cash().into_iter().flat_map(|p| sizes().into_iter().map(move |s| (p, s))) {
                all.push(Command::TransferPosition { to, board, strike, right: Right::Call, size, payment });
            }
            all.extend(NUMBERS.map(|offer| Command::TakePosition { from: to, offer }));
        }
        all.extend(NUMBERS.map(|offer| Command::RevokeOffer { offer }));
    }

    fn governance(&self, all: &mut Vec<Command>) {
        let mut propose = |action: Action| all.push(Command::Propose { action });
        for params in market_params() {
            for pool in POOLS {
                propose(Action::CreateMarket { pool, params: params.clone() });
            }
            for market in MARKETS {
                propose(Action::SetMarket { market, params: params.clone() });
            }
        }
        for params in pool_params() {
            propose(Action::CreatePool(params.clone()));
            POOLS.into_iter().for_each(|pool| propose(Action::SetPool { pool, params: params.clone() }));
        }
        for timelock in [Millis::ZERO, Millis::new(1), Millis::seconds(3_600), Millis::days(91), Millis::MAX]
        {
            propose(Action::SetPowers(Powers { timelock, ..Powers::default() }));
        }
        let known = self.state.proposal.keys().map(|id| id.0).take(3);
        for id in known.chain(NUMBERS).map(ProposalId) {
            all.extend([Command::Enact { proposal: id }, Command::Reject { proposal: id }]);
        }
        for market in MARKETS.into_iter().map(Some).chain([None]) {
            all.extend([Command::Pause { market }, Command::Resume { market }]);
        }
    }

    fn sessions(&self, all: &mut Vec<Command>) {
        for key in self.accounts.iter().copied() {
            for (daily_cap, expires_at) in
                cash().into_iter().flat_map(|c| self.times.iter().map(move |t| (c, *t)))
            {
                for (trade, liquidity) in [(false, false), (true, false), (false, true), (true, true)] {
                    let grant = SessionGrant { key, trade, liquidity, daily_cap, expires_at };
                    all.push(Command::GrantSession(grant));
                }
            }
            all.push(Command::RevokeSession { key });
        }
    }
}

/// Parameters with one thing wrong with them, or at an edge.
fn market_params() -> Vec<MarketParams> {
    let publisher = AccountId::numbered(PUBLISHER);
    let good = MarketParams {
        name: "M0".into(),
        publishers: vec![publisher],
        surface: SurfaceSource::Published(publisher),
        price_tick: Price::ONE,
        rules: MarketRules::default(),
    };
    let mut all = vec![good.clone()];
    for name in ["", "lower", "SEVENTEENLETTERSX", "\u{0}", "ÄÖ", &"X".repeat(10_000)] {
        all.push(MarketParams { name: name.into(), ..good.clone() });
    }
    for count in [0, 16, 17, 1_000] {
        let publishers = (0..count).map(AccountId::numbered).collect();
        all.push(MarketParams { publishers, ..good.clone() });
    }
    all.push(MarketParams { publishers: vec![publisher; 2], ..good.clone() });
    for price_tick in [Price::ZERO, Price::new(1).expect("a unit"), Price::MAX] {
        all.push(MarketParams { price_tick, ..good.clone() });
    }
    for value in [Ratio::MIN, Ratio::ZERO, Ratio::MAX] {
        let smile = RealisedSmile { initial_vol: value, premium: value, rho: value, slope: value };
        all.push(MarketParams { surface: SurfaceSource::Realised(smile), ..good.clone() });
    }
    let rules = super::parameters::edges(&MarketRules::default());
    all.extend(rules.into_iter().map(|rules| MarketParams { rules, ..good.clone() }));
    all
}

fn pool_params() -> Vec<PoolParams> {
    let good = PoolParams { name: "POOL".into(), rules: PoolRules::default() };
    let names = ["", "lower", "POOL"].map(|name| PoolParams { name: name.into(), ..good.clone() });
    let rules = super::parameters::edges(&PoolRules::default());
    names.into_iter().chain(rules.into_iter().map(|rules| PoolParams { rules, ..good.clone() })).collect()
}
