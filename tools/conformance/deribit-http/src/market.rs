//! What needs no login.

use crate::Run;
use deribit_http::model::instrument::{Instrument, InstrumentKind, InstrumentType};
use std::time::{SystemTime, UNIX_EPOCH};

const DAY_MS: i64 = 86_400_000;

/// Walks through it; the name of an option at the money for the trading that follows.
pub async fn walk(run: &mut Run) -> Result<String, String> {
    venue(run).await;
    let name = instruments(run).await?;
    prices(run, &name).await;
    past(run, &name).await;
    Ok(name)
}

async fn venue(run: &mut Run) {
    let Run { client, checks, .. } = run;
    let version = client.test_connection().await;
    checks.answer("test_connection gives a version", version, |v| !v.is_empty());
    checks.answer("get_status", client.get_status().await, |s| s.locked != Some(true));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let time = client.get_server_time().await;
    checks.answer("get_server_time is now", time, |t| u128::from(*t).abs_diff(now) < 5_000);
    let currencies = client.get_currencies().await;
    checks.answer("get_currencies has BTC and USDC", currencies, |all| {
        ["BTC", "USDC"].iter().all(|c| all.iter().any(|row| row.currency == *c))
    });
    let names = client.get_index_price_names().await;
    checks.answer("get_index_price_names has btc_usdc", names, |all| all.iter().any(|n| n == "btc_usdc"));
    let index = client.get_index_price("btc_usdc").await;
    checks.answer("get_index_price", index, |i| i.index_price > 0.0 && i.estimated_delivery_price > 0.0);
}

fn is_linear_option(row: &Instrument) -> bool {
    let (kind, settled) = (row.kind.as_ref(), row.settlement_currency.as_deref());
    kind == Some(&InstrumentKind::Option)
        && row.instrument_type == Some(InstrumentType::Linear)
        && settled == Some("USDC")
        && row.strike.is_some_and(|strike| strike > 0.0)
        && row.option_type.is_some()
        && row.expiration_timestamp.is_some()
        && row.tick_size.is_some_and(|tick| tick > 0.0)
        && row.contract_size == Some(1.0)
}

async fn instruments(run: &mut Run) -> Result<String, String> {
    let listed = run.native("/v1/instruments").await?["instruments"].as_array().map_or(0, Vec::len);
    let index = run.client.get_index_price("btc_usdc").await.map_err(|e| e.to_string())?.index_price;
    let now = run.native("/v1/status").await?["market_time_ms"].as_i64().unwrap_or(0);
    let Run { client, checks, .. } = run;
    let all = client.get_instruments("BTC", Some("option"), Some(false)).await;
    let good = |all: &Vec<Instrument>| all.len() == listed && listed > 0;
    let all = checks.answer("get_instruments: as many as the engine lists", all, good);
    let all = all.ok_or("there are no instruments to go on with")?;
    let odd = all.iter().find(|row| !is_linear_option(row));
    checks.check("each is a linear option in USDC", odd.is_none(), &odd);
    let futures = client.get_instruments("BTC", Some("future"), None).await;
    checks.answer("there are no futures", futures, Vec::is_empty);

    let calls = all.iter().filter(|row| {
        row.instrument_name.ends_with("-C")
            && row.expiration_timestamp.is_some_and(|at| (2 * DAY_MS..9 * DAY_MS).contains(&(at - now)))
    });
    let distance = |row: &Instrument| (row.strike.unwrap_or(f64::MAX) - index).abs();
    let call = calls.min_by(|a, b| distance(a).total_cmp(&distance(b)));
    let call = call.ok_or("no call expires in two to nine days")?;
    let name = call.instrument_name.clone();
    let one = client.get_instrument(&name).await;
    checks.answer("get_instrument is that of the list", one, |row| {
        serde_json::to_value(row).ok() == serde_json::to_value(call).ok()
    });
    checks.answer("get_contract_size", client.get_contract_size(&name).await, |size| *size == 1.0);
    let day = name.split('-').nth(1).unwrap_or_default();
    let by_currency = client.get_expirations("BTC", "option", None).await;
    checks.answer("get_expirations of a currency", by_currency, |all| {
        let dates = all.currencies.get("btc").and_then(|c| c.option.as_ref());
        dates.is_some_and(|dates| dates.iter().any(|d| d == day))
    });
    let any = client.get_expirations("any", "any", None).await;
    checks.answer("get_expirations of any", any, |all| {
        all.option.as_ref().is_some_and(|dates| dates.iter().any(|d| d == day))
    });
    Ok(name)
}

