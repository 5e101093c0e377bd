//! The SQL of expressions and queries: text in, typed expressions and operators out.
//!
//! `sqlparser` gives the syntax tree, [`crate::flow`] builds every operator; between them stands only what this folder does:
//! names, types, and which operator a clause means. What is not in the subset of `docs/sql.md` is refused with what works instead.

mod call;
mod dialect;
mod expr;
mod interval;
mod literal;
mod marks;
mod mismatch;
mod name;
mod operator;
mod prepass;
mod problem;
mod refuse;
mod scope;
#[cfg(test)]
mod shown;
mod syntax;
#[cfg(test)]
mod tests_call;
#[cfg(test)]
mod tests_expr;
mod token;
mod value;

pub(crate) use expr::{bind_expr, bind_predicate};
pub(crate) use scope::{Scope, ScopeColumn};
