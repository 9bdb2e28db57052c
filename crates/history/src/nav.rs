//! Paths of pools: every tick's point, and by minute, hour and day what a path needs to be summed up exactly without reading each point.

use crate::store::{Found, Kind, Range, Rows, Snapshot, bytes, damaged, key, row};
use crate::{DAY, HOUR, HistoryError, MINUTE};
use borsh::{BorshDeserialize, BorshSerialize};
use cenote_api::view::{NavPath, NavPoint, NavSummary};

type Db<T> = Result<T, HistoryError>;

/// Most points of one answer.
pub const POINTS_MAX: usize = 2_000;
/// A piece of one millisecond is what there was at that time: a point.
const POINT: u64 = 1;
/// Pieces are this long, ms.
const WIDTHS: [u64; 4] = [POINT, MINUTE, HOUR, DAY];
const DAYS_OF_MONTH: u64 = 30;

#[derive(Debug, Clone, Copy, PartialEq, BorshSerialize, BorshDeserialize)]
struct Point {
    time: u64,
    nav_low: f64,
    nav_mid: f64,
    nav_high: f64,
    share_price: f64,
    index_price: f64,
    utilisation: f64,
}

impl From<NavPoint> for Point {
    fn from(point: NavPoint) -> Self {
        let NavPoint { time, nav_low, nav_mid, nav_high, share_price, index_price, utilisation } = point;
        Self { time, nav_low, nav_mid, nav_high, share_price, index_price, utilisation }
    }
}

impl From<Point> for NavPoint {
    fn from(point: Point) -> Self {
        let Point { time, nav_low, nav_mid, nav_high, share_price, index_price, utilisation } = point;
        Self { time, nav_low, nav_mid, nav_high, share_price, index_price, utilisation }
    }
}

/// A piece of a path. Pieces put together in order know of the whole what they know of themselves.
#[derive(Debug, Clone, Copy, PartialEq, BorshSerialize, BorshDeserialize)]
struct Piece {
    first: Point,
    last: Point,
    /// The first point with a share price: before there are shares, nothing is earned.
    started: Option<Point>,
    /// Extremes of the share price.
    high: f64,
    low: f64,
    /// The smallest share price over an earlier one.
    fall: f64,
}

impl Piece {
    fn of(point: Point) -> Self {
        let started = (point.share_price > 0.0).then_some(point);
        Self {
            first: point,
            last: point,
            started,
            high: point.share_price,
            low: point.share_price,
            fall: 1.0,
        }
    }

    fn then(self, later: Self) -> Self {
        let across = ratio(self.high, later.low).unwrap_or(1.0);
        Self {
            first: self.first,
            last: later.last,
            started: self.started.or(later.started),
            high: self.high.max(later.high),
            low: self.low.min(later.low),
            fall: self.fall.min(later.fall).min(across),
        }
    }
}

fn ratio(from: f64, to: f64) -> Option<f64> {
    (from > 0.0).then_some(to / from).filter(|ratio| ratio.is_finite())
}

fn prefix(pool: u16, width: u64) -> Vec<u8> {
    key(&[&pool.to_be_bytes(), &width.to_be_bytes()])
}

pub(crate) fn add(rows: &mut Rows<'_>, seq: u64, pool: u16, point: &NavPoint) -> Db<()> {
    let point = Point::from(*point);
    let figures = [
        point.nav_low,
        point.nav_mid,
        point.nav_high,
        point.share_price,
        point.index_price,
        point.utilisation,
    ];
    if figures.iter().any(|figure| !figure.is_finite()) {
        return Err(HistoryError::unfit(seq, format!("a figure of pool {pool} is not a number")));
    }
    for width in WIDTHS {
        let start = point.time / width * width;
        let key = key(&[&prefix(pool, width), &start.to_be_bytes()]);
        let piece = match rows.get(Kind::Nav, &key)? {
            Some(known) => row::<Piece>(&known)?.then(Piece::of(point)),
            None => Piece::of(point),
        };
        rows.put(Kind::Nav, key, bytes(&piece)?)?;
    }
    Ok(())
}

