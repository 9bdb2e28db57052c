//! What can be asked of a node, one verb a file.

pub mod account;
pub mod chain;
pub mod orders;
pub mod quote;
pub mod status;
pub mod trade;
