//! Bodies of the fuzz targets. `crates/sim/tests/fuzz_smoke.rs` runs the same source on a stable compiler.

pub mod bodies;
