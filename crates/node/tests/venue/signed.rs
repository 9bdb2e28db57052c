//! Signed commands: what is refused, and what comes twice.

use super::support::{Setup, Venue, address};
use cenote_api::envelope::{Envelope, hex, unhex};
use cenote_api::{ApiCommand, Payload, Signed, keys};
use serde_json::Value;

fn withdraw(amount: &str) -> ApiCommand {
    ApiCommand::Withdraw { amount: amount.parse().unwrap() }
}

fn wallet(venue: &Venue, name: &str) -> String {
    venue.see(&format!("/v1/accounts/{}", address(name)))["wallet"].as_str().unwrap().to_owned()
}

fn code(answer: &(u16, Value)) -> (u16, String) {
    (answer.0, answer.1["error"]["code"].as_str().unwrap_or("none").to_owned())
}

/// n - s of a signature: as good as s to plain ECDSA.
fn high_twin(signature: &str) -> String {
    let order: [u8; 32] = unhex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141").unwrap();
    let mut bytes: [u8; 64] = unhex(signature).unwrap();
    let mut borrow = 0i16;
    for at in (0..32).rev() {
        let digit = i16::from(order[at]) - i16::from(bytes[32 + at]) - borrow;
        borrow = i16::from(digit < 0);
        bytes[32 + at] = u8::try_from(digit + 256 * borrow).unwrap();
    }
    hex(&bytes)
}

#[test]
fn what_is_not_signed_for_this_is_refused_and_changes_nothing() {
    let venue = Venue::start(&Setup::default());
    let (alice, bob) = (keys::dev_key("alice"), keys::dev_key("bob"));
    let good = venue.payload(&alice, vec![withdraw("1")]);
    let signed = Signed::raw(&good, &alice);
    let now = venue.market_time();
    let other = |change: &dyn Fn(&mut Payload)| {
        let mut payload = good.clone();
        change(&mut payload);
        Signed::raw(&payload, &alice)
    };
    // what is wrong, what is sent, status, code
    let table: Vec<(&str, Signed, u16, &str)> = vec![
        (
            "another's key",
            Signed { public_key: Signed::raw(&good, &bob).public_key, ..signed.clone() },
            401,
            "unauthorised",
        ),
        (
            "other bytes",
            Signed { payload: signed.payload.replace("\"1\"", "\"2\""), ..signed.clone() },
            401,
            "unauthorised",
        ),
        (
            "the high twin",
            Signed { signature: high_twin(&signed.signature), ..signed.clone() },
            401,
            "unauthorised",
        ),
        (
            "another envelope",
            Signed { envelope: Envelope::Adr36 { prefix: "cosmos".into() }, ..signed.clone() },
            401,
            "unauthorised",
        ),
        ("no signature", Signed { signature: String::new(), ..signed.clone() }, 401, "unauthorised"),
        ("another venue", other(&|p| p.venue = "cenote-0000000000000000".into()), 401, "wrong_venue"),
        ("expired", other(&|p| p.expires_at = now - 1), 409, "expired"),
        ("expires too late", other(&|p| p.expires_at = now + 3 * 86_400_000), 409, "expired"),
        ("no command", other(&|p| p.commands.clear()), 400, "invalid"),
        ("too many commands", other(&|p| p.commands = vec![withdraw("0.1"); 101]), 400, "invalid"),
        ("another's account", other(&|p| p.account = keys::address_of(&bob)), 403, "session_refused"),
        ("unreadable", Signed { payload: "{".into(), ..signed.clone() }, 400, "bad_request"),
    ];
    let digest = venue.see("/v1/status")["digest"].clone();
    for (what, sent, status, expected) in table {
        let answer = venue.send(&sent);
        assert_eq!(code(&answer), (status, expected.to_owned()), "{what}: {}", answer.1);
        let said = answer.1["error"]["message"].as_str().unwrap_or_default();
        assert!(said.len() > 20, "{what}: `{said}` says too little");
    }
    assert_eq!(venue.see("/v1/status")["digest"], digest, "refusals change nothing");
    assert_eq!(venue.send(&signed).0, 200, "and the good one still passes");
}

