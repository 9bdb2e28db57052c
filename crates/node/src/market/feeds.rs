//! Live sources, each asked by a thread of its own: what they said last, and how they are.

use super::live::{IndexSource, LiveConfig};
use cenote_feeds::{
    DeribitIndex, DeribitIndexOptions, DeribitSurface, DeribitSurfaceOptions, FeedError, FeedId, Index, Pace,
    Poller, PythIndex, PythOptions, Source, Surface,
};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// From one price to the next question.
const INDEX_PACE: Pace = Pace { every: Duration::from_secs(1), wait_max: Duration::from_secs(30) };
/// From one chain to the next question: a chain is half a megabyte.
const SURFACE_PACE: Pace = Pace { every: Duration::from_secs(10), wait_max: Duration::from_secs(120) };
/// A thread looks this often whether it is still wanted.
const NAP: Duration = Duration::from_millis(100);

/// How a source is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// What it gives: `index` or `surface`.
    pub gives: &'static str,
    /// Whom it asks.
    pub from: String,
    /// The last good answer.
    pub good_at: Option<Instant>,
    /// Failures since.
    pub failures: u32,
    /// Why the last question failed.
    pub trouble: Option<String>,
}

#[derive(Debug, Default)]
struct Known {
    index: Option<Index>,
    surface: Option<Surface>,
    health: Vec<Health>,
}

/// The sources of one market. Their threads end when it is dropped.
#[derive(Debug)]
pub struct Feeds {
    known: Mutex<Known>,
    news: Condvar,
}

impl Feeds {
    /// Starts asking.
    ///
    /// # Errors
    /// Addresses that cannot be used, in words.
    pub fn start(config: &LiveConfig) -> Result<Arc<Self>, String> {
        let coin = config.currency.to_ascii_lowercase();
        let wrong = |error: FeedError| error.to_string();
        let index: Box<dyn Source + Send> = match config.index {
            IndexSource::Pyth => {
                let feed = if coin == "eth" { FeedId::ETH_USD } else { FeedId::BTC_USD };
                Box::new(PythIndex::new(PythOptions::new(&config.pyth, feed)).map_err(wrong)?)
            }
            IndexSource::Deribit => {
                let options = DeribitIndexOptions::new(&config.deribit, &format!("{coin}_usd"));
                Box::new(DeribitIndex::new(options).map_err(wrong)?)
            }
        };
        let options = DeribitSurfaceOptions::new(&config.deribit, &config.currency);
        let surface = Box::new(DeribitSurface::new(options).map_err(wrong)?);
        let index_from = match config.index {
            IndexSource::Pyth => &config.pyth,
            IndexSource::Deribit => &config.deribit,
        };
        let health = |gives, from: &str| Health {
            gives,
            from: from.to_owned(),
            good_at: None,
            failures: 0,
            trouble: None,
        };
        let health = vec![health("index", index_from), health("surface", &config.deribit)];
        let feeds =
            Arc::new(Self { known: Mutex::new(Known { health, ..Known::default() }), news: Condvar::new() });
        ask(&feeds, 0, Poller::new(index, INDEX_PACE))?;
        ask(&feeds, 1, Poller::new(surface, SURFACE_PACE))?;
        Ok(feeds)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The latest price and surface, as far as there are any.
    #[must_use]
    pub fn latest(&self) -> (Option<Index>, Option<Surface>) {
        let known = self.known();
        (known.index, known.surface.clone())
    }

    /// The first price and surface.
    ///
    /// # Errors
    /// What is missing after so long, and why.
    pub fn first(&self, patience: Duration) -> Result<(Index, Surface), String> {
        let missing = |known: &mut Known| known.index.is_none() || known.surface.is_none();
        let (known, _) = self
            .news
            .wait_timeout_while(self.known(), patience, missing)
            .unwrap_or_else(PoisonError::into_inner);
        if let (Some(index), Some(surface)) = (known.index, known.surface.clone()) {
            return Ok((index, surface));
        }
        let why = |health: &Health| {
            let trouble = health.trouble.as_deref().unwrap_or("no answer yet");
            format!("{} from {}: {trouble}", health.gives, health.from)
        };
        let silent = known.health.iter().filter(|health| health.good_at.is_none());
        Err(format!(
            "a market with live prices cannot begin without a price and a surface; {}",
            silent.map(why).collect::<Vec<_>>().join("; ")
        ))
    }

    /// How the sources are.
    #[must_use]
    pub fn health(&self) -> Vec<Health> {
        self.known().health.clone()
    }

    fn note<S: Source>(&self, at: usize, poller: &mut Poller<S>) {
        let answer = poller.poll();
        let mut known = self.known();
        match answer {
            Ok(update) => {
                known.index = update.index.or(known.index);
                known.surface = update.surface.or_else(|| known.surface.take());
            }
            Err(error) => tracing::warn!(code = error.code(), %error, "a source of prices gave nothing"),
        }
        let health = &mut known.health[at];
        health.failures = poller.failures();
        health.trouble = poller.trouble().map(ToString::to_string);
        if poller.trouble().is_none() {
            health.good_at = Some(Instant::now());
        }
        drop(known);
        self.news.notify_all();
    }
}

/// Asks a source for as long as somebody wants to know.
fn ask<S: Source + Send + 'static>(
    feeds: &Arc<Feeds>,
    at: usize,
    mut poller: Poller<S>,
) -> Result<(), String> {
    let feeds: Weak<Feeds> = Arc::downgrade(feeds);
    let run = move || {
        while let Some(feeds) = feeds.upgrade() {
            if poller.due_in().is_zero() {
                feeds.note(at, &mut poller);
            }
            drop(feeds);
            std::thread::sleep(poller.due_in().min(NAP));
        }
    };
    let thread = std::thread::Builder::new().name("feed".to_owned()).spawn(run);
    thread.map(|_| ()).map_err(|error| format!("no thread for a source of prices: {error}"))
}
