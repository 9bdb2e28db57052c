//! Market time: wall time, scaled, stopped, moved or held, and never going back but by a revert.

use cenote_units::{Millis, Timestamp};
use std::time::{Duration, Instant};

/// Market seconds a wall second: the slowest and the fastest.
pub const SPEEDS: (f64, f64) = (0.01, 10_000.0);

/// A clock that maps wall time to market time.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    market: Timestamp,
    wall: Instant,
    speed: f64,
    paused: bool,
    /// Market time waits here, for ticks that are late.
    limit: Option<Timestamp>,
}

impl Clock {
    /// A clock that shows `market` at `wall`.
    #[must_use]
    pub fn new(market: Timestamp, wall: Instant, speed: f64) -> Self {
        Self { market, wall, speed: speed.clamp(SPEEDS.0, SPEEDS.1), paused: false, limit: None }
    }

    /// Market time at a wall time.
    #[must_use]
    pub fn market(&self, wall: Instant) -> Timestamp {
        let free = self.free(wall);
        self.limit.map_or(free, |limit| free.min(limit))
    }

    /// Market time, were it not held.
    fn free(&self, wall: Instant) -> Timestamp {
        if self.paused {
            return self.market;
        }
        let passed = wall.saturating_duration_since(self.wall).as_secs_f64() * 1_000.0 * self.speed;
        self.market.after(Millis::new(passed as u64))
    }

    /// How long until market time reaches a moment; `None` while it stands still.
    #[must_use]
    pub fn until(&self, moment: Timestamp, wall: Instant) -> Option<Duration> {
        if self.paused {
            return None;
        }
        let left = moment.since(self.market(wall)).get() as f64 / 1_000.0 / self.speed;
        // A millisecond more than it takes: waking a little early would only mean waking again.
        Some(Duration::from_secs_f64(left) + Duration::from_millis(1))
    }

    /// Market time goes on from `market`: after a jump or a revert.
    pub fn set(&mut self, market: Timestamp, wall: Instant) {
        (self.market, self.wall, self.limit) = (market, wall, None);
    }

    /// Market time waits at `limit` until it is told another: a tick is due before it. Time that was waited is not made up, so a machine that slept or
    /// cannot keep the speed has a slower market, not one that jumps.
    pub fn hold(&mut self, limit: Timestamp, wall: Instant) {
        let shown = self.market(wall);
        if shown < self.free(wall) {
            self.rebase(wall);
        }
        // What was shown stays shown.
        self.limit = Some(limit.max(shown));
    }

    /// Market time is the machine's, for a market in real time; it waits for nothing.
    pub fn follow(&mut self, machine: Timestamp, wall: Instant) {
        self.set(machine.max(self.market(wall)), wall);
    }

    /// Goes on from what is shown.
    fn rebase(&mut self, wall: Instant) {
        (self.market, self.wall) = (self.market(wall), wall);
    }

    /// Market time stands still.
    pub fn pause(&mut self, wall: Instant) {
        self.rebase(wall);
        self.paused = true;
    }

    /// Market time goes on from where it stood.
    pub fn resume(&mut self, wall: Instant) {
        if self.paused {
            self.wall = wall;
            self.paused = false;
        }
    }

    /// Market time goes faster or slower from now on; pausing stays.
    pub fn run_at(&mut self, speed: f64, wall: Instant) {
        self.rebase(wall);
        self.speed = speed.clamp(SPEEDS.0, SPEEDS.1);
    }

    /// Market seconds a wall second.
    #[must_use]
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// Market time stands still.
    #[must_use]
    pub fn paused(&self) -> bool {
        self.paused
    }
}

#[cfg(test)]
mod tests {
    use super::Clock;
    use cenote_units::Timestamp;
    use std::time::{Duration, Instant};

    /// Every pair of controls, one after the other, a wall second apart: market time is continuous but for jumps, and never goes back.
    #[test]
    fn pairs_of_controls_keep_time() {
        type Control = (&'static str, fn(&mut Clock, Instant), f64);
        // name, control, market seconds a wall second afterwards when it is the latest control that says something about speed
        let controls: [Control; 6] = [
            ("pause", |c, w| c.pause(w), 0.0),
            ("resume", |c, w| c.resume(w), 1.0),
            ("x60", |c, w| c.run_at(60.0, w), 60.0),
            ("x0.5", |c, w| c.run_at(0.5, w), 0.5),
            (
                "jump",
                |c, w| {
                    let to = c.market(w).after(cenote_units::Millis::seconds(3_600));
                    c.set(to, w);
                },
                1.0,
            ),
            ("held", |c, w| c.hold(c.market(w), w), 0.0),
        ];
        for (first, one, _) in &controls {
            for (second, two, _) in &controls {
                let wall = Instant::now();
                let at = |s: u64| wall + Duration::from_secs(s);
                let mut clock = Clock::new(Timestamp::from_millis(1_000_000).unwrap(), wall, 1.0);
                let mut last = clock.market(at(1));
                for (control, name, second_of) in [(one, first, 1), (two, second, 2)] {
                    let before = clock.market(at(second_of));
                    control(&mut clock, at(second_of));
                    let after = clock.market(at(second_of));
                    let jumped = after.since(before).get();
                    assert_eq!(jumped, if *name == "jump" { 3_600_000 } else { 0 }, "{first} then {second}");
                    assert!(after >= last, "{first} then {second}: time went back");
                    last = after;
                }
                let paused = clock.paused();
                // A jump is past whatever is waited for.
                let held = *second == "held" || (*first == "held" && *second != "jump");
                let pace = if paused { 0.0 } else { clock.speed() * 1_000.0 };
                let expected = if held { 0.0 } else { pace };
                let passed =
                    |clock: &Clock, from: Timestamp, to: u64| clock.market(at(to)).since(from).get() as f64;
                let (there, shown) = (passed(&clock, last, 3), clock.market(at(3)));
                assert!((there - expected).abs() <= 1.0, "{first} then {second}: {there} of {expected} ms");
                // What it waited for has come: it goes on from where it stood.
                clock.hold(shown.after(cenote_units::Millis::days(1)), at(3));
                assert_eq!(clock.market(at(3)), shown, "{first} then {second}: a jump when let go");
                let on = passed(&clock, shown, 4);
                assert!((on - pace).abs() <= 1.0, "{first} then {second}: {on} of {pace} ms once let go");
                let stops = |name: &str| name == "pause";
                let should = stops(second) || (stops(first) && *second != "resume");
                assert_eq!(paused, should, "{first} then {second}");
            }
        }
    }
}
