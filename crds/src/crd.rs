//! CustomResourceDefinitions: takes a kind, gives its definition for the Kubernetes API (`apiextensions.k8s.io/v1`).
//!
//! The schema is made of the one that the compiler reads; nothing is stated twice.
//! It declares no `default`: what is left out stays left out in the cluster, and the compiler fills it in.

use serde_json::{Value, json};

use crate::object::{GROUP, Kind, VERSION};
use crate::schema::schema;
use crate::structural::structural;

/// What the definition of a kind says besides its schema.
struct Names {
    plural: &'static str,
    singular: &'static str,
    short: &'static str,
    scope: &'static str,
}

/// First line of every generated file.
const HEADER: &str = "# Generated from the types of this folder: BLESS=1 cargo test -p headwater-crds\n";

/// The definition of a kind; nothing for a kind that only the command line reads.
pub fn definition(kind: Kind) -> Option<Value> {
    let Names { plural, singular, short, scope } = names(kind)?;
    Some(json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": { "name": format!("{plural}.{GROUP}") },
        "spec": {
            "group": GROUP,
            "names": {
                "kind": kind.name(),
                "listKind": format!("{}List", kind.name()),
                "plural": plural,
                "singular": singular,
                "shortNames": [short],
                "categories": ["headwater"],
            },
            "scope": scope,
            "versions": [{
                "name": VERSION,
                "served": true,
                "storage": true,
                "schema": { "openAPIV3Schema": root(kind) },
                "subresources": { "status": {} },
                "additionalPrinterColumns": columns(kind),
                "selectableFields": selectable(kind),
            }],
        },
    }))
}

/// The definition of a kind as the text of its file.
pub fn yaml(kind: Kind) -> Option<String> {
    let text = serde_yaml::to_string(&definition(kind)?).expect("a definition has text keys only");
    Some(format!("{HEADER}{text}"))
}

/// Name of the file that holds the definition of a kind.
pub fn file_name(kind: Kind) -> Option<String> {
    names(kind).map(|names| format!("{GROUP}_{}.yaml", names.plural))
}

fn names(kind: Kind) -> Option<Names> {
    let (plural, singular, short, scope) = match kind {
        Kind::DataProduct => ("dataproducts", "dataproduct", "dp", "Namespaced"),
        // Not `dc`, which OpenShift has for its own.
        Kind::DataContract => ("datacontracts", "datacontract", "dcon", "Namespaced"),
        Kind::Platform => ("platforms", "platform", "plat", "Cluster"),
        Kind::Approval => ("approvals", "approval", "appr", "Namespaced"),
        Kind::DataProductTest | Kind::ContractLock => return None,
    };
    Some(Names { plural, singular, short, scope })
}

/// The schema of the whole object.
fn root(kind: Kind) -> Value {
    let mut root = structural(schema(kind), 1);
    root["required"] = json!(["spec"]);
    let properties = &mut root["properties"];
    // The server checks these three itself; a schema may not say more of `metadata` than its type.
    for name in ["apiVersion", "kind"] {
        properties[name] = json!({ "type": "string", "description": properties[name]["description"] });
    }
    properties["metadata"] = json!({ "type": "object" });
    properties["status"] = status();
    root
}

/// What the operator reports. Open, so that a later operator may say more; conditions merge by type.
fn status() -> Value {
    json!({
        "description": "Written by the operator, never by people.",
        "type": "object",
        "x-kubernetes-preserve-unknown-fields": true,
        "properties": {
            "observedGeneration": { "type": "integer", "format": "int64", "description": "Generation of the object that this status is about." },
            "conditions": {
                "type": "array",
                "description": "Conditions, with `Ready`, `Reconciling` and `Stalled` as kstatus has them.",
                "maxItems": 32,
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["type"],
                "items": {
                    "type": "object",
                    "required": ["type", "status"],
                    "properties": {
                        "type": { "type": "string", "maxLength": 316 },
                        "status": { "type": "string", "enum": ["True", "False", "Unknown"] },
                        "reason": { "type": "string", "maxLength": 1024 },
                        "message": { "type": "string", "maxLength": 32768 },
                        "lastTransitionTime": { "type": "string", "format": "date-time" },
                        "observedGeneration": { "type": "integer", "format": "int64" },
                    },
                },
            },
        },
    })
}

/// What `kubectl get` shows.
fn columns(kind: Kind) -> Value {
    let own = match kind {
        Kind::DataProduct => vec![wide("Platform", ".spec.platform"), wide("Run", ".spec.run")],
        Kind::DataContract => {
            vec![column("Version", ".spec.version"), column("Compatibility", ".spec.compatibility")]
        }
        Kind::Approval => vec![column("Product", ".spec.product"), column("Expires", ".spec.expiresAt")],
        Kind::Platform | Kind::DataProductTest | Kind::ContractLock => Vec::new(),
    };
    let condition = |member: &str| format!(".status.conditions[?(@.type==\"Ready\")].{member}");
    let mut columns = own;
    columns.push(column("Ready", &condition("status")));
    columns.push(column("Reason", &condition("reason")));
    columns.push(json!({ "name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp" }));
    Value::Array(columns)
}

fn column(name: &str, path: &str) -> Value {
    json!({ "name": name, "type": "string", "jsonPath": path })
}

/// A column that shows with `--output wide` only.
fn wide(name: &str, path: &str) -> Value {
    json!({ "name": name, "type": "string", "priority": 1, "jsonPath": path })
}

/// Members that `kubectl get --field-selector` and watches can select by.
fn selectable(kind: Kind) -> Value {
    let paths: &[&str] = match kind {
        Kind::DataProduct => &[".spec.platform", ".spec.run"],
        Kind::DataContract => &[".spec.id"],
        Kind::Approval => &[".spec.product"],
        Kind::Platform | Kind::DataProductTest | Kind::ContractLock => &[],
    };
    paths.iter().map(|path| json!({ "jsonPath": path })).collect()
}
