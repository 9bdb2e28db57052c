use super::*;

#[test]
fn reads_what_feeds_write() {
    let table = [
        ("1970-01-01T00:00:00Z", Some(0)),
        ("2026-05-23T16:12:24.466944+00:00", Some(1_779_552_744_466)),
        ("2026-05-23 18:12:24.4+02:00", Some(1_779_552_744_400)),
        ("2026-05-23T11:12:24-05:00", Some(1_779_552_744_000)),
        ("2024-02-29T00:00:00Z", Some(1_709_164_800_000)),
        ("2023-02-29T00:00:00Z", None),
        ("2026-13-01T00:00:00Z", None),
        ("2026-05-23T24:00:00Z", None),
        ("2026-05-23", None),
        ("2026-05-23T16:12:24", None),
        ("2026-5-23T16:12:24Z", None),
        ("nan", None),
        ("", None),
    ];
    for (text, expected) in table {
        assert_eq!(parse(text), expected, "{text}");
    }
}

#[test]
fn every_day_of_eight_centuries_comes_back() {
    for day in -150_000..150_000 {
        let at = day * DAY_MS + 3_723_004;
        assert_eq!(parse(&format(at)), Some(at));
    }
}
