//! Choice between values: entries of the function table. `CASE` is a node of its own.

use super::build::{TRUTH, is, scalar, sig};
use super::{Family, Function, Gives, Nulls, Signature, Takes};

const fn choice(name: &'static str, written: &'static str, signatures: &'static [Signature]) -> Function {
    scalar(Family::Conditional, name, written, signatures)
}

pub(super) const FUNCTIONS: &[Function] = &[
    choice("coalesce", "coalesce(a, b, ...)", &[sig(&[Takes::Shared], Gives::Shared).more(Takes::Shared)])
        .alias(&["ifnull", "nvl"])
        .nulls(Nulls::All)
        .doc("The first argument that is not null.")
        .note("All arguments widen to one type.")
        .cases(&[
            is("coalesce(NULL, 2, 3)", "2"),
            is("coalesce(NULL, NULL)", "null"),
            is("coalesce(1 / 0, 0)", "0"),
            is("coalesce(1, 2.5)", "1.0"),
        ]),
    choice("nullif", "nullif(a, b)", &[sig(&[Takes::Ordered, Takes::Ordered], Gives::Same(0))])
        .nulls(Nulls::Own("when the arguments are equal or the first is null"))
        .doc("The first argument, or null if it equals the second.")
        .note("Null spellings that a contract cannot list are removed with it.")
        .cases(&[is("nullif('NA', 'NA')", "null"), is("nullif(1, 2)", "1"), is("nullif(1, NULL)", "1")]),
    choice("greatest", "greatest(a, b, ...)", &[sig(&[Takes::Ordered], Gives::Shared).more(Takes::Ordered)])
        .doc("The greatest of the arguments.")
        .note("Null if any is null. NaN is the greatest number.")
        .cases(&[
            is("greatest(1, 3, 2)", "3"),
            is("greatest('a', 'B')", "a"),
            is("greatest(1, NULL)", "null"),
            is("greatest(1e0, CAST('NaN' AS float64))", "NaN"),
        ]),
    choice("least", "least(a, b, ...)", &[sig(&[Takes::Ordered], Gives::Shared).more(Takes::Ordered)])
        .doc("The least of the arguments.")
        .note("Null if any is null. NaN is the greatest number.")
        .cases(&[
            is("least(3, 1, 2)", "1"),
            is("least(DATE '2026-01-02', DATE '2026-01-01')", "2026-01-01"),
            is("least(1, NULL)", "null"),
        ]),
    choice(
        "if",
        "if(condition, then, otherwise)",
        &[sig(&[TRUTH, Takes::Shared, Takes::Shared], Gives::Shared)],
    )
    .nulls(Nulls::Values)
    .doc("The second argument if the condition is true, otherwise the third.")
    .note("A condition that is null counts as not true.")
    .cases(&[
        is("if(TRUE, 1, 2)", "1"),
        is("if(NULL, 1, 2)", "2"),
        is("if(FALSE, 1, NULL)", "null"),
        is("if(TRUE, 1, 2.5)", "1.0"),
    ]),
];
