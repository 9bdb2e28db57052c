use super::{Column, Values, file, varint, zigzag};

fn table() -> Vec<Column> {
    vec![
        Column { name: "time_ms", values: Values::Time(vec![1_700_000_000_000, 1_700_000_060_000]) },
        Column { name: "units", values: Values::Int(vec![-1, 300]) },
        Column { name: "spot", values: Values::Float(vec![0.5, -2.0]) },
    ]
}

#[test]
fn bytes_are_those_that_the_reference_reader_has_read() {
    // Read back by the `parquet` crate 56.2.1 as these three columns; a change here needs to be read again.
    let hex: String = file(&table()).unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, GOLDEN);
}

const GOLDEN: &str = "\
    504152311500152015202c150415001506150600000068e5cf8b0100006052e6cf8b0100001500152015202c15041500\
    150615060000ffffffffffffffff2c010000000000001500152015202c15041500150615060000000000000000e03f00\
    000000000000c01502194c4806736368656d6115060015042500180774696d655f6d73251200150425001805756e6974\
    7300150a2500180473706f74001604191c193c26081c150419150019180774696d655f6d731500160416421642260800\
    00264a1c1504191500191805756e6974731500160416421642264a0000268c011c150a19150019180473706f74150016\
    0416421642268c01000016c601160400280663656e6f746500a200000050415231";

#[test]
fn columns_of_different_lengths_are_no_table() {
    let mut table = table();
    table[1].values = Values::Int(vec![1]);
    assert_eq!(file(&table), None);
}

#[test]
fn a_table_without_rows_is_a_file() {
    let columns = [Column { name: "n", values: Values::Int(Vec::new()) }];
    assert!(columns[0].values.is_empty());
    assert!(file(&columns).unwrap().ends_with(b"PAR1"));
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
