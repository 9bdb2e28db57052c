//! Deribit's channels.

use super::rpc::{Failure, Login};
use super::{private, public, rows};
use crate::core::publish::Published;
use crate::http::App;
use crate::http::ws::Every;
use cenote_api::event::What;
use serde_json::{Value, json};
use std::sync::Arc;

/// What a channel is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Ticker(String),
    Quote(String),
    Book(String),
    /// A grouped book has no incremental form.
    GroupedBook(String, usize),
    Trades(Scope),
    Chart(String, String),
    MarkPrices(String),
    Index(String),
    Portfolio(String),
    UserOrders(Scope),
    UserTrades(Scope),
}

/// One instrument, or all of a currency.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    Instrument(String),
    Currency(String),
}

impl Scope {
    fn has(&self, instrument: &str) -> bool {
        match self {
            Self::Instrument(name) => name.eq_ignore_ascii_case(instrument),
            Self::Currency(currency) => rows::of_currency(rows::market_of(instrument), Some(currency)),
        }
    }
}

/// A channel of this API.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Topic {
    subject: Subject,
    every: Every,
}

impl Topic {
    /// Reads a channel's name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let parts: Vec<&str> = name.split('.').collect();
        let every = match parts.last() {
            Some(&"100ms" | &"raw" | &"agg2") => Every::Tenth,
            _ => Every::Second,
        };
        let subject = match parts.as_slice() {
            ["ticker", i, "100ms" | "agg2" | "raw"] => Subject::Ticker((*i).to_owned()),
            ["incremental_ticker", i] => Subject::Ticker((*i).to_owned()),
            ["quote", i] => Subject::Quote((*i).to_owned()),
            ["book", i, "100ms" | "agg2" | "raw"] => Subject::Book((*i).to_owned()),
            ["book", i, _group, depth, "100ms" | "agg2" | "raw"] => {
                Subject::GroupedBook((*i).to_owned(), depth.parse().ok()?)
            }
            ["trades", i, "100ms" | "agg2" | "raw"] if i.contains('-') => {
                Subject::Trades(Scope::Instrument((*i).to_owned()))
            }
            ["trades", "option" | "any", currency, "100ms" | "agg2" | "raw"] => {
                Subject::Trades(Scope::Currency((*currency).to_owned()))
            }
            ["chart", "trades", i, resolution] => Subject::Chart((*i).to_owned(), (*resolution).to_owned()),
            ["markprice", "options", index] => Subject::MarkPrices((*index).to_owned()),
            ["deribit_price_index", index] => Subject::Index((*index).to_owned()),
            ["user", "portfolio", currency] => Subject::Portfolio((*currency).to_owned()),
            ["user", "orders", i, "raw" | "100ms" | "agg2"] => {
                Subject::UserOrders(Scope::Instrument((*i).to_owned()))
            }
            ["user", "orders", "any" | "option", c, "raw" | "100ms" | "agg2"] => {
                Subject::UserOrders(Scope::Currency((*c).to_owned()))
            }
            ["user", "trades", i, "raw" | "100ms" | "agg2"] => {
                Subject::UserTrades(Scope::Instrument((*i).to_owned()))
            }
            ["user", "trades", "any" | "option", c, "raw" | "100ms" | "agg2"] => {
                Subject::UserTrades(Scope::Currency((*c).to_owned()))
            }
            // Futures, combos, other kinds: taken, and quiet for ever.
            ["user", "orders" | "trades", ..] | ["trades", ..] => {
                Subject::Trades(Scope::Currency("none".to_owned()))
            }
            _ => return None,
        };
        Some(Self { subject, every })
    }

    /// Every event once and in order.
    #[must_use]
    pub fn is_lossless(&self) -> bool {
        matches!(self.subject, Subject::Trades(_) | Subject::UserOrders(_) | Subject::UserTrades(_))
    }

    /// How often it may speak.
    #[must_use]
    pub fn every(&self) -> Every {
        self.every
    }

    /// What it says depends on who is logged in.
    #[must_use]
    pub fn is_private(&self) -> bool {
        matches!(self.subject, Subject::Portfolio(_) | Subject::UserOrders(_) | Subject::UserTrades(_))
    }

    /// Whether this login may listen.
    ///
    /// # Errors
    /// 13009 for private channels without a login.
    pub fn allowed(&self, login: &Login) -> Result<(), Failure> {
        if self.is_private() { login.required().map(|_| ()) } else { Ok(()) }
    }

    /// What a conflated channel says now.
    #[must_use]
    pub fn view(&self, app: &App, login: &Login) -> Option<(u64, Arc<Value>)> {
        let seq = app.shared.durable();
        let cached =
            |key: String, make: &dyn Fn() -> Result<Value, Failure>| app.cache.get(&key, seq, make).ok();
        let value = match &self.subject {
            Subject::Ticker(name) => cached(format!("ticker.{name}"), &|| public::ticker(app, name)),
            Subject::Quote(name) => cached(format!("ticker.{name}"), &|| public::ticker(app, name))
                .map(|row| Arc::new(quote_of(&row))),
            Subject::Book(name) => cached(format!("book.{name}"), &|| public::book_of(app, name, 6))
                .map(|row| Arc::new(snapshot_of(&row))),
            Subject::GroupedBook(name, depth) => {
                cached(format!("book.{name}"), &|| public::book_of(app, name, 6))
                    .map(|row| Arc::new(grouped(&row, *depth)))
            }
            Subject::Chart(name, resolution) => {
                cached(format!("chart.{name}.{resolution}"), &|| chart(app, name, resolution))
            }
            Subject::MarkPrices(index) => cached(format!("markprice.{index}"), &|| mark_prices(app, index)),
            Subject::Index(index) => {
                cached(format!("index.{index}"), &|| public::index_price(&app.shared, index))
            }
            Subject::Portfolio(currency) => {
                let account = private::account(&app.shared, login.who.as_ref()?).ok()?;
                Some(Arc::new(private::summary(&app.shared, &account, currency)))
            }
            Subject::Trades(_) | Subject::UserOrders(_) | Subject::UserTrades(_) => None,
        };
        value.map(|value| (seq, value))
    }

    /// What to send of a new value: nothing when it is the same.
    #[must_use]
    pub fn changes(&self, last: Option<&Value>, now: &Value) -> Option<Value> {
        let still = |value: &Value| {
            let mut value = value.clone();
            for moving in ["timestamp", "change_id"] {
                if let Some(object) = value.as_object_mut() {
                    object.remove(moving);
                }
            }
            value
        };
        let same = last.is_some_and(|last| still(last) == still(now));
        (!same).then(|| now.clone())
    }

    /// What a durable command says here; history must have [settled](crate::core::Shared::settled).
    #[must_use]
    pub fn of_step(&self, app: &App, login: &Login, step: &Published) -> Vec<Value> {
        let filled = || step.events.iter().filter(|event| matches!(event.what, What::OrderFilled { .. }));
        match &self.subject {
            Subject::Trades(scope) => {
                let rows: Vec<Value> = filled()
                    .flat_map(|event| fills_of(app, event))
                    .filter(|row| in_scope(scope, row))
                    .collect();
                if rows.is_empty() { Vec::new() } else { vec![json!(rows)] }
            }
            Subject::UserTrades(scope) => {
                let Some(who) = &login.who else { return Vec::new() };
                let mine = filled().filter(|event| event.what.accounts().contains(&who.account));
                let rows: Vec<Value> = mine
                    .flat_map(|event| own_fills(app, who, event))
                    .filter(|row| in_scope(scope, row))
                    .collect();
                if rows.is_empty() { Vec::new() } else { vec![json!(rows)] }
            }
            Subject::UserOrders(scope) => {
                let Some(who) = &login.who else { return Vec::new() };
                let numbers = step.events.iter().filter_map(|event| order_of(&event.what));
                let rows = numbers.filter_map(|number| private::own_order(&app.shared, who, number).ok());
                rows.filter(|order| order.legs.iter().any(|leg| scope.has(&leg.instrument)))
                    .map(|order| rows::order(&order))
                    .collect()
            }
            _ => Vec::new(),
        }
    }
}

