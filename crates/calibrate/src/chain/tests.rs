use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{Cursor, Write};
use std::path::Path;

const HEADER: &str =
    "timestamp,currency,option_type,strike,expiry_datetime,underlying,index_price,bid_price,ask_price,delta";

fn csv(rows: &[&str]) -> String {
    let mut text = HEADER.to_string();
    for row in rows {
        text.push('\n');
        text.push_str(row);
    }
    text
}

fn parse(bytes: &[u8], currency: &str) -> Result<Chain, ChainError> {
    read_from(Cursor::new(bytes), Path::new("quotes.csv"), currency)
}

const CALL: &str =
    "2026-01-01T00:00:00Z,BTC,call,101000,2026-01-08T08:00:00Z,100100,100000,0.0200,0.0210,0.45";
const PUT: &str =
    "2026-01-01T00:00:01Z,BTC,put,101000,2026-01-08T08:00:00Z,100300,100000,0.0290,0.0300,-0.55";

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn reads_quotes_with_the_forward_of_their_row() {
    let chain = parse(csv(&[CALL, PUT]).as_bytes(), "BTC").unwrap();
    assert_eq!((chain.snapshot_ms, chain.index), (1_767_225_601_000, 100_000.0));
    let [expiry] = chain.expiries.as_slice() else { panic!("{} expiries", chain.expiries.len()) };
    assert_eq!((expiry.expiry_ms, expiry.forward), (1_767_859_200_000, 100_200.0));
    assert_eq!(expiry.time_left_ms(&chain), 633_599_000);
    assert!((expiry.carry - 0.5 * (1.001_f64.ln() + 1.003_f64.ln())).abs() < 1e-15);
    let [call, put] = expiry.quotes.as_slice() else { panic!("{} quotes", expiry.quotes.len()) };
    assert_eq!((call.right, put.right), (Right::Call, Right::Put));
    assert!((call.log_moneyness - (101_000.0_f64 / 100_100.0).ln()).abs() < 1e-15);
    assert!((put.log_moneyness - (101_000.0_f64 / 100_300.0).ln()).abs() < 1e-15);
    assert_eq!((call.bid, call.ask, call.delta), (0.02, 0.021, 0.45));
    assert_eq!(chain.dropped, Dropped::default());
}

#[test]
fn gzip_and_column_order_do_not_matter() {
    let plain = csv(&[CALL, PUT]);
    let reversed: Vec<String> =
        plain.lines().map(|line| line.split(',').rev().collect::<Vec<_>>().join(",") + ",more").collect();
    let expected = parse(plain.as_bytes(), "BTC").unwrap();
    assert_eq!(parse(&gzip(&plain), "BTC").unwrap(), expected);
    assert_eq!(parse(reversed.join("\r\n").as_bytes(), "BTC").unwrap(), expected);
}

#[test]
fn what_is_no_quote_is_counted_by_reason() {
    let row = |expiry: &str, bid: &str, ask: &str, delta: &str| {
        format!("2026-01-01T00:00:00Z,BTC,call,101000,{expiry},100100,100000,{bid},{ask},{delta}")
    };
    let later = "2026-01-08T08:00:00Z";
    let rows = [
        row(later, "0.02", "0.021", "0.0"),
        row(later, "", "0.021", "0.4"),
        row(later, "nan", "0.021", "0.4"),
        row(later, "0.02", "NaN", "0.4"),
        row(later, "0.0", "0.021", "0.4"),
        row(later, "0.021", "0.021", "0.4"),
        row(later, "0.022", "0.021", "0.4"),
        row(later, "0.02", "0.021", ""),
        row("2026-01-01T00:00:00Z", "0.02", "0.021", "0.4"),
    ];
    let chain = parse(csv(&rows.each_ref().map(String::as_str)).as_bytes(), "BTC").unwrap();
    assert_eq!(chain.expiries.iter().map(|e| e.quotes.len()).sum::<usize>(), 1);
    assert_eq!(chain.dropped, Dropped { one_sided: 4, crossed: 2, no_delta: 1, expired: 1 });
}

