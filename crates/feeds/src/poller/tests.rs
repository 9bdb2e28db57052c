use super::{Pace, Poller};
use crate::{FeedError, Source, Update};
use std::collections::VecDeque;
use std::time::Duration;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn waits() {
    let pace = Pace { every: s(2), wait_max: s(60) };
    let table = [
        (0, None, 2),
        (1, None, 4),
        (2, None, 8),
        (4, None, 32),
        (5, None, 60),
        (31, None, 60),
        (32, None, 60),
        (u32::MAX, None, 60),
        (1, Some(0), 4),
        (1, Some(10), 10),
        (6, Some(10), 60),
        (1, Some(90), 90),
        (1, Some(u64::MAX), 3600),
    ];
    for (failures, asked, expected) in table {
        assert_eq!(pace.wait(failures, asked), s(expected), "{failures} failures, asked {asked:?}");
    }
    // A most that is below the pace does not make failures faster than success.
    assert_eq!(Pace { every: s(5), wait_max: s(1) }.wait(3, None), s(5));
}

/// Answers what it was given, in order.
struct Script(VecDeque<Result<Update, FeedError>>);

impl Source for Script {
    fn poll(&mut self) -> Result<Update, FeedError> {
        self.0.pop_front().expect("the script is long enough")
    }
}

#[test]
fn failures_are_counted_and_forgotten() {
    let limited = || FeedError::RateLimited { url: "u".to_owned(), retry_after_s: Some(1000) };
    let failed = || FeedError::Unreachable { url: "u".to_owned(), reason: "r".to_owned() };
    let script = [Err(failed()), Err(limited()), Ok(Update::default()), Err(failed())];
    let mut poller = Poller::new(Script(script.into()), Pace { every: s(100), wait_max: s(600) });
    let between = |found: Duration, most: u64| assert!(found > s(most - 50) && found <= s(most), "{found:?}");
    assert_eq!((poller.due_in(), poller.age(), poller.failures()), (s(0), None, 0));

    assert_eq!(poller.poll(), Err(failed()));
    assert_eq!((poller.failures(), poller.trouble(), poller.age()), (1, Some(&failed()), None));
    between(poller.due_in(), 200);
    assert_eq!(poller.poll(), Err(limited()));
    assert_eq!(poller.failures(), 2);
    between(poller.due_in(), 1000);
    assert_eq!(poller.poll(), Ok(Update::default()));
    assert_eq!((poller.failures(), poller.trouble()), (0, None));
    let age = poller.age().expect("there was a good answer");
    assert!(age < s(50), "{age:?}");
    between(poller.due_in(), 100);
    // The good answer ages on while questions fail.
    assert_eq!(poller.poll(), Err(failed()));
    assert!(poller.age().expect("it is remembered") >= age);
    between(poller.due_in(), 200);
}
