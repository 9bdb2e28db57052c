use super::{Envelope, Payload, Signed, adr36_document, payload_hash};
use crate::{Address, ApiCommand};
use secp256k1::{Message, PublicKey, SecretKey, ecdsa};
use sha2::{Digest as _, Sha256};

fn key(n: u8) -> SecretKey {
    SecretKey::from_secret_bytes([n; 32]).unwrap()
}

fn address(key: &SecretKey) -> Address {
    Address::of_key(&PublicKey::from_secret_key(key).serialize())
}

fn payload(signer: &SecretKey) -> Payload {
    let commands = vec![ApiCommand::Withdraw { amount: "12.5".parse().unwrap() }];
    Payload { venue: "test".into(), account: address(signer), nonce: 7, expires_at: 1_000, commands }
}

#[test]
fn a_signature_holds_for_its_bytes_alone() {
    let signed = Signed::raw(&payload(&key(1)), &key(1));
    let verified = signed.verify().unwrap();
    assert_eq!((verified.signer, verified.payload.nonce), (address(&key(1)), 7));
    let spaced = Signed { payload: signed.payload.replace("12.5", "12.6"), ..signed.clone() };
    assert_eq!(spaced.verify().unwrap_err().code, "unauthorised");
    let other = Signed { public_key: Signed::raw(&payload(&key(2)), &key(2)).public_key, ..signed.clone() };
    assert_eq!(other.verify().unwrap_err().code, "unauthorised");
    for at in 0..signed.signature.len() {
        let mut letters = signed.signature.clone().into_bytes();
        letters[at] = if letters[at] == b'0' { b'1' } else { b'0' };
        let broken = Signed { signature: String::from_utf8(letters).unwrap(), ..signed.clone() };
        assert_eq!(broken.verify().unwrap_err().code, "unauthorised", "digit {at}");
    }
}

/// The other signature of every pair, `n - s`, is as good to plain ECDSA.
#[test]
fn the_high_twin_of_a_signature_is_refused() {
    let signed = Signed::raw(&payload(&key(1)), &key(1));
    let order: [u8; 32] =
        super::unhex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141").unwrap();
    let mut bytes: [u8; 64] = super::unhex(&signed.signature).unwrap();
    let mut borrow = 0i16;
    for at in (0..32).rev() {
        let digit = i16::from(order[at]) - i16::from(bytes[32 + at]) - borrow;
        borrow = i16::from(digit < 0);
        bytes[32 + at] = (digit + 256 * borrow) as u8;
    }
    let twin = Signed { signature: super::hex(&bytes), ..signed };
    assert_eq!(twin.verify().unwrap_err().code, "unauthorised");
}

#[test]
fn a_wallet_signs_words_that_end_in_the_hash() {
    let payload = payload(&key(3));
    let text = serde_json::to_string(&payload).unwrap();
    let hash = payload_hash(&text);
    let words = payload.text(&hash);
    assert!(
        words.contains("1. Withdraw 12.5 to the wallet") && words.ends_with(&super::hex(&hash)),
        "{words}"
    );
    let document = adr36_document(&address(&key(3)).with_prefix("cosmos"), &words);
    let digest: [u8; 32] = Sha256::digest(document.as_bytes()).into();
    let signed = Signed {
        payload: text,
        public_key: super::hex(&PublicKey::from_secret_key(&key(3)).serialize()),
        signature: super::hex(&ecdsa::sign(Message::from_digest(digest), &key(3)).serialize_compact()),
        envelope: Envelope::Adr36 { prefix: "cosmos".into() },
    };
    assert_eq!(signed.verify().unwrap().signer, address(&key(3)));
    let prefix = Signed { envelope: Envelope::Adr36 { prefix: "osmo".into() }, ..signed.clone() };
    assert_eq!(prefix.verify().unwrap_err().code, "unauthorised");
    let raw = Signed { envelope: Envelope::Raw, ..signed };
    assert_eq!(
        raw.verify().unwrap_err().code,
        "unauthorised",
        "one envelope's signature is none in the other"
    );
}

/// The address of the generator point's key, as every Cosmos wallet shows it.
#[test]
fn addresses_are_those_of_cosmos_wallets() {
    let mut one = [0; 32];
    one[31] = 1;
    let address = address(&SecretKey::from_secret_bytes(one).unwrap());
    assert_eq!(super::hex(&address.bytes()), "751e76e8199196d454941c45d1b3a323f1433bd6");
    let cosmos = address.with_prefix("cosmos");
    assert!(cosmos.starts_with("cosmos1w508d6qejxtdg4y5r3zarvary0c5xw7k"), "{cosmos}");
    assert_eq!(cosmos.parse::<Address>().unwrap(), address);
    assert!(format!("{cosmos}q").parse::<Address>().is_err());
}

#[test]
fn unknown_fields_and_doubled_ones_are_refused() {
    let good = serde_json::to_string(&payload(&key(1))).unwrap();
    assert!(Payload::parse(&good).is_ok());
    for (from, to) in [
        ("\"nonce\":7", "\"nonce\":7,\"extra\":1"),
        ("\"nonce\":7", "\"nonce\":7,\"nonce\":8"),
        ("\"nonce\":7", "\"nonce\":9007199254740992"),
        ("\"nonce\":7", "\"nonce\":-1"),
        ("\"amount\":\"12.5\"", "\"amount\":12.5"),
        ("\"amount\":\"12.5\"", "\"amount\":\"12.5\",\"amount\":\"1\""),
    ] {
        let text = good.replace(from, to);
        assert_ne!(text, good);
        assert!(Payload::parse(&text).is_err(), "{text}");
    }
}
