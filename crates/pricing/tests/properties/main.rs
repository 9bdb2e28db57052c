//! What must hold for every surface, board and book: on random ones, the same in every run.

mod boards;
mod books;
mod display;
mod grid;
mod random;
mod surfaces;
mod window;
