//! What holds of prices at one tick: path independence, no free round trip, convexity, no static arbitrage.

use super::lab::{
    ATTACKER, BYSTANDERS, M0, at_one_tick, cost, equity, leg_on, legs, load, money, pool, quick, reversed,
    roomy, roomy_pair, still, units,
};
use cenote_engine::command::Leg;
use cenote_engine::event::{Cost, FillEvent};
use cenote_engine::ids::{AccountId, BoardId, LegKind, MarketId, Right};
use cenote_pricing::math::exp;
use cenote_sim::fixture::{Fixture, TRADER};
use cenote_sim::rng::Rng;
use cenote_units::{Price, Ratio, Size};

/// A venue with a random book: one market or two, up to three times the pool's assets in one instrument.
pub fn loaded(seed: u64) -> (Fixture, Rng) {
    let mut rng = Rng::new(seed, 1);
    let mut setup = if seed.is_multiple_of(2) { roomy() } else { roomy_pair() };
    // The least risk tolerance that parameters allow tilts prices five times as hard as the default.
    setup.pool.risk_tolerance = Ratio::ppm([50_000, 250_000][rng.below(2)]);
    let mut f = quick(&setup);
    let share = [0.1, 0.3, 1.0, 3.0][rng.below(4)];
    load(&mut f, &mut rng, share);
    (f, rng)
}

fn market(f: &Fixture, rng: &mut Rng) -> MarketId {
    f.markets()[rng.below(f.markets().len())]
}

fn notional(f: &Fixture, market: MarketId, share: f64) -> f64 {
    share * 1e7 / f.spots[usize::from(market.0)]
}

/// Mark, impact and capital: the parts that are differences of functions of state.
fn state_parts(cost: &Cost) -> f64 {
    (cost.mark.get() + cost.impact.get() + cost.capital.get()) as f64
}

fn charges(cost: &Cost) -> f64 {
    (cost.spread.get() + cost.latency.get() + cost.fee.get()) as f64
}

fn sum(fills: &[FillEvent], part: impl Fn(&Cost) -> f64) -> f64 {
    fills.iter().map(|fill| part(&fill.cost)).sum()
}

/// Every leg cut into `count` pieces at random places; piece by piece, none empty.
fn pieces(rng: &mut Rng, legs: &[Leg], count: usize) -> Vec<Vec<Leg>> {
    let mut parts: Vec<Vec<Leg>> = vec![Vec::new(); count];
    for leg in legs {
        let mut left = leg.size.get();
        for (n, part) in parts.iter_mut().enumerate() {
            let take =
                if n + 1 == count { left } else { (left as f64 * 2.0 * rng.uniform() / count as f64) as i64 };
            left -= take;
            if take != 0 {
                part.push(Leg { size: Size::new(take).expect("a part of a size"), ..*leg });
            }
        }
    }
    parts.retain(|part| !part.is_empty());
    for n in (1..parts.len()).rev() {
        parts.swap(n, rng.below(n + 1));
    }
    parts
}

/// What a split found, in units of cash; `None` when a limit was in the way.
#[derive(Debug, Clone, Copy)]
pub struct Split {
    /// How much the state parts differ between whole and pieces.
    pub apart: f64,
    /// How much they may: 1e-9 of gross premium and the rounding of each part.
    pub allowed: f64,
    /// What splitting saved, all charges in.
    pub saved: i128,
}

/// Trades `whole` in one order, and on a copy of the venue in `parts`, all at one tick.
pub fn split(f: &Fixture, whole: &[Leg], parts: &[Vec<Leg>]) -> Option<Split> {
    let (mut at_once, mut bit_by_bit) = (f.clone(), f.clone());
    let one = at_one_tick(&mut at_once, &[(ATTACKER, whole.to_vec())]).pop().flatten()?;
    let orders: Vec<(u64, Vec<Leg>)> = parts.iter().map(|part| (ATTACKER, part.clone())).collect();
    let many: Option<Vec<FillEvent>> = at_one_tick(&mut bit_by_bit, &orders).into_iter().collect();
    let many = many?;
    let gross = sum(&many, |c| {
        c.mark.get().abs() as f64 + c.impact.get().abs() as f64 + c.capital.get().abs() as f64
    });
    Some(Split {
        apart: (sum(&many, state_parts) - state_parts(&one.cost)).abs(),
        allowed: 1e-9 * gross + 1.5 * (many.len() + 1) as f64,
        saved: one.cost.total.get() - many.iter().map(|fill| fill.cost.total.get()).sum::<i128>(),
    })
}

