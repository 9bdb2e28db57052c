//! What can be subscribed to, by name.

use cenote_api::Address;
use std::time::Duration;

/// How often a conflated channel may speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Every {
    /// Ten times a second at most.
    Tenth,
    /// Once a second at most.
    Second,
}

impl Every {
    /// The least time between two messages: less than the name says by as much as news that come so often may come early.
    #[must_use]
    pub fn gap(self) -> Duration {
        match self {
            Self::Tenth => Duration::from_millis(75),
            Self::Second => Duration::from_millis(950),
        }
    }
}

/// A channel.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// How the venue is.
    Status,
    /// One expiry of a chain, at one contract.
    Chain(String, String, Every),
    /// A pool.
    Pool(u16, Every),
    /// A point of a pool's path.
    Nav(u16),
    /// A pool's scenarios.
    Risk(u16),
    /// A market's surface.
    Surface(String),
    /// The journal's events from a sequence number on, each once, none left out.
    Events(u64),
    /// One account's events from now on, each once, none left out.
    User(Address),
    /// A market's fills.
    Trades(String),
    /// One of the Deribit-compatible channels.
    Deribit(crate::facade::Topic),
}

impl Channel {
    /// Reads a name.
    ///
    /// # Errors
    /// A sentence with the names there are.
    pub fn parse(name: &str) -> Result<Self, String> {
        let every = |text: &str| match text {
            "100ms" => Some(Every::Tenth),
            "1s" => Some(Every::Second),
            _ => None,
        };
        let parts: Vec<&str> = name.split('.').collect();
        let native = match parts.as_slice() {
            ["status"] => Some(Self::Status),
            ["chain", market, expiry, rate] => {
                every(rate).map(|every| Self::Chain((*market).to_owned(), (*expiry).to_owned(), every))
            }
            ["pool", id, rate] => id.parse().ok().zip(every(rate)).map(|(id, every)| Self::Pool(id, every)),
            ["nav", id, "1s"] => id.parse().ok().map(Self::Nav),
            ["risk", id, "1s"] => id.parse().ok().map(Self::Risk),
            ["surface", market, "1s"] => Some(Self::Surface((*market).to_owned())),
            ["events", from] => from.parse().ok().map(Self::Events),
            ["user", address] => address.parse().ok().map(Self::User),
            ["trades", market] => Some(Self::Trades((*market).to_owned())),
            _ => None,
        };
        if let Some(native) = native {
            return Ok(native);
        }
        crate::facade::Topic::parse(name).map(Self::Deribit).ok_or_else(|| {
            let shown: String = name.chars().take(80).collect();
            format!(
                "there is no channel `{shown}`; there are status, chain.MARKET.EXPIRY.(100ms|1s), pool.ID.(100ms|1s), nav.ID.1s, risk.ID.1s, \
                 surface.MARKET.1s, events.FROM_SEQ, user.ADDRESS, trades.MARKET and the Deribit-compatible ones"
            )
        })
    }

    /// Every event once and in order: a client that cannot keep up is told so, never spared.
    #[must_use]
    pub fn is_lossless(&self) -> bool {
        match self {
            Self::Events(_) | Self::User(_) | Self::Trades(_) => true,
            Self::Deribit(topic) => topic.is_lossless(),
            _ => false,
        }
    }

    /// What it says depends on who is logged in.
    #[must_use]
    pub fn is_private(&self) -> bool {
        matches!(self, Self::Deribit(topic) if topic.is_private())
    }

    /// How often it may speak.
    #[must_use]
    pub fn every(&self) -> Every {
        match self {
            Self::Chain(_, _, every) | Self::Pool(_, every) => *every,
            Self::Status => Every::Tenth,
            Self::Deribit(topic) => topic.every(),
            _ => Every::Second,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Channel, Every};

    #[test]
    fn names_are_read_or_refused_with_those_there_are() {
        assert_eq!(Channel::parse("status"), Ok(Channel::Status));
        let chain = Channel::Chain("BTC_USDC".into(), "27MAR26".into(), Every::Tenth);
        assert_eq!(Channel::parse("chain.BTC_USDC.27MAR26.100ms"), Ok(chain));
        assert_eq!(Channel::parse("events.17"), Ok(Channel::Events(17)));
        for wrong in [
            "",
            "chain",
            "chain.a.b.2s",
            "pool.x.1s",
            "pool.70000.1s",
            "events.-1",
            "events.1.2",
            "user.nobody",
            "nav.0.100ms",
        ] {
            assert!(Channel::parse(wrong).is_err_and(|said| said.contains("events.FROM_SEQ")), "{wrong}");
        }
    }
}
