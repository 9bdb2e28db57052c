//! Where the scenario plays: one pool, two markets, a surface in integers.

use cenote_engine::command::{Powers, SurfaceNode};
use cenote_engine::ids::AccountId;
use cenote_engine::params::{MarketParams, MarketRules, PoolParams, PoolRules, SurfaceSource};
use cenote_engine::{Genesis, GenesisMarket, GenesisPool};
use cenote_units::{Millis, Price};

pub(super) const ADMIN: u64 = 1;
pub(super) const GUARDIAN: u64 = 2;
pub(super) const KEEPER: u64 = 3;
pub(super) const PUBLISHERS: [u64; 3] = [10, 11, 12];
pub(super) const USERS: u64 = 20;
pub(super) const KEYS: u64 = 40;

pub(super) fn genesis() -> Genesis {
    let market = |name: &str, publishers_min: u32| GenesisMarket {
        params: MarketParams {
            name: name.into(),
            publishers: PUBLISHERS.map(AccountId::numbered).to_vec(),
            surface: SurfaceSource::Published(AccountId::numbered(PUBLISHERS[0])),
            price_tick: Price::ONE,
            rules: MarketRules {
                publishers_min,
                dailies: 2,
                weeklies: 1,
                monthlies: 1,
                quarterlies: 0,
                ..Default::default()
            },
        },
    };
    Genesis {
        powers: Powers {
            admin: AccountId::numbered(ADMIN),
            guardian: AccountId::numbered(GUARDIAN),
            timelock: Millis::days(2),
        },
        pools: vec![GenesisPool {
            params: PoolParams { name: "POOL".into(), rules: PoolRules::default() },
            markets: vec![market("ONE", 1), market("TWO", 2)],
        }],
    }
}

/// A skewed surface of one shape at every tenor; `vol_bp` is its annual vol in 1e-4.
pub(super) fn surface(vol_bp: u64) -> Vec<SurfaceNode> {
    [1u32, 3, 7, 14, 30, 60, 90, 120].map(|days| node(days, vol_bp)).to_vec()
}

fn node(days: u32, vol_bp: u64) -> SurfaceNode {
    let theta_e12 = vol_bp * vol_bp * 10_000 * u64::from(days) / 365;
    // The root of 1e-12 units is in 1e-6; six more digits are put in below it.
    let root_e12 = (u128::from(theta_e12) * 1_000_000_000_000).isqrt() as u64;
    SurfaceNode {
        tenor_s: days * 86_400,
        theta_e12,
        rho_e9: -200_000_000,
        psi_e12: root_e12 / 10 * 6,
        carry_e12: 50_000_000_000 * i64::from(days) / 365,
    }
}
