//! From any noun to text for people and programs: the last verb.
//!
//! Must not decide anything: what is shown is in the value that is given.

mod excerpt;
mod human;
mod short;
mod summary;

pub use human::human;
pub use short::short;
pub use summary::summary;
