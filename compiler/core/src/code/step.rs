//! Codes of steps.

codes! {
    /// A step names a column that is not there.
    K001 UNKNOWN_COLUMN "unknown-step-column";
    /// A cast between types that have nothing in common.
    K002 CAST_REFUSED "step-cast-refused";
    /// A value to fill in that is not of the column's type.
    K003 FILL_TYPE "fill-type";
    /// A column that is no text, or a pattern that can't be read.
    K004 PARSE_TYPE "parse-type";
    /// A column that has nothing inside to unfold.
    K005 NOT_NESTED "not-nested";
    /// More or fewer names than an element has columns.
    K006 UNNEST_NAMES "unnest-names";
    /// A mask that does not take the column's type.
    K007 MASK_TYPE "mask-type";
    /// Columns of a join that can't be compared.
    K008 JOIN_TYPES "join-types";
    /// Lengths of a window that don't fit each other.
    K009 WINDOW_LENGTH "window-length";
    /// A transform that reads nothing.
    K010 NO_INPUT "no-input";
    /// Routes that do not say where all other records go.
    K011 OTHERWISE "otherwise";
}
