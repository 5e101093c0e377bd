//! What the functions of the function table mean on the local engine.
//!
//! Takes typed expressions, measures and window calls of the graph; gives what the columnar engine evaluates.
//! The meaning is the table's: total, by code point, without a clock, and never dependent on batches or threads.
//! The columnar engine's own operators are used only where their meaning is exactly that.
//!
//! Read in this order: `kernel` (a call over arrays), `expression` (expressions), `aggregate` and `window` (measures),
//! then one file a family.

mod aggregate;
mod arithmetic;
mod calendar;
mod canonical;
mod cast;
mod cast_text;
mod decimal;
mod encoded;
mod every;
mod exact_sum;
mod expression;
mod extreme;
mod first_last;
mod float_text;
mod fold;
mod hash;
mod json;
mod json_text;
mod kernel;
mod list;
mod literal;
mod map;
mod mask;
mod nested;
mod numeric;
mod parse_json;
mod percentile;
mod pieces;
mod rows;
mod search;
mod sorted;
mod sum;
mod text;
mod time;
mod variance;
mod window;
mod zone;

#[cfg(test)]
mod tests;

pub use aggregate::{Aggregated, aggregate};
pub use canonical::canonical;
pub use expression::{Columns, ComputeMask, physical};
pub use mask::masks;
pub use window::{Over, over};
