//! Placing and cancelling, signed with the session key that the node holds for the client.

use super::rpc::{Failure, Who, decimal, flag, required, text};
use super::{private, public, rows};
use crate::answer;
use crate::core::publish::Batch;
use crate::http::App;
use crate::http::write::submit;
use cenote_api::command::{OrderLeg, PlaceOrder};
use cenote_api::event::What;
use cenote_api::view::{CommandsAnswer, QuoteRequest};
use cenote_api::{ApiCommand, ApiError, Contracts, Money, Payload, Signed};
use cenote_units::{Cash, Size};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::broadcast::Receiver;

/// How long an order waits for its tick before it is answered as it stands.
const WAIT: Duration = Duration::from_secs(3);
/// What marks orders that came without a price, in front of the client's own label.
pub const MARKET_LABEL: &str = "market:";
/// The most that an order without a price pays above what it would cost now, in parts of the marks: five in a hundred.
const MARKET_ROOM: i128 = 20;
/// How long a good-til-cancelled order rests at most, ms.
const REST_MS: u64 = 30 * 86_400_000;
/// Ticks that may try it at most; the engine takes fees for all of them at once, and no more than one quote token.
const REST_ATTEMPTS: i128 = 100_000;

/// Nonces of this process: milliseconds to start with, then one by one, so that none comes twice.
static NONCE: AtomicU64 = AtomicU64::new(0);

fn nonce() -> u64 {
    let wall = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros())
        .unwrap_or(1);
    let next = |last: u64| Some(last.max(wall) + 1);
    NONCE.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).unwrap_or(wall)
}

/// Signs and submits a command for a client.
async fn run(app: &App, who: &Who, command: ApiCommand) -> Result<CommandsAnswer, Failure> {
    let payload = Payload {
        venue: app.shared.venue_id.clone(),
        account: who.account,
        nonce: nonce(),
        expires_at: app.shared.now().millis() + 60_000,
        commands: vec![command],
    };
    let answer = submit(&app.shared, &Signed::raw(&payload, &who.session)).await?;
    match answer.error.clone() {
        Some(error) => Err(error.into()),
        None => Ok(answer),
    }
}

/// The order's number in a request.
pub fn number_of(params: &Value) -> Result<u64, Failure> {
    let id = params.get("order_id").and_then(|id| id.as_u64().or_else(|| id.as_str()?.parse().ok()));
    id.ok_or_else(|| {
        Failure::new(10_004, "order_not_found", "order_id must be the number that the order was given")
    })
}

/// What is not there is refused aloud: an order is never turned into another kind.
fn check_kind(params: &Value) -> Result<(), Failure> {
    let kind = text(params, "type").unwrap_or("limit");
    if !["limit", "market"].contains(&kind) {
        return Err(Failure::unsupported(&format!(
            "orders of type {kind} are not offered; use limit or market"
        )));
    }
    if flag(params, "post_only") {
        return Err(Failure::unsupported(
            "post_only makes no sense against a pool: nothing ever stands in its book",
        ));
    }
    for field in ["advanced", "trigger", "trigger_price", "linked_order_type", "mmp", "otoco_config"] {
        if params.get(field).is_some_and(|v| !v.is_null() && *v != json!(false)) {
            return Err(Failure::unsupported(&format!("{field} is not offered")));
        }
    }
    Ok(())
}

struct Wanted {
    command: PlaceOrder,
    waits: bool,
}

/// `private/buy` and `private/sell`.
pub async fn place(app: &App, who: &Who, params: &Value, sign: i64) -> Result<Value, Failure> {
    check_kind(params)?;
    let wanted = wanted(app, params, sign)?;
    // Listening before it is sent: the tick may come at once.
    let mut stream = app.shared.stream.subscribe();
    let waits = wanted.waits;
    let answer = run(app, who, ApiCommand::PlaceOrder(wanted.command)).await?;
    let number = answer.results.first().and_then(|result| result.seq);
    let number =
        number.ok_or_else(|| Failure::new(11_051, "system_maintenance", "the order has no number"))?;
    if waits {
        await_tick(&mut stream, number).await;
    }
    // History may be a moment behind the stream.
    for _ in 0..50 {
        let settled = private::own_order(&app.shared, who, number);
        let done = settled.as_ref().is_ok_and(|order| !waits || order.state != "durable");
        if done {
            break;
        }
        tokio::time::sleep(Duration::from_millis(4)).await;
    }
    let order = private::own_order(&app.shared, who, number)?;
    // A limit that was not met cancels, as clients expect; what could never have filled is an error.
    if let Some(reason) =
        order.reason.clone().filter(|reason| order.state == "ended" && reason.code != "limit_exceeded")
    {
        return Err(reason.into());
    }
    let fills = answer::past::fills(&app.shared, who.account, None, 20)?;
    let trades: Vec<Value> = fills
        .fills
        .iter()
        .filter(|fill| fill.order == number)
        .flat_map(|fill| private::trades_of(fill, &order))
        .collect();
    Ok(json!({ "order": rows::order(&order), "trades": trades }))
}

