//! An account that buys, looks, cancels and sells.

use crate::Run;
use crate::checks::near;
use deribit_http::model::currency::Currency;
use deribit_http::model::order::OrderType;
use deribit_http::model::position::Position;
use deribit_http::model::request::order::OrderRequest;
use deribit_http::model::request::trade::TradesRequest;
use deribit_http::model::response::order::{OrderInfoResponse, OrderResponse};
use deribit_http::model::trade::UserTrade;
use deribit_http::model::types::TimeInForce;
use std::time::Duration;

/// Digits only, as many clients number their orders.
const LABEL: &str = "4711";

/// A request of one contract.
pub fn request(name: &str, type_: OrderType, price: Option<f64>) -> OrderRequest {
    OrderRequest {
        order_id: None,
        instrument_name: name.to_owned(),
        amount: Some(1.0),
        contracts: None,
        type_: Some(type_),
        label: None,
        price,
        time_in_force: None,
        display_amount: None,
        post_only: None,
        reject_post_only: None,
        reduce_only: None,
        trigger_price: None,
        trigger_offset: None,
        trigger: None,
        advanced: None,
        mmp: None,
        valid_until: None,
        linked_order_type: None,
        trigger_fill_condition: None,
        otoco_config: None,
    }
}

/// Walks through it.
pub async fn walk(run: &mut Run, name: &str) -> Result<(), String> {
    account(run).await?;
    let before = size_of(run, name).await?;
    let bought = buy(run, name).await.ok_or("nothing was bought to go on with")?;
    trades(run, name, &bought).await;
    positions(run, name, before).await?;
    limits(run, name).await;
    labels(run, name).await;
    close(run, name, before).await
}

async fn size_of(run: &Run, name: &str) -> Result<f64, String> {
    let all =
        run.client.get_positions(Some("USDC"), Some("option"), None).await.map_err(|e| e.to_string())?;
    Ok(all.iter().find(|p| p.instrument_name == name).map_or(0.0, |p| p.size))
}

async fn account(run: &mut Run) -> Result<(), String> {
    let Run { client, checks, .. } = run;
    let summary = client.get_account_summary("USDC", Some(true)).await;
    let id = std::env::var("CENOTE_API_ID").unwrap_or_default();
    checks.answer("get_account_summary, extended, says whose it is", summary, |s| {
        s.username == id && s.account_type == "main" && s.id > 0
    });
    let all = client.get_account_summaries(None, Some(true)).await;
    checks.answer("get_account_summaries: all of it is USDC", all, |all| {
        let of = |currency: &str| all.summaries.iter().find(|row| row.currency == currency);
        of("USDC").is_some_and(|row| row.equity > 0.0 && (0.0..=row.balance).contains(&row.available_funds))
            && of("BTC").is_some_and(|row| row.equity == 0.0)
    });
    Ok(())
}

async fn buy(run: &mut Run, name: &str) -> Option<OrderResponse> {
    let Run { client, checks, .. } = run;
    let bought = client.buy_order(request(name, OrderType::Market, None)).await;
    let bought = checks.answer("a market buy of one fills at its tick", bought, |done| {
        let order = &done.order;
        order.order_state == "filled"
            && order.filled_amount == Some(1.0)
            && order.order_type == "market"
            && done.trades.len() == 1
    })?;
    let state = client.get_order_state(&bought.order.order_id).await;
    checks.answer("get_order_state is what buy answered", state, |order| {
        serde_json::to_value(order).ok() == serde_json::to_value(&bought.order).ok()
    });
    let trade = &bought.trades[0];
    let whole = bought.order.average_price.is_some_and(|average| near(average, trade.price));
    checks.check("the trade's price is the order's average", whole, &bought);
    checks.check("its fee is in USDC", trade.fee_currency == "USDC" && trade.fee >= 0.0, trade);
    checks.check("its order type is the order's", trade.order_type == "market", trade);
    Some(bought)
}

async fn trades(run: &mut Run, name: &str, bought: &OrderResponse) {
    let Run { client, checks, .. } = run;
    let (order, trade) = (&bought.order.order_id, &bought.trades[0].trade_id);
    // `get_user_trades_by_order` of this client wants texts for `post_only` and `reduce_only`, and fields for margin, where the API's own example
    // has truths and none, so its reader of the other methods' trades is used.
    let query = format!("?order_id={order}");
    let by_order = client.private_get::<Vec<UserTrade>>("/private/get_user_trades_by_order", &query).await;
    checks.answer("get_user_trades_by_order", by_order, |all| all.len() == 1 && all[0].trade_id == *trade);
    let of_it = client.get_user_trades_by_instrument(name, None, None, Some(5), None, Some("desc")).await;
    checks.answer("get_user_trades_by_instrument: the latest first", of_it, |page| {
        page.trades.first().is_some_and(|row| row.trade_id == *trade)
    });
    let request = TradesRequest {
        currency: Currency::Usdc,
        kind: None,
        start_id: None,
        end_id: None,
        count: Some(5),
        start_timestamp: None,
        end_timestamp: None,
        sorting: None,
        historical: None,
        subaccount_id: None,
    };
    let of_all = client.get_user_trades_by_currency(request).await;
    checks.answer("get_user_trades_by_currency", of_all, |page| {
        page.trades.iter().any(|row| row.trade_id == *trade)
    });
    let history = client.get_order_history_by_instrument(name, Some(5), None).await;
    checks.answer("get_order_history_by_instrument", history, |all| {
        all.iter().any(|row| row.order_id == *order)
    });
    let history = client.get_order_history_by_currency("USDC", Some("option"), Some(5), None).await;
    checks
        .answer("get_order_history_by_currency", history, |all| all.iter().any(|row| row.order_id == *order));
    let public = client.get_last_trades(name, Some(5), None).await;
    checks.answer("get_last_trades has it", public, |all| all.iter().any(|row| row.trade_id == *trade));
}

