//! The reference of the language: takes the JSON Schema of each kind, gives a page that a person reads.
//!
//! Everything on the page comes from the schema; nothing is written here that could differ from it.

use std::fmt::Write;

use headwater_crds::object::Kind;
use headwater_crds::schema::schema;
use serde_json::Value;

/// The page `docs/language.md`.
pub fn page() -> String {
    let mut text = String::from(
        "# Language\n\nEvery kind and every member of it, with its type and meaning.\n\
         This page is generated from the types: `make bless`.\n\
         `headwater schema` prints the same for editors.\n\n\
         A member that is indented belongs to the one above it; `[]` is a list, `*` marks what must be written.\n",
    );
    for kind in Kind::ALL {
        let schema = schema(kind);
        let about = described(schema);
        write!(text, "\n## {}\n\n{}\n\n", kind.name(), sentences(about)).expect("a text takes any text");
        if let Some(spec) = schema.pointer("/properties/spec") {
            members(&mut text, spec, 0);
        }
    }
    text
}

/// The members of an object, each with those below it.
fn members(text: &mut String, object: &Value, depth: usize) {
    let Some(properties) = object.get("properties").and_then(Value::as_object) else { return };
    let required = object.get("required").and_then(Value::as_array);
    for (name, schema) in properties {
        let must = required.is_some_and(|names| names.iter().any(|required| required == name));
        let indent = "  ".repeat(depth);
        let mark = if must { "\\*" } else { "" };
        let about = sentence(described(schema));
        let choice = choice(inner(schema)).unwrap_or_default();
        writeln!(text, "{indent}- `{name}`{mark} {}{about}{choice}", type_name(schema))
            .expect("a text takes any text");
        members(text, inner(schema), depth + 1);
    }
}

/// Of which members exactly one is written, if the object is such a union.
fn choice(object: &Value) -> Option<String> {
    object.get("x-headwater-one-of")?;
    let besides = object.get("x-headwater-one-of-besides").and_then(Value::as_array);
    let is_beside = |name: &str| besides.is_some_and(|names| names.iter().any(|beside| beside == name));
    let properties = object.get("properties")?.as_object()?;
    let names = properties.keys().filter(|name| !is_beside(name)).map(|name| format!("`{name}`"));
    Some(format!("; exactly one of {}", names.collect::<Vec<_>>().join(", ")))
}

/// What a list holds, at whatever depth, or the schema itself.
fn inner(schema: &Value) -> &Value {
    let schema = present(schema);
    match schema.get("items") {
        Some(items) => inner(items),
        None => schema,
    }
}

/// The alternative that is not null.
fn present(schema: &Value) -> &Value {
    let some = schema.get("anyOf").and_then(Value::as_array);
    some.and_then(|some| some.iter().find(|one| one.get("type") != Some(&Value::from("null"))))
        .unwrap_or(schema)
}

/// The type of a value, for people.
fn type_name(schema: &Value) -> String {
    let schema = present(schema);
    if let Some(words) = words(schema) {
        return words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" or ");
    }
    if let Some(items) = schema.get("items") {
        return format!("{}[]", type_name(items));
    }
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    if let Some(own) = format.strip_prefix("headwater-") {
        return own.to_owned();
    }
    let types = match schema.get("type") {
        Some(Value::Array(several)) => several.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    let named: Vec<&str> = types.iter().filter_map(Value::as_str).filter(|name| *name != "null").collect();
    if named.is_empty() { "any".to_owned() } else { named.join(" or ") }
}

/// The words that a value is one of.
fn words(schema: &Value) -> Option<Vec<&str>> {
    if let Some(listed) = schema.get("enum").and_then(Value::as_array) {
        return Some(listed.iter().filter_map(Value::as_str).collect());
    }
    let several = schema.get("oneOf").and_then(Value::as_array)?;
    several.iter().map(|one| one.get("const").and_then(Value::as_str)).collect()
}

fn described(schema: &Value) -> &str {
    schema.get("description").and_then(Value::as_str).unwrap_or_default()
}

/// The first sentence, without its full stop, as it stands behind a type.
fn sentence(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let first = line.split_once(". ").map_or(line, |(first, _)| first);
    let bare = first.strip_suffix('.').filter(|bare| !bare.ends_with('.')).unwrap_or(first);
    if bare.is_empty() { String::new() } else { format!(": {bare}") }
}

/// One sentence a line.
fn sentences(text: &str) -> String {
    text.replace(". ", ".\n")
}
