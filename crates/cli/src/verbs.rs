//! What can be asked of a node, one verb a file.

pub mod account;
pub mod cancel;
pub mod cash;
pub mod chain;
pub mod dev;
pub mod doctor;
pub mod explain;
pub mod export;
pub mod fund;
pub mod keys;
pub mod lp;
pub mod market;
pub mod orders;
pub mod quote;
pub mod status;
pub mod trade;
pub mod watch;
pub mod whatif;
