//! Reading a venue and trading on it, against canned answers.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod stub;

use cenote_api::ApiCommand;
use cenote_api::view::QuoteRequest;
use std::sync::atomic::{AtomicUsize, Ordering};
use stub::samples::{self, CALL, NOW, cash};
use stub::{Home, Reply, Stub, golden, run};

fn without_address(text: &str, stub: &Stub) -> String {
    text.replace(&stub.url(), "http://node")
}

#[test]
fn what_people_read() {
    let stub = Stub::venue();
    for (name, arguments) in [
        ("status.txt", &["status"][..]),
        ("chain.txt", &["chain"]),
        ("chain_all.txt", &["chain", "all"]),
        ("quote.txt", &["quote", "buy 2 27MAR26 100000 C", "--as", "alice"]),
        ("account.txt", &["account", "--as", "alice"]),
        ("account_pnl.txt", &["account", "alice", "--pnl"]),
        ("account_closed.txt", &["account", "--closed", "--as", "alice"]),
        ("account_fills.txt", &["account", "--fills", "--as", "alice"]),
        ("orders.txt", &["orders", "--as", "alice"]),
        ("orders_all.txt", &["orders", "--all", "--as", "alice"]),
        ("trade.txt", &["trade", "buy 2 27MAR26 100000 C", "--as", "alice"]),
    ] {
        golden(name, &without_address(&stub.run(arguments).ok(), &stub));
    }
}

/// What programs read is the API's own document.
#[test]
fn json_is_the_answer_itself() {
    let stub = Stub::venue();
    for (arguments, expected) in [
        (&["status"][..], serde_json::to_value(samples::status()).unwrap()),
        (&["chain", "27MAR26"], serde_json::to_value(samples::chain()).unwrap()),
        (&["quote", "1", CALL], serde_json::to_value(samples::quote()).unwrap()),
        (&["account", "alice"], serde_json::to_value(samples::account()).unwrap()),
        (&["account", "alice", "--fills"], serde_json::to_value(samples::fills()).unwrap()),
        (&["orders", "--all", "--as", "alice"], serde_json::to_value(samples::orders()).unwrap()),
        (&["trade", "2", CALL, "--as", "alice"], serde_json::to_value(samples::order("filled")).unwrap()),
    ] {
        let mut all = arguments.to_vec();
        all.push("--json");
        let ran = stub.run(&all);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{arguments:?}");
        assert_eq!(ran.json(), expected, "{arguments:?}");
    }
}

#[test]
fn a_refused_quote_names_the_rule_and_the_largest_that_fills() {
    let stub = Stub::new(|request| {
        (request.line == "POST /v1/quote").then(|| {
            let asked: QuoteRequest = request.read();
            let answer = samples::refused_quote();
            // The search is dear: it is asked for once somebody is refused.
            Reply::ok(&if asked.largest {
                answer
            } else {
                cenote_api::view::QuoteAnswer { largest: None, ..answer }
            })
        })
    });
    let ran = stub.run(&["quote", "buy 2 27MAR26 100000 C"]);
    assert_eq!((ran.code, ran.err.as_str()), (5, ""), "the answer has said it");
    golden("quote_refused.txt", &ran.out);
    let asked: Vec<bool> =
        stub.asked("POST /v1/quote").iter().map(|r| r.read::<QuoteRequest>().largest).collect();
    assert_eq!(asked, [false, true]);
    let ran = stub.run(&["quote", "buy 2 27MAR26 100000 C", "--json"]);
    assert_eq!((ran.code, ran.json()["refusal"]["code"].as_str()), (5, Some("pool_capacity")));
}

