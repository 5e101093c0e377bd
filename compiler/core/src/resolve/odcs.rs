//! The Open Data Contract Standard (version 3): takes `spec.odcs` of a contract; gives fields, key and rules.
//!
//! What describes (team, price, servers, texts) is kept where it is and means nothing to records.
//! What promises something of records and has no form here is said, never dropped.

use headwater_crds::contract::{ContractSpec, Rule};
use headwater_crds::scalar::{Classification, DnsLabel, Expression, FieldPath, TypeName};
use serde_json::{Map, Value};

use super::contract::Stated;
use super::schema::{Placed, field, reference};
use crate::code::contract as code;
use crate::data_type::DataType;
use crate::diagnostic::{Anchor, Diagnostic};
use crate::type_name::parse_sql_type;

/// Members of the whole, of an object and of a property that describe and promise nothing of records, or are read.
const WHOLE: [&str; 24] = [
    "apiVersion",
    "kind",
    "id",
    "name",
    "version",
    "status",
    "tenant",
    "domain",
    "dataProduct",
    "description",
    "schema",
    "servers",
    "team",
    "roles",
    "support",
    "price",
    "tags",
    "customProperties",
    "authoritativeDefinitions",
    "slaProperties",
    "slaDefaultElement",
    "contractCreatedTs",
    "owner",
    "quality",
];
const OBJECT: [&str; 15] = [
    "id",
    "name",
    "physicalName",
    "physicalType",
    "logicalType",
    "businessName",
    "description",
    "tags",
    "quality",
    "customProperties",
    "authoritativeDefinitions",
    "dataGranularityDescription",
    "properties",
    "relationships",
    "status",
];
const PROPERTY: [&str; 30] = [
    "id",
    "name",
    "physicalName",
    "physicalType",
    "logicalType",
    "logicalTypeOptions",
    "businessName",
    "description",
    "tags",
    "quality",
    "customProperties",
    "authoritativeDefinitions",
    "required",
    "primaryKey",
    "primaryKeyPosition",
    "unique",
    "classification",
    "examples",
    "items",
    "properties",
    "criticalDataElement",
    "encryptedName",
    "transformSourceObjects",
    "transformLogic",
    "transformDescription",
    "partitioned",
    "partitionKeyPosition",
    "relationships",
    "semanticConcept",
    "status",
];

/// What is read, and what is wrong with it.
struct Reading<'d> {
    fields: Vec<Placed>,
    key: Vec<(i64, String)>,
    rules: Vec<(Anchor, Rule)>,
    diagnostics: &'d mut Vec<Diagnostic>,
}

/// The fields and rules of the standard's contract; its key goes into the declaration. `at` points at `spec`.
pub(super) fn read(spec: &mut ContractSpec, at: &Anchor, diagnostics: &mut Vec<Diagnostic>) -> Stated {
    let Some(odcs) = spec.odcs.take() else { return Stated::default() };
    let whole = at.at("odcs");
    let mut reading = Reading { fields: Vec::new(), key: Vec::new(), rules: Vec::new(), diagnostics };
    if let Some(first) = [("fields", !spec.fields.is_empty()), ("rules", !spec.rules.is_empty())]
        .into_iter()
        .find_map(|(member, present)| present.then_some(member))
    {
        let place = Anchor::key(at.document, format!("{}/{first}", at.pointer));
        reading.refuse(
            place,
            format!("a contract with `odcs` has its `{first}` from there"),
            "keep one of the two",
        );
        return Stated::default();
    }
    reading.unknown(&odcs, &WHOLE, &whole);
    let objects = list(odcs.get("schema"));
    let list_at = whole.at("schema");
    if let [Value::Object(object)] = objects {
        let place = list_at.at(0);
        reading.unknown(object, &OBJECT, &place);
        reading.properties(object.get("properties"), &place.at("properties"), "");
        reading.quality(object.get("quality"), &place.at("quality"), None);
    } else {
        reading.refuse(
            list_at,
            format!(
                "the contract describes {} objects, and a contract here describes the records of one stream",
                objects.len()
            ),
            "give each object a `DataContract` of its own",
        );
    }
    reading.quality(odcs.get("quality"), &whole.at("quality"), None);
    let Reading { fields, mut key, rules, .. } = reading;
    key.sort();
    if spec.key.is_empty() {
        spec.key = key.into_iter().map(|(_, name)| name).collect();
    }
    Stated { fields, rules }
}

