//! The ports of a source that reads several tables: takes names and patterns, gives a port for each table.
//!
//! Which tables a pattern means is told by the lock, never by the database.

use headwater_crds::source::{Source, TableSource};

use super::lock::{Locked, Locks};
use crate::code::reference as code;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::near::near;
use headwater_crds::lock::LockedDatabase;

/// The tables of a source as port names: the last part of `schema.table`.
pub(super) fn ports(
    source: &Source,
    anchor: &Anchor,
    locks: &Locks,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<String> {
    let Some((member, declared)) = lists(source).into_iter().find(|(_, tables)| tables.tables.is_some())
    else {
        return Vec::new();
    };
    let at = anchor.at(member);
    let database = locks.databases.get(&declared.connection.0);
    let mut tables: Vec<(String, Anchor)> = Vec::new();
    for (index, table) in declared.tables.iter().flatten().enumerate() {
        let place = at.at("tables").at(index);
        let found = match (table.contains('*'), database) {
            (false, None) => vec![table.clone()],
            (false, Some(database)) => {
                check_known(table, database, &place, diagnostics);
                vec![table.clone()]
            }
            (true, Some(database)) => matching(table, declared, database, &place, diagnostics),
            (true, None) => {
                if !locks.is_partial {
                    diagnostics.push(not_locked(table, &declared.connection, &place));
                }
                Vec::new()
            }
        };
        let new = found.into_iter().filter(|name| !tables.iter().any(|(other, _)| other == name));
        tables.extend(new.map(|name| (name, place.clone())).collect::<Vec<_>>());
    }
    tables.retain(|(name, _)| !declared.except.iter().any(|pattern| matches(pattern, name)));
    named(&tables, diagnostics)
}

/// The tables that a pattern means.
fn matching(
    pattern: &str,
    declared: &TableSource,
    database: &Locked<LockedDatabase>,
    place: &Anchor,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<String> {
    let found: Vec<String> =
        database.entry.tables.iter().filter(|name| matches(pattern, name)).cloned().collect();
    let is_left = |name: &String| !declared.except.iter().any(|except| matches(except, name));
    if !found.iter().any(is_left) {
        let message = if found.is_empty() {
            format!("no table of `{}` is like `{pattern}`", declared.connection)
        } else {
            format!("`except` leaves out every table that is like `{pattern}`")
        };
        diagnostics.push(
            Diagnostic::error(&code::NO_TABLE, place, message)
                .also(database.anchor.at("tables"), "the tables that there are"),
        );
    }
    found
}

/// A table that is named and not there.
fn check_known(
    table: &str,
    database: &Locked<LockedDatabase>,
    place: &Anchor,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let tables = &database.entry.tables;
    if tables.iter().any(|name| name == table) {
        return;
    }
    let message = format!("the database of `{}` has no table `{table}`", database.entry.connection);
    let diagnostic = Diagnostic::error(&code::NO_TABLE, place, message)
        .also(database.anchor.at("tables"), "the tables that there are");
    diagnostics.push(match near(table, tables.iter().map(String::as_str)) {
        Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
        None => diagnostic,
    });
}

fn not_locked(pattern: &str, connection: &str, place: &Anchor) -> Diagnostic {
    Diagnostic::error(
        &code::NOT_LOCKED,
        place,
        format!("the tables that are like `{pattern}` are not known: `contracts.lock` has no tables of `{connection}`"),
    )
    .note("compiling asks no database: what others own is kept in the file `contracts.lock` beside the products")
    .help("add the database's tables to the lock, or name the tables one by one")
}

/// Port names; two tables of one name can't be told apart, and a port is a name of SQL.
fn named(tables: &[(String, Anchor)], diagnostics: &mut Vec<Diagnostic>) -> Vec<String> {
    let mut ports: Vec<String> = Vec::new();
    for (name, place) in tables {
        let port = name.rsplit('.').next().unwrap_or(name);
        let is_name = port.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
            && !port.starts_with(|letter: char| letter.is_ascii_digit())
            && !port.is_empty();
        if !is_name {
            diagnostics.push(
                Diagnostic::error(
                    &code::NO_TABLE,
                    place,
                    format!("the table `{name}` can't be a port: `{port}` is no name of SQL"),
                )
                .help("leave it out with `except`, and read it with a source of its own: `table: ...`"),
            );
        } else if ports.iter().any(|other| other == port) {
            diagnostics.push(
                Diagnostic::error(&code::NO_TABLE, place, format!("two tables would have the port `{port}`"))
                    .note(format!("the second is `{name}`"))
                    .help("leave one out with `except`, and read it with a source of its own: `table: ...`"),
            );
        } else {
            ports.push(port.to_owned());
        }
    }
    ports
}

/// Whether a name is like a pattern, in which `*` stands for any letters but a point.
fn matches(pattern: &str, name: &str) -> bool {
    let (patterns, names): (Vec<&str>, Vec<&str>) = (pattern.split('.').collect(), name.split('.').collect());
    patterns.len() == names.len()
        && patterns.iter().zip(names).all(|(pattern, name)| part_matches(pattern, name))
}

fn part_matches(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        let Some(at) = left.find(piece) else { return false };
        left = &left[at + piece.len()..];
    }
    left.ends_with(last)
}

/// The members of a source that may read several tables.
fn lists(source: &Source) -> Vec<(&'static str, &TableSource)> {
    let members = [
        ("postgres", &source.postgres),
        ("mysql", &source.mysql),
        ("sqlserver", &source.sqlserver),
        ("oracle", &source.oracle),
        ("db2", &source.db2),
        ("mongodb", &source.mongodb),
    ];
    members.into_iter().filter_map(|(name, member)| Some((name, member.as_deref()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::matches;

    fn check(pattern: &str, name: &str, expected: bool) {
        assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
    }

    #[test]
    fn a_star_stands_for_letters_but_no_point() {
        check("public.*", "public.orders", true);
        check("public.*", "audit.orders", false);
        check("*.orders", "audit.orders", true);
        check("*", "public.orders", false);
        check("public.order*", "public.orders", true);
        check("public.o*d*s", "public.orders", true);
        check("public.o*x*s", "public.orders", false);
        check("public.orders*orders", "public.orders", false);
        check("public.orders", "public.orders", true);
    }
}
