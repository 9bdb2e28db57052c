//! Keys: the published ones of dev mode, and API keys, which are session keys that the node holds.

use crate::Address;
use crate::envelope::hex;
use secp256k1::{PublicKey, SecretKey};
use sha2::{Digest as _, Sha256};

/// The phrase that every key of dev mode comes from. Everybody knows it: what it opens is worth nothing.
pub const DEV_PHRASE: &str = "still water runs deep in the cenote";

/// The named accounts of dev mode: traders, liquidity providers, and the holders of powers.
pub const DEV_NAMES: [&str; 9] = ["alice", "bob", "carol", "dave", "lp1", "lp2", "keeper", "oracle", "admin"];

/// The key that a text stands for: its SHA-256, hashed on while it is not a valid key (which nobody will see happen).
fn key_of(text: &str) -> SecretKey {
    let mut bytes: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    loop {
        match SecretKey::from_secret_bytes(bytes) {
            Ok(key) => return key,
            Err(_) => bytes = Sha256::digest(bytes).into(),
        }
    }
}

/// The private key of a named account of dev mode.
#[must_use]
pub fn dev_key(name: &str) -> SecretKey {
    key_of(&format!("{DEV_PHRASE}/{name}"))
}

/// The API secret of a named account of dev mode; its API id is its name.
#[must_use]
pub fn dev_api_secret(name: &str) -> String {
    hex(&Sha256::digest(format!("{DEV_PHRASE}/api/{name}").as_bytes()))
}

/// The session key that an API secret stands for: who knows the secret can sign as it.
#[must_use]
pub fn session_key(api_secret: &str) -> SecretKey {
    key_of(&format!("cenote api secret/{api_secret}"))
}

/// The address of a private key.
#[must_use]
pub fn address_of(key: &SecretKey) -> Address {
    Address::of_key(&PublicKey::from_secret_key(key).serialize())
}
