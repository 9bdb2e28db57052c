//! One kernel body, compiled once for the baseline and once for 256-bit vectors, chosen at run time.

/// A computation whose `run` is inlined into a copy compiled for wider vectors.
pub(crate) trait Kernel {
    /// Does the work. Mark it `#[inline(always)]`: only what is inlined is widened.
    fn run(self);
}

/// Which copy to run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Width {
    /// The vectors that the crate was compiled for.
    #[cfg_attr(not(feature = "golden"), allow(dead_code))]
    Baseline,
    /// The widest that this machine has.
    Widest,
}

/// Runs the kernel. The bits are those of the scalar loop at either width: every lane does the same IEEE 754
/// operations in the same order, and none is fused.
#[inline]
pub(crate) fn run<K: Kernel>(width: Width, kernel: K) {
    #[cfg(all(feature = "std", target_arch = "x86_64"))]
    if width == Width::Widest && std::is_x86_feature_detected!("avx2") {
        #[target_feature(enable = "avx2")]
        fn avx2<K: Kernel>(kernel: K) {
            kernel.run();
        }
        // What it gains is in docs/results/kernels.md: on Zen 3, boards are marked in little over half the time.
        // SAFETY: the processor has just been found to have AVX2, the function's only requirement.
        #[allow(unsafe_code)]
        return unsafe { avx2(kernel) };
    }
    let _ = width;
    kernel.run();
}
