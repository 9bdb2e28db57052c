//! One line a check.

use deribit_http::HttpError;
use std::fmt::Debug;

/// Results so far.
#[derive(Default)]
pub struct Checks {
    pub passed: u32,
    pub failed: u32,
}

impl Checks {
    /// A check; what was seen is shown when it fails.
    pub fn check(&mut self, name: &str, good: bool, seen: &(impl Debug + ?Sized)) {
        if good {
            self.passed += 1;
            println!("ok   {name}");
        } else {
            self.failed += 1;
            println!("FAIL {name}: {}", short(&format!("{seen:?}")));
        }
    }

    /// A call that must be answered, with an answer that must be good.
    pub fn answer<T: Debug>(
        &mut self,
        name: &str,
        answer: Result<T, HttpError>,
        good: impl FnOnce(&T) -> bool,
    ) -> Option<T> {
        let holds = answer.as_ref().is_ok_and(good);
        self.check(name, holds, &answer);
        answer.ok().filter(|_| holds)
    }

    /// A call that must be refused with a code.
    pub fn refused<T: Debug>(&mut self, name: &str, code: i64, answer: Result<T, HttpError>) {
        let said = answer.as_ref().err().map(ToString::to_string).unwrap_or_default();
        let good = said.contains(&format!("\"code\":{code},"));
        self.check(name, good, &format!("expected code {code}, got {answer:?}"));
    }
}

fn short(text: &str) -> String {
    text.chars().take(600).collect()
}

/// Whether two numbers are as good as equal.
pub fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * a.abs().max(b.abs()).max(1.0)
}
