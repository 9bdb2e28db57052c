//! `a * b / c` without overflow of the product, rounded down or up.
//!
//! One macro writes the algorithm for an integer width `W` in terms of `W`-bit words alone (schoolbook
//! product in half words, then Knuth's division D, The Art of Computer Programming vol. 2, 4.3.1, with two
//! quotient digits). It is instantiated at 128 bits for the protocol and at 8 bits for a test that tries
//! every input there is.

macro_rules! impl_mul_div {
    ($mul:ident, $div:ident, $down:ident, $up:ident, $t:ty, $bits:literal) => {
        /// The double-width product `(high, low)`.
        #[allow(clippy::arithmetic_side_effects)] // Half-word products and sums below cannot overflow a word.
        const fn $mul(a: $t, b: $t) -> ($t, $t) {
            const HALF: u32 = $bits / 2;
            const MASK: $t = (1 << HALF) - 1;
            let (ah, al, bh, bl) = (a >> HALF, a & MASK, b >> HALF, b & MASK);
            let (ll, lh, hl, hh) = (al * bl, al * bh, ah * bl, ah * bh);
            let middle = (ll >> HALF) + (lh & MASK) + (hl & MASK);
            let low = (ll & MASK) | (middle << HALF);
            (hh + (lh >> HALF) + (hl >> HALF) + (middle >> HALF), low)
        }

        /// Quotient and remainder of `(high, low) / c`; needs `high < c`, so that the quotient fits.
        #[allow(clippy::arithmetic_side_effects)] // Knuth's bounds: every wrap below is intended and undone.
        const fn $div(high: $t, low: $t, c: $t) -> ($t, $t) {
            const HALF: u32 = $bits / 2;
            const MASK: $t = (1 << HALF) - 1;
            if high == 0 {
                return (low / c, low % c);
            }
            let shift = c.leading_zeros();
            let c = c << shift;
            let (ch, cl) = (c >> HALF, c & MASK);
            let top = if shift == 0 { high } else { (high << shift) | (low >> ($bits - shift)) };
            let low = low << shift;
            let (first, rest) = digit(top, low >> HALF, c, ch, cl);
            let (second, rest) = digit(rest, low & MASK, c, ch, cl);
            return ((first << HALF) | second, rest >> shift);

            /// One half-word digit of the quotient of `(top, next) / c`, and what remains.
            const fn digit(top: $t, next: $t, c: $t, ch: $t, cl: $t) -> ($t, $t) {
                let mut q = top / ch;
                let mut r = top % ch;
                while q > MASK || q * cl > ((r << HALF) | next) {
                    q -= 1;
                    r += ch;
                    if r > MASK {
                        break;
                    }
                }
                (q, (top << HALF).wrapping_add(next).wrapping_sub(q.wrapping_mul(c)))
            }
        }

        /// `floor(a * b / c)`, or `None` when `c` is zero or the result does not fit.
        #[must_use]
        pub const fn $down(a: $t, b: $t, c: $t) -> Option<$t> {
            let (high, low) = $mul(a, b);
            if high >= c {
                return None;
            }
            Some($div(high, low, c).0)
        }

        /// `ceil(a * b / c)`, or `None` when `c` is zero or the result does not fit.
        #[must_use]
        pub const fn $up(a: $t, b: $t, c: $t) -> Option<$t> {
            let (high, low) = $mul(a, b);
            if high >= c {
                return None;
            }
            let (quotient, remainder) = $div(high, low, c);
            if remainder == 0 { Some(quotient) } else { quotient.checked_add(1) }
        }
    };
}

impl_mul_div!(wide_mul, wide_div, mul_div_down, mul_div_up, u128, 128);

#[cfg(test)]
mod tests {
    #![allow(clippy::as_conversions, clippy::arithmetic_side_effects, clippy::unwrap_used)]
    use super::{mul_div_down, mul_div_up};

    mod narrow {
        impl_mul_div!(mul8, div8, down8, up8, u8, 8);
    }

    #[test]
    fn every_input_of_width_8() {
        for a in 0..=u8::MAX {
            for b in 0..=u8::MAX {
                let product = u32::from(a) * u32::from(b);
                assert_eq!(narrow::down8(a, b, 0), None);
                assert_eq!(narrow::up8(a, b, 0), None);
                for c in 1..=u8::MAX {
                    let c32 = u32::from(c);
                    let fits = |x: u32| u8::try_from(x).ok();
                    assert_eq!(narrow::down8(a, b, c), fits(product / c32), "{a} * {b} / {c}");
                    assert_eq!(narrow::up8(a, b, c), fits(product.div_ceil(c32)), "{a} * {b} / {c}");
                }
            }
        }
    }

    #[test]
    fn agrees_with_native_arithmetic_where_that_fits() {
        let mut seed = 7u64;
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            u128::from(seed >> (seed & 31))
        };
        for _ in 0..100_000 {
            let (a, b, c) = (next(), next(), next().max(1));
            assert_eq!(mul_div_down(a, b, c), Some(a * b / c));
            assert_eq!(mul_div_up(a, b, c), Some((a * b).div_ceil(c)));
        }
    }

    /// `a * b / b` is `a` and `a * b / a` is `b` over products of up to 256 bits, which native arithmetic
    /// cannot check; the divisors sweep every alignment of their leading bit.
    #[test]
    fn inverts_products_of_256_bits() {
        let mut seed = 11u128;
        for i in 0..100_000u32 {
            seed = seed.wrapping_mul(0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645).wrapping_add(0x5851_F42D);
            let (a, b) = (seed.rotate_left(64).max(1), ((seed | 1) >> (i % 128)).max(1));
            assert_eq!(mul_div_down(a, b, b), Some(a));
            assert_eq!(mul_div_up(a, b, b), Some(a));
            assert_eq!(mul_div_down(a, b, a), Some(b));
        }
        assert_eq!(mul_div_down(u128::MAX, u128::MAX, u128::MAX - 1), None);
        assert_eq!(mul_div_down(u128::MAX, u128::MAX, u128::MAX), Some(u128::MAX));
        assert_eq!(mul_div_up(u128::MAX, u128::MAX - 1, u128::MAX), Some(u128::MAX - 1));
        assert_eq!(mul_div_up(u128::MAX, 3, 4), Some(u128::MAX / 4 * 3 + 3));
    }
}
