//! Where a venue's prices come from: a market that makes its own, or one that is told by others.

mod feeds;
mod live;

pub use feeds::{Feeds, Health};
pub use live::{IndexSource, LiveConfig};

use crate::core::entry::Deed;
use crate::core::market::{Change, Market, Phase};
use crate::core::{Fresh, Maker};
use cenote_api::{ApiError, Money, keys};
use cenote_engine::command::SessionGrant;
use cenote_engine::{Command, MemoryState};
use cenote_sim::life::{self, Cast, Life, LifeConfig, Prices};
use cenote_sim::publisher::Shape;
use cenote_sim::tape;
use cenote_units::{Cash, Millis, Timestamp};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// What named traders start with, quote.
const TRADERS_START: i128 = 100_000;
/// What named liquidity providers keep in cash beside their shares, quote.
const PROVIDERS_START: i128 = 100_000;
/// How long the API keys of named accounts last, days of market time.
const KEYS_LAST: u64 = 3_650;

/// How prices are made: kept in the journal, so that whoever starts again goes on with the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PriceConfig {
    /// The seed of everything.
    pub seed: u64,
    /// A tape, instead of generated prices.
    pub tape: Option<PathBuf>,
    /// The shape of the surface; that of a real chain, or the usual one.
    pub shape: Option<Shape>,
    /// The first price, quote, when it is generated.
    pub price: Option<f64>,
    /// Simulated traders and providers act.
    pub agents: bool,
    /// Time between ticks, ms.
    pub tick_ms: u64,
    /// The market's first time, ms.
    pub start_ms: u64,
    /// Prices from outside in real time, instead of generated ones.
    #[serde(default)]
    pub live: Option<LiveConfig>,
}

impl Default for PriceConfig {
    fn default() -> Self {
        // Monday 2026-01-05, 12:00 UTC: the same for everybody, so that the same seed is the same market.
        let start_ms = 1_767_571_200_000 + 12 * 3_600_000;
        Self {
            seed: 7,
            tape: None,
            shape: None,
            price: None,
            agents: true,
            tick_ms: 1_000,
            start_ms,
            live: None,
        }
    }
}

fn quote(whole: i128) -> Cash {
    Cash::new(whole * 1_000_000).unwrap_or(Cash::ZERO)
}

/// The named accounts in their roles.
fn cast() -> Cast {
    let id = |name: &str| keys::address_of(&keys::dev_key(name)).0;
    let traders = ["alice", "bob", "carol", "dave"].map(|name| (id(name), quote(TRADERS_START)));
    let providers = ["lp1", "lp2"].map(|name| (id(name), quote(PROVIDERS_START)));
    let staff = ["keeper", "oracle", "admin"].map(|name| (id(name), quote(1_000)));
    Cast {
        admin: id("admin"),
        guardian: id("admin"),
        publisher: id("oracle"),
        keeper: id("keeper"),
        providers: vec![id("lp1"), id("lp2")],
        funded: traders.into_iter().chain(providers).chain(staff).collect(),
    }
}

impl PriceConfig {
    fn start(&self) -> Result<Timestamp, String> {
        Timestamp::from_millis(self.start_ms).map_err(|e| e.to_string())
    }

    /// # Errors
    /// A tape that cannot be read, or numbers out of range, in words.
    fn life(&self) -> Result<LifeConfig, String> {
        let prices = match (&self.tape, Prices::default()) {
            (Some(path), _) => Prices::Tape(Arc::new(tape::read(path).map_err(|e| e.to_string())?)),
            (None, Prices::Generated(usual)) => {
                Prices::Generated(tape::Generator { price: self.price.unwrap_or(usual.price), ..usual })
            }
            (None, other) => other,
        };
        let usual = LifeConfig::new(self.start()?, cast());
        Ok(LifeConfig {
            seed: self.seed,
            tick: Millis::new(self.tick_ms),
            prices,
            shape: self.shape.clone().unwrap_or_default(),
            market: self.live.as_ref().map_or(usual.market, |live| format!("{}_USDC", live.currency)),
            // Those who invent prices have no place beside real ones.
            agents: self.agents && self.live.is_none(),
            ..usual
        })
    }

    fn made(&self) -> Result<Life, String> {
        Life::new(self.life()?).map_err(|e| e.to_string())
    }
}

/// Makes the market of a venue.
pub struct VenueMaker {
    config: PriceConfig,
    feeds: OnceLock<Arc<Feeds>>,
}

impl VenueMaker {
    /// A maker.
    ///
    /// # Errors
    /// What of the configuration makes no sense, in words.
    pub fn new(config: PriceConfig) -> Result<Self, String> {
        config.made()?;
        Ok(Self { config, feeds: OnceLock::new() })
    }