impl Reading<'_> {
    fn refuse(&mut self, place: Anchor, message: String, help: &str) {
        self.diagnostics.push(Diagnostic::error(&code::ODCS_NOT_READ, place, message).help(help));
    }

    fn weaken(&mut self, place: Anchor, message: String) {
        self.diagnostics.push(
            Diagnostic::warning(&code::ODCS_NOT_CHECKED, place, message)
                .help("write the contract with `fields` and `rules`, which say more of records"),
        );
    }

    /// Names the members that nobody knows.
    fn unknown(&mut self, members: &Map<String, Value>, known: &[&str], at: &Anchor) {
        for name in members.keys().filter(|name| !known.contains(&name.as_str())) {
            let place = Anchor::key(at.document, format!("{}/{}", at.pointer, escaped(name)));
            self.weaken(place, format!("`{name}` of the Open Data Contract Standard means nothing here"));
        }
    }

    fn properties(&mut self, properties: Option<&Value>, at: &Anchor, path: &str) {
        for (index, property) in list(properties).iter().enumerate() {
            let place = at.at(index);
            let Some(name) = property.get("name").and_then(Value::as_str) else {
                self.refuse(place, "a property has no name".to_owned(), "give it a `name`");
                continue;
            };
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            if let Value::Object(property) = property {
                self.property(property, &place, path);
            }
        }
    }

    /// Adds a field and what is inside it.
    fn property(&mut self, property: &Map<String, Value>, at: &Anchor, path: String) {
        self.unknown(property, &PROPERTY, at);
        let is = |member: &str| property.get(member).and_then(Value::as_bool) == Some(true);
        let Some(data_type) = self.data_type(property, at, &path) else { return };
        let name = FieldPath(path.clone());
        let mut made = field(name, TypeName(data_type.clone()), is("required") || is("primaryKey"));
        made.description = property.get("description").and_then(Value::as_str).map(str::to_owned);
        made.examples = list(property.get("examples")).iter().map(text).collect();
        made.classification = self.classification(property, at);
        let column = reference(&path);
        made.check = self.conditions(property, at, (&column, &data_type)).map(Expression);
        self.fields.push(Placed { field: made, anchor: at.clone(), classified_at: None });
        if is("primaryKey") {
            let position = property.get("primaryKeyPosition").and_then(Value::as_i64).unwrap_or(i64::MAX);
            self.key.push((position, path.clone()));
        } else if is("unique") {
            self.weaken(
                at.at("unique"),
                format!("that `{path}` is unique is not checked: records come one after the other"),
            );
        }
        self.quality(property.get("quality"), &at.at("quality"), Some(&column));
        if data_type == "struct" {
            self.properties(property.get("properties"), &at.at("properties"), &path);
        } else if let (Some(Value::Object(items)), true) = (property.get("items"), data_type == "list") {
            self.property(items, &at.at("items"), format!("{path}[]"));
        }
    }

    /// The type: the physical one where it is one of ours and of the logical type's family, else the logical one.
    fn data_type(&mut self, property: &Map<String, Value>, at: &Anchor, path: &str) -> Option<String> {
        let word = |member: &str| property.get(member).and_then(Value::as_str);
        let logical = word("logicalType");
        let physical = word("physicalType").and_then(|name| parse_sql_type(name).ok());
        let format = property.get("logicalTypeOptions").and_then(|options| options.get("format"));
        let format = format.and_then(Value::as_str);
        let family = |physical: &DataType| match logical {
            None => true,
            Some("integer") => matches!(physical, DataType::Int32 | DataType::Int64),
            Some("number") => physical.is_numeric(),
            Some("date" | "timestamp") => {
                matches!(physical, DataType::Date | DataType::Timestamp | DataType::TimestampLocal)
            }
            Some("string") => matches!(physical, DataType::Uuid | DataType::Bytes),
            Some(_) => false,
        };
        if let Some(physical) = physical.filter(|physical| is_flat(physical) && family(physical)) {
            return Some(physical.to_string());
        }
        let found = match (logical, format) {
            (Some("string"), Some("uuid")) => "uuid",
            (Some("string"), Some("binary" | "byte")) => "bytes",
            (Some("string"), _) => "string",
            (Some("integer"), Some("i8" | "i16" | "i32" | "int32")) => "int32",
            (Some("integer"), _) => "int64",
            (Some("number"), Some("f32")) => "float32",
            (Some("number"), _) => "float64",
            (Some("boolean"), _) => "bool",
            (Some("date"), _) => "date",
            (Some("timestamp"), _) => "timestamp",
            (Some("time"), _) => "time",
            (Some("object"), _) => "struct",
            (Some("array"), _) => "list",
            (Some(other), _) => {
                let message =
                    format!("`{path}` has the logical type `{other}`, which is none of the standard's");
                self.refuse(
                    at.at("logicalType"),
                    message,
                    "name one of string, integer, number, boolean, date, timestamp, time, object, array",
                );
                return None;
            }
            (None, _) => {
                let message = format!("the type of `{path}` is not said in a way that is known here");
                self.refuse(at.at("physicalType"), message, "state its `logicalType`");
                return None;
            }
        };
        Some(found.to_owned())
    }

    /// A label of personal data, where the classification has the form of one.
    fn classification(&mut self, property: &Map<String, Value>, at: &Anchor) -> Option<Classification> {
        let label = property.get("classification").and_then(Value::as_str)?.to_lowercase();
        let is_part = |part: &str| {
            part.starts_with(|letter: char| letter.is_ascii_lowercase())
                && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        if label.split('.').all(is_part) {
            return Some(Classification(label));
        }
        let message = format!("`{label}` can't be a classification");
        self.refuse(
            at.at("classification"),
            message,
            "write lowercase words with points between them, such as `pii.email`",
        );
        None
    }

    /// Limits of numbers and lengths as a condition; others are named.
    fn conditions(
        &mut self,
        property: &Map<String, Value>,
        at: &Anchor,
        (column, data_type): (&str, &str),
    ) -> Option<String> {
        let is_number = data_type.starts_with("decimal")
            || matches!(data_type, "int32" | "int64" | "float32" | "float64");
        let Some(Value::Object(options)) = property.get("logicalTypeOptions") else { return None };
        let length = format!("char_length({column})");
        let mut conditions = Vec::new();
        for (name, limit) in options {
            let (subject, sign) = match name.as_str() {
                "minimum" => (column, ">="),
                "maximum" => (column, "<="),
                "exclusiveMinimum" => (column, ">"),
                "exclusiveMaximum" => (column, "<"),
                "minLength" => (length.as_str(), ">="),
                "maxLength" => (length.as_str(), "<="),
                "format" => continue,
                other => {
                    self.weaken(
                        at.at("logicalTypeOptions").at(other),
                        format!("`{other}` of `{column}` is not checked"),
                    );
                    continue;
                }
            };
            let fits = if name.ends_with("Length") { data_type == "string" } else { is_number };
            if limit.is_number() && fits {
                conditions.push(format!("{subject} {sign} {limit}"));
            } else {
                self.weaken(
                    at.at("logicalTypeOptions").at(name),
                    format!("`{name}` of `{column}` is not checked: it is no limit of `{data_type}`"),
                );
            }
        }
        (!conditions.is_empty()).then(|| conditions.join(" AND "))
    }

    /// Rules of quality that are conditions on one record; others are named.
    fn quality(&mut self, quality: Option<&Value>, at: &Anchor, column: Option<&str>) {
        for (index, rule) in list(quality).iter().enumerate() {
            let place = at.at(index);
            let name = rule.get("name").or(rule.get("id")).and_then(Value::as_str);
            let Some(check) = condition(rule, column) else {
                let what =
                    name.map_or_else(|| "a rule of quality".to_owned(), |name| format!("the rule `{name}`"));
                self.weaken(place, format!("{what} is not checked: it is no condition on single records"));
                continue;
            };
            let name = name.map_or_else(|| format!("quality-{}", self.rules.len() + 1), dns_label);
            let description = rule.get("description").and_then(Value::as_str).map(str::to_owned);
            let rule = Rule { name: DnsLabel(name), check: Expression(check), severity: None, description };
            self.rules.push((place, rule));
        }
    }
}

