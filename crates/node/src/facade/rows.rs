//! Rows in Deribit's field names.

use crate::answer;
use crate::core::Shared;
use cenote_api::view::{Account, ChainExpiry, ChainSeries, Depth, InstrumentRow, Order, Position, TradeRow};
use cenote_api::{ApiError, name};
use cenote_engine::quote;
use cenote_units::{Cash, Size};
use serde_json::{Value, json};

const DAY_MS: u64 = 86_400_000;

/// Whether a row is of a currency: base, quote or the pair of both, case ignored; none or `any` is all.
pub fn of_currency(market: &str, currency: Option<&str>) -> bool {
    let (base, quote) = answer::chain::currencies(market);
    currency.is_none_or(|c| ["any", &base, &quote, market].iter().any(|known| c.eq_ignore_ascii_case(known)))
}

/// The type of an order and the client's own label, from the label that the order bears.
pub fn type_and_label(label: Option<&str>) -> (&'static str, &str) {
    let label = label.unwrap_or_default();
    label.strip_prefix(super::orders::MARKET_LABEL).map_or(("limit", label), |own| ("market", own))
}

/// The market of an instrument's name.
pub fn market_of(instrument: &str) -> &str {
    instrument.rsplitn(4, '-').nth(3).unwrap_or(instrument)
}

/// The index's name of a market, like `btc_usdc`.
pub fn index_name(market: &str) -> String {
    market.to_ascii_lowercase()
}

/// A number that stays the same for a name: FNV-1a, 31 bits.
pub fn id_of(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)) >> 1
}

fn number(price: cenote_units::Price) -> f64 {
    quote::price(price)
}

/// An instrument.
pub fn instrument(row: &InstrumentRow, fee: f64) -> Value {
    json!({
        "instrument_id": id_of(&row.instrument_name),
        "instrument_name": row.instrument_name,
        "kind": "option",
        "instrument_type": "linear",
        "option_type": row.option_type,
        "strike": number(row.strike.0),
        "expiration_timestamp": row.expiration_timestamp,
        "creation_timestamp": row.expiration_timestamp.saturating_sub(100 * DAY_MS),
        "settlement_period": settlement_period(row.expiration_timestamp),
        "base_currency": row.base_currency,
        "quote_currency": row.quote_currency,
        "counter_currency": row.quote_currency,
        "settlement_currency": row.quote_currency,
        "price_index": index_name(&row.market),
        "is_active": true,
        "state": "open",
        "contract_size": 1.0,
        "min_trade_amount": quote::size(row.min_trade_amount.0),
        "tick_size": number(row.tick_size.0),
        "tick_size_steps": [],
        "taker_commission": fee,
        "maker_commission": fee,
        "block_trade_commission": 0.0,
        "block_trade_min_trade_amount": 0.0,
        "block_trade_tick_size": number(row.tick_size.0),
        "rfq": false,
        "settlement_band": { "floor": number(row.settlement_band.floor.0), "cap": number(row.settlement_band.cap.0) },
    })
}

/// Days from an expiry tell its period: Fridays are weeks, the last of a month months.
fn settlement_period(expiry: u64) -> &'static str {
    let days = expiry / DAY_MS;
    // 1970-01-02 was a Friday.
    if days % 7 != 1 {
        return "day";
    }
    let month = |days: u64| {
        let at = cenote_units::Timestamp::from_millis(days * DAY_MS).unwrap_or_default();
        let label = name::day_label(at);
        label[label.len() - 5..label.len() - 2].to_owned()
    };
    if month(days) == month(days + 7) { "week" } else { "month" }
}

/// What ticker and summary share.
pub struct Seen<'a> {
    /// The market.
    pub market: &'a str,
    /// Its index.
    pub index: f64,
    /// The expiry.
    pub expiry: &'a ChainExpiry,
    /// The series.
    pub series: &'a ChainSeries,
    /// When the tick was published, ms.
    pub at: u64,
}

/// The last day of an instrument: high, low, volume, cost, first price, last price.
struct LastDay {
    high: Option<f64>,
    low: Option<f64>,
    volume: f64,
    cost: f64,
    change: Option<f64>,
    last: Option<f64>,
}