/// Path independence and "splitting never saves" on one random state; how many splits filled, and the worst apart.
pub fn splits(seed: u64, tries: usize) -> Result<(usize, f64), String> {
    let (f, mut rng) = loaded(seed);
    let (mut done, mut worst) = (0, 0.0f64);
    for n in 0..tries {
        let market = market(&f, &mut rng);
        let whole = legs(&f, &mut rng, market, 8, notional(&f, market, 0.3));
        let count = 2 + rng.below(14);
        let parts = pieces(&mut rng, &whole, count);
        let Some(found) = split(&f, &whole, &parts) else { continue };
        done += 1;
        worst = worst.max(found.apart / found.allowed);
        if found.apart > found.allowed {
            return Err(format!("seed {seed} split {n}: pieces of {whole:?} are {found:?}"));
        }
        // Each piece rounds up by a unit at least; the whole does so once.
        if found.saved > 0 {
            return Err(format!("seed {seed} split {n}: splitting {whole:?} saves {found:?}"));
        }
    }
    Ok((done, worst))
}

/// A closed loop of random trades at one tick: what it leaves the trader with is minus its charges, and equity
/// rises by what liquidity keeps of them. Returns how many loops filled.
pub fn loops(seed: u64, tries: usize) -> Result<usize, String> {
    let (f, mut rng) = loaded(seed);
    let mut done = 0;
    for n in 0..tries {
        let mut f = f.clone();
        let market = market(&f, &mut rng);
        let mut orders: Vec<(u64, Vec<Leg>)> = Vec::new();
        for _ in 0..1 + rng.below(3) {
            let there = legs(&f, &mut rng, market, 3, notional(&f, market, 0.3));
            let back = pieces(&mut rng, &reversed(&there), 2);
            orders.push((ATTACKER, there));
            orders.extend(back.into_iter().map(|part| (ATTACKER, part)));
        }
        // Any order of the steps closes the loop.
        for n in (1..orders.len()).rev() {
            orders.swap(n, rng.below(n + 1));
        }
        still(&mut f, market);
        let before = equity(&f);
        let fills: Option<Vec<FillEvent>> = at_one_tick(&mut f, &orders).into_iter().collect();
        let Some(fills) = fills else { continue };
        done += 1;
        let (moved, paid) = (sum(&fills, state_parts), sum(&fills, charges));
        let gross = sum(&fills, |c| c.mark.get().abs() as f64);
        let total: i128 = fills.iter().map(|fill| fill.cost.total.get()).sum();
        if moved < -1e-9 * gross - 1.5 * fills.len() as f64 || (total as f64) < paid - 1.0 - 1e-9 * gross {
            return Err(format!(
                "seed {seed} loop {n}: {orders:?} costs {total}, charges {paid}, moved {moved}"
            ));
        }
        // A millisecond of time value of the whole book is under a cent a percent of the pool.
        let gained = equity(&f) - before;
        if gained < 0.6 * sum(&fills, |c| c.fee.get() as f64) / 1e6 - 0.05 {
            return Err(format!("seed {seed} loop {n}: equity moved by {gained}"));
        }
    }
    Ok(done)
}