/// The order that goes out is the one that was asked for, signed by who was named.
#[test]
fn an_order_is_what_was_asked_for() {
    let stub = Stub::venue();
    let order = |arguments: &[&str]| {
        let mut all = vec!["trade", "sell 2 27MAR26 100000 C", "--as", "alice"];
        all.extend(arguments);
        stub.run(&all).ok();
        let payload = samples::signed(stub.asked("POST /v1/commands").last().unwrap());
        assert_eq!(payload.account, samples::address("alice"));
        match &payload.commands[..] {
            [ApiCommand::PlaceOrder(order)] => order.clone(),
            other => panic!("{other:?}"),
        }
    };
    let plain = order(&[]);
    assert_eq!((plain.legs[0].instrument.as_str(), plain.legs[0].size), (CALL, samples::size("-2")));
    assert_eq!((plain.limit, plain.until, plain.attempts), (samples::quote().limit_suggested, None, 1));
    assert_eq!(order(&["--limit", "-4800.5"]).limit, cash("-4800.5"));
    assert_eq!(order(&["--slippage", "1"]).limit, cash("9721.048"));
    let waits = order(&["--until", "10m", "--label", "mine", "--reduce-only"]);
    assert_eq!((waits.until, waits.attempts), (Some(NOW + 600_000), 601));
    assert_eq!((waits.label.as_deref(), waits.reduce_only), (Some("mine"), true));
    assert_eq!(order(&["--until", "2026-01-26T09:00Z", "--attempts", "3"]).attempts, 3);
}

#[test]
fn a_trade_waits_for_what_becomes_of_it() {
    let looks = AtomicUsize::new(0);
    let stub = Stub::new(move |request| {
        let state = ["durable", "durable", "filled"];
        (request.line == "GET /v1/orders/4211")
            .then(|| Reply::ok(&samples::order(state[looks.fetch_add(1, Ordering::SeqCst).min(2)])))
    });
    assert!(stub.run(&["trade", "2", CALL, "--as", "alice"]).ok().contains("filled at tick 1204"));
    assert_eq!(stub.asked("GET /v1/orders/4211").len(), 3);
    for (state, code, expected) in [
        ("resting", 0, "resting: the order costs 9700"),
        (
            "ended",
            5,
            "ended, not filled: the order costs 9700, its limit is 9684.75; raise the limit or wait (limit_exceeded)",
        ),
        ("durable", 0, "still waits for its price"),
    ] {
        let stub = Stub::new(move |request| {
            (request.line == "GET /v1/orders/4211").then(|| Reply::ok(&samples::order(state)))
        });
        let ran = stub.run(&["trade", "2", CALL, "--as", "alice", "--wait=1"]);
        assert_eq!(ran.code, code, "{state}: {}{}", ran.out, ran.err);
        assert!(ran.out.contains(expected), "{state}: {}", ran.out);
    }
}

#[test]
fn what_would_be_refused_is_not_sent() {
    let refused = |request: &stub::Request| {
        (request.line == "POST /v1/quote").then(|| Reply::ok(&samples::refused_quote()))
    };
    let stub = Stub::new(refused);
    let ran = stub.run(&["trade", "2", CALL, "--as", "alice"]);
    assert_eq!(ran.code, 5);
    assert!(ran.err.starts_with("error: pool_capacity: the order would take the pool's vega"), "{}", ran.err);
    assert_eq!(stub.asked("POST /v1/commands").len(), 0);
    // Who waits may be right later.
    stub.run(&["trade", "2", CALL, "--as", "alice", "--until", "1h"]).ok();
    assert_eq!(stub.asked("POST /v1/commands").len(), 1);
}

#[test]
fn a_dry_run_sends_nothing() {
    let stub = Stub::new(|request| {
        let done = samples::done(cenote_api::event::What::OrderPlaced {
            order: 4_211,
            account: samples::address("alice"),
            market: "BTC_USDC".into(),
            due_at: NOW,
            label: None,
        });
        (request.line == "POST /v1/commands/simulate").then(|| {
            Reply::ok(&cenote_api::view::SimulateAnswer {
                results: done.results,
                before: Default::default(),
                after: Default::default(),
                as_of_seq: 1,
            })
        })
    });
    let said = stub.run(&["trade", "2", CALL, "--as", "alice", "--dry-run"]).ok();
    assert!(said.ends_with("dry run: it would be taken, limit 9,684.75; nothing was sent\n"), "{said}");
    let posts: Vec<String> = stub.asked("POST").iter().map(|request| request.line.clone()).collect();
    assert_eq!(posts, ["POST /v1/quote", "POST /v1/commands/simulate"]);
}

