//! Against updates and upgrades of the real network, where they are at hand.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod common;

use cenote_feeds::pyth::{Emitter, PriceMessage, verify};
use cenote_feeds::{FeedId, GuardianSet, GuardianSets};
use cenote_units::{Millis, Timestamp};
use common::{Rng, at, bytes, data, json};
use serde_json::Value;
use std::time::Instant;

/// A moment at which every set that was ever appointed here still counts.
const NOW: u64 = 1_700_000_000;

/// Wormhole's first guardian.
const GENESIS: &str = "58cc3ae5c097b213ce3c81979e1b9f9570746aa5";

fn genesis() -> GuardianSets {
    let guardians = vec![bytes(GENESIS).try_into().unwrap()];
    GuardianSets::new(vec![GuardianSet { index: 0, guardians, expires_at: None }]).unwrap()
}

fn upgrades() -> Option<Vec<Vec<u8>>> {
    let list = json(data("oracle")?.join("wormhole_guardian_set_upgrade_vaas_mainnet.json"));
    Some(list.as_array().unwrap().iter().map(|text| bytes(text.as_str().unwrap())).collect())
}

/// All sets from the first to the last.
fn all_sets() -> Option<GuardianSets> {
    let mut sets = genesis();
    for (index, upgrade) in upgrades()?.iter().enumerate() {
        assert_eq!(sets.advance(upgrade, at(NOW)), Ok(index as u32 + 1));
    }
    Some(sets)
}

fn updates(file: &str) -> Option<Vec<Value>> {
    Some(json(data("oracle")?.join(file)).as_array().unwrap().clone())
}

fn update_bytes(entry: &Value) -> Vec<u8> {
    bytes(entry["hex"].as_str().unwrap())
}

#[test]
fn sets_appoint_each_other_from_the_first_to_the_built_in() {
    let Some(sets) = all_sets() else { return };
    assert_eq!(sets.sets().len(), 8);
    let last = &sets.sets()[7];
    assert_eq!(
        std::slice::from_ref(last),
        GuardianSets::built_in().sets(),
        "the built-in set is the last that was appointed"
    );
    assert_eq!((last.guardians.len(), last.quorum()), (19, 13));
    for (index, set) in sets.sets().iter().enumerate().take(7) {
        assert_eq!((set.index, set.expires_at), (index as u32, Some(at(NOW + 86_400))));
    }
}

#[test]
fn upgrades_out_of_order_or_changed_are_refused() {
    let Some(upgrades) = upgrades() else { return };
    for (first, upgrade) in upgrades.iter().enumerate().skip(1) {
        let error = genesis().advance(upgrade, at(NOW)).unwrap_err();
        assert_eq!(error.code(), "guardian_upgrade", "{first}: {error}");
    }
    let mut sets = genesis();
    let mut rng = Rng(1);
    for upgrade in &upgrades {
        let mut after = sets.clone();
        after.advance(upgrade, at(NOW)).unwrap();
        for place in 0..upgrade.len() {
            let mut changed = upgrade.clone();
            changed[place] ^= rng.byte().max(1);
            let mut other = sets.clone();
            assert!(other.advance(&changed, at(NOW)).is_err(), "byte {place} may be changed");
            assert_eq!(other, sets);
        }
        sets = after;
    }
}

#[test]
fn recovered_guardians_are_those_of_the_sets() {
    let Some(sets) = all_sets() else { return };
    let recovered = json(data("oracle").unwrap().join("wormhole_guardians_recovered.json"));
    let mut compared = 0;
    for (index, guardians) in recovered.as_object().unwrap() {
        let set = &sets.sets()[index.parse::<usize>().unwrap()];
        for (guardian, address) in guardians.as_object().unwrap() {
            let address = bytes(address.as_str().unwrap().trim_start_matches("0x"));
            assert_eq!(set.guardians[guardian.parse::<usize>().unwrap()].as_slice(), address);
            compared += 1;
        }
    }
    assert_eq!(compared, 36);
}