#[test]
fn the_same_bytes_are_carried_out_once_also_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let alice = keys::dev_key("alice");
    let (signed, first) = {
        let mut venue = Venue::at(dir.path(), &Setup::default());
        let batch = vec![withdraw("1"), withdraw("1000000000"), withdraw("2")];
        let signed = Signed::raw(&venue.payload(&alice, batch), &alice);
        let (status, first) = venue.send(&signed);
        assert_eq!((status, first["duplicate"].as_bool()), (200, Some(false)));
        for _ in 0..3 {
            let (status, again) = venue.send(&signed);
            assert_eq!((status, again["duplicate"].as_bool()), (200, Some(true)));
            assert_eq!(again["results"], first["results"]);
        }
        assert_eq!(wallet(&venue, "alice"), "3");
        // Another payload with the same nonce.
        let mut payload: Payload = serde_json::from_str(&signed.payload).unwrap();
        payload.commands = vec![withdraw("5")];
        let (status, refused) = venue.send(&Signed::raw(&payload, &alice));
        assert_eq!((status, refused["error"]["code"].as_str()), (409, Some("nonce_used")));
        venue.stop();
        (signed, first)
    };
    let venue = Venue::at(dir.path(), &Setup::default());
    let (status, again) = venue.send(&signed);
    assert_eq!((status, again["duplicate"].as_bool()), (200, Some(true)), "{again}");
    for (was, is) in first["results"].as_array().unwrap().iter().zip(again["results"].as_array().unwrap()) {
        assert_eq!((&was["status"], &was["seq"], &was["events"]), (&is["status"], &is["seq"], &is["events"]));
    }
    assert_eq!(wallet(&venue, "alice"), "3");
}

#[test]
fn a_refused_payload_gets_the_same_refusal_again() {
    let venue = Venue::start(&Setup::default());
    let alice = keys::dev_key("alice");
    let signed = Signed::raw(&venue.payload(&alice, vec![withdraw("100000000")]), &alice);
    let (status, first) = venue.send(&signed);
    assert_eq!((status, first["error"]["code"].as_str()), (400, Some("insufficient_cash")));
    // Now it could be carried out: but it was answered, and its sender may have gone another way.
    venue.done("/v1/dev/fund", &serde_json::json!({ "account": address("alice"), "amount": "100000000" }));
    let (status, again) = venue.send(&signed);
    assert_eq!((status, again["duplicate"].as_bool(), &again["error"]), (400, Some(true), &first["error"]));
}

/// The report of a wrong signature names what is wrong.
#[test]
fn the_debugger_says_what_is_wrong() {
    let venue = Venue::start(&Setup::default());
    let (alice, bob) = (keys::dev_key("alice"), keys::dev_key("bob"));
    let signed = Signed::raw(&venue.payload(&alice, vec![withdraw("1")]), &alice);
    let report = |signed: &Signed| venue.done("/v1/debug/signature", &serde_json::to_value(signed).unwrap());
    assert_eq!(report(&signed)["valid"].as_bool(), Some(true));
    assert_eq!(report(&signed)["expected_address"].as_str(), Some(address("alice").as_str()));
    let forged =
        Signed { public_key: Signed::raw(&venue.payload(&bob, vec![]), &bob).public_key, ..signed.clone() };
    let forged = report(&forged);
    assert!(forged["recovered_addresses"].to_string().contains(&address("alice")), "{forged}");
    assert!(forged["difference"].as_str().unwrap().contains("another key signed"), "{forged}");
    let high = report(&Signed { signature: high_twin(&signed.signature), ..signed.clone() });
    assert!(high["difference"].as_str().unwrap().contains("high"), "{high}");
    let abroad: Payload =
        Payload { venue: "elsewhere".into(), ..serde_json::from_str(&signed.payload).unwrap() };
    let abroad = report(&Signed::raw(&abroad, &alice));
    assert!(abroad["difference"].as_str().unwrap().contains("venue"), "{abroad}");
}