/// Convexity of the whole cost along random lines; the worst violation in units.
pub fn convexity(seed: u64, tries: usize) -> Result<i128, String> {
    let (f, mut rng) = loaded(seed);
    let mut worst = 0;
    for n in 0..tries {
        let market = market(&f, &mut rng);
        let base = legs(&f, &mut rng, market, 4, notional(&f, market, 0.5));
        let along = legs(&f, &mut rng, market, 4, notional(&f, market, 0.5));
        // q - d, q, q + d.
        let shifted = |sign: i64| {
            let mut all = base.clone();
            let moved = |leg: &Leg| Leg { size: Size::new(sign * leg.size.get()).expect("a size"), ..*leg };
            all.extend(along.iter().map(moved));
            all
        };
        let costs = [base.clone(), shifted(-1), shifted(1)].map(|legs| cost(&f, &legs).map(|(c, _)| c));
        let [Some(middle), Some(low), Some(high)] = costs else { continue };
        let bend = low.total.get() + high.total.get() - 2 * middle.total.get();
        let gross: i128 = [middle, low, high].iter().map(|c| c.mark.get().abs()).sum();
        worst = worst.min(bend);
        if bend < -4 - gross / 1_000_000_000 {
            return Err(format!("seed {seed} line {n}: {base:?} along {along:?} bends by {bend}"));
        }
    }
    Ok(worst)
}

/// A random portfolio on a board whose payoff is nowhere negative.
pub fn gift(f: &Fixture, rng: &mut Rng, board: BoardId) -> Vec<Leg> {
    let strikes = &f.venue.state.board[&board].strikes;
    let step = |k: usize| (strikes[k].price.get() / 1_000_000_000_000) as i64;
    let leg = |k: usize, kind: LegKind, n: i64| Leg { board, strike: strikes[k].price, kind, size: units(n) };
    let mut at: Vec<usize> = (0..3).map(|_| rng.below(strikes.len())).collect();
    if rng.chance(0.5) && strikes.len() > 2 {
        // Neighbours: the tightest payoffs are the first to go under.
        let first = rng.below(strikes.len() - 2);
        at = (first..first + 3).collect();
    }
    at.sort_unstable();
    at.dedup();
    let scale = (1e3 * exp(12.0 * rng.uniform())) as i64;
    let kind = if rng.chance(0.5) { LegKind::Call } else { LegKind::Put };
    match at[..] {
        [a, b, c] if rng.chance(0.7) => {
            // Wings in proportion to the distances, so that a butterfly ends at zero on both sides.
            let unit = (scale / (step(c) - step(a)).max(1)).max(1);
            let (left, right) = (step(b) - step(a), step(c) - step(b));
            vec![leg(a, kind, unit * right), leg(b, kind, -unit * (left + right)), leg(c, kind, unit * left)]
        }
        [a, .., c] if rng.chance(0.6) => match (rng.below(3), kind) {
            (0, _) => vec![leg(a, LegKind::Forward, scale), leg(c, LegKind::Forward, -scale)],
            (_, LegKind::Put) => vec![leg(a, LegKind::Put, -scale), leg(c, LegKind::Put, scale)],
            _ => vec![leg(a, LegKind::Call, scale), leg(c, LegKind::Call, -scale)],
        },
        [a, ..] => vec![leg(a, kind, scale)],
        [] => unreachable!("a board has strikes"),
    }
}

/// A payoff that is never negative costs at least nothing before charges, at any size. The cheapest found, units.
pub fn gifts(f: &Fixture, rng: &mut Rng, tries: usize) -> Result<f64, String> {
    let mut least = f64::MAX;
    for _ in 0..tries {
        let market = market(f, rng);
        let boards = f.boards(market);
        let board = boards[rng.below(boards.len())];
        let mut trade = gift(f, rng, board);
        if rng.chance(0.4) {
            trade.extend(gift(f, rng, board));
        }
        let Some((cost, _)) = cost(f, &trade) else { continue };
        let before_charges = (cost.mark.get() + cost.impact.get()) as f64;
        let gross =
            trade.iter().map(|leg| leg.size.magnitude() as f64).sum::<f64>() * price(leg_strike(&trade));
        least = least.min(before_charges);
        let slack = 2.0 + 1e-11 * gross;
        if before_charges < -slack || (cost.capital.get() as f64) < -slack || cost.total.get() < 0 {
            return Err(format!("{trade:?} costs {cost:?}"));
        }
    }
    Ok(least)
}