fn compare(price: &PriceMessage, stated: &Value) {
    let number = |field: &str| stated[field].as_i64().unwrap_or_else(|| panic!("{field} of {stated}"));
    assert_eq!(price.feed.to_string(), stated["feed_id"].as_str().unwrap());
    assert_eq!(price.price, number("price"));
    assert_eq!(price.confidence, stated["conf"].as_u64().unwrap());
    assert_eq!(i64::from(price.exponent), number("expo"));
    assert_eq!(price.publish_time, number("publish_time"));
    assert_eq!(price.prev_publish_time, number("prev_publish_time"));
    assert_eq!(price.ema_price, number("ema_price"));
    assert_eq!(price.ema_confidence, stated["ema_conf"].as_u64().unwrap());
    // In whole numbers of 1e-12, without a float between.
    let scale = 10u128.pow(u32::try_from(12 + price.exponent).unwrap());
    assert_eq!(price.price().unwrap().get(), u128::try_from(price.price).unwrap() * scale);
    assert_eq!(price.confidence().unwrap().get(), u128::from(price.confidence) * scale);
    assert_eq!(
        price.published_at().unwrap(),
        Timestamp::from_millis(number("publish_time") as u64 * 1000).unwrap()
    );
}

#[test]
fn every_genuine_update_verifies() {
    let (Some(sets), Some(updates)) = (all_sets(), updates("pyth_accumulator_updates_mainnet.json")) else {
        return;
    };
    let (mut prices, mut others) = (0, 0);
    let (begun, rounds) = (Instant::now(), 20);
    for bytes in updates.iter().map(update_bytes).cycle().take(updates.len() * rounds) {
        assert!(verify(&bytes, &sets, &Emitter::PYTHNET, at(NOW)).is_ok());
    }
    println!("{:?} an update", begun.elapsed() / (updates.len() * rounds) as u32);
    for entry in &updates {
        let verified = verify(&update_bytes(entry), &sets, &Emitter::PYTHNET, at(NOW)).unwrap();
        assert_eq!(verified.slot, entry["slot"].as_u64().unwrap());
        assert_eq!(u64::from(verified.guardian_set), entry["guardian_set"].as_u64().unwrap());
        let stated = entry["updates"].as_array().unwrap();
        let of_prices: Vec<&Value> = stated.iter().filter(|message| message["type"] == 0).collect();
        assert_eq!(verified.prices.len(), of_prices.len());
        for (price, stated) in verified.prices.iter().zip(of_prices) {
            compare(price, stated);
        }
        assert_eq!(verified.prices.len() + verified.others, stated.len());
        prices += verified.prices.len();
        others += verified.others;
    }
    assert_eq!((updates.len(), prices, others), (27, 67, 3));
    // Today's guardians alone prove none of them: those sets have ended.
    for entry in &updates {
        let error =
            verify(&update_bytes(entry), &GuardianSets::built_in(), &Emitter::PYTHNET, at(NOW)).unwrap_err();
        assert_eq!(error.code(), "guardian_set_unknown");
    }
    let day_later = at(NOW).after(Millis::days(1));
    let error = verify(&update_bytes(&updates[0]), &sets, &Emitter::PYTHNET, day_later).unwrap_err();
    assert_eq!(error.code(), "guardian_set_expired");
}

/// The set that signed the synthetic updates: one guardian, whose key is 1, and another emitter.
fn test_network() -> (GuardianSets, Emitter) {
    let guardians = vec![bytes("7e5f4552091a69125d5dfcb7b8c2659029395bdf").try_into().unwrap()];
    let sets = GuardianSets::new(vec![GuardianSet { index: 0, guardians, expires_at: None }]).unwrap();
    let address = bytes("71f8dcb863d176e2c420ad6610cf687359612b6fb392e0642b0ca6b1f186aa3b");
    (sets, Emitter { chain: 1, address: address.try_into().unwrap() })
}

#[test]
fn synthetic_and_corrupted_updates_are_refused() {
    let (Some(sets), Some(updates)) = (all_sets(), updates("pyth_accumulator_updates_other.json")) else {
        return;
    };
    let (test_sets, test_emitter) = test_network();
    // On the real network; on the network that they were made for, where some are right.
    let expected = [
        ("vaa_emitter", ""),
        ("vaa_emitter", ""),
        ("vaa_emitter", ""),
        ("vaa_emitter", "merkle_proof"),
        ("vaa_emitter", "merkle_proof"),
        ("update_version", "update_version"),
        ("vaa_emitter", ""),
        ("vaa_emitter", ""),
        ("vaa_signature", "vaa_emitter"),
        ("merkle_proof", "vaa_emitter"),
    ];
    let code = |entry: &Value, sets, emitter| {
        verify(&update_bytes(entry), sets, emitter, at(NOW)).map_or_else(|error| error.code(), |_| "")
    };
    let found: Vec<(&str, &str)> = updates
        .iter()
        .map(|entry| (code(entry, &sets, &Emitter::PYTHNET), code(entry, &test_sets, &test_emitter)))
        .collect();
    assert_eq!(found, expected);
}

