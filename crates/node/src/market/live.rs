//! A market whose prices come from outside, in real time.

use super::feeds::Feeds;
use super::{grants, own};
use crate::core::entry::Deed;
use crate::core::market::{Change, Market, Phase};
use borsh::{BorshDeserialize, BorshSerialize};
use cenote_api::ApiError;
use cenote_engine::{Command, MemoryState};
use cenote_feeds::{Index, Surface};
use cenote_sim::life::{self, Life};
use cenote_units::{Millis, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// How long a market waits for its first price and surface.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// Who says what the index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexSource {
    /// Pyth, whose signatures are checked.
    Pyth,
    /// Deribit's own index.
    Deribit,
}

/// Where prices come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveConfig {
    /// Of the index; the surface is always fitted to Deribit's chain.
    pub index: IndexSource,
    /// `BTC` or `ETH`.
    pub currency: String,
    /// A Hermes server.
    pub pyth: String,
    /// A Deribit server.
    pub deribit: String,
}

impl LiveConfig {
    /// The real networks.
    #[must_use]
    pub fn new(index: IndexSource, currency: &str) -> Self {
        Self {
            index,
            currency: currency.to_owned(),
            pyth: "https://hermes.pyth.network".to_owned(),
            deribit: "https://www.deribit.com".to_owned(),
        }
    }
}

/// What has been published.
#[derive(Debug, Clone, Copy, Default, BorshSerialize, BorshDeserialize)]
struct Told {
    at: Timestamp,
    index_at: Timestamp,
    surface_at: Timestamp,
    silent_until: Timestamp,
}

/// Prices from outside; opening and keeping are those of a market that lives by itself, without its accounts.
pub(super) struct Live {
    life: Life,
    tick: Millis,
    feeds: Arc<Feeds>,
    told: Told,
    stage: u8,
}

impl Live {
    pub fn new(life: Life, tick: Millis, feeds: Arc<Feeds>) -> Self {
        let told = Told { at: life.config().start, ..Told::default() };
        Self { life, tick, feeds, told, stage: 0 }
    }

    /// The opening with the first price and surface from outside, all of it a moment ago.
    fn first_deeds(&mut self, index: Index, surface: &Surface) -> Vec<Deed> {
        let mut deeds: Vec<Deed> = self.life.opening().into_iter().map(own).collect();
        for deed in &mut deeds {
            match &mut deed.command {
                Command::PushPrice { reports, .. } => reports.iter_mut().for_each(|report| {
                    (report.price, report.confidence) = (index.price, index.confidence);
                }),
                Command::PublishSurface { nodes, .. } => nodes.clone_from(&surface.nodes),
                _ => {}
            }
        }
        deeds
    }

    /// What is new, and not older than what is told already.
    fn news(&mut self, at: Timestamp, state: &MemoryState) -> Vec<Deed> {
        self.told.at = at;
        if at < self.told.silent_until {
            return Vec::new();
        }
        let (index, surface) = self.feeds.latest();
        let (cast, market) = (&self.life.config().cast, life::MARKET);
        let mut deeds = Vec::new();
        if let Some(surface) = surface.filter(|surface| surface.published_at > self.told.surface_at) {
            self.told.surface_at = surface.published_at;
            let Surface { published_at, nodes, .. } = surface;
            let command = Command::PublishSurface { market, published_at, nodes };
            deeds.push(Deed { sender: cast.publisher, funds: cenote_units::Cash::ZERO, now: at, command });
        }
        let latest = state.market.get(&market).and_then(|market| Some(market.tick.as_ref()?.published_at));
        let since = self.told.index_at.max(latest.unwrap_or_default());
        if let Some(index) = index.filter(|index| index.published_at > since) {
            self.told.index_at = index.published_at;
            let command = Command::PushPrice { market, reports: vec![index.report(cast.publisher)] };
            deeds.push(Deed { sender: cast.keeper, funds: cenote_units::Cash::ZERO, now: at, command });
        }
        deeds
    }
}

impl Market for Live {
    fn opening(&mut self, _: &MemoryState) -> Result<Option<Vec<Deed>>, String> {
        self.stage += 1;
        match self.stage {
            1 => {
                let (index, surface) = self.feeds.first(PATIENCE)?;
                Ok(Some(self.first_deeds(index, &surface)))
            }
            2 => Ok(Some(grants(self.life.config()))),
            _ => Ok(None),
        }
    }

    fn real_time(&self) -> bool {
        true
    }

    fn next_at(&self) -> Option<Timestamp> {
        Some(self.told.at.after(self.tick))
    }

    fn phases(&self) -> &'static [Phase] {
        &[Phase::Tick, Phase::Keep]
    }

    fn deeds(&mut self, phase: Phase, at: Timestamp, state: &MemoryState) -> Vec<Deed> {
        match phase {
            Phase::Tick => self.news(at, state),
            Phase::Keep => self.life.deeds(life::Phase::Keep, at, state).into_iter().map(own).collect(),
            Phase::Trade => Vec::new(),
        }
    }

    fn pace(&self, _: Timestamp, _: Timestamp, _: &MemoryState) -> Vec<Timestamp> {
        Vec::new()
    }

    fn save(&self) -> Vec<u8> {
        // Times and bytes: nothing in it fails to serialise.
        borsh::to_vec(&(self.told, self.life.save())).unwrap_or_default()
    }

    fn load(&mut self, saved: &[u8]) -> Result<(), String> {
        let (told, life): (Told, Vec<u8>) =
            borsh::from_slice(saved).map_err(|e| format!("the saved market is damaged: {e}"))?;
        self.life = Life::load(self.life.config().clone(), &life).map_err(|e| e.to_string())?;
        self.told = told;
        Ok(())
    }

    fn control(&mut self, change: Change, now: Timestamp) -> Result<(), ApiError> {
        match change {
            Change::Silence(length) => {
                self.told.silent_until = now.after(length);
                Ok(())
            }
            Change::Price { .. } | Change::Vol(_) => Err(ApiError::new(
                "not_supported",
                "prices of this venue are real and cannot be bent; start one with generated prices for that",
            )),
        }
    }
}
