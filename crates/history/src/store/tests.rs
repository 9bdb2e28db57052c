use super::{Kind, Rows, Snapshot, after, key, last_number, name_part};
use cenote_sim::rng::Rng;
use redb::{Database, ReadableDatabase as _};
use std::collections::BTreeMap;
use std::ops::Bound;

fn database() -> Database {
    Database::builder().create_with_backend(redb::backends::InMemoryBackend::new()).expect("memory")
}

type All = BTreeMap<Vec<u8>, Vec<u8>>;

fn all(database: &Database, kind: Kind) -> All {
    let snapshot = Snapshot::new(database.begin_read().expect("a snapshot"));
    let rows = snapshot.before(kind, &[], None).expect("rows");
    rows.map(|row| row.map(|(k, v)| (k.value().to_vec(), v.value().to_vec())).expect("a row")).collect()
}

/// Random changes, remembered step by step over several transactions: going back to any step gives what was there then.
#[test]
fn going_back_gives_the_rows_of_then() {
    let mut rng = Rng::new(12, 1);
    for round in 0..60 {
        let database = database();
        let mut then: Vec<(u64, All)> = vec![(0, All::new())];
        let (mut seq, mut current) = (0u64, All::new());
        while seq < 60 {
            let write = database.begin_write().expect("a transaction");
            let mut rows = Rows::open(&write).expect("tables");
            for _ in 0..1 + rng.below(8) {
                seq += 1;
                rows.remember();
                if rng.chance(0.1) {
                    let (to, rows_then) = then[rng.below(then.len())].clone();
                    rows.go_back(to).expect("a way back");
                    current = rows_then;
                    then.retain(|(known, _)| *known <= to);
                }
                for _ in 0..rng.below(6) {
                    let key = vec![rng.below(12) as u8];
                    if rng.chance(0.3) {
                        rows.remove(Kind::Orders, key.clone()).expect("a change");
                        current.remove(&key);
                    } else {
                        let value = vec![rng.bits() as u8];
                        rows.put(Kind::Orders, key.clone(), value.clone()).expect("a change");
                        current.insert(key, value);
                    }
                    rows.put(Kind::Steps, seq.to_be_bytes().to_vec(), vec![1]).expect("a change");
                }
                for (key, value) in rows.beginning(Kind::Orders, &[]).expect("rows") {
                    assert_eq!(current.get(&key), Some(&value), "round {round}, step {seq}");
                }
                rows.write_down(seq).expect("what was remembered");
                then.push((seq, current.clone()));
            }
            rows.finish().expect("written");
            write.commit().expect("a commit");
            assert_eq!(all(&database, Kind::Orders), current, "round {round}, step {seq}");
        }
        assert!(all(&database, Kind::Steps).len() > 30, "what was said is gone");
    }
}

#[test]
fn keys_that_begin_so_end_before_the_next() {
    for (prefix, expected) in [
        (&[1, 2][..], Bound::Excluded(vec![1, 3])),
        (&[1, 255], Bound::Excluded(vec![2])),
        (&[255, 255], Bound::Unbounded),
        (&[], Bound::Unbounded),
    ] {
        assert_eq!(after(prefix), expected, "{prefix:?}");
    }
}

#[test]
fn no_name_is_the_beginning_of_another() {
    let long = "x".repeat(256);
    let names = ["", "A", "AB", "A\0", "\0", "ABC", long.as_str()];
    for one in names {
        for other in names.iter().filter(|other| **other != one) {
            let number = 7u64.to_be_bytes();
            let (one, other) = (name_part(one), key(&[&name_part(other), &number]));
            assert!(!other.starts_with(&one) || one[0] == 0, "{one:?} {other:?}");
        }
    }
    assert!(last_number(&[1, 2, 3]).is_err());
}

#[test]
fn every_kind_has_a_table_of_its_own() {
    use redb::TableHandle as _;
    let names: std::collections::BTreeSet<String> =
        Kind::ALL.iter().map(|kind| kind.table().name().to_owned()).collect();
    assert_eq!(names.len(), Kind::ALL.len());
    for (at, kind) in Kind::ALL.into_iter().enumerate() {
        assert_eq!(kind as usize, at, "{kind:?} is not where its number says");
    }
}
