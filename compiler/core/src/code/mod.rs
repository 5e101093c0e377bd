//! The registry of diagnostic codes: noun file.
//!
//! One file a stage, so that a code is found by its letter:
//! `S` syntax and shape, `R` references, `T` types and expressions, `Q` SQL, `F` flow (kinds, keys, time, state),
//! `K` steps and sinks, `C` contracts, `P` personal data, `L` lints, `N` not yet, `X` tests of products, `D` run time.
//! A code is never used again for something else; its severity is not part of it.

/// A registered problem.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    /// Stage letter and three digits, such as `R003`.
    pub id: &'static str,
    /// Kebab-case name, such as `unknown-reference`.
    pub name: &'static str,
    /// The page that explains it, in Markdown: a failing example, its output, the fixed example.
    pub page: &'static str,
}

/// Declares the codes of one stage and the list of them.
/// The page is `docs/codes/<ID>.md`, compiled in so that `explain` works anywhere.
macro_rules! codes {
    ($($(#[$doc:meta])+ $id:ident $constant:ident $name:literal;)*) => {
        $($(#[$doc])+ pub static $constant: $crate::code::Code = $crate::code::Code {
            id: stringify!($id),
            name: $name,
            page: include_str!(concat!("../../../../docs/codes/", stringify!($id), ".md")),
        };)*
        /// Every code of this stage, in order.
        pub static ALL: &[&$crate::code::Code] = &[$(&$constant),*];
    };
}

pub mod contract;
pub mod expression;
pub mod flow;
pub mod lint;
pub mod not_yet;
pub mod privacy;
pub mod query;
pub mod reference;
pub mod run_time;
pub mod sink;
pub mod step;
pub mod syntax;
pub mod test;

/// Every code of every stage, in order of the pipeline.
pub fn all() -> impl Iterator<Item = &'static Code> {
    let stages = [
        syntax::ALL,
        not_yet::ALL,
        reference::ALL,
        contract::ALL,
        expression::ALL,
        query::ALL,
        step::ALL,
        sink::ALL,
        flow::ALL,
        privacy::ALL,
        lint::ALL,
        run_time::ALL,
        test::ALL,
    ];
    stages.into_iter().flatten().copied()
}

/// The code with this id or name, in any letter case.
pub fn find(text: &str) -> Option<&'static Code> {
    all().find(|code| code.id.eq_ignore_ascii_case(text) || code.name.eq_ignore_ascii_case(text))
}
