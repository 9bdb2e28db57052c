//! How many tests passed, read from what each runner prints for people.

use std::fmt;
use std::ops::AddAssign;

/// Counts of tests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// Whose output it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// A program that is one check: its exit code is the result.
    Exit,
    /// `cargo test`: a line for each test program.
    Libtest,
    /// `cargo nextest run`: one summary.
    Nextest,
    /// Python's `unittest`: two lines at the end.
    Unittest,
    /// Vitest: `Tests  1 failed | 44 passed (45)`.
    Vitest,
    /// A script that prints `ok` or `FAIL` before each check.
    Checks,
}

impl Reader {
    /// The counts in `text`. A run that ends badly has at least one failure, even if it names none: it may not have
    /// compiled, or a test program may have crashed before its summary.
    pub fn read(self, success: bool, text: &str) -> Tally {
        let mut tally = match self {
            Self::Exit => Tally { passed: u64::from(success), ..Tally::default() },
            Self::Libtest => libtest(text),
            Self::Nextest => nextest(text),
            Self::Unittest => unittest(text),
            Self::Vitest => vitest(text),
            Self::Checks => checks(text),
        };
        if !success && tally.failed == 0 {
            tally.failed = 1;
        }
        tally
    }
}

/// `test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 0 filtered out; finished in 0.01s`.
fn libtest(text: &str) -> Tally {
    let mut tally = Tally::default();
    for line in text.lines().filter(|line| line.trim_start().starts_with("test result:")) {
        tally += Tally {
            passed: before(line, "passed"),
            failed: before(line, "failed"),
            skipped: before(line, "ignored"),
        };
    }
    tally
}

/// `Summary [   1.234s] 15 tests run: 12 passed (1 slow), 2 failed, 1 timed out, 3 skipped`.
fn nextest(text: &str) -> Tally {
    let Some(line) = text.lines().rfind(|line| line.trim_start().starts_with("Summary [")) else {
        return Tally::default();
    };
    let failed = ["failed", "exec failed", "timed out"].map(|words| before(line, words)).into_iter().sum();
    Tally { passed: before(line, "passed"), failed, skipped: before(line, "skipped") }
}

/// `Ran 12 tests in 0.001s`, then `OK (skipped=1)` or `FAILED (failures=1, errors=2)`.
fn unittest(text: &str) -> Tally {
    let ran = text.lines().rfind(|line| line.starts_with("Ran ")).map_or(0, |line| before(line, "test"));
    let verdict = text.lines().rfind(|line| line.starts_with("OK") || line.starts_with("FAILED"));
    let count = |name: &str| verdict.map_or(0, |line| after(line, name));
    let failed = ["failures=", "errors=", "unexpected successes="].map(count).into_iter().sum();
    let skipped = count("skipped=");
    Tally { passed: ran.saturating_sub(failed + skipped), failed, skipped }
}

/// `      Tests  1 failed | 44 passed | 2 skipped (47)`.
fn vitest(text: &str) -> Tally {
    let line = text.lines().rfind(|line| line.trim_start().starts_with("Tests "));
    line.map_or_else(Tally::default, |line| Tally {
        passed: before(line, "passed"),
        failed: before(line, "failed"),
        skipped: before(line, "skipped"),
    })
}

/// One line a check.
fn checks(text: &str) -> Tally {
    let count =
        |word: &str| text.lines().filter(|line| line.split_whitespace().next() == Some(word)).count() as u64;
    Tally { passed: count("ok"), failed: count("FAIL"), skipped: count("skipped:") }
}

/// The number directly before a word.
fn before(line: &str, words: &str) -> u64 {
    let marked = format!(" {words}");
    line.match_indices(&marked)
        .find_map(|(at, _)| line[..at].rsplit(|c: char| !c.is_ascii_digit()).next()?.parse().ok())
        .unwrap_or(0)
}

/// The number directly after a name, which starts a word.
fn after(line: &str, name: &str) -> u64 {
    line.match_indices(name)
        .filter(|(at, _)| line[..*at].ends_with(['(', ' ']))
        .find_map(|(at, _)| line[at + name.len()..].split(|c: char| !c.is_ascii_digit()).next()?.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests;
