//! A market's parameters and its surface.

use super::chain::{atm_iv, boards};
use super::{finite, market_of, price_float, refuse, vol_percent, with};
use crate::core::Shared;
use crate::core::replicas::Replica;
use cenote_api::name::expiry_label;
use cenote_api::view::{
    MarketParameters, ParameterRow, ProposalRow, SmilePoint, SmileSlice, Surface, SurfaceRow,
};
use cenote_api::{Address, ApiError, Names};
use cenote_engine::command::Action;
use cenote_engine::ids::{MarketId, Right};
use cenote_engine::params::{MarketRules, ParamDoc, PoolRules, SurfaceSource};
use cenote_engine::view::{self, BoardView, StrikeView};
use cenote_units::{Cash, Size, Timestamp};

/// A market's parameters with their bounds and reasons.
///
/// # Errors
/// No such market.
pub fn parameters(shared: &Shared, market: &str) -> Result<MarketParameters, ApiError> {
    with(shared, |replica, names| {
        let id = market_of(names, Some(market))?;
        let missing = || ApiError::not_found(format!("market {market} has no record"));
        let params = replica.state.market_params.get(&id).ok_or_else(missing)?;
        let record = replica.state.market.get(&id).ok_or_else(missing)?;
        let pool = replica.state.pool_params.get(&record.pool).ok_or_else(missing)?;
        let system = replica.state.system.get(&()).cloned().unwrap_or_default();
        let vault = replica.state.vault.get(&()).cloned().unwrap_or_default();
        Ok(MarketParameters {
            market: names.market(id),
            publishers: params.publishers.iter().map(|id| Address(*id)).collect(),
            surface_source: match params.surface {
                SurfaceSource::Published(_) => "published",
                SurfaceSource::Realised(_) => "realised",
            }
            .to_owned(),
            price_tick: params.price_tick.into(),
            rules: rows(MarketRules::table(), params.rules.texts()),
            pool_rules: rows(PoolRules::table(), pool.rules.texts()),
            proposals: replica.state.proposal.iter().map(|(id, p)| proposal(names, id.0, p)).collect(),
            timelock_ms: system.powers.timelock.get(),
            paused: system.paused || record.paused,
            insurance: vault.insurance.into(),
            treasury: vault.treasury.into(),
        })
    })
}

fn rows(table: Vec<ParamDoc>, values: Vec<String>) -> Vec<ParameterRow> {
    let row = |(doc, value): (ParamDoc, String)| ParameterRow {
        name: doc.name.to_owned(),
        value,
        min: doc.min,
        max: doc.max,
        meaning: doc.reason.to_owned(),
    };
    table.into_iter().zip(values).map(row).collect()
}

fn proposal(names: &Names, number: u64, proposal: &cenote_engine::state::Proposal) -> ProposalRow {
    let summary = match &proposal.action {
        Action::CreatePool(params) => format!("a new pool, {}", params.name),
        Action::CreateMarket { pool, params } => format!("a new market, {}, in pool {}", params.name, pool.0),
        Action::SetPool { pool, .. } => format!("new parameters of pool {}", pool.0),
        Action::SetMarket { market, .. } => format!("new parameters of {}", names.market(*market)),
        Action::SetPowers(powers) => {
            format!("new powers: admin {}, guardian {}", Address(powers.admin), Address(powers.guardian))
        }
    };
    ProposalRow { proposal: number, summary, enact_from: proposal.enact_from.millis() }
}

/// The surface in force, with the pool's own bids and asks for one contract as vols.
///
/// # Errors
/// No such market, or no surface yet.
pub fn surface(shared: &Shared, market: Option<&str>) -> Result<Surface, ApiError> {
    let now = shared.now();
    with(shared, |replica, names| {
        let id = market_of(names, market)?;
        surface_of(replica, names, id, now)
    })
}

/// [`surface`] on a replica at hand.
pub(crate) fn surface_of(
    replica: &Replica,
    names: &Names,
    id: MarketId,
    now: Timestamp,
) -> Result<Surface, ApiError> {
    let seen = view::surface(&replica.state, id).map_err(refuse)?;
    let (_, boards) = boards(replica, id, Some(Size::ONE), |_| true)?;
    let node = |node: &cenote_engine::command::SurfaceNode| SurfaceRow {
        days: f64::from(node.tenor_s) / 86_400.0,
        theta: node.theta_e12 as f64 / 1e12,
        rho: f64::from(node.rho_e9) / 1e9,
        psi: node.psi_e12 as f64 / 1e12,
        carry: node.carry_e12 as f64 / 1e12,
    };
    Ok(Surface {
        market: names.market(id),
        published_at: seen.published_at.millis(),
        age_ms: now.since(seen.published_at).get(),
        clipped: seen.clipped,
        sigma_ref: 100.0 * seen.sigma_ref,
        nodes: seen.nodes.iter().map(node).collect(),
        slices: boards.iter().map(slice).collect(),
        as_of_seq: replica.seq,
    })
}

fn slice(board: &BoardView) -> SmileSlice {
    SmileSlice {
        expiry: expiry_label(board.board),
        expiration_timestamp: board.board.expiry.millis(),
        forward: board.forward,
        atm_iv: atm_iv(board),
        points: board.strikes.iter().map(|strike| point(board, strike)).collect(),
    }
}

/// Vols of one strike, from the side that is out of the money: the other is mostly intrinsic value.
fn point(board: &BoardView, strike: &StrikeView) -> SmilePoint {
    let right = if price_float(strike.strike) >= board.forward { Right::Call } else { Right::Put };
    let side = if right == Right::Call { &strike.call } else { &strike.put };
    let vol = |cost: Cash, sign: f64| {
        vol_percent(right, sign * super::float(cost), board.forward, strike.strike, board.years)
    };
    SmilePoint {
        strike: strike.strike.into(),
        mark_iv: side.vol.and_then(|vol| finite(100.0 * vol)),
        bid_iv: side.sell.as_ref().and_then(|cost| vol(cost.total, -1.0)),
        ask_iv: side.buy.as_ref().and_then(|cost| vol(cost.total, 1.0)),
    }
}
