use super::{Piece, Point, path};
use crate::store::Snapshot;
use crate::{DAY, History, Step};
use cenote_api::Address;
use cenote_api::view::{NavPath, NavPoint};
use cenote_engine::ids::AccountId;
use cenote_sim::rng::Rng;

fn point(time: u64, share_price: f64, index_price: f64) -> NavPoint {
    NavPoint { time, nav_low: 1.0, nav_mid: 2.0, nav_high: 3.0, share_price, index_price, utilisation: 0.0 }
}

/// A history whose only steps are points of pool 3, at these times.
fn history(points: &[NavPoint]) -> History {
    let history = History::with_backend(redb::backends::InMemoryBackend::new(), "venue").expect("memory");
    let nav: Vec<[(u16, NavPoint); 1]> = points.iter().map(|point| [(3, *point)]).collect();
    let sender = Address(AccountId::default());
    let steps: Vec<Step<'_>> = nav
        .iter()
        .enumerate()
        .map(|(at, nav)| Step {
            seq: at as u64 + 1,
            time: nav[0].1.time,
            sender,
            principal: None,
            command: None,
            events: &[],
            fills: &[],
            nav,
            postings: &[],
            digest: [0; 32],
        })
        .collect();
    history.apply(&steps).expect("points");
    history
}

fn asked(points: &[NavPoint], span: (u64, u64), count: usize) -> NavPath {
    let history = history(points);
    let snapshot: Snapshot = history.snapshot().expect("a snapshot");
    path(&snapshot, 3, span, count).expect("a path")
}

#[test]
fn returns_by_hand() {
    let day = |n: u64| 20_000 * DAY + n * DAY + 3_600_000;
    // Up to 1.2, down to 0.9, up to 1.1 on the fortieth day; the index doubles.
    let points = [
        point(day(0) - 10, 0.0, 40.0), // Before there are shares.
        point(day(0), 1.0, 50.0),
        point(day(1), 1.2, 60.0),
        point(day(2), 0.9, 70.0),
        point(day(9), 1.0, 80.0),
        point(day(40), 1.1, 100.0),
    ];
    let summary = asked(&points, (0, u64::MAX), 100).summary;
    let near = |found: Option<f64>, expected: f64| found.is_some_and(|found| (found - expected).abs() < 1e-9);
    assert_eq!(summary.days, 40.0);
    assert!(near(summary.since_start, 10.0), "{summary:?}");
    assert!(near(summary.max_drawdown, -25.0), "{summary:?}");
    assert!(near(summary.worst_day, -25.0), "{summary:?}");
    assert!(near(summary.holding_index, 100.0), "{summary:?}");
    // Thirty days before the fortieth, the ninth day's point was in force.
    assert!(near(summary.last_30_days, 10.0), "{summary:?}");
    let annual = 100.0 * (1.1f64.powf(365.0 / 40.0) - 1.0);
    assert!(near(summary.annualised, annual), "{summary:?} {annual}");

    let short = asked(&points, (0, day(0) + DAY / 2), 100).summary;
    assert_eq!(
        (short.since_start, short.worst_day, short.last_30_days, short.annualised),
        (Some(0.0), None, None, None)
    );
    let nothing = asked(&points, (0, day(0) - 10), 100).summary;
    assert_eq!((nothing.since_start, nothing.max_drawdown), (None, None));
    assert!(asked(&points, (5, 4), 100).points.is_empty());
}

#[test]
fn pieces_put_together_in_any_way_say_the_same() {
    let mut rng = Rng::new(6, 6);
    for _ in 0..2_000 {
        let points: Vec<Point> = (0..2 + rng.below(40) as u64)
            .map(|time| {
                Point::from(point(time * DAY / 3, if rng.chance(0.1) { 0.0 } else { rng.uniform() }, 1.0))
            })
            .collect();
        let whole = points.iter().copied().map(Piece::of).reduce(Piece::then).expect("a piece");
        let cut = 1 + rng.below(points.len() - 1);
        let part =
            |points: &[Point]| points.iter().copied().map(Piece::of).reduce(Piece::then).expect("a piece");
        assert_eq!(part(&points[..cut]).then(part(&points[cut..])), whole);
        let started = points.iter().find(|point| point.share_price > 0.0);
        assert_eq!(whole.started.as_ref(), started);
    }
}

#[test]
fn a_path_is_as_long_as_asked_and_ends_where_it_ends() {
    let points: Vec<NavPoint> = (0..5_000).map(|n| point(1_000_000 + n * 997, 1.0 + n as f64, 1.0)).collect();
    let last = points[points.len() - 1];
    for count in [1, 2, 3, 7, 100, 2_000, 50_000] {
        let path = asked(&points, (0, u64::MAX), count);
        assert!(
            path.points.len() <= count.min(super::POINTS_MAX) && path.points.len() * 2 >= count.min(2_000)
        );
        assert_eq!(path.points.last(), Some(&last));
    }
}
