use super::{levels, varint, zigzag};
use crate::{Cell, Column, Format, Kind, file};

const COLUMNS: &[Column] = &[
    Column::new("time_ms", Kind::Time, "a moment"),
    Column::new("units", Kind::Int, "a number"),
    Column::new("spot", Kind::Float, "a price"),
    Column::maybe("label", Kind::Text, "a mark"),
];

#[test]
fn bytes_are_those_that_the_reference_reader_has_read() {
    // Read back by Apache Arrow's reader (pyarrow 26.0.1) as these rows; a change here needs to be read again.
    let rows = [
        vec![Cell::Int(1_700_000_000_000), Cell::Int(-1), Cell::Float(0.5), Cell::Empty],
        vec![Cell::Int(1_700_000_060_000), Cell::Int(300), Cell::Float(-2.0), Cell::Text("é".to_owned())],
    ];
    let file = file(Format::Parquet, COLUMNS, &rows).unwrap();
    let hex: String = file.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, GOLDEN);
}

const GOLDEN: &str = "\
    504152311500152015202c150415001506150600000068e5cf8b0100006052e6cf8b0100001500152015202c15041500\
    150615060000ffffffffffffffff2c010000000000001500152015202c15041500150615060000000000000000e03f00\
    000000000000c01500151815182c1504150015061506000002000000030202000000c3a91502195c4806736368656d61\
    15080015042500180774696d655f6d73251200150425001805756e69747300150a2500180473706f7400150c25021805\
    6c6162656c2500001604191c194c26081c150419150019180774696d655f6d73150016041642164226080000264a1c15\
    04191500191805756e6974731500160416421642264a0000268c011c150a19150019180473706f741500160416421642\
    268c01000026ce011c150c192500061918056c6162656c15001604163a163a26ce010000168002160400280663656e6f\
    746500cf00000050415231";

#[test]
fn levels_are_packed_from_the_lowest_bit() {
    assert_eq!(levels([true, false, true].into_iter()), [0b11, 0b101]);
    assert_eq!(levels([true; 9].into_iter()), [0b101, 0xff, 1]);
    assert_eq!(levels([].into_iter()), [1]);
}

#[test]
fn integers_of_the_compact_protocol() {
    // The examples of the Protocol Buffers encoding guide, which the protocol shares.
    assert_eq!(varint(150), [0x96, 0x01]);
    assert_eq!(varint(0), [0]);
    for (value, coded) in
        [(0, 0u64), (-1, 1), (1, 2), (-2, 3), (i64::MAX, u64::MAX - 1), (i64::MIN, u64::MAX)]
    {
        assert_eq!(zigzag(value), varint(coded), "{value}");
    }
}