/// Bytes that may have arrived are sent again as they are; a nonce that somebody else took is replaced.
#[test]
fn nothing_is_done_twice() {
    let tries = AtomicUsize::new(0);
    let stub = Stub::new(move |request| {
        (request.line == "POST /v1/commands" && tries.fetch_add(1, Ordering::SeqCst) == 0)
            .then(|| Reply::json(409, &samples::refusal("nonce_used", "nonce 7 is used; use an unused one")))
    });
    stub.run(&["trade", "2", CALL, "--as", "alice"]).ok();
    let sent: Vec<_> = stub.asked("POST /v1/commands").iter().map(samples::signed).collect();
    assert_eq!(sent.len(), 2);
    assert_ne!(sent[0].nonce, sent[1].nonce);
    assert_eq!(sent[0].commands, sent[1].commands);
    let tries = AtomicUsize::new(0);
    let stub = Stub::new(move |request| {
        (request.line == "POST /v1/commands" && tries.fetch_add(1, Ordering::SeqCst) == 0)
            .then(|| Reply::ok(&samples::placed(request)).cut(10))
    });
    stub.run(&["trade", "2", CALL, "--as", "alice"]).ok();
    let sent: Vec<String> = stub.asked("POST /v1/commands").into_iter().map(|request| request.body).collect();
    assert_eq!(
        (sent.len(), &sent[0]),
        (2, &sent[1]),
        "an answer that was cut off is asked for again, byte for byte"
    );
}

#[test]
fn failures_have_a_sentence_a_next_step_and_a_code() {
    let home = Home::new();
    let ran = run(&home, &["status", "--node", "http://127.0.0.1:9"]);
    assert_eq!(ran.code, 4);
    assert!(
        ran.err.starts_with("error: no node at http://127.0.0.1:9: ") && ran.err.contains("cenote up"),
        "{}",
        ran.err
    );
    let ran = run(&home, &["status", "--node", "127.0.0.1:9", "--json"]);
    assert_eq!((ran.code, ran.json()["error"]["code"].as_str()), (4, Some("unreachable")));
    for (node, expected) in
        [("ftp://x", "`ftp://x` is not a node's address"), ("https://", "`https://` is not a node's address")]
    {
        let ran = run(&home, &["status", "--node", node]);
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains(expected), "{}", ran.err);
    }
    let stub =
        Stub::new(|request| request.line.starts_with("GET /v1/chain").then(|| Reply::bytes(200, b"<html>")));
    let ran = stub.run(&["chain"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("`cenote doctor` compares versions"), "{}", ran.err);
    for (arguments, code, expected) in [
        (&["trade", "1", CALL][..], 2, "error: who acts? add --as NAME"),
        (&["trade", "1", CALL, "--as", "nobody"], 3, "error: there is no key or key file `nobody`"),
        (&["quote", "lots"], 2, "error: `lots`: a leg begins with a size"),
        (
            &["quote", "1 27MAR26 100000 C", "--market", "DOGE"],
            3,
            "error: there is no market DOGE; this venue has BTC_USDC",
        ),
        (&["trade", "1", CALL, "--as", "alice", "--until", "2020-01-01"], 2, "error: --until is over"),
    ] {
        let ran = stub.run(arguments);
        assert_eq!(ran.code, code, "{arguments:?} {}", ran.err);
        assert!(ran.err.starts_with(expected), "{arguments:?}: {}", ran.err);
    }
}

/// Keys that everybody knows sign for nobody on a live venue.
#[test]
fn accounts_of_dev_mode_exist_in_dev_mode_alone() {
    let stub = Stub::new(|request| {
        let live = cenote_api::view::Status { mode: "live".into(), ..samples::status() };
        request.line.starts_with("GET /v1/status").then(|| Reply::ok(&live))
    });
    for arguments in [&["trade", "1", CALL, "--as", "alice"][..], &["account", "alice"]] {
        let ran = stub.run(arguments);
        assert_eq!(ran.code, 3);
        assert!(
            ran.err.contains("this venue is live: make a key with `cenote keys new NAME`"),
            "{}",
            ran.err
        );
    }
}
