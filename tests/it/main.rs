//! All tests that cross a crate, in one binary.

mod cases;
mod examples;
mod laws;
mod pages;
mod tidy;
