//! The examples of the language are read into the types and written again without loss.
//!
//! `tests/language` holds the texts of the language's description, with `apiVersion`, `kind` and `metadata` where it
//! leaves them out, and `nodes.yaml` and `fields.yaml` with members that it only names.

use headwater_crds::approval::Approval;
use headwater_crds::contract::DataContract;
use headwater_crds::lock::ContractLock;
use headwater_crds::object::Kind;
use headwater_crds::platform::Platform;
use headwater_crds::product::DataProduct;
use headwater_crds::schema::schema;
use headwater_crds::test::DataProductTest;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

const TEXTS: [(&str, &str); 8] = [
    ("product.yaml", include_str!("../language/product.yaml")),
    ("contract.yaml", include_str!("../language/contract.yaml")),
    ("platform.yaml", include_str!("../language/platform.yaml")),
    ("approval.yaml", include_str!("../language/approval.yaml")),
    ("test.yaml", include_str!("../language/test.yaml")),
    ("nodes.yaml", include_str!("../language/nodes.yaml")),
    ("fields.yaml", include_str!("../language/fields.yaml")),
    ("contracts.lock", include_str!("../language/contracts.lock")),
];

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// All documents of the examples, as values.
fn documents() -> Result<Vec<(&'static str, Value)>, serde_yaml::Error> {
    let documents = TEXTS.iter().flat_map(|(name, text)| {
        serde_yaml::Deserializer::from_str(text)
            .map(move |document| Ok((*name, Value::deserialize(document)?)))
    });
    documents.collect()
}

/// Reads a document as `T`; whatever is written must come back from both formats, and nothing besides it.
fn round_trip<T>(name: &str, document: &Value) -> Outcome
where
    T: DeserializeOwned + serde::Serialize + PartialEq + std::fmt::Debug,
{
    let object: T = serde_json::from_value(document.clone()).map_err(|error| format!("{name}: {error}"))?;
    assert_eq!(serde_json::to_value(&object)?, *document, "{name} through JSON");
    let text = serde_yaml::to_string(&object)?;
    assert_eq!(serde_yaml::from_str::<T>(&text)?, object, "{name} through YAML");
    assert_eq!(serde_yaml::from_str::<Value>(&text)?, *document, "{name} as YAML");
    Ok(())
}

/// Reads a document as the type of its kind.
fn read(name: &str, document: &Value) -> Outcome {
    match document["kind"].as_str().and_then(Kind::from_name) {
        Some(Kind::DataProduct) => round_trip::<DataProduct>(name, document),
        Some(Kind::DataContract) => round_trip::<DataContract>(name, document),
        Some(Kind::Platform) => round_trip::<Platform>(name, document),
        Some(Kind::Approval) => round_trip::<Approval>(name, document),
        Some(Kind::DataProductTest) => round_trip::<DataProductTest>(name, document),
        Some(Kind::ContractLock) => round_trip::<ContractLock>(name, document),
        None => Err(format!("{name}: an unknown kind").into()),
    }
}

#[test]
fn examples_are_read_and_written_without_loss() -> Outcome {
    let documents = documents()?;
    assert_eq!(documents.len(), 9);
    for (name, document) in &documents {
        read(name, document)?;
    }
    Ok(())
}

/// A document of a schema with every member written; of a union the member with this number, of an enumeration the word.
fn full(schema: &Value, number: usize) -> Value {
    let schema = schema["anyOf"].as_array().map_or(schema, |either| &either[0]);
    let words = schema["enum"].as_array().into_iter().flatten().filter(|word| !word.is_null());
    let words =
        words.chain(schema["oneOf"].as_array().into_iter().flatten().map(|variant| &variant["const"]));
    let words: Vec<&Value> = words.collect();
    if !words.is_empty() {
        return words[number % words.len()].clone();
    }
    let stated = schema["type"].as_array().map_or(&schema["type"], |several| &several[0]);
    match stated.as_str() {
        Some("object") => full_object(schema, number),
        Some("array") => Value::Array(vec![full(&schema["items"], number)]),
        Some("string") => "text".into(),
        Some("integer") => 1.into(),
        Some("boolean") => true.into(),
        Some(_) | None => panic!("no type: {schema}"),
    }
}

fn full_object(schema: &Value, number: usize) -> Value {
    let mut object = serde_json::Map::new();
    let is_union = schema["x-headwater-one-of"] == true;
    let besides = schema["x-headwater-one-of-besides"].as_array();
    let is_member =
        |name: &str| is_union && !besides.is_some_and(|names| names.iter().any(|one| one == name));
    let properties = schema["properties"].as_object();
    let members: Vec<&String> =
        properties.into_iter().flat_map(|all| all.keys()).filter(|name| is_member(name)).collect();
    for (name, inner) in properties.into_iter().flatten() {
        if !is_member(name) || members[number % members.len()] == name {
            let number = if is_member(name) { number / members.len() } else { number };
            object.insert(name.clone(), full(inner, number));
        }
    }
    if properties.is_none() && schema["additionalProperties"] != false {
        object.insert("key".to_owned(), "value".into());
    }
    Value::Object(object)
}

/// Whatever the schema allows, the types read, keep and write, each member of each union in its turn.
#[test]
fn types_hold_what_the_schema_allows() -> Outcome {
    for kind in Kind::ALL {
        let choices = match kind {
            // A step has 20 members, a mask 7, what it generalises to 2.
            Kind::DataProduct => 20 * 7 * 2,
            // A connection has 14 kinds, a login 3.
            Kind::Platform => 14 * 3,
            Kind::DataContract | Kind::Approval | Kind::DataProductTest | Kind::ContractLock => 7,
        };
        for number in 0..choices {
            let document = full(schema(kind), number);
            let name = format!("{} {number}", kind.name());
            read(&name, &document)?;
        }
    }
    Ok(())
}
