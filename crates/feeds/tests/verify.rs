//! What is refused, by one fault each in updates that are otherwise right.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod common;

use cenote_feeds::pyth::{Emitter, VerifiedUpdate, verify};
use cenote_feeds::{FeedError, FeedId, GuardianSet, GuardianSets};
use common::at;
use common::forge::{self, Price, Vaa, address, guardians, payload, signed, tree, update};
use std::sync::LazyLock;

fn check(update: &[u8]) -> Result<VerifiedUpdate, FeedError> {
    static SETS: LazyLock<GuardianSets> = LazyLock::new(|| guardians(19));
    verify(update, &SETS, &Emitter::PYTHNET, at(5))
}

fn refused(update: &[u8], code: &str) {
    let error = check(update).expect_err(code);
    assert_eq!(error.code(), code, "{error}");
}

fn two() -> Vec<Vec<u8>> {
    vec![Price::PLAIN.message(), Price { feed: [1; 32], price: 5, ..Price::PLAIN }.message()]
}

#[test]
fn a_right_update_gives_its_prices() {
    let verified = check(&signed(&two())).unwrap();
    assert_eq!((verified.slot, verified.guardian_set, verified.others), (77, 0, 0));
    let [first, second] = verified.prices[..] else { panic!("{verified:?}") };
    assert_eq!((first.feed, first.price, first.exponent), (FeedId(forge::FEED), 6_000_000_000_000, -8));
    assert_eq!((first.publish_time, first.prev_publish_time), (1_000_000, 999_999));
    assert_eq!((second.feed, second.price), (FeedId([1; 32]), 5));
}

/// A minor version may add to the header, to messages, and kinds of messages.
#[test]
fn what_a_minor_version_adds_is_passed_over() {
    let mut longer = two();
    longer[0].extend([7; 9]);
    longer[1][0] = 1;
    let mut bytes = signed(&longer);
    bytes[5] = 9;
    bytes.splice(6..7, [3, 1, 2, 3]);
    let verified = check(&bytes).unwrap();
    assert_eq!((verified.prices.len(), verified.prices[0].price, verified.others), (1, 6_000_000_000_000, 1));
}

#[test]
fn envelopes() {
    let right = signed(&two());
    let with = |at: usize, byte: u8| {
        let mut bytes = right.clone();
        bytes[at] = byte;
        bytes
    };
    refused(&with(0, b'Q'), "update_magic");
    refused(&with(4, 2), "update_version");
    refused(&with(7, 1), "update_proof_kind");
    refused(&with(10, 2), "vaa_version");
    for cut in 0..right.len() {
        refused(&right[..cut], "truncated");
    }
}

#[test]
fn signatures() {
    let (messages, (root, proofs)) = (two(), tree(&two()));
    let with = |change: &dyn Fn(&mut Vaa)| {
        let mut vaa = Vaa::new(0..13, payload(root));
        change(&mut vaa);
        update(&vaa.bytes(), &messages, &proofs)
    };
    check(&with(&|_| ())).unwrap();
    check(&with(&|vaa| vaa.signers = (6..19).map(|i| (i, i)).collect())).unwrap();
    check(&with(&|vaa| vaa.signers = (0..19).map(|i| (i, i)).collect())).unwrap();
    refused(&with(&|vaa| vaa.signers.truncate(12)), "vaa_quorum");
    refused(&with(&|vaa| vaa.signers.clear()), "vaa_quorum");
    refused(&with(&|vaa| vaa.signers.swap(3, 4)), "vaa_signature_order");
    refused(&with(&|vaa| vaa.signers[1] = (0, 0)), "vaa_signature_order");
    refused(&with(&|vaa| vaa.signers[12] = (19, 19)), "vaa_guardian_index");
    refused(&with(&|vaa| vaa.signers[12] = (12, 13)), "vaa_signature");
    refused(&with(&|vaa| vaa.signers.push((13, 12))), "vaa_signature");
    refused(&with(&|vaa| vaa.set = 1), "guardian_set_unknown");
    refused(&with(&|vaa| vaa.emitter.chain = 1), "vaa_emitter");
    refused(&with(&|vaa| vaa.emitter.address[31] ^= 1), "vaa_emitter");
    refused(&with(&|vaa| vaa.payload[0] = b'B'), "update_payload");
    refused(&with(&|vaa| vaa.payload[4] = 1), "update_payload");
    refused(&with(&|vaa| vaa.payload.truncate(36)), "truncated");
    refused(&with(&|vaa| vaa.payload[20] ^= 1), "merkle_proof");
}

