//! Questions and orders of whoever is logged in.

use super::rpc::{Failure, Login, Who, flag, number, other_kind, other_type, required, text};
use super::{orders, public, rows};
use crate::answer;
use crate::core::Shared;
use crate::http::App;
use cenote_api::view::{Account, FillRow, Order};
use serde_json::{Map, Value, json};

type Answer = Result<Value, Failure>;

/// Carries a private method out.
pub async fn call(app: &App, login: &mut Login, method: &str, params: &Value) -> Answer {
    let who = match text(params, "access_token") {
        Some(_) | None => login.required()?.clone(),
    };
    let shared = &app.shared;
    match method {
        "buy" => orders::place(app, &who, params, 1).await,
        "sell" => orders::place(app, &who, params, -1).await,
        "cancel" => orders::cancel(app, &who, params).await,
        "cancel_all"
        | "cancel_all_by_currency"
        | "cancel_all_by_currency_pair"
        | "cancel_all_by_instrument"
        | "cancel_all_by_kind_or_type" => orders::cancel_all(app, &who, None, params).await,
        "cancel_by_label" => orders::cancel_all(app, &who, Some(required(params, "label")?), params).await,
        "close_position" => orders::close(app, &who, params).await,
        "get_account_summary" => {
            let account = account(shared, &who)?;
            let mut row = summary(shared, &account, text(params, "currency").unwrap_or("USDC"));
            if flag(params, "extended") {
                row.as_object_mut().into_iter().for_each(|row| row.extend(holder(&who)));
            }
            Ok(row)
        }
        "get_account_summaries" => {
            let account = account(shared, &who)?;
            let all = currencies(shared).into_iter().map(|currency| summary(shared, &account, &currency));
            let mut answer = holder(&who);
            answer.insert("summaries".to_owned(), json!(all.collect::<Vec<_>>()));
            Ok(Value::Object(answer))
        }
        "get_positions" => positions(shared, &who, params),
        "get_position" => position(shared, &who, params),
        "get_order_state" => {
            let number = orders::number_of(params)?;
            Ok(rows::order(&own_order(shared, &who, number)?))
        }
        "get_open_orders" | "get_open_orders_by_currency" | "get_open_orders_by_instrument" => {
            open_orders(shared, &who, None, params)
        }
        "get_open_orders_by_label" => open_orders(shared, &who, Some(required(params, "label")?), params),
        "get_order_state_by_label" => orders_of_label(shared, &who, required(params, "label")?, params),
        "get_order_history_by_currency" | "get_order_history_by_instrument" => {
            order_history(shared, &who, params)
        }
        "get_user_trades_by_currency"
        | "get_user_trades_by_currency_and_time"
        | "get_user_trades_by_instrument"
        | "get_user_trades_by_instrument_and_time"
        | "get_user_trades_by_order" => user_trades(shared, &who, params, method.ends_with("_order")),
        "logout" => {
            login.who = None;
            Ok(json!("ok"))
        }
        "get_subaccounts" => Ok(json!([])),
        "edit" => Err(Failure::unsupported(
            "orders are not edited: cancel and place anew, so that no known price is chosen",
        )),
        other => {
            Err(Failure::unsupported(&format!("private/{other} is not offered; /llms.txt lists what is")))
        }
    }
}

pub(super) fn account(shared: &Shared, who: &Who) -> Result<Account, Failure> {
    Ok(answer::account::account(shared, who.account)?)
}

/// Whose an account is, in the words of this API.
fn holder(who: &Who) -> Map<String, Value> {
    let rows = [
        ("id", json!(rows::id_of(&who.id))),
        ("username", json!(who.id)),
        ("email", json!("")),
        ("system_name", json!(who.id)),
        ("type", json!("main")),
    ];
    rows.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn currencies(shared: &Shared) -> Vec<String> {
    let names = shared.names();
    let mut all: Vec<String> = names
        .markets()
        .flat_map(|(_, market)| <[String; 2]>::from(answer::chain::currencies(market)))
        .collect();
    all.sort();
    all.dedup();
    all
}

/// An account in one currency.
pub(super) fn summary(shared: &Shared, account: &Account, currency: &str) -> Value {
    let is_quote = shared
        .names()
        .markets()
        .any(|(_, market)| answer::chain::currencies(market).1.eq_ignore_ascii_case(currency));
    rows::account(account, &currency.to_ascii_uppercase(), is_quote)
}

fn index(shared: &Shared, instrument: &str) -> f64 {
    let market = rows::market_of(instrument);
    let price = public::index_price(shared, &rows::index_name(market)).ok();
    price.and_then(|row| row.get("index_price").and_then(Value::as_f64)).unwrap_or(0.0)
}

fn positions(shared: &Shared, who: &Who, params: &Value) -> Answer {
    if other_kind(params) {
        return Ok(json!([]));
    }
    let (account, currency) = (account(shared, who)?, text(params, "currency"));
    let of = |name: &str| rows::of_currency(rows::market_of(name), currency);
    let mine = account.positions.iter().filter(|p| of(&p.instrument_name));
    Ok(json!(mine.map(|p| rows::position(p, index(shared, &p.instrument_name))).collect::<Vec<_>>()))
}

fn position(shared: &Shared, who: &Who, params: &Value) -> Answer {
    let name = public::canonical(shared, required(params, "instrument_name")?)?;
    let account = account(shared, who)?;
    let held = account.positions.iter().find(|p| p.instrument_name == name);
    Ok(held.map_or_else(
        || rows::no_position(&name, index(shared, &name)),
        |p| rows::position(p, index(shared, &name)),
    ))
}

/// An order of this account; another's is no different from none.
pub(super) fn own_order(shared: &Shared, who: &Who, number: u64) -> Result<Order, Failure> {
    let missing = || Failure::new(10_004, "order_not_found", &format!("this account has no order {number}"));
    answer::past::order(shared, number).ok().filter(|order| order.account == who.account).ok_or_else(missing)
}

fn wanted<'a>(shared: &Shared, params: &'a Value) -> Result<impl Fn(&str) -> bool + 'a, Failure> {
    let name = text(params, "instrument_name").map(|name| public::canonical(shared, name)).transpose()?;
    let currency = text(params, "currency").or_else(|| text(params, "currency_pair"));
    Ok(move |of: &str| match &name {
        Some(name) => name == of,
        None => rows::of_currency(rows::market_of(of), currency),
    })
}

