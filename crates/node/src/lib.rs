//! A venue on one machine.
