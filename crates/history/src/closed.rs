//! Positions that have ended, and what settlement paid each.

use crate::HistoryError;
use crate::average::{Book, Ended, money};
use crate::project::{Projector, shared_out};
use crate::store::{Kind, Snapshot, bytes, json, json_row, key, name_part, row};
use cenote_api::event::What;
use cenote_api::view::{ClosedPage, ClosedPosition};
use cenote_api::{Address, ApiEvent, Contracts, Quote};
use cenote_engine::ids::Right;
use cenote_engine::obligation::payoff;
use cenote_units::{Price, Size, mul_div_down};

type Db<T> = Result<T, HistoryError>;

/// What ends a position, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Closing<'a> {
    pub event: &'a ApiEvent,
    pub by: &'static str,
}

impl Projector<'_> {
    /// A position changes by a signed size, for cash paid.
    pub(crate) fn trade(
        &mut self,
        account: Address,
        series: &str,
        (size, cash): (i64, i128),
        closing: Closing<'_>,
    ) -> Db<()> {
        let key = key(&[&account.bytes(), series.as_bytes()]);
        let mut book =
            self.rows.get(Kind::Positions, &key)?.map_or(Ok(Book::default()), |known| row(&known))?;
        if let Some(ended) = book.trade(size, cash, closing.event.time) {
            self.end(account, series, ended, closing)?;
        }
        if book.size == 0 {
            return self.rows.remove(Kind::Positions, key);
        }
        self.rows.put(Kind::Positions, key, bytes(&book)?)
    }

    fn end(&mut self, account: Address, series: &str, ended: Ended, closing: Closing<'_>) -> Db<()> {
        let ApiEvent { seq, time, .. } = *closing.event;
        let received = ended.realised.saturating_add(ended.paid);
        let row = ClosedPosition {
            instrument_name: series.to_owned(),
            size: Contracts(Size::new(ended.size).unwrap_or_default()),
            average_price: per_contract(ended.paid, ended.size),
            exit_price: per_contract(received, ended.size),
            realised_profit_loss: money(ended.realised),
            opened_at: ended.opened_at,
            closed_at: time,
            closed_by: closing.by.to_owned(),
            seq,
        };
        self.closings += 1;
        let key = key(&[&account.bytes(), &seq.to_be_bytes(), &self.closings.to_be_bytes()]);
        self.rows.put(Kind::Closed, key, json(&row)?)
    }

    /// A board has its price: whoever is settled on it later is settled at that.
    pub(crate) fn board_settled(&mut self, market: &str, expiry: &str, price: Quote) -> Db<()> {
        self.rows.put(Kind::Settlements, of_board(market, expiry), json(&price)?)
    }

    /// What an account had on a board is closed at what each series pays. Toward zero: so that they add up to what the account got, the
    /// series of the largest payoff takes what rounding leaves.
    pub(crate) fn account_settled(&mut self, event: &ApiEvent) -> Db<()> {
        let What::AccountSettled { account, market, expiry, payoff, .. } = &event.what else { return Ok(()) };
        let unfit = |why: String| HistoryError::unfit(event.seq, why);
        let price = self.rows.get(Kind::Settlements, &of_board(market, expiry))?;
        let price = price.ok_or_else(|| unfit(format!("{market}-{expiry} settles without a price")))?;
        let price: Quote = json_row(&price)?;
        let (mut names, mut sizes, mut values) = (Vec::new(), Vec::new(), Vec::new());
        let prefix = format!("{market}-{expiry}-");
        let whose = account.bytes();
        for (key, value) in self.rows.beginning(Kind::Positions, &key(&[&whose, prefix.as_bytes()]))? {
            let name = String::from_utf8_lossy(key.get(whose.len()..).unwrap_or_default()).into_owned();
            let size = row::<Book>(&value)?.size;
            let paid = pays(&name, size, price.0).ok_or_else(|| unfit(format!("{name} is no series")))?;
            names.push(name);
            sizes.push(Size::new(size).unwrap_or_default());
            values.push(paid);
        }
        let paid = shared_out(&sizes, &values, payoff.0.get());
        for ((name, size), paid) in names.iter().zip(&sizes).zip(paid) {
            let closing = Closing { event, by: "settlement" };
            self.trade(*account, name, (size.get().saturating_neg(), paid.saturating_neg()), closing)?;
        }
        Ok(())
    }
}

/// The key of a board's price, among the settlements.
fn of_board(market: &str, expiry: &str) -> Vec<u8> {
    key(&[b"b", &name_part(market), &name_part(expiry)])
}

/// What a signed size of a series pays at a price, in units of 1e-6 quote, toward zero; `None` for a name that is none of a series.
fn pays(name: &str, size: i64, price: Price) -> Option<i128> {
    let mut parts = name.rsplitn(3, '-');
    let right = match parts.next()? {
        "C" => Right::Call,
        "P" => Right::Put,
        _ => return None,
    };
    let strike: Quote = parts.next()?.replacen('d', ".", 1).parse().ok()?;
    let each = payoff(strike.0, right, price).get();
    // 1e-6 contracts at 1e-12 quote are 1e-18 quote.
    let magnitude = mul_div_down(each, u128::from(size.unsigned_abs()), 1_000_000_000_000)?;
    let magnitude = i128::try_from(magnitude).ok()?;
    Some(if size < 0 { -magnitude } else { magnitude })
}

/// Quote a contract, for people.
fn per_contract(cash: i128, size: i64) -> f64 {
    if size == 0 { 0.0 } else { cash as f64 / size as f64 }
}

/// An account's closed positions, newest first, by commands numbered before `before`.
pub(crate) fn page(
    snapshot: &Snapshot,
    account: Address,
    before: Option<u64>,
    limit: usize,
) -> Db<ClosedPage> {
    let (mut positions, mut has_more) = (Vec::<ClosedPosition>::new(), false);
    for found in snapshot.before(Kind::Closed, &account.bytes(), before)?.rev() {
        let closed: ClosedPosition = json_row(found?.1.value())?;
        if positions.len() >= limit && positions.last().is_some_and(|last| last.seq != closed.seq) {
            has_more = true;
            break;
        }
        positions.push(closed);
    }
    Ok(ClosedPage { positions, has_more, as_of_seq: snapshot.number(crate::project::meta::APPLIED)? })
}

#[cfg(test)]
mod tests;
