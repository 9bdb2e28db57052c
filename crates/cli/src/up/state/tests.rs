use super::{FORMAT, LABEL, Label, dir_of, is_of_journal, pack, unpack};
use flate2::{Compression, write::GzEncoder};
use std::fs;
use std::path::Path;

fn label() -> Label {
    let (version, venue_id) = ("0.1.0".to_owned(), "cenote-0011".to_owned());
    Label { format: FORMAT, version, venue_id, last_seq: 7, digest: "ab".to_owned() }
}

fn archive(path: &Path, entries: &[(&str, &[u8])]) {
    let mut archive = tar::Builder::new(GzEncoder::new(fs::File::create(path).unwrap(), Compression::fast()));
    for (name, bytes) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        // As an attacker would: the library refuses to write some names.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        archive.append(&header, *bytes).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap();
}

#[test]
fn what_is_packed_comes_back() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("market.cenote");
    let dir = dir_of(&file);
    assert!(unpack(&file, &dir).unwrap().is_none(), "a new venue");
    fs::create_dir_all(dir.join("journal")).unwrap();
    let segment = dir.join("journal/segment-00000000000000000001.log");
    fs::write(&segment, vec![5; 70_000]).unwrap();
    fs::write(dir.join("journal/lock"), "1").unwrap();
    fs::write(dir.join("api-keys.json"), "secrets stay").unwrap();
    fs::write(dir.join("history.redb"), "the past").unwrap();
    pack(&file, &dir, &label()).unwrap();
    assert!(!dir.exists() && file.exists());
    assert_eq!(unpack(&file, &dir).unwrap(), Some(label()));
    assert_eq!(fs::read(&segment).unwrap(), vec![5; 70_000]);
    assert_eq!(fs::read(dir.join("history.redb")).unwrap(), b"the past");
    let count = |of: &Path| fs::read_dir(of).unwrap().count();
    assert_eq!((count(&dir.join("journal")), count(&dir)), (1, 2), "no lock, no keys");
    assert!(unpack(&file, &dir).unwrap().is_none(), "a directory that is there is newer");
}

#[test]
fn files_that_are_no_venue_are_refused_whole() {
    let home = tempfile::tempdir().unwrap();
    let good = serde_json::to_vec(&label()).unwrap();
    let newer =
        serde_json::to_vec(&Label { format: FORMAT + 1, version: "9.9.9".to_owned(), ..label() }).unwrap();
    let segment = "segment-00000000000000000001.log";
    // name, entries, a word of the refusal
    type Entries<'a> = &'a [(&'a str, &'a [u8])];
    let cases: &[(&str, Entries<'_>, &str)] = &[
        ("no label", &[(segment, b"x")], "no venue"),
        ("another label", &[(LABEL, b"{}")], "no venue"),
        ("newer", &[(LABEL, &newer)], "version 9.9.9"),
        ("empty", &[], "empty"),
        ("above", &[(LABEL, &good), ("../escaped", b"x")], "no part"),
        ("absolute", &[(LABEL, &good), ("/escaped", b"x")], "no part"),
        ("stranger", &[(LABEL, &good), (segment, b"x"), ("api-keys.json", b"x")], "no part"),
        ("twice", &[(LABEL, &good), (segment, b"x"), (segment, b"y")], "cannot be read"),
    ];
    for (name, entries, word) in cases {
        let file = home.path().join(name);
        archive(&file, entries);
        let error = format!("{:?}", unpack(&file, &dir_of(&file)).unwrap_err());
        assert!(error.contains(word), "{name}: {error}");
        assert!(!dir_of(&file).exists(), "{name}");
    }
    assert!(!home.path().join("escaped").exists() && !Path::new("/escaped").exists());
    let torn = home.path().join("torn");
    archive(&torn, &[(LABEL, &good), (segment, &[7; 9_000])]);
    let bytes = fs::read(&torn).unwrap();
    fs::write(&torn, &bytes[..bytes.len() - 20]).unwrap();
    assert!(unpack(&torn, &dir_of(&torn)).is_err() && !dir_of(&torn).exists());
}

#[test]
fn names_are_the_journals() {
    assert!(
        is_of_journal("segment-00000000000000000001.log")
            && is_of_journal("snapshot-00000000000000000154.bin")
    );
    for other in [
        "lock",
        "segment-1.log",
        "segment-0000000000000000000x.log",
        "a/segment-00000000000000000001.log",
        "",
    ] {
        assert!(!is_of_journal(other), "{other}");
    }
}
