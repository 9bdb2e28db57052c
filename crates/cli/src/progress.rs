//! A bar on stderr while a person waits.

use cenote_sim::format::grouped;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// Between two drawings.
const EVERY: Duration = Duration::from_millis(100);
const WIDTH: usize = 30;

/// The bar; nothing at all when stderr is not a terminal.
pub struct Progress {
    total: usize,
    begun: Instant,
    drawn: Option<Instant>,
    visible: bool,
}

impl Progress {
    /// A bar of so many ticks.
    pub fn new(total: usize) -> Self {
        Self { total, begun: Instant::now(), drawn: None, visible: std::io::stderr().is_terminal() }
    }

    /// So many are done.
    pub fn at(&mut self, done: usize) {
        if !self.visible || self.drawn.is_some_and(|at| at.elapsed() < EVERY) {
            return;
        }
        self.drawn = Some(Instant::now());
        let filled = WIDTH * done / self.total.max(1);
        let left = self.begun.elapsed().as_secs_f64() * (self.total - done) as f64 / done.max(1) as f64;
        let bar = "=".repeat(filled) + &" ".repeat(WIDTH - filled);
        let (done, total) = (grouped(done as u128), grouped(self.total as u128));
        // A bar that cannot be drawn is no reason to stop.
        let _ = write!(std::io::stderr(), "\r\x1b[K[{bar}] {done} of {total} ticks, {left:.0} s left");
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.drawn.is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
