//! Questions that need no login.

use super::rows::{self, Seen};
use super::rpc::{Failure, Login, flag, number, other_kind, required, text};
use crate::answer;
use crate::core::Shared;
use crate::http::App;
use cenote_api::view::{Chain, InstrumentRow};
use cenote_api::{ApiError, InstrumentName};
use cenote_engine::quote;
use cenote_units::Size;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

type Answer = Result<Value, Failure>;

/// Carries a public method out.
pub async fn call(app: &App, login: &mut Login, method: &str, params: &Value) -> Answer {
    let shared = &app.shared;
    match method {
        "auth" => super::auth::auth(app, login, params),
        "hello" | "test" => Ok(json!({ "version": env!("CARGO_PKG_VERSION") })),
        "get_time" => Ok(json!(
            u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis())
                .unwrap_or(0)
        )),
        "status" => Ok(json!({ "locked": "false", "locked_indices": [] })),
        "get_currencies" => Ok(currencies(shared)),
        "get_instruments" => instruments(shared, params),
        "get_instrument" => instrument(shared, required(params, "instrument_name")?),
        "get_expirations" => expirations(shared, params),
        "ticker" => ticker(app, required(params, "instrument_name")?),
        "get_book_summary_by_currency" => summaries(app, params),
        "get_book_summary_by_instrument" => {
            let name = required(params, "instrument_name")?;
            one(app, name, |seen| json!([rows::summary(shared, seen)]))
        }
        "get_order_book" => book(app, params),
        "get_tradingview_chart_data" => chart(shared, params),
        "get_last_trades_by_instrument" | "get_last_trades_by_instrument_and_time" => {
            let name = canonical(shared, required(params, "instrument_name")?)?;
            trades(shared, Some(&name), None, params)
        }
        "get_last_trades_by_currency" | "get_last_trades_by_currency_and_time" => {
            trades(shared, None, Some(required(params, "currency")?), params)
        }
        "get_index_price" => index_price(shared, required(params, "index_name")?),
        "get_index_price_names" => {
            Ok(json!(markets(shared).iter().map(|m| rows::index_name(m)).collect::<Vec<_>>()))
        }
        "get_historical_volatility" => historical_volatility(shared, params),
        "get_delivery_prices" => delivery_prices(shared, params),
        "get_combos" | "get_combo_ids" => Ok(json!([])),
        "get_last_settlements_by_instrument" | "get_last_settlements_by_currency" => {
            settlements(shared, params)
        }
        "get_contract_size" => Ok(json!({ "contract_size": 1 })),
        other => {
            Err(Failure::unsupported(&format!("public/{other} is not offered; /llms.txt lists what is")))
        }
    }
}

fn markets(shared: &Shared) -> Vec<String> {
    shared.names().markets().map(|(_, name)| name.to_owned()).collect()
}

/// The name as this venue writes it, whatever zeros and letters came.
pub(super) fn canonical(shared: &Shared, name: &str) -> Result<String, Failure> {
    let names = shared.names();
    let parsed: InstrumentName = names.parse(name).map_err(|why| Failure::from(ApiError::not_found(why)))?;
    Ok(names.leg(parsed.board, parsed.strike, parsed.kind))
}

fn currencies(shared: &Shared) -> Value {
    let mut known: Vec<String> = markets(shared)
        .iter()
        .flat_map(|market| <[String; 2]>::from(answer::chain::currencies(market)))
        .collect();
    known.sort();
    known.dedup();
    let row = |currency: String| {
        json!({
            "currency": currency, "currency_long": currency, "coin_type": "NATIVE", "fee_precision": 6, "min_confirmations": 1,
            "min_withdrawal_fee": 0.0, "withdrawal_fee": 0.0, "withdrawal_priorities": [], "network_fee": 0.0, "decimals": 6,
            "in_cross_collateral_pool": false,
        })
    };
    json!(known.into_iter().map(row).collect::<Vec<_>>())
}

fn fee(shared: &Shared, market: &str) -> f64 {
    let id = shared.names().find_market(market);
    shared.replicas.read(|replica| {
        id.and_then(|id| replica.state.market_params.get(&id))
            .map_or(0.0, |p| quote::ratio(p.rules.fee_notional))
    })
}

/// Listed instruments; of two boards of one expiry the later one, whose band fits the forward.
fn listed(shared: &Shared) -> Result<Vec<InstrumentRow>, Failure> {
    let (all, _) = answer::chain::instruments(shared, None)?;
    Ok(all)
}

fn instruments(shared: &Shared, params: &Value) -> Answer {
    if flag(params, "expired") || other_kind(params) {
        return Ok(json!([]));
    }
    let currency = text(params, "currency");
    let rows = listed(shared)?;
    let wanted = rows.iter().filter(|row| rows::of_currency(&row.market, currency));
    Ok(json!(wanted.map(|row| rows::instrument(row, fee(shared, &row.market))).collect::<Vec<_>>()))
}

