use super::{HistoryError, OpenError};

#[test]
fn every_error_has_a_code_of_its_own_and_says_what_to_do() {
    let path = || "data/history.redb".into();
    let errors = [
        HistoryError::Disk("no space left".into()),
        HistoryError::Damaged("a row cannot be read".into()),
        HistoryError::unfit(7, "nothing is known of order 5"),
        HistoryError::Stopped,
    ];
    let opening =
        [OpenError::InUse(path()), OpenError::Disk { path: path(), why: "permission denied".into() }];
    let said: Vec<(&str, String)> = errors
        .iter()
        .map(|error| (error.code(), error.to_string()))
        .chain(opening.iter().map(|error| (error.code(), error.to_string())))
        .collect();
    let codes: Vec<&str> = said.iter().map(|(code, _)| *code).collect();
    let expected = [
        "history_disk",
        "history_damaged",
        "history_unfit",
        "history_stopped",
        "history_in_use",
        "history_disk",
    ];
    assert_eq!(codes, expected);
    for (code, text) in &said {
        let next_step =
            ["start again", "give this one a directory of its own"].iter().any(|step| text.contains(step));
        assert!(next_step, "{code} leaves people alone: {text}");
    }
    assert!(said[2].1.contains("command 7") && said[2].1.contains("order 5"));
}

#[test]
fn what_the_database_calls_corrupted_is_damage_and_the_rest_is_the_disk() {
    let corrupted = redb::StorageError::Corrupted("a page".into());
    assert_eq!(HistoryError::from(corrupted), HistoryError::Damaged("a page".into()));
    let full = redb::StorageError::Io(std::io::Error::other("no space left"));
    assert_eq!(HistoryError::from(full).code(), "history_disk");
}
