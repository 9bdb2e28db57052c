//! Every build and vector width gives the committed bits. Run it in debug and in release.

use cenote_pricing::golden::{GOLDEN, hash};

fn check(baseline: bool) {
    let wrong: Vec<String> = GOLDEN
        .iter()
        .enumerate()
        .map(|(kernel, (name, expected))| (name, *expected, hash(kernel, baseline)))
        .filter(|(_, expected, got)| expected != got)
        .map(|(name, expected, got)| format!("    (\"{name}\", 0x{got:016x}), // was 0x{expected:016x}"))
        .collect();
    assert!(wrong.is_empty(), "kernels changed their bits:\n{}", wrong.join("\n"));
}

#[test]
fn at_the_baseline_width() {
    check(true);
}

#[test]
fn at_the_widest_vectors() {
    check(false);
}

#[test]
fn a_number_beyond_the_kernels_has_no_hash() {
    assert_eq!(hash(GOLDEN.len(), false), 0);
}