#[test]
fn errors_name_file_line_column_and_what_was_expected() {
    let replace = |from: &str, to: &str| csv(&[PUT, &CALL.replace(from, to)]);
    let table = [
        (csv(&[CALL]).replace("strike", "k"), "quotes.csv line 1: no column `strike`"),
        (replace("101000", "abc"), "quotes.csv line 3, column `strike`: `abc` is not a positive number"),
        (replace("101000", "-1"), "column `strike`: `-1` is not a positive number"),
        (replace("100100", "nan"), "line 3, column `underlying`: `nan` is not a positive number"),
        (replace("100000", "inf"), "line 3, column `index_price`: `inf` is not a positive number"),
        (replace("0.0200", "-0.02"), "column `bid_price`: `-0.02` is not a price, which is not negative"),
        (replace("0.0210", "1e999"), "column `ask_price`: `1e999` is not a number, or nothing"),
        (replace("0.45", "45"), "column `delta`: `45` is not a delta, within -1 and 1"),
        (replace("call", "straddle"), "column `option_type`: `straddle` is not `call` or `put`"),
        (
            replace("2026-01-08T08:00:00Z", "8JAN26"),
            "column `expiry_datetime`: `8JAN26` is not a time such as",
        ),
        (replace("2026-01-01T00:00:00Z", ""), "line 3, column `timestamp`: `` is not a time such as"),
        (replace(",0.45", ""), "quotes.csv line 3: 9 fields, the header has 10"),
        (csv(&[&CALL.replace("BTC", "SOL")]), "quotes.csv has no options on BTC, only on SOL"),
        (csv(&[]), "quotes.csv has no options on BTC, only on nothing"),
        (String::new(), "no column `timestamp`"),
        (
            csv(&[&CALL.replace("0.0200", "")]),
            "quotes.csv: none of the 1 options on BTC has a bid below an ask (1 one-sided, 0 crossed,",
        ),
    ];
    for (text, expected) in table {
        let error = parse(text.as_bytes(), "BTC").unwrap_err().to_string();
        assert!(error.contains(expected), "{error}\nlacks: {expected}");
    }
}

#[test]
fn damaged_files_are_refused() {
    let many: Vec<String> =
        (0..2000).map(|i| CALL.replace("101000", &(100_000 + i * 7).to_string())).collect();
    let whole = gzip(&csv(&many.iter().map(String::as_str).collect::<Vec<_>>()));
    let cut = parse(&whole[..whole.len() / 2], "BTC").unwrap_err();
    assert!(matches!(cut, ChainError::Read { after_line, .. } if after_line > 100), "{cut}");
    let mut flipped = whole.clone();
    // The checksum, four bytes before the length.
    let at = flipped.len() - 6;
    flipped[at] ^= 1;
    let flipped = parse(&flipped, "BTC").unwrap_err();
    assert!(matches!(flipped, ChainError::Read { .. }), "{flipped}");
    let garbage = parse(b"timestamp,currency\n\xff\xfe,\xff", "BTC").unwrap_err();
    assert!(garbage.to_string().contains("no column `option_type`"), "{garbage}");
    let latin = csv(&[CALL]).replace("BTC", "\u{e9}").into_bytes();
    let latin: Vec<u8> = latin.into_iter().filter(|byte| *byte != 0xc3).collect();
    assert!(matches!(parse(&latin, "BTC").unwrap_err(), ChainError::Read { .. }));
}

#[test]
fn a_missing_file_is_named() {
    let error = read(Path::new("no/such/file.csv.gz"), "BTC").unwrap_err();
    assert!(matches!(error, ChainError::Open { .. }));
    assert!(error.to_string().starts_with("cannot open no/such/file.csv.gz: "), "{error}");
}