/// The condition that a rule puts on every record: one in Headwater's own words, or a query that counts what breaks it.
fn condition(rule: &Value, column: Option<&str>) -> Option<String> {
    let word = |member: &str| rule.get(member).and_then(Value::as_str);
    if word("engine") == Some("headwater") {
        return word("implementation").map(str::to_owned);
    }
    if rule.get("mustBe").and_then(Value::as_i64) != Some(0) {
        return None;
    }
    if matches!(word("metric").or(word("rule")), Some("nullValues" | "nullCheck")) {
        return column.map(|column| format!("{column} IS NOT NULL"));
    }
    let query = word("query")?.split_whitespace().collect::<Vec<_>>().join(" ");
    let lower = query.to_lowercase();
    let behind = lower.strip_prefix("select count(*) from ")?;
    let (table, _) = behind.split_once(" where ")?;
    if table.contains(' ') || [" group by ", " join ", "select "].iter().any(|word| behind.contains(word)) {
        return None;
    }
    let start = query.len() - behind.len() + table.len() + " where ".len();
    let broken = query.get(start..)?.trim_end_matches(';');
    let broken = column.map_or_else(
        || broken.to_owned(),
        |column| broken.replace("${column}", column).replace("{property}", column),
    );
    Some(format!("({broken}) IS NOT TRUE"))
}

/// Whether nothing is inside of values of this type.
fn is_flat(data_type: &DataType) -> bool {
    !matches!(data_type, DataType::List(_) | DataType::Map(_) | DataType::Struct(_))
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A key as a step of a JSON pointer (RFC 6901).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// A name in the form of those of rules.
fn dns_label(name: &str) -> String {
    let lower = name.to_lowercase();
    let label: String = lower
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
        .take(63)
        .collect();
    label.trim_matches('-').to_owned()
}