async fn prices(run: &mut Run, name: &str) {
    let Run { client, checks, .. } = run;
    let ticker = client.get_ticker(name).await;
    checks.answer("get_ticker: bid below mark below ask", ticker, |t| {
        let (bid, ask) = (t.best_bid_price.unwrap_or(0.0), t.best_ask_price.unwrap_or(0.0));
        let greeks = t.greeks.as_ref().and_then(|g| g.delta.zip(g.gamma));
        0.0 < bid
            && bid < t.mark_price
            && t.mark_price < ask
            && t.instrument_name == name
            && t.mark_iv.is_some_and(|iv| (5.0..500.0).contains(&iv))
            && greeks.is_some_and(|(delta, gamma)| (0.0..1.0).contains(&delta) && gamma > 0.0)
    });
    let book = client.get_order_book(name, Some(5)).await;
    checks.answer("get_order_book: asks rise, bids fall", book, |book| {
        let rising = book.asks.windows(2).all(|pair| pair[0].price <= pair[1].price);
        let falling = book.bids.windows(2).all(|pair| pair[0].price >= pair[1].price);
        let inside = book.best_bid().zip(book.best_ask()).is_some_and(|(bid, ask)| bid < ask);
        rising && falling && inside && book.bids.iter().chain(&book.asks).all(|level| level.amount > 0.0)
    });
    let all = client.get_book_summary_by_currency("BTC", Some("option")).await;
    let listed = client.get_instruments("BTC", Some("option"), None).await.map_or(0, |all| all.len());
    checks.answer("get_book_summary_by_currency has them all", all, |all| all.len() == listed);
    let one = client.get_book_summary_by_instrument(name).await;
    checks.answer("get_book_summary_by_instrument", one, |row| {
        row.instrument_name == name
            && row.base_currency == "BTC"
            && row.quote_currency == "USDC"
            && row.mark_price > 0.0
    });
    let day = name.split('-').nth(1).unwrap_or_default();
    let pairs = client.get_options_pair("BTC_USDC", day).await;
    checks.answer("get_options_pair: a call and a put at each strike", pairs, |pairs| {
        !pairs.is_empty() && pairs.values().all(|pair| pair.call.is_some() && pair.put.is_some())
    });
}

async fn past(run: &mut Run, name: &str) {
    let Run { client, checks, .. } = run;
    let trades = client.get_last_trades(name, Some(10), None).await;
    checks.answer("get_last_trades of an instrument", trades, |all| all.len() <= 10);
    let trades = client.get_last_trades_by_currency("BTC", None, Some(10), None, None).await;
    checks.answer("get_last_trades_by_currency", trades, |page| page.trades.len() <= 10);
    let candles = client.get_tradingview_chart_data(name, 0, u64::MAX >> 12, "60").await;
    checks.answer("get_tradingview_chart_data: columns of one length", candles, |c| {
        [c.open.len(), c.high.len(), c.low.len(), c.close.len(), c.volume.len(), c.cost.len()]
            .iter()
            .all(|len| *len == c.ticks.len())
    });
    checks.answer("get_historical_volatility", client.get_historical_volatility("BTC").await, |_| true);
    let delivered = client.get_delivery_prices("btc_usdc", Some(10), None).await;
    checks.answer("get_delivery_prices", delivered, |page| page.data.len() <= 10);
    let settled = client.get_last_settlements_by_currency("BTC", None, None, None, None).await;
    checks.answer("get_last_settlements_by_currency", settled, |_| true);
    let settled = client.get_last_settlements_by_instrument(name, None, None, None, None).await;
    checks.answer("get_last_settlements_by_instrument: not yet", settled, |page| page.settlements.is_empty());
}