fn read(found: Found) -> Db<Piece> {
    row(found?.1.value())
}

fn pieces(snapshot: &Snapshot, pool: u16, width: u64, from: u64, end: u64) -> Db<Range> {
    let prefix = prefix(pool, width);
    let (from, end) = (key(&[&prefix, &from.to_be_bytes()]), key(&[&prefix, &end.to_be_bytes()]));
    snapshot.between(Kind::Nav, &from, &end)
}

/// The last point before a time.
fn last_before(snapshot: &Snapshot, pool: u16, end: u64) -> Db<Option<Point>> {
    let found = pieces(snapshot, pool, POINT, 0, end)?.next_back();
    found.map(|found| Ok(read(found)?.last)).transpose()
}

/// The pools that have a path.
pub(crate) fn pools(snapshot: &Snapshot) -> Db<Vec<u16>> {
    let (mut pools, mut next) = (Vec::new(), Some(0u16));
    while let Some(from) = next {
        let Some(found) = snapshot.between(Kind::Nav, &from.to_be_bytes(), &[0xff; 19])?.next() else {
            break;
        };
        let (key, _) = found?;
        let pool = key.value().first_chunk::<2>().map(|bytes| u16::from_be_bytes(*bytes));
        let pool = pool.ok_or_else(|| damaged("a key without its pool"))?;
        pools.push(pool);
        next = pool.checked_add(1);
    }
    Ok(pools)
}

/// A pool's equity at the end of the day that starts at `day`; what it was last when nothing ticked; zero before its first tick.
pub(crate) fn equity_at_end_of_day(snapshot: &Snapshot, pool: u16, day: u64) -> Db<f64> {
    let found = pieces(snapshot, pool, DAY, 0, day.saturating_add(1))?.next_back();
    found.map_or(Ok(0.0), |found| Ok(read(found)?.last.nav_low))
}

/// A pool's path in a span of time: the last point of each of at most `points` equal parts, and what the whole of it comes to.
pub(crate) fn path(snapshot: &Snapshot, pool: u16, (from, to): (u64, u64), points: usize) -> Db<NavPath> {
    let end = to.saturating_add(1);
    let first = pieces(snapshot, pool, POINT, from, end)?.next().map(read).transpose()?;
    let last = last_before(snapshot, pool, end)?;
    let (Some(first), Some(last)) = (first.map(|piece| piece.first), last) else {
        return Ok(NavPath { points: Vec::new(), summary: NOTHING, as_of_seq: 0 });
    };
    let points = points.clamp(1, POINTS_MAX) as u64;
    let span = (last.time - first.time).saturating_add(1);
    let part = span.div_ceil(points);
    let width = WIDTHS.into_iter().rev().find(|width| *width <= part).unwrap_or(POINT);
    let start = first.time / width * width;
    let mut found: Vec<(u64, Point)> = Vec::new();
    for piece in pieces(snapshot, pool, width, start, last.time.saturating_add(1))? {
        let point = read(piece)?.last;
        // The piece that a span ends within may know of later points than the span.
        let point = if point.time > last.time { last } else { point };
        let at = (point.time.max(first.time) - first.time) / part;
        match found.last_mut().filter(|(known, _)| *known == at) {
            Some((_, kept)) => *kept = point,
            None => found.push((at, point)),
        }
    }
    let summary = summary(snapshot, pool, first, last)?;
    Ok(NavPath { points: found.into_iter().map(|(_, point)| point.into()).collect(), summary, as_of_seq: 0 })
}

const NOTHING: NavSummary = NavSummary {
    days: 0.0,
    since_start: None,
    last_30_days: None,
    annualised: None,
    max_drawdown: None,
    worst_day: None,
    holding_index: None,
};

