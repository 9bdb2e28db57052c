use super::{Names, civil, days_from_civil, parse_day};
use cenote_engine::ids::{BoardId, LegKind, MarketId};
use cenote_units::{Price, Timestamp};

fn names() -> Names {
    [(MarketId(0), "BTC_USDC".to_owned()), (MarketId(1), "XRP-ALT".to_owned())].into_iter().collect()
}

#[test]
fn a_name_reads_back_as_what_it_names() {
    let expiry = parse_day("27MAR26").unwrap();
    assert_eq!(expiry.millis(), 1_774_598_400_000, "2026-03-27 08:00 UTC");
    for (market, series, strike, kind, text) in [
        (0, 0, 100_000_000_000_000_000, LegKind::Call, "BTC_USDC-27MAR26-100000-C"),
        (0, 2, 625_000_000_000, LegKind::Put, "BTC_USDC-27MAR26~2-0d625-P"),
        (1, 0, 1_000_000_000_000, LegKind::Forward, "XRP-ALT-27MAR26-1-F"),
    ] {
        let board = BoardId { market: MarketId(market), expiry, series };
        let strike = Price::new(strike).unwrap();
        assert_eq!(names().leg(board, strike, kind), text);
        let read = names().parse(text).unwrap();
        assert_eq!((read.board, read.strike, read.kind), (board, strike, kind));
        assert_eq!(names().parse(&text.to_lowercase()).unwrap(), read);
    }
}

#[test]
fn days_come_with_and_without_a_leading_zero() {
    assert_eq!(parse_day("01JAN26"), parse_day("1JAN26"));
    for wrong in
        ["", "JAN26", "32JAN26", "0JAN26", "29FEB25", "1XXX26", "1JAN2", "+1JAN26", "1JAN\u{e9}6", "111JAN26"]
    {
        assert_eq!(parse_day(wrong), None, "{wrong:?}");
    }
}

#[test]
fn every_day_of_four_centuries_has_one_date() {
    for day in 0..146_097 {
        let (year, month, date) = civil(day);
        assert_eq!(days_from_civil(year as u32, month, date), Some(day));
    }
    assert_eq!(super::day_label(Timestamp::from_millis(1_774_598_400_000).unwrap()), "27MAR26");
}

#[test]
fn a_refusal_says_which_part_is_wrong() {
    for (text, part) in [
        ("BTC", "look like"),
        ("BTC_USDC-27MAR26-100000-X", "end in"),
        ("DOGE-27MAR26-1-C", "no such market"),
        ("BTC_USDC-27MAR26-1e5-C", "strike"),
        ("BTC_USDC-99MAR26-1-C", "day"),
        ("BTC_USDC-27MAR26~x-1-C", "~"),
    ] {
        let said = names().parse(text).unwrap_err();
        assert!(said.contains(part), "{said}");
    }
}