/// Recovery numbers 2 and 3 are for coordinates beyond the group's order; the chains refuse them.
#[test]
fn recovery_numbers() {
    let right = signed(&two());
    // Envelope 10, head of the VAA 6, guardian 1, r and s 64.
    let place = 10 + 6 + 1 + 64;
    for number in [2, 3, 4, 27, 28, 255, right[place] ^ 1] {
        let mut bytes = right.clone();
        bytes[place] = number;
        refused(&bytes, "vaa_signature");
    }
}

#[test]
fn proofs() {
    let messages = two();
    let (root, proofs) = tree(&messages);
    let vaa = Vaa::new(0..13, payload(root)).bytes();
    let swapped = vec![proofs[1].clone(), proofs[0].clone()];
    refused(&update(&vaa, &messages, &swapped), "merkle_proof");
    let short = vec![proofs[0].clone(), Vec::new()];
    refused(&update(&vaa, &messages, &short), "merkle_proof");
    let mut dearer = messages.clone();
    dearer[1][40] ^= 1;
    refused(&update(&vaa, &dearer, &proofs), "merkle_proof");
    // The root's own two children, offered as a message: a tree without prefixes would take it.
    let children = [proofs[1][0].min(proofs[0][0]), proofs[1][0].max(proofs[0][0])].concat();
    refused(&update(&vaa, &[children], &[Vec::new()]), "merkle_proof");
    refused(&signed(&[vec![0; 84]]), "truncated");
    refused(&signed(&[Vec::new()]), "truncated");
}

#[test]
fn sets_end() {
    let guardians = (0..19).map(address).collect();
    let set = GuardianSet { index: 0, guardians, expires_at: Some(at(1000)) };
    let sets = GuardianSets::new(vec![set]).unwrap();
    let update = signed(&two());
    assert!(verify(&update, &sets, &Emitter::PYTHNET, at(999)).is_ok());
    let error = verify(&update, &sets, &Emitter::PYTHNET, at(1000)).unwrap_err();
    assert_eq!(error, FeedError::GuardianSetExpired { index: 0, ago_ms: 0 });
}

#[test]
fn quorums() {
    let quorum = |count: u8| guardians(count).sets()[0].quorum();
    // Contracts that check these messages need floor(2n/3) + 1.
    assert_eq!([1, 2, 3, 4, 6, 7, 19].map(quorum), [1, 2, 3, 3, 5, 5, 13]);
}

/// `Core`, action 2, every chain, then the set.
fn upgrade(index: u32, guardians: &[[u8; 20]]) -> Vaa {
    let mut payload = vec![0; 28];
    payload.extend(b"Core\x02\0\0");
    payload.extend(index.to_be_bytes());
    payload.push(guardians.len() as u8);
    payload.extend(guardians.concat());
    let mut governance = [0; 32];
    governance[31] = 4;
    Vaa { emitter: Emitter { chain: 1, address: governance }, ..Vaa::new(0..13, payload) }
}

#[test]
fn one_set_appoints_the_next() {
    let mut sets = guardians(19);
    let next: Vec<[u8; 20]> = (20..39).map(address).collect();
    assert_eq!(sets.advance(&upgrade(1, &next).bytes(), at(100)), Ok(1));
    assert_eq!(sets.sets().len(), 2);
    assert_eq!(sets.sets()[0].expires_at, Some(at(100 + 86_400)));
    assert_eq!((&sets.sets()[1].guardians, sets.sets()[1].expires_at), (&next, None));
    // The set before still signs prices for a day, and appoints nobody.
    let update = signed(&two());
    assert!(verify(&update, &sets, &Emitter::PYTHNET, at(86_499)).is_ok());
    let late = verify(&update, &sets, &Emitter::PYTHNET, at(86_500)).unwrap_err();
    assert_eq!(late.code(), "guardian_set_expired");
    let again = sets.clone();
    for upgrade in [upgrade(1, &next), upgrade(2, &next)] {
        assert_eq!(sets.advance(&upgrade.bytes(), at(101)).unwrap_err().code(), "guardian_upgrade");
        assert_eq!(sets, again);
    }
    assert_eq!(GuardianSets::from_json(&sets.to_json()), Ok(sets));
}