    /// The sources of live prices, asked from the first time on that somebody wants them.
    fn feeds_of(&self, live: &LiveConfig) -> Result<Arc<Feeds>, String> {
        match self.feeds.get() {
            Some(feeds) => Ok(Arc::clone(feeds)),
            None => {
                let feeds = Feeds::start(live)?;
                Ok(Arc::clone(self.feeds.get_or_init(|| feeds)))
            }
        }
    }
}

impl Maker for VenueMaker {
    fn fresh(&self) -> Result<Fresh, String> {
        let mut config = self.config.clone();
        if let Some(live) = &config.live {
            // The first price decides the steps of strikes.
            let (index, _) = self.feeds_of(live)?.first(live::PATIENCE)?;
            config.price = Some(cenote_engine::quote::price(index.price));
            config.start_ms = cenote_feeds::system_clock()().millis();
        }
        let prices = serde_json::to_string(&config).map_err(|e| e.to_string())?;
        let start = config.start()?.before(Millis::seconds(3_600));
        Ok(Fresh { genesis: config.made()?.genesis(), prices, start, salt: String::new() })
    }

    fn market(&self, prices: &str, _: Timestamp) -> Result<Box<dyn Market>, String> {
        let config: PriceConfig =
            serde_json::from_str(prices).map_err(|e| format!("the journal's prices: {e}"))?;
        let life = config.made()?;
        Ok(match &config.live {
            Some(live) => Box::new(live::Live::new(life, Millis::new(config.tick_ms), self.feeds_of(live)?)),
            None => Box::new(Living { life, stage: 0 }),
        })
    }

    fn feeds(&self) -> Option<Arc<Feeds>> {
        self.feeds.get().cloned()
    }
}

struct Living {
    life: Life,
    stage: u8,
}

fn own(deed: life::Deed) -> Deed {
    Deed { sender: deed.sender, funds: deed.funds, now: deed.now, command: deed.command }
}

/// API keys of named accounts: session keys that the node holds, with a cap nobody reaches.
fn grants(config: &LifeConfig) -> Vec<Deed> {
    let now = config.start.before(Millis::new(1));
    let grant = |name: &&str| Deed {
        sender: keys::address_of(&keys::dev_key(name)).0,
        funds: Cash::ZERO,
        now,
        command: Command::GrantSession(SessionGrant {
            key: keys::address_of(&keys::session_key(&keys::dev_api_secret(name))).0,
            trade: true,
            liquidity: true,
            daily_cap: quote(1_000_000_000),
            expires_at: now.after(Millis::days(KEYS_LAST)),
        }),
    };
    keys::DEV_NAMES.iter().map(grant).collect()
}

impl Market for Living {
    fn opening(&mut self, _: &MemoryState) -> Result<Option<Vec<Deed>>, String> {
        self.stage += 1;
        Ok(match self.stage {
            1 => Some(self.life.opening().into_iter().map(own).collect()),
            2 => Some(grants(self.life.config())),
            _ => None,
        })
    }

    fn next_at(&self) -> Option<Timestamp> {
        Some(self.life.next_at())
    }

    fn phases(&self) -> &'static [Phase] {
        &[Phase::Tick, Phase::Keep, Phase::Trade]
    }

    fn deeds(&mut self, phase: Phase, at: Timestamp, state: &MemoryState) -> Vec<Deed> {
        let phase = match phase {
            Phase::Tick => life::Phase::Tick,
            Phase::Keep => life::Phase::Keep,
            Phase::Trade => life::Phase::Trade,
        };
        self.life.deeds(phase, at, state).into_iter().map(own).collect()
    }

    fn pace(&self, from: Timestamp, to: Timestamp, _: &MemoryState) -> Vec<Timestamp> {
        self.life.pace(from, to).collect()
    }

    fn save(&self) -> Vec<u8> {
        self.life.save()
    }

    fn load(&mut self, saved: &[u8]) -> Result<(), String> {
        if saved.is_empty() {
            return Ok(());
        }
        self.life = Life::load(self.life.config().clone(), saved).map_err(|e| e.to_string())?;
        Ok(())
    }

    fn control(&mut self, change: Change, now: Timestamp) -> Result<(), ApiError> {
        let done = match change {
            Change::Price { by, over } => self.life.shock(by, over),
            Change::Vol(points) => self.life.vol(points),
            Change::Silence(length) => {
                self.life.silence(now.after(length));
                Ok(())
            }
        };
        done.map_err(|e| ApiError::new("invalid", e.to_string()))
    }
}

/// What a named account starts with, in words.
#[must_use]
pub fn starting_cash(name: &str) -> Money {
    let id = keys::address_of(&keys::dev_key(name)).0;
    let cash = cast().funded.into_iter().find(|(whose, _)| *whose == id).map_or(Cash::ZERO, |(_, cash)| cash);
    Money(cash)
}
