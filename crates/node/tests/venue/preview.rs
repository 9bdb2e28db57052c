//! What is shown is what is paid: for the tick that it names, a quote equals the fill to the unit.

use super::support::{Setup, Venue, address};
use cenote_api::ApiCommand;
use cenote_api::command::{OrderLeg, PlaceOrder};
use cenote_api::view::{Order, QuoteAnswer};
use serde_json::json;

/// A small generator of choices.
struct Choices(u64);

impl Choices {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

fn names(venue: &Venue) -> Vec<String> {
    let rows = venue.see("/v1/instruments");
    let rows = rows["instruments"].as_array().unwrap().clone();
    rows.iter().map(|row| row["instrument_name"].as_str().unwrap().to_owned()).collect()
}

fn legs(choices: &mut Choices, names: &[String]) -> Vec<OrderLeg> {
    let count = if choices.next(3) == 0 { 2 + choices.next(3) } else { 1 };
    let mut legs: Vec<OrderLeg> = Vec::new();
    for _ in 0..count {
        let name = &names[choices.next(names.len() as u64) as usize];
        let name =
            if choices.next(12) == 0 { name.replace("-C", "-F").replace("-P", "-F") } else { name.clone() };
        let size = (choices.next(4_000) as i64 + 1) * if choices.next(3) == 0 { -1 } else { 1 };
        let size = cenote_units::Size::new(size * 100).unwrap();
        if legs.iter().all(|leg| leg.instrument[..leg.instrument.len() - 1] != name[..name.len() - 1]) {
            legs.push(OrderLeg { instrument: name, size: size.into() });
        }
    }
    legs
}

/// Quotes at a tick, goes back, orders before that tick, and compares.
#[test]
fn two_hundred_random_orders_cost_what_was_shown() {
    let venue = Venue::start(&Setup::default());
    venue.done("/v1/dev/fund", &json!({ "account": address("alice"), "amount": "5000000" }));
    // From a tick on, so that the clock stands where the last command left it: that is where going back goes to.
    venue.ticks(1);
    let mut choices = Choices(20_260_105);
    // No more series than an account can hold.
    let names: Vec<String> = names(&venue).into_iter().step_by(6).collect();
    let (mut filled, mut refused) = (0, 0);
    for round in 0..200 {
        let legs = legs(&mut choices, &names);
        venue.done("/v1/dev/snapshot", &json!({ "name": "before" }));
        // An order is due at the first price published a second after it: the next tick.
        let tick = (venue.market_time() / 1_000 + 1) * 1_000;
        venue.until(tick);
        let request = json!({ "legs": legs, "account": address("alice") });
        let quote: QuoteAnswer = serde_json::from_value(venue.done("/v1/quote", &request)).unwrap();
        venue.done("/v1/dev/revert", &json!({ "name": "before" }));

        let limit = "4000000".parse().unwrap();
        let order = PlaceOrder {
            legs: legs.clone(),
            limit,
            until: None,
            reduce_only: false,
            attempts: 1,
            label: None,
        };
        let answer = venue.run("alice", ApiCommand::PlaceOrder(order));
        let number = answer.results[0].seq.unwrap();
        venue.until(tick);
        let order: Order = serde_json::from_value(venue.see(&format!("/v1/orders/{number}"))).unwrap();
        match (&quote.refusal, order.state.as_str()) {
            (None, "filled") => {
                assert_eq!(order.cost, Some(quote.cost), "round {round}: {legs:?}");
                assert_eq!(order.tick, Some(quote.tick), "round {round}");
                let now: cenote_api::view::Account =
                    serde_json::from_value(venue.see(&format!("/v1/accounts/{}", address("alice")))).unwrap();
                let after = quote.account_after.unwrap();
                // The keeper's fee of the one attempt is not part of the trade.
                let cash = after.cash.0.minus(quote.keeper_fee.0).unwrap();
                assert_eq!((now.cash.0, now.locked), (cash, after.locked), "round {round}: {legs:?}");
                filled += 1;
            }
            (Some(refusal), "ended") => {
                assert_eq!(
                    order.reason.map(|r| r.code),
                    Some(refusal.code.clone()),
                    "round {round}: {legs:?}"
                );
                refused += 1;
            }
            (refusal, state) => panic!("round {round}: shown {refusal:?}, became {state}: {legs:?}"),
        }
    }
    assert!(filled >= 120, "{filled} filled, {refused} refused: too few of one kind to say anything");
}

/// The same through the API that bots speak: average price times amount is the quote's total.
#[test]
fn the_compatible_api_reports_the_same_money() {
    let venue = Venue::start(&Setup { speed: 50.0, ..Setup::default() });
    let names = names(&venue);
    let mut choices = Choices(7);
    for _ in 0..10 {
        let name = &names[choices.next(names.len() as u64) as usize];
        let (status, answer) =
            rpc(&venue, "private/buy", &json!({ "instrument_name": name, "amount": 0.5, "type": "market" }));
        if status != 200 {
            assert!(
                ["invalid_amount", "settlement_in_progress", "not_enough_funds"]
                    .contains(&answer["error"]["message"].as_str().unwrap()),
                "{answer}"
            );
            continue;
        }
        let order = &answer["result"]["order"];
        assert_eq!(order["order_state"].as_str(), Some("filled"), "{answer}");
        let native: Order =
            serde_json::from_value(venue.see(&format!("/v1/orders/{}", order["order_id"].as_str().unwrap())))
                .unwrap();
        let total = cenote_engine::quote::cash(native.cost.unwrap().total.0);
        let average = order["average_price"].as_f64().unwrap();
        assert!((average * 0.5 - total).abs() < 1e-6, "{average} of {total}");
        let traded = answer["result"]["trades"][0]["price"].as_f64().unwrap();
        assert!((traded - average).abs() < 2e-6, "{traded} {average}");
    }
}

fn rpc(venue: &Venue, method: &str, params: &serde_json::Value) -> (u16, serde_json::Value) {
    let login = json!({
        "jsonrpc": "2.0", "id": 1, "method": "public/auth",
        "params": { "grant_type": "client_credentials", "client_id": "alice", "client_secret": cenote_api::keys::dev_api_secret("alice") },
    });
    let token = venue.done("/api/v2", &login)["result"]["access_token"].as_str().unwrap().to_owned();
    let body = json!({ "jsonrpc": "2.0", "id": 2, "method": method, "params": params }).to_string();
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
    let request =
        agent.post(format!("{}/api/v2", venue.base)).header("authorization", format!("Bearer {token}"));
    let mut answer = request.send(body.as_bytes()).unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap())
}
