//! Candles: of the index from ticks, of series from trades. Kept by minute, hour and day; every other resolution is put together from these.

use crate::store::{Kind, Rows, Snapshot, bytes, key, last_number, name_part, row};
use crate::{DAY, HOUR, HistoryError, MINUTE};
use borsh::{BorshDeserialize, BorshSerialize};
use cenote_api::view::Candles;

type Db<T> = Result<T, HistoryError>;

/// Most candles of one answer.
pub const CANDLES_MAX: usize = 5_000;

/// How long a candle is: 1, 3, 5, 10, 15, 30, 60, 120, 180, 360 or 720 minutes, or `1D`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolution(u64);

impl Resolution {
    /// The resolutions that there are, as clients write them, and their lengths in minutes.
    pub const ALL: [(&'static str, u64); 12] = [
        ("1", 1),
        ("3", 3),
        ("5", 5),
        ("10", 10),
        ("15", 15),
        ("30", 30),
        ("60", 60),
        ("120", 120),
        ("180", 180),
        ("360", 360),
        ("720", 720),
        ("1D", 1_440),
    ];

    /// Reads one as clients write it; `None` for another text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
        found.map(|(_, minutes)| Self(*minutes * MINUTE))
    }

    /// Its length, ms.
    #[must_use]
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// The longest kept candle that it is made of whole ones of.
    const fn kept(self) -> u64 {
        if self.0 >= DAY {
            DAY
        } else if self.0 >= HOUR {
            HOUR
        } else {
            MINUTE
        }
    }
}

/// Of what a candle is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Index,
    Trade,
}

impl Source {
    const fn name(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Trade => "trade",
        }
    }

    fn prefix(self, name: &str, width: u64) -> Vec<u8> {
        key(&[&self.name().as_bytes()[..1], &name_part(name), &width.to_be_bytes()])
    }
}

/// What a candle takes in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trade {
    pub price: f64,
    pub volume: f64,
    pub cost: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, BorshSerialize, BorshDeserialize)]
struct Candle {
    open: f64,
    high: f64,
    low: f64,
    close: f64,
    volume: f64,
    cost: f64,
}

impl Candle {
    fn of(trade: Trade) -> Self {
        let Trade { price, volume, cost } = trade;
        Self { open: price, high: price, low: price, close: price, volume, cost }
    }

    fn then(&mut self, later: Self) {
        self.high = self.high.max(later.high);
        self.low = self.low.min(later.low);
        self.close = later.close;
        self.volume += later.volume;
        self.cost += later.cost;
    }
}

pub(crate) fn add(rows: &mut Rows<'_>, source: Source, name: &str, time: u64, trade: Trade) -> Db<()> {
    for width in [MINUTE, HOUR, DAY] {
        let start = time / width * width;
        let key = key(&[&source.prefix(name, width), &start.to_be_bytes()]);
        let candle = match rows.get(Kind::Candles, &key)? {
            None => Candle::of(trade),
            Some(known) => {
                let mut candle: Candle = row(&known)?;
                candle.then(Candle::of(trade));
                candle
            }
        };
        rows.put(Kind::Candles, key, bytes(&candle)?)?;
    }
    Ok(())
}

/// The latest candles that overlap a span of time, at most [`CANDLES_MAX`], ascending.
pub(crate) fn between(
    snapshot: &Snapshot,
    source: Source,
    name: &str,
    resolution: Resolution,
    (from, to): (u64, u64),
) -> Db<Candles> {
    let prefix = source.prefix(name, resolution.kept());
    let width = resolution.millis();
    // From the newest on, so that a span too long costs no more than the answer.
    let kept = snapshot.before(
        Kind::Candles,
        &prefix,
        Some((to / width).saturating_add(1).saturating_mul(width)),
    )?;
    let mut found: Vec<(u64, Candle)> = Vec::new();
    for piece in kept.rev() {
        let (key, value) = piece?;
        let start = last_number(key.value())? / width * width;
        if start < from / width * width {
            break;
        }
        let mut candle: Candle = row(value.value())?;
        if let Some((_, later)) = found.last_mut().filter(|(known, _)| *known == start) {
            candle.then(*later);
            *later = candle;
        } else if found.len() == CANDLES_MAX {
            break;
        } else {
            found.push((start, candle));
        }
    }
    found.reverse();
    Ok(columns(&found, source))
}

fn columns(found: &[(u64, Candle)], source: Source) -> Candles {
    let column = |value: fn(&Candle) -> f64| found.iter().map(|(_, candle)| value(candle)).collect();
    Candles {
        ticks: found.iter().map(|(start, _)| *start).collect(),
        open: column(|candle| candle.open),
        high: column(|candle| candle.high),
        low: column(|candle| candle.low),
        close: column(|candle| candle.close),
        volume: column(|candle| candle.volume),
        cost: column(|candle| candle.cost),
        source: vec![source.name().to_owned(); found.len()],
        status: if found.is_empty() { "no_data" } else { "ok" }.to_owned(),
        as_of_seq: 0,
    }
}
