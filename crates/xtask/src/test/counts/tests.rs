use super::{Reader, Tally};

fn tally(passed: u64, failed: u64, skipped: u64) -> Tally {
    Tally { passed, failed, skipped }
}

#[test]
fn one_line_says_it_all() {
    assert_eq!(tally(12, 0, 0).to_string(), "12 passed, 0 failed");
    assert_eq!(tally(12, 3, 4).to_string(), "12 passed, 3 failed, 4 skipped");
}

#[test]
fn counts_are_what_the_runner_says() {
    let libtest = "running 3 tests
test a ... ok
test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
noise: 9 passed; 9 failed
test result: FAILED. 40 passed; 2 failed; 0 ignored; 0 measured; 3 filtered out; finished in 1.21s\n";
    let nextest = "        PASS [   0.007s] cenote-units money::tests::sums
     Summary [   0.009s] 3 tests run: 3 passed, 0 skipped\n";
    let nextest_bad = "     Summary [  12.345s] 17/20 tests run: 12 passed (2 slow, 1 leaky), 2 failed, 1 exec failed, 2 timed out, 4 skipped\n";
    let unittest = "...s\n----\nRan 5 tests in 0.002s\n\nOK (skipped=1)\n";
    let unittest_bad =
        "Ran 10 tests in 0.1s\n\nFAILED (failures=1, errors=2, skipped=3, unexpected successes=1)\n";
    let table = [
        (Reader::Exit, true, "2 failed", tally(1, 0, 0)),
        (Reader::Exit, false, "", tally(0, 1, 0)),
        (Reader::Libtest, false, libtest, tally(42, 2, 1)),
        (Reader::Nextest, true, nextest, tally(3, 0, 0)),
        (Reader::Nextest, false, nextest_bad, tally(12, 5, 4)),
        (Reader::Unittest, true, unittest, tally(4, 0, 1)),
        (Reader::Unittest, true, "Ran 1 test in 0.002s\n\nOK\n", tally(1, 0, 0)),
        (Reader::Unittest, false, unittest_bad, tally(3, 4, 3)),
    ];
    for (reader, success, text, expected) in table {
        assert_eq!(reader.read(success, text), expected, "{reader:?} on {text}");
    }
}

#[test]
fn a_run_that_ends_badly_is_never_all_green() {
    let crashed =
        "test result: ok. 7 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
error: test failed, to rerun pass `-p cenote-engine --test golden`
Caused by: process didn't exit successfully (signal: 6, SIGABRT)\n";
    assert_eq!(Reader::Libtest.read(false, crashed), tally(7, 1, 0));
    for reader in [Reader::Exit, Reader::Libtest, Reader::Nextest, Reader::Unittest] {
        assert_eq!(reader.read(false, "error: could not compile"), tally(0, 1, 0), "{reader:?}");
    }
}
