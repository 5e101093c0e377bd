//! The SQL of expressions and queries: text in, typed expressions and operators out.
//!
//! `sqlparser` gives the syntax tree, [`crate::flow`] builds every operator; between them stands only what this folder does:
//! names, types, and which operator a clause means. What is not in the subset of `docs/sql.md` is refused with what works instead.

mod call;
mod clause;
mod dialect;
mod expr;
mod from;
mod group;
mod hint;
mod interval;
mod item;
mod join;
mod literal;
mod marks;
mod mismatch;
mod name;
mod names;
mod operator;
mod over;
mod prepass;
mod problem;
mod query;
mod rank;
mod refuse;
mod relation;
mod rewrite;
mod scope;
mod select;
#[cfg(test)]
mod shown;
mod syntax;
#[cfg(test)]
mod tests_call;
#[cfg(test)]
mod tests_expr;
#[cfg(test)]
mod tests_query;
#[cfg(test)]
mod tests_refused;
#[cfg(test)]
mod tests_refused_join;
#[cfg(test)]
mod tests_soup;
mod time_bound;
mod token;
mod value;
mod window_table;

pub(crate) use expr::{bind_expr, bind_predicate};
pub(crate) use group::bind_measures;
pub(crate) use names::referenced_names;
pub(crate) use query::bind_query;
pub(crate) use scope::{Scope, ScopeColumn};
