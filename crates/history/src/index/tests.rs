use super::{add, before, from};
use crate::store::{Kind, Rows, Snapshot};
use cenote_sim::rng::Rng;
use redb::{Database, ReadableDatabase as _};
use std::collections::BTreeSet;

#[test]
fn numbers_come_back_from_anywhere_either_way() {
    let mut rng = Rng::new(9, 2);
    for _ in 0..30 {
        let database =
            Database::builder().create_with_backend(redb::backends::InMemoryBackend::new()).expect("memory");
        let mut known: [BTreeSet<u64>; 2] = Default::default();
        let mut number = rng.below(3_000) as u64;
        for _ in 0..5 {
            let write = database.begin_write().expect("a transaction");
            let mut rows = Rows::open(&write).expect("tables");
            for _ in 0..rng.below(300) {
                number += rng.below(12) as u64 * rng.below(12) as u64;
                let of = rng.below(2);
                add(&mut rows, Kind::EventsOf, &[of as u8], number).expect("a number");
                known[of].insert(number);
            }
            rows.finish().expect("written");
            write.commit().expect("a commit");
        }
        let snapshot = Snapshot::new(database.begin_read().expect("a snapshot"));
        let somewhere: Vec<u64> = (0..20).map(|_| rng.below(number as usize + 2_000) as u64).collect();
        for at in somewhere.into_iter().chain([0, 1_023, 1_024, number, u64::MAX]) {
            for (of, known) in known.iter().enumerate() {
                let ascending = from(&snapshot, Kind::EventsOf, &[of as u8], at).expect("numbers");
                let ascending: Vec<u64> = ascending.map(|number| number.expect("a number")).collect();
                assert_eq!(ascending, known.range(at..).copied().collect::<Vec<_>>());
                let descending = before(&snapshot, Kind::EventsOf, &[of as u8], Some(at)).expect("numbers");
                let descending: Vec<u64> = descending.map(|number| number.expect("a number")).collect();
                assert_eq!(descending, known.range(..at).rev().copied().collect::<Vec<_>>());
            }
        }
        let all = before(&snapshot, Kind::EventsOf, &[0], None).expect("numbers").count();
        assert_eq!(all, known[0].len());
    }
}
