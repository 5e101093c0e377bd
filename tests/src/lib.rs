//! What the tests that cross crates share: finding files, comparing with what is expected, reading pages.
//!
//! It holds no test and knows no rule; those stand in `it/`.

pub mod command;
pub mod expected;
pub mod markdown;
pub mod mutate;
pub mod project;
pub mod reference;
pub mod repository;
pub mod run;