fn wanted(app: &App, params: &Value, sign: i64) -> Result<Wanted, Failure> {
    let instrument = public::canonical(&app.shared, required(params, "instrument_name")?)?;
    let amount = decimal(params, "amount").or_else(|| decimal(params, "contracts"));
    let amount = amount.ok_or_else(|| Failure::invalid("amount is needed"))?;
    let amount: Contracts =
        amount.parse().map_err(|e| Failure::new(11_029, "invalid_arguments", &format!("amount: {e}")))?;
    if amount.0 <= Size::ZERO {
        return Err(Failure::new(10_021, "invalid_amount", "amount must be more than zero"));
    }
    let size = Size::new(sign * amount.0.get()).map_err(|_| Failure::invalid("amount is out of range"))?;
    let legs = vec![OrderLeg { instrument: instrument.clone(), size: Contracts(size) }];
    let market = text(params, "type") == Some("market");
    let limit = if market { market_limit(app, &legs)? } else { limit_of(params, size)? };
    let rests = match text(params, "time_in_force") {
        Some("immediate_or_cancel" | "fill_or_kill") => false,
        None | Some("good_til_cancelled") => !market,
        Some("good_til_day") => !market,
        Some(other) => return Err(Failure::unsupported(&format!("time_in_force {other} is not offered"))),
    };
    let own = text(params, "label").unwrap_or("");
    let label = if market { format!("{MARKET_LABEL}{own}") } else { own.to_owned() };
    let command = PlaceOrder {
        legs,
        limit,
        until: rests.then(|| app.shared.now().millis() + REST_MS),
        reduce_only: flag(params, "reduce_only"),
        attempts: if rests { attempts(app, rows::market_of(&instrument)) } else { 1 },
        label: Some(label).filter(|label| !label.is_empty()),
    };
    Ok(Wanted { command, waits: true })
}

/// As many ticks as one quote token pays for.
fn attempts(app: &App, market: &str) -> u32 {
    let id = app.shared.names().find_market(market).unwrap_or_default();
    let fee = app
        .shared
        .replicas
        .read(|r| r.state.market_params.get(&id).map_or(Cash::ONE, |p| p.rules.keeper_fee));
    let paid = Cash::ONE.get().checked_div(fee.get()).unwrap_or(REST_ATTEMPTS).clamp(1, REST_ATTEMPTS);
    u32::try_from(paid).unwrap_or(1)
}

/// Price times amount, exactly: what is paid at most, or received at least.
fn limit_of(params: &Value, size: Size) -> Result<Money, Failure> {
    let price = decimal(params, "price").ok_or_else(|| Failure::invalid("a limit order needs a price"))?;
    let price: cenote_api::Quote = price.parse().map_err(|e| Failure::invalid(&format!("price: {e}")))?;
    let exact = price.0.times(size);
    // Down: the least that is received is never rounded above what was asked, nor the most that is paid above what was offered.
    Ok(Money(exact.to_cash_down().map_err(|_| Failure::invalid("price times amount is out of range"))?))
}

/// What it would cost now, and a twentieth of the marks: no order goes without a limit.
fn market_limit(app: &App, legs: &[OrderLeg]) -> Result<Money, Failure> {
    let request = QuoteRequest { legs: legs.to_vec(), account: None, reduce_only: false, largest: false };
    let quote = answer::quote::quote(&app.shared, &request)?;
    let room = quote.cost.mark.0.get().abs() / MARKET_ROOM;
    let limit = quote.limit_suggested.0.get().max(quote.cost.total.0.get().saturating_add(room));
    Ok(Money(Cash::new(limit).map_err(|_| ApiError::invalid("amount", "smaller"))?))
}

/// Until the order has been tried, or has waited long enough.
async fn await_tick(stream: &mut Receiver<Batch>, number: u64) {
    let tried = async {
        loop {
            match stream.recv().await {
                Ok(batch)
                    if batch
                        .steps
                        .iter()
                        .any(|step| step.events.iter().any(|event| tries(&event.what, number))) =>
                {
                    return;
                }
                Ok(_) | Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
            }
        }
    };
    // Not tried in time: it is answered as it stands, open.
    let _ = tokio::time::timeout(WAIT, tried).await;
}

fn tries(what: &What, number: u64) -> bool {
    match what {
        What::OrderFilled { order, .. }
        | What::OrderEnded { order, .. }
        | What::OrderRested { order, .. } => *order == number,
        _ => false,
    }
}

/// `private/cancel`: it takes effect after the fills of the first tick whose price nobody can know yet.
pub async fn cancel(app: &App, who: &Who, params: &Value) -> Result<Value, Failure> {
    let number = number_of(params)?;
    private::own_order(&app.shared, who, number)?;
    let mut stream = app.shared.stream.subscribe();
    run(app, who, ApiCommand::CancelOrder { order: number }).await?;
    await_tick(&mut stream, number).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    Ok(rows::order(&private::own_order(&app.shared, who, number)?))
}

/// `private/cancel_all` and its kin: how many were asked to end.
pub async fn cancel_all(app: &App, who: &Who, label: Option<&str>, params: &Value) -> Result<Value, Failure> {
    let mut count = 0;
    for order in private::live_orders(&app.shared, who, label, params)? {
        if run(app, who, ApiCommand::CancelOrder { order: order.order }).await.is_ok() {
            count += 1;
        }
    }
    Ok(json!(count))
}

/// `private/close_position`: an order the other way, of all that is held, that may only reduce.
pub async fn close(app: &App, who: &Who, params: &Value) -> Result<Value, Failure> {
    let name = public::canonical(&app.shared, required(params, "instrument_name")?)?;
    required(params, "type")?;
    let account = private::account(&app.shared, who)?;
    let held = account.positions.iter().find(|p| p.instrument_name == name).map_or(0, |p| p.size.0.get());
    let amount =
        Size::new(held.saturating_abs()).map_err(|_| Failure::invalid("the position is out of range"))?;
    if amount == Size::ZERO {
        let said = format!("there is nothing to close: this account holds no {name}");
        return Err(Failure::new(10_021, "invalid_amount", &said));
    }
    let mut order = params.clone();
    order["amount"] = json!(Contracts(amount));
    order["reduce_only"] = json!(true);
    Box::pin(place(app, who, &order, -held.signum())).await
}
