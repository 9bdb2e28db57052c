use super::{Book, money, part};
use cenote_sim::rng::Rng;

fn after(trades: &[(i64, i128)]) -> (i64, i128, i128) {
    let mut book = Book::default();
    for (size, cash) in trades {
        book.trade(*size, *cash, 0);
    }
    (book.size, book.cost, book.realised)
}

/// Signed size and cash paid; then size, cost, realised.
#[test]
fn average_cost_by_hand() {
    for (trades, expected) in [
        // Bought twice: costs add up.
        (&[(2, 200), (2, 260)][..], (4, 460, 0)),
        // Sold half at 150 each: half of the cost goes with it, the rest was earned.
        (&[(4, 460), (-2, -300)], (2, 230, 70)),
        // Sold dear, bought back half cheap.
        (&[(-4, -460), (2, 100)], (-2, -230, 130)),
        // Turned round: closed at 100 each, and four opened at 100 each.
        (&[(2, 150), (-6, -600)], (-4, -400, 0)),
        // A third of what does not divide: toward zero, the remainder stays with what is open.
        (&[(3, 100), (-1, 0)], (2, 67, -33)),
        (&[(-3, -100), (1, 0)], (-2, -67, 33)),
        // A gift costs nothing.
        (&[(5, 0), (-2, -10)], (3, 0, 10)),
    ] {
        assert_eq!(after(trades), expected, "{trades:?}");
    }
}

/// Until a position is closed or turned, no unit appears or disappears: what was paid is what is open less what was earned.
#[test]
fn no_unit_is_lost() {
    let mut rng = Rng::new(2, 2);
    let (mut partly_closed, mut turned) = (0, 0);
    for _ in 0..3_000 {
        let (mut book, mut paid) = (Book::default(), 0i128);
        for _ in 0..30 {
            let size = ((rng.uniform() - 0.5) * 4e7) as i64;
            let cash = ((rng.uniform() - 0.4) * 1e12) as i128;
            let before = book;
            book.trade(size, cash, 0);
            paid += cash;
            assert_eq!(book.size, before.size + size);
            if before.size != 0 && (before.size > 0) != (book.size > 0) || book.size == 0 {
                // What turned: the part of the cash that opened is in proportion, to the unit.
                let opened = cash as f64 * book.size as f64 / size as f64;
                assert!((book.cost as f64 - opened).abs() <= 1.0 + 1e-9 * opened.abs(), "{book:?} {opened}");
                (paid, turned) = (book.cost, turned + 1);
                book.realised = 0;
                continue;
            }
            partly_closed += i32::from((before.size > 0) != (size > 0));
            assert_eq!(book.cost - book.realised, paid);
            // What is left keeps its average, to the unit.
            if (before.size > 0) != (size > 0) && before.size != 0 {
                let kept = before.cost as f64 * book.size as f64 / before.size as f64;
                assert!((book.cost as f64 - kept).abs() <= 1.0 + 1e-9 * kept.abs());
            }
        }
    }
    assert!(partly_closed > 1_000 && turned > 1_000, "{partly_closed} {turned}");
}

/// Over any number of positions: what was received is what those that ended realised and what the open one has, less what it cost.
#[test]
fn every_unit_received_is_realised_or_open() {
    let mut rng = Rng::new(3, 3);
    let mut ended = 0;
    for _ in 0..2_000 {
        let (mut book, mut received, mut realised) = (Book::default(), 0i128, 0i128);
        for time in 0..40 {
            // Small sizes, so that positions are also closed to the unit.
            let size = rng.below(7) as i64 - 3;
            let cash = ((rng.uniform() - 0.5) * 1e9) as i128;
            let (before, sign) = (book, size.signum());
            received -= cash;
            if let Some(over) = book.trade(size, cash, time) {
                ended += 1;
                realised += over.realised;
                assert_eq!(over.opened_at, before.opened_at);
                assert_eq!((over.size.signum(), over.size.abs() >= before.size.abs()), (-sign, true));
                assert_eq!((over.size, over.paid), (before.entered, before.paid), "all that was opened");
            }
            assert_eq!(received, realised + book.realised - book.cost, "{before:?} {book:?}");
        }
    }
    assert!(ended > 5_000, "{ended}");
}

#[test]
fn extremes_do_not_panic() {
    let mut book = Book::default();
    for (size, cash) in
        [(i64::MAX, i128::MAX), (i64::MAX, i128::MAX), (i64::MIN, i128::MIN), (1, 1), (-5, i128::MIN)]
    {
        book.trade(size, cash, 0);
        book.open();
    }
    assert_eq!(part(-7, 1, 2), -3);
    assert_eq!(part(7, 1, 0), 0);
    assert_eq!(money(i128::MAX).0, cenote_units::Cash::MAX);
    assert_eq!(money(i128::MIN).0, cenote_units::Cash::MIN);
}
