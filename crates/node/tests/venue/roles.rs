//! Who may do what: a matrix of role and command.

use super::support::{Setup, Venue, address};
use cenote_api::command::{GrantSession, OrderLeg, PlaceOrder};
use cenote_api::{ApiCommand, Payload, Signed, keys};
use secp256k1::SecretKey;
use serde_json::json;

struct Role {
    name: &'static str,
    key: SecretKey,
    account: cenote_api::Address,
}

fn grant(key: &SecretKey, trade: bool, liquidity: bool, expires_at: u64) -> ApiCommand {
    ApiCommand::GrantSession(GrantSession {
        key: keys::address_of(key),
        trade,
        liquidity,
        daily_cap: "100000".parse().unwrap(),
        expires_at,
    })
}

fn commands(venue: &Venue) -> Vec<(&'static str, ApiCommand)> {
    let chain = venue.see("/v1/chain");
    let name = chain["expiries"][4]["strikes"][3]["call"]["instrument_name"].as_str().unwrap().to_owned();
    let order = PlaceOrder {
        legs: vec![OrderLeg { instrument: name, size: "0.01".parse().unwrap() }],
        limit: "500".parse().unwrap(),
        until: None,
        reduce_only: false,
        attempts: 1,
        label: None,
    };
    let (one, other) = ("1".parse().unwrap(), keys::address_of(&keys::dev_key("dave")));
    let now = venue.market_time();
    vec![
        ("place_order", ApiCommand::PlaceOrder(order)),
        ("withdraw", ApiCommand::Withdraw { amount: one }),
        ("request_deposit", ApiCommand::RequestDeposit { pool: 0, amount: one }),
        (
            "transfer_shares",
            ApiCommand::TransferShares { pool: 0, to: other, shares: "0.000001".parse().unwrap() },
        ),
        ("grant_session", grant(&keys::dev_key("dave"), true, false, now + 86_400_000)),
        ("revoke_session", ApiCommand::RevokeSession { key: keys::address_of(&keys::dev_key("dave")) }),
        ("pause", ApiCommand::Pause { market: None }),
        ("resume", ApiCommand::Resume { market: None }),
        (
            "push_price",
            ApiCommand::PushPrice {
                market: "BTC_USDC".into(),
                price: "100000".parse().unwrap(),
                confidence: "10".parse().unwrap(),
                published_at: now,
            },
        ),
        ("roll", ApiCommand::Roll { market: "BTC_USDC".into() }),
        ("fill", ApiCommand::Fill { market: "BTC_USDC".into() }),
    ]
}

/// `done`, or the code of the refusal; codes that only say that there is nothing to do count as allowed.
fn outcome(venue: &Venue, role: &Role, command: &ApiCommand) -> String {
    let payload = Payload { account: role.account, ..venue.payload(&role.key, vec![command.clone()]) };
    let (_, answer) = venue.send(&Signed::raw(&payload, &role.key));
    match answer["error"]["code"].as_str() {
        None => "done".to_owned(),
        // The engine does not know this publisher.
        Some("invalid") if matches!(command, ApiCommand::PushPrice { .. }) => "forbidden".to_owned(),
        Some("insufficient_shares" | "not_newer" | "invalid") => "allowed".to_owned(),
        Some(code) => code.to_owned(),
    }
}

#[test]
fn every_role_may_do_what_its_row_says() {
    let venue = Venue::start(&Setup::default());
    let alice = keys::address_of(&keys::dev_key("alice"));
    let (trader, provider, ended) = (keys::session_key("t"), keys::session_key("l"), keys::session_key("e"));
    let now = venue.market_time();
    venue.run("alice", grant(&trader, true, false, now + 86_400_000));
    venue.run("alice", grant(&provider, false, true, now + 86_400_000));
    venue.run("alice", grant(&ended, true, true, now + 1_500));
    venue.ticks(3);
    let own = |name: &'static str, who: &str| {
        let key = keys::dev_key(who);
        Role { name, key, account: keys::address_of(&key) }
    };
    let for_alice = |name, key| Role { name, key, account: alice };
    let roles = [
        own("owner", "alice"),
        for_alice("trading session", trader),
        for_alice("liquidity session", provider),
        for_alice("ended session", ended),
        for_alice("stranger", keys::dev_key("bob")),
        own("guardian", "admin"),
        own("publisher", "oracle"),
    ];
    // yes: carried out or only without effect; no: refused for who it is.
    let expected = [
        ("place_order", "yes yes no  no no yes yes"),
        ("withdraw", "yes no  no  no no yes yes"),
        ("request_deposit", "yes no  yes no no yes yes"),
        ("transfer_shares", "yes no  no  no no yes yes"),
        ("grant_session", "yes no  no  no no yes yes"),
        ("revoke_session", "yes no  no  no no yes yes"),
        ("pause", "no  no  no  no no yes no"),
        ("resume", "no  no  no  no no yes no"),
        ("push_price", "no  no  no  no no no  yes"),
        ("roll", "yes no  no  no no yes yes"),
        ("fill", "yes no  no  no no yes yes"),
    ];
    for ((name, command), (row, cells)) in commands(&venue).iter().zip(expected) {
        assert_eq!(*name, row);
        for (role, cell) in roles.iter().zip(cells.split_whitespace()) {
            let outcome = outcome(&venue, role, command);
            let barred = ["forbidden", "session_refused"].contains(&outcome.as_str());
            assert_eq!(if barred { "no" } else { "yes" }, cell, "{} {name}: {outcome}", role.name);
        }
    }
    assert_eq!(venue.post("/v1/dev/fund", &json!({ "account": address("alice"), "amount": "-1" })).0, 400);
}
