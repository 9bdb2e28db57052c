//! How answers look in a terminal.

pub mod cost;
pub mod number;
pub mod paint;
pub mod table;
pub mod time;
pub mod words;

pub use paint::{Paint, Tone};
pub use table::{Cell, Table};
