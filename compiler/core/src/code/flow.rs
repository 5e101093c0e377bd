//! Codes of what flows: kinds, keys, event time, state.

codes! {
    /// A window or another operator over time, on a stream without event time.
    F001 NO_EVENT_TIME "no-event-time";
    /// State that nothing bounds.
    F002 UNBOUNDED_STATE "unbounded-state";
    /// An operator that does not take streams of this kind.
    F003 KIND_NOT_TAKEN "kind-not-taken";
    /// Rows that change later and have no key.
    F004 UPDATES_WITHOUT_KEY "updates-without-key";
    /// A key field of an upsert stream that is dropped or recomputed.
    F005 KEY_DROPPED "key-dropped";
    /// A union of an append stream and an upsert stream.
    F006 UNEQUAL_KINDS "unequal-kinds";
    /// A union of upsert streams whose rows can't be told apart.
    F007 UNION_KEY "union-key";
    /// A temporal join whose right side has no versions.
    F008 NOT_VERSIONED "not-versioned";
    /// A temporal join that does not ask for the whole key.
    F009 JOIN_KEY "join-key";
    /// Two columns of one name.
    F010 DUPLICATE_COLUMN "duplicate-column";
    /// A route that nothing reads.
    F011 ROUTE_NOT_TAKEN "route-not-taken";
    /// Exactly-once is asked for, and a source gives less.
    F012 WEAK_DELIVERY "weak-delivery";
    /// Inputs of a union with different columns.
    F013 UNION_COLUMNS "unequal-columns";
    /// A window that slides in steps so small that each record is in very many.
    F014 TOO_MANY_WINDOWS "too-many-windows";
}