fn last_day(shared: &Shared, name: &str, at: u64) -> LastDay {
    let hours = cenote_history::Resolution::parse("60");
    let candles = shared.history.as_ref().zip(hours);
    let candles =
        candles.and_then(|(h, hours)| h.trade_candles(name, hours, at.saturating_sub(DAY_MS), at).ok());
    let candles = candles.unwrap_or_default();
    let (first, last) = (candles.open.first().copied(), candles.close.last().copied());
    LastDay {
        high: candles.high.iter().copied().max_by(f64::total_cmp),
        low: candles.low.iter().copied().min_by(f64::total_cmp),
        volume: candles.volume.iter().sum(),
        cost: candles.cost.iter().sum(),
        change: first
            .zip(last)
            .filter(|(first, _)| *first > 0.0)
            .map(|(first, last)| 100.0 * (last / first - 1.0)),
        last,
    }
}

/// A price on the grid of cents, away from the client: an ask up, a bid down.
fn on_grid(price: Option<cenote_api::Quote>, up: bool) -> Option<f64> {
    let cents = number(price?.0) * 100.0;
    // A hair of tolerance, so that what is on the grid already stays there.
    let whole = if up { (cents - 1e-6).ceil() } else { (cents + 1e-6).floor() };
    Some(whole / 100.0).filter(|price| *price > 0.0)
}

/// A ticker.
pub fn ticker(shared: &Shared, seen: &Seen<'_>) -> Value {
    let Seen { market, index, expiry, series, at } = seen;
    let day = last_day(shared, &series.instrument_name, *at);
    let (bid, ask) = (on_grid(series.bid_price, false), on_grid(series.ask_price, true));
    let g = series.greeks;
    json!({
        "instrument_name": series.instrument_name,
        "timestamp": at,
        "state": "open",
        "best_bid_price": bid.unwrap_or(0.0),
        "best_bid_amount": if bid.is_some() { 1.0 } else { 0.0 },
        "best_ask_price": ask.unwrap_or(0.0),
        "best_ask_amount": if ask.is_some() { 1.0 } else { 0.0 },
        // The mark, for what has never traded.
        "last_price": day.last.unwrap_or(series.mark_price),
        "mark_price": series.mark_price,
        "mark_iv": series.mark_iv,
        "bid_iv": series.bid_iv,
        "ask_iv": series.ask_iv,
        "underlying_price": expiry.forward,
        "underlying_index": format!("{market}-{}", expiry.expiry),
        "index_price": index,
        "estimated_delivery_price": index,
        "interest_rate": 0.0,
        "settlement_price": null,
        "min_price": 0.0,
        "max_price": number(expiry.settlement_band.cap.0),
        "open_interest": quote::size(series.open_interest.0),
        "greeks": { "delta": g.delta, "gamma": g.gamma, "vega": g.vega, "theta": g.theta, "rho": 0.0 },
        "stats": {
            "high": day.high, "low": day.low, "volume": day.volume, "volume_usd": day.cost, "price_change": day.change,
        },
    })
}

/// A row of the book summary.
pub fn summary(shared: &Shared, seen: &Seen<'_>) -> Value {
    let Seen { market, expiry, series, at, .. } = seen;
    let day = last_day(shared, &series.instrument_name, *at);
    let (base, quote_currency) = answer::chain::currencies(market);
    let (bid, ask) = (on_grid(series.bid_price, false), on_grid(series.ask_price, true));
    let g = series.greeks;
    json!({
        "instrument_name": series.instrument_name,
        "base_currency": base,
        "quote_currency": quote_currency,
        "bid_price": bid,
        "ask_price": ask,
        "mid_price": bid.zip(ask).map(|(bid, ask)| (bid + ask) / 2.0),
        "mark_price": series.mark_price,
        "mark_iv": series.mark_iv,
        "last": day.last,
        "high": day.high,
        "low": day.low,
        "price_change": day.change,
        "open_interest": quote::size(series.open_interest.0),
        "volume": day.volume,
        "volume_usd": day.cost,
        "volume_notional": day.cost,
        "underlying_price": expiry.forward,
        "underlying_index": format!("{market}-{}", expiry.expiry),
        "interest_rate": 0.0,
        "estimated_delivery_price": seen.index,
        "creation_timestamp": at,
        "timestamp": at,
        "greeks": { "delta": g.delta, "gamma": g.gamma, "vega": g.vega, "theta": g.theta, "rho": 0.0 },
    })
}

