//! Keys on disk, one file each, and names for accounts.

use crate::exit::Failure;
use crate::output;
use cenote_api::envelope::{hex, unhex};
use cenote_api::{Address, keys};
use secp256k1::SecretKey;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Somebody who acts or is looked at.
pub struct Actor {
    /// What the command line calls them.
    pub name: String,
    /// The account that is acted for.
    pub account: Address,
    /// Who signs: the account itself, or a session key of it.
    pub signer: Address,
    /// One of the accounts of dev mode.
    pub of_dev_mode: bool,
    key: Option<SecretKey>,
}

impl Actor {
    /// The key that signs; an address alone has none.
    pub fn key(&self) -> Result<&SecretKey, Failure> {
        self.key.as_ref().ok_or_else(|| {
            Failure::Input(format!(
                "{} is an address, and signing needs its key: import it with `cenote keys import NAME`",
                self.name
            ))
        })
    }
}

/// A key file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    /// The key's own address.
    pub address: Address,
    /// The account that it acts for, when it is a session key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Address>,
    /// The private key, hex.
    private_key: String,
}

impl KeyFile {
    /// The file of a key; of a session key, with the account that it acts for.
    pub fn new(key: &SecretKey, account: Option<Address>) -> Self {
        Self { address: keys::address_of(key), account, private_key: hex(&key.to_secret_bytes()) }
    }

    /// The private key, hex.
    pub fn secret(&self) -> &str {
        &self.private_key
    }

    /// The key; refused when it is not that of the address beside it.
    pub fn key(&self) -> Result<SecretKey, String> {
        let key = parse_key(&self.private_key)?;
        let address = keys::address_of(&key);
        if address != self.address {
            return Err(format!("its key is that of {address}, not of {}", self.address));
        }
        Ok(key)
    }
}

/// Reads a private key.
///
/// # Errors
/// What was expected. The text itself is not repeated: it may be most of a key.
pub fn parse_key(text: &str) -> Result<SecretKey, String> {
    let text = text.trim();
    let bytes: Option<[u8; 32]> = unhex(text.strip_prefix("0x").unwrap_or(text));
    let bytes = bytes.ok_or("a private key is 64 hex digits")?;
    SecretKey::from_secret_bytes(bytes).map_err(|_| "the number is not a private key of secp256k1".to_owned())
}

/// A key that nobody has had before.
pub fn fresh_key() -> Result<SecretKey, Failure> {
    loop {
        if let Ok(key) = SecretKey::from_secret_bytes(random::<32>()?) {
            return Ok(key);
        }
    }
}

/// Bytes that nobody can guess.
pub fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::Failed(format!("the system gives no randomness: {error}")))?;
    Ok(bytes)
}

/// The keys of a home directory.
pub struct Keyring {
    home: PathBuf,
}

impl Keyring {
    /// That of `CENOTE_HOME`, or `~/.local/share/cenote`; it need not be there yet.
    pub fn open() -> Result<Self, Failure> {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = set("CENOTE_HOME").or_else(|| set("HOME").map(|home| home.join(".local/share/cenote")));
        let home = home.or_else(|| set("LOCALAPPDATA").map(|data| data.join("cenote")));
        let said = "where are keys kept? Set CENOTE_HOME to a directory of yours";
        Ok(Self { home: home.ok_or_else(|| Failure::Usage(said.to_owned()))? })
    }

    /// The home directory.
    pub fn home(&self) -> &Path {
        &self.home
    }

    fn directory(&self) -> PathBuf {
        self.home.join("keys")
    }