fn instrument(shared: &Shared, name: &str) -> Answer {
    let name = canonical(shared, name)?;
    let rows = listed(shared)?;
    let row = rows.iter().find(|row| row.instrument_name == name);
    let row = row.ok_or_else(|| ApiError::not_found(format!("{name} is not listed")))?;
    Ok(rows::instrument(row, fee(shared, &row.market)))
}

/// Dates by currency: by the one that was asked for, or by that which each settles in; for `any` without one.
fn expirations(shared: &Shared, params: &Value) -> Answer {
    let asked = text(params, "currency").unwrap_or("grouped").to_ascii_lowercase();
    let mut dates: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in listed(shared)?.iter().filter(|_| !other_kind(params)) {
        let key = match asked.as_str() {
            "grouped" => row.quote_currency.to_ascii_lowercase(),
            _ if rows::of_currency(&row.market, Some(&asked)) => asked.clone(),
            _ => continue,
        };
        let at = cenote_units::Timestamp::from_millis(row.expiration_timestamp).unwrap_or_default();
        let label = cenote_api::name::day_label(at);
        let all = dates.entry(key).or_default();
        if !all.contains(&label) {
            all.push(label);
        }
    }
    if asked == "any" {
        return Ok(json!({ "option": dates.remove("any").unwrap_or_default() }));
    }
    let by_currency = dates.into_iter().map(|(currency, all)| (currency, json!({ "option": all })));
    Ok(Value::Object(by_currency.collect()))
}

/// A chain with prices at one contract, made once a tick for everybody.
pub(super) fn chain(app: &App, market: &str) -> Result<Chain, Failure> {
    Ok(answer::chain::chain(&app.shared, Some(market), None, Size::ONE)?)
}

