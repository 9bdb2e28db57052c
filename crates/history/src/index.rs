//! Where to look: numbers of commands, orders or trades by what they are of, many in one row.
//!
//! Nothing here is undone when a venue goes back: no number is given twice, so what an index says of a past that no longer happened finds
//! no row, and whoever looks passes over it.

use crate::HistoryError;
use crate::store::{Found, Kind, Rows, Snapshot, key, last_number};

type Db<T> = Result<T, HistoryError>;

/// So many numbers share a row.
const BLOCK: u64 = 1_024;

/// A number's block and its place in there.
fn place_of(number: u64) -> (u64, u16) {
    #[allow(clippy::cast_possible_truncation)] // Less than the length of a block.
    let place = (number % BLOCK) as u16;
    (number / BLOCK, place)
}

/// Adds a number, not smaller than those there. The same one twice is there once.
pub(crate) fn add(rows: &mut Rows<'_>, kind: Kind, of: &[u8], number: u64) -> Db<()> {
    let (block, place) = place_of(number);
    rows.append(kind, key(&[of, &block.to_be_bytes()]), place.to_be_bytes())
}

/// Numbers from one on, ascending.
pub(crate) fn from(
    snapshot: &Snapshot,
    kind: Kind,
    of: &[u8],
    from: u64,
) -> Db<impl Iterator<Item = Db<u64>> + use<>> {
    let blocks = snapshot.from(kind, of, place_of(from).0)?;
    Ok(blocks.flat_map(numbers).filter(move |number| number.as_ref().map_or(true, |number| *number >= from)))
}

/// Numbers before one, or all, descending.
pub(crate) fn before(
    snapshot: &Snapshot,
    kind: Kind,
    of: &[u8],
    before: Option<u64>,
) -> Db<impl Iterator<Item = Db<u64>> + use<>> {
    let until = before.unwrap_or(u64::MAX);
    let blocks = snapshot.before(kind, of, Some(place_of(until).0 + 1))?;
    let descending = blocks.rev().flat_map(|block| numbers(block).into_iter().rev());
    Ok(descending.filter(move |number| number.as_ref().map_or(true, |number| *number < until)))
}

fn numbers(found: Found) -> Vec<Db<u64>> {
    let read = || -> Db<Vec<u64>> {
        let (key, value) = found?;
        let first = last_number(key.value())?.saturating_mul(BLOCK);
        let (places, _) = value.value().as_chunks::<2>();
        Ok(places.iter().map(|place| first.saturating_add(u64::from(u16::from_be_bytes(*place)))).collect())
    };
    read().map_or_else(|error| vec![Err(error)], |numbers| numbers.into_iter().map(Ok).collect())
}

#[cfg(test)]
mod tests;
