//! A whole node: core, API, page.

use crate::core::{Config, Core, Maker, Started, start};
use crate::http::ws::Cache;
use crate::http::{App, AppState, Limiter, Rate, Serving, serve};
use crate::keys::KeyStore;
use crate::market::{PriceConfig, VenueMaker};
use cenote_journal::{Disk, RealDisk, Recovery};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;

/// How a node is set up.
#[derive(Debug, Clone)]
pub struct NodeConfig {
    /// Where everything is kept.
    pub dir: PathBuf,
    /// Where it listens; port 0 takes any.
    pub bind: SocketAddr,
    /// How prices are made, for a new venue.
    pub prices: PriceConfig,
    /// Market seconds a wall second.
    pub speed: f64,
    /// Requests of one address.
    pub rate: Rate,
    /// Origins other than the page's own that may use the API.
    pub origins: Vec<String>,
    /// No prices at all; whoever runs the node pushes them.
    pub quiet: bool,
    /// Whether there is a history.
    pub history: bool,
    /// Journal entries between snapshots on disk.
    pub snapshot_every: u64,
}

impl NodeConfig {
    /// The usual set-up for a directory.
    #[must_use]
    pub fn new(dir: PathBuf) -> Self {
        Self {
            dir,
            bind: SocketAddr::from(([127, 0, 0, 1], 8_980)),
            prices: PriceConfig::default(),
            speed: 1.0,
            rate: Rate { per_second: 2_000, burst: 4_000 },
            origins: Vec::new(),
            quiet: false,
            history: true,
            snapshot_every: 100_000,
        }
    }
}

/// Why a node does not start, in words.
#[derive(Debug)]
pub struct NodeError(pub String);

impl std::fmt::Display for NodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NodeError {}

impl From<String> for NodeError {
    fn from(said: String) -> Self {
        Self(said)
    }
}

/// A node that runs.
pub struct Node {
    /// The venue.
    pub core: Core,
    /// Where it listens.
    pub address: SocketAddr,
    /// What recovery did.
    pub recovery: Recovery,
    /// The venue is new.
    pub new: bool,
    /// How its prices are made: as the journal was begun, whatever was asked for now.
    pub prices: PriceConfig,
    /// Entries that were run again.
    pub replayed: u64,
    serving: Serving,
}

impl Node {
    /// Starts a node, new or where its journal ends.
    ///
    /// # Errors
    /// What stands in the way, and what to do.
    pub async fn start(config: NodeConfig) -> Result<Self, NodeError> {
        Self::start_on(config, Arc::new(RealDisk)).await
    }

    /// [`Node::start`] with a disk of one's own.
    ///
    /// # Errors
    /// As of [`Node::start`].
    pub async fn start_on(config: NodeConfig, disk: Arc<dyn Disk>) -> Result<Self, NodeError> {
        let maker = VenueMaker::new(config.prices.clone())?;
        Self::start_with(config, disk, &maker).await
    }

    /// [`Node::start_on`] with prices from elsewhere.
    ///
    /// # Errors
    /// As of [`Node::start`].
    pub async fn start_with(
        config: NodeConfig,
        disk: Arc<dyn Disk>,
        maker: &dyn Maker,
    ) -> Result<Self, NodeError> {
        std::fs::create_dir_all(&config.dir)
            .map_err(|e| format!("cannot make {}: {e}", config.dir.display()))?;
        // The port first: a venue should not be opened by a node that nobody can reach.
        let listener = TcpListener::bind(config.bind).await.map_err(|e| {
            format!(
                "cannot listen on {}: {e}; another node may have the port, choose one with --port",
                config.bind
            )
        })?;
        let core_config = Config {
            speed: config.speed,
            history: config.history,
            snapshot_every: config.snapshot_every,
            ..Config::new(config.dir.clone())
        };
        let started: Started = start(core_config, disk, maker).map_err(|e| e.to_string())?;
        let keys = KeyStore::open(&config.dir)?;
        if started.core.shared.config.dev {
            keys.add_dev();
        }
        let app = App(Arc::new(AppState {
            shared: Arc::clone(&started.core.shared),
            limiter: Limiter::new(config.rate),
            keys,
            cache: Cache::default(),
            origins: config.origins,
        }));
        let serving = serve(app, listener).map_err(|e| format!("cannot serve: {e}"))?;
        Ok(Self {
            core: started.core,
            address: serving.address,
            recovery: started.recovery,
            new: started.new,
            prices: serde_json::from_str(&started.prices)
                .map_err(|e| format!("the journal's prices: {e}"))?,
            replayed: started.replayed,
            serving,
        })
    }

    /// Stops: no more connections, everything that was taken is carried out, a snapshot is written.
    ///
    /// # Errors
    /// How it ended, when that was not well.
    pub async fn stop(self) -> Result<(), String> {
        self.serving.stop().await;
        tokio::task::spawn_blocking(move || self.core.stop()).await.map_err(|e| e.to_string())?
    }
}
