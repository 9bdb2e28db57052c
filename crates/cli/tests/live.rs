//! The verbs against a real venue: what one of them says, the others and the venue's books agree with.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod stub;

use cenote_api::view::{Account, Order, QuoteAnswer, Status};
use cenote_api::{Contracts, Money};
use serde::de::DeserializeOwned;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use stub::{Home, Ran, run};

/// `cenote up` on a free port, gone with the test.
struct Venue {
    child: Child,
    url: String,
    home: Home,
}

impl Venue {
    fn new() -> Self {
        let home = Home::new();
        let mut child = Command::new(env!("CARGO_BIN_EXE_cenote"))
            .args(["up", "--json", "--port", "0", "--seed", "11", "--dir", &home.at("data")])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: serde_json::Value = serde_json::from_str(&line).unwrap_or_else(|_| {
            let _ = child.kill();
            panic!("the venue did not come up: `{line}`")
        });
        let url = ready["urls"]["page"].as_str().unwrap().to_owned();
        Self { child, url, home }
    }

    fn run(&self, line: &str) -> Ran {
        let mut arguments: Vec<&str> = line.split(' ').collect();
        arguments.extend(["--node", &self.url]);
        run(&self.home, &arguments)
    }

    /// What a verb answers, as a type of the API.
    fn ask<T: DeserializeOwned>(&self, line: &str) -> T {
        let ran = self.run(&format!("{line} --json"));
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{line}: {}", ran.out);
        serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{line}: {error}: {}", ran.out))
    }

    /// The call nearest to the money of an expiry that is some days away.
    fn call(&self) -> String {
        let chain: cenote_api::view::Chain = self.ask("chain all");
        let expiry = &chain.expiries[chain.expiries.len() / 2];
        let far = |strike: &str| (strike.parse::<f64>().unwrap() - expiry.forward).abs();
        let strikes = expiry.strikes.iter().map(|row| row.strike.to_string());
        let strike = strikes.min_by(|a, b| far(a).total_cmp(&far(b))).unwrap();
        format!("{} {strike} C", expiry.expiry)
    }
}

