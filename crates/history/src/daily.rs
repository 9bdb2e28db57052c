//! What was traded and earned on each UTC day of market time.

use crate::store::{Kind, Rows, Snapshot, bytes, key, last_number, row};
use crate::{DAY, HistoryError, nav};
use borsh::{BorshDeserialize, BorshSerialize};
use cenote_api::Address;
use cenote_api::view::DailyStats;

type Db<T> = Result<T, HistoryError>;

/// Most days of one answer.
pub const DAYS_MAX: usize = 1_000;

/// A fill's part in its day. Amounts in units of 1e-6 quote.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Traded {
    pub notional: f64,
    pub premium: i128,
    pub spread: i128,
    pub fee: i128,
    pub protocol: i128,
    pub trades: u64,
}

/// The sums of a day.
#[derive(Debug, Clone, Copy, PartialEq, Default, BorshSerialize, BorshDeserialize)]
struct Sums {
    notional: f64,
    premium: i128,
    spread: i128,
    fee: i128,
    protocol: i128,
    trades: u64,
    accounts: u64,
}

fn sums(rows: &Rows<'_>, key: &[u8]) -> Db<Sums> {
    rows.get(Kind::Days, key)?.map_or(Ok(Sums::default()), |value| row(&value))
}

/// Something happened on a day.
pub(crate) fn touch(rows: &mut Rows<'_>, time: u64) -> Db<()> {
    let key = (time / DAY).to_be_bytes();
    if rows.get(Kind::Days, &key)?.is_none() {
        rows.put(Kind::Days, key.to_vec(), bytes(&Sums::default())?)?;
    }
    Ok(())
}

/// An account's order filled.
pub(crate) fn add(rows: &mut Rows<'_>, time: u64, account: Address, traded: Traded) -> Db<()> {
    let day = (time / DAY).to_be_bytes();
    let trader = key(&[&day, &account.bytes()]);
    let is_new = rows.get(Kind::Traders, &trader)?.is_none();
    if is_new {
        rows.put(Kind::Traders, trader, Vec::new())?;
    }
    let mut sums = sums(rows, &day)?;
    sums.notional += traded.notional;
    sums.premium = sums.premium.saturating_add(traded.premium);
    sums.spread = sums.spread.saturating_add(traded.spread);
    sums.fee = sums.fee.saturating_add(traded.fee);
    sums.protocol = sums.protocol.saturating_add(traded.protocol);
    sums.trades = sums.trades.saturating_add(traded.trades);
    sums.accounts = sums.accounts.saturating_add(u64::from(is_new));
    rows.put(Kind::Days, day.to_vec(), bytes(&sums)?)
}

/// Days that overlap a span of time, ascending, at most [`DAYS_MAX`].
pub(crate) fn between(snapshot: &Snapshot, from: u64, to: u64) -> Db<Vec<DailyStats>> {
    let pools = nav::pools(snapshot)?;
    let (first, end) = ((from / DAY).to_be_bytes(), (to / DAY).saturating_add(1).to_be_bytes());
    let mut days = Vec::new();
    for found in snapshot.between(Kind::Days, &first, &end)?.take(DAYS_MAX) {
        let (key, value) = found?;
        let start = last_number(key.value())?.saturating_mul(DAY);
        days.push(stats(snapshot, &pools, start, &row(value.value())?)?);
    }
    Ok(days)
}

fn stats(snapshot: &Snapshot, pools: &[u16], start: u64, sums: &Sums) -> Db<DailyStats> {
    let mut tvl = 0.0;
    for pool in pools {
        tvl += nav::equity_at_end_of_day(snapshot, *pool, start)?;
    }
    #[allow(clippy::cast_precision_loss)] // Figures for people.
    let quote = |units: i128| units as f64 / 1e6;
    Ok(DailyStats {
        day: start,
        notional_volume: sums.notional,
        premium_volume: quote(sums.premium),
        user_fees: quote(sums.fee.saturating_add(sums.spread)),
        fees: quote(sums.fee),
        supply_side_revenue: quote(sums.fee.saturating_sub(sums.protocol)),
        protocol_revenue: quote(sums.protocol),
        tvl,
        trades: sums.trades,
        unique_accounts: sums.accounts,
    })
}
