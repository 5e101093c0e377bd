//! Codes of what the language names and is not built yet.

codes! {
    /// A member whose name is reserved.
    N001 RESERVED "reserved";
    /// A pattern of tables, which only the database could resolve.
    N002 TABLE_PATTERN "table-pattern";
    /// A contract that a registry holds.
    N003 REGISTRY_SUBJECT "registry-subject";
    /// A condition on what is inside of a list or map.
    N004 ELEMENT_CONDITION "element-condition";
    /// The form `json` of the step `parse`.
    N005 PARSE_JSON "parse-json";
}
