//! The rules of this repository that a machine can judge; `CONTRIBUTING.md` says why each is there.
//!
//! Each test shows all its findings at once.

mod codes;
mod crates;
mod documents;
mod files;
mod generated;
mod layout;
