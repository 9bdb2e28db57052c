use super::{AHEAD, PLACES, Rows, Way, write};
use cenote_api::export::NAV;
use cenote_table::{Cell, Format, PIECE};
use tokio::runtime::{Builder, Handle};
use tokio::sync::mpsc;

fn row(number: usize) -> Vec<Cell> {
    let figures = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0].map(Cell::Float);
    [Cell::Int(0), Cell::count(number as u64)].into_iter().chain(figures).collect()
}

/// What a client of such rows would get, piece by piece; it takes `count` of them and leaves.
fn pieces(format: Format, rows: Rows, count: usize) -> Vec<Result<Vec<u8>, String>> {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let (sender, mut receiver) = mpsc::channel(AHEAD);
        let way = Way { runtime: Handle::current(), sender, _place: PLACES.try_acquire().unwrap() };
        let writing = tokio::task::spawn_blocking(move || write(format, NAV.columns, rows, &way));
        let mut got = Vec::new();
        while got.len() < count
            && let Some(piece) = receiver.recv().await
        {
            got.push(piece.map(|bytes| bytes.to_vec()));
        }
        drop(receiver);
        writing.await.unwrap();
        got
    })
}

#[test]
fn a_file_comes_in_pieces_and_is_the_whole_one() {
    let rows: Vec<Vec<Cell>> = (0..PIECE + 5).map(row).collect();
    for format in Format::ALL {
        let source = rows.clone().into_iter().map(Ok);
        let got = pieces(format, Box::new(source), usize::MAX);
        assert_eq!(got.len(), 4, "beginning, two pieces, end");
        let whole: Vec<u8> = got.into_iter().flat_map(Result::unwrap).collect();
        assert_eq!(whole, cenote_table::file(format, NAV.columns, &rows).unwrap());
    }
}

/// A file that cannot be finished has no end: nobody takes the beginning of it for all there is.
#[test]
fn trouble_in_the_middle_is_told() {
    let source = (0..PIECE + 5).map(|n| if n == PIECE + 2 { Err("the disk".to_owned()) } else { Ok(row(n)) });
    let got = pieces(Format::Csv, Box::new(source), usize::MAX);
    assert_eq!((got.len(), got.last()), (3, Some(&Err("the disk".to_owned()))));
    let odd = (0..3).map(|n| Ok(if n == 2 { Vec::new() } else { row(n) }));
    assert!(pieces(Format::Parquet, Box::new(odd), usize::MAX).last().unwrap().is_err());
}

/// A client that leaves ends the work: rows without end are no trouble.
#[test]
fn a_client_that_leaves_ends_it() {
    let endless = (0..).map(|n| Ok(row(n)));
    assert_eq!(pieces(Format::Csv, Box::new(endless), 3).len(), 3);
}
