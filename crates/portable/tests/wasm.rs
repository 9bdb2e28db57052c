//! Builds the crate for WebAssembly, runs it in an interpreter and compares every kernel's bits and the engine's.

use cenote_portable::scenario;
use cenote_pricing::golden::GOLDEN;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasmi::{Engine, Linker, Module, Store, TypedFunc};

/// A chain refuses a contract of this many bytes or more, uncompressed.
const REFUSED_AT: usize = 800 * 1024;

/// Builds the module into a directory of its own, so that it shares no lock with the build that runs this test.
fn build() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("portable");
    let status = Command::new(env!("CARGO"))
        .args([
            "build",
            "--release",
            "--package",
            "cenote-portable",
            "--lib",
            "--target",
            "wasm32-unknown-unknown",
        ])
        .args(["--config", "profile.release.strip=\"symbols\""])
        .arg("--target-dir")
        .arg(&target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .status()
        .expect("cargo runs");
    assert!(status.success(), "the build for wasm32-unknown-unknown failed");
    target.join("wasm32-unknown-unknown/release/cenote_portable.wasm")
}

#[test]
fn webassembly_gives_the_same_bits() {
    let wasm = std::fs::read(build()).expect("the module was written");
    println!("cenote_portable.wasm, all kernels and the engine: {} bytes", wasm.len());
    assert!(wasm.len() < REFUSED_AT, "{} bytes are too many for a chain", wasm.len());

    let engine = Engine::default();
    let module = Module::new(&engine, &wasm[..]).expect("a valid module");
    assert_eq!(module.imports().count(), 0, "the module needs something of its host");
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).expect("it starts");
    let kernels: TypedFunc<(), u32> = instance.get_typed_func(&store, "kernels").expect("exported");
    let golden: TypedFunc<u32, u64> = instance.get_typed_func(&store, "golden").expect("exported");

    assert_eq!(kernels.call(&mut store, ()).expect("runs") as usize, GOLDEN.len());
    for (kernel, (name, expected)) in (0..).zip(GOLDEN) {
        let got = golden.call(&mut store, kernel).expect("runs");
        assert_eq!(got, expected, "{name}: 0x{got:016x} in WebAssembly, 0x{expected:016x} elsewhere");
    }
    let run: TypedFunc<(), u64> = instance.get_typed_func(&store, "engine").expect("exported");
    let got = run.call(&mut store, ()).expect("runs");
    let expected = scenario::GOLDEN;
    assert_eq!(got, expected, "the engine: 0x{got:016x} in WebAssembly, 0x{expected:016x} elsewhere");
}