async fn positions(run: &mut Run, name: &str, before: f64) -> Result<(), String> {
    let Run { client, checks, .. } = run;
    let all = client.get_positions(Some("BTC"), Some("option"), None).await;
    checks.answer("get_positions: one more than before", all, |all| {
        all.iter()
            .any(|p| p.instrument_name == name && near(p.size, before + 1.0) && p.mark_price > Some(0.0))
    });
    // `get_position` of this client reads a list where the API's documentation has one object, so its own reader of objects is used.
    let query = format!("?instrument_name={name}");
    let one = client.private_get::<Position>("/private/get_position", &query).await;
    checks.answer("get_position", one, |p| p.instrument_name == name && near(p.size, before + 1.0));
    Ok(())
}

fn shown<'a>(all: &'a [OrderInfoResponse], id: &str) -> Option<&'a OrderInfoResponse> {
    all.iter().find(|order| order.order_id == id)
}

async fn limits(run: &mut Run, name: &str) {
    let Run { client, checks, .. } = run;
    let mut far = request(name, OrderType::Limit, Some(0.5));
    far.time_in_force = Some(TimeInForce::ImmediateOrCancel);
    checks.answer(
        "a limit far away, immediate or cancel, is cancelled",
        client.buy_order(far).await,
        |done| {
            done.order.order_state == "cancelled"
                && done.trades.is_empty()
                && done.order.filled_amount == Some(0.0)
        },
    );
    let mut resting = request(name, OrderType::Limit, Some(1.0));
    resting.label = Some(LABEL.to_owned());
    let placed = client.buy_order(resting).await;
    let placed = checks.answer("a limit order rests, good til cancelled", placed, |done| {
        let order = &done.order;
        order.order_state == "open" && order.time_in_force == "good_til_cancelled" && near(order.price, 1.0)
    });
    let Some(OrderResponse { order, .. }) = placed else { return };
    checks.check("it keeps its label, though it is of digits", order.label == LABEL, &order);
    let id = order.order_id.as_str();
    let open = client.get_open_orders(None, None).await;
    checks.answer("get_open_orders has it", open, |all| shown(all, id).is_some());
    let open = client.get_open_orders_by_instrument(name, None).await;
    checks.answer("get_open_orders_by_instrument has it", open, |all| shown(all, id).is_some());
    let open = client.get_open_orders_by_currency("USDC", None, None).await;
    checks.answer("get_open_orders_by_currency has it", open, |all| shown(all, id).is_some());
    let cancelled = client.cancel_order(id).await;
    checks.answer("cancel", cancelled, |order| order.order_id == id);
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    let state = client.get_order_state(id).await;
    checks.answer("it is cancelled", state, |order| order.order_state == "cancelled");
    let open = client.get_open_orders_by_instrument(name, None).await;
    checks.answer("and no longer open", open, |all| shown(all, id).is_none());
}

async fn labels(run: &mut Run, name: &str) {
    let Run { client, checks, .. } = run;
    let mut resting = request(name, OrderType::Limit, Some(1.0));
    resting.label = Some("both".to_owned());
    for _ in 0..2 {
        checks.answer("an order with a label", client.buy_order(resting.clone()).await, |done| {
            done.order.label == "both"
        });
    }
    let open = client.get_open_orders_by_label("both", "USDC").await;
    checks.answer("get_open_orders_by_label has both", open, |all| all.len() == 2);
    let state = client.get_order_state_by_label("USDC", "both").await;
    checks.answer("get_order_state_by_label has both", state, |all| all.len() >= 2);
    checks.answer("cancel_by_label cancels both", client.cancel_by_label("both").await, |count| *count == 2);
    checks.answer(
        "an order without",
        client.buy_order(request(name, OrderType::Limit, Some(1.0))).await,
        |_| true,
    );
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    checks.answer(
        "cancel_all_by_instrument cancels what is left",
        client.cancel_all_by_instrument(name).await,
        |count| *count >= 1,
    );
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    checks.answer("cancel_all has nothing left", client.cancel_all().await, |count| *count == 0);
}

async fn close(run: &mut Run, name: &str, before: f64) -> Result<(), String> {
    let mut sale = request(name, OrderType::Market, None);
    sale.reduce_only = Some(true);
    let sold = run.client.sell_order(sale).await;
    run.checks.answer("a market sale, reduce only, fills", sold, |done| {
        done.order.order_state == "filled" && done.order.reduce_only && done.order.direction == "sell"
    });
    let after = size_of(run, name).await?;
    run.checks.check("the position is as before", near(after, before), &(before, after));
    let bought = run.client.buy_order(request(name, OrderType::Market, None)).await;
    run.checks.answer("another one is bought", bought, |done| done.order.order_state == "filled");
    let closed = run.client.close_position(name, "market", None).await;
    run.checks.answer("close_position sells all of it", closed, |done| {
        done.order.order_state == "filled" && near(done.order.amount, before + 1.0) && done.order.reduce_only
    });
    let after = size_of(run, name).await?;
    run.checks.check("nothing is left", after == 0.0, &after);
    Ok(())
}
