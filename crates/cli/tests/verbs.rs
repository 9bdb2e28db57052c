//! Liquidity, powers, the past and dev mode, against canned answers.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod stub;

use cenote_api::ApiCommand;
use cenote_api::view::{Status, WhatIfRequest};
use stub::samples::{self, CALL, NOW, cash};
use stub::{Home, Reply, Stub, golden};

/// The commands of the last payload that was sent.
fn sent(stub: &Stub) -> Vec<ApiCommand> {
    samples::signed(stub.asked("POST /v1/commands").last().unwrap()).commands
}

fn without_address(text: &str, stub: &Stub) -> String {
    text.replace(&stub.url(), "http://node")
}

#[test]
fn what_people_read() {
    let stub = Stub::venue();
    for (name, arguments) in [
        ("lp_status.txt", &["lp", "status", "--as", "alice"][..]),
        ("market.txt", &["market"]),
        ("market_rule.txt", &["market", "params", "keeper"]),
        ("market_proposals.txt", &["market", "proposals"]),
        ("explain.txt", &["explain", "4212"]),
        ("explain_code.txt", &["explain", "code", "pool_capacity"]),
        ("watch.txt", &["watch", "--from", "4201", "--count", "38"]),
        ("whatif.txt", &["whatif", "--as", "alice", "--spot", "-30,-10,0,10.5", "--vol", "10,0"]),
        ("dev_snapshots.txt", &["dev", "snapshots"]),
    ] {
        golden(name, &without_address(&stub.run(arguments).ok(), &stub));
    }
}

/// Every verb has its command, and says what it did.
#[test]
fn commands_are_what_was_asked_for() {
    let stub = Stub::venue();
    let home = Home::new();
    let change = home.at("change.json");
    std::fs::write(&change, r#"{"enact_me": 1}"#).unwrap();
    let alice = |command: &str| format!("{command} --as alice");
    for (line, expected, said) in [
        (alice("deposit 1000"), ApiCommand::Deposit { amount: cash("1000") }, "alice deposited 1,000.00\n"),
        (alice("withdraw 0.5"), ApiCommand::Withdraw { amount: cash("0.5") }, "alice withdrew 0.50\n"),
        (
            alice("lp deposit 1,000.25"),
            ApiCommand::RequestDeposit { pool: 0, amount: cash("1000.25") },
            "alice set 1,000.25 aside for shares of pool 0, epoch 12\nnext: cenote lp status, which shows when it is priced and can be claimed\n",
        ),
        (
            alice("lp withdraw all"),
            ApiCommand::RequestWithdraw { pool: 0, shares: "1000.25".parse().unwrap() },
            "alice asked to be paid for 1,000.25 shares of pool 0, epoch 12\nnext: cenote lp status, which shows when it is priced and can be claimed\n",
        ),
        (
            alice("lp claim 10 --pool 3"),
            ApiCommand::Claim { owner: None, pool: 3, epoch: 10 },
            "alice claimed 1 shares and 2.00 of pool 3, epoch 10\n",
        ),
        (
            alice("cancel 4199"),
            ApiCommand::CancelOrder { order: 4_199 },
            "order 4199 is to be cancelled, once it has been tried at a price published from 2026-01-26T08:00:01Z on\n",
        ),
        (
            alice("market pause"),
            ApiCommand::Pause { market: None },
            "what adds risk is paused in every market\n",
        ),
        (
            alice("market resume --market BTC_USDC"),
            ApiCommand::Resume { market: Some("BTC_USDC".into()) },
            "the pause of BTC_USDC is over\n",
        ),
        (alice("market enact 3"), ApiCommand::Enact { proposal: 3 }, "proposal 3 is in force\n"),
        (alice("market reject 3"), ApiCommand::Reject { proposal: 3 }, "proposal 3 is dropped\n"),
    ] {
        let arguments: Vec<&str> = line.split(' ').collect();
        assert_eq!(stub.run(&arguments).ok(), said, "{line}");
        assert_eq!(sent(&stub), [expected], "{line}");
    }
    let ran = stub.run(&["market", "propose", &change, "--as", "admin"]);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("change.json: this is no change that can be proposed"), "{}", ran.err);
}

