//! From texts to typed objects: the first verb.

pub(crate) mod align;
pub(crate) mod events;
pub(crate) mod limit;
pub(crate) mod node;
mod notation;
pub(crate) mod scalar;
pub(crate) mod split;