/// Everything that the genuine updates prove.
fn proved(updates: &[Vec<u8>], sets: &GuardianSets) -> Vec<PriceMessage> {
    let of = |update: &Vec<u8>| verify(update, sets, &Emitter::PYTHNET, at(NOW)).unwrap().prices;
    updates.iter().flat_map(of).collect()
}

#[test]
fn no_changed_byte_gives_another_price() {
    let (Some(sets), Some(entries)) = (all_sets(), updates("pyth_accumulator_updates_mainnet.json")) else {
        return;
    };
    let mut rng = Rng(2);
    let (mut refused, mut same) = (0, 0);
    for update in entries.iter().map(update_bytes) {
        let right = verify(&update, &sets, &Emitter::PYTHNET, at(NOW)).unwrap();
        for place in 0..update.len() {
            let mut changed = update.clone();
            changed[place] ^= rng.byte().max(1);
            match verify(&changed, &sets, &Emitter::PYTHNET, at(NOW)) {
                // The number of messages is not signed: fewer of them are each still proved.
                Ok(verified) => {
                    assert!(right.prices.starts_with(&verified.prices), "byte {place}");
                    same += 1;
                }
                Err(_) => refused += 1,
            }
        }
    }
    println!("{refused} changed bytes refused, {same} without effect on the prices");
    // The minor version, bytes after the last message, the number of messages where it falls; never more.
    assert!(same <= 27 + 3 + 27, "{same}");
}

#[test]
fn twenty_thousand_mutations_prove_nothing_new() {
    let (Some(sets), Some(entries)) = (all_sets(), updates("pyth_accumulator_updates_mainnet.json")) else {
        return;
    };
    let updates: Vec<Vec<u8>> = entries.iter().map(update_bytes).collect();
    let proved = proved(&updates, &sets);
    let mut rng = Rng(3);
    let mut accepted = 0;
    for _ in 0..20_000 {
        let mut bytes = updates[rng.below(updates.len())].clone();
        for _ in 0..=rng.below(3) {
            mutate(&mut bytes, &updates, &mut rng);
        }
        if let Ok(verified) = verify(&bytes, &sets, &Emitter::PYTHNET, at(NOW)) {
            assert!(verified.prices.iter().all(|price| proved.contains(price)));
            accepted += 1;
        }
        // Whatever the bytes are, upgrades are read without a panic too.
        let _ = sets.clone().advance(&bytes, at(NOW));
    }
    println!("{accepted} of 20,000 mutated updates still prove something, and nothing new");
}

fn mutate(bytes: &mut Vec<u8>, updates: &[Vec<u8>], rng: &mut Rng) {
    let (at, length) = (rng.below(bytes.len().max(1)), bytes.len());
    let end = (at + rng.below(40)).min(length);
    match rng.below(7) {
        0 if length > 0 => bytes[at] ^= 1 << rng.below(8),
        1 if length > 0 => bytes[at] = rng.byte(),
        2 => bytes.truncate(at),
        3 => drop(bytes.drain(at.min(end)..end)),
        4 => {
            let part: Vec<u8> = bytes[at.min(end)..end].to_vec();
            bytes.splice(at.min(length)..at.min(length), part);
        }
        5 => {
            // The head of one and the tail of another.
            let other = &updates[rng.below(updates.len())];
            bytes.truncate(at);
            bytes.extend(&other[at.min(other.len())..]);
        }
        _ => {
            let extreme = [0, 1, 0x7f, 0x80, 0xff][rng.below(5)];
            bytes[at.min(end)..end].fill(extreme);
        }
    }
}

#[test]
fn feeds_of_the_data_are_named_as_published() {
    let Some(entries) = updates("pyth_accumulator_updates_mainnet.json") else { return };
    let named = |name: &str| {
        let messages = entries.iter().flat_map(|entry| entry["updates"].as_array().unwrap());
        let of_name = messages.filter(move |message| message["name"] == name);
        of_name.map(|message| message["feed_id"].as_str().unwrap().parse::<FeedId>().unwrap()).next().unwrap()
    };
    assert_eq!(named("BTC/USD"), FeedId::BTC_USD);
    assert_eq!(named("ETH/USD"), FeedId::ETH_USD);
}