/// A book: the pool's ladder, best first.
pub fn book(shared: &Shared, seen: &Seen<'_>, depth: &Depth) -> Value {
    let levels = |levels: &[cenote_api::view::DepthLevel], up: bool| -> Vec<[f64; 2]> {
        let grid = |price: f64| if up { (price * 100.0 - 1e-6).ceil() } else { (price * 100.0 + 1e-6).floor() } / 100.0;
        levels
            .iter()
            .map(|l| [grid(l.price), quote::size(l.amount.0)])
            .filter(|[price, _]| *price > 0.0)
            .collect()
    };
    let mut row = ticker(shared, seen);
    let (bids, asks) = (levels(&depth.bids, false), levels(&depth.asks, true));
    for (side, best) in [("bid", bids.first()), ("ask", asks.first())] {
        row[format!("best_{side}_price")] = json!(best.map_or(0.0, |level| level[0]));
        row[format!("best_{side}_amount")] = json!(best.map_or(0.0, |level| level[1]));
    }
    row["bids"] = json!(bids);
    row["asks"] = json!(asks);
    row["change_id"] = json!(depth.as_of_seq);
    row["synthetic"] = json!(true);
    row
}

/// A public trade.
pub fn trade(row: &TradeRow) -> Value {
    json!({
        "trade_seq": row.trade_seq,
        "trade_id": row.trade_seq.to_string(),
        "timestamp": row.time,
        "tick_direction": 0,
        "price": cents(row.price),
        "mark_price": row.mark_price,
        "iv": row.iv,
        "instrument_name": row.instrument_name,
        "index_price": number(row.index_price.0),
        "direction": row.direction,
        "amount": quote::size(row.amount.0),
        "contracts": quote::size(row.amount.0),
    })
}

/// Six decimals: what a price of a trade says beyond its money is noise of the division.
fn cents(price: f64) -> f64 {
    (price * 1e6).round() / 1e6
}

/// An account's own trade. The fee is shared out over the order's legs evenly.
pub fn user_trade(row: &TradeRow, fill: &cenote_api::view::FillRow, order: &Order) -> Value {
    let mut value = trade(row);
    let (_, quote_currency) = answer::chain::currencies(market_of(&row.instrument_name));
    let (order_type, label) = type_and_label(order.label.as_deref());
    value["state"] = json!("filled");
    value["order_type"] = json!(order_type);
    value["order_id"] = json!(row.order.to_string());
    value["matching_id"] = Value::Null;
    value["liquidity"] = json!("T");
    value["fee_currency"] = json!(quote_currency);
    value["fee"] = json!(quote::cash(fill.cost.fee.0) / fill.trades.len().max(1) as f64);
    value["label"] = json!(label);
    value["self_trade"] = json!(false);
    value["reduce_only"] = json!(order.reduce_only);
    value["post_only"] = json!(false);
    value["api"] = json!(true);
    value
}

/// The only leg of an order, as this API sees orders; of several the first.
fn leg(order: &Order) -> (String, Size) {
    order.legs.first().map_or((String::new(), Size::ZERO), |leg| (leg.instrument.clone(), leg.size.0))
}

/// An order.
pub fn order(row: &Order) -> Value {
    let (instrument, size) = leg(row);
    let amount = quote::size(size).abs();
    let per_contract = |cash: Cash| (quote::cash(cash) / quote::size(size)).abs();
    let filled = row.state == "filled";
    let (order_type, label) = type_and_label(row.label.as_deref());
    let state = match row.state.as_str() {
        "filled" => "filled",
        "ended" => "cancelled",
        _ => "open",
    };
    json!({
        "order_id": row.order.to_string(),
        "order_state": state,
        "order_type": order_type,
        "time_in_force": if row.until.is_some() { "good_til_cancelled" } else { "immediate_or_cancel" },
        "instrument_name": instrument,
        "direction": if size.get() < 0 { "sell" } else { "buy" },
        "amount": amount,
        "contracts": amount,
        "filled_amount": if filled { amount } else { 0.0 },
        "price": per_contract(row.limit.0),
        "average_price": row.cost.as_ref().map_or(0.0, |cost| per_contract(cost.total.0)),
        "label": label,
        "creation_timestamp": row.placed_at,
        "last_update_timestamp": row.updated_at,
        "reduce_only": row.reduce_only,
        "post_only": false,
        "replaced": false,
        "is_liquidation": false,
        "risk_reducing": false,
        "mmp": false,
        "api": true,
        "web": false,
        "max_show": amount,
        "cancel_reason": row.reason.as_ref().map(|reason| reason.message.clone()),
        "due_at": row.due_at,
    })
}

