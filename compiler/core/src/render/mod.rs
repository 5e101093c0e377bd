//! From any noun to text for people and programs: the last verb.
//!
//! Must not decide anything: what is shown is in the value that is given.

mod excerpt;
mod expr;
mod github;
pub mod graph;
mod human;
mod json;
pub mod lineage;
mod operator;
mod sarif;
mod short;
mod summary;
#[cfg(test)]
mod tests;

pub use github::github;
pub use human::human;
pub use json::json;
pub use sarif::sarif;
pub use short::short;
pub use summary::summary;