fn one(app: &App, name: &str, row: impl FnOnce(&Seen<'_>) -> Value) -> Answer {
    let name = canonical(&app.shared, name)?;
    let parsed = app.shared.names().parse(&name).map_err(ApiError::not_found)?;
    let label = cenote_api::name::expiry_label(parsed.board);
    let market = rows::market_of(&name);
    let chain = answer::chain::chain(&app.shared, Some(market), Some(&label), Size::ONE)?;
    Ok(row(&rows::find(&chain, &name)?))
}

/// A ticker by name.
pub(super) fn ticker(app: &App, name: &str) -> Answer {
    one(app, name, |seen| rows::ticker(&app.shared, seen))
}

fn summaries(app: &App, params: &Value) -> Answer {
    if other_kind(params) {
        return Ok(json!([]));
    }
    let currency = text(params, "currency");
    let mut out = Vec::new();
    for market in markets(&app.shared).iter().filter(|market| rows::of_currency(market, currency)) {
        let made = app.cache.get(
            &format!("summary.{market}"),
            app.shared.durable(),
            || -> Result<Value, Failure> {
                let chain = chain(app, market)?;
                let index = quote::price(chain.index_price.0);
                let mut list = Vec::new();
                for expiry in &chain.expiries {
                    for series in expiry.strikes.iter().flat_map(|strike| [&strike.call, &strike.put]) {
                        let seen = Seen { market, index, expiry, series, at: chain.published_at };
                        list.push(rows::summary(&app.shared, &seen));
                    }
                }
                Ok(json!(list))
            },
        )?;
        out.extend(made.as_array().cloned().unwrap_or_default());
    }
    Ok(json!(out))
}

/// A book by name, so many levels deep.
pub(super) fn book_of(app: &App, name: &str, levels: usize) -> Answer {
    let name = canonical(&app.shared, name)?;
    let depth = answer::depth::depth(&app.shared, &name, levels)?;
    one(app, &name, |seen| rows::book(&app.shared, seen, &depth))
}

fn book(app: &App, params: &Value) -> Answer {
    let levels = number(params, "depth").unwrap_or(6).clamp(1, 8);
    book_of(app, required(params, "instrument_name")?, usize::try_from(levels).unwrap_or(6))
}

fn chart(shared: &Shared, params: &Value) -> Answer {
    let name = canonical(shared, required(params, "instrument_name")?)?;
    let resolution =
        params.get("resolution").map_or("60".to_owned(), |r| r.as_str().map_or(r.to_string(), str::to_owned));
    let (from, to) =
        (number(params, "start_timestamp").unwrap_or(0), number(params, "end_timestamp").unwrap_or(u64::MAX));
    let candles = answer::past::candles(shared, Some(&name), None, &resolution, from, to)?;
    Ok(serde_json::to_value(candles).unwrap_or_default())
}

fn trades(shared: &Shared, instrument: Option<&str>, currency: Option<&str>, params: &Value) -> Answer {
    let count = usize::try_from(number(params, "count").unwrap_or(10).clamp(1, 1_000)).unwrap_or(10);
    let (from, to) =
        (number(params, "start_timestamp").unwrap_or(0), number(params, "end_timestamp").unwrap_or(u64::MAX));
    let page = match instrument {
        Some(name) => answer::past::trades(shared, Some(name), None, None, 1_000)?,
        None => {
            let all = markets(shared);
            let market = all.iter().find(|market| rows::of_currency(market, currency));
            match market {
                Some(market) => answer::past::trades(shared, None, Some(market), None, 1_000)?,
                None => return Ok(json!({ "trades": [], "has_more": false })),
            }
        }
    };
    let mut inside: Vec<Value> =
        page.trades.iter().filter(|row| (from..=to).contains(&row.time)).map(rows::trade).collect();
    if text(params, "sorting") == Some("asc") {
        inside.reverse();
    }
    let has_more = page.has_more || inside.len() > count;
    inside.truncate(count);
    Ok(json!({ "trades": inside, "has_more": has_more }))
}

/// The index of a market by the index's name; `btc_usd` is taken for `btc_usdc`.
pub(super) fn index_price(shared: &Shared, name: &str) -> Answer {
    let all = markets(shared);
    let market = all.iter().find(|market| {
        let known = rows::index_name(market);
        known.eq_ignore_ascii_case(name)
            || known.strip_suffix('c').is_some_and(|short| short.eq_ignore_ascii_case(name))
    });
    let market = market.ok_or_else(|| ApiError::not_found(format!("there is no index {name}")))?;
    let id = shared.names().find_market(market).unwrap_or_default();
    let tick =
        shared.replicas.read(|replica| replica.state.market.get(&id).and_then(|market| market.tick.clone()));
    let tick = tick
        .ok_or_else(|| ApiError::new("no_price", "the market has no price yet; wait for its first tick"))?;
    let price = quote::price(tick.price);
    Ok(
        json!({ "index_price": price, "estimated_delivery_price": price, "index_name": rows::index_name(market), "timestamp": tick.published_at.millis(), "price": price }),
    )
}

/// Realised vol of a day of hourly closes, by hour, percent a year.
fn historical_volatility(shared: &Shared, params: &Value) -> Answer {
    const HOURS: usize = 24;
    let currency = text(params, "currency");
    let all = markets(shared);
    let Some(market) = all.iter().find(|market| rows::of_currency(market, currency)) else {
        return Ok(json!([]));
    };
    let candles = answer::past::candles(shared, None, Some(market), "60", 0, u64::MAX)?;
    let moves: Vec<f64> = candles.close.windows(2).map(|pair| (pair[1] / pair[0]).ln()).collect();
    let vol = |window: &[f64]| {
        let mean_square = window.iter().map(|x| x * x).sum::<f64>() / window.len() as f64;
        100.0 * (mean_square * 24.0 * 365.0).sqrt()
    };
    let width = HOURS.min(moves.len().max(1));
    let rows = moves
        .windows(width)
        .zip(candles.ticks.iter().skip(width))
        .map(|(window, at)| json!([at, vol(window)]));
    Ok(json!(rows.collect::<Vec<_>>()))
}

/// Settlements of every market, newest first.
fn settled(shared: &Shared) -> Vec<cenote_api::ApiEvent> {
    let Some(history) = &shared.history else { return Vec::new() };
    markets(shared)
        .iter()
        .filter_map(|m| history.settlements(m, 1_000).ok())
        .flat_map(|page| page.events)
        .collect()
}

fn delivery_prices(shared: &Shared, params: &Value) -> Answer {
    let name = required(params, "index_name")?;
    let mut rows: Vec<Value> = Vec::new();
    for event in &settled(shared) {
        let cenote_api::event::What::BoardSettled { market, expiration_timestamp, average, .. } = &event.what
        else {
            continue;
        };
        if rows::index_name(market).starts_with(&name.to_ascii_lowercase()) {
            let day = date(expiration_timestamp / 86_400_000);
            rows.push(json!({ "date": day, "delivery_price": quote::price(average.0) }));
        }
    }
    rows.dedup();
    let (offset, count) =
        (number(params, "offset").unwrap_or(0) as usize, number(params, "count").unwrap_or(10) as usize);
    let total = rows.len();
    Ok(
        json!({ "data": rows.into_iter().skip(offset).take(count).collect::<Vec<_>>(), "records_total": total }),
    )
}

/// `2026-03-27` of a count of days.
fn date(days: u64) -> String {
    let at = cenote_units::Timestamp::from_millis(days * 86_400_000).unwrap_or_default();
    cenote_api::name::iso_day(at)
}

fn settlements(shared: &Shared, params: &Value) -> Answer {
    let wanted = text(params, "instrument_name").map(|name| canonical(shared, name)).transpose()?;
    let mut rows = Vec::new();
    for event in &settled(shared) {
        if let cenote_api::event::What::BoardSettled { market, expiry, price, .. } = &event.what {
            let stem = format!("{market}-{expiry}-");
            if wanted.as_ref().is_none_or(|name| name.starts_with(&stem)) {
                rows.push(json!({
                    "type": "delivery", "timestamp": event.time, "index_price": quote::price(price.0), "mark_price": quote::price(price.0),
                    "instrument_name": wanted.clone().unwrap_or(stem), "session_profit_loss": 0.0, "profit_loss": 0.0, "position": 0.0,
                }));
            }
        }
    }
    Ok(json!({ "settlements": rows, "continuation": "none" }))
}
