//! `cargo xtask wasm`: the engine as a chain would load it, and how large that is.

use crate::process::{command, must, read, root, target_dir};
use std::path::PathBuf;

/// Crates built for wasm: package and the file that comes out.
const MODULES: &[(&str, &str)] = &[("cenote-portable", "cenote_portable.wasm")];
const TARGET: &str = "wasm32-unknown-unknown";
/// A chain refuses a contract of this many bytes or more, uncompressed.
const REFUSED_AT: u64 = 800 * 1024;
/// The instructions that `cosmwasm-vm` accepts: no bulk memory, no SIMD, no reference types; names stripped.
const CHAIN_FLAGS: &str = "-C target-cpu=mvp -C target-feature=+mutable-globals,+sign-ext -C link-arg=-s";

/// Builds every module plainly and for the chain; false if one is too large.
pub fn run() -> Result<bool, String> {
    let mut built = Vec::new();
    for (package, file) in MODULES {
        let folder = package.trim_start_matches("cenote-");
        if !root().join("crates").join(folder).join("Cargo.toml").exists() {
            return Err(format!("there is no crates/{folder} in this checkout to build"));
        }
        built.push((*package, "plain", plain(package)?.join(file)));
        match rust_src()? {
            true => built.push((*package, "chain", chain(package)?.join(file))),
            false => {
                eprintln!("skipped the chain's build: `rustup component add rust-src` makes it possible")
            }
        }
    }
    println!("{:<18} {:<6} {:>10} {:>10}", "module", "build", "bytes", "of limit");
    let mut fits = true;
    for (package, build, path) in built {
        let size = std::fs::metadata(&path).map_err(|e| format!("{}: {e}", path.display()))?.len();
        fits &= size < REFUSED_AT;
        println!("{package:<18} {build:<6} {size:>10} {:>9.1}%", 100.0 * size as f64 / REFUSED_AT as f64);
    }
    println!("a chain refuses {REFUSED_AT} bytes or more");
    Ok(fits)
}

/// Builds with the toolchain's own `std`; returns the output folder.
fn plain(package: &str) -> Result<PathBuf, String> {
    let mut cargo =
        command("cargo", &["build", "--release", "--lib", "--package", package, "--target", TARGET]);
    // Without names of functions, as on a chain.
    cargo.env("CARGO_PROFILE_RELEASE_STRIP", "symbols");
    must(cargo)?;
    Ok(target_dir().join(TARGET).join("release"))
}

/// Builds together with a `std` of the chain's instructions; returns the output folder.
fn chain(package: &str) -> Result<PathBuf, String> {
    // Its own folder: other flags would make cargo build everything anew, each time.
    let folder = target_dir().join("wasm-chain");
    let mut cargo =
        command("cargo", &["build", "--release", "--lib", "--package", package, "--target", TARGET]);
    cargo.arg("-Zbuild-std=std,panic_abort").env("CARGO_TARGET_DIR", &folder);
    // `-Z` flags are for nightly compilers; this variable admits the one that is needed on the pinned stable one.
    cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", CHAIN_FLAGS);
    must(cargo)?;
    Ok(folder.join(TARGET).join("release"))
}

/// Whether the toolchain has the sources of `std`.
fn rust_src() -> Result<bool, String> {
    let sysroot = read(command("rustc", &["--print", "sysroot"]))?;
    Ok(PathBuf::from(sysroot).join("lib/rustlib/src/rust/library/Cargo.lock").exists())
}
