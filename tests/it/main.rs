//! All tests that cross a crate, in one binary.

mod cases;
mod corpus;
mod examples;
mod laws;
mod pages;
mod pages_run_time;
mod readback;
mod tidy;
