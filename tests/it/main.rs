//! All tests that cross a crate, in one binary.

mod examples;
mod pages;
mod tidy;