fn in_scope(scope: &Scope, row: &Value) -> bool {
    row.get("instrument_name").and_then(Value::as_str).is_some_and(|name| scope.has(name))
}

fn order_of(what: &What) -> Option<u64> {
    match what {
        What::OrderPlaced { order, .. }
        | What::OrderFilled { order, .. }
        | What::OrderEnded { order, .. }
        | What::OrderRested { order, .. }
        | What::CancelRequested { order, .. } => Some(*order),
        _ => None,
    }
}

fn fill_rows(app: &App, event: &cenote_api::ApiEvent) -> Option<cenote_api::view::FillRow> {
    let What::OrderFilled { order, account, .. } = &event.what else { return None };
    let history = app.shared.history.as_ref()?;
    history
        .fills_of(*account, Some(event.seq + 1), 64)
        .ok()?
        .fills
        .into_iter()
        .find(|fill| fill.order == *order)
}

fn fills_of(app: &App, event: &cenote_api::ApiEvent) -> Vec<Value> {
    fill_rows(app, event).map(|fill| fill.trades.iter().map(rows::trade).collect()).unwrap_or_default()
}

fn own_fills(app: &App, who: &super::rpc::Who, event: &cenote_api::ApiEvent) -> Vec<Value> {
    fill_rows(app, event)
        .filter(|fill| fill.account == who.account)
        .and_then(|fill| {
            Some(private::trades_of(&fill, &private::own_order(&app.shared, who, fill.order).ok()?))
        })
        .unwrap_or_default()
}

