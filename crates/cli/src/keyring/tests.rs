use super::{KeyFile, Keyring, check_name, parse_key, random, too_open};
use crate::exit::Failure;
use cenote_api::keys::{address_of, dev_key};
use std::path::PathBuf;

/// A keyring of its own for each test, gone with it.
struct Home(PathBuf);

impl Home {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("cenote-keyring-{}-{name}", std::process::id())))
    }

    fn keyring(&self) -> Keyring {
        Keyring { home: self.0.clone() }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn said(failure: Failure) -> String {
    match failure {
        Failure::Input(text) | Failure::Usage(text) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_key_is_written_once_and_found_by_name_file_and_address() {
    let home = Home::new("find");
    let ring = home.keyring();
    let key = parse_key(&"17".repeat(32)).unwrap();
    let path = ring.write("main", &KeyFile::new(&key, None)).unwrap();
    assert_eq!(ring.names(), ["main"]);
    for who in ["main", path.to_str().unwrap()] {
        let actor = ring.find(who).unwrap();
        assert_eq!((actor.account, actor.signer), (address_of(&key), address_of(&key)), "{who}");
        assert!(actor.key().is_ok() && !actor.of_dev_mode);
    }
    let watched = ring.find(&address_of(&key).to_string()).unwrap();
    assert_eq!(watched.account, address_of(&key));
    assert!(said(watched.key().unwrap_err()).contains("cenote keys import"));
    assert!(said(ring.write("main", &KeyFile::new(&key, None)).unwrap_err()).contains("already"));
}

#[test]
fn a_session_key_acts_for_the_account_that_granted_it() {
    let home = Home::new("session");
    let ring = home.keyring();
    let (owner, key) = (address_of(&dev_key("alice")), parse_key(&"18".repeat(32)).unwrap());
    ring.write("bot", &KeyFile::new(&key, Some(owner))).unwrap();
    let actor = ring.find("bot").unwrap();
    assert_eq!((actor.account, actor.signer), (owner, address_of(&key)));
}

#[test]
fn accounts_of_dev_mode_are_marked_as_such_and_their_names_are_taken() {
    let home = Home::new("dev");
    let actor = home.keyring().find("alice").unwrap();
    assert!(actor.of_dev_mode && actor.account == address_of(&dev_key("alice")));
    assert!(check_name("alice").is_err());
    for name in ["", "a b", "../x", "a/b", "a.json", &"x".repeat(65)] {
        assert!(check_name(name).is_err(), "{name}");
    }
    assert!(said(home.keyring().find("nobody").err().unwrap()).contains("cenote keys new NAME"));
}

#[cfg(unix)]
#[test]
fn files_are_for_their_owner_alone_and_wider_ones_are_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new("modes");
    let ring = home.keyring();
    let path = ring.write("main", &KeyFile::new(&parse_key(&"19".repeat(32)).unwrap(), None)).unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    assert_eq!(too_open(&path), None);
    for wide in [0o644, 0o640, 0o601] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(wide)).unwrap();
        let why = said(ring.find("main").err().unwrap());
        assert!(why.contains(&format!("mode {wide:o}")) && why.contains("chmod 600"), "{why}");
    }
}

#[test]
fn damaged_files_and_keys_are_refused_without_repeating_them() {
    let home = Home::new("damaged");
    let ring = home.keyring();
    let (one, other) = (parse_key(&"20".repeat(32)).unwrap(), parse_key(&"21".repeat(32)).unwrap());
    let mixed = KeyFile { address: address_of(&other), ..KeyFile::new(&one, None) };
    ring.write("mixed", &mixed).unwrap();
    assert!(said(ring.find("mixed").err().unwrap()).contains("its key is that of"));
    for text in ["", "17", "zz", &"0".repeat(64), &"f".repeat(64), &"17".repeat(33)] {
        let why = parse_key(text).unwrap_err();
        assert!(text.is_empty() || !why.contains(text), "{why}");
    }
    assert_eq!(parse_key(&format!(" 0x{}\n", "17".repeat(32))), parse_key(&"17".repeat(32)));
    assert_ne!(random::<32>().unwrap(), random::<32>().unwrap());
}
