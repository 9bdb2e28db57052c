//! Named invariants, checked on whole states.
