use super::*;
use std::collections::BTreeSet;

#[test]
fn every_pair_has_one_row_and_every_row_a_pair() {
    let pairs = Stop::ALL.iter().flat_map(|stop| Witness::ALL.map(|witness| judge(*stop, witness)));
    let reached: BTreeSet<Row> = pairs.collect();
    assert_eq!(reached, BTreeSet::from(Row::ALL));
    assert_eq!(BTreeSet::from(Stop::ALL).len(), Stop::ALL.len());
    assert_eq!(BTreeSet::from(Row::ALL).len(), Row::ALL.len());
}

#[test]
fn codes_are_distinct_and_nothing_that_was_acknowledged_is_ever_cut() {
    let codes: BTreeSet<&str> = Row::ALL.iter().map(|row| row.code()).collect();
    assert_eq!(codes.len(), Row::ALL.len());
    for (stop, witness) in Stop::ALL.iter().flat_map(|stop| Witness::ALL.map(|witness| (*stop, witness))) {
        let treatment = judge(stop, witness).treatment();
        if witness != Witness::None {
            assert_eq!(treatment, Treatment::Refuse, "{stop:?} with {witness:?}");
        }
        assert_eq!(treatment == Treatment::Cut, (stop, witness) == (Stop::Broken, Witness::None), "{stop:?}");
    }
}
