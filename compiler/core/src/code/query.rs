//! Codes of SQL: syntax, and clauses of queries.

codes! {
    /// The text is not SQL.
    Q001 SYNTAX "sql-syntax";
    /// A statement that is not a query.
    Q002 NOT_A_QUERY "not-a-query";
    /// More than one statement.
    Q003 SEVERAL_STATEMENTS "several-statements";
    /// SQL that is longer or deeper than what is read.
    Q004 TOO_LARGE "sql-too-large";
    /// `ORDER BY`, `LIMIT` and their like at the end of a query.
    Q005 ORDER_OR_LIMIT "order-or-limit";
    /// A query that depends on each row of another.
    Q006 LATERAL "lateral";
    /// A column that has many values in each group.
    Q007 NOT_GROUPED "not-grouped";
    /// A window function over a table with the wrong arguments.
    Q008 WINDOW_ARGUMENTS "window-arguments";
    /// The functions of groups that Flink had before window functions over tables.
    Q009 GROUP_WINDOW "group-window";
    /// A window function over a table whose rows are not grouped by the window.
    Q010 WINDOW_NOT_GROUPED "window-not-grouped";
    /// A join that does not say which columns are equal.
    Q011 JOIN_CONDITION "join-condition";
    /// A set operation other than `UNION ALL`.
    Q012 SET_OPERATION "set-operation";
    /// Branches of a union that do not go together.
    Q013 UNION_COLUMNS "union-columns";
    /// A computed column without a name.
    Q014 UNNAMED_COLUMN "unnamed-column";
    /// A clause that is not in the subset.
    Q015 CLAUSE "clause-not-supported";
    /// A window of `OVER` that is not in the subset.
    Q016 OVER_WINDOW "over-window";
    /// Numbered rows of which nothing says how many are wanted.
    Q017 RANK_WITHOUT_BOUND "rank-without-bound";
    /// A hint that is not known, or says nothing.
    Q018 HINT "hint";
    /// Two inputs of one name.
    Q019 DUPLICATE_INPUT "duplicate-input";
    /// A CTE that is recursive, or two of one name.
    Q020 CTE "cte";
    /// More or fewer names than columns.
    Q021 ALIAS_COLUMNS "alias-columns";
    /// `UNNEST` of something that has no elements.
    Q022 NOT_UNNESTABLE "not-unnestable";
    /// A `SELECT` without `FROM`.
    Q023 NO_FROM "no-from";
    /// A join whose times are bounded on one side only.
    Q024 HALF_INTERVAL "half-interval";
    /// `MATCH_RECOGNIZE`.
    Q025 MATCH_RECOGNIZE "match-recognize";
    /// A CTE that nothing reads.
    Q026 UNUSED_CTE "unused-cte";
    /// `FOR SYSTEM_TIME AS OF` where it means nothing.
    Q027 TEMPORAL "temporal";
    /// A call over a window of records beside a group.
    Q028 MIXED_CALLS "mixed-calls";
}
