//! Kernels against values of sixty digits, made by `make_reference.py`. Each test prints the largest error it saw.

mod elementary;
mod marks;
mod options;
mod potential;
mod table;