/// A position. Nothing is ever liquidated: margin is what is locked.
pub fn position(p: &Position, index: f64) -> Value {
    let size = quote::size(p.size.0);
    let g = p.greeks;
    json!({
        "instrument_name": p.instrument_name,
        "kind": "option",
        "direction": if size > 0.0 { "buy" } else if size < 0.0 { "sell" } else { "zero" },
        "size": size,
        "average_price": p.average_price.unwrap_or(p.mark_price),
        "average_price_usd": p.average_price.unwrap_or(p.mark_price),
        "mark_price": p.mark_price,
        "index_price": index,
        "settlement_price": null,
        "floating_profit_loss": p.floating_profit_loss.unwrap_or(0.0),
        "floating_profit_loss_usd": p.floating_profit_loss.unwrap_or(0.0),
        "realized_profit_loss": 0.0,
        "total_profit_loss": p.floating_profit_loss.unwrap_or(0.0),
        "initial_margin": 0.0,
        "maintenance_margin": 0.0,
        "delta": g.delta,
        "gamma": g.gamma,
        "vega": g.vega,
        "theta": g.theta,
        "estimated_liquidation_price": null,
    })
}

/// A position of nothing.
pub fn no_position(name: &str, index: f64) -> Value {
    let zero = [
        "size",
        "average_price",
        "mark_price",
        "floating_profit_loss",
        "realized_profit_loss",
        "total_profit_loss",
    ];
    let more = ["initial_margin", "maintenance_margin", "delta", "gamma", "vega", "theta"];
    let mut row =
        json!({ "instrument_name": name, "kind": "option", "direction": "zero", "index_price": index });
    for field in zero.into_iter().chain(more) {
        row[field] = json!(0.0);
    }
    row
}

/// An account in one currency: everything in the quote, nothing anywhere else.
pub fn account(account: &Account, currency: &str, is_quote: bool) -> Value {
    let own = |cash: Cash| if is_quote { quote::cash(cash) } else { 0.0 };
    let g = account.greeks;
    let (equity, cash, locked) = (own(account.equity.0), own(account.cash.0), own(account.locked.0));
    json!({
        "currency": currency,
        "equity": equity,
        "balance": cash + locked,
        "margin_balance": cash + locked,
        "available_funds": cash,
        "available_withdrawal_funds": cash,
        "initial_margin": locked,
        "maintenance_margin": locked,
        "total_pl": own(account.pnl.total.0),
        "session_upl": 0.0,
        "session_rpl": 0.0,
        "options_value": own(account.value.0),
        "options_delta": if is_quote { g.delta } else { 0.0 },
        "options_gamma": if is_quote { g.gamma } else { 0.0 },
        "options_vega": if is_quote { g.vega } else { 0.0 },
        "options_theta": if is_quote { g.theta } else { 0.0 },
        "delta_total": if is_quote { g.delta } else { 0.0 },
        "projected_initial_margin": locked,
        "projected_maintenance_margin": locked,
        "margin_model": "fully_reserved",
        "portfolio_margining_enabled": false,
        "cross_collateral_enabled": false,
        "fee_balance": 0.0,
        "spot_reserve": 0.0,
        "additional_reserve": 0.0,
    })
}

/// The series of a name on a chain.
pub fn find<'a>(chain: &'a cenote_api::view::Chain, name: &str) -> Result<Seen<'a>, ApiError> {
    let missing =
        || ApiError::not_found(format!("{name} is not listed; public/get_instruments says what is"));
    for expiry in &chain.expiries {
        for strike in &expiry.strikes {
            for series in [&strike.call, &strike.put] {
                if series.instrument_name == name {
                    let index = number(chain.index_price.0);
                    return Ok(Seen { market: &chain.market, index, expiry, series, at: chain.published_at });
                }
            }
        }
    }
    Err(missing())
}