#[test]
fn upgrades_that_are_none() {
    let next: Vec<[u8; 20]> = (20..39).map(address).collect();
    let right = upgrade(1, &next);
    let with = |change: &dyn Fn(&mut Vaa)| {
        let mut vaa = right.clone();
        change(&mut vaa);
        vaa.bytes()
    };
    let twice: Vec<[u8; 20]> = vec![next[0], next[0]];
    let cases: [(Vec<u8>, &str); 13] = [
        (with(&|vaa| vaa.emitter = Emitter::PYTHNET), "vaa_emitter"),
        (with(&|vaa| vaa.signers.truncate(12)), "vaa_quorum"),
        (with(&|vaa| vaa.signers[4].1 = 17), "vaa_signature"),
        (with(&|vaa| vaa.payload[31] ^= 1), "guardian_upgrade"),
        (with(&|vaa| vaa.payload[32] = 1), "guardian_upgrade"),
        (with(&|vaa| vaa.payload[34] = 1), "guardian_upgrade"),
        (with(&|vaa| vaa.payload.push(0)), "guardian_upgrade"),
        (with(&|vaa| vaa.payload.truncate(100)), "truncated"),
        (upgrade(0, &next).bytes(), "guardian_upgrade"),
        (upgrade(2, &next).bytes(), "guardian_upgrade"),
        (upgrade(1, &[]).bytes(), "guardian_upgrade"),
        (upgrade(1, &twice).bytes(), "guardian_upgrade"),
        (upgrade(1, &[[0; 20]]).bytes(), "guardian_upgrade"),
    ];
    for (index, (bytes, code)) in cases.into_iter().enumerate() {
        let mut sets = guardians(19);
        let error = sets.advance(&bytes, at(100)).expect_err(code);
        assert_eq!((error.code(), index), (code, index), "{error}");
        assert_eq!(sets, guardians(19));
    }
}

#[test]
fn files_of_sets() {
    let address = "0x58cc3ae5c097b213ce3c81979e1b9f9570746aa5";
    let one = |index: &str, guardians: &str| format!(r#"{{"index":{index},"guardians":[{guardians}]}}"#);
    let file = |sets: &[String]| format!(r#"{{"sets":[{}]}}"#, sets.join(","));
    let quoted = format!("\"{address}\"");
    let right = GuardianSets::from_json(&file(&[one("4", &quoted), one("3", &quoted)])).unwrap();
    assert_eq!(right.sets().iter().map(|set| set.index).collect::<Vec<_>>(), [3, 4]);
    let wrong = [
        String::new(),
        "{}".to_owned(),
        "[]".to_owned(),
        file(&[]),
        file(&[one("4", "")]),
        file(&[one("-1", &quoted)]),
        file(&[one("4294967296", &quoted)]),
        file(&[one("4", &quoted), one("4", &quoted)]),
        file(&[one("4", &format!("{quoted},{quoted}"))]),
        file(&[one("4", "\"0x58\"")]),
        file(&[one("4", "\"0x0000000000000000000000000000000000000000\"")]),
        file(&[one("4", "\"0xg8cc3ae5c097b213ce3c81979e1b9f9570746aa5\"")]),
        file(&[one("4", "\"é8cc3ae5c097b213ce3c81979e1b9f9570746aa5\"")]),
        file(&[one("4", &quoted)]).replace("}]", r#","expires_at_ms":99999999999999999}]"#),
        file(&[one("4", &quoted)]).replace("}]", r#","other":1}]"#),
    ];
    for text in wrong {
        let error = GuardianSets::from_json(&text).expect_err(&text);
        assert_eq!(error.code(), "guardian_sets", "{text}: {error}");
    }
    let absent = GuardianSets::read(std::path::Path::new("no-such-file.json")).unwrap_err();
    assert_eq!(absent.code(), "guardian_sets");
    assert!(absent.to_string().contains("no-such-file.json"), "{absent}");
}
