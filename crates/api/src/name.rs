//! Instruments by name: `BTC_USDC-27MAR26-100000-C`.
//!
//! Market, expiry day (they expire at 08:00 UTC), strike with `d` for a decimal point (`0d625`), and `C`, `P` or, in orders, `F` for the
//! forward of the strike. A second board of the same expiry, listed with a new settlement band when the forward outgrew the first one,
//! says so after the day: `27MAR26~1`.

use cenote_engine::ids::{BoardId, Instrument, LegKind, MarketId, Right};
use cenote_units::{Price, Timestamp};
use std::collections::BTreeMap;

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAY_MS: u64 = 86_400_000;
/// Every board expires at this time of its day, UTC.
const HOUR_MS: u64 = 8 * 3_600_000;

/// The names of markets, and how they are found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    markets: BTreeMap<MarketId, String>,
}

impl FromIterator<(MarketId, String)> for Names {
    fn from_iter<I: IntoIterator<Item = (MarketId, String)>>(markets: I) -> Self {
        Self { markets: markets.into_iter().collect() }
    }
}

/// A parsed name: which board, which strike, and what of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstrumentName {
    /// On which board.
    pub board: BoardId,
    /// Which strike.
    pub strike: Price,
    /// Call, put or forward.
    pub kind: LegKind,
}

impl InstrumentName {
    /// The series, unless this is a forward.
    #[must_use]
    pub fn instrument(self) -> Option<Instrument> {
        let right = match self.kind {
            LegKind::Call => Right::Call,
            LegKind::Put => Right::Put,
            LegKind::Forward => return None,
        };
        Some(Instrument { board: self.board, strike: self.strike, right })
    }
}

impl Names {
    /// A market's name; its number when it has none.
    #[must_use]
    pub fn market(&self, id: MarketId) -> String {
        self.markets.get(&id).cloned().unwrap_or_else(|| format!("MARKET{}", id.0))
    }

    /// All markets.
    pub fn markets(&self) -> impl Iterator<Item = (MarketId, &str)> {
        self.markets.iter().map(|(id, name)| (*id, name.as_str()))
    }

    /// The market of a name, case ignored.
    #[must_use]
    pub fn find_market(&self, name: &str) -> Option<MarketId> {
        self.markets().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(id, _)| id)
    }

    /// The name of a series.
    #[must_use]
    pub fn instrument(&self, instrument: &Instrument) -> String {
        let kind = match instrument.right {
            Right::Call => LegKind::Call,
            Right::Put => LegKind::Put,
        };
        self.leg(instrument.board, instrument.strike, kind)
    }

    /// The name of what a leg asks for.
    #[must_use]
    pub fn leg(&self, board: BoardId, strike: Price, kind: LegKind) -> String {
        let letter = match kind {
            LegKind::Call => 'C',
            LegKind::Put => 'P',
            LegKind::Forward => 'F',
        };
        let strike = strike.to_string().replace('.', "d");
        format!("{}-{}-{strike}-{letter}", self.market(board.market), expiry_label(board))
    }

    /// Reads a name.
    ///
    /// # Errors
    /// A sentence that says which part is wrong.
    pub fn parse(&self, text: &str) -> Result<InstrumentName, String> {
        let shown: String = text.chars().take(60).collect();
        let refuse = |why: &str| format!("`{shown}` is not an instrument: {why}");
        let mut parts = text.rsplitn(4, '-');
        let (Some(letter), Some(strike), Some(day), Some(market)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(refuse("names look like BTC_USDC-27MAR26-100000-C"));
        };
        let kind = match letter {
            "C" | "c" => LegKind::Call,
            "P" | "p" => LegKind::Put,
            "F" | "f" => LegKind::Forward,
            _ => return Err(refuse("it must end in C, P or F")),
        };
        let market = self.find_market(market).ok_or_else(|| refuse("there is no such market"))?;
        let strike: crate::Quote =
            strike.replacen(['d', 'D'], ".", 1).parse().map_err(|_| refuse("its strike is not a number"))?;
        let (day, series) = match day.split_once('~') {
            Some((day, series)) => (day, series.parse().map_err(|_| refuse("after ~ comes a number"))?),
            None => (day, 0),
        };
        let expiry = parse_day(day).ok_or_else(|| refuse("its day must look like 27MAR26"))?;
        Ok(InstrumentName { board: BoardId { market, expiry, series }, strike: strike.0, kind })
    }
}

/// A board's day, with its series when it is not the first.
#[must_use]
pub fn expiry_label(board: BoardId) -> String {
    let day = day_label(board.expiry);
    if board.series == 0 { day } else { format!("{day}~{}", board.series) }
}

/// `27MAR26`, without a leading zero.
#[must_use]
pub fn day_label(at: Timestamp) -> String {
    let (year, month, day) = civil(at.millis() / DAY_MS);
    format!("{day}{}{:02}", MONTHS[month as usize - 1], year % 100)
}

/// `2026-03-27`.
#[must_use]
pub fn iso_day(at: Timestamp) -> String {
    let (year, month, day) = civil(at.millis() / DAY_MS);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Reads a day label, with or without a leading zero, as the moment of expiry of that day.
#[must_use]
pub fn parse_day(text: &str) -> Option<Timestamp> {
    if !text.is_ascii() || !(6..=7).contains(&text.len()) {
        return None;
    }
    let (day, rest) = text.split_at(text.len() - 5);
    let (month, year) = rest.split_at(3);
    let month = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(month))? as u32 + 1;
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(day) || !all_digits(year) {
        return None;
    }
    let (day, year): (u32, u32) = (day.parse().ok()?, year.parse().ok()?);
    let days = days_from_civil(2_000 + year, month, day)?;
    Timestamp::from_millis(days * DAY_MS + HOUR_MS).ok()
}

/// Year, month (1 to 12) and day of a count of days since 1970-01-01, proleptic Gregorian (Hinnant, "chrono-compatible date algorithms").
fn civil(days: u64) -> (u64, u32, u32) {
    let z = days + 719_468;
    let (era, day_of_era) = (z / 146_097, z % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * shifted + 2) / 5 + 1) as u32;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 } as u32;
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

/// Days since 1970-01-01; `None` for a day that the month does not have.
fn days_from_civil(year: u32, month: u32, day: u32) -> Option<u64> {
    let shifted_year = u64::from(year) - u64::from(month <= 2);
    let (era, year_of_era) = (shifted_year / 400, shifted_year % 400);
    let shifted_month = u64::from(if month > 2 { month - 3 } else { month + 9 });
    let day_of_year = (153 * shifted_month + 2) / 5 + u64::from(day.checked_sub(1)?);
    let days =
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
    (civil(days) == (u64::from(year), month, day)).then_some(days)
}

#[cfg(test)]
mod tests;
