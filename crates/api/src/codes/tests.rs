use super::{HOST, RULES, all, find};
use cenote_engine::Rejection;
use std::collections::BTreeSet;

#[test]
fn every_rule_has_its_code_and_no_code_is_anothers() {
    let rules: Vec<&str> = RULES.iter().map(|row| row.code).collect();
    assert_eq!(
        rules,
        Rejection::CODES,
        "a rule refuses with a code that is not explained, or the other way round"
    );
    let codes: BTreeSet<&str> = all().map(|row| row.code).collect();
    assert_eq!(codes.len(), HOST.len() + RULES.len());
    assert!(find("no_such_code").is_none());
}

/// Each says something of its own, in whole sentences, the last of which is not all that there is.
#[test]
fn every_code_is_explained() {
    let texts: BTreeSet<&str> = all().map(|row| row.help).collect();
    assert_eq!(texts.len(), all().count());
    for row in all() {
        assert!(row.help.len() > 40 && row.help.ends_with('.'), "{}: {}", row.code, row.help);
        assert!((400..=599).contains(&row.status), "{}", row.code);
        assert_eq!(find(row.code), Some(row));
    }
}
