//! The kernels and the engine as a library that any machine can load: numbers in, numbers out, no memory shared.
//!
//! Built for `wasm32-unknown-unknown` it imports nothing, so every WebAssembly engine can run it and answer whether
//! it gives the bits of all others.

// The names below are exported unmangled, which counts as unsafe because another library could define them too.
#![allow(unsafe_code)]

pub mod scenario;

use cenote_pricing::golden;

/// How many kernels have a hash.
#[unsafe(no_mangle)]
pub extern "C" fn kernels() -> u32 {
    u32::try_from(golden::GOLDEN.len()).unwrap_or(u32::MAX)
}

/// The hash of a kernel's results over its fixed inputs, computed on this machine; zero for a number beyond.
#[unsafe(no_mangle)]
pub extern "C" fn golden(kernel: u32) -> u64 {
    usize::try_from(kernel).map_or(0, |kernel| golden::hash(kernel, false))
}

/// The hash of the engine's fixed run of [`scenario::COMMANDS`] commands, carried out on this machine.
#[unsafe(no_mangle)]
pub extern "C" fn engine() -> u64 {
    scenario::run(scenario::COMMANDS, false).hash
}
