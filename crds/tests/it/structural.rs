//! The definitions keep the rules of structural schemas, as strictly as the API server checks them, and our own on names.
//!
//! Rules: Kubernetes, "Extend the Kubernetes API with CustomResourceDefinitions" and "Validation rules".

use headwater_crds::crd;
use headwater_crds::object::Kind;
use serde_json::{Map, Value, json};

/// Words that a schema may hold outside `oneOf`; all others are refused by the server, or are not ours to use.
const WORDS: [&str; 21] = [
    "additionalProperties",
    "description",
    "enum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "oneOf",
    "pattern",
    "properties",
    "required",
    "type",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-validations",
];
const SCALARS: [&str; 4] = ["string", "integer", "number", "boolean"];
/// Limits of the server's estimate, for one rule and for all rules of a definition.
const RULE_COST_MAX: u64 = 10_000_000;
const COST_MAX: u64 = 100_000_000;

#[derive(Default)]
struct Findings {
    found: Vec<String>,
    cost: u64,
}

impl Findings {
    fn add(&mut self, path: &str, what: impl AsRef<str>) {
        self.found.push(format!("{path}: {}", what.as_ref()));
    }
    fn check(&mut self, holds: bool, path: &str, what: impl AsRef<str>) {
        if !holds {
            self.add(path, what);
        }
    }
}

fn text<'a>(node: &'a Value, word: &str) -> Option<&'a str> {
    node.get(word).and_then(Value::as_str)
}