/// What can be claimed is claimed in one go; all that is live is cancelled.
#[test]
fn all_of_them_at_once() {
    let stub = Stub::venue();
    stub.run(&["lp", "claim", "--as", "alice"]).ok();
    let claim = |epoch| ApiCommand::Claim { owner: None, pool: 0, epoch };
    assert_eq!(sent(&stub), [claim(10), claim(9)]);
    stub.run(&["cancel", "--all", "--as", "alice"]).ok();
    assert_eq!(sent(&stub), [ApiCommand::CancelOrder { order: 4_211 }]);
}

#[test]
fn controls_of_dev_mode_say_what_they_want() {
    let stub = Stub::venue();
    for (line, path, body) in [
        ("dev clock pause", "clock", r#"{"pause":true}"#),
        ("dev clock speed 60x", "clock", r#"{"speed":60.0}"#),
        ("dev clock +1h", "clock", r#"{"jump_ms":3600000}"#),
        ("dev clock until next-expiry", "clock", r#"{"until":"next-expiry"}"#),
        ("dev price -20% in 10m", "price", r#"{"move":-0.2,"over_ms":600000}"#),
        ("dev price +5", "price", r#"{"move":0.05,"over_ms":0}"#),
        ("dev vol -10", "vol", r#"{"points":-10.0}"#),
        ("dev oracle off 5m", "oracle", r#"{"off_ms":300000}"#),
        ("dev snapshot before", "snapshot", r#"{"name":"before"}"#),
        ("dev revert before", "revert", r#"{"name":"before"}"#),
    ] {
        let arguments: Vec<&str> = line.split(' ').collect();
        assert!(stub.run(&arguments).ok().contains("market time"), "{line}");
        let asked = stub.asked(&format!("POST /v1/dev/{path}"));
        assert_eq!(asked.last().unwrap().body, body, "{line}");
    }
    let funding = Stub::new(|request| {
        let got = || {
            samples::done(cenote_api::event::What::Deposited {
                account: samples::address("bob"),
                amount: cash("5"),
            })
        };
        (request.line == "POST /v1/dev/fund").then(|| Reply::ok(&got()))
    });
    for arguments in [&["fund", "bob", "5"][..], &["dev", "fund", "bob", "5"]] {
        assert_eq!(funding.run(arguments).ok(), "bob deposited 5.00\n");
        let asked: cenote_api::view::FundRequest = funding.asked("POST /v1/dev/fund").last().unwrap().read();
        assert_eq!((asked.account, asked.amount), (samples::address("bob"), cash("5")));
    }
    let live = Stub::new(|request| {
        let said =
            samples::refusal("dev_only", "dev controls are off in live mode; use signed commands instead");
        request.line.starts_with("POST /v1/dev").then(|| Reply::json(403, &said))
    });
    let ran = live.run(&["dev", "clock", "pause"]);
    assert_eq!(ran.code, 5);
    assert_eq!(
        ran.err,
        "error: dev_only: dev controls are off in live mode; use signed commands instead\n       `cenote explain code dev_only` says more\n"
    );
}

#[test]
fn what_if_asks_in_fractions_points_and_moments() {
    let stub = Stub::venue();
    let asked = |arguments: &[&str]| -> WhatIfRequest {
        stub.run(arguments).ok();
        stub.asked("POST /v1/whatif").last().unwrap().read()
    };
    let request =
        asked(&["whatif", "-1", CALL, "--spot", "-20,0", "--vol=-5", "--at", "7d", "--remove", CALL]);
    assert_eq!((request.spot_shocks, request.vol_shocks), (vec![-0.2, 0.0], vec![-5.0]));
    assert_eq!((request.dates, request.remove), (vec![NOW + 604_800_000], vec![CALL.to_owned()]));
    assert_eq!((request.add[0].size, request.account, request.pool), (samples::size("-1"), None, false));
    assert_eq!(asked(&["whatif", "--as", "alice"]).account, Some(samples::address("alice")));
    assert!(asked(&["whatif", "--pool"]).pool);
    for (arguments, expected) in [
        (&["whatif"][..], "of what? Name an account with --as"),
        (&["whatif", "--pool", "--spot", "1,x"], "--spot: 1 to 9 numbers"),
        (&["whatif", "--pool", "--vol", ""], "--vol: 1 to 21 numbers"),
    ] {
        let ran = stub.run(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}");
        assert!(ran.err.contains(expected), "{}", ran.err);
    }
}

#[test]
fn events_for_programs_are_one_a_line() {
    let stub = Stub::venue();
    let out = stub.run(&["watch", "--from", "4201", "--count", "38", "--json"]).ok();
    let lines: Vec<cenote_api::ApiEvent> =
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, samples::everything());
    let few = stub.run(&["watch", "--from", "4201", "--count", "4", "--no-ticks"]).ok();
    assert!(!few.contains("reports for the next price") && few.lines().count() == 4, "{few}");
}

#[test]
fn an_order_is_explained_with_what_became_of_it() {
    let stub = Stub::new(|request| {
        let placed = cenote_api::event::What::OrderPlaced {
            order: 4_211,
            account: samples::address("alice"),
            market: "BTC_USDC".into(),
            due_at: NOW,
            label: None,
        };
        let told = cenote_api::view::Explanation {
            seq: 4_211,
            command: format!("order to buy 2 {CALL}, limit 9684.75"),
            events: vec![samples::event(4_211, placed)],
            postings: Vec::new(),
            sender: samples::address("bob"),
            principal: Some(samples::address("alice")),
            ..samples::explanation()
        };
        match request.line.as_str() {
            "GET /v1/explain/4211" => Some(Reply::ok(&told)),
            "GET /v1/orders/4211" => Some(Reply::ok(&samples::order("ended"))),
            _ => None,
        }
    });
    golden("explain_order.txt", &stub.run(&["explain", "4211"]).ok());
}

#[test]
fn an_export_is_whole_or_not_there() {
    let home = Home::new();
    let file = home.at("fills.csv");
    let stub = Stub::new(|request| match request.line.as_str() {
        "GET /v1/export/fills.csv" => Some(Reply::bytes(200, b"seq,time\n1,2\n")),
        "GET /v1/export/nav.parquet" => Some(Reply::bytes(200, b"PAR1....PAR1").cut(100)),
        line if line.starts_with("GET /v1/export/events.csv") => Some(Reply::bytes(200, line.as_bytes())),
        _ => None,
    });
    assert_eq!(stub.run_at(&home, &["export", "fills", "--out", &file]).ok(), format!("{file}: 13 bytes\n"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "seq,time\n1,2\n");
    assert_eq!(stub.run(&["export", "fills"]).ok(), "seq,time\n1,2\n");
    let line = stub.run(&["export", "events", "--from", "2026-01-26", "--account", "alice"]).ok();
    assert_eq!(
        line,
        format!("GET /v1/export/events.csv?from=1769385600000&account={}", samples::address("alice"))
    );
    let ran = stub.run_at(&home, &["export", "nav", "--out", &home.at("nav.parquet")]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let names: Vec<String> = std::fs::read_dir(&home.0)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names, ["fills.csv"], "nothing of what was cut off stays");
    let quotes = Stub::new(|request| {
        request.line.starts_with("GET /v1/export/quotes.").then(|| Reply::bytes(200, request.line.as_bytes()))
    });
    let line = quotes.run(&["export", "quotes", "--size", "1,000.5", "--format", "ndjson"]).ok();
    assert_eq!(line, "GET /v1/export/quotes.ndjson?size=1000.5");
    let board = home.at("board.ndjson");
    quotes.run_at(&home, &["export", "quotes", "--market", "BTC_USDC", "--out", &board]).ok();
    assert_eq!(quotes.seen()[1].line, "GET /v1/export/quotes.ndjson?market=BTC_USDC");
    for (arguments, expected) in [
        (&["export", "nav", "--format", "parquet"][..], "name a file with --out"),
        (&["export", "nav", "--from", "7d"], "`7d` is a length; write a moment"),
    ] {
        let ran = stub.run(arguments);
        assert_eq!(ran.code, 2);
        assert!(ran.err.contains(expected), "{}", ran.err);
    }
}

#[test]
fn the_doctor_says_what_to_do() {
    let wall = || {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        u64::try_from(now.as_millis()).unwrap()
    };
    let well = Stub::new(move |request| {
        let status = Status { wall_time_ms: wall(), ..samples::status() };
        (request.line == "GET /v1/status").then(|| Reply::ok(&status))
    });
    let ran = well.run(&["doctor"]);
    assert_eq!(
        (ran.code, ran.out.contains("bad"), ran.out.contains("warn")),
        (0, false, false),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("48 MiB in 2 segments, 1 snapshot, the newest of entry 4000"), "{}", ran.out);
    let ill = Stub::new(|request| {
        let mut status = Status { version: "9.9.9".into(), last_seq: 1_000_000, ..samples::status() };
        status.clock.paused = true;
        status.markets[0].trading =
            cenote_api::view::Trading { enabled: false, reason: Some("the price is 90 s old".into()) };
        let feed = |gives: &str, age_ms, failures| cenote_api::view::FeedStatus {
            gives: gives.into(),
            from: "its source".into(),
            age_ms,
            failures,
            trouble: Some("no answer in time".into()),
        };
        status.feeds = vec![feed("index", Some(3_000), 2), feed("surface", None, 7)];
        (request.line == "GET /v1/status").then(|| Reply::ok(&status))
    });
    let ran = ill.run(&["doctor"]);
    assert_eq!(ran.code, 1);
    for (state, what, expected) in [
        ("bad", "node", "use programs of one version"),
        ("warn", "clock", "set both by the network's time"),
        ("warn", "market time", "`cenote dev clock resume`"),
        ("bad", "journal", "commands are not on disk yet"),
        ("warn", "feed", "index from its source failed 2 times"),
        ("bad", "feed", "surface from its source has never answered (no answer in time): check this"),
        ("warn", "market", "the price is 90 s old: `cenote status`"),
    ] {
        let line = ran.out.lines().find(|line| line.contains(expected));
        let line = line.unwrap_or_else(|| panic!("{expected}: {}", ran.out));
        assert!(line.starts_with(state) && line.contains(what), "{line}");
    }
    let ran = stub::run(&Home::new(), &["doctor", "--node", "http://127.0.0.1:9", "--json"]);
    let checks = ran.json()["checks"].clone();
    let wrong: Vec<&str> = checks
        .as_array()
        .unwrap()
        .iter()
        .filter(|check| check["state"] != "ok")
        .map(|check| check["what"].as_str().unwrap())
        .collect();
    assert_eq!((ran.code, wrong), (1, vec!["node"]));
}

/// The columns of an export, without a node.
#[test]
fn columns_are_explained_without_a_node() {
    let at = ["--node", "http://127.0.0.1:9"];
    for what in ["fills", "nav", "events", "quotes"] {
        let text = stub::run(&Home::new(), &[&["export", what, "--columns"][..], &at].concat()).ok();
        let export = cenote_api::export::ALL.into_iter().find(|export| export.name == what).unwrap();
        assert_eq!(text.lines().count(), export.columns.len() + 1, "{text}");
    }
    let quotes = stub::run(&Home::new(), &["export", "quotes", "--columns"]).ok();
    assert!(quotes.contains("bid_price") && quotes.contains("may be empty"), "{quotes}");
}

#[test]
fn codes_are_explained_without_a_node() {
    let home = Home::new();
    let at = ["--node", "http://127.0.0.1:9"];
    let explain = |words: &[&str]| {
        let mut all = vec!["explain"];
        all.extend(words);
        all.extend(at);
        stub::run(&home, &all)
    };
    assert!(explain(&["limit_exceeded"]).ok().starts_with("limit_exceeded\nThe cost is above"));
    let ran = explain(&["code", "E123"]);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("there is no code `E123`; there are bad_request, "), "{}", ran.err);
    assert_eq!(explain(&["code"]).code, 2);
    assert_eq!(explain(&["12"]).code, 4);
}