/// The fewest pieces that make up a span of time, in order: days inside, then hours, minutes and points at both of its ends.
fn cover(
    snapshot: &Snapshot,
    pool: u16,
    widths: &[u64],
    (from, end): (u64, u64),
    into: &mut Vec<Piece>,
) -> Db<()> {
    let Some((width, finer)) = widths.split_last().filter(|_| from < end) else { return Ok(()) };
    if *width == POINT {
        for piece in pieces(snapshot, pool, POINT, from, end)? {
            into.push(read(piece)?);
        }
        return Ok(());
    }
    let (first, last) = (from.div_ceil(*width).saturating_mul(*width), end / width * width);
    if first >= last {
        return cover(snapshot, pool, finer, (from, end), into);
    }
    cover(snapshot, pool, finer, (from, first), into)?;
    for piece in pieces(snapshot, pool, *width, first, last)? {
        into.push(read(piece)?);
    }
    cover(snapshot, pool, finer, (last, end), into)
}

fn summary(snapshot: &Snapshot, pool: u16, first: Point, last: Point) -> Db<NavSummary> {
    let mut all = Vec::new();
    cover(snapshot, pool, &WIDTHS, (first.time, last.time.saturating_add(1)), &mut all)?;
    let whole = all.iter().copied().reduce(Piece::then).unwrap_or(Piece::of(first));
    let Some(first) = whole.started else { return Ok(NOTHING) };
    let percent = |from: f64, to: f64| ratio(from, to).map(|ratio| 100.0 * (ratio - 1.0));
    let covered = last.time - first.time;
    let month_ago = last.time.checked_sub(DAYS_OF_MONTH * DAY).filter(|at| *at >= first.time);
    let since_start = percent(first.share_price, last.share_price);
    let month = month_ago.map(|at| last_before(snapshot, pool, at.saturating_add(1))).transpose()?.flatten();
    let days = covered as f64 / DAY as f64;
    let annual = |total: f64| 100.0 * ((1.0 + total / 100.0).powf(365.0 / days) - 1.0);
    Ok(NavSummary {
        days,
        since_start,
        last_30_days: month.and_then(|then| percent(then.share_price, last.share_price)),
        annualised: since_start.filter(|_| month_ago.is_some()).map(annual).filter(|x| x.is_finite()),
        max_drawdown: Some(100.0 * (whole.fall - 1.0)),
        worst_day: worst_day(first, &all).filter(|_| covered >= DAY),
        holding_index: percent(first.index_price, last.index_price),
    })
}

/// The worst return of a UTC day, percent: from the last point of the day before, the first day's from where the path starts.
fn worst_day(first: Point, pieces: &[Piece]) -> Option<f64> {
    let mut closes: Vec<(u64, f64)> = Vec::new();
    for piece in pieces {
        let (day, close) = (piece.last.time / DAY, piece.last.share_price);
        match closes.last_mut().filter(|(known, _)| *known == day) {
            Some((_, known)) => *known = close,
            None => closes.push((day, close)),
        }
    }
    let mut before = first.share_price;
    let mut worst: Option<f64> = None;
    for (_, close) in closes.into_iter().filter(|(day, _)| *day >= first.time / DAY) {
        if let Some(day) = ratio(before, close) {
            worst = Some(worst.map_or(day, |known| known.min(day)));
        }
        before = close;
    }
    worst.map(|ratio| 100.0 * (ratio - 1.0))
}

/// Points in a span of time one by one, for exports.
pub(crate) fn points(
    snapshot: &Snapshot,
    pool: u16,
    from: u64,
    to: u64,
) -> Db<impl Iterator<Item = Db<NavPoint>> + use<>> {
    let found = pieces(snapshot, pool, POINT, from, to.saturating_add(1))?;
    Ok(found.map(|piece| Ok(read(piece)?.last.into())))
}

#[cfg(test)]
mod tests;
