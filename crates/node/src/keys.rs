//! API keys that the node holds for clients of the Deribit-compatible API: session keys by another name.
//!
//! Whoever reads this file can act within the scope of every session in it. It is written for its owner alone; SECURITY.md says what that means.

use cenote_api::{Address, ApiError, keys};
use secp256k1::SecretKey;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

/// The file, in the node's directory.
const FILE: &str = "api-keys.json";
/// Most keys.
const KEYS_MAX: usize = 10_000;

/// An API key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// What requests are authenticated with.
    pub secret: String,
    /// The account that it acts for.
    pub account: Address,
}

impl ApiKey {
    /// The session key that signs for it.
    #[must_use]
    pub fn session(&self) -> SecretKey {
        keys::session_key(&self.secret)
    }
}

/// All keys, on disk.
#[derive(Debug)]
pub struct KeyStore {
    path: Option<PathBuf>,
    keys: RwLock<BTreeMap<String, ApiKey>>,
}

impl KeyStore {
    /// The keys of a node's directory.
    ///
    /// # Errors
    /// A file that cannot be read: better to stop than to refuse everybody.
    pub fn open(dir: &Path) -> Result<Self, String> {
        let path = dir.join(FILE);
        let keys = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|e| format!("{} cannot be read: {e}", path.display()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(format!("{} cannot be read: {error}", path.display())),
        };
        Ok(Self { path: Some(path), keys: RwLock::new(keys) })
    }

    /// Keys in memory alone.
    #[must_use]
    pub fn in_memory() -> Self {
        Self { path: None, keys: RwLock::new(BTreeMap::new()) }
    }

    /// A key by its id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<ApiKey> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// Whether a key may be added.
    ///
    /// # Errors
    /// An id or secret that is too short, too long, or taken.
    pub fn check(&self, id: &str, secret: &str) -> Result<(), ApiError> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if !(8..=64).contains(&id.len()) || !id.bytes().all(plain) {
            return Err(ApiError::invalid("id", "8 to 64 letters, digits, - or _"));
        }
        if !(32..=128).contains(&secret.len()) || !secret.is_ascii() {
            return Err(ApiError::invalid("secret", "32 to 128 ASCII characters"));
        }
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        if keys.contains_key(id) {
            return Err(ApiError::invalid("id", "one that is not taken"));
        }
        if keys.len() >= KEYS_MAX {
            return Err(ApiError::new(
                "busy",
                "this node holds as many API keys as it can; use a session key of your own",
            ));
        }
        Ok(())
    }

    /// Adds a key; on disk before this returns.
    ///
    /// # Errors
    /// As of [`KeyStore::check`], or a disk that refuses.
    pub fn add(&self, id: &str, secret: &str, account: Address) -> Result<(), ApiError> {
        self.check(id, secret)?;
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        keys.insert(id.to_owned(), ApiKey { secret: secret.to_owned(), account });
        self.write(&keys).map_err(|e| ApiError::new("busy", format!("the key cannot be stored: {e}")))
    }

    /// Adds the published keys of dev mode, in memory.
    pub fn add_dev(&self) {
        let mut all = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        for name in keys::DEV_NAMES {
            let account = keys::address_of(&keys::dev_key(name));
            all.insert(name.to_owned(), ApiKey { secret: keys::dev_api_secret(name), account });
        }
    }

    fn write(&self, keys: &BTreeMap<String, ApiKey>) -> std::io::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let beside = path.with_extension("new");
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let mut file = options.open(&beside)?;
        let kept: BTreeMap<_, _> =
            keys.iter().filter(|(id, key)| keys::dev_api_secret(id) != key.secret).collect();
        file.write_all(&serde_json::to_vec_pretty(&kept)?)?;
        file.sync_all()?;
        std::fs::rename(beside, path)
    }
}
