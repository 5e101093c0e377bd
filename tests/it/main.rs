//! All tests that cross a crate, in one binary.

mod cases;
mod catalogs;
mod corpus;
mod examples;
mod imports;
mod laws;
mod letters;
mod lints;
mod mutations;
mod pages;
mod pages_run_time;
mod readback;
mod refused;
mod runs;
mod tested;
mod tidy;
mod ways;