fn has_label(order: &Order, label: Option<&str>) -> bool {
    label.is_none_or(|label| rows::type_and_label(order.label.as_deref()).1 == label)
}

/// Live orders that a request is about.
pub(super) fn live_orders(
    shared: &Shared,
    who: &Who,
    label: Option<&str>,
    params: &Value,
) -> Result<Vec<Order>, Failure> {
    if other_kind(params) || other_type(params) {
        return Ok(Vec::new());
    }
    let wanted = wanted(shared, params)?;
    let mut orders = account(shared, who)?.orders;
    orders.retain(|order| has_label(order, label) && order.legs.iter().any(|leg| wanted(&leg.instrument)));
    Ok(orders)
}

fn open_orders(shared: &Shared, who: &Who, label: Option<&str>, params: &Value) -> Answer {
    Ok(json!(live_orders(shared, who, label, params)?.iter().map(rows::order).collect::<Vec<_>>()))
}

/// Orders with a label, live or not, newest first.
fn orders_of_label(shared: &Shared, who: &Who, label: &str, params: &Value) -> Answer {
    let wanted = wanted(shared, params)?;
    let page = answer::past::orders(shared, who.account, None, 1_000)?;
    let mine = page.orders.iter().filter(|order| {
        has_label(order, Some(label)) && order.legs.iter().any(|leg| wanted(&leg.instrument))
    });
    Ok(json!(mine.map(rows::order).collect::<Vec<_>>()))
}

fn order_history(shared: &Shared, who: &Who, params: &Value) -> Answer {
    let wanted = wanted(shared, params)?;
    let count = usize::try_from(number(params, "count").unwrap_or(20).clamp(1, 1_000)).unwrap_or(20);
    let page = answer::past::orders(shared, who.account, None, 1_000)?;
    let ended = page.orders.iter().filter(|order| order.state == "filled" || order.state == "ended");
    let mine = ended.filter(|order| order.legs.iter().any(|leg| wanted(&leg.instrument)));
    Ok(json!(mine.take(count).map(rows::order).collect::<Vec<_>>()))
}

/// Rows of an order's fill, one a leg.
pub(super) fn trades_of(fill: &FillRow, order: &Order) -> Vec<Value> {
    fill.trades.iter().map(|trade| rows::user_trade(trade, fill, order)).collect()
}

fn user_trades(shared: &Shared, who: &Who, params: &Value, of_order: bool) -> Answer {
    let wanted = wanted(shared, params)?;
    let count = usize::try_from(number(params, "count").unwrap_or(10).clamp(1, 1_000)).unwrap_or(10);
    let (from, to) =
        (number(params, "start_timestamp").unwrap_or(0), number(params, "end_timestamp").unwrap_or(u64::MAX));
    let order = if of_order { Some(orders::number_of(params)?) } else { None };
    let page = answer::past::fills(shared, who.account, None, 1_000)?;
    let mut out = Vec::new();
    for fill in page
        .fills
        .iter()
        .filter(|fill| (from..=to).contains(&fill.time) && order.is_none_or(|n| n == fill.order))
    {
        let order = answer::past::order(shared, fill.order)?;
        let legs = trades_of(fill, &order).into_iter();
        out.extend(legs.filter(|trade| trade["instrument_name"].as_str().is_some_and(&wanted)));
    }
    if text(params, "sorting") == Some("asc") {
        out.reverse();
    }
    let has_more = page.has_more || out.len() > count;
    out.truncate(count);
    if of_order { Ok(json!(out)) } else { Ok(json!({ "trades": out, "has_more": has_more })) }
}
