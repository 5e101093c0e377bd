//! Fields by path as a tree: `items` is a list, `items[]` its element, `items[].sku` a member, `tags{}` a map's value.

use super::schema::Placed;
use crate::catalog::Field;
use crate::code::contract as code;
use crate::data_type::{DataType, Member, Slot};
use crate::diagnostic::Diagnostic;
use crate::type_name::declared_type;

/// The top-level fields, nested ones inside them.
pub(super) fn tree(declared: Vec<Placed>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Field> {
    let mut roots: Vec<Field> = Vec::with_capacity(declared.len());
    for Placed { field, anchor, classified_at } in declared {
        let data_type = declared_type(&field.data_type, &anchor.at("type")).unwrap_or_else(|diagnostic| {
            diagnostics.push(*diagnostic);
            DataType::Unknown
        });
        let segments = split(&field.name);
        let name = segments.last().cloned().unwrap_or_default();
        let node = Field {
            name,
            data_type,
            nullable: !field.required,
            declared: field,
            classified_at: classified_at.map(Box::new),
            anchor,
            inner: Vec::new(),
        };
        place(&mut roots, &segments, node, diagnostics);
    }
    roots.shrink_to_fit();
    roots.iter_mut().for_each(|field| complete(field, diagnostics));
    roots
}

/// `items[].sku` as `items`, `[]`, `sku`.
fn split(path: &str) -> Vec<String> {
    let mut segments = Vec::new();
    for part in path.split('.') {
        let end = part.find(['[', '{']).unwrap_or(part.len());
        segments.push(part[..end].to_owned());
        let mut rest = &part[end..];
        while !rest.is_empty() {
            let (segment, after) = rest.split_at(2.min(rest.len()));
            segments.push(segment.to_owned());
            rest = after;
        }
    }
    segments
}

/// Puts a field under the field that its path names.
fn place(level: &mut Vec<Field>, segments: &[String], field: Field, diagnostics: &mut Vec<Diagnostic>) {
    let at = field.anchor.at("name");
    let (first, rest) = segments.split_first().expect("a path has at least one segment");
    let found = level.iter_mut().find(|other| other.name == *first);
    match (found, rest) {
        (None, []) => {
            let twin = level.iter().find(|other| other.name.to_lowercase() == first.to_lowercase());
            if let Some(twin) = twin {
                let message = format!("`{}` and `{first}` differ only by case", twin.name);
                diagnostics.push(
                    Diagnostic::error(&code::DIFFERS_BY_CASE, at, message)
                        .also(twin.anchor.at("name"), "the other one")
                        .help(
                            "engines that fold case would take them for one: give one of them another name",
                        ),
                );
            }
            level.push(field);
        }
        // Repeated names are refused with the shape, before there is a contract.
        (Some(_), []) => {}
        (Some(parent), rest) => place(&mut parent.inner, rest, field, diagnostics),
        (None, _) => {
            let path = &field.declared.name;
            let message = format!("`{path}` is inside of `{first}`, which is not declared");
            diagnostics.push(
                Diagnostic::error(&code::FIELD_WITHOUT_PARENT, at, message)
                    .help(format!("declare `{first}` before it, as a list, a map or a struct")),
            );
        }
    }
}

/// Gives a nested field the type that its inner fields make.
#[expect(clippy::wildcard_enum_match_arm, reason = "whatever is not nested stays as it is")]
fn complete(field: &mut Field, diagnostics: &mut Vec<Diagnostic>) {
    field.inner.iter_mut().for_each(|inner| complete(inner, diagnostics));
    let wrong: Vec<&Field> =
        field.inner.iter().filter(|inner| !fits_in(&field.data_type, &inner.name)).collect();
    for inner in wrong {
        let message = format!(
            "`{}` can't be inside of `{}`, which is `{}`",
            inner.declared.name, field.declared.name, field.declared.data_type
        );
        diagnostics.push(
            Diagnostic::error(&code::FIELD_WITHOUT_PARENT, inner.anchor.at("name"), message)
                .also(field.anchor.at("type"), "its type")
                .help("a list has an element `[]`, a map a value `{}`, a struct members after a point"),
        );
    }
    let slot = |mark: &str| {
        let inner = field.inner.iter().find(|inner| inner.name == mark);
        inner.map(|inner| Box::new(Slot { data_type: inner.data_type.clone(), nullable: inner.nullable }))
    };
    let (complete, missing) = match &field.data_type {
        DataType::List(empty) => (slot("[]").map(DataType::List), Some((empty.clone(), "[]"))),
        DataType::Map(empty) => (slot("{}").map(DataType::Map), Some((empty.clone(), "{}"))),
        DataType::Struct(_) => (Some(DataType::Struct(members(&field.inner))), None),
        _ => (Some(field.data_type.clone()), None),
    };
    let empty_struct = matches!(&complete, Some(DataType::Struct(members)) if members.is_empty());
    if complete.is_none() || empty_struct {
        let path = &field.declared.name;
        let inside = missing.map_or_else(|| format!("{path}.member"), |(_, mark)| format!("{path}{mark}"));
        diagnostics.push(
            Diagnostic::error(
                &code::NOTHING_INSIDE,
                field.anchor.at("type"),
                format!("nothing is declared inside of `{path}`"),
            )
            .help(format!("declare `{inside}` with its type")),
        );
    }
    field.data_type = complete.filter(|_| !empty_struct).unwrap_or(DataType::Unknown);
}

/// The members of a struct with these fields.
pub(super) fn members(inner: &[Field]) -> Vec<Member> {
    let member = |field: &Field| Member {
        name: field.name.clone(),
        data_type: field.data_type.clone(),
        nullable: field.nullable,
    };
    inner.iter().map(member).collect()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever is not nested has nothing inside")]
fn fits_in(outer: &DataType, inner: &str) -> bool {
    match outer {
        DataType::List(_) => inner == "[]",
        DataType::Map(_) => inner == "{}",
        DataType::Struct(_) => inner != "[]" && inner != "{}",
        DataType::Unknown => true,
        _ => false,
    }
}
