//! How old an answer may be.

use crate::FeedError;
use cenote_units::{Millis, Timestamp};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the time that ages are measured by.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The clock of this machine.
#[must_use]
pub fn system_clock() -> Clock {
    Arc::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis())
            .ok()
            .and_then(|ms| Timestamp::from_millis(ms).ok())
            .unwrap_or(Timestamp::MAX)
    })
}

/// Bounds on the time that a source gives its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// Most age.
    pub age_max: Millis,
    /// Most that it may be ahead of this machine's clock: clocks differ a little.
    pub ahead_max: Millis,
}

/// Holds one source to its [`Freshness`], and to time that does not go back.
#[derive(Debug)]
pub(crate) struct Gate {
    pub what: &'static str,
    pub freshness: Freshness,
    pub last: Option<Timestamp>,
}

/// What the gate says of an answer that may pass.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Passed {
    /// Published at this time, by the earlier of the two clocks.
    New(Timestamp),
    /// The one that was there before.
    Same,
}

impl Gate {
    pub(crate) fn new(what: &'static str, freshness: Freshness) -> Self {
        Self { what, freshness, last: None }
    }

    /// Judges a time, and remembers nothing: an answer may still fail for other reasons.
    pub(crate) fn check(&self, published_at: Timestamp, now: Timestamp) -> Result<Passed, FeedError> {
        let (what, Freshness { age_max, ahead_max }) = (self.what, self.freshness);
        let (age, ahead) = (now.since(published_at), published_at.since(now));
        if age > age_max {
            return Err(FeedError::Stale { what, age_ms: age.get(), age_max_ms: age_max.get() });
        }
        if ahead > ahead_max {
            let (ahead_ms, ahead_max_ms) = (ahead.get(), ahead_max.get());
            return Err(FeedError::FromTheFuture { what, ahead_ms, ahead_max_ms });
        }
        match self.last {
            Some(last) if published_at < last => {
                Err(FeedError::WentBack { what, by_ms: last.since(published_at).get() })
            }
            Some(last) if published_at == last => Ok(Passed::Same),
            // The engine takes nothing from the future, and an earlier time is the careful side of a small difference.
            _ => Ok(Passed::New(published_at.min(now))),
        }
    }
}

#[cfg(test)]
mod tests;
