//! Codes of types and expressions: names, calls, constants.

codes! {
    /// A column that is not there.
    T001 UNKNOWN_COLUMN "unknown-column";
    /// A name that several columns have.
    T002 AMBIGUOUS_COLUMN "ambiguous-column";
    /// A function that is not in the table.
    T003 UNKNOWN_FUNCTION "unknown-function";
    /// A call with types that the function does not take.
    T004 ARGUMENT_TYPES "argument-types";
    /// A call with too few or too many arguments.
    T005 ARGUMENT_COUNT "argument-count";
    /// Something that is neither true nor false where a condition must stand.
    T006 NOT_A_CONDITION "not-a-condition";
    /// A cast that means nothing.
    T007 CAST_REFUSED "cast-refused";
    /// The name of a type that there is not.
    T008 UNKNOWN_TYPE "unknown-sql-type";
    /// A constant that is none of its type.
    T009 INVALID_CONSTANT "invalid-constant";
    /// A member that the struct does not have.
    T010 UNKNOWN_MEMBER "no-such-member";
    /// Brackets behind something that has no elements, or the wrong index.
    T011 NOT_INDEXABLE "not-indexable";
    /// Values that must be of one type and have none in common.
    T012 NO_COMMON_TYPE "no-common-type";
    /// An aggregate or window function where one record is looked at.
    T013 MISPLACED_AGGREGATE "misplaced-aggregate";
    /// A function that is known and not offered, such as one that reads a clock.
    T014 REFUSED_FUNCTION "refused-function";
    /// Double quotes, which mean names in some databases and texts in others.
    T015 DOUBLE_QUOTES "double-quotes";
    /// An argument that must be written as a constant.
    T016 NOT_CONSTANT "not-constant";
    /// A form of expression that is not in the subset.
    T017 NOT_SUPPORTED "not-supported";
    /// A column that would have no type.
    T018 UNTYPED_COLUMN "untyped-column";
}