fn leg_strike(legs: &[Leg]) -> Price {
    legs[0].strike
}

fn price(p: Price) -> f64 {
    p.get() as f64 / 1e12
}

/// No static arbitrage on one random state.
pub fn arbitrage(seed: u64, tries: usize) -> Result<f64, String> {
    let (f, mut rng) = loaded(seed);
    gifts(&f, &mut rng, tries).map_err(|what| format!("seed {seed}: {what}"))
}

/// Calendars: bought later, sold earlier, same strike, both boards of common moves and of bands so wide that they
/// cut nothing. Returns how many were priced and the least mark + impact, units.
pub fn calendars(seed: u64, tries: usize) -> Result<(usize, f64), String> {
    let mut rng = Rng::new(seed, 2);
    let mut setup = roomy();
    setup.markets[0].band_max_up = Ratio::ppm(3_000_000);
    setup.markets[0].band_max_down = Ratio::ppm(5_000_000);
    setup.markets[0].band_sigmas_up = Ratio::ppm(8_000_000);
    setup.markets[0].band_sigmas_down = Ratio::ppm(8_000_000);
    let mut f = quick(&setup);
    let share = [0.3, 1.0, 3.0][rng.below(3)];
    load(&mut f, &mut rng, share);
    let phi = pool(&f).phi * 1e6;
    let (mut done, mut least) = (0, f64::MAX);
    for n in 0..tries {
        let boards = f.boards(M0);
        let (a, b) = (boards[rng.below(boards.len())], boards[rng.below(boards.len())]);
        let (near, far) = if a.expiry < b.expiry { (a, b) } else { (b, a) };
        let mut sold = leg_on(&f, &mut rng, near, 50.0);
        sold.kind = LegKind::Call;
        sold.size = units(-i64::try_from(sold.size.magnitude()).expect("a size"));
        let bought = Leg { board: far, size: sold.size.negated(), ..sold };
        if near == far || !f.venue.state.board[&far].strikes.iter().any(|s| s.price == sold.strike) {
            continue;
        }
        let Some((cost, _)) = cost(&f, &[sold, bought]) else { continue };
        done += 1;
        let (mark, impact) = (cost.mark.get() as f64, cost.impact.get() as f64);
        let common = near.expiry.since(f.venue.now).get() >= 14 * 86_400_000;
        let slack = 2.0 + 1e-9 * sold.size.magnitude() as f64 * price(sold.strike);
        if common {
            least = least.min(mark + impact);
        }
        if (common && mark + impact < -slack) || impact < -phi - slack {
            return Err(format!(
                "seed {seed} calendar {n}: {sold:?} against {bought:?} costs {cost:?}, Phi {phi}"
            ));
        }
    }
    Ok((done, least))
}

/// Refunds within a tick are at most the charges within it and the potentials at its start. The least of
/// (refundable at the start + paid within the tick), quote.
pub fn refunds(seed: u64) -> Result<f64, String> {
    let (mut f, mut rng) = loaded(seed);
    let market = market(&f, &mut rng);
    // R follows equity and equity R: after a few ticks both stand still.
    (0..12).for_each(|_| drop(still(&mut f, market)));
    let before = pool(&f);
    let mut orders = Vec::new();
    for n in 0..BYSTANDERS {
        let account = TRADER + n as u64;
        // Everybody closes what he has in this market, a leg at a time, and opens something else.
        let holdings = f.venue.state.account[&AccountId::numbered(account)].holdings.clone();
        let held = holdings.iter().filter(|h| h.board.market == market);
        for (board, p) in held.flat_map(|h| h.positions.iter().map(move |p| (h.board, p))).take(10) {
            let kind = match p.right {
                Right::Call => LegKind::Call,
                Right::Put => LegKind::Put,
            };
            orders.push((account, vec![Leg { board, strike: p.strike, kind, size: p.size.negated() }]));
        }
        orders.push((account, legs(&f, &mut rng, market, 4, notional(&f, market, 0.2))));
    }
    let fills: Vec<FillEvent> = at_one_tick(&mut f, &orders).into_iter().flatten().collect();
    let after = pool(&f);
    let paid: f64 = fills.iter().map(|fill| money(fill.cost.impact) + money(fill.cost.capital)).sum();
    let refundable = before.phi + before.lambda;
    let slack = 0.01 + 1e-5 * refundable;
    if refundable + paid < -slack
        || (refundable + paid - after.phi - after.lambda).abs() > 1.0 + 1e-4 * refundable
    {
        let now = after.phi + after.lambda;
        return Err(format!("seed {seed}: {refundable} at the start, {paid} paid, {now} left"));
    }
    Ok(refundable + paid)
}