fn list<'a>(node: &'a Value, word: &str) -> &'a [Value] {
    node.get(word).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn members(node: &Value) -> impl Iterator<Item = (&String, &Value)> {
    node.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

fn schema(node: &Value, path: &str, count: u64, out: &mut Findings) {
    let Some(object) = node.as_object() else {
        return out.add(path, "is no schema");
    };
    for word in object.keys() {
        out.check(WORDS.contains(&word.as_str()), path, format!("word `{word}`"));
    }
    let kind = text(node, "type").unwrap_or_default();
    out.check(SCALARS.contains(&kind) || ["array", "object"].contains(&kind), path, "no type");
    words_fit(node, kind, path, out);
    lists_fit(node, path, out);
    choices_fit(node, path, out);
    rules_fit(node, path, count, out);
    let times =
        |bound: &str| count.saturating_mul(node.get(bound).and_then(Value::as_u64).unwrap_or(u64::MAX));
    for (name, inner) in members(node) {
        name_fits(name, path, out);
        schema(inner, &format!("{path}.{name}"), count, out);
    }
    for (word, bound) in [("items", "maxItems"), ("additionalProperties", "maxProperties")] {
        if let Some(inner) = node.get(word) {
            schema(inner, &format!("{path}[]"), times(bound), out);
        }
    }
}

/// Words that belong to one type stand at that type, and bounds are there.
fn words_fit(node: &Value, kind: &str, path: &str, out: &mut Findings) {
    let belongs = [
        ("items", "array"),
        ("maxItems", "array"),
        ("properties", "object"),
        ("additionalProperties", "object"),
        ("required", "object"),
        ("x-kubernetes-preserve-unknown-fields", "object"),
        ("maxLength", "string"),
        ("pattern", "string"),
        ("x-kubernetes-list-type", "array"),
    ];
    for (word, owner) in belongs {
        out.check(node.get(word).is_none() || kind == owner, path, format!("`{word}` at type `{kind}`"));
    }
    let both = node.get("properties").is_some() && node.get("additionalProperties").is_some();
    out.check(!both, path, "`properties` beside `additionalProperties`");
    match kind {
        "array" => {
            out.check(node.get("items").is_some() && node.get("maxItems").is_some(), path, "unbounded list")
        }
        "string" => {
            let bounded = ["maxLength", "enum", "format"].iter().any(|word| node.get(word).is_some());
            out.check(bounded || path.split('.').count() == 2, path, "unbounded text");
        }
        _ => out.check(
            node.get("additionalProperties").is_none() || node.get("maxProperties").is_some(),
            path,
            "unbounded map",
        ),
    }
    if let Some(format) = text(node, "format") {
        let known = match kind {
            "integer" => ["int32", "int64"].contains(&format),
            "number" => ["float", "double"].contains(&format),
            "string" => format == "date-time",
            _ => false,
        };
        out.check(known, path, format!("format `{format}` of `{kind}`"));
    }
    // The server's regular expressions are RE2: no look-around, no back references.
    let pattern = text(node, "pattern").unwrap_or_default();
    out.check(
        !["(?=", "(?!", "(?<", "\\1"].iter().any(|part| pattern.contains(part)),
        path,
        "pattern is not RE2",
    );
    for word in list(node, "enum") {
        out.check(kind == "string" && word.is_string(), path, "enumeration of something other than text");
        // People write the words of `spec` only; those of `status` are Kubernetes' own.
        let is_text = !path.starts_with(".spec") || is_text_in_yaml(word.as_str().unwrap_or_default());
        out.check(is_text, path, format!("`{word}` is no text in YAML"));
    }
    for name in list(node, "required") {
        let declared = members(node).any(|(member, _)| Some(member.as_str()) == name.as_str());
        out.check(declared, path, format!("{name} is required but not declared"));
    }
}

/// Lists with keys: elements are objects whose keys are required scalars.
fn lists_fit(node: &Value, path: &str, out: &mut Findings) {
    let Some(list_type) = text(node, "x-kubernetes-list-type") else {
        return out.check(
            node.get("x-kubernetes-list-map-keys").is_none(),
            path,
            "keys of a list that has no list type",
        );
    };
    out.check(list_type == "map", path, format!("list type `{list_type}`"));
    let keys = list(node, "x-kubernetes-list-map-keys");
    out.check(!keys.is_empty(), path, "a list map without keys");
    let items = &node["items"];
    out.check(text(items, "type") == Some("object"), path, "a list map of something other than objects");
    for key in keys {
        let declared = members(items).find(|(name, _)| Some(name.as_str()) == key.as_str());
        let scalar =
            declared.and_then(|(_, key)| text(key, "type")).is_some_and(|kind| SCALARS.contains(&kind));
        out.check(scalar, path, format!("key {key} is no declared scalar"));
        out.check(list(items, "required").contains(key), path, format!("key {key} is not required"));
    }
}

/// `oneOf` says only which declared members are required.
fn choices_fit(node: &Value, path: &str, out: &mut Findings) {
    for choice in list(node, "oneOf") {
        let words: Vec<&str> =
            choice.as_object().into_iter().flat_map(Map::keys).map(String::as_str).collect();
        out.check(words == ["required"], path, format!("a choice holds {words:?}"));
        for name in list(choice, "required") {
            let declared = members(node).any(|(member, _)| Some(member.as_str()) == name.as_str());
            out.check(declared, path, format!("a choice names {name}, which is not declared"));
        }
    }
}

/// Rules name declared members, say what is wrong in one line, and cost little.
fn rules_fit(node: &Value, path: &str, count: u64, out: &mut Findings) {
    for rule in list(node, "x-kubernetes-validations") {
        let message = text(rule, "message").unwrap_or_default();
        out.check(
            !message.is_empty() && !message.contains('\n') && message.len() <= 2048,
            path,
            "a rule without message",
        );
        let parts: Vec<&str> = text(rule, "rule").unwrap_or_default().split("has(self.").skip(1).collect();
        out.check(!parts.is_empty(), path, "a rule about nothing");
        for part in &parts {
            let name = part.split(')').next().unwrap_or_default();
            let plain = name.strip_prefix("__").and_then(|name| name.strip_suffix("__")).unwrap_or(name);
            out.check(
                members(node).any(|(member, _)| member == plain),
                path,
                format!("a rule names `{name}`"),
            );
            let is_word = ["namespace", "null", "in", "as", "if", "for", "import", "package"].contains(&name);
            out.check(!is_word, path, format!("`{name}` is a word of CEL"));
        }
        let cost = count.saturating_mul(3 * parts.len() as u64);
        out.check(cost <= RULE_COST_MAX, path, format!("a rule costs {cost}"));
        out.cost = out.cost.saturating_add(cost);
    }
}

/// Names are `camelCase` and text in every YAML.
fn name_fits(name: &str, path: &str, out: &mut Findings) {
    let camel =
        name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(|c| c.is_ascii_alphanumeric());
    out.check(camel, path, format!("`{name}` is not camelCase"));
    out.check(is_text_in_yaml(name), path, format!("`{name}` is no text in YAML"));
}

/// Whether YAML 1.1 and 1.2 read a plain word as text (YAML 1.1, language-independent types; YAML 1.2, core schema).
fn is_text_in_yaml(word: &str) -> bool {
    let other = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", ""];
    !other.contains(&word.to_ascii_lowercase().as_str()) && !word.starts_with(|c: char| c.is_ascii_digit())
}

/// What is wrong with a whole definition.
fn definition(crd: &Value) -> Vec<String> {
    let mut out = Findings::default();
    let spec = &crd["spec"];
    let name = format!(
        "{}.{}",
        text(&spec["names"], "plural").unwrap_or_default(),
        text(spec, "group").unwrap_or_default()
    );
    out.check(text(&crd["metadata"], "name") == Some(&name), "metadata.name", "is not plural and group");
    for version in list(spec, "versions") {
        let root = &version["schema"]["openAPIV3Schema"];
        out.check(text(root, "type") == Some("object"), "root", "is no object");
        for name in ["apiVersion", "kind", "metadata"] {
            let words = ["type", "description"];
            let plain = root["properties"][name]
                .as_object()
                .is_some_and(|node| node.keys().all(|word| words.contains(&word.as_str())));
            out.check(plain, name, "is restricted");
        }
        schema(root, "", 1, &mut out);
        for selectable in list(version, "selectableFields") {
            let path = text(selectable, "jsonPath").unwrap_or_default();
            let node = path.split('.').skip(1).fold(root, |node, name| &node["properties"][name]);
            out.check(text(node, "type") == Some("string"), path, "is selectable but no text");
        }
        for column in list(version, "additionalPrinterColumns") {
            let path = text(column, "jsonPath").unwrap_or_default();
            let head = path.split('[').next().unwrap_or_default();
            let node = head.split('.').skip(1).fold(root, |node, name| &node["properties"][name]);
            out.check(
                node.is_object() || head == ".metadata.creationTimestamp",
                path,
                "is a column of nothing",
            );
        }
    }
    out.check(
        list(spec, "versions").iter().filter(|one| one["storage"] == true).count() == 1,
        "versions",
        "not one is stored",
    );
    let cost = out.cost;
    out.check(cost <= COST_MAX, "all rules", format!("cost {cost}"));
    out.found
}

#[test]
fn definitions_are_structural() {
    for crd in Kind::ALL.into_iter().filter_map(crd::definition) {
        assert_eq!(definition(&crd), Vec::<String>::new(), "{}", crd["metadata"]["name"]);
    }
}

#[test]
fn the_checker_finds_what_the_server_refuses() {
    let check = |node: Value, expected: &[&str]| {
        let mut out = Findings::default();
        schema(&node, "", 1, &mut out);
        let found: Vec<&str> = out.found.iter().map(|line| line.trim_start_matches(": ")).collect();
        assert_eq!(found, expected, "{node}");
    };
    check(json!({ "type": "object", "properties": { "a": { "type": "boolean" } } }), &[]);
    check(json!({ "type": "boolean", "default": true }), &["word `default`"]);
    check(json!({ "$ref": "#/definitions/a" }), &["word `$ref`", "no type"]);
    check(json!({ "type": ["boolean", "null"] }), &["no type"]);
    check(json!({ "anyOf": [{ "type": "boolean" }] }), &["word `anyOf`", "no type"]);
    check(
        json!({ "type": "object", "properties": {}, "additionalProperties": { "type": "boolean" }, "maxProperties": 1 }),
        &["`properties` beside `additionalProperties`"],
    );
    check(
        json!({ "type": "object", "additionalProperties": false, "maxProperties": 1 }),
        &["[]: is no schema"],
    );
    check(json!({ "type": "array", "items": { "type": "boolean" } }), &["unbounded list"]);
    check(json!({ "type": "integer", "format": "uint32" }), &["format `uint32` of `integer`"]);
    check(
        json!({ "type": "object", "properties": { "a_b": { "type": "boolean" } } }),
        &["`a_b` is not camelCase"],
    );
    check(
        json!({ "type": "object", "properties": { "on": { "type": "boolean" } } }),
        &["`on` is no text in YAML"],
    );
    check(json!({ "type": "object", "required": ["a"] }), &["\"a\" is required but not declared"]);
    check(
        json!({ "type": "object", "oneOf": [{ "required": ["a"] }, { "type": "object" }] }),
        &["a choice names \"a\", which is not declared", "a choice holds [\"type\"]"],
    );
    let named = json!({ "type": "object", "properties": { "name": { "type": "string", "maxLength": 9 } } });
    check(
        json!({ "type": "array", "maxItems": 9, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"], "items": named }),
        &["key \"name\" is not required"],
    );
    let rule = json!([{ "rule": "has(self.null)", "message": "m" }]);
    let list = json!({ "type": "array", "maxItems": 4_000_000, "items": { "type": "object", "x-kubernetes-validations": rule } });
    check(list, &["[]: a rule names `null`", "[]: `null` is a word of CEL", "[]: a rule costs 12000000"]);
}

/// Words of the compiler's schema that the definitions take over, express otherwise or leave out on purpose.
/// A new word of a type has to be thought about in `structural.rs`.
#[test]
fn every_word_of_the_schema_is_known() {
    const TURNED: [&str; 9] = [
        "$schema",
        "anyOf",
        "const",
        "default",
        "title",
        "x-headwater-one-of",
        "x-headwater-one-of-besides",
        "x-headwater-open",
        "oneOf",
    ];
    fn walk(node: &Value, unknown: &mut Vec<String>) {
        for (word, value) in node.as_object().into_iter().flatten() {
            if !WORDS.contains(&word.as_str()) && !TURNED.contains(&word.as_str()) {
                unknown.push(word.clone());
            }
            match word.as_str() {
                "properties" => {
                    value.as_object().into_iter().flatten().for_each(|(_, inner)| walk(inner, unknown))
                }
                "anyOf" | "oneOf" => {
                    value.as_array().into_iter().flatten().for_each(|inner| walk(inner, unknown))
                }
                "items" | "additionalProperties" => walk(value, unknown),
                _ => {}
            }
        }
    }
    let mut unknown = Vec::new();
    for kind in Kind::ALL {
        walk(headwater_crds::schema::schema(kind), &mut unknown);
    }
    assert_eq!(unknown, Vec::<String>::new());
}
