//! When to ask next.

use crate::{FeedError, Source, Update};
use std::time::{Duration, Instant};

/// How often a source is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// From one good answer to the next question.
    pub every: Duration,
    /// Most time that failures put between two questions.
    pub wait_max: Duration,
}

/// Longest rest that a server can ask for.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

impl Pace {
    /// The wait after so many failures in a row: the pace, doubled by each, to [`Pace::wait_max`]; longer if the server
    /// asked for it, to an hour.
    #[must_use]
    pub fn wait(&self, failures: u32, retry_after_s: Option<u64>) -> Duration {
        let factor = 1u32.checked_shl(failures).unwrap_or(u32::MAX);
        let backed_off = self.every.saturating_mul(factor).min(self.wait_max.max(self.every));
        let asked = Duration::from_secs(retry_after_s.unwrap_or(0)).min(RETRY_AFTER_MAX);
        backed_off.max(asked)
    }
}

/// A source with its pace, its failures and the age of its last good answer.
#[derive(Debug)]
pub struct Poller<S> {
    source: S,
    pace: Pace,
    failures: u32,
    trouble: Option<FeedError>,
    good_at: Option<Instant>,
    next_at: Option<Instant>,
}

impl<S: Source> Poller<S> {
    /// A poller that is due at once.
    pub const fn new(source: S, pace: Pace) -> Self {
        Self { source, pace, failures: 0, trouble: None, good_at: None, next_at: None }
    }

    /// Asks the source, whether due or not, and counts the answer.
    ///
    /// # Errors
    /// Those of the source; see also [`Poller::trouble`].
    pub fn poll(&mut self) -> Result<Update, FeedError> {
        let answer = self.source.poll();
        let now = Instant::now();
        match &answer {
            Ok(_) => {
                (self.failures, self.trouble, self.good_at) = (0, None, Some(now));
            }
            Err(error) => {
                self.failures = self.failures.saturating_add(1);
                self.trouble = Some(error.clone());
            }
        }
        let retry_after_s = answer.as_ref().err().and_then(FeedError::retry_after_s);
        self.next_at = now.checked_add(self.pace.wait(self.failures, retry_after_s));
        answer
    }

    /// Time left until the next question is due; zero when it is.
    #[must_use]
    pub fn due_in(&self) -> Duration {
        self.next_at.map_or(Duration::ZERO, |at| at.saturating_duration_since(Instant::now()))
    }

    /// Age of the last good answer; `None` before the first.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        self.good_at.map(|at| at.elapsed())
    }

    /// Failures since the last good answer.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// Why the last question failed; `None` when it did not.
    #[must_use]
    pub const fn trouble(&self) -> Option<&FeedError> {
        self.trouble.as_ref()
    }

    /// The source.
    pub const fn source_mut(&mut self) -> &mut S {
        &mut self.source
    }
}

#[cfg(test)]
mod tests;
