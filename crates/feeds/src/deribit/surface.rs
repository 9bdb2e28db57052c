//! A surface fitted to the listed options.

use super::book::{Row, chain};
use super::{open, plain_name};
use crate::client::{Client, Trust};
use crate::fresh::{Clock, Freshness, Gate, Passed, system_clock};
use crate::{FeedError, Source, Surface, Update};
use cenote_calibrate::{Calibration, FitOptions, fit};
use cenote_engine::command::SurfaceNode;
use cenote_units::Millis;
use std::time::Duration;

/// Most bytes of an answer; a true one has about 500 KiB.
const BODY_MAX: usize = 4 * 1024 * 1024;

/// How to get one surface.
#[derive(Clone)]
pub struct DeribitSurfaceOptions {
    /// The server, without `/api`.
    pub base: String,
    /// The coin, such as `BTC`. Options whose premium is paid in it are read, no others.
    pub currency: String,
    /// How to fit; must agree with the market's own parameters.
    pub fit: FitOptions,
    /// Least share of the quotes between whose bid and ask the surface must lie, per cent, at most 100.
    pub inside_min_percent: u32,
    /// Whether test prices are wanted.
    pub testnet: bool,
    /// How old an answer may be.
    pub freshness: Freshness,
    /// Most time for a whole answer.
    pub timeout: Duration,
    /// The time that ages are measured by.
    pub clock: Clock,
}

impl DeribitSurfaceOptions {
    /// The real network; the protocol's own fit, half of the quotes inside; at most 60 s old and 2 s ahead; 20 s for an
    /// answer.
    #[must_use]
    pub fn new(base: &str, currency: &str) -> Self {
        Self {
            base: base.to_owned(),
            currency: currency.to_owned(),
            fit: FitOptions::default(),
            inside_min_percent: 50,
            testnet: false,
            freshness: Freshness { age_max: Millis::seconds(60), ahead_max: Millis::seconds(2) },
            timeout: Duration::from_secs(20),
            clock: system_clock(),
        }
    }
}

/// A surface fitted to Deribit's options on one coin.
pub struct DeribitSurface {
    client: Client,
    path: String,
    currency: String,
    fit: FitOptions,
    inside_min_percent: u32,
    testnet: bool,
    gate: Gate,
    clock: Clock,
}

impl DeribitSurface {
    /// Nothing is sent before the first poll.
    ///
    /// # Errors
    /// `base_address`, `option`.
    pub fn new(options: DeribitSurfaceOptions) -> Result<Self, FeedError> {
        let DeribitSurfaceOptions {
            base,
            currency,
            fit,
            inside_min_percent,
            testnet,
            freshness,
            timeout,
            clock,
        } = options;
        plain_name("currency", &currency)?;
        if inside_min_percent > 100 {
            let (field, rule) = ("inside_min_percent", "0 to 100");
            return Err(FeedError::Option { field, rule, found: inside_min_percent.to_string() });
        }
        let client = Client::new(&base, timeout, Trust::ByConnection)?;
        let path = format!("/api/v2/public/get_book_summary_by_currency?currency={currency}&kind=option");
        let gate = Gate::new("option chain", freshness);
        Ok(Self { client, path, currency, fit, inside_min_percent, testnet, gate, clock })
    }
}

impl Source for DeribitSurface {
    fn poll(&mut self) -> Result<Update, FeedError> {
        let answer = self.client.get(&self.path, BODY_MAX)?;
        let now = (self.clock)();
        let (rows, sent_at): (Vec<Row>, _) = open(&answer, self.testnet)?;
        let Passed::New(published_at) = self.gate.check(sent_at, now)? else {
            return Ok(Update::default());
        };
        let chain = chain(&rows, &self.currency, sent_at)?;
        let calibration =
            fit(&chain, &self.fit).map_err(|error| FeedError::NoSurface { reason: error.to_string() })?;
        let (inside, quotes) = (calibration.totals.inside, calibration.totals.quotes);
        let needed_percent = self.inside_min_percent;
        if (inside as u128) * 100 < (quotes as u128) * u128::from(needed_percent) {
            return Err(FeedError::PoorFit { inside, quotes, needed_percent });
        }
        self.gate.last = Some(sent_at);
        let nodes = nodes(&calibration);
        Ok(Update { index: None, surface: Some(Surface { published_at, nodes, quotes, inside }) })
    }
}

/// The same numbers as the engine takes them.
fn nodes(calibration: &Calibration) -> Vec<SurfaceNode> {
    let node = |node: &cenote_calibrate::SurfaceNode| {
        let cenote_calibrate::SurfaceNode { tenor_s, theta_e12, rho_e9, psi_e12, carry_e12 } = *node;
        SurfaceNode { tenor_s, theta_e12, rho_e9, psi_e12, carry_e12 }
    };
    calibration.surface.nodes.iter().map(node).collect()
}
