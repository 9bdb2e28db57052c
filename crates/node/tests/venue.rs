//! A whole node on a free port, asked as clients ask it.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod venue {
    pub mod described;
    pub mod deterministic;
    pub mod exported;
    pub mod faults;
    pub mod guarded;
    pub mod lasting;
    pub mod liquidity;
    pub mod live;
    pub mod preview;
    pub mod roles;
    pub mod signed;
    pub mod streams;
    pub mod support;
}
