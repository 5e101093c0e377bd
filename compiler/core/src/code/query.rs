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
}
