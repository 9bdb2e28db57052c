//! Big-endian numbers from bytes that may end too early.

use crate::FeedError;

/// What is left to read.
#[derive(Clone, Copy)]
pub(super) struct Bytes<'a> {
    pub rest: &'a [u8],
}

macro_rules! number {
    ($name:ident) => {
        pub(super) fn $name(&mut self, part: &'static str) -> Result<$name, FeedError> {
            Ok($name::from_be_bytes(self.array(part)?))
        }
    };
}

impl<'a> Bytes<'a> {
    pub(super) fn take(&mut self, needed: usize, part: &'static str) -> Result<&'a [u8], FeedError> {
        let left = self.rest.len();
        let (taken, rest) =
            self.rest.split_at_checked(needed).ok_or(FeedError::Truncated { part, needed, left })?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self, part: &'static str) -> Result<[u8; N], FeedError> {
        let left = self.rest.len();
        let (taken, rest) =
            self.rest.split_first_chunk().ok_or(FeedError::Truncated { part, needed: N, left })?;
        self.rest = rest;
        Ok(*taken)
    }

    number!(u8);
    number!(u16);
    number!(u32);
    number!(u64);
    number!(i32);
    number!(i64);
}