fn quote_of(ticker: &Value) -> Value {
    let fields = [
        "timestamp",
        "instrument_name",
        "best_bid_price",
        "best_bid_amount",
        "best_ask_price",
        "best_ask_amount",
    ];
    Value::Object(
        fields.iter().map(|f| ((*f).to_owned(), ticker.get(*f).cloned().unwrap_or_default())).collect(),
    )
}

/// The whole ladder as news: there are few levels, and all move with every tick.
fn snapshot_of(book: &Value) -> Value {
    let levels = |side: &str| -> Vec<Value> {
        let rows = book.get(side).and_then(Value::as_array);
        rows.map(|rows| rows.iter().map(|level| json!(["new", level[0], level[1]])).collect())
            .unwrap_or_default()
    };
    json!({
        "type": "snapshot",
        "timestamp": book["timestamp"],
        "instrument_name": book["instrument_name"],
        "change_id": book["change_id"],
        "bids": levels("bids"),
        "asks": levels("asks"),
        "synthetic": true,
    })
}

fn grouped(book: &Value, depth: usize) -> Value {
    let levels = |side: &str| -> Vec<Value> {
        book.get(side)
            .and_then(Value::as_array)
            .map(|rows| rows.iter().take(depth).cloned().collect())
            .unwrap_or_default()
    };
    json!({
        "timestamp": book["timestamp"],
        "instrument_name": book["instrument_name"],
        "change_id": book["change_id"],
        "bids": levels("bids"),
        "asks": levels("asks"),
        "synthetic": true,
    })
}

/// The candle that is open now.
fn chart(app: &App, name: &str, resolution: &str) -> Result<Value, Failure> {
    let candles = crate::answer::past::candles(&app.shared, Some(name), None, resolution, 0, u64::MAX)?;
    let last = |column: &[f64]| column.last().copied().unwrap_or(0.0);
    Ok(json!({
        "tick": candles.ticks.last(), "open": last(&candles.open), "high": last(&candles.high), "low": last(&candles.low),
        "close": last(&candles.close), "volume": last(&candles.volume), "cost": last(&candles.cost),
    }))
}

fn mark_prices(app: &App, index: &str) -> Result<Value, Failure> {
    let names = app.shared.names();
    let market =
        names.markets().find(|(_, market)| rows::index_name(market).starts_with(&index.to_ascii_lowercase()));
    let Some((_, market)) = market else { return Ok(json!([])) };
    let chain = public::chain(app, market)?;
    let all = chain.expiries.iter().flat_map(|expiry| expiry.strikes.iter().flat_map(|s| [&s.call, &s.put]));
    let row = |series: &cenote_api::view::ChainSeries| json!({ "instrument_name": series.instrument_name, "mark_price": series.mark_price, "iv": series.mark_iv.map(|iv| iv / 100.0), "timestamp": chain.published_at });
    Ok(json!(all.map(row).collect::<Vec<_>>()))
}
