//! What a node says of itself.

use super::machine::port;
use super::{Check, files, wall_ms};
use crate::session::Session;
use crate::show::time::{moment, span};
use cenote_api::view::{FeedStatus, JournalStatus, MarketStatus, Status};

/// Clocks may differ by so much.
const CLOCKS_MS: u64 = 2_000;
/// In live mode market time may be so far from the wall's.
const MARKET_MS: u64 = 10_000;
/// Commands may be so far ahead of the disk.
const BEHIND_MAX: u64 = 10_000;
/// A source of prices may be silent so long.
const SILENCE_MS: u64 = 60_000;

/// The node's checks, and its journal when it answers.
pub(super) fn checks(session: &Session) -> (Vec<Check>, Option<JournalStatus>) {
    let asked = wall_ms();
    match session.client.status() {
        Ok(status) => (of_status(&status, asked, wall_ms()), Some(status.journal)),
        Err(failure) => {
            let said = failure.document().map_or_else(String::new, |error| error.message);
            // What cannot be reached says itself what to do.
            let node = Check { next: None, ..Check::bad("node", said, "") };
            (vec![node, port(session.client.address())], None)
        }
    }
}

/// What a status says, asked and answered at these moments of this machine's clock.
fn of_status(status: &Status, asked: u64, answered: u64) -> Vec<Check> {
    let own = env!("CARGO_PKG_VERSION");
    let version = if status.version == own {
        Check::ok("node", format!("version {own}, {} mode", status.mode))
    } else {
        let found = format!("it is version {}, this program {own}", status.version);
        Check::bad("node", found, "use programs of one version")
    };
    let apart = status.wall_time_ms.abs_diff(asked + (answered - asked) / 2);
    let found = format!("{} from this machine's", span(apart));
    let clock = if apart <= CLOCKS_MS + (answered - asked) {
        Check::ok("clock", found)
    } else {
        Check::warn("clock", found, "set both by the network's time")
    };
    let mut checks = vec![version, clock, market_time(status), journal(status, answered)];
    checks.extend(status.feeds.iter().map(feed));
    checks.extend(status.markets.iter().map(market));
    checks
}

fn market_time(status: &Status) -> Check {
    let (now, wall) = (status.market_time_ms, status.wall_time_ms);
    let (apart, side) = (now.abs_diff(wall), if now < wall { "behind" } else { "ahead of" });
    let shown = moment(now);
    if status.clock.paused {
        return Check::warn(
            "market time",
            format!("{shown}, paused: nothing fills"),
            "`cenote dev clock resume`",
        );
    }
    if status.mode == "live" && apart > MARKET_MS {
        let found = format!("{shown}, {} {side} the wall's", span(apart));
        return Check::warn(
            "market time",
            found,
            "set the node's clock by the network's time, or wait for its prices",
        );
    }
    let pace = if status.clock.speed == 1.0 { String::new() } else { format!(", {}x", status.clock.speed) };
    Check::ok("market time", format!("{shown}{pace}, {} {side} the wall's", span(apart)))
}

fn journal(status: &Status, now: u64) -> Check {
    let behind = status.last_seq.saturating_sub(status.durable_seq);
    let kept = files(&status.journal, now);
    if behind > BEHIND_MAX {
        let found = format!("{behind} commands are not on disk yet ({kept})");
        return Check::bad("journal", found, "its disk is too slow or full: make room, or use another");
    }
    Check::ok("journal", format!("command {} is on disk, {behind} on their way; {kept}", status.durable_seq))
}

fn feed(feed: &FeedStatus) -> Check {
    let what = "feed";
    let name = format!("{} from {}", feed.gives, feed.from);
    let trouble = feed.trouble.as_ref().map_or_else(String::new, |trouble| format!(" ({trouble})"));
    let next =
        "check this machine's network and that the source answers; until then orders that add risk wait";
    match feed.age_ms {
        None => Check::bad(what, format!("{name} has never answered{trouble}"), next),
        Some(age) if age > SILENCE_MS => {
            Check::bad(what, format!("{name} is silent for {}{trouble}", span(age)), next)
        }
        Some(age) if feed.failures > 0 => {
            let found = format!("{name} failed {} times in {}{trouble}", feed.failures, span(age));
            Check::warn(what, found, "it is asked again; if it stays so, check this machine's network")
        }
        Some(age) => Check::ok(what, format!("{name}, {} ago", span(age))),
    }
}

fn market(market: &MarketStatus) -> Check {
    if market.trading.enabled {
        let age =
            market.price_age_ms.map_or_else(String::new, |age| format!(", its price {} old", span(age)));
        return Check::ok("market", format!("{} is open{age}", market.market));
    }
    let reason = market.trading.reason.as_deref().unwrap_or("closed");
    Check::warn("market", format!("{}: {reason}", market.market), "`cenote status` shows when that is over")
}
