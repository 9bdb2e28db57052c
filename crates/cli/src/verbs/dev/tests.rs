use super::{clock, number, over_words};
use serde_json::json;

#[test]
fn clocks_by_table() {
    for (words, expected) in [
        (&["pause"][..], json!({ "pause": true })),
        (&["resume"], json!({ "resume": true })),
        (&["speed", "60x"], json!({ "speed": 60.0 })),
        (&["speed", "0.5"], json!({ "speed": 0.5 })),
        (&["+1h"], json!({ "jump_ms": 3_600_000 })),
        (&["until", "next-expiry"], json!({ "until": "next-expiry" })),
        (&["until", "10m"], json!({ "until": 600_007 })),
        (&["until", "2026-03-27T08:00Z"], json!({ "until": 1_774_598_400_000u64 })),
    ] {
        assert_eq!(clock(words, 7), Ok(expected), "{words:?}");
    }
    for words in
        [&["stop"][..], &["speed"], &["speed", "fast"], &["-1h"], &["until", "later"], &["pause", "now"]]
    {
        assert!(clock(words, 7).is_err(), "{words:?}");
    }
}

#[test]
fn moves_by_table() {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    assert_eq!(over_words(&words(&["in", "10m"])), Ok(600_000));
    assert_eq!(over_words(&[]), Ok(0));
    assert!(over_words(&words(&["10m"])).is_err() && over_words(&words(&["for", "10m"])).is_err());
    for (text, expected) in [("-20%", -20.0), ("+5", 5.0), ("\u{2212}3.5%", -3.5)] {
        assert_eq!(number(text, ""), Ok(expected));
    }
    for text in ["", "%", "NaN", "inf", "ten"] {
        assert!(number(text, "a number").is_err(), "{text}");
    }
}