/// What buying the call of each listed strike of a board as forward and put saves against buying the call, units a
/// contract: the two are one position, so the cheaper way is everybody's.
pub fn synthetic(f: &Fixture, board: BoardId) -> Option<(Price, i128)> {
    let strikes = f.venue.state.board[&board].strikes.clone();
    let mut best: Option<(Price, i128)> = None;
    for strike in strikes {
        let leg = |kind, n| Leg { board, strike: strike.price, kind, size: units(n) };
        for (option, other, sign) in [(LegKind::Call, LegKind::Put, 1), (LegKind::Put, LegKind::Call, -1)] {
            let whole = [leg(option, 1_000_000)];
            let parts = [vec![leg(LegKind::Forward, sign * 1_000_000)], vec![leg(other, 1_000_000)]];
            let Some(found) = split(f, &whole, &parts) else { continue };
            best = best.filter(|(_, most)| *most >= found.saved).or(Some((strike.price, found.saved)));
        }
    }
    best
}

/// What a risk reversal pays for the spread of its skew, as a share of what its legs pay apart.
pub fn skew_spread() -> f64 {
    let f = quick(&roomy());
    let board = f.boards(M0)[3];
    let call = f.leg(board, 1.1, LegKind::Call, 10.0);
    let put = f.leg(board, 0.9, LegKind::Put, 10.0);
    let spread = |legs: &[Leg]| money(cost(&f, legs).expect("a price").0.spread);
    // At equal vega only the gross part and the legs' own minimum are left; delta is taken off by a forward.
    let vega = |leg: &Leg| vega(&f, leg);
    let sold = Leg { size: units((-put.size.get() as f64 * vega(&call) / vega(&put)) as i64), ..put };
    spread(&[call, sold]) / (spread(&[call]) + spread(&[sold]))
}

fn vega(f: &Fixture, leg: &Leg) -> f64 {
    let request =
        cenote_engine::view::QuoteRequest { market: M0, account: None, legs: vec![*leg], reduce_only: false };
    cenote_engine::view::quote(&f.venue.state, f.venue.now, &request).expect("a price").greeks.vega
}

/// The most that cutting a large sale in ten saves, units, over options whose fee is near its cap: where it is taken
/// on the premium, later pieces, whose premium has fallen, pay less.
pub fn capped_fee_split() -> i128 {
    let mut setup = roomy();
    setup.pool.risk_tolerance = Ratio::ppm(50_000);
    let f = quick(&setup);
    let chain = cenote_engine::view::chain(&f.venue.state, f.venue.now, M0, None).expect("a chain");
    let mut most = i128::MIN;
    for board in &chain {
        for row in &board.strikes {
            for (kind, mark) in [(LegKind::Call, row.call.mark), (LegKind::Put, row.put.mark)] {
                let near = (0.0025..0.008).contains(&(mark / f.spots[0]));
                let leg =
                    |n: i64| Leg { board: board.board, strike: row.strike, kind, size: units(n * 1_000_000) };
                let part = vec![leg(-25)];
                if let Some(found) = near.then(|| split(&f, &[leg(-250)], &vec![part; 10])).flatten() {
                    most = most.max(found.saved);
                }
            }
        }
    }
    most
}