    /// Where a key of this name is or would be.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory().join(format!("{name}.json"))
    }

    /// Names of all keys, sorted.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.directory()).into_iter().flatten().flatten();
        let name = |entry: fs::DirEntry| {
            let path = entry.path();
            let kept = path.extension().is_some_and(|kind| kind == "json");
            kept.then(|| path.file_stem()?.to_str().map(str::to_owned))?
        };
        let mut names: Vec<String> = entries.filter_map(name).filter(|name| plain(name)).collect();
        names.sort();
        names
    }

    /// Reads a key by its name.
    pub fn read(&self, name: &str) -> Result<KeyFile, Failure> {
        read_file(&self.path(name))
    }

    /// Writes a new key for its owner alone; one that is there is never replaced.
    pub fn write(&self, name: &str, file: &KeyFile) -> Result<PathBuf, Failure> {
        check_name(name)?;
        self.make_private_directory()?;
        let path = self.path(name);
        if path.exists() {
            return Err(Failure::Input(format!(
                "there is a key {name} already, at {}; choose another name",
                path.display()
            )));
        }
        let text = serde_json::to_string_pretty(file).unwrap_or_default() + "\n";
        output::secret(&path, text.as_bytes())?;
        Ok(path)
    }

    fn make_private_directory(&self) -> Result<(), Failure> {
        let directory = self.directory();
        output::directory(&directory)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::Permissions::from_mode(0o700);
            fs::set_permissions(&directory, mode).map_err(|error| {
                Failure::Input(format!("cannot close {} to others: {error}", directory.display()))
            })?;
        }
        Ok(())
    }

    /// Somebody by address, key file, name of a key, or name of an account of dev mode.
    pub fn find(&self, who: &str) -> Result<Actor, Failure> {
        let plain_actor = |account, key, of_dev_mode| Actor {
            name: who.to_owned(),
            account,
            signer: account,
            of_dev_mode,
            key,
        };
        if let Ok(address) = who.parse::<Address>() {
            return Ok(plain_actor(address, None, false));
        }
        if plain(who) && self.path(who).exists() {
            return of_file(who, &self.read(who)?, &self.path(who));
        }
        if keys::DEV_NAMES.contains(&who) {
            let key = keys::dev_key(who);
            return Ok(plain_actor(keys::address_of(&key), Some(key), true));
        }
        let path = Path::new(who);
        if path.is_file() {
            return of_file(who, &read_file(path)?, path);
        }
        let names = self.names();
        let known = if names.is_empty() {
            "there is none yet".to_owned()
        } else {
            format!("there are {}", names.join(", "))
        };
        Err(Failure::Input(format!(
            "there is no key or key file `{who}`; {known}; make one with `cenote keys new NAME`, or use an account of \
             dev mode: {}",
            keys::DEV_NAMES.join(", ")
        )))
    }

    /// Names by address: accounts of dev mode where there are any, then keys, which may rename them.
    pub fn book(&self, dev: bool) -> Book {
        let mut names = BTreeMap::new();
        if dev {
            names.extend(
                keys::DEV_NAMES
                    .iter()
                    .map(|name| (keys::address_of(&keys::dev_key(name)), (*name).to_owned())),
            );
        }
        names
            .extend(self.names().into_iter().filter_map(|name| Some((self.read(&name).ok()?.address, name))));
        Book(names)
    }
}

/// Names by address.
#[derive(Default)]
pub struct Book(BTreeMap<Address, String>);

impl Book {
    /// A name, or the two ends of the address.
    pub fn name(&self, address: &Address) -> String {
        self.0.get(address).cloned().unwrap_or_else(|| {
            let text = address.to_string();
            format!("{}..{}", &text[..12], &text[text.len() - 4..])
        })
    }
}

fn of_file(name: &str, file: &KeyFile, path: &Path) -> Result<Actor, Failure> {
    let key = file.key().map_err(|why| Failure::Input(format!("{}: {why}", path.display())))?;
    let account = file.account.unwrap_or(file.address);
    Ok(Actor { name: name.to_owned(), account, signer: file.address, of_dev_mode: false, key: Some(key) })
}

/// Letters, digits, `-` and `_`, so that a name is a file's name everywhere.
fn plain(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=64).contains(&name.len()) && name.bytes().all(allowed)
}

/// Whether a new key may have this name.
pub fn check_name(name: &str) -> Result<(), Failure> {
    if !plain(name) {
        return Err(Failure::Usage(format!(
            "`{name}` cannot name a key; use 1 to 64 letters, digits, - and _"
        )));
    }
    if keys::DEV_NAMES.contains(&name) {
        return Err(Failure::Usage(format!("{name} is an account of dev mode; choose another name")));
    }
    Ok(())
}

/// Reads a key file that nobody but its owner can read.
pub fn read_file(path: &Path) -> Result<KeyFile, Failure> {
    let shown = path.display();
    let text =
        fs::read_to_string(path).map_err(|error| Failure::Input(format!("cannot read {shown}: {error}")))?;
    if let Some(why) = too_open(path) {
        return Err(Failure::Input(why));
    }
    let parsed = serde_json::from_str(&text);
    parsed
        .map_err(|error| Failure::Input(format!("{shown} is not a key file: {error}; import the key again")))
}

/// Why a file or directory is not for its owner alone, and what to do.
pub fn too_open(path: &Path) -> Option<String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = fs::metadata(path).ok()?;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let shown = path.display();
            let wanted = if metadata.is_dir() { 700 } else { 600 };
            return Some(format!(
                "{shown} is open to others (mode {mode:o}); close it with `chmod {wanted} {shown}`"
            ));
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    None
}

#[cfg(test)]
mod tests;
