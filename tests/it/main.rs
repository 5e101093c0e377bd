//! All tests that cross a crate, in one binary.

mod cases;
mod laws;
mod pages;
mod tidy;