impl Drop for Venue {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An order at once, and again until its tick is out: how long that takes is the machine's affair.
fn traded(venue: &Venue, line: &str) -> Order {
    venue.ask(&format!("{line} --wait=60"))
}

#[test]
fn a_trade_is_what_was_quoted_and_the_account_what_was_traded() {
    let venue = Venue::new();
    let call = venue.call();
    let before: Account = venue.ask("account dave");
    let quoted: QuoteAnswer = venue.ask(&format!("quote buy 2 {call} --as dave"));
    assert_eq!(quoted.account_before.unwrap().cash, before.cash);
    let order = traded(&venue, &format!("trade buy 2 {call} --slippage 20 --as dave --label mine"));
    assert_eq!((order.state.as_str(), order.label.as_deref()), ("filled", Some("mine")));
    let cost = order.cost.unwrap();
    assert!(cost.total.0 <= order.limit.0, "{cost:?}");
    let after: Account = venue.ask("account dave");
    let spent = before.cash.0.get() - after.cash.0.get();
    assert_eq!(spent, cost.total.0.get() + quoted.keeper_fee.0.get(), "the cost and one keeper fee");
    assert_eq!(after.positions[0].size, "2".parse::<Contracts>().unwrap());
    let fills: cenote_api::view::FillPage = venue.ask("account dave --fills");
    assert_eq!((fills.fills[0].order, fills.fills[0].cost), (order.order, cost));
    let told = venue.run(&format!("explain {}", order.order)).ok();
    assert!(told.contains(&format!("filled at tick {}", order.tick.unwrap())), "{told}");
    let closed = traded(&venue, &format!("trade sell 2 {call} --slippage 50 --reduce-only --as dave"));
    assert_eq!(closed.state, "filled");
    assert!(venue.ask::<Account>("account dave").positions.is_empty());
}

#[test]
fn an_order_that_waits_is_listed_cancelled_and_gone() {
    let venue = Venue::new();
    let call = venue.call();
    let order: Order = venue.ask(&format!("trade buy 1 {call} --limit 1 --until 1h --as dave"));
    assert!(venue.run("orders --as dave").ok().contains(&order.order.to_string()));
    assert_eq!(venue.run(&format!("cancel {} --as dave", order.order)).code, 0);
    let mut state = String::new();
    for _ in 0..100 {
        let all: cenote_api::view::OrderPage = venue.ask("orders --all --as dave");
        state = all.orders[0].ended.clone().unwrap_or_default();
        if !state.is_empty() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    assert_eq!(state, "cancelled");
    let ran = venue.run(&format!("cancel {} --as dave", order.order));
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    let ran = venue.run(&format!("trade buy 1 {call} --limit 1 --as dave --wait=60"));
    assert!(ran.code == 5 && ran.out.contains("limit_exceeded"), "{}", ran.out);
    let ran = venue.run(&format!("quote buy 100000 {call}"));
    assert!(ran.code == 5 && ran.out.contains("the largest that fills: buy "), "{}{}", ran.out, ran.err);
}

#[test]
fn keys_act_within_what_was_granted() {
    let venue = Venue::new();
    let call = venue.call();
    venue.run("keys session bot --cap 1000 --expires 1h --as dave").ok();
    let order = traded(&venue, &format!("trade buy 0.01 {call} --slippage 20 --as bot"));
    assert_eq!(order.account, cenote_api::keys::address_of(&cenote_api::keys::dev_key("dave")));
    for (line, code, word) in [
        (format!("trade buy 5 {call} --as bot"), 5, "session_cap"),
        ("withdraw 1 --as bot".to_owned(), 5, "session_refused"),
        ("lp deposit 10 --as bot".to_owned(), 5, "session_refused"),
    ] {
        let ran = venue.run(&line);
        assert_eq!(ran.code, code, "{line}: {}", ran.err);
        assert!(ran.err.contains(word), "{line}: {}", ran.err);
    }
    venue.run("keys revoke bot --as dave").ok();
    assert_eq!(venue.run(&format!("trade buy 0.01 {call} --as bot")).code, 5);
    let made = venue.run("keys api --cap 1000 --as dave --json").json();
    assert!(made["secret"].as_str().unwrap().len() >= 32);
}

#[test]
fn money_liquidity_time_and_the_log() {
    let venue = Venue::new();
    venue.run("withdraw 100 --as dave").ok();
    venue.run("deposit 40 --as dave").ok();
    assert_eq!(venue.ask::<Account>("account dave").wallet, "60".parse::<Money>().unwrap());
    assert_eq!(venue.run("deposit 1000 --as dave").code, 5);
    venue.run("fund dave 5").ok();
    venue.run("lp deposit 1000 --as dave").ok();
    assert!(venue.run("lp status --as dave").ok().contains("1,000.00 for shares"));
    venue.run("dev snapshot here").ok();
    let there: Status = venue.ask("status");
    let jumped: Status = venue.ask("dev clock +1h");
    assert!(jumped.market_time_ms >= there.market_time_ms + 3_600_000);
    assert!(
        venue.ask::<Account>("account dave").stakes[0].shares.0.get() > 0,
        "its batch has run, its keeper has claimed"
    );
    let back: Status = venue.ask("dev revert here");
    assert!(back.market_time_ms < jumped.market_time_ms);
    assert!(venue.run("dev snapshots").ok().contains("here"));
    let log = venue.run("watch --from 1 --count 30").ok();
    assert!(log.lines().count() == 30 && log.contains("dave deposited"), "{log}");
    let file = venue.home.at("fills.csv");
    venue.run(&format!("export fills --out {file}")).ok();
    assert!(std::fs::read_to_string(&file).unwrap().lines().next().unwrap().contains(','));
    for line in ["whatif --as dave", "whatif --pool", "market", "market proposals", "chain", "doctor"] {
        let shown = venue.run(line).ok();
        assert!(shown.lines().count() > 1 || line.contains("proposals"), "{line}: {shown}");
    }
    venue.run("market pause --as admin").ok();
    let ran = venue.run(&format!("trade buy 1 {} --as dave", venue.call()));
    assert!(ran.code == 5 && ran.err.contains("paused"), "{}", ran.err);
    venue.run("market resume --as admin").ok();
}
